"""The table of costs: its file, and what is wrong with one."""

from pathlib import Path

import pytest

from fuzzcopy.cost import CostError, Costs, load_costs
from fuzzcopy.cost.costs import as_toml, described


def test_every_cost_says_what_it_is() -> None:
    entries = list(described(Costs(), "mine.toml"))
    assert [name for name, _, _ in entries] == list(Costs.__struct_fields__)
    assert all(text and value > 0 for _, value, text in entries)


def test_a_figure_that_is_not_the_default_is_not_from_where_that_is_from() -> None:
    costs = Costs(copy_hot=23.5)
    texts = {name: text for name, _, text in described(costs, "mine.toml")}
    assert texts["copy_hot"] == "copying 4096 bytes from cache to cache; from mine.toml"
    assert "one core" in texts["copy_cold"]
    assert not any("mine.toml" in text for name, text in texts.items() if name != "copy_hot")


def test_a_file_overrides_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "costs.toml"
    path.write_text(as_toml("costs", [("copy_hot", 25.5), ("shootdown", 900)]), "utf-8")
    costs = load_costs(path)
    assert (costs.copy_hot, costs.shootdown) == (25.5, 900)
    assert costs.minor_fault == Costs().minor_fault


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[costs\n", "cannot read"),
        ("copy_hot = 1\n", "has no table [costs]"),
        ("[costs]\ncopy_hott = 1\n", "copy_hott"),
        ("[costs]\ncopy_hot = -1\n", "copy_hot"),
        ("[costs]\ncopy_hot = 0\n", "Expected `float` >= 0.001 - at `$.copy_hot`"),
        ("[costs]\nwalk_cold = nan\n", "walk_cold"),
        ('[costs]\ncopy_hot = "fast"\n', "copy_hot"),
    ],
)
def test_a_bad_file_is_one_line_that_says_what(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "costs.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(CostError) as error:
        load_costs(path)
    assert why in str(error.value)
    assert "\n" not in str(error.value)


def test_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CostError, match="cannot read"):
        load_costs(tmp_path / "nowhere.toml")
