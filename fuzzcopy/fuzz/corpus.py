"""Programs that were worth keeping: in memory for a campaign, in a directory for many."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from random import Random

from fuzzcopy.scenario import Scenario
from fuzzcopy.scenario.codec import ScenarioError, decode, encode

SAMPLE = 12
"""How many entries are varied at a time."""


class Corpus:
    """Scenarios, in the order in which they came.

    With a ``directory`` each is a file there, named after what is in it: written under another name
    first and then renamed, so that any number of processes can share the directory. What others
    put there comes in with :meth:`refresh`; a file that is no scenario is passed over.

    If one cannot be written, ``trouble`` is why, and from then on all are kept in memory only: what
    a long search has found is worth more.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._entries: dict[str, Scenario] = {}
        self._seen: set[str] = set()
        self.trouble: OSError | None = None
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            self.refresh()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, scenario: Scenario) -> None:
        """Keep ``scenario``, if it is not there yet."""
        data = encode(scenario)
        name = f"{sha256(data).hexdigest()[:16]}.json"
        if name in self._entries:
            return
        self._entries[name] = scenario
        if self._directory is not None and name not in self._seen:
            self._seen.add(name)
            draft = self._directory / f".{name}.{os.getpid()}"
            try:
                draft.write_bytes(data)
                draft.replace(self._directory / name)
            except OSError as error:
                self.trouble, self._directory = error, None
                with suppress(OSError):
                    draft.unlink()

    def refresh(self) -> None:
        """Take in what is new in the directory."""
        if self._directory is None:
            return
        for path in sorted(self._directory.glob("[0-9a-f]*.json")):
            if path.name in self._seen:
                continue
            self._seen.add(path.name)
            try:
                self._entries[path.name] = decode(path.read_bytes())
            except (OSError, ScenarioError):
                continue

    def sample(self, random: Random) -> list[Scenario]:
        """Up to :data:`SAMPLE` of them: half from the last ones, half from all."""
        entries = [*self._entries.values()]
        last = entries[-4 * SAMPLE :]
        return [
            some[int(random.random() * len(some))]
            for n in range(SAMPLE if entries else 0)
            for some in ((last, entries)[n % 2],)
        ]
