"""Pages that ask the server again and again by themselves: language, theme and every control change meanwhile.

A browser sends with each request what every field shows, and for a while after a change what it has shown before.
"""

from __future__ import annotations

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Look
from tests.browser.harness import WAIT, link

POLLS = 900  # ms, in which a page asks at least twice
PRESSES = 3  # at the most, of one control
TOGETHER = 3  # so many changed controls must outlast each change of the language and the theme
PLAYED = {"length": 20, "hidden_size": 6, "num_layers": 2, "cell": "lstm", "iterations": 19_000}
# A moment so far into a run that a page goes on training it while the test lasts.
TRAINED = {"run": "task~reber~cell~lstm~length~60~hidden_size~16~num_layers~2", "at": 20_000}
# The fields and choices on the page, those of an open popover too: the class that holds the key of each.
KEYS = """() => [...document.querySelectorAll(
  '[data-testid=stSelectbox], [data-testid=stButtonGroup], [data-testid=stNumberInput], [data-testid=stTextArea]')]
  .map(e => [...e.closest("[class*='st-key-']").classList].find(name => name.startsWith('st-key-')))"""


DONE = "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'running'"


def speak(page: Page, language: str) -> None:
    page.get_by_role("radio", name=language).first.click(timeout=WAIT)
    title = re.compile("[가-힣]" if language == "한국어" else "^[^가-힣]*$")
    expect(page.locator("[data-testid=stMain] h1").first).to_have_text(title, timeout=WAIT)


def play(page: Page) -> None:
    """Have the run go on, if the last change has ended it."""
    go = page.locator("[class*='st-key-train_go'] button")
    go.wait_for(timeout=WAIT)
    if go.filter(has_text="play_arrow").count():
        go.click(timeout=WAIT)
    goes_on(page)


def goes_on(page: Page) -> None:
    expect(page.locator("[class*='st-key-train_go'] button")).to_contain_text("pause", timeout=WAIT)


def chosen(page: Page) -> dict[str, list[str]]:
    """What the address holds, but the language."""
    query = parse_qs(urlsplit(page.url).query)
    return {name: values for name, values in query.items() if name != "lang"}


def at_rest(page: Page, before: dict[str, list[str]] | None = None, wait: int = WAIT) -> dict[str, list[str]]:
    """What the address holds once the script is done, it has stayed the same over several polls, and is no longer
    `before`: a callback writes it, and the script that follows may bring another value within its bounds."""
    until = time.monotonic() + wait / 1000
    last, now = None, chosen(page)
    while (now != last or now == before) and time.monotonic() < until:
        page.wait_for_timeout(POLLS)
        page.wait_for_function(DONE, polling="raf", timeout=WAIT)  # a page that asks often is seldom done for long
        last, now = now, chosen(page)
    return now


def reach(field: Locator, settings: Locator) -> None:
    """Open the popover that has a field, where it is not on the page."""
    for _ in range(PRESSES):
        if field.count():
            return
        at_rest(field.page)
        settings.click()
        until = time.monotonic() + WAIT / PRESSES / 1000
        while not field.count() and time.monotonic() < until:
            field.page.wait_for_timeout(POLLS)
    expect(field).to_be_visible(timeout=WAIT)


def change(field: Locator) -> None:
    """Choose something else, or type another value."""
    page = field.page
    if field.get_by_test_id("stSelectbox").count():
        field.locator("[aria-haspopup=listbox]").click(timeout=WAIT)
        page.locator("[role=option]:not([aria-selected=true])").last.click(timeout=WAIT)
    elif field.get_by_test_id("stButtonGroup").count():
        field.locator("button:not([aria-checked=true])").last.click(timeout=WAIT)
    elif field.get_by_test_id("stNumberInput").count():
        number = field.locator("input")
        number.press("ArrowUp", timeout=WAIT)
        number.press("Tab")
    else:
        text = field.locator("textarea")
        text.fill("다른 글 " * 50, timeout=WAIT)
        text.press("Control+Enter")


def test_the_language_changes_there_and_back_while_a_run_goes_on(look: Look) -> None:
    page = look(link("/train-live", lang="en", **PLAYED)).page
    play(page)
    task = page.locator("[class*='st-key-train_task'] input")
    for language, shown in (("한국어", "덧셈 과제"), ("English", "Adding problem"), ("한국어", "덧셈 과제")):
        speak(page, language)
        page.wait_for_timeout(POLLS)
        expect(task).to_have_count(1, timeout=WAIT)  # the one of the language before stays until the script is done
        expect(task).to_have_value(shown, timeout=WAIT)
        expect(page.locator("[class*='st-key-train_cell'] input")).to_have_value("LSTM")
        goes_on(page)


def test_every_control_changes_while_a_run_goes_on(look: Look) -> None:
    page = look(link("/train-live", lang="en", **PLAYED, task="characters", forget_bias=1)).page
    play(page)
    settings = page.locator("[class*='st-key-train_settings'] button").first
    settings.click()
    expect(page.get_by_test_id("stNumberInput").first).to_be_visible(timeout=WAIT)
    keys = [key for key in page.evaluate(KEYS) if not re.search("_(lang|guess)$", key)]
    last = [f"st-key-train_{name}" for name in ("cell", "task", "preset")]  # each takes others off the page
    keys.sort(key=lambda key: last.index(key) if key in last else -1)
    assert len(keys) >= 20, keys
    languages, themes = ["한국어", "English"] * len(keys), ["dark", "light"] * len(keys)
    for turn, key in enumerate(keys, 1):
        play(page)
        field = page.locator(f".{key}, .{key}_ko").first
        before = chosen(page)
        # Where the machine is slow, a press may fall into a moment in which Streamlit puts other elements in the place
        # of those on the page, and a script that began before it closes what it opened. A person presses again.
        for _ in range(PRESSES):
            reach(field, settings)
            change(field)
            page.keyboard.press("Escape")
            after = at_rest(page, before, WAIT // PRESSES)
            if after != before:
                break
        assert after != before, key
        if turn % TOGETHER and key not in last:
            continue
        speak(page, languages.pop(0))
        page.emulate_media(color_scheme=themes.pop(0))
        assert at_rest(page) == after, "nothing else has changed"


# Of every button in the row, how far left and right it has stood from now on, and whether one has come or gone.
MOVES = """() => {
  const look = () => {
    const row = ["settings", "go", "one", "some", "end", "reset"].flatMap(
      name => [...document.querySelectorAll(`[class*='st-key-train_${name}'] button`)]);
    return row.filter(e => e.getClientRects().length).map(e => e.getBoundingClientRect().x);
  };
  window.seen = [look()];
  new MutationObserver(() => window.seen.push(look())).observe(document.body, {subtree: true, childList: true});
}"""


def test_nothing_moves_in_the_row_of_a_button_that_starts_or_pauses(look: Look) -> None:
    page = look(link("/train-live", lang="en", **PLAYED, task="characters", forget_bias=1)).page
    at_rest(page)
    page.evaluate(MOVES)
    go = page.locator("[class*='st-key-train_go'] button")
    for shown in ("pause", "play_arrow", "pause"):
        go.click(timeout=WAIT)
        expect(go).to_contain_text(shown, timeout=WAIT)
        page.wait_for_timeout(POLLS)
    seen = page.evaluate("window.seen")
    assert {len(row) for row in seen} == {6}
    assert all(max(places) - min(places) < 10 for places in zip(*seen, strict=True)), "px, within any button"


def test_a_number_that_is_taken_out_of_its_field_comes_back_and_the_run_goes_on(look: Look) -> None:
    page = look(link("/train-live", lang="en", **PLAYED, learning_rate=0.01, forget_bias=1)).page
    play(page)
    page.locator("[class*='st-key-train_settings'] button").first.click()
    numbers = page.get_by_test_id("stNumberInputField")
    expect(numbers.first).to_be_visible(timeout=WAIT)
    before = chosen(page)
    for place in range(numbers.count()):
        field = numbers.nth(place)
        value = field.input_value()
        if field.get_attribute("aria-label") == "Forget bias":
            continue
        field.fill("")
        field.press("Enter")
        expect(field).to_have_value(value)
    assert at_rest(page) == before
    goes_on(page)


def test_where_the_page_decides_what_nothing_means_an_empty_field_leaves_it_to_the_page(look: Look) -> None:
    page = look(link("/gradient-lab", lang="en", part="knobs", cell="lstm", bias=2.5)).page
    bias = page.locator("[class*='st-key-lab_bias'] input")
    expect(bias).to_have_value("2.50")
    bias.fill("")
    bias.press("Enter")
    expect(page).not_to_have_url(re.compile("bias="), timeout=WAIT)
    expect(bias).to_have_value("")


@pytest.mark.parametrize("address", ["/step-through", "/watch-the-gates"])
def test_a_lesson_whose_model_is_still_trained_changes_its_language_and_its_controls(address: str, look: Look) -> None:
    page = look(link(address, lang="en", **TRAINED), wait=False).page
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=WAIT)
    for name in ("sample", "layer"):
        expect(page.locator(f"[class*='st-key-'][class*='_{name}']").first).to_be_visible(timeout=WAIT)
    keys = [key for key in page.evaluate(KEYS) if "_lang" not in key]
    assert {key.partition("_")[2] for key in keys} == {"sample", "layer"}
    for language, theme, key in zip(("한국어", "English"), ("dark", "light"), keys, strict=True):
        speak(page, language)
        page.wait_for_timeout(POLLS)
        change(page.locator(f".{key}, .{key}_ko").first)
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(POLLS)
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page).to_have_url(re.compile("layer=1"), timeout=WAIT)
    expect(page).to_have_url(re.compile("sample=2"), timeout=WAIT)
