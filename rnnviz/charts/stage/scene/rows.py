"""Depth 0 of a stage: the scene of one layer and direction or of them all, a row each, and the hidden state over time
of the row that is opened. The tables of every row lie one after the other; `opened` says which are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.charts.kit.draw import Layer, Signal, derived
from rnnviz.charts.kit.expr import Value, fn, when
from rnnviz.charts.kit.names import B, t
from rnnviz.charts.kit.player import click, key, page_control
from rnnviz.charts.kit.tables import SEPARATOR, Tables
from rnnviz.charts.stage import bundle
from rnnviz.charts.stage.bundle import Rolled
from rnnviz.charts.stage.excerpt import Drawn
from rnnviz.charts.stage.names import P, opened
from rnnviz.charts.stage.scene import heatmap, marks, present, spans
from rnnviz.charts.stage.scene.tables import meanings
from rnnviz.charts.stage.scene.tables import tables as scene_tables
from rnnviz.scene import network, one_row, with_head, with_spans

_BUNDLE = fn.data("bundle")
_OPEN = opened - P.part  # of the open row among those that are shown
_OPENED: Signal = {
    "name": "opened",
    "init": _BUNDLE[0].opened,
    "on": [
        {"events": {"signal": "P.part"}, "update": _BUNDLE[0].opened},
        {"events": [*click("box"), *click("rowName")], "update": "datum.part"},
        {"events": key("r"), "update": P.part + (_OPEN + 1) % fn.length(_BUNDLE)},
    ],
}
# Where all rows are there, the page sends the stage to one, too: not heard from `B`, which is of the opened row.
_SENT: Signal = _OPENED | {
    "on": [
        *_OPENED["on"],
        {"events": {"signal": "sent"}, "update": _BUNDLE[0].opened, "force": True},
        {"events": page_control("opened"), "update": "clamp(event.detail.value - 1, 0, length(data('bundle')) - 1)"},
    ]
}
_BY_ROW = derived(
    B=_BUNDLE[_OPEN],
    VECS=fn.slice(fn.data("vecs"), B.vecsFrom, B.vecsTo),
    OPS=fn.slice(fn.data("ops"), B.opsFrom, B.opsTo),
)
OPENED: tuple[Signal, ...] = (*derived(P=fn.data("picture")[0]), _OPENED, *_BY_ROW)
ANY_OPENED: tuple[Signal, ...] = (*derived(P=fn.data("picture")[0], sent=_BUNDLE[0].go), _SENT, *_BY_ROW)
LOWER = 60  # px before zoom, of the heatmap under several rows: the present step is to be in view below it
# What a page's controls learn of a stage with all rows.
_DIRECTED = (fn.indexof(B.row, "→") >= 0) | (fn.indexof(B.row, "←") >= 0)
# Rows of two directions are no layers, as the page's buttons call them: their names on the picture open them.
PLACE = {"opened": "opened + 1", "rows": str(when(_DIRECTED, 0, fn.length(_BUNDLE)))}


def tables(drawn: Drawn, *, row: int, together: bool, labels: Mapping[str, str], rolled: Rolled | None) -> Tables:
    """The tables of one row of a pass or, `together`, of all of them, and of their scene.

    row: the one that is open at first, whose predictions a head's are.     labels, rolled: as those of `bundle.tables`.
    """
    shown, trace, look = drawn.shown, drawn.trace, drawn.look
    parts = range(len(trace.weights)) if together else range(row, row + 1)
    if together:
        labels = {**labels, "stage.hint_chain": labels["stage.hint_rows"]}
    by_row = [bundle.tables(drawn, row=part, labels=labels, rolled=rolled, headed=part == row) for part in parts]
    notes, first_step = drawn.part.opened(look, row).notes, drawn.part.first
    picture = (
        network(trace, notes=notes, first=first_step)
        if together
        else one_row(trace, row, notes=notes, first=first_step)
    )
    if shown.readout is not None:
        picture = with_head(picture, trace, shown.readout, shown.words)
    picture = with_spans(picture, drawn.wholes)
    # On a stage that folds, the weight of the loop is written there.
    names = None if together or rolled else meanings(labels)
    made = scene_tables(picture, heat=True, part=parts[0], names=names)
    steps: dict[int, list[int]] = {part: [0] * len(trace) for part in parts}
    for block in picture.blocks:
        if block.part is not None:
            steps[block.part][block.column] = block.step
    first = by_row[row - parts[0]]["bundle"][0]
    vecs = ops = 0
    for part, of in zip(parts, by_row, strict=True):
        of["bundle"][0] |= {
            "opened": look.opened if together and look.opened is not None else row,
            "row": next(line.labels[-1] for line in picture.rows if line.part == part),
            "start": first["start"],
            **{name: first[name] for name in bundle.UNREAD},  # a head predicts the same whichever row is opened
            "steps": ",".join(map(str, steps[part])),
            "wordOf": SEPARATOR.join(spans.word_at(made["spans"], t, step) for t, step in enumerate(steps[part])),
            "vecsFrom": vecs,
            "vecsTo": (vecs := vecs + len(of["vecs"])),
            "opsFrom": ops,
            "opsTo": (ops := ops + len(of["ops"])),
        }
        for name in ("nodes", "edges", "terms"):
            of[name] = [entry | {"part": part} for entry in of[name]]
    return {name: [entry for of in by_row for entry in of[name]] for name in by_row[0]} | made


def of_opened(layer: Layer) -> Layer:
    """A layer of the cell's or the unit's picture, with the entries of the opened row only."""
    if layer["data"].get("name") not in ("nodes", "edges", "terms"):
        return layer
    return layer | {"transform": [{"filter": "datum.part == opened"}, *layer["transform"]]}


def steady(signals: Sequence[Signal]) -> list[Signal]:
    """The stage's signals where another row may be opened: that is no new text, unit or depth.

    An event that is an expression (`B.tokens`) has no value until `B` first changes, and would then be taken for a
    change; so each is a signal with a name, which has one from the beginning.
    """
    named: dict[str, Signal] = {}

    def source(event: Any) -> Any:
        expression = event.get("signal", "") if isinstance(event, dict) else ""
        if not expression.startswith("B."):
            return event
        signal = named.setdefault(expression, {"name": f"given{len(named)}", "update": expression})
        return {"signal": signal["name"]}

    def heard(handler: dict[str, Any]) -> dict[str, Any]:
        events = handler["events"]
        return handler | {"events": [source(e) for e in events] if isinstance(events, list) else source(events)}

    made = [s | {"on": [heard(handler) for handler in s["on"]]} if "on" in s else s for s in signals]
    return [*named.values(), *made]


def signals(*, tall: Value = heatmap.TALL, **room: Any) -> list[Signal]:
    """tall: of the states' heatmap, px before zoom.     room: as `room`, `least` and `box` of `marks.signals`."""
    return [
        *marks.signals(fn.toNumber(fn.split(B.steps, ",")[t]), t, **room),
        *heatmap.signals(tall),
        *present.motion(),
    ]


def layers() -> list[Layer]:
    return [*marks.layers(), *heatmap.layers(), *spans.layers()]
