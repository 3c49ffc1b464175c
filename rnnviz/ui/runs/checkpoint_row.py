"""The row of a page that says which iteration of which run it shows, with the ways back; and the links to such pages.

The weights are those that the run's history kept, when the visitor comes from the page where it ran; for anyone else
who follows the link they are trained again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

import streamlit as st

from rnnviz.core.cells import CELLS
from rnnviz.training.config import Changes, Checkpoint, Config
from rnnviz.training.presets import PRESETS
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.number import number
from rnnviz.ui.page.lessons import LESSONS
from rnnviz.ui.runs import retraining, train_run
from rnnviz.ui.runs.checkpoint import CheckpointPass, read, steps
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.url.parameters import SEQUENCES, of_a_run
from rnnviz.ui.url.state import State

WATCH = 60.0  # seconds between two looks at the run on its own page, well under what it may go unwatched
MOST = 6400  # steps times units that a stage shows


def show(moment: Checkpoint, state: State, say: Say) -> CheckpointPass | None:
    """The row that says which model this is, and the model; None where the row is followed by why there is none yet."""
    if train_run.open_now(train_run.watch()):
        st.fragment(train_run.watch, run_every=WATCH)()  # a visit to a lesson does not end the run
    back = st.container()
    config, home = moment.config, _home(moment)
    if steps(config) * config.hidden_size > MOST:
        weights = None
        st.info(say("train.moment_large", most=MOST))
    else:
        weights = retraining.weights(moment, home, state, say)
    with back:
        _row(moment, home if weights is None else weights.back, state, say)
    if weights is None:
        return None
    if weights.iteration < moment.at:
        st.caption(say("opened.early", iteration=weights.iteration))
    if moment.changes:
        st.caption(say("opened.changed", changes="; ".join(_change_texts(moment.changes, say))))
    try:
        run = read(weights, moment, state["sample"], state["layer"])
    except ValueError:
        st.info(say("train.moment_none"))
        return None
    sentences = []
    if state["layer"] > 1:
        sentences.append(say("opened.reads", layer=state["layer"], below=state["layer"] - 1))
    if run.shown.readout is None:
        sentences.append(
            say("opened.numbers" if run.shown.head == "numbers" else "opened.below", layer=config.num_layers)
        )
    if sentences:
        st.caption(" ".join(sentences))
    return run


def _row(moment: Checkpoint, back: Mapping[str, str], state: State, say: Say) -> None:
    """Which model it is, what it reads, and the ways back to its run, to the other lesson and to the trained models."""
    config = moment.config
    values = {
        "task": say(f"train.task_{config.task}"),
        "cell": titled(config.cell, say),
        "hidden": config.hidden_size,
        "seed": config.seed,
        "iteration": moment.at,
    }
    st.markdown(say("opened.is" if config.num_layers == 1 else "opened.is_deep", layers=config.num_layers, **values))
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
    retraining.leave()
    state.choose(run=None)


def _change_texts(changes: Changes, say: Say) -> Iterator[str]:
    """What was changed, from which iteration on."""
    for first, settings in changes:
        values = (
            f"{say(f'train.{name}')} = {say(f'train.clipping_{value}') if name == 'clipping' else value}"
            for name, value in settings
        )
        yield say("opened.change", iteration=first, settings=", ".join(values))


def links(moment: Checkpoint, state: State, say: Say) -> None:
    """To the lessons that show the model."""
    query = State("").query() | _query(moment, state)
    st.page_link(LESSONS["step"].file, label=say("opened.in_step"), icon=":material/footprint:", query_params=query)
    if CELLS[moment.config.cell].memory:
        st.page_link(LESSONS["gates"].file, label=say("opened.in_gates"), icon=":material/tune:", query_params=query)


def _query(moment: Checkpoint, state: State) -> dict[str, str]:
    values = {"run": moment.config, "at": moment.at, "changes": moment.changes}
    kinds = {param.name: param.kind for param in of_a_run()}
    return {name: kinds[name].write(value) for name, value in values.items() if value} | {"lang": state["lang"]}


def _home(moment: Checkpoint) -> dict[str, str]:
    """What the URL of Train live holds for this run, for who was not there."""
    parameters = {param.name: param for param in LESSONS["train"].parameters}
    preset = next(iter(PRESETS))
    query = {"preset": preset, "at": str(moment.at)}
    for part in fields(Config):
        if text := parameters[part.name].kind.write(getattr(moment.config, part.name)):
            query[part.name] = text
    if moment.at > parameters["iterations"].default(query):
        query["iterations"] = str(moment.at)
    return query
