"""``fuzzcopy show`` and ``fuzzcopy bugs``: what a person reads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as but

from fuzzcopy.bugs import catalogue
from fuzzcopy.regression import Regression, save
from fuzzcopy.scenario import Switch

Call = Callable[..., Any]


def _shown(cli: Call, tmp_path: Path, regression: Regression, *words: str) -> str:
    path = save(regression, tmp_path)
    result = cli("show", path.name, *words)
    assert result.exit_code == 0
    return str(result.stdout)


def test_the_headline_counts_cpus_operations_and_preemptions(
    cli: Call, tmp_path: Path, reclaimed: Regression
) -> None:
    text = _shown(cli, tmp_path, reclaimed)
    assert text.startswith("deadlock on prefault-then-sleep: 2 CPUs, 2 operations, 1 preemption\n")


def test_headline_and_verdict_are_a_line_each_where_there_is_no_terminal(
    cli: Call, tmp_path: Path, reclaimed: Regression, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = _shown(cli, tmp_path, reclaimed).splitlines()
    assert lines[0] == "deadlock on prefault-then-sleep: 2 CPUs, 2 operations, 1 preemption"
    assert f"deadlock: {reclaimed.message}" in lines


@pytest.mark.parametrize("command", [("show",), ("bugs",), ("bugs", "sleeping-copy")])
def test_a_terminal_of_no_width_is_one_whose_width_nobody_knows(
    cli: Call,
    tmp_path: Path,
    reclaimed: Regression,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    file = [save(reclaimed, tmp_path).name] if command == ("show",) else []
    printed = []
    for columns in ("0", "80"):
        monkeypatch.setenv("COLUMNS", columns)
        result = cli(*command, *file)
        assert result.exit_code == 0
        printed.append(result.stdout)
    assert printed[0] == printed[1]


def test_there_is_a_column_per_cpu(cli: Call, tmp_path: Path, reclaimed: Regression) -> None:
    text = _shown(cli, tmp_path, reclaimed)
    [head] = [line for line in text.splitlines() if line.endswith("what changed")]
    assert [word for word in head.split() if word.startswith("cpu")] == ["cpu0", "cpu1"]


def test_the_preemption_is_marked_where_it_happens(
    cli: Call, tmp_path: Path, reclaimed: Regression
) -> None:
    text = _shown(cli, tmp_path, reclaimed)
    assert text.count("> preempts") == 1


def test_a_failure_without_a_preemption_has_none_marked(
    cli: Call, tmp_path: Path, self_deadlock: Regression
) -> None:
    assert "> preempts" not in _shown(cli, tmp_path, self_deadlock)


def test_a_deadlock_ends_with_its_cycle_and_where_the_lock_was_taken(
    cli: Call, tmp_path: Path, self_deadlock: Regression
) -> None:
    text = _shown(cli, tmp_path, self_deadlock)
    assert "+-> cpu0 waits for page lock f0:0 (step " in text
    assert "+--   which cpu0 has, taken at step " in text
    assert "fuzzcopy/kernel/cache.py:" in text


def test_all_steps_can_be_seen(cli: Call, tmp_path: Path, self_deadlock: Regression) -> None:
    folded = _shown(cli, tmp_path, self_deadlock)
    unfolded = _shown(cli, tmp_path, self_deadlock, "--all")
    assert len(unfolded.splitlines()) > len(folded.splitlines())


def test_a_correct_kernel_shows_nothing_wrong(
    cli: Call, tmp_path: Path, self_deadlock: Regression
) -> None:
    text = _shown(cli, tmp_path, self_deadlock, "--kernel", "reference")
    assert text.startswith("nothing wrong on reference")


def _diverged(regression: Regression) -> Regression:
    [first, *rest] = regression.scenario.schedule
    lost = but(first, at="page.lock of long ago")
    return but(regression, scenario=but(regression.scenario, schedule=(lost, *rest)))


def test_code_that_has_changed_is_said_to_have_diverged(
    cli: Call, tmp_path: Path, reclaimed: Regression
) -> None:
    *_, line = _shown(cli, tmp_path, _diverged(reclaimed)).splitlines()
    assert line.startswith("diverged: cpu0 never came to its ")
    assert "'page.lock of long ago'; the code has changed. `fuzzcopy replay prefault-" in line
    assert line.endswith(".json` searches for the failure in its new place")


def test_the_way_on_from_a_diverged_file_names_the_kernel_that_was_named(
    cli: Call, tmp_path: Path, reclaimed: Regression
) -> None:
    *_, line = _shown(cli, tmp_path, _diverged(reclaimed), "--kernel", "reference").splitlines()
    assert "; the kernel is another one. `fuzzcopy replay prefault-" in line
    assert line.endswith(".json --kernel reference` searches for the failure in its new place")


def test_a_diverged_file_that_fails_all_the_same_is_not_said_to_be_searched(
    cli: Call, tmp_path: Path, self_deadlock: Regression
) -> None:
    lost = Switch(cpu="cpu0", at="page.lock of long ago", nth=1, run="cpu0")
    scenario = but(self_deadlock.scenario, schedule=(lost,))
    diverged = but(self_deadlock, scenario=scenario)
    *_, line = _shown(cli, tmp_path, diverged).splitlines()
    assert "the code has changed, but ends in deadlock all the same. `" in line
    _, command, rest = line.split("`")
    assert rest == " writes it down anew"
    assert cli(*command.split()[1:]).stdout.endswith("; recorded again\n")
    *_, line = _shown(cli, tmp_path, diverged, "--kernel", "sleeping-copy").splitlines()
    assert ".json --kernel sleeping-copy --record` writes it down anew" in line


def test_the_catalogue_lists_every_bug_with_year_verdict_and_story(cli: Call) -> None:
    lines = cli("bugs").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    for bug in catalogue().values():
        smallest = "/".join(map(str, bug.smallest))
        assert f"{bug.name} {bug.year} {bug.verdicts[0]} {smallest} {bug.summary()}" in text


@pytest.mark.parametrize("name", catalogue())
def test_a_bug_s_story_names_its_fix_and_shows_the_swapped_path(cli: Call, name: str) -> None:
    bug = catalogue()[name]
    result = cli("bugs", name)
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert f"{name} ({bug.year})" in text
    assert bug.summary() in text
    assert " ".join(bug.fixed_by.split()) in text
    assert "class " in text
    assert bug.swapped_source() in result.stdout, "no line of it is cut"


def test_a_story_is_filled_to_the_width_that_there_is(
    cli: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    story = cli("bugs", "sleeping-copy").stdout.split("\n\n")[1]
    *lines, last = story.splitlines()
    assert lines
    assert last
    for line, following in zip(lines, [*lines[1:], last], strict=True):
        assert len(line) <= 80 < len(line) + 1 + len(following.split()[0])


def test_the_passing_neighbour_is_shown_beside_the_failure(
    cli: Call, tmp_path: Path, reclaimed: Regression, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    text = _shown(cli, tmp_path, reclaimed, "--why")
    [head] = [line for line in text.splitlines() if line.startswith("fails: ")]
    assert [half.strip() for half in head.split(" | ")] == ["fails: deadlock", "passes"]
    assert text.rstrip().count("nothing wrong") == 1


def test_where_there_is_no_room_the_passing_neighbour_comes_after_the_failure(
    cli: Call, tmp_path: Path, reclaimed: Regression
) -> None:
    lines = _shown(cli, tmp_path, reclaimed, "--why").splitlines()
    at = [
        lines.index(line) for line in ("fails: deadlock", "fails here", "passes", "nothing wrong")
    ]
    assert at == sorted(at)
    assert max(map(len, lines[at[0] :])) <= 80
