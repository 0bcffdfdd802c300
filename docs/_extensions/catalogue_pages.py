"""A page per bug of the catalogue: its story, the code that is wrong, and a failing run.

All of it is taken from the package and from ``regressions/`` when the site is built, so that the
pages cannot fall behind.
"""

from pathlib import Path

from sphinx.application import Sphinx

from fuzzcopy.bugs import Bug, catalogue
from fuzzcopy.regression import Regression, RegressionError, load
from fuzzcopy.regression import replay as replay_on
from fuzzcopy.report import Report, plain_timeline


def _recorded(folder: Path) -> dict[str, tuple[Path, Regression]]:
    recorded = {}
    for path in sorted(folder.glob("*.json")):
        try:
            regression = load(path)
        except RegressionError as error:
            raise RuntimeError(f"{path}: {error}") from error
        recorded.setdefault(regression.kernel, (path, regression))
    return recorded


def _story(bug: type[Bug]) -> str:
    lines = (bug.__doc__ or "").strip().splitlines()
    return "\n".join(line.strip() for line in lines[1:]).strip()


def _page(bug: type[Bug], recorded: tuple[Path, Regression] | None) -> str:
    cpus, operations, preemptions = bug.smallest
    parts = [
        f"# {bug.name}",
        bug.summary(),
        _story(bug),
        f"- **Year**: {bug.year}",
        f"- **Verdict**: {', '.join(bug.verdicts)}",
        f"- **Mended by**: {bug.fixed_by}",
        f"- **Smallest failing case known**: CPUs {cpus}, operations {operations}, "
        f"preemptions {preemptions}",
        "## The code that is wrong",
        f"```python\n{bug.swapped_source()}\n```",
        "## How it fails",
    ]
    if recorded is None:
        parts.append(f"Search for it: `fuzzcopy fuzz {bug.name}`.")
    else:
        path, regression = recorded
        report = Report.of(bug, replay_on(bug, regression).outcome.scenario)
        parts += [
            f"`fuzzcopy show regressions/{path.name}` prints:",
            f"```text\n{plain_timeline(report)}\n```",
        ]
    return "\n\n".join(parts) + "\n"


def _write(app: Sphinx) -> None:
    source = Path(app.srcdir)
    folder = source / "bugs"
    folder.mkdir(exist_ok=True)
    recorded = _recorded(source.parent / "regressions")
    names = list(catalogue())
    for name, bug in catalogue().items():
        (folder / f"{name}.md").write_text(_page(bug, recorded.get(name)), encoding="utf-8")
    rows = [f"| [{n}]({n}.md) | {b.year} | {b.summary()} |" for n, b in catalogue().items()]
    table = "\n".join(["| bug | year | what happened |", "|---|---|---|", *rows])
    toc = "\n".join(["```{toctree}", ":hidden:", "", *names, "```"])
    index = (
        "# The field's history\n\nEach of these really shipped. Each is a kernel with one path "
        f"swapped, and the general search finds it.\n\n{table}\n\n{toc}\n"
    )
    (folder / "index.md").write_text(index, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}
