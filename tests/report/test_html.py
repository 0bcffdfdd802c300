"""The page, in a real browser."""

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fuzzcopy.bugs import catalogue
from fuzzcopy.regression import Regression
from fuzzcopy.report import Report
from fuzzcopy.report.html import page
from fuzzcopy.report.moment import Told
from fuzzcopy.runner import with_schedule
from fuzzcopy.scenario import CpuSpec, FileSpec, MappingSpec, Scenario, Segment, SpaceSpec, Write

from .browser import Browser, browser
from .conftest import FILES, report

DOWN, UP, HOME, END = "\ue015", "\ue013", "\ue011", "\ue010"


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    driver = shutil.which("chromedriver")
    if driver is None:
        pytest.skip("there is no chromedriver here (Debian: apt-get install chromium-driver)")
    with browser(driver, tmp_path_factory.mktemp("profile")) as one:
        yield one


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path, reclaimed: Regression) -> Browser:
    """The page of a failure that has a passing neighbour."""
    path = tmp_path / "page.html"
    path.write_text(page(Report.of(catalogue()[reclaimed.kernel], reclaimed.scenario)), "utf-8")
    chromium.open(path)
    return chromium


def _selected(chromium: Browser, run: int = 0) -> int:
    script = "return document.querySelector('#run' + arguments[0] + ' [aria-selected=true]').id"
    return int(str(chromium.run(script, run)).split("-")[1])


def test_every_failure_on_file_opens_without_a_word_in_the_console(
    chromium: Browser, tmp_path: Path
) -> None:
    for path in FILES:
        out = tmp_path / f"{path.stem}.html"
        out.write_text(page(report(path)), "utf-8")
        chromium.open(out)
        assert chromium.text("h1")
        assert chromium.text("#state")
        assert chromium.log() == [], path.name


def test_arrow_keys_go_from_step_to_step_and_the_state_follows(opened: Browser) -> None:
    opened.press(HOME)
    assert _selected(opened) == 0
    opened.press(DOWN, DOWN, DOWN, UP)
    assert _selected(opened) == 2
    before = opened.text("#state")
    opened.press(END)
    assert opened.text("#state") != before
    assert opened.run("return document.activeElement.tagName") == "BODY"


def test_the_slider_moves_both_runs(opened: Browser) -> None:
    opened.run(
        "const s = document.querySelector('#slider'); s.value = 5;"
        "s.dispatchEvent(new Event('input'))"
    )
    assert (_selected(opened, 0), _selected(opened, 1)) == (5, 5)


def test_a_click_and_a_focus_choose_a_run(opened: Browser) -> None:
    opened.run("document.querySelector('#s1-3').click()")
    assert "of the run that passes" in opened.text("#at")
    opened.run("document.querySelector('#run0 ol').focus()")
    assert "of the run that fails" in opened.text("#at")


def test_deviations_can_be_jumped_to(opened: Browser) -> None:
    opened.press(HOME)
    opened.run("document.querySelector('[data-go=mark-after]').click()")
    row = opened.run("return document.querySelector('#run0 [aria-selected=true]').innerText")
    assert "preempts" in str(row)


def test_the_state_is_what_the_film_says(opened: Browser, reclaimed: Regression) -> None:
    film = Report.of(catalogue()[reclaimed.kernel], reclaimed.scenario).film
    opened.press(END)
    shown = opened.run(
        "return [...document.querySelectorAll('#state tr')].map(row =>"
        "[row.querySelector('th').innerText, row.querySelector('td').innerText])"
    )
    locks = {
        name: str(v) for (kind, name), v in film.state(len(film.rows)).items() if kind == "lock"
    }
    assert locks
    for name, holder in locks.items():
        assert any(key == name and str(value).startswith(holder) for key, value in shown)


def test_a_screen_reader_is_told_what_is_what(opened: Browser) -> None:
    tree = opened.devtools("Accessibility.getFullAXTree")["nodes"]
    roles = {node["role"]["value"] for node in tree if not node["ignored"]}
    assert {"listbox", "option", "slider", "heading", "main", "button", "radio"} - roles <= {
        "radio"
    }
    unnamed = [
        node["role"]["value"]
        for node in tree
        if not node["ignored"]
        and node["role"]["value"] in ("listbox", "option", "slider", "button", "radio")
        and not node.get("name", {}).get("value")
    ]
    assert not unnamed


def test_a_phone_shows_one_run_at_a_time_and_needs_no_sideways_scrolling(opened: Browser) -> None:
    opened.devtools(
        "Emulation.setDeviceMetricsOverride",
        width=360, height=740, deviceScaleFactor=2, mobile=True,
    )  # fmt: skip
    try:
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert opened.run(wide) == 0
        visible = "return [...document.querySelectorAll('.run')].map(r => r.offsetHeight > 0)"
        assert opened.run(visible) == [True, False]
        opened.run("document.querySelector('input[value=\"1\"]').click()")
        assert opened.run(visible) == [False, True]
    finally:
        opened.devtools("Emulation.clearDeviceMetricsOverride")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(opened: Browser, scheme: str) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    opened.devtools("Emulation.setEmulatedMedia", features=[feature])
    colours = opened.run(
        "const s = (q, p) => getComputedStyle(document.querySelector(q))[p];"
        "return [['body', 'body'], ['li i', '.scroll'], ['.verdict strong', 'body'],"
        "['#run0 li b.c0', '.scroll'], ['#run0 li b.c1', '.scroll']]"
        ".map(([ink, paper]) => [s(ink, 'color'), s(paper, 'backgroundColor')])"
    )
    for ink, paper in colours:
        assert _contrast(_rgb(ink), _rgb(paper)) >= 4.5


def _rgb(text: str) -> list[int]:
    return [int(part) for part in text[4:-1].split(",")]


def _contrast(one: list[int], other: list[int]) -> float:
    """WCAG 2: relative luminances, plus 0.05, one by the other."""

    def luminance(rgb: list[int]) -> float:
        parts = [c / 255 for c in rgb]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    bright, dark = sorted((luminance(one) + 0.05, luminance(other) + 0.05), reverse=True)
    return bright / dark


def test_nothing_is_fetched_and_nothing_from_the_scenario_is_code(tmp_path: Path) -> None:
    write = Write(0, 0, (Segment(0, 0, 16),))
    scene = Scenario(
        cpus=(CpuSpec((write,)),),
        files=(FileSpec(16),),
        spaces=(SpaceSpec((MappingSpec(0, 1, 0),)),),
    )
    made = Report.of(catalogue()["sleeping-copy"], scene)
    made.film.moments[-1].told.append(Told("</script><img src=https://example.org>", noted=False))
    text = page(made)
    found: list[str] = []

    class Sources(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(str(v) for k, v in attrs if k in ("src", "href"))

    Sources().feed(text)
    assert found == ["data:,"]


def test_five_hundred_steps_are_less_than_300_kb() -> None:
    write = Write(0, 3, (Segment(0, 5, 30), Segment(1, 1, 30)))
    scene = Scenario(
        cpus=(CpuSpec((write, write, write)), CpuSpec((write, write, write))),
        files=(FileSpec(64),),
        spaces=(SpaceSpec((MappingSpec(0, 3), MappingSpec(1, 3))),),
    )
    made = Report.of(catalogue()["uptodate-too-early"], with_schedule(scene, ()))
    assert len(made.film.rows) > 400
    size = len(page(made).encode()) * 500 / len(made.film.rows)
    # With as long a run that passes beside it.
    assert 2 * size < 300_000
