"""What is said of taps and of a verdict is counted again, and its questions have the right answers."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.taps import Taps
from rnnviz.facts.notice import Notice
from rnnviz.facts.questions.shapes import CLEAR, ahead, losses, other_drawing, states_reached, turning_token
from rnnviz.facts.shapes import TURNED, of_losses, of_spelling, of_tags, of_taps, of_verdict

EVERY = [Taps(bits[:steps], bits[steps:]) for steps in range(1, 5) for bits in product((False, True), repeat=2 * steps)]
ANSWERS = ("one", "two", "three")


def told(taps: Taps, norms: np.ndarray | None = None, loss: float = 1.5) -> dict[str, Notice]:
    return {fact.kind: fact for fact in of_taps(taps, norms, loss)}


@pytest.mark.parametrize("taps", EVERY, ids=str)
def test_what_is_said_of_taps_is_counted_again(taps: Taps) -> None:
    T = len(taps)
    facts = told(taps, np.arange(1.0, T + 1))
    asked = [t for t in range(T) if taps.asks[t]]
    opened = [t for t in range(T) if taps.inputs[t]]
    assert next(iter(facts)) == f"taps_{taps.shape}"
    if not asked:
        assert list(facts) == ["taps_nothing"]
        return
    lost = [t for t in opened if not any(question >= t for question in asked)]
    blind = [t for t in asked if not any(read <= t for read in opened)]
    assert ("taps_unread" in facts) == bool(lost)
    assert not lost or facts["taps_unread"].values["count"] == len(lost)
    assert ("taps_unknowing" in facts) == (bool(blind) and len(blind) < len(asked))
    if "taps_unknowing" in facts:
        assert facts["taps_unknowing"].values["count"] == len(blind)
    assert ("taps_zeros" in facts) == (len(opened) < T)
    assert len(opened) == T or facts["taps_zeros"].values["count"] == T - len(opened)
    assert facts["taps_loss"].values == {"count": len(asked), "loss": 1.5}
    kind = "taps_back" if asked[-1] else "taps_here"
    assert facts[kind].values == {"last": asked[-1] + 1.0, "first": 1.0}
    assert facts[kind].t == asked[-1] + 1
    assert ("taps_back" in facts) + ("taps_here" in facts) == 1
    assert ("taps_after" in facts) == (asked[-1] < T - 1)
    assert asked[-1] == T - 1 or facts["taps_after"].values["count"] == T - 1 - asked[-1]
    hidden = told(taps)
    assert not {"taps_back", "taps_here", "taps_after"} & hidden.keys()  # while the way back may not be seen


@pytest.mark.parametrize("taps", EVERY, ids=str)
def test_the_states_that_a_loss_reaches_are_those_up_to_the_last_question(taps: Taps) -> None:
    question = states_reached(taps)
    if not any(taps.asks):
        assert question is None
        return
    assert question is not None
    until = len(taps) - taps.asks[::-1].index(True)
    counts = {"none": 0, "asked": sum(taps.asks), "open": sum(taps.inputs), "until": until, "every": len(taps)}
    assert question.answer == "until"
    offered = [counts[option] for option in question.options]
    assert offered == sorted(set(offered))  # no two options are the same number
    assert set(offered) == set(counts.values())
    for option, (reason, values) in question.reasons.items():
        assert reason == ("here" if option == "until" and until == 1 else option)
        assert {**values} == {name: count for name, count in counts.items() if name != "none"} | {"t": until}


def test_how_many_states_a_loss_reaches_and_how_many_losses_a_text_gives_is_not_always_the_same() -> None:
    counts = {int(str(question.values["until"])) for taps in EVERY if (question := states_reached(taps))}
    assert counts == {1, 2, 3, 4}
    places: set[int] = set()
    for targets in ((None,), (1, None), (1, None, 2, None), (None, None), (1, 2, 1, None)):
        question = losses(targets, len(targets))
        places.add(question.options.index("known"))
    assert len(places) > 1


def distributions() -> st.SearchStrategy[np.ndarray]:
    rows = st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=2, max_size=7)
    return rows.map(lambda found: np.array(found) / np.sum(found, axis=1, keepdims=True))


@given(distributions(), st.lists(st.booleans(), min_size=7, max_size=7))
def test_a_verdict_is_turned_where_its_probability_rises_most(found: np.ndarray, unknown: list[bool]) -> None:
    prior, y = found[0], found[1:]
    tokens = [f"w{t}" for t in range(len(y))]
    facts = {fact.kind: fact for fact in of_verdict(y, prior, tokens, ANSWERS, unknown)}
    final = max(range(3), key=lambda k: y[-1][k])
    path = [prior[final], *(row[final] for row in y)]
    rises = [after - before for before, after in pairwise(path)]
    for kind, best in (("verdict_turned", max(rises)), ("verdict_against", min(rises))):
        size = best if kind == "verdict_turned" else -best
        assert (kind in facts) == (size >= TURNED and not unknown[rises.index(best)])
        if kind in facts:
            t = facts[kind].t
            assert rises[t - 1] == best
            assert facts[kind].values == {
                "token": tokens[t - 1],
                "answer": ANSWERS[final],
                "before": path[t - 1],
                "after": path[t],
            }
    first = [max(range(3), key=lambda k: row[k]) for row in y]
    changes = sum(a != b for a, b in pairwise(first))
    end = facts["verdict_end" if changes else "verdict_same"]
    assert end.values == {"answer": ANSWERS[final], "p": y[-1][final], "count": changes, "steps": len(y)}
    question = turning_token(y, prior, tokens, ANSWERS, unknown)
    most = rises.index(max(rises))
    offered = sorted((t for t in range(len(y)) if t != most and not unknown[t]), key=lambda t: -abs(rises[t]))[:3]
    clear = bool(offered) and max(rises) - max(rises[t] for t in offered) >= CLEAR
    assert (question is None) == (unknown[most] or not clear)
    if question is None:
        return
    assert question.answer == str(most + 1)
    assert sorted(map(int, question.options)) == sorted(t + 1 for t in (most, *offered))
    for option, (reason, values) in question.reasons.items():
        t = int(option)
        assert (values["before"], values["after"]) == (path[t - 1], path[t])
        assert reason == ("most" if t - 1 == most else "less" if rises[t - 1] > 0 else "against")
        assert t - 1 == most or max(rises) - rises[t - 1] >= CLEAR


def test_a_verdict_that_no_step_turns_clearly_is_not_asked_about() -> None:
    y = np.array([[0.5, 0.5, 0.0], [0.6, 0.4, 0.0], [0.7, 0.3, 0.0]])
    assert turning_token(y, np.array([0.4, 0.6, 0.0]), ["a", "b", "c"], ANSWERS, [False] * 3) is None
    assert turning_token(y[:1], np.array([0.1, 0.9, 0.0]), ["a"], ANSWERS, [False]) is None


@given(distributions(), st.booleans(), st.booleans())
def test_what_is_said_of_a_spelling_is_counted_again(y: np.ndarray, right: bool, told: bool) -> None:
    said = "abcdefgh"[: len(y) - 1]
    word = said if right else "other"
    known = (word, "more", "words")
    first, second = of_spelling(y, said, word if told else None, known)
    if told:
        assert first.kind == ("spelled_right" if right else "spelled_wrong")
        assert first.values == {"said": said, "word": word}
    else:  # nobody has said what was drawn
        assert first.kind == ("spelled_own" if right else "spelled_own_other")
        whole = 1.0
        for row in y.tolist():
            whole *= max(row)
        assert first.values == {"said": said, "p": pytest.approx(whole), "count": 3}
    sure = [max(row) for row in y.tolist()]
    t = sure.index(min(sure))
    assert second.kind == ("spelled_end" if t == len(said) else "spelled_letter")
    assert (second.t, second.values) == (t + 1, {"letter": said[t : t + 1], "p": sure[t]})


@given(distributions(), st.data())
def test_the_first_step_at_which_another_first_state_is_felt_is_found_again(y: np.ndarray, data: st.DataObject) -> None:
    other = np.array([data.draw(st.sampled_from([row, np.roll(row, 1)])) for row in y])
    question = other_drawing(y, other, ANSWERS, 5)
    assert question.values == {"k": 5}
    firsts = [[row.index(max(row)) for row in rows.tolist()] for rows in (y, other)]
    steps = [t for t, (was, now) in enumerate(zip(*firsts, strict=True)) if was != now]
    assert question.answer == ("never" if not steps else "first" if steps[0] == 0 else "later")
    reasons = {option: reason for option, (reason, _) in question.reasons.items()}
    assert reasons["first"] == ("at_first" if question.answer == "first" else "same_first")
    assert reasons["later"] == {"first": "already", "later": "felt", "never": "nowhere"}[question.answer]
    assert reasons["never"] == ("all_same" if question.answer == "never" else "differs")
    for _, values in question.reasons.values():
        assert values["start"] == ANSWERS[firsts[0][0]]
        assert values["steps"] == len(y)
        assert values["most"] == pytest.approx(max(abs(a - b) for a, b in zip(y.flat, other.flat, strict=True)))
        if steps:
            assert values["t"] == steps[0] + 1
            assert (values["before"], values["after"]) == tuple(ANSWERS[found[steps[0]]] for found in firsts)


@given(distributions(), st.lists(st.booleans(), min_size=7, max_size=7))
def test_the_token_that_a_tagger_is_least_sure_of_is_found_again(y: np.ndarray, unknown: list[bool]) -> None:
    tokens = [f"w{t}" for t in range(len(y))]
    facts = {fact.kind: fact for fact in of_tags(y, tokens, unknown, ANSWERS)}
    count = sum(unknown[: len(y)])
    assert ("tags_unknown" in facts) == (count > 0)
    assert not count or facts["tags_unknown"].values == {"count": count}
    sure = {t: sorted(row) for t, row in enumerate(y.tolist()) if not unknown[t]}
    assert ("tags_unsure" in facts) == bool(sure)
    if sure:
        fact = facts["tags_unsure"]
        t = fact.t - 1
        assert sure[t][-1] == min(row[-1] for row in sure.values())
        assert (fact.values["p"], fact.values["q"]) == (sure[t][-1], sure[t][-2])
        first, second = (ANSWERS.index(str(fact.values[key])) for key in ("tag", "second"))
        assert first != second
        assert (y[t, first], y[t, second], fact.values["token"]) == (sure[t][-1], sure[t][-2], tokens[t])


@given(distributions().filter(lambda y: len(y) > 2), st.data())
def test_the_first_step_at_which_another_word_changes_a_tag_is_found_again(y: np.ndarray, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(y) - 2))
    later = [data.draw(st.sampled_from([row, np.roll(row, 1)])) for row in y[place + 1 :]]
    other = np.array([*y[: place + 1], *later])
    tokens = [f"w{t}" for t in range(len(y))]
    question = ahead(y, other, tokens, place, "new", ANSWERS)
    firsts = [[row.index(max(row)) for row in rows.tolist()] for rows in (y, other)]
    steps = [t for t, (was, now) in enumerate(zip(*firsts, strict=True)) if was != now]
    assert question.answer == ("never" if not steps else "here" if steps[0] == place + 1 else "later")
    reasons = {option: reason for option, (reason, _) in question.reasons.items()}
    assert reasons["before"] == "before"
    assert reasons["here"] == ("read" if question.answer == "here" else "alike")
    assert ("later" in reasons) == (place + 2 < len(y)), "where a step is later"
    later_reason = {"here": "already", "later": "felt", "never": "nowhere"}[question.answer]
    assert reasons.get("later", later_reason) == later_reason
    assert reasons["never"] == ("all_same" if question.answer == "never" else "differs")
    values = question.values
    assert (values["t"], values["next"], values["token"], values["old"]) == (
        place + 1,
        place + 2,
        tokens[place],
        tokens[place + 1],
    )
    assert (values["tag"], values["p"]) == (ANSWERS[firsts[0][place]], max(y[place]))
    assert values["same"] == ANSWERS[firsts[0][place + 1]]
    assert reasons["here"] == "read" or firsts[0][place + 1] == firsts[1][place + 1]
    moved = (abs(a - b) for a, b in zip(y[place + 1], other[place + 1], strict=True))
    assert (values["steps"], values["most"]) == (len(y), pytest.approx(max(moved)))
    if steps:
        assert values["at"] == steps[0] + 1
        assert (values["before"], values["after"]) == tuple(ANSWERS[found[steps[0]]] for found in firsts)


@given(distributions(), st.data())
def test_losses_enter_where_a_right_answer_is_known(y: np.ndarray, data: st.DataObject) -> None:
    T = len(y)
    targets = [*(data.draw(st.sampled_from([None, 0, 1, 2])) for _ in range(T - 1)), None]
    every = {t: -np.log(y[t][k]) for t, k in enumerate(targets) if k is not None}
    (fact,) = of_losses(y, targets)
    question = losses(targets, T)
    assert question.answer == "known"
    counts = {"known": len(every), "one": 1, "every": T, "none": 0}
    offered = [counts[option] for option in question.options]
    assert offered == sorted(set(offered))
    assert set(offered) == set(counts.values())
    for option, (reason, values) in question.reasons.items():
        assert reason == ("none_known" if option == "known" and not every else option)
        assert values == {"known": len(every), "every": T, "missing": T - len(every)}
    if not every:
        assert (fact.kind, fact.values) == ("losses_none", {"steps": T})
        return
    assert fact.kind == "losses"
    assert every[fact.t - 1] == pytest.approx(max(every.values()))
    assert fact.values["largest"] == pytest.approx(max(every.values()))
    assert fact.values["total"] == pytest.approx(sum(every.values()))
    assert (fact.values["count"], fact.values["steps"]) == (len(every), T)
