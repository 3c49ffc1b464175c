"""The distant past, lost twice: two sequences that differ in the first token, and the gradient back to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rnnviz.charts.kit import scale
from rnnviz.charts.kit.draw import Layer, Signal, line_key, small, text
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.names import Meaning, Names, edges
from rnnviz.charts.kit.plot import named
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.lab.chart import Labels, drawn, slider, specification, track
from rnnviz.charts.lab.matrix_places import NETS
from rnnviz.core.trace import Array

TEXTS = ("axis_t", "forward", "backward", "past_title")
PLOT = named("pl")
HIGH = 2  # log10
APART = (4, 4)  # dashes of the states

NAMES = Names(
    signals={
        "last": Meaning("index", "the last step, from 0"),
        "t": Meaning("index", "the chosen step, from 0"),
        "tL": Meaning("px", "left end of the slider"),
        "tR": Meaning("px", "right end of the slider"),
        **edges("pl", "the two norms"),
        "sideL": Meaning("px", "left edge of the numbers at the chosen step"),
        "sideY": Meaning("px", "their upper edge"),
    },
    tables={
        "bundle": {
            "titles": Meaning("texts", "names of the networks", "names"),
            "forward": Meaning("numbers", "norm of the difference of two states, (networks, T)", "AHEAD"),
            "backward": Meaning("numbers", "norm of dh_t/dh_1, (networks, T)", "BACK"),
        }
    },
)


@dataclass(frozen=True, eq=False)
class Past:
    """A network's title, ‖h_t - h'_t‖ and ‖dh_t/dh_1‖, each (T,)."""

    title: str
    forward: Array
    backward: Array


def chart(networks: Sequence[Past], labels: Labels, *, t: int, zoom: float = 1.0) -> Figure:
    return drawn(
        _spec,
        labels,
        TEXTS,
        zoom=zoom,
        T=len(networks[0].forward),
        start=t - 1,
        titles=SEPARATOR.join(one.title for one in networks),
        forward=",".join(scale.written(one.forward) for one in networks),
        backward=",".join(scale.written(one.backward) for one in networks),
    )


def _signals() -> list[Signal]:
    return [
        {"name": "T", "update": "B.T"},
        {"name": "last", "update": "B.T - 1"},
        *NAMES.lists(),
        *slider("t", "last", "phone ? 16 : 46*z", "phone ? width - 16 : width*0.62"),
        *PLOT.signals("46*z", "phone ? width - 4 : width*0.62", "phone ? 104 : 76*z", "plT + 300*z"),
        {"name": "sideL", "update": "phone ? 4 : plR + 50*z"},
        {"name": "sideY", "update": "phone ? plB + 60 : plT"},
        {"name": "end", "update": "phone ? sideY + 190 : plB + 46*z"},
    ]


@cache
def _spec() -> str:
    part = "datum.n/max(1, last)"
    lines: list[Layer] = []
    for n, name in enumerate(NETS):
        colour = f"{name}Colour"
        lines += [
            PLOT.line("T", part, f"toNumber(BACK[{n}*T + datum.n])", scale.LOW, HIGH, stroke=colour),
            PLOT.dashed(
                "T",
                part,
                f"toNumber(AHEAD[{n}*T + datum.n])",
                APART,
                scale.LOW,
                HIGH,
                stroke=colour,
                strokeWidth="1.6*z",
            ),
        ]
    across = "(width - sideL)/3"
    table: list[Layer] = []
    for place, (label, values) in enumerate((("B.s_forward", "AHEAD"), ("B.s_backward", "BACK"))):
        y = f"sideY + {20 + 78 * place}*z"
        table += [
            text(text=label, x="sideL", y=y, align="'left'", fontSize="12*z", fill="soft", limit="width - sideL"),
            text(
                rows="sequence(3)",
                let={"log": f"{values}[datum.k*T + t]"},
                text=scale.size("datum.log"),
                x=f"sideL + datum.k*{across}",
                y=f"{y} + 24*z",
                align="'left'",
                fontSize="15*z",
                fontWeight="'bold'",
                fill="nets[datum.k]",
            ),
            small(
                rows="sequence(3)",
                text="names[datum.k]",
                x=f"sideL + datum.k*{across}",
                y=f"{y} + 42*z",
                align="'left'",
                fill="nets[datum.k]",
            ),
        ]
    key = [
        *line_key("B.s_forward", "ink", "plL", "plB + 32*z", wide=26, gap=6, dash=APART, fontSize="11*z"),
        *line_key("B.s_backward", "ink", "plL + (plR - plL)/2", "plB + 32*z", wide=26, gap=6, fontSize="11*z"),
    ]
    layers = [
        *track("t", "last", "'t = ' + (t + 1) + ' / ' + T", {}),
        PLOT.title("B.s_past_title"),
        *PLOT.decades(scale.LOW, 0),
        *PLOT.steps("T", "B.s_axis_t"),
        *lines,
        PLOT.upright(PLOT.x("t/max(1, last)"), stroke="now"),
        *key,
        *table,
    ]
    return specification(_signals(), layers, "end")
