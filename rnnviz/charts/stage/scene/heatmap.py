"""The hidden state over time under a scene, in the columns of what stands above it."""

from __future__ import annotations

from rnnviz.charts.kit.draw import Layer, Signal, outline, rect, shade_of, text
from rnnviz.charts.stage.scene.places import LEFT

# Cells are counted within the window, so that turning its page changes what is in the marks and not the marks.
_CELL = LEFT.format(column="firstColumn + floor(datum.k / H)")
_TOP = "depth == 0"


def signals() -> list[Signal]:
    return [
        {"name": "cols", "update": "shownColumns"},
        {"name": "first", "update": "firstColumn"},
        {"name": "heatY", "update": "sceneEnd + 5*z"},
        {"name": "heatRow", "update": "clamp(floor((B.before ? 72 : 96)*z / H), 3, 13*z)"},
        {"name": "heatEnd", "update": "heatY + heatRow*H"},
    ]


def layers() -> list[Layer]:
    return [*_cells(), *_present()]


def _cells() -> list[Layer]:
    return [
        text(
            when=_TOP,
            text="B.row",
            x="gutter - 12*z",
            y="(heatY + heatEnd)/2",
            align="'right'",
            fill="hColour",
            fontSize="15*z",
            fontWeight="'bold'",
        ),
        text(
            text="'1'",
            x="gutter - 12*z",
            y="heatY + heatRow/2",
            align="'right'",
            fill="soft",
            when=_TOP,
            fontSize="10*z",
        ),
        text(
            text="'' + H",
            x="gutter - 12*z",
            y="heatEnd - heatRow/2",
            align="'right'",
            fill="soft",
            when=_TOP,
            fontSize="10*z",
        ),
        rect(
            name="heat",
            rows="sequence(cols*H)",
            let={
                "c": "first + floor(datum.k / H)",
                "u": "datum.k % H",
                "v": "V[hOffset + first*H + datum.k]",
                "left": _CELL + " + 1",
                "right": "datum.left + colW - 2",
                "top": "heatY + datum.u*heatRow",
                "bottom": "datum.top + heatRow - 0.5",
                "name": "'h[' + (datum.u + 1) + ']'",
            },
            when=_TOP,
            x="datum.left",
            x2="datum.right",
            y="datum.top",
            y2="datum.bottom",
            fill=shade_of("VECS[B.h]", "datum.v"),
            cursor="'pointer'",
            # Short, since it is worked out for every cell whenever the page of the window turns.
            tooltip="{title: datum.name, t: datum.c + 1, '=': datum.v, '←': FINAL.formula}",
        ),
        outline(
            x="gutter",
            x2="gutter + cols*colW",
            y="heatY - 1",
            y2="heatEnd + 1",
            stroke="line",
            when=_TOP,
            aria=False,
        ),
    ]


def place(name: str, when: str, y: str, y2: str, **props: str) -> Layer:
    """An empty place for each column of a heatmap that is still to come."""
    return rect(
        name=name,
        rows="sequence(cols)",
        let={"c": "first + datum.k", "left": LEFT.format(column="datum.c")},
        when=when,
        keep="(datum.c - t)*way > (ready ? 0 : -1)",
        x="datum.left + 1",
        x2="datum.left + colW - 1",
        y=y,
        y2=y2,
        fill="paper",
        stroke="soft",
        strokeOpacity=0.6,
        strokeDash=[3, 3],
        cursor="'pointer'",
        aria=False,
        **props,
    )


def _present() -> list[Layer]:
    """An empty place for each column that is still to come, and a frame for now: only these follow the step."""
    return [
        place("heatPlace", f"{_TOP} && !every", "heatY - 1", "heatEnd + 1"),
        outline(
            when=_TOP,
            x=f"{LEFT.format(column='t')} + 0.5",
            x2=f"{LEFT.format(column='t')} + colW - 0.5",
            y="P.whole ? regionY - 2 : heatY - 4*z",
            y2="heatEnd + 3",
            cornerRadius=6,
            stroke="now",
            strokeWidth=2,
            aria=False,
        ),
        outline(
            when=_TOP,
            x="gutter",
            x2="gutter + cols*colW",
            y="heatY + picked*heatRow - 0.5",
            y2="heatY + (picked + 1)*heatRow - 0.5",
            stroke="ink",
            strokeWidth=1,
            opacity="0.6*u",
        ),
    ]
