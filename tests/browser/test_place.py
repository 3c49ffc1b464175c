"""Everything on a page is of one step: where the stage is, the address, the shared link, the question, the lines of
PyTorch and the saved file. Stepping tells nobody; at rest the page learns the place in one message."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from rnnviz import zoo
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.lessons.step.decided import decided_step
from rnnviz.ui.host.internals import OPENED
from rnnviz.ui.place.bridge import REST
from rnnviz.words import catalogue
from rnnviz.zoo.catalogue import shipped
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, caption, control, leave_fields, link

SAID = catalogue("en")
EXAMPLE = zoo.catalogue()["words-en"].examples[3]  # which Watch the gates opens with
WALKS = 20
KEYS = ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Home", "End", "Enter", "Escape")
CLICKS = (("next", ""), ("back", ""), ("last", ""), ("first", ""), ("fine", "1"), ("fine", "0"), ("depth", "1"))
PRESS = """presses => presses.forEach(([name, value]) => name === 'key'
  ? document.body.dispatchEvent(new KeyboardEvent('keydown', {key: value, bubbles: true}))
  : document.querySelector(value ? `[data-set=${name}][data-value='${value}']` : `[data-name=${name}]`).click())"""
LESSONS = {
    "step": ("/step-through", {"text": "the cat chased the dog so the dog ran away .", "cell": "lstm"}),
    "rolled": ("/rolled-unrolled", {"text": "the cat chased the dog .", "cell": "rnn"}),
    "gates": ("/watch-the-gates", {"text": "the film was not good , so everyone left .", "part": "step"}),
}
# What the stage says of where it is, as numbers and words by name.
PLACE = f"""() => Object.fromEntries(document.querySelector('g.whereabouts_marks text').textContent.split('{SEPARATOR}')
  .map(part => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]))"""
# Whether the address is of that place; a value that is not in it is what the page opened with.
AGREES = f"""opened => {{
  const place = ({PLACE})(), asked = new URLSearchParams(location.search);
  return Object.keys(opened).every(name => (asked.get(name) ?? opened[name]) === place[name]);
}}"""


def place(page: Page) -> dict[str, str]:
    return dict(page.evaluate(PLACE))


def known(of: dict[str, str]) -> dict[str, str]:
    return {name: of[name] for name in ("t", "op", "fine", "depth", "picked")}


def walk(page: Page, chance: random.Random) -> None:
    """A few presses at random, of keys and of controls, at once: the stage does not rest between them."""
    presses = [("key", chance.choice(KEYS)) if chance.random() < 0.6 else chance.choice(CLICKS) for _ in range(6)]
    page.evaluate(PRESS, presses[: chance.randint(2, 6)])


@pytest.mark.parametrize("lesson", LESSONS)
def test_after_a_walk_everything_is_of_one_step_and_one_message_was_sent(lesson: str, look: Look) -> None:
    address, values = LESSONS[lesson]
    seen = look(link(address, lang="en", model="words-en", details="pytorch", **values))
    page, chance = seen.page, random.Random(lesson)
    leave_fields(page)
    opened = known(place(page))
    tokens = shipped("words-en")[0].tokenize(values["text"])
    harness.settle(page)
    for number in range(WALKS):
        before, sent = known(place(page)), len(seen.frames_sent)
        walk(page, chance)
        during = len(seen.frames_sent)
        page.wait_for_function(AGREES, arg=opened, timeout=WAIT)
        harness.settle(page)
        after = place(page)
        t = int(after["t"])
        assert during == sent, f"walk {number} told somebody on its way"
        assert len(seen.frames_sent) - sent == (known(after) != before), f"walk {number}: one message, at rest"
        assert caption(page) == (t, int(after["T"]))
        assert control(page, "t").input_value() == str(t)
        assert control(page, "picked").input_value() == after["picked"]
        assert control(page, "depth", after["depth"]).get_attribute("aria-pressed") == "true"
        told = page.locator(".rnnviz-live").text_content() or ""
        assert f"{SAID['stage.step']} {t} / {after['T']}" in told or known(after) == before
        if lesson == "step":
            text = page.locator("[data-testid=stMain]").inner_text()
            assert SAID["details.pytorch_intro"].format(t=t) in text
            q = decided_step("words-en", tokens, t - 1)
            asked = re.findall(r"\(step (\d+)\)", text)
            assert asked == ([str(q)] if q else [])
    assert shared(page, look) == known(place(page))
    (name, opened_at), at = bundle_saved(page), place(page)
    assert name.endswith(f"-t{at['t']}.html")
    assert opened_at["start"] == int(at["t"]) - 1
    assert (opened_at["answered"], opened_at["every"]) == (at["pending"] == "0", at["every"] == "1")


def shared(page: Page, look: Look) -> dict[str, str]:
    """Where the stage is for whoever follows the link that the page shares."""
    page.get_by_role("button", name=SAID["share.button"]).click()
    expect(page.get_by_test_id("stCode").filter(has_text="http").first).to_be_visible(timeout=WAIT)
    harness.settle(page)
    parts = urlsplit(page.get_by_test_id("stCode").filter(has_text="http").first.inner_text().strip())
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_be_hidden(timeout=WAIT)
    other = look(f"{parts.path}?{parts.query}").page
    other.wait_for_function("() => document.querySelector('g.whereabouts_marks text')", timeout=WAIT)
    assert {"t", "op"} <= set(parse_qs(parts.query))
    return known(place(other))


def bundle_saved(page: Page) -> tuple[str, dict[str, Any]]:
    """The name of the saved page, and the row of its stage."""
    page.get_by_role("button", name=SAID["save.button"], exact=True).click()
    with page.expect_download(timeout=WAIT) as download:
        page.get_by_role("button", name=SAID["save.html"]).click(timeout=WAIT)
    html = Path(download.value.path()).read_text("utf-8")
    found = re.search(r"const spec = (\{.*\});\n", html)
    assert found
    (bundle,) = json.loads(found[1])["datasets"]["bundle"]
    assert not bundle["placed"]
    return download.value.suggested_filename, bundle


def test_the_units_of_the_table_and_the_strip_of_the_gates_are_in_the_link_and_in_what_is_saved(look: Look) -> None:
    drawn = "() => document.querySelector('g.whereabouts_marks text')"
    page = look(link("/step-through", lang="en", model="words-en", cell="gru")).page
    page.wait_for_function(drawn, timeout=WAIT)
    assert place(page)["units"] == "few"
    page.locator("g.allUnits_marks path").first.click()
    page.wait_for_function("new URLSearchParams(location.search).get('units') === 'all'", timeout=WAIT)
    harness.settle(page)
    name, opened = bundle_saved(page)
    assert opened["all_units"]
    assert name.startswith("rnnviz-step")
    page.reload()
    page.wait_for_function(f"() => document.querySelector('g.whereabouts_marks text') && ({PLACE})().units === 'all'")

    page = look(link("/watch-the-gates", lang="en", model="words-en", cell="lstm")).page
    page.wait_for_function(drawn, timeout=WAIT)
    assert place(page)["strip"] == "h"
    page.locator("g.gateName_marks text").nth(1).click()
    page.wait_for_function("new URLSearchParams(location.search).get('strip') === 'f'", timeout=WAIT)
    harness.settle(page)
    assert bundle_saved(page)[1]["tint"] == 1
    page.reload()
    page.wait_for_function(f"() => document.querySelector('g.whereabouts_marks text') && ({PLACE})().strip === 'f'")
    page.get_by_role("radio", name="GRU").click()
    page.wait_for_function(f"() => ({PLACE})().strip === 'h'", timeout=WAIT)
    assert "strip" not in parse_qs(urlsplit(page.url).query)


def test_the_page_goes_where_a_press_below_the_stage_sends_it(look: Look) -> None:
    page = look(link("/step-through", lang="en", model="words-en", text="I am a boy .", t=2)).page
    leave_fields(page)
    page.keyboard.press("End")
    page.wait_for_function("new URLSearchParams(location.search).get('t') === '5'", timeout=WAIT)
    harness.settle(page)
    page.get_by_role("button", name=SAID["try.subject"]).click()
    page.wait_for_function(f"() => ({PLACE})().t === '1'", timeout=WAIT)


def test_a_step_taken_while_the_page_is_drawn_again_stays(look: Look) -> None:
    """A page that is drawn again for another reason does not bring the stage back to where it knew it last."""
    page = look(link("/step-through", lang="en", model="words-en", text="I am a boy . you are not a girl .")).page
    leave_fields(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("new URLSearchParams(location.search).get('t') === '2'", timeout=WAIT)
    page.get_by_role("button", name=SAID["share.button"]).click()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    harness.settle(page)
    assert place(page)["t"] == "6"


# A step and, before the stage has rested, a press of the pointer on what `find` gives; which takes so many ms.
SOON = """async ([find, key = 'ArrowRight', times = 1]) => {
  const start = performance.now();
  while (times--) document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  await frame();
  const buttons = document.querySelectorAll('[data-testid=stMain] button, header a');
  [...buttons].find(one => one.innerText === find).click();
  return performance.now() - start;
}"""


def test_a_step_taken_just_before_another_control_is_pressed_is_kept(look: Look) -> None:
    page = look(link("/watch-the-gates", lang="en", model="words-en", cell="lstm", t=2)).page
    parts = catalogue("en")
    for name, t in (("step", 3), ("hold", 4), ("maps", 5)):
        page.wait_for_function(f"at => document.querySelector('g.whereabouts_marks text') && ({PLACE})().t === at",
                               arg=str(t - 1), timeout=WAIT)  # fmt: skip
        harness.settle(page)
        leave_fields(page)
        assert page.evaluate(SOON, [parts[f"gates.part_{name}"]]) < REST
        page.wait_for_function("name => new URLSearchParams(location.search).get('part') === name", arg=name)
        harness.settle(page)
        assert place(page)["t"] == str(t)


@pytest.mark.parametrize("t", [1, 3])
def test_what_is_pressed_right_after_a_step_and_has_a_place_of_its_own_goes_there(t: int, look: Look) -> None:
    page = look(link("/step-through", lang="en", model="words-en", text="I am a boy .", t=t)).page
    leave_fields(page)
    assert page.evaluate(SOON, [SAID["try.subject"]]) < REST
    page.wait_for_url("**text=*")
    page.wait_for_function(f"() => ({PLACE})().t === '1'", timeout=WAIT)
    page.wait_for_timeout(2 * REST)
    harness.settle(page)
    assert place(page)["t"] == "1"
    assert "t=2" not in page.url


def test_a_part_that_is_opened_right_after_a_step_in_a_scene_opens_where_it_begins(look: Look) -> None:
    page = look(link("/shapes", lang="en", part="taps", asks="11111", hide="question")).page
    leave_fields(page)
    assert page.evaluate(SOON, [SAID["shapes.part_many_to_one"], "ArrowLeft", 5]) < REST
    page.wait_for_url("**part=many_to_one*")
    harness.settle(page)
    page.wait_for_timeout(2 * REST)
    assert place(page)["t"] == "1"
    assert "&t=" not in page.url


def test_a_link_that_is_pressed_right_after_a_step_leads_to_its_page(look: Look) -> None:
    page = look(link("/step-through", lang="en")).page
    leave_fields(page)
    assert page.evaluate(SOON, [SAID["rolled.title"]]) < REST
    page.wait_for_url("**/rolled-unrolled*")
    harness.settle(page)
    expect(page.get_by_role("heading", name=SAID["rolled.title"])).to_be_visible(timeout=WAIT)


def test_tab_reaches_every_control_in_order_and_each_has_a_name_and_a_state(look: Look) -> None:
    page = look("/step-through", locale="ko").page
    leave_fields(page)
    said = catalogue("ko")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => ({PLACE})().t === '2'", timeout=WAIT)
    control(page, "first").focus()
    names = []
    for _ in range(13):
        names.append(
            page.evaluate("""() => [document.activeElement.ariaLabel || document.activeElement.textContent,
          document.activeElement.getAttribute('aria-pressed') ?? document.activeElement.value]""")
        )
        page.keyboard.press("Tab")
    buttons = [said[f"stage.{name}"] for name in ("first", "back", "play", "next", "last", "step")]
    assert [name for name, _ in names[:6]] == buttons
    assert names[5][1] == "2"
    assert [state for _, state in names[6:8]] == ["true", "false"]
    assert names[8][0].startswith(said["stage.pace"])
    assert [name for name, _ in names[9:]] == [
        said["stage.chain"],
        "RNN",
        said["stage.unit"],
        said["stage.picked"],
    ]
    control(page, "next").focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => ({PLACE})().t === '3'", timeout=WAIT)
    ring = control(page, "next").evaluate("e => getComputedStyle(e).outlineStyle")
    assert ring == "solid"
    assert page.evaluate("document.activeElement.dataset.name") == "next"


def test_a_press_of_the_pointer_on_a_choice_leaves_the_keys_to_the_stage_and_one_by_key_does_not(look: Look) -> None:
    page = look(link("/step-through", lang="en")).page
    page.get_by_role("radio", name="LSTM").click()
    page.wait_for_function("location.search.includes('lstm')", timeout=WAIT)
    harness.settle(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("new URLSearchParams(location.search).get('t') === '2'", timeout=WAIT)
    harness.settle(page)
    page.get_by_role("radio", name="LSTM").focus()
    for key in ("ArrowRight", " "):
        page.keyboard.press(key)
    page.wait_for_function("location.search.includes('gru')", timeout=WAIT)
    harness.settle(page)
    expect(page.get_by_role("radio", name="GRU")).to_be_focused()
    assert place(page)["t"] == "2"


def test_a_score_waits_for_the_question_that_it_would_answer(look: Look) -> None:
    page = look(link("/step-through", lang="en", model="words-en", guess="off", t=1)).page
    waits = page.locator("g.scoreWaits_marks text")
    page.locator("g.why_marks path").first.click()
    expect(waits).to_have_text(SAID["stage.hint_score_waits"], timeout=WAIT)
    assert page.locator("g.score_marks path").count() == 0
    page.get_by_role("button", name=SAID["guess.skip"]).click()
    expect(waits).to_have_count(0, timeout=WAIT)
    assert page.locator("g.score_marks path").count() > 1


def asks(page: Page) -> bool:
    return page.locator("g.guess_marks path").count() > 0


def wait_for_guess(page: Page, state: str) -> None:
    page.wait_for_function(f"wanted => ({PLACE})().guess === wanted", arg=state, timeout=WAIT)


@pytest.mark.parametrize("soon", [True, False], ids=["before the page knows", "once it knows"])
def test_guesses_turned_off_stay_off(soon: bool, look: Look) -> None:
    """For a later text, after a reload, and for whoever follows the shared link."""
    page = look("/step-through", locale="ko").page
    wait_for_guess(page, "on")
    assert asks(page)
    control(page, "quizSwitch").click()
    wait_for_guess(page, "off")
    assert not asks(page)
    known = "new URLSearchParams(location.search).get('guess') === 'off'"
    if not soon:
        page.wait_for_function(known, timeout=WAIT)
    field = page.locator("[data-testid=stTextInput] input").first
    field.fill("저는 학생이 아닙니다 .")
    field.press("Enter")
    page.wait_for_function(f"() => ({PLACE})().T === '4'", timeout=WAIT)
    page.wait_for_function(known, timeout=WAIT)
    harness.settle(page)
    assert not asks(page)
    page.reload()
    page.wait_for_function("() => document.querySelector('g.whereabouts_marks text')", timeout=WAIT)
    wait_for_guess(page, "off")
    assert not asks(page)
    control(page, "quizSwitch").click()
    wait_for_guess(page, "on")
    page.wait_for_function("new URLSearchParams(location.search).get('guess') === 'on'", timeout=WAIT)


def test_what_is_told_below_waits_for_the_guess(look: Look) -> None:
    """The last step has none after it: its facts and its question come once it is guessed."""
    text = "the cat chased the dog so the"
    page = look(link("/step-through", lang="en", model="words-en", cell="lstm", text=text, t=7)).page
    leave_fields(page)
    q = decided_step("words-en", shipped("words-en")[0].tokenize(text), 7)
    assert q == 7
    wait_for_guess(page, "on")
    harness.settle(page)
    main = page.get_by_test_id("stMain")
    assert "(step 7)" not in main.inner_text()
    page.locator("g.guess_marks path").first.click()
    expect(main).to_contain_text("(step 7)", timeout=WAIT)
    page.keyboard.press("ArrowLeft")
    expect(main).not_to_contain_text("(step 7)", timeout=WAIT)


def test_a_link_that_leaves_questions_out_has_no_switch(look: Look) -> None:
    page = look(link("/step-through", lang="en", hide="question", guess="on")).page
    wait_for_guess(page, "off")
    assert control(page, "next").is_visible()
    assert not control(page, "quizSwitch").is_visible()
    assert not asks(page)


def test_a_page_is_left_while_something_is_open_on_it_and_keeps_what_was_chosen(look: Look) -> None:
    """Closing what was open, Streamlit told the server of it after the page had changed, and the page came back."""
    page = look(link("/step-through", lang="en", text="you are a girl .", t="3")).page
    page.get_by_role("button", name="Save").click()
    expect(page.locator(OPENED)).to_be_visible(timeout=WAIT)
    harness.settle(page)
    page.get_by_role("link", name="Watch the gates").click()
    expect(page.locator("h1")).to_have_text("Watch the gates", timeout=WAIT)
    harness.settle(page)
    assert urlsplit(page.url).path == "/watch-the-gates"
    page.get_by_role("link", name="Step through").click()
    expect(page.locator("h1")).to_have_text("Step through", timeout=WAIT)
    expect(page.locator("[data-testid=stTextInput] input").first).to_have_value("you are a girl .", timeout=WAIT)


def test_back_and_forward_give_each_page_with_what_was_chosen_on_it(look: Look) -> None:
    """A page that was left and come to again by a link put its text into the address of the page between."""
    page = look(link("/step-through", lang="en")).page

    def stands(title: str, text: str, cell: str) -> None:
        expect(page.locator("h1")).to_have_text(title, timeout=WAIT)
        expect(page.locator("[data-testid=stTextInput] input").first).to_have_value(text, timeout=WAIT)
        expect(page.get_by_role("radio", name=cell, exact=True)).to_be_checked(timeout=WAIT)
        harness.settle(page)

    field = page.locator("[data-testid=stTextInput] input").first
    field.fill("you are a girl .")
    field.press("Enter")
    page.wait_for_function("location.search.includes('girl')", timeout=WAIT)
    harness.settle(page)
    page.get_by_role("radio", name="LSTM").click()
    page.wait_for_function("location.search.includes('lstm')", timeout=WAIT)
    harness.settle(page)
    leave_fields(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("new URLSearchParams(location.search).get('t') === '2'", timeout=WAIT)
    mine, gates = ("Step through", "you are a girl .", "LSTM"), ("Watch the gates", EXAMPLE, "LSTM")
    page.get_by_role("link", name=gates[0]).click()
    stands(*gates)
    page.get_by_role("link", name=mine[0]).click()
    stands(*mine)
    page.wait_for_function("new URLSearchParams(location.search).get('t') === '2'", timeout=WAIT)
    assert place(page)["t"] == "2"
    page.go_back()
    stands(*gates)
    assert "text" not in parse_qs(urlsplit(page.url).query)
    page.go_back()
    stands(*mine)
    page.go_back()
    stands("Step through", "you are a girl .", "RNN")
    for there in (mine, gates, mine):
        page.go_forward()
        stands(*there)
    page.wait_for_function(f"() => ({PLACE})().t === '2'", timeout=WAIT)


def test_another_text_opens_at_its_own_word_on_a_slow_machine(look: Look) -> None:
    """The page learned the place of the text before, which was still drawn, and took it for a choice."""
    page = look("/watch-the-gates?lang=ko", locale="ko").page
    assert caption(page) == (3, 6)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 12})
    page.locator("[data-testid=stSelectbox] input").first.click()
    page.get_by_role("option", name=catalogue("ko")["model.words-en.title"]).click()
    page.wait_for_function("document.querySelector('.rnnviz-caption').textContent.includes('/ 10')", timeout=2 * WAIT)
    page.wait_for_timeout(2 * REST)  # by then the page would have learned it
    harness.settle(page)
    assert caption(page) == (4, 10), "at the word that turns the sentence"
    assert "t" not in parse_qs(urlsplit(page.url).query)


def test_by_token_a_tap_on_an_operation_hides_nothing_and_its_link_neither(look: Look) -> None:
    """A step on shows the same operation of the next token, whole; by operation what follows it waits."""
    page = look(link("/step-through", lang="en", model="words-en", cell="lstm", t=2, depth=1, guess="off")).page
    places = page.locator("g.blockPlace_marks path")
    page.locator("g.node_marks path").nth(4).click()
    control(page, "depth", "0").click()
    page.keyboard.press("ArrowRight")
    expect(page.locator("g.whereabouts_marks text")).to_contain_text("t=3")
    at = place(page)
    assert (int(at["op"]) > 0, at["fine"]) == (True, "0")
    columns = int(at["T"]) - 3
    expect(places).to_have_count(3 * columns)
    assert shared(page, look) == known(at)
    control(page, "fine", "1").click()
    expect(places).not_to_have_count(3 * columns)
    assert place(page)["op"] == at["op"]
    control(page, "fine", "0").click()
    assert place(page)["op"] == "0"
