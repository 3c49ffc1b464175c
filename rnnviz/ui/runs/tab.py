"""What a browser's tab remembers of its run, so that it finds the run when the page, or the server, is loaded again.

The tab's own storage holds a secret and what the run was: not the address, which people hand on. A tab that is new to
the server hands in what it remembers, once; the server answers by taking up that run (`jobs.adopt`), or by saying that
it is gone. Nothing is sent by a tab that has not been there before.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping

import streamlit as st

BOOT = secrets.token_hex(8)
"""Of this process: another one than remembered says that the server was started again."""
KEPT_LIMIT = 30_000  # characters: a run with the longest text, each letter escaped
# In the session's state: the secret of the run that the tab has handed in, dealt with or to be asked about.
_DEALT, _ASKS = "tab_dealt", "tab_asks"

_JS = f"""
export default function ({{data, setTriggerValue}}) {{
  const place = 'rnnviz.run';
  const text = value => typeof value === 'string';
  let kept = null;
  try {{
    kept = JSON.parse(sessionStorage.getItem(place));
  }} catch (error) {{
    // No storage, or not what this page has written.
  }}
  if (!(kept && text(kept.secret) && text(kept.boot) && 'run' in kept && JSON.stringify(kept).length < {KEPT_LIMIT})) {{
    kept = null;
  }}
  if (kept && kept.secret !== data.secret && kept.secret !== data.dealt) {{
    if (!data.asks) setTriggerValue('kept', JSON.stringify(kept));
    return;
  }}
  try {{
    sessionStorage.setItem(place, JSON.stringify({{secret: data.secret, boot: data.boot, run: data.run}}));
  }} catch (error) {{
    // A browser that keeps no storage: the run lives as long as the connection.
  }}
}}
"""
_component = st.components.v2.component("rnnviz_tab", js=_JS)


def remember(key: str, secret: str, run: Mapping[str, object] | None, hear: Callable[[str, str, object], bool]) -> None:
    """Have the tab remember this run, or none.

    hear: told the secret, the process and the run that the tab had before it was loaded again; whether the page still
    has to ask its reader what to do about it (then the tab goes on remembering it, until `forget`).
    """

    def keep() -> None:
        try:
            raw = st.session_state[key]["kept"]
            if len(raw) > KEPT_LIMIT:
                return
            memory = json.loads(raw)
            before, boot, what = str(memory["secret"]), str(memory["boot"]), memory["run"]
        except (KeyError, TypeError, ValueError, RecursionError):
            return  # not what this page has written
        st.session_state[_ASKS if hear(before, boot, what) else _DEALT] = before

    data: dict[str, object] = {"secret": secret, "boot": BOOT, "run": run, "dealt": st.session_state.get(_DEALT, "")}
    data["asks"] = _ASKS in st.session_state
    _component(key=key, data=data, on_kept_change=keep)


def deal(secret: str) -> None:
    """What the tab remembers under this secret is not to be handed in: it is another tab's now."""
    st.session_state[_DEALT] = secret


def forget() -> None:
    """The reader has answered: the tab need not remember the run that is gone."""
    if _ASKS in st.session_state:
        st.session_state[_DEALT] = st.session_state.pop(_ASKS)
