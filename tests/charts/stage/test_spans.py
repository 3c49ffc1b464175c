"""Under letters stands their word, as far as it is read: never what is still to come, nor how long it is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.stage.scene import spans
from rnnviz.core.wholes import Whole, words
from rnnviz.scene import network, one_row, with_spans
from tests.charts.networks import SVG, case, picture
from tests.charts.stage.test_scene_chart import WIDTHS, lines

# No two letters are the same, so that each tells whether its token has been read; a space at any place.
LETTERS = "abcdefghijklmnopqrstuvwxyz가나다라마바사아자차카타파하"
MAMO = ("가", "ㅂ", "ㅜ", "ㄹ", "나", "␣", "다")  # a syllable that is cut, within a word
CUT = Whole(1, 4, "불", "cut")


@st.composite
def letters(draw: st.DrawFn) -> tuple[str, ...]:
    spaces = draw(st.lists(st.booleans(), min_size=1, max_size=8))
    return tuple("␣" if space else LETTERS[k] for k, space in enumerate(spaces))


@settings(max_examples=60, deadline=None)
@given(letters(), st.booleans(), st.integers(1, 2), st.booleans())
def test_at_any_step_what_stands_under_letters_is_what_has_been_read(
    tokens: tuple[str, ...], both: bool, layers: int, alone: bool
) -> None:
    trace = case("gru", steps=len(tokens), layers=layers, both=both, tokens=tokens).trace
    part = len(trace.weights) - 1
    scene = with_spans(one_row(trace, part) if alone else network(trace), words(tokens))
    made = spans.table(scene, [0.0] * len(scene.rows))
    step_of = {block.column: block.step for block in scene.blocks if block.kind == "token"}
    for step in range(scene.steps):
        there = [row for row in made if row["begin"] <= step < row["end"]]
        columns = [k for row in there for k in range(row["from"], row["to"] + 1)]
        read = [k for k, token in enumerate(tokens) if step_of[k] <= step and token != "␣"]
        assert sorted(columns) == read
        for row in there:
            run = tokens[row["from"] : row["to"] + 1]
            assert row["label"] == ("" if len(run) == 1 else "".join(run))
            assert row["end"] == scene.steps or any(step_of[k] == row["end"] for k in range(len(tokens)))
            for beside in (row["from"] - 1, row["to"] + 1):  # as long as what has been read
                assert beside not in read


@pytest.mark.parametrize("both", [False, True])
def test_a_syllable_is_whole_when_its_jamo_are_and_the_word_has_it_then(both: bool) -> None:
    trace = case(steps=7, both=both, tokens=MAMO).trace
    wholes = (CUT, *words(MAMO, (CUT,)))
    stage = rnnviz.stage(trace, look=rnnviz.Look(wholes=wholes, layer=0, reverse=both))
    told = stage.to_dict()["datasets"]["bundle"][0]["wordOf"].split(SEPARATOR)
    forward = ["", "가ㅂ", "가ㅂㅜ", "가불", "가불나", "", ""]
    reverse = ["가불나", "불나", "ㅜㄹ나", "ㄹ나", "", "", ""]
    assert told == (reverse if both else forward)


def boxes(drawn: ET.Element, name: str) -> list[tuple[str, float, float, float, float]]:
    """Each text of the mark with the box around it, by the size of its letters."""
    found = []
    for group in drawn.iter(f"{SVG}g"):
        if f"{name}_marks" not in group.get("class", "").split():
            continue
        for node in group.iter(f"{SVG}text"):
            x, y = map(float, re.findall(r"-?[\d.]+", node.get("transform", ""))[:2])
            size = float(node.get("font-size", "0").removesuffix("px"))
            said = node.text or ""
            half = sum(size * (1 if c > "ᄀ" else 0.56) for c in said) / 2
            found.append((said, x - half, y - size, x + half, y + 0.3 * size))
    return found


TEXT = tuple("elizabeth␣mary␣jo␣x␣mcdonald")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("start", "every"), [(1, False), (9, False), (12, False), (28, False), (1, True), (12, True)])
def test_in_every_window_of_a_long_text_no_word_lies_over_another_or_outside(
    width: int, start: int, every: bool
) -> None:
    trace = case("gru", steps=len(TEXT), tokens=TEXT).trace
    drawn = picture(rnnviz.stage(trace, look=rnnviz.Look(start=start, every=every, placed=True)), width=width)
    words_there = [*boxes(drawn, "spanText"), *boxes(drawn, "presentSpanText")]
    bars = [*lines(drawn, "span"), *lines(drawn, "presentSpan")]
    for said, left, _, right, _ in words_there:
        assert left >= 0
        assert right <= width + 1
        bar = next(bar for bar in bars if abs((bar[0] + bar[2]) / 2 - (left + right) / 2) < 1)
        assert right - left <= bar[2] - bar[0] + 2, said
    for one, other in itertools.combinations(words_there, 2):
        assert one[3] <= other[1] + 1 or other[3] <= one[1] + 1
    assert lines(drawn, "presentSpan") or TEXT[start - 1] == "␣"
    read = "".join(TEXT if every else TEXT[:start]).split("␣")
    assert {said for said, *_ in words_there} <= {*read}
    assert len(bars) <= len(read)
    assert words_there or start == 1


def shown(tokens: Sequence[str], **look: Any) -> list[str]:
    trace = case("gru", steps=len(tokens), tokens=tuple(tokens)).trace
    drawn = picture(rnnviz.stage(trace, look=rnnviz.Look(placed=True, **look)), width=1100)
    return [said for name in ("spanText", "presentSpanText") for said, *_ in boxes(drawn, name)]


def test_a_stage_of_letters_names_words_and_one_of_words_does_not() -> None:
    assert shown(["t", "o", " ", "b", "e"], start=5) == ["to", "be"]
    assert shown(["t", "o", " ", "b", "e"], start=4) == ["to"]
    assert shown(["to", "be", "or"], start=3) == []
    assert shown(["t", "o", " ", "b", "e"], start=5, wholes=()) == []
    assert shown(["t", "o"], start=2, wholes=(Whole(0, 2, "to", "word"),)) == ["to"]
