"""The stage: a recurrent network's pass over one sequence, as one Altair chart that is stepped in the browser.

    rnnviz.stage(rnnviz.record(my_lstm, x))        # in a notebook
    rnnviz.stage(trace).save("stage.html", inline=True)        # one file that plays offline

Its specification never changes; a stage differs from another only in the small tables of `bundle`. Three depths: the
chain, one cell, one unit (`rows`, `inside`); the player and the panels are there at each.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Literal, overload

import numpy as np

from rnnviz.charts.kit import palette, place, player
from rnnviz.charts.kit.draw import SCENE, TABLES, WATCHED, Layer, Signal, fitted_words, press, rect, text, text_literal
from rnnviz.charts.kit.figure import SCALED, Figure, specification, theme
from rnnviz.charts.kit.player import key, pressed
from rnnviz.charts.kit.wrap import BREAK
from rnnviz.charts.stage import bundle, panels
from rnnviz.charts.stage.bundle import Rolled
from rnnviz.charts.stage.cell import inside
from rnnviz.charts.stage.gates import heatmaps
from rnnviz.charts.stage.gates.heatmap_tables import Watched, with_watched
from rnnviz.charts.stage.look import Look
from rnnviz.charts.stage.names import STAGE
from rnnviz.charts.stage.scene import fold, present, rows, spans, window
from rnnviz.charts.stage.scene.aligned import aligned_chart
from rnnviz.core.forward import Contrast, Pass
from rnnviz.core.refusal import type_name
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.trace import Readout, Trace
from rnnviz.words import catalogue

StageKind = Literal["row", "rows", "fold", "watch"]
MAX_STEPS = 200  # beyond it the tables grow past a few hundred kilobytes
MAX_HIDDEN = 128  # beyond it a unit's row is thinner than two pixels
PLAIN = Look()


@overload
def stage(of: Transduction, *, look: Look = PLAIN) -> Figure: ...


@overload
def stage(
    of: Trace | Pass | Contrast,
    readout: Readout | None = None,
    *,
    words: Sequence[str] = (),
    targets: Sequence[int | None] = (),
    show: Rolled | Watched | None = None,
    look: Look = PLAIN,
) -> Stage: ...


def stage(
    of: Trace | Pass | Contrast | Transduction,
    readout: Readout | None = None,
    *,
    words: Sequence[str] = (),
    targets: Sequence[int | None] = (),
    show: Rolled | Watched | None = None,
    look: Look = PLAIN,
) -> Figure:
    """The stage of a pass: all its layers and directions at once, a row each, or the one that `look` asks for.

    of: a trace, with `readout`, `words` and `targets` as a `Pass` has them; or a whole pass; or two of them, of which
        the one after is shown, and the one before where `show` has a place for it. Or an encoder and a decoder, as
        `rnnviz.aligned` gives them.
    show: the chain alone; `Rolled` with the fold between the chain and its loop; `Watched` with every quantity as a
        heatmap in the place of the chain. With either, one row.
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
        of = Pass(of, readout, tuple(words), tuple(targets))
    elif not isinstance(of, Pass | Contrast):
        raise TypeError(
            f"of is a {type_name(of)}; accepted: what rnnviz.record gives of a module and"
            " what it read, a Pass or a Contrast of that, or what rnnviz.aligned gives"
        )
    elif readout is not None or words or targets:
        raise ValueError("readout, words and targets beside a Pass, which has its own; accepted: beside a Trace")
    shown, before = (of.after, of.before if of.changed else None) if isinstance(of, Contrast) else (of, None)
    together = len(shown.trace.weights) > 1 and look.layer is None and look.reverse is None and show is None
    row, labels = _row(shown, look, together=together), {**catalogue(look.language), **look.texts}
    rolled = show if isinstance(show, Rolled) else None
    states = (len(shown.trace), shown.trace.hidden_size)
    if rolled and rolled.gradient is not None and rolled.gradient.shape != states:
        raise ValueError(f"gradient of rolled is {rolled.gradient.shape}; accepted: (steps, units), here {states}")
    if isinstance(show, Watched):
        tables = bundle.tables(shown, look, row=row, labels=labels, rolled=None, before=None)
        tables = with_watched(tables, shown.trace, row, show, labels, before)
        return Stage(tables, partial(_spec, "watch"), look.language)
    was = before.trace if before else None
    tables = rows.tables(shown, look, row=row, together=together, labels=labels, rolled=rolled, before=was)
    kind: StageKind = "fold" if rolled else "rows" if together else "row"
    return Stage(tables, partial(_spec, kind), look.language)


def _row(shown: Pass, look: Look, *, together: bool) -> int:
    """The row of the trace that is looked at. Raises `ValueError` where it is not there or cannot be shown.

    together: whether all rows are to be on the stage.
    """
    trace, layer = shown.trace, -1 if look.layer is None else look.layer
    if not -trace.num_layers <= layer < trace.num_layers:
        raise ValueError(f"layer is {layer}; the trace has {trace.num_layers} (0 to {trace.num_layers - 1}, or -1)")
    if look.reverse and trace.num_directions == 1:
        raise ValueError("reverse is True and the module reads in one direction only")
    if len(trace) > MAX_STEPS or trace.hidden_size > MAX_HIDDEN:
        raise ValueError(
            f"the trace has {len(trace)} steps and {trace.hidden_size} units;"
            f" a stage shows at most {MAX_STEPS} steps and {MAX_HIDDEN} units"
        )
    if together and len(trace.weights) * len(trace) * trace.hidden_size > MAX_STEPS * MAX_HIDDEN:
        raise ValueError(
            f"the trace has {len(trace.weights)} rows of {len(trace)} steps and {trace.hidden_size} units; a stage"
            f" shows at most {MAX_STEPS * MAX_HIDDEN} states of all rows: ask for one row by `layer` and `reverse`"
        )
    top = layer % trace.num_layers == trace.num_layers - 1
    if shown.readout is not None and (trace.num_directions > 1 or not top):
        raise ValueError(
            "a head reads the top layer in all directions, so its prediction belongs to no other row;"
            " show those without a readout"
        )
    if look.opened is not None and not 0 <= look.opened < len(trace.weights):
        raise ValueError(f"opened is {look.opened}; accepted: None, or 0 to {len(trace.weights) - 1}")
    if not all(np.isfinite(values).all() for values in trace.values.values()):
        raise ValueError("the trace holds values that are not finite; a stage shows finite numbers only")
    return (layer % trace.num_layers) * trace.num_directions + bool(look.reverse)


class Stage(Figure):
    """A stage, as `stage` makes it."""

    def picture(self, dark: bool, title: str) -> dict[str, Any]:
        """Without what is pressed, its title in the place of hints. A prediction that is still to be guessed is hidden
        as it is on the page, and what is asked stands over it."""
        spec, rows = self.themed(dark), []
        for row in spec["datasets"]["bundle"]:
            said = " · ".join(filter(None, (f"t = {row['start'] + 1} / {row['T']}", title)))
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
        {"name": "crumbY", "update": "B.placed ? 14*z : playerY + (phone ? 176 : 62*z)"},
        {
            "name": "regionY",
            "update": "crumbY + 18*z + (B.fold && (phone || !B.placed) ? phone ? 38 : 26*z : 0)"
            " + (!phone ? 0 : gatesLegend ? 18 : depth == 2 ? 40 : 0) + moreH",
        },
        {
            "name": "regionEnd",
            "update": "max(foldEnd + 4*z, depth == 0 ? 0 : regionY + (phone ? 352 : 324*z),"
            " depth == 2 ? regionY + max(13.5*z*max(B.terms, scoring ? H + 1 : 0), scoring ? 384*z : 0) : 0)",
        },
    ]


CRUMB = "(phone ? 62 : 118*z)"  # the width of one
EVERY = "(phone ? 187 : width - 276*z)"  # where the switch for what comes later stands


def _crumbs() -> list[Layer]:
    """Where one is: chain, cell, unit, each a click; and whether what comes later is shown."""
    width = CRUMB
    left = f"datum.k*{width}"
    rows = {"rows": "sequence(3)", "let": {"left": left}}
    label = "datum.k == 0 ? B.s_chain : datum.k == 1 ? B.kind + ' · t = ' + (t + 1)"
    label += " : scoring ? B.s_score : B.s_unit + ' ' + (picked + 1)"
    every = EVERY
    switch = {
        "x": every,
        "x2": f"{every} + (phone ? 50 : 100*z)",
        "y": "crumbY - 12*z",
        "y2": "crumbY + 12*z",
    }
    return player.drawn(
        [
            rect(**switch, cornerRadius=7, fill="paper", stroke="every ? now : line"),
            text(
                text="phone ? split(B.s_every, ' (')[0] : B.s_every",
                x=f"{every} + (phone ? 25 : 50*z)",
                y="crumbY",
                fontSize="phone ? 10.5 : 12*z",
                limit="phone ? 48 : 94*z",
                fill="every ? now : ink",
            ),
            press("every", **switch),
            text(
                **rows,
                text=label,
                x=f"datum.left + {width}/2",
                y="crumbY",
                fontSize="phone ? 10.5 : 12.5*z",
                limit=f"{width} - 6",
                fontWeight="datum.k == depth ? 'bold' : 'normal'",
                fill="datum.k == depth ? now : soft",
            ),
            text(
                rows="sequence(1, 3)",
                text="'›'",
                x=f"datum.k*{width}",
                y="crumbY",
                fill="soft",
                fontSize="14*z",
            ),
            rect(
                name="crumb",
                **rows,
                x="datum.left + 4",
                x2=f"datum.left + {width} - 4",
                y="crumbY - (phone ? 19 : 13*z)",
                y2="crumbY + (phone ? 19 : 13*z)",
                cornerRadius=6,
                fill="now",
                fillOpacity="datum.k == depth ? 0.07 : 0",
                cursor="'pointer'",
            ),
        ]
    )


def _legend() -> list[Layer]:
    """What to do here, and the legend of values."""
    legend = "width - (phone ? 108 : 150*z)"
    left = f"(B.placed ? 0 : 3*{CRUMB} + 14*z)"
    beside = "(B.fold && !phone ? 300 : gatesLegend && !phone ? 226 : 46)*z"  # px of what stands there too
    limit = f"((B.placed ? {legend} - {beside} : {EVERY} - 10*z) - {left})"
    return [
        text(
            let={
                "said": "phone ? (B.placed && depth == 0 ? B.s_hint_tap : '')"
                " : (B.cell == B.kind ? '' : B.cell + '.  ') + (every && depth == 0 ? B.s_all_shown + ' ' : '')"
                " + (depth == 0 ? B.s_hint_chain : depth == 2 ? (scoring ? B.s_hint_score : B.s_hint_unit)"
                " : replace(B.s_hint_cell, '{unit}', '' + (picked + 1)))",
            },
            text="datum.said",
            x=left,
            y="crumbY",
            align="'left'",
            fontSize=f"max(9*z, {fitted_words('12*z', limit, 'datum.said')})",
            fill="soft",
            limit=limit,
        ),
        rect(
            rows="sequence(41)",
            x=f"{legend} + 22*z + datum.k*(phone ? 1.5 : 2.3*z)",
            x2=f"{legend} + 22*z + (datum.k + 1)*(phone ? 1.5 : 2.3*z) + 0.4",
            y="crumbY - 5*z",
            y2="crumbY + 5*z",
            fill="ramp[datum.k]",
        ),
        text(
            text="'−' + VECS[B.h].half", x=f"{legend} + 16*z", y="crumbY", align="'right'", fontSize="11*z", fill="soft"
        ),
        text(
            text="'+' + VECS[B.h].half",
            x=f"{legend} + 26*z + 41*(phone ? 1.5 : 2.3*z)",
            y="crumbY",
            align="'left'",
            fontSize="11*z",
            fill="soft",
        ),
    ]


def _on_a_phone() -> list[Layer]:
    """Where one looks into a unit or a score, which there is no room for beside the rest: what each bar is, and the way
    back."""
    inside = "phone && B.placed && depth > 0"
    back = {"when": inside, "y": "crumbY"}
    return [
        text(**back, text="'‹ ' + B.s_chain", x="8", align="'left'", fontSize=13, fontWeight="'bold'", fill="now"),
        press("toChain", when=inside, x="0", x2="150", y="crumbY - 19", y2="crumbY + 19"),
        text(
            when="phone && depth == 2",
            text=f"split(scoring ? B.scoreBars : B.unitBars, {text_literal(BREAK)})",
            x="0",
            y="crumbY + 18",
            align="'left'",
            baseline="'top'",
            fontSize=12,
            lineHeight="17",
            fill="ink",
        ),
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
            *_crumbs(),
            *_legend(),
            *_on_a_phone(),
            *region,
            *(inside.layers() if kind == "watch" else map(rows.of_opened, inside.layers())),
            *panels.layers(),
            place.place(told),
        ],
        "panelEnd + 6",
        (*TABLES, *(WATCHED if kind == "watch" else SCENE)),
    )
