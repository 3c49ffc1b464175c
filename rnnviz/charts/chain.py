"""Depth 0 of the stage: the unrolled network, one column per token, and the hidden state over time under it."""

from __future__ import annotations

from rnnviz.charts.draw import Layer, Signal, rect, rule, shape, text

# Columns are counted from the first token; `left(c)` and `mid(c)` are its place in px.
LEFT = "gutter + ({} - first)*colW"
MID = "gutter + ({} - first + 0.5)*colW"
HERE = LEFT.format("t")
SHOWN = "sequence(first, first + cols)"
RIGHT_ARROW = "'M-1,-1L1,0L-1,1Z'"
UP_ARROW = "'M-1,1L0,-1L1,1Z'"


def signals() -> list[Signal]:
    """Where the rows of the chain lie, in px from the top of the region."""
    return [
        {"name": "gutter", "update": "phone ? 40 : 70*z"},
        {"name": "colMin", "update": "phone ? 58 : 62*z"},
        {"name": "cols", "update": "max(1, min(T, floor((width - gutter - 2) / colMin)))"},
        {"name": "colW", "update": "min((width - gutter - 2) / cols, 170*z)"},
        # The window moves a page at a time, so that a step seldom moves what is drawn; the column before is kept.
        {"name": "page", "update": "max(1, cols - 1)"},
        {"name": "first", "update": "clamp(floor(max(0, t - 1) / page) * page, 0, max(0, T - cols))"},
        {"name": "boxW", "update": "min(colW * 0.62, 76*z)"},
        {"name": "boxY", "update": "regionY + 62*z"},
        {"name": "boxH", "update": "38*z"},
        {"name": "tokenY", "update": "regionY + 128*z"},
        {"name": "heatY", "update": "regionY + 160*z"},
        {"name": "heatRow", "update": "clamp(floor(150*z / H), 3, 13*z)"},
        {"name": "heatEnd", "update": "heatY + heatRow*H"},
    ]


def layers() -> list[Layer]:
    top = "depth == 0"
    named = {"mid": MID.format("datum.k")}
    gap = "(colW - boxW)/2"
    return [
        # Row names in the gutter, each in the colour of its symbol.
        *(
            text(
                text=f"'{symbol}'",
                x="gutter - 12*z",
                y=y,
                align="'right'",
                fill=colour,
                when=top,
                fontSize="15*z",
                fontWeight="'bold'",
            )
            for symbol, y, colour in (
                ("yₜ", "regionY + 14*z", "yColour"),
                ("hₜ", "boxY + boxH/2", "hColour"),
                ("xₜ", "tokenY", "xColour"),
            )
        ),
        # The prediction: the best word and its probability.
        text(
            rows=SHOWN,
            let=named,
            when=top,
            text="bestWord[datum.k*5]",
            x="datum.mid",
            y="regionY + 12*z",
            fill="yColour",
            fontSize="13*z",
            limit="colW - 6",
        ),
        text(
            rows=SHOWN,
            let=named,
            when=top,
            text="B.head ? format(toNumber(bestP[datum.k*5]), '.0%') : ''",
            x="datum.mid",
            y="regionY + 29*z",
            fill="soft",
            fontSize="11*z",
        ),
        # Arrows: token into cell, state along, cell to prediction.
        rule(
            rows=SHOWN,
            let=named,
            when=top,
            x="datum.mid",
            x2="datum.mid",
            y="boxY - 4*z",
            y2="regionY + 46*z",
            stroke="soft",
        ),
        shape(UP_ARROW, rows=SHOWN, let=named, when=top, x="datum.mid", y="regionY + 45*z", size="26*z", fill="soft"),
        rule(
            rows=SHOWN,
            let=named,
            when=top,
            x="datum.mid",
            x2="datum.mid",
            y="tokenY - 12*z",
            y2="boxY + boxH + 10*z",
            stroke="soft",
        ),
        shape(
            UP_ARROW, rows=SHOWN, let=named, when=top, x="datum.mid", y="boxY + boxH + 7*z", size="26*z", fill="soft"
        ),
        rule(
            rows=SHOWN,
            let={"from": f"{LEFT.format('datum.k')} - (way > 0 ? {gap} : -colW - {gap})"},
            when=top,
            keep=f"(way > 0 ? datum.k > first || datum.k == 0 : datum.k < first + cols - 1)",
            x=f"way > 0 ? max(gutter - 8*z, datum.from) : datum.from - 2*{gap}",
            x2=f"way > 0 ? datum.from + 2*{gap} - 7*z : datum.from",
            y="boxY + boxH/2",
            y2="boxY + boxH/2",
            stroke="hColour",
            strokeWidth=2,
        ),
        shape(
            f"way > 0 ? {RIGHT_ARROW} : 'M1,-1L-1,0L1,1Z'",
            rows=SHOWN,
            let={"edge": f"{LEFT.format('datum.k')} + (way > 0 ? {gap} - 6*z : colW - {gap} + 6*z)"},
            when=top,
            x="datum.edge",
            y="boxY + boxH/2",
            size="34*z",
            fill="hColour",
        ),
        # The cell: a barcode of the state that it passes on.
        rect(
            rows="sequence(first*H, (first + cols)*H)",
            let={
                "c": "floor(datum.k / H)",
                "u": "datum.k % H",
                "left": f"{LEFT.format('datum.c')} + {gap} + datum.u*boxW/H",
            },
            when=top,
            x="datum.left",
            x2="datum.left + boxW/H + 0.3",
            y="boxY",
            y2="boxY + boxH",
            fill="ramp[round(20 + 20*clamp(toNumber(V[hOffset + datum.k]), -1, 1))]",
        ),
        rect(
            name="box",
            rows=SHOWN,
            let={"c": "datum.k", "left": f"{LEFT.format('datum.k')} + {gap}"},
            when=top,
            x="datum.left - 1",
            x2="datum.left + boxW + 1",
            y="boxY - 1",
            y2="boxY + boxH + 1",
            cornerRadius=5,
            fill="paper",
            fillOpacity=0,
            stroke="hColour",
            strokeWidth=1.5,
            cursor="'zoom-in'",
            tooltip="{title: B.cell + ' · t = ' + (datum.k + 1) + ' · ' + token[datum.k], '⏎': B.s_inside}",
        ),
        # The tokens.
        text(
            rows=SHOWN,
            let=named,
            when=top,
            text="token[datum.k]",
            x="datum.mid",
            y="tokenY",
            fill="xColour",
            fontSize="14*z",
            limit="colW - 6",
        ),
        text(
            rows=SHOWN,
            let=named,
            when=top,
            text="'' + (datum.k + 1)",
            x="datum.mid",
            y="tokenY + 18*z",
            fill="soft",
            fontSize="11*z",
        ),
        rect(
            name="column",
            rows=SHOWN,
            let={"c": "datum.k", "left": LEFT.format("datum.k")},
            when=top,
            x="datum.left",
            x2="datum.left + colW",
            y="boxY + boxH + 4*z",
            y2="heatY - 6*z",
            fill="paper",
            fillOpacity=0,
            cursor="'pointer'",
            tooltip="token[datum.k]",
        ),
        # The hidden state over all steps.
        text(
            text="'h'",
            x="gutter - 12*z",
            y="(heatY + heatEnd)/2",
            align="'right'",
            fill="hColour",
            when=top,
            fontSize="15*z",
            fontWeight="'bold'",
        ),
        text(
            text="'1'",
            x="gutter - 12*z",
            y="heatY + heatRow/2",
            align="'right'",
            fill="soft",
            when=top,
            fontSize="10*z",
        ),
        text(
            text="'' + H",
            x="gutter - 12*z",
            y="heatEnd - heatRow/2",
            align="'right'",
            fill="soft",
            when=top,
            fontSize="10*z",
        ),
        rect(
            name="heat",
            rows="sequence(first*H, (first + cols)*H)",
            let={
                "c": "floor(datum.k / H)",
                "u": "datum.k % H",
                "v": "toNumber(V[hOffset + datum.k])",
                "left": LEFT.format("datum.c"),
                "top": "heatY + datum.u*heatRow",
            },
            when=top,
            x="datum.left + 1",
            x2="datum.left + colW - 1",
            y="datum.top",
            y2="datum.top + heatRow - 0.5",
            fill="ramp[round(20 + 20*clamp(datum.v, -1, 1))]",
            cursor="'pointer'",
            tooltip="{title: 'h[' + (datum.u + 1) + '] · t = ' + (datum.c + 1) + ' · ' + token[datum.c], '=': format(datum.v, '.4f'), '←': FINAL.formula}",
        ),
        rect(
            x="gutter",
            x2="gutter + cols*colW",
            y="heatY - 1",
            y2="heatEnd + 1",
            fill="paper",
            fillOpacity=0,
            stroke="line",
            when=top,
            aria=False,
        ),
        # One cover for all that is still to come, one frame for now: only these follow the step.
        rect(
            when=top,
            x=f"way > 0 ? {HERE} + colW : gutter",
            x2=f"way > 0 ? gutter + cols*colW + 2 : {HERE}",
            y="regionY",
            y2="heatEnd + 2",
            fill="paper",
            opacity=0.72,
            cursor="'pointer'",
            aria=False,
        ),
        rect(
            when=top,
            x=f"{HERE} + 0.5",
            x2=f"{HERE} + colW - 0.5",
            y="regionY - 2",
            y2="heatEnd + 3",
            cornerRadius=6,
            fill="now",
            fillOpacity=0.05,
            stroke="now",
            strokeWidth=2,
        ),
        rect(
            when=top,
            x="gutter",
            x2="gutter + cols*colW",
            y="heatY + picked*heatRow - 0.5",
            y2="heatY + (picked + 1)*heatRow - 0.5",
            fill="paper",
            fillOpacity=0,
            stroke="ink",
            strokeWidth=1,
            opacity=0.6,
        ),
    ]
