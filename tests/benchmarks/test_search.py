"""The comparison of policies."""

import json
import sys

import pytest
from click.testing import CliRunner

from benchmarks import hunts, programs
from benchmarks.__main__ import main


def search(*arguments):
    return CliRunner().invoke(main, ["search", *arguments])


def report(done):
    return json.loads(done.stdout.splitlines()[-1])


def test_a_row_per_search_with_n_and_k():
    done = search(
        "figure_1a", "--seeds", "3", "--no-peers", "--policy", "urw", "--policy", "portfolio"
    )
    assert done.exit_code == 0
    found = report(done)["hunts"]
    assert {(h["policy"], h["seed"]) for h in found} == {
        (policy, seed) for policy in ("urw", "portfolio") for seed in range(3)
    }
    assert all(h["found"] and h["n"] == 2 and h["k"] > 0 and h["plain"] for h in found)
    assert "3/3" in done.stderr


def test_a_search_that_finds_nothing_counts_as_its_budget():
    done = search("figure_1b", "--seeds", "1", "--budget", "7", "--policy", "pct 1", "--no-peers")
    (hunt,) = report(done)["hunts"]
    assert not hunt["found"]
    assert hunt["schedules"] == 7


def test_a_bug_is_searched_in_its_shrunk_program():
    done = search("dirty-cow-wrong-privilege", "--seeds", "1", "--policy", "portfolio")
    (hunt,) = report(done)["hunts"]
    assert hunt["found"]
    assert (hunt["n"], hunt["plain"], hunt["preemption"]) == (2, False, True)


@pytest.mark.parametrize(("name", "needed"), [("lazy01", False), ("stringbuffer", True)])
def test_whether_a_preemption_is_needed_is_explored(name, needed):
    done = search(name, "--seeds", "1", "--policy", "portfolio", "--no-peers")
    (hunt,) = report(done)["hunts"]
    assert hunt["preemption"] is needed


def test_an_unknown_subject_is_named():
    done = search("nothing")
    assert done.exit_code == 2
    assert "figure_1a" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("peer", ["detangle", "frontrun"])
def test_a_peer_finds_the_bug_of_the_same_program_and_none_in_its_twin(peer):
    pytest.importorskip(peer)
    module = pytest.importorskip(f"benchmarks.peers.on_{peer}")
    program = programs.discover()["reorder_3"]
    for mode in module.MODES:
        if mode == "detangle dfs":
            continue  # the bug is not within its bound on delays
        hunted = module.hunt(mode, program.buggy, 3, 2_000, 20.0)
        assert hunted.found
        assert 0 < hunted.seconds < 20
    assert not module.hunt(next(iter(module.MODES)), program.correct, 3, 5, 1.0).found


def test_the_ports_end_with_the_peers_search():
    module = pytest.importorskip("benchmarks.peers.ports")
    own = programs.discover()["account"]
    before = sys.modules["benchmarks.programs.account"].Cell
    with module.on_asyncio():
        assert len(module.tasks_of(own.buggy).programs) == own.tasks
        assert sys.modules["benchmarks.programs.account"].Cell is module.Cell
    assert sys.modules["benchmarks.programs.account"].Cell is before


def hunt(subject, policy, schedules, *, seconds=1.0, found=True, preemption=True):
    return hunts.Hunt(subject, policy, 0, found, schedules, seconds, 2, 9, True, preemption)


def test_the_summary_holds_the_portfolio_beside_the_others():
    made = [
        hunt("a", "portfolio", 4),
        hunt("a", "random walk", 64),
        hunt("a", "urw", 2),
        hunt("b", "portfolio", 9, preemption=False),
        hunt("b", "random walk", 1, preemption=False),
        hunt("b", "urw", 3, preemption=False),
        hunt("a", "peer", 8, seconds=4.0),
        hunt("b", "peer", 18, seconds=9.0),
    ]
    lines = hunts.summary(made, ["random walk", "urw", "portfolio"], ["peer"])
    assert lines == [
        "portfolio finds 2 of 2 plain programs from every seed, at most 9 schedules",
        "where a preemption is needed (1 subjects): 16.00 times fewer schedules than random walk "
        "on the geometric mean (wanted: 5)",
        "portfolio: 4.24 times the schedules of the best single policy per subject on the "
        "geometric mean (wanted: at most 2)",
        "portfolio: at worst 9.00 times, on b (wanted: at most its size, 5)",
        "beside peer: 2.00 times fewer schedules and 6.00 times less wall time to the first "
        "failure on the geometric mean (wanted: more than 1, and 3)",
    ]


def test_what_was_not_always_found_is_named():
    made = [hunt("a", "portfolio", 10, found=False), hunt("b", "portfolio", 3)]
    assert hunts.summary(made, ["portfolio"], [])[0] == (
        "portfolio finds 1 of 2 plain programs from every seed, at most 10 schedules; not always: a"
    )
