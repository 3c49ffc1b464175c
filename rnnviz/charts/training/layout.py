"""Where the panels of a training run's chart lie, and how they are drawn for each run of `runs`: frames, ticks and
curves. It reads of the tables only how many runs and of what kind they are, and the ends of the iterations' axis.

A mark of a run names it `datum.q`; what each run has one of stands in an array of two, the second the first again where
there is one run only.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import Layer, Signal, mark, rect, small
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.plot import Panel, between

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
HIGH_ROW = "(heatH/RUNS[datum.q].span)"  # of a row of the heatmap, px

NAMES = Names(
    signals={
        "stacked": Meaning("flag", "whether the scrubber has a line of its own"),
        "top": Meaning("px", "upper edge of the first run's panels"),
        "rowH": Meaning("px", "height of the plot of one row"),
        "blocksH": Meaning("px", "height of the plot of parameters"),
        "blockH": Meaning("px", "the same with what is written around it"),
        "runH": Meaning("px", "height of a run's panels"),
        "sideX": Meaning("px", "left edge of the curves"),
        "sideY": Meaning("px", "their upper edge"),
        "sideEnd": Meaning("px", "their lower edge"),
        "apart": Meaning("flag", "whether norm and sample have a column of their own"),
        "asksNumbers": Meaning("flag", "whether a number is asked for, or a series of them: the sample comes first"),
        "reads": Meaning("flag", "whether the sample has a line for what is read"),
        "drop": Meaning("px", "from that column's upper edge to a sample that comes first"),
        "lead": Meaning("px", "height of a sample that comes first, with what is written around it"),
        "lossY": Meaning("px", "upper edge of loss and score"),
        "side2Y": Meaning("px", "upper edge of the norm, or of the column that it shares with the sample"),
        "scoreH": Meaning("px", "height of the plot of the score"),
        "normH": Meaning("px", "height of the plot of the norm"),
        "sampleH": Meaning("px", "height of the sample's panel"),
        "blocksY": Meaning("px", "upper edge of the parameters' panels"),
        "runX": Meaning("numbers", "left edge of each run's panels, px"),
        "runY": Meaning("numbers", "their upper edge, px"),
        "runL": Meaning("numbers", "left edge of each run's plots, px"),
        "runR": Meaning("numbers", "their right edge, px"),
        "heatT": Meaning("numbers", "upper edge of each heatmap, px"),
        "rowT": Meaning("numbers", "upper edge of each plot of one row, px"),
        "blocksT": Meaning("numbers", "upper edge of each plot of parameters, px"),
        "sideL": Meaning("px", "left edge of the plots of loss and score"),
        "sideR": Meaning("px", "their right edge"),
        "side2L": Meaning("px", "left edge of the plots of norm and sample"),
        "side2R": Meaning("px", "their right edge"),
        "lossT": Meaning("px", "upper edge of the plot of the loss"),
        "scoreT": Meaning("px", "upper edge of the plot of the score"),
        "normT": Meaning("px", "upper edge of the plot of the norm"),
        "sampleT": Meaning("px", "upper edge of the sample"),
    },
    tables={
        "runs": {
            "light": Meaning("colour", "a run's colour on a light page"),
            "dark": Meaning("colour", "its colour on a dark page"),
        },
    },
)


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
        # Where the legend leaves the scrubber too little room beside it, the scrubber has a line of its own.
        "stacked": "phone || width < 840*z",
        "legendW": "phone ? width - 24 : width*0.26",
        # Where nothing stands over the status, which may have two lines on a phone, they begin inside.
        "headY": "B.placed && (B.live || B.last != 0) ? (phone ? 112 : 46*z) : phone ? 6 : 0",
        "top": "B.placed ? headY + (phone ? 92 : 58*z) : phone ? 132 : stacked ? 104*z : 58*z",
        "colW": "phone ? width : pair ? (width - 28*z)/2 : width*0.57",
        "heatH": "phone ? 220 : 210*z",
        "rowH": "phone ? 120 : 130*z",
        "blocksN": "max(length(NAMES[0]), length(NAMES[1]))",
        "blocksH": "blocksN*15*z",
        "runH": "heatH + rowH + (phone ? 241 : 227*z)",
        "sideX": "phone || pair ? 0 : colW + 28*z",
        "sideY": "phone ? top + B.runs*runH : pair ? top + runH : top",
        "sideW": "phone ? width : pair ? colW : width - sideX",
        "apart": "pair && !phone",
        "side2X": "apart ? colW + 28*z : sideX",
        "lossH": "175*z",
        "scoreH": "64*z",
        "normH": "100*z",
        # In a pair every row of the sample has its name over it, which may be long.
        "sampleRow": "(pair ? 44 : 26)*z",
        "reads": "B.kind == 'number'",
        "sampleH": "B.kind == 'series' ? 100*z : (B.runs + 1 + reads)*sampleRow",
        # Of numbers, what is asked and what is given is the first thing to see beside or under the heatmap.
        "asksNumbers": "B.kind != 'classes'",
        # Over it, beside a chart's own scrubber, is what the keys do.
        "drop": "(B.placed ? 20 : 34)*z",
        "lead": "asksNumbers ? drop + sampleH + 26*z : 0",
        "lossY": "apart ? sideY : sideY + lead",
        "side2Y": "apart ? sideY + lead : lossY + lossH + scoreH + 127*z",
        "stripH": "B.clips ? B.runs*7*z + 3*z : 0",  # under the norms: where they were clipped
        "sideEnd": "side2Y + normH + (asksNumbers ? 0 : sampleH + 64*z) + (phone ? 98 : 84*z)",
        # Norms per parameter: under the one run, or under everything.
        "blocksY": "phone ? sideEnd : pair ? max(sideEnd, sideY + lossH + scoreH + 139*z) : top + runH",
        "blockH": "blocksH + (pair ? 72 : 56)*z",
        "end": "max(sideEnd, blocksY + (phone ? B.runs : 1)*blockH)",
        # The panels' edges; those of a run's panels for each run.
        "runX": "[0, phone ? 0 : colW + 28*z]",
        "runY": "[top, top + (phone ? runH : 0)]",
        "runL": halves(f"runX[#] + {GUTTER}"),
        "runR": halves("runX[#] + colW - 4"),
        "heatT": halves("runY[#] + 103*z"),
        "rowT": halves("heatT[#] + heatH + 54*z"),
        "blocksT": "[blocksY + (pair ? 40 : 24)*z, blocksY + (pair ? 40 : 24)*z + (phone ? blockH : 0)]",
        "sideL": f"sideX + {GUTTER}",
        "sideR": "sideX + sideW - 4",
        "side2L": f"side2X + {GUTTER}",
        "side2R": "side2X + sideW - 4",
        "lossT": "lossY + 55*z",
        "scoreT": "lossY + lossH + 105*z",
        "normT": "side2Y + 40*z",
        "sampleT": "asksNumbers ? sideY + drop : side2Y + normH + 104*z",
        "scrubL": "stacked ? 12 : max(width*0.5, legendW + 300*z)",
        "scrubR": "width - 60*z",
        "scrubY": "phone ? 102 : stacked ? 78*z : 38*z",
    }
    return [{"name": name, "update": update} for name, update in places.items()]


def unless_watched(layer: Layer) -> Layer:
    """A layer that is not there for somebody's own loop, of which neither task nor sample is known."""
    return {**layer, "transform": [{"filter": "!B.watched"}, *layer["transform"]]}


def frame(panel: Panel, title: str, **rows: Any) -> list[Layer]:
    """The two axes and what is written over them."""
    head = {"x": f"{panel.left} - {GUTTER} + 2", "y": f"{panel.top} - 15*z", "limit": f"{panel.wide} + {GUTTER}"}
    return [*panel.axes(**rows), panel.title(title, **head, **rows)]


def aside(panel: Panel, label: str, **props: Any) -> Layer:
    """What is written over a panel's right end."""
    at = {"x": panel.right, "y": f"{panel.top} - 15*z", "align": "'right'", "fontSize": "11*z"}
    return small(text=label, **{**at, **props})


def over(**props: Any) -> list[Layer]:
    """Words over a panel's lines, on a ground of their own."""
    style = {"fontSize": "11*z", **props}
    return [
        small(**{**style, "fill": "paper", "stroke": "paper", "strokeWidth": 4, "strokeJoin": "'round'"}),
        small(**style),
    ]


def ticks(panel: Panel, places: str, names: str, **when: Any) -> list[Layer]:
    """Marks on the left axis. places, names: expressions of arrays, of parts of the height and of texts."""
    rows = {"rows": f"sequence(length({places}))", **when}
    at = panel.y(f"toNumber({places}[datum.k])")
    return panel.tick(at, f"{names}[datum.k]", rows, strokeWidth=0.6, strokeOpacity=0.7)


def iterations(panel: Panel, drop: str = "11*z") -> list[Layer]:
    """What is written under an axis of iterations; it is at least two long."""
    last = numbers.count("max(B.last, 2)")
    return panel.under("B.last > 0 ? '1' : ''", f"B.last > 0 ? {last} : ''", {"text": "B.s_iteration"}, drop=drop)


def future(panel: Panel, at: str, drop: str = "0") -> Layer:
    """Covers what comes after the moment while it is played.     at: its place on the panel, of run `datum.q`."""
    return rect(
        **PER_RUN,
        when="playing",
        keep=HAS_ROWS,
        x=panel.x(at),
        x2=f"{panel.right} + 3",
        y=f"{panel.top} - 3",
        y2=f"{panel.bottom} + {drop}",
        fill="paper",
    )


def curve(count: str, x: str, y: str, keep: str, **props: Any) -> Layer:
    """A line for each run, in pieces: it has a gap wherever a point is not to be kept.

    count: of its points, an expression; x, y: of `datum.q` (the run) and `datum.i`.
    """
    place = {"type": "quantitative", "scale": None}
    encoding = {
        "x": {"field": "px", **place},
        "y": {"field": "py", **place},
        "detail": [{"field": "q", "type": "nominal"}, {"field": "piece", "type": "nominal"}],
    }
    points = each(f"({count})", px=x, py=y, gap=f"({keep}) ? 0 : 1")
    # A point between two gaps is a dot.
    layer = mark("line", **points, **{"strokeCap": "'round'", "strokeJoin": "'round'", **props})
    pieces = {"window": [{"op": "sum", "field": "gap", "as": "piece"}], "frame": [None, 0]}
    return {**layer, "transform": [*layer["transform"], pieces, {"filter": "!datum.gap"}], "encoding": encoding}


def history(panel: Panel, xs: str, ys: str, **props: Any) -> Layer:
    """A curve over the iterations, in each run's colour. xs, ys: signals, of parts of the width and of the height."""
    return curve(
        f"max(length({xs}[0]), length({xs}[1]))",
        panel.x(f"toNumber({xs}[datum.q][datum.i])"),
        panel.y(f"toNumber({ys}[datum.q][datum.i])"),
        f"datum.i < length({xs}[datum.q]) && {xs}[datum.q][datum.i] != '' && {ys}[datum.q][datum.i] != ''",
        stroke=COLOUR,
        **props,
    )
