"""The legend of the scale of gradient norms."""

from __future__ import annotations

from rnnviz.charts.kit.draw import Layer, rect, small, swatch
from rnnviz.charts.kit.expr import Expr, datum, names, when
from rnnviz.charts.kit.plot import called
from rnnviz.charts.kit.scale import HIGH, LOW, STEPS
from rnnviz.words.numbers import power


def legend(x: str, y: str, wide: str) -> list[Layer]:
    """The scale's colours with its powers of ten, and the three that are no sizes."""
    left, top, width = Expr(x), Expr(y), Expr(wide)
    phone, z, flow = names("phone z flow")
    step = width / STEPS
    ticks = [LOW, -10, HIGH]  # more would run into the ends' labels
    ends = {LOW: "≤ ", HIGH: "≥ "}  # what is beyond an end has its colour
    specials = [("B.s_zero", "zeroColour"), ("B.s_infinite", "infColour"), ("'NaN'", "nanColour")]
    beside = when(phone, left, left + width + 22 * z)
    return [
        rect(
            rows=f"sequence({STEPS})",
            x=left + datum.k * step,
            x2=left + (datum.k + 1) * step + 0.5,
            y=top,
            y2=top + 10 * z,
            fill=flow[datum.k],
        ),
        small(
            **called(ticks, [ends.get(tick, "") + power(tick) for tick in ticks]),
            x=left + (datum.k - LOW) / (HIGH - LOW) * width,
            y=top + 20 * z,
            align=when(datum.k == LOW, "left", when(datum.k == HIGH, "right", "center")),
        ),
        *(
            layer
            for place, (label, colour) in enumerate(specials)
            for layer in swatch(
                label,
                colour,
                str(beside + place * 92 * z),
                str(top + when(phone, 32, 0)),
                str(top + when(phone, 42, 10 * z)),
                str(top + when(phone, 37, 5 * z)),
                limit=74 * z,
            )
        ),
    ]
