"""What is said of a gate in a question is so: worked out again with numpy, over cells, texts and steps."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz import zoo
from rnnviz.core.cell import Cell
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.network import Recurrent
from rnnviz.core.trace import Trace
from rnnviz.facts.questions.gates import closes_most, fate_of_memory, memory_after, telling_value
from rnnviz.tasks.grammar.sentences import sentences
from tests.declared import DECLARED
from tests.facts.questions.test_question import fills

GATED = [name for name, cell in CELLS.items() if cell.memory and name in ("lstm", "gru", "peephole", "mgu")]
TEXTS = [" ".join(s.words) for family in ("be", "order", "negation") for s in sentences("en", 4, seed=5, family=family)]


def traces(cell: str) -> list[Trace]:
    model = zoo.load("words-en", cell)
    return [rnnviz.record(model.rnn, model.read(text).x, tokens=tuple(text.split())) for text in TEXTS]


def keeps(trace: Trace) -> np.ndarray:
    """The share of the old memory that is kept, (T, H), as the papers write each cell."""
    if trace.cell.name == "gru":
        return trace["z"][0]
    return 1 - trace["f"][0] if trace.cell.name == "mgu" else trace["f"][0]


@pytest.mark.parametrize("cell", GATED)
def test_what_a_unit_holds_after_a_step(cell: str) -> None:
    places: Counter[int] = Counter()
    for trace in traces(cell):
        memory = "c" if "c" in trace.cell.states else "h"
        for t, looked_at in product(range(2, len(trace) + 1), (0, 5, trace.hidden_size - 1)):
            question = memory_after(trace, t, looked_at)
            if question is None:
                continue
            fills(question)
            values = question.values
            unit = int(values["unit"]) - 1
            old, new = (float(trace[memory][0, step, unit]) for step in (t - 2, t - 1))
            k = float(keeps(trace)[t - 1, unit])
            written = new - k * old
            assert values["k"] == pytest.approx(k, abs=1e-5)
            told = {"sum": new, "same": old, "flipped": (1 - k) * old + written, "switch": (k > 0.5) * old + written}
            for option, value in told.items():
                assert values[option] == pytest.approx(value, abs=1e-4)
            found = sorted(told[option] for option in question.options)
            assert set(told) - set(question.options) <= {"switch"}
            assert min(np.diff(found)) > 0.1
            # It is the unit that is looked at, unless its answers cannot be told apart.
            if unit != looked_at:
                before, after = (float(trace[memory][0, step, looked_at]) for step in (t - 2, t - 1))
                share = float(keeps(trace)[t - 1, looked_at])
                writes = after - share * before
                near = sorted((after, before, (1 - share) * before + writes))
                assert min(np.diff(near)) < 0.15 + 1e-6
            assert [told[option] for option in question.options] == pytest.approx(found, abs=1e-4)
            assert question.answer == "sum"
            places[question.options.index("sum")] += 1
    assert len(places) > 1, "the right answer is not always at the same place"


@pytest.mark.parametrize("cell", GATED)
def test_the_memory_at_the_end_of_a_hold(cell: str) -> None:
    answers: Counter[str] = Counter()
    model = zoo.load("words-en", cell)
    for text, before in zip(TEXTS, traces(cell), strict=True):
        for gate in before.cell.gates:
            value = telling_value(before.cell, gate)
            held = rnnviz.record(model.rnn, model.read(text).x, forced=(Forced(gate, value),))
            question = fate_of_memory(before, held, gate)
            fills(question)
            memory = "c" if "c" in before.cell.states else "h"
            was, now = (float(np.abs(trace[memory][0, -1]).mean()) for trace in (before, held))
            expected = "grow" if now > 1.1 * was else "shrink" if now < 0.9 * was else "stay"
            assert question.answer == expected
            answers[expected] += 1
            for option, (reason, values) in question.reasons.items():
                assert (values["was"], values["now"]) == pytest.approx((was, now))
                assert reason.startswith("not_") == (option != expected)
                if reason == "not_grow":
                    assert now <= values["high"] + 1e-9
                if reason == "not_shrink":
                    assert now >= values["low"] - 1e-9
                if reason == "not_stay":
                    assert not values["low"] <= now <= values["high"]
    assert len(answers) > 1 or (cell == "mgu" and answers.keys() == {"shrink"}), "its one gate, shut, writes nothing"


# A GRU whose candidate reads the past past its reset gate too: no gate hides all of the past from it.
LEAKY = replace(
    CELLS["gru"],
    name="leaky",
    ops=tuple(replace(op, reads=(*op.reads, "hn")) if op.name == "a_n" else op for op in CELLS["gru"].ops),
)
ALL_GATED = [cell for cell in (*CELLS.values(), *DECLARED, LEAKY) if cell.memory]


@pytest.mark.parametrize(("cell", "gate"), [(cell, gate) for cell in ALL_GATED for gate in cell.gates])
@settings(max_examples=10)
@given(seed=st.integers(0, 2**31))
def test_why_a_memory_ends_as_it_does_is_what_the_held_gate_did(cell: Cell, gate: str, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    net = Recurrent(cell, 2, 3)
    with torch.no_grad():
        for weight in net.parameters():
            weight.normal_(generator=generator)
    x = torch.randn(2, generator=generator).expand(6, 2)  # one token again and again
    h0 = tuple(torch.randn(1, 3, generator=generator) for _ in cell.states)
    states = h0 if len(h0) > 1 else h0[0]
    before, after = (
        rnnviz.record(net, x, h0=states, forced=forced) for forced in ((), (Forced(gate, telling_value(cell, gate)),))
    )
    question = fate_of_memory(before, after, gate)
    fills(question)
    why, values = question.reasons[question.answer]
    memory = after.cell.required_memory[0]
    kept, past, written = after["keep"][0], after.previous(memory)[0], after["write"][0]
    candidate = after[cell.content[0]][0]
    whole = (kept == past).all()
    alike = np.allclose(candidate, candidate[0], atol=1e-6)
    assert (why in ("adds", "frozen")) == (gate == cell.keeping[0]) == whole
    assert (why in ("frozen", "unwritten")) == (written == 0).all()
    assert (why == "frozen") == (after[memory][0] == past[0]).all()
    if why in ("blind", "multiplied"):
        assert (why == "blind") == alike, "the candidate knows the present token only, which is the same at each step"
    assert (why == "unseen") == (after["h"][0] == 0).all()
    assert values["value"] == (1 if why == "adds" or (gate, 1) == cell.keeping else 0)


def test_every_reason_is_the_reason_of_some_gate() -> None:
    net = {cell.name: Recurrent(cell, 1, 1) for cell in ALL_GATED}
    found = set()
    for cell in ALL_GATED:
        for weight in net[cell.name].parameters():
            torch.nn.init.ones_(weight)
        trace = rnnviz.record(net[cell.name], torch.ones(2, 1))
        for gate in cell.gates:
            question = fate_of_memory(trace, trace, gate)
            found.add(question.reasons[question.answer][0])
    assert found == {"adds", "frozen", "unwritten", "unseen", "blind", "multiplied"}


@pytest.mark.parametrize("cell", GATED)
def test_the_gate_that_closes_most(cell: str) -> None:
    """At every step of every text."""
    answers: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for trace in traces(cell):
        called = {name: name for name in (*trace.cell.gates, "none")}
        for t in range(2, len(trace) + 1):
            question = closes_most(trace, t, called)
            fills(question)
            size = trace.hidden_size
            open_ = {n: [sum(trace[n][0, k].tolist()) / size for k in (t - 2, t - 1)] for n in trace.cell.gates}
            falls = {name: before - after for name, (before, after) in open_.items()}
            most = max(falls, key=lambda name: falls[name])
            answer = most if falls[most] > 0 else "none"
            assert question.answer == answer
            answers[answer] += 1
            for name, (reason, values) in question.reasons.items():
                reasons[reason] += 1
                if name == "none":
                    assert reason == ("all_open" if all(fall <= 0 for fall in falls.values()) else "one_closes")
                    assert (values["gate"], values["fall"]) == (most, pytest.approx(falls[most], abs=1e-6))
                    continue
                assert (values["before"], values["after"]) == pytest.approx(tuple(open_[name]), abs=1e-6)
                assert reason == ("most" if name == answer else "closes" if falls[name] > 0 else "opens")
    assert len(answers) > 1, "it is not always the same one"
    assert reasons["all_open"] >= 5, "where none closes"
    assert reasons["one_closes"] >= 5
