"""Knobs with causes: the eigenvalues and the matrix that are dragged, and the gradient that is left, before and after.

The gradient is computed for a grid of spectral radii beforehand, so a drag asks nobody: `at` is the place on that grid.
Once it is let go the page is told, so that what it says in words follows.
Scaling a matrix scales its eigenvalues, singular values and entries alike, so those are drawn from one copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from rnnviz.charts.kit import numbers, palette, scale
from rnnviz.charts.kit.draw import Layer, dot, image, line_key, outline, press, rule, shape, small, text
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.place import place as whereabouts
from rnnviz.charts.kit.player import drawn as controls
from rnnviz.charts.kit.player import grip, pin
from rnnviz.charts.kit.raster import picture
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.lab.chart import Labels, drawn, specification
from rnnviz.charts.lab.knobs_places import FARTHEST, PLOT, signals
from rnnviz.facts.lab import ALIKE, Knobs

TEXTS = (
    "radius",
    "sigma",
    "drawn",
    "plane",
    "matrix_of",
    "left_of",
    "before",
    "after",
    "pascanu",
    "radius_line",
    "axis_k",
    "must",
    "border",
    "may",
    "no_bound",
    "clipped",
    "cut_off",
    "per_step",
    "hint_radius",
)


def chart(knobs: Knobs, labels: Labels, *, zoom: float = 1.0) -> Figure:
    names, steps = list(knobs.matrices), knobs.norms.shape[1]
    own = [float(np.abs(values).max()) for values in knobs.eigenvalues.values()]
    unit = [values / (radius or 1.0) for values, radius in zip(knobs.eigenvalues.values(), own, strict=True)]
    # As they are at the farthest radius that can be dragged to.
    far = [matrix * (FARTHEST / (radius or 1.0)) for matrix, radius in zip(knobs.matrices.values(), own, strict=True)]
    most = max(float(np.abs(matrix).max()) for matrix in far) or 1.0
    colours = [palette.symbol(name) for name in names]
    return drawn(
        _spec,
        labels,
        TEXTS,
        zoom=zoom,
        T=steps,
        H=len(far[0]),
        R=len(knobs.radii),
        radii=",".join(f"{radius:.4f}" for radius in knobs.radii),
        drawn=knobs.drawn,
        start=knobs.start,
        extra=knobs.radii[knobs.start],
        blocks=len(names),
        names=SEPARATOR.join(names),
        own=",".join(f"{radius:.6f}" for radius in own),
        re=",".join(f"{value:.4f}" for values in unit for value in values.real.tolist()),
        im=",".join(f"{value:.4f}" for values in unit for value in values.imag.tolist()),
        ratio=knobs.sigma / own[0] if own[0] else 0.0,
        urlsLight=SEPARATOR.join(picture(matrix / most, dark=False) for matrix in far),
        urlsDark=SEPARATOR.join(picture(matrix / most, dark=True) for matrix in far),
        most=most,
        norms=",".join(scale.written(norms) for norms in knobs.norms),
        before=scale.written(knobs.before),
        parameters="" if knobs.parameters is None else scale.written(knobs.parameters),
        gamma=-1.0 if knobs.gamma is None else knobs.gamma,
        clip=0.0 if knobs.clip is None else knobs.clip,
        window=steps if knobs.window is None else knobs.window,
        lights=",".join(pair.light for pair in colours),
        darks=",".join(pair.dark for pair in colours),
    )


_RADIUS = f"B.s_radius + ' ' + {numbers.fixed('r')} + (at == B.drawn ? ' (' + B.s_drawn + ')' : '')"


def _slider() -> list[Layer]:
    """What is dragged where no page has controls in its place, and what these show."""
    place = f"slideL + {{}}/{FARTHEST}*(slideR - slideL)"
    one = place.format("1")
    drawn = place.format("min(toNumber(radii[B.drawn]), 2)")
    own = [
        rule(x="slideL", x2="slideR", y="slideY", y2="slideY", strokeWidth=4, strokeCap="'round'"),
        *(small(text=f"'{tick}'", x=place.format(tick), y="slideY + 20*z") for tick in ("0", "0.5", "1", "1.5", "2")),
        rule(x=one, x2=one, y="slideY - 9*z", y2="slideY + 9*z", stroke="ink"),
        shape("'triangle-down'", x=drawn, y="slideY - 12*z", size="60*z", fill="soft"),
        rule(x="slideL", x2=place.format("min(r, 2)"), y="slideY", y2="slideY", stroke="now", strokeWidth=4),
        dot(x=place.format("min(r, 2)"), y="slideY", size="260*z", fill="now"),
        grip(
            "slide",
            "slideL",
            "slideR",
            "slideY",
            14,
            params=[pin(["radius", "told"])],
            cursor="'ew-resize'",
            tooltip="B.s_hint_radius",
        ),
        text(
            name="radius",
            text=_RADIUS,
            x="slideL",
            y="slideY + 46*z",
            align="'left'",
            fontSize="15*z",
            fontWeight="'bold'",
            fill="now",
        ),
    ]
    fields = {
        "t": "at + 1",
        "T": "B.R",
        "playing": "playing ? 1 : 0",
        "start": "at <= 0 ? 1 : 0",
        "end": "at >= B.R - 1 ? 1 : 0",
        "caption": _RADIUS,
    }
    return [
        *controls(own),
        whereabouts(fields),
        text(
            text=f"B.s_sigma + ' ' + {numbers.fixed('sigma')} + (B.blocks > 1 ? ' (' + names[0] + ')' : '')",
            x="phone || B.placed ? slideL : slideL + 262*z",
            y="phone ? slideY + 66 : slideY + 46*z",
            align="'left'",
            fontSize="13*z",
            limit="260*z",
        ),
    ]


def _plane() -> list[Layer]:
    scaled = "(at == B.drawn ? toNumber(own[datum.b]) : r)"
    let = {
        "b": "floor(datum.k/H)",
        "px": f"planeX + toNumber(RE[datum.k])*{scaled}*planeUnit",
        "py": f"planeY - toNumber(IM[datum.k])*{scaled}*planeUnit",
    }
    inside = {"x": "planeX - planeS/2", "x2": "planeX + planeS/2", "y": "planeY - planeS/2", "y2": "planeY + planeS/2"}
    ring: dict[str, Any] = {"x": "planeX", "y": "planeY", "filled": False}
    return [
        outline(**inside, stroke="line"),
        rule(x="planeX - planeS/2", x2="planeX + planeS/2", y="planeY", y2="planeY", strokeWidth=0.7),
        rule(x="planeX", x2="planeX", y="planeY - planeS/2", y2="planeY + planeS/2", strokeWidth=0.7),
        dot(**ring, size="pow(2*planeUnit, 2)", stroke="ink", strokeWidth=1.4),
        dot(**ring, size="max(1, pow(2*planeUnit*r, 2))", stroke="now", strokeWidth=1.6, strokeDash=[5, 3]),
        dot(
            rows="sequence(H*B.blocks)",
            let=let,
            x="datum.px",
            y="datum.py",
            size="34*z",
            opacity=0.85,
            fill="B.blocks > 1 ? tints[datum.b] : hColour",
        ),
        press("swing", **inside, cursor="'grab'", tooltip="B.s_hint_radius"),
        text(
            text="B.s_plane",
            x="planeX",
            y="planeY + planeS/2 + 14*z",
            fontSize="11.5*z",
            fill="soft",
            limit="planeS",
        ),
    ]


def _matrices() -> list[Layer]:
    """Every recurrent matrix. Its picture is as at the farthest radius; drawn less opaque it is the same, scaled down,
    since the ramp mixes a value's colour with the paper.
    """
    # Several stand two in a row.
    places: dict[str, Any] = {
        "rows": "sequence(B.blocks)",
        "let": {"left": "matX + datum.k % 2*(matS + 8)", "top": "topY + floor(datum.k/2)*(matS + 22*z)"},
    }
    return [
        image(
            **places,
            x="datum.left + matS/2",
            y="datum.top + matS/2",
            url="split(dark ? B.urlsDark : B.urlsLight, '\\u2063')[datum.k]",
            width="matS",
            height="matS",
            opacity=f"(at == B.drawn ? toNumber(own[datum.k]) : r)/{FARTHEST}",
        ),
        outline(
            **places,
            x="datum.left",
            x2="datum.left + matS",
            y="datum.top",
            y2="datum.top + matS",
            stroke="B.blocks > 1 ? tints[datum.k] : hColour",
            strokeWidth=1,
        ),
        text(
            **places,
            text="names[datum.k]",
            x="datum.left + matS/2",
            y="datum.top + matS + 11*z",
            fontSize="11.5*z",
            fill="B.blocks > 1 ? tints[datum.k] : hColour",
        ),
        text(
            text=f"replace(B.s_matrix_of, '{{x}}', {numbers.fixed('B.most')})",
            x="matX",
            y="topY + ceil(B.blocks/2)*(matS + 22*z) + 8*z",
            align="'left'",
            fontSize="11*z",
            fill="soft",
            limit="(phone ? width : width*0.46) - matX",
        ),
    ]


def _plot() -> list[Layer]:
    part = "datum.n/max(1, T - 1)"
    start = "log(sqrt(H))/LN10"
    after = "(datum.n < kept ? NaN : toNumber(N[at*T + datum.n]) + shift)"
    keyed: list[tuple[str, str, Sequence[int]]] = [
        ("before", "soft", ()),
        ("after", "now", ()),
        ("pascanu", "ink", (6, 4)),
        ("radius_line", "hColour", (2, 3)),
    ]
    steep = "log(max({}, 1e-9))/LN10"

    def per_step(decades: str) -> str:
        factor = numbers.fixed(f"pow(10, {decades})")
        return f" + (isFinite({decades}) ? '  ' + replace(B.s_per_step, '{{x}}', {factor}) : '')"

    return [
        PLOT.title("B.s_left_of"),
        *PLOT.decades(),
        *PLOT.steps("T", "B.s_axis_k"),
        *(
            PLOT.dashed(
                "B.gamma < 0 ? 0 : T",
                part,
                f"{start} + (T - 1 - datum.n)*{steep.format(factor)}",
                dash,
                stroke=colour,
                strokeWidth=width,
            )
            for (_, colour, dash), factor, width in zip(keyed[2:], ("rate", "r"), (1.4, 1.2), strict=True)
        ),
        PLOT.line("T", part, "toNumber(BEFORE[datum.n])", stroke="soft", strokeWidth="1.8*z"),
        PLOT.line("T", part, after, stroke="now", strokeWidth="2.6*z"),
        dot(
            rows="sequence(T)",
            keep="datum.k < kept || N[at*T + datum.k] == 'z'",
            x=PLOT.x("datum.k/max(1, T - 1)"),
            y="plB",
            size="26*z",
            fill="zeroColour",
        ),
        *(
            layer
            for place, (name, colour, dash) in enumerate(keyed)
            for layer in line_key(
                f"B.s_{name}" + {"before": per_step("slopeBefore"), "after": per_step("slope")}.get(name, ""),
                colour,
                f"plL + {place % 2}*(plR - plL)/2",
                f"plB + {30 + 16 * (place // 2)}*z",
                wide=16,
                when="B.gamma >= 0" if place > 1 else None,
                dash=dash,
                fontSize="11*z",
                fill=colour,
                limit="(plR - plL)/2 - 24*z",
            )
        ),
        text(
            name="bound",
            text=f"B.gamma < 0 ? B.s_no_bound : replace(abs(rate - 1) < {ALIKE} ? B.s_border : rate < 1 ? B.s_must"
            f" : B.s_may, '{{x}}', {numbers.fixed('rate')})",
            x="plL",
            y="plB + 66*z",
            align="'left'",
            fontSize="12*z",
            fontWeight="'bold'",
            limit="plR - plL",
        ),
        text(
            name="first",
            text=f"'k = 1:  ' + (kept > 0 ? '0' : {scale.size('norm1')})"
            " + (kept > 0 ? '  (' + B.s_cut_off + ')' : shift < 0 ? '  (' + B.s_clipped + ')' : '')",
            x="plR",
            y="plT - (phone ? 34 : 16*z)",
            align="'right'",
            fontSize="12*z",
            fontWeight="'bold'",
            fill="now",
        ),
    ]


@cache
def _spec() -> str:
    return specification(signals(), [*_slider(), *_plane(), *_matrices(), *_plot()], "end")
