"""Shapes, one to many: a drawing made on the page is read, stands in the link, and nothing is claimed of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from rnnviz.facts.questions.shapes import other_drawing
from rnnviz.lessons.shapes import spelled
from rnnviz.ui.controls import sketch
from rnnviz.words import catalogue
from rnnviz.zoo.shapes.drawing import MOST_DRAWN, MOST_POINTS, Strokes, parsed, pixels, simplified
from tests.facts.questions.test_question import fills
from tests.pages.conftest import Visit

HOUSE = "BRD_EG_Pb8__EP8DAHZvAN92BFb_Vq-Jr4n_"  # walls, roof and door
LINE = [0, 0, 1000, 1000]


def said(at: AppTest) -> str:
    return "\n".join(e.value for e in at.markdown)


def text(key: str, language: str = "en", /, **values: object) -> str:
    return catalogue(language)[key].format(**values)


def test_a_link_with_a_drawing_has_it_read_and_claims_nothing_of_it(visit: Visit) -> None:
    at = visit("shapes", part="one_to_many", drawing="3", own=HOUSE, hide="question", details="pytorch")
    assert not at.exception
    assert not at.warning
    assert at.query_params["own"] == HOUSE
    found, words = spelled.run("en", 3, parsed(HOUSE)), spelled.words("en")
    assert found.drawing == pixels(parsed(HOUSE))
    assert found.shown.readout is not None
    p = found.shown.readout.y.max(axis=1).prod()
    assert (found.word, found.said in words, len(words)) == (None, True, 24)
    assert text("notice.spelled_own", said=found.said, p=p, count=24) in said(at)
    for kind in ("right", "wrong"):
        for word in words:
            assert text(f"notice.spelled_{kind}", said=found.said, word=word) not in said(at)
    assert text("shapes.words_known", count=24, words=", ".join(words)) in said(at)
    assert str(parsed(HOUSE)[0]) in at.code[0].value
    at.segmented_control(key="shapes_writer").set_value("ko").run()
    assert at.query_params["own"] == HOUSE
    assert f"‘{spelled.run('ko', 3, parsed(HOUSE)).said}’" in said(at)
    at.selectbox(key="shapes_drawing").set_value(5).run()  # one that ships takes its place
    assert "own" not in at.query_params
    assert f"‘{spelled.run('ko', 5).said}’" in said(at)
    at.button(key="shapes_try_shapes_scribble").click().run()
    assert parsed(at.query_params["own"]) == spelled.SCRIBBLE
    assert f"‘{spelled.run('ko', 5, spelled.SCRIBBLE).said}’" in said(at)
    assert not at.exception


def test_a_drawing_is_asked_about_beside_the_one_that_ships(visit: Visit) -> None:
    at = visit("shapes", part="one_to_many", drawing="3", own=HOUSE)
    assert text("ask.drawn", k=3) in said(at)
    assert "gives the whole" not in said(at)  # it waits for the guess
    again, ships = spelled.redrawn("en", 3, 3, parsed(HOUSE)), spelled.run("en", 3).shown.readout
    found = spelled.run("en", 3, parsed(HOUSE)).shown
    assert ships is not None
    assert found.readout is not None
    np.testing.assert_allclose(again[0], ships.y[0], rtol=1e-5)  # where only the sign of a word's beginning is read
    assert len(again) == len(found.readout.y)
    fills(other_drawing(found.readout.y, again, found.words, 3))


@pytest.mark.parametrize("raw", ["", "x", f"{HOUSE}=", HOUSE[:-2], "AQAA", "A" * 5000])
def test_what_no_drawing_is_written_as_is_named_and_one_that_ships_is_read(raw: str, visit: Visit) -> None:
    at = visit("shapes", part="one_to_many", own=raw, hide="question")
    assert not at.exception
    assert text("accepts.drawing", most=MOST_POINTS) in at.warning[0].value
    assert "own" not in at.query_params
    assert f"‘{spelled.run('en', 1).said}’" in said(at)


class Field(NamedTuple):
    """A button in the place of the browser's part of the field."""

    given: list[dict[str, Any]]  # what the page gave it, in turn
    send: Callable[[AppTest, object], AppTest]


@pytest.fixture
def field(monkeypatch: pytest.MonkeyPatch) -> Field:
    given: list[dict[str, Any]] = []
    waiting: list[object] = [None]

    def component(*, key: str, data: dict[str, Any], on_drawn_change: Callable[[], None], width: str) -> None:
        given.append(data)
        st.session_state[key] = {"drawn": waiting[0]}
        st.button("send", key="send", on_click=on_drawn_change)

    def send(at: AppTest, sent: object) -> AppTest:
        waiting[0] = sent
        return at.run().button(key="send").click().run()

    monkeypatch.setattr(sketch, "_component", component)
    return Field(given, send)


def test_what_is_drawn_is_read_and_the_field_keeps_what_it_sent(field: Field, visit: Visit) -> None:
    at = visit("shapes", part="one_to_many", hide="question")
    assert (field.given[-1]["code"], field.given[-1]["heard"], field.given[-1]["strokes"]) == ("", 0, [])
    for serial, strokes in ((1, [LINE]), (2, [LINE, [10, 900, 500, 500, 500, 501]]), (4, [LINE, [500, 500]])):
        field.send(at, {"serial": serial, "strokes": strokes})
        wanted: Strokes = simplified([list(zip(s[::2], s[1::2], strict=True)) for s in strokes])
        assert parsed(at.query_params["own"]) == wanted
        assert (field.given[-1]["code"], field.given[-1]["heard"]) == (at.query_params["own"], serial)
        assert [tuple(zip(s[::2], s[1::2], strict=True)) for s in field.given[-1]["strokes"]] == list(wanted)
        assert f"‘{spelled.run('en', 1, wanted).said}’" in said(at)
    at.button(key="shapes_try_shapes_scribble").click().run()
    assert field.given[-1]["heard"] == 0  # it did not come from the field, which is to show it
    field.send(at, {"serial": 5, "strokes": []})
    assert "own" not in at.query_params
    assert (field.given[-1]["code"], field.given[-1]["heard"]) == ("", 5)
    assert not at.exception
    assert not at.info


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_cannot_be_read_is_said_so_until_something_else_is_drawn(
    language: str, field: Field, visit: Visit
) -> None:
    at = visit("shapes", language, part="one_to_many", hide="question")
    zigzag = [v for k in range(300) for v in (3 * k, 900 * (k % 2))]
    for strokes, told, most in (
        ([[400, 400]], "nothing", 0),
        ([[400, 400]] * 3, "nothing", 0),
        ([[k % 1000 for k in range(2 * MOST_DRAWN + 2)]], "many", MOST_DRAWN),
        ([[0, 0]] * 100_000, "many", MOST_DRAWN),
        ([zigzag], "many", MOST_POINTS),
    ):
        field.send(at, {"serial": 1, "strokes": strokes})
        assert not at.exception
        assert at.info[0].value.startswith(text(f"sketch.{told}", language, most=most))
        assert "own" not in at.query_params
        field.send(at, {"serial": 2, "strokes": [LINE]})
        assert at.query_params["own"]
        assert not at.info


@pytest.mark.parametrize(
    "sent",
    [
        *(None, [], "drawn", {}, {"serial": "x", "strokes": [LINE]}, {"serial": 1}, {"serial": 1, "strokes": 7}),
        *({"serial": 1, "strokes": [stroke]} for stroke in ([0], ["x", 1], [0, float("nan")], None, [[0, 1]])),
        *({"serial": 1, "strokes": [stroke]} for stroke in ([0, 10**9], ["1e999", 0], [None, 1])),
        {"serial": float("inf"), "strokes": [LINE]},
    ],
)
def test_what_no_field_sends_changes_nothing(sent: object, field: Field, visit: Visit) -> None:
    at = field.send(visit("shapes", part="one_to_many", own=HOUSE, hide="question"), sent)
    assert not at.exception
    assert not at.info
    assert at.query_params["own"] == HOUSE
