"""Under tokens that are units of something, as letters of a word: a line from the first to the last of them that is
read, and under it what they are so far. Of what is still to come neither text nor length is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rnnviz.charts.kit.draw import Layer, fitted_words, rect, rule, text
from rnnviz.charts.kit.expr import datum, fn, when
from rnnviz.charts.kit.names import B, now, soft, t, z
from rnnviz.charts.kit.tables import SEPARATOR, Row, clean
from rnnviz.charts.stage.names import P, S, every, firstColumn, here, shownColumns
from rnnviz.charts.stage.scene.places import TOP, down, left
from rnnviz.scene import Block, Scene, Span

LINE = 18  # px before zoom, of a line and the text under it
LEAST = 9  # px before zoom: a text that would have to be smaller is not written
WORD = fn.split(B.wordOf, SEPARATOR)[t]  # that the present token is a unit of, as far as it is read
# What a page learns of it.
PLACE = {"word": str(WORD)}
# Where a chart has no such tokens.
NONE: Row = {"from": 0, "to": -1, "begin": 0, "end": 0, "y": 0.0, "label": ""}


def lines(scene: Scene) -> dict[int, int]:
    """How many lines stand under each row that has any."""
    row_of = {block.name: block.row for block in scene.blocks}
    many: dict[int, int] = {}
    for span in scene.spans:
        row = row_of[span.tokens[0]]
        many[row] = max(many.get(row, 0), span.line + 1)
    return many


def table(scene: Scene, under: Sequence[float]) -> list[Row]:
    """A row for each run of units that have been read, as long as it stays that run: a chain that reads to the right
    lets the last unit of a word come, one that reads to the left the first, and both together its ends.

    under: of each of the scene's rows the px before zoom at which its lines begin.
    """
    blocks = {block.name: block for block in scene.blocks}
    rows: list[Row] = []
    for span in scene.spans:
        units = [blocks[name] for name in span.tokens]
        inner = [other for other in scene.spans if other.line < span.line and other.tokens[0] in span.tokens]
        for run, begin, end in _runs(units, scene.steps):
            rows.append(
                {
                    "from": run[0].column,
                    "to": run[-1].column,
                    "begin": begin,
                    "end": end,
                    "y": under[units[0].row] + LINE * span.line,
                    "label": clean(_written(run, span if len(run) == len(units) else None, inner)),
                }
            )
    return rows or [NONE]


def _runs(units: Sequence[Block], steps: int) -> Iterator[tuple[list[Block], int, int]]:
    """The runs of neighbours that have been read, each with the first step at which it is there and the first after
    the last one: the number of steps for all of them, which stay."""
    begins: dict[tuple[int, int], int] = {}
    ends: dict[tuple[int, int], int] = {}
    for step in sorted({unit.step for unit in units}):
        places = [k for k, unit in enumerate(units) if unit.step <= step]
        starts = [k for k in places if k - 1 not in places]
        runs = [(start, next(k for k in range(start, len(units) + 1) if k not in places)) for start in starts]
        for run in begins.keys() - ends.keys() - {*runs}:
            ends[run] = step
        for run in runs:
            begins.setdefault(run, step)
    for (start, stop), begin in begins.items():
        yield list(units[start:stop]), begin, ends.get((start, stop), steps)


def _written(run: Sequence[Block], span: Span | None, inner: Sequence[Span]) -> str:
    """What some units are together, of which each is a token or part of a whole that is one itself; of one alone, which
    stands over it, nothing.

    span: which they are, where they are all of it.
    """
    if len(run) == 1:
        return ""
    if span:
        return span.text
    names, texts = [block.name for block in run], []
    while names:
        span = next((span for span in inner if [*span.tokens] == names[: len(span.tokens)]), None)
        texts.append(span.text if span else run[len(run) - len(names)].label)
        names = names[len(span.tokens) if span else 1 :]
    return "".join(texts)


def word_at(table_rows: Sequence[Row], column: int, step: int) -> str:
    """What the token of a column is a unit of at a step, the largest such whole; empty for none."""
    there = [row for row in table_rows if row["from"] <= column <= row["to"] and row["begin"] <= step < row["end"]]
    return str(max(there, key=lambda row: row["y"])["label"]) if there else ""


def layers() -> list[Layer]:
    """They stand over the frame of the present column, which would run through a word of several."""
    first, last = datum["from"] >= firstColumn, datum.to < firstColumn + shownColumns
    where: dict[str, Any] = {
        "when": TOP,
        "rows": "spans",
        "among": (datum.to >= firstColumn) & (datum["from"] < firstColumn + shownColumns),
        "let": {
            # A word goes on beyond the window where its line goes to the window's edge.
            "x1": left(fn.max(datum["from"], firstColumn)) + when(first, 5 * z, 0),
            "x2": left(fn.min(datum.to + 1, firstColumn + shownColumns)) - when(last, 5 * z, 0),
            "high": down(datum.y + 3),
            "mid": (datum.x1 + datum.x2) / 2,
            "size": fitted_words("12*z", "datum.x2 - datum.x1", "datum.label"),
            "half": fn.min((datum.x2 - datum.x1) / 2, fn.length(datum.label) * datum.size * 0.5),
        },
        "fields": ("x1", "x2", "high", "mid", "size", "half", "label"),
    }
    there = when(every, datum.end == P.steps, (datum.begin <= S) & (datum.end > S))
    present = (datum["from"] <= here) & (here <= datum.to)
    line: dict[str, Any] = {**where, "x": "datum.x1", "x2": "datum.x2", "y": "datum.high", "y2": "datum.high"}
    words: dict[str, Any] = {
        **where,
        "text": "datum.label",
        "x": "datum.mid",
        "y": datum.high + 9 * z,
        "fontSize": "datum.size",
    }
    readable = (datum.label != "") & (datum.size >= LEAST * z)
    return [
        rule(**line, name="span", keep=there & ~present, stroke=soft, strokeWidth=1),
        text(**words, name="spanText", keep=there & ~present & readable, fill=soft),
        rule(**line, name="presentSpan", keep=there & present, stroke=now, strokeWidth=2),
        # The frame does not run through it.
        rect(
            **where,
            keep=there & present & readable,
            x=datum.mid - datum.half,
            x2=datum.mid + datum.half,
            y=datum.high + 2 * z,
            y2=datum.high + 16 * z,
            fill="paper",
        ),
        text(**words, name="presentSpanText", keep=there & present & readable, fill=now, fontWeight="'bold'"),
    ]
