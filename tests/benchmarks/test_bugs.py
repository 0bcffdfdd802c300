"""``python -m benchmarks bugs``: a row per bug, found or not, and JSON of every hunt."""

import json

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main


def _run(*arguments):
    return CliRunner().invoke(main, ["bugs", *arguments, "--jobs", "1"], catch_exceptions=False)


@pytest.mark.slow
def test_a_bug_that_is_found_has_its_times_and_its_size():
    done = _run("sleeping-copy", "--seeds", "2")
    hunts = json.loads(done.stdout.splitlines()[-1])
    assert [hunt["seed"] for hunt in hunts] == [0, 1]
    assert all(hunt["verdict"] == "deadlock" for hunt in hunts)
    assert all(hunt["first_seconds"] < hunt["seconds"] for hunt in hunts)
    assert "2/2" in done.stderr
    assert "1/1/0" in done.stderr
    assert "shrinking 2 failures: " in done.stderr


@pytest.mark.slow
def test_what_is_not_found_is_a_row_too():
    done = _run("stale-extent-map", "--seeds", "1", "--max-time", "0")
    [hunt] = json.loads(done.stdout.splitlines()[-1])
    assert hunt["verdict"] is None
    assert "0/1" in done.stderr
    assert "shrinking" not in done.stderr


def test_an_unknown_bug_is_one_line():
    done = _run("nonesuch")
    assert done.exit_code == 2
    assert "there is no bug 'nonesuch'" in done.stderr
