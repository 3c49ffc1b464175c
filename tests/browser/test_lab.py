"""The gradient lab in a browser: a cell is followed and a radius dragged without the server, and both can be linked."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page

from rnnviz.gradients.flow import flow_of
from rnnviz.gradients.lab import Recipe, last_sum, run_recipe, sample
from rnnviz.ui.lab import every_sum
from tests.browser.conftest import Look
from tests.browser.harness import leave_fields, link, settle, sideways

WAIT = 15_000  # ms; a shared machine pauses at any moment
STEPS, HIDDEN = 20, 6


def address(part: str, **more: str | int) -> str:
    return link("/gradient-lab", lang="en", part=part, hide="question", steps=STEPS, hidden=HIDDEN, **more)


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


def matrix(cell: str) -> np.ndarray:
    return flow_of(run_recipe(Recipe(cell, hidden_size=HIDDEN), sample(STEPS, 8, 0)), every_sum).matrix[0]


def written(page: Page, title: str) -> float:
    return float(wait_for(page, rf"^{title}  [\d.e-]+$").split()[-1])


def test_a_click_on_a_cell_of_the_matrix_shows_that_derivative_and_asks_nobody(look: Look) -> None:
    seen = look(address("matrix"))
    box = seen.page.locator("g.map_marks path").nth(1).bounding_box()
    assert box is not None
    sent = len(seen.frames_sent)
    t, k = 15, 4
    place = {"x": box["width"] * (k + 0.5) / STEPS, "y": box["height"] * (t + 0.5) / STEPS}
    seen.page.locator("g.map_marks path").nth(1).click(position=place)  # type: ignore[arg-type]
    wait_for(seen.page, rf"^t = {t + 1} / {STEPS},  k = {k + 1}$")
    wait_for(seen.page, r"^LSTM: 11 factors$")
    for cell, title in (("rnn", "RNN"), ("lstm", "LSTM"), ("gru", "GRU")):
        assert written(seen.page, title) == pytest.approx(matrix(cell)[t, k], rel=0.06)
    assert len(seen.frames_sent) == sent


def test_the_arrow_keys_follow_a_gradient_back_and_the_press_puts_it_into_the_link(look: Look) -> None:
    seen = look(address("matrix", t=12, k=12))
    leave_fields(seen.page)
    sent = len(seen.frames_sent)
    for _ in range(3):
        seen.page.keyboard.press("ArrowLeft")
    seen.page.keyboard.press("ArrowUp")
    wait_for(seen.page, rf"^t = 11 / {STEPS},  k = 9$")
    assert written(seen.page, "GRU") == pytest.approx(matrix("gru")[10, 8], rel=0.06)
    assert len(seen.frames_sent) == sent
    seen.page.locator("g.pin_marks path").click()
    seen.page.wait_for_function("location.search.includes('net=')", timeout=WAIT)
    values = parse_qs(urlsplit(seen.page.url).query)
    assert (values["t"], values["k"], values["net"]) == (["11"], ["9"], ["rnn"])
    settle(seen.page)
    wait_for(seen.page, rf"^t = 11 / {STEPS},  k = 9$")


def test_dragging_the_radius_moves_the_measured_gradient_without_the_server(look: Look) -> None:
    seen = look(address("knobs"))
    box = seen.page.locator("g.slide_marks path").bounding_box()
    assert box is not None
    sent = len(seen.frames_sent)
    left, wide = box["x"] + 14, box["width"] - 28
    middle = box["y"] + box["height"] / 2
    seen.page.mouse.move(left + 0.3 * wide, middle)
    seen.page.mouse.down()
    seen.page.mouse.move(left + 0.75 * wide, middle, steps=6)
    seen.page.mouse.up()
    assert wait_for(seen.page, r"^Spectral radius 1\.50") == "Spectral radius 1.50"
    recipe = Recipe("rnn", hidden_size=HIDDEN, spectral_radius=1.5)
    norm = flow_of(run_recipe(recipe, sample(STEPS, 8, 0)), last_sum).matrix[0, -1, 0]
    found = float(wait_for(seen.page, r"^k = 1:  ").split()[-1])
    assert found == pytest.approx(norm, rel=0.06)
    assert len(seen.frames_sent) == sent
    seen.page.locator("g.pin_marks path").click()
    seen.page.wait_for_function("location.search.includes('radius=1.5')", timeout=WAIT)


def test_the_descent_is_stepped_in_the_browser(look: Look) -> None:
    seen = look(address("cliff"))
    leave_fields(seen.page)
    sent = len(seen.frames_sent)
    for _ in range(2):
        seen.page.keyboard.press("ArrowRight")
    wait_for(seen.page, "^update 2 / 60$")
    wait_for(seen.page, r"^plain:  w 4\.87, b −2\.45$")
    assert len(seen.frames_sent) == sent


def test_a_narrower_window_cuts_more(look: Look) -> None:
    seen = look(address("cut", window=10))
    leave_fields(seen.page)
    first = float(wait_for(seen.page, "°$").rstrip("°"))
    seen.page.keyboard.press("ArrowLeft")
    wait_for(seen.page, "^windows of 5 steps$")
    assert float(next(text for text in texts(seen.page) if re.fullmatch(r"[\d.]+°", text) and "." in text)[:-1]) > first


@pytest.mark.parametrize("part", ["matrix", "derivative", "knobs", "cliff", "cut", "past", "table"])
@pytest.mark.parametrize(("size", "theme", "locale"), [("phone", "dark", "ko"), ("projector", "light", "en")])
def test_every_part_fits_the_screen(part: str, size: str, theme: str, locale: str, look: Look) -> None:
    seen = look(address(part), size=size, theme=theme, locale=locale)
    assert sideways(seen.page) == 0
    assert seen.page.locator("svg.marks").count() == 1
