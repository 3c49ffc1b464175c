"""What a training run's model gives for one sequence that it never trained on, as rows of the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.charts.kit.tables import SEPARATOR, Row, clean
from rnnviz.charts.training.axes import Axis, bar_axis, bars, even_ticks
from rnnviz.words.numbers import size

if TYPE_CHECKING:
    from rnnviz.training.view import RunView

MOST = 24  # classes, the last that are asked for
ENDS = 6  # words of a sentence's end that are shown
PAD = "<pad>"  # as `rnnviz.tasks.task` has it
SIGNS = {" ": "␣", "blank": "–"}  # classes that cannot be seen, or that often stand where there is no room for a word
Labels = Mapping[str, str]


def sample_axis(views: Sequence[RunView]) -> Axis:
    """Of the sample's numbers: what is asked for, and room around it; from and to round numbers."""
    if not views or views[0].loss != "mse":
        return Axis(0, 1)
    low, high = float(views[0].truth.min()), float(views[0].truth.max())
    if len(views[0].truth) == 1:
        middle = round(2 * low) / 2
        return Axis(middle - 1.5, middle + 1.5)
    room = 0.2 * (high - low) if high > low else 1.0
    return Axis(low - room, high + room)


def asked(views: Sequence[RunView], axis: Axis, labels: Labels) -> Row:
    """What the runs have in common."""
    return {
        "kind": _kind(views[0]),
        "signs": _signs(views[0], labels),
        **_read(views[0]),
        **even_ticks("sample", axis),
    }


def _read(view: RunView) -> Row:
    """The sequence of which one number is asked, as `rnnviz.charts.training.task` has one; nothing of all others."""
    if _kind(view) != "number":
        return {"values": "", "counts": "", "written": "", "zero": 0}
    values = view.values.tolist()
    return bars(values, view.counts.tolist(), bar_axis(values))


def answers(view: RunView, evaluations: Sequence[int], axis: Axis) -> Row:
    """What the model gave for the unseen sample's first sequence, of each row in turn, and what was asked for.

    evaluations: for each row the place of its evaluation in the view; -1 where there was none yet.

    Numbers are parts of the axis, and where there is one, it is written too; of classes, the name of the likeliest and
    its probability.
    """
    if view.loss == "mse":
        none, values = [nan] * len(view.truth), view.evaluations.outputs[..., 0]
        outs = [none if place < 0 else values[place].tolist() for place in evaluations]
        return {
            "asked": len(view.truth),
            "truth": axis.places(view.truth.tolist()),
            "truthIs": size(float(view.truth[0])),
            "out": ",".join(axis.places(out) for out in outs),
            "outIs": "",
            "outSaid": SEPARATOR.join(size(out[0]) for out in outs),
        }
    places = np.flatnonzero(view.truth != -1)[-MOST:]
    names, sure = [], []
    for place in evaluations:
        if place < 0:
            names += [""] * len(places)
            sure += ["0"] * len(places)
            continue
        outputs = view.evaluations.outputs[place, places]
        y = np.exp(outputs - outputs.max(1, keepdims=True))
        y /= y.sum(1, keepdims=True)
        names += [_name(view.outputs[best]) for best in y.argmax(1)]
        sure += [f"{p:.2f}" for p in y.max(1).tolist()]
    return {
        "asked": len(places),
        "truth": SEPARATOR.join(_name(view.outputs[int(kind)]) for kind in view.truth[places].tolist()),
        "truthIs": "",
        "out": SEPARATOR.join(names),
        "outIs": ",".join(sure),
        "outSaid": "",
    }


def _kind(view: RunView) -> str:
    if view.loss != "mse":
        return "classes"
    return "series" if len(view.truth) > 1 else "number"


def _name(word: str) -> str:
    return SIGNS.get(word) or clean(word)


def _signs(view: RunView, labels: Labels) -> str:
    """What the signs among the classes mean; of a task that is read to one answer, the sentence itself."""
    if view.config.task.partition("-")[0] in ("sentiment", "gap"):
        words = [word for word in view.read if word != PAD]
        return clean(" ".join([*words[:1], "…", *words[-ENDS:]] if len(words) > ENDS + 1 else words))
    keys = {" ": "train.sign_space", "\n": "train.sign_break", "blank": "train.sign_blank"}
    meanings = [labels[key] for word, key in keys.items() if word in view.outputs]
    if view.config.task == "characters":
        meanings.append(labels["train.sign_other"].format(sign=view.outputs[-1]))
    return " · ".join(meanings)
