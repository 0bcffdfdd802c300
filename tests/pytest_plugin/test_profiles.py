"""The profiles ``quick`` and ``deep``, in a project that knows nothing of fuzzcopy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]

COUNTING = r"""from hypothesis import given, settings
from hypothesis import strategies as st

seen = []


@given(st.integers())
def test_counts(number):
    seen.append(number)


def test_what_was_counted():
    s = settings()
    kept = s.database is not None
    print("\nexamples", len(seen), s.max_examples, s.derandomize, s.deadline, kept)
    print("profiles", sorted(settings._profiles))
"""


def _counted(text: str) -> list[str]:
    [line] = [line for line in text.splitlines() if line.startswith("examples ")]
    return line.split()[1:]


@pytest.mark.parametrize(("profile", "least"), [("quick", 10), ("deep", 1_000)])
def test_both_are_there_without_a_conftest(
    project: Path, run_pytest: Call, profile: str, least: int
) -> None:
    (project / "test_it.py").write_text(COUNTING)
    result = run_pytest("-s", f"--hypothesis-profile={profile}")
    seen, examples, derandomize, deadline, database = _counted(result.stdout)
    assert int(examples) >= least
    assert int(seen) >= int(examples)
    assert (derandomize, deadline, database) == ("False", "None", "True")


def test_deep_is_deeper_than_the_default_and_quick_is_quicker() -> None:
    from hypothesis import settings

    examples = [settings.get_profile(name).max_examples for name in ("quick", "default", "deep")]
    assert examples == sorted(set(examples))


def test_they_are_the_same_under_ci(project: Path, run_pytest: Call) -> None:
    (project / "test_it.py").write_text(COUNTING)
    result = run_pytest("-s", "--hypothesis-profile=quick", env={"CI": "true"})
    _, _, derandomize, deadline, database = _counted(result.stdout)
    assert (derandomize, deadline, database) == ("False", "None", "True")


@pytest.mark.parametrize("ci", ["", "true"])
def test_the_active_profile_and_the_others_are_untouched(
    project: Path, run_pytest: Call, ci: str
) -> None:
    (project / "test_it.py").write_text(COUNTING)
    with_us = run_pytest("-s", env={"CI": ci})
    without = run_pytest("-s", env={"CI": ci, "HYPOTHESIS_NO_PLUGINS": "1"})
    assert _counted(with_us.stdout) == _counted(without.stdout)
    ours, theirs = (
        {word.strip("[],'") for word in line.split()[1:]}
        for result in (with_us, without)
        for line in result.stdout.splitlines()
        if line.startswith("profiles ")
    )
    assert ours - theirs == {"quick", "deep"}
    assert theirs <= ours


def test_a_project_s_own_profile_of_that_name_wins(project: Path, run_pytest: Call) -> None:
    (project / "test_it.py").write_text(COUNTING)
    (project / "conftest.py").write_text(
        "from hypothesis import settings\nsettings.register_profile('deep', max_examples=17)\n"
    )
    result = run_pytest("-s", "--hypothesis-profile=deep")
    assert _counted(result.stdout)[1] == "17"
