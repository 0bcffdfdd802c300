"""``fuzzcopy explore``."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from fuzzcopy.cli import main
from fuzzcopy.regression import save
from fuzzcopy.runner import explore as explore_one

from .interrupts import interrupted_after

REGRESSIONS = Path(__file__).parents[2] / "regressions"


def explore(*arguments):
    return CliRunner().invoke(main, ["explore", *map(str, arguments)])


@pytest.fixture
def saved(tmp_path):
    """The shrunk failure of dirty-cow, as a file elsewhere."""
    (path,) = REGRESSIONS.glob("dirty-cow-*.json")
    return Path(shutil.copy(path, tmp_path))


def test_a_file_is_explored_and_its_failure_told(saved):
    done = explore(saved, "--preemptions", "1")
    assert done.exit_code == 1
    assert "found: wrong privilege on dirty-cow: bounded (1)" in done.stdout
    assert "wrote by force at" in done.stdout


def test_below_its_preemptions_nothing_is_found_and_no_more_is_claimed(saved):
    done = explore(saved, "--preemptions", "0", "--format", "json")
    assert done.exit_code == 0
    summary = json.loads(done.stdout)
    assert (summary["claim"], summary["verdicts"]) == ("bounded (0)", {})


def test_another_kernel_can_run_the_program(saved):
    done = explore(saved, "--kernel", "reference", "--preemptions", "1")
    assert done.exit_code == 0
    assert "nothing found on reference: bounded (1)" in done.stdout


def test_no_reduction_takes_more_schedules(saved):
    def schedules(*more):
        done = explore(saved, "--preemptions", "1", "--format", "json", *more)
        return json.loads(done.stdout)["schedules"]

    assert schedules("--no-reduction") > schedules()


def test_spent_schedules_are_no_claim(saved):
    done = explore(saved, "--max-schedules", "5")
    assert "stopped after 5" in done.stdout


def test_a_single_schedule_is_one(tmp_path, self_deadlock):
    done = explore(str(save(self_deadlock, tmp_path)))
    assert re.search(r": exhausted, 1 schedule in ", done.stdout)


def test_what_was_explored_before_ctrl_c_is_told(monkeypatch):
    interrupted = interrupted_after(2, explore_one)
    monkeypatch.setattr("fuzzcopy.cli.explore.explore_one", interrupted)
    done = explore("reference", "--programs", "3", "--max-schedules", "5", "--format", "json")
    assert done.exit_code == 130
    summary = json.loads(done.stdout)
    assert (summary["interrupted"], summary["programs"]) == (True, 2)


def test_what_was_found_is_told_if_ctrl_c_ends_its_report(monkeypatch, saved):
    monkeypatch.setattr("fuzzcopy.cli.explore.print_report", interrupted_after(0, print))
    done = explore(saved, "--preemptions", "1")
    assert done.exit_code == 1
    assert done.stdout.startswith("found: wrong privilege on dirty-cow: bounded (1)")


def test_small_programs_are_drawn_for_a_kernel():
    words = ["--programs", "3", "--seed", "1", "--max-schedules", "100", "--format", "json"]
    done = explore("reference", *words)
    assert done.exit_code == 0
    summary = json.loads(done.stdout)
    assert summary["programs"] == 3
    assert 3 <= summary["schedules"] <= 300
    assert summary["claim"] in ("exhausted", "stopped after 100")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing.json"], "nothing.json"),
        (["nonesuch"], "no kernel"),
        (["/"], "/ is a directory: name one of the files in it"),
        (["reference", "--kernel", "reference"], "--kernel goes with a FILE"),
    ],
)
def test_what_cannot_be_explored_is_told_in_a_line(arguments, says):
    done = explore(*arguments)
    assert done.exit_code == 2
    assert says in done.stderr


def test_a_kernel_may_be_called_like_a_directory(tmp_path, monkeypatch):
    (tmp_path / "reference").mkdir()
    monkeypatch.chdir(tmp_path)
    done = explore("reference", "--programs", "1", "--seed", "1", "--max-schedules", "1")
    assert done.exit_code == 0
