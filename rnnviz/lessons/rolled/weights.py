"""One entry of a weight: choose it, change it, and read what that changed."""

import streamlit as st

from rnnviz.core.cell import plain_symbol
from rnnviz.facts.consequences import of_edit
from rnnviz.facts.questions.sharing import edit_reaches
from rnnviz.lessons.rolled.parameters import WEIGHTS
from rnnviz.lessons.rolled.weight_edit import WeightContrast, shape, value_of
from rnnviz.ui.controls.number import number
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.state import State

NUDGE = 0.5  # how far an entry is moved to see from which step on the states differ, while nothing is edited


def entry(state: State, say: Say) -> None:
    """Which entry: the weight, its row and its column, behind a button that names it."""
    rows, columns = shape(state)
    name = f"{state['weight']}[{state['row']}, {state['column']}]"
    popover = lazy_popover(escape(name), f"{state.page}_entry", help=say("rolled.entry_help"))
    if popover.open:
        with popover:
            st.selectbox(say("rolled.weight"), WEIGHTS[state["cell"]], **state.widget("weight"))
            number(say("rolled.row"), "row", state, (1, rows))
            number(say("rolled.column"), "column", state, (1, columns))


def connection(net: WeightContrast, state: State, say: Say) -> str:
    """What the entry connects, in words."""
    kind = "y" if state["weight"] == "W_hy" else state["weight"][2]  # W_x..., W_h...
    word = escape(net.model.vocabulary.words[state["row"] - 1]) if kind == "y" else ""
    block = "" if kind == "y" else plain_symbol(state["weight"][3:])
    return say(f"rolled.entry_{kind}", row=state["row"], column=state["column"], word=word, block=block)


def knobs(net: WeightContrast, state: State, say: Say) -> None:
    """In the row of the parts, so that its effect is in view: the entry and its value."""
    trained_value = value_of(net, state)
    values = {"weight": state["weight"], "row": state["row"], "column": state["column"]}
    entry(state, say)
    slider = state.widget("value", part="_slider", empty=round(trained_value, 4))
    label, ends = say("rolled.value_of", **values), state.bounds("value")
    st.slider(label, *ends, step=0.05, width=190, label_visibility="collapsed", **slider)
    number(
        say("rolled.value"),
        "value",
        state,
        empty=round(trained_value, 4),
        step=0.1,
        format="%.4f",
        width=170,
        label_visibility="collapsed",
    )
    opposite = -round(trained_value, 4)
    st.button(
        say("try.entry_flip"),
        key=f"{state.page}_flip",
        disabled=state["value"] == opposite,
        on_click=state.choose,
        kwargs={"value": opposite},
    )
    st.button(
        say("rolled.reset", value=trained_value),
        key=f"{state.page}_reset",
        disabled=not net.changed,
        icon=":material/undo:",
        on_click=state.choose,
        kwargs={"value": None},
    )


def edit(net: WeightContrast, state: State, say: Say) -> bool:
    """Left what the entry is, right what its edit changed, or before that a question about it. Whether that waits."""
    rows, columns = shape(state)
    values = {"weight": state["weight"], "row": state["row"], "column": state["column"], "steps": len(net.after.trace)}
    entry_column, change_column = st.columns(2, gap="large")
    answered = True
    with change_column:
        if not net.changed:
            answered = _ask(net, state, say)
        elif state.shows("notice"):
            notice(of_edit(net, [not token.known for token in net.reading.tokens]), say)
    with entry_column:
        st.markdown(connection(net, state, say))
        if answered:
            size = {"weight": state["weight"], "rows": rows, "columns": columns, "steps": len(net.after.trace)}
            st.markdown(say("rolled.copies", **size))
        if net.changed:
            st.markdown(say("rolled.changed", **values, old=value_of(net, state), new=state["value"]))
        else:
            st.markdown(say("rolled.untouched"))
    return not answered


def _ask(net: WeightContrast, state: State, say: Say) -> bool:
    """From which step on do the states differ? Whether that waits no more."""
    if not state.shows("question"):
        return True
    weight, after = state["weight"], net.before.trace
    about = tuple(state[name] for name in ("model", "cell", "text", "weight", "row", "column"))
    if weight != "W_hy":
        import rnnviz
        from rnnviz.core.sharing import with_entry

        value = value_of(net, state) + NUDGE
        nudged_module = with_entry(net.model.rnn, weight, state["row"] - 1, state["column"] - 1, value)
        after = rnnviz.record(nudged_module, net.reading.x)
    return ask(edit_reaches(weight, net.before.trace, after), about, state, say)
