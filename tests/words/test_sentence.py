"""What stands in the braces of a sentence."""

from __future__ import annotations

import string
from math import inf, nan

import pytest

from rnnviz.words import LANGUAGES, catalogue
from rnnviz.words.numbers import WRITERS
from rnnviz.words.sentence import Sentence


def test_a_sentence_names_the_writer() -> None:
    text = Sentence("{a:size} {a:size 5} {a:+fixed 1} {p:percent 1} {n:count} {n} {s} {set}")
    said = text.format(a=12.3456, p=0.9996, n=1450, s="x", set=0.0003)
    assert said == "12.3 12.346 +12.3 >99.9% 1,450 1450 x 0.0003"
    assert text.format(a=inf, p=nan, n=1450, s="x", set=-inf) == "∞ ∞ +∞ NaN 1,450 1450 x −∞"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_the_catalogue_names_a_writer(language: str) -> None:
    for key, sentence in catalogue(language).items():
        for _, name, how, _ in string.Formatter().parse(sentence):
            assert not how or how.lstrip("+").split()[0] in WRITERS, (key, name)


def test_an_unknown_writer_is_refused() -> None:
    with pytest.raises(ValueError, match="size, fixed, percent, count"):
        Sentence("{x:.2f}").format(x=1.0)


@pytest.mark.parametrize(
    ("count", "of", "said"),
    [
        (1, 1, "1 of the last 1 gradient was clipped"),
        (1, 24, "1 of the last 24 gradients was clipped"),
        (0, 24, "0 of the last 24 gradients were clipped"),
        (1450, 1450, "1,450 of the last 1,450 gradients were clipped"),
    ],
)
def test_nouns_and_verbs_follow_their_numbers(count: int, of: int, said: str) -> None:
    text = Sentence("{count:count} of the last {of:count} {of|gradient|gradients} {count|was|were} clipped")
    assert text.format(count=count, of=of) == said


def test_a_number_counts_as_one_where_it_is_written_so() -> None:
    text = Sentence("{age:fixed 1} {age|step|steps}, {life:size} {life|step|steps}, {later|it|they} {later}")
    assert text.format(age=1.0, life=1.0, later=1) == "1.0 steps, 1 step, it 1"


def test_a_particle_follows_what_its_sentence_is_filled_with() -> None:
    text = Sentence("**‘{word}’{이}** {x:fixed 2}{으로}, {p:percent}{을}")
    assert text.format(word="소년", x=1.36, p=0.97) == "**‘소년’이** 1.36으로, 97%를"
    assert text.format(word="소녀", x=-0.5, p=0.0) == "**‘소녀’가** −0.50으로, 0%를"
    assert text.format(word="{을}", x=0.127, p=1.0).startswith("**‘{을}’이** 0.13으로"), "a value is no notation"


def test_a_sentence_knows_what_it_needs() -> None:
    assert Sentence("{a} {b:size}{을} {{c}} {d|one|more}").names == {"a", "b", "d"}
    with pytest.raises(KeyError, match="d"):
        Sentence("{d|one|more}").format(a=1)
