"""What a press has brought to the page comes into view, once it is drawn: it may be far below what was pressed."""

import streamlit as st

from rnnviz.ui.place.bridge import SHOW

WAIT = 15  # s, after which it is not waited for

_JS = f"""
{SHOW}
const came = {{}};

export default function ({{data}}) {{
  if (data.press <= (came[data.picture] ?? 0)) return;
  came[data.picture] = data.press;
  const drawn = () => document.querySelector(`.st-key-${{data.picture}}_frame svg.marks`);
  show(() => drawn() && document.querySelector(`.st-key-${{data.top}}`), 0.5, {WAIT});
}}
"""
_component = st.components.v2.component("rnnviz_arrival", js=_JS)


def arrival(picture: str, top: str, press: int) -> None:
    """Bring into view what a press has opened.

    picture: the key of its chart.     top: the key of the container that it begins with, which no other has.
    press: how many presses there were on this page; a page that was opened by a link has had none.
    """
    _component(key=f"{picture}_arrival_unseen", data={"picture": picture, "top": top, "press": press})
