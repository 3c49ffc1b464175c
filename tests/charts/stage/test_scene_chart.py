"""One renderer draws any scene: every block at its place, every wire from block to block, nothing over anything."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.charts.kit import palette
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.stage.chart import Stage
from rnnviz.charts.stage.scene.chart import scene_chart
from rnnviz.charts.stage.scene.tables import meanings
from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.scene import Scene, feed_forward, meeting, network, transduction, with_head
from rnnviz.words import LANGUAGES, catalogue
from tests.charts.networks import SVG, WORDS, boxes, case, made, picture, texts
from tests.charts.png import colours
from tests.core.seq2seq.transducers import transduced
from tests.scene.networks import SOURCE, encoder_decoder

WIDTHS = [358, 1100, 1800]
Line = tuple[float, float, float, float]


def lines(drawn: ET.Element, name: str) -> list[Line]:
    """Both ends in px of every rule of the mark `name`."""
    found = []
    for group in drawn.iter(f"{SVG}g"):
        if f"{name}_marks" in group.get("class", "").split():
            for line in group.iter(f"{SVG}line"):
                x, y = map(float, re.findall(r"-?[\d.]+(?:e-?\d+)?", line.get("transform", "translate(0,0)"))[:2])
                found.append((x, y, x + float(line.get("x2", 0)), y + float(line.get("y2", 0))))
    return found


def fills(drawn: ET.Element, name: str) -> list[str]:
    groups = (group for group in drawn.iter(f"{SVG}g") if f"{name}_marks" in group.get("class", "").split())
    return [path.get("fill", "") for group in groups for path in group.iter(f"{SVG}path")]


def pictures(drawn: ET.Element, name: str) -> list[str]:
    """The data URLs of the mark's pictures."""
    groups = (group for group in drawn.iter(f"{SVG}g") if f"{name}_marks" in group.get("class", "").split())
    nodes = (node for group in groups for node in group.iter(f"{SVG}image"))
    return [next(value for key, value in node.items() if key.endswith("href")) for node in nodes]


def wires(drawn: ET.Element, figure: Figure) -> dict[str, list[Line]]:
    """The pieces of every wire, in order; all of them are in the window."""
    found: dict[str, list[Line]] = {}
    marks = {"alongWire": (False, False), "detourWire": (True, False), "shareWire": (False, True)}
    for name, (detour, shared) in marks.items():
        rows = [
            row
            for row in figure.to_dict()["datasets"]["wires"]
            if row["shared"] == shared and (shared or (row["kind"] == "detour" or row["main"]) == detour)
        ]
        for row, line in zip(rows, lines(drawn, name), strict=True):
            found.setdefault(row["wire"] + f"#{row['light']}" * (row["kind"] == "along"), []).append(line)
    return found


def crosses(line: Line, box: Line) -> bool:
    """Whether a piece runs through a box: some point of it lies more than 3 px inside."""
    points = ((line[0] + (line[2] - line[0]) * k / 200, line[1] + (line[3] - line[1]) * k / 200) for k in range(201))
    return any(box[0] + 3 < x < box[2] - 3 and box[1] + 3 < y < box[3] - 3 for x, y in points)


def test_every_block_and_wire_of_an_encoder_and_decoder_is_drawn() -> None:
    scene = encoder_decoder()
    figure = scene_chart(scene, start=scene.steps)
    drawn = picture(figure, width=1100)
    assert len(boxes(drawn, "block")) == sum(block.kind == "state" for block in scene.blocks)
    written = texts(drawn)
    for block in scene.blocks:
        if block.kind != "state":
            assert block.label in written
    assert {name.partition("#")[0] for name in wires(drawn, figure)} == {f"{w.source}>{w.target}" for w in scene.wires}


@pytest.mark.parametrize("attention", MECHANISMS)
@pytest.mark.parametrize("read", [1, 2, 6])
def test_the_bridge_is_seen_as_soon_as_all_is_read(attention: str, read: int) -> None:
    """With or without attention nothing covers it, from the last state that is read to the first that writes."""
    scene = transduction(transduced(attention, tuple(range(1, read + 1))), begin="<", end=">")
    figure = scene_chart(scene, start=read)
    drawn = picture(figure)
    states = [block.name for block in scene.blocks if block.kind == "state"]
    place = dict(zip(states, boxes(drawn, "block"), strict=True))
    way = wires(drawn, figure)[f"h.{read - 1}>s.0"]
    _, _, right, _ = place[f"h.{read - 1}"]
    if len(way) > 1:  # out at the right, as along the row
        assert way[0][0] == pytest.approx(right, abs=3)
    left, _, right, bottom = place["s.0"]
    assert left < way[-1][2] < right
    assert way[-1][3] == pytest.approx(bottom, abs=4)
    names = [group.get("class", "") for group in drawn.iter(f"{SVG}g")]
    above, below = (next(at for at, name in enumerate(names) if mark in name) for mark in ("detourWire", "cover_"))
    assert above > below
    covers = boxes(drawn, "cover")
    assert any(crosses(piece, cover) for piece in way for cover in covers)  # it would not be seen under them


def test_what_is_stepped_has_a_frame_around_the_present_place_and_what_is_there_as_a_whole_has_none() -> None:
    scene = encoder_decoder()
    assert boxes(picture(scene_chart(scene, start=2)), "frame")
    assert not boxes(picture(scene_chart(scene, start=scene.steps, every=True)), "frame")


def ends(drawn: ET.Element) -> Iterator[tuple[str, float, float]]:
    """Of each text that is set from the right: what it says, and in px its right end and its line."""
    for text in drawn.iter(f"{SVG}text"):
        if text.get("text-anchor") == "end":
            x, y = map(float, re.findall(r"-?[\d.]+", text.get("transform", ""))[:2])
            yield "".join(text.itertext()), x, y


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "scene",
    [meeting(case("gru", steps=5, both=True).trace, 2, "was"), feed_forward([("age", "50")], np.ones(3), ("yes", "6"))],
    ids=["gap", "feed-forward"],
)
def test_what_symbols_mean_stands_in_the_gutter_before_them(scene: Scene, language: str) -> None:
    names = meanings(catalogue(language))
    written = {text: (x, y) for text, x, y in ends(picture(scene_chart(scene, language=language, names=names)))}
    for row in scene.rows:
        (label,), (symbol,) = row.labels, row.symbols
        right, line = written[label]
        end, beside = written[names[symbol]]  # whole: what has no room ends in "…"
        assert abs(beside - line) < 6
        assert end < right - 8 * len(label)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("start", [1, 4, 9])
def test_nothing_of_it_overlaps_or_lies_outside(start: int, width: int, dark: bool) -> None:
    figure = scene_chart(encoder_decoder(), start=start)
    drawn = ET.fromstring(vl_convert.vegalite_to_svg(figure.themed(dark) | {"width": width}))
    height = float(drawn.get("height", 0))
    found = boxes(drawn, "block")
    assert found
    for number, box in enumerate(found):
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= width
        assert box[3] <= height
        for other in found[:number]:
            assert box[0] >= other[2] or box[2] <= other[0] or box[1] >= other[3] or box[3] <= other[1]
    for name in ("alongWire", "detourWire", "shareWire"):
        for line in lines(drawn, name):
            assert all(-1 <= x <= width + 1 for x in line[::2])
            assert all(0 <= y <= height for y in line[1::2])
            assert not any(crosses(line, box) for box in found), (name, line)
    assert palette.PAPER[dark] in fills(drawn, "cover")


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Stage, Scene]:
    layers = draw(st.integers(1, 3))
    both = draw(st.booleans()) if layers > 1 else True
    cell = draw(st.sampled_from(["rnn", "lstm", "gru"]))
    size = {"steps": draw(st.integers(1, 6)), "hidden": draw(st.integers(1, 4))}
    of = case(cell, **size, layers=layers, both=both, seed=draw(st.integers(0, 9)))
    scene = network(of.trace)
    if not both and draw(st.booleans()):
        return rnnviz.stage(of.trace, of.readout, words=WORDS), with_head(scene, of.trace, of.readout, WORDS)
    return rnnviz.stage(of.trace), scene


@settings(max_examples=12, deadline=None)
@given(scenes())
def test_every_block_of_a_trace_is_drawn_at_its_place_and_every_wire_from_block_to_block(
    drawn: tuple[Stage, Scene],
) -> None:
    stage, scene = drawn
    shown = picture(stage, width=1100)
    cells = [block for block in scene.blocks if block.kind == "state"]
    found = dict(zip((block.name for block in cells), boxes(shown, "block"), strict=True))
    left: dict[int, set[int]] = {}
    top: dict[int, set[int]] = {}
    for block in cells:
        left.setdefault(block.column, set()).add(round(found[block.name][0]))
        top.setdefault(block.row, set()).add(round(found[block.name][1]))
    assert all(len(places) == 1 for places in (*left.values(), *top.values()))
    across = [next(iter(left[column])) for column in sorted(left)]
    assert across == sorted(set(across))
    assert all(abs((b - a) - (across[1] - across[0])) <= 1 for a, b in itertools.pairwise(across))
    down = [next(iter(top[row])) for row in sorted(top)]
    assert down == sorted(set(down))
    # Wires: pieces that follow one another, from an edge of the source to an edge of the target.
    pieces = wires(shown, stage)
    assert {name.partition("#")[0] for name in pieces} == {f"{w.source}>{w.target}" for w in scene.wires}
    for name, way in pieces.items():
        source, target = name.partition("#")[0].split(">")
        for a, b in itertools.pairwise(way):
            assert a[2:] == pytest.approx(b[:2], abs=0.01)
        for end, (x, y) in ((source, way[0][:2]), (target, way[-1][2:])):
            if end in found:
                box = found[end]
                assert box[0] - 3 <= x <= box[2] + 3
                assert box[1] - 3 <= y <= box[3] + 3
        assert not any(crosses(piece, box) for piece in way for box in found.values())


@settings(max_examples=6, deadline=None)
@given(scenes())
def test_a_bar_has_the_colour_of_its_element_of_the_trace(drawn: tuple[Stage, Scene]) -> None:
    stage, scene = drawn
    ramp, steps = palette.ramp(False), palette.RAMP_STEPS
    found = pictures(picture(stage, width=1100), "bars")
    blocks = [block for block in scene.blocks if block.vector]
    for block, url in zip(blocks, found, strict=True):
        values = scene.vectors[block.vector]
        (row,) = colours(url)
        for value, colour in zip(np.repeat(values, len(row) // len(values)), row, strict=True):
            place = ramp.index(colour) - steps
            assert abs(max(-1.0, min(1.0, float(value))) * steps - place) <= 0.52


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "rnn_relu"])
def test_the_heatmap_is_the_hidden_state_of_the_row_that_is_open(cell: str, dark: bool) -> None:
    """On the state's own scale, which is as wide as the state ever is; the same in every layer."""
    of = case(cell, steps=6, layers=2, scale=2.0)
    ramp, steps = palette.ramp(dark), palette.RAMP_STEPS
    for row, shown in enumerate(rnnviz.stage(of.trace).to_dict()["datasets"]["bundle"]):
        h = of.trace["h"][row]
        half = max(1.0, np.ceil(np.abs(h).max()))
        image = colours(shown["heatDark" if dark else "heatLight"])
        high, wide = np.shape(image)
        assert high % h.shape[1] == wide % len(h) == 0
        down, across = high // h.shape[1], wide // len(h)
        for y, x in np.ndindex(high, wide):
            place = ramp.index(image[y][x]) - steps
            assert abs(float(h[x // across, y // down]) / half * steps - place) <= 0.51


def test_what_is_to_come_is_covered_row_by_row_in_each_reading_order() -> None:
    """At a step, each chain has read as many tokens as the other; the layer above has read none."""
    of = case("gru", steps=6, layers=2, both=True)
    stage = rnnviz.stage(of.trace, look=rnnviz.Look(start=2))
    drawn = picture(stage, opened=0)
    found = dict(zip((b.name for b in network(of.trace).blocks if b.vector), boxes(drawn, "block"), strict=True))
    covers = boxes(drawn, "blockPlace")
    assert set(fills(drawn, "blockPlace")) == set(fills(drawn, "cover")) == {palette.PAPER.light}
    covered = {
        name
        for name, box in found.items()
        if any(c[0] <= box[0] + 1 and box[2] - 1 <= c[2] and c[1] <= box[1] and box[3] <= c[3] for c in covers)
    }
    seen = {name for name in found if name not in covered}
    assert seen == {"h.0.0", "h.0.1", "h.1.5", "h.1.4"}
    assert len(boxes(drawn, "frame")) == 4, "both chains' present states, and the tokens that they read"


@pytest.mark.parametrize("together", [False, True])
def test_what_is_said_of_a_token_stands_there_once_it_is_read(together: bool) -> None:
    of = case("gru", steps=6, layers=2 if together else 1)
    notes = ("", "unknown", "", "", "of long", "")
    for start, there in ((1, []), (2, ["unknown"]), (4, ["unknown"]), (5, ["unknown", "of long"])):
        drawn = texts(picture(rnnviz.stage(of.trace, look=rnnviz.Look(start=start, notes=notes))))
        numbers = [text.partition(" · ") for text in drawn if re.fullmatch(r"\d( · .*)?", text)]
        assert [note for _, _, note in numbers if note] == there
        assert {number for number, _, _ in numbers} >= set("123456"), "every token has its number from the first"


def test_the_row_that_is_open_is_the_one_whose_numbers_are_shown() -> None:
    of = case("lstm", layers=2, both=True)
    stage = rnnviz.stage(of.trace)
    for part in range(4):
        alone = rnnviz.stage(of.trace, look=rnnviz.Look(layer=part // 2, reverse=part % 2 == 1))
        for signals in ({"depth": 1, "t": 2}, {"depth": 2, "t": 2}):
            together, single = (
                texts(picture(shown, **signals, **more)) for shown, more in ((stage, {"opened": part}), (alone, {}))
            )
            assert together == single


def test_a_stage_of_several_rows_opens_the_one_that_it_is_told() -> None:
    stage = rnnviz.stage(case("gru", layers=3).trace)
    for row in range(3):
        told = rnnviz.stage(case("gru", layers=3).trace, look=rnnviz.Look(opened=row))
        assert texts(picture(told)) == texts(picture(stage, opened=row))
    assert texts(picture(stage)) == texts(picture(stage, opened=2))
    for row in (-1, 3):
        with pytest.raises(ValueError, match=f"opened is {row}; accepted: None, or 0 to 2"):
            rnnviz.stage(case("gru", layers=3).trace, look=rnnviz.Look(opened=row))


def test_a_stage_of_several_rows_opens_the_last_layer_and_says_how_to_open_another() -> None:
    for language in ("en", "ko"):
        drawn = picture(made(case("lstm", layers=2, both=True), language=language), width=1326)
        labels = catalogue(language)
        assert any(labels["stage.hint_rows"] in text for text in texts(drawn))
        assert any(text.startswith("LSTM · " + labels["stage.layer"].format(layer=2)) for text in texts(drawn))
        assert len(boxes(drawn, "rowName")) == 4
    assert len(boxes(picture(rnnviz.stage(case("lstm", layers=2).trace, look=rnnviz.Look(layer=1))), "rowName")) == 0


def test_a_guess_covers_the_prediction_of_the_present_step() -> None:
    of = case("gru", layers=2)
    open_, veiled = (picture(made(of, targets=(), start=2, quiz=quiz)) for quiz in (False, True))
    assert "?" in texts(veiled)
    assert "?" not in texts(open_)
    covered, shown = (boxes(drawn, "blockPlace") for drawn in (veiled, open_))
    (prediction,) = set(covered) - set(shown)
    assert set(shown) < set(covered)
    assert prediction[1] == min(box[1] for box in covered), "in the row of the predictions"


def test_a_scene_says_what_is_computed_at_its_step() -> None:
    drawn: Any = texts(picture(scene_chart(encoder_decoder(), start=len(SOURCE) + 1)))
    assert "t = 6 / 9" in drawn
    assert "<s>,  context 1,  s1,  wir" in drawn


def covered(box: Line, by: list[Line]) -> bool:
    return any(
        c[0] <= box[0] + 0.5 and box[2] - 0.5 <= c[2] and c[1] <= box[1] + 0.5 and box[3] - 0.5 <= c[3] for c in by
    )


@settings(max_examples=15, deadline=None)
@given(
    cell=st.sampled_from(["rnn", "lstm", "gru"]),
    steps=st.integers(1, 7),
    at=st.integers(0, 6),
    op=st.integers(0, 20),
    both=st.booleans(),
    width=st.sampled_from([900, 1100, 1800]),
)
def test_nothing_that_is_computed_later_is_seen(
    cell: str, steps: int, at: int, op: int, both: bool, width: int
) -> None:
    """Not a state, not a word, not a column of the heatmap: also of the present step, before its own operation."""
    of = case(cell, steps=steps, tokens=tuple(f"token {t}" for t in range(steps)), both=both)
    stage = made(of, reverse=both, words=[f"word {k}" for k in range(8)])
    t, last = at % steps, len(rnnviz.CELLS[cell].ops)
    op = op % (last + 1 + 2 * (not both))  # the scores and softmax come after the state
    drawn = picture(stage, width=width, t=t, op=op, fine=op > 0)
    later = {s for s in range(steps) if (s < t if both else s > t)}
    places = boxes(drawn, "blockPlace")
    state = later | {t} if 0 < op < last else later
    word = later | {t} if 0 < op <= last + 1 else later
    assert len(places) == len(later) + len(state) + (0 if both else len(word))
    columns = sorted(boxes(drawn, "block"))
    assert {s for s in range(steps) if covered(columns[s], places)} == state
    ((left, top, right, bottom),) = boxes(drawn, "heat")
    wide, under = (right - left) / steps, boxes(drawn, "heatPlace")
    heat = [(left + s * wide + 1, top, left + (s + 1) * wide - 1, bottom) for s in range(steps)]
    assert {s for s, box in enumerate(heat) if covered(box, under)} == state
    open_ = [box for s, box in enumerate(heat) if s not in state]
    assert not any(box[0] < cover[2] and cover[0] < box[2] for box in open_ for cover in under)
    # Nor is it there for who listens, under its cover.
    said = " ".join(texts(drawn))
    assert {s for s in range(steps) if f"token {s}" not in said} == later
    shown = picture(stage, width=width, t=t, op=op, fine=op > 0, every=True)
    assert not [box for name in ("blockPlace", "heatPlace", "cover") for box in boxes(shown, name)]


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_by_token_an_operation_that_is_looked_at_hides_nothing(cell: str, depth: int) -> None:
    """Its numbers are shown; the state, the word and what later operations of the step make stay there."""
    of = case(cell)
    whole = picture(made(of), t=2, depth=depth)
    hidden = ("blockPlace", "heatPlace", "cover")
    for op in range(1, len(of.trace.cell.ops) + 3):
        drawn = picture(made(of, op=op, fine=False), t=2, depth=depth)
        assert {name: boxes(drawn, name) for name in hidden} == {name: boxes(whole, name) for name in hidden}
        if depth < 2:
            assert {text for text in texts(whole) if text in WORDS} <= set(texts(drawn))
    by_operation = picture(made(of, op=1), t=2, depth=0)
    assert len(boxes(by_operation, "blockPlace")) > len(boxes(picture(made(of), t=2), "blockPlace"))


@pytest.mark.parametrize(("width", "lines"), [(358, "what it|expects"), (1100, "what it expects")])
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_symbols_are_named_where_they_stand_on_a_phone_too(cell: str, width: int, lines: str) -> None:
    drawn = texts(picture(made(case(cell)), width=width))
    said = catalogue("en")
    for name in ("x", "y", *rnnviz.CELLS[cell].states):
        assert said[f"stage.name_{name}"] in [text.replace("|", " ") for text in drawn]
    assert lines in drawn


def test_a_gradients_row_is_not_called_what_its_colour_stands_for() -> None:
    """It is of h and no hidden state."""
    scene = network(case("rnn").trace)
    rows = tuple(replace(row, labels=tuple(f"∂L/∂{label}" for label in row.labels)) for row in scene.rows)
    names = meanings(catalogue("en"))
    for of, count in ((scene, 1), (replace(scene, rows=rows), 0)):
        assert texts(picture(scene_chart(of, names=names))).count(names["h"]) == count
