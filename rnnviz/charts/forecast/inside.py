"""What the network holds after each value of the window, and how far its gates are open, under those values: as far as
they have been read."""

from __future__ import annotations

from rnnviz.charts.forecast.detail import step_x
from rnnviz.charts.forecast.layout import GATE, HEAT, over, through
from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import EMPTY, Layer, Signal, derived, heading, mark, outline, rect, shade, small
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.palette import RAMP_STEPS

TITLED = "max(heatR, min(detR + labelW, heatL + 290*z))"  # the right end of what is written over a panel

NAMES = Names(
    signals={"every": Meaning("index", "of how many rows one has its unit's number")},
    tables={
        "bundle": {
            "units": Meaning("numbers", "the units that are shown, from 1", "UNITS"),
            "gateLights": Meaning("colours", "the colour of each gate on a light page", "GATELIGHTS"),
            "gateDarks": Meaning("colours", "the same on a dark page", "GATEDARKS"),
        }
    },
)


def layers() -> list[Layer]:
    return [*_units(), *_gates()]


def _units() -> list[Layer]:
    cells = "datum.u*W + datum.s"
    scale = f"({TITLED} - 92*z)"
    return [
        heading(
            when="U > 0",
            text="replace(replace(B.s_hidden, '{units}', '' + U), '{all}', '' + B.hidden)",
            x=HEAT.left,
            y=f"{HEAT.top} - 10*z",
            fontSize="11*z",
            fill="hColour",
            limit=f"{scale} - 24*z - heatL",
        ),
        # A step draws only the column that comes; the window's origin changes colours only.
        mark(
            "rect",
            name="cell",
            rows="sequence(U*W)",
            let={"u": "floor(datum.k/W)", "s": "datum.k % W"},
            keep="datum.s < t",
            fields=("u", "s"),
            x="heatL + datum.s*cell",
            x2="heatL + (datum.s + 1)*cell + 0.4",
            y="heatT + datum.u*rowH",
            y2="heatT + (datum.u + 1)*rowH",
            fill=shade(f"toNumber(HIDDEN[{cells}])/100"),
            strokeWidth=0,
        ),
        rect(when="U > 0", keep="read < W", x="nowX + 1", x2=HEAT.right, y=HEAT.top, y2=HEAT.bottom, **EMPTY),
        outline(when="U > 0", x=HEAT.left, x2=HEAT.right, y=HEAT.top, y2=HEAT.bottom, stroke="line"),
        small(
            rows="sequence(U)",
            keep="datum.k % every == 0",
            text="UNITS[datum.k]",
            x=f"{HEAT.left} - 6*z",
            y="heatT + (datum.k + 0.5)*rowH",
            align="'right'",
            fontSize="min(10*z, rowH*every - 1)",
        ),
        # The scale of colours.
        rect(
            when="U > 0",
            rows=f"sequence({2 * RAMP_STEPS + 1})",
            x=f"{scale} + datum.k*1.6*z",
            x2=f"{scale} + (datum.k + 1)*1.6*z + 0.5",
            y=f"{HEAT.top} - 14*z",
            y2=f"{HEAT.top} - 6*z",
            fill="ramp[datum.k]",
        ),
        small(when="U > 0", text="'−1'", x=f"{scale} - 4*z", y=f"{HEAT.top} - 10*z", align="'right'"),
        small(when="U > 0", text="'1'", x=f"{scale} + 70*z", y=f"{HEAT.top} - 10*z", align="'left'"),
    ]


def _gates() -> list[Layer]:
    line = mark(
        "line",
        rows="sequence(G*W)",
        let={
            "g": "floor(datum.k/W)",
            "s": "datum.k % W",
            "px": step_x("datum.s"),
            "py": GATE.y("toNumber(GATE[datum.k])/100"),
        },
        keep="datum.s < t",
        stroke="gateTints[datum.g]",
        strokeWidth="1.8*z",
        strokeJoin="'round'",
    )
    ends = {"when": "G > 0", "x": f"{GATE.left} - 6*z", "align": "'right'"}
    return [
        heading(
            when="G > 0",
            text="B.s_gates",
            x=GATE.left,
            y=f"{GATE.top} - 9*z",
            fontSize="11*z",
            limit=f"{TITLED} - gateL - G*20*z",
        ),
        # Their letters, from the right.
        small(
            rows="sequence(G)",
            text="GATES[datum.k]",
            x=f"{TITLED} - (G - 1 - datum.k)*18*z - 6*z",
            y=f"{GATE.top} - 9*z",
            fontSize="13*z",
            fontWeight="'bold'",
            fill="gateTints[datum.k]",
        ),
        rect(when="G > 0", keep="read < W", x="nowX + 1", x2=GATE.right, y=GATE.top, y2=GATE.bottom, **EMPTY),
        outline(when="G > 0", x=GATE.left, x2=GATE.right, y=GATE.top, y2=GATE.bottom, stroke="line"),
        through(line, "g"),
        small(text="'1'", y=f"{GATE.top} + 3*z", **ends),
        small(text="'0'", y=f"{GATE.bottom} - 3*z", **ends),
        *_pointed(),
    ]


def _pointed() -> list[Layer]:
    """What the pointer is on, in numbers."""
    unit = "clamp(floor((hover.y - heatT)/rowH), 0, U - 1)"
    held = numbers.fixed(f"toNumber(HIDDEN[{unit}*W + hover.s])/100")
    open_ = numbers.fixed("toNumber(GATE[datum.k*W + hover.s])/100")
    there = "hover && hover.s < read"
    on_units = f"{there} && U > 0 && hover.y >= heatT - 4 && hover.y <= heatB"
    on_gates = f"{there} && G > 0 && hover.y > heatB"
    said = "replace(replace(B.s_unit_is, '{unit}', UNITS[" + unit + "]), '{step}', '' + (hover.s - W + 1))"
    return [
        outline(
            when=on_units,
            x="heatL + hover.s*cell - 1",
            x2="heatL + (hover.s + 1)*cell + 1",
            y=f"heatT + {unit}*rowH - 1",
            y2=f"heatT + ({unit} + 1)*rowH + 1",
            stroke="ink",
            strokeWidth=1.4,
        ),
        *over(
            when=on_units,
            text=f"{said} + '  ' + {held}",
            x="heatR + 8",
            y=f"heatT + ({unit} + 0.5)*rowH",
            align="'left'",
            fill="hColour",
        ),
        *over(
            when=on_gates,
            rows="sequence(G)",
            text=f"GATES[datum.k] + '  ' + {open_}",
            x="gateR + 8",
            y="gateT + (5 + 14*datum.k)*z",
            align="'left'",
            fill="gateTints[datum.k]",
        ),
    ]


def signals() -> list[Signal]:
    return derived(every="rowH < 9*z ? 2 : 1")
