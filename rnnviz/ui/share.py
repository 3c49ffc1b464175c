"""Take a picture along: a link that opens it elsewhere, and files."""

import io
from collections.abc import Callable, Mapping

import streamlit as st

from rnnviz.core.trace import Readout, Trace
from rnnviz.ui.number import number
from rnnviz.ui.popover import lazy_popover
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
            number(say("share.step"), 1, steps, "t", state)
        if folds:
            st.segmented_control(
                say("share.fold"),
                FOLDS,
                format_func=lambda name: say(f"share.fold_{name}"),
                required=True,
                **state.widget("fold"),
            )
        hidden = st.pills(
            say("share.hide"),
            (*HIDEABLE, EMBED),
            selection_mode="multi",
            format_func=lambda name: (named or {}).get(name) or say(f"share.hide_{name}"),
            help=say("share.hide_help"),
            key=f"{state.page}_share_hide",
        )
        st.segmented_control(
            say("share.type"),
            ("normal", "large"),
            format_func=lambda name: say(f"share.type_{name}"),
            required=True,
            **state.widget("type"),
        )
        link = state.link(hide=tuple(name for name in hidden if name != EMBED))
        st.code(link + "&embed=true" * (EMBED in hidden), language=None, wrap_lines=True)


File = tuple[str, Callable[[], str | bytes]]


def save(numbers: tuple[Trace, Readout | None] | None, drawings: Mapping[str, File], name: str, say: Say) -> None:
    """A popover with download buttons. Each file is made when its button is pressed, not before.

    drawings: by file ending, the MIME type and what makes the file; those of the numbers are added here.
    """
    files = dict(drawings)
    if numbers is not None:
        trace, readout = numbers
        files["csv"] = ("text/csv", lambda: trace.to_csv(readout=readout))
        files["npz"] = ("application/octet-stream", lambda: _npz(trace, readout))
    offer(files, name, say)


def offer(files: Mapping[str, File], name: str, say: Say, about: str = "") -> None:
    """The popover with a button for each file, by its ending.     about: what the files hold."""
    with st.popover(say("save.button"), icon=":material/download:", help=about or say("save.help")):
        for ending, (mime, make) in files.items():
            st.download_button(
                say(f"save.{ending}"),
                make,
                f"{name}.{ending}",
                mime,
                key=f"save_{ending}",
                on_click="ignore",
                width="stretch",
            )


def _npz(trace: Trace, readout: Readout | None) -> bytes:
    file = io.BytesIO()
    trace.save(file, readout)
    return file.getvalue()
