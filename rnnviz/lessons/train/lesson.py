"""Around the run: a question before it, what an explosion means, and after it what to notice, to try and to read."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from rnnviz.core.trace import Activation
from rnnviz.facts.questions.outcomes import outcome, outcome_asked
from rnnviz.facts.questions.question import Question
from rnnviz.facts.questions.training import Asked, answered_question, open_question
from rnnviz.facts.training import explosion, facts
from rnnviz.lessons.train import live as train_live
from rnnviz.lessons.train.parameters import SETTINGS
from rnnviz.lessons.train.tries import SET, for_run
from rnnviz.snippets.loop import loop_lines
from rnnviz.training.presets import GRU_SEEDS, PAIRS, SEEDS, TRIED, TRIED_SEEDS, WITH_GRU, settings_of
from rnnviz.training.view import RunView, to_csv
from rnnviz.ui.page import files
from rnnviz.ui.runs import train_run
from rnnviz.ui.runs.train_run import Look
from rnnviz.ui.text.details import details
from rnnviz.ui.text.notices import tell
from rnnviz.ui.text.prose import Say, escape, titled
from rnnviz.ui.text.question import reason_lines, reveal, skip
from rnnviz.ui.url.state import State


def ask(run_look: Look, names: list[str], state: State, say: Say) -> bool:
    """Asked before the first row, of one run then also how it ends, one question at a time; a guess stays beside the
    answer, which the run gives: a line in the place of the question, so that the chart keeps its own. Whether what
    answers the first must wait: the run that the page opens with has its rows already, and of that one the end is not
    asked about.
    """
    if not state.shows("question"):
        st.empty()  # as much above the chart as with a question, so that it keeps its place
        return False
    begun = any(view.rows for view in run_look.views)
    first, later = _asked(run_look, names, state)
    waits = first.guess(state) is None and (run_look.opening or not begun)
    waits_later = later is not None and later.guess(state) is None and not (begun or waits)
    # On a phone a question that waits stays at the thumb.
    with st.container(key=f"{state.page}_question{'_waits_late' * (waits or waits_later)}"):
        if waits:
            first.ask(state, say, skips=run_look.opening)
        else:
            with st.container(key=f"{state.page}_level", horizontal=True, vertical_alignment="center"):
                first.tell(state, say)
                if later and not waits_later:
                    later.tell(state, say)
        if later and waits_later:
            later.ask(state, say)
    return waits and run_look.opening


def reasons(run_look: Look, names: list[str], state: State, say: Say) -> None:
    """Below the chart, of each option of what was asked last why it is right or wrong."""
    if not state.shows("question"):
        return
    first, later = _asked(run_look, names, state)
    told = [one for one in (later, first) if one and one.answer is not None and one.guess(state) is not None]
    if told and told[0].answer:
        st.markdown("\n".join(reason_lines(told[0].answer, say)))


def _asked(run_look: Look, names: list[str], state: State) -> tuple[_Asking, _Asking | None]:
    """How the gradient will flow, and of one run that a visitor starts how it will end."""
    views = run_look.views
    about = f"{train_run.configs(state)!r} {views[0].iterations}"
    first = _Asking(open_question(views, names), answered_question(views, names), about, "guess")
    if len(views) > 1 or run_look.opening:
        return first, None
    return first, _Asking(outcome_asked(views[0]), outcome(views[0]), about, "guess_end")


@dataclass(frozen=True)
class _Asking:
    """A question of a run, and where its guess is kept.     answer: None before the run has given it.
    about: tells this run from all others.     key: of its widget."""

    before: Asked
    answer: Question | None
    about: str
    key: str

    def kept(self, state: State) -> dict[str, str]:
        guesses: dict[str, str] = st.session_state.setdefault(f"{state.page}_guesses", {})
        return guesses

    def guess(self, state: State) -> str | None:
        """Empty for what was skipped."""
        return self.kept(state).get(f"{self.before.name} {self.about}")

    def options(self, say: Say) -> dict[str, str]:
        name = self.before.name
        return {option: say(f"ask.{name}_{option}", **self.before.values) for option in self.before.options}

    def ask(self, state: State, say: Say, *, skips: bool = False) -> None:
        """skips: whether it may be left without a guess."""
        options, guesses, key = self.options(say), self.kept(state), f"{state.page}_{self.key}"
        about = f"{self.before.name} {self.about}"

        def keep() -> None:
            if st.session_state[key] in options:  # and not what was let go again at once
                guesses[about] = st.session_state[key]

        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(key=f"{state.page}_ask_{self.key}_look"):
                st.markdown(say(f"ask.{self.before.name}", **self.before.values))
            st.pills(
                say("question.guess"),
                self.before.options,
                format_func=options.__getitem__,
                label_visibility="collapsed",
                wrap=True,
                key=key,
                on_change=keep,
            )
            if skips:
                skip(guesses, about, state, say)

    def tell(self, state: State, say: Say) -> None:
        """The guess, and once the run has given it the answer."""
        guess, options = self.guess(state), self.options(say)
        if guess in options and self.answer is None:
            st.caption(say(f"ask.{self.before.name}_guessed", guess=options[guess]))
        elif guess is not None and self.answer is not None:
            # Clipping, whose option it was, may be off by now.
            reveal(self.answer, guess if guess in options else "", say, reasons=False)


def exploded(run_look: Look, state: State, say: Say) -> None:
    """An explosion explained, with the cure a click away; an error in a run, in the reader's language."""
    views = run_look.views
    if run_look.status and run_look.status.error is not None:
        st.error(say("train.error", message=escape(str(run_look.status.error), 200)), icon=":material/error:")
    stopped_run = next((view for view in views if view.stopped), None)
    if stopped_run is None:
        return
    loss, norm = float(stopped_run.curves.loss[-1]), float(stopped_run.curves.norm[-1])
    values = {"iteration": stopped_run.iteration, "loss": loss, "norm": norm}
    with st.container(border=True):
        st.markdown(say("train.exploded", **values))
        cause = explosion(stopped_run)
        st.markdown(say(f"train.{cause.kind}", **cause.values))
        pair = PAIRS.get(state["preset"])
        if stopped_run.config.clipping != "none":
            st.markdown(say("train.exploded_clipped"))
        elif pair and "clipping" in pair.changed:
            if any(not view.stopped for view in views):
                st.markdown(say("train.exploded_pair"))
        else:
            st.button(
                say("train.retry"),
                key=f"{state.page}_retry",
                icon=":material/content_cut:",
                on_click=train_run.retry,
                args=(state,),
            )


def notice(views: tuple[RunView, ...], state: State, say: Say) -> None:
    if not state.shows("notice") or not any(view.rows for view in views):
        return
    st.subheader(say("notice.title"), anchor=False)  # once, over the runs of a pair
    for view, name in zip(views, train_live.names(views, state, say), strict=True):
        if len(views) > 1:
            st.markdown(f"**{name}**")
        found = list(facts(view))
        tell(found, say)
        if any(fact.kind == "train_arrived" for fact in found):
            _next(state, say)


def _next(state: State, say: Say) -> None:
    """What is known to help where a gradient that arrives is not learned from: of what was measured, and of what the
    buttons give."""
    name = state["preset"]
    if name not in WITH_GRU or not _as_measured(state) or state["cell"] == "gru":
        return
    first, last = WITH_GRU[name]
    if state["iterations"] >= last:
        st.markdown(say("train.next_gru", try_gru=say("train.try_gru"), seeds=GRU_SEEDS, first=first, last=last))


def _as_measured(state: State) -> bool:
    """Whether a run is the preset but for what the buttons change."""
    preset = settings_of(state["preset"])
    return all(state[other] == getattr(preset, other) for other in SETTINGS if other not in SET)


def tries(state: State, say: Say) -> None:
    """A row of buttons, each of which changes what it names in the preset; what already stands is left out."""
    fixed_settings, preset = train_run.fixed(state), settings_of(state["preset"])
    st.subheader(say("try.title"), anchor=False)
    names = ", ".join(say(f"train.{name}") for name in SET if name not in fixed_settings)
    st.caption(say("train.try_from", preset=say(f"train.preset_{state['preset']}"), names=names))
    if state["preset"] in TRIED and _as_measured(state):
        first, last = TRIED[state["preset"]]
        st.caption(say("train.try_when", seeds=TRIED_SEEDS, first=first, last=last))
    with st.container(horizontal=True, gap="xsmall"):
        for name, values in for_run(preset, state["cell"]).items():
            # What is as in the preset is chosen by nobody, as in a link to the preset.
            choices = {knob: None if value == getattr(preset, knob) else value for knob, value in values.items()}
            changes = {knob for knob, value in choices.items() if value is not None}
            if any(state[knob] != value for knob, value in values.items()) and not changes & set(fixed_settings):
                st.button(
                    say(f"train.try_{name}", cell=titled(values["cell"], say)),
                    key=f"{state.page}_try_{name}",
                    on_click=_try,
                    args=(state, choices),
                    wrap=True,
                )


def _try(state: State, choices: Mapping[str, Any]) -> None:
    """The preset with what the button names changed, from its start."""
    train_run.reset()
    state.choose(**choices)
    with suppress(ValueError):  # a length that the task does not take, which the page then brings within its bounds
        train_run.play(state)


def explain(views: tuple[RunView, ...], veiled: bool, state: State, say: Say) -> None:
    """While a question waits for its guess or its run, nothing that answers it."""
    waits = veiled or (state.shows("question") and not any(view.rows for view in views))
    reasons = ("scale", "limits") if waits else ("vanish", "explode", "memory", "scale", "limits")
    why = [say(f"train.why_{name}") for name in reasons]
    pair = PAIRS.get(state["preset"])
    if pair and not waits and not any(state.moved(name) for name in SETTINGS if name != "seed"):
        a, b = train_live.names(views, state, say)
        outcome = pair.outcome
        values = {"first": outcome.first, "last": outcome.last, "other": outcome.other, "least": outcome.least}
        why.insert(0, say("train.why_measured", a=a, b=b, seeds=SEEDS, **values))
    details(
        why,
        partial(_equations, say),
        partial(_lines, views, say),
        state,
        say,
    )


def _equations(say: Say) -> None:
    for name in ("total", "chain", "clip"):
        st.markdown(say(f"train.equation_{name}"))
        st.latex(EQUATIONS[name])


def _lines(views: tuple[RunView, ...], say: Say) -> str:
    st.markdown(say("train.pytorch"))
    if views[0].config != views[0].started:
        st.markdown(say("train.pytorch_changed"))
    return loop_lines(views[0].started)


EQUATIONS = {
    "total": r"\frac{\partial L}{\partial h_k} = \frac{\partial L}{\partial h_k}\bigg|_{\text{direct}}"
    r" + \left(\frac{\partial h_{k+1}}{\partial h_k}\right)^{\!\top} \frac{\partial L}{\partial h_{k+1}}",
    "chain": r"\frac{\partial h_t}{\partial h_k} = J_t J_{t-1} \cdots J_{k+1}, \qquad"
    r" J_t = \operatorname{diag}\!\left(\tanh'(a_t)\right) W_{hh}",
    "clip": r"g \leftarrow g \cdot \min\!\left(1, \frac{\text{clip}}{\lVert g \rVert}\right)",
}


def save(run_look: Look, state: State, say: Say) -> None:
    """The chart and the numbers of the run as files, each made when its button is pressed."""
    reading, views = run_look.reading, run_look.views
    if reading is None or not any(view.rows for view in views):
        return
    figure = train_live.picture(run_look, state, say, live=False)
    names = train_live.names(views, state, say)
    title = " – ".join(names)
    place = min("ab".index(state["run"]), len(views) - 1)

    def history(file: io.BytesIO) -> None:
        with reading() as job:
            job.trainers[place].history.save(file)

    def weights() -> bytes:
        """Of the iteration that is open, else of the present model."""
        from rnnviz.zoo.own.file import write

        with reading() as job:
            trainer = job.trainers[place]
            at, task = state["at"], trainer.task
            parameters = trainer.model.keep() if at is None else trainer.history.nearest(at)[1]
            heads = {"W_hy": "head.weight", "b_y": "head.bias"}
            entries = {heads.get(name, f"rnn.{name}"): weight for name, weight in parameters.items()}
            of_head: Activation = "identity" if task.loss == "mse" else "softmax"
            return write(entries, trainer.config.cell, task.outputs, of_head)

    content = {**files.drawings(figure, title, state), **files.csv(lambda: to_csv(views)), **files.npz(history)}
    content |= {"safetensors": ("application/octet-stream", weights)}
    about = say("train.save_help") if len(views) == 1 else say("train.save_help_pair", run=names[place])
    files.save(lambda: (content, f"rnnviz-train-{state['preset']}"), state, say, about)
