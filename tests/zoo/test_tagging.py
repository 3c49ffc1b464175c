"""Tags are put at the tokens that a network reads: at both parts of a contraction, at each jamo of a cut syllable."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from rnnviz.zoo.shapes import tagging
from rnnviz.zoo.shapes.catalogue import TAGGERS, shipped


def test_contractions_are_read_in_two() -> None:
    tokens = tagging.vocabulary("en").tokenize("I don't know, can't we, he's won't")
    texts = ["I", "do", "n't", "know", ",", "ca", "n't", "we", ",", "he", "'s", "wo", "n't"]
    assert [token.text for token in tokens] == texts
    assert all(token.known for token in tokens)


@pytest.mark.parametrize("name", TAGGERS)
def test_what_a_tagger_reads_and_answers_is_what_its_recipe_has(name: str) -> None:
    language = name.split("-")[1]
    assert shipped(name).vocabulary == tagging.vocabulary(language)
    assert shipped(name).outputs == tagging.TAGS[language]


def test_a_syllable_has_the_tag_of_its_first_morpheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 뷁에 갔다!, cut as kiwipiepy says it: where each morpheme begins and ends."""
    found = [("뷁", "NNP", 0, 1), ("에", "JKB", 1, 2), ("가", "VV", 3, 4), ("었", "EP", 3, 4), ("다", "EF", 4, 5)]
    morphemes = [SimpleNamespace(form=f, tag=tag, start=a, end=b) for f, tag, a, b in (*found, ("!", "SF", 5, 6))]
    monkeypatch.setattr(tagging, "_kiwi", lambda: SimpleNamespace(tokenize=lambda _: morphemes))
    text = "뷁에 갔다!"
    tokens = tagging.vocabulary("ko").tokenize(text)
    assert [token.text for token in tokens] == ["ㅂ", "ㅞ", "ㄺ", "에", "␣", "갔", "다", "!"]
    wanted = ["NOUN", "NOUN", "NOUN", "JOSA", "SPACE", "VERB", "EOMI", "PUNCT"]
    assert tagging._korean()(text, tokens) == wanted


def test_every_tag_of_the_program_that_finds_morphemes_has_one_of_the_list() -> None:
    assert set(tagging.SEJONG.values()) | {tagging.SPACE} == set(tagging.KOREAN)
    starts = list(tagging.SEJONG)
    assert all(not later.startswith(start) for k, start in enumerate(starts) for later in starts[k + 1 :])


def test_a_program_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging.importlib, "import_module", lambda _: SimpleNamespace(__version__="0.1"))
    tagging._kiwi.cache_clear()
    with pytest.raises(RuntimeError, match=tagging.KIWI):
        tagging._kiwi()
