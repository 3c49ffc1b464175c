"""Small networks with drawn weights for tests of charts, and what a stage of them shows, read back from its picture."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import torch
import vl_convert

import rnnviz
from rnnviz.charts.kit.tables import DECIMALS
from rnnviz.charts.stage.chart import Stage
from rnnviz.core.cells import CELLS
from rnnviz.core.network import Layer, Recurrent
from rnnviz.core.trace import Readout, Trace

MODULES = {"rnn": torch.nn.RNN, "rnn_relu": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
OURS = ("rnn_sigmoid", "peephole", "mgu")  # of which PyTorch has no module
WORDS = tuple("αβγδεζηθ")
ROUNDING = 0.5 * 10**-DECIMALS * 1.01
Row = dict[str, Any]
SVG = "{http://www.w3.org/2000/svg}"


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@dataclass(frozen=True)
class Case:
    """A module, what it read, and what `rnnviz` says about it."""

    module: Layer
    x: torch.Tensor
    trace: Trace
    head: rnnviz.Head
    readout: Readout

    def shown(self, words: Sequence[str], targets: Sequence[int | None] = ()) -> rnnviz.Pass:
        return rnnviz.Pass(self.trace, self.readout, tuple(words), tuple(targets))


def case(
    cell: str = "lstm",
    *,
    steps: int = 5,
    hidden: int = 4,
    width: int = 3,
    layers: int = 1,
    both: bool = False,
    bias: bool = True,
    tokens: tuple[str, ...] | None = None,
    classes: int = len(WORDS),
    seed: int = 0,
    scale: float = 1.0,
) -> Case:
    options = {"nonlinearity": "relu"} if cell == "rnn_relu" else {}
    module: Layer
    if cell in OURS:
        module = Recurrent(CELLS[cell], width, hidden)
    else:
        module = MODULES[cell](width, hidden, num_layers=layers, bidirectional=both, bias=bias, **options)
    with torch.no_grad():
        for number, parameter in enumerate(module.parameters()):
            parameter.copy_(scale * draw(seed + number, *parameter.shape))
    x = draw(seed + 100, steps, width)
    trace = rnnviz.record(module, x, tokens=tokens)
    outputs = hidden * (2 if both else 1)
    head = rnnviz.Head(draw(seed + 101, classes, outputs), draw(seed + 102, classes))
    return Case(module, x, trace, head, rnnviz.read_out(trace, head))


LOOKS = frozenset(part.name for part in fields(rnnviz.Look))


def made(of: Case, before: rnnviz.Pass | None = None, **options: Any) -> Stage:
    """Its stage, every step's right answer known but the last one's; without the head where no head can be shown.

    options: those of `rnnviz.stage`, and the fields of `rnnviz.Look`.
    """
    look = {name: options.pop(name) for name in LOOKS & options.keys()}
    options["look"] = rnnviz.Look(**look)
    below = look.get("layer", -1) % of.trace.num_layers < of.trace.num_layers - 1
    if of.trace.num_directions > 1 or below:
        return rnnviz.stage(of.trace, **options)
    targets = [*(t % len(of.readout.y[0]) for t in range(len(of.trace) - 1)), None]
    words = [WORDS[k % len(WORDS)] * (1 + k // len(WORDS)) for k in range(len(of.readout.y[0]))]
    shown = of.shown(options.pop("words", words), options.pop("targets", targets))
    return rnnviz.stage(rnnviz.Contrast(before, shown) if before else shown, **options)


def pair(before: Trace, after: Trace, was: Readout, now: Readout) -> rnnviz.Contrast:
    """Two passes, `WORDS` the names of as many classes as there are."""
    words = tuple(WORDS[: now.y.shape[1]])
    return rnnviz.Contrast(rnnviz.Pass(before, was, words), rnnviz.Pass(after, now, words))


def picture(stage: Stage, *, width: int = 1100, **signals: Any) -> ET.Element:
    """The stage drawn without a browser, its player's signals at other values than the first: `depth=1, op=3`."""
    spec = copy.deepcopy(stage.to_dict()) | {"width": width}
    for signal in spec["config"]["signals"]:
        if signal["name"] in signals:
            signal.pop("init", None)
            signal["value"] = signals.pop(signal["name"])
    assert not signals, f"no such signal: {signals}"
    return ET.fromstring(vl_convert.vegalite_to_svg(spec))


def texts(drawn: ET.Element) -> list[str]:
    """Every text of a picture; one of several lines has them separated by `|`."""
    found = []
    for node in drawn.iter(f"{SVG}text"):
        lines = [line.text or "" for line in node.iter(f"{SVG}tspan")]
        found.append("|".join(lines) if lines else (node.text or ""))
    return found


def boxes(drawn: ET.Element, name: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom in px of every rectangle of the mark `name`."""
    found = []
    for group in drawn.iter(f"{SVG}g"):
        if f"{name}_marks" in group.get("class", "").split():
            for path in group.iter(f"{SVG}path"):
                x, y = map(float, re.findall(r"-?[\d.]+", path.get("transform", "translate(0,0)"))[:2])
                numbers = [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", path.get("d", ""))]
                points = _corners(path.get("d", ""), numbers)
                xs, ys = [x + p for p, _ in points], [y + p for _, p in points]
                found.append((min(xs), min(ys), max(xs), max(ys)))
    return found


def _corners(path: str, numbers: list[float]) -> list[tuple[float, float]]:
    """Of a plain rectangle `M0,0hWvHh-WZ` or one with round corners, whose points are absolute."""
    if "h" in path:
        left, top, width, height = numbers[:4]
        return [(left, top), (left + width, top + height)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def bundle(stage: Stage) -> Mapping[str, Any]:
    return stage.to_dict()["datasets"]["bundle"][0]


def numbers(text: str) -> np.ndarray:
    """Numbers that travel as text, as the browser reads them."""
    return np.array([float(number) for number in text.split(",")])


def columns(drawn: ET.Element) -> list[np.ndarray]:
    """The columns of numbers in a picture, from left to right."""
    many = (text.replace("−", "-").split("|") for text in texts(drawn) if "|" in text)
    return [np.array(lines, float) for lines in many if all(re.fullmatch(r"-?[\d.]+", line) for line in lines)]


def tables(of: Case, **options: Any) -> dict[str, list[Row]]:
    return made(of, **options).to_dict()["datasets"]


def vectors(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if not name.startswith("W_")]


def at(found: dict[str, list[Row]], vector: int, t: int) -> np.ndarray:
    """A vector at a step, read as the stage reads it."""
    row = found["vecs"][vector]
    start = row["offset"] + row["stride"] * t
    return numbers(found["bundle"][0]["values"])[start : start + row["size"]]
