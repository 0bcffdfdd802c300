"""What is in a regression file."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from fuzzcopy.regression.line import one_line
from fuzzcopy.runner import Minimal, Outcome
from fuzzcopy.scenario import Scenario, ScenarioError
from fuzzcopy.scenario.codec import check
from fuzzcopy.scenario.scenario import SHOWN

VERSION = 1

LONGEST_NAME = 200
"""Characters of a kernel's name."""

_MEND = "restore it, or have the failure found and saved again"

Expectation = Literal["fails", "passes"]

_Line = Annotated[str, Meta(max_length=2_000)]


class RegressionError(Exception):
    """The file is no regression that this version can replay; one line, with the mend."""


class Regression(Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario, the kernel it failed on, the verdict, and what is expected of a replay.

    ``expect``: ``fails`` for a bug that must keep failing (the catalogue's), ``passes`` for a
    failure that shall be mended: red until it is. ``digest`` is that of the trace. ``minimal``:
    exploration has shown that the program fails like that with no fewer preemptions; or a number,
    if it has shown so only up to so many; or ``None``.
    """

    kernel: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME, pattern=SHOWN)]
    verdict: Annotated[str, Meta(min_length=1, max_length=80)]
    message: _Line
    digest: Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
    scenario: Scenario
    expect: Expectation = "passes"
    minimal: bool | Annotated[int, Meta(ge=0, le=1_000)] | None = None
    format: Literal["fuzzcopy regression"] = "fuzzcopy regression"
    version: int = VERSION

    @classmethod
    def of(
        cls, outcome: Outcome, *, expect: Expectation = "passes", minimal: Minimal = None
    ) -> Regression:
        """The regression of a failed outcome that has a trace."""
        if outcome.kind is None or outcome.trace is None:
            raise ValueError("only a traced outcome with a verdict makes a regression")
        return cls(
            kernel=outcome.kernel,
            verdict=outcome.kind,
            message=str(outcome.verdict)[:2_000],
            digest=outcome.trace.digest(),
            scenario=outcome.scenario,
            expect=expect,
            minimal=minimal,
        )

    def to_json(self) -> bytes:
        """The file's content: one JSON form, indented for review."""
        fields = {"format": self.format, "version": self.version}
        body = msgspec.to_builtins(self, order="deterministic")
        return msgspec.json.format(msgspec.json.encode(fields | body), indent=1) + b"\n"


class Header(Struct):
    """What a file says of itself before the rest is read."""

    format: str = ""
    version: int = 0


def header_of(data: bytes) -> Header:
    """What ``data`` says that it is. Raises :class:`RegressionError`."""
    if not data.strip():
        raise RegressionError(f"it is empty: {_MEND}")
    try:
        return msgspec.json.decode(data, type=Header)
    except msgspec.ValidationError as error:
        raise RegressionError(f"it is not a fuzzcopy regression ({one_line(error)})") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RegressionError(f"it is not JSON, or cut off ({one_line(error)}): {_MEND}") from None


def parse(data: bytes) -> Regression:
    """Read a regression file's content, trusting nothing. Raises :class:`RegressionError`."""
    header = header_of(data)
    if header.format != "fuzzcopy regression":
        if header.format == "fuzzcopy host regression":
            raise RegressionError("it is of the host: use `fuzzcopy host --replay`")
        raise RegressionError('it is not a fuzzcopy regression: its "format" says otherwise')
    if header.version < 1:
        raise RegressionError('it does not say of which "version" it is')
    if header.version > VERSION:
        raise RegressionError(
            f"it is of version {header.version}, this fuzzcopy reads up to {VERSION}: "
            f"upgrade fuzzcopy (pip install -U fuzzcopy)"
        )
    try:
        regression = msgspec.json.decode(data, type=Regression)
        check(regression.scenario)
        if regression.minimal is False:
            raise ScenarioError("minimal is true, a number of preemptions, or null")
    except (msgspec.DecodeError, ScenarioError, RecursionError, UnicodeDecodeError) as error:
        raise RegressionError(f"it does not validate: {one_line(error)}") from None
    return regression
