"""A head says what its output is: a choice among classes, probabilities each by itself, or numbers."""

from __future__ import annotations

import io
import json
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

import rnnviz
from rnnviz import Head, Pass, Readout, Trace, read_out, record
from rnnviz.core.trace import ACTIVATIONS
from rnnviz.scene.networks import network as scene_of
from rnnviz.scene.networks import with_head
from tests import forging
from tests.core.modules import HIDDEN, INPUT, network, normal

PYTORCHS = {
    "softmax": lambda logits: functional.softmax(logits, -1),
    "log-softmax": lambda logits: functional.log_softmax(logits, -1),
    "sigmoid": torch.sigmoid,
    "identity": lambda logits: logits,
}


def trace_of(steps: int = 5) -> Trace:
    return record(network("lstm"), normal(steps, INPUT), tokens=[f"w{t}" for t in range(steps)])


def head(outputs: int, activation: Any = None) -> Head:
    return Head(3 * normal(outputs, HIDDEN, seed=1), normal(outputs, seed=2), activation)


def loaded(trace: Trace, readout: Readout, edit: Any = None) -> Readout:
    file = io.BytesIO()
    trace.save(file, readout)
    members = forging.unzipped(file.getvalue())
    about = forging.told(members)
    return Readout.load(io.BytesIO(forging.zipped(forging.telling(members, edit(about) if edit else about))))


@pytest.mark.parametrize("activation", ACTIVATIONS)
@given(outputs=st.integers(1, 6), steps=st.integers(1, 6))
@settings(max_examples=10)
def test_the_output_is_what_pytorchs_function_makes_of_the_logits_and_leaves_with_the_file(
    activation: str, outputs: int, steps: int
) -> None:
    trace = trace_of(steps)
    if outputs == 1 and activation.endswith("softmax"):
        with pytest.raises(
            ValueError, match=r"there is one output, .*; accepted: sigmoid .*, identity .*, or a function"
        ):
            read_out(trace, head(1, activation))
        return
    readout = read_out(trace, head(outputs, activation))
    logits = functional.linear(torch.tensor(trace.output), head(outputs).weight, head(outputs).bias)
    np.testing.assert_allclose(readout.logits, logits, rtol=1e-12)
    np.testing.assert_allclose(readout.y, PYTORCHS[activation](logits), rtol=1e-12)
    for copy in (loaded(trace, readout), pickle.loads(pickle.dumps(readout))):
        assert copy.activation == activation
        assert copy.meaning == readout.meaning
        np.testing.assert_array_equal(copy.y, readout.y)
    linear = nn.Linear(HIDDEN, outputs, dtype=torch.float64)
    assert read_out(trace, linear, activation).activation == activation


def test_what_a_head_does_not_say_is_guessed_only_where_it_cannot_mislead() -> None:
    assert read_out(trace_of(), head(2)).activation == "softmax"
    one = read_out(trace_of(), head(1))
    assert one.activation == "identity"
    np.testing.assert_array_equal(one.y, one.logits)
    assert read_out(trace_of(), nn.Linear(HIDDEN, 1, dtype=torch.float64)).meaning == "number"


def test_a_function_of_ones_own_is_applied_once_to_all_steps_and_its_numbers_are_kept_in_a_file() -> None:
    trace, seen = trace_of(), []

    def function(logits: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(logits.shape))
        return logits.square().cumsum(0)

    readout = read_out(trace, head(3, function))
    assert seen == [(5, 3)]
    assert (readout.activation, readout.meaning) == ("custom", "number")
    np.testing.assert_allclose(readout.y, np.cumsum(readout.logits**2, 0))
    np.testing.assert_array_equal(loaded(trace, readout).y, readout.y)
    assert loaded(trace, readout).activation == "custom"


@pytest.mark.parametrize(
    ("activation", "error", "message"),
    [
        ("tanh", ValueError, "activation is 'tanh'; accepted: softmax, sigmoid, identity, log-softmax, or a function"),
        (3, ValueError, "activation is 3; accepted"),
        (lambda logits: logits.numpy(), TypeError, r"activation returned numpy.ndarray; accepted: .* shape \(5, 3\)"),
        (lambda logits: logits > 0, TypeError, "activation returned torch.bool; accepted: a floating-point"),
        (lambda logits: logits.sum(1), ValueError, r"activation returned shape \(5,\); accepted: \(5, 3\)"),
    ],
)
def test_an_activation_that_is_none_is_refused(activation: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_out(trace_of(), head(3, activation))


def test_no_readout_holds_a_softmax_of_one_number_and_an_older_files_is_its_logit() -> None:
    trace = trace_of()
    ones = np.ones((5, 1))
    with pytest.raises(ValueError, match="there is one output"):
        Readout(ones, ones, np.ones((1, HIDDEN)), np.ones(1))
    readout = read_out(trace, head(1))
    old = loaded(trace, readout, lambda about: {key: value for key, value in about.items() if key != "activation"})
    assert old.activation == "identity"
    np.testing.assert_array_equal(old.y, readout.logits)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("tanh", "activation is 'tanh'; accepted: softmax, sigmoid"),
        (None, "activation is None; accepted"),
        (["softmax"], "activation is .*; accepted"),
        ("identity", r"readout\.y is not readout\.logits; accepted of an identity: the same numbers"),
        ("log-softmax", "accepted of a log-softmax: at most 0"),
    ],
)
def test_a_file_whose_numbers_are_not_what_it_says_is_refused(said: Any, message: str) -> None:
    trace = trace_of()
    with pytest.raises(ValueError, match=message):
        loaded(trace, read_out(trace, head(3, "sigmoid")), lambda about: about | {"activation": said})
    numbers = read_out(trace, head(3, "identity"))
    with pytest.raises(ValueError, match=r"readout\.y goes from .*; accepted: 0 to 1"):
        loaded(trace, numbers, lambda about: about | {"activation": "softmax"})


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(("outputs", "activation"), [(1, None), (1, "sigmoid"), (3, "sigmoid"), (3, "identity")])
def test_the_stage_says_what_the_output_is_and_one_logit_is_never_certain(
    outputs: int, activation: Any, language: str
) -> None:
    trace = trace_of()
    readout = read_out(trace, head(outputs, activation))
    spec = rnnviz.stage(trace, readout, look=rnnviz.Look(language=language)).to_dict()
    text = json.dumps(spec["datasets"], ensure_ascii=False)
    assert "100%" not in text
    notices = spec["datasets"]["bundle"][0]["notice"].split("\u2063")
    word = {"probability": {"en": "Probabilities", "ko": "확률"}, "number": {"en": "Output", "ko": "출력"}}
    for notice, y in zip(notices, readout.y, strict=True):
        line = notice.split("\n")[-1]
        assert line.startswith(word[readout.meaning][language])
        for value in y[:3]:
            written = f"{round(100 * value)}%" if readout.meaning == "probability" else f"{abs(value):.3g}"[:4]
            assert written in line
    picture = with_head(scene_of(trace), trace, readout, ["y"] * outputs)
    notes = [block.note for block in picture.blocks if block.kind == "output"]
    assert all(("%" in note) == (readout.meaning == "probability") for note in notes)


def test_a_log_softmax_is_shown_as_the_probabilities_that_it_is_the_logarithm_of() -> None:
    trace, words = trace_of(), ["a", "b", "c"]
    logs, shares = (read_out(trace, head(3, name)) for name in ("log-softmax", "softmax"))
    np.testing.assert_allclose(logs.as_probabilities.y, shares.y, rtol=1e-12)
    one, other = (rnnviz.stage(trace, readout, words=words).to_dict()["datasets"] for readout in (logs, shares))
    assert one == other


def test_only_a_choice_has_a_best_word() -> None:
    trace, words = trace_of(), ("a", "b")
    assert Pass(trace, read_out(trace, head(2)), words).head == "classes"
    for activation in ("sigmoid", "identity"):
        shown = Pass(trace, read_out(trace, head(2, activation)), words)
        assert (shown.head, shown.best()) == ("numbers", [])
    y = read_out(trace, head(2)).y.copy()
    y[1] = np.nan
    y[2, 0] = np.nan
    readout = Readout(np.zeros((5, 2)), y, np.zeros((2, HIDDEN)), np.zeros(2))
    assert Pass(trace, readout, words).best()[1:3] == ["", "b"]


def test_pytorchs_spelling_of_the_log_softmax_is_taken_and_a_function_gives_numbers() -> None:
    ours, theirs = (read_out(trace_of(), head(3, name)) for name in ("log-softmax", "log_softmax"))
    assert theirs.activation == "log-softmax"
    np.testing.assert_array_equal(theirs.y, ours.y)
    assert read_out(trace_of(), head(3, nn.Softmax(-1))).meaning == "number"
