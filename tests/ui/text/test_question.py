"""A guess beside the answer, in the words of the options."""

from __future__ import annotations

import pytest

from rnnviz.ui.text.prose import speaker
from rnnviz.ui.text.question import verdict
from rnnviz.words import LANGUAGES, catalogue

# What options are: plain words, and those that name a token between quotation marks.
OPTIONS = {"a": "8단계 ‘는’", "b": "step 3, ‘are’", "c": "never"}
PAIRS = {"‘": "’", "“": "”"}


def nested(text: str) -> list[str]:
    """The quotation marks that open within others of the same kind."""
    inside: list[str] = []
    wrong = []
    for letter in text:
        if letter in PAIRS:
            wrong += [letter] if letter in inside else []
            inside.append(letter)
        elif inside and letter == PAIRS[inside[-1]]:
            inside.pop()
    assert inside == [], text
    return wrong


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("answer", OPTIONS)
@pytest.mark.parametrize("choice", ["", *OPTIONS])
def test_quotation_marks_within_others_are_of_the_other_kind(choice: str, answer: str, language: str) -> None:
    said = verdict(choice, answer, OPTIONS, speaker(language))
    assert OPTIONS[answer] in said
    assert nested(said) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_options_of_questions_name_tokens_between_single_ones(language: str) -> None:
    """Which is why a guess stands between double ones."""
    assert any("‘{" in text for key, text in catalogue(language).items() if key.startswith("ask."))
    assert not any(
        "“{" in text for key, text in catalogue(language).items() if key.startswith("ask.") and "_why" not in key
    )
