"""What the expressions of a chart read: which signals, and which columns of which tables; and what they name in vain.

A chart is read as Vega-Lite has it, before it is compiled: each mark's rows are one table, or one row that its own
`calculate` and `flatten` widen; a signal is what its updates give. So an expression has a kind where that is known: a
whole table, one row of it, an object with fields; only names that are looked up in one of those can be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.charts import vega
from tests.charts.vega import Call, Choice, Entry, Literal, Member, Name, Object, Tree


@dataclass(frozen=True)
class Whole:
    """All rows of a table."""

    table: str


@dataclass(frozen=True)
class Row:
    """One row of a table, and what a mark calculates beside it: the kind of each further field."""

    table: str
    also: Mapping[str, Kind] = field(default_factory=dict)


@dataclass(frozen=True)
class Fields:
    """An object with these fields."""

    kinds: Mapping[str, Kind]


@dataclass(frozen=True)
class Elsewhere:
    """A row of a mark that another chart with the same signals draws, and this one does not."""


Kind = Whole | Row | Fields | Elsewhere | None  # None: a number, a text, an array, or not known
parse = cache(vega.parse)
MARK = re.compile(r"@(\w+)_marks\b")


@dataclass
class Read:
    """What is found in one chart."""

    signals: dict[str, set[str]] = field(default_factory=dict)
    """Each signal that the chart defines, by its name: the names of what reads it, its own updates left out."""
    columns: set[tuple[str, str]] = field(default_factory=set)
    """Table and column of all that is read."""
    acts: set[str] = field(default_factory=set)
    """Signals that are there for what they do: their update changes the data of a selection."""
    marks: set[str] = field(default_factory=set)
    """The names of the marks whose events are listened to."""
    wrong: list[str] = field(default_factory=list)
    """What is named and is not there, in words."""


class Reader:
    """Reads one chart's specification, its tables in it."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.spec = spec
        self.tables = {name: set().union(*rows) if rows else set() for name, rows in spec["datasets"].items()}
        self.signals: list[Mapping[str, Any]] = [*spec.get("config", {}).get("signals", ()), *spec.get("params", ())]
        self.kinds: dict[str, Kind] = {signal["name"]: None for signal in self.signals}
        self.made: set[str] = set()
        """Signals that Vega-Lite makes itself, for a selection."""
        self.marks: dict[str, Kind] = {}
        """The row of each mark that has a name."""
        self.found = Read({name: set() for name in self.kinds})

    def read(self) -> Read:
        for _ in range(3):  # a signal's kind may hang on that of another, and that on a mark's
            self.found = Read({name: set() for name in self.kinds})
            for signal in self.signals:
                self.signal(signal)
            self.layers(self.spec, None)
        return self.found

    def signal(self, signal: Mapping[str, Any]) -> None:
        name = signal["name"]
        updates = [signal[key] for key in ("update", "init", "expr") if key in signal]
        kinds = [self.expression(update, None, name) for update in updates]
        for on in signal.get("on", ()):
            events = on["events"]
            marks = set(marks_of(events))
            for expression, filters in listened(events):
                self.expression(expression, None, name, event=filters)
            self.found.marks |= marks
            rows = [self.marks.get(mark, Elsewhere()) for mark in sorted(marks)] or [None]
            kinds += [self.expression(on["update"], row, name, event=True) for row in rows]
        known = [kind for kind in kinds if kind is not None]
        if known:
            self.kinds[name] = merged(known)
        trees = (part for update in every_update(signal) for part in vega.walk(parse(update)))
        if any(isinstance(tree, Call) and tree.function == "modify" for tree in trees):
            self.found.acts.add(name)

    def layers(self, spec: Mapping[str, Any], row: Kind) -> None:
        data = spec.get("data", {})
        if "name" in data:
            if data["name"] not in self.tables:
                self.found.wrong.append(f"no table {data['name']}")
            row = Row(data["name"])
        elif "values" in data:
            row = Fields(dict.fromkeys(set().union(*data["values"])))
        where = spec.get("name") or (spec["mark"]["type"] if "mark" in spec else "chart")
        for transform in spec.get("transform", ()):
            row = self.transform(transform, row, where)
        for key in ("mark", "encoding"):
            self.properties(spec.get(key), row, where)
        if "name" in spec:
            self.marks[spec["name"]] = row
        for selection in spec.get("params", ()) if "mark" in spec else ():
            self.made.add(f"{selection['name']}_tuple_fields")
            if not self.found.acts:  # else a signal says what is selected, and no press on the mark
                self.found.marks |= set(MARK.findall(selection["select"]["on"]))
                for name in selection["select"]["fields"]:
                    self.column(row, name, f"the selection {selection['name']}")
        for layer in spec.get("layer", ()):
            self.layers(layer, row)

    def transform(self, transform: Mapping[str, Any], row: Kind, where: str) -> Kind:
        if "filter" in transform:
            self.expression(transform["filter"], row, where)
            return row
        if "calculate" in transform:
            return with_fields(row, {transform["as"]: self.expression(transform["calculate"], row, where)})
        if "flatten" in transform:
            for name in transform["flatten"]:
                self.column(row, name, where)
            return row
        if "window" in transform:
            for entry in (*transform["window"], *transform.get("sort", ())):
                if "field" in entry:  # a row's number is of none
                    self.column(row, entry["field"], where)
            return with_fields(row, {window["as"]: None for window in transform["window"]})
        if "aggregate" in transform:
            for name in transform["groupby"]:
                self.column(row, name, where)
            return Fields(dict.fromkeys([*transform["groupby"], *(made["as"] for made in transform["aggregate"])]))
        raise NotImplementedError(f"a transform of {sorted(transform)}")

    def properties(self, value: Any, row: Kind, where: str) -> None:
        """Every expression and every field, wherever it stands."""
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if key in ("expr", "test") and isinstance(inner, str):
                    self.expression(inner, row, where)
                elif key == "field" and isinstance(inner, str):
                    self.column(row, inner, where)
                else:
                    self.properties(inner, row, where)
        elif isinstance(value, list):
            for inner in value:
                self.properties(inner, row, where)

    def expression(self, expression: str, row: Kind, where: str, *, event: bool = False) -> Kind:
        return self.kind(parse(expression), row, where, event)

    def kind(self, tree: Tree, row: Kind, where: str, event: bool) -> Kind:
        """The kind of a part of an expression; whatever it names is noted."""
        match tree:
            case Name(name):
                return self.name(name, row, where, event)
            case Member(of, name):
                kind = self.kind(of, row, where, event)
                return self.column(kind, name, where) if not isinstance(kind, Whole) else None
            case Call("data", (Literal(str(table)),)):
                if table not in self.tables:
                    self.found.wrong.append(f"{where}: no table {table}")
                return Whole(table)
            case Call("slice", (of, *bounds)):
                for bound in bounds:
                    self.kind(bound, row, where, event)
                kind = self.kind(of, row, where, event)
                return kind if isinstance(kind, Whole) else None
            case Call("pluck", (of, Literal(str(name)))):
                kind = self.kind(of, row, where, event)
                if isinstance(kind, Whole):
                    self.column(Row(kind.table), name, where)
                return None
            case Object(entries):
                return Fields({key: self.kind(value, row, where, event) for key, value in entries})
            case Choice(when, then, otherwise):
                kinds = [self.kind(part, row, where, event) for part in (when, then, otherwise)]
                return kinds[1] if kinds[1] is not None else kinds[2]
            case Entry(of, at):
                kind, _ = self.kind(of, row, where, event), self.kind(at, row, where, event)
                return Row(kind.table) if isinstance(kind, Whole) else None
        if isinstance(tree, Call) and tree.function not in vega.FUNCTIONS:
            self.found.wrong.append(f"{where}: no function {tree.function}")
        for part in vega.parts(tree):
            self.kind(part, row, where, event)
        return None

    def name(self, name: str, row: Kind, where: str, event: bool) -> Kind:
        if name == "datum":
            if row is None:
                self.found.wrong.append(f"{where}: `datum` where no mark is")
            return row
        if name in self.kinds:
            if name != where and name in self.found.signals:
                self.found.signals[name].add(where)
            return self.kinds[name]
        if name not in vega.CONSTANTS | vega.VIEW | (vega.EVENT if event else set()) | self.made:
            self.found.wrong.append(f"{where}: nothing is called {name}")
        return None

    def column(self, kind: Kind, name: str, where: str) -> Kind:
        """The kind of a field that is read of what has that kind."""
        if isinstance(kind, Fields):
            if name not in kind.kinds:
                self.found.wrong.append(f"{where}: no field {name} among {sorted(kind.kinds)}")
            return kind.kinds.get(name)
        if isinstance(kind, Row):
            if name in kind.also:
                return kind.also[name]
            self.found.columns.add((kind.table, name))
            if name not in self.tables.get(kind.table, ()):
                self.found.wrong.append(f"{where}: the table {kind.table} has no column {name}")
        return None


def with_fields(row: Kind, more: Mapping[str, Kind]) -> Kind:
    match row:
        case Row(table, also):
            return Row(table, {**also, **more})
        case Fields(kinds):
            return Fields({**kinds, **more})
    raise TypeError(f"fields beside {row}")


def merged(kinds: Iterable[Kind]) -> Kind:
    """Of a signal with several updates: objects have the fields of all of them."""
    first, *rest = kinds
    for kind in rest:
        if isinstance(first, Fields) and isinstance(kind, Fields):
            first = Fields({**first.kinds, **kind.kinds})
    return first


def marks_of(events: Any) -> Iterator[str]:
    """The names of the marks whose events these are."""
    match events:
        case str():
            yield from MARK.findall(events)
        case list():
            for event in events:
                yield from marks_of(event)
        case dict():
            if "markname" in events:
                yield events["markname"].removesuffix("_marks")
            yield from marks_of(events.get("between", []))


def listened(events: Any) -> Iterator[tuple[str, bool]]:
    """The expressions in a list of events: signals that are followed, and (True) filters, which know the event."""
    match events:
        case list():
            for event in events:
                yield from listened(event)
        case {"signal": expression}:
            yield expression, False
        case dict():
            filters = events.get("filter", [])
            yield from ((text, True) for text in ([filters] if isinstance(filters, str) else filters))


def every_update(signal: Mapping[str, Any]) -> Iterator[str]:
    yield from (signal[key] for key in ("update", "init", "expr") if key in signal)
    yield from (on["update"] for on in signal.get("on", ()))
