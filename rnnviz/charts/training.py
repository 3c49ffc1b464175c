"""A training run as one chart: how the gradient flows back through time, row by row as the iterations come, and what
becomes of it: loss against the baseline, score, norms before and after clipping, and a sample's output.

    trainer = rnnviz.training.Trainer(rnnviz.training.Config(cell="lstm", forget_bias=1.0), iterations=300)
    for snapshot in trainer: ...
    rnnviz.training_chart(trainer)        # in a notebook; .save("run.html", inline=True) is one file that plays offline

It is drawn in pixels by expressions (`draw`) and its specification never changes: what a run does next only swaps the
small tables of `training_tables`. Time runs downwards, the newest iteration below; `cur` is the moment that is looked
at, always the newest while a run goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import altair as alt

from rnnviz.charts import gradient_scale as scale
from rnnviz.charts import palette
from rnnviz.charts.bundle import Tables
from rnnviz.charts.draw import MONO, RIGHT_ARROW, Layer, Signal, mark, rect, rule, shape, text
from rnnviz.charts.player import key
from rnnviz.charts.stage import WIDTH, Stage
from rnnviz.charts.training_tables import BLOCK_HIGH, BLOCK_LOW, power, tables
from rnnviz.lessons import catalogue

if TYPE_CHECKING:
    from rnnviz.training.trainer import Trainer
    from rnnviz.training.view import View


def training_chart(
    *trainers: Trainer, names: Sequence[str] = (), layer: int = 0, state: str = "h", language: str = "en"
) -> TrainingChart:
    """One run, or two beside each other on the same scales, as they are now, every kept row to be looked at.

    names: what each run is called; by default its cell.     layer: from 0.     state: `h`, or `c` where there is one.

    Raises `ValueError` for another number of runs, and where there is no such layer.
    """
    from rnnviz.training.view import view

    if len(trainers) not in (1, 2):
        raise ValueError(f"there are {len(trainers)} runs; accepted: one or two")
    views = [view(trainer) for trainer in trainers]
    called = list(names) or [shown.config.cell for shown in views]
    return chart(views, called, language=language, layer=layer, state=state)


def chart(
    views: Sequence[View],
    names: Sequence[str],
    *,
    language: str = "en",
    layer: int = 0,
    state: str = "h",
    live: bool = False,
    dark: bool = False,
    number: int = 0,
    status: str = "",
    notes: Sequence[str] = (),
    zoom: float = 1.0,
    linkable: bool = False,
    keys: bool = True,
) -> TrainingChart:
    """The chart of views, one or two. `live`: only the newest row can be looked at, and only it is sent.

    notes: a line about each run.     linkable: with the button whose press selects the moment (`pin`).
    keys: whether the arrow keys move through the kept moments.     number: differs from the chart before.
    """
    layers = min(shown.config.num_layers for shown in views)
    if not 0 <= layer < layers:
        raise ValueError(f"layer is {layer}; accepted: 0 to {layers - 1}")
    made = tables(
        views,
        names,
        catalogue(language),
        layer=layer,
        state=state,
        live=live,
        dark=dark,
        number=number,
        status=status,
        notes=list(notes) or [shown.stopped for shown in views],
        zoom=zoom,
        linkable=linkable,
    )
    made["bundle"][0]["keys"] = keys
    return TrainingChart(made)


class TrainingChart(Stage):
    """The chart of a run, an Altair chart as every stage is."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)

    def copy(self, deep: bool | Iterable[Any] = True, ignore: list[str] | None = None) -> TrainingChart:
        made = TrainingChart(self.tables)
        made._kwds.update(self._kwds)
        return made

    def to_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        chosen = {} if self.width is alt.Undefined else {"width": self.width}
        return {**json.loads(_spec()), **chosen, "datasets": self.tables}


_COLOURS = {
    "paper": palette.PAPER,
    "ink": palette.INK,
    "soft": palette.SOFT,
    "line": palette.LINE,
    "now": palette.NOW,
    "yColour": palette.SYMBOLS["y"],
    "badColour": palette.INFINITE,
}
RUNS = "sequence(B.runs)"
GUTTER = "46*z"


class _Panel:
    """A plot's rectangle by expressions, and what stands at a part of its width and height."""

    def __init__(self, left: str, right: str, top: str, height: str) -> None:
        self.left, self.right, self.top, self.bottom = left, right, top, f"({top} + {height})"

    def x(self, part: str) -> str:
        return f"({self.left} + ({part})*({self.right} - ({self.left})))"

    def y(self, part: str) -> str:
        return f"({self.bottom} - ({part})*({self.bottom} - ({self.top})))"

    def frame(self, title: str, rows: str = "one", **more: Any) -> list[Layer]:
        """The two axes and what is written over them."""
        both: dict[str, Any] = {"rows": rows, **more}
        return [
            rule(**both, x=self.left, x2=self.right, y=self.bottom, y2=self.bottom),
            rule(**both, x=self.left, x2=self.left, y=self.top, y2=self.bottom),
            text(
                **both,
                text=title,
                x=f"{self.left} - {GUTTER} + 2",
                y=f"{self.top} - 15*z",
                align="'left'",
                fontSize="12.5*z",
                fontWeight="'bold'",
                fill="soft",
                limit=f"{self.right} - ({self.left}) + {GUTTER}",
            ),
        ]

    def ticks(self, places: str, names: str, rows: str | None = None, **more: Any) -> list[Layer]:
        """Marks on the left axis. places, names: expressions of arrays, of parts of the height and of texts."""
        each: dict[str, Any] = {"rows": rows or f"sequence(length({places}))", **more}
        at = self.y(f"toNumber({places}[datum.k])")
        return [
            rule(**each, x=self.left, x2=self.right, y=at, y2=at, strokeWidth=0.6, strokeOpacity=0.7),
            text(
                **each,
                text=f"{names}[datum.k]",
                x=f"{self.left} - 6*z",
                y=at,
                align="'right'",
                fontSize="10.5*z",
                fill="soft",
            ),
        ]

    def iterations(self) -> list[Layer]:
        """What is written under an axis of iterations."""
        ends = {"y": f"{self.bottom} + 11*z", "fontSize": "10.5*z", "fill": "soft"}
        return [
            text(text="'1'", x=self.left, align="'left'", **ends),
            text(text="format(B.last, ',')", x=self.right, align="'right'", **ends),
            text(text="B.s_iteration", x=self.x("0.5"), **ends),
        ]


# Of run `q`, an expression of `datum.q`.
_RUN_X, _RUN_Y = "runX[datum.q]", "runY[datum.q]"
_LEFT, _RIGHT = "runL[datum.q]", "runR[datum.q]"
_HEAT = _Panel(_LEFT, _RIGHT, "heatT[datum.q]", "heatH")
_ROW = _Panel(_LEFT, _RIGHT, "rowT[datum.q]", "rowH")
_BLOCKS = _Panel(f"({_RUN_X} + 62*z)", _RIGHT, "blocksT[datum.q]", "blocksH")
_LOSS = _Panel("sideL", "sideR", "lossT", "lossH")
_SCORE = _Panel("sideL", "sideR", "scoreT", "scoreH")
_NORM = _Panel("side2L", "side2R", "normT", "normH")
_SAMPLE = _Panel("side2L", "side2R", "sampleT", "sampleH")

_LINE_COLOUR = "dark ? RUNS[datum.q].dark : RUNS[datum.q].light"
_SENT = "R[datum.q]"  # the row that is looked at, among those that were sent
_DRAG = "[@{0}_marks:pointerdown, window:pointerup] > @{0}_marks:pointermove"


def _signals() -> list[Signal]:
    def both(name: str, field: str, separator: str = "','") -> Signal:
        parts = ", ".join(f"split(RUNS[{place}].{field}, {separator})" for place in ("0", "B.runs - 1"))
        return {"name": name, "update": f"[{parts}]"}

    pictures = "{url: [RUNS[0].url, RUNS[B.runs - 1].url], rows: [RUNS[0].R, RUNS[B.runs - 1].R]}"
    on_heat = f"floor((y() - {_HEAT.top})/(heatH/max(RUNS[datum.q].R, heatRows)))"
    to_moment = f"toNumber(MOMENT[datum.q][clamp({on_heat}, 0, RUNS[datum.q].R - 1)])"
    scrubbed = "clamp(round((x() - scrubL)/max(1, scrubR - scrubL)*(B.moments - 1)), 0, B.moments - 1)"
    rests = "!B.live && B.moments > 0"
    moves = [("ArrowLeft", "max(cur - 1, 0)"), ("ArrowRight", "min(cur + 1, B.moments - 1)")]
    moves += [("Home", "0"), ("End", "B.moments - 1")]
    hovered = (
        f"{{q: datum.q, r: clamp({on_heat}, 0, max(RUNS[datum.q].R, 1) - 1),"
        f" k: clamp(floor((x() - {_HEAT.left})/({_HEAT.right} - {_HEAT.left})*RUNS[datum.q].T), 0,"
        " RUNS[datum.q].T - 1)}"
    )
    return [
        {"name": "SEP", "update": "'\\u001f'"},
        {"name": "B", "update": "data('bundle')[0]"},
        {"name": "RUNS", "update": "data('runs')"},
        {"name": "dark", "update": "luminance(background) < 0.5"},
        *({"name": n, "update": f"dark ? '{pair.dark}' : '{pair.light}'"} for n, pair in _COLOURS.items()),
        both("F", "flow"),
        both("ROW", "rowOf"),
        both("MOMENT", "momentOf"),
        both("ITER", "iteration"),
        both("SLOPE", "slope"),
        both("THEORY", "theory"),
        both("END", "end"),
        both("SAID", "said", "SEP"),
        both("NAMES", "blocks", "SEP"),
        both("BEFORE", "before"),
        both("AFTER", "after"),
        both("TX", "trainX"),
        both("TY", "trainY"),
        both("NY", "normY"),
        both("CLIP", "clip"),
        both("UX", "unseenX"),
        both("UY", "unseenY"),
        both("SY", "scoreY"),
        both("AX", "atX"),
        both("AY", "atY"),
        both("TRUTH", "truth", "B.kind == 'classes' ? SEP : ','"),
        both("TRUTHIS", "truthIs"),
        both("OUT", "out", "B.kind == 'classes' ? SEP : ','"),
        both("OUTIS", "outIs"),
        {"name": "moment", "update": "split(B.moment, ',')"},
        {"name": "lossTicks", "update": "split(B.lossTicks, ',')"},
        {"name": "lossNames", "update": "split(B.lossNames, SEP)"},
        {"name": "rowTicks", "update": "split(B.rowTicks, ',')"},
        {"name": "rowNames", "update": "split(B.rowNames, SEP)"},
        {"name": "normTicks", "update": "split(B.normTicks, ',')"},
        {"name": "normNames", "update": "split(B.normNames, SEP)"},
        # Where everything stands.
        {"name": "phone", "update": "width < 640"},
        {"name": "z", "update": "phone ? 1 : B.zoom * (width > 1600 ? 1.2 : 1)"},
        {"name": "pair", "update": "B.runs > 1"},
        {"name": "top", "update": "phone ? 132 : 58*z"},
        {"name": "colW", "update": "phone ? width : pair ? (width - 28*z)/2 : width*0.57"},
        {"name": "heatH", "update": "phone ? 220 : 210*z"},
        {"name": "heatRows", "update": "60"},
        {"name": "rowH", "update": "phone ? 120 : 130*z"},
        {"name": "blocksN", "update": "max(length(NAMES[0]), length(NAMES[1]))"},
        {"name": "blocksH", "update": "blocksN*15*z"},
        {"name": "runH", "update": "heatH + rowH + (phone ? 194 : 178*z)"},
        {"name": "sideX", "update": "phone || pair ? 0 : colW + 28*z"},
        {"name": "sideY", "update": "phone ? top + B.runs*runH : pair ? top + runH : top"},
        {"name": "sideW", "update": "phone ? width : pair ? colW : width - sideX"},
        {"name": "side2X", "update": "pair && !phone ? colW + 28*z : sideX"},
        {"name": "lossH", "update": "190*z"},
        {"name": "scoreH", "update": "64*z"},
        {"name": "normH", "update": "100*z"},
        {"name": "sampleH", "update": "B.kind == 'series' ? 100*z : (B.runs + 1)*26*z"},
        {"name": "side2Y", "update": "pair && !phone ? sideY : sideY + lossH + scoreH + 112*z"},
        {"name": "sideEnd", "update": "side2Y + normH + sampleH + 112*z"},
        # Norms per parameter: under the one run, or under everything.
        {
            "name": "blocksY",
            "update": "phone ? sideEnd : pair ? max(sideEnd, sideY + lossH + scoreH + 124*z) : top + runH",
        },
        {"name": "end", "update": "max(sideEnd, blocksY + (phone ? B.runs : 1)*(blocksH + 56*z))"},
        # The panels' edges; those of a run's panels for each run.
        {"name": "runX", "update": "[0, phone ? 0 : colW + 28*z]"},
        {"name": "runY", "update": "[top, top + (phone ? runH : 0)]"},
        {"name": "runL", "update": f"[runX[0] + {GUTTER}, runX[1] + {GUTTER}]"},
        {"name": "runR", "update": "[runX[0] + colW - 4, runX[1] + colW - 4]"},
        {"name": "heatT", "update": "[runY[0] + 74*z, runY[1] + 74*z]"},
        {"name": "rowT", "update": "[heatT[0] + heatH + 54*z, heatT[1] + heatH + 54*z]"},
        {"name": "blocksT", "update": "[blocksY + 24*z, blocksY + (phone ? blocksH + 56*z : 0) + 24*z]"},
        {"name": "sideL", "update": f"sideX + {GUTTER}"},
        {"name": "sideR", "update": "sideX + sideW - 4"},
        {"name": "side2L", "update": f"side2X + {GUTTER}"},
        {"name": "side2R", "update": "side2X + sideW - 4"},
        {"name": "lossT", "update": "sideY + 40*z"},
        {"name": "scoreT", "update": "sideY + lossH + 90*z"},
        {"name": "normT", "update": "side2Y + 40*z"},
        {"name": "sampleT", "update": "side2Y + normH + 96*z"},
        {"name": "scrubL", "update": "phone ? 12 : width*0.5"},
        {"name": "scrubR", "update": "width - (B.linkable ? 118*z : 12*z)"},
        {"name": "scrubY", "update": "phone ? 102 : 38*z"},
        # Which moment is looked at: another one only when there are others, not whenever a table is sent again.
        {"name": "last", "update": "B.last"},
        {"name": "moments", "update": "B.moments"},
        {
            "name": "cur",
            "init": "max(B.moments - 1, 0)",
            "on": [
                {
                    "events": [{"signal": "last"}, {"signal": "moments"}],
                    "update": "max(moments - 1, 0)",
                    "force": True,
                },
                *(
                    {"events": key(name), "update": f"{rests} && B.keys ? {update} : cur", "force": True}
                    for name, update in moves
                ),
                {
                    "events": [
                        {"type": "pointerdown", "markname": "scrub_marks"},
                        _DRAG_WINDOW,
                    ],
                    "update": f"{rests} ? {scrubbed} : cur",
                    "force": True,
                },
                {
                    "events": f"@heat_marks:pointerdown, {_DRAG.format('heat')}",
                    "update": f"{rests} ? {to_moment} : cur",
                    "force": True,
                },
            ],
        },
        {
            "name": "R",
            "update": "[(B.live ? 0 : toNumber(ROW[0][cur])), (B.live ? 0 : toNumber(ROW[1][cur]))]",
        },
        {
            "name": "hover",
            "value": None,
            "on": [
                {"events": "@heat_marks:pointermove", "update": hovered},
                {"events": "@heat_marks:pointerout", "update": "null"},
            ],
        },
        # A new picture takes a moment to be decoded, and the mark that holds it is empty until then. So two marks take
        # turns: the one with the last picture stays in sight until the next one has been there for a while.
        *(
            {
                "name": name,
                "init": pictures,
                "on": [{"events": {"signal": "B.n"}, "update": f"B.n % 2 == {half} ? {pictures} : {name}"}],
            }
            for half, name in enumerate(("even", "odd"))
        ),
        {"name": "fresh", "init": "now()", "on": [{"events": {"signal": "B.n"}, "update": "now()"}]},
        {
            "name": "front",
            "init": "B.n % 2",
            "on": [{"events": "timer{30}", "update": "now() - fresh > 120 ? B.n % 2 : front"}],
        },
    ]


_DRAG_WINDOW = {
    "source": "window",
    "type": "pointermove",
    "between": [
        {"type": "pointerdown", "markname": "scrub_marks"},
        {"source": "window", "type": "pointerup"},
    ],
}


def _curve(count: str, x: str, y: str, keep: str = "true", **props: Any) -> Layer:
    """A line for each run. count: of its points, an expression; x, y: of `datum.q` (the run) and `datum.i`."""
    let = {"q": f"floor(datum.k/({count}))", "i": f"datum.k % ({count})", "px": x, "py": y}
    layer = mark("line", rows=f"sequence(B.runs*({count}))", let=let, keep=keep, **props)
    place = {"type": "quantitative", "scale": None}
    encoding = {
        "x": {"field": "px", **place},
        "y": {"field": "py", **place},
        "detail": {"field": "q", "type": "nominal"},
    }
    return {**layer, "encoding": encoding}


def _layers() -> list[Layer]:
    return [
        *_head(),
        *_heat(),
        *_row(),
        *_block_norms(),
        *_loss(),
        *_score(),
        *_norm(),
        *_sample(),
    ]


def _head() -> list[Layer]:
    """The status, the scale of colours, and the scrubber through the kept iterations."""
    legendW = "(phone ? width - 24 : width*0.26)"
    ticks = list(range(scale.LOW, scale.HIGH + 1, 10))
    names = json.dumps([power(tick) for tick in ticks], ensure_ascii=False)
    left = f"(phone ? 8 : {legendW} + 36*z)"
    specials = (("B.s_zero", "B.zero"), ("B.s_infinite", "B.infinite_colour"), ("'NaN'", "B.nan_colour"))
    rests = "!B.live && B.moments > 1"
    place = "scrubL + (scrubR - scrubL)*cur/max(1, B.moments - 1)"
    pin = {
        "name": "pin",
        "select": {"type": "point", "fields": ["pinned"], "on": "@pin_marks:click", "toggle": False, "clear": False},
    }
    button = {"x": "width - 102*z", "x2": "width", "y": "scrubY - 15*z", "y2": "scrubY + 15*z"}
    return [
        text(text="B.status", x="2", y="9*z", align="'left'", fontSize="13*z", limit="width - 4", name="status"),
        mark(
            "image",
            x=f"10 + {legendW}/2",
            y="30*z",
            url="B.legend",
            width=legendW,
            height="10*z",
            aspect=False,
            smooth=False,
        ),
        text(
            rows=str(ticks),
            text=f"{names}[indexof({ticks}, datum.k)]",
            x=f"10 + (datum.k - ({scale.LOW}) + 0.125)*4/{scale.STEPS}*{legendW}",
            y="45*z",
            fontSize="10.5*z",
            fill="soft",
        ),
        *(
            layer
            for at, (label, colour) in enumerate(specials)
            for layer in (
                rect(
                    x=f"{left} + {at}*76*z",
                    x2=f"{left} + {at}*76*z + 10*z",
                    y="phone ? 56 : 25*z",
                    y2="phone ? 66 : 35*z",
                    fill=colour,
                ),
                text(
                    text=label,
                    x=f"{left} + {at}*76*z + 15*z",
                    y="phone ? 61 : 30*z",
                    align="'left'",
                    fontSize="10.5*z",
                    fill="soft",
                    limit="60*z",
                ),
            )
        ),
        rule(when=rests, x="scrubL", x2="scrubR", y="scrubY", y2="scrubY", strokeWidth=4, strokeCap="'round'"),
        rule(when=rests, x="scrubL", x2=place, y="scrubY", y2="scrubY", stroke="now", strokeWidth=4),
        shape("'circle'", when=rests, x=place, y="scrubY", size="220*z", fill="now"),
        rect(
            name="scrub",
            when=rests,
            x="scrubL - 10",
            x2="scrubR + 10",
            y="scrubY - 18",
            y2="scrubY + 18",
            fill="paper",
            opacity=0,
            cursor="'pointer'",
        ),
        text(
            name="caption",
            when=rests,
            text="B.s_iteration + ' ' + format(moment[cur], ',') + ' / ' + format(B.last, ',')",
            x="(scrubL + scrubR)/2",
            y="scrubY - 20*z",
            fontSize="12*z",
            fontWeight="'bold'",
            fill="now",
        ),
        rect(when=f"B.linkable && {rests}", **button, cornerRadius=7, fill="paper", stroke="line"),
        text(
            when=f"B.linkable && {rests}",
            text="B.s_pin",
            x="width - 51*z",
            y="scrubY",
            fontSize="11.5*z",
            limit="96*z",
        ),
        rect(
            name="pin",
            when=f"B.linkable && {rests}",
            let={"pinned": "toNumber(moment[cur])"},
            params=[pin],
            **button,
            fill="paper",
            opacity=0,
            cursor="'pointer'",
            tooltip="B.s_pin_help",
        ),
    ]


def _heat() -> list[Layer]:
    """Per run its name, and the heatmap: one row an iteration, one column a time step."""
    q: dict[str, Any] = {"rows": RUNS, "let": {"q": "datum.k"}}
    # Each hangs on the row that never changes: a mark that is made anew would have to decode its picture again.
    images = [
        mark(
            "image",
            let={"q": str(run), "count": f"{name}.rows[{run}]", "high": "heatH/max(datum.count, heatRows)*datum.count"},
            keep=f"B.runs > {run} && datum.count > 0",
            x=_HEAT.x("0.5"),
            y=f"{_HEAT.top} + datum.high/2",
            url=f"{name}.url[{run}]",
            width=f"{_HEAT.right} - {_HEAT.left}",
            height="datum.high",
            aspect=False,
            smooth=False,
            opacity=f"front == {half} ? 1 : 0",
        )
        for half, name in enumerate(("even", "odd"))
        for run in (0, 1)
    ]
    row = "heatH/max(RUNS[datum.q].R, heatRows)"
    value = "(hover ? F[hover.q][(hover.r - RUNS[hover.q].from)*RUNS[hover.q].T + hover.k] : '')"
    return [
        text(
            **q,
            text="RUNS[datum.q].name",
            x=f"{_RUN_X} + 2",
            y=f"{_RUN_Y} + 8*z",
            align="'left'",
            fontSize="14*z",
            fontWeight="'bold'",
            fill=_LINE_COLOUR,
            limit="colW - 8",
        ),
        text(
            **q,
            text="RUNS[datum.q].note",
            x=f"{_RUN_X} + colW - 4",
            y=f"{_RUN_Y} + 8*z",
            align="'right'",
            fontSize="12*z",
            fontWeight="'bold'",
            fill="badColour",
            limit="colW*0.7",
        ),
        text(
            **q,
            keep="RUNS[datum.q].R > 0",
            name="said",
            text=f"split(SAID[datum.q][{_SENT}], '\\n')",
            x=f"{_RUN_X} + 2",
            y=f"{_RUN_Y} + 24*z",
            align="'left'",
            fontSize="11.5*z",
            lineHeight="15*z",
            fill="soft",
            limit="colW - 8",
        ),
        *_HEAT.frame("B.s_iteration + ' ↓'", **q),
        *images,
        text(
            rows="sequence(B.runs*3)",
            let={
                "q": "floor(datum.k/3)",
                "i": "datum.k % 3",
                "r": "round(datum.i/2*(RUNS[datum.q].R - 1))",
            },
            keep="RUNS[datum.q].R > 8 || (datum.i == 2 && RUNS[datum.q].R > 0)",
            text="ITER[datum.q][datum.r]",
            x=f"{_HEAT.left} - 6*z",
            y=f"{_HEAT.top} + (datum.r + 0.5)*{row}",
            align="'right'",
            fontSize="10.5*z",
            fontWeight="datum.i == 2 ? 'bold' : 'normal'",
            fill="datum.i == 2 ? ink : soft",
        ),
        text(
            **q,
            keep="RUNS[datum.q].R == 0",
            text="B.s_none_yet",
            x=_HEAT.x("0.5"),
            y=_HEAT.y("0.5"),
            fontSize="13*z",
            fill="soft",
            limit="colW - 60*z",
        ),
        *_under(_HEAT),
        rect(
            **q,
            keep="!B.live && RUNS[datum.q].R > 0",
            x=f"{_HEAT.left} - 1",
            x2=f"{_HEAT.right} + 1",
            y=f"{_HEAT.top} + {_SENT}*{row} - 1",
            y2=f"{_HEAT.top} + ({_SENT} + 1)*{row} + 1",
            fill="now",
            fillOpacity=0,
            stroke="now",
            strokeWidth=1.6,
        ),
        rect(
            name="heat",
            **q,
            x=_HEAT.left,
            x2=_HEAT.right,
            y=_HEAT.top,
            y2=_HEAT.bottom,
            fill="paper",
            opacity=0,
            cursor="B.live ? 'default' : 'row-resize'",
        ),
        text(
            **q,
            keep="hover && hover.q == datum.q && RUNS[datum.q].R > 0",
            text="B.s_iteration + ' ' + ITER[hover.q][hover.r] + '  ·  k = ' + (hover.k + 1) + "
            f"({value} ? '  ·  ' + ({_size(value)}) : '')",
            x=_HEAT.right,
            y=f"{_HEAT.top} - 13*z",
            align="'right'",
            font=MONO,
            fontSize="11.5*z",
        ),
    ]


def _under(panel: _Panel) -> list[Layer]:
    """Time steps, 1 to T, under a panel of a run; the steps where the loss enters are underlined."""
    ends: dict[str, Any] = {
        "rows": RUNS,
        "let": {"q": "datum.k"},
        "y": f"{panel.bottom} + 12*z",
        "fontSize": "10.5*z",
        "fill": "soft",
    }
    at = panel.x("RUNS[datum.q].lossFrom/RUNS[datum.q].T")
    return [
        text(text="'k = 1'", x=panel.left, align="'left'", **ends),
        text(text="'' + RUNS[datum.q].T", x=panel.right, align="'right'", **ends),
        text(text="B.s_step", x=panel.x("0.5"), limit="colW*0.6", **ends),
        rule(
            rows=RUNS,
            let={"q": "datum.k"},
            x=f"min({at}, {panel.right} - 7*z)",
            x2=panel.right,
            y=f"{panel.bottom} + 2.5",
            y2=f"{panel.bottom} + 2.5",
            stroke="yColour",
            strokeWidth=4,
        ),
    ]


def _row() -> list[Layer]:
    """The row that is looked at as a line, its slope, the theory's slope, and where the loss enters."""
    q: dict[str, Any] = {"rows": RUNS, "let": {"q": "datum.k"}}
    T = "max(RUNS[0].T, RUNS[B.runs - 1].T)"
    entry = f"F[datum.q][{_SENT}*RUNS[datum.q].T + datum.i]"
    part = "(clamp({}, B.low, B.high) - B.low)/(B.high - B.low)"
    there = "datum.i < RUNS[datum.q].T && RUNS[datum.q].R > 0"

    def line(slopes: str) -> dict[str, Any]:
        slope, end = f"toNumber({slopes}[datum.q][{_SENT}])", f"toNumber(END[datum.q][{_SENT}])"
        # Where the line leaves the panel at the left, it ends.
        let = {
            "q": "datum.k",
            "s": slope,
            "e": end,
            "far": "datum.s*(RUNS[datum.q].T - 1)",
            "room": "(datum.far < 0 ? B.low : B.high) - datum.e",
            "part": "datum.far == 0 ? 1 : min(1, datum.room/datum.far)",
        }
        return {
            "rows": RUNS,
            "let": let,
            "keep": f"RUNS[datum.q].R > 0 && isFinite(datum.s) && isFinite(datum.e)"
            f" && {slopes}[datum.q][{_SENT}] != 'n' && END[datum.q][{_SENT}] != 'n'",
            "x": _ROW.x("1 - 0.5/RUNS[datum.q].T"),
            "x2": _ROW.x("1 - 0.5/RUNS[datum.q].T - datum.part*(1 - 1/RUNS[datum.q].T)"),
            "y": _ROW.y(part.format("datum.e")),
            "y2": _ROW.y(part.format("(datum.e + datum.part*datum.far)")),
        }

    signed = "(toNumber({0}) > 0 ? '+' : '') + format(toNumber({0}), '.3f')"
    sloped = {name: f"{name}[datum.q][{_SENT}]" for name in ("SLOPE", "THEORY")}
    written = {name: f"({at} == 'n' || !{at} ? '–' : {signed.format(at)})" for name, at in sloped.items()}
    tick: dict[str, Any] = {
        "rows": "sequence(B.runs*length(rowTicks))",
        "let": {"q": "floor(datum.k/length(rowTicks))", "i": "datum.k % length(rowTicks)"},
    }
    high = _ROW.y("toNumber(rowTicks[datum.i])")
    return [
        *_ROW.frame("B.live || B.moments == 0 ? B.s_newest : replace(B.s_row_at, '{iteration}', moment[cur])", **q),
        rule(**tick, x=_ROW.left, x2=_ROW.right, y=high, y2=high, strokeWidth=0.6),
        text(
            **tick,
            text="rowNames[datum.i]",
            x=f"{_ROW.left} - 6*z",
            y=high,
            align="'right'",
            fontSize="10.5*z",
            fill="soft",
        ),
        *_under(_ROW),
        rule(**line("THEORY"), stroke="soft", strokeWidth=2, strokeDash=[6, 4]),
        rule(**line("SLOPE"), stroke="now", strokeWidth=1.4),
        _curve(
            T,
            _ROW.x("(datum.i + 0.5)/RUNS[datum.q].T"),
            _ROW.y(part.format(f"toNumber({entry})")),
            f"{there} && isFinite(toNumber({entry}))",
            stroke=_LINE_COLOUR,
            strokeWidth="2.2*z",
        ),
        # What has no logarithm: zero at the bottom, infinity and NaN at the top.
        rect(
            rows=f"sequence(B.runs*{T})",
            let={"q": f"floor(datum.k/{T})", "i": f"datum.k % {T}", "v": entry},
            keep=f"{there} && indexof(['z','i','n'], datum.v) >= 0",
            x=_ROW.x("datum.i/RUNS[datum.q].T"),
            x2=_ROW.x("(datum.i + 1)/RUNS[datum.q].T"),
            y=f"datum.v == 'z' ? {_ROW.bottom} - 7*z : {_ROW.top}",
            y2=f"datum.v == 'z' ? {_ROW.bottom} : {_ROW.top} + 7*z",
            fill="datum.v == 'z' ? B.zero : datum.v == 'i' ? B.infinite_colour : B.nan_colour",
        ),
        text(
            **q,
            keep="RUNS[datum.q].R > 0",
            name="slope",
            text=f"B.s_measured + ' ' + {written['SLOPE']}",
            x=_ROW.left,
            y=f"{_ROW.bottom} + 29*z",
            align="'left'",
            fontSize="12*z",
            fontWeight="'bold'",
            fill="now",
            limit="phone ? colW : colW*0.5",
        ),
        text(
            **q,
            keep="RUNS[datum.q].R > 0",
            text=f"B.s_theory + ' ' + {written['THEORY']}",
            x=f"phone ? {_ROW.left} : {_ROW.x('0.5')}",
            y=f"{_ROW.bottom} + (phone ? 45 : 29*z)",
            align="'left'",
            fontSize="12*z",
            fill="soft",
            limit="phone ? colW : colW*0.42",
        ),
    ]


def _block_norms() -> list[Layer]:
    """The gradient of each parameter, before and after clipping."""
    each = {"q": "floor(datum.k/blocksN)", "i": "datum.k % blocksN", "n": "length(NAMES[datum.q])"}
    at = f"[datum.q][{_SENT}*datum.n + datum.i]"
    rows: dict[str, Any] = {
        "rows": "sequence(B.runs*blocksN)",
        "let": {
            **each,
            "b": f"BEFORE{at}",
            "a": f"AFTER{at}",
            "y": f"{_BLOCKS.top} + (datum.i + 0.5)*15*z",
        },
    }
    there = "datum.i < datum.n && datum.b && RUNS[datum.q].R > 0"
    ticks = list(range(BLOCK_LOW, BLOCK_HIGH + 1, 6))
    count = len(ticks)
    names = json.dumps([power(tick) for tick in ticks], ensure_ascii=False)
    span = BLOCK_HIGH - BLOCK_LOW
    return [
        text(
            rows=RUNS,
            let={"q": "datum.k"},
            text="B.s_blocks",
            x=f"{_RUN_X} + 2",
            y=f"{_BLOCKS.top} - 15*z",
            align="'left'",
            fontSize="12.5*z",
            fontWeight="'bold'",
            fill="soft",
            limit="colW - 8",
        ),
        rule(
            rows=f"sequence(B.runs*{count})",
            let={"q": f"floor(datum.k/{count})", "i": f"datum.k % {count}"},
            x=_BLOCKS.x(f"datum.i*6/{span}"),
            x2=_BLOCKS.x(f"datum.i*6/{span}"),
            y=_BLOCKS.top,
            y2=_BLOCKS.bottom,
            strokeWidth=0.6,
        ),
        text(
            rows=f"sequence(B.runs*{count})",
            let={"q": f"floor(datum.k/{count})", "i": f"datum.k % {count}"},
            text=f"{names}[datum.i]",
            x=_BLOCKS.x(f"datum.i*6/{span}"),
            y=f"{_BLOCKS.bottom} + 10*z",
            align="datum.i == 0 ? 'left' : datum.i == 3 ? 'right' : 'center'",
            fontSize="10.5*z",
            fill="soft",
        ),
        text(
            **{**rows, "keep": "datum.i < datum.n"},
            text="NAMES[datum.q][datum.i]",
            x=f"{_BLOCKS.left} - 6*z",
            y="datum.y",
            align="'right'",
            fontSize="11*z",
            fill="soft",
        ),
        rule(
            **rows,
            keep=there,
            x=_BLOCKS.x("toNumber(datum.a)"),
            x2=_BLOCKS.x("toNumber(datum.b)"),
            y="datum.y",
            y2="datum.y",
            stroke="now",
            strokeWidth=2,
        ),
        mark(
            "point",
            **rows,
            keep=there,
            shape="'circle'",
            x=_BLOCKS.x("toNumber(datum.b)"),
            y="datum.y",
            size="46*z",
            filled=False,
            stroke="soft",
            strokeWidth=1.6,
            opacity=1,
        ),
        shape("'circle'", **rows, keep=there, x=_BLOCKS.x("toNumber(datum.a)"), y="datum.y", size="46*z", fill="now"),
    ]


def _loss() -> list[Layer]:
    count = "max(length(TX[0]), length(TX[1]))"
    seen = "max(length(UX[0]), length(UX[1]))"
    baseline = _LOSS.y("RUNS[datum.k].baseline")
    at = f"toNumber(AX[datum.q][{_SENT}])"
    q: dict[str, Any] = {"rows": RUNS, "let": {"q": "datum.k"}}
    return [
        *_LOSS.frame("B.s_loss"),
        *_LOSS.ticks("lossTicks", "lossNames", when="B.last > 0"),
        *_LOSS.iterations(),
        _curve(
            count,
            _LOSS.x("toNumber(TX[datum.q][datum.i])"),
            _LOSS.y("toNumber(TY[datum.q][datum.i])"),
            "datum.i < length(TX[datum.q]) && TX[datum.q][datum.i] != ''",
            stroke=_LINE_COLOUR,
            strokeWidth=1,
            strokeOpacity=0.45,
        ),
        _curve(
            seen,
            _LOSS.x("toNumber(UX[datum.q][datum.i])"),
            _LOSS.y("toNumber(UY[datum.q][datum.i])"),
            "datum.i < length(UX[datum.q]) && UX[datum.q][datum.i] != ''",
            stroke=_LINE_COLOUR,
            strokeWidth="2.4*z",
        ),
        rule(
            rows=RUNS,
            x=_LOSS.left,
            x2=_LOSS.right,
            y=baseline,
            y2=baseline,
            stroke="ink",
            strokeWidth=1.2,
            strokeDash=[5, 4],
        ),
        # Where a run broke off.
        rule(
            **q,
            keep="RUNS[datum.q].broken >= 0",
            x=_LOSS.x("RUNS[datum.q].broken"),
            x2=_LOSS.x("RUNS[datum.q].broken"),
            y=_LOSS.top,
            y2=_LOSS.bottom,
            stroke="badColour",
            strokeWidth=2,
            strokeDash=[2, 3],
        ),
        text(
            **q,
            keep="RUNS[datum.q].broken >= 0",
            text="'✕'",
            x=_LOSS.x("RUNS[datum.q].broken"),
            y=f"{_LOSS.top} - 1",
            fontSize="15*z",
            fontWeight="'bold'",
            fill="badColour",
        ),
        shape(
            "'circle'",
            **q,
            keep="RUNS[datum.q].R > 0",
            x=_LOSS.x(at),
            y=_LOSS.y(f"toNumber(AY[datum.q][{_SENT}])"),
            size="70*z",
            fill="now",
        ),
        text(
            text="B.s_train + ' ' + format(RUNS[0].baselineIs, '.3~f')",
            x=_LOSS.right,
            y=f"{_LOSS.top} - 15*z",
            align="'right'",
            fontSize="11*z",
            fill="soft",
            limit="sideW*0.8",
        ),
    ]


def _score() -> list[Layer]:
    seen = "max(length(UX[0]), length(UX[1]))"
    chance = _SCORE.y("RUNS[0].chance")
    return [
        *_SCORE.frame("B.s_score"),
        *_SCORE.ticks("[0, 0.5, 1]", "['0', '50%', '100%']"),
        rule(x=_SCORE.left, x2=_SCORE.right, y=chance, y2=chance, stroke="ink", strokeWidth=1.2, strokeDash=[5, 4]),
        text(
            text="B.s_chance + ' ' + format(RUNS[0].chance, '.0%')",
            x=_SCORE.right,
            y=f"{_SCORE.top} - 15*z",
            align="'right'",
            fontSize="11*z",
            fill="soft",
        ),
        _curve(
            seen,
            _SCORE.x("toNumber(UX[datum.q][datum.i])"),
            _SCORE.y("toNumber(SY[datum.q][datum.i])"),
            "datum.i < length(UX[datum.q]) && UX[datum.q][datum.i] != ''",
            stroke=_LINE_COLOUR,
            strokeWidth="2.4*z",
        ),
    ]


def _norm() -> list[Layer]:
    """The whole gradient's norm, and the iterations in which it was clipped."""
    count = "max(length(TX[0]), length(TX[1]))"
    clips = "max(length(CLIP[0]), length(CLIP[1]))"
    return [
        *_NORM.frame("B.s_norm"),
        *_NORM.ticks("normTicks", "normNames", when="B.last > 0"),
        *_NORM.iterations(),
        _curve(
            count,
            _NORM.x("toNumber(TX[datum.q][datum.i])"),
            _NORM.y("toNumber(NY[datum.q][datum.i])"),
            "datum.i < length(TX[datum.q]) && TX[datum.q][datum.i] != ''",
            stroke=_LINE_COLOUR,
            strokeWidth=1.2,
        ),
        rule(
            rows=f"sequence(B.runs*{clips})",
            let={"q": f"floor(datum.k/{clips})", "i": f"datum.k % {clips}", "at": "CLIP[datum.q][datum.i]"},
            keep="datum.i < length(CLIP[datum.q]) && datum.at != ''",
            x=_NORM.x("toNumber(datum.at)"),
            x2=_NORM.x("toNumber(datum.at)"),
            y=f"{_NORM.bottom} - (datum.q + 1)*7*z",
            y2=f"{_NORM.bottom} - datum.q*7*z",
            stroke="now",
            strokeWidth=1,
            strokeOpacity=0.7,
        ),
        text(
            text="B.s_clipped",
            x=_NORM.right,
            y=f"{_NORM.top} - 15*z",
            align="'right'",
            fontSize="11*z",
            fill="now",
            limit="sideW*0.5",
        ),
    ]


def _sample() -> list[Layer]:
    """What the model gives for one sequence that it never trained on, beside what is asked for."""
    n = "RUNS[0].asked"
    at = f"{_SENT}*{n} + datum.i"
    there = "RUNS[datum.q].R > 0"
    line = f"{_SAMPLE.top} + {{}}*26*z + 13*z"
    cell = f"({_SAMPLE.right} - {_SAMPLE.left})/{n}"
    word_x = f"{_SAMPLE.left} + (datum.i + 0.5)*{cell}"
    size = f"clamp({cell}*0.62, 8, 13)*z"
    q: dict[str, Any] = {"rows": RUNS, "let": {"q": "datum.k"}}
    both: dict[str, Any] = {"rows": f"sequence(B.runs*{n})", "let": {"q": f"floor(datum.k/{n})", "i": f"datum.k % {n}"}}
    words: dict[str, Any] = {
        **both,
        "let": {**both["let"], "word": f"OUT[datum.q][{at}]", "right": "datum.word == TRUTH[0][datum.i]"},
    }
    classes, number, series = (f"B.kind == '{kind}'" for kind in ("classes", "number", "series"))
    return [
        text(
            text="B.s_sample",
            x="side2X + 2",
            y=f"{_SAMPLE.top} - 15*z",
            align="'left'",
            fontSize="12.5*z",
            fontWeight="'bold'",
            fill="soft",
            limit="sideW - 8",
        ),
        *(
            text(
                when=f"!({series})",
                rows=rows,
                text=label,
                x="side2X + 2",
                y=line.format(place),
                align="'left'",
                fontSize="11*z",
                fill=colour,
                limit="44*z",
            )
            for rows, label, place, colour in (
                ("one", "B.s_truth", "0", "ink"),
                (
                    RUNS,
                    "pair ? RUNS[datum.k].name : B.s_output",
                    "(datum.k + 1)",
                    _LINE_COLOUR.replace("datum.q", "datum.k"),
                ),
            )
        ),
        # One number: a mark on a line.
        rule(
            when=number,
            rows="sequence(B.runs + 1)",
            x=_SAMPLE.left,
            x2=_SAMPLE.right,
            y=line.format("datum.k"),
            y2=line.format("datum.k"),
        ),
        shape(
            RIGHT_ARROW.replace("M-1,-1L1,0L-1,1Z", "M0,-1L1,0L0,1L-1,0Z"),
            when=number,
            x=_SAMPLE.x("toNumber(TRUTH[0][0])"),
            y=line.format("0"),
            size="120*z",
            fill="ink",
        ),
        text(
            when=number,
            text="TRUTHIS[0][0]",
            x=_SAMPLE.x("toNumber(TRUTH[0][0])") + " + 12*z",
            y=line.format("0") + " - 9*z",
            align="'left'",
            fontSize="11*z",
        ),
        shape(
            "'circle'",
            when=number,
            **q,
            keep=there,
            x=_SAMPLE.x(f"toNumber(OUT[datum.q][{_SENT}])"),
            y=line.format("(datum.q + 1)"),
            size="110*z",
            fill=_LINE_COLOUR,
        ),
        text(
            when=number,
            **q,
            keep=there,
            text=f"OUTIS[datum.q][{_SENT}]",
            x=_SAMPLE.x(f"toNumber(OUT[datum.q][{_SENT}])") + " + 12*z",
            y=line.format("(datum.q + 1)") + " - 9*z",
            align="'left'",
            fontSize="11*z",
            fill=_LINE_COLOUR,
        ),
        # Classes: one after the other; what is right is calm.
        text(
            when=classes,
            rows=f"sequence({n})",
            let={"i": "datum.k"},
            text="TRUTH[0][datum.i]",
            x=word_x,
            y=line.format("0"),
            fontSize=size,
            limit=f"{cell} - 1",
        ),
        rect(
            when=classes,
            **words,
            keep=there,
            x=f"{_SAMPLE.left} + datum.i*{cell}",
            x2=f"{_SAMPLE.left} + (datum.i + 1)*{cell} - 1",
            y=line.format("(datum.q + 1)") + " - 11*z",
            y2=line.format("(datum.q + 1)") + " + 11*z",
            fill=_LINE_COLOUR,
            fillOpacity=f"0.3*toNumber(OUTIS[datum.q][{at}])",
        ),
        text(
            when=classes,
            **words,
            keep=there,
            text="datum.word",
            x=word_x,
            y=line.format("(datum.q + 1)"),
            fontSize=size,
            fontWeight="datum.right ? 'normal' : 'bold'",
            fill="datum.right ? ink : badColour",
            limit=f"{cell} - 1",
        ),
        # A series of numbers: two lines.
        _curve(
            n,
            _SAMPLE.x("(datum.i + 0.5)/" + n),
            _SAMPLE.y("toNumber(TRUTH[0][datum.i])"),
            f"datum.q == 0 && {series}",
            stroke="ink",
            strokeWidth=1.4,
            strokeDash=[4, 3],
        ),
        _curve(
            n,
            _SAMPLE.x("(datum.i + 0.5)/" + n),
            _SAMPLE.y(f"toNumber(OUT[datum.q][{at}])"),
            f"{there} && {series}",
            stroke=_LINE_COLOUR,
            strokeWidth="2.2*z",
        ),
        text(
            when=series,
            text="B.s_truth + '  - - -'",
            x=_SAMPLE.right,
            y=f"{_SAMPLE.top} - 15*z",
            align="'right'",
            fontSize="11*z",
            fill="soft",
        ),
    ]


def _size(log: str) -> str:
    """An expression that writes a norm from its log10, or from the letter of what has none."""
    special: Mapping[str, str] = {"z": "0", "i": "∞", "n": "NaN"}
    found = json.dumps(special, ensure_ascii=False)
    return f"indexof(['z','i','n'], {log}) >= 0 ? ({found})[{log}] : '10^' + format(toNumber({log}), '.2f')"


@cache
def _spec() -> str:
    """The constant part: Vega-Lite, as JSON."""
    anchors = [
        {
            "data": {"name": name},
            "transform": [{"filter": "false"}],
            "mark": {"type": "point", "aria": False},
            "encoding": {},
        }
        for name in ("bundle", "runs")
    ]
    spec = {
        "$schema": alt.SCHEMA_URL,
        "width": WIDTH,
        "autosize": {"type": "none"},
        "padding": {"left": 0, "right": 0, "top": 0, "bottom": 0},
        "params": [{"name": "height", "expr": "end + 6"}],
        "layer": [*anchors, *_layers()],
        "config": {
            "events": {"defaults": {"prevent": False}},
            "view": {"stroke": None},
            "signals": _signals(),
        },
    }
    return json.dumps(spec, ensure_ascii=False)
