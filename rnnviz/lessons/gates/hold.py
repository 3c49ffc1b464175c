"""Take hold of a gate, or give the one that keeps another bias, and read what that does to the memory."""

from math import isinf

import streamlit as st

from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.core.gates import gate_at_rest
from rnnviz.core.trace import Forced
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


def kept(held: GateContrast) -> str:
    """What keeps the memory, as one writes it: `f`, `z` or `1 − f`."""
    name, sign = held.after.trace.cell.keeping
    return name if sign > 0 else f"1 − {name}"


def knobs(held: GateContrast, state: State, say: Say) -> None:
    """In the row of the parts, so that what they cause is in view: the gate and its value; the rest behind a button."""
    gates = held.after.trace.cell.gates
    st.selectbox(
        say("gates.gate"),
        gates,
        format_func=lambda name: f"{name} · {say(f'stage.op.{name}')}",
        width=165,
        label_visibility="collapsed",
        **state.widget("gate", called=gates),
    )
    chosen = state["gate"]
    middle = _middle(held, state)
    slider = state.widget("force", part="_slider", empty=middle)
    label, ends = say("gates.force", gate=named(chosen, say)), state.bounds("force")
    st.slider(label, *ends, step=0.05, width=180, label_visibility="collapsed", **slider)
    for value in (0.0, 1.0):
        st.button(
            f"{chosen} = {count(value)}",
            key=f"{state.page}_force_{value:g}",
            disabled=state["force"] == value,
            on_click=state.choose,
            kwargs={"force": value},
        )
    st.button(
        say("gates.reset"),
        key=f"{state.page}_reset",
        disabled=not held.changed,
        icon=":material/undo:",
        on_click=state.choose,
        kwargs=dict.fromkeys(KNOBS),
    )
    popover = lazy_popover(say("gates.where"), f"{state.page}_where", help=say("gates.where_help"))
    if popover.open:
        with popover:
            _where(held, state, say)


def _middle(held: GateContrast, state: State) -> float:
    """What the chosen gate is on average while nobody holds it."""
    return round(float(held.before.trace[state["gate"]].mean()), 2)


def _where(held: GateContrast, state: State, say: Say) -> None:
    """The exact value, the steps and the units where the gate is held, and the bias of the one that keeps."""
    tokens, size = held.before.tokens, held.before.trace.hidden_size
    number(say("gates.value"), "force", state, empty=_middle(held, state), step=0.1, format="%.2f")
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
    trained = round(keeping_bias(held.before.trace), 1)
    st.slider(
        say("gates.bias", kept=kept(held)),
        -BIAS_LIMIT,
        BIAS_LIMIT,
        step=0.1,
        help=say("gates.bias_help", kept=kept(held)),
        **state.widget("bias", empty=max(-BIAS_LIMIT, min(BIAS_LIMIT, trained))),
    )


def watched(held: GateContrast, state: State) -> Watched:
    """Beside the untouched run, once something is held; with the unit in which it is held, if in one only."""
    return Watched(unit=state["unit"] - 1 if state["unit"] else answering_unit(held, state))


def answers(held: GateContrast, state: State, say: Say) -> bool:
    """Left what is held and how long the memory lasts, right what it caused; before that a question about it. Whether
    that waits."""
    answered = held.changed or _ask(held, state, say)
    left, right = st.columns(2, gap="large")
    with left:
        for sentence in _holding(held, state, say):
            st.markdown(sentence)
        _lives(held, state, say)
    with right:
        if held.changed and state.shows("notice"):
            notice(of_hold(held, [not token.known for token in held.reading.tokens]), say)
            if held.before.outputs is not None and held.after.outputs is not None:
                old, new = (float(outputs[-1, 0]) for outputs in (held.before.outputs, held.after.outputs))
                st.markdown(say("opened.held_number", t=len(held.after.trace), old=old, new=new))
    return not answered


def _holding(held: GateContrast, state: State, say: Say) -> list[str]:
    """What is held, in words."""
    said = []
    if held.after.trace.forced:
        (force,) = held.after.trace.forced
        first, last = force.steps or (1, len(held.after.trace))
        where = say("gates.held_all" if force.units is None else "gates.held_unit", unit=(force.units or (0,))[0] + 1)
        said.append(
            say("gates.held", gate=named(force.name, say), value=force.value, first=first, last=last, where=where)
        )
        kept_shut = held.after.trace.cell.keeping == (force.name, -1)
        said.append(say(f"gates.means_{'u' if kept_shut else force.name}", gate=force.name))
    if state["bias"] is not None and held.changed:
        rest = float(gate_at_rest(state["bias"]))
        said.append(say("gates.biased", kept=kept(held), bias=state["bias"], rest=rest))
    return said or [say("gates.untouched")]


def _lives(held: GateContrast, state: State, say: Say) -> None:
    """The half-life as trained and now: the closed form beside the measured one."""
    name, sign = held.after.trace.cell.keeping
    forced = held.after.trace.forced and held.after.trace.forced[0].name == name
    unit = state["unit"] - 1 if held.after.trace.forced and state["unit"] else None
    before = float(gate_at_rest(keeping_bias(held.before.trace, unit)))
    rows = [(say("gates.life_trained"), life(held.before.trace, before, unit))]
    if held.changed:
        now = before if state["bias"] is None else float(gate_at_rest(state["bias"]))
        if forced:
            now = state["force"] if sign > 0 else 1 - state["force"]
        rows.append((say("gates.life_now"), life(held.after.trace, now, unit)))
    head = [say(f"gates.life_{part}", kept=kept(held)) for part in ("which", "gate", "closed", "measured")]
    steps = len(held.after.trace)
    cells = [[label, fixed(one.gate, 3), *_in_steps(one, steps, say)] for label, one in rows]
    if forced and held.after.trace.forced[0].steps not in (None, (1, steps)):
        cells[1][2] = say("gates.life_held", closed=cells[1][2])  # at the other steps the gate reads the text
    table(head, cells)
    whose = say("gates.life_median") if unit is None else say("gates.life_unit", unit=unit + 1)
    memory = named(held.after.trace.cell.memory[0], say)  # type: ignore[index]  # a gate keeps one
    st.caption(say("gates.life_note", kept=kept(held), memory=memory, whose=whose))


def _in_steps(one: Life, steps: int, say: Say) -> tuple[str, str]:
    closed = say("gates.life_never") if isinf(one.closed) else say("gates.life_steps", steps=one.closed)
    if one.measured is None:
        return closed, say("gates.life_outlasts", steps=steps)
    return closed, say("gates.life_steps", steps=one.measured)


def _ask(held: GateContrast, state: State, say: Say) -> bool:
    """What will the memory do if the chosen gate is held: the one that keeps wide open, another one shut? Whether that
    waits no more."""
    if not state.shows("question"):
        return True
    name = state["gate"]
    value = telling_value(held.before.trace.cell, name)
    question = fate_of_memory(held.before.trace, held.run((Forced(name, value),)), name)
    if not ask(question, (held.about, name), state, say):
        return False
    st.button(
        say("gates.do_it", gate=named(name, say), value=value),
        key=f"{state.page}_do_it",
        on_click=state.choose,
        kwargs={**dict.fromkeys(KNOBS), "gate": name, "force": value},
    )
    return True
