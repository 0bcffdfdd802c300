"""The one JSON form of scenarios and regressions."""

import json

from hypothesis import given

from fuzzcopy import Scenario
from fuzzcopy.regression import Regression
from fuzzcopy.regression.format import parse
from fuzzcopy.scenario import decode, encode
from fuzzcopy.strategies import scenarios


@given(scenarios())
def test_a_scenario_comes_back_from_json_as_it_was(scenario: Scenario) -> None:
    assert decode(encode(scenario)) == scenario


@given(scenarios())
def test_a_scenario_has_exactly_one_json_form(scenario: Scenario) -> None:
    data = encode(scenario)
    shuffled = json.dumps(json.loads(data), indent=7, sort_keys=True)
    assert encode(decode(shuffled.encode())) == data


@given(scenarios())
def test_a_regression_comes_back_from_its_file_as_it_was(scenario: Scenario) -> None:
    regression = Regression("own kernel", "deadlock", "a waits for b", "0" * 32, scenario)
    assert parse(regression.to_json()) == regression


def test_a_schedule_survives_the_file(reclaimed: Regression) -> None:
    assert reclaimed.scenario.schedule
    assert parse(reclaimed.to_json()) == reclaimed


def test_a_file_names_its_format_and_version_first(self_deadlock: Regression) -> None:
    fields = list(json.loads(self_deadlock.to_json()))
    assert fields[:2] == ["format", "version"]


def test_a_file_holds_text_that_a_reviewer_can_read(self_deadlock: Regression) -> None:
    text = self_deadlock.to_json().decode("utf-8")
    assert text.endswith("}\n")
    assert '\n "verdict": "deadlock",\n' in text
