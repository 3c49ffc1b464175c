"""A plot's rectangle, placed by expressions as every mark is (`draw`): its axes, what is written at them, its lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnviz.charts.kit.draw import Layer, Signal, heading, mark, rule, small
from rnnviz.charts.kit.scale import HIGH, LOW
from rnnviz.words.numbers import power, size


@dataclass(frozen=True)
class Panel:
    """The rectangle's edges and its size in px, expressions all."""

    left: str
    right: str
    top: str
    bottom: str
    wide: str
    high: str

    def signals(self, left: str, right: str, top: str, bottom: str) -> list[Signal]:
        """Where the edges of a `named` panel lie."""
        edges = zip((self.left, self.right, self.top, self.bottom), (left, right, top, bottom), strict=True)
        return [{"name": edge, "update": update} for edge, update in edges]

    def x(self, part: str) -> str:
        """Where a part of the width lies, 0 left and 1 right."""
        return f"({self.left} + ({part})*({self.wide}))"

    def y(self, part: str) -> str:
        """Where a part of the height lies, 0 at the bottom and 1 at the top."""
        return f"({self.bottom} - ({part})*({self.high}))"

    def log_y(self, value: str, low: float = LOW, high: float = HIGH) -> str:
        """Where a log10 lies on an axis from `low` to `high`; what is beyond stands at the end."""
        return self.y(f"(clamp({value}, {low}, {high}) - ({low}))/(({high}) - ({low}))")

    def title(self, label: str, **props: Any) -> Layer:
        return heading(text=label, **{"x": self.left, "y": f"{self.top} - 16*z", "limit": self.wide, **props})

    def across(self, y: str, **props: Any) -> Layer:
        """A line over the whole width."""
        return rule(x=self.left, x2=self.right, y=y, y2=y, **props)

    def upright(self, x: str, **props: Any) -> Layer:
        """A line over the whole height."""
        return rule(x=x, x2=x, y=self.top, y2=self.bottom, **props)

    def axes(self, **rows: Any) -> list[Layer]:
        return [self.across(self.bottom, **rows), self.upright(self.left, **rows)]

    def tick(self, y: str, label: str, rows: Mapping[str, Any], **line: Any) -> list[Layer]:
        """A line across and its number on the left."""
        return [
            self.across(y, **rows, **line),
            small(**rows, text=label, x=f"{self.left} - 6*z", y=y, align="'right'"),
        ]

    def ticks(self, values: Sequence[float], low: float, high: float, names: Sequence[str] = ()) -> list[Layer]:
        """Lines across and their labels at values of a plain axis."""
        marks = _tick_texts(values, names or [size(value) for value in values])
        rows = {"rows": marks["rows"], "let": {"y": self.log_y("datum.k", low, high)}}
        return self.tick("datum.y", marks["text"], rows, strokeWidth=0.7)

    def decades(self, low: int = LOW, high: int = HIGH, every: int = 10) -> list[Layer]:
        """Lines across and their labels at powers of ten."""
        exponents = list(range(low, high + 1, every))
        return self.ticks(exponents, low, high, [power(exponent) for exponent in exponents])

    def under(
        self, first: str, last: str, label: Mapping[str, str], *, drop: str = "12*z", **props: Any
    ) -> list[Layer]:
        """What is written under the horizontal axis: its two ends and, between them, what `label` says."""
        below = {"y": f"{self.bottom} + {drop}", **props}
        return [
            small(text=first, x=self.left, align="'left'", **below),
            small(text=last, x=self.right, align="'right'", **below),
            small(x=self.x("0.5"), **below, **label),
        ]

    def steps(self, count: str, label: str, first: str = "1") -> list[Layer]:
        """Under the horizontal axis: its first and last number, and its name."""
        return self.under(f"'' + ({first})", f"'' + ({count})", {"text": label})

    def line(self, count: str, x: str, value: str, low: float = LOW, high: float = HIGH, **props: Any) -> Layer:
        """Straight pieces between `count` points; one with an end that is no number is left out.

        x, value: expressions of `datum.n`: the part of the width, and a log10.
        """
        (x, v), (x2, w) = ((x.replace("datum.n", n), value.replace("datum.n", n)) for n in ("datum.k", "(datum.k + 1)"))
        return rule(
            **{
                "rows": f"sequence(max(0, ({count}) - 1))",
                "let": {"v": v, "w": w},
                # A line leaves a plot at its edge, and does not lie on it.
                "keep": "isFinite(datum.v) && isFinite(datum.w)"
                f" && min(datum.v, datum.w) >= {low} && max(datum.v, datum.w) <= {high}",
                "x": self.x(x),
                "x2": self.x(x2),
                "y": self.log_y("datum.v", low, high),
                "y2": self.log_y("datum.w", low, high),
                "strokeWidth": "2*z",
                "strokeCap": "'round'",
                **props,
            }
        )

    def dashed(
        self, count: str, x: str, value: str, dash: Sequence[int], low: float = LOW, high: float = HIGH, **props: Any
    ) -> Layer:
        """As `line`, in one piece: dashes would begin again with every piece."""
        layer = mark(
            "line",
            rows=f"sequence({count})",
            let={
                "n": "datum.k",
                "v": value,
                "px": self.x(x),
                "py": f"isFinite(datum.v) && datum.v >= {low} && datum.v <= {high}"
                f" ? {self.log_y('datum.v', low, high)} : null",
            },
            **{"strokeWidth": "2*z", "strokeDash": list(dash), **props},
        )
        places = {axis: {"field": f"p{axis}", "type": "quantitative", "scale": None, "axis": None} for axis in "xy"}
        return layer | {"encoding": places}


def _tick_texts(values: Sequence[float], names: Sequence[str]) -> dict[str, str]:
    """Rows for values, and the text of each: its name."""
    texts = json.dumps(list(names), ensure_ascii=False)
    return {"rows": str(list(values)), "text": f"{texts}[indexof({list(values)}, datum.k)]"}


def named(name: str) -> Panel:
    """A panel whose edges are the signals `<name>L`, `<name>R`, `<name>T` and `<name>B`."""
    left, right, top, bottom = (name + edge for edge in "LRTB")
    return Panel(left, right, top, bottom, f"{right} - {left}", f"{bottom} - {top}")


def between(left: str, right: str, top: str, height: str) -> Panel:
    """A panel by any expressions of its edges and its height."""
    bottom = f"({top} + {height})"
    return Panel(left, right, top, bottom, f"{right} - ({left})", f"{bottom} - ({top})")
