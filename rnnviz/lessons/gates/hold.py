"""Take hold of a gate, or give the one that keeps another bias, and read what that does to the memory."""

from math import isinf

import streamlit as st

from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.core.forced import Forced
from rnnviz.core.gates import gate_at_rest
from rnnviz.facts.consequences import Life, keeping_bias, life, of_hold
from rnnviz.facts.questions.gates import fate_of_memory, telling_value
from rnnviz.lessons.gates.contrast import GateContrast, answering_unit
from rnnviz.lessons.gates.parameters import BIAS_LIMIT
from rnnviz.ui.controls.number import number
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, named
from rnnviz.ui.text.question import ask
from rnnviz.ui.text.table import table
from rnnviz.ui.url.state import State
from rnnviz.words.numbers import count, fixed

KNOBS = ("force", "bias", "unit", "first", "last")


def kept(contrast: GateContrast) -> str:
    """What keeps the memory, as one writes it: `f`, `z` or `1 − f`."""
    name, sign = contrast.after.trace.cell.keeping
    return name if sign > 0 else f"1 − {name}"


def knobs(contrast: GateContrast, state: State, say: Say) -> None:
    """In the row of the parts, so that what they cause is in view: the gate and its value; the rest behind a button."""
    gates = contrast.after.trace.cell.gates
    st.selectbox(
        say("gates.gate"),
        gates,
        format_func=lambda name: f"{name} · {say(f'stage.op.{name}')}",
        width=165,
        label_visibility="collapsed",
        **state.widget("gate", called=gates),
    )
    gate = state["gate"]
    middle = _middle(contrast, state)
    slider = state.widget("force", part="_slider", empty=middle)
    label, ends = say("gates.force", gate=named(gate, say)), state.bounds("force")
    st.slider(label, *ends, step=0.05, width=180, label_visibility="collapsed", **slider)
    for value in (0.0, 1.0):
        st.button(
            f"{gate} = {count(value)}",
            key=f"{state.page}_force_{value:g}",
            disabled=state["force"] == value,
            on_click=state.choose,
            kwargs={"force": value},
        )
    st.button(
        say("gates.reset"),
        key=f"{state.page}_reset",
        disabled=not contrast.changed,
        icon=":material/undo:",
        on_click=state.choose,
        kwargs=dict.fromkeys(KNOBS),
    )
    popover = lazy_popover(say("gates.where"), f"{state.page}_where", help=say("gates.where_help"))
    if popover.open:
        with popover:
            _where(contrast, state, say)


def _middle(contrast: GateContrast, state: State) -> float:
    """What the chosen gate is on average while nobody holds it."""
    return round(float(contrast.before.trace[state["gate"]].mean()), 2)


def _where(contrast: GateContrast, state: State, say: Say) -> None:
    """The exact value, the steps and the units where the gate is held, and the bias of the one that keeps."""
    tokens, size = contrast.before.tokens, contrast.before.trace.hidden_size
    number(say("gates.value"), "force", state, empty=_middle(contrast, state), step=0.1, format="%.2f")
    first, last = state["first"] or 1, state["last"] or len(tokens)
    for name, at, possible in (("first", first, range(1, last + 1)), ("last", last, range(first, len(tokens) + 1))):
        st.selectbox(
            say(f"gates.{name}"),
            possible,
            format_func=lambda t: f"{t} · {tokens[t - 1]}",
            **state.widget(name, empty=at, called=tokens),
        )
    st.selectbox(
        say("gates.unit"),
        range(size + 1),
        format_func=lambda unit: f"{unit}" if unit else say("gates.all_units", count=size),
        **state.widget("unit", called=size),
    )
    trained_bias = round(keeping_bias(contrast.before.trace), 1)
    st.slider(
        say("gates.bias", kept=kept(contrast)),
        -BIAS_LIMIT,
        BIAS_LIMIT,
        step=0.1,
        help=say("gates.bias_help", kept=kept(contrast)),
        **state.widget("bias", empty=max(-BIAS_LIMIT, min(BIAS_LIMIT, trained_bias))),
    )


def watched(contrast: GateContrast, state: State) -> Watched:
    """Beside the untouched run, once something is held; with the unit in which it is held, if in one only."""
    return Watched(unit=state["unit"] - 1 if state["unit"] else answering_unit(contrast, state))


def answers(contrast: GateContrast, state: State, say: Say) -> bool:
    """Left what is held and how long the memory lasts, right what it caused; before that a question about it. Whether
    that waits."""
    answered = contrast.changed or _ask(contrast, state, say)
    left, right = st.columns(2, gap="large")
    with left:
        for sentence in _holding(contrast, state, say):
            st.markdown(sentence)
        _lives(contrast, state, say)
    with right:
        if contrast.changed and state.shows("notice"):
            notice(of_hold(contrast, [not token.known for token in contrast.reading.tokens]), say)
            if contrast.before.outputs is not None and contrast.after.outputs is not None:
                old, new = (float(outputs[-1, 0]) for outputs in (contrast.before.outputs, contrast.after.outputs))
                st.markdown(say("opened.held_number", t=len(contrast.after.trace), old=old, new=new))
    return not answered


def _holding(contrast: GateContrast, state: State, say: Say) -> list[str]:
    """What is held, in words."""
    lines = []
    if contrast.after.trace.forced:
        (force,) = contrast.after.trace.forced
        first, last = force.steps or (1, len(contrast.after.trace))
        where = say("gates.held_all" if force.units is None else "gates.held_unit", unit=(force.units or (0,))[0] + 1)
        lines.append(
            say("gates.held", gate=named(force.name, say), value=force.value, first=first, last=last, where=where)
        )
        kept_shut = contrast.after.trace.cell.keeping == (force.name, -1)
        lines.append(say(f"gates.means_{'u' if kept_shut else force.name}", gate=force.name))
    if state["bias"] is not None and contrast.changed:
        rest = float(gate_at_rest(state["bias"]))
        lines.append(say("gates.biased", kept=kept(contrast), bias=state["bias"], rest=rest))
    return lines or [say("gates.untouched")]


def _lives(contrast: GateContrast, state: State, say: Say) -> None:
    """The half-life as trained and now: the closed form beside the measured one."""
    name, sign = contrast.after.trace.cell.keeping
    forced = contrast.after.trace.forced and contrast.after.trace.forced[0].name == name
    unit = state["unit"] - 1 if contrast.after.trace.forced and state["unit"] else None
    before = float(gate_at_rest(keeping_bias(contrast.before.trace, unit)))
    rows = [(say("gates.life_trained"), life(contrast.before.trace, before, unit))]
    if contrast.changed:
        now = before if state["bias"] is None else float(gate_at_rest(state["bias"]))
        if forced:
            now = state["force"] if sign > 0 else 1 - state["force"]
        rows.append((say("gates.life_now"), life(contrast.after.trace, now, unit)))
    head = [say(f"gates.life_{part}", kept=kept(contrast)) for part in ("which", "gate", "closed", "measured")]
    steps = len(contrast.after.trace)
    cells = [[label, fixed(one.gate, 3), *_in_steps(one, steps, say)] for label, one in rows]
    if forced and contrast.after.trace.forced[0].steps not in (None, (1, steps)):
        cells[1][2] = say("gates.life_held", closed=cells[1][2])  # at the other steps the gate reads the text
    table(head, cells)
    whose = say("gates.life_median") if unit is None else say("gates.life_unit", unit=unit + 1)
    memory = named(contrast.after.trace.cell.required_memory[0], say)
    st.caption(say("gates.life_note", kept=kept(contrast), memory=memory, whose=whose))


def _in_steps(one: Life, steps: int, say: Say) -> tuple[str, str]:
    closed_life = say("gates.life_never") if isinf(one.closed) else say("gates.life_steps", steps=one.closed)
    if one.measured is None:
        return closed_life, say("gates.life_outlasts", steps=steps)
    return closed_life, say("gates.life_steps", steps=one.measured)


def _ask(contrast: GateContrast, state: State, say: Say) -> bool:
    """What will the memory do if the chosen gate is held: the one that keeps wide open, another one shut? Whether that
    waits no more."""
    if not state.shows("question"):
        return True
    name = state["gate"]
    value = telling_value(contrast.before.trace.cell, name)
    question = fate_of_memory(contrast.before.trace, contrast.run((Forced(name, value),)), name)
    if not ask(question, (contrast.about, name), state, say):
        return False
    st.button(
        say("gates.do_it", gate=named(name, say), value=value),
        key=f"{state.page}_do_it",
        on_click=state.choose,
        kwargs={**dict.fromkeys(KNOBS), "gate": name, "force": value},
    )
    return True
