"""What the docs tell a reader to type is typed here, in an empty folder, one page after the other.

A block with a caption is a file. In a console block each line with a ``$`` is a command, and what
follows must be in its output: line by line, in that order, ``...`` standing for anything.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.regression import load
from fuzzcopy.report import Report, headline, plain_timeline

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["tutorial.md", "howto/own-oracle.md", "howto/async-code.md"]

BLOCK = re.compile(r"^```(?P<head>.*)\n(?P<body>(?:.*\n)*?)^```$", re.MULTILINE)
CAPTION = re.compile(r":caption: (?P<name>\S+)\n\n")

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="the docs are not in the sdist")


def _run(command: str, folder: Path) -> str:
    here = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    return done.stdout


def _expect(command: str, wanted: list[str], output: str) -> None:
    lines = iter(output.splitlines())
    for want in wanted:
        pattern = ".*".join(re.escape(part) for part in want.split("..."))
        assert any(re.fullmatch(pattern, line) for line in lines), (
            f"$ {command}\nhas no line (there) like {want!r}:\n{output}"
        )


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_followed_to_its_end(page: str, tmp_path: Path) -> None:
    commands = 0
    for block in BLOCK.finditer((DOCS / page).read_text(encoding="utf-8")):
        caption = CAPTION.match(block["body"])
        if caption:
            (tmp_path / caption["name"]).write_text(block["body"][caption.end() :])
        elif block["head"] == "console":
            for part in re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]:
                command, *wanted = part.splitlines()
                if not command.startswith("pip install"):
                    commands += 1
                    _expect(command, wanted, _run(command, tmp_path))
    assert commands


def test_the_readme_shows_what_is_really_printed() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    [path] = (DOCS.parent / "regressions").glob("sleeping-copy-*.json")
    report = Report.of(catalogue()["sleeping-copy"], load(path).scenario)
    # Code moves about in its file: which line it is on is no reason to change the README.
    printed, shown = (
        re.sub(r"\.py:\d+", ".py", text) for text in (plain_timeline(report, width=96), readme)
    )
    assert f"```\n{printed}\n\nfound and shrunk: {headline(report.outcome)}\n" in shown
