"""Sentences of the reader's language, and the one way for a person's text to get into them."""

import string
from collections.abc import Callable
from functools import partial

from rnnviz.core.cells import LAB_CELLS
from rnnviz.ui.text.glossary import link
from rnnviz.words import catalogue

Say = Callable[..., str]
_PUNCTUATION = str.maketrans({c: f"\\{c}" for c in string.punctuation} | dict.fromkeys("\r\n\t", " "))


def speaker(language: str) -> Say:
    """`say("step.title")` is the sentence under that key; `say("notice.moved", t=3)` fills its placeholders.

    One for each run of a page: it knows which sentence links which term of the glossary.
    """
    return partial(_say, language, {})


def _say(language: str, links: dict[str, str], key: str, /, **values: object) -> str:
    texts = catalogue(language)
    if key not in texts:
        raise KeyError(f"no text {key}; accepted: a key of {language}.toml in rnnviz/words or in the lesson's folder")
    return link(texts[key], key, language, texts, links).format(**values)


def named(symbol: str, say: Say) -> str:
    """What a symbol of a cell is called, before it: `forget gate *f*`. Alone, a symbol that the texts do not name."""
    try:
        return say(f"symbol.{symbol}")
    except KeyError:
        return f"*{escape(symbol)}*"


def titled(cell: str, say: Say) -> str:
    """What the language calls a cell, by its key in `LAB_CELLS`: `cell.<name>`, else the title of its declaration."""
    try:
        return say(f"cell.{cell}")
    except KeyError:
        return LAB_CELLS[cell].title


def escape(text: str, limit: int = 40) -> str:
    """Someone's text as Markdown that shows just that text, cut to `limit` characters.

    A backslash stops Markdown, HTML and LaTeX. Streamlit replaces `:material/star:` and `:smile:` after Markdown is
    parsed, so colons are also followed by a joiner that nobody sees.
    """
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return short.translate(_PUNCTUATION).replace(":", ":\u2060")
