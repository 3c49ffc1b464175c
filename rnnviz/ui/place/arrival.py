"""What a press has brought to the page comes into view, once it is drawn: it may be far below what was pressed."""

import streamlit as st

WAIT = 15  # s, after which it is not waited for

_JS = f"""
const came = {{}};

export default function ({{data}}) {{
  if (data.press <= (came[data.picture] ?? 0)) return;
  came[data.picture] = data.press;
  const until = performance.now() + {1000 * WAIT};
  const look = () => {{
    const picture = document.querySelector(`.st-key-${{data.picture}}_frame svg.marks`);
    const smooth = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
    if (picture) document.querySelector(`.st-key-${{data.top}}`)?.scrollIntoView({{block: 'start', behavior: smooth}});
    else if (performance.now() < until) setTimeout(look, 100);
  }};
  look();
}}
"""
_component = st.components.v2.component("rnnviz_arrival", js=_JS)


def arrival(picture: str, top: str, press: int) -> None:
    """Bring into view what a press has opened.

    picture: the key of its chart.     top: the key of the container that it begins with, which ends in `_arrival`.
    press: how many presses there were on this page; a page that was opened by a link has had none.
    """
    _component(key=f"{picture}_arrival_unseen", data={"picture": picture, "top": top, "press": press})
