"""What the gradient lab shows, as lines of PyTorch that anyone can run: the same weights, the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any

from rnnviz.core import terms
from rnnviz.core.cell import OpKind
from rnnviz.core.cells import LAB_CELLS
from rnnviz.snippets import program

_MADE = """\
import torch
from rnnviz.core.gradients.lab import Recipe, sample, weights_of

torch.set_default_dtype(torch.float{float})
x = sample({steps}, 8, seed={seed}).to(torch.float{float})  # (T, 8)
weights = {{name: weight.to(torch.float{float}) for name, weight in weights_of({recipe}).items()}}
{names} = weights.values()
"""
_READ = """\
import torch
from rnnviz import zoo

torch.set_default_dtype(torch.float{float})
model = zoo.load({model!r}, {cell!r})
reading = model.read({text!r})
x = reading.x.to(torch.float{float})  # (T, E)
"""
_WEIGHTS = "(weight.detach().to(torch.float{float}) for weight in model.rnn.parameters())"
_PARAMETERS = "parameters = [weight.requires_grad_() for weight in weights.values()]\n"
_KEEP = "    states.append(h)\n"
_CLIFF = """\
import torch

w, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (5.0, -2.3))
descent = torch.optim.SGD([w, b], lr={rate})
for update in range({update}):
    x = torch.tensor(0.5, dtype=torch.float64)
    for _ in range(50):
        x = w * torch.sigmoid(x) + b
    loss = (torch.sigmoid(x) - 0.7) ** 2
    descent.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([w, b], {norm})  # without this line: thrown off the wall
    descent.step()
print(w.item(), b.item())"""
_PAST = """\
from rnnviz.core.gradients.lab import Recipe, forgetting, sample

x, other = sample({steps}, 8, seed={seed}), sample(1, 8, seed={seed} + 1)
for cell in ("rnn", "lstm", "gru"):
    lost = forgetting(Recipe(cell, hidden_size={hidden}, seed={seed}), x, other[0])
    print(cell, lost.forward[{t} - 1], lost.backward[{t} - 1])"""
_OVERLAPPING = """\
from rnnviz.core.gradients.lab import Recipe, run_recipe, sample
from rnnviz.core.gradients.truncation import truncations

trace = run_recipe({recipe}, sample({steps}, 8, seed={seed}))
(cut,) = truncations(trace, lambda output: output.sum(1), [{cut}], overlapping=True)
print(cut.angle, 'degrees')
print(cut.share)"""

_TABLE = """\
from dataclasses import replace

from rnnviz.core.gradients.table import ROWS, honest_table

table = honest_table([{seed}], {{name: replace(row, hidden_size={hidden}) for name, row in ROWS.items()}})
for row, norms in zip(table.rows, table.norms):
    print(row, norms[0, 0])  # at the first of 100 steps"""
# By squashing function: whether a result `{0}` is where its slope is less than `{1}` of the largest, 1 or 1/4.
_FLAT: Mapping[OpKind, str] = {"tanh": "1 - {0}**2 < {1}", "sigmoid": "{0} * (1 - {0}) < {1} / 4", "relu": "{0} == 0"}


def recipe(cell: str, values: Mapping[str, Any], knobs: bool = True) -> str:
    """How the page's network is written; with what its knobs moved."""
    parts = [repr(cell), f"hidden_size={values['hidden']}", f"seed={values['seed']}"]
    if knobs:
        if values["init"] != "default":
            parts.append(f"initialisation={values['init']!r}")
        if values["radius"] is not None:
            parts.append(f"spectral_radius={values['radius']}")
        if values["gain"] != 1:
            parts.append(f"input_gain={values['gain']}")
        if values["bias"] is not None and LAB_CELLS[cell].has_forget_gate:
            parts.append(f"forget_bias={values['bias']}")
    return f"Recipe({', '.join(parts)})"


def _made(cell: str, v: Mapping[str, Any], **more: Any) -> str:
    """The network made to order, each of its weights by its name."""
    names = wrap(", ".join(parameter.name for parameter in LAB_CELLS[cell].parameters), 100)
    targets = names[0] if len(names) == 1 else "(\n" + "".join(f"    {line}\n" for line in names) + ")"
    return _MADE.format(names=targets, **{**v, **more})


def _loop(cell: str, window: int | None = None, *, named: bool = False, grad: bool = False) -> str:
    """The steps, each state kept in `states`.

    window: after how many the state is detached.     named: whether that is a variable.
    grad: whether the state before the first step has a gradient.
    """
    declared, cut, each = LAB_CELLS[cell], "", "x_t in x"
    if window is not None or named:
        each = "t, x_t in enumerate(x)"
        detach = f"{', '.join(declared.states)} = {', '.join(f'{state}.detach()' for state in declared.states)}"
        cut = f"    if t % {'window' if named else window} == 0:\n        {detach}\n"
    zeros = f"torch.zeros(len({declared.content[1]}){', requires_grad=True' if grad else ''})"
    start = f"\n{program.start(declared, zeros)}states = []\nfor {each}:\n{cut}"
    return start + program.step(declared) + _KEEP


def _saturated(v: Mapping[str, Any]) -> str:
    cell = LAB_CELLS[v["cell"]]
    counts: dict[str, str] = {}  # after the line of a quantity: how many units are flat
    for op in cell.ops:
        if op.kind in _FLAT:
            made = op.name if op.name in cell.quantities else cell.written(op, program.TORCH, cell.leads_on)
            flat = _FLAT[op.kind].format(made, f"{terms.SLOPE:.4f}")
            after = op.name if op.name in cell.quantities else op.reads[0]
            counts[after] = counts.get(after, "") + f"    flat[{op.name!r}] = ({flat}).sum().item()\n"
    first = _made(v["cell"], v, recipe=recipe(v["cell"], v), float="64")
    loop = (
        f"\n{program.start(cell, f'torch.zeros(len({cell.content[1]}))')}counts = []\nfor x_t in x:\n    flat = {{}}\n"
    )
    last = f"    counts.append(flat)\nfor name, count in counts[{v['t']} - 1].items():\n    print(name, count)"
    return first + loop + program.step(cell, counts) + last


def _matrix(v: Mapping[str, Any]) -> str:
    cell, ask = v["net"], f"states[{v['t']} - 1]"
    if v["source"] == "made":
        loss = f"loss = {ask}.sum()\n"
        first = _made(cell, v, recipe=recipe(cell, v, knobs=False))
    else:
        first = _READ.format(**{**v, "cell": cell}) + program.weights(LAB_CELLS[cell], _WEIGHTS.format(**v))
        loss = (
            f"logits = model.head.weight.detach().to(x) @ {ask} + model.head.bias.detach().to(x)\n"
            f"target = reading.targets[{v['t']} - 1]\n"
            "target = int(logits.argmax()) if target is None else target\n"
            "loss = -torch.log_softmax(logits, 0)[target]\n"
        )
    # The states need a history: the weights are constants here, so the state before the first step begins it.
    loop = _loop(cell, grad=True)
    grad = f"torch.autograd.grad(loss, states[{v['k']} - 1], allow_unused=True, materialize_grads=True)"
    return f"{first}{loop}\n{loss}(gradient,) = {grad}\nprint(gradient.norm().item())"


def _knobs(v: Mapping[str, Any]) -> str:
    cell = v["cell"]
    loop = _loop(cell, v["window"])
    first = _made(cell, v, recipe=recipe(cell, v), float="64")
    after = "\nloss = states[-1].sum()\n"
    scale = ""
    if v["clip"] != "none":
        scale = (
            "parts = torch.autograd.grad(loss, parameters, retain_graph=True)\n"
            "norm = torch.cat([part.ravel() for part in parts]).norm()\n"
            f"print('clipped by', min(1, {v['clip']} / norm.item()))\n"
        )
    grads = (
        "(gradient,) = torch.autograd.grad(loss, states[0], allow_unused=True, materialize_grads=True)\n"
        "print(gradient.norm().item())\n"
    )
    _, matrix = LAB_CELLS[cell].content
    sizes = (
        f"print(torch.linalg.eigvals(weights['{matrix}']).abs().max().item(),"
        f" torch.linalg.matrix_norm(weights['{matrix}'], 2).item())"
    )
    return f"{first}{_PARAMETERS}{loop}{after}{scale}{grads}{sizes}"


def _cut(v: Mapping[str, Any]) -> str:
    cell = v["cell"]
    if v["windows"] == "overlapping":
        return _OVERLAPPING.format(recipe=recipe(cell, v), cut=v["window"] or 10, **v)
    first = _made(cell, v, recipe=recipe(cell, v), float="64")
    loop = _loop(cell, named=True).replace("\n", "\n    ").rstrip()
    body = loop[1:] if loop.startswith("\n") else loop
    return (
        f"{first}{_PARAMETERS}\n\n"
        f"def gradient(window):\n{body}\n"
        "    parts = torch.autograd.grad(torch.stack(states).sum(), parameters)\n"
        "    return torch.cat([part.ravel() for part in parts])\n\n\n"
        f"cut, full = gradient({v['window'] or 10}), gradient(len(x))\n"
        "a, b = cut / cut.norm(), full / full.norm()\n"
        "print(torch.rad2deg(2 * torch.atan2((a - b).norm(), (a + b).norm())).item(), 'degrees')\n"
        "print((cut.norm() / full.norm()).item())"
    )


_WRITTEN: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "matrix": _matrix,
    "derivative": _saturated,
    "knobs": _knobs,
    "cliff": lambda v: _CLIFF.format(**v),
    "cut": _cut,
    "past": lambda v: _PAST.format(**v),
    "table": lambda v: _TABLE.format(**v),
}


def own(part: str, values: Mapping[str, Any]) -> bool:
    """Whether the lines call `rnnviz.core.gradients` for what they print; the arithmetic of the others is PyTorch's."""
    return part in ("past", "table") or (part == "cut" and values["windows"] == "overlapping")


def lines(part: str, values: Mapping[str, Any]) -> str:
    """Prints what the part shows. values: the page's, by their names in the URL."""
    return _WRITTEN[part](values)
