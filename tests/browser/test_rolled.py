"""The lesson Rolled and unrolled on its page: it folds, a weight is edited, and what is shown is what is computed."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

import rnnviz
from rnnviz import zoo
from rnnviz.charts.kit import palette
from rnnviz.core.sharing import weight_terms
from rnnviz.core.trace import Array, Readout, Trace
from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, control, leave_fields, link
from tests.browser.test_stage import marks, shows_the_trace, texts, wait_for_step, wait_for_text
from tests.written import number

TEXT = "The cat chased the dog ."
STEPS = 6
SAID = catalogue("en")
FIELD = "[data-testid=stNumberInput] input"
NAMES = ("inputWeight", "stateWeight", "outputWeight")
COPIES = "name => [...document.querySelectorAll(`g.${name}_marks text`)].map(e => e.textContent)"
LOOKS = """name => [...document.querySelectorAll(`g.${name}_marks text`)]
  .map(e => e.getAttribute('font-weight') + e.getAttribute('fill'))"""
FILLS = "name => [...document.querySelectorAll(`g.${name}_marks path`)].map(e => e.getAttribute('fill'))"
# The same of the heatmap, which is one picture of some pixels a cell: of (steps, units), column by column.
CELLS = """async ([steps, units]) => {
  const picture = new Image();
  picture.src = document.querySelector('g.heatPicture_marks image').href.baseVal;
  await picture.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const drawn = canvas.getContext('2d');
  drawn.drawImage(picture, 0, 0);
  const middle = (k, many, size) => Math.floor((k + 0.5) * size / many);
  return Array.from({length: steps * units}, (_, k) => {
    const [x, y] = [middle(Math.floor(k / units), steps, picture.width), middle(k % units, units, picture.height)];
    const colour = [...drawn.getImageData(x, y, 1, 1).data].slice(0, 3);
    return '#' + colour.map(n => n.toString(16).padStart(2, '0')).join('');
  });
}"""
# How far it is unfolded: the chain fades with it.
UNFOLDED = "() => Number(document.querySelector('g.stateWeight_marks text')?.getAttribute('opacity') ?? NaN)"
VISIBLE = """() => [...document.querySelectorAll('svg.marks text')]
  .filter(e => e.getAttribute('opacity') !== '0').map(e => e.textContent)"""
SHOWN_TOKENS = """colour => [...document.querySelectorAll('svg.marks text')]
  .filter(e => e.getAttribute('opacity') !== '0' && e.getAttribute('fill') === colour).map(e => e.textContent)"""
# Presses F and once more as soon as it is on its way; resolves with every position, once it is a chain again.
THERE_AND_BACK = """() => new Promise(done => {
  const u = UNFOLDED, seen = [], press = () => document.body.dispatchEvent(
    new KeyboardEvent('keydown', {key: 'f', bubbles: true}));
  let back = false;
  const frame = () => {
    seen.push(u());
    if (!back && u() < 0.7) { back = true; press(); }
    if (back && u() === 1) done(seen); else requestAnimationFrame(frame);
  };
  press();
  frame();
})""".replace("UNFOLDED", UNFOLDED)
# Keeps, for every frame, how many different values stand at the copies.
WATCH_COPIES = """() => { window.different = []; const frame = () => {
  window.different.push(new Set([...document.querySelectorAll('g.entry_marks text')].map(e => e.textContent)).size);
  requestAnimationFrame(frame); }; frame(); }"""


def address(cell: str = "rnn", **more: str | int) -> str:
    values = {"lang": "en", "model": "words-en", "cell": cell, "text": TEXT, "hide": "question", "fold": "chain"}
    return link("/rolled-unrolled", **values | more)


def computed(entry: tuple[str, int, int, float] | None = None) -> tuple[Trace, Readout]:
    """What the page must show, with an entry (row and column from 1) as it was typed."""
    model = zoo.load("words-en", "rnn")
    reading = model.read(TEXT)
    rnn: torch.nn.Module = model.rnn
    head = model.head
    if entry is not None:
        name, row, column, value = entry
        if name == "W_hy":
            head = rnnviz.with_entry(head, name, row - 1, column - 1, value)
        else:
            rnn = rnnviz.with_entry(rnn, name, row - 1, column - 1, value)
    trace = rnnviz.record(rnn, reading.x, tokens=[token.text for token in reading.tokens])
    return trace, rnnviz.read_out(trace, head)


def wait_until_unfolded(page: Page, u: float) -> None:
    page.wait_for_function(f"u => Math.abs(({UNFOLDED})() - u) < 0.011", arg=u, timeout=WAIT)


def wait_for_copies(page: Page, value: str, steps: int = STEPS) -> None:
    page.wait_for_function(
        f"([value, n]) => {{ const all = ({COPIES})('entry');"
        " return all.length === n && all.every(t => t === value) }",
        arg=[value, steps],
        timeout=WAIT,
    )


def colours(values: Array, error: float) -> list[set[str]]:
    """What each value may be painted as, on a light page, when it is known up to `error`."""
    ramp = palette.ramp(False)
    steps = (len(ramp) - 1) // 2
    return [
        {ramp[int(np.floor(steps + steps * np.clip(v + d, -1, 1) + 0.5))] for d in (-error, 0, error)}
        for v in values.ravel().tolist()
    ]


def painted(page: Page, name: str, values: Array, error: float) -> None:
    fills = page.evaluate(FILLS, name) if name != "heat" else page.evaluate(CELLS, [*values.shape])
    wrong = [k for k, (fill, good) in enumerate(zip(fills, colours(values, error), strict=True)) if fill not in good]
    assert wrong == []


def edit(page: Page, value: float) -> None:
    field = page.locator(FIELD).last
    field.fill(f"{value:.2f}")
    field.press("Enter")
    wait_for_copies(page, f"{value:.2f}".replace("-", "−"))
    harness.settle(page)
    leave_fields(page)


class TestFold:
    def test_the_key_the_button_and_the_slider_fold_and_unfold_and_tell_nobody(self, look: Look) -> None:
        seen = look(address())
        page = seen.page
        leave_fields(page)
        sent = len(seen.asked)
        wait_until_unfolded(page, 1)
        for u in (0, 1):
            page.keyboard.press("f")
            wait_until_unfolded(page, u)
        for u in (0, 1):
            control(page, "fold", "chain" if u else "loop").click()
            wait_until_unfolded(page, u)
        box = marks(page, "foldTrack").bounding_box()
        assert box
        left, right, y = box["x"] + 10, box["x"] + box["width"] - 10, box["y"] + box["height"] / 2
        page.mouse.move(right, y)
        page.mouse.down()
        for place in (0.5, 0.0, 0.25, 0.75):
            page.mouse.move(left + place * (right - left), y, steps=4)
            wait_until_unfolded(page, place)
        page.mouse.up()
        assert seen.asked[sent:] == []

    def test_on_its_way_it_can_turn_back(self, look: Look) -> None:
        seen = look(address())
        leave_fields(seen.page)
        sent = len(seen.asked)
        places = seen.page.evaluate(THERE_AND_BACK)
        turn = places.index(min(places))
        assert 0 < places[turn] < 1
        assert places[:turn] == sorted(places[:turn], reverse=True)
        assert places[turn:] == sorted(places[turn:])
        assert seen.asked[sent:] == []

    def test_the_loop_shows_the_present_step_also_beside_the_chain(self, look: Look) -> None:
        seen = look(address())
        page = seen.page
        leave_fields(page)
        sent = len(seen.asked)
        tokens = computed()[0].tokens
        page.keyboard.press("f")
        wait_until_unfolded(page, 0)
        for t in (2, 3):
            page.keyboard.press("ArrowRight")
            wait_for_step(page, t, STEPS)
            found = page.evaluate(VISIBLE)
            assert f"t = {t}" in found
            assert page.evaluate(SHOWN_TOKENS, palette.SYMBOLS["x"].light) == [tokens[t - 1]]
        page.keyboard.press(" ")
        wait_for_step(page, STEPS, STEPS)
        assert f"t = {STEPS}" in page.evaluate(VISIBLE)
        control(page, "fold", "both").click()
        wait_until_unfolded(page, 1)
        found = page.evaluate(VISIBLE)
        assert SAID["stage.delay"] in found
        assert f"t = {STEPS}" in found
        assert marks(page, "box").count() == STEPS
        assert seen.asked[sent:] == []

    def test_a_letter_typed_in_a_field_does_not_fold(self, look: Look) -> None:
        page = look(address()).page
        page.locator("[data-testid=stTextInput] input").first.press("f")
        assert page.locator("[data-testid=stTextInput] input").first.input_value() == "f" + TEXT
        assert page.evaluate(UNFOLDED) == 1


def test_hovering_one_copy_lights_all_of_them(look: Look) -> None:
    seen = look(address())
    page = seen.page
    sent = len(seen.asked)
    for name in NAMES:
        page.locator(f"g.{name}_marks text").nth(2).hover()
        lit = f"bold{palette.NOW.light}"
        page.wait_for_function(f"([name, lit]) => ({LOOKS})(name).includes(lit)", arg=[name, lit], timeout=WAIT)
        for other in NAMES:
            assert set(page.evaluate(LOOKS, other)) == {lit if other == name else f"normal{palette.SOFT.light}"}
        assert len(page.evaluate(LOOKS, name)) == STEPS
    assert seen.asked[sent:] == []


class TestEdit:
    ENTRY = ("W_hh", 5, 18, 1.5)  # the one that is offered

    def test_every_copy_and_every_later_state_change_and_reset_restores(self, look: Look) -> None:
        seen = look(address())
        page = seen.page
        stage = page.locator("svg.marks").first.element_handle()
        name, row, column, value = self.ENTRY
        before, readout = computed()
        after, edited = computed(self.ENTRY)
        assert np.array_equal(before["h"][0, 0], after["h"][0, 0]), "before step 1 the state is zero"
        trained = float(before.weights[0][name][row - 1, column - 1])
        wait_for_copies(page, f"{trained:.2f}".replace("-", "−"))
        page.evaluate(WATCH_COPIES)
        edit(page, value)
        assert set(page.evaluate("window.different")) == {1}, "in no frame did two copies differ"
        query = parse_qs(urlsplit(page.url).query)
        assert [query[part] for part in ("weight", "row", "column", "value")] == [["W_hh"], ["5"], ["18"], ["1.5"]]
        painted(page, "heat", after["h"][0], 6e-4)
        painted(page, "difference", after["h"][0] - before["h"][0], 1.1e-3)
        assert len(set(page.evaluate(FILLS, "difference")[: before.hidden_size])) == 1
        sent = len(seen.asked)
        for t in range(1, STEPS + 1):
            wait_for_step(page, t, STEPS)
            shows_the_trace(page, after, edited, t)
            page.keyboard.press("ArrowRight")
        assert seen.asked[sent:] == []

        page.get_by_role("button", name=SAID["rolled.reset"].format(value=trained)).click()
        wait_for_copies(page, f"{trained:.2f}".replace("-", "−"))
        harness.settle(page)
        assert "value" not in parse_qs(urlsplit(page.url).query)
        expect(marks(page, "difference")).to_have_count(0, timeout=WAIT)
        painted(page, "heat", before["h"][0], 6e-4)
        leave_fields(page)
        page.keyboard.press("End")
        wait_for_step(page, STEPS, STEPS)
        shows_the_trace(page, before, readout, STEPS)
        assert stage.evaluate("svg => svg.isConnected"), "the picture was never built again"

    def test_its_url_opens_the_same_picture_elsewhere(self, look: Look) -> None:
        page = look(address()).page
        edit(page, -1.5)
        parts = urlsplit(page.url)
        other = look(f"{parts.path}?{parts.query}").page
        wait_for_copies(other, "−1.50")
        # In any order: what came and went stands last. But for how often the page has sent its stage elsewhere.
        drawn = [sorted(re.sub(r"^go=\d+", "", said) for said in texts(one)) for one in (other, page)]
        assert drawn[0] == drawn[1]
        assert other.evaluate(FILLS, "difference") == page.evaluate(FILLS, "difference")
        assert other.evaluate(CELLS, [STEPS, computed()[0].hidden_size]) == page.evaluate(
            CELLS, [STEPS, computed()[0].hidden_size]
        )


def test_the_gradients_path_and_its_terms_are_those_computed_here(look: Look) -> None:
    page = look(address(part="gradient", loss=4, weight="W_hh", row=14, column=23)).page
    model = zoo.load("words-en", "rnn")
    reading = model.read(TEXT)
    target = reading.targets[3]
    assert target is not None
    terms = weight_terms(model.rnn, reading.x, model.head, target, 4, parameter="W_hh")
    wait_for_text(page, SAID["stage.path"])
    lines = page.evaluate(
        "now => [...document.querySelectorAll('svg.marks g.mark-rule')].map(g => [...g.children])"
        ".filter(all => all.length > 1 && all.every(e => e.getAttribute('stroke') === now)).map(all => all.length)",
        palette.NOW.light,
    )
    assert lines == [int((np.abs(terms.state_gradient).max(axis=1) > 0).sum())]
    bars = page.locator("path[aria-roledescription=bar]")
    expect(bars).to_have_count(5, timeout=WAIT)
    said = [re.search(r": ([^:;]+)$", bar.get_attribute("aria-label") or "") for bar in bars.all()]
    found = [number(match[1].replace("-", "−")) for match in said if match]
    expected = [*terms.terms[:4, 13, 22], terms.total[13, 22]]
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-12)


def test_a_token_more_and_a_token_less(look: Look) -> None:
    page = look(address(part="length")).page
    stage = page.locator("svg.marks").first.element_handle()
    for name, steps in [("add", STEPS + 1), ("add", STEPS + 2), ("remove", STEPS + 1), ("remove", STEPS)]:
        page.get_by_role("button", name=SAID[f"rolled.{name}"]).click()
        wait_for_step(page, 1, steps)
        harness.settle(page)
        assert marks(page, "column").count() == steps
    assert page.locator("[data-testid=stTextInput] input").first.input_value() == "The cat chased the dog."
    assert stage.evaluate("svg => svg.isConnected")


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_on_a_phone_a_finger_folds(locale: str, look: Look) -> None:
    page = look("/rolled-unrolled", size="phone", locale=locale).page
    for u in (1, 0):
        control(page, "fold", "chain" if u else "loop").tap()
        wait_until_unfolded(page, u)
    assert harness.sideways(page) == 0
