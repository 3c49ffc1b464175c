"""On every lesson that reads a text: what is unknown is said before anything else, and known words can be put in."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.words import catalogue
from tests.pages.conftest import Visit

EN = catalogue("en")
SAME = "All unknown words look the same to this network"
# Every part of a lesson that reads a text: the lesson, what chooses the part, and the text's parameter.
READING: dict[str, tuple[str, dict[str, str], str]] = {
    "step": ("step", {}, "text"),
    "rolled": ("rolled", {}, "text"),
    "gates": ("gates", {}, "text"),
    "lab": ("lab", {"part": "matrix", "source": "text"}, "text"),
    "taps": ("shapes", {"part": "taps"}, "text"),
    "in_step": ("shapes", {"part": "in_step", "task": "next"}, "text"),
    "batch": ("chains", {"part": "batch"}, "text"),
    "gap": ("chains", {"part": "gap"}, "gapped"),
    "stack": ("chains", {"part": "stack"}, "sentence"),
    "review": ("shapes", {"part": "many_to_one", "reader": "sentiment-en"}, "review"),
    "tagged": ("shapes", {"part": "in_step", "task": "tags-en"}, "tagged"),
}
FREE = ("review", "tagged")  # those whose words people have put together, and not a grammar
WITH_CHIPS = tuple(name for name in READING if name not in FREE)


def read(visit: Visit, name: str, text: str) -> AppTest:
    """The page with this text; where it has to have a gap, with one more word that is one."""
    lesson, part, parameter = READING[name]
    return visit(lesson, **part, **{parameter: f"{text} _" if name == "gap" else text})


@pytest.mark.parametrize("name", READING)
def test_unknown_words_are_said_first_and_where_there_are_none_nothing_is(name: str, visit: Visit) -> None:
    text, known = (
        ("the penguin was the walrus", "it was good")
        if name in FREE
        else (
            "the penguin chased the walrus",
            "the dog chased the cat",
        )
    )
    at = read(visit, name, text)
    (warning,) = at.warning
    assert warning.value == EN["reading.unknown_some_word"].format(count=2, total=5, words="‘penguin’, ‘walrus’")
    assert SAME in warning.value
    (all_unknown,) = read(visit, name, "qua qua").warning
    assert all_unknown.value == EN["reading.unknown_all_word"].format(count=2, total=2, words="‘qua’")
    assert not read(visit, name, known).warning


@pytest.mark.parametrize("name", WITH_CHIPS)
def test_a_known_word_is_put_in_the_place_of_the_unknown_one(name: str, visit: Visit) -> None:
    lesson, _, parameter = READING[name]
    at = read(visit, name, "the dog chased the penguin")
    pills = at.pills(key=f"{lesson}_known_{parameter if name in ('gap', 'stack') else 'unknown'}")
    assert list(pills.options) == ["cat", "cow", "fox", "horse", "mouse"]
    pills.set_value("fox").run()
    assert not at.exception
    assert at.query_params[parameter] == "the dog chased the fox" + " _" * (name == "gap")
    assert not at.warning


def test_the_words_that_a_korean_judgement_may_have_stand_as_chips(visit: Visit) -> None:
    at = visit("shapes", "ko", part="many_to_one", reader="sentiment-ko", review="펭귄이 좋아서")
    (warning,) = at.warning
    assert "펭귄이" in warning.value
    pills = at.pills(key="shapes_known_review")
    assert list(pills.options) == ["게임이", "노래가", "영화가", "책이"]
    pills.set_value("책이").run()
    assert not at.exception
    assert at.query_params["review"] == "책이 좋아서"
    assert not at.warning


@pytest.mark.parametrize("review", ["qua was not good", "the food was qua", "good qua bad qua"])
def test_nothing_is_told_of_an_unknown_word_of_a_review(review: str, visit: Visit) -> None:
    at = visit("shapes", part="many_to_one", reader="sentiment-en", review=review, hide="question")
    assert not at.exception
    assert not [e.value for e in at.markdown if "‘qua’" in e.value]
    asked = visit("shapes", part="many_to_one", reader="sentiment-en", review=review)
    assert not [
        option for pills in asked.pills if "_guess_" in str(pills.key) for option in pills.options if "qua" in option
    ]


def test_symbols_of_a_name_are_not_called_words(visit: Visit) -> None:
    (warning,) = visit("step", model="letters-en", text="an7a").warning
    assert "symbol" in warning.value
    assert "word" not in warning.value


@pytest.mark.parametrize(
    ("lesson", "values"),
    [
        ("step", {"guess": "off"}),
        ("rolled", {"value": "5"}),
        ("rolled", {"part": "gradient", "hide": "text"}),
        ("gates", {"part": "hold", "force": "0"}),
        ("gates", {"part": "maps"}),
        ("gates", {"part": "step"}),
    ],
)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_nothing_that_is_told_names_an_unknown_word(
    lesson: str, values: dict[str, str], cell: str, visit: Visit
) -> None:
    """On each page that tells of tokens, however often one that it does not know stands in the text."""
    text = "qua qua the dog qua chased qua qua the cat qua so qua the"
    for t in ("1", "6", "14"):
        at = visit(
            lesson,
            text=text,
            model="words-en",
            t=t,
            **({} if (lesson, cell) == ("gates", "rnn") else {"cell": cell}),
            **values,
        )
        assert not at.exception
        told = [e.value for e in at.markdown if "**Step" in e.value or "✓" in e.value or "Predict, then" in e.value]
        assert not [sentence for sentence in told if "‘qua’" in sentence]
