"""The address of a page that was left and is come to again: what was chosen on it is put there by the browser, once it
shows the page. Said by the server at once, it would be one more entry of the history, with the address of the page
before."""

from urllib.parse import urlencode

import streamlit as st

from rnnviz.ui.place.bridge import BRIDGE
from rnnviz.ui.url.state import State

WAIT = 10  # s, after which another page is shown

_JS = f"""
{BRIDGE}
export default function ({{data}}) {{
  if (!data.query) return;
  const until = performance.now() + {1000 * WAIT};
  let waiting = 0;
  const look = () => {{
    if (location.pathname.replace(/\\/$/, '').endsWith(`/${{data.path}}`)) address(data.query);
    else if (performance.now() < until) waiting = setTimeout(look, 50);
  }};
  look();
  return () => clearTimeout(waiting);
}}
"""
_component = st.components.v2.component("rnnviz_address", js=_JS)


def address(state: State, path: str) -> None:
    """Bring it up to date.     path: of the page, below the app's."""
    query = urlencode(state.query()) if state.returned else ""
    _component(key=f"{state.page}_address_unseen", data={"query": query, "path": path})
