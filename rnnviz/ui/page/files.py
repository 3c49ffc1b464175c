"""What is on a page as files. Each is made when its button is pressed, in another thread that has no state."""

import csv as table
import io
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from rnnviz.charts.kit import export
from rnnviz.core.forward import Pass
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue

NAME_LIMIT = 100  # characters of a file's name, without its ending
File = tuple[str, Callable[[], str | bytes]]  # MIME type, and what makes the content
Files = Mapping[str, File]  # by ending


def drawings(figure: export.PortableChart, title: str, state: State) -> Files:
    """A chart as a page that plays offline, with what its lesson asks and explains around it, and as pictures; in the
    reader's language and theme."""
    dark, language = st.context.theme.type == "dark", state["lang"]
    how: dict[str, Any] = {"dark": dark, "scale": 2, "inline": True, "title": title, "language": language}
    how["around"] = _around(state.page, language)
    formats = {ending: kind for ending, kind in export.FORMATS.items() if kind.offered}
    return {ending: (kind.mime, partial(kind.make, figure, **how)) for ending, kind in formats.items()}


def _around(page: str, language: str) -> export.Around:
    """The lesson's title and question, and its paragraphs of why."""
    texts = catalogue(language)
    why = tuple(text for key, text in texts.items() if key.startswith(f"{page}.why_"))
    return export.Around(texts[f"{page}.title"], texts[f"{page}.question"], why)


def file_name(*parts: object) -> str:
    """The name of files that show this, of letters, digits and hyphens: `rnnviz-gates-lstm-the-book-was-not-t4`."""
    words = re.findall(r"\w+", " ".join(map(str, parts)).replace("_", " ").casefold())
    return "-".join(["rnnviz", *words])[:NAME_LIMIT].rstrip("-")


def csv(make: Callable[[], str]) -> Files:
    return {"csv": ("text/csv", make)}


def table_csv(columns: Callable[[], Mapping[str, Sequence[object]]]) -> Files:
    """A line of names, and a line for each row; columns of one length, when they are asked for."""

    def make() -> str:
        found, text = columns(), io.StringIO()
        writer = table.writer(text, lineterminator="\n")
        writer.writerow(found)
        writer.writerows(zip(*found.values(), strict=True))
        return text.getvalue()

    return csv(make)


def npz(write: Callable[[io.BytesIO], Any]) -> Files:
    """write: puts the content into a file that is open."""

    def make() -> bytes:
        file = io.BytesIO()
        write(file)
        return file.getvalue()

    return {"npz": ("application/octet-stream", make)}


def numbers(shown: Pass) -> Files:
    """All numbers of a pass."""
    trace, readout, words = shown.trace, shown.readout, shown.words if shown.readout else ()
    make = partial(trace.to_csv, readout=readout, words=words)
    return {**csv(make), **npz(lambda file: trace.save(file, readout, words))}


def save(prepare: Callable[[], tuple[Files, str]], state: State, say: Say, about: str = "") -> bool:
    """A popover with a download button for each file; whether it is open.

    prepare: gives the files and their name, when they are asked for.     about: what they hold.
    """
    label, key = say("save.button"), f"{state.page}_save"
    popover = lazy_popover(label, key, icon=":material/download:", help=about or say("save.help"))
    if not popover.open:
        return False
    files, name = prepare()
    with popover:
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
    return True
