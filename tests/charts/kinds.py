"""What the declarations of a chart's names (`rnnviz.charts.kit.names`) say, against the chart: its signals by the form
of their expressions, its columns by their values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from rnnviz.charts.kit.names import SENTENCES, Meaning, Names
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.words.sentence import Sentence
from tests.charts import reading, vega
from tests.charts.reading import Read, Reader, Row, Whole
from tests.charts.vega import Array, Binary, Call, Choice, Entry, Literal, Member, Name, Object, Tree, Unary

COLOUR = re.compile(r"#[0-9a-f]{6}([0-9a-f]{2})?")
NO_NUMBER = frozenset({"", "z", "i", "n", "p", "^", "v"})  # what stands in a list where a number has no place
Tables = Mapping[str, Sequence[Mapping[str, Any]]]
Type = str
"""A kind as expressions know it, where a length and an index are numbers: "" is one that is not known, "null" goes with
every kind, `a|b` is one or the other."""
TYPES = {"px": "number", "index": "number"}
# What a kind holds beside itself.
WIDER = {
    "text": {"colour", "picture"},
    "texts": {"colours", "numbers", "list"},
    "numbers": {"list"},
    "colours": {"list"},
    "object": {"row"},
    "row": {"object"},  # where a chart has no table for it
}
ENTRIES = {"numbers": "number", "texts": "text", "colours": "colour", "rows": "row"}
NUMBERS = frozenset(
    vega.NAME.findall("""
    abs acos asin atan atan2 ceil clamp cos exp floor hypot log max min pow random round sin sqrt tan now x y
    indexof lastindexof length toNumber luminance parseFloat parseInt
    """)
)
FLAGS = frozenset(
    vega.NAME.findall("isArray isBoolean isDefined isFinite isNaN isNumber isString isValid inrange test")
)
TEXTS = frozenset(vega.NAME.findall("format join lower pad replace substring toString trim truncate upper"))
COMPARED = frozenset({"==", "!=", "===", "!==", "<", ">", "<=", ">="})


def is_index(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_colour(value: Any) -> bool:
    return isinstance(value, str) and (value == "" or COLOUR.fullmatch(value) is not None)


def are_numbers(value: Any) -> bool:
    return isinstance(value, str) and all(entry in NO_NUMBER or is_written(entry) for entry in value.split(","))


def is_written(number: str) -> bool:
    try:
        float(number)
    except ValueError:
        return False
    return True


def is_text(value: Any) -> bool:
    return isinstance(value, str)


# Whether a value of a column is of a kind; the others are of signals only.
OF_KIND: Mapping[str, Callable[[Any], bool]] = {
    "px": is_number,
    "number": is_number,
    "index": is_index,
    "flag": lambda value: isinstance(value, bool),
    "text": lambda value: is_text(value) and SEPARATOR not in value,
    "colour": is_colour,
    "picture": lambda value: value == "" or (is_text(value) and value.startswith("data:image/png;base64,")),
    "numbers": are_numbers,
    "texts": is_text,
    "colours": lambda value: is_text(value) and all(map(is_colour, value.split(","))),
}


def of_columns(tables: Tables, declared: Sequence[Names]) -> Iterator[str]:
    """What the values of a chart's tables show to be declared wrongly, in words."""
    columns = {
        (table, name): meaning
        for names in declared
        for table in names.tables
        for name, meaning in names.tables[table].items()
    }
    for table, rows in tables.items():
        for name in sorted(set().union(*rows)):
            values = [row[name] for row in rows if name in row]
            if name.startswith(SENTENCES):
                if not all(isinstance(value, Sentence) for value in values):
                    yield f"{table}.{name} is no sentence of the catalogue"
            elif (table, name) not in columns:
                yield f"{table}.{name} is declared nowhere"
            elif wrong := [value for value in values if not OF_KIND.get(columns[table, name].kind, never)(value)]:
                yield f"{table}.{name} is declared as {columns[table, name].kind} and holds {str(wrong[0])[:40]!r}"


def never(_: Any) -> bool:
    return False


def twice(declared: Sequence[Names]) -> list[str]:
    """What several of one chart's declarations declare."""
    names = [name for one in declared for name in one.signals]
    names += [f"{table}.{name}" for one in declared for table, columns in one.tables.items() for name in columns]
    return sorted({name for name in names if names.count(name) > 1})


def of_signals(reader: Reader, declared: Sequence[Names]) -> Iterator[str]:
    """The same of its signals. reader: one that has read the chart."""
    signals = {name: meaning for names in declared for name, meaning in names.signals.items()}
    typer = Typer(reader, declared)
    for signal in reader.signals:
        name = signal["name"]
        if name not in signals:
            yield f"{name} is declared nowhere"
            continue
        kind = type_of(signals[name])
        if "value" in signal and not holds(kind, found := of_value(signal["value"])):
            yield f"{name} is declared as {signals[name].kind} and begins as {found}"
        for update, row in updates(reader, signal):
            tree = reading.parse(update)
            found = typer.type(tree, row)
            if not found and not {"datum", "event"} & names_in(tree) and name not in reader.found.acts:
                yield f"{name}: nothing says the kind of {update}"
            if found and not holds(kind, found):
                yield f"{name} is declared as {signals[name].kind} and is {found}: {update}"


def updates(reader: Reader, signal: Mapping[str, Any]) -> Iterator[tuple[str, reading.Kind]]:
    """Each expression that a signal is set to, with the row of the mark whose event it follows."""
    yield from ((signal[key], None) for key in ("update", "init", "expr") if key in signal)
    for on in signal.get("on", ()):
        marks = sorted(set(reading.marks_of(on["events"])))
        yield from ((on["update"], reader.marks.get(mark)) for mark in marks or [""])


def names_in(tree: Tree) -> set[str]:
    return {part.name for part in vega.walk(tree) if isinstance(part, Name)}


def type_of(meaning: Meaning) -> Type:
    return TYPES.get(meaning.kind, meaning.kind)


def holds(kind: Type, found: Type) -> bool:
    return all(one in (kind, "null") or one in WIDER.get(kind, ()) for one in found.split("|"))


def of_value(value: Any) -> Type:
    """Of a signal's first value."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return "list"
    return "flag" if isinstance(value, bool) else "number" if is_number(value) else "text"


def either(types: Iterable[Type]) -> Type:
    """`a|b` where an expression is one or the other; not known where one of them is not."""
    found = list(types)
    return "|".join(sorted({one for each in found for one in each.split("|")})) if all(found) else ""


@dataclass
class Typer:
    """Says of an expression of one chart which kind it has, going by what is declared."""

    reader: Reader
    declared: Sequence[Names]

    def type(self, tree: Tree, row: reading.Kind) -> Type:
        match tree:
            case Literal(value):
                return "colour" if isinstance(value, str) and COLOUR.fullmatch(value) else of_value(value)
            case Name(name):
                return self.name(name)
            case Member(of, name):
                if isinstance(of, Name) and self.name(of.name) == "object":
                    return self.field_of(of.name, name)
                return self.column(self.reader.kind(of, row, "", True), name)
            case Entry(of, _):
                return either(ENTRIES.get(one, "") for one in self.type(of, row).split("|"))
            case Call(function, arguments):
                return self.call(function, arguments, row)
            case Unary("!", _):
                return "flag"
            case Unary():
                return "number"
            case Binary(sign, left, right):
                return self.binary(sign, self.type(left, row), self.type(right, row))
            case Choice(_, then, otherwise):
                return either((self.type(then, row), self.type(otherwise, row)))
            case Array(entries):
                return self.array([self.type(entry, row) for entry in entries])
            case Object():
                return "object"

    def name(self, name: str) -> Type:
        if name in vega.CONSTANTS or name in ("width", "height"):
            return "number"
        return next((type_of(names.signals[name]) for names in self.declared if name in names.signals), "")

    def column(self, of: reading.Kind, name: str) -> Type:
        if not isinstance(of, Row) or name in of.also:
            return ""
        if name.startswith(SENTENCES):
            return "text"
        meaning = (names.tables.get(of.table, {}).get(name) for names in self.declared)
        return next((type_of(one) for one in meaning if one), "")

    def field_of(self, signal: str, name: str) -> Type:
        """A field of a signal that is set to objects, as far as it is known; null where this chart sets it to none."""
        made = next(one for one in self.reader.signals if one["name"] == signal)
        types = [
            self.type(value, row)
            for update, row in updates(self.reader, made)
            for part in vega.walk(reading.parse(update))
            if isinstance(part, Object)
            for key, value in part.entries
            if key == name
        ]
        return either(filter(None, types)) if types else "null"

    def call(self, function: str, arguments: Sequence[Tree], row: reading.Kind) -> Type:
        if function == "data":
            return "rows"
        if function in ("slice", "reverse"):
            return self.type(arguments[0], row)
        if function == "split":
            found = self.type(arguments[0], row)
            return found if found in ("numbers", "colours") else "texts"
        if function == "pluck" and isinstance(whole := self.reader.kind(arguments[0], row, "", True), Whole):
            column = arguments[1]
            assert isinstance(column, Literal)
            return self.column(Row(whole.table), str(column.value))
        if function == "join":  # of what travels as text, a longer one
            found = self.type(arguments[0], row)
            return found if found == "numbers" else "text"
        if function == "sequence":
            return "numbers"
        return "number" if function in NUMBERS else "flag" if function in FLAGS else "text" if function in TEXTS else ""

    @staticmethod
    def binary(sign: str, left: Type, right: Type) -> Type:
        if sign in COMPARED:
            return "flag"
        if sign in ("&&", "||"):
            return either((left, right))
        if sign != "+":
            return "number"
        if left == right == "number":
            return "number"
        return "text" if {left, right} & {"text", "colour", "texts", "numbers"} else ""

    @staticmethod
    def array(types: Sequence[Type]) -> Type:
        kinds = set(types)
        if not kinds:
            return "list"
        if kinds <= {"numbers", "texts"}:
            return "lists"
        return (
            {"number": "numbers", "colour": "colours", "text": "texts"}.get(kinds.pop(), "") if len(kinds) == 1 else ""
        )


def unused(
    names: Names, charts: Sequence[tuple[Read, Tables]], told: Set[tuple[str, str]] = frozenset()
) -> Iterator[str]:
    """What is declared and none of these charts makes or reads. charts: what each reads, and its tables.

    told: columns that are there for who reads the tables.
    """
    made = {name for read, _ in charts for name in read.signals}
    used = {name for read, _ in charts for name, by in read.signals.items() if by or name in read.acts} | vega.VIEW
    for name in names.signals:
        if name not in made:
            yield f"no chart makes the signal {name}"
        elif name not in used:
            yield f"nothing reads the signal {name}"
    there = {(table, name) for _, tables in charts for table, rows in tables.items() for row in rows for name in row}
    columns = set().union(*(read.columns for read, _ in charts)) | told
    for table, its in names.tables.items():
        for name in its:
            if (table, name) not in there:
                yield f"no table {table} has a column {name}"
            elif (table, name) not in columns:
                yield f"nothing reads the column {name} of {table}"
