"""Train live in a browser: it plays, pauses, is scrubbed and reset, and its chart is never built again."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from rnnviz.charts.kit import palette
from rnnviz.words import catalogue
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, control, leave_fields, link, settle

ADDRESS = link("/train-live", lang="en", length=30, hidden_size=8, iterations=20_000)
CHART = "[class*='run_stage'] svg.marks"
SLOPE_UNKNOWN = f"{catalogue('en')['train.measured']} –"  # what is said of a row that is not shown
# The colour of the first pixel of the heatmap that is in sight.
FIRST_PIXEL = """async () => {
  const svg = document.querySelector("[class*='run_stage'] svg.marks");
  const image = [...svg.querySelectorAll('image')].find(e => e.getAttribute('opacity') !== '0');
  const picture = new Image();
  picture.src = image.getAttribute('href') || image.getAttribute('xlink:href');
  try { await picture.decode(); } catch { return null; }  // the other picture is being put in its place
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
  canvas.drawImage(picture, 0, 0);
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
# How often the status changed, whether the chart was replaced or one of its pictures was empty, and how far it faded.
WATCH = """() => {
  const svg = document.querySelector("[class*='run_stage'] svg.marks");
  const status = () => svg.querySelector('g.status_marks text').textContent;
  const shown = e => e.getAttribute('opacity') !== '0' && Number(e.getAttribute('height')) > 15;
  const href = e => e.getAttribute('href') || e.getAttribute('xlink:href') || '';
  const opacity = e => e.parentElement ? opacity(e.parentElement)*Number(getComputedStyle(e).opacity) : 1;
  window.seen = {replaced: 0, drawn: 0, empty: 0, looks: 0, faintest: 1};
  let last = status();
  window.watching = setInterval(() => {
    window.seen.looks++;
    if (!svg.isConnected) window.seen.replaced++;
    window.seen.faintest = Math.min(window.seen.faintest, opacity(svg));
    if (status() !== last) { window.seen.drawn++; last = status(); }
    if (![...svg.querySelectorAll('image')].some(e => shown(e) && href(e).length > 50)) window.seen.empty++;
  }, 20);
}"""

# Whether what was opened begins in the upper half of the window.
HEADING_ON_TOP = """() => {
  const top = document.querySelector("[class*='_moment_arrival']")?.getBoundingClientRect().top;
  return top >= 0 && top < innerHeight / 2 }"""
# What the first caption of the page says, whenever it is another.
CAPTIONS = """window.captions = []; setInterval(() => {
  const text = document.querySelector('.rnnviz-caption')?.textContent;
  if (text && text !== window.captions.at(-1)) window.captions.push(text);
}, 20)"""


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def status(page: Page) -> str:
    return page.locator("g.status_marks text").first.text_content() or ""


def done(page: Page) -> int:
    found = re.search(r"iteration ([\d,]+) of", status(page), re.IGNORECASE)
    return int(found[1].replace(",", "")) if found else 0


def caption(page: Page) -> tuple[int, int]:
    """The moment that is looked at, and the last one."""
    text = page.locator(".rnnviz-caption").first.text_content() or ""
    at, of = re.findall(r"[\d,]+", text)
    return int(at.replace(",", "")), int(of.replace(",", ""))


def wait_until_paused(page: Page) -> None:
    page.wait_for_function(
        f"""() => /Paused/.test(document.querySelector("{CHART} g.status_marks text")?.textContent)""", timeout=WAIT
    )


@pytest.fixture
def page(look: Look) -> Page:
    return look(ADDRESS).page


def play(page: Page, iterations: int = 30) -> None:
    press(page, "Train")
    page.wait_for_function(
        f"""n => Number((document.querySelector("{CHART} g.status_marks text")?.textContent.match(/Iteration ([\\d,]+)/)
        || ['', '0'])[1].replace(',', '')) > n""",
        arg=iterations,
        timeout=WAIT,
    )


def test_five_seconds_of_training_never_replace_the_chart(page: Page) -> None:
    play(page)
    page.evaluate(WATCH)
    page.wait_for_timeout(5000)
    seen = page.evaluate("window.seen")
    assert seen["looks"] > 20
    assert seen["replaced"] == 0
    assert seen["faintest"] == 1
    assert seen["drawn"] > 3
    # The marks that hold the picture take turns; a machine that stands still may be late once.
    assert seen["empty"] <= seen["looks"] * 0.03


def test_pause_rests_play_goes_on_and_reset_empties_it(page: Page) -> None:
    play(page)
    press(page, "Pause")
    wait_until_paused(page)
    first = done(page)
    page.wait_for_timeout(1000)
    assert done(page) == first, "nothing is trained while it is paused"
    play(page, first + 5)
    press(page, "Pause")
    wait_until_paused(page)
    assert done(page) > first
    press(page, "Reset")
    expect(page.locator("g.status_marks text").first).to_contain_text("Ready", timeout=WAIT)


def test_replay_happens_in_the_browser(look: Look) -> None:
    seen = look(ADDRESS)
    page = seen.page
    press(page, "+25")
    wait_until_paused(page)
    page.wait_for_timeout(500)
    leave_fields(page)
    asked = len(seen.asked)
    assert caption(page) == (25, 25)
    said = page.locator("g.said_marks text").first.text_content()
    page.keyboard.press("Home")
    assert caption(page) == (1, 25)
    assert page.locator("g.said_marks text").first.text_content() != said
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert caption(page) == (3, 25)
    page.keyboard.press("ArrowLeft")
    assert caption(page) == (2, 25)
    page.keyboard.press("End")
    assert caption(page) == (25, 25)
    control(page, "t").first.fill("13")
    assert caption(page) == (13, 25)
    heat = page.locator("g.heat_marks path").first.bounding_box()
    assert heat
    row = heat["height"] / 25
    page.mouse.click(heat["x"] + 50, heat["y"] + row * 4.5)
    assert caption(page) == (5, 25), "the fifth of the rows, which fill the height"
    page.mouse.down()
    page.mouse.move(heat["x"] + 50, heat["y"] + row * 9.5, steps=3)
    page.mouse.up()
    page.mouse.move(heat["x"] + 50, heat["y"] + row * 14.5)
    assert caption(page) == (10, 25), "dragged, and let go"
    control(page, "first").first.click()
    page.keyboard.press(" ")
    expect(control(page, "play").first).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    expect(control(page, "play").first).to_have_attribute("aria-pressed", "false", timeout=WAIT)
    assert caption(page) == (25, 25), "played to its end"
    page.wait_for_timeout(1000)
    assert len(seen.asked) == asked, "the page learns the place, and is not drawn again"


def test_a_finger_that_scrolls_over_the_rows_chooses_none_and_a_tap_does(look: Look) -> None:
    page = look(ADDRESS, size="phone").page
    press(page, "+25")
    wait_until_paused(page)
    settle(page)
    rows = page.locator("g.heat_marks path").first
    rows.evaluate("e => e.scrollIntoView({block: 'center'})")  # the page's header lies over its top
    box = rows.bounding_box()
    assert box
    finger = page.context.new_cdp_session(page)
    x, y, row = box["x"] + 50, box["y"] + 20, box["height"] / 25
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y + 120}]})
    for moved in range(100, -1, -20):
        point = {"x": x, "y": y + moved}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(500)
    assert caption(page) == (25, 25)
    box = rows.bounding_box()
    assert box
    assert box["y"] < y - 20, "the page has moved"
    rows.evaluate("e => e.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(500)
    box = rows.bounding_box()
    assert box
    page.touchscreen.tap(x, box["y"] + row * 4.5)
    expect(page.locator(".rnnviz-caption").first).to_contain_text("iteration 5 / 25", timeout=WAIT)


def test_the_pictures_of_a_run_that_rests_follow_the_theme(look: Look) -> None:
    page = look(link("/train-live", lang="en", length=30, hidden_size=8, truncation=10)).page
    press(page, "+25")
    wait_until_paused(page)
    for theme, colour in (("light", palette.ZERO.light), ("dark", palette.ZERO.dark)):
        page.emulate_media(color_scheme=theme)
        expected = ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
        shows = f"expected => ({FIRST_PIXEL})().then(found => found && found.join() === expected)"
        page.wait_for_function(shows, arg=expected, timeout=WAIT)


def test_a_moment_opens_as_the_stage_of_that_iteration_and_the_link_holds_it(page: Page, look: Look) -> None:
    press(page, "+25")
    wait_until_paused(page)
    leave_fields(page)
    page.keyboard.press("Home")
    control(page, "press").first.click()
    expect(page.get_by_role("heading", name="The model at iteration 1")).to_be_visible(timeout=WAIT)
    stage = page.locator(".rnnviz-caption").nth(1)
    expect(stage).to_have_text("t = 1 / 30", timeout=WAIT)
    assert parse_qs(urlsplit(page.url).query)["at"] == ["1"]
    assert caption(page) == (1, 25), "the replay stays where it was"
    leave_fields(page)
    page.wait_for_function(HEADING_ON_TOP, timeout=WAIT)
    page.keyboard.press("ArrowRight")
    expect(stage).to_have_text("t = 2 / 30")
    assert caption(page) == (1, 25), "the keys belong to the stage now"
    page.wait_for_function("new URLSearchParams(location.search).get('t') === '2'", timeout=WAIT)
    other = look(page.url[page.url.index("/train-live") :]).page
    press(other, catalogue("en")["train.linked_run"].partition("{")[0].strip())
    expect(other.locator(".rnnviz-caption").nth(1)).to_have_text("t = 2 / 30", timeout=WAIT)


def test_an_explosion_is_drawn_and_a_click_retries_it_clipped(look: Look) -> None:
    page = look(link("/train-live", lang="en", preset="explodes", clipping="none")).page
    press(page, "Train")
    expect(page.get_by_text("It exploded")).to_be_visible(timeout=WAIT)
    press(page, "Again, clipped")
    page.wait_for_function(
        f"""() => /Iteration \\d{{2,}}/.test(document.querySelector("{CHART} g.status_marks text")?.textContent)""",
        timeout=WAIT,
    )
    expect(page.get_by_text("It exploded")).to_have_count(0, timeout=WAIT)


def test_two_visitors_do_not_disturb_each_other(look: Look) -> None:
    first, second = look(ADDRESS).page, look(ADDRESS).page
    press(first, "+25")
    wait_until_paused(first)
    assert "Ready" in status(second)
    press(second, "+1")
    wait_until_paused(second)
    assert (done(first), done(second)) == (25, 1)


PICTURE_TOP = """() => document.querySelector("[class*='_stage_frame'] svg.marks").getBoundingClientRect().top"""


def test_a_bare_visit_replays_a_finished_run_and_keeps_the_answer_until_it_is_guessed(look: Look) -> None:
    page = look(link("/train-live", lang="en")).page
    assert "finished run" in status(page)
    expect(page.locator(".rnnviz-caption").first).to_have_text("iteration 150 / 150", timeout=WAIT)
    assert page.locator("g.slope_marks text").first.text_content() == SLOPE_UNKNOWN
    settle(page)
    top = page.evaluate(PICTURE_TOP)
    page.get_by_text(catalogue("en")["ask.row_grows"]).click()
    page.wait_for_function(
        "unknown => document.querySelector('g.slope_marks text').textContent !== unknown",
        arg=SLOPE_UNKNOWN,
        timeout=WAIT,
    )
    expect(page.get_by_text("✗").first).to_be_attached(timeout=WAIT)
    settle(page)
    assert page.evaluate(PICTURE_TOP) == pytest.approx(top, abs=1), "the answer stands where the question was"
    leave_fields(page)
    page.keyboard.press("Home")
    page.wait_for_function("new URLSearchParams(location.search).get('row') === '1'", timeout=WAIT)
    shared = page.url
    other = look(shared[shared.index("/train-live") :]).page
    expect(other.locator(".rnnviz-caption").first).to_have_text("iteration 1 / 150", timeout=WAIT)
    page.keyboard.press("End")
    page.wait_for_function("!new URLSearchParams(location.search).has('row')", timeout=WAIT)
    other.emulate_media(reduced_motion="reduce")
    other.add_init_script(CAPTIONS)
    other.goto(shared.partition("?")[0])
    expect(other.locator(".rnnviz-caption").first).to_have_text("iteration 150 / 150", timeout=WAIT)
    settle(other)
    assert set(other.evaluate("window.captions")) <= {"iteration 1 / 150", "iteration 150 / 150"}, "it did not play"
