"""What the gradient lab shows, as lines of PyTorch that anyone can run: the same weights, the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import indent, wrap
from typing import TYPE_CHECKING, Any

from rnnviz.core import terms
from rnnviz.core.cell import OpKind
from rnnviz.core.cells import LAB_CELLS
from rnnviz.snippets import own, program

if TYPE_CHECKING:
    from rnnviz.zoo.own.model import OwnModel, OwnReading

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
# The module of a cell, its weights drawn in the order and from the seed of `rnnviz.core.gradients.lab.weights_of`.
_MODULES = """\
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
x = torch.randn({steps}, 8, generator=torch.Generator().manual_seed({sampled}))  # (T, 8)


def drawn(rnn, blocks):  # uniform between -1/sqrt(H) and 1/sqrt(H), as PyTorch starts them; block: r, z, n of a GRU
    generator = torch.Generator().manual_seed({uniform})
    for block in zip(*(weight.detach().chunk(blocks) for weight in rnn.parameters())):
        for part in block:
            part.copy_((2 * torch.rand(part.shape, generator=generator) - 1) / {hidden}**0.5)
    return rnn


def first(rnn):  # the state after the first step, h alone for the gradient: an LSTM's c is held
    state = rnn(x[:1])[1]
    h, *memory = state if isinstance(state, tuple) else (state,)
    return h.detach().requires_grad_(), [c.detach() for c in memory]


def later(rnn, h, memory):  # the states after the other steps
    return rnn(x[1:], (h, *memory) if memory else h)[0]


"""
_PAST = """\
other = x.clone()
other[0] = torch.randn(8, generator=torch.Generator().manual_seed({replaced}))
for rnn, blocks in ((nn.RNN(8, {hidden}), 1), (nn.LSTM(8, {hidden}), 4), (nn.GRU(8, {hidden}), 3)):
    drawn(rnn, blocks)
    ahead = (rnn(x)[0] - rnn(other)[0])[{t} - 1].norm()
    h, memory = first(rnn)
    back = torch.autograd.functional.jacobian(lambda h: torch.cat([h, later(rnn, h, memory)])[{t} - 1], h)
    print(type(rnn).__name__, ahead.item(), torch.linalg.matrix_norm(back[:, 0], 2).item())"""
_TABLE = """\
def forget(bias):
    lstm = drawn(nn.LSTM(8, {hidden}), 4)
    for weight, value in ((lstm.bias_ih_l0, bias), (lstm.bias_hh_l0, 0.0)):
        weight.detach().chunk(4)[1].fill_(value)  # of i, f, g, o
    return lstm


def starting(rnn, matrix):
    drawn(rnn, 1).weight_hh_l0.detach().copy_(matrix)
    return rnn


normal = torch.randn({hidden}, {hidden}, generator=torch.Generator().manual_seed({normal}))
Q, R = torch.linalg.qr(normal)
rows = {{
    "RNN": drawn(nn.RNN(8, {hidden}), 1),
    "GRU": drawn(nn.GRU(8, {hidden}), 3),
    "LSTM": drawn(nn.LSTM(8, {hidden}), 4),
    "LSTM, forget bias 1": forget(1.0),
    "LSTM, forget bias 3": forget(3.0),
    "LSTM, forget bias 5": forget(5.0),
    "RNN, orthogonal": starting(nn.RNN(8, {hidden}), Q * R.diagonal().sign()),
    "RNN (ReLU), identity": starting(nn.RNN(8, {hidden}, nonlinearity="relu"), torch.eye({hidden})),
}}
for name, rnn in rows.items():
    h, memory = first(rnn)
    (gradient,) = torch.autograd.grad(later(rnn, h, memory)[-1].sum(), h)
    print(name, gradient.norm().item())  # at the first of {steps} steps"""
_OVERLAPPING = """\
{first}{parameters}

def run(x, {states}):  # the states before every step, and after the last
    steps = [{together}]
    for x_t in x:
{step}        steps.append({together})
    return steps


def gradient(loss):
    return torch.cat([part.ravel() for part in torch.autograd.grad(loss, parameters)])


whole = run(x, {zeros})
full = gradient(sum(h.sum() for h, *_ in whole[1:]))
losses = 0
for t in range(len(x)):  # each loss goes back through the {window} steps that end with its own
    start = max(0, t + 1 - {window})
    losses = losses + run(x[start : t + 1], *(state.detach() for state in whole[start]))[-1][0].sum()
cut = gradient(losses)
"""
_TURNED = """\
a, b = cut / cut.norm(), full / full.norm()
print(torch.rad2deg(2 * torch.atan2((a - b).norm(), (a + b).norm())).item(), 'degrees')
print((cut.norm() / full.norm()).item())"""
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


def _network(cell: str, v: Mapping[str, Any], **more: Any) -> str:
    """The network made to order, each of its weights by its name."""
    names = wrap(", ".join(parameter.name for parameter in LAB_CELLS[cell].parameters), 100)
    targets = names[0] if len(names) == 1 else "(\n" + "".join(f"    {line}\n" for line in names) + ")"
    return _MADE.format(names=targets, **{**v, **more})


def _loop(cell: str, window: int | None = None, *, named: bool = False, grad: bool = False) -> str:
    """The steps, each state kept in `states`.

    window: after how many the state is detached.     named: whether that is a variable.
    grad: whether the state before the first step has a gradient.
    """
    definition, cut, each = LAB_CELLS[cell], "", "x_t in x"
    if window is not None or named:
        each = "t, x_t in enumerate(x)"
        detach = f"{', '.join(definition.states)} = {', '.join(f'{state}.detach()' for state in definition.states)}"
        cut = f"    if t % {'window' if named else window} == 0:\n        {detach}\n"
    zeros = f"torch.zeros(len({definition.content[1]}){', requires_grad=True' if grad else ''})"
    start = f"\n{program.start(definition, zeros)}states = []\nfor {each}:\n{cut}"
    return start + program.step(definition) + _KEEP


def _saturated(v: Mapping[str, Any]) -> str:
    cell = LAB_CELLS[v["cell"]]
    counts: dict[str, str] = {}  # after the line of a quantity: how many units are flat
    for op in cell.ops:
        if op.kind in _FLAT:
            source = op.name if op.name in cell.quantities else cell.written(op, program.TORCH, cell.leads_on)
            flat = _FLAT[op.kind].format(source, f"{terms.SLOPE:.4f}")
            after = op.name if op.name in cell.quantities else op.reads[0]
            counts[after] = counts.get(after, "") + f"    flat[{op.name!r}] = ({flat}).sum().item()\n"
    first = _network(v["cell"], v, recipe=recipe(v["cell"], v), float="64")
    loop = (
        f"\n{program.start(cell, f'torch.zeros(len({cell.content[1]}))')}counts = []\nfor x_t in x:\n    flat = {{}}\n"
    )
    last = f"    counts.append(flat)\nfor name, count in counts[{v['t']} - 1].items():\n    print(name, count)"
    return first + loop + program.step(cell, counts) + last


def _matrix(v: Mapping[str, Any]) -> str:
    cell, ask = v["net"], f"states[{v['t']} - 1]"
    if v["source"] == "made":
        loss = f"loss = {ask}.sum()\n"
        first = _network(cell, v, recipe=recipe(cell, v, knobs=False))
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


def own_matrix(model: OwnModel, reading: OwnReading, row: int, t: int, k: int, digits: str) -> str:
    """||dL_t/dh_k|| of one row (from 0) of a visitor's network, L_t the sum of its h_t.     digits: of a float."""
    weights = f"(weight.to(torch.float{digits}) for weight in {own.row_weights(model, row)})"
    first = f"{own.setup(model, reading, row)}x = x.to(torch.float{digits})\ntorch.set_default_dtype(x.dtype)\n"
    loop = program.weights(LAB_CELLS[model.cell], weights) + _loop(model.cell, grad=True)
    grad = f"torch.autograd.grad(states[{t} - 1].sum(), states[{k} - 1], allow_unused=True, materialize_grads=True)"
    return f"{first}{loop}\n(gradient,) = {grad}\nprint(gradient.norm().item())"


def _knobs(v: Mapping[str, Any]) -> str:
    cell = v["cell"]
    loop = _loop(cell, v["window"])
    first = _network(cell, v, recipe=recipe(cell, v), float="64")
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
    first = _network(cell, v, recipe=recipe(cell, v), float="64")
    if v["windows"] == "overlapping":
        definition = LAB_CELLS[cell]
        zeros = f"torch.zeros(len({definition.content[1]}))"
        overlapping = _OVERLAPPING.format(
            first=first,
            parameters=_PARAMETERS,
            states=", ".join(definition.states),
            together=f"({', '.join(definition.states)}{',' * (len(definition.states) == 1)})",
            step=indent(program.step(definition), "    "),
            zeros=", ".join(zeros for _ in definition.states),
            window=v["window"] or 10,
        )
        return overlapping + _TURNED
    loop = _loop(cell, named=True).replace("\n", "\n    ").rstrip()
    body = loop[1:] if loop.startswith("\n") else loop
    return (
        f"{first}{_PARAMETERS}\n\n"
        f"def gradient(window):\n{body}\n"
        "    parts = torch.autograd.grad(torch.stack(states).sum(), parameters)\n"
        "    return torch.cat([part.ravel() for part in parts])\n\n\n"
        f"cut, full = gradient({v['window'] or 10}), gradient(len(x))\n{_TURNED}"
    )


def _modules(steps: int, v: Mapping[str, Any]) -> str:
    """The modules that PyTorch has, and what they read: each stream of a seed as the page draws it."""
    return _MODULES.format(steps=steps, sampled=3 * v["seed"] + 2, uniform=3 * v["seed"], hidden=v["hidden"])


def _past(v: Mapping[str, Any]) -> str:
    return _modules(v["steps"], v) + _PAST.format(**v, replaced=3 * (v["seed"] + 1) + 2)


def _table(v: Mapping[str, Any]) -> str:
    from rnnviz.core.gradients.table import STEPS  # which loads torch: a page that shows no lines waits for none

    return _modules(STEPS, v) + _TABLE.format(**{**v, "steps": STEPS}, normal=3 * v["seed"] + 1)


_WRITTEN: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "matrix": _matrix,
    "derivative": _saturated,
    "knobs": _knobs,
    "cliff": lambda v: _CLIFF.format(**v),
    "cut": _cut,
    "past": _past,
    "table": _table,
}


def lines(part: str, values: Mapping[str, Any]) -> str:
    """Prints what the part shows. values: the page's, by their names in the URL."""
    return _WRITTEN[part](values)
