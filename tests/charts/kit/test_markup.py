"""Paragraphs of the catalogues as HTML."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from rnnviz.charts.kit.markup import paragraph
from rnnviz.words import LANGUAGES, catalogue

TAGS = re.compile(r"</?(?:p|strong|em|code)>")


@given(st.text())
def test_whatever_is_written_it_has_these_tags_only(text: str) -> None:
    assert not set(TAGS.sub("", paragraph(text))) & set("<>\"'")


@given(st.text(st.characters(exclude_characters="*`[")))
def test_what_has_no_marks_is_shown_as_it_is(text: str) -> None:
    assert html.unescape(TAGS.sub("", paragraph(text))) == text


def test_no_mark_of_the_lessons_paragraphs_is_left_over() -> None:
    found = {
        (language, key)
        for language in LANGUAGES
        for key, text in catalogue(language).items()
        if ".why_" in key and re.search(r"\*|`|\]\(", paragraph(text))
    }
    assert found == set()
