"""Files that are no regressions: each is refused by one line that says why, and nothing else."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzcopy.regression import KernelError, Regression, RegressionError, kernel_of, load
from fuzzcopy.regression.format import parse

Json = dict[str, Any]
Change = Callable[[Json], object]


def _refused(data: bytes) -> str:
    with pytest.raises(RegressionError) as caught:
        parse(data)
    message = str(caught.value)
    assert message.isprintable(), "one line, and nothing that a terminal would obey"
    assert 10 < len(message) < 500
    return message


def _changed(regression: Regression, change: Change) -> bytes:
    fields = json.loads(regression.to_json())
    change(fields)
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"null",
        b"3",
        b'"fuzzcopy regression"',
        b"[]",
        b"{}",
        b"{",
        b"not json at all",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"format": "\xff"}',
        b'{"format": "\\ud800"}',
        b'{"format": ["fuzzcopy regression"]}',
        b'{"format": "fuzzcopy regression"}',
        b'{"format": "fuzzcopy regression", "version": "1"}',
        b'{"format": "fuzzcopy regression", "version": 1}',
        b'{"format": "fuzzcopy regression", "version": 1e999}',
        b'{"format": "fuzzcopy regression", "version": NaN}',
        b'{"format": "somebody else\'s", "version": 1}',
        b"\0" * 100,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"format": "fuzzcopy regression", "version": 1, "scenario": ' + b"[" * 100_000,
        b'{"format": "fuzzcopy regression", "version": ' + b"9" * 100_000 + b"}",
    ],
    ids=lambda data: repr(data[:30]),
)
def test_what_is_no_regression_is_refused(data: bytes) -> None:
    _refused(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty: restore it"),
        (b'{"format": "fuzz', "it is not JSON, or cut off (Input data was truncated): restore it"),
        (b"[]", "it is not a fuzzcopy regression"),
        (b'{"format": "fuzzcopy host regression"}', "use `fuzzcopy host --replay`"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_the_mend(data: bytes, reason: str) -> None:
    assert reason in _refused(data)


def test_a_file_cut_off_anywhere_is_refused(reclaimed: Regression) -> None:
    data = reclaimed.to_json().rstrip()
    for length in range(len(data)):
        _refused(data[:length])


def test_anything_after_the_end_is_refused(self_deadlock: Regression) -> None:
    _refused(self_deadlock.to_json() + b"{}")


@given(st.data())
def test_a_file_with_bytes_changed_is_refused_or_still_a_regression(
    reclaimed: Regression, data: st.DataObject
) -> None:
    content = bytearray(reclaimed.to_json())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse(bytes(content))
    except RegressionError as error:
        assert str(error).isprintable()  # noqa: PT017 - what does parse is fine, too


def test_a_newer_version_is_refused_with_the_mend(self_deadlock: Regression) -> None:
    def newer(fields: Json) -> None:
        fields["version"] = 99
        fields["something new"] = [1, 2, 3]

    message = _refused(_changed(self_deadlock, newer))
    assert "version 99" in message
    assert "pip install -U fuzzcopy" in message


@pytest.mark.parametrize("version", [0, -1])
def test_a_version_that_never_was_is_refused(self_deadlock: Regression, version: int) -> None:
    assert "version" in _refused(_changed(self_deadlock, lambda f: f.update(version=version)))


def test_a_file_without_a_version_is_refused(self_deadlock: Regression) -> None:
    assert "version" in _refused(_changed(self_deadlock, lambda f: f.pop("version")))


def _cpu(fields: Json) -> Json:
    cpu: Json = fields["scenario"]["cpus"][0]
    return cpu


def _operation(fields: Json) -> Json:
    operation: Json = _cpu(fields)["program"][0]
    return operation


def _mapping(fields: Json) -> Json:
    mapping: Json = fields["scenario"]["spaces"][0]["mappings"][0]
    return mapping


CHANGES: dict[str, Change] = {
    "no kernel": lambda f: f.pop("kernel"),
    "an empty kernel": lambda f: f.update(kernel=""),
    "a kernel of 1 MB": lambda f: f.update(kernel="k" * 1_000_000),
    "a kernel that talks to the terminal": lambda f: f.update(kernel="a\x1b[2Jb"),
    "a number as kernel": lambda f: f.update(kernel=7),
    "no verdict": lambda f: f.pop("verdict"),
    "a message of 1 MB": lambda f: f.update(message="m" * 1_000_000),
    "another expectation": lambda f: f.update(expect="whatever"),
    "a digest that is none": lambda f: f.update(digest="../../etc/passwd"),
    "a digest with a line after it": lambda f: f.update(digest="0" * 32 + "\n"),
    "an unknown field": lambda f: f.update(module="os"),
    "an unknown field that talks to the terminal": lambda f: f.update({"\x1b[2J\nhello": 1}),
    "an unknown field in the scenario": lambda f: f["scenario"].update(code="print()"),
    "an unknown operation": lambda f: _operation(f).update(op="exec"),
    "an unknown operation with line breaks": lambda f: _operation(f).update(op="a\nb\x1b]0;"),
    "an operation without a kind": lambda f: _operation(f).pop("op"),
    "no scenario": lambda f: f.pop("scenario"),
    "a string as scenario": lambda f: f.update(scenario="nothing"),
    "no CPU": lambda f: f["scenario"].update(cpus=[]),
    "too many CPUs": lambda f: f["scenario"].update(cpus=[_cpu(f)] * 17),
    "too many operations": lambda f: _cpu(f).update(program=[_operation(f)] * 1_001),
    "a negative offset": lambda f: _operation(f).update(offset=-1),
    "an enormous offset": lambda f: _operation(f).update(offset=10**30),
    "a fraction as offset": lambda f: _operation(f).update(offset=0.5),
    "true as offset": lambda f: _operation(f).update(offset=True),
    "an enormous length": lambda f: _operation(f).update(buffer=[[0, 0, 1 << 60]]),
    "a length of many pages": lambda f: _operation(f).update(buffer=[[0, 0, 100_000]]),
    "too many segments": lambda f: _operation(f).update(buffer=[[0, 0, 1]] * 65),
    "half a segment": lambda f: _operation(f).update(buffer=[[0]]),
    "a file that does not exist": lambda f: _operation(f).update(file=9),
    "a space that does not exist": lambda f: _cpu(f).update(space=3),
    "a mapping of a file that does not exist": lambda f: _mapping(f).update(file=5),
    "a mapping of a million pages": lambda f: _mapping(f).update(pages=1_000_000),
    "a switch to a space that does not exist": lambda f: _cpu(f).update(
        program=[{"op": "switchto", "space": 1}]
    ),
    "one slot mapped twice": lambda f: f["scenario"]["spaces"][0]["mappings"].append(_mapping(f)),
    "more cached pages than the file has": lambda f: f["scenario"]["files"][0].update(
        pages=["clean"] * 50
    ),
    "a page in a state that is none": lambda f: f["scenario"]["files"][0].update(pages=["wet"]),
    "a page size that is no power of two": lambda f: f["scenario"]["machine"].update(page_size=17),
    "a page size of 0": lambda f: f["scenario"]["machine"].update(page_size=0),
    "a page size of 1 GB": lambda f: f["scenario"]["machine"].update(page_size=1 << 30),
    "a million frames": lambda f: f["scenario"]["machine"].update(frames=1_000_000),
    "fewer frames than are in use at the start": lambda f: (
        f["scenario"]["machine"].update(frames=1),
        f["scenario"]["files"].append({"size": 32, "pages": ["clean", "clean"]}),
    ),
    "endless steps": lambda f: f["scenario"].update(max_steps=10**12),
    "a schedule that is no list": lambda f: f["scenario"].update(schedule={"cpu0": 1}),
    "a CPU that talks to the terminal": lambda f: f["scenario"].update(
        schedule=[{"cpu": "cpu\x9b2J", "at": "begin", "nth": 1}]
    ),
    "a place of 1 MB": lambda f: f["scenario"].update(
        schedule=[{"cpu": "cpu0", "at": "x" * 1_000_000, "nth": 0}]
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_regression_with_something_wrong_is_refused(
    self_deadlock: Regression, change: str
) -> None:
    _refused(_changed(self_deadlock, CHANGES[change]))


def test_a_file_of_5_mb_is_refused_without_reading_it(
    tmp_path: Path, self_deadlock: Regression
) -> None:
    path = tmp_path / "big.json"
    path.write_bytes(self_deadlock.to_json() + b" " * (5 << 20))
    with pytest.raises(RegressionError, match="larger than 4 MiB"):
        load(path)


@pytest.mark.parametrize("name", ["nothing.json", "folder.json", "file.json/below.json"])
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "file.json").write_text("{}")
    with pytest.raises(RegressionError, match=name):
        load(tmp_path / name)


@pytest.mark.usefixtures("forget_kernels")
@pytest.mark.parametrize(
    "name", ["os:system", "evil:Class", "evil.py:Class", "../evil.py:Class", "evil", "/etc/passwd"]
)
def test_a_name_in_a_file_imports_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, self_deadlock: Regression, name: str
) -> None:
    (tmp_path / "evil.py").write_text("raise SystemExit('imported because a file said so')")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "r.json").write_bytes(_changed(self_deadlock, lambda f: f.update(kernel=name)))
    before = set(sys.modules)
    with pytest.raises(KernelError, match="not known here"):
        kernel_of(load(tmp_path / "r.json").kernel)
    # It looks among the project's own designs first, and those may come in.
    new = {module for module in sys.modules if module not in before}
    assert not {module for module in new if not module.startswith("fuzzcopy.designs.")}
