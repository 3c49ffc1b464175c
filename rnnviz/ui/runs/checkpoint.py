"""The model of one iteration of a run, in the place of a trained model that ships: which one a link asks for, its
weights as a session keeps them, and its pass over a sequence of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.forward import HeadKind, Pass
from rnnviz.snippets.run import run_hold_lines, run_lines
from rnnviz.training.config import Checkpoint, Config, Rule, changes
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.zoo import Token

if TYPE_CHECKING:
    from rnnviz.core.network import Layer
    from rnnviz.core.record import Head
    from rnnviz.training.model import Parameters
    from rnnviz.training.trainer import Trainer
    from rnnviz.zoo import Reading

MOST_KEPT = 6  # moments of a session; a page of the lesson on forecasts shows four
_KEPT = "opened_kept"  # in the session's state


@dataclass(frozen=True, eq=False)
class RunWeights:
    """Weights before the update of `iteration`.     back: what the URL of their run's page holds."""

    iteration: int
    parameters: Parameters
    back: Mapping[str, str]


@dataclass(frozen=True)
class Classes:
    """What the outputs mean, in the place of a vocabulary.     between: tokens in running text."""

    words: tuple[str, ...]
    between: str

    def join(self, texts: tuple[str, ...]) -> str:
        return self.between.join(texts)


@dataclass(frozen=True, eq=False)
class CheckpointModel:
    """One layer of the run's model, with what the lessons read of a `zoo.Model`.

    about: tells it and what it reads from all others.
    head: None for a layer below the top.     iteration: whose weights these are.
    sample, layer: from 1.
    """

    name: str
    about: str
    cell: str
    rnn: Layer
    head: Head | None
    vocabulary: Classes
    checkpoint: Checkpoint
    iteration: int
    sample: int
    layer: int


class CheckpointPass(NamedTuple):
    """A model of a run, what it reads, and how. Below the top layer without a head."""

    model: CheckpointModel
    reading: Reading
    shown: Pass

    def words(self, language: str) -> dict[str, str]:
        """What a stage says in place of its own words."""
        return words(language, self.shown.head)

    def lines(self, t: int, say: Say, held: tuple[Forced | None, float | None] | None = None) -> str:
        """Say what they do, and return the lines of PyTorch that train the model again and read it up to step `t`.

        held: a gate and a bias that were taken hold of: then all steps.
        """
        model, head = self.model, self.shown.head
        place = (model.checkpoint.config, model.iteration, model.sample, model.layer)
        if held is None:
            st.markdown(say("opened.pytorch_intro", t=t))
            return run_lines(*place, t, head, model.checkpoint.changes)
        st.markdown(say("opened.pytorch_held"))
        return run_hold_lines(*place, *held, head, model.checkpoint.changes)


def of_page(state: State, *, gated: bool = False) -> Checkpoint | None:
    """The moment that the page is to show, if it is to show one. Refuses what cannot be: a run that does not train, a
    layer that it has not, and where the page is about gates a cell without."""
    config = state["run"]
    if config is None:
        return None
    unfit = _unfit(config)
    if unfit is None and gated and not CELLS[config.cell].memory:
        unfit = ("cell", Rule("choice", {"options": tuple(name for name in CELLS if CELLS[name].memory)}))
    if unfit is not None:
        part, rule = unfit
        state.refuse("run", rule, part, str(getattr(config, part)))
        return None
    if state["layer"] > config.num_layers:
        state.refuse("layer", Whole(1, config.num_layers).accepts)
    on_the_way = tuple(change for change in state["changes"] if change[0] < state["at"])
    return Checkpoint(config, state["at"], on_the_way)


def _unfit(config: Config) -> tuple[str, Rule] | None:
    """The setting that the run's task does not take, and what it takes; None for a run that trains."""
    from rnnviz.tasks.catalogue import task_of
    from rnnviz.tasks.text import SHORTEST_TEXT

    try:
        task = task_of(config.task, config.text)
    except ValueError:
        return "text", Rule("text_long", {"least": SHORTEST_TEXT})
    if task.shortest <= config.length <= task.longest:
        return None
    return "length", Whole(task.shortest, task.longest).accepts


@lru_cache(maxsize=64)
def steps(config: Config) -> int:
    """Of a sequence of the run. Raises `ValueError` for a length or a text that the task does not take."""
    from rnnviz.training.moment import unseen

    return len(unseen(config)[1].x)


def keep(trainer: Trainer, iteration: int, state: State) -> Checkpoint:
    """Keep the weights nearest to the iteration for this session, also when the run has expired.

    state: of the run's page. Raises `LookupError` where the run has kept none yet.
    """
    at, weights = trainer.history.nearest(iteration)
    moment = Checkpoint(trainer.started, at, changes(trainer.started, trainer.history.changes, at))
    remember(moment, RunWeights(at, weights, state.query() | {"at": str(at)}))
    return moment


def remember(moment: Checkpoint, weights: RunWeights) -> None:
    """For this session, the last few only."""
    by_moment: dict[Checkpoint, RunWeights] = st.session_state.setdefault(_KEPT, {})
    by_moment.pop(moment, None)
    by_moment[moment] = weights
    for old in list(by_moment)[:-MOST_KEPT]:
        del by_moment[old]


def remembered(moment: Checkpoint) -> RunWeights | None:
    """What the session has of it."""
    weights: RunWeights | None = st.session_state.get(_KEPT, {}).get(moment)
    return weights


_ASKED = (
    "prediction",
    "right",
    "quiz_ask",
    "why",
    "hint_score",
    "hint_score_tap",
)  # which a stage of a run says otherwise


def words(language: str, head: HeadKind) -> dict[str, str]:
    """What a stage says in place of its own words: a task asks for an answer, which need not be what comes next."""
    say = catalogue(language)
    texts: dict[str, str] = {}
    texts |= {f"stage.{name}": say[f"opened.stage.{name}"] for name in _ASKED}
    texts |= {f"stage.remark.{name}": say[f"opened.stage.remark.{name}"] for name in ("unsure", "surprised")}
    return texts if head == "classes" else texts | {"stage.no_head": say[f"opened.stage.{head}"]}


@lru_cache(maxsize=8)
def read(weights: RunWeights, moment: Checkpoint, sample: int, layer: int) -> CheckpointPass:
    """Raises `ValueError` where something in it is not finite."""
    import rnnviz
    from rnnviz.training.moment import reading
    from rnnviz.zoo import Reading

    config = moment.config
    sample_reading = reading(config, weights.parameters, sample, layer)
    trace = rnnviz.record(sample_reading.rnn, sample_reading.x, tokens=sample_reading.tokens)
    if not all(np.isfinite(values).all() for values in trace.values.values()):
        raise ValueError("the trace holds values that are not finite; accepted: finite weights and states")
    readout = None if sample_reading.head is None else rnnviz.read_out(trace, sample_reading.head)
    model = CheckpointModel(
        name=f"{config.task}-at-{weights.iteration}",
        about=str(hash((moment, sample, layer))),
        cell=config.cell,
        rnn=sample_reading.rnn,
        head=sample_reading.head,
        vocabulary=Classes(sample_reading.outputs, "" if config.task == "characters" else " "),
        checkpoint=moment,
        iteration=weights.iteration,
        sample=sample,
        layer=layer,
    )
    reader = f"{model.name}-{config.cell}"
    if readout is not None and sample_reading.numbers is not None:
        shown = Pass(
            trace, words=sample_reading.outputs, reader=reader, outputs=readout.logits, asked=sample_reading.numbers
        )
    else:
        shown = Pass(trace, readout, sample_reading.outputs, sample_reading.targets if readout else (), reader)
    tokens = tuple(Token(token, 0, known=True) for token in sample_reading.tokens)
    return CheckpointPass(model, Reading(tokens, sample_reading.x, shown.targets), shown)
