"""The comparison: its rows, as text, as JSON, and as a page that needs nothing else."""

import io
import re
import signal
from html.parser import HTMLParser

import msgspec
import pytest
from rich.console import Console

from fuzzcopy import Kernel
from fuzzcopy.bugs import catalogue
from fuzzcopy.compare import CPUS, SHARES, SIZES, Comparison, compare, page, print_comparison
from fuzzcopy.compare.row import calls_of
from fuzzcopy.cost import Bare, Costs
from fuzzcopy.designs import designs
from fuzzcopy.kernel import BufferedRead, BufferedWrite
from fuzzcopy.sched import ctrl_c


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    kernels = [Kernel, designs()["walk-and-flip"], designs()["flip-on-failure"]]
    return compare(kernels, Costs(), examples=0)


def test_a_row_per_call_that_a_kernel_does_its_own_way(comparison: Comparison) -> None:
    assert [row.name for row in comparison.rows] == [
        "reference read",
        "reference write",
        "walk-and-flip read",
        "flip-on-failure read",
    ]
    assert calls_of(designs()["bounce-buffer"]) == ("read", "write")
    assert calls_of(designs()["two-copy"]) == ("write",)


def test_a_row_has_its_curves(comparison: Comparison) -> None:
    for row in comparison.rows:
        assert len(row.over_cpus) == len(CPUS)
        assert len(row.over_shares) == len(SHARES)
        assert len(row.over_sizes) == len(SIZES)
        assert row.over_cpus[0] == row.hot.total


def test_where_curves_cross_is_reported(comparison: Comparison) -> None:
    [cheaper, *_] = [
        c for c in comparison.crossings["read over sizes"] if c.cheaper == "flip-on-failure"
    ]
    assert (cheaper.at, cheaper.dearer) == (4096, "reference")
    over_shares = comparison.crossings["read over shares"]
    assert any({c.cheaper, c.dearer} == {"walk-and-flip", "flip-on-failure"} for c in over_shares)
    assert comparison.crossings["read over cpus"] == ()


def test_only_what_replaces_pages_has_a_break_even(comparison: Comparison) -> None:
    by_name = {row.name: row for row in comparison.rows}
    assert by_name["reference read"].break_even == ()
    sizes = by_name["walk-and-flip read"].break_even
    assert list(sizes) == sorted(sizes)
    assert sizes[0] > 4096


@pytest.mark.slow
def test_a_search_says_what_it_found_and_how_far_it_went() -> None:
    bug = catalogue()["flip-not-uptodate"]
    [row] = compare([bug], Costs(), examples=5_000, seed=1).rows
    assert row.safety.verdict == "not-uptodate exposure"
    assert row.safety.schedules > 0
    [good] = compare([designs()["two-copy"]], Costs(), examples=20, seed=1).rows
    assert (good.safety.verdict, good.safety.programs) == ("", 20)
    assert str(good.safety).startswith("nothing in")


def test_as_text_every_row_is_a_line(comparison: Comparison) -> None:
    out = io.StringIO()
    print_comparison(Console(file=out, width=200), comparison)
    text = out.getvalue()
    for row in comparison.rows:
        assert any(line.startswith(row.kernel) for line in text.splitlines())
    assert "from 4,096 bytes a call on flip-on-failure is cheaper than reference" in text
    assert "walk-and-flip would pay against a hot copy for pages from" in text


def test_as_json_it_comes_back_the_same(comparison: Comparison) -> None:
    assert msgspec.json.decode(msgspec.json.encode(comparison), type=Comparison) == comparison


class Page(HTMLParser):
    """Notes what a page opens and does not close, and what it would load from elsewhere."""

    VOID = frozenset({"meta", "circle", "path", "polyline"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.elsewhere: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in {"meta"}:
            self.open.append(tag)
        self.elsewhere += [v for k, v in attrs if k in {"src", "href"}]

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(comparison: Comparison) -> None:
    text = page(comparison)
    parser = Page()
    parser.feed(text)
    assert parser.open == []
    assert parser.elsewhere == []
    assert "script" not in parser.tags
    assert "url(" not in text
    assert parser.tags.count("svg") == 4  # two for each of two calls
    assert "prefers-color-scheme: dark" in text


def test_the_plots_stay_inside_their_frame_and_mark_the_crossings(comparison: Comparison) -> None:
    text = page(comparison)
    for points in re.findall(r'points="([^"]*)"', text):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 720
            assert 0 <= y <= 400
    for y in re.findall(r'<text class="name[^>]*y="([\d.-]+)"', text):
        assert 0 < float(y) < 400
    plotted = [c for name in ("cpus", "shares") for c in comparison.crossings[f"read over {name}"]]
    assert text.count('class="crossing"') == len(plotted)


def test_the_plots_have_a_place_for_what_costs_nothing() -> None:
    free = dict.fromkeys(Costs.__struct_fields__, 0.0) | {"copy_hot": 1.0}
    kernels = [designs()["walk-and-flip"], Kernel]
    for compared in (kernels, kernels[:1]):
        text = page(compare(compared, Costs(**free), examples=0))
        heights = re.findall(r'points="[\d.]+,([\d.-]+)', text)
        assert heights
        assert all(0 <= float(height) <= 400 for height in heights)


class CrashingWrite(BufferedWrite):
    async def copy(self, *args):
        return self.no_such_thing


class Crashing(Kernel):
    name = "crashing"
    write_path = CrashingWrite


@pytest.mark.parametrize("examples", [0, 20])
@pytest.mark.parametrize("kernels", [[Crashing], [Kernel, Crashing]])
def test_a_kernel_that_crashes_in_every_call_has_a_verdict_and_no_figures(
    kernels: list[type[Kernel]], examples: int
) -> None:
    comparison = compare(kernels, Costs(), examples=examples)
    [crashing] = comparison.unmetered
    assert (crashing.kernel, crashing.call) == ("crashing", "write")
    assert crashing.safety.verdict == "crash"
    assert "no_such_thing" in crashing.why
    assert comparison.found
    assert "crashing" not in [row.kernel for row in comparison.rows]
    out = io.StringIO()
    print_comparison(Console(file=out, width=200), comparison)
    lines = [line.strip() for line in out.getvalue().splitlines()]
    assert ["crashing", "crash"] in [line.split() for line in lines]
    assert str(crashing) in lines
    text = page(comparison)
    parser = Page()
    parser.feed(text)
    assert parser.open == []
    assert 'class="left bad"' in text
    again = msgspec.json.decode(msgspec.json.encode(comparison), type=Comparison)
    assert again == comparison


class Struck(Kernel):
    """Whoever runs it presses Ctrl-C."""

    name = "struck"

    def __init__(self, machine):
        signal.raise_signal(signal.SIGINT)
        super().__init__(machine)


@pytest.mark.usefixtures("ctrl_c_works")
@pytest.mark.parametrize("examples", [0, 20])
def test_what_was_found_and_metered_before_ctrl_c_is_told(examples: int) -> None:
    with ctrl_c.held():
        comparison = compare([Crashing, Bare, Struck, Kernel], Costs(), examples=examples)
    assert comparison.interrupted
    assert comparison.found
    assert [row.kernel for row in comparison.rows] == ["bare copy"]
    told = [str(each) for each in comparison.unmetered if each.kernel != "crashing"]
    assert told[0] == "struck has no figures: interrupted"
    assert set(told) == {told[0]}
    assert "struck has no figures: interrupted" in page(comparison)


class IdleWrite(BufferedWrite):
    async def write(self, cpu, file, offset, buffer):
        return 0


class LyingWrite(BufferedWrite):
    async def write(self, cpu, file, offset, buffer):
        return buffer.length


class LyingRead(BufferedRead):
    async def read(self, cpu, file, offset, buffer):
        return buffer.length


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (IdleWrite, "contract: write returned 0, though all 4096 bytes can be had"),
        (LyingWrite, "contract: write returned 4096, but memory and file differ then"),
        (LyingRead, "contract: read returned 4096, but memory and file differ then"),
    ],
)
def test_a_kernel_that_does_nothing_has_no_figures_that_could_be_the_cheapest(
    path: type[BufferedRead | BufferedWrite], why: str
) -> None:
    part = "read_path" if issubclass(path, BufferedRead) else "write_path"
    idle = type("Idle", (Kernel,), {part: path})
    comparison = compare([idle, Kernel], Costs(), examples=0)
    assert {row.kernel for row in comparison.rows} == {"reference"}
    [unmetered] = comparison.unmetered
    assert unmetered.why == why
    assert comparison.found


def test_a_kernel_s_name_cannot_break_the_page() -> None:
    class Odd(Kernel):
        name = '<b>&"odd"</b>'

    assert "<b>&" not in page(compare([Odd], Costs(), examples=0)).replace("<b>hot", "")
