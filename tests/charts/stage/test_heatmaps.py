"""The stage that watches the gates: its heatmaps read back pixel by pixel, and what was forced, kept and written."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import rnnviz
from rnnviz.charts.kit import palette, raster
from rnnviz.charts.stage.chart import Stage
from rnnviz.charts.stage.excerpt import MAX_HIDDEN, MAX_STEPS
from rnnviz.charts.stage.gates import heatmap_tables
from rnnviz.charts.stage.gates.heatmap_tables import SHARE_STEPS, Watched
from rnnviz.charts.stage.gates.heatmaps import BESIDE_STEPS
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.trace import Array, Trace
from rnnviz.words import catalogue
from tests.charts.networks import SVG, WORDS, Case, boxes, bundle, case, made, numbers, picture, texts
from tests.charts.png import colours

GATED = [name for name, cell in CELLS.items() if cell.memory]
UPSIDE_DOWN = (3, 2, 1, 0)


def watching(of: Case, before: rnnviz.Pass | None = None, **options: Any) -> Stage:
    """The stage of a case as it is; the options are the fields of `Watched`."""
    return made(of, before, show=Watched(**options))


def held(of: Case, *forced: Forced, **options: Any) -> tuple[Stage, Trace]:
    """The stage of the same network with something forced, beside the untouched run."""
    trace = rnnviz.record(of.module, of.x, forced=forced)
    words = [str(k) for k in range(8)]
    readout = rnnviz.read_out(trace, of.head)
    pair = rnnviz.Contrast(of.shown(words), rnnviz.Pass(trace, readout, tuple(words)))
    return rnnviz.stage(pair, show=Watched(**options)), trace


def is_painted(found: list[list[str]], values: Array, *, dark: bool, name: str = "") -> None:
    """Each pixel has the colour of the ramp nearest to its value; half way between two colours both are right.

    name: whose values they are: a gate's have its own ramp, from 0 to 1.
    """
    gate = name in palette.GATES
    ramp = palette.gate_ramp(name, dark) if gate else palette.ramp(dark)
    middles = np.linspace(0 if gate else -1, 1, len(ramp))
    assert np.shape(found) == values.shape
    for row, line in zip(found, values, strict=True):
        for colour, value in zip(row, np.clip(line, middles[0], 1), strict=True):
            far = np.abs(middles - value)
            assert colour in {ramp[k] for k in np.flatnonzero(far <= far.min() + 1e-6)}


def vector(stage: Stage, number: int) -> Array:
    """A vector of the tables, (T, H), as the expressions of the stage read it."""
    row, everything = stage.tables["vecs"][number], numbers(bundle(stage)["values"])
    steps, size = bundle(stage)["T"], bundle(stage)["H"]
    return np.array([[everything[row["offset"] + row["stride"] * t + u] for u in range(size)] for t in range(steps)])


def shape_of(stage: Stage) -> str:
    return json.dumps({key: value for key, value in stage.to_dict().items() if key != "datasets"})


def layers(stage: Stage) -> set[str]:
    return {layer["name"] for layer in stage.to_dict()["layer"] if "name" in layer}


class TestPicture:
    @given(
        values=arrays(float, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.floats(-1.5, 1.5)),
        dark=st.booleans(),
    )
    def test_every_pixel_is_the_ramps_colour_of_its_value(self, values: Array, dark: bool) -> None:
        is_painted(colours(raster.picture(values, dark=dark)), values, dark=dark)

    def test_the_whole_ramp_is_reached_and_zero_is_the_paper(self) -> None:
        for dark in (False, True):
            (line,) = colours(raster.picture(np.linspace(-1, 1, 41)[None], dark=dark))
            assert line == palette.ramp(dark)
            assert line[20] == palette.PAPER[dark]

    @pytest.mark.parametrize("order", [(), UPSIDE_DOWN, (2, 0, 3, 1)])
    def test_a_heatmap_has_a_row_per_unit_in_the_order_and_a_column_per_token(self, order: tuple[int, ...]) -> None:
        of = case("lstm", steps=7)
        for row in watching(of, order=order).tables["maps"]:
            values = of.trace[row["symbol"]][0]
            top_down = np.array([values[:, unit] for unit in (order or range(4))]) / row["scale"]
            assert top_down.shape == (4, 7)
            is_painted(colours(row["urlLight"]), top_down, dark=False, name=row["symbol"])
            is_painted(colours(row["urlDark"]), top_down, dark=True, name=row["symbol"])

    @pytest.mark.parametrize("cell", CELLS)
    def test_there_is_one_for_every_quantity_and_it_reads_the_numbers_of_that_quantity(self, cell: str) -> None:
        of = case(cell)
        stage = watching(of)
        assert tuple(row["symbol"] for row in stage.tables["maps"]) == of.trace.quantities
        for row in stage.tables["maps"]:
            np.testing.assert_allclose(vector(stage, row["vec"]), of.trace[row["symbol"]][0], atol=6e-4)

    def test_the_row_of_a_higher_layer_and_of_the_other_direction_is_its_own(self) -> None:
        of = case("lstm", layers=2, both=True)
        stage = rnnviz.stage(of.trace, show=Watched(), look=rnnviz.Look(layer=1, reverse=True))
        for row in stage.tables["maps"]:
            is_painted(
                colours(row["urlLight"]), of.trace[row["symbol"]][3].T / row["scale"], dark=False, name=row["symbol"]
            )

    @pytest.mark.parametrize("theme", [False, True])
    def test_the_stage_shows_the_picture_of_its_theme_over_exactly_its_frame(self, theme: bool) -> None:
        stage = watching(case("gru"), order=UPSIDE_DOWN)
        spec = stage.themed(theme)
        spec["config"]["signals"] = [
            {"name": "dark", "value": theme} if signal["name"] == "dark" else signal
            for signal in spec["config"]["signals"]
        ]
        drawn = picture(_Spec(spec))
        found = list(drawn.iter(f"{SVG}image"))
        key = "urlDark" if theme else "urlLight"
        assert [_url(node) for node in found] == [row[key] for row in stage.tables["maps"]]
        for node, frame in zip(found, boxes(drawn, "gate"), strict=True):
            assert _place(node) == pytest.approx(frame, abs=0.01)


class _Spec:
    """What `picture` draws, when it is a specification already."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec

    def to_dict(self) -> dict[str, Any]:
        return self.spec


def _url(node: Any) -> str:
    return next(value for name, value in node.attrib.items() if name.rpartition("}")[2] == "href")


def _place(node: Any) -> tuple[float, float, float, float]:
    text = node.get("transform", "translate(0,0)")
    x, y = (float(part) for part in text[text.index("(") + 1 : text.index(")")].split(","))
    x, y = x + float(node.get("x", 0)), y + float(node.get("y", 0))
    return x, y, x + float(node.get("width")), y + float(node.get("height"))


class TestPair:
    @pytest.mark.parametrize("value", [1.0, 0.0])
    def test_both_runs_are_painted_on_one_scale(self, value: float) -> None:
        """Held at 1, the forget gate lets c grow, at 0 it does not: either run may be the larger one."""
        of = case("lstm", steps=12, scale=2)
        stage, trace = held(of, Forced("f", value))
        now, was = np.abs(trace["c"]).max(), np.abs(of.trace["c"]).max()
        assert now > 1.5 * was > 1 if value else was > 1.2 * max(1, now)
        for row in stage.tables["maps"]:
            now, was = trace[row["symbol"]][0], of.trace[row["symbol"]][0]
            assert row["scale"] == pytest.approx(max(1, np.abs(now).max(), np.abs(was).max()))
            for dark, theme in ((False, "Light"), (True, "Dark")):
                is_painted(colours(row[f"url{theme}"]), now.T / row["scale"], dark=dark, name=row["symbol"])
                is_painted(colours(row[f"was{theme}"]), was.T / row["scale"], dark=dark, name=row["symbol"])
            np.testing.assert_allclose(numbers(row["was"]).reshape(was.shape), was, atol=6e-4)

    def test_the_untouched_run_is_left_and_the_held_one_right_and_each_is_named(self) -> None:
        stage, _ = held(case("gru"), Forced("z", 0.0))
        drawn = picture(stage)
        maps = stage.tables["maps"]
        both = sorted((_place(node)[0], _url(node)) for node in drawn.iter(f"{SVG}image"))
        assert {url for _, url in both[: len(maps)]} == {row["wasLight"] for row in maps}
        assert {url for _, url in both[len(maps) :]} == {row["urlLight"] for row in maps}
        left, right = boxes(drawn, "gate"), boxes(drawn, "gateRight")
        assert len(left) == len(right) == len(maps)
        assert max(box[2] for box in left) < min(box[0] for box in right)
        assert max(box[2] for box in right) <= 1100
        found = texts(drawn)
        assert catalogue("en")["stage.untouched"] in found
        assert catalogue("en")["stage.held"] in found

    def test_predictions_are_those_of_each_run_and_what_changed_is_marked(self) -> None:
        of = case("lstm", steps=5, scale=2)
        stage, trace = held(of, Forced("h", -1.0, steps=(2, 4)))
        was = list(of.readout.y.argmax(1))
        now = list(rnnviz.read_out(trace, of.head).y.argmax(1))
        changed = [a != b for a, b in zip(was, now, strict=True)]
        assert set(changed) == {True, False}
        shown = [
            (node.text, node.get("font-weight") == "bold" and node.get("fill") == palette.NOW.light)
            for node in picture(stage, width=1800).iter(f"{SVG}text")
            if node.text in set("01234567") and node.get("fill") in (palette.SYMBOLS["y"].light, palette.NOW.light)
        ]
        expected = [(str(k), False) for k in was] + [(str(k), c) for k, c in zip(now, changed, strict=True)]
        assert shown[: len(expected)] == expected

    @pytest.mark.parametrize("before", ["gru", "short", "wide"])
    def test_a_run_of_another_cell_or_shape_is_refused(self, before: str) -> None:
        other = {"gru": case("gru"), "short": case(steps=4), "wide": case(hidden=5)}[before].trace
        with pytest.raises(ValueError, match="before is a run of another cell or shape"):
            watching(case(), rnnviz.Pass(other))


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 1, 2, 2), (0, 1, 2, 4), (1, 2, 3, 4), (0, 1, 2, 3, 3)])
def test_an_order_that_is_not_every_unit_once_is_refused(order: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"order is \[.*\]; accepted: every unit once, 0 to 3"):
        watching(case(), order=order)


class TestHolds:
    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_the_frames_cover_exactly_what_was_forced(self, data: st.DataObject) -> None:
        """Each cell of a heatmap once, in the displayed order of the units."""
        steps, hidden = 6, 4
        order = data.draw(st.permutations(range(hidden)))
        units = data.draw(st.none() | st.lists(st.integers(0, hidden - 1), min_size=1, max_size=hidden, unique=True))
        span = data.draw(st.none() | st.lists(st.integers(1, steps), min_size=2, max_size=2).map(sorted))
        name = data.draw(st.sampled_from(CELLS["lstm"].quantities))
        force = Forced(name, 0.5, units and tuple(units), span and tuple(span))
        stage, _ = held(case("lstm", steps=steps, hidden=hidden), force, order=order)
        covered = np.zeros((hidden, steps), int)
        for row in stage.tables["holds"]:
            assert CELLS["lstm"].quantities[row["q"]] == name
            covered[row["place"] : row["place"] + row["rows"], row["from"] : row["to"]] += 1
        first, last = span or (1, steps)
        expected = np.array(
            [
                [int((units is None or unit in units) and first <= t <= last) for t in range(1, steps + 1)]
                for unit in order
            ]
        )
        np.testing.assert_array_equal(covered, expected)

    @pytest.mark.parametrize(
        ("units", "span"), [((2,), (3, 3)), ((2,), (1, 1)), ((0, 1), (5, 5)), (None, None), ((0, 3), (2, 4))]
    )
    def test_they_are_drawn_over_those_cells_of_the_held_run(
        self, units: tuple[int, ...] | None, span: tuple[int, int] | None
    ) -> None:
        stage, _ = held(case("lstm"), Forced("f", 1.0, units, span), order=UPSIDE_DOWN)
        drawn = picture(stage)
        left, top, right, bottom = boxes(drawn, "gateRight")[CELLS["lstm"].quantities.index("f")]
        column, row = (right - left) / 5, (bottom - top) / 4
        first, last = span or (1, 5)
        expected = []
        places = sorted(3 - unit for unit in (range(4) if units is None else units))
        for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
            across = (left + (first - 1) * column, left + last * column)
            expected.append((across[0], top + run[0] * row, across[1], top + (run[-1] + 1) * row))
        dashed = [
            path
            for path in drawn.iter(f"{SVG}path")
            if path.get("stroke-dasharray") and path.get("stroke") == palette.NOW.light
        ]
        assert len(dashed) == len(expected)
        for path, box in zip(dashed, expected, strict=True):
            assert _rectangle(path) == pytest.approx(box, abs=0.01)

    def test_what_was_forced_in_another_layer_is_not_framed(self) -> None:
        of = case("lstm", layers=2)
        trace = rnnviz.record(of.module, of.x, forced=(Forced("f", 1.0, row=0),))
        pair = rnnviz.Contrast(rnnviz.Pass(of.trace), rnnviz.Pass(trace))
        above, below = (rnnviz.stage(pair, show=Watched(), look=rnnviz.Look(layer=layer)) for layer in (1, 0))
        assert not any(hold["rows"] for hold in above.tables["holds"])
        assert len(below.tables["holds"]) == 1

    def test_an_untouched_run_has_none(self) -> None:
        assert not any(hold["rows"] for hold in watching(case()).tables["holds"])


def _rectangle(path: Any) -> tuple[float, float, float, float]:
    text = path.get("transform", "translate(0,0)")
    x, y = (float(part) for part in text[text.index("(") + 1 : text.index(")")].split(","))
    left, top, width, height = (
        float(n) for n in path.get("d").removeprefix("M").translate(str.maketrans("hvHV,", " " * 5)).split()[:4]
    )
    return x + left, y + top, x + left + width, y + top + height


def apart(found: list[tuple[float, float, float, float]]) -> bool:
    return not any(
        left < other[2] - 0.01 and other[0] < right - 0.01 and top < other[3] - 0.01 and other[1] < bottom - 0.01
        for number, (left, top, right, bottom) in enumerate(found)
        for other in found[:number]
    )


class TestText:
    @given(tokens=st.lists(st.text(max_size=30), min_size=1, max_size=40))
    def test_each_token_ends_before_the_next_begins(self, tokens: list[str]) -> None:
        places = list(heatmap_tables._places(tokens))
        assert len(places) == len(tokens)
        assert places[0][0] >= 0
        assert all(start < end for start, end in places)
        assert all(end <= start for (_, end), (start, _) in pairwise(places))

    @pytest.mark.parametrize(
        "tokens",
        [
            ("you", "and", "a", "girl", "were", "not", "in", "the", "house", "when", "it", "was", "sunny", ".") * 2,
            tuple("maria␣johnson␣alexander␣" * 8),
            ("저는", "소년이", "아닙니다", ".", "당신은", "소녀입니다", ".") * 5,
            ("short", "a" * 300, "short", "words"),
            ("가" * 120,) * 3,
            ("one",),
        ],
        ids=["words", "letters", "Korean", "a long one", "long ones", "one"],
    )
    @pytest.mark.parametrize("width", [358, 1100, 1800])
    def test_lines_break_inside_the_width_and_nothing_overlaps(self, tokens: tuple[str, ...], width: int) -> None:
        stage = watching(case("rnn", steps=len(tokens), hidden=2, tokens=tokens))
        drawn = picture(stage, width=width)
        found = boxes(drawn, "column")
        assert len(found) == len(tokens)
        assert apart(found)
        maps = boxes(drawn, "gate")
        floor, side = max(box[3] for box in maps), max(box[2] for box in maps)
        beside = width >= 900 and len(tokens) <= BESIDE_STEPS
        assert all(left >= 0 and right <= width for left, _, right, _ in found)
        assert all(left > side if beside else top > floor for left, top, *_ in found)
        assert [(top, left) for left, top, *_ in found] == sorted((top, left) for left, top, *_ in found), (
            "as one reads"
        )
        under = stage.to_dict()["datasets"]["bundle"][0]
        assert max(box[3] for box in found) <= float(drawn.get("height", 0))
        assert under["T"] == len(tokens)

    def test_each_is_coloured_by_the_picked_units_value(self) -> None:
        of = case("gru", steps=6)
        stage = made(of, show=Watched(unit=2, coloured="z"), every=True)
        found = _fills(picture(stage), "column")
        assert len(found) == 6
        is_painted([found], of.trace["z"][0][None, :, 2], dark=False, name="z")

    def test_those_still_to_come_are_empty_and_dashed(self) -> None:
        of = case("gru", steps=6)
        drawn = picture(made(of, show=Watched(unit=2, coloured="z"), start=2))
        tiles = _paths(drawn, "column")
        assert [tile.get("stroke-dasharray") for tile in tiles] == [None, None, *["3,3"] * 4]
        assert {tile.get("fill") for tile in tiles[2:]} == {palette.PAPER.light}

    def test_marked_steps_have_a_border_of_their_own(self) -> None:
        drawn = picture(made(case(), show=Watched(marked=(2, 5)), start=1, every=True))
        strokes = [path.get("stroke") for path in _paths(drawn, "column")]
        now, ink, paper = palette.NOW.light, palette.INK.light, palette.PAPER.light
        assert strokes == [now, ink, paper, paper, ink]


def _paths(drawn: Any, name: str) -> list[Any]:
    groups = [g for g in drawn.iter(f"{SVG}g") if f"{name}_marks" in g.get("class", "").split()]
    return [path for group in groups for path in group.iter(f"{SVG}path")]


def _fills(drawn: Any, name: str) -> list[str]:
    return [path.get("fill") for path in _paths(drawn, name)]


@pytest.mark.parametrize("cell", GATED)
class TestMemory:
    def test_what_is_kept_and_what_is_written_add_up_to_the_memory_at_every_step_and_unit(self, cell: str) -> None:
        of = case(cell, steps=9, scale=1.5)
        stage = watching(of, belt=True)
        row = bundle(stage)
        memory = of.trace[CELLS[cell].memory[0]][0]
        old, new, held = (vector(stage, row[name]) for name in ("keep", "write", "mem"))
        np.testing.assert_allclose(old + new, memory, atol=1.1e-3)
        np.testing.assert_allclose(held, memory, atol=6e-4)

    def test_the_bars_are_as_long_as_that_and_follow_each_other(self, cell: str) -> None:
        of = case(cell, steps=4)
        memory = of.trace[CELLS[cell].memory[0]][0]
        stage = watching(of, belt=True, order=UPSIDE_DOWN)
        scale = bundle(stage)["beltScale"]
        for t in (1, 4):
            drawn = picture(stage, t=t - 1)
            kept = of.trace["keep"][0, t - 1, ::-1]
            ends = memory[t - 1, ::-1]
            middle, room = 30 + (0.44 * 1100 - 30) / 2, 0.44 * 1100 / 2 - 40
            to = [middle + np.clip(values / scale, -1, 1) * room for values in (kept, ends)]
            for (left, _, right, _), a in zip(boxes(drawn, "old"), to[0], strict=True):
                assert sorted((middle, a)) == pytest.approx([left, right], abs=room * 2e-3 / scale)
            for (left, _, right, _), a, b in zip(boxes(drawn, "new"), *to, strict=True):
                assert sorted((a, b)) == pytest.approx([left, right], abs=room * 2e-3 / scale)

    def test_the_shares_add_up_to_the_memory_and_none_is_of_a_step_not_yet_read(self, cell: str) -> None:
        steps, hidden = 7, 4
        of = case(cell, steps=steps, hidden=hidden)
        stage = watching(of, belt=True)
        shares = numbers(bundle(stage)["shares"]).reshape(steps, steps + 1, hidden)
        memory = of.trace[CELLS[cell].memory[0]][0]
        np.testing.assert_allclose(shares.sum(1), memory, atol=6e-4 * (steps + 1))
        for t in range(steps):
            assert not shares[t, t + 2 :].any()
        np.testing.assert_allclose(
            numbers(bundle(stage)["shareScale"]), np.maximum(np.abs(shares).max((0, 1)), 1e-3), atol=6e-4
        )

    def test_every_share_is_a_bar_of_that_height_and_a_later_step_has_none(self, cell: str) -> None:
        of = case(cell, steps=6)
        stage = watching(of, belt=True, unit=1)
        shares = numbers(bundle(stage)["shares"]).reshape(6, 7, 4)[3, :5, 1]
        found = np.array([bottom - top for _, top, _, bottom in boxes(picture(stage, t=3), "share")]) - 0.8
        np.testing.assert_allclose(found / found.sum(), np.abs(shares) / np.abs(shares).sum(), atol=0.002)

    @pytest.mark.parametrize("steps", [1, SHARE_STEPS, SHARE_STEPS + 1, MAX_STEPS])
    def test_any_length_is_drawn(self, cell: str, steps: int) -> None:
        stage = watching(case(cell, steps=steps, hidden=2), belt=True)
        drawn = picture(stage, t=steps - 1)
        assert f"t = {steps} / {steps}" in texts(drawn)
        assert len(boxes(drawn, "share")) == (steps + 1 if steps <= SHARE_STEPS else 0)
        assert len(boxes(drawn, "old")) == len(boxes(drawn, "new")) == 2
        assert "NaN" not in json.dumps([path.get("d") for path in drawn.iter(f"{SVG}path")])

    def test_a_memory_that_was_forced_is_not_taken_apart(self, cell: str) -> None:
        of = case(cell)
        state = CELLS[cell].memory[0]
        stage, _ = held(of, Forced(state, 0.5), belt=True)
        assert bundle(stage)["shares"] == ""
        assert boxes(picture(stage), "share") == []


def test_a_cell_without_gates_has_maps_and_no_belt() -> None:
    drawn = picture(watching(case("rnn"), belt=True))
    assert len(boxes(drawn, "gate")) == 2
    assert boxes(drawn, "old") == boxes(drawn, "share") == []


class TestSpecification:
    def test_it_is_the_same_for_other_data(self) -> None:
        of = case("lstm", steps=7)
        stages = [
            watching(case("gru")),
            watching(of, order=UPSIDE_DOWN, marked=(1, 3), depth=1, belt=True),
            held(of, Forced("f", 1.0))[0],
            made(case("rnn", tokens=tuple("안녕하세요")), language="ko", zoom=1.3, show=Watched()),
            made(case("lstm", layers=2, both=True), layer=0, reverse=True, show=Watched(belt=True)),
        ]
        assert len({shape_of(stage) for stage in stages}) == 1
        assert len({json.dumps(stage.to_dict()["datasets"]) for stage in stages}) == len(stages)

    def test_its_tables_have_the_same_columns_whatever_is_shown(self) -> None:
        of = case("lstm")
        everything = Forced("f", 1.0, units=(0,))
        for name in ("bundle", "maps"):
            stages = [watching(case("gru")), watching(of, belt=True), held(of, everything)[0], watching(case("rnn"))]
            assert len({frozenset(row) for stage in stages for row in stage.tables[name]}) == 1

    def test_a_plain_stage_pays_nothing_for_it_nor_it_for_the_chain(self) -> None:
        of = case()
        plain, folds, watches = made(of), made(of, show=rnnviz.Rolled()), watching(of, belt=True)
        own = {"gate", "gateRight", "gateName", "pointed", "old", "new", "share"}
        assert own <= layers(watches)
        for other in (plain, folds):
            assert not own & layers(other)
            assert not {"maps", "holds"} & set(other.to_dict()["datasets"])
            assert {"box", "heat"} <= layers(other)
            pictures = {layer["name"] for layer in other.to_dict()["layer"] if layer["mark"]["type"] == "image"}
            assert pictures == {"bars", "heatPicture"}, "states and the heatmap, but no gates"
        assert not {"box", "heat", "foldSwitch", "entry"} & layers(watches)
        assert "beltScale" not in shape_of(plain)
        assert "beltScale" in shape_of(watches)

    @pytest.mark.parametrize("cell", ["rnn", "lstm"])
    def test_ten_times_the_steps_are_as_many_marks(self, cell: str) -> None:
        """Except the text, which has a place for each token, and the followed unit's lines."""

        def count(steps: int) -> tuple[int, int, int]:
            drawn = picture(watching(case(cell, steps=steps, hidden=8)))
            paths = len(list(drawn.iter(f"{SVG}path"))) - len(boxes(drawn, "column"))
            return len(list(drawn.iter(f"{SVG}image"))), paths, len(list(drawn.iter()))

        short, long = count(20), count(200)
        maps = len(CELLS[cell].quantities)
        assert short[0] == long[0] == maps
        assert long[1] <= short[1]
        assert long[2] - short[2] <= 180 * (2 + maps) + 20

    def test_as_much_as_is_accepted_stays_below_three_megabytes(self) -> None:
        """Of which the pictures are the smallest part."""
        stage = watching(case("lstm", steps=MAX_STEPS, hidden=24))
        assert len(json.dumps(stage.to_dict())) < 3e6
        urls = sum(len(row["urlLight"]) + len(row["urlDark"]) for row in stage.tables["maps"])
        assert urls < 0.2 * len(json.dumps(stage.tables))


@pytest.mark.parametrize(("steps", "hidden"), [(1, 1), (1, MAX_HIDDEN), (MAX_STEPS, 1)])
@pytest.mark.parametrize("width", [358, 1100])
def test_the_smallest_and_the_largest_are_drawn_inside(steps: int, hidden: int, width: int) -> None:
    drawn = picture(watching(case("lstm", steps=steps, hidden=hidden), belt=True), width=width)
    found = boxes(drawn, "gate")
    assert len(found) == 6
    assert apart(found)
    assert all(left >= 0 and right <= width and bottom - top >= hidden for left, top, right, bottom in found)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_speaks_the_language_asked_for(language: str) -> None:
    said = catalogue(language)
    of = case("lstm")
    alone = texts(picture(made(of, language=language, show=Watched(unit=2, belt=True)), width=1800))
    for key, values in (
        ("maps", {}),
        ("hint_maps", {}),
        ("followed", {"unit": 3}),
        ("coloured", {"unit": 3, "q": "h"}),
        ("belt", {"t": 1}),
        ("old", {}),
        ("new", {}),
        ("start", {}),
    ):
        assert said[f"stage.{key}"].format(**values) in alone, key
    written = said["stage.written"].format(unit=3)
    assert any(text.startswith(f"{written}  cₜ = {of.trace['c'][0, 0, 2]:.3f}".replace("-", "−")) for text in alone)
    pair = texts(picture(made(of, of.shown(WORDS), language=language, show=Watched())))
    assert {said["stage.untouched"], said["stage.held"]} <= set(pair)


@pytest.mark.parametrize(("depth", "key"), [(0, "hint_maps"), (1, "hint_cell"), (2, "hint_unit")])
def test_it_opens_as_deep_as_asked(depth: int, key: str) -> None:
    drawn = texts(picture(watching(case(), depth=depth)))
    assert catalogue("en")[f"stage.{key}"].format(unit=1) in drawn
    assert bool(boxes(picture(watching(case(), depth=depth)), "gate")) == (depth == 0)
