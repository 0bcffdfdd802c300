"""What reduction saves, measured."""

import json

import pytest
from click.testing import CliRunner

from benchmarks import exploration
from benchmarks.__main__ import main


@pytest.fixture
def one_program(monkeypatch):
    name, scenario = next(iter(exploration.PROGRAMS.items()))
    monkeypatch.setattr(exploration, "PROGRAMS", {name: scenario})
    monkeypatch.setattr(exploration, "MOST", 200)


def test_a_tree_that_is_too_large_is_not_called_exhausted(one_program):
    done = CliRunner().invoke(main, ["exploration", "--seeds", "0"])
    assert done.exit_code == 0
    report = json.loads(done.stdout.splitlines()[-1])
    (saved,) = report["saved"]
    assert (saved["all"], saved["exhausted"]) == (200, False)
    assert 0 < saved["reduced"] < 200
    assert "not exhausted" in done.stderr
    assert report["exhausted"] == []


def test_a_shrunk_program_of_sleeping_copy_is_exhausted(monkeypatch):
    monkeypatch.setattr(exploration, "PROGRAMS", {})
    done = CliRunner().invoke(main, ["exploration", "--seeds", "1"])
    assert done.exit_code == 0
    report = json.loads(done.stdout.splitlines()[-1])
    (shrunk,) = report["exhausted"]
    assert (shrunk["end"], shrunk["verdicts"]) == ("exhausted", ["deadlock"])
    assert report["summary"][0].startswith("1 shrunk program of sleeping-copy: exhausted in ")
