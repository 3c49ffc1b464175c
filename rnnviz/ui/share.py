"""Take a picture along: a link that opens it elsewhere."""

from collections.abc import Mapping

import streamlit as st

from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.number import number
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.prose import Say
from rnnviz.ui.url.parameters import FOLDS, HIDEABLE
from rnnviz.ui.url.state import State

EMBED = "embed"


def share(
    state: State, say: Say, steps: int | None, *, folds: bool = False, named: Mapping[str, str] | None = None
) -> None:
    """A popover with the link to this very picture, and what a teacher may want to leave out of it.

    steps: of the stage, of which the link opens one; None on a page that has no step.     folds: whether it can open
    as the loop.     named: what is called otherwise on this page, of the parts that a class may do without.
    """
    about = say("share.help" if steps is not None else "share.help_page")
    popover = lazy_popover(say("share.button"), f"{state.page}_share", icon=":material/link:", help=about)
    if not popover.open:
        return
    with popover:
        if steps is not None:
            number(say("share.step"), "t", state, (1, steps))
        if folds:
            choice(say("share.fold"), FOLDS, lambda name: say(f"share.fold_{name}"), "fold", state, labelled=True)
        hidden = st.pills(
            say("share.hide"),
            (*HIDEABLE, EMBED),
            selection_mode="multi",
            format_func=lambda name: (named or {}).get(name) or say(f"share.hide_{name}"),
            help=say("share.hide_help"),
            key=f"{state.page}_share_hide",
        )
        types = ("normal", "large")
        choice(say("share.type"), types, lambda name: say(f"share.type_{name}"), "type", state, labelled=True)
        link = state.link(hide=tuple(name for name in hidden if name != EMBED))
        st.code(link + "&embed=true" * (EMBED in hidden), language=None, wrap_lines=True)
