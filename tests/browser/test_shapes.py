"""The lesson Shapes on its page: taps are turned by keys, and a verdict is what the model computes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import numpy as np
from playwright.sync_api import Page, expect

from rnnviz.core.taps import Taps
from rnnviz.lessons.shapes import baseline, spelled, tagged, taps, verdict
from rnnviz.lessons.shapes.parameters import TAGGED
from rnnviz.ui.controls.sketch import REST
from rnnviz.ui.picture.trained_pass import trained_pass
from rnnviz.words import catalogue
from rnnviz.words.numbers import percent, size
from rnnviz.zoo.shapes.drawing import parsed
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, link
from tests.browser.test_accessible import findings
from tests.browser.test_stage import texts, wait_for_step, wait_for_text

SAID = catalogue("en")


def norms(asks: Sequence[int]) -> list[str]:
    """The sizes of the gradient that the page writes above the states, where every step reads."""
    found = taps.run("words-en", "rnn", "I am a boy.", Taps.of(range(1, 6), asks, 5))
    return [size(norm) for norm in np.linalg.norm(found.gradient, axis=1)[: max(asks)].tolist()]


def test_taps_are_turned_by_keys_and_the_way_back_follows(look: Look) -> None:
    seen = look(link("/shapes", lang="en", hide="question"))
    page = seen.page
    wait_for_step(page, 10, 10)  # there and back
    assert set(norms([5])) <= set(texts(page))
    tap = page.get_by_role("button", name=SAID["shapes.after"].format(t=1), exact=True)
    tap.focus()
    page.keyboard.press("Enter")
    wait_for_text(page, norms([1, 5])[0])
    assert set(norms([1, 5])) <= set(texts(page))
    expect(page).to_have_url(re.compile("asks=10001"), timeout=WAIT)
    page.get_by_role("button", name=SAID["try.shapes_one_to_many"], exact=True).click()
    expect(page).to_have_url(re.compile("reads=10000&asks=11111"), timeout=WAIT)
    harness.settle(page)
    assert texts(page).count("0") == 4  # closed taps read zeros
    harness.leave_fields(page)
    page.keyboard.press("Home")
    wait_for_step(page, 1, 10)
    expect(page).to_have_url(re.compile(r"\bt=1\b"), timeout=WAIT)
    page.get_by_text(SAID["shapes.part_one_to_many"], exact=True).click()
    word = spelled.run("en", 1).said
    wait_for_text(page, "▷")
    wait_for_step(page, 1, len(word) + 1)
    harness.leave_fields(page)
    page.keyboard.press("End")
    wait_for_step(page, len(word) + 1, len(word) + 1)
    assert set(word) <= set(texts(page))
    picture = page.get_by_role("img", name=SAID["shapes.drawing_is"].format(k=1), exact=True)
    assert picture.evaluate("image => image.naturalWidth > 0")
    assert findings(page) == []
    assert not seen.errors


def test_the_verdict_after_each_word_is_the_models_and_the_other_shapes_follow(look: Look) -> None:
    seen = look(link("/shapes", lang="en", part="many_to_one", hide="question"))
    page = seen.page
    read = verdict.run("sentiment-en", "The food was not good.", 1)
    assert read.shown.readout is not None
    wait_for_step(page, 1, 6)
    page.keyboard.press("End")
    wait_for_step(page, 6, 6)
    for y in read.shown.readout.y:
        assert percent(float(y.max())) in texts(page)
    page.get_by_text(SAID["shapes.part_one_to_one"], exact=True).click()
    shown = baseline.run(((50.0, 1.0, 27.0),)).shown.readout
    assert shown is not None
    wait_for_text(page, percent(float(shown.y.max())))
    assert findings(page) == []
    page.get_by_text(SAID["shapes.part_in_step"], exact=True).click()
    tags = tagged.run("tags-en-rnn", TAGGED["tags-en"][0]).shown
    assert tags.readout is not None
    steps = len(tags.trace)
    wait_for_step(page, 1, steps)
    harness.leave_fields(page)
    page.keyboard.press("End")
    wait_for_step(page, steps, steps)
    for k in tags.readout.y.argmax(axis=1):
        wait_for_text(page, SAID[f"shapes.tag_{tags.words[k]}"])
    expect(page.get_by_text(SAID["shapes.automatic_tags-en"].split(":")[0])).to_be_visible()
    assert findings(page) == []
    page.get_by_text(SAID["shapes.task_next"], exact=True).click()
    _, _, told = trained_pass("words-en", "rnn", "I am a boy.")
    assert told.readout is not None
    wait_for_step(page, 1, 5)
    harness.leave_fields(page)
    page.keyboard.press("End")
    wait_for_step(page, 5, 5)
    for t, k in enumerate(told.targets):  # after each token but the last the next one is asked for
        assert (k is None) == (t == 4)
        wait_for_text(page, told.words[int(told.readout.y[t].argmax())])
    every = [-math.log(told.readout.y[t, k]) for t, k in enumerate(told.targets) if k is not None]
    said = SAID["notice.losses"].split("{largest")[0].replace("**Step {t}**", f"Step {every.index(max(every)) + 1}")
    expect(page.get_by_text(said.strip())).to_contain_text(size(sum(every)))
    assert findings(page) == []
    page.get_by_text(SAID["shapes.part_after_reading"], exact=True).click()
    expect(page.get_by_text(SAID["shapes.later"], exact=True)).to_be_visible()
    for word in SAID["shapes.answered_after_reading_language"].replace("-", "").split():
        wait_for_text(page, word)
    assert findings(page) == []
    assert not seen.errors


HOUSE = (((20, 90), (20, 45), (80, 45), (80, 90), (20, 90)), ((15, 47), (50, 10), (85, 47)))  # in hundredths of a side


def drawn_code(page: Page) -> str:
    """The drawing in the address."""
    return parse_qs(urlsplit(page.url).query).get("own", [""])[0]


def wait_for_drawing(page: Page, old: str) -> str:
    """The drawing in the address once it is another one, whose word is on the stage."""
    page.wait_for_function(
        "old => (new URLSearchParams(location.search).get('own') ?? '') !== old", arg=old, timeout=WAIT
    )
    code = drawn_code(page)
    wait_for_step(page, 1, len(spelled.run("en", 1, parsed(code) if code else None).said) + 1)
    harness.settle(page)
    return code


def test_a_drawing_made_by_mouse_and_by_finger_is_spelled_and_stands_in_the_link(look: Look) -> None:
    seen = look(link("/shapes", lang="en", part="one_to_many", hide="question"), size="phone")
    page = seen.page
    pad, lines = page.locator(".rnnviz-pad"), page.locator(".rnnviz-pad polyline")
    box = pad.bounding_box()
    assert box is not None
    strokes = [[(box["x"] + x / 100 * box["width"], box["y"] + y / 100 * box["height"]) for x, y in s] for s in HOUSE]
    asked = len(seen.asked)
    for stroke in strokes:
        page.mouse.move(*stroke[0])
        page.mouse.down()
        for x, y in stroke[1:]:
            page.mouse.move(x, y, steps=9)
        page.mouse.up()
    by_mouse = wait_for_drawing(page, "")
    assert len(seen.asked) == asked + 1  # once, when the hand rests
    assert lines.count() == len(parsed(by_mouse)) == 2
    assert [len(stroke) for stroke in parsed(by_mouse)] == [len(stroke) for stroke in HOUSE]
    picture = page.get_by_role("img", name=SAID["shapes.drawing_own"], exact=True)
    assert picture.evaluate("image => image.naturalWidth > 0")
    assert findings(page) == []

    undo = page.get_by_role("button", name=SAID["sketch.undo"], exact=True)
    undo.focus()
    page.keyboard.press("Enter")
    undone = wait_for_drawing(page, by_mouse)
    assert lines.count() == len(parsed(undone)) == 1

    page.get_by_role("button", name=SAID["shapes.drawing_back"].format(k=1), exact=True).tap()
    assert wait_for_drawing(page, undone) == ""
    assert lines.count() == 0

    top = "document.querySelector('[data-testid=stMain]').scrollTop"
    finger, before = page.context.new_cdp_session(page), page.evaluate(top)
    for (x, y), *rest in strokes:
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for at, to in rest:
            for part in (0.25, 0.5, 0.75, 1.0):
                point = {"x": x + (at - x) * part, "y": y + (to - y) * part}
                finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
            x, y = at, to
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(REST + 60)  # it is sent, and the next stroke is drawn while the answer is on its way
    by_finger = wait_for_drawing(page, "")
    if len(parsed(by_finger)) < 2:
        by_finger = wait_for_drawing(page, by_finger)
    assert lines.count() == 2
    assert page.evaluate(top) == before
    np.testing.assert_allclose(
        np.concatenate(parsed(by_finger)), np.concatenate(parsed(by_mouse)), atol=3
    )  # of 255: a pixel is 1.5

    again = look(link("/shapes", lang="en", part="one_to_many", hide="question", own=by_finger), theme="dark").page
    assert again.locator(".rnnviz-pad polyline").count() == 2
    said = spelled.run("en", 1, parsed(by_finger)).said
    wait_for_step(again, 1, len(said) + 1)
    harness.leave_fields(again)
    again.keyboard.press("End")
    wait_for_step(again, len(said) + 1, len(said) + 1)
    assert set(said) <= set(texts(again))
    assert drawn_code(again) == by_finger
    assert findings(again) == []
    assert not seen.errors
