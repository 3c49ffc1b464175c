"""Depth 0 of a stage that watches the gates: every quantity as a heatmap over the same time axis, tokens across, units
down, one cursor through all; the picked unit's lines under them, and the text coloured by it. Under the region, what
the memory is made of at the present step, and when it was written.

The heatmaps are pictures of one pixel per number, so that 200 steps cost the browser what 20 do. Beside an untouched
run (`Watched.before`) each is drawn twice, on the same scale.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    MONO,
    Layer,
    Signal,
    element,
    heading,
    image,
    outline,
    rect,
    rule,
    shade,
    swatch,
    text,
    tip,
)
from rnnviz.charts.kit.player import click

MAPS = "depth == 0"
PAIR = f"{MAPS} && B.pair"
SIDES = ((MAPS, "gutter"), (PAIR, "rightX"))  # where the only run or the untouched one stands, and the held one
FROM = "(datum.half ? rightX : gutter)"  # where a half of the region begins
HALVES = "sequence(halves)"
ROOM = "(phone ? 34 : 22*z)"  # what a token needs over its column
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
        {"name": "order", "update": "split(B.order, ',')"},
        {"name": "place", "update": "indexof(order, '' + picked)"},
        {"name": "halves", "update": "B.pair ? 2 : 1"},
        {"name": "gutter", "update": "phone ? 42 : 74*z"},
        {"name": "halfW", "update": "(width - gutter - 2 - (halves - 1)*16*z) / halves"},
        {"name": "cols", "update": "T"},
        {"name": "first", "update": "0"},
        {"name": "colW", "update": "min(halfW / T, 150*z)"},
        {"name": "rightX", "update": "gutter + T*colW + 16*z"},
        {"name": "heatRow", "update": "clamp(floor(60*z / H * 2) / 2, 1, 8*z)"},
        {"name": "mapH", "update": "heatRow*H"},
        {"name": "mapStep", "update": "mapH + 8*z"},
        {"name": "tick", "update": "T > 100 ? 50 : T > 40 ? 10 : 5"},
        {"name": "headY", "update": "regionY + 8*z"},
        {"name": "mapsY", "update": "regionY + (B.pair ? 42*z : 24*z)"},
        {"name": "mapsEnd", "update": "mapsY + B.maps*mapStep"},
        {"name": "worded", "update": "B.head && colW >= 30*z"},
        {"name": "linesY", "update": "mapsEnd + (worded ? 44*z : 22*z)"},
        {"name": "linesH", "update": "84*z"},
        {"name": "em", "update": f"{TEXT_EM}*z"},
        {"name": "textY", "update": "linesY + linesH + 46*z"},
        {"name": "textW", "update": "width - gutter - B.longest*em"},
        {"name": "textStep", "update": "em*1.75"},
        {"name": "textEnd", "update": "textY + textStep*(1 + floor(B.extent*em / textW))"},
        {"name": "heatEnd", "update": "textEnd"},
        {"name": "starts", "update": "split(B.starts, ',')"},
        {"name": "ends", "update": "split(B.ends, ',')"},
        {"name": "marked", "update": "split(B.marked, ',')"},
        {"name": "was", "update": "split(B.was, SEP)"},
        {"name": "MAPS", "update": "data('maps')"},
        {"name": "earlier", "update": "B.pair ? split(join(pluck(MAPS, 'was'), ','), ',') : []"},
        {
            "name": "tinted",
            "init": "B.tint",
            "on": [
                {"events": {"signal": "B.tint + '|' + B.marked"}, "update": "B.tint"},
                {"events": [*click("gate"), *click("gateRight"), *click("gateName")], "update": "datum.q"},
            ],
        },
        {"name": "TINT", "update": "MAPS[min(tinted, B.maps - 1)]"},
        {"name": "hover", "value": None, "on": [*hovered, {"events": left, "update": "null"}]},
        {"name": "shares", "update": "split(B.shares, ',')"},
        {"name": "shareScale", "update": "split(B.shareScale, ',')"},
        {"name": "beltColour", "update": "dark ? B.beltDark : B.beltLight"},
        {"name": "beltRow", "update": "clamp(floor(150*z / H), 2, 12*z)"},
        {"name": "beltTop", "update": "regionEnd + 58*z"},
        {"name": "beltW", "update": "phone ? width : width*0.44"},
        {"name": "beltMid", "update": "phone ? width/2 : 30*z + (beltW - 30*z)/2"},
        {"name": "sharesX", "update": "phone ? 34 : beltW + 90*z"},
        {"name": "sharesY", "update": "phone ? beltTop + beltRow*H + 60 : beltTop"},
        {"name": "sharesH", "update": "max(90*z, beltRow*H - 30*z)"},
        {"name": "shareW", "update": "min((width - sharesX - 4) / (T + 1), 60*z)"},
        {
            "name": "beltH",
            "update": "!B.belt ? 0 : 58*z + beltRow*H + (phone && B.shares != '' ? sharesH + 110 : 20*z)",
        },
    ]


# What the rooms that do not watch put in the place of it.
UNWATCHED: list[Signal] = [
    {"name": "beltH", "value": 0},
    {"name": "hover", "value": None},
]


def layers() -> list[Layer]:
    return [*_maps(), *_cursor(), *_lines(), *_text(), *_belt(), *_shares()]


def _maps() -> list[Layer]:
    top: dict[str, Any] = {"let": {"top": "mapsY + datum.q*mapStep"}, "rows": "maps", "when": MAPS}
    # Vega-Lite places a picture by its middle.
    sized: dict[str, Any] = {
        "y": "datum.top + mapH/2",
        "width": "T*colW",
        "height": "mapH",
    }
    return [
        # Tokens over their columns, where there is room for them.
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
                text="'' + (datum.c + 1)",
                x=f"{left} + (datum.c + 0.5)*colW",
                y="mapsY - 11*z",
                fontSize="11*z",
                fill="soft",
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
        text(
            **top,
            name="gateName",
            text="datum.label",
            x="gutter - 12*z",
            y="datum.top + mapH/2 - (datum.scale > 1 ? 7*z : 0)",
            align="'right'",
            fontSize="16*z",
            fontWeight="'bold'",
            fill="dark ? datum.dark : datum.light",
            cursor="'pointer'",
        ),
        text(
            **top,
            keep="datum.scale > 1",
            text=f"'±' + {numbers.size('datum.scale')}",
            x="gutter - 12*z",
            y="datum.top + mapH/2 + 9*z",
            align="'right'",
            fontSize="10*z",
            fill="soft",
        ),
        image(
            **top,
            x="gutter + T*colW/2",
            url="B.pair ? (dark ? datum.wasDark : datum.wasLight) : (dark ? datum.urlDark : datum.urlLight)",
            **sized,
        ),
        image(
            **{**top, "when": PAIR},
            x="rightX + T*colW/2",
            url="dark ? datum.urlDark : datum.urlLight",
            **sized,
        ),
        *(
            outline(
                **{**top, "when": when},
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
        # What the network expects after each token, and whether that changed.
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


def _cursor() -> list[Layer]:
    """One frame for now and one for the picked unit, through all heatmaps; what the pointer is on, in numbers."""
    return [
        rect(
            rows=HALVES,
            when=MAPS,
            let={"half": "datum.k"},
            x=f"{FROM} + t*colW",
            x2=f"{FROM} + (t + 1)*colW",
            y="mapsY - 4*z",
            y2="linesY + linesH + 3*z",
            fill="now",
            fillOpacity=0.06,
            stroke="now",
            strokeWidth=1.6,
            cornerRadius=2,
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
            text="hover ? datum.row.symbol + '[' + (hover.u + 1) + ']  ·  t = ' + (hover.c + 1) + '  ·  ‘'"
            f" + token[hover.c] + '’  ·  ' + {numbers.fixed('datum.v', 3)} : ''",
            x="width - 4",
            y="linesY - 11*z",
            align="'right'",
            font=MONO,
            fontSize="12*z",
            fill="ink",
        ),
    ]


def _lines() -> list[Layer]:
    """The picked unit through time: one line for each quantity, from -1 to 1 of its scale."""
    mid = "linesY + linesH/2"
    return [
        heading(
            when=MAPS,
            text="replace(B.s_followed, '{unit}', '' + (picked + 1))",
            x="gutter",
            y="linesY - 11*z",
        ),
        # Which line is which; one that is drawn as a part of its scale says so.
        text(
            when=f"{MAPS} && !phone",
            rows="maps",
            text=f"datum.symbol + (datum.scale > 1 ? ' ÷ ' + {numbers.size('datum.scale')} : '')",
            x="gutter + 250*z + datum.q*52*z",
            y="linesY - 11*z",
            align="'left'",
            fontSize="13*z",
            fontWeight="'bold'",
            fill="dark ? datum.dark : datum.light",
        ),
        *(
            rule(when=MAPS, x="gutter", x2="gutter + T*colW", y=y, y2=y, strokeWidth=width)
            for y, width in (("linesY", 0.7), (mid, 1), ("linesY + linesH", 0.7))
        ),
        *(
            text(when=MAPS, text=label, x="gutter - 12*z", y=y, align="'right'", fontSize="10*z", fill="soft")
            for label, y in (("'1'", "linesY + 4*z"), ("'0'", mid), ("'−1'", "linesY + linesH - 4*z"))
        ),
        rule(
            when=f"{MAPS} && T > 1",
            rows="sequence(B.maps*(T - 1))",
            let={
                "map": "MAPS[floor(datum.k / (T - 1))]",
                "c": "datum.k % (T - 1)",
                "v": element("datum.map.vec", "datum.c", "picked") + "/datum.map.scale",
                "w": element("datum.map.vec", "datum.c + 1", "picked") + "/datum.map.scale",
            },
            x="(B.pair ? rightX : gutter) + (datum.c + 0.5)*colW",
            x2="(B.pair ? rightX : gutter) + (datum.c + 1.5)*colW",
            y=f"{mid} - datum.v*linesH/2",
            y2=f"{mid} - datum.w*linesH/2",
            stroke="dark ? datum.map.dark : datum.map.light",
            strokeWidth="tinted == floor(datum.k / (T - 1)) ? 3 : 1.5",
            strokeCap="'round'",
        ),
        rule(
            when=f"{MAPS} && T > 1 && B.pair",
            rows="sequence(B.maps*(T - 1))",
            let={
                "map": "MAPS[floor(datum.k / (T - 1))]",
                "c": "datum.k % (T - 1)",
                "v": "toNumber(earlier[(datum.map.q*T + datum.c)*H + picked])/datum.map.scale",
                "w": "toNumber(earlier[(datum.map.q*T + datum.c + 1)*H + picked])/datum.map.scale",
            },
            x="gutter + (datum.c + 0.5)*colW",
            x2="gutter + (datum.c + 1.5)*colW",
            y=f"{mid} - datum.v*linesH/2",
            y2=f"{mid} - datum.w*linesH/2",
            stroke="dark ? datum.map.dark : datum.map.light",
            strokeWidth="tinted == floor(datum.k / (T - 1)) ? 3 : 1.5",
            strokeCap="'round'",
        ),
    ]


def _text() -> list[Layer]:
    """The text itself, each token on the colour of the picked unit's value; lines are cut at even lengths."""
    where = {
        "at": "toNumber(starts[datum.k])*em",
        "line": "floor(datum.at / textW)",
        "left": "gutter + datum.at - datum.line*textW",
        "right": "datum.left + (toNumber(ends[datum.k]) - toNumber(starts[datum.k]))*em",
        "mid": "textY + (datum.line + 0.5)*textStep",
        "c": "datum.k",
        "v": element("TINT.vec", "datum.k", "picked"),
    }
    rows = {"when": MAPS, "rows": "sequence(T)", "let": where}
    return [
        heading(
            when=MAPS,
            text="(B.pair ? B.s_held + ' · ' : '') + replace(replace(B.s_coloured, '{unit}', '' + (picked + 1)), '{q}',"
            " TINT.symbol)",
            x="gutter",
            y="textY - 12*z",
        ),
        rect(
            **rows,
            name="column",
            x="datum.left",
            x2="datum.right",
            y="datum.mid - textStep*0.42",
            y2="datum.mid + textStep*0.42",
            cornerRadius=3,
            fill=shade("datum.v / TINT.scale"),
            stroke="datum.k == t ? now : indexof(marked, '' + datum.k) >= 0 ? ink : paper",
            strokeWidth="datum.k == t ? 2 : indexof(marked, '' + datum.k) >= 0 ? 1.6 : 0",
            cursor="'pointer'",
            tooltip=tip("TINT.symbol + '[' + (picked + 1) + '] · t = ' + (datum.k + 1)", "datum.v", "token[datum.k]"),
        ),
        text(
            **rows,
            text="token[datum.k]",
            x="(datum.left + datum.right)/2",
            y="datum.mid",
            fontSize="em",
            fill="ink",
            limit="datum.right - datum.left",
        ),
    ]


def _belt() -> list[Layer]:
    """The memory as a conveyor: for each unit, what came from the step before and what this step wrote."""
    when = "B.belt"
    room = "beltW/2 - 40*z"
    bar = {
        "u": "toNumber(order[datum.k])",
        "old": element("B.keep", "t", "datum.u"),
        "new": element("B.write", "t", "datum.u"),
        "y": "beltTop + datum.k*beltRow",
        # Kept within the room: a bar that is longer says so with an arrow.
        "mid": f"beltMid + clamp(datum.old/B.beltScale, -1, 1)*({room})",
        "end": f"beltMid + clamp((datum.old + datum.new)/B.beltScale, -1, 1)*({room})",
        "most": "max(abs(datum.old), abs(datum.old + datum.new))/B.beltScale",
    }
    rows = {"when": when, "rows": "sequence(H)", "let": bar}
    thick = "datum.y + max(1, beltRow - 1)"
    return [
        rule(when=when, x="0", x2="width", y="regionEnd + 8*z", y2="regionEnd + 8*z"),
        heading(
            when=when,
            text="replace(B.s_belt, '{t}', '' + (t + 1))",
            x="0",
            y="regionEnd + 25*z",
        ),
        *(
            layer
            for number, label, colour in ((0, "B.s_old", "beltColour"), (1, "B.s_new", "gColour"))
            for layer in swatch(
                label,
                colour,
                f"{number}*min(190*z, beltW/2)",
                "regionEnd + 37*z",
                "regionEnd + 47*z",
                "regionEnd + 42*z",
                when=when,
                fontSize="11.5*z",
                fill="ink",
                limit="min(172*z, beltW/2 - 16*z)",
            )
        ),
        rect(
            **rows,
            name="old",
            x="min(beltMid, datum.mid)",
            x2="max(beltMid, datum.mid)",
            y="datum.y",
            y2=thick,
            fill="beltColour",
            tooltip=tip("B.s_old + ' [' + (datum.u + 1) + ']'", "datum.old", "B.keepFormula"),
        ),
        rect(
            **rows,
            name="new",
            x="min(datum.mid, datum.end)",
            x2="max(datum.mid, datum.end)",
            y="datum.y",
            y2=thick,
            fill="gColour",
            fillOpacity=0.85,
            tooltip=tip("B.s_new + ' [' + (datum.u + 1) + ']'", "datum.new", "B.writeFormula"),
        ),
        text(
            **rows,
            keep="datum.most > 1",
            text="datum.mid + datum.end > 2*beltMid ? '›' : '‹'",
            x="datum.mid + datum.end > 2*beltMid ? beltMid + beltW/2 - 32*z : beltMid - beltW/2 + 32*z",
            y="datum.y + beltRow/2 - 1",
            fontSize="13*z",
            fontWeight="'bold'",
        ),
        rule(when=when, x="beltMid", x2="beltMid", y="beltTop - 2", y2="beltTop + beltRow*H + 2", stroke="ink"),
        outline(
            when=when,
            x="beltMid - beltW/2 + 36*z",
            x2="beltMid + beltW/2 - 36*z",
            y="beltTop + place*beltRow - 1",
            y2="beltTop + (place + 1)*beltRow",
            stroke="ink",
        ),
    ]


def _shares() -> list[Layer]:
    """When the picked unit's memory was written: one bar per earlier step, which add up to what it holds."""
    when = "B.belt && B.shares != ''"
    let = {
        "v": "toNumber(shares[(t*(T + 1) + datum.k)*H + picked])",
        "left": "sharesX + datum.k*shareW",
        "name": "datum.k == 0 ? B.s_start : token[datum.k - 1]",
    }
    mid = "sharesY + sharesH/2"
    held = element("B.mem", "t", "picked")
    return [
        heading(
            when=when,
            let={"held": held},
            text="replace(B.s_written, '{unit}', '' + (picked + 1)) + '  ' + B.memSymbol + ' = '"
            f" + {numbers.fixed('datum.held', 3)}",
            x="phone ? 0 : sharesX - 40*z",
            y="phone ? sharesY - 26 : regionEnd + 25*z",
            limit="phone ? width : width - sharesX + 40*z",
        ),
        rule(when=when, x="sharesX", x2="sharesX + (T + 1)*shareW", y=mid, y2=mid, stroke="ink"),
        *(
            text(
                when=when,
                text=f"'{sign}' + {numbers.size('toNumber(shareScale[picked])', 2)}",
                x="sharesX - 6*z",
                y=y,
                align="'right'",
                fontSize="10*z",
                fill="soft",
            )
            for sign, y in (("+", "sharesY + 5*z"), ("−", "sharesY + sharesH - 5*z"))
        ),
        rect(
            when=when,
            rows="sequence(T + 1)",
            let=let,
            name="share",
            x="datum.left + 1",
            x2="datum.left + max(2, shareW - 1)",
            y=f"{mid} - max(0, datum.v)/toNumber(shareScale[picked])*sharesH/2 - 0.4",
            y2=f"{mid} - min(0, datum.v)/toNumber(shareScale[picked])*sharesH/2 + 0.4",
            fill="datum.k == t + 1 ? gColour : beltColour",
            tooltip=tip("(datum.k == 0 ? '' : 't = ' + datum.k + ' · ') + datum.name", "datum.v", "B.s_share"),
        ),
        text(
            when=f"{when} && shareW >= 14*z",
            rows="sequence(T + 1)",
            let=let,
            text="datum.k > t + 1 ? '' : datum.name",
            x="datum.left + shareW/2",
            y="sharesY + sharesH + 10*z",
            angle="shareW < 44*z ? -50 : 0",
            align="shareW < 44*z ? 'right' : 'center'",
            fontSize="11*z",
            fill="datum.k == t + 1 ? now : soft",
            limit="shareW < 44*z ? 60*z : shareW - 3",
        ),
    ]
