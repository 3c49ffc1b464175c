"""The little Markdown of the catalogues' paragraphs as HTML: bold, italic and code. All else is text. Of a term in
the glossary its words are left: a file has no glossary with it."""

from __future__ import annotations

import html
import re

_TERM = re.compile(r"\[([^\]\[]+)\]\([a-z_]+\)")  # as the catalogues mark one: [hidden state](hidden_state)
_MARKS = (
    (re.compile(r"`([^`]+)`"), "code"),
    (re.compile(r"\*\*(.+?)\*\*"), "strong"),
    (re.compile(r"\*(.+?)\*"), "em"),
)


def paragraph(text: str) -> str:
    """A paragraph with its text escaped, so that it holds no markup but these three."""
    content = html.escape(_TERM.sub(r"\1", text))
    for mark, tag in _MARKS:
        content = mark.sub(rf"<{tag}>\1</{tag}>", content)
    return f"<p>{content}</p>"
