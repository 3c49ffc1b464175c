"""On every lesson that reads a text: what is unknown is said before anything else, and known words can be put in."""

from __future__ import annotations

import pytest

from rnnviz.words import catalogue
from tests.pages.conftest import Visit

EN = catalogue("en")
SAME = "All unknown words look the same to this network"
LESSONS = {"step": {}, "rolled": {}, "gates": {}, "lab": {"part": "matrix", "source": "text"}}


@pytest.mark.parametrize("lesson", LESSONS)
def test_unknown_words_are_said_first_and_where_there_are_none_nothing_is(lesson: str, visit: Visit) -> None:
    at = visit(lesson, text="the penguin chased the walrus", **LESSONS[lesson])
    (warning,) = at.warning
    assert warning.value == EN["reading.unknown_some_word"].format(count=2, total=5, words="‘penguin’, ‘walrus’")
    assert SAME in warning.value
    (all_unknown,) = visit(lesson, text="qua qua", **LESSONS[lesson]).warning
    assert all_unknown.value == EN["reading.unknown_all_word"].format(count=2, total=2, words="‘qua’")
    assert not visit(lesson, text="the dog chased the cat", **LESSONS[lesson]).warning


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_known_word_is_put_in_the_place_of_the_unknown_one(lesson: str, visit: Visit) -> None:
    at = visit(lesson, text="the dog chased the penguin", **LESSONS[lesson])
    pills = at.pills(key=f"{lesson}_known_unknown")
    assert list(pills.options) == ["cat", "cow", "fox", "horse", "mouse"]
    pills.set_value("fox").run()
    assert not at.exception
    assert at.query_params["text"] == "the dog chased the fox"
    assert not at.warning


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
