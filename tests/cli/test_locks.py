"""``fuzzcopy locks``: the order in use, beside the documented one."""

import json

import pytest

from fuzzcopy.fuzz import confirm
from fuzzcopy.fuzz.swaps import decide, swaps

from .interrupts import interrupted_after

DOCUMENTED = "pipe -> inode -> mmap -> invalidate -> fs -> page -> rmap -> ptl"


@pytest.mark.slow
def test_the_reference_kernel_keeps_the_documented_order(cli):
    result = cli("locks", "--examples", "300")
    assert result.exit_code == 0
    used, documented = [
        line.partition(":")[2].strip()
        for line in result.output.splitlines()
        if line.startswith(("used:", "documented:"))
    ]
    # The lock of a pipe is in no documented order; where it came is where it is used.
    assert used == documented == DOCUMENTED
    assert "no two orders contradict" in result.output


@pytest.mark.slow
def test_a_kernel_that_contradicts_itself(cli):
    result = cli("locks", "sleeping-copy", "--examples", "60")
    assert result.exit_code == 1
    assert "against it: page lock -> mmap lock" in result.output
    assert "predicted: " in result.output
    assert "confirmed in " in result.output


def test_what_goes_wrong_meanwhile_is_counted(cli):
    result = cli("locks", "uptodate-too-early", "--examples", "10")
    assert "of them ended in" not in result.output  # no oracle looks on
    result = cli("locks", "sub-page-fault", "--examples", "60")
    assert " of them ended in livelock: see fuzzcopy fuzz" in result.output


def test_json(cli):
    result = cli("locks", "--examples", "40", "--format", "json")
    data = json.loads(result.stdout.splitlines()[-1])
    assert data["kernel"] == "reference"
    assert data["against"] == []
    assert data["predictions"] == []
    held = [step["held"] for step in data["steps"] if step["wanted"] == "ptl"]
    assert "page" in held
    assert data["order"].index("mmap") < data["order"].index("page")


@pytest.mark.parametrize(("option", "first"), [("--mermaid", "flowchart TD"), ("--dot", "digraph")])
def test_pictures(cli, option, first):
    result = cli("locks", "--examples", "30", option)
    assert result.exit_code == 0
    assert result.output.startswith(first)


def test_an_unknown_kernel_is_one_line(cli):
    result = cli("locks", "nothing-like-that")
    assert result.exit_code == 2
    assert "there is no kernel" in result.output


def few(*names):
    return lambda: [swap for swap in swaps() if str(swap) in names]


@pytest.mark.slow
def test_swaps_are_told_and_the_failures_saved(cli, tmp_path, monkeypatch):
    names = ("write: page before fs", "fault: page before mmap")
    monkeypatch.setattr("fuzzcopy.cli.swaps.swaps", few(*names))
    result = cli("locks", "--examples", "5", "--swaps", "--save", str(tmp_path))
    assert result.exit_code == 0
    (path,) = tmp_path.iterdir()
    assert path.name == "write-page-before-fs-deadlock.json"
    assert cli("replay", str(path)).exit_code == 0
    lines = result.output.splitlines()
    assert any(line.split() == [*names[0].split(), "deadlock"] for line in lines)
    assert any(line.split() == [*names[1].split(), "impossible"] for line in lines)
    assert "2 swaps: 0 safe, 1 deadlock, 0 another verdict, 1 impossible" in result.output


def test_swaps_as_json(cli, monkeypatch):
    monkeypatch.setattr("fuzzcopy.cli.swaps.swaps", few("fault: ptl before page"))
    result = cli("locks", "--examples", "5", "--swaps", "--format", "json")
    [swap] = json.loads(result.output.splitlines()[-1])["swaps"]
    assert swap["fate"] == "another verdict"
    assert swap["verdict"] == "sleep in atomic context"
    assert (swap["path"], swap["inner"]) == ("fault", "ptl")


@pytest.mark.slow
def test_no_swaps_of_a_kernel_that_hangs_without(cli):
    result = cli("locks", "sleeping-copy", "--examples", "60", "--swaps")
    assert result.exit_code == 1
    assert "no swap was tried: sleeping-copy fails in the documented orders" in result.output


STRUCK = """

import signal
from itertools import count

made = count()


class Struck(MyKernel):
    def __init__(self, machine):
        if next(made) == 200:
            signal.raise_signal(signal.SIGINT)
        super().__init__(machine)
"""


@pytest.mark.usefixtures("ctrl_c_works")
@pytest.mark.parametrize("picture", [(), ("--dot",)])
def test_what_was_seen_before_ctrl_c_is_told(cli, own, picture):
    path = own.break_it()
    path.write_text(path.read_text("utf-8") + STRUCK, "utf-8")
    result = cli("locks", "mykernel.py:Struck", *picture)
    assert result.exit_code == 130
    if picture:
        assert result.stdout.startswith("digraph")
        assert result.stderr == "interrupted; this is what there is so far\n"
        return
    assert result.stdout.startswith("interrupted; this is what there is so far\nStruck: seen in ")
    assert "against it: page lock -> mmap lock" in result.stdout
    assert "\npredicted: " in result.stdout
    assert "not confirmed in 0 schedules of 0 programs" in result.stdout


def test_what_was_confirmed_before_ctrl_c_is_the_status(cli, monkeypatch):
    monkeypatch.setattr("fuzzcopy.fuzz.predictions.confirm", interrupted_after(1, confirm))
    result = cli("locks", "sleeping-copy", "--examples", "20", "--format", "json")
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert data["interrupted"] is True
    first, *others = data["predictions"]
    assert first["confirmed"] is True
    assert {each["schedules"] for each in others} == {0}


def test_swaps_that_were_decided_before_ctrl_c_are_told(cli, monkeypatch):
    names = ("fault: page before mmap", "fault: ptl before page")
    monkeypatch.setattr("fuzzcopy.cli.swaps.swaps", few(*names))
    monkeypatch.setattr("fuzzcopy.cli.swaps.decide", interrupted_after(1, decide))
    result = cli("locks", "--examples", "5", "--swaps", "--format", "json")
    assert result.exit_code == 130
    data = json.loads(result.stdout)
    assert data["interrupted"] is True
    assert [swap["swap"] for swap in data["swaps"]] == [names[0]]
