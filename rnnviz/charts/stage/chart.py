"""The stage: a recurrent network's pass over one sequence, as one Altair chart that is stepped in the browser.

    rnnviz.stage(rnnviz.record(my_lstm, x))        # in a notebook
    rnnviz.stage(trace).save("stage.html", inline=True)        # one file that plays offline

Its specification never changes; a stage differs from another only in the small tables of `bundle`. Three depths: the
chain, one cell, one unit (`rows`, `inside`); the player and the panels are there at each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any, Literal, overload

from rnnviz.charts.kit import palette, place, player
from rnnviz.charts.kit.draw import SCENE, TABLES, WATCHED, Signal
from rnnviz.charts.kit.figure import SCALED, Figure, specification, theme
from rnnviz.charts.kit.player import key, pressed
from rnnviz.charts.stage import bundle, heading, panels
from rnnviz.charts.stage.bundle import Rolled
from rnnviz.charts.stage.cell import inside
from rnnviz.charts.stage.excerpt import Drawn, excerpt
from rnnviz.charts.stage.gates import heatmaps
from rnnviz.charts.stage.gates.heatmap_tables import Watched, with_watched
from rnnviz.charts.stage.look import Look
from rnnviz.charts.stage.names import STAGE
from rnnviz.charts.stage.scene import fold, present, rows, spans, window
from rnnviz.charts.stage.scene.aligned import aligned_chart
from rnnviz.core.forward import Contrast, Pass
from rnnviz.core.refusal import TRACE, required, type_name
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.trace import Readout, Trace
from rnnviz.core.traces import Traces
from rnnviz.words import catalogue

StageKind = Literal["row", "rows", "fold", "watch"]
MOST_PAGES, MOST_BYTES = 64, 20_000_000  # of a batch: sequences, and what their tables take before they are packed
PLAIN = Look()


@overload
def stage(of: Transduction, *, look: Look = PLAIN) -> Figure: ...


@overload
def stage(
    of: Trace | Pass | Contrast | Traces | Sequence[Trace | Pass | Contrast],
    readout: Readout | None = None,
    *,
    words: Sequence[str] = (),
    targets: Sequence[int | None] = (),
    show: Rolled | Watched | None = None,
    units: Sequence[int] | None = None,
    steps: tuple[int, int] | None = None,
    look: Look = PLAIN,
) -> Stage: ...


def stage(
    of: Trace | Pass | Contrast | Transduction | Traces | Sequence[Trace | Pass | Contrast],
    readout: Readout | None = None,
    *,
    words: Sequence[str] = (),
    targets: Sequence[int | None] = (),
    show: Rolled | Watched | None = None,
    units: Sequence[int] | None = None,
    steps: tuple[int, int] | None = None,
    look: Look = PLAIN,
) -> Figure:
    """The stage of a pass: all its layers and directions at once, a row each, or the one that `look` asks for.

    of: a trace, with `readout`, `words` and `targets` as a `Pass` has them; or a whole pass; or two of them, of which
        the one after is shown, and the one before where `show` has a place for it. Or an encoder and a decoder, as
        `rnnviz.aligned` gives them. Of a head that does not choose among classes, each step says its probabilities or
        numbers, which are called y where no words name them.
    show: the chain alone; `Rolled` with the fold between the chain and its loop; `Watched` with every quantity as a
        heatmap in the place of the chain. With either, one row.
    units: which of each row, from 0, as arrays count.     steps: the first and the last one, from 1. A trace of more
        than 200 steps, 128 units, or 25,600 states of all rows has no room: then the stage shows, where these do not
        say, the steps around the one that it opens at and the units that change most in them, and says so.
        `rnnviz.gates_chart` shows all.
    look: how it opens. With neither layer nor reverse in it, nor `show`, all rows are there, and a click on one opens
        it: its numbers, its cells, its units.

    Where spaces are among the tokens (" " or "␣"), the tokens are letters: what stands between two spaces is under them
    as a word. `look.wholes` says otherwise, such as `()` for nothing under them.

    Raises `ValueError` where these do not fit together or are too large to be read on a screen, and `TypeError` for
    what is none of them.
    """
    if isinstance(of, Transduction):
        return aligned_chart(of, look)
    if isinstance(of, Trace):
        of = Pass(of, readout, tuple(words) or _names(readout), tuple(targets))
    elif isinstance(of, Traces | list | tuple):
        if readout is not None or words or targets:
            raise ValueError(
                "readout, words and targets beside a batch; accepted: a list of rnnviz.Pass, each with its own"
            )
        return _batch(of, show=show, units=units, steps=steps, look=look)
    elif not isinstance(of, Pass | Contrast):
        raise TypeError(
            f"the trace is a {type_name(of)}; accepted: what rnnviz.record gives of a module and"
            " what it read, a Pass or a Contrast of that, or what rnnviz.aligned gives"
        )
    elif readout is not None or words or targets:
        raise ValueError("readout, words and targets beside a Pass, which has its own; accepted: beside a Trace")
    shown, before = (of.after, of.before if of.changed else None) if isinstance(of, Contrast) else (of, None)
    required(shown.trace, Trace, "the trace", TRACE)
    if shown.readout is not None:
        shown = replace(shown, readout=shown.readout.as_probabilities)
    together = len(shown.trace.weights) > 1 and look.layer is None and look.reverse is None and show is None
    row, labels = _row(shown, look), _labels(shown, look)
    states = (len(shown.trace), shown.trace.hidden_size)
    rolled = show if isinstance(show, Rolled) else None
    if rolled and rolled.gradient is not None and rolled.gradient.shape != states:
        raise ValueError(f"gradient of rolled is {rolled.gradient.shape}; accepted: (steps, units), here {states}")
    sought = replace(look, unit=show.unit) if isinstance(show, Watched) else look
    part = excerpt(shown, sought, range(len(shown.trace.weights)) if together else (row,), units, steps)
    drawn = Drawn.of(part, shown, before, look)
    if isinstance(show, Watched):
        tables = with_watched(bundle.tables(drawn, row=row, labels=labels, rolled=None), drawn, row, show, labels)
        return Stage(tables, partial(_spec, "watch"), look.language)
    tables = rows.tables(drawn, row=row, together=together, labels=labels, rolled=rolled)
    kind: StageKind = "fold" if rolled else "rows" if together else "row"
    return Stage(tables, partial(_spec, kind), look.language)


def _batch(of: Sequence[Trace | Pass | Contrast], **options: Any) -> Stage:
    """A stage whose page turns from one sequence to the next. Raises `ValueError` where they have no room, and where
    they are not of one network's shape."""
    if not 1 <= len(of) <= MOST_PAGES:
        raise ValueError(
            f"the batch has {len(of)} sequences; accepted: 1 to {MOST_PAGES}, such as traces[:{MOST_PAGES}]"
        )
    stages = [stage(one, **options) for one in of]
    size = sum(len(json.dumps(one.tables)) for one in stages)
    if size > MOST_BYTES:
        fewer = max(1, len(of) * MOST_BYTES // size)
        raise ValueError(f"the batch is too large for one page; accepted: fewer sequences, such as traces[:{fewer}]")
    first, *others = stages
    kinds = {(one.specify.args, len(one.tables["bundle"])) for one in stages}  # type: ignore[attr-defined]  # partial
    if len(kinds) > 1:
        raise ValueError("the sequences were read by networks of other layers; accepted: those of one network")
    return Stage(first.tables, first.specify, first.language, [one.tables for one in others])


def _labels(shown: Pass, look: Look) -> dict[str, str]:
    """The texts of the language; of a head that does not choose, what it puts out instead; and those of the look."""
    labels, readout = dict(catalogue(look.language)), shown.readout
    if readout is not None and readout.meaning != "class":
        labels["stage.no_head"] = labels[f"stage.no_choice_{readout.meaning}"]
        labels["stage.name_y"] = labels["stage.name_output"]
    return labels | dict(look.texts)


def _names(readout: Readout | None) -> tuple[str, ...]:
    """What outputs are called that are no classes, where nobody says: y, or y1, y2 ..."""
    if readout is None or readout.meaning == "class":
        return ()
    V = readout.y.shape[1]
    return ("y",) if V == 1 else tuple(f"y{k + 1}" for k in range(V))


def _row(shown: Pass, look: Look) -> int:
    """The row of the trace that is looked at. Raises `ValueError` where it is not there or cannot be shown."""
    trace, layer = shown.trace, -1 if look.layer is None else look.layer
    if not -trace.num_layers <= layer < trace.num_layers:
        raise ValueError(f"layer is {layer}; the trace has {trace.num_layers} (0 to {trace.num_layers - 1}, or -1)")
    if look.reverse and trace.num_directions == 1:
        raise ValueError("reverse is True and the module reads in one direction only")
    top = layer % trace.num_layers == trace.num_layers - 1
    if shown.readout is not None and (trace.num_directions > 1 or not top):
        raise ValueError(
            "a head reads the top layer in all directions, so its prediction belongs to no other row;"
            " show those without a readout"
        )
    if look.opened is not None and not 0 <= look.opened < len(trace.weights):
        raise ValueError(f"opened is {look.opened}; accepted: None, or 0 to {len(trace.weights) - 1}")
    return (layer % trace.num_layers) * trace.num_directions + bool(look.reverse)


class Stage(Figure):
    """A stage, as `stage` makes it."""

    def picture(self, dark: bool, title: str) -> dict[str, Any]:
        """Without what is pressed, its title in the place of hints. A prediction that is still to be guessed is hidden
        as it is on the page, and what is asked stands over it."""
        spec, rows = self.themed(dark), []
        for row in spec["datasets"]["bundle"]:
            said = " · ".join(filter(None, (f"t = {row['start'] + 1 + row['shift']} / {row['ofSteps']}", title)))
            hints = dict.fromkeys(("s_hint_chain", "s_hint_cell", "s_hint_unit"), said)
            asks = row["quiz"] and not row["answered"] and not row["every"]
            rows.append({**row, **hints, "placed": True, "quiz": asks, "s_quiz_press": ""})
        spec["datasets"] |= {"bundle": rows}
        return spec


ONE_ROW: tuple[Signal, ...] = (
    {"name": "B", "update": "data('bundle')[0]"},
    {"name": "VECS", "update": "data('vecs')"},
    {"name": "OPS", "update": "data('ops')"},
)


def _ramps(dark: bool) -> str:
    """Each scale's colours, as an expression: of values around zero, and of each gate from closed to open."""
    gates = [f"{name}: {palette.gate_ramp(name, dark)}" for name in palette.GATES]
    return f"{{values: {palette.ramp(dark)}, {', '.join(gates)}, other: {palette.gate_ramp('?', dark)}}}"


def _layout(kind: StageKind) -> list[Signal]:
    """What everything else is placed by."""
    return [
        {"name": "SEP", "update": "'\\u2063'"},
        *{"watch": ONE_ROW, "rows": rows.ANY_OPENED}.get(kind, rows.OPENED),
        *STAGE.lists(),
        {"name": "step_number", "update": "t + 1 + B.shift"},
        {"name": "unit_number", "update": "called[picked]"},
        {"name": "hOffset", "update": "VECS[B.h].offset"},
        {"name": "notes", "update": "split(notices[t], '\\n')"},
        {"name": "C", "update": "B.candidates"},
        {"name": "OP", "update": "OPS[clamp(op, 0, K)]"},
        {"name": "FINAL", "update": "OPS[B.cellOps]"},
        {"name": "ready", "update": "!fine || op >= B.cellOps || every"},  # whether the present state is shown
        {"name": "told", "update": "!fine || op >= K || every"},  # whether the present prediction is
        {
            "name": "every",
            "init": "B.every",
            "on": [
                {"events": {"signal": "B.every"}, "update": "B.every"},
                {"events": [*pressed("every"), *key("a")], "update": "!every"},
            ],
        },
        *theme(
            now=palette.NOW,
            negative=palette.NEGATIVE,
            positive=palette.POSITIVE,
            **{f"{name}Colour": palette.SYMBOLS[name] for name in "xhcyg"},
        ),
        {"name": "ramp", "update": f"dark ? {palette.ramp(True)} : {palette.ramp(False)}"},
        {"name": "ramps", "update": f"dark ? {_ramps(True)} : {_ramps(False)}"},
        *SCALED,
        *player.PLACES,
        {"name": "excerptH", "update": "B.excerpt == '' ? 0 : 18*z"},
        {"name": "crumbY", "update": "B.placed ? 14*z : playerY + (phone ? 176 : 62*z)"},
        {
            "name": "regionY",
            "update": "crumbY + 18*z + (B.fold && (phone || !B.placed) ? phone ? 38 : 26*z : 0)"
            " + (gatesLegend ? phone ? 18 : B.placed ? 0 : 18*z : phone && depth == 2 ? 40 : 0) + excerptH + moreH",
        },
        {
            "name": "regionEnd",
            "update": "max(foldEnd + 4*z, depth == 0 ? 0 : regionY + (phone ? 352 : 324*z),"
            " depth == 2 ? regionY + max(13.5*z*max(B.terms, scoring ? H + 1 : 0), scoring ? 384*z : 0) : 0)",
        },
    ]


@cache
def _spec(kind: StageKind) -> str:
    """The constant part: Vega-Lite, as JSON. A stage pays nothing for what another kind can do."""
    region = {
        "row": rows.layers(),
        "rows": rows.layers(),
        "fold": [*fold.layers()],
        "watch": [*heatmaps.layers()],
    }[kind]
    places = {
        "row": [*rows.signals(), *fold.UNFOLDED, *heatmaps.UNWATCHED],
        "rows": [*rows.signals(tall=rows.LOWER), *fold.UNFOLDED, *heatmaps.UNWATCHED],
        "fold": [*fold.signals(), *heatmaps.UNWATCHED],
        "watch": [*fold.UNFOLDED, *window.NONE, *heatmaps.signals(), *present.motion()],
    }[kind]
    own = {"row": {}, "rows": rows.PLACE, "fold": fold.PLACE, "watch": heatmaps.PLACE}[kind]
    told = place.STAGE | {"every": "every ? 1 : 0"} | ({} if kind == "watch" else spans.PLACE) | own
    signals = [
        *player.signals(rows=kind == "watch"),
        *_layout(kind),
        *places,
        *inside.signals(),
        *panels.signals(),
    ]
    return specification(
        signals if kind == "watch" else rows.steady(signals),
        [
            *player.layers(),
            *heading.layers(),
            *region,
            *(inside.layers() if kind == "watch" else map(rows.of_opened, inside.layers())),
            *panels.layers(),
            place.place(told),
        ],
        "panelEnd + 6",
        (*TABLES, *(WATCHED if kind == "watch" else SCENE)),
    )
