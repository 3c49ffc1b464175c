"""Where the panels of a training run's chart lie, and how they are drawn for each run of `runs`: frames, ticks and
curves. It reads of the tables only how many runs and of what kind they are, and the ends of the iterations' axis.

A mark of a run names it `datum.q`; what each run has one of stands in an array of two, the second the first again where
there is one run only.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.draw import Layer, Signal, mark, small
from rnnviz.charts.plot import Panel, between

RUNS = "sequence(B.runs)"
PER_RUN: dict[str, Any] = {"rows": RUNS, "let": {"q": "datum.k"}}
GUTTER = "46*z"
RUN_X, RUN_Y = "runX[datum.q]", "runY[datum.q]"
HEAT = between("runL[datum.q]", "runR[datum.q]", "heatT[datum.q]", "heatH")
ROW = between("runL[datum.q]", "runR[datum.q]", "rowT[datum.q]", "rowH")
BLOCKS = between(f"({RUN_X} + 62*z)", "runR[datum.q]", "blocksT[datum.q]", "blocksH")
LOSS = between("sideL", "sideR", "lossT", "lossH")
SCORE = between("sideL", "sideR", "scoreT", "scoreH")
NORM = between("side2L", "side2R", "normT", "normH")
SAMPLE = between("side2L", "side2R", "sampleT", "sampleH")
COLOUR = "dark ? RUNS[datum.q].dark : RUNS[datum.q].light"  # of a run
SENT = "R[datum.q]"  # the row that is looked at, among those that were sent
HAS_ROWS = "RUNS[datum.q].R > 0"


def halves(half: str, second: str = "1") -> str:
    """An array of what `half` gives for each run, `#` being its number."""
    return f"[{half.replace('#', '0')}, {half.replace('#', second)}]"


def each(count: str | int, **let: str) -> dict[str, Any]:
    """Rows for `count` entries `datum.i` of every run."""
    return {
        "rows": f"sequence(B.runs*{count})",
        "let": {"q": f"floor(datum.k/{count})", "i": f"datum.k % {count}", **let},
    }


def signals() -> list[Signal]:
    places = {
        "top": "phone ? 132 : 58*z",
        "colW": "phone ? width : pair ? (width - 28*z)/2 : width*0.57",
        "heatH": "phone ? 220 : 210*z",
        "heatRows": "60",
        "rowH": "phone ? 120 : 130*z",
        "blocksN": "max(length(NAMES[0]), length(NAMES[1]))",
        "blocksH": "blocksN*15*z",
        "runH": "heatH + rowH + (phone ? 194 : 178*z)",
        "sideX": "phone || pair ? 0 : colW + 28*z",
        "sideY": "phone ? top + B.runs*runH : pair ? top + runH : top",
        "sideW": "phone ? width : pair ? colW : width - sideX",
        "side2X": "pair && !phone ? colW + 28*z : sideX",
        "lossH": "190*z",
        "scoreH": "64*z",
        "normH": "100*z",
        "sampleH": "B.kind == 'series' ? 100*z : (B.runs + 1)*26*z",
        "side2Y": "pair && !phone ? sideY : sideY + lossH + scoreH + 112*z",
        "sideEnd": "side2Y + normH + sampleH + 112*z",
        # Norms per parameter: under the one run, or under everything.
        "blocksY": "phone ? sideEnd : pair ? max(sideEnd, sideY + lossH + scoreH + 124*z) : top + runH",
        "end": "max(sideEnd, blocksY + (phone ? B.runs : 1)*(blocksH + 56*z))",
        # The panels' edges; those of a run's panels for each run.
        "runX": "[0, phone ? 0 : colW + 28*z]",
        "runY": "[top, top + (phone ? runH : 0)]",
        "runL": halves(f"runX[#] + {GUTTER}"),
        "runR": halves("runX[#] + colW - 4"),
        "heatT": halves("runY[#] + 74*z"),
        "rowT": halves("heatT[#] + heatH + 54*z"),
        "blocksT": "[blocksY + 24*z, blocksY + (phone ? blocksH + 56*z : 0) + 24*z]",
        "sideL": f"sideX + {GUTTER}",
        "sideR": "sideX + sideW - 4",
        "side2L": f"side2X + {GUTTER}",
        "side2R": "side2X + sideW - 4",
        "lossT": "sideY + 40*z",
        "scoreT": "sideY + lossH + 90*z",
        "normT": "side2Y + 40*z",
        "sampleT": "side2Y + normH + 96*z",
        "scrubL": "phone ? 12 : width*0.5",
        "scrubR": "width - (B.linkable ? 118*z : 12*z)",
        "scrubY": "phone ? 102 : 38*z",
    }
    return [{"name": name, "update": update} for name, update in places.items()]


def frame(panel: Panel, title: str, **rows: Any) -> list[Layer]:
    """The two axes and what is written over them."""
    head = {"x": f"{panel.left} - {GUTTER} + 2", "y": f"{panel.top} - 15*z", "limit": f"{panel.wide} + {GUTTER}"}
    return [*panel.axes(**rows), panel.title(title, **head, **rows)]


def aside(panel: Panel, label: str, **props: Any) -> Layer:
    """What is written over a panel's right end."""
    at = {"x": panel.right, "y": f"{panel.top} - 15*z", "align": "'right'"}
    return small(text=label, **at, **{"fontSize": "11*z", **props})


def ticks(panel: Panel, places: str, names: str, **when: Any) -> list[Layer]:
    """Marks on the left axis. places, names: expressions of arrays, of parts of the height and of texts."""
    rows = {"rows": f"sequence(length({places}))", **when}
    at = panel.y(f"toNumber({places}[datum.k])")
    return panel.tick(at, f"{names}[datum.k]", rows, strokeWidth=0.6, strokeOpacity=0.7)


def iterations(panel: Panel) -> list[Layer]:
    """What is written under an axis of iterations."""
    return panel.under("'1'", "format(B.last, ',')", {"text": "B.s_iteration"}, drop="11*z")


def curve(count: str, x: str, y: str, keep: str, **props: Any) -> Layer:
    """A line for each run. count: of its points, an expression; x, y: of `datum.q` (the run) and `datum.i`."""
    place = {"type": "quantitative", "scale": None}
    encoding = {
        "x": {"field": "px", **place},
        "y": {"field": "py", **place},
        "detail": {"field": "q", "type": "nominal"},
    }
    return {**mark("line", **each(f"({count})", px=x, py=y), keep=keep, **props), "encoding": encoding}


def history(panel: Panel, xs: str, ys: str, **props: Any) -> Layer:
    """A curve over the iterations, in each run's colour. xs, ys: signals, of parts of the width and of the height."""
    return curve(
        f"max(length({xs}[0]), length({xs}[1]))",
        panel.x(f"toNumber({xs}[datum.q][datum.i])"),
        panel.y(f"toNumber({ys}[datum.q][datum.i])"),
        f"datum.i < length({xs}[datum.q]) && {xs}[datum.q][datum.i] != ''",
        stroke=COLOUR,
        **props,
    )
