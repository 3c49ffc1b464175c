"""Left of each heatmap of a stage that watches the gates: its name, its scale, and what the followed unit has now."""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import MONO, Layer, element, text
from rnnviz.charts.stage.gates.unit_lines import MAPS

NAME_X = "gutter - (phone ? 5 : 12*z)"  # where the names of the maps end
MAP: dict[str, Any] = {"let": {"top": "mapsY + datum.q*mapStep"}, "rows": "maps", "when": MAPS}


def layers() -> list[Layer]:
    """Left of each heatmap: its symbol, under it what the followed unit has of it now, and what it means; before it its
    scale, where that is not from -1 to 1. Beside an untouched run there are two numbers, and none stands here."""
    symbol = "(datum.top + mapH/2 - (roomy ? 13*z : 7*z))"
    return [
        text(
            **MAP,
            name="gateName",
            text="datum.label",
            x=NAME_X,
            y=symbol,
            align="'right'",
            fontSize="16*z",
            fontWeight="'bold'",
            fill="dark ? datum.dark : datum.light",
            cursor="'pointer'",
        ),
        text(
            when=f"{MAPS} && !B.pair",
            text="B.s_unit + ' ' + unit_number",
            x=NAME_X,
            y="mapsY - 11*z",
            align="'right'",
            fontSize="11*z",
            limit=NAME_X,
            fill="soft",
        ),
        text(
            **{**MAP, "when": f"{MAPS} && !B.pair"},
            name="gateNow",
            text=numbers.fixed(element("datum.vec", "t", "picked"), 3),
            x=NAME_X,
            y="datum.top + mapH/2 + (roomy ? 2*z : 9*z)",
            align="'right'",
            font=MONO,
            fontSize="11*z",
            fill="ink",
        ),
        text(
            **{**MAP, "when": f"{MAPS} && (B.pair || roomy)"},
            name="gateMeans",
            text="datum.means",
            x=NAME_X,
            y="datum.top + mapH/2 + (roomy ? 15*z : 9*z)",
            align="'right'",
            fontSize="phone ? 10 : 10*z",
            fill="soft",
            limit=NAME_X,
        ),
        text(
            **MAP,
            keep="datum.scale > 1",
            text=f"'±' + {numbers.size('datum.scale')}",
            x=f"{NAME_X} - 23*z",
            y=f"{symbol} + z",
            align="'right'",
            fontSize="10*z",
            fill="soft",
        ),
    ]
