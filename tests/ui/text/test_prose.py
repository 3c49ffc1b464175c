"""Someone's text in a sentence stays text."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.cells import CELLS, LAB_CELLS
from rnnviz.ui.text.prose import escape, named, speaker, titled
from rnnviz.words import LANGUAGES

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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_has_one_name_for_all_pages_and_it_is_that_of_its_declaration_in_english(language: str) -> None:
    names = {cell: titled(cell, speaker(language)) for cell in LAB_CELLS}
    assert len(set(names.values())) == len(names)
    if language == "en":
        assert names == {name: cell.title for name, cell in LAB_CELLS.items()}


def test_a_text_that_is_not_there_is_named_with_the_file_that_lacks_it() -> None:
    with pytest.raises(KeyError, match=r"no text step\.nothing; accepted: a key of ko\.toml"):
        speaker("ko")("step.nothing")


def test_a_colon_starts_no_icon_and_no_emoji() -> None:
    assert ":material" not in escape(":material/star:")
    assert ":smile" not in escape(":smile:")


def test_a_long_text_is_cut() -> None:
    assert unescape(escape("a" * 100, 10)) == "a" * 9 + "…"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_gate_and_state_is_called_by_its_name_before_its_symbol(language: str) -> None:
    say = speaker(language)
    for cell in CELLS.values():
        for symbol in (*cell.gates, *cell.states):
            assert re.fullmatch(rf"[^*]+ \*{symbol}\*", named(symbol, say)), symbol
    assert named("a*b", say) == "*a\\*b*", "what has no name stands alone, and is no markup"
