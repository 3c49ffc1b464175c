"""Over the region that is looked at: how deep one looks, what to do here, the legend of values, and what of the trace
is shown where that is not all of it.
"""

from __future__ import annotations

from rnnviz.charts.kit import player
from rnnviz.charts.kit.draw import Layer, fitted_words, press, rect, text, text_literal
from rnnviz.charts.kit.wrap import BREAK

CRUMB = "(phone ? 62 : 118*z)"  # the width of one
EVERY = "(phone ? 187 : width - 276*z)"  # where the switch for what comes later stands


def layers() -> list[Layer]:
    return [*_crumbs(), *_legend(), *_excerpt(), *_on_a_phone()]


def _crumbs() -> list[Layer]:
    """Where one is: chain, cell, unit, each a click; and whether what comes later is shown."""
    width = CRUMB
    left = f"datum.k*{width}"
    rows = {"rows": "sequence(3)", "let": {"left": left}}
    label = "datum.k == 0 ? B.s_chain : datum.k == 1 ? B.kind + ' · t = ' + step_number"
    label += " : scoring ? B.s_score : B.s_unit + ' ' + unit_number"
    every = EVERY
    switch = {
        "x": every,
        "x2": f"{every} + (phone ? 50 : 100*z)",
        "y": "crumbY - 12*z",
        "y2": "crumbY + 12*z",
    }
    return player.drawn(
        [
            rect(**switch, cornerRadius=7, fill="paper", stroke="every ? now : line"),
            text(
                text="phone ? split(B.s_every, ' (')[0] : B.s_every",
                x=f"{every} + (phone ? 25 : 50*z)",
                y="crumbY",
                fontSize="phone ? 10.5 : 12*z",
                limit="phone ? 48 : 94*z",
                fill="every ? now : ink",
            ),
            press("every", **switch),
            text(
                **rows,
                text=label,
                x=f"datum.left + {width}/2",
                y="crumbY",
                fontSize="phone ? 10.5 : 12.5*z",
                limit=f"{width} - 6",
                fontWeight="datum.k == depth ? 'bold' : 'normal'",
                fill="datum.k == depth ? now : soft",
            ),
            text(
                rows="sequence(1, 3)",
                text="'›'",
                x=f"datum.k*{width}",
                y="crumbY",
                fill="soft",
                fontSize="14*z",
            ),
            rect(
                name="crumb",
                **rows,
                x="datum.left + 4",
                x2=f"datum.left + {width} - 4",
                y="crumbY - (phone ? 19 : 13*z)",
                y2="crumbY + (phone ? 19 : 13*z)",
                cornerRadius=6,
                fill="now",
                fillOpacity="datum.k == depth ? 0.07 : 0",
                cursor="'pointer'",
            ),
        ]
    )


def _legend() -> list[Layer]:
    """What to do here, and the legend of values."""
    legend = "width - (phone ? B.placed ? 108 : 84 : 150*z)"
    left = f"(B.placed ? 0 : 3*{CRUMB} + 14*z)"
    beside = "(B.fold && !phone ? 300 : gatesLegend && !phone ? 226 : 46)*z"  # px of what stands there too
    limit = f"((B.placed ? {legend} - {beside} : {EVERY} - 10*z) - {left})"
    return [
        text(
            let={
                "said": "phone ? (B.placed && depth == 0 ? B.s_hint_tap : '')"
                " : (B.cell == B.kind ? '' : B.cell + '.  ') + (every && depth == 0 ? B.s_all_shown + ' ' : '')"
                " + (depth == 0 ? B.s_hint_chain : depth == 2 ? (scoring ? B.s_hint_score : B.s_hint_unit)"
                " : replace(B.s_hint_cell, '{unit}', '' + unit_number))",
            },
            text="datum.said",
            x=left,
            y="crumbY",
            align="'left'",
            fontSize=f"max(9*z, {fitted_words('12*z', limit, 'datum.said')})",
            fill="soft",
            limit=limit,
        ),
        rect(
            rows="sequence(41)",
            x=f"{legend} + 22*z + datum.k*(phone ? B.placed ? 1.5 : 0.9 : 2.3*z)",
            x2=f"{legend} + 22*z + (datum.k + 1)*(phone ? B.placed ? 1.5 : 0.9 : 2.3*z) + 0.4",
            y="crumbY - 5*z",
            y2="crumbY + 5*z",
            fill="ramp[datum.k]",
        ),
        text(
            text="'−' + VECS[B.h].half", x=f"{legend} + 16*z", y="crumbY", align="'right'", fontSize="11*z", fill="soft"
        ),
        text(
            text="'+' + VECS[B.h].half",
            x=f"{legend} + 26*z + 41*(phone ? B.placed ? 1.5 : 0.9 : 2.3*z)",
            y="crumbY",
            align="'left'",
            fontSize="11*z",
            fill="soft",
        ),
    ]


def _excerpt() -> list[Layer]:
    """What of the trace is shown, where that is not all of it."""
    size = fitted_words("12*z", "width - 8", "B.excerpt")
    return [
        text(
            name="excerpt",
            text="B.excerpt",
            x="0",
            y="regionY - moreH - 9*z",
            align="'left'",
            fontSize=f"max(8*z, {size})",
            limit="width - 8",
            fill="now",
        )
    ]


def _on_a_phone() -> list[Layer]:
    """Where one looks into a unit or a score, which there is no room for beside the rest: what each bar is, and the way
    back."""
    inside = "phone && B.placed && depth > 0"
    back = {"when": inside, "y": "crumbY"}
    return [
        text(**back, text="'‹ ' + B.s_chain", x="8", align="'left'", fontSize=13, fontWeight="'bold'", fill="now"),
        press("toChain", when=inside, x="0", x2="150", y="crumbY - 19", y2="crumbY + 19"),
        text(
            when="phone && depth == 2",
            text=f"split(scoring ? B.scoreBars : B.unitBars, {text_literal(BREAK)})",
            x="0",
            y="crumbY + 18",
            align="'left'",
            baseline="'top'",
            fontSize=12,
            lineHeight="17",
            fill="ink",
        ),
    ]
