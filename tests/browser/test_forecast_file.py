"""The picture of a forecast, saved as a file: the window is dragged, the horizon is pulled and time is stepped without
anybody being asked, and all words are whole and apart at every size."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from rnnviz.charts.forecast.chart import chart
from rnnviz.charts.forecast.data import ForecastData
from rnnviz.charts.forecast.look import ForecastLook
from rnnviz.charts.kit import export
from rnnviz.words import LANGUAGES, catalogue
from tests.browser.harness import SIZES, WAIT, kept_keys
from tests.browser.labels import faults
from tests.charts.forecast.walks import CALLED, shown, walk

Open = Callable[..., Page]
DRAG = 50  # ms, in which a dragged window is drawn
# Of a press that goes along the strip in steps: ms from each event until what it shows has changed, without the frame.
DRAGGED = """async ([from, to, y, steps]) => {
  const strip = document.querySelector('g.strip_marks path');
  const shown = () => document.querySelector('g.truth_marks').innerHTML;
  const fire = (target, type, x) =>
    target.dispatchEvent(new PointerEvent(type, {bubbles: true, clientX: x, clientY: y}));
  const frame = () => new Promise(done => requestAnimationFrame(done));
  fire(strip, 'pointerdown', from);
  const taken = [];
  for (let step = 1; step <= steps; step++) {
    await frame();
    const before = shown(), start = performance.now();
    fire(window, 'pointermove', from + (to - from)*step/steps);
    while (shown() === before && performance.now() - start < 1000) await new Promise(done => setTimeout(done));
    taken.push(performance.now() - start);
  }
  fire(window, 'pointerup', to);
  return taken;
}"""


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """A function that opens a file of some data in a browser that is offline. At the end nothing went wrong."""
    errors: list[str] = []
    with ExitStack() as stack:

        def open_file(data: ForecastData, size: str = "laptop", dark: bool = False, **look: Any) -> Page:
            wide, high = SIZES[size]
            context = stack.enter_context(
                browser.new_context(offline=True, viewport={"width": wide, "height": high}, has_touch=size == "phone")
            )
            page = context.new_page()
            page.on("console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: errors.append(str(error)))
            file = tmp_path / "forecast.html"
            file.write_text(export.to_html(chart(data, ForecastLook(**look)), dark=dark), "utf-8")
            page.goto(file.as_uri())
            page.wait_for_selector("g.caption_marks text", timeout=WAIT)
            page.evaluate("document.getElementById('stage').className = 'forecast_stage_frame'")  # for `faults`
            return page

        yield open_file
    assert errors == []


def stands_at(page: Page, t: int, window: int, ahead: int) -> None:
    said = catalogue("en")
    late, early = said["forecast.chart.at_ahead"], said["forecast.chart.at_read"]
    text = late.format(k=t - window, h=ahead) if t > window else early.format(t=t, w=window)
    expect(page.locator("g.caption_marks text")).to_have_text(text, timeout=WAIT)


def origin_of(page: Page, data: ForecastData) -> int:
    """Which origin is shown, by the time that stands under its first value."""
    said = page.locator("g.mark-text text").all_text_contents()
    starts = {data.whens[at - data.walk.window]: i for i, at in enumerate(data.walk.origins.tolist())}
    (found,) = {starts[text] for text in said if text in starts}
    return found


def middle(page: Page, mark: str) -> tuple[float, float, float]:
    """Left edge, width and the middle's height of what takes the pointer."""
    box = page.locator(f"g.{mark}_marks path").bounding_box()
    assert box
    return box["x"], box["width"], box["y"] + box["height"] / 2


def test_keys_step_through_the_window_and_the_horizon_and_move_both(opened: Open) -> None:
    data = shown(walk(shapes=False))
    page = opened(data)
    stands_at(page, 0, 24, 12)
    for key, t, ahead in [("ArrowRight", 1, 12), ("End", 36, 12), ("[", 35, 11), ("ArrowLeft", 34, 11), ("]", 34, 12)]:
        page.keyboard.press(key)
        stands_at(page, t, 24, ahead)
    for key, origin in [(".", 1), (".", 2), (",", 1)]:
        page.keyboard.press(key)
        stands_at(page, 34, 24, 12)
        assert origin_of(page, data) == origin
    page.keyboard.press("Home")
    stands_at(page, 0, 24, 12)
    page.keyboard.press(" ")
    expect(page.locator("g.caption_marks text")).not_to_have_text(re.compile("read 0 "), timeout=WAIT)
    assert kept_keys(page, (" ", "End", "Home", "PageDown")) == [" ", "End", "Home"]


def test_the_window_is_dragged_along_the_strip_and_snaps_to_origins(opened: Open) -> None:
    data = shown(walk(origins=9))
    page = opened(data, t=36, origin=4)
    left, wide, y = middle(page, "strip")
    at, count = data.walk.origins, len(data.walk.values)
    place = [left + wide * (float(origin) - 6) / count for origin in at]  # within the window
    page.mouse.move(place[4], y)
    page.mouse.down()
    assert origin_of(page, data) == 4, "to take it moves it nowhere"
    for origin in (5, 8, 2, 0):
        page.mouse.move(place[origin] + 3, y + 40)
        stands_at(page, 36, 24, 12)
        assert origin_of(page, data) == origin
    page.mouse.up()
    page.mouse.move(place[7], y)
    assert origin_of(page, data) == 0, "it was let go"
    page.mouse.click(left + wide * at[6] / count, y)
    assert origin_of(page, data) == 6, "a press elsewhere brings it there"


def test_the_horizon_is_pulled_and_what_had_come_comes_further(opened: Open) -> None:
    page = opened(shown(walk()), t=24 + 8, ahead=8)
    stands_at(page, 32, 24, 8)
    left, wide, y = middle(page, "pull")
    line = left + wide / 2
    (start, across, _), steps = middle(page, "plot"), 36
    page.mouse.move(line, y)
    page.mouse.down()
    for ahead in (9, 12, 3):
        page.mouse.move(start + across * (24 + ahead) / steps + 2, y)
        stands_at(page, 24 + ahead, 24, ahead)
    page.mouse.up()
    page.keyboard.press("ArrowLeft")
    stands_at(page, 26, 24, 3)
    page.keyboard.press("]")
    stands_at(page, 26, 24, 4)


def test_a_finger_drags_and_taps(opened: Open) -> None:
    data = shown(walk(origins=5))
    page = opened(data, "phone", t=36)
    left, wide, y = middle(page, "strip")
    page.touchscreen.tap(left + wide * int(data.walk.origins[3]) / len(data.walk.values), y)
    stands_at(page, 36, 24, 12)
    assert origin_of(page, data) == 3
    start, across, _ = middle(page, "plot")
    top = page.locator("g.plot_marks path").bounding_box()
    assert top
    page.touchscreen.tap(start + across * 3.5 / 36, top["y"] + 60)
    truth = catalogue("en")["forecast.chart.truth"]
    at = int(data.walk.origins[3])
    said = f"{truth} {data.walk.values[at - 24 + 3]:.2f}"
    expect(page.locator("g.mark-text text").filter(has_text=said[:-1]).first).to_be_attached(timeout=WAIT)


def test_a_dragged_window_is_drawn_in_time(opened: Open) -> None:
    """Two hundred origins, a window of 32, twelve units and a horizon of 24."""
    of = walk(2400, window=32, horizon=24, origins=200)
    page = opened(shown(of, units=12, gates=("i", "f", "o")), t=56)
    left, wide, y = middle(page, "strip")
    taken = page.evaluate(DRAGGED, [left + 0.77 * wide, left + 0.97 * wide, y, 40])
    assert sorted(taken)[len(taken) // 2] < DRAG, taken


WALKS = {
    "plain": ({}, {}),
    "shapes": ({"shapes": True}, {}),
    "long": ({"count": 2400, "window": 32, "horizon": 24, "origins": 60}, {"units": 12, "gates": ("i", "f", "o")}),
    "one ahead": ({"count": 100, "window": 8, "horizon": 1, "origins": 5}, {"units": 4, "gates": ()}),
    "short window": ({"count": 300, "window": 4, "horizon": 24, "origins": 20}, {"units": 12}),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_words_are_whole_and_apart(opened: Open, size: str, language: str) -> None:
    found = {}
    for name, (sizes, more) in WALKS.items():
        of = walk(**sizes)
        some = max(1, of.horizon // 2)
        page = opened(
            shown(of, language, said=(CALLED[language]["season"],), **more), size, language=language, origin=2
        )
        keys = ["Home", *["ArrowRight"] * 2, "End", *["["] * (of.horizon - some), *["ArrowLeft"] * min(3, some - 1)]
        found[name] = faults(page)
        for key in keys:
            page.keyboard.press(key)
            found[name] += faults(page)
        page.context.close()
    assert not any(found.values()), found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_in_the_place_of_a_forecast_can_be_read(opened: Open, size: str, language: str) -> None:
    asked = {
        "en": "Over 60 origins, which of these forecasts is nearest to what came? Answer first.",
        "ko": "어느 예측이 실제에 가장 가까울까요? 먼저 예측해 보세요.",
    }[language]
    page = opened(shown(walk(), language), size, language=language, t=36, veil=asked)
    assert faults(page) == []
    said = "".join(page.locator("g.mark-text tspan").all_text_contents())
    assert asked.replace(" ", "") in said.replace(" ", "")
