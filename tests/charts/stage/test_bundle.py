"""The tables that the browser reads hold the trace's own numbers, each where the stage looks for it."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rnnviz
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.stage.bundle import CANDIDATES, STAGE_TEXTS, UNREAD, _first, _rank
from rnnviz.core.cell import Role
from rnnviz.core.cells import CELLS
from rnnviz.scene.cell import draw
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.words.numbers import fixed, percent
from tests.charts.networks import (
    ROUNDING,
    WORDS,
    Case,
    Row,
    at,
    bundle,
    case,
    made,
    numbers,
    picture,
    tables,
    texts,
    vectors,
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Case, int, bool]:
    """A network, and the layer and direction of it that is shown."""
    layers, both = draw(st.integers(1, 2)), draw(st.booleans())
    of = case(
        draw(st.sampled_from(["rnn", "rnn_relu", "lstm", "gru"])),
        steps=draw(st.integers(1, 5)),
        hidden=draw(st.integers(1, 4)),
        width=draw(st.integers(1, 4)),
        layers=layers,
        both=both,
        bias=draw(st.booleans()),
        seed=draw(st.integers(0, 9)),
    )
    return of, draw(st.integers(0, layers - 1)), both and draw(st.booleans())


@settings(max_examples=40)
@given(cases())
def test_every_vector_stands_where_its_row_says(drawn: tuple[Case, int, bool]) -> None:
    of, layer, reverse = drawn
    row = layer * of.trace.num_directions + reverse
    found = tables(of, layer=layer, reverse=reverse)
    seen = set()
    for op, shown in zip(of.trace.cell.ops, found["ops"][1 : len(of.trace.cell.ops) + 1], strict=True):
        slots = [int(slot) for slot in shown["slots"].split(",")]
        for name, slot in zip([*vectors(op.reads), op.name], slots, strict=True):
            seen.add(slot)
            expected = of.trace.operand(name, row)
            for t in range(len(of.trace)):
                step = expected[t] if expected.ndim == 2 else expected
                np.testing.assert_allclose(at(found, slot, t), step, atol=ROUNDING, err_msg=f"{name} at {t}")
    assert seen | {found["bundle"][0]["h"]} == set(range(len(found["vecs"]))), "a vector that nothing shows"
    size = sum(vec["size"] * (len(of.trace) if vec["stride"] else 1) for vec in found["vecs"])
    assert size == len(numbers(found["bundle"][0]["values"]))


@settings(max_examples=30)
@given(cases())
def test_the_states_shown_are_those_that_pytorch_computes(drawn: tuple[Case, int, bool]) -> None:
    """A layer and direction at a time, by PyTorch's own kernel over what the layer below gave out."""
    of, layer, reverse = drawn
    suffix = f"_l{layer}" + ("_reverse" if reverse else "")
    below = of.x
    if layer:
        lower = type(of.module)(
            of.module.input_size,
            of.module.hidden_size,
            bidirectional=of.module.bidirectional,
            **({"nonlinearity": of.module.nonlinearity} if of.module.mode.startswith("RNN") else {}),
        )
        own = of.module.state_dict()
        lower.load_state_dict({name: own.get(name, torch.zeros_like(p)) for name, p in lower.state_dict().items()})
        below = lower(of.x)[0].detach()
    single = type(of.module)(
        below.shape[1],
        of.module.hidden_size,
        bias=of.module.bias,
        **({"nonlinearity": of.module.nonlinearity} if of.module.mode.startswith("RNN") else {}),
    )
    single.load_state_dict({name: of.module.state_dict()[name[:-3] + suffix] for name in single.state_dict()})
    h = single(below.flip(0) if reverse else below)[0].detach()
    h = h.flip(0) if reverse else h
    found = tables(of, layer=layer, reverse=reverse)
    for t in range(len(h)):
        np.testing.assert_allclose(at(found, found["bundle"][0]["h"], t), h[t], atol=ROUNDING + 1e-5)


@pytest.mark.parametrize("layers", [1, 2])
def test_predictions_are_the_five_best_of_a_softmax(layers: int) -> None:
    of = case("gru", steps=6, layers=layers)
    with torch.no_grad():
        logits = of.module(of.x)[0] @ of.head.weight.T + of.head.bias
    p, best = torch.softmax(logits, -1).topk(5)
    row = bundle(made(of))
    assert row["top"].split(SEPARATOR) == [WORDS[index] for index in best.reshape(-1)]
    np.testing.assert_allclose(numbers(row["top_p"]), p.reshape(-1), atol=ROUNDING + 1e-6)
    np.testing.assert_allclose(numbers(row["top_z"]), logits.gather(1, best).reshape(-1), atol=ROUNDING + 1e-5)


@pytest.mark.parametrize("layers", [2, 3])
def test_whichever_row_is_opened_the_stage_tells_the_same_of_what_the_head_predicts(layers: int) -> None:
    of = case("lstm", steps=3, layers=layers)
    truth = np.array([[0.5, 0.5, *6 * [0.0]], 8 * [0.125], 8 * [np.nan]])
    shown = rnnviz.Pass(of.trace, of.readout, WORDS, [1, None, 3], truth=truth)
    rows = rnnviz.stage(shown).tables["bundle"]
    assert len(rows) == layers
    told = [{name: row[name] for name in UNREAD} for row in rows]
    assert all(told[0][name] for name in UNREAD)
    assert all(one == told[0] for one in told)
    assert told[0]["right_truth"] == "0.5000,,"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cell", ["lstm", "peephole", "rnn_sigmoid"])
def test_a_cell_is_called_as_the_language_calls_it(cell: str, language: str) -> None:
    row = bundle(made(case(cell), language=language))
    name = catalogue(language).get(f"cell.{cell}", CELLS[cell].title)
    assert (row["kind"], row["cell"]) == (name, name)


def test_with_fewer_than_five_classes_each_step_keeps_its_own_candidates() -> None:
    of = case("gru", steps=6, classes=3)
    row = bundle(made(of))
    best = (-of.readout.y).argsort(1)
    assert row["candidates"] == 3
    assert row["top"].split(SEPARATOR) == [WORDS[index] for index in best.reshape(-1)]


def test_of_equal_probabilities_the_right_answer_keeps_the_place_it_is_drawn_at() -> None:
    of = case("gru", steps=2)
    even = rnnviz.read_out(of.trace, rnnviz.Head(torch.zeros(8, 4), torch.zeros(8)))
    row = bundle(rnnviz.stage(of.trace, even, words=WORDS, targets=[7, 2]))
    assert row["right_rank"] == "8,3"


@given(hnp.arrays(float, st.integers(1, 40), elements=st.sampled_from([0.0, 0.1, 0.2, 0.5])))
def test_candidates_and_ranks_are_those_of_sorting_all_words_equal_ones_by_their_row(y: np.ndarray) -> None:
    order = np.argsort(-y, kind="stable").tolist()
    assert _first(y) == order[:CANDIDATES]
    assert [_rank(y, k) for k in order] == list(range(1, len(y) + 1))


def test_the_right_answer_has_its_probability_and_its_rank() -> None:
    of = case("rnn", steps=4)
    targets = [7, None, 0, 3]
    row = bundle(made(of, targets=targets))
    y = of.readout.y
    assert row["right"].split(SEPARATOR) == ["θ", "", "α", "δ"]
    expected = [0.0 if k is None else y[t, k] for t, k in enumerate(targets)]
    np.testing.assert_allclose(numbers(row["right_p"]), expected, atol=ROUNDING)
    ranks = [0 if k is None else sorted(y[t], reverse=True).index(y[t, k]) + 1 for t, k in enumerate(targets)]
    assert [int(rank) for rank in row["right_rank"].split(",")] == ranks


def test_targets_may_stop_early() -> None:
    assert bundle(made(case(steps=4), targets=[2]))["right"].split(SEPARATOR) == ["γ", "", "", ""]


@pytest.mark.parametrize("rank", range(1, 9))
def test_the_right_answer_is_drawn_once_whatever_its_rank(rank: int) -> None:
    of = case("rnn", steps=2)
    word = int(np.argsort(-of.readout.y[0])[rank - 1])
    drawn = texts(picture(made(of, targets=[word, None])))
    marked = [text for text in drawn if "✓" in text]
    assert len(marked) == 1
    assert marked[0].startswith(percent(of.readout.y[0, word], 1))


@pytest.mark.parametrize("cell", CELLS)
class TestDiagram:
    """The cell's operations as a graph: its nodes and edges are those of the declaration, and it can be read."""

    def reads(self, cell: str) -> set[tuple[str, str]]:
        parameters = {parameter.name for parameter in CELLS[cell].parameters}
        pairs = {(read, op.name) for op in CELLS[cell].ops for read in op.reads if read not in parameters}
        out = {(state, f"{state}_next") for state in CELLS[cell].states}
        return pairs | out | {("h", "logits"), ("logits", "y")}

    def names(self, cell: str, found: dict[str, list[Row]]) -> dict[tuple[float, float], str]:
        """Which operation or operand stands at which place."""
        drawing = draw(CELLS[cell], True)
        names = {place: name for name, place in drawing.nodes.items()}
        assert names.keys() == {(node["px"], node["py"]) for node in found["nodes"]}
        return names

    def at_edge(self, cell: str, x: float, y: float) -> str:
        """At the edge of which node a point lies."""
        drawing = draw(CELLS[cell], True)
        wide, high = drawing.size
        (name,) = (
            name
            for name, (px, py) in drawing.nodes.items()
            if abs(x - px) < wide / 2 + 1e-9 and abs(y - py) < high / 2 + 1e-9
        )
        return name

    def test_every_operation_and_every_source_stands_there_once(self, cell: str) -> None:
        found = tables(case(cell))
        names = self.names(cell, found)
        ports = [f"{state}_{end}" for state in CELLS[cell].states for end in ("prev", "next")]
        assert sorted(names.values()) == sorted(["x", *ports, *(op.name for op in CELLS[cell].ops), "logits", "y"])
        assert len(found["nodes"]) == len(names)

    def test_a_node_is_known_after_its_own_operation(self, cell: str) -> None:
        found = tables(case(cell))
        names = self.names(cell, found)
        number = {op.name: k for k, op in enumerate(CELLS[cell].ops, 1)}
        for node in found["nodes"]:
            name = names[node["px"], node["py"]]
            head = found["bundle"][0]["K"] - (name == "logits") if name in ("logits", "y") else 0
            assert node["k"] == (number.get(name.removesuffix("_next"), head) if name != "x" else 0)

    def test_the_edges_are_what_each_operation_reads(self, cell: str) -> None:
        found = tables(case(cell))
        drawn, first = set(), None
        for piece in found["edges"]:
            first = first or piece
            if piece["ends"]:
                start = self.at_edge(cell, first["x1"], first["y1"])
                drawn.add((start, self.at_edge(cell, piece["x2"], piece["y2"])))
                first = None
        assert drawn == self.reads(cell)

    def test_an_arrow_points_along_its_piece(self, cell: str) -> None:
        for piece in tables(case(cell))["edges"]:
            way = np.array([piece["x2"] - piece["x1"], piece["y2"] - piece["y1"]])
            angle = np.radians(piece["angle"])
            np.testing.assert_allclose([np.cos(angle), np.sin(angle)], way / np.linalg.norm(way), atol=1e-9)

    def test_a_node_shows_its_own_vector(self, cell: str) -> None:
        of = case(cell)
        found = tables(of)
        names = self.names(cell, found)
        for node in found["nodes"]:
            name = names[node["px"], node["py"]]
            if name in ("logits", "y"):
                assert node["vec"] == -1
            else:
                value = of.trace.operand(name.removesuffix("_next"), 0)
                np.testing.assert_allclose(at(found, node["vec"], 1), value[1], atol=ROUNDING)

    def test_a_gate_opens_by_the_mean_of_its_units(self, cell: str) -> None:
        of = case(cell)
        found = tables(of)
        names = self.names(cell, found)
        gates = {op.name for op in of.trace.cell.ops if op.role is Role.GATE}
        shown = {names[node["px"], node["py"]]: node["mean"] for node in found["nodes"] if node["mean"] >= 0}
        assert shown.keys() == gates
        for gate, first in shown.items():
            means = numbers(found["bundle"][0]["means"])[first : first + len(of.trace)]
            np.testing.assert_allclose(means, of.trace.operand(gate, 0).mean(axis=1), atol=ROUNDING)

    def test_without_a_head_nothing_is_predicted(self, cell: str) -> None:
        found = rnnviz.stage(case(cell).trace).to_dict()["datasets"]
        assert "head" not in {node["look"] for node in found["nodes"]}
        assert found["bundle"][0]["K"] == len(CELLS[cell].ops)


@pytest.mark.parametrize("cell", CELLS)
def test_both_languages_have_every_text(cell: str) -> None:
    of = case(cell)
    english, korean = (tables(of, language=language) for language in LANGUAGES)
    for key in STAGE_TEXTS:
        assert english["bundle"][0][f"s_{key}"] == catalogue("en")[f"stage.{key}"]
        assert korean["bundle"][0][f"s_{key}"] == catalogue("ko")[f"stage.{key}"]
    for one, other in zip(english["ops"], korean["ops"], strict=True):
        assert one["name"]
        assert re.search("[가-힣]", other["name"])
        assert {**one, "name": ""} == {**other, "name": ""}, "a language changes words, never numbers"
    assert english["bundle"][0]["notice"] != korean["bundle"][0]["notice"]


@pytest.mark.parametrize("seed", range(5))
def test_the_true_probability_stands_beside_each_candidate_where_it_is_known(seed: int) -> None:
    of = case("gru", steps=4, seed=seed)
    truth = np.random.default_rng(seed).dirichlet(np.ones(len(WORDS)), size=4)
    truth[1] = np.nan
    targets = (3, 2, None, 0)
    shown = rnnviz.Pass(of.trace, of.readout, WORDS, targets, truth=truth)
    (row,) = rnnviz.stage(shown).to_dict()["datasets"]["bundle"]
    said = row["truth"].split(",")
    for k, word in enumerate(row["top"].split(SEPARATOR)):
        t = k // row["candidates"]
        assert said[k] == ("" if t == 1 else f"{truth[t, WORDS.index(word)]:.4f}")
    assert row["right_truth"].split(",") == [f"{truth[0, 3]:.4f}", "", "", f"{truth[3, 0]:.4f}"]
    (plain,) = rnnviz.stage(of.shown(WORDS, targets)).to_dict()["datasets"]["bundle"]
    assert plain["truth"] == ""


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_drawing_says_which_row_of_the_embedding_a_token_is_and_shows_its_numbers(cell: str) -> None:
    of = case(cell, steps=3)
    rows = (7, 0, 42)
    stage = rnnviz.stage(rnnviz.Pass(of.trace, rows=rows))
    for t in range(3):
        found = texts(picture(stage, depth=1, t=t))
        assert catalogue("en")["stage.embedded"].format(row=rows[t]) in found
        for value in of.x[t].tolist():
            assert any(re.sub("[‹›«» ]", "", text) == fixed(round(value, 3), 3) for text in found)
    assert not any("embedding" in text for text in texts(picture(rnnviz.stage(of.trace), depth=1)))


@pytest.mark.parametrize("many", [1, 2, 4])
def test_as_many_rows_of_an_embedding_as_tokens_are_accepted(many: int) -> None:
    with pytest.raises(ValueError, match=f"rows are {many}; accepted: none, or one for each of the 3 tokens"):
        rnnviz.Pass(case(steps=3).trace, rows=(0,) * many)


@pytest.mark.parametrize("depth", [0, 1])
def test_the_scores_are_an_operation_of_their_own_and_softmax_the_one_after_it(depth: int) -> None:
    """The first shows the largest logits and no probability, the second what softmax makes of them."""
    of = case("gru", steps=3)
    h = len(of.trace.cell.ops)
    order = np.argsort(-of.readout.y[1])[:5]
    logits, shares = of.readout.logits[1][order], of.readout.y[1][order]

    def shown(op: int) -> tuple[list[list[str]], list[bool]]:
        drawn = texts(picture(made(of), depth=depth, t=1, op=op, fine=True))
        columns = [text.split("|") for text in drawn if "|" in text]
        numbers = [np.array(column, float) for column in columns if re.fullmatch(r"-?[\d.]+", column[0])]
        fits = [any(len(n) == 5 and np.allclose(n, one, atol=ROUNDING) for n in numbers) for one in (logits, shares)]
        return columns, fits

    words = [WORDS[k] for k in order]
    for op, expected in ((h, [False, False]), (h + 1, [True, False]), (h + 2, [True, True])):
        columns, fits = shown(op)
        assert fits == expected
        assert (words in columns) == expected[0]


def test_the_scores_wait_for_the_guess() -> None:
    """They say which word comes first as well as the probabilities do."""
    of = case("gru", steps=3)
    for depth in (0, 1, 2):
        drawn = texts(picture(made(of, quiz=True), depth=depth, t=1, op=len(of.trace.cell.ops) + 1, fine=True))
        assert not any(f"{score:.3f}".replace("-", "−") in " ".join(drawn) for score in of.readout.logits[1])
