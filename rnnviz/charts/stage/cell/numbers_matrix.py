"""The matrix of a product beside the table of its numbers."""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import MONO, Layer, rect, shade, text, tip

# Where a column is from left to right: {0} gaps and {1} columns before it.
LEFT = "slotX + gap*{0} + slotW*{1}"
READABLE = "rowH >= 9.5"
ROW_NAMED = {"y": "rowsY + (datum.k + 0.5)*rowH", "align": "'right'", "fontSize": "min(11*z, max(8, rowH*0.7))"}


def layers() -> list[Layer]:
    """The present operation's matrix, a row a unit, and the numbers of the elements of the vector beside it."""
    weight = {
        "row": "floor(datum.k / OP.mc)",
        "u": "toNumber(units[datum.row])",
        "at": "datum.k % OP.mc",
        "w": "toNumber(weight[OP.mo + datum.u*OP.mc + datum.at])",
        "left": "labelW + datum.at*matW/OP.mc",
        "top": "rowsY + datum.row*rowH",
    }
    matrix = {"when": "OP.mc > 0", "rows": "sequence(length(units)*OP.mc)", "let": weight}
    return [
        text(
            when="OP.mc > 0",
            text="OP.matrix",
            x="labelW + matW/2",
            y="rowsY - 14*z",
            font=MONO,
            fontSize="13*z",
            fontWeight="'bold'",
        ),
        rect(
            name="weight",
            **matrix,
            x="datum.left",
            x2="datum.left + matW/OP.mc - 0.5",
            y="datum.top",
            y2="datum.top + rowH - 0.5",
            fill=shade("datum.w"),
            tooltip=tip(
                "OP.matrix + '[' + (datum.u + 1) + ', ' + (datum.at + 1) + ']'",
                "datum.w",
                "OP.torch + '[' + (OP.block + datum.u) + ', ' + datum.at + ']'",
            ),
        ),
        text(
            when=f"OP.mc > 0 && {READABLE} && matW/OP.mc >= 39*z",
            rows="sequence(length(units)*OP.mc)",
            let=weight,
            text=numbers.fixed("datum.w", 3),
            x="datum.left + matW/OP.mc/2",
            y="datum.top + rowH/2",
            font=MONO,
            fontSize="min(10.5*z, rowH*0.68)",
            aria=False,
        ),
        # The rows of a product are those of some units; its vector has all of its elements, and so numbers of its own.
        text(
            when="OP.mc > 0 && few",
            rows="sequence(OP.mc)",
            keep="rowH >= 9.5 || datum.k % 4 == 0",
            text="'' + (datum.k + 1)",
            x=LEFT.format("1", "0") + " - 4*z",
            **ROW_NAMED,
            fill="soft",
        ),
    ]
