"""Where the parts of a forecast's picture lie: the strip of the whole series, under it window and horizon with units
and gates on the same axis of steps, and the list of errors at their side, on a phone below.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit.draw import Layer, Signal, small
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.plot import named

STRIP, DETAIL, HEAT, GATE = (named(name) for name in ("strip", "det", "heat", "gate"))
ROW = 19  # px before zoom, of a line in the list of errors
LETTER = 11.5  # px before zoom, no less than a Hangul syllable of a small text has

NAMES = Names(
    signals={
        "top": Meaning("px", "upper edge of the words over the strip"),
        "labelW": Meaning("px", "room for the names at the ends of the lines"),
        "stacked": Meaning("flag", "whether the list of errors stands below"),
        "listW": Meaning("px", "its width, where it is at the side"),
    },
    tables={
        "bundle": {
            "room": Meaning("flag", "whether a page's controls lie over its upper edge"),
            "tickW": Meaning("index", "how many signs the longest number at the axis of values has"),
            "nameW": Meaning("number", "the longest name of a forecaster, in widths of a Hangul syllable"),
            "said": Meaning("texts", "lines under the errors", "SAID"),
        }
    },
)


def signals() -> list[Signal]:
    places = {
        "top": "B.placed ? (B.room ? (phone ? 70 : 26*z) : 0) : phone ? 66 : 46*z",
        "labelW": "min(B.nameW*10.7*z + 14, phone ? 112 : 150*z)",
        **_edges("strip", "phone ? 2 : 46*z", "width - 4", "top + 16*z", "stripT + (phone ? 40 : 34*z)"),
        # Where a list at its side would leave the picture too little room, it stands below.
        "stacked": "phone || width < 860*z",
        "listW": "max(250, min(B.nameW, 14)*12.5 + 172)*z",
        "listL": "phone ? 2 : stacked ? 46*z : width - listW",
        "listR": "phone ? width - 6 : listL + listW - 6",
        **_edges(
            "det",
            "max(phone ? 40 : 46*z, (6.2*B.tickW + 8)*z)",
            "(stacked ? width : listL - 14*z) - labelW",
            "stripB + 25*z",
            "detT + (phone ? 150 : 136*z)",
        ),
        "cell": "(detR - detL)/(W + H)",
        "originX": "detL + W*cell",
        "endX": "originX + ahead*cell",
        "nowX": "detL + t*cell",
        "rowH": "clamp(78/max(1, U), 6.5, 13)*z",
        **_edges("heat", "detL", "originX", "detB + (U > 0 ? 50 : 36)*z", "heatT + U*rowH"),
        **_edges("gate", "detL", "originX", "heatB + (G > 0 ? 20 : 0)*z", "gateT + (G > 0 ? 32*z : 0)"),
        "listT": "stacked ? gateB + 24*z : detT - 4*z",
        "end": f"max(gateB + 6*z, listT + (42 + {ROW}*(F + length(SAID)))*z) + 4",
    }
    return [{"name": name, "update": update} for name, update in places.items()]


def _edges(panel: str, left: str, right: str, top: str, bottom: str) -> dict[str, str]:
    return {f"{panel}L": left, f"{panel}R": right, f"{panel}T": top, f"{panel}B": bottom}


def over(**props: Any) -> list[Layer]:
    """Words over lines, on a ground of their own."""
    ground = {"aria": False, "fill": "paper", "stroke": "paper", "strokeWidth": 4, "strokeJoin": "'round'"}
    return [small(**{**props, **ground}), small(**props)]


def through(layer: Layer, *details: str) -> Layer:
    """A mark as a line through its `px` and `py`, one for each value of the fields `details`."""
    place = {"type": "quantitative", "scale": None, "axis": None}
    encoding: dict[str, Any] = {axis: {"field": f"p{axis}", **place} for axis in "xy"}
    lines = [{"field": name, "type": "nominal"} for name in details]
    return layer | {"encoding": encoding | ({"detail": lines} if lines else {})}
