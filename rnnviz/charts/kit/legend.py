"""The legend of the scale of gradient norms."""

from __future__ import annotations

from rnnviz.charts.kit.draw import Layer, rect, small, swatch
from rnnviz.charts.kit.plot import called
from rnnviz.charts.kit.scale import HIGH, LOW, STEPS
from rnnviz.words.numbers import power


def legend(x: str, y: str, wide: str) -> list[Layer]:
    """The scale's colours with its powers of ten, and the three that are no sizes."""
    step = f"({wide})/{STEPS}"
    ticks = [LOW, -10, HIGH]  # more would run into the ends' labels
    ends = {LOW: "≤ ", HIGH: "≥ "}  # what is beyond an end has its colour
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
        small(
            **called(ticks, [ends.get(tick, "") + power(tick) for tick in ticks]),
            x=f"{x} + (datum.k - ({LOW}))/({HIGH - LOW})*({wide})",
            y=f"{y} + 20*z",
            align=f"datum.k == {LOW} ? 'left' : datum.k == {HIGH} ? 'right' : 'center'",
        ),
        *(
            layer
            for place, (label, colour) in enumerate(specials)
            for layer in swatch(
                label,
                colour,
                f"{left} + {place}*92*z",
                f"{y} + (phone ? 32 : 0)",
                f"{y} + (phone ? 42 : 10*z)",
                f"{y} + (phone ? 37 : 5*z)",
                limit="74*z",
            )
        ),
    ]
