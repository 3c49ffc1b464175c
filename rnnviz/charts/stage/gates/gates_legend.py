"""The legend of the gates over the heatmaps: from closed, 0, to open, 1, a stripe in each one's own colours."""

from __future__ import annotations

from rnnviz.charts.kit.draw import Layer, rect, text
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.palette import RAMP_STEPS

COLOURS = RAMP_STEPS + 1  # every other one of a scale's
NAMES = Names(
    signals={
        "scaleLeft": Meaning("px", "left end of the gates' legend"),
        "scaleWide": Meaning("px", "its width"),
        "scaleMid": Meaning("px", "its middle, down"),
    },
    tables={"bundle": {"gates": Meaning("index", "how many of the heatmaps are gates'")}},
)

# On a page of the app left of the legend of all else; under it on a phone and where the drawn switch stands there.
SIGNALS = [
    *NAMES.lists(),
    {"name": "gatesLegend", "update": "depth == 0 && B.gates > 0"},
    {"name": "scaleLeft", "update": "width - (phone ? 106 : 300*z)"},
    {"name": "scaleWide", "update": f"{COLOURS}*(phone ? 3 : 4.4*z)"},
    {"name": "scaleMid", "update": "crumbY + (phone ? 18 : B.placed ? 0 : 20*z)"},
]


def layers() -> list[Layer]:
    when, stripe = "gatesLegend", "(phone ? 10 : 10*z)/B.gates"
    end = {"when": when, "y": "scaleMid", "fontSize": "11*z", "fill": "soft"}
    return [
        rect(
            name="gateScale",
            when=when,
            rows=f"sequence({COLOURS}*B.maps)",
            let={
                "map": f"MAPS[floor(datum.k/{COLOURS})]",
                "at": f"datum.k % {COLOURS}",
                "top": f"scaleMid - 5*(phone ? 1 : z) + datum.map.gate*{stripe}",
            },
            keep="datum.map.gate >= 0",
            x=f"scaleLeft + datum.at*scaleWide/{COLOURS}",
            x2=f"scaleLeft + (datum.at + 1)*scaleWide/{COLOURS} + 0.4",
            y="datum.top",
            y2=f"datum.top + {stripe}",
            fill="ramps[datum.map.ramp][2*datum.at]",
        ),
        text(**end, text="B.s_shut + ' 0'", x="scaleLeft - 5", align="'right'"),
        text(**end, text="'1 ' + B.s_wide", x="scaleLeft + scaleWide + 5", align="'left'"),
    ]
