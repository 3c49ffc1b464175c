"""The glossary, and the links to it on the pages."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from rnnviz.ui.text.glossary import TERMS, anchor
from rnnviz.words import catalogue
from tests.pages.conftest import FILES, Visit

LINK = re.compile(r"\]\(glossary\?lang=(\w+)#([\w-]+) ")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_term_stands_under_its_anchor_with_its_meaning_and_a_lesson(language: str, visit: Visit) -> None:
    at = visit("glossary", language)
    said = catalogue(language)
    assert [(heading.value, heading.anchor) for heading in at.subheader] == [
        (said[f"term.{term}"], anchor(term)) for term in TERMS
    ]
    assert [text.value for text in at.markdown] == [said[f"meaning.{term}"] for term in TERMS]
    links = at.get("page_link")
    assert [link.proto.label for link in links] == [
        said["glossary.shown"].format(lesson=said[f"{lesson}.title"]) for lesson in TERMS.values()
    ]


@pytest.mark.parametrize("page", FILES)
def test_a_page_links_each_term_once_and_both_languages_the_same(page: str, visit: Visit) -> None:
    linked = []
    for language in ("en", "ko"):
        at = visit(page, language)
        found = [link for kind in (at.markdown, at.caption) for text in kind for link in LINK.findall(text.value)]
        counted = Counter(found)
        assert {lang for lang, _ in counted} <= {language}
        assert {name for _, name in counted} <= {anchor(term) for term in TERMS}
        assert set(counted.values()) <= {1}
        linked.append({name for _, name in counted})
    assert linked[0] == linked[1]
    assert linked[0] or page == "glossary", "every lesson says a term that the glossary explains"
