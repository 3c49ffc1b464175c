"""The model of one iteration of a run, in the place of a trained model that ships.

Its weights are those that the run's history kept, when the visitor comes from the page where it ran; for anyone else
who follows the link they are trained again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import streamlit as st

from rnnviz.core.cells import CELLS
from rnnviz.core.forward import Pass
from rnnviz.core.trace import Array, Forced
from rnnviz.facts.notice import Notice, of_classes, of_numbers
from rnnviz.snippets.run import run_hold_lines, run_lines
from rnnviz.training.config import Changes, Config, Rule, changes
from rnnviz.training.pool import Handle, Limits, PoolFull
from rnnviz.training.presets import PRESETS
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.number import number
from rnnviz.ui.lessons import LESSONS
from rnnviz.ui.prose import Say, escape
from rnnviz.ui.runs import train_run
from rnnviz.ui.runs.jobs import jobs
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.parameters import SEQUENCES, of_a_run
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.zoo import Token

if TYPE_CHECKING:
    from rnnviz.core.network import Layer
    from rnnviz.core.record import Head
    from rnnviz.training.model import Kept
    from rnnviz.training.retraining import Again, Asked
    from rnnviz.training.trainer import Trainer
    from rnnviz.zoo import Reading

Said = Literal["classes", "numbers", "nothing"]
JOB = "opened"
PERIOD = 0.4  # seconds between two looks at a training
WATCH = 60.0  # seconds between two looks at the run on its own page, well under what it may go unwatched
MOST = 6400  # steps times units that a stage shows
MOST_KEPT = 4  # moments of a session
_KEPT, _TRAINING, _RESTS = "opened_kept", "opened_training", "opened_rests"  # in the session's state


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights before the update of `iteration`.     back: what the URL of their run's page holds."""

    iteration: int
    kept: Kept
    back: Mapping[str, str]


@dataclass(frozen=True)
class Classes:
    """What the outputs mean, in the place of a vocabulary.     between: tokens in running text."""

    words: tuple[str, ...]
    between: str

    def join(self, texts: tuple[str, ...]) -> str:
        return self.between.join(texts)


@dataclass(frozen=True, eq=False)
class Model:
    """One layer of the run's model, with what the lessons read of a `zoo.Model`.

    about: tells it and what it reads from all others.
    head: None for a layer below the top.     iteration: whose weights these are.
    sample, layer: from 1.
    said: what its state is read for, a choice among classes or numbers; nothing, where another layer reads it.
    numbers: (T, V), what is asked, NaN where nothing is; None for a task that asks for a class.
    """

    name: str
    about: str
    cell: str
    rnn: Layer
    head: Head | None
    vocabulary: Classes
    asked: Asked
    iteration: int
    sample: int
    layer: int
    said: Said
    numbers: Array | None


class Opened(NamedTuple):
    """A model of a run and what it reads."""

    model: Model
    reading: Reading
    shown: Pass  # without a readout below the top layer, and for a task that asks for a number
    outputs: Array | None  # the numbers that such a task gets, (T, V); else None


def asked(state: State, *, gated: bool = False) -> Asked | None:
    """The moment that the page is to show, if it is to show one. Refuses what cannot be: a run that does not train, a
    layer that it has not, and where the page is about gates a cell without."""
    config = state["run"]
    if config is None:
        return None
    from rnnviz.training.retraining import Asked

    unfit = _unfit(config)
    if unfit is None and gated and not CELLS[config.cell].memory:
        unfit = ("cell", Rule("choice", {"options": tuple(name for name in CELLS if CELLS[name].memory)}))
    if unfit is not None:
        part, accepted = unfit
        state.refuse("run", accepted, part, str(getattr(config, part)))
        return None
    if state["layer"] > config.num_layers:
        state.refuse("layer", Whole(1, config.num_layers).accepts)
    on_the_way = tuple(change for change in state["changes"] if change[0] < state["at"])
    return Asked(config, state["at"], on_the_way)


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


def keep(trainer: Trainer, iteration: int, state: State) -> Asked:
    """Keep the weights nearest to the iteration for this session, also when the run has expired.

    state: of the run's page. Raises `LookupError` where the run has kept none yet.
    """
    from rnnviz.training.retraining import Asked

    found, kept = trainer.history.nearest(iteration)
    moment = Asked(trainer.started, found, changes(trainer.started, trainer.history.changes, found))
    _keep(moment, Weights(found, kept, state.query() | {"at": str(found)}))
    return moment


def links(moment: Asked, state: State, say: Say) -> None:
    """To the lessons that show the model."""
    query = State("").query() | _query(moment, state)
    st.page_link(LESSONS["step"].file, label=say("opened.in_step"), icon=":material/footprint:", query_params=query)
    if CELLS[moment.config.cell].memory:
        st.page_link(LESSONS["gates"].file, label=say("opened.in_gates"), icon=":material/tune:", query_params=query)


def _query(moment: Asked, state: State) -> dict[str, str]:
    values = {"run": moment.config, "at": moment.at, "changes": moment.changes}
    kinds = {param.name: param.kind for param in of_a_run()}
    return {name: kinds[name].write(value) for name, value in values.items() if value} | {"lang": state["lang"]}


def _keep(moment: Asked, weights: Weights) -> None:
    kept: dict[Asked, Weights] = st.session_state.setdefault(_KEPT, {})
    kept.pop(moment, None)
    kept[moment] = weights
    for old in list(kept)[:-MOST_KEPT]:
        del kept[old]


def show(moment: Asked, state: State, say: Say) -> Opened | None:
    """The row that says which model this is, and the model; None where the row is followed by why there is none yet."""
    if train_run.open_now(train_run.watch()):
        st.fragment(train_run.watch, run_every=WATCH)()  # a visit to a lesson does not end the run
    back = st.container()
    config = moment.config
    if steps(config) * config.hidden_size > MOST:
        weights = None
        st.info(say("train.moment_large", most=MOST))
    else:
        weights = _weights(moment, state, say)
    with back:
        _row(moment, _home(moment) if weights is None else weights.back, state, say)
    if weights is None:
        return None
    if weights.iteration < moment.at:
        st.caption(say("opened.early", iteration=weights.iteration))
    if moment.changes:
        st.caption(say("opened.changed", changes="; ".join(_told(moment.changes, say))))
    try:
        found = _read(weights, moment, state["sample"], state["layer"])
    except ValueError:
        st.info(say("train.moment_none"))
        return None
    told = []
    if state["layer"] > 1:
        told.append(say("opened.reads", layer=state["layer"], below=state["layer"] - 1))
    if found.shown.readout is None:
        told.append(say("opened.numbers" if found.model.head else "opened.below", layer=config.num_layers))
    if told:
        st.caption(" ".join(told))
    return found


def _row(moment: Asked, back: Mapping[str, str], state: State, say: Say) -> None:
    """Which model it is, what it reads, and the ways back to its run, to the other lesson and to the trained models."""
    config = moment.config
    told = {
        "task": say(f"train.task_{config.task}"),
        "cell": say(f"train.cell_{config.cell}"),
        "hidden": config.hidden_size,
        "seed": config.seed,
        "iteration": moment.at,
    }
    st.markdown(say("opened.is" if config.num_layers == 1 else "opened.is_deep", layers=config.num_layers, **told))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if state.shows("text"):
            st.markdown(say("opened.sample"), help=say("opened.sample_help", count=SEQUENCES), width="content")
            number(say("opened.sample"), "sample", state, width=130, label_visibility="collapsed")
        if config.num_layers > 1 and state.shows("cell"):
            layers = range(1, config.num_layers + 1)
            choice(say("train.layer"), layers, lambda layer: say("train.layer_is", layer=layer), "layer", state)
        if not state.shows("model"):
            return
        st.page_link(LESSONS["train"].file, label=say("opened.back"), icon=":material/arrow_back:", query_params=back)
        other = "gates" if state.page == "step" else "step"
        if other == "step" or CELLS[config.cell].memory:
            names = ("sample", "layer", "t")
            query = _query(moment, state) | {name: state.query()[name] for name in names if name in state.query()}
            st.page_link(
                LESSONS[other].file,
                label=say(f"opened.in_{other}"),
                icon=":material/arrow_forward:",
                query_params=query,
            )
        st.button(
            say("opened.shipped"),
            key=f"{state.page}_shipped",
            type="tertiary",
            icon=":material/close:",
            on_click=_leave,
            args=(state,),
        )


def _leave(state: State) -> None:
    """Back to the models that ship with the project; nothing is trained for nobody."""
    jobs().stop(JOB)
    st.session_state.pop(_TRAINING, None)
    state.choose(run=None)


def _told(changes: Changes, say: Say) -> Iterator[str]:
    """What was changed, from which iteration on."""
    for first, settings in changes:
        values = (
            f"{say(f'train.{name}')} = {say(f'train.clipping_{value}') if name == 'clipping' else value}"
            for name, value in settings
        )
        yield say("opened.change", iteration=first, settings=", ".join(values))


def _home(moment: Asked) -> dict[str, str]:
    """What the URL of Train live holds for this run, for who was not there."""
    known = {param.name: param for param in LESSONS["train"].parameters}
    preset = next(iter(PRESETS))
    query = {"preset": preset, "at": str(moment.at)}
    for part in fields(Config):
        if written := known[part.name].kind.write(getattr(moment.config, part.name)):
            query[part.name] = written
    if moment.at > known["iterations"].default(query):
        query["iterations"] = str(moment.at)
    return query


def _weights(moment: Asked, state: State, say: Say) -> Weights | None:
    """Those of the session, else those of a training that has ended; meanwhile its progress, and a way to stop it."""
    from rnnviz.training.retraining import Again

    if found := st.session_state.get(_KEPT, {}).get(moment):
        if st.session_state.pop(_TRAINING, None):  # of another moment, that nobody looks at now
            jobs().stop(JOB)
        return found
    job: Again | None = st.session_state.get(_TRAINING)
    if job is None or job.asked != moment:
        job = Again(moment)
        st.session_state.pop(_RESTS, None)
        jobs().stop(JOB)
    st.session_state[_TRAINING] = job
    if job.finished:
        jobs().stop(JOB)
        del st.session_state[_TRAINING]
        found = Weights(job.iteration, job.weights(), _home(moment))
        _keep(moment, found)
        return found
    _train(job, state, say)
    return None


def _train(job: Again, state: State, say: Say) -> None:
    handle = jobs().watch(JOB)
    if handle is None and not st.session_state.get(_RESTS):
        handle = _start(job, say)
    if handle is not None and handle.status().state in ("queued", "running"):
        st.fragment(_progress, run_every=PERIOD)(job, handle, state, say)
        return
    if handle is not None:
        error = handle.status().error
        ended = say("train.error", message=escape(str(error), 200)) if error else say("opened.ended")
        st.warning(ended, icon=":material/error:")
    elif st.session_state.get(_RESTS):
        st.info(say("opened.stopped", done=job.iteration, at=job.asked.at), icon=":material/stop_circle:")
    st.button(say("opened.again"), key=f"{state.page}_again", on_click=_again)


def _start(job: Again, say: Say) -> Handle[Again] | None:
    try:
        return jobs().start(JOB, job, Limits(iterations=job.asked.at + 1))
    except PoolFull as full:
        st.warning(train_run.told_full(full, say), icon=":material/groups:")
    except LookupError:
        pass  # the tab was closed meanwhile
    return None


def _stop() -> None:
    jobs().stop(JOB)
    st.session_state[_RESTS] = True


def _again() -> None:
    jobs().stop(JOB)
    st.session_state.pop(_RESTS, None)


def _progress(job: Again, handle: Handle[Again], state: State, say: Say) -> None:
    status = handle.status()
    handle.touch()
    if job.finished or status.state not in ("queued", "running"):
        st.rerun()
    done = job.iteration
    waits = status.state == "queued"
    queued = say("opened.queued", place=status.place or 1, wait=ceil(status.wait or 0)) if waits else ""
    told = queued or say("opened.training", done=done, at=job.asked.at)
    st.progress(done / job.asked.at, told)
    st.button(say("opened.stop"), key=f"{state.page}_stop", icon=":material/stop:", on_click=_stop)


def words(language: str, said: Said = "classes") -> dict[str, str]:
    """What a stage says in place of its own words: a task asks for an answer, which need not be what comes next."""
    say = catalogue(language)
    texts: dict[str, str] = {}
    texts |= {f"stage.{name}": say[f"opened.stage.{name}"] for name in ("prediction", "right", "quiz_ask")}
    texts |= {f"stage.remark.{name}": say[f"opened.stage.remark.{name}"] for name in ("unsure", "surprised")}
    return texts if said == "classes" else texts | {"stage.no_head": say[f"opened.stage.{said}"]}


def answers(found: Opened) -> Iterator[Notice]:
    """What its head says where its task asks."""
    if found.shown.readout is not None:
        yield from of_classes(found.shown.readout, found.shown.words, found.shown.targets)
    elif found.outputs is not None and found.model.numbers is not None:
        yield of_numbers(found.outputs, found.model.numbers)


def lines(model: Model, t: int, say: Say, held: tuple[Forced | None, float | None] | None = None) -> str:
    """Say what they do, and return the lines of PyTorch that train the model again and read it up to step `t`.

    held: a gate and a bias that were taken hold of: then all steps.
    """
    place = (model.asked.config, model.iteration, model.sample, model.layer)
    if held is None:
        st.markdown(say("opened.pytorch_intro", t=t))
        return run_lines(*place, t, model.said, model.asked.changes)
    st.markdown(say("opened.pytorch_held"))
    return run_hold_lines(*place, *held, model.said, model.asked.changes)


@lru_cache(maxsize=8)
def _read(weights: Weights, moment: Asked, sample: int, layer: int) -> Opened:
    """Raises `ValueError` where something in it is not finite."""
    import rnnviz
    from rnnviz.training.moment import reading
    from rnnviz.zoo import Reading

    config = moment.config
    read = reading(config, weights.kept, sample, layer)
    trace = rnnviz.record(read.rnn, read.x, tokens=read.tokens)
    if not all(np.isfinite(values).all() for values in trace.values.values()):
        raise ValueError("the trace holds values that are not finite; accepted: finite weights and states")
    readout = None if read.head is None else rnnviz.read_out(trace, read.head)
    classes = read.numbers is None
    model = Model(
        name=f"{config.task}-at-{weights.iteration}",
        about=str(hash((moment, sample, layer))),
        cell=config.cell,
        rnn=read.rnn,
        head=read.head,
        vocabulary=Classes(read.outputs, "" if config.task == "characters" else " "),
        asked=moment,
        iteration=weights.iteration,
        sample=sample,
        layer=layer,
        said="nothing" if read.head is None else "classes" if classes else "numbers",
        numbers=read.numbers,
    )
    targets = read.targets if readout is not None and classes else ()
    tokens = tuple(Token(token, 0, known=True) for token in read.tokens)
    outputs = None if readout is None or classes else readout.logits
    shown = Pass(trace, readout if classes else None, read.outputs, targets, f"{model.name}-{config.cell}")
    return Opened(model, Reading(tokens, read.x, targets), shown, outputs)
