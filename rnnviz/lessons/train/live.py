"""The chart of the run, drawn again four times a second while it goes on."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import ceil, log2
from typing import Any

import streamlit as st

from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.scale import FIXED, Span
from rnnviz.charts.training.chart import chart
from rnnviz.charts.training.look import RunLook
from rnnviz.charts.training.tables import span_of
from rnnviz.lessons.train import lost_run as train_lost
from rnnviz.training.config import Config
from rnnviz.training.engine import MOVING, Status
from rnnviz.training.presets import PAIRS
from rnnviz.training.view import RunView
from rnnviz.ui.first.place import pictured
from rnnviz.ui.picture.chart import show, zoom
from rnnviz.ui.place.listener import listen, sent
from rnnviz.ui.place.player import Press, player
from rnnviz.ui.runs import train_run
from rnnviz.ui.runs.jobs import engine
from rnnviz.ui.runs.train_run import Look
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.url.kinds import ITERATIONS, Whole
from rnnviz.ui.url.state import State

PERIOD = 0.2  # seconds between pictures
WATCH = 60.0  # seconds between two looks at a run that rests: well under what it may go unwatched
_REPLAYED = "train_replayed"  # in the session's state: whether the run that the page opens with was played
PRESSES = "train_presses"  # there too: how often a moment was opened on the page
_SCALE = "train_scale_kept"  # in the session's state: the `_Scale` of the run that was shown last
TOGETHER = 2  # runs of which a server draws pictures that often; of twice as many, half as often, and so on


def moving(status: Status | None) -> bool:
    """Whether the run goes on. A page asks once, so that all of it says the same."""
    return status is not None and status.state in MOVING


def look(state: State) -> Look:
    """What there is of the run that the page asks for; in the place of one that its reader has lost, nothing."""
    return train_run.look(state, opens=not train_lost.missing())


def live(going: bool, veiled: bool, state: State, say: Say) -> None:
    """Draw it, and draw it again until the run rests. A run that rests is watched as long as the tab is open.

    veiled: whether its gradient answers a question that still waits.
    """
    if going and train_run.unseen():
        st.fragment(_progress, run_every=_period())(state, say)
        return
    period = _period() if going else None
    st.fragment(_draw, run_every=period)(period, veiled, state, say)
    if not going and train_run.open_now(train_run.watch()):
        st.fragment(train_run.watch, run_every=WATCH)()


def _period() -> float:
    """Seconds from one picture to the next. A picture costs the server some 20 ms, which all visitors share."""
    return PERIOD * 2 ** max(0, ceil(log2(max(1, engine().moving()) / TOGETHER)))


def _progress(state: State, say: Say) -> None:
    """How far a run is that goes to its end without pictures."""
    handle = train_run.watch()
    status = handle.status() if handle else None
    if status is None or not moving(status):
        st.rerun()
    done, most = status.iterations // len(train_run.configs(state)), state["iterations"]
    st.progress(min(done / most, 1.0), _going(status, done, most, state, say))


def _draw(period: float | None, veiled: bool, state: State, say: Say) -> None:
    run_look = look(state)
    going = period is not None
    if going and (not moving(run_look.status) or _period() != period):
        st.rerun()  # the buttons outside say something else now, or the pictures come at another pace
    train_lost.remember(run_look, state)  # before the picture, which may take its time
    replays = run_look.opening and not state["row"] and not st.session_state.get(_REPLAYED, False)
    st.session_state[_REPLAYED] = True
    figure = picture(run_look, state, say, live=going, replays=replays, veiled=veiled)
    key = f"{state.page}_run_stage"  # a stage: without a toolbar over its corner, and dragged by a finger

    def opened(moment: Any) -> None:
        st.session_state[f"{key}_opened"] = state.accept("at", moment)
        st.session_state[PRESSES] = st.session_state.get(PRESSES, 0) + 1

    opens = Press("moment", say("train.open"), say("train.open_help"), opened)
    player(key, state["lang"], step=say("train.iteration"), press=opens)
    show(figure, key, say("train.alt"), at=pictured(key, state, say("train.alt")))
    sent(key, {"row": state["row"]})
    listen(key, {"row": Whole(0, ITERATIONS)}, state)
    if st.session_state.pop(f"{key}_opened", False):
        st.rerun()


def picture(
    run_look: Look, state: State, say: Say, *, live: bool, replays: bool = False, veiled: bool = False
) -> Figure:
    """replays: whether it plays at once.     veiled: as in `live`."""
    views = run_look.views
    span, span_text = (FIXED, "") if veiled else scale(run_look, state, say)
    number = st.session_state[f"{state.page}_number"] = st.session_state.get(f"{state.page}_number", 0) + 1
    return chart(
        views,
        names(views, state, say),
        RunLook(
            language=state["lang"],
            layer=_layer(views, state),
            state=state["state"],
            losses=state["losses"],
            live=live,
            number=number,
            status=progress_line(run_look, state, say),
            notes=[say("train.note_stopped", iteration=view.iteration) if view.stopped else "" for view in views],
            zoom=zoom(state),
            placed=True,
            keys=state["at"] is None,
            span=span,
            spanned=span_text,
            row=state["row"],
            replays=replays,
            veil=say("train.veil") if veiled else "",
        ),
    )


@dataclass(frozen=True)
class _Scale:
    """preset: of the run.     start_configs: its settings at its start.     span: of its colours.
    before: that of the run before it; None where that was of another preset, or there was none."""

    preset: str
    start_configs: tuple[Config, ...]
    span: Span
    before: Span | None


def scale(run_look: Look, state: State, say: Say) -> tuple[Span, str]:
    """The span of the colours, and what is said of it: runs of a preset that follow one another are compared, so that
    each has the span of the one before, or a wider one."""
    if state["scale"] == "fixed":
        return FIXED, ""
    views, last = run_look.views, st.session_state.get(_SCALE)
    start_configs = tuple(view.started for view in views)
    before = None
    if last is not None and last.preset == state["preset"]:
        before = last.before if last.start_configs == start_configs else last.span
    if not any(view.rows for view in views):
        return before or span_of((), 0, "", "all"), ""
    span = span_of(views, _layer(views, state), state["state"], state["losses"])
    span = span.with_(before) if before else span
    st.session_state[_SCALE] = _Scale(state["preset"], start_configs, span, before)
    return span, say(f"train.scale_{'same' if span == before else 'wider'}") if before else ""


def _layer(views: tuple[RunView, ...], state: State) -> int:
    """The one that is shown, from 0: at most the last that all have."""
    return min(state["layer"], *(view.config.num_layers for view in views)) - 1


def names(views: tuple[RunView, ...], state: State, say: Say) -> list[str]:
    """What each run is called: in a pair, what differs; alone, its cell."""
    pair = PAIRS.get(state["preset"])
    settings = pair.changed if pair else ("cell",)
    return [" · ".join(_value(name, view.config, say) for name in settings) for view in views]


def _value(name: str, config: Config, say: Say) -> str:
    value = getattr(config, name)
    if name == "cell":
        return titled(value, say)
    if name in ("clipping", "initialisation"):
        return say(f"train.{name}_{value}")
    if name == "truncation":
        return say("train.truncated", steps=value) if value else say("train.not_truncated")
    return say("train.forget_bias_default") if value is None else say("train.forget_bias_is", value=value)


def progress_line(run_look: Look, state: State, say: Say) -> str:
    """How far the run is, in one line."""
    views, status = run_look.views, run_look.status
    if run_look.opening:
        return say("train.opening", done=views[0].iteration)
    if status is None:
        return say(f"train.{train_lost.missing() or 'idle'}")
    if status.state == "finished" and all(view.stopped for view in views):
        return say("train.stopped", done=max(view.iteration for view in views))
    return _going(status, max(view.iteration for view in views), views[0].iterations, state, say)


def _going(status: Status, done: int, most: int, state: State, say: Say) -> str:
    """How far a job is, in one line.     done: iterations of each run.     most: at which they end."""
    values = {"done": done, "most": most, "share": done / most, "elapsed": _clock(status.age)}
    if status.state == "queued":
        return say("train.queued", place=status.place or 1, wait=ceil(status.wait or 0), **values)
    if status.state == "expired":
        return say(f"train.expired_{status.limit}", **values)
    if status.state != "running":
        return say(f"train.{status.state}", **values)
    rate = _rate(state, done)
    if (until := train_run.until()) > done:
        return say("train.repeats", until=until, left=_clock((until - done) / rate) if rate else "–", **values)
    left = _clock((most - done) / rate) if rate else "–"
    if state["preset"] in PAIRS:
        return say("train.running_pair", rate=rate, left=left, others=max(0, engine().moving() - 1), **values)
    return say("train.running", rate=rate, left=left, **values)


def _rate(state: State, done: int) -> float:
    """Iterations per second over the last pictures."""
    times = st.session_state.setdefault(f"{state.page}_seen", [])
    if times and times[-1][1] > done:
        times.clear()
    times.append((time.monotonic(), done))
    del times[:-9]
    (start, before), (end, after) = times[0], times[-1]
    return (after - before) / (end - start) if end > start else 0.0


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
