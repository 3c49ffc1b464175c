"""What files are called."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rnnviz.ui.page.files import NAME_LIMIT, file_name


@given(st.lists(st.text()))
def test_a_name_is_short_and_holds_letters_digits_and_hyphens(parts: list[str]) -> None:
    name = file_name(*parts)
    assert re.fullmatch(r"rnnviz(-[^\W_]+)*", name)
    assert len(name) <= NAME_LIMIT


def test_a_name_says_what_is_shown() -> None:
    assert file_name("step", "words-en-lstm", "The book was ___.", "t4") == "rnnviz-step-words-en-lstm-the-book-was-t4"
    assert file_name("step", "저는 소년이 ___.") == "rnnviz-step-저는-소년이"
