"""Forecast in a browser: a window is dragged and a horizon pulled without a word to the server, a pasted series is
read, and a network learns it while its forecast moves."""

from __future__ import annotations

import re
from math import pi, sin

import pytest
from playwright.sync_api import Page, expect

from rnnviz.words import catalogue
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, Visit, control, leave_fields, link, settle

FORECAST = "/forecast"
STRIP, PULL = "g.strip_marks", "g.pull_marks"
PLACE = """() => Object.fromEntries(document.querySelector('g.whereabouts_marks text').textContent.split('\\u2063')
  .map(part => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]))"""
SERIES = "\n".join(f"{5 + 3 * sin(2 * pi * t / 12):.4f}" for t in range(150))


def place(page: Page) -> dict[str, str]:
    return dict(page.evaluate(PLACE))


def drag(page: Page, mark: str, by: float, at: float = 0.5) -> None:
    """Take hold of a mark, at a part of its width, and pull it sideways by so many pixels."""
    box = page.locator(f"{mark} path").first.bounding_box()
    assert box
    x, y = box["x"] + at * box["width"], box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by / 2, y, steps=4)
    page.mouse.move(x + by, y, steps=4)
    page.mouse.up()


def opened(look: Look, **values: str | int) -> Visit:
    seen = look(link(FORECAST, lang="en", hide="question", **values), wait=False)
    seen.page.wait_for_function("document.querySelector('g.whereabouts_marks text')", timeout=WAIT)
    settle(seen.page)
    return seen


def test_a_dragged_window_and_a_pulled_horizon_ask_nobody_and_stand_in_the_link_once_they_rest(look: Look) -> None:
    seen = opened(look)
    page, before = seen.page, place(seen.page)
    asked = len(seen.asked)
    drag(page, STRIP, 150, at=0.85)
    moved = place(page)
    assert moved["origin"] != before["origin"]
    drag(page, PULL, -80)
    pulled = place(page)
    assert int(pulled["ahead"]) < int(before["ahead"])
    page.wait_for_url(re.compile(rf"origin={pulled['origin']}\b"), timeout=WAIT)
    page.wait_for_url(re.compile(rf"ahead={pulled['ahead']}\b"), timeout=WAIT)
    assert len(seen.asked) == asked
    page.reload()
    page.wait_for_function("document.querySelector('g.whereabouts_marks text')", timeout=WAIT)
    settle(page)
    assert {name: place(page)[name] for name in ("origin", "ahead")} == {
        name: pulled[name] for name in ("origin", "ahead")
    }


def test_a_window_is_stepped_through_and_what_has_not_come_is_on_the_page_nowhere(look: Look) -> None:
    page = opened(look).page
    leave_fields(page)
    page.keyboard.press("Home")
    page.wait_for_function(f"({PLACE})().t === '1'", timeout=WAIT)
    errors = page.locator("svg.marks text").filter(has_text=re.compile(r"^\d\.\d+$"))
    expect(errors).to_have_count(0)
    for _ in range(26):  # 24 values are read, then two come
        page.keyboard.press("ArrowRight")
    page.wait_for_function(f"({PLACE})().t === '27'", timeout=WAIT)
    expect(control(page, "next")).to_be_enabled()
    page.keyboard.press("End")
    page.wait_for_function(f"({PLACE})().end === '1'", timeout=WAIT)


def use_own(page: Page, text: str) -> None:
    said = catalogue("en")
    if not page.get_by_label(said["forecast.own_paste"]).count():
        page.get_by_role("button", name=said["forecast.own"]).click()
    field = page.get_by_label(said["forecast.own_paste"])
    field.fill(text)
    field.blur()
    page.get_by_role("button", name=said["forecast.own_read"]).click()


def test_a_pasted_series_is_read_dragged_over_and_trained_and_a_wrong_one_stays_in_its_field(look: Look) -> None:
    page = opened(look).page
    wrong = SERIES.replace("\n", "\nhello\n", 1)
    use_own(page, wrong)
    expect(page.get_by_test_id("stAlert")).to_contain_text("hello", timeout=WAIT)
    assert page.get_by_label(catalogue("en")["forecast.own_paste"]).input_value() == wrong
    use_own(page, SERIES)
    page.wait_for_url(re.compile("series=own"), timeout=WAIT)
    expect(page.get_by_text("150 values are read")).to_be_visible(timeout=WAIT)
    page.keyboard.press("Escape")
    page.wait_for_function("document.querySelector('g.whereabouts_marks text')", timeout=WAIT)
    settle(page)
    before = place(page)
    drag(page, STRIP, 40, at=0.85)
    assert place(page)["origin"] != before["origin"]
    page.get_by_text(catalogue("en")["forecast.part_train"], exact=True).click()
    settle(page)
    page.get_by_role("button", name=catalogue("en")["forecast.play"], exact=True).click()
    page.wait_for_function(
        """() => [...document.querySelectorAll('g.status_marks text')].some(text =>
             Number(text.textContent.match(/Iteration ([\\d,]+)/)?.[1].replaceAll(',', '')) > 20)""",
        timeout=WAIT,
    )


def test_a_run_is_replayed_and_the_forecast_is_that_of_the_moment_that_is_looked_at(look: Look) -> None:
    page = opened(look, part="train", iterations=60, shape="step").page
    page.get_by_role("button", name=catalogue("en")["forecast.play"], exact=True).click()
    expect(page.get_by_text("after 60 updates.")).to_be_visible(timeout=WAIT)
    settle(page)
    error = page.locator("[class*='_train_stage'] svg.marks text").filter(has_text=re.compile(r"^\d\.\d+$"))
    learned = error.all_text_contents()
    leave_fields(page)
    page.keyboard.press("Home")
    expect(page.get_by_text("after 0 updates.")).to_be_visible(timeout=WAIT)
    settle(page)
    assert error.all_text_contents() != learned
    assert place(page)["end"] == "1"  # the keys are the replay's alone
    page.wait_for_url(re.compile(r"row=1\b"), timeout=WAIT)


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_a_link_to_a_series_that_is_no_longer_kept_says_so_and_shows_another(locale: str, look: Look) -> None:
    page = look(link(FORECAST, lang=locale, series="own:0123456789ab"), wait=False, locale=locale).page
    expect(page.get_by_test_id("stAlert").first).to_contain_text("0123456789ab", timeout=WAIT)
    page.wait_for_function("document.querySelector('g.whereabouts_marks text')", timeout=WAIT)
    settle(page)
