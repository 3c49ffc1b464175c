"""What a stage that watches the gates shows, as the further tables that it reads: a heatmap per quantity, what was
taken hold of, where each token of the coloured text stands, and what the memory is made of.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.raster import picture
from rnnviz.charts.kit.tables import SEPARATOR, Row, Tables, clean, joined
from rnnviz.charts.stage.cell.arithmetic import plain_label, scaled
from rnnviz.charts.stage.excerpt import Drawn
from rnnviz.core.cell import Role, plain_symbol
from rnnviz.core.forced import Forced
from rnnviz.core.gates import memory_shares
from rnnviz.core.short import short_repr
from rnnviz.core.trace import Array, Trace

SHARE_STEPS = 40  # a table of T * (T + 1) * H numbers: beyond this it is larger than all others together
TOKEN_EM = 12  # the most room a token has in the coloured text; a longer one ends in dots
TEXTS = ("untouched", "held", "followed", "coloured", "belt", "old", "new", "written", "start", "share")

NAMES = Names(
    signals={
        "place": Meaning("index", "the chosen unit's row of a heatmap, from the top"),
        "halves": Meaning("index", "how many runs stand side by side, 1 or 2"),
        "linesBeside": Meaning("flag", "whether the chosen unit's lines and the text stand at the heatmaps' right"),
        "halfW": Meaning("px", "room for one of them"),
        "rightX": Meaning("px", "left end of the second run's heatmaps"),
        "mapH": Meaning("px", "height of a heatmap"),
        "mapStep": Meaning("px", "from one heatmap to the next"),
        "mapsY": Meaning("px", "upper edge of the first heatmap"),
        "mapsEnd": Meaning("px", "lower edge of the last one and of the room after it"),
        "headY": Meaning("px", "middle of the runs' names"),
        "roomy": Meaning("flag", "whether a heatmap is as high as three lines of type beside it"),
        "tick": Meaning("index", "from one step whose number is written to the next"),
        "worded": Meaning("flag", "whether the columns have room for predicted words"),
        "linesX": Meaning("px", "left end of the chosen unit's lines and of the text"),
        "linesColW": Meaning("px", "width of a column of the lines"),
        "legendStep": Meaning("px", "from one name over the lines to the next, beside the heatmaps"),
        "linesY": Meaning("px", "upper edge of the lines"),
        "linesH": Meaning("px", "their height"),
        "em": Meaning("px", "size of the coloured text"),
        "textY": Meaning("px", "middle of its first line"),
        "textW": Meaning("px", "room for its lines"),
        "textStep": Meaning("px", "from one line to the next"),
        "textEnd": Meaning("px", "lower edge of the coloured text"),
        "MAPS": Meaning("rows", "all of `maps`"),
        "earlier": Meaning("numbers", "`was` of every map: what each quantity was before, one after the other"),
        "tinted": Meaning("index", "the heatmap whose values colour the text"),
        "TINT": Meaning("row", "that heatmap"),
    },
    tables={
        "bundle": {
            "pair": Meaning("flag", "whether an untouched run stands beside this one"),
            "maps": Meaning("index", "how many heatmaps there are"),
            "tint": Meaning("index", "the heatmap that colours the text at first"),
            "order": Meaning("numbers", "the units from the top of a heatmap", "order"),
            "was": Meaning("texts", "what the untouched run predicts at each step", "was"),
            "marked": Meaning("numbers", "the steps that are marked on the text, from 0", "marked"),
            "starts": Meaning("numbers", "where each token begins on one long line, em", "starts"),
            "ends": Meaning("numbers", "where it ends", "ends"),
            "extent": Meaning("number", "where the last one begins, em"),
            "longest": Meaning("number", "width of the widest token, em"),
        },
    },
)


@dataclass(frozen=True, eq=False)
class Watched:
    """What is shown on a stage that has every quantity as a heatmap in the place of the chain.

    order: the units from the top, from 0; empty for their own order.
    marked: the steps that are marked on the text, from 1.     depth: 1 opens inside the step.
    unit: the one picked at first, from 0.     coloured: the quantity that colours the text at first, h if empty.
    belt: with what the memory is made of, and when it was written, under the region.
    """

    __repr__ = short_repr

    order: Sequence[int] = ()
    marked: Sequence[int] = ()
    depth: int = 0
    unit: int = 0
    coloured: str = ""
    belt: bool = False


def with_watched(tables: Tables, drawn: Drawn, row: int, watched: Watched, labels: Mapping[str, str]) -> Tables:
    """`bundle.tables` and what `watched` adds to them; the same network's pass with nothing forced, where it is there,
    is drawn beside this one on the same scale.

    Raises `ValueError` where the order is none of the units.
    """
    trace, before, part = drawn.trace, drawn.was, drawn.part
    asked = [int(unit) for unit in watched.order]  # an array, as `rnnviz.order` gives it, too
    if asked and sorted(asked) != list(range(part.units_of)):
        raise ValueError(f"order is {asked}; accepted: every unit once, 0 to {part.units_of - 1}")
    places = {unit: place for place, unit in enumerate(part.units[row])}
    order = [places[unit] for unit in asked or part.units[row] if unit in places]
    vector = {op.name: made["out"] for op, made in zip(trace.cell.ops, tables["ops"][1:], strict=False)}
    maps = [
        _map(q, name, vector[name], trace, before, row, order, labels) for q, name in enumerate(trace.cell.quantities)
    ]
    gates = [number for number, one in enumerate(maps) if one["ramp"] != "values"]
    maps = [one | {"gate": gates.index(number) if number in gates else -1} for number, one in enumerate(maps)]
    starts, ends = zip(*_places(trace.tokens), strict=True)
    bundle = {
        **tables["bundle"][0],
        "depth": watched.depth,
        "unit": places.get(watched.unit, 0),
        "pair": before is not None,
        "maps": len(maps),
        "gates": len(gates),
        "tint": trace.cell.quantities.index(watched.coloured or "h"),
        "order": ",".join(map(str, order)),
        "was": SEPARATOR.join(map(clean, drawn.before.best() if drawn.before else ())),
        "marked": ",".join(str(t - part.first) for t in watched.marked if part.first <= t <= part.last),
        "starts": ",".join(f"{at:.2f}" for at in starts),
        "ends": ",".join(f"{at:.2f}" for at in ends),
        "extent": starts[-1],
        "longest": max(end - start for start, end in zip(starts, ends, strict=True)),
        **(_memory(trace, row, vector, shares=part.all_steps) if watched.belt and trace.cell.memory else _NO_BELT),
        **{f"s_{key}": labels[f"stage.{key}"] for key in TEXTS},
        "s_chain": labels["stage.maps"],
        "s_hint_chain": labels["stage.hint_maps"],
        "s_hint_tap": labels["stage.hint_tap_maps"],
    }
    held = [hold for force in trace.forced if force.row in (None, row) for hold in _holds(force, trace, order)]
    return {**tables, "bundle": [bundle], "maps": maps, "holds": held or [_NOTHING_HELD]}


def _map(
    q: int,
    name: str,
    vector: int,
    trace: Trace,
    before: Trace | None,
    row: int,
    order: Sequence[int],
    labels: Mapping[str, str],
) -> Row:
    """One heatmap. A quantity that leaves -1 to 1, such as c, is drawn and followed as a part of its largest size."""
    now, was = trace[name][row], None if before is None else before[name][row]
    scale = max(1.0, *(float(np.abs(values).max()) for values in (now, was) if values is not None))
    colour = palette.symbol(name)
    shown = now[:, order].T / scale
    untouched = None if was is None else was[:, order].T / scale
    gate = name if trace.cell.op(name).role is Role.GATE else ""
    return {
        "q": q,
        "vec": vector,
        "label": plain_symbol(name),
        "symbol": name,
        "means": labels.get(f"stage.name_{name}" if name in trace.cell.states else f"stage.op.{name}", ""),
        "light": colour.light,
        "dark": colour.dark,
        "scale": scale,
        **(scaled(trace.cell, name, scale) | ({} if gate else {"half": scale})),
        "urlLight": picture(shown, dark=False, gate=gate),
        "urlDark": picture(shown, dark=True, gate=gate),
        "wasLight": "" if untouched is None else picture(untouched, dark=False, gate=gate),
        "wasDark": "" if untouched is None else picture(untouched, dark=True, gate=gate),
        "was": "" if was is None else joined([was.reshape(-1)]),
    }


def _holds(force: Forced, trace: Trace, order: Sequence[int]) -> Iterator[Row]:
    """The parts of a heatmap that were forced: one per run of neighbouring units."""
    first, last = force.steps or (1, len(trace))
    q = trace.cell.quantities.index(force.name)
    places = sorted(order.index(unit) for unit in (range(trace.hidden_size) if force.units is None else force.units))
    start = 0
    for n, place in enumerate(places):
        if n + 1 == len(places) or places[n + 1] != place + 1:
            rows = n + 1 - start
            yield {"q": q, "from": first - 1, "to": last, "place": places[start], "rows": rows}
            start = n + 1


# A row that draws nothing: a table that is empty at first would have the page draw the whole chart anew.
_NOTHING_HELD: Row = {"q": 0, "from": 0, "to": 0, "place": 0, "rows": 0}


def _places(tokens: Sequence[str]) -> Iterator[tuple[float, float]]:
    """Where each token begins and ends on one long line, in em: wide East Asian characters, narrow others, a gap."""
    letters = all(len(token) == 1 for token in tokens)
    widths = [min(max(sum(map(_width, token)) + (0.3 if letters else 0.6), 0.8), TOKEN_EM) for token in tokens]
    for end, width in zip(accumulate(width + (0.06 if letters else 0.2) for width in widths), widths, strict=True):
        start = end - width
        yield start, end


def _width(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF" or character == "␣":  # a sign of few fonts
        return 1.0
    return 0.8 if character in "mwMW" or character.isupper() else 0.56


def _memory(trace: Trace, row: int, vector: Mapping[str, int], *, shares: bool) -> Row:
    """The two operations that add up to the memory, and when it was written.

    shares: whether all steps are there, of which it may hold what each wrote.
    """
    assert trace.cell.memory is not None
    state, _ = trace.cell.memory
    old, new = trace["keep"][row], trace["write"][row]
    colour = palette.symbol(state)
    made = {
        "belt": True,
        "keep": vector["keep"],
        "write": vector["write"],
        "mem": vector[state],
        "memSymbol": plain_symbol(state),
        "keepFormula": plain_label(trace.cell, "keep"),
        "writeFormula": plain_label(trace.cell, "write"),
        # One unit that counts far would leave no room for the others; its bars end in an arrow.
        "beltScale": float(max(1e-6, np.quantile(np.maximum(np.abs(old), np.abs(old + new)), 0.97))),
        "beltLight": colour.light,
        "beltDark": colour.dark,
    }
    # Where the state itself was forced, it holds what was never written: nothing to take apart.
    if not shares or len(trace) > SHARE_STEPS or any(force.name == state for force in trace.forced):
        return {**made, "shares": "", "shareScale": ""}
    written = memory_shares(trace, row)
    return {**made, "shares": joined([written.reshape(-1)]), "shareScale": joined([_sizes(written)], 6)}


def _sizes(shares: Array) -> Array:
    """The largest share of each unit, and at least what can be seen."""
    return np.maximum(np.abs(shares).max((0, 1)), 1e-3)


_NO_BELT: Row = {
    "belt": False,
    "keep": -1,
    "write": -1,
    "mem": -1,
    "beltScale": 1.0,
    **dict.fromkeys(("memSymbol", "keepFormula", "writeFormula", "beltLight", "beltDark", "shares", "shareScale"), ""),
}
