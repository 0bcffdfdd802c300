"""A finding on a real kernel, and the file that it is saved in."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from fuzzcopy.host.compare import Difference
from fuzzcopy.host.executor import cannot_perform
from fuzzcopy.host.scale import MODEL_PAGE, can_be_scaled
from fuzzcopy.regression import RegressionError
from fuzzcopy.regression.format import header_of
from fuzzcopy.regression.line import one_line
from fuzzcopy.regression.store import MAX_BYTES, save_bytes
from fuzzcopy.scenario import Scenario, ScenarioError
from fuzzcopy.scenario.codec import check

VERSION = 1
FORMAT = "fuzzcopy host regression"

TELL_FIRST = """\
This may be a security problem: bytes that nobody wrote can be another process's. It is not saved
with the regressions. Tell the maintainers first, in private: security@kernel.org, with the file
system's maintainers from the kernel's MAINTAINERS file (Documentation/process/security-bugs.rst
says how); publish nothing, this file included, before they agree."""

Line = Annotated[str, Meta(max_length=20_000)]


class HostFinding(Struct, frozen=True, forbid_unknown_fields=True):
    """A program, the file system and kernel it was found on, and what was found.

    ``kind``, ``operation`` and ``setting`` are the difference's; ``seen_times`` of ``runs`` it was
    there again when it was found. With ``expect`` ``fails`` it is known to be there.
    """

    kernel: Annotated[str, Meta(max_length=200)]
    machine: Annotated[str, Meta(max_length=200)]
    fs: Annotated[str, Meta(pattern=r"\A[a-z0-9-]{1,40}\Z")]
    kind: Annotated[str, Meta(max_length=40)]
    operation: Annotated[str, Meta(max_length=40)]
    setting: Annotated[str, Meta(max_length=40)]
    message: Line
    seen_times: int
    runs: int
    scenario: Scenario
    private: bool = False
    format: Literal["fuzzcopy host regression"] = "fuzzcopy host regression"
    version: int = VERSION

    @classmethod
    def of(
        cls, fs: str, scenario: Scenario, difference: Difference, seen_times: int, runs: int
    ) -> HostFinding:
        """The finding of a difference on the running kernel."""
        return cls(
            kernel=platform.release(),
            machine=platform.machine(),
            fs=fs,
            kind=difference.kind,
            operation=difference.operation,
            setting=difference.setting,
            message=difference.message[:20_000],
            seen_times=seen_times,
            runs=runs,
            scenario=scenario,
            private=difference.unwritten,
        )

    def same(self, difference: Difference | None) -> bool:
        """Whether ``difference`` is the one that was found."""
        return difference is not None and (
            (difference.kind, difference.operation) == (self.kind, self.operation)
        )


def private_directory() -> Path:
    """Where findings go that nobody else should read yet."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "fuzzcopy" / "private"


def save(finding: HostFinding, directory: Path) -> Path:
    """Write ``finding`` below ``directory``, or into the private one if it must not be seen.

    Raises :class:`RegressionError`.
    """
    if finding.private:
        directory = private_directory()
        try:
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o700)
        except OSError as error:
            raise RegressionError(f"cannot save into {directory}: {error.strerror}") from None
    body = msgspec.to_builtins(finding, order="deterministic")
    head = {"format": finding.format, "version": finding.version}
    data = msgspec.json.format(msgspec.json.encode(head | body), indent=1) + b"\n"
    return save_bytes(data, directory, f"host-{finding.fs}-{finding.kind}-{finding.operation}")


def load(path: Path) -> HostFinding:
    """Read a finding, trusting nothing. Raises :class:`RegressionError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RegressionError(f"cannot read {path}: {error.strerror}") from None
    try:
        if header_of(data).format == "fuzzcopy regression":
            raise RegressionError("it is one of the model, use `fuzzcopy replay`")
    except RegressionError as error:
        raise RegressionError(f"cannot use {path}: it is no host regression: {error}") from None
    try:
        finding = msgspec.json.decode(data[:MAX_BYTES], type=HostFinding)
        check(finding.scenario)
    except (msgspec.DecodeError, ScenarioError, RecursionError, UnicodeDecodeError) as error:
        raise RegressionError(
            f"cannot use {path}: it is no host regression ({one_line(error)})"
        ) from None
    page_size = finding.scenario.machine.page_size
    if page_size != MODEL_PAGE:
        raise RegressionError(
            f"cannot use {path}: its machine.page_size is {page_size}, host mode needs {MODEL_PAGE}"
        )
    trouble = cannot_perform(finding.scenario)
    if trouble is not None:
        raise RegressionError(f"cannot use {path}: {trouble}")
    if not can_be_scaled(finding.scenario):
        raise RegressionError(
            f"cannot use {path}: an edge in it is too far from the middle or an end of a page"
        )
    return finding
