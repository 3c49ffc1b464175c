"""A sentence of the catalogue, and what stands in its braces.

- `{token}`: a value, `{p:percent}` with how its number is written (`numbers`).
- `{count|step|steps}`: the first form where that value is written `1`, else the second.
- `{을}`: a Korean particle, in the form that what stands before it asks for: `‘{token}’{을}`, `{value:fixed 2}{으로}`.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

import numpy as np

from rnnviz.words.grammar import PARTICLES, particle, plural
from rnnviz.words.numbers import EXACT, WRITERS


class Sentence(str):
    """A text whose `format` knows how numbers are written, and the grammar of what it is filled with."""

    def format(self, *args: object, **values: object) -> str:
        """The text with its placeholders filled; a number with a fraction for which no writer is named stands with up
        to six digits, as someone has set it. Raises `ValueError` where there is no such writer.
        """
        line, texts = "", dict[str, str]()
        for text, name, how, forms in self._parts():
            line += text
            if name in PARTICLES:
                line += particle(line, name)
            elif forms:
                line += plural(texts.get(name, str(values[name])), forms)
            elif name:
                texts[name] = _written(values[name], how)
                line += texts[name]
        return line

    @property
    def names(self) -> frozenset[str]:
        """Of the values that it needs."""
        return frozenset(name for _, name, _, _ in self._parts() if name and name not in PARTICLES)

    def _parts(self) -> Iterator[tuple[str, str, str, list[str]]]:
        """Text, and the name, writer and forms of the placeholder behind it."""
        for text, field, how, _ in string.Formatter().parse(self):
            name, *forms = (field or "").split("|")
            yield text, name, how or "", forms


def _written(value: Any, format_spec: str) -> str:
    how = format_spec or (f"size {EXACT}" if isinstance(value, float | np.floating) else "")
    if not how:
        return str(value)
    name, _, digits = how.removeprefix("+").partition(" ")
    if name not in WRITERS:
        raise ValueError(f"{how!r}: a number is written as {', '.join(WRITERS)}")
    options = {"plus": True} if how[0] == "+" else {}
    return WRITERS[name](float(value), *map(int, digits.split()), **options)
