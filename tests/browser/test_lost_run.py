"""A run outlives a connection that breaks, a page that is loaded again, and, trained again, a server that is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.browser.harness import WAIT, Server, Wire, link, serve, settle, visit
from tests.browser.test_train import done, play, press, status, wait_until_paused

RUN = link("/train-live", lang="en", length=30, hidden_size=8, iterations=20_000)


@pytest.fixture
def wire(server: Server) -> Wire:
    return Wire(server.port)


@pytest.fixture
def wired(browser: Browser, wire: Wire) -> Iterator[Page]:
    with visit(browser, f"http://127.0.0.1:{wire.port}{RUN}") as seen:
        yield seen.page


def goes_on(page: Page, beyond: int) -> None:
    try:
        page.wait_for_function(
            """n => Number((document.querySelector("g.status_marks text")?.textContent.match(/iteration ([\\d,]+)/i)
            || ['', '0'])[1].replaceAll(',', '')) > n""",
            arg=beyond,
            timeout=WAIT,
        )
    except TimeoutError as error:  # what the page came to says why
        told = page.evaluate("document.body.innerText") or page.content()[:2000]
        raise AssertionError(f"not beyond {beyond}, at {page.url}: {told!r}") from error


@pytest.mark.parametrize("seconds", [0.3, 5.0])
def test_a_run_goes_on_after_a_connection_that_broke(wired: Page, wire: Wire, seconds: float) -> None:
    play(wired)
    before = done(wired)
    wire.cut()
    wired.wait_for_timeout(1000 * seconds)
    wire.mend()
    goes_on(wired, before + 20)
    assert "Ready" not in status(wired)
    press(wired, "Pause")
    wait_until_paused(wired)


def test_a_run_that_rests_or_has_ended_is_still_there_after_a_reset(wired: Page, wire: Wire) -> None:
    press(wired, "+25")
    wait_until_paused(wired)
    wire.cut()
    wired.wait_for_timeout(300)
    wire.mend()
    wired.wait_for_timeout(2500)
    press(wired, "+25")
    goes_on(wired, 49)
    wait_until_paused(wired)
    assert done(wired) == 50


def test_a_run_goes_on_after_the_browser_was_offline(wired: Page) -> None:
    play(wired)
    before = done(wired)
    wired.context.set_offline(True)
    wired.wait_for_timeout(2000)
    wired.context.set_offline(False)
    goes_on(wired, before + 20)


@pytest.mark.parametrize("rests", [False, True])
def test_a_page_that_is_loaded_again_finds_its_run(wired: Page, rests: bool) -> None:
    play(wired)
    if rests:
        press(wired, "Pause")
        wait_until_paused(wired)
    before = done(wired)
    wired.reload()
    settle(wired) if rests else goes_on(wired, before)
    if rests:
        wait_until_paused(wired)
        assert done(wired) == before
        press(wired, "+1")
        goes_on(wired, before)
    expect(wired.get_by_text("Your run is gone")).to_have_count(0)


def test_another_tab_with_the_same_address_has_no_run(browser: Browser, wired: Page, wire: Wire) -> None:
    play(wired)
    with visit(browser, wired.url) as other:
        assert "Ready" in status(other.page)
        assert not other.faults()


def test_a_run_that_was_reset_is_not_found_again(wired: Page) -> None:
    press(wired, "+25")
    wait_until_paused(wired)
    press(wired, "Reset")
    expect(wired.locator("g.status_marks text").first).to_contain_text("Ready", timeout=WAIT)
    wired.reload()
    settle(wired)
    assert "Ready" in status(wired)


def test_a_server_that_was_killed_costs_one_click(browser: Browser) -> None:
    """The page says what has happened, and the same numbers come back, changes on the way included."""
    address = link("/train-live", lang="en", length=30, hidden_size=8, iterations=2000, learning_rate="0.01")
    with ExitStack() as stack:
        with serve() as first:
            page = stack.enter_context(visit(browser, first.url(address))).page
            press(page, "+25")
            wait_until_paused(page)
            press(page, "Settings")
            field = page.get_by_role("spinbutton", name="Learning rate")
            field.fill("0.02")
            field.press("Enter")
            page.wait_for_url("**learning_rate=0.02*")
            settle(page)
            press(page, "+25")
            goes_on(page, 49)
            wait_until_paused(page)
            settle(page)
            said = page.locator("g.said_marks text").first.text_content()
            first.process.kill()
            first.process.wait()
        stack.enter_context(serve(port=first.port))
        expect(page.get_by_text("Your run is gone")).to_be_visible(timeout=WAIT)
        expect(page.locator("g.status_marks text").first).not_to_contain_text("Nothing has been trained", timeout=WAIT)
        page.get_by_text("한국어").first.click()
        expect(page.get_by_text("학습이 사라졌습니다")).to_be_visible(timeout=WAIT)
        page.get_by_text("English").first.click()
        expect(page.get_by_text("Your run is gone")).to_be_visible(timeout=WAIT)
        page.reload()
        expect(page.get_by_text("Your run is gone")).to_be_visible(timeout=WAIT)
        press(page, "Train it again")
        goes_on(page, 49)
        wait_until_paused(page)
        settle(page)
        assert done(page) == 50
        assert page.locator("g.said_marks text").first.text_content() == said
        expect(page.get_by_text("Your run is gone")).to_have_count(0)
        assert "learning_rate=0.02" in page.url
        page.reload()
        goes_on(page, 49)


def test_a_copy_of_a_tab_takes_the_run_over_and_neither_disturbs_the_other(wired: Page) -> None:
    """A browser copies what a tab has stored along with the tab."""
    play(wired)
    wired.wait_for_timeout(1000)
    stored = wired.evaluate("sessionStorage.getItem('rnnviz.run')")
    copy = wired.context.new_page()
    copy.add_init_script(f"sessionStorage.getItem('rnnviz.run') || sessionStorage.setItem('rnnviz.run', {stored!r})")
    before = done(wired)
    copy.goto(wired.url)
    goes_on(copy, before)
    expect(wired.locator("g.status_marks text").first).to_contain_text("another tab", timeout=WAIT)
    press(wired, "+25")
    goes_on(wired, 24)
    wait_until_paused(wired)
    now = done(copy)
    goes_on(copy, now)
    assert done(wired) == 25


def test_another_address_in_the_same_tab_does_not_end_the_run(wired: Page) -> None:
    play(wired)
    before = done(wired)
    wired.wait_for_timeout(1000)
    wired.goto(wired.url.split("?")[0] + "?lang=en")
    expect(wired.get_by_text("Your run is still there")).to_be_visible(timeout=WAIT)
    press(wired, "Show it")
    goes_on(wired, before)
    assert "length=30" in wired.url
    expect(wired.get_by_text("Your run is still there")).to_have_count(0)


def test_a_page_that_is_loaded_again_before_its_first_picture_finds_its_run(wired: Page) -> None:
    press(wired, "Train")
    wired.get_by_role("button", name="Pause").wait_for(timeout=WAIT)
    wired.reload()
    goes_on(wired, 1)
