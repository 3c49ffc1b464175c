"""Where the parts of a scene lie, as expressions."""

from __future__ import annotations

from rnnviz.charts.kit.expr import Expr, Value, datum, fn, when
from rnnviz.charts.kit.names import dark, depth, z
from rnnviz.charts.stage.names import boxW, colW, edgeR, firstColumn, foldC, gutter, regionY, shownColumns, u

TOP = depth == 0
SHOWN = (datum.column >= firstColumn) & (datum.column < firstColumn + shownColumns)
OWN = when(dark, datum.dark, datum.light)
SLOT = fn.min(colW - 6, 144 * z)  # the room of a text
# Of a wire's piece: whether it may be in the window, by its columns alone, as no end is a column away from its own.
NEAR = (fn.max(datum.column1, datum.column2) > firstColumn - 2) & (
    fn.min(datum.column1, datum.column2) < firstColumn + shownColumns + 1
)
INSIDE = (fn.max(datum.all1, datum.all2) > datum.edge) & (fn.min(datum.all1, datum.all2) < edgeR)


def left(column: Expr) -> Expr:
    """The left end of a column, in px."""
    return gutter + (foldC + (column - firstColumn - foldC) * u) * colW


def middle(column: Expr) -> Expr:
    return left(column) + colW / 2


def down(y: Expr) -> Expr:
    """A place down, of a table in px before zoom."""
    return regionY + y * z


def piece() -> dict[str, Expr]:
    """The ends of a piece in px, cut at the edges of the window; `all1` and `all2` are where they would be."""

    def end(column: Expr, side: Expr, lane: Expr) -> Expr:
        """What leaves a column's middle does so in two ways: within its box, and in the room between two boxes."""
        return middle(column) + side * boxW / 2 + lane * (colW - boxW) * 0.3

    def upright_or(y: Value, otherwise: Value) -> Expr:
        return when(datum.all1 == datum.all2, y, otherwise)

    return {
        "all1": end(datum.column1, datum.side1, datum.lane1),
        "all2": end(datum.column2, datum.side2, datum.lane2),
        "ya": down(datum.y1),
        "yb": down(datum.y2),
        "edge": when(datum.kind == "along", gutter - 6 * z, gutter),
        "x1": fn.clamp(datum.all1, datum.edge, edgeR),
        "x2": fn.clamp(datum.all2, datum.edge, edgeR),
        "slope": upright_or(0, (datum.yb - datum.ya) / (datum.all2 - datum.all1)),
        "top1": upright_or(datum.ya, datum.ya + (datum.x1 - datum.all1) * datum.slope),
        "top2": upright_or(datum.yb, datum.ya + (datum.x2 - datum.all1) * datum.slope),
        "angle": fn.atan2(datum.yb - datum.ya, datum.all2 - datum.all1),
    }
