"""What is reached without a network: by hand for a few sources, and far from right over many."""

import pytest

from rnnviz.tasks.pairs import TASKS, pairs
from rnnviz.tasks.pairs.guess import guess
from rnnviz.tasks.pairs.numbers import tokens


@pytest.mark.parametrize(
    ("name", "source", "target"),
    [  # in the last one a counter is read as what it is without a number: 개를, "the dog"
        ("en-ko", "the dog slept .", "개가 잤다 ."),
        ("en-ko", "the student bought the book at home yesterday .", "학생이 샀다 책을 집에서 어제 ."),
        ("en-ko", "two cats will not sleep because I laughed .", "두 고양이들이 자지 않을 것이다 나는 웃었다 ."),
        ("ko-en", "학생이 매일 책을 읽는다 .", "student every day book reads ."),
        ("ko-en", "사과 세 개를 본 개가 잤다 .", "apple three dog saw dog slept ."),
    ],
)
def test_a_dictionary_keeps_the_order(name: str, source: str, target: str) -> None:
    assert guess(name, tuple(source.split())) == tuple(target.split())


@pytest.mark.parametrize(
    ("name", "source", "target"),
    [
        ("dates", "2026/10/3", "2026103"),
        ("dates", "3␣march␣2026", "32026"),
        ("copying", "=abca", "abca"),
        ("copying", "<abca", "abca"),
    ],
)
def test_characters_are_copied(name: str, source: str, target: str) -> None:
    assert guess(name, tuple(source)) == tuple(target)


@pytest.mark.parametrize(
    ("source", "target"),
    [  # the zeros of "thousand", "만", "천" and of "twenty" are too many as soon as more follows
        ("12,304", "12304"),
        ("1.2만", "120000"),
        ("twelve thousand", "12000"),
        ("twenty-two thousand and four", "2020004"),
        ("이만 삼천사", "2000030004"),
        ("만 이", "00002"),
        ("서른다섯", "305"),
        ("서른", "30"),
    ],
)
def test_names_of_numbers_are_looked_up_one_by_one(source: str, target: str) -> None:
    assert "".join(guess("numbers", tokens(source))) == target


@pytest.mark.parametrize(
    ("name", "most"), [("en-ko", 0.1), ("ko-en", 0.01), ("dates", 0), ("numbers", 0.5), ("copying", 0.6)]
)
def test_a_guess_is_seldom_all_right_and_always_of_the_targets_tokens(name: str, most: float) -> None:
    drawn = pairs(name, 1000, seed=1, unseen=True)
    guesses = [guess(name, pair.source) for pair in drawn]
    assert sum(said == pair.target for said, pair in zip(guesses, drawn, strict=True)) <= most * 1000
    assert {token for said in guesses for token in said} <= set(TASKS[name].targets)


def test_an_unknown_task_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"en-fr.*en-ko, ko-en, dates, numbers, copying"):
        guess("en-fr", ())
