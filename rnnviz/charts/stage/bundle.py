"""A trace as the few small tables that the stage reads. All that differs between two stages is here, so the chart's
specification stays constant and a browser that has one stage only swaps its data for the next.

Numbers travel as one long comma-separated text per table, since arrays do not survive Streamlit's Arrow path as arrays;
the stage splits them once. Lists of words are joined by `SEPARATOR`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnviz.charts.kit.palette import RAMP_STEPS
from rnnviz.charts.kit.raster import picture
from rnnviz.charts.kit.tables import SEPARATOR, Row, Tables, clean, joined
from rnnviz.charts.kit.wrap import breakable
from rnnviz.charts.stage.cell import arithmetic, score_tables
from rnnviz.charts.stage.cell.diagram import diagram
from rnnviz.charts.stage.cell.numbers_table import UNITS
from rnnviz.charts.stage.excerpt import Drawn
from rnnviz.charts.stage.look import Look
from rnnviz.core.short import short_repr
from rnnviz.core.trace import Array, Readout, Trace
from rnnviz.facts.remarks import step_lines
from rnnviz.words.numbers import RAISED, fixed, size

PALE = 0.5 / RAMP_STEPS  # what is smaller has the colour of 0
CANDIDATES = 5  # how many predictions are shown for a step


@dataclass(frozen=True, eq=False)
class Rolled:
    """What is shown on a stage that folds between the chain and its loop.

    folded: whether it opens as the loop.     both: whether as the loop beside the chain.
    gradient: dL/dh_k of the loss at step `loss_at` (from 1), (T, H).
    entry: a matrix, `W_hh`, `W_xf` ... or `W_hy`, and the value of the entry that is looked at; it stands beside every
        copy.
    """

    __repr__ = short_repr

    folded: bool = False
    both: bool = False
    gradient: Array | None = None
    loss_at: int = 0
    entry: tuple[str, float] | None = None


def tables(drawn: Drawn, *, row: int, labels: Mapping[str, str], rolled: Rolled | None, headed: bool = True) -> Tables:
    """The stage's data for one row (layer and direction) of a pass.

    labels: the texts of a language.     headed: whether it is the row that the head's predictions stand with.
    """
    shown, trace, part = drawn.shown, drawn.trace, drawn.part
    said, targets, look = shown.readout if headed else None, shown.targets, part.opened(drawn.look, row)
    readout = said if said is not None and said.meaning == "class" else None  # what chooses has candidates
    start = look.start
    words = [clean(word) for word in shown.words]
    vectors = arithmetic.Vectors(trace, row, hidden_size=part.units_of, reads=part.sums)
    for name in ("x", *(f"{state}_prev" for state in trace.cell.states)):
        vectors.add(name)
    for parameter in trace.cell.parameters:
        if not parameter.name.startswith("W_"):
            vectors.add(parameter.name)
    for op in trace.cell.ops:
        vectors.add(op.name)

    matrices = arithmetic.Matrices(trace.weights[row])
    ops = [arithmetic.overview(trace.cell, vectors, labels)]
    ops += [arithmetic.operation(trace.cell, op, vectors, matrices, labels) for op in trace.cell.ops]
    if readout is not None:
        ops += arithmetic.head(vectors, labels)
    drawing, diagrammed = diagram(shown.trace, row, vectors.index, labels, with_output=readout is not None)
    terms = arithmetic.terms(trace.cell, vectors, matrices, trace.hidden_size)
    reverse = bool(row % trace.num_directions)
    bundle: Row = {
        "T": len(trace),
        "H": trace.hidden_size,
        "shift": part.shift,
        "ofSteps": part.steps_of,
        "called": ",".join(str(unit + 1) for unit in part.units[row]),
        "excerpt": part.said(labels),
        "K": len(ops) - 1,
        "start": min(max(start, 1), len(trace)) - 1 if start else (len(trace) - 1 if reverse else 0),
        "way": -1 if reverse else 1,
        **_opening(look),
        "otherUnits": labels["stage.other_units"].format(count=max(0, trace.hidden_size - score_tables.FEW)),
        **_rolled(drawn, row, rolled),
        "values": vectors.text(),
        "beyond": vectors.beyond(),
        "units": ",".join(map(str, changing(trace["h"][row]))),
        "spare": min({*changing(trace["h"][row])} - {*changing(trace["h"][row], UNITS - 1)}, default=-1),
        "weights": matrices.text(),
        "scales": arithmetic.scales(trace, row),
        "h": vectors.index["h"],
        **{f"heat{page}": _heat(vectors, dark=page == "Dark") for page in ("Light", "Dark")},
        "x": vectors.index["x"],
        "c": vectors.index.get("c", -1),
        "embedded": ",".join(map(str, shown.rows if row < trace.num_directions else ())),
        "terms": max(term["of"] for term in terms),
        **drawing,
        "cellOps": len(trace.cell.ops),
        "memory": "c" in trace.cell.states,
        "lines": sum(op["line"] >= 0 for op in ops),
        "kind": _called(trace, labels),
        "cell": _title(trace, row, labels),
        "tokens": SEPARATOR.join(map(clean, trace.tokens)),
        "notice": SEPARATOR.join(
            "\n".join(map(breakable, lines.split("\n")))
            for lines in step_lines(replace(shown, words=tuple(words), readout=said), row, labels)
        ),
        **{f"s_{key}": labels[f"stage.{key}"] for key in STAGE_TEXTS},
        **({f"s_{key}": labels[f"stage.{key}_shown"] for key in OF_UNITS} if part.said(labels) else {}),
        **{column: breakable(labels[f"stage.{key}"], PHONE_ROOM) for column, key in PHONE_TEXTS.items()},
        **_predictions(readout, words, targets, shown.trace["h"][row] if part.all_units else None, shown.truth),
    }
    tables: Tables = {
        "bundle": [bundle],
        "vecs": vectors.rows,
        "ops": ops,
        **diagrammed,
        "terms": terms,
    }
    return _renamed(tables, {"ₜ₋₁": "ₜ₊₁"} if reverse else {}, layer=row // trace.num_directions)


def _opening(look: Look) -> Row:
    """How it opens, and what around it."""
    return {
        "zoom": look.zoom,
        "quiz": look.quiz,
        "answered": look.answered,
        "withheld": score_tables.steps(look.withheld),
        "every": look.every,
        "all_units": look.all_units,
        "compact": look.compact,
        "panels": look.panels and not look.compact,
        "placed": look.placed,
        "op": look.op,
        "fine": look.op > 0 and look.fine is not False,
        "depth": look.depth,
        "unit": look.unit,
        "candidate": look.candidate,
        "go": look.go,
    }


def _heat(vectors: arithmetic.Vectors, *, dark: bool) -> str:
    """The hidden state over the text as a picture, on its own scale, several pixels a number."""
    half = vectors.rows[vectors.index["h"]]["half"]
    return picture(np.kron(vectors.trace["h"][vectors.row].T / half, np.ones((4, 4))), dark=dark)


# Keys of the catalogue that the stage shows as they are.
# What a phone writes in lines of its own, of 12 px, as columns; with its key.
PHONE_TEXTS = {"unitBars": "hint_unit_tap", "scoreBars": "hint_score_tap", "scoreWaits": "hint_score_waits"}
PHONE_ROOM = 28.5  # as `wrap.ROOM` of 13 px

OF_UNITS = ("few_units", "all_units")  # of which not all stand there, so that other words are needed
STAGE_TEXTS = (
    "first",
    "back",
    "play",
    "next",
    "last",
    "chain",
    "inside",
    "more_columns",
    "unit",
    "by_token",
    "by_operation",
    "prediction",
    "numbers",
    "notice",
    "quiz",
    "quiz_ask",
    "quiz_press",
    "quiz_score",
    "right",
    "truth",
    "fold",
    "unfold",
    "both",
    "delay",
    "shared",
    "difference",
    "path",
    "is_held",
    "every",
    "all_shown",
    "hint_chain",
    "hint_tap",
    "hint_cell",
    "hint_unit",
    "guess",
    "no_head",
    "open",
    "few_units",
    "embedded",
    "shut",
    "wide",
    "rest",
    "beyond",
    "all_units",
    "why",
    "hint_score",
    "score",
    "scores",
    "softmax",
    "weight",
    "thicker",
)


# The bundle's columns of a stage that does not fold, and of a row that no head reads.
_UNROLLED: Row = {
    **dict.fromkeys(("fold", "folded", "both"), False),
    **dict.fromkeys(("before", "path", "diffMost", "diffPale", "entry", "of"), ""),
    "pathTop": 0.0,
    "lossAt": 0,
}
UNREAD: Row = {
    "head": False,
    "candidates": 0,
    **dict.fromkeys(("top", "top_p", "top_z", "right", "right_p", "right_rank", "truth", "right_truth"), ""),
    **score_tables.NONE,
}


def _rolled(drawn: Drawn, row: int, rolled: Rolled | None) -> Row:
    trace, before, part = drawn.trace, drawn.was, drawn.part
    names = (
        {"w_x": "W_xh", "w_h": "W_hh", "w_y": "W_hy"}
        if len(trace.cell.blocks) == 1
        else {"w_x": "W_x·", "w_h": "W_h·", "w_y": "W_hy"}
    )
    matrices = [p.name for p in trace.cell.parameters if p.name.startswith("W_")]
    names |= {f"all_{part}": ", ".join(name for name in matrices if name[2] == part) for part in "xh"}
    names["all_y"] = "W_hy"
    if rolled is None:
        return {**_UNROLLED, **names}
    path, top = "", 0.0
    if rolled.gradient is not None:
        norms = np.linalg.norm(rolled.gradient[part.shift : part.last], axis=1)
        top = float(np.log10(norms.max())) if norms.any() else 0.0
        path = ",".join("" if norm == 0 else f"{np.log10(norm):.2f}" for norm in norms)
    entry = of = ""
    if rolled.entry is not None:
        name, value = rolled.entry
        of = "w_y" if name == "W_hy" else f"w_{name[2]}"
        names[of], entry = name, fixed(value)
    return {
        "fold": True,
        "folded": rolled.folded and not rolled.both,
        "both": rolled.both,
        "before": "" if before is None else joined([before["h"][row].reshape(-1)]),
        "path": path,
        "pathTop": top,
        **_differences(trace["h"][row], None if before is None else before["h"][row]),
        "lossAt": rolled.loss_at - part.shift if part.first <= rolled.loss_at <= part.last else 0,
        "entry": entry,
        "of": of,
        **names,
    }


def _differences(h: Array, before: Array | None) -> Row:
    """The largest difference that an edit makes, and of each step at which no colour tells of one the largest there.

    h, before: (T, H).
    """
    if before is None:
        return {"diffMost": "", "diffPale": ""}
    largest = np.abs(h - before).max(axis=1)
    pale = ("" if most >= PALE else size(most, 2) for most in largest.tolist())
    return {"diffMost": size(largest.max()), "diffPale": SEPARATOR.join(pale)}


def changing(h: Array, many: int = UNITS) -> list[int]:
    """The `many` units of h, (T, H), whose value has the widest range over a text, in their order; all of so few."""
    ranges = np.ptp(h, axis=0)
    return sorted(np.argsort(-ranges, kind="stable")[:many].tolist())


def _called(trace: Trace, labels: Mapping[str, str]) -> str:
    """The cell, where the language calls it otherwise than its declaration."""
    return labels.get(f"cell.{trace.cell.name}", trace.cell.title)


def _title(trace: Trace, row: int, labels: Mapping[str, str]) -> str:
    """`LSTM`, and which of its layers and directions where there are several."""
    parts = [_called(trace, labels)]
    if trace.num_layers > 1:
        parts.append(labels["stage.layer"].format(layer=row // trace.num_directions + 1))
    if row % trace.num_directions:
        parts.append(labels["stage.reverse"])
    return " · ".join(parts)


def _renamed(tables: Tables, renames: dict[str, str], *, layer: int) -> Tables:
    """Symbols as they are in this row: one that reads from the right has its previous state at t + 1, and a higher
    layer reads the states of the one below."""
    if layer:
        renames = {**renames, "xₜ": f"h{str(layer).translate(_SUPERSCRIPT)}ₜ"}
    named = ("label", "short", "symbol", "formula", "source", "reads")

    def rename(key: str, value: Any) -> Any:
        if key in named and isinstance(value, str):
            for old, new in renames.items():
                value = value.replace(old, new)
        return value

    if not renames:
        return tables
    return {name: [{k: rename(k, v) for k, v in row.items()} for row in rows] for name, rows in tables.items()}


_SUPERSCRIPT = str.maketrans(RAISED)


def _predictions(
    readout: Readout | None, words: Sequence[str], targets: Sequence[int | None], h: Array | None, truth: Array | None
) -> Row:
    """The best candidates of each step with probability and logit, and the right one where it is known; of each the
    true probability, empty where that is not known, and what its score is the sum of.

    h: what the head reads, (T, H); None where not all units are shown, so that no score is taken apart.
    """
    if readout is None:
        return UNREAD
    steps = len(readout.y)
    best = np.array([_first(y) for y in readout.y])
    top = np.take_along_axis(readout.y, best, 1)
    logits = np.take_along_axis(readout.logits, best, 1)
    right = [targets[t] if t < len(targets) else None for t in range(steps)]
    rank = [0 if k is None else _rank(readout.y[t], k) for t, k in enumerate(right)]
    columns: Row = {
        "head": True,
        "candidates": best.shape[1],
        "top": SEPARATOR.join(words[index] for index in best.reshape(-1).tolist()),
        "top_p": joined([top.reshape(-1)], 6),
        "top_z": joined([logits.reshape(-1)]),
        "right": SEPARATOR.join("" if target is None else words[target] for target in right),
        "right_p": joined([np.array([0.0 if k is None else readout.y[t, k] for t, k in enumerate(right)])], 6),
        "right_rank": ",".join(map(str, rank)),
        **({} if h is None else score_tables.scores(readout, h, best, right)),
    }
    if truth is not None:
        columns["truth"] = _written(np.take_along_axis(truth, best, 1).reshape(-1))
        columns["right_truth"] = _written([np.nan if k is None else truth[t, k] for t, k in enumerate(right)])
    return {**UNREAD, **columns}


def _first(y: Array) -> list[int]:
    """The candidates of one step, the most probable first; of equal ones the one with the lower row. A head may have
    thousands of words, so not all are sorted."""
    least = np.partition(y, -CANDIDATES)[-CANDIDATES] if len(y) > CANDIDATES else y.min()
    among = np.flatnonzero(y >= least)
    found: list[int] = among[np.argsort(-y[among], kind="stable")][:CANDIDATES].tolist()
    return found


def _rank(y: Array, k: int) -> int:
    """The place of a word among all, from 1, in the order of `_first`."""
    return 1 + int((y > y[k]).sum()) + int((y[:k] == y[k]).sum())


def _written(shares: Iterable[float]) -> str:
    """Numbers from 0 to 1, empty where there is none."""
    return ",".join("" if np.isnan(share) else f"{share:.4f}" for share in shares)
