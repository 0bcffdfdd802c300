"""What fuzzcopy costs those who have it installed and do not use it."""

import subprocess
import sys

import pytest

HEAVY = ("trio", "hypothesis", "msgspec", "click", "rich", "fuzzcopy.kernel", "fuzzcopy.runner")


def _imported_by(statement: str) -> list[str]:
    code = f"import sys\n{statement}\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, timeout=600
    )
    return done.stdout.split()


def test_the_pytest_plugin_imports_nothing_heavy() -> None:
    assert _imported_by("import fuzzcopy.pytest_plugin") == []


def test_the_profiles_import_nothing_heavy() -> None:
    # trio has a plugin of Hypothesis, too.
    assert set(_imported_by("import hypothesis")) <= {"hypothesis", "trio"}


@pytest.mark.parametrize("name", ["Kernel", "Outcome", "Scenario", "run", "fuzz_test"])
def test_what_the_package_offers_is_there_when_it_is_asked_for(name: str) -> None:
    assert _imported_by(f"from fuzzcopy import {name}")


def test_running_a_scenario_needs_no_hypothesis() -> None:
    assert "hypothesis" not in _imported_by("from fuzzcopy import Kernel, run, Scenario")
    assert "hypothesis" not in _imported_by("from fuzzcopy.regression import replay")


def test_what_the_package_does_not_offer_is_an_attribute_error() -> None:
    import fuzzcopy

    with pytest.raises(AttributeError, match="nonesuch"):
        fuzzcopy.nonesuch  # noqa: B018
