"""The grammar: what it writes is reproducible, held out cleanly, and decided where its probe says it is."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.tasks.grammar.sentences import END, FAMILIES, LANGUAGES, sentences, words

every_family = pytest.mark.parametrize("family", FAMILIES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@given(st.sampled_from(LANGUAGES), st.integers(0, 2**32), st.booleans())
def test_the_same_seed_writes_the_same_sentences(language: str, seed: int, unseen: bool) -> None:
    assert sentences(language, 5, seed=seed, unseen=unseen) == sentences(language, 5, seed=seed, unseen=unseen)


@every_language
def test_another_seed_writes_other_sentences(language: str) -> None:
    assert sentences(language, 20, seed=1) != sentences(language, 20, seed=2)


@every_language
@every_family
def test_held_out_sentences_share_neither_text_nor_key_with_training(language: str, family: str) -> None:
    seen = sentences(language, 800, seed=3, family=family)
    unseen = sentences(language, 200, seed=4, family=family, unseen=True)
    assert {s.words for s in seen}.isdisjoint(s.words for s in unseen)
    assert {s.key for s in seen}.isdisjoint(s.key for s in unseen)


@every_language
@every_family
def test_a_sentence_ends_with_the_final_token_and_its_probe_is_among_the_choices(language: str, family: str) -> None:
    for s in sentences(language, 200, seed=5, family=family):
        assert s.family == family
        assert s.words[-1] == END
        assert END not in s.words[:-1]
        assert s.words[s.probe] in s.choices
        assert len(set(s.choices)) == len(s.choices) > 1


@every_language
@every_family
def test_each_choice_is_the_right_one_somewhere(language: str, family: str) -> None:
    drawn = sentences(language, 800, seed=6, family=family)
    offered = {choice for s in drawn for choice in s.choices}
    assert offered == {s.words[s.probe] for s in drawn}


@every_language
def test_the_vocabulary_is_small_and_complete(language: str) -> None:
    vocabulary = words(language)
    assert len(vocabulary) <= 120
    assert {w for s in sentences(language, 3000, seed=7) for w in s.words} <= set(vocabulary)


@every_language
def test_memory_spans_a_sentence_of_20_to_35_tokens_and_only_the_first_word_differs_with_the_season(
    language: str,
) -> None:
    drawn = sentences(language, 400, seed=8, family="memory")
    assert all(20 <= len(s.words) <= 35 for s in drawn)
    assert all(s.probe == len(s.words) - 2 for s in drawn)
    decided = {(s.words[0], s.words[s.probe]) for s in drawn}
    assert len(decided) == len({first for first, _ in decided}) == len({last for _, last in decided}) == 4
    seasons = {first for first, _ in decided}
    assert all(seasons.isdisjoint(s.words[1:]) for s in drawn)


@every_language
def test_memory_does_not_repeat_a_clause_at_once(language: str) -> None:
    for s in sentences(language, 100, seed=9, family="memory"):
        text = " ".join(s.words)
        clauses = text.split(" , ") if language == "en" else text.replace("고 ", "고|").split("|")
        assert all(a != b for a, b in pairwise(clauses))


def test_order_has_sentences_of_the_same_words_that_go_on_otherwise() -> None:
    for language in LANGUAGES:
        drawn = sentences(language, 2000, seed=10, family="order")
        goes_on: dict[tuple[str, ...], set[str]] = {}
        for s in drawn:
            goes_on.setdefault(tuple(sorted(s.words[: s.probe])), set()).add(s.words[s.probe])
        assert any(len(words) == 2 for words in goes_on.values())


def test_number_agrees_with_the_head_and_not_with_the_attractor() -> None:
    crossed = 0
    for s in sentences("en", 400, seed=11, family="agreement"):
        head, attractor = s.words[1], s.words[s.words.index("the", 2) + 1]
        assert s.words[s.probe] == ("are" if head.endswith("s") else "is")
        crossed += head.endswith("s") != attractor.endswith("s")
    assert crossed > 100


def test_korean_verbs_honour_the_subject_of_the_main_clause() -> None:
    for s in sentences("ko", 400, seed=12, family="agreement"):
        before = s.words[: s.probe]
        relative = next((i for i, w in enumerate(before) if w in ("좋아하는", "좋아하시는")), -1)
        honoured = before[relative + 1].endswith("께서")
        assert s.words[s.probe].endswith(("으신다", "사신다", "보신다", "르신다", "드신다")) == honoured
        if relative >= 0:
            assert before[0].endswith("께서") != honoured


def test_negation_is_an_exclusive_or() -> None:
    for s in sentences("en", 400, seed=13, family="negation"):
        praised = bool({"good", "great", "fun"} & set(s.words))
        assert (s.words[s.probe] in ("loved", "smiled")) == (praised != ("not" in s.words))
    for s in sentences("ko", 400, seed=13, family="negation"):
        praised = any(w.startswith(("재미있", "좋아서", "좋지")) for w in s.words)
        negated = bool({"안", "않아서"} & set(s.words))
        assert (s.words[s.probe] in ("좋아했다", "웃었다")) == (praised != negated)


def test_a_korean_sentence_keeps_its_speech_level() -> None:
    ends = {"나는": "야", "너는": "야", "저는": "니다", "그는": "다", "그녀는": "다"}
    for s in sentences("ko", 400, seed=14, family="be"):
        last = s.words[s.probe]
        assert last.endswith(ends[s.words[0]])
        assert last.endswith(("입니다", "닙니다")) == (s.words[0] == "저는")


@pytest.mark.parametrize(("language", "family"), [("fr", None), ("en", "rhyme")])
def test_an_unknown_language_or_family_is_refused_by_name(language: str, family: str | None) -> None:
    with pytest.raises(ValueError, match=r"fr.*en, ko|rhyme.*be, agreement"):
        sentences(language, 1, seed=0, family=family)
