"""Depth 0 of a stage that watches the gates: every quantity as a heatmap over the same time axis, tokens across, units
down, one cursor through all; the picked unit's lines under them, and the text coloured by it.

The heatmaps are pictures of one pixel per number, so that 200 steps cost the browser what 20 do. Beside an untouched
run (`untouched` in `with_watched`) each is drawn twice, on the same scale.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    MONO,
    Layer,
    Signal,
    element,
    image,
    outline,
    rect,
    text,
)
from rnnviz.charts.kit.player import GO, click
from rnnviz.charts.stage.gates import belt, gates_legend, map_names, unit_lines
from rnnviz.charts.stage.gates.heatmap_tables import NAMES
from rnnviz.charts.stage.gates.map_names import MAP
from rnnviz.charts.stage.gates.unit_lines import MAPS

PAIR = f"{MAPS} && B.pair"
SIDES = ((MAPS, "gutter"), (PAIR, "rightX"))  # where the only run or the untouched one stands, and the held one
FROM = "(datum.half ? rightX : gutter)"  # where a half of the region begins
LINES_FROM = "(datum.half ? rightX : linesX)"  # and where its lines do
HALVES = "sequence(halves)"
ROOM = "(phone ? 34 : 22*z)"  # what a token needs over its column
BESIDE_STEPS = 30  # of the longest text whose columns have room for its words with the lines beside them
TIGHT = "(B.pair && B.zoom > 1.1)"  # two runs in large type, whose predictions would fall off a laptop's screen
TEXT_EM = 15  # px of the coloured text, where one zooms by one


def signals() -> list[Signal]:
    """Where the heatmaps and what is under them lie. `hover` is what the pointer is on; `tinted` the heatmap, by its
    number from the top, whose values colour the text."""
    at = "clamp(floor((x() - {}) / colW), 0, T - 1)"
    unit = "toNumber(order[clamp(floor((y() - mapsY - datum.q*mapStep) / heatRow), 0, H - 1)])"
    hovered = [
        {
            "events": [{"type": kind, "markname": f"{name}_marks"} for kind in ("pointermove", "pointerdown")],
            "update": f"{{half: {half}, q: datum.q, c: {at.format(left)}, u: {unit}}}",
        }
        for name, half, left in (("gate", 0, "gutter"), ("gateRight", 1, "rightX"))
    ]
    left = [{"type": "pointerout", "markname": f"{name}_marks"} for name in ("gate", "gateRight")]
    return [
        *NAMES.lists(),
        {"name": "place", "update": "indexof(order, '' + picked)"},
        {"name": "halves", "update": "B.pair ? 2 : 1"},
        {"name": "gutter", "update": "phone ? 76 : 74*z"},
        # So that a laptop's screen has all of it. Of a longer text the columns would be too narrow.
        {"name": "linesBeside", "update": f"{MAPS} && !B.pair && T <= {BESIDE_STEPS} && width >= 900"},
        {
            "name": "halfW",
            "update": "linesBeside ? floor(width*0.63) - gutter : (width - gutter - 2 - (halves - 1)*16*z) / halves",
        },
        {"name": "cols", "update": "T"},
        {"name": "first", "update": "0"},
        {"name": "colW", "update": "min(halfW / T, 240*z)"},
        {"name": "rightX", "update": "gutter + T*colW + 16*z"},
        {
            "name": "heatRow",
            "update": f"clamp(floor((phone ? 60 : {TIGHT} ? 37*z/B.zoom : 48*z/B.zoom) / H * 2) / 2, 1, 8*z)",
        },
        {"name": "mapH", "update": "heatRow*H"},
        {"name": "mapStep", "update": f"mapH + (phone ? 8 : {TIGHT} ? 4*z : 6*z)"},
        {"name": "tick", "update": "T > 100 ? 50 : T > 40 ? 10 : 5"},
        {"name": "headY", "update": "regionY + 8*z"},
        # Whether a map is as high as its symbol, the present number of its followed unit, and what it means.
        {"name": "roomy", "update": "!B.pair && mapH >= 36*z"},
        {"name": "mapsY", "update": "regionY + (B.pair ? 42*z : 24*z)"},
        {"name": "mapsEnd", "update": "mapsY + B.maps*mapStep"},
        {"name": "worded", "update": "B.head && colW >= 30*z"},
        {"name": "linesX", "update": "linesBeside ? gutter + T*colW + 44*z : gutter"},
        {"name": "linesColW", "update": "linesBeside ? (width - linesX - 4) / T : colW"},
        {"name": "legendStep", "update": "min(60*z, (width - linesX)/B.maps)"},
        {"name": "linesY", "update": "linesBeside ? mapsY + 24*z : mapsEnd + (worded ? 44*z : 22*z)"},
        {"name": "linesH", "update": "linesBeside ? 140*z : 84*z"},
        {"name": "em", "update": f"{TEXT_EM}*z"},
        {"name": "textY", "update": "linesY + linesH + (linesBeside ? 64*z : 46*z)"},
        {"name": "textW", "update": "max(em, width - linesX - B.longest*em)"},
        {"name": "textStep", "update": "em*1.75"},
        {"name": "textEnd", "update": "textY + textStep*(1 + floor(B.extent*em / textW))"},
        {"name": "heatEnd", "update": "depth > 0 ? regionY : max(textEnd, mapsEnd + (worded ? 20*z : 0))"},
        {"name": "MAPS", "update": "data('maps')"},
        {"name": "earlier", "update": "B.pair ? split(join(pluck(MAPS, 'was'), ','), ',') : []"},
        {
            "name": "tinted",
            "init": "B.tint",
            "on": [
                {"events": [GO, {"signal": "B.tint + '|' + B.marked"}], "update": "B.tint", "force": True},
                {"events": [*click("gate"), *click("gateRight"), *click("gateName")], "update": "datum.q"},
            ],
        },
        {"name": "TINT", "update": "MAPS[min(tinted, B.maps - 1)]"},
        {"name": "hover", "value": None, "on": [*hovered, {"events": left, "update": "null"}]},
        *gates_legend.SIGNALS,
        *belt.signals(),
    ]


# What a page learns besides: the heatmap that was chosen last.
PLACE = {"strip": "TINT.symbol"}

# What the rooms that do not watch put in the place of it.
UNWATCHED: list[Signal] = [
    {"name": "gatesLegend", "value": False},
    {"name": "belted", "value": False},
    {"name": "beltH", "value": 0},
]


def layers() -> list[Layer]:
    return [
        *_tokens(),
        *gates_legend.layers(),
        *map_names.layers(),
        *_maps(),
        *_expected(),
        *unit_lines.layers(),
        *_covers(),
        *_cursor(),
        *belt.layers(),
    ]


def _tokens() -> list[Layer]:
    """Over the heatmaps: each token over its column where there is room, else some numbers; and which run is which."""
    return [
        *(
            text(
                when=f"{when} && colW >= {ROOM}",
                rows="sequence(T)",
                text="token[datum.k]",
                x=f"{left} + (datum.k + 0.5)*colW",
                y="mapsY - 11*z",
                fontSize="clamp(colW*0.26, 10*z, 14*z)",
                limit="colW - 2",
                fill="xColour",
            )
            for when, left in SIDES
        ),
        *(
            text(
                when=f"{when} && colW < {ROOM}",
                rows="sequence(1 + floor((T - 1) / tick))",
                let={"c": "datum.k == 0 ? 0 : datum.k*tick - 1"},
                keep="abs(datum.c - t)*colW > 40*z",
                text="'' + (datum.c + 1 + B.shift)",
                x=f"{left} + (datum.c + 0.5)*colW",
                y="mapsY - 11*z",
                fontSize="11*z",
                fill="soft",
            )
            for when, left in SIDES
        ),
        # The present one is there by name.
        *(
            text(
                when=f"{when} && colW < {ROOM}",
                text="token[t]",
                x=f"clamp({left} + (t + 0.5)*colW, {left} + 30*z, {left} + T*colW - 30*z)",
                y="mapsY - 11*z",
                fontSize="13*z",
                fontWeight="'bold'",
                limit="76*z",
                fill="xColour",
            )
            for when, left in SIDES
        ),
        *(
            text(
                when=PAIR,
                text=label,
                x=x,
                y="headY",
                align="'left'",
                fontSize="13*z",
                fontWeight="'bold'",
                fill=colour,
            )
            for label, x, colour in (("B.s_untouched", "gutter", "soft"), ("B.s_held", "rightX", "now"))
        ),
    ]


def _maps() -> list[Layer]:
    # Vega-Lite places a picture by its middle.
    sized: dict[str, Any] = {
        "y": "datum.top + mapH/2",
        "width": "T*colW",
        "height": "mapH",
    }
    return [
        image(
            **MAP,
            x="gutter + T*colW/2",
            url="B.pair ? (dark ? datum.wasDark : datum.wasLight) : (dark ? datum.urlDark : datum.urlLight)",
            **sized,
        ),
        image(
            **{**MAP, "when": PAIR},
            x="rightX + T*colW/2",
            url="dark ? datum.urlDark : datum.urlLight",
            **sized,
        ),
        *(
            outline(
                **{**MAP, "when": when},
                name=name,
                x=left,
                x2=f"{left} + T*colW",
                y="datum.top",
                y2="datum.top + mapH",
                stroke="dark ? datum.dark : datum.light",
                strokeWidth="datum.q == tinted ? 1.6 : 0.6",
                cursor="'crosshair'",
            )
            for name, (when, left) in zip(("gate", "gateRight"), SIDES, strict=True)
        ),
        # Where a quantity was taken hold of.
        rect(
            rows="holds",
            when=PAIR,
            keep="datum.rows > 0",
            let={"top": "mapsY + datum.q*mapStep"},
            x="rightX + datum.from*colW",
            x2="rightX + datum.to*colW",
            y="datum.top + datum.place*heatRow",
            y2="datum.top + (datum.place + datum.rows)*heatRow",
            fill="now",
            fillOpacity=0,
            stroke="now",
            strokeWidth=2,
            strokeDash=[4, 3],
        ),
    ]


def _expected() -> list[Layer]:
    """What the network expects after each token, and whether that changed."""
    return [
        *(
            text(
                when=f"{when} && worded",
                rows="sequence(T)",
                let={"word": word, "was": "B.pair ? was[datum.k] : bestWord[datum.k*C]"},
                text="datum.word",
                x=f"{left} + (datum.k + 0.5)*colW",
                y="mapsEnd + 10*z",
                fontSize="clamp(colW*0.24, 10*z, 13*z)",
                limit="colW - 3",
                fill="datum.word == datum.was ? yColour : now",
                fontWeight="datum.word == datum.was ? 'normal' : 'bold'",
            )
            for (when, left), word in zip(
                SIDES, ("B.pair ? was[datum.k] : bestWord[datum.k*C]", "bestWord[datum.k*C]"), strict=True
            )
        ),
        text(
            when=f"{MAPS} && worded",
            text="'yₜ'",
            x="gutter - 12*z",
            y="mapsEnd + 10*z",
            align="'right'",
            fontSize="15*z",
            fontWeight="'bold'",
            fill="yColour",
        ),
    ]


def _covers() -> list[Layer]:
    """What is still to come: in each half one empty place over the rest of the maps, of the words and of the lines."""

    def rest(begin: str, column: str) -> dict[str, Any]:
        """begin: where a half begins.     column: the width of one."""
        return {
            "rows": HALVES,
            "when": f"{MAPS} && !every && (way > 0 ? t < T - 1 : t > 0)",
            "let": {"half": "datum.k", "left": f"{begin} + (way > 0 ? t + 1 : 0)*{column}"},
            "x2": f"{begin} + (way > 0 ? T : t)*{column} + 2",
            "fill": "paper",
            "stroke": "soft",
            "strokeDash": [3, 3],
        }

    # A line runs from the middle of a column to that of the next.
    lines = {"x": "datum.left - linesColW/2 + 1", "y": "linesY - 1", "y2": "linesY + linesH + 1"}
    return [
        rect(**rest(FROM, "colW"), name="mapsPlace", x="datum.left + 1", y="mapsY - 20*z", y2="mapsEnd + 20*z"),
        rect(**rest(LINES_FROM, "linesColW"), name="linesPlace", **lines),
    ]


def _cursor() -> list[Layer]:
    """One frame for now and one for the picked unit, through all heatmaps; what the pointer is on, in numbers."""
    frame = {"fill": "now", "fillOpacity": 0, "stroke": "now", "strokeWidth": 1.6, "cornerRadius": 2}
    return [
        rect(
            **frame,
            rows=HALVES,
            when=MAPS,
            let={"half": "datum.k"},
            x=f"{FROM} + t*colW",
            x2=f"{FROM} + (t + 1)*colW",
            y="mapsY - 4*z",
            y2="mapsEnd",
        ),
        rect(
            **frame,
            rows=HALVES,
            when=MAPS,
            let={"half": "datum.k"},
            x=f"{LINES_FROM} + t*linesColW",
            x2=f"{LINES_FROM} + (t + 1)*linesColW",
            y="linesY - 3*z",
            y2="linesY + linesH + 3*z",
        ),
        *(
            outline(
                rows="maps",
                when=when,
                x=f"{left} - 1",
                x2=f"{left} + T*colW + 1",
                y="mapsY + datum.q*mapStep + place*heatRow - 0.5",
                y2="mapsY + datum.q*mapStep + (place + 1)*heatRow + 0.5",
                stroke="ink",
                strokeWidth=1,
            )
            for when, left in SIDES
        ),
        text(
            name="pointed",
            when=MAPS,
            let={
                "row": "hover ? MAPS[hover.q] : null",
                "v": "!hover ? 0 : B.pair && !hover.half ? toNumber(earlier[(hover.q*T + hover.c)*H + hover.u]) : "
                + element("datum.row.vec", "hover.c", "hover.u"),
            },
            text="hover ? datum.row.symbol + '[' + called[hover.u] + ']  ·  t = ' + (hover.c + 1 + B.shift) + '  ·  ‘'"
            f" + token[hover.c] + '’  ·  ' + {numbers.fixed('datum.v', 3)} : ''",
            x="width - 4",
            y="linesBeside ? linesY + linesH + 16*z : linesY - 11*z",
            align="'right'",
            font=MONO,
            fontSize="12*z",
            fill="ink",
        ),
    ]
