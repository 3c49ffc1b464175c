"""Only where the network is wrong is it called wrong: hundreds of texts and cells, counted again with the grammar's own
probabilities.
"""

from __future__ import annotations

import pytest

from rnnviz.facts.notice import notices
from rnnviz.facts.remarks import step_lines
from rnnviz.tasks.grammar.next_word import next_words
from rnnviz.tasks.grammar.sentences import sentences
from rnnviz.ui.trained_pass import trained_pass
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.words.numbers import percent

CELLS = ("rnn", "lstm", "gru", "mgu", "peephole")
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
