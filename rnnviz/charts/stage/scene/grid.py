"""What stands beside a scene of an encoder and decoder: under it the grid of shares, a row a written token and its
columns under those of the source, filled as they are computed; at its side, on a phone below, the present step's
numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import exp
from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import EMPTY, Layer, Signal, derived, heading, outline, press, rect, rule, text
from rnnviz.charts.kit.expr import Expr, datum, fields, fn, names, when, width
from rnnviz.charts.kit.names import Meaning, Names, hColour, ink, now, paper, phone, soft, t, z
from rnnviz.charts.kit.tables import SEPARATOR, Row, Tables, clean
from rnnviz.charts.kit.wrap import BREAK
from rnnviz.charts.stage.names import P, S, edgeR, every, firstColumn, gutter, regionY, sceneEnd, shownColumns
from rnnviz.charts.stage.scene.places import SHOWN, down, left
from rnnviz.scene import Asking, Scene
from rnnviz.words.numbers import fixed

HIGH, LINE = 15, 17  # px before zoom: of a row of the grid, and of a line of numbers
OPAQUE = 0.75  # how much of its colour a share of 1 has: as much as leaves a number on it legible
WRITTEN = 0.05  # a smaller share has no number in its cell, which would be a grey of its own
grid_y, grid_row, grid_end, beside_y, lines_of = names("gridY gridRow gridEnd besideY besideLines")

NAMES = Names(
    signals={
        "gridY": Meaning("px", "upper edge of the grid"),
        "gridRow": Meaning("px", "height of one of its rows"),
        "gridEnd": Meaning("px", "its lower edge"),
        "besideX": Meaning("px", "left end of the numbers"),
        "besideY": Meaning("px", "their upper edge"),
        "besideLines": Meaning("texts", "those of each step, in lines; `BREAK` ends one"),
        "besideEnd": Meaning("px", "their lower edge at the step with the most of them"),
    },
    tables={
        "grid": {
            "line": Meaning("index", "the row of the grid, from the top"),
            "column": Meaning("index", "the column of the scene"),
            "score": Meaning("number", "the score, to two decimals"),
            "share": Meaning("number", "the share, 0 to 1"),
            "scored": Meaning("index", "the step at which the score is computed"),
            "shared": Meaning("index", "at which the share is"),
            "title": Meaning("text", "which share it is"),
            "sum": Meaning("text", "how it comes of the scores"),
        },
        "asking": {
            "line": Meaning("index", "the row of the grid, from the top"),
            "scored": Meaning("index", "the step at which its scores are computed"),
            "columns": Meaning("index", "how many columns it has"),
            "label": Meaning("text", "the word that was written"),
            "shared": Meaning("index", "the step at which its shares are computed"),
            "told": Meaning("index", "at which the word is"),
            "alone": Meaning("flag", "whether no other row is told then"),
            "held": Meaning("flag", "whether its shares were put there by hand"),
            "read": Meaning("index", "how many columns the state has read that most was taken from; 0 is none said"),
            "scores": Meaning("numbers", "the score of each column, to two decimals"),
            "shares": Meaning("numbers", "the share of each column"),
            "most": Meaning("index", "the column of the largest share"),
            "token": Meaning("text", "the token of that column"),
        },
    },
)


ROOM = 270  # px before zoom, for the numbers beside a scene
ASIDE = when(phone, 0, (ROOM + 26) * z)


def meanings(labels: Mapping[str, str]) -> Mapping[str, str]:
    """What the symbols in the gutter stand for.     labels: the texts of a language."""
    symbols = {"h̄": "context", "s̃": "combined"}
    return {
        symbol: labels[f"align.name_{symbols.get(symbol, symbol)}"] for symbol in ("x", "h", "w", "s", "y", *symbols)
    }


def tables(scene: Scene) -> Tables:
    """The tables of a scene's grid: a row a cell, and a row a row."""
    columns = {block.column: block.label for block in scene.blocks if block.row == len(scene.rows) - 1}
    return {
        "grid": [cell for line, row in enumerate(scene.grid) for cell in _cells(line, row, columns)],
        "asking": [
            {
                "line": line,
                "columns": len(row.shares),
                "scored": row.scored,
                "label": clean(row.label),
                "shared": row.shared,
                "told": row.told,
                "alone": sum(other.told == row.told for other in scene.grid) == 1,
                "held": row.held,
                "read": row.read,
                "scores": ",".join(f"{score:.2f}" for score in row.scores),
                "shares": ",".join(f"{share:.4f}" for share in row.shares),
                "most": (most := row.shares.index(max(row.shares))),
                "token": clean(columns.get(most, "")),
            }
            for line, row in enumerate(scene.grid)
        ],
    }


def _cells(line: int, row: Asking, columns: dict[int, str]) -> Iterator[Row]:
    scores = row.scores or (0.0,) * len(row.shares)
    most = max(scores)
    total = sum(exp(score - most) for score in scores)
    for column, (score, share) in enumerate(zip(scores, row.shares, strict=True)):
        part = f"exp({fixed(score)} − {fixed(most)}) ÷ {fixed(total)}"
        yield {
            "line": line,
            "column": column,
            "score": round(score, 2),
            "share": round(share, 4),
            "scored": row.scored,
            "shared": row.shared,
            "title": clean(f"α{line + 1},{column + 1}  {columns.get(column, '')}"),
            "sum": part if row.scores and not row.held else "",
        }


def signals() -> list[Signal]:
    return derived(
        gridY=sceneEnd + 16 * z,
        gridRow=HIGH * z,
        gridEnd=grid_y + P.asked * grid_row,
        besideLines=fn.split(P.lines, SEPARATOR),
        besideX=when(phone, 4, edgeR + 26 * z),
        besideY=when(phone, grid_end + 18, regionY + 6 * z),
        besideEnd=beside_y + 24 * z + P.most * LINE * z,
    )


def layers() -> list[Layer]:
    return [*_cells_drawn(), *_rows_drawn(), *_present(), *_beyond(), *_lines_drawn()]


def _cells_drawn() -> list[Layer]:
    """A share as how dark its cell is, and as a number where it is no trifle; before it is one, its score."""
    cell: dict[str, Any] = {
        "rows": "grid",
        "among": SHOWN,
        "let": {
            "x1": left(datum.column),
            "x2": left(datum.column + 1),
            "high": grid_y + datum.line * grid_row,
        },
    }
    shared = (datum.shared <= S) | every
    middle = {"x": (datum.x1 + datum.x2) / 2, "y": datum.high + grid_row / 2, "fill": ink}
    return [
        rect(
            name="shareCell",
            **cell,
            keep=shared & (datum.share > 0),
            fields=("x1", "x2", "high", "share"),
            x=datum.x1 + 1,
            x2=datum.x2 - 1,
            y=datum.high + 1,
            y2=datum.high + grid_row - 1,
            fill=hColour,
            fillOpacity=OPAQUE * datum.share,
        ),
        text(
            name="shareNumber",
            **cell,
            keep=shared & (datum.share >= WRITTEN),
            fields=("x1", "x2", "high", "share"),
            text=numbers.percent("datum.share"),
            **middle,
            fontSize=fn.min(10.5 * z, (datum.x2 - datum.x1) * 0.32),
        ),
        text(
            name="scoreNumber",
            **cell,
            keep=(datum.scored <= S) & ~shared,
            text=numbers.fixed("datum.score"),
            **middle,
            fontSize=fn.min(10.5 * z, (datum.x2 - datum.x1) * 0.28),
        ),
        press(
            "share",
            **cell,
            keep=shared,
            x="datum.x1",
            x2="datum.x2",
            y="datum.high",
            y2=datum.high + grid_row,
            tooltip=fields({"title": datum.title, "=": numbers.fixed("datum.share", 3), "←": datum.sum}),
        ),
    ]


def _rows_drawn() -> list[Layer]:
    """An empty place for what is still to come, a frame around what is computed now, and the word that was written."""
    row: dict[str, Any] = {
        "rows": "asking",
        "let": {"high": grid_y + datum.line * grid_row, "stop": fn.min(datum.columns, firstColumn + shownColumns)},
    }
    in_window, present = datum.columns > firstColumn, datum.told == S
    return [
        rect(
            name="shareRow",
            **row,
            keep=(datum.shared > S) & ~every & in_window,
            x=left(firstColumn) + 1,
            x2=left(datum.stop) - 1,
            y=datum.high + 2,
            y2=datum.high + grid_row - 2,
            cornerRadius=3,
            **EMPTY,
        ),
        text(
            name="shareWord",
            **row,
            keep=(datum.told <= S) | every,
            text="datum.label",
            x=gutter - when(phone, 8, 15 * z),
            y=datum.high + grid_row / 2,
            align="'right'",
            fontSize=11.5 * z,
            limit=gutter - 18,
            fill=when(datum.held, now, when(present, ink, soft)),
            fontWeight=when(present, "bold", "normal"),
        ),
        outline(
            name="sharePresent",
            **row,
            keep=datum.alone & (datum.scored <= S) & (datum.told >= S) & ~every & in_window,
            x=left(firstColumn),
            x2=left(datum.stop),
            y="datum.high",
            y2=datum.high + grid_row,
            cornerRadius=4,
            stroke=now,
            strokeWidth=1.2,
        ),
    ]


_THERE = (P.askedY > 0) & ~every  # whether the present step's row stands over the blocks, too
_TOP = down(P.askedY) - HIGH * z - 4  # its upper edge
_ASKED = (datum.scored <= S) & (datum.told >= S)
_SHARED = _ASKED & (datum.shared <= S)
_PERCENT = Expr(numbers.percent("datum.share"))


def _part(joined: Expr, place: Expr) -> Expr:
    """The number at a place of those that a text joins."""
    return fn.toNumber(fn.split(joined, ",")[place])


def _present() -> list[Layer]:
    """The present step's row once more, over the blocks that it is about, since the grid may be out of sight. Of the
    rows only that one is taken apart into its columns, so that a step costs as much as one row."""
    cell: dict[str, Any] = {
        "when": _THERE & _ASKED,
        "rows": "asking",
        "each": fn.sequence(datum.columns),
        "let": {
            "column": datum.k,
            "share": _part(datum.shares, datum.k),
            "x1": left(datum.column),
            "x2": left(datum.column + 1),
        },
    }
    scored = datum.shared > S
    return [
        rect(
            name="presentCell",
            **cell,
            keep=SHOWN & ~scored & (datum.share > 0),
            x=datum.x1 + 1,
            x2=datum.x2 - 1,
            y=_TOP,
            y2=_TOP + HIGH * z,
            fill=hColour,
            fillOpacity=OPAQUE * datum.share,
        ),
        text(
            name="presentNumber",
            **cell,
            keep=SHOWN & (scored | (datum.share >= WRITTEN)),
            text=when(scored, Expr(numbers.fixed(str(_part(datum.scores, datum.k)))), _PERCENT),
            x=(datum.x1 + datum.x2) / 2,
            y=_TOP + HIGH * z / 2,
            fill=ink,
            fontSize=fn.min(11.5 * z, (datum.x2 - datum.x1) * 0.3),
            fontWeight=when((datum.k == datum.most) & ~scored, "bold", "normal"),
        ),
    ]


def _beyond() -> list[Layer]:
    """What most is taken from, named at the edge where its column has no room; and under the tokens a line to the last
    that it has read."""
    before = datum.column < firstColumn
    most = {"column": datum.most, "share": _part(datum.shares, datum.most), "said": datum.token + " " + _PERCENT}
    where: dict[str, Any] = {"when": _THERE & _SHARED, "rows": "asking", "let": most, "keep": ~SHOWN}
    wide = fn.min(96 * z, edgeR - gutter)
    beside = when(before, gutter, edgeR - wide)
    return [
        rect(
            name="presentBeyondPlace",
            **where,
            x=beside,
            x2=beside + wide,
            y=_TOP - 20 * z,
            y2=_TOP - 3 * z,
            cornerRadius=8 * z,
            fill=paper,
            stroke=hColour,
        ),
        text(
            name="presentBeyond",
            **where,
            text=when(before, "‹ " + datum.said, datum.said + " ›"),
            x=beside + wide / 2,
            y=_TOP - 11 * z,
            fontSize=11.5 * z,
            limit=wide - 6,
            fill=ink,
        ),
        rule(
            name="presentRead",
            when=_THERE & _SHARED,
            rows="asking",
            let={"stop": fn.min(datum.read, firstColumn + shownColumns)},
            keep=datum.stop > firstColumn,
            x=left(firstColumn) + 4,
            x2=left(datum.stop) - 4,
            y=sceneEnd + 5 * z,
            y2=sceneEnd + 5 * z,
            stroke=hColour,
            strokeWidth=2 * z,
        ),
    ]


def _lines_drawn() -> list[Layer]:
    """What the present step computes, with its numbers."""
    there: dict[str, Any] = {
        "when": fn.length(P.lines) > 0,
        "x": "besideX",
        "limit": when(phone, width - 8, ROOM * z),
    }
    return [
        heading(**there, text=fn.split(P.names, SEPARATOR)[t], y=beside_y + 8 * z, fontSize=13.5 * z, fill=now),
        text(
            **there,
            text=fn.split(lines_of[t], BREAK),
            y=beside_y + 30 * z,
            align="'left'",
            fontSize=12 * z,
            lineHeight=LINE * z,
        ),
    ]
