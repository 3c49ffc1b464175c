"""Someone's text in a sentence stays text."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from rnnviz.ui.prose import escape

JOINER = "\u2060"


def unescape(markdown: str) -> str:
    """What CommonMark makes of backslash escapes."""
    out, rest = "", iter(markdown)
    for c in rest:
        out += next(rest) if c == "\\" else c
    return out.replace(JOINER, "")


@given(st.text(max_size=40).filter(lambda text: JOINER not in text))
def test_it_reads_as_it_was_written(text: str) -> None:
    assert unescape(escape(text)) == text.translate(str.maketrans("\r\n\t", "   "))


@given(st.text(alphabet=string.punctuation + "a ", max_size=40))
def test_every_punctuation_mark_is_escaped(text: str) -> None:
    written = escape(text).replace(JOINER, "")
    assert len(written) == len(text) + sum(c in string.punctuation for c in text)


def test_a_colon_starts_no_icon_and_no_emoji() -> None:
    assert ":material" not in escape(":material/star:")
    assert ":smile" not in escape(":smile:")


def test_a_long_text_is_cut() -> None:
    assert unescape(escape("a" * 100, 10)) == "a" * 9 + "…"
