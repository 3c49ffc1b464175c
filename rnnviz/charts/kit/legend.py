"""The legend of the scale of gradient norms."""

from __future__ import annotations

from rnnviz.charts.kit.draw import Layer, rect, rule, small, swatch
from rnnviz.charts.kit.expr import Expr, datum, fn, names, when
from rnnviz.charts.kit.scale import STEPS

LABELLED = 220  # px from which on the words for what float32 holds fit between the two ends
LETTER = 5.8  # px before zoom of a letter of theirs, on average


def legend(x: str, y: str, wide: str) -> list[Layer]:
    """The scale's colours with the powers of ten at its ends, what float32 still holds, and the three that are no
    sizes. Of `bundle` it reads `Span.row` and the words `s_float32`, `s_zero` and `s_infinite`."""
    left, top, width = Expr(x), Expr(y), Expr(wide)
    phone, z, flow = names("phone z flow")
    step = width / STEPS
    specials = [("B.s_zero", "zeroColour"), ("B.s_infinite", "infColour"), ("'NaN'", "nanColour")]
    beside = when(phone, left, left + width + 22 * z)
    limit = left + Expr("B.flowLimit") * width
    beyond = Expr("(B.flowLimit < 0 ? '◂ ' : '┆ ') + B.s_float32")
    least, most = left + _wide("B.flowFrom"), left + width - _wide("B.flowTo") - _wide(str(beyond))
    return [
        rect(
            rows=f"sequence({STEPS})",
            x=left + datum.k * step,
            x2=left + (datum.k + 1) * step + 0.5,
            y=top,
            y2=top + 10 * z,
            fill=flow[datum.k],
        ),
        small(text="B.flowFrom", x=left, y=top + 20 * z, align="'left'"),
        small(text="B.flowTo", x=left + width, y=top + 20 * z, align="'right'"),
        rule(
            when="B.flowLimit >= 0 && B.flowLimit <= 1",
            x=limit,
            x2=limit,
            y=top - 2,
            y2=top + 13 * z,
            stroke="ink",
            strokeDash=[2, 2],
        ),
        # Its sign is at the place that it is about: the left end that it is beyond, or the dashed line.
        small(
            when=f"({wide}) > {LABELLED}*z",
            text=beyond,
            x=fn.clamp(limit - 2 * z, least, fn.max(least, most)),
            y=top + 20 * z,
            align="'left'",
            limit=width - 90 * z,
        ),
        *(
            layer
            for place, (label, colour) in enumerate(specials)
            for layer in swatch(
                label,
                colour,
                str(beside + place * 92 * z),
                str(top + when(phone, 32, 0)),
                str(top + when(phone, 42, 10 * z)),
                str(top + when(phone, 37, 5 * z)),
                limit=74 * z,
            )
        ),
    ]


def _wide(words: str) -> Expr:
    """About how wide words are, with the room beside them."""
    return (LETTER * fn.length(Expr(words)) + 8) * names("z")[0]
