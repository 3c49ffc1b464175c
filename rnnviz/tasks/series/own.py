"""A visitor's own series, out of pasted text or an uploaded file: what is read, and what is refused.

Read are numbers, one a line or all in one line, and tables: parted by commas, semicolons or tabs, with a line of
headers or without, with a column of dates at equal distances or without. Of several columns of numbers the first is the
series; one that only counts the rows is none of them. A table whose dates fall is turned around. Decimals have a point
or, where semicolons part the cells, a comma. Bytes are UTF-8, UTF-16 with its mark, or CP949, as Korean spreadsheets
write.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np

from rnnviz.tasks.series.catalogue import split_of
from rnnviz.tasks.series.dates import Stamp, bare_date_of, date_of, spacing
from rnnviz.tasks.series.period import period_of
from rnnviz.tasks.series.series import Series, Step
from rnnviz.training.config import Refused, Rule

SHORTEST, LONGEST = 80, 5000  # values
BYTES = 200_000
LARGEST = 1e12  # of a value, without its sign
SPREAD = 1e-9  # the least, as a share of the largest value; and no less than 1 / `LARGEST`
ENCODINGS = ("UTF-8", "UTF-16", "CP949")
COLUMNS = 64
SHOWN = 40  # characters of what is refused, and of a header; no number is longer
# How a missing value is written, in any case.
MISSING = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--", "?", "."})
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_INFINITE = re.compile(r"[-+]?inf(inity)?", re.IGNORECASE)
_NUMBER_LIKE = re.compile(r"[-+]?[.,]?\d", re.ASCII)
_DECIMAL_COMMA = re.compile(r"([-+]?\d*),(\d+([eE][-+]?\d{1,3})?)", re.ASCII)
# By rule, what is said in English of what was refused.
_REFUSALS = {
    "bytes": "the text has {count} bytes; accepted: at most {most}",
    "encoding": "the file is in no encoding that is known; accepted: {options}",
    "empty": "there is no number; accepted: {least} to {most} numbers, one a line or cell",
    "long": "there are {count} values; accepted: {least} to {most}",
    "short": "there are {count} values; accepted: {least} to {most}",
    "columns": "line {line} has {count} cells; accepted: as many as the first line, and at most {most}",
    "comma": "line {line} is {raw!r}, two columns or one number; accepted: a decimal point and nothing between"
    " thousands, or a header over each column",
    "number": "line {line}, cell {cell} is {raw!r}; accepted: a number",
    "gap": "line {line}, cell {cell} is missing: {raw!r}; accepted: a number in each line",
    "large": "line {line}, cell {cell} is {raw!r}; accepted: -{most:g} to {most:g}",
    "date": "line {line}, cell {cell} is {raw!r}; accepted: a date such as 2020-01-31, 2020-01 or 2020-01-31 05:00",
    "distance": "line {line} is of {raw!r}; accepted: dates at equal distances, or none",
    "constant": "the values that are learned from are all alike; accepted: a spread of {least:g} or more",
}


@dataclass(frozen=True, eq=False)
class Own:
    """What was read, and of which column."""

    series: Series  # named "own:" and the beginning of a checksum: the same values at the same times, the same name
    column: int  # where its values stood, from 1; 1 where they stood in one line
    header: str  # what stands above them, shortened; empty where nothing does. A visitor's text
    others: int  # other columns of numbers, which are not read


class Row(NamedTuple):
    """A line and its cells; or one number of those that stand in one line."""

    line: int  # from 1
    cells: Sequence[str]
    first: int = 1  # where the first of the cells stands in its line, from 1


def read(given: str | bytes) -> Own:
    """The series in a text or a file.

    Raises `Refused` with one of these rules. Their values say what is accepted, and, where it is about one place, its
    `line` and `cell`, from 1:
    "bytes", more than `most`; "encoding", none of `options`; "empty", no number at all; "long" and "short", `count`
    values; "columns", `count` cells in a line, with `most` in the first, or more than `COLUMNS` in that; "comma", whole
    numbers beside each other, which may be one with a decimal comma or a comma between thousands; "number" and "date",
    something else; "gap", a missing value; "large", beyond `most`; "distance", a date at another distance from the one
    before than most; "constant": the first four fifths, from which a model learns, spread by less than `least`.
    """
    rows, parted_by = _rows(_text(given))
    first = rows[0]
    headers = first.cells if _is_header(first.cells) else ()
    if not (rows := rows[1:] if headers else rows):
        raise _refused("empty", least=SHORTEST, most=LONGEST)
    if len(rows) > LONGEST:
        raise _refused("long", count=len(rows), least=SHORTEST, most=LONGEST)
    rows = _equally_wide(rows, first, parted_by)
    columns = list(zip(*(row.cells for row in rows), strict=True))
    dates, numbers = _kinds(columns)
    column = next(iter(numbers or [i for i in range(len(columns)) if i != dates]), 0)
    if parted_by == "," and not headers and dates is None and len(columns) == 2 and column == 0:
        _check_decimal_comma(rows)
    values = [_value(row, column) for row in rows]
    if len(values) < SHORTEST:
        raise _refused("short", count=len(values), least=SHORTEST, most=LONGEST)
    step, start, falling = _steps(rows, dates)
    header = headers[column][:SHOWN] if headers else ""
    return Own(_series(values[::-1] if falling else values, step, start), column + 1, header, max(len(numbers) - 1, 0))


def _refused(rule: str, raw: str = "", **values: Any) -> Refused:
    raw = raw if len(raw) <= SHOWN else raw[: SHOWN - 1] + "…"
    return Refused(_REFUSALS[rule].format(raw=raw, **values), "series", raw, Rule(rule, values))


def _text(given: str | bytes) -> str:
    """Decoded, without a byte order mark."""
    count = len(given) if len(given) > BYTES or isinstance(given, bytes) else len(given.encode("utf-8", "replace"))
    if count > BYTES:
        raise _refused("bytes", count=count, most=BYTES)
    if isinstance(given, bytes):
        wide = given.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        for encoding in ("utf-16",) if wide else ("utf-8", "cp949"):
            try:
                return given.decode(encoding).removeprefix("\ufeff")
            except UnicodeDecodeError:
                continue
        raise _refused("encoding", options=ENCODINGS)
    return given.removeprefix("\ufeff")


def _rows(text: str) -> tuple[list[Row], str]:
    """The lines from the first with something in it to the last, and what parts their cells.

    Of one line with several cells each is a row.
    """
    lines = re.split(r"\r\n|\r|\n", text)
    last = next((line for line in reversed(lines) if line.strip(" \t;,")), "")
    parted_by = next((mark for mark in "\t;" if mark in last), ",")
    rows = [Row(number, _cells(line, number, parted_by)) for number, line in enumerate(lines, 1)]
    filled = [i for i, row in enumerate(rows) if any(row.cells)]
    if not filled:
        raise _refused("empty", least=SHORTEST, most=LONGEST)
    rows = rows[filled[0] : filled[-1] + 1]
    if len(rows) == 1:
        cells = list(rows[0].cells)
        while not cells[-1]:
            cells.pop()
        rows = [Row(rows[0].line, [cell], i) for i, cell in enumerate(cells, 1)]
    return rows, parted_by


def _cells(line: str, number: int, parted_by: str) -> Sequence[str]:
    """Those of a line, without the spaces around them; none of a line of spaces."""
    if not line.strip():
        return []
    try:
        cells = [cell.strip().replace("−", "-") for row in csv.reader([line], delimiter=parted_by) for cell in row]
    except csv.Error:  # a cell of more than 131,072 characters
        raise _refused("number", line, line=number, cell=1) from None
    if parted_by == ";":
        cells = [_DECIMAL_COMMA.sub(r"\1.\2", cell) if _DECIMAL_COMMA.fullmatch(cell) else cell for cell in cells]
    return cells


def _is_header(cells: Sequence[str]) -> bool:
    """Whether no cell is a value, a date or a missing value, and none looks like a slip of a number, as "12a" does."""

    def is_data(cell: str) -> bool:
        slip = _NUMBER_LIKE.match(cell) and sum(character.isalpha() for character in cell) < 2
        return bool(slip) or cell.casefold() in MISSING or _is_number(cell) or date_of(cell) is not None

    return not any(is_data(cell) for cell in cells if cell)


def _is_number(cell: str) -> bool:
    return len(cell) <= SHOWN and bool(_NUMBER.fullmatch(cell) or _INFINITE.fullmatch(cell))


def _equally_wide(rows: Sequence[Row], first: Row, parted_by: str) -> list[Row]:
    """Rows of as many cells as the first line; those that a line leaves out at its end are empty."""
    width = len(first.cells)
    for row in (first, *rows):
        if width > COLUMNS or any(row.cells[width:]):
            if width == 1 and _DECIMAL_COMMA.fullmatch(parted_by.join(row.cells)):
                raise _refused("comma", ",".join(row.cells), line=row.line)
            raise _refused("columns", line=row.line, count=len(row.cells), most=min(width, COLUMNS))
    return [row._replace(cells=[*row.cells, *[""] * width][:width]) for row in rows]


def _kinds(columns: Sequence[Sequence[str]]) -> tuple[int | None, list[int]]:
    """Which column has the dates, if one does, and which have numbers: those of which more than half of the cells are.

    The first column of numbers is of dates, too, if each can be one and they rise or fall all the way, and another
    stands beside it. One that counts the rows there is neither.
    """

    def most(found: Sequence[object]) -> bool:
        return 2 * sum(bool(one) for one in found) > len(found)

    dates = next((i for i, cells in enumerate(columns) if most([date_of(cell) for cell in cells])), None)
    numbers = [i for i, cells in enumerate(columns) if i != dates and most([_is_number(cell) for cell in cells])]
    if dates is None and len(numbers) > 1:
        first, *others = numbers
        stamps = [bare_date_of(cell) for cell in columns[first]]
        days = np.array([stamp.utc for stamp in stamps if stamp], dtype="datetime64[s]")
        if most(stamps) and abs(np.sign(np.diff(days).astype(int)).sum()) == len(days) - 1:
            return first, others
        if _counts(columns[first]):
            return None, others
    return dates, numbers


def _counts(cells: Sequence[str]) -> bool:
    """Whether they are a whole number and those that follow it."""
    numbers = [int(cell) for cell in cells if re.fullmatch(r"\d{1,9}", cell, re.ASCII)]
    return len(numbers) == len(cells) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _check_decimal_comma(rows: Sequence[Row]) -> None:
    """Refuses two columns, "12,5" or "12" in each line: of 12 and of 5, or one of 12.5; "1,234", too."""
    lines = [",".join(filter(None, row.cells)) for row in rows]
    if all(_DECIMAL_COMMA.fullmatch(line) or line.isdecimal() for line in lines):
        raise _refused("comma", lines[0], line=rows[0].line)


def _value(row: Row, column: int) -> float:
    cell = row.cells[column]
    place = {"line": row.line, "cell": row.first + column}
    if cell.casefold() in MISSING:
        raise _refused("gap", cell, **place)
    if not _is_number(cell):
        raise _refused("number", cell, **place)
    value = float(cell)
    if not abs(value) <= LARGEST:
        raise _refused("large", cell, **place, most=LARGEST)
    return value + 0.0  # there is one zero


def _steps(rows: Sequence[Row], column: int | None) -> tuple[Step, str, bool]:
    """The step of the dates in a column, when the first was, and whether they fall; plain steps without a column."""
    if column is None:
        return "step", "", False
    stamps: list[Stamp] = []
    for row in rows:
        cell = row.cells[column]
        stamp = date_of(cell) or bare_date_of(cell)
        if stamp is None:
            raise _refused("date", cell, line=row.line, cell=row.first + column)
        stamps.append(stamp)
    falling = stamps[0].utc > stamps[-1].utc
    if falling:
        rows, stamps = rows[::-1], stamps[::-1]
    found = spacing(stamps)
    if found.uneven is not None:
        row = rows[found.uneven]
        raise _refused("distance", row.cells[column], line=row.line, cell=row.first + column)
    return found.step, found.start, falling


def _series(read_values: Sequence[float], step: Step, start: str) -> Series:
    """The season is that of the first four fifths: it is not guessed from what is forecast."""
    values = np.array(read_values)
    values.setflags(write=False)
    series = Series("own", values, step, start, period=1, unit="", source="", licence="")
    learned = values[: split_of(series)]
    least = max(SPREAD * float(np.abs(values).max()), 1 / LARGEST)
    if np.ptp(learned) < least:
        raise _refused("constant", str(values[0]), least=least)
    canonical = "\n".join([f"{step} {start}", *map(repr, read_values)])
    name = f"own:{sha256(canonical.encode()).hexdigest()[:12]}"
    return replace(series, name=name, period=period_of(learned))
