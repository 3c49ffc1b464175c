"""The stage on a page: it is stepped, played and looked into in the browser, and what it shows is the trace."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import rnnviz
from rnnviz import zoo
from rnnviz.charts.kit import palette
from rnnviz.charts.kit.tables import DECIMALS
from rnnviz.charts.stage.bundle import changing
from rnnviz.core.trace import Readout, Trace
from rnnviz.words import catalogue
from rnnviz.words.numbers import percent
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, caption, control, leave_fields, link

TEXT = "I am a boy . you are not a girl ."
STEPS = 11
HAS_TEXT = """([selector, text]) => [...document.querySelectorAll(selector)].some(e => e.textContent === text)"""
# The numbers beside the bars of a sum, from the top: the last column of so many.
PRODUCTS = r"""many => {
  const columns = {};
  for (const text of document.querySelectorAll('svg.marks text')) {
    if (!/^−?\d+\.\d{3}$/.test(text.textContent)) continue;
    const [x, y] = text.getAttribute('transform').match(/-?[\d.]+/g).map(Number);
    (columns[Math.round(x)] ??= []).push([y, Number(text.textContent.replace('−', '-'))]);
  }
  const found = Object.entries(columns).filter(([x, column]) => column.length === many).sort((a, b) => a[0] - b[0]);
  return found.length ? found.at(-1)[1].sort((a, b) => a[0] - b[0]).map(([y, number]) => number) : [];
}"""
PAUSED = "() => document.querySelector('[data-name=play]').getAttribute('aria-pressed') === 'false'"


def address(cell: str, *, model: str = "words-en", text: str = TEXT, lang: str = "en", **more: str | int) -> str:
    """Without guesses, unless they are asked for."""
    values = {"lang": lang, "model": model, "cell": cell, "text": text, "guess": "off", **more}
    return link("/step-through", **values)


def recorded(cell: str, *, model: str = "words-en", text: str = TEXT) -> tuple[Trace, Readout]:
    """What the page must show, computed here."""
    chosen = zoo.load(model, cell)
    reading = chosen.read(text)
    trace = rnnviz.record(chosen.rnn, reading.x, tokens=[token.text for token in reading.tokens])
    return trace, rnnviz.read_out(trace, chosen.head)


def marks(page: Page, name: str) -> Locator:
    return page.locator(f"g.{name}_marks path")


def texts(page: Page) -> list[str]:
    """Every text of the stage; one of several lines has them separated by `|`."""
    return page.evaluate("""() => [...document.querySelectorAll('svg.marks text')].map(
        e => e.children.length ? [...e.children].map(line => line.textContent).join('|') : e.textContent)""")


def wait_for_text(page: Page, text: str, selector: str = "svg.marks text") -> None:
    page.wait_for_function(HAS_TEXT, arg=[selector, text], timeout=WAIT)


def wait_for_step(page: Page, t: int, steps: int = STEPS) -> None:
    wait_for_text(page, f"t = {t} / {steps}", harness.CAPTIONS)


def operation(page: Page) -> str:
    return page.locator(".rnnviz-operation").text_content() or ""


def columns(page: Page) -> list[np.ndarray]:
    many = (text.replace("−", "-").split("|") for text in texts(page) if "|" in text)
    return [np.array(lines, float) for lines in many if all(re.fullmatch(r"-?[\d.]+", line) for line in lines)]


@pytest.fixture(scope="module")
def shared(server: harness.Server, browser: Browser) -> Iterator[harness.Visit]:
    """One page for all tests that only step. It has no fault at the end of them."""
    with harness.visit(browser, server.url(address("lstm", hide="question"))) as seen:
        yield seen
        assert seen.faults() == []


@pytest.fixture
def seen(shared: harness.Visit) -> harness.Visit:
    """The shared page at its first token, by token, at the chain, paused, no field in focus."""
    page = shared.page
    leave_fields(page)
    page.keyboard.press("Home")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    control(page, "fine", "0").click()
    wait_for_step(page, 1)
    wait_for_text(page, catalogue("en")["stage.hint_chain"])
    page.wait_for_function(PAUSED, timeout=WAIT)
    return shared


@pytest.fixture
def page(seen: harness.Visit) -> Page:
    return seen.page


def test_the_arrow_keys_step_and_home_and_end_jump(page: Page) -> None:
    for key, t in [("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", STEPS), ("Home", 1)]:
        page.keyboard.press(key)
        wait_for_step(page, t)


def test_stepping_stops_at_both_ends(page: Page) -> None:
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 2)
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    wait_for_step(page, STEPS - 1)


def test_the_buttons_do_what_the_keys_do(page: Page) -> None:
    for name, t in [("next", 2), ("next", 3), ("back", 2), ("last", STEPS), ("first", 1)]:
        control(page, name).click()
        wait_for_step(page, t)


def test_a_key_goes_where_the_last_key_went_after_a_click_went_elsewhere(page: Page) -> None:
    page.keyboard.press("Home")
    marks(page, "column").nth(4).click()
    wait_for_step(page, 5)
    page.keyboard.press("Home")
    wait_for_step(page, 1)


@pytest.mark.parametrize("t", [5, STEPS])
def test_a_click_on_a_token_goes_there_also_into_the_future(t: int, page: Page) -> None:
    marks(page, "column").nth(t - 1).click()
    wait_for_step(page, t)


def test_the_slider_follows_the_pointer_until_it_is_let_go(page: Page) -> None:
    box = control(page, "t").bounding_box()
    assert box
    left, right, y = box["x"] + 8, box["x"] + box["width"] - 8, box["y"] + box["height"] / 2
    page.mouse.move(left, y)
    page.mouse.down()
    for part, t in [(1.0, STEPS), (0.5, 6), (0.0, 1), (0.3, 4)]:
        page.mouse.move(left + part * (right - left), y + 40 * part, steps=4)  # a hand does not keep to the line
        wait_for_step(page, t)
    page.mouse.up()
    page.mouse.move(right, y)
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 5)


def test_space_plays_to_the_end_and_stops_there(page: Page) -> None:
    marks(page, "column").nth(STEPS - 3).click()
    wait_for_step(page, STEPS - 2)
    page.keyboard.press(" ")
    wait_for_step(page, STEPS)
    page.wait_for_function(PAUSED, timeout=WAIT)
    assert caption(page) == (STEPS, STEPS)


def test_play_at_the_end_begins_again_and_space_pauses(page: Page) -> None:
    page.keyboard.press("End")
    wait_for_step(page, STEPS)
    page.keyboard.press(" ")
    wait_for_step(page, 1)
    wait_for_step(page, 2)
    page.keyboard.press(" ")
    page.wait_for_function(PAUSED, timeout=WAIT)
    t, _ = caption(page)
    page.keyboard.press("ArrowRight")
    wait_for_step(page, t + 1)


def test_a_step_by_hand_ends_playing(page: Page) -> None:
    control(page, "play").click()
    page.wait_for_function(f"!({PAUSED})()", timeout=WAIT)
    page.keyboard.press("End")
    page.wait_for_function(PAUSED, timeout=WAIT)


def test_by_operation_every_operation_of_a_step_comes_before_the_next_token(page: Page) -> None:
    """In the order of the cell's declaration, by its own name and symbol; last the head's scores and softmax."""
    control(page, "fine", "1").click()
    trace, readout = recorded("lstm")
    words = zoo.load("words-en", "lstm").vocabulary.words
    ops = rnnviz.stage(trace, readout, words=words).to_dict()["datasets"]["ops"][1:]
    assert len(ops) == len(rnnviz.CELLS["lstm"].ops) + 2
    for number, op in enumerate(ops):
        if number:
            page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "op => { const e = document.querySelector('.rnnviz-operation').textContent;"
            " return e.startsWith(op[0]) && e.endsWith(op[1]); }",
            arg=[op["name"], op["symbol"]],
            timeout=WAIT,
        )
        assert caption(page) == (1, STEPS)
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 2)
    assert operation(page).startswith(ops[0]["name"])
    page.keyboard.press("ArrowLeft")
    wait_for_step(page, 1)
    assert operation(page).startswith(ops[-1]["name"])


def test_enter_goes_deeper_and_escape_comes_back(page: Page) -> None:
    depths = ["column", "node", "line"]
    for key, depth in [("Enter", 1), ("Enter", 2), ("Enter", 2), ("Escape", 1), ("Escape", 0), ("Escape", 0)]:
        page.keyboard.press(key)
        for number, name in enumerate(depths):
            expect(marks(page, name)).to_have_count(0, timeout=WAIT) if number != depth else expect(
                marks(page, name).first
            ).to_be_attached(timeout=WAIT)


def test_clicks_go_from_the_chain_to_a_cell_to_a_unit_and_back(page: Page) -> None:
    marks(page, "box").nth(2).click()
    wait_for_step(page, 3)
    expect(control(page, "depth", "1")).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    expect(control(page, "depth", "1")).to_have_text("LSTM")
    node = marks(page, "node").last
    node.click(timeout=WAIT)
    wait_for_text(page, catalogue("en")["stage.hint_cell"].format(unit=1))
    control(page, "depth", "2").click()
    wait_for_text(page, catalogue("en")["stage.hint_unit"])
    control(page, "depth", "0").click()
    wait_for_text(page, catalogue("en")["stage.hint_chain"])
    assert caption(page) == (3, STEPS)


def test_one_press_says_why_a_word_is_expected_and_another_why_a_second_one(page: Page) -> None:
    """The products that are drawn add up to the word's score, in whichever of the two ways one comes there."""
    _, readout = recorded("lstm")
    order = np.argsort(-readout.y[0], kind="stable")

    def shows(place: int) -> None:
        expect(control(page, "candidate")).to_have_value(str(place + 1), timeout=WAIT)
        score = f"{readout.logits[0, order[place]]:.3f}".replace("-", "−")
        lines = page.locator("svg.marks text").filter(has_text=f"ℓ = {score}")
        expect(lines).to_have_count(1, timeout=WAIT)
        products = page.evaluate(PRODUCTS, readout.W_hy.shape[1] + 1)
        assert products
        assert sum(products) == pytest.approx(float(readout.logits[0, order[place]]), abs=0.03)
        assert products == sorted(products, reverse=True)

    marks(page, "why").first.click()
    shows(0)
    marks(page, "score").nth(1).click()
    shows(1)
    page.wait_for_function("() => new URLSearchParams(location.search).get('candidate') === '2'", timeout=WAIT)
    page.keyboard.press("Escape")
    box = page.locator("svg.marks text").filter(has_text=re.compile("^W_hy")).first.bounding_box()
    assert box
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*at)
    expect(page.locator(".rnnviz-operation")).to_contain_text("ℓₜ", timeout=WAIT)
    page.wait_for_function("() => new URLSearchParams(location.search).get('depth') === '1'", timeout=WAIT)
    page.mouse.click(*at)  # the scores, which are the present operation now
    shows(1)
    # By token nothing of the step is hidden: what softmax makes of the scores is told with them.
    expect(page.locator("svg.marks text").filter(has_text="e^")).not_to_have_count(0, timeout=WAIT)
    control(page, "candidate").fill("1")
    shows(0)


def test_a_click_in_the_heatmap_chooses_the_step_and_the_unit_and_a_second_one_opens_it(page: Page) -> None:
    trace, _ = recorded("lstm")
    t, unit = 4, 7
    page.keyboard.press("End")  # what is still to come is covered
    wait_for_step(page, STEPS)
    heat = marks(page, "heat").bounding_box()
    assert heat
    across, down = (t - 0.5) / STEPS, (unit - 0.5) / trace.hidden_size
    cell = {"x": heat["width"] * across, "y": heat["height"] * down}
    marks(page, "heat").hover(position=cell)
    page.mouse.move(heat["x"] + cell["x"] + 1, heat["y"] + cell["y"])  # a tip follows the pointer
    value = f"{trace['h'][0, t - 1, unit - 1]:.3f}"
    expect(page.locator("#vg-tooltip-element")).to_contain_text(f"h[{unit}]", timeout=WAIT)
    expect(page.locator("#vg-tooltip-element")).to_contain_text(value, timeout=WAIT)
    marks(page, "heat").click(position=cell)
    wait_for_step(page, t)
    expect(control(page, "picked")).to_have_value(str(unit), timeout=WAIT)
    marks(page, "heat").click(position=cell)
    wait_for_text(page, catalogue("en")["stage.hint_unit"])
    total = trace["h"][0, t - 1, unit - 1]
    results = [float(text.replace("−", "-")) for text in texts(page) if re.fullmatch(r"−?\d\.\d{3}", text)]
    assert results[-1] == pytest.approx(total, abs=0.006)


def test_what_is_to_come_is_an_empty_place_and_a_click_on_it_goes_there(page: Page) -> None:
    expect(marks(page, "heatPlace")).to_have_count(STEPS - 1, timeout=WAIT)
    # In the picture they stand as they came, and not always from left to right.
    sorted(marks(page, "heatPlace").all(), key=lambda place: (place.bounding_box() or {})["x"])[3].click()
    wait_for_step(page, 5)
    expect(marks(page, "heatPlace")).to_have_count(STEPS - 5, timeout=WAIT)
    expect(marks(page, "blockPlace")).to_have_count(3 * (STEPS - 5), timeout=WAIT)


def test_everything_is_shown_when_asked_for_and_no_longer_when_asked_again(page: Page) -> None:
    for press in (lambda: page.keyboard.press("a"), lambda: control(page, "every").click()):
        for count in (0, STEPS - 1):
            press()
            expect(marks(page, "heatPlace")).to_have_count(count, timeout=WAIT)
            expect(marks(page, "blockPlace")).to_have_count(3 * count, timeout=WAIT)


def test_by_operation_what_is_read_travels_and_the_next_key_does_not_wait(look: Look) -> None:
    """The cell's own operations come one after the other; the last of them shows the state, and softmax the word."""
    page = look(address("lstm")).page
    leave_fields(page)
    ops = len(rnnviz.CELLS["lstm"].ops)
    control(page, "fine", "1").click()
    expect(marks(page, "travelling")).to_have_count(0, timeout=WAIT)
    expect(marks(page, "heatPlace")).to_have_count(STEPS, timeout=WAIT)
    page.evaluate("""() => { window.seen = 0; const frame = () => {
        window.seen = Math.max(window.seen, document.querySelectorAll('g.travelling_marks path').length);
        requestAnimationFrame(frame); }; frame(); }""")
    for _ in range(ops - 1):
        page.keyboard.press("ArrowRight")
    expect(marks(page, "heatPlace")).to_have_count(STEPS - 1, timeout=WAIT)
    expect(marks(page, "blockPlace")).to_have_count(3 * (STEPS - 1) + 1, timeout=WAIT)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".rnnviz-operation")).to_contain_text("ℓₜ", timeout=WAIT)
    expect(marks(page, "blockPlace")).to_have_count(3 * (STEPS - 1) + 1, timeout=WAIT)
    page.keyboard.press("ArrowRight")
    expect(marks(page, "blockPlace")).to_have_count(3 * (STEPS - 1), timeout=WAIT)
    expect(marks(page, "travelling")).to_have_count(0, timeout=WAIT)
    assert page.evaluate("window.seen") >= 1


def test_who_asks_for_less_motion_sees_none(look: Look) -> None:
    page = look(address("rnn")).page
    page.emulate_media(reduced_motion="reduce")
    leave_fields(page)
    page.evaluate("""() => { window.displays = []; const frame = () => {
        const moving = [...document.querySelectorAll('g')].filter(
            g => /travel/.test(g.getAttribute('class')) && g.children.length);
        window.displays.push(...moving.map(g => getComputedStyle(g).display));
        requestAnimationFrame(frame); }; frame(); }""")
    control(page, "fine", "1").click()
    page.wait_for_function("window.displays.length > 0", timeout=WAIT)
    assert set(page.evaluate("window.displays")) == {"none"}


def test_keys_in_a_field_do_not_step_nor_play(page: Page) -> None:
    field = page.locator("[data-testid=stTextInput] input").first
    field.click()
    for key in ("End", " ", "Backspace", "ArrowLeft", "ArrowRight", "Home", "ArrowRight"):
        page.keyboard.press(key)
    assert field.input_value() == TEXT
    assert caption(page) == (1, STEPS)
    assert page.evaluate(PAUSED)
    leave_fields(page)
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 2)


def test_no_key_of_the_stage_scrolls_the_page_however_fast_they_come(page: Page) -> None:
    """Vega answers a key when what came before is drawn, which is too late to keep the page where it is."""
    assert harness.kept_keys(page, (" ", "End", "Home", "ArrowUp", "PageDown")) == [" ", "End", "Home"]
    page.keyboard.press("Home")
    wait_for_step(page, 1)
    control(page, "first").focus()  # Space presses the button that has the focus, and the stage has the other keys
    assert page.evaluate(
        """() => [' ', 'Home'].map(key => document.activeElement.dispatchEvent(
             new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true})))"""
    ) == [True, False]


def test_space_presses_a_focused_button_and_does_not_play(page: Page) -> None:
    page.locator("[data-testid=stPopover] button").first.focus()
    page.keyboard.press(" ")
    expect(page.locator("[data-testid=stPopoverBody]")).to_be_visible(timeout=WAIT)
    assert page.evaluate(PAUSED)
    assert caption(page) == (1, STEPS)
    harness.settle(page)  # the popover draws what is in it when it opens
    page.keyboard.press("Escape")
    expect(page.locator("[data-testid=stPopoverBody]")).to_be_hidden(timeout=WAIT)


def test_looking_sends_nothing_to_the_server(seen: harness.Visit) -> None:
    page = seen.page
    harness.settle(page)
    before = len(seen.asked)
    for key in ("ArrowRight", "ArrowRight", "Enter", "Enter", "ArrowRight", "Escape", "Escape", "End"):
        page.keyboard.press(key)
    wait_for_step(page, STEPS)  # every key has arrived: none of them moves the slider while it is dragged
    page.keyboard.press("Home")
    wait_for_step(page, 1)
    box = control(page, "t").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10, steps=6)  # places still to come remain
    wait_for_step(page, 6)
    page.mouse.up()
    for name, number in [("heatPlace", 3), ("box", 1), ("element", 5), ("column", 3)]:
        marks(page, name).nth(number).hover()
    control(page, "fine", "1").click()
    control(page, "fine", "0").click()
    page.keyboard.press("Home")
    wait_for_step(page, 1)
    page.keyboard.press(" ")  # and for as long as this takes nothing may come late
    wait_for_step(page, 3)
    page.keyboard.press(" ")
    assert seen.asked[before:] == []


def shows_the_trace(page: Page, trace: Trace, readout: Readout, t: int) -> None:
    """The columns of numbers, of the units that change most, the chosen one always among them; and the prediction."""
    names = ["xh", "b_xh", "hh", "b_hh", "a", "h"] if trace.cell.name == "rnn" else trace.quantities
    few = changing(trace["h"][0])
    chosen = int(control(page, "picked").input_value()) - 1
    units = few if chosen in few else [chosen, *changing(trace["h"][0], len(few) - 1)]
    for _ in range(100):  # a slow machine may have drawn the caption and not yet the panel
        drawn = columns(page)
        if len(drawn) == len(names):
            break
        page.wait_for_timeout(50)
    assert len(drawn) == len(names)
    for name, column in zip(names, drawn, strict=True):
        value = trace.operand(name, 0)
        expected = value[t - 1] if value.ndim == 2 else value
        np.testing.assert_allclose(column, expected[units], atol=0.51 * 10**-DECIMALS + 1e-6, err_msg=f"{name} at {t}")
    percents = [found for text in texts(page) if (found := re.match(r"([<>]?)(\d+\.\d)%", text))][:5]
    best = 100 * np.sort(readout.y[t - 1])[::-1][:5]
    for found, value in zip(percents, best, strict=True):
        sign, percent = found[1], float(found[2])
        assert value < percent if sign == "<" else value > percent if sign == ">" else abs(value - percent) < 0.051


def test_the_numbers_of_every_step_are_the_traces(page: Page) -> None:
    trace, readout = recorded("lstm")
    for t in range(1, STEPS + 1):
        wait_for_step(page, t)
        shows_the_trace(page, trace, readout, t)
        page.keyboard.press("ArrowRight")


def test_another_cell_and_another_text_are_shown_by_the_same_picture(look: Look) -> None:
    """The SVG stays: nothing is embedded again, so nothing flickers. Its numbers are the new network's."""
    page = look(address("lstm")).page
    page.locator("svg.marks").evaluate("svg => (svg.dataset.mine = 'yes')")
    page.get_by_role("radio", name="RNN").or_(page.get_by_role("button", name="RNN", exact=True)).first.click()
    expect(control(page, "depth", "1")).to_have_text("RNN", timeout=WAIT)
    wait_for_step(page, 1)
    shows_the_trace(page, *recorded("rnn"), 1)
    field = page.locator("[data-testid=stTextInput] input").first
    field.fill("you are a girl .")
    field.press("Enter")
    wait_for_step(page, 1, 5)
    leave_fields(page)
    page.keyboard.press("End")
    wait_for_step(page, 5, 5)
    trace, readout = recorded("rnn", text="you are a girl .")
    shows_the_trace(page, trace, readout, 5)
    assert page.evaluate("[...document.querySelectorAll('svg.marks')].map(e => e.dataset.mine)") == ["yes"]


def test_a_guess_hides_the_prediction_is_taken_once_and_is_scored(look: Look) -> None:
    page = look(link("/step-through", lang="en", model="words-en", cell="lstm", text=TEXT)).page
    leave_fields(page)
    said = catalogue("en")
    asked = f"{said['stage.quiz_ask']} {said['stage.quiz_press']}"
    _, readout = recorded("lstm")
    best = percent(readout.y[0].max(), 1)
    wait_for_text(page, asked)  # from the start
    assert not any(text.startswith(best) or said["stage.right"] in text.split() for text in texts(page))
    marks(page, "guess").nth(0).click()  # candidates are by rank, wherever they stand
    wait_for_text(page, f"{said['stage.quiz_score']} 1 / 1")
    assert any(text.startswith(best) and said["stage.guess"] in text for text in texts(page))
    page.keyboard.press("ArrowRight")
    wait_for_text(page, asked)
    marks(page, "guess").nth(3).click()
    wait_for_text(page, f"{said['stage.quiz_score']} 1 / 2")
    page.keyboard.press("ArrowLeft")
    wait_for_step(page, 1)
    assert any(text.startswith(best) and said["stage.guess"] in text for text in texts(page)), "a guess is kept"


@pytest.mark.parametrize(("lang", "model", "theme"), [("en", "words-en", "light"), ("ko", "everyday-ko", "dark")])
def test_on_a_phone_the_window_follows_the_step_and_a_finger_steps(
    lang: str, model: str, theme: str, look: Look
) -> None:
    text = TEXT if lang == "en" else "저는 소년이 아닙니다."
    page = look(address("gru", lang=lang, model=model, text=text), size="phone", locale=lang, theme=theme).page
    trace, readout = recorded("gru", model=model, text=text)
    steps = len(trace)
    shown, more = marks(page, "column").count(), catalogue(lang)["stage.more_columns"]
    assert shown < steps
    wait_for_text(page, f"{more.format(count=steps - shown)} ›")
    marks(page, "columnsAfter").tap(force=True)  # to look: the step stays, and what is to come is still empty
    wait_for_text(page, f"‹ {more.format(count=shown - (steps > 2 * shown - 1))}")
    wait_for_step(page, 1, steps)
    assert page.locator("g.label_marks text").count() == 0
    control(page, "next").tap()
    wait_for_step(page, 2, steps)
    shows_the_trace(page, trace, readout, 2)
    if lang == "ko":  # of a syllable the word, as far as it is read
        assert "저는" in texts(page)
        expect(page.locator(".rnnviz-live")).to_have_text(re.compile(", 저는의 는$"))
        assert not any("소년" in text for text in texts(page))
    control(page, "last").tap()
    wait_for_step(page, steps, steps)
    assert ("아닙니다." in texts(page)) == (lang == "ko")
    assert str(steps) in texts(page)
    assert trace.tokens[-1] in texts(page)
    shows_the_trace(page, trace, readout, steps)
    assert catalogue(lang)["stage.whole_step"] in operation(page)
    here = page.locator(".rnnviz-player").evaluate("e => e.style.getPropertyValue('--rnnviz-now')")
    assert here == palette.NOW[theme == "dark"]
    assert harness.sideways(page) == 0
    box = page.locator("svg.marks").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_the_alternative_text_names_the_keys(page: Page) -> None:
    alt = catalogue("en")["stage.alt"].format(count=STEPS)
    expect(page.locator(f'[aria-label="{alt}"], [alt="{alt}"]').first).to_be_attached()


# The columns of numbers and of signs: the left of each, and of each line what it says and its middle, in px.
COLUMNS = """() => [...document.querySelectorAll('svg.marks text')].filter(text => text.children.length > 4).map(text =>
  [text.getBoundingClientRect().left, [...text.children].map(line => {
    const box = line.getBoundingClientRect();
    return [line.textContent, (box.top + box.bottom)/2] })])"""


def test_a_sign_stands_beside_each_number_that_its_scale_does_not_reach(look: Look) -> None:
    page = look(address("rnn", t=4, text="I am a boy . you are not a girl .")).page
    expect(page.locator("svg.marks text").filter(has_text=re.compile("[‹›«»]")).first).to_be_attached(timeout=WAIT)
    found = page.evaluate(COLUMNS)
    numbers = {left: lines for left, lines in found if re.fullmatch(r"[−-]?\d+\.\d+", lines[0][0])}
    signs = [(left, lines) for left, lines in found if set("".join(text for text, _ in lines)) & set("‹›«»")]
    assert signs
    for left, lines in signs:
        column = numbers[max(other for other in numbers if other < left)]
        at = {text_y: sign for sign, text_y in lines if sign in {*"‹›«»"}}
        for text, y in column:
            value = float(text.replace("−", "-"))
            nearest = min(at, key=lambda other: abs(other - y))
            sign = at[nearest] if abs(nearest - y) < 4 else ""
            if min(abs(abs(value) - 1), abs(abs(value) - 2)) > 10**-DECIMALS:  # else its last digit decides
                assert sign == ("" if abs(value) < 1 else ("‹›" if abs(value) < 2 else "«»")[value > 0]), (text, sign)
