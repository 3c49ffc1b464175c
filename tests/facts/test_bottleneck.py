"""What is said of the vector that is handed over, against the scores that it is said of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.facts.bottleneck import asked_of_last, nearest, of_lengths
from rnnviz.zoo.seq2seq import NAMES, LengthScore, cards

shares = st.lists(st.integers(0, 150).map(lambda n: n / 150), min_size=3, max_size=3).map(tuple)
lengths = st.lists(st.integers(1, 30), min_size=1, max_size=8, unique=True).map(sorted)


@st.composite
def scored(draw: st.DrawFn) -> dict[str, tuple[LengthScore, ...]]:
    of = draw(lengths)

    def one(length: int) -> LengthScore:
        guess = draw(st.floats(0, 1))
        return LengthScore(length, 150, draw(shares), draw(shares), draw(shares), 0.0, 0.0, guess)

    return {attention: tuple(one(length) for length in of) for attention in MECHANISMS}


def table(scores: Mapping[str, Sequence[LengthScore]], kind: str) -> dict[str, dict[int, float]]:
    """By attention and length the mean over the seeds."""
    return {
        attention: {one.length: float(np.mean(getattr(one, kind))) for one in rows}
        for attention, rows in scores.items()
    }


@given(scores=scored(), length=st.integers(1, 40), place=st.integers(0, 1))
def test_whether_all_is_in_the_last_state_is_read_from_the_nearest_length(
    scores: dict[str, tuple[LengthScore, ...]], length: int, place: int
) -> None:
    question = asked_of_last(scores, length, place)
    exact, first = table(scores, "exact"), table(scores, "first")["none"]
    at = int(question.values["length"])
    assert min(abs(other - length) for other in first) == abs(at - length)
    guess = next(one.guess_first for one in scores["none"] if one.length == at)
    nearly = np.isclose(exact["none"][at], 0.9) or np.isclose(first[at], guess + 0.05)
    reads = first[at] > guess + 0.05
    answer = "whole" if exact["none"][at] > 0.9 else "part" if reads else "lost"
    assert nearly or question.answer == answer
    for reason, values in question.reasons.values():
        assert values["place"] == place + 1
        assert values["first"] == pytest.approx(first[at])
        assert values["guess"] == guess
        for attention in MECHANISMS:
            assert values[f"exact_{attention}"] == pytest.approx(exact[attention][at])
        if not nearly:
            holds = {
                "is_whole": answer == "whole",
                "is_written": answer == "whole",
                "all_of_it": answer == "whole",
                "not_whole": answer != "whole",
                "is_part": answer == "part",
                "is_read": answer == "part",
                "not_even": answer == "lost",
                "is_lost": answer == "lost",
            }
            assert holds[reason]


@given(scores=scored(), longest=st.integers(1, 30), place=st.integers(0, 1))
def test_what_is_said_of_lengths_is_counted_again(
    scores: dict[str, tuple[LengthScore, ...]], longest: int, place: int
) -> None:
    half, probe, beyond = of_lengths(scores, longest, place)
    exact, first = table(scores, "exact"), table(scores, "first")
    of = sorted(exact["none"])
    at = int(half.values["length"])
    if half.kind == "bottleneck_half":
        assert all(exact["none"][length] < 0.5 for length in of if length >= at)
        assert at == of[0] or exact["none"][of[of.index(at) - 1]] >= 0.5
    else:
        assert half.kind == "bottleneck_never"
        assert at == of[-1]
        assert exact["none"][at] >= 0.5
    for attention in MECHANISMS:
        assert half.values[attention] == pytest.approx(exact[attention][at])
        for name, end in (("short", of[0]), ("long", of[-1])):
            assert probe.values[name] == end
            assert probe.values[f"{name}_{attention}"] == pytest.approx(first[attention][end])
            assert probe.values[f"guess_{name}"] == next(o.guess_first for o in scores["none"] if o.length == end)
        if beyond.kind == "bottleneck_beyond":
            assert beyond.values[attention] == pytest.approx(exact[attention][of[-1]])
    assert probe.values["place"] == place + 1
    assert beyond.kind == ("bottleneck_beyond" if of[-1] > longest else "bottleneck_within")
    assert (beyond.values["length"], beyond.values["longest"]) == (of[-1], longest)


def test_of_two_lengths_as_near_the_longer_one_is_taken() -> None:
    scores = [LengthScore(length, 1, (0.0,), (0.0,), (0.0,), 0.0, 0.0, 0.0) for length in (4, 6, 12)]
    assert [nearest(scores, length).length for length in (1, 5, 8, 9, 10, 40)] == [4, 6, 6, 12, 12, 12]


def test_whether_all_is_in_the_last_state_is_not_always_the_same() -> None:
    """Over the lengths that the shipped networks were measured at."""
    answers = set()
    for name in NAMES:
        by_attention = cards(name).by_attention
        scores = {attention: card.lengths for attention, card in by_attention.items()}
        answers |= {asked_of_last(scores, one.length, by_attention["none"].probed).answer for one in scores["none"]}
    assert len(answers) > 1


def test_of_strings_longer_than_those_of_training_fewer_than_half_are_copied_rightly_with_attention_too() -> None:
    """As the lesson says under "why"."""
    for card in cards("copying").by_attention.values():
        beyond = [one for one in card.lengths if one.length > card.trained[1]]
        right = sum(one.count * sum(one.exact) / len(one.exact) for one in beyond)
        assert right / sum(one.count for one in beyond) < 0.5
