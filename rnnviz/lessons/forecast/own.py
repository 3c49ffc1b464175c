"""A visitor's own series: pasted or uploaded, checked, and kept for a while in this process alone."""

from __future__ import annotations

import streamlit as st

from rnnviz.tasks.series.catalogue import series_of, when
from rnnviz.tasks.series.kept import keep
from rnnviz.tasks.series.own import BYTES, Own, read
from rnnviz.tasks.series.series import Series
from rnnviz.training.config import Refused, Rule
from rnnviz.ui.controls.file_field import file_field
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.url.state import State

ENDINGS = ".csv,.tsv,.txt"


def form(state: State, say: Say) -> None:
    """A field and an upload; what was refused of it, and what of it was read."""
    page = state.page
    field, kept = f"{page}_own_text", f"{page}_own_kept"
    if field not in st.session_state:  # Streamlit forgets a field that is not on the page, and its text with it
        st.session_state[field] = st.session_state.get(kept, "")
    st.text_area(
        say("forecast.own_paste"),
        key=field,
        max_chars=BYTES,
        height=150,
        placeholder=say("forecast.own_placeholder"),
        on_change=lambda: st.session_state.__setitem__(kept, st.session_state[field]),
    )
    file_field(
        say("forecast.own_upload"),
        f"{page}_own_file",
        ENDINGS,
        BYTES,
        lambda given, _: _take(given, state),
    )
    st.button(
        say("forecast.own_read"),
        key=f"{page}_own_take",
        on_click=lambda: _take(st.session_state.get(field, ""), state),
    )
    found: Own | Refused | None = st.session_state.get(f"{page}_own_found")
    if isinstance(found, Refused):
        values = {name: _shown(value) for name, value in found.rule.values.items()}
        st.warning(say(f"forecast.refused_{found.rule.name}", raw=escape(found.raw), **values), icon=":material/edit:")
    elif found is not None and found.series.name == state["series"]:
        _taken(found, say)


def hand_on(state: State, say: Say) -> None:
    """That the series is in no link, and its file."""
    series = series_of(state["series"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(say("forecast.own_not_in_link"))
        st.download_button(
            say("forecast.own_save"),
            lambda: written(series),
            "series.csv",
            "text/csv",
            key=f"{state.page}_own_save",
            on_click="ignore",
        )


def written(series: Series) -> str:
    """A series as a file that reads back to the same one."""
    times = ["" if series.step == "step" else f"{when(series, place)}," for place in range(len(series.values))]
    lines = [f"{time}{value!r}" for time, value in zip(times, series.values.tolist(), strict=True)]
    return "\n".join(["value" if series.step == "step" else "when,value", *lines]) + "\n"


def _shown(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def _take(given: str | bytes | int, state: State) -> None:
    """Use a series from now on; what is refused of it changes nothing.     given: a size of what is too large."""
    page = state.page
    st.session_state[f"{page}_own_kept"] = st.session_state.get(f"{page}_own_text", "")
    if isinstance(given, str) and not given.strip() and isinstance(st.session_state.get(f"{page}_own_found"), Own):
        return  # a file was chosen, which is in use already
    if not isinstance(given, str):
        st.session_state[f"{page}_own_text"] = st.session_state[f"{page}_own_kept"] = ""
    try:
        if isinstance(given, int):
            message = f"the file has {given} bytes; accepted: at most {BYTES}"
            raise Refused(message, "series", "", Rule("bytes", {"count": given, "most": BYTES}))
        found = read(given)
    except Refused as refused:
        st.session_state[f"{page}_own_found"] = refused
        return
    st.session_state[f"{page}_own_found"] = found
    state.choose(series=keep(found.series))


def _taken(found: Own, say: Say) -> None:
    series = series_of(found.series.name)
    last = len(series.values) - 1
    lines = [say("forecast.own_taken", count=last + 1, first=when(series, 0), last=when(series, last))]
    if found.others:
        column = escape(found.header) or found.column
        lines.append(say("forecast.own_column", column=column))
    if series.period > 1:
        lines.append(say("forecast.own_period", period=series.period))
    st.success("\n\n".join(lines), icon=":material/check:")
