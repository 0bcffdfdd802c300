"""Every failure that is on file, and the catalogue's among them."""

from functools import cache
from pathlib import Path

from fuzzcopy.regression import Regression, kernel_of, load
from fuzzcopy.report import Report

FILES = sorted((Path(__file__).parents[2] / "regressions").glob("*.json"))
"""Everything in ``regressions/``."""


@cache
def regression(path: Path) -> Regression:
    return load(path)


@cache
def report(path: Path) -> Report:
    on_file = regression(path)
    return Report.of(kernel_of(on_file.kernel), on_file.scenario)
