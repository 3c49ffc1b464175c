"""Take a picture along: a link that opens it elsewhere."""

from collections.abc import Mapping

import streamlit as st

from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.parameters import HIDEABLE
from rnnviz.ui.url.state import State

EMBED = "embed"


def share(state: State, say: Say, *, labels: Mapping[str, str] | None = None) -> bool:
    """A popover with the link to this very picture, and what a teacher may want to leave out of it; whether it is open.

    labels: what is called otherwise on this page, of the parts that a class may do without.
    """
    popover = lazy_popover(say("share.button"), f"{state.page}_share", icon=":material/link:", help=say("share.help"))
    if not popover.open:
        return False
    with popover:
        parts = st.pills(
            say("share.hide"),
            (*HIDEABLE, EMBED),
            selection_mode="multi",
            format_func=lambda name: (labels or {}).get(name) or say(f"share.hide_{name}"),
            help=say("share.hide_help"),
            key=f"{state.page}_share_hide",
        )
        types = ("normal", "large")
        choice(say("share.type"), types, lambda name: say(f"share.type_{name}"), "type", state, labelled=True)
        link = state.link(hide=tuple(name for name in parts if name != EMBED))
        st.code(link + "&embed=true" * (EMBED in parts), language=None, wrap_lines=True)
    return True
