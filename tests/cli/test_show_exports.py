"""``fuzzcopy show`` for other programs, and as a page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.regression import Regression, save
from fuzzcopy.report import Report
from fuzzcopy.report.export import as_json, chrome_trace, mermaid, shiviz


@pytest.mark.parametrize("option", ["--mermaid", "--chrome-trace", "--shiviz", "--json"])
def test_the_command_prints_it_and_nothing_else(
    cli: Callable[..., Any], tmp_path: Path, reclaimed: Regression, option: str
) -> None:
    made = {"--mermaid": mermaid, "--chrome-trace": chrome_trace, "--shiviz": shiviz}
    report = Report.of(catalogue()[reclaimed.kernel], reclaimed.scenario)
    result = cli("show", save(reclaimed, tmp_path), option)
    assert result.exit_code == 0
    assert result.stdout == made.get(option, as_json)(report)
    assert result.stdout.endswith("\n")
    assert not result.stdout.endswith("\n\n")


def test_a_page_is_written_and_nothing_else_is_overwritten(
    cli: Callable[..., Any], tmp_path: Path, reclaimed: Regression
) -> None:
    path = save(reclaimed, tmp_path)
    for _ in range(2):
        result = cli("show", path, "--html", "out.html")
        assert result.exit_code == 0
        assert result.stdout == "written: out.html\n"
    before = path.read_bytes()
    result = cli("show", path, "--html", path.name)
    assert result.exit_code == 2
    assert "name another" in result.stderr
    assert path.read_bytes() == before
    assert cli("show", path, "--html", "no/such/folder.html").exit_code == 2
