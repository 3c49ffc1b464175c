"""English nouns and verbs that follow their numbers."""

from __future__ import annotations

import re

import pytest

from rnnviz.words import catalogue

COUNT = r"\{\w+(?::count)?\}"
NOUN = re.compile(rf"{COUNT} of (?:the )?(?:last )?{COUNT} [a-z]{{3,}}s\b")
VERB = re.compile(rf"{COUNT} of (?:the )?(?:last )?{COUNT} [^.:;]*?(?<![|])\b(?:are|were|do|have|get)\b(?![|}}])")


@pytest.mark.parametrize("form", [NOUN, VERB])
def test_what_is_counted_of_so_many_follows_the_number(form: re.Pattern[str]) -> None:
    """`1 of 24 units do`, `1 of the last 1 gradients were` are written `{count|does|do}`, `{of|gradient|gradients}`."""
    assert {key: found[0] for key, said in catalogue("en").items() if (found := form.search(said))} == {}


@pytest.mark.parametrize("said", ["{units} of {size} units do", "{count} of the last {of} gradients {count|was|were}"])
def test_a_noun_in_one_form_is_found(said: str) -> None:
    assert NOUN.search(said)


@pytest.mark.parametrize("said", ["{units} of {size} {size|unit|units} are off", "{a} of the last {b} {b|x|xs} were"])
def test_a_verb_in_one_form_is_found(said: str) -> None:
    assert VERB.search(said)
