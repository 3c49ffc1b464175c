"""Under the heatmaps of a stage that watches the gates, or beside them where there is room: the picked unit through
time, and the text coloured by it.
"""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    Layer,
    element,
    fitted_words,
    heading,
    rect,
    rule,
    shade_of,
    text,
    tip,
)

MAPS = "depth == 0"
LATER = "(!every && (datum.k - t)*way > 0)"  # of the token at place `k`: its step is still to come


def _lines() -> list[Layer]:
    """The picked unit through time: one line for each quantity, from -1 to 1 of its scale."""
    mid = "linesY + linesH/2"
    return [
        heading(
            when=MAPS,
            text="replace(B.s_followed, '{unit}', '' + unit_number)",
            x="linesX",
            y="linesY - (linesBeside ? 32*z : 11*z)",
        ),
        # Which line is which; one that is drawn as a part of its scale says so.
        text(
            when=f"{MAPS} && !phone",
            rows="maps",
            text=f"datum.symbol + (datum.scale > 1 ? ' ÷ ' + {numbers.size('datum.scale')} : '')",
            x="linesX + (linesBeside ? datum.q*legendStep : 250*z + datum.q*52*z)",
            y="linesY - 11*z",
            align="'left'",
            fontSize="linesBeside ? min(13*z, legendStep*0.22) : 13*z",
            fontWeight="'bold'",
            fill="dark ? datum.dark : datum.light",
        ),
        *(
            rule(when=MAPS, x="linesX", x2="linesX + T*linesColW", y=y, y2=y, strokeWidth=width)
            for y, width in (("linesY", 0.7), (mid, 1), ("linesY + linesH", 0.7))
        ),
        *(
            text(when=MAPS, text=label, x="linesX - 12*z", y=y, align="'right'", fontSize="10*z", fill="soft")
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
            x="(B.pair ? rightX : linesX) + (datum.c + 0.5)*linesColW",
            x2="(B.pair ? rightX : linesX) + (datum.c + 1.5)*linesColW",
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
            x="linesX + (datum.c + 0.5)*linesColW",
            x2="linesX + (datum.c + 1.5)*linesColW",
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
        "left": "linesX + datum.at - datum.line*textW",
        "right": "datum.left + (toNumber(ends[datum.k]) - toNumber(starts[datum.k]))*em",
        "mid": "textY + (datum.line + 0.5)*textStep",
        "c": "datum.k",
        "v": element("TINT.vec", "datum.k", "picked"),
    }
    rows = {"when": MAPS, "rows": "sequence(T)", "let": where}
    name = tip("TINT.symbol + '[' + unit_number + '] · t = ' + (datum.k + 1 + B.shift)", "datum.v", "token[datum.k]")
    return [
        heading(
            when=MAPS,
            # How another is chosen is said at the top of a phone's page.
            let={
                "said": "(B.pair ? B.s_held + ' · ' : '') + replace(replace(phone ? split(B.s_coloured, ':')[0]"
                " : B.s_coloured, '{unit}', '' + unit_number), '{q}', TINT.symbol)"
            },
            text="datum.said",
            fontSize=fitted_words("12.5*z", "width - linesX", "datum.said"),
            x="linesX",
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
            fill=f"{LATER} ? paper : {shade_of('TINT', 'datum.v')}",
            stroke=f"{LATER} ? soft : datum.k == t ? now : indexof(marked, '' + datum.k) >= 0 ? ink : paper",
            strokeWidth=f"{LATER} ? 1 : datum.k == t ? 2 : indexof(marked, '' + datum.k) >= 0 ? 1.6 : 0",
            strokeDash=f"{LATER} ? [3, 3] : null",
            cursor="'pointer'",
            tooltip=f"{LATER} ? '' : {name}",
        ),
        text(
            **rows,
            text=f"{LATER} ? '' : token[datum.k]",
            x="(datum.left + datum.right)/2",
            y="datum.mid",
            fontSize="em",
            fill="ink",
            limit="datum.right - datum.left",
        ),
    ]


def layers() -> list[Layer]:
    return [*_lines(), *_text()]
