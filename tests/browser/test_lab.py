"""The gradient lab in a browser: a cell is followed and a radius dragged without the server, and both can be linked."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page

from rnnviz.charts.lab.knobs_places import FARTHEST
from rnnviz.core.gradients.flow import flow_of
from rnnviz.core.gradients.lab import Recipe, every_sum, last_sum, run_recipe, sample
from rnnviz.words import catalogue
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, control, kept_keys, leave_fields, link, settle, sideways
from tests.written import number

STEPS, HIDDEN = 20, 6


# Texts of the chart that were shortened, or that reach beyond it.
CUT = """() => { const box = document.querySelector('svg.marks').getBoundingClientRect();
  const cut = text => { const its = text.getBoundingClientRect();
    return text.textContent.endsWith('…') || its.left < box.left - 1 || its.right > box.right + 1; };
  return [...document.querySelectorAll('svg.marks text')].filter(cut).map(e => e.textContent) }"""


def address(part: str, lang: str = "en", **more: str | int) -> str:
    return link("/gradient-lab", lang=lang, part=part, hide="question", steps=STEPS, hidden=HIDDEN, **more)


def texts(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[...document.querySelectorAll('svg.marks text')].map(e => e.textContent)")
    return found


def wait_for(page: Page, pattern: str) -> str:
    """The first text of the chart that matches."""
    page.wait_for_function(
        "p => [...document.querySelectorAll('svg.marks text')].some(e => new RegExp(p).test(e.textContent))",
        arg=pattern,
        timeout=WAIT,
    )
    return next(text for text in texts(page) if re.search(pattern, text))


def stands(page: Page, caption: str) -> None:
    """Wait until the controls say that."""
    page.wait_for_function(
        "said => document.querySelector('.rnnviz-caption')?.textContent === said", arg=caption, timeout=WAIT
    )


def matrix(cell: str) -> np.ndarray:
    return flow_of(run_recipe(Recipe(cell, hidden_size=HIDDEN), sample(STEPS, 8, 0)), every_sum).matrix[0]


def written(page: Page, title: str) -> float:
    return number(wait_for(page, rf"^{title}  \d\S*$").split()[-1])


def test_a_click_on_a_cell_of_the_matrix_shows_that_derivative_and_asks_nobody(look: Look) -> None:
    seen = look(address("matrix"))
    box = seen.page.locator("g.map_marks path").nth(1).bounding_box()
    assert box is not None
    sent = len(seen.frames_sent)
    t, k = 15, 4
    place = {"x": box["width"] * (k + 0.5) / STEPS, "y": box["height"] * (t + 0.5) / STEPS}
    seen.page.locator("g.map_marks path").nth(1).click(position=place)
    wait_for(seen.page, rf"^t = {t + 1} / {STEPS},  k = {k + 1}$")
    wait_for(seen.page, r"^LSTM, factors: 11$")
    for cell, title in (("rnn", "RNN"), ("lstm", "LSTM"), ("gru", "GRU")):
        assert written(seen.page, title) == pytest.approx(matrix(cell)[t, k], rel=0.06)
    assert len(seen.frames_sent) <= sent + 1, "at most the one message that tells the place once it rests"


def test_the_arrow_keys_follow_a_gradient_back_and_the_link_follows(look: Look) -> None:
    seen = look(address("matrix", t=12, k=12))
    leave_fields(seen.page)
    sent = len(seen.frames_sent)
    for _ in range(3):
        seen.page.keyboard.press("ArrowLeft")
    seen.page.keyboard.press("ArrowUp")
    wait_for(seen.page, rf"^t = 11 / {STEPS},  k = 9$")
    assert written(seen.page, "GRU") == pytest.approx(matrix("gru")[10, 8], rel=0.06)
    assert len(seen.frames_sent) == sent
    seen.page.wait_for_function("location.search.includes('t=11')", timeout=WAIT)
    values = parse_qs(urlsplit(seen.page.url).query)
    assert (values["t"], values["k"]) == (["11"], ["9"])
    assert "net" not in values, "it has not moved from where every link without it opens"
    settle(seen.page)
    wait_for(seen.page, rf"^t = 11 / {STEPS},  k = 9$")
    assert kept_keys(seen.page, ("ArrowUp", "ArrowDown", "PageDown")) == ["ArrowUp", "ArrowDown"]


def drag_radius(page: Page, start: float, end: float) -> None:
    """Press on the plane of eigenvalues at one radius and move to another; the button stays down."""
    box = page.locator("g.swing_marks path").bounding_box()
    assert box is not None
    unit, middle = box["width"] / 2 / (FARTHEST + 0.1), box["y"] + box["height"] / 2
    across = box["x"] + box["width"] / 2
    page.mouse.move(across + start * unit, middle)
    page.mouse.down()
    page.mouse.move(across + end * unit, middle, steps=6)


def noticed(page: Page, words: str) -> str:
    """The sentence with these words, once the page says one."""
    found = page.locator("[data-testid=stMarkdown]").filter(has_text=words)
    found.wait_for(timeout=WAIT)
    return found.inner_text()


def test_a_radius_is_dragged_without_the_server_and_the_words_follow_once_it_is_let_go(look: Look) -> None:
    seen = look(address("knobs"))
    page, unturned = seen.page, "Nothing is turned yet"
    noticed(page, unturned)
    reset = page.get_by_role("button", name="Reset")
    assert reset.is_disabled()
    recipe = Recipe("rnn", hidden_size=HIDDEN, spectral_radius=1.5)
    norm = flow_of(run_recipe(recipe, sample(STEPS, 8, 0)), last_sum).matrix[0, -1, 0]
    for _ in range(2):  # what was told once is told again after it was taken back
        sent = len(seen.frames_sent)
        drag_radius(page, 0.6, 1.5)
        stands(page, "Spectral radius 1.50")
        assert number(wait_for(page, r"^k = 1:  ").split()[-1]) == pytest.approx(norm, rel=0.06)
        page.wait_for_timeout(500)
        assert len(seen.frames_sent) == sent
        page.mouse.up()
        page.wait_for_function("location.search.includes('radius=1.5')", timeout=WAIT)
        settle(page)
        assert len(seen.frames_sent) == sent + 1
        assert "spectral radius is 1.50" in noticed(page, "γσ =")
        assert number(noticed(page, "gradient’s norm was").split()[-2]) == pytest.approx(norm, rel=0.06)
        reset.click()
        noticed(page, unturned)
        settle(page)
        assert page.locator(".rnnviz-caption").inner_text().endswith("(as drawn)")
        assert "radius" not in page.url
        assert reset.is_disabled()


def test_the_words_follow_keys_and_controls_once_they_rest(look: Look) -> None:
    seen = look(address("knobs", radius=1))
    leave_fields(seen.page)
    sent = len(seen.frames_sent)
    for _ in range(4):
        seen.page.keyboard.press("ArrowRight")
    stands(seen.page, "Spectral radius 1.20")
    seen.page.wait_for_function("location.search.includes('radius=1.2')", timeout=WAIT)
    settle(seen.page)
    assert len(seen.frames_sent) == sent + 1
    assert "spectral radius is 1.20" in noticed(seen.page, "γσ =")
    assert seen.page.locator("g.slide_marks path").count() == 0, "the page's own slider is there"
    place, slider = int(control(seen.page, "t").input_value()), control(seen.page, "t")
    for _ in range(3):
        control(seen.page, "back").click()
    stands(seen.page, "Spectral radius 1.05")
    slider.fill(str(place + 6))
    stands(seen.page, "Spectral radius 1.50")
    seen.page.wait_for_function("location.search.includes('radius=1.5')", timeout=WAIT)
    settle(seen.page)
    assert "spectral radius is 1.50" in noticed(seen.page, "γσ =")
    control(seen.page, "play").click()
    seen.page.wait_for_function("location.search.includes('radius=2')", timeout=WAIT)
    stands(seen.page, "Spectral radius 2.00")


def test_on_a_phone_a_finger_hits_a_cell_and_buttons_move_it_exactly(look: Look) -> None:
    seen = look(address("matrix"), size="phone")
    box = seen.page.locator("g.big_marks path").bounding_box()
    assert box is not None
    assert box["width"] / STEPS >= 14, "px a cell"
    assert box["width"] > 0.85 * 390
    place = {"x": box["width"] * 4.5 / STEPS, "y": box["height"] * 15.5 / STEPS}
    seen.page.locator("g.big_marks path").tap(position=place)
    wait_for(seen.page, rf"^t = 16 / {STEPS},  k = 5$")
    buttons = seen.page.locator(".rnnviz-steppers button")
    assert min(buttons.nth(0).bounding_box()[side] for side in ("width", "height")) >= 44
    assert buttons.nth(1).get_attribute("aria-label") == f"{catalogue('en')['lab.axis_t']} + 1"
    for place, expected in ((1, "t = 17"), (0, "t = 16"), (3, "k = 6"), (3, "k = 7"), (2, "k = 6")):
        buttons.nth(place).tap()
        wait_for(seen.page, rf"(^|  ){expected}( |$)")
    settle(seen.page)
    sent = len(seen.frames_sent)
    seen.page.evaluate("[1, 1, 0, 0].forEach(n => document.querySelectorAll('.rnnviz-steppers button')[n].click())")
    assert len(seen.frames_sent) == sent, "nobody is told on the way"
    field = seen.page.locator(".rnnviz-steppers input[data-name=t]")
    field.fill("20")
    wait_for(seen.page, r"^t = 20 / 20")
    assert buttons.nth(1).get_attribute("aria-disabled") == "true"
    field.fill("16")
    wait_for(seen.page, r"^t = 16 / 20")
    assert written(seen.page, "RNN") == pytest.approx(matrix("rnn")[15, 5], rel=0.06)
    seen.page.get_by_text("LSTM", exact=True).first.tap()
    wait_for(seen.page, r"^LSTM, factors: 10$")


def test_the_descent_is_stepped_in_the_browser(look: Look) -> None:
    seen = look(address("cliff"))
    leave_fields(seen.page)
    sent = len(seen.frames_sent)
    for _ in range(2):
        seen.page.keyboard.press("ArrowRight")
    stands(seen.page, "update 2 / 60")
    wait_for(seen.page, r"^plain:  w 4\.87, b −2\.45$")
    assert len(seen.frames_sent) == sent
    seen.page.wait_for_function("location.search.includes('update=2')", timeout=WAIT)
    assert len(seen.frames_sent) == sent + 1, "where it rests is told once"


def test_the_descent_is_played_to_its_end_and_end_and_space_act_on_it(look: Look) -> None:
    page = look(address("cliff")).page
    control(page, "play").click()
    stands(page, "update 3 / 60")
    leave_fields(page)
    page.keyboard.press(" ")
    playing = "document.querySelector('[data-name=play]').getAttribute('aria-pressed')"
    page.wait_for_function(f"{playing} == 'false'", timeout=WAIT)
    page.keyboard.press("End")
    stands(page, "update 60 / 60")
    page.wait_for_function("location.search.includes('update=60')", timeout=WAIT)
    page.keyboard.press(" ")  # at the end it begins again
    stands(page, "update 4 / 60")
    page.keyboard.press("Home")
    stands(page, "update 0 / 60")
    page.wait_for_function("!location.search.includes('update=')", timeout=WAIT)


def test_what_is_to_be_tried_is_shown_again_after_the_reader_has_gone_on(look: Look) -> None:
    page = look(address("cliff")).page
    for _ in range(2):
        page.get_by_role("button", name=catalogue("en")["try.lab_thrown"]).click()
        stands(page, "update 25 / 60")
        settle(page)
        leave_fields(page)
        page.keyboard.press("ArrowRight")
        page.wait_for_function("location.search.includes('update=26')", timeout=WAIT)
        settle(page)


def test_a_narrower_window_cuts_more(look: Look) -> None:
    seen = look(address("cut", window=10))
    leave_fields(seen.page)
    first = float(wait_for(seen.page, "°$").rstrip("°"))
    seen.page.keyboard.press("ArrowLeft")
    stands(seen.page, "window length 5")
    assert float(next(text for text in texts(seen.page) if re.fullmatch(r"[\d.]+°", text) and "." in text)[:-1]) > first


@pytest.mark.parametrize("part", ["matrix", "derivative", "knobs", "cliff", "cut", "past", "table"])
@pytest.mark.parametrize(("size", "theme", "locale"), [("phone", "dark", "ko"), ("projector", "light", "en")])
def test_every_part_fits_the_screen(part: str, size: str, theme: str, locale: str, look: Look) -> None:
    seen = look(address(part), size=size, theme=theme, locale=locale)
    assert sideways(seen.page) == 0
    assert seen.page.locator("svg.marks").count() == 1
    assert not seen.page.evaluate(CUT)


@pytest.mark.parametrize("part", ["matrix", "derivative", "knobs", "cut", "past"])
@pytest.mark.parametrize("locale", ["en", "ko"])
def test_nothing_is_cut_on_a_phone(part: str, locale: str, look: Look) -> None:
    """With gates, which have the most to say."""
    values = {"cell": "lstm", "net": "lstm"} if part in ("derivative", "knobs", "matrix") else {}
    values |= {"window": 10, "clip": "0.1"} if part == "knobs" else {}
    seen = look(address(part, **values, lang=locale), size="phone", locale=locale)
    assert not seen.page.evaluate(CUT)
