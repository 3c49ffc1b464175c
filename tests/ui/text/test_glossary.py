"""Terms of the glossary: marked alike in both languages, and linked once on a page."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.lessons import LESSONS
from rnnviz.ui.text.glossary import MARKED, TERMS, anchor
from rnnviz.ui.text.prose import speaker
from rnnviz.words import LANGUAGES, catalogue

LINK = re.compile(r'\[[^\]]+\]\(glossary\?lang=(\w+)#([\w-]+) "([^"]+)"\)')
KEYS = sorted(key for key, said in catalogue("en").items() if MARKED.search(said))


def terms(key: str, language: str) -> list[str]:
    return [term for _, term in MARKED.findall(catalogue(language)[key])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_marked_term_is_explained_and_every_explained_one_is_marked(language: str) -> None:
    marked = {term for key in KEYS for term in terms(key, language)}
    assert marked == set(TERMS)
    said = catalogue(language)
    for term, lesson in TERMS.items():
        assert lesson in LESSONS
        assert not set('"{}[]\\$*`') & set(said[f"meaning.{term}"]), "it stands in the tooltip of a link"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_marks_the_same_terms_in_the_same_sentences(language: str) -> None:
    assert {key: sorted(terms(key, language)) for key in catalogue(language)} == {
        key: sorted(terms(key, "en")) for key in catalogue("en")
    }


@given(st.lists(st.sampled_from(KEYS), min_size=1), st.sampled_from(sorted(LANGUAGES)))
def test_a_page_links_a_term_in_the_first_sentence_that_marks_it_and_in_no_other(
    keys: list[str], language: str
) -> None:
    say, first = speaker(language), dict[str, str]()
    for key in keys:
        values = dict.fromkeys(catalogue(language)[key].names, 1)
        linked = LINK.findall(say(key, **values))
        for term in terms(key, language):
            first.setdefault(term, key)
        own = [term for term in terms(key, language) if first[term] == key]
        assert [(language, anchor(term), catalogue(language)[f"meaning.{term}"]) for term in own] == linked
        assert not MARKED.search(LINK.sub("", say(key, **values))), "and no mark is left as it is written"


def test_two_runs_of_a_page_link_alike() -> None:
    one, other = speaker("en"), speaker("en")
    assert one("home.lead") == other("home.lead") == one("home.lead"), "a fragment that runs again keeps its link"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_marks_a_term_once(language: str) -> None:
    for key in KEYS:
        assert all(a != b for a, b in pairwise(sorted(terms(key, language)))), key
