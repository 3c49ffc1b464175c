"""Only where the network is wrong is it called wrong: hundreds of texts and cells, counted again with the grammar's own
probabilities.
"""

from __future__ import annotations

from collections import Counter

import pytest

from rnnviz.facts.notice import notices
from rnnviz.facts.questions.words import surprised
from rnnviz.facts.remarks import step_lines
from rnnviz.tasks.grammar.next_word import next_words
from rnnviz.tasks.grammar.sentences import sentences
from rnnviz.ui.picture.trained_pass import trained_pass
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.words.numbers import percent
from tests.facts.questions.test_question import fills

CELLS = ("rnn", "lstm", "gru", "mgu", "peephole")
# By the answer, why each option is right or wrong.
SURPRISED = {
    "wrong": {"wrong": "is_wrong", "open": "too_far", "outside": "inside"},
    "open": {"wrong": "knows", "open": "is_open", "outside": "inside"},
    "outside": {"wrong": "never", "open": "not_open", "outside": "is_outside"},
}
FAMILIES = ("be", "agreement", "negation", "order", "recall")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_surprise_is_put_down_to_what_it_is(language: str, cell: str) -> None:
    told: dict[str, int] = {}
    for family in FAMILIES:
        for unseen in (False, True):
            for sentence in sentences(language, 6, seed=len(cell), family=family, unseen=unseen):
                shown = trained_pass(f"words-{language}", cell, " ".join(sentence.words)).shown
                assert shown.readout is not None
                words = shown.words
                expected = [next_words(language, sentence.words[: t + 1]) for t in range(len(sentence.words))]
                gaps = [
                    max((abs(float(y[k]) - q.get(words[k], 0.0)), k) for k in range(len(words))) if q else (0.0, 0)
                    for y, q in zip(shown.readout.y, expected, strict=True)
                ]
                facts = {fact.kind: fact for fact in notices(shown, [False] * len(words))}
                assert "missed" not in facts
                assert "missed_outside" not in facts  # what the grammar writes is in it
                for kind, fact in facts.items():
                    told[kind] = told.get(kind, 0) + 1
                    if kind in ("missed_wrong", "missed_open"):
                        assert (gaps[fact.t - 1][0] >= 0.2) == (kind == "missed_wrong")
                        assert fact.values["q"] == pytest.approx(expected[fact.t - 1].get(str(fact.values["came"]), 0))
                    if kind == "wrong":
                        assert gaps[fact.t - 1][0] == max(gap for gap, _ in gaps) >= 0.2
                        assert fact.values["off"] == words[gaps[fact.t - 1][1]]
                if "wrong" not in facts and "missed_wrong" not in facts:
                    assert max(gap for gap, _ in gaps) < 0.2
                lines = step_lines(shown, 0, catalogue("en"))
                for (gap, k), q, line in zip(gaps, expected, lines, strict=True):
                    said = line.split("\n")[-1]
                    assert ("The network is wrong" in said) == (gap >= 0.2)
                    if gap >= 0.2:
                        assert f"‘{words[k]}’" in said
                        assert f"in the grammar {percent(q.get(words[k], 0.0))}" in said
    assert told.get("missed_open", 0) > 5


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["I are a boy.", "the dog chased the dog .", "the was"])
def test_a_word_that_the_grammar_never_has_there_is_said_to_be_outside(language: str, text: str) -> None:
    shown = trained_pass("words-en", "gru", text).shown
    lines = step_lines(shown, 0, catalogue(language))
    pattern = catalogue(language)["stage.remark.outside"].split("‘")[0]
    assert sum(pattern in line for line in lines) == 1


@pytest.mark.parametrize("language", ["en", "ko"])
def test_whose_a_surprise_is_is_counted_again_and_each_answer_occurs(language: str) -> None:
    """Sentences of the grammar, and the same with two words swapped, which most often leave it."""
    answers: Counter[str] = Counter()
    for n, family in enumerate(FAMILIES):
        for sentence in sentences(language, 6, seed=9, family=family, unseen=True):
            words = list(sentence.words)
            for text in (words, [*words[:2], *words[3:4], words[2], *words[4:]]):
                shown = trained_pass(f"words-{language}", CELLS[n], " ".join(text)).shown
                assert shown.readout is not None
                for t in range(1, len(text) + 1):
                    expected, y = next_words(language, tuple(text[:t])), shown.readout.y[t - 1]
                    question = surprised(shown, t)
                    came = shown.words.index(text[t]) if t < len(text) else None
                    if came is None or not expected or 3 * y[came] > y.max():
                        assert question is None
                        continue
                    assert question is not None
                    fills(question)
                    gap = max(abs(float(p) - expected.get(word, 0)) for p, word in zip(y, shown.words, strict=True))
                    own = "outside" if text[t] not in expected else "wrong" if gap >= 0.2 else "open"
                    assert question.answer == own
                    told = question.reasons["wrong"][1]
                    assert told["q"] == pytest.approx(expected.get(text[t], 0))
                    assert told["count"] == len(expected)
                    assert abs(float(told["p_off"]) - float(told["q_off"])) == pytest.approx(gap)
                    assert {option: reason for option, (reason, _) in question.reasons.items()} == SURPRISED[own]
                    for reason, values in question.reasons.values():  # each says what its numbers bear out
                        off, q = round(100 * abs(float(values["p_off"]) - float(values["q_off"])), 9), values["q"]
                        assert reason not in ("is_wrong", "too_far") or off >= values["far"]
                        assert reason != "knows" or (off < values["far"] and float(str(q)) > 0)
                        assert reason not in ("never", "not_open", "is_outside") or q == 0
                        assert reason != "inside" or float(str(q)) > 0
                        assert reason != "is_open" or int(values["count"]) > 1
                        if reason in ("is_wrong", "too_far"):
                            k = shown.words.index(str(values["off"]))
                            assert (values["p_off"], values["q_off"]) == pytest.approx(
                                (float(y[k]), expected.get(shown.words[k], 0.0))
                            )
                    answers[own] += 1
    assert set(answers) == {"wrong", "open", "outside"}
    assert surprised(trained_pass("letters-en", "gru", "zzq").shown, 1) is None, "no grammar of names"
