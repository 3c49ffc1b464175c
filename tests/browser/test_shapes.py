"""The lesson Shapes on its page: taps are turned by keys, and a verdict is what the model computes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from playwright.sync_api import expect

from rnnviz.core.taps import Taps
from rnnviz.lessons.shapes import baseline, spelled, taps, verdict
from rnnviz.words import catalogue
from rnnviz.words.numbers import percent, size
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
    page.get_by_text(SAID["shapes.shape_one_to_one"], exact=True).click()
    wait_for_step(page, 6, 6)
    assert texts(page).count("0") == 4  # closed taps read zeros
    harness.leave_fields(page)
    page.keyboard.press("Home")
    wait_for_step(page, 1, 6)
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


def test_the_verdict_after_each_word_is_the_models(look: Look) -> None:
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
    assert not seen.errors
