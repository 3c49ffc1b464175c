"""One to one: a network without a loop, which answers what it is given at once; and the same on a sequence."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from rnnviz.core.forward import Pass
from rnnviz.core.taps import Taps
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice
from rnnviz.lessons.shapes.stage_texts import stage_texts
from rnnviz.scene import feed_forward, tapped
from rnnviz.snippets.shapes import patient_lines
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.number import number
from rnnviz.ui.page.files import Files, drawings, numbers
from rnnviz.ui.picture.scene import meanings, stepped
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State
from rnnviz.words.numbers import percent, size
from rnnviz.zoo.shapes.catalogue import shipped

if TYPE_CHECKING:
    from torch import Tensor

Patient = tuple[float, float, float]  # age in years, sex as the data set has it, body-mass index
BEFORE: tuple[Patient, ...] = ((62.0, 2.0, 33.0), (24.0, 1.0, 20.5))  # who come first in a sequence
OTHER: Patient = (79.0, 2.0, 42.0)  # who comes first in their place, to see what it changes


class Answers(NamedTuple):
    """What the network makes of patients that it reads one after the other."""

    shown: Pass
    gradient: Array  # (T, H), of the loss of the last answer, its own first choice right, with respect to each h
    loss: float


@lru_cache(maxsize=64)
def run(patients: tuple[Patient, ...]) -> Answers:
    import torch
    from torch.nn.functional import cross_entropy, linear

    from rnnviz.core.gradients.flow import flow_of
    from rnnviz.zoo.shapes.model import load

    model = load("pressure")
    assert model.shipped.scale is not None, "numbers are scaled"
    mean, deviation = map(torch.tensor, model.shipped.scale)
    shown = model.read((torch.tensor(patients) - mean) / deviation, [_written(patient) for patient in patients])
    assert shown.readout is not None, "it has a head"
    right = torch.tensor([int(k) for k in shown.readout.y.argmax(axis=1)])
    asks = torch.zeros(len(patients))
    asks[-1] = 1

    def losses(output: Tensor) -> Tensor:
        return cross_entropy(linear(output, model.head.weight, model.head.bias), right, reduction="none") * asks

    flow = flow_of(shown.trace, losses)
    return Answers(shown, flow.gradients[0].sum(0), float(flow.losses.sum()))


def _written(patient: Patient) -> str:
    return " · ".join(f"{value:g}" for value in patient)


def patient(state: State) -> Patient:
    """The visitor's."""
    return float(state["age"]), float(state["sex"]), state["bmi"]


def read(state: State) -> tuple[Patient, ...]:
    """Who is read."""
    return (*BEFORE, patient(state)) if state["fed"] == "sequence" else (patient(state),)


def knobs(state: State, say: Say) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        number(say("shapes.age"), "age", state, width=110)
        choice(say("shapes.sex"), ("1", "2"), str, "sex", state, labelled=True)
        number(say("shapes.bmi"), "bmi", state, step=0.5, width=130)
        ways = ("one", "sequence")
        choice(say("shapes.fed"), ways, lambda name: say(f"shapes.fed_{name}"), "fed", state, labelled=True)


def draw(state: State, say: Say) -> Files:
    answers = run(read(state))
    shown, shipped_model = answers.shown, shipped("pressure")
    assert shown.readout is not None, "it has a head"
    answer_names = tuple(say(f"shapes.answer_{answer}") for answer in shipped_model.outputs)
    best = [(answer_names[int(y.argmax())], percent(float(y.max()))) for y in shown.readout.y]
    names = meanings(state["lang"], stage_texts("stage", state["lang"]))
    if state["fed"] == "one":
        age, sex, bmi = patient(state)
        inputs = [(say("shapes.age"), f"{age:g}"), (say("shapes.sex"), f"{sex:g}"), (say("shapes.bmi"), f"{bmi:g}")]
        scene = feed_forward(inputs, shown.trace["h"][0, 0], best[0])
        figure = stepped(scene, "one", state, say("shapes.one_alt"), whole=True, names=names)
    else:
        T = len(shown.trace)
        answer_texts = [(answer, f"{p} · {say('shapes.loss', loss=size(answers.loss))}") for answer, p in best]
        taps = Taps.of(range(1, T + 1), (T,), T)
        scene = tapped(shown.trace, taps, answer_texts, answers.gradient, loop=False)
        figure = stepped(scene, "sequence", state, say("shapes.sequence_alt"), whole=True, names=names)
    if state.shows("notice"):
        median = shipped_model.samples["median"]
        y = shown.readout.y[-1]
        values = {"answer": answer_names[int(y.argmax())], "p": float(y.max()), "median": median}
        facts = [Notice("pressure", len(shown.trace), values)]
        if state["fed"] == "sequence":
            norms = np.linalg.norm(answers.gradient, axis=1)
            sizes = {"last": float(norms[-1]), "before": float(norms[:-1].max())}
            facts.append(Notice("no_loop", 0, {**sizes, "share": _changed(read(state))}))
        notice(facts, say)
        st.markdown(say("shapes.refuses"))
        st.code(refusal(), language=None, wrap_lines=True)
    return {**drawings(figure, say("shapes.part_one_to_one"), state), **numbers(shown)}


def _changed(patients: tuple[Patient, ...]) -> float:
    """By how much the last answer changes where the first patient is another one."""
    before, after = run(patients).shown.readout, run((OTHER, *patients[1:])).shown.readout
    assert before is not None, "it has a head"
    assert after is not None, "it has a head"
    return float(np.abs(after.y[-1] - before.y[-1]).max())


@lru_cache(maxsize=1)
def refusal() -> str:
    """What PyTorch says where such a network is given three patients as one input."""
    import torch

    from rnnviz.zoo.shapes.model import load

    try:
        torch.nn.functional.linear(torch.zeros(1, 9), load("pressure").rnn.state_dict()["weight_ih_l0"])
    except RuntimeError as error:
        return str(error)
    raise AssertionError("a matrix for 3 numbers took 9")


def pytorch(state: State) -> str:
    return patient_lines(read(state))
