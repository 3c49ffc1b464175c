"""What a page says is to be noticed holds in the trace, found again the long way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.core.cells import CELLS
from rnnviz.core.terms import KEEPS, SATURATED
from rnnviz.core.trace import Readout, Trace
from rnnviz.facts.notice import Notice, answers, notices
from rnnviz.words import LANGUAGES, catalogue
from tests.charts.networks import case

WORDS = tuple("abcdefg")
UNKNOWN = (2, 4)
TARGETS = (3, None, 0, 6, 2, 5, 1, None)
KINDS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def pass_of(trace: Trace, readout: Readout, words: Sequence[str], targets: Sequence[int | None]) -> rnnviz.Pass:
    return rnnviz.Pass(trace, readout, tuple(words[: readout.y.shape[1]]), tuple(targets))


@pytest.fixture(params=KINDS)
def made(request: pytest.FixtureRequest) -> tuple[Trace, Readout, dict[str, Notice]]:
    generator = torch.Generator().manual_seed(5)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    module = KINDS[request.param](3, 6)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(2 * draw(*parameter.shape))
    trace = rnnviz.record(module, draw(8, 3), tokens=[f"token{t}" for t in range(8)])
    readout = rnnviz.read_out(trace, rnnviz.Head(3 * draw(7, 6), draw(7)))
    found = notices(pass_of(trace, readout, WORDS, TARGETS), [t in UNKNOWN for t in range(8)])
    return trace, readout, {notice.kind.split("_")[0]: notice for notice in found}


def test_the_token_that_moved_the_state_most(made: tuple[Trace, Readout, dict[str, Notice]]) -> None:
    trace, _, found = made
    h = [[0.0] * 6, *trace["h"][0].tolist()]
    moves = [math.dist(before, after) for before, after in pairwise(h)]
    known = [move for t, move in enumerate(moves) if t not in UNKNOWN]
    assert found["moved"].t == moves.index(max(known)) + 1
    assert found["moved"].values["change"] == pytest.approx(max(known), rel=1e-5)
    assert found["moved"].values["mean"] == pytest.approx(sum(known) / len(known), rel=1e-5)
    assert found["moved"].values["least"] == pytest.approx(min(known), rel=1e-5)
    assert found["moved"].kind == ("moved" if max(known) >= 1.25 * sum(known) / len(known) else "moved_alike")


def test_nothing_is_told_of_a_token_that_is_unknown() -> None:
    told = 0
    for seed in range(40):
        of = case("gru", steps=6, seed=seed, classes=7)
        unknown = np.random.default_rng(seed).random(6) < 0.5
        targets = [int(k) for k in np.random.default_rng(seed).integers(0, 7, 6)]
        found = list(notices(pass_of(of.trace, of.readout, WORDS, targets), unknown.tolist()))
        named = [notice for notice in found if "token" in notice.values]
        told += len(named)
        assert not any(unknown[notice.t - 1] for notice in named)
        assert not unknown.all() or not named
    assert told > 40


def test_a_token_that_moves_the_state_hardly_more_than_the_rest_is_not_singled_out() -> None:
    kinds = set()
    for seed in range(60):
        of = case("gru", steps=4, seed=seed)
        found = notices(rnnviz.Pass(of.trace), [False] * 4)
        notice = next(notice for notice in found if notice.kind.startswith("moved"))
        moves = [math.dist(a, b) for a, b in pairwise([[0.0] * 4, *of.trace["h"][0].tolist()])]
        assert (notice.kind == "moved_alike") == (max(moves) < 1.25 * sum(moves) / 4)
        kinds.add(notice.kind)
    assert kinds == {"moved", "moved_alike"}


def test_where_no_unit_holds_none_is_named() -> None:
    """A state near zero at every step, as before training."""
    module = torch.nn.RNN(3, 6, device="meta").to_empty(device="cpu")
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(0.01)
    found = notices(rnnviz.Pass(rnnviz.record(module, torch.ones(4, 3))), [False] * 4)
    assert [notice.kind.split("_")[0] for notice in found] == ["moved"]


def test_how_a_head_answers_where_it_is_asked() -> None:
    y = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.2, 0.2, 0.6]])
    readout = Readout(logits=np.log(y), y=y, W_hy=np.zeros((3, 2)), b_y=np.zeros(3))
    trace = case(steps=4).trace

    def classes(*targets: int | None) -> list[Notice]:
        return list(answers(rnnviz.Pass(trace, readout, tuple("abc"), targets)))

    (one,) = classes(None, None, None, 2)
    assert (one.kind, one.t, one.values["asked"], one.values["p"]) == ("class_right", 4, "c", 0.6)
    (one,) = classes(None, None, None, 0)
    assert (one.kind, one.values["word"], one.values["best"]) == ("class_wrong", "c", 0.6)
    (many,) = classes(0, None, 1, 2)
    assert (many.kind, many.t, many.values["right"], many.values["count"]) == ("classes", 3, 2, 3)
    assert many.values["p"] == 0.3
    assert not classes(*[None] * 4)


def test_how_near_a_number_is_to_what_is_asked() -> None:
    outputs, nan = np.array([[9.0], [0.5], [1.0]]), float("nan")
    shown = rnnviz.Pass(case(steps=3).trace, outputs=outputs, asked=np.array([[nan], [nan], [1.25]]))
    (one,) = answers(shown)
    assert (one.kind, one.t, dict(one.values)) == ("number", 3, {"asked": 1.25, "said": 1.0})
    (many,) = answers(replace(shown, asked=np.array([[nan], [1.5], [1.25]])))
    assert (many.kind, many.t) == ("numbers", 2)
    assert dict(many.values) == {"asked": 1.5, "said": 0.5, "count": 2, "mean": 0.625}


def test_the_unit_that_holds_longest(made: tuple[Trace, Readout, dict[str, Notice]]) -> None:
    trace, _, found = made
    values = trace[{"rnn": "h", "lstm": "f", "gru": "z"}[trace.cell.name]][0].tolist()
    limit = SATURATED if trace.cell.name == "rnn" else KEEPS
    counts = [sum(abs(step[unit]) > limit for step in values) for unit in range(6)]
    notice = found["held"]
    assert notice.values["count"] == max(counts) == counts[int(notice.values["unit"]) - 1]
    assert notice.values["units"] == sum(abs(value) > limit for value in values[notice.t - 1])
    assert (notice.values["steps"], notice.values["size"]) == (8, 6)


FLAT = {"rnn": lambda h: abs(h) > 0.95, "rnn_relu": lambda h: h == 0, "rnn_sigmoid": lambda h: not 0.025 <= h <= 0.975}


def flat_of(cell: str, values: list[float]) -> list[bool]:
    return [FLAT[cell](value) for value in values]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_holds_is_right_for_every_declared_cell(cell: str, language: str) -> None:
    network = case(cell, steps=8, hidden=6, scale=2)
    found = list(notices(pass_of(network.trace, network.readout, WORDS * 2, [None] * 8), [False] * 8))
    notice = next(notice for notice in found if notice.kind.startswith("held"))
    assert catalogue(language)[f"notice.{notice.kind}"].format(t=notice.t, **notice.values)
    if cell in FLAT:
        flat = [[FLAT[cell](value) for value in step] for step in network.trace["h"][0].tolist()]
        counts = [sum(unit) for unit in zip(*flat, strict=True)]
        assert notice.values["count"] == max(counts) == counts[int(notice.values["unit"]) - 1]
        assert notice.values["units"] == sum(flat[notice.t - 1])
        own = network.trace["h"][0, :, int(notice.values["unit"]) - 1].tolist()
        held = flat_of(cell, own)
        assert notice.values["below"] == sum(h < 0 for h, is_flat in zip(own, held, strict=True) if is_flat)


@pytest.mark.parametrize("mark", [".", "?", "。"])
def test_a_closing_mark_gives_way_to_the_strongest_word(mark: str) -> None:
    plain = case("rnn", steps=5, scale=2)
    change = np.linalg.norm(plain.trace["h"][0] - plain.trace.previous("h")[0], axis=-1)
    *_, second, first = np.argsort(change).tolist()

    def moved(tokens: list[str]) -> Notice:
        trace = replace(plain.trace, tokens=tuple(tokens))
        found = notices(pass_of(trace, plain.readout, WORDS * 2, [None] * 5), [False] * 5)
        found_one = next(notice for notice in found if notice.kind.startswith("moved"))
        return replace(found_one, kind=found_one.kind.removesuffix("_alike"))

    tokens = list("abcde")
    assert (moved(tokens).kind, moved(tokens).t) == ("moved", first + 1)
    tokens[first] = mark
    assert (moved(tokens).kind, moved(tokens).t, moved(tokens).values["token"]) == (
        "moved_word",
        second + 1,
        tokens[second],
    )
    assert (moved([mark] * 5).kind, moved([mark] * 5).t) == ("moved", first + 1)


@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_the_surest_step_is_of_a_word_and_not_decided_by_digits_that_nobody_sees(scale: float) -> None:
    """Among the steps whose first choice is a word; those that show the same whole percent share the place."""
    words, kinds = (*WORDS[:6], "."), set()
    for seed in range(80):
        of = case("lstm", steps=8, classes=7, seed=seed)
        logits = scale * of.readout.logits.astype(float)
        y = np.exp(logits - logits.max(1, keepdims=True))
        y /= y.sum(1, keepdims=True)
        head = Readout(logits, y, of.readout.W_hy, of.readout.b_y)
        found = notices(pass_of(of.trace, head, words, [None] * 8), [False] * 8)
        told = [notice for notice in found if notice.kind.startswith("surest")]
        best = [(max(row), row.index(max(row)), t) for t, row in enumerate(y.tolist()) if row.index(max(row)) != 6]
        if not best:
            assert not told
            continue
        (notice,) = told
        top = max(p for p, _, _ in best)
        alike = [(word, t) for p, word, t in best if int(100 * p) == int(100 * top)]
        assert notice.kind == ("surest" if len(alike) == 1 else "surest_several")
        assert (notice.t, notice.values["word"]) == (alike[0][1] + 1, words[alike[0][0]])
        assert notice.values["count"] == len(alike)
        assert notice.values["least"] == int(100 * top) / 100
        kinds.add(notice.kind)
    assert kinds == {"surest", "surest_several"}


def test_the_biggest_surprise(made: tuple[Trace, Readout, dict[str, Notice]]) -> None:
    _, readout, found = made
    came = zip(readout.y.tolist(), TARGETS, strict=True)
    p, t = min((row[target], t) for t, (row, target) in enumerate(came) if target is not None and t not in UNKNOWN)
    assert found["missed"].t == t + 1
    assert found["missed"].values["p"] == pytest.approx(p)
    assert found["missed"].values["came"] == WORDS[TARGETS[t] or 0]


def test_what_was_expected_is_no_surprise(made: tuple[Trace, Readout, dict[str, Notice]]) -> None:
    trace, readout, _ = made
    best = [int(word) for word in readout.y.argmax(axis=1)]
    found = notices(pass_of(trace, readout, WORDS, best), [False] * 8)
    assert "missed" not in {notice.kind for notice in found}


def test_nothing_is_a_surprise_where_nothing_is_known(made: tuple[Trace, Readout, dict[str, Notice]]) -> None:
    trace, readout, _ = made
    found = notices(pass_of(trace, readout, WORDS, [None] * 8), [False] * 8)
    assert {notice.kind.split("_")[0] for notice in found} == {"moved", "held", "surest"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_fills_its_sentence(language: str, made: tuple[Trace, Readout, dict[str, Notice]]) -> None:
    for notice in made[2].values():
        sentence = catalogue(language)[f"notice.{notice.kind}"]
        assert sentence.names <= {"t", *notice.values}
        assert sentence.format(t=notice.t, **notice.values)
