"""What the charts of the gradient lab share: one row of data, a plot's rectangle with its axes, and lines on it.

Like the stage they are drawn in pixels by expressions (`draw`), and their specification never changes: a page that has
one on screen only swaps its row for the next, and what is chosen in the browser stays chosen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from rnnviz.charts import palette
from rnnviz.charts.bundle import Row
from rnnviz.charts.draw import Layer, Signal, mark, rect, rule, shape, text
from rnnviz.charts.gradient_scale import AXIS, HIGH, LOW, STEPS, colours
from rnnviz.charts.player import key
from rnnviz.charts.stage import WIDTH, Stage

Labels = Mapping[str, str]


class Lab(Stage):
    """One chart of the lab: its row of data, and the function that writes its specification."""

    specify: Callable[[], str]

    def __init__(self, row: Row, specify: Callable[[], str]) -> None:
        super().__init__({"bundle": [row]})
        object.__setattr__(self, "specify", specify)

    def copy(self, deep: bool | Iterable[Any] = True, ignore: list[str] | None = None) -> Lab:
        made = Lab(self.tables["bundle"][0], self.specify)
        made._kwds.update(self._kwds)
        return made

    def to_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        chosen = {} if self.width is alt.Undefined else {"width": self.width}
        return {**json.loads(self.specify()), **chosen, "datasets": self.tables}


def row(labels: Labels, texts: Sequence[str], /, *, zoom: float = 1.0, **values: Any) -> Row:
    """The one row of a chart: its values, and the texts `lab.<name>` that it shows."""
    return {"zoom": zoom, "linkable": True, **values, **{f"s_{name}": labels[f"lab.{name}"] for name in texts}}


_COLOURS = {
    "paper": palette.PAPER,
    "ink": palette.INK,
    "soft": palette.SOFT,
    "line": palette.LINE,
    "now": palette.NOW,
    "positive": palette.POSITIVE,
    "zeroColour": palette.ZERO,
    "infColour": palette.INFINITE,
    "nanColour": palette.NOT_A_NUMBER,
    "hColour": palette.SYMBOLS["h"],
    "cColour": palette.SYMBOLS["c"],
    **{f"{name}Colour": pair for name, pair in palette.NETWORKS.items()},
}


def specification(signals: Sequence[Signal], layers: Sequence[Layer], height: str) -> str:
    """The constant part as JSON. `height` is an expression in px; `B` the row, `z` the zoom, `phone` a narrow page."""
    base: list[Signal] = [
        {"name": "B", "update": "data('bundle')[0]"},
        {"name": "dark", "update": "luminance(background) < 0.5"},
        *({"name": n, "update": f"dark ? '{pair.dark}' : '{pair.light}'"} for n, pair in _COLOURS.items()),
        {"name": "flow", "update": f"dark ? {colours(True)} : {colours(False)}"},
        {"name": "nets", "update": "[rnnColour, lstmColour, gruColour]"},
        {"name": "phone", "update": "width < 640"},
        {"name": "z", "update": "phone ? 1 : B.zoom * (width > 1600 ? 1.2 : 1)"},
    ]
    spec = {
        "$schema": alt.SCHEMA_URL,
        "width": WIDTH,
        "autosize": {"type": "none"},
        "padding": {"left": 0, "right": 0, "top": 0, "bottom": 0},
        "params": [{"name": "height", "expr": height}],
        "layer": [mark("point", rows="bundle", keep="false", aria=False), *layers],
        "config": {
            "events": {"defaults": {"prevent": False}},
            "view": {"stroke": None},
            "signals": [*base, *signals],
        },
    }
    return json.dumps(spec, ensure_ascii=False)


def stepped(name: str, start: str, most: str, *, less: str, more: str, also: Sequence[Any] = ()) -> Signal:
    """A whole number from 0 to `most` that two keys move, and that begins again when `start` changes."""
    return {
        "name": name,
        "init": start,
        "on": [
            {"events": {"signal": start}, "update": start},
            {"events": {"signal": most}, "update": f"clamp({name}, 0, {most})", "force": True},
            {"events": key(less), "update": f"max({name} - 1, 0)"},
            {"events": key(more), "update": f"min({name} + 1, {most})"},
            *also,
        ],
    }


def slider(name: str, start: str, most: str, left: str, right: str) -> list[Signal]:
    """The signal of a whole number from 0 to `most` that is dragged between two places and moved by ← and →."""
    drag = f"[@{name}_slide_marks:pointerdown, window:pointerup] > window:pointermove, @{name}_slide_marks:pointerdown"
    place = f"clamp(round((x() - {name}L)/max(1, {name}R - {name}L)*{most}), 0, {most})"
    return [
        {"name": f"{name}L", "update": left},
        {"name": f"{name}R", "update": right},
        stepped(name, start, most, less="ArrowLeft", more="ArrowRight", also=[{"events": drag, "update": place}]),
    ]


def track(name: str, most: str, y: str, label: str) -> list[Layer]:
    """What is dragged, and what it stands at: `label` is an expression."""
    here = f"{name}L + {name}/max(1, {most})*({name}R - {name}L)"
    return [
        rule(x=f"{name}L", x2=f"{name}R", y=y, y2=y, strokeWidth=4, strokeCap="'round'"),
        rule(x=f"{name}L", x2=here, y=y, y2=y, stroke="now", strokeWidth=4),
        shape("'circle'", x=here, y=y, size="240*z", fill="now"),
        rect(
            name=f"{name}_slide",
            x=f"{name}L - 14",
            x2=f"{name}R + 14",
            y=f"{y} - 18",
            y2=f"{y} + 18",
            fill="paper",
            opacity=0,
            cursor="'ew-resize'",
        ),
        text(
            name="caption",
            text=label,
            x=f"phone ? {name}L : {name}R + 22*z",
            y=f"phone ? {y} + 28 : {y}",
            align="'left'",
            fontSize="15*z",
            fontWeight="'bold'",
            fill="now",
        ),
    ]


def pin(fields: Mapping[str, str], x: str, y: str) -> list[Layer]:
    """The press that asks the page to put what is chosen here into its link; `fields` are selected, by name."""
    x, y = f"({x})", f"({y})"  # each may be a choice
    box = {"x": f"{x} - 104*z", "x2": x, "y": f"{y} - 14*z", "y2": f"{y} + 14*z", "when": "B.linkable"}
    select = {"type": "point", "fields": list(fields), "on": "@pin_marks:click", "toggle": False, "clear": False}
    return [
        rect(**box, cornerRadius=7, fill="paper", stroke="line"),
        text(when="B.linkable", text="B.s_pin", x=f"{x} - 52*z", y=y, fontSize="11.5*z", limit="96*z"),
        rect(
            **box,
            name="pin",
            let=dict(fields),
            params=[{"name": "pin", "select": select}],
            fill="paper",
            opacity=0,
            cursor="'pointer'",
            tooltip="B.s_pin_help",
        ),
    ]


@dataclass(frozen=True)
class Panel:
    """A plot's rectangle. Its edges are the signals `<name>L`, `<name>R`, `<name>T` and `<name>B`."""

    name: str

    def signals(self, left: str, right: str, top: str, bottom: str) -> list[Signal]:
        edges = zip("LRTB", (left, right, top, bottom), strict=True)
        return [{"name": self.name + edge, "update": update} for edge, update in edges]

    def x(self, part: str) -> str:
        """Where a part of the width lies, 0 left and 1 right."""
        return f"({self.name}L + ({part})*({self.name}R - {self.name}L))"

    def y(self, part: str) -> str:
        """Where a part of the height lies, 0 at the bottom and 1 at the top."""
        return f"({self.name}B - ({part})*({self.name}B - {self.name}T))"

    def log_y(self, value: str, low: float = LOW, high: float = AXIS) -> str:
        """Where a log10 lies on an axis from `low` to `high`; what is beyond stands at the end."""
        return self.y(f"(clamp({value}, {low}, {high}) - ({low}))/(({high}) - ({low}))")

    def title(self, label: str, **props: Any) -> Layer:
        return text(
            text=label,
            x=f"{self.name}L",
            y=f"{self.name}T - 16*z",
            align="'left'",
            fontSize="12.5*z",
            fontWeight="'bold'",
            limit=f"{self.name}R - {self.name}L",
            **{"fill": "soft", **props},
        )

    def ticks(self, values: Sequence[float], low: float, high: float, names: Sequence[str] = ()) -> list[Layer]:
        """Lines across and their labels at values of a plain axis."""
        written = json.dumps(list(names or [f"{value:g}" for value in values]), ensure_ascii=False)
        rows: dict[str, Any] = {
            "rows": str(list(values)),
            "let": {"y": self.log_y("datum.k", low, high)},
        }
        return [
            rule(**rows, x=f"{self.name}L", x2=f"{self.name}R", y="datum.y", y2="datum.y", strokeWidth=0.7),
            text(
                **rows,
                text=f"{written}[indexof({list(values)}, datum.k)]",
                x=f"{self.name}L - 6*z",
                y="datum.y",
                align="'right'",
                fontSize="10.5*z",
                fill="soft",
            ),
        ]

    def decades(self, low: int = LOW, high: int = AXIS, every: int = 10) -> list[Layer]:
        """Lines across and their labels at powers of ten, and the two axes."""
        exponents = list(range(low, high + 1, every))
        return self.ticks(exponents, low, high, [power(exponent) for exponent in exponents])

    def steps(self, count: str, label: str, first: str = "1", **props: Any) -> list[Layer]:
        """What is written under the horizontal axis: its first and last number and its name between."""
        under = f"{self.name}B + 12*z"
        ends = {"y": under, "fontSize": "10.5*z", "fill": "soft", **props}
        return [
            text(text=f"'' + ({first})", x=f"{self.name}L", align="'left'", **ends),
            text(text=f"'' + ({count})", x=f"{self.name}R", align="'right'", **ends),
            text(text=label, x=self.x("0.5"), **ends),
        ]

    def line(self, count: str, x: str, value: str, low: float = LOW, high: float = AXIS, **props: Any) -> Layer:
        """Straight pieces between `count` points; one with an end that is no number is left out.

        x, value: expressions of `datum.n`: the part of the width, and a log10.
        """
        at = {
            "v": value.replace("datum.n", "datum.k"),
            "w": value.replace("datum.n", "(datum.k + 1)"),
        }
        return rule(
            **{
                "rows": f"sequence(max(0, ({count}) - 1))",
                "let": at,
                # A line leaves a plot at its edge, and does not lie on it.
                "keep": "isFinite(datum.v) && isFinite(datum.w)"
                f" && min(datum.v, datum.w) >= {low} && max(datum.v, datum.w) <= {high}",
                "x": self.x(x.replace("datum.n", "datum.k")),
                "x2": self.x(x.replace("datum.n", "(datum.k + 1)")),
                "y": self.log_y("datum.v", low, high),
                "y2": self.log_y("datum.w", low, high),
                "strokeWidth": "2*z",
                "strokeCap": "'round'",
                **props,
            }
        )


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(exponent: int) -> str:
    """A power of ten as text."""
    return "1" if exponent == 0 else "10" + str(exponent).translate(_RAISED)


def size(log: str) -> str:
    """An expression that writes a norm from its log10, a number or digits, or its letter: `3.2e-9`, `0`, `∞`, `NaN`, or
    `–` without a path.
    """
    special = "{z: '0', i: '∞', n: 'NaN', p: '–'}"
    exponent = f"floor(toNumber({log}) + 0.0021)"  # 9.95 is written as 10, which is one power up
    mantissa = f"pow(10, toNumber({log}) - {exponent})"
    number = (
        f"(toNumber({log}) >= -3 && toNumber({log}) < 4 ? format(pow(10, toNumber({log})), '.3~g')"
        f" : format({mantissa}, '.1f') + 'e' + {exponent})"
    )
    return f"(indexof(['z','i','n','p'], {log}) >= 0 ? ({special})[{log}] : {number})"


def legend(x: str, y: str, wide: str) -> list[Layer]:
    """The scale's colours with its powers of ten, and the three that are no sizes."""
    step = f"({wide})/{STEPS}"
    ticks = [LOW, -10, HIGH]  # more would run into the ends' labels
    ends = {LOW: "≤ ", HIGH: "≥ "}  # what is beyond an end has its colour
    names = json.dumps([ends.get(tick, "") + power(tick) for tick in ticks], ensure_ascii=False)
    specials = [("B.s_zero", "zeroColour"), ("B.s_infinite", "infColour"), ("'NaN'", "nanColour")]
    left = f"(phone ? {x} : {x} + {wide} + 22*z)"
    return [
        rect(
            rows=f"sequence({STEPS})",
            x=f"{x} + datum.k*{step}",
            x2=f"{x} + (datum.k + 1)*{step} + 0.5",
            y=y,
            y2=f"{y} + 10*z",
            fill="flow[datum.k]",
        ),
        text(
            rows=str(ticks),
            text=f"{names}[indexof({ticks}, datum.k)]",
            x=f"{x} + (datum.k - ({LOW}))/({HIGH - LOW})*({wide})",
            y=f"{y} + 20*z",
            align=f"datum.k == {LOW} ? 'left' : datum.k == {HIGH} ? 'right' : 'center'",
            fontSize="10.5*z",
            fill="soft",
        ),
        *(
            layer
            for place, (label, colour) in enumerate(specials)
            for layer in (
                rect(
                    x=f"{left} + {place}*92*z",
                    x2=f"{left} + {place}*92*z + 10*z",
                    y=f"{y} + (phone ? 32 : 0)",
                    y2=f"{y} + (phone ? 42 : 10*z)",
                    fill=colour,
                ),
                text(
                    text=label,
                    x=f"{left} + {place}*92*z + 15*z",
                    y=f"{y} + (phone ? 37 : 5*z)",
                    align="'left'",
                    fontSize="10.5*z",
                    fill="soft",
                    limit="74*z",
                ),
            )
        ),
    ]
