"""Where a chart is, for the page around it: a text that nobody sees and a script can read (`rnnviz.ui.place`)."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.charts.kit.draw import Layer, text, text_literal
from rnnviz.charts.kit.player import ALL_SEEN, AT_START
from rnnviz.charts.kit.tables import SEPARATOR

STAGE = {
    "go": "B.go",
    "t": "t + 1",
    "T": "T",
    "op": "op",
    "depth": "depth",
    "picked": "picked + 1",
    "H": "H",
    "units": "allUnits ? 'all' : 'few'",
    "fine": "fine ? 1 : 0",
    "playing": "playing ? 1 : 0",
    "pace": "pace",
    "start": f"{AT_START} && (!fine || op <= 1) ? 1 : 0",
    "end": f"{ALL_SEEN} ? 1 : 0",
    "token": "token[t]",
    "operation": "OP.name",
    "symbol": "OP.symbol",
    "kind": "B.kind",
    "guess": "B.head && B.panels ? quiz ? 'on' : 'off' : ''",
    "pending": "veiled ? 1 : 0",
    "candidate": "B.head && B.panels ? candidate + 1 : ''",
    "scoring": "scoring ? 1 : 0",
    "withheld": "withheldAt",
}
"""Of every stage, each an expression."""


def place(fields: Mapping[str, str]) -> Layer:
    """`name=value` for each of the fields, by name an expression of signals, where a page has asked for it."""
    parts = (f"{text_literal(f'{name}=')} + ({value})" for name, value in fields.items())
    line = f" + '{SEPARATOR}' + ".join(parts)
    return text(
        name="whereabouts",
        when="B.placed",
        text=line,
        x="0",
        y="0",
        align="'left'",
        fontSize=1,
        opacity=0,
        aria=False,
    )
