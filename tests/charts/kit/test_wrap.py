"""Lines that a phone breaks: nothing is lost, no word is broken, and every line fits."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.charts.kit.wrap import BREAK, NARROW, ROOM, breakable, width

WORDS = st.lists(st.text("abc가나다,.", min_size=1, max_size=12), min_size=1, max_size=30)


@given(words=WORDS)
def test_every_line_fits_and_the_words_are_as_they_were(words: list[str]) -> None:
    line = " ".join(words)
    broken = breakable(line)
    assert broken.replace(BREAK, " ") == line
    parts = broken.split(BREAK)
    assert all(width(part) <= ROOM for part in parts)
    for one, following in pairwise(parts):
        first = following.split(" ")[0]
        assert width(one) + NARROW + width(first) > ROOM, "a line ends only where the next word has no room"


def test_a_word_longer_than_a_line_stays_whole() -> None:
    assert breakable("가" * 40) == "가" * 40


@pytest.mark.parametrize(("text", "expected"), [("", 0), ("가나", 2), ("ab", 2 * NARROW), ("가 b", 1 + 2 * NARROW)])
def test_hangul_is_as_wide_as_its_square(text: str, expected: float) -> None:
    assert width(text) == pytest.approx(expected)
