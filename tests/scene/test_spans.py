"""What tokens are units of, as spans of a scene."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rnnviz.core.wholes import Whole
from rnnviz.scene import Span, network, with_spans
from tests.charts.networks import case

SCENE = network(case(steps=5, tokens=tuple("사ㄸㅗㅏ.")).trace)
WHOLES = (Whole(1, 4, "뙈", "cut"), Whole(0, 5, "사뙈.", "word"))


def test_a_syllable_stands_next_to_its_jamo_and_the_word_under_it() -> None:
    assert with_spans(SCENE, WHOLES).spans == (
        Span(("x.1", "x.2", "x.3"), "뙈", 0),
        Span(("x.0", "x.1", "x.2", "x.3", "x.4"), "사뙈.", 1),
    )
    assert with_spans(SCENE, WHOLES[1:]).spans == (Span(("x.0", "x.1", "x.2", "x.3", "x.4"), "사뙈.", 0),)


@pytest.mark.parametrize(
    "spans",
    [
        (Span((), "a"),),
        (Span(("x.0", "x.2"), "a"),),
        (Span(("x.1", "x.0"), "a"),),
        (Span(("h.0.0",), "a"),),
        (Span(("x.9",), "a"),),
        (Span(("x.0",), "a", -1),),
        (Span(("x.0", "x.1"), "a"), Span(("x.1",), "b")),
    ],
)
def test_what_is_no_run_of_tokens_or_lies_over_another_is_refused(spans: tuple[Span, ...]) -> None:
    with pytest.raises(ValueError, match="accepted"):
        replace(SCENE, spans=spans)
