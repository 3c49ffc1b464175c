"""Write the reference of the library as pages, out of its docstrings: `python -m scripts.reference [folder]`.

pdoc (`requirements-dev.txt`) lists what is public of the package and of its rooms, with the signatures; the docstrings
are plain text and stay so. The pages need no network.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pdoc
import pdoc.render
from markupsafe import Markup, escape

import rnnviz

ROOMS = ("scene", "tasks", "training", "zoo")
FOLDER = Path("build/reference")


class Text(str):
    """A docstring on a page: pdoc asks Markdown's HTML for its table of contents, and plain text has none."""

    toc_html = ""

    def __html__(self) -> str:
        return self


def as_it_is(text: str) -> Text:
    """A docstring with its lines and its hanging indents."""
    return Text(Markup('<pre style="white-space: pre-wrap">{}</pre>').format(escape(text.strip())) if text else "")


def write(folder: Path) -> None:
    """The pages, `rnnviz.html` first."""
    public = [name for name in dir(rnnviz) if name not in ROOMS]
    rnnviz.__dict__["__all__"] = public  # which it does not have when it runs, for the sake of `help`
    for module in (rnnviz, *(getattr(rnnviz, name) for name in ROOMS)):
        for name in getattr(module, "__all__", ()):
            module.__dict__[name] = getattr(module, name)  # names that load on first use have to be there
    footer = f"rnnviz {rnnviz.__version__}"
    pdoc.render.configure(docformat="markdown", show_source=False, footer_text=footer)
    pdoc.render.env.filters |= {"to_markdown": str, "to_html": as_it_is}
    rooms = [f"rnnviz.{name}" for name in ROOMS]
    pdoc.pdoc("rnnviz", *rooms, "!rnnviz[.].*[.].*", output_directory=folder)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
