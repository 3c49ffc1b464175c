"""Under a stage that watches the gates, or beside its cell where there is room: what the memory is made of at the
present step, and when it was written.
"""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    Layer,
    Signal,
    element,
    heading,
    outline,
    rect,
    rule,
    swatch,
    text,
    tip,
)
from rnnviz.charts.kit.names import Meaning, Names

NAMES = Names(
    signals={
        "beltColour": Meaning("colour", "the memory's"),
        "beltRow": Meaning("px", "height of a unit in the picture of the memory"),
        "beltBeside": Meaning("flag", "whether what shows the memory stands beside the cell"),
        "beltX": Meaning("px", "left edge of what shows the memory"),
        "beltY": Meaning("px", "its upper edge"),
        "beltTop": Meaning("px", "upper edge of that picture"),
        "beltW": Meaning("px", "its width"),
        "beltMid": Meaning("px", "zero of its bars"),
        "sharesX": Meaning("px", "left edge of the bars that say when the memory was written"),
        "sharesY": Meaning("px", "their upper edge"),
        "sharesH": Meaning("px", "their height"),
        "shareW": Meaning("px", "width of one"),
    },
    tables={
        "bundle": {
            "belt": Meaning("flag", "whether it shows what the memory is made of"),
            "keep": Meaning("index", "the vector that is kept of the memory"),
            "write": Meaning("index", "the vector that is written to it"),
            "mem": Meaning("index", "the vector of the memory"),
            "memSymbol": Meaning("text", "the memory's symbol"),
            "keepFormula": Meaning("text", "what is kept, as a formula"),
            "writeFormula": Meaning("text", "what is written, as a formula"),
            "beltScale": Meaning("number", "what a full bar of the memory stands for"),
            "beltLight": Meaning("colour", "the memory's colour on a light page"),
            "beltDark": Meaning("colour", "the same on a dark page"),
            "shares": Meaning(
                "numbers",
                "how much of the memory at t was written at each step, the start first, (T, T + 1, H)",
                "shares",
            ),
            "shareScale": Meaning("numbers", "the largest share of each unit", "shareScale"),
        },
    },
)


def signals() -> list[Signal]:
    return [
        *NAMES.lists(),
        {"name": "beltColour", "update": "dark ? B.beltDark : B.beltLight"},
        {"name": "belted", "update": "B.belt"},
        {"name": "beltBeside", "update": "beside && !B.panels"},
        # Beside the cell, so that a laptop's screen has both; the one picture is over the other there.
        {"name": "beltX", "update": "beltBeside ? sumsX : 0"},
        {"name": "beltY", "update": "beltBeside ? regionY : regionEnd + 8*z"},
        {"name": "beltRow", "update": "clamp(floor((beltBeside ? 120*z : 150*z) / H), 2, 12*z)"},
        {"name": "beltTop", "update": "beltY + 50*z"},
        {"name": "beltW", "update": "beltBeside ? width - sumsX : phone ? width : width*0.44"},
        {"name": "beltMid", "update": "beltX + (phone ? width/2 : 30*z + (beltW - 30*z)/2)"},
        {"name": "sharesX", "update": "beltBeside ? beltX + 40*z : phone ? 34 : beltW + 90*z"},
        {"name": "sharesY", "update": "phone || beltBeside ? beltTop + beltRow*H + (phone ? 60 : 42*z) : beltTop"},
        {
            "name": "sharesH",
            "update": "beltBeside ? max(60*z, regionEnd - sharesY - 56*z) : max(90*z, beltRow*H - 30*z)",
        },
        {"name": "shareW", "update": "min((width - sharesX - 4) / (T + 1), 60*z)"},
        {
            "name": "beltH",
            "update": "!B.belt ? 0 :"
            " beltBeside ? max(0, (B.shares == '' ? beltTop + beltRow*H : sharesY + sharesH + 56*z)"
            " - regionEnd) : 58*z + beltRow*H + (phone && B.shares != '' ? sharesH + 110 : 20*z)",
        },
    ]


def layers() -> list[Layer]:
    return [*_belt(), *_shares()]


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
    rows = {"when": f"{when} && ready", "rows": "sequence(H)", "let": bar}
    thick = "datum.y + max(1, beltRow - 1)"
    return [
        rule(when=when, x="beltX", x2="width", y="beltY", y2="beltY"),
        heading(
            when=when,
            text="replace(B.s_belt, '{t}', '' + step_number)",
            x="beltX",
            y="beltY + 17*z",
        ),
        *(
            layer
            for number, label, colour in ((0, "B.s_old", "beltColour"), (1, "B.s_new", "gColour"))
            for layer in swatch(
                label,
                colour,
                f"beltX + {number}*min(190*z, beltW/2)",
                "beltY + 29*z",
                "beltY + 39*z",
                "beltY + 34*z",
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
            tooltip=tip("B.s_old + ' [' + called[datum.u] + ']'", "datum.old", "B.keepFormula"),
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
            tooltip=tip("B.s_new + ' [' + called[datum.u] + ']'", "datum.new", "B.writeFormula"),
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
    past = "datum.k <= t + ready"  # by operation the present step writes only with its last
    held = element("B.mem", "t", "picked")
    return [
        heading(
            when=when,
            let={"held": held},
            text="replace(B.s_written, '{unit}', '' + unit_number) + '  ' + B.memSymbol + ' = '"
            f" + (ready ? {numbers.fixed('datum.held', 3)} : '?')",
            x="phone ? 0 : sharesX - 40*z",
            y="phone ? sharesY - 26 : beltBeside ? sharesY - 20*z : beltY + 17*z",
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
            keep=past,
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
            keep="datum.k <= t + 1",
            text="datum.name",
            x="datum.left + shareW/2",
            y="sharesY + sharesH + 10*z",
            angle="shareW < 44*z ? -50 : 0",
            align="shareW < 44*z ? 'right' : 'center'",
            fontSize="11*z",
            fill="datum.k == t + 1 ? now : soft",
            limit="shareW < 44*z ? 60*z : shareW - 3",
        ),
    ]
