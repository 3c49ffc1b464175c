"""What the gradient lab shows, as lines of PyTorch that anyone can run: the same weights, the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_MADE = """\
import torch
from rnnviz.core.gradients.lab import Recipe, sample, weights_of

torch.set_default_dtype(torch.float{float})
x = sample({steps}, 8, seed={seed}).to(torch.float{float})  # (T, 8)
weights = weights_of({recipe})
W_x, W_h, b_x, b_h = (
    torch.cat([weight for name, weight in weights.items() if name.startswith(part)]).to(torch.float{float})
    for part in ("W_x", "W_h", "b_x", "b_h")
)
"""
_READ = """\
import torch
from rnnviz import zoo

torch.set_default_dtype(torch.float{float})
model = zoo.load({model!r}, {cell!r})
reading = model.read({text!r})
x = reading.x.to(torch.float{float})  # (T, E)
W_x, W_h, b_x, b_h = (weight.detach().to(torch.float{float}) for weight in model.rnn.parameters())
"""
_START = "\nh = {also}torch.zeros(W_h.shape[1]){grad}\nstates = []\nfor {each}:\n{cut}"
_ACTIVATIONS = {"rnn": "torch.tanh", "rnn_relu": "torch.relu", "rnn_sigmoid": "torch.sigmoid", "rnn_linear": ""}
_STEPS = {
    "lstm": """\
    i, f, g, o = (W_x @ x_t + b_x + W_h @ h + b_h).chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
""",
    "gru": """\
    r_x, z_x, n_x = (W_x @ x_t + b_x).chunk(3)
    r_h, z_h, n_h = (W_h @ h + b_h).chunk(3)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    h = (1 - z) * torch.tanh(n_x + r * n_h) + z * h
""",
}
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
_TABLE = """\
from dataclasses import replace

from rnnviz.core.gradients.table import ROWS, honest_table

table = honest_table([{seed}], {{name: replace(row, hidden_size={hidden}) for name, row in ROWS.items()}})
for row, norms in zip(table.rows, table.norms):
    print(row, norms[0, 0])  # at the first of 100 steps"""
_FLAT = """\
from rnnviz.core.gradients.lab import Recipe, run_recipe, sample
from rnnviz.core.gradients.squash import saturated

trace = run_recipe({recipe}, sample({steps}, 8, seed={seed}))
for name, counts in saturated(trace).items():
    print(name, counts[0, {t} - 1])"""


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
        if values["bias"] is not None and cell == "lstm":
            parts.append(f"forget_bias={values['bias']}")
    return f"Recipe({', '.join(parts)})"


def _loop(cell: str, window: int | None = None, *, named: bool = False) -> str:
    """The steps, each state kept in `states`. window: after how many the state is detached; named: by a variable."""
    memory = "c = " if cell == "lstm" else ""
    cut, each = "", "x_t in x"
    if window is not None or named:
        each = "t, x_t in enumerate(x)"
        lost = "h, c = h.detach(), c.detach()" if cell == "lstm" else "h = h.detach()"
        cut = f"    if t % {'window' if named else window} == 0:\n        {lost}\n"
    step = _STEPS.get(cell) or f"    h = {_ACTIVATIONS[cell]}(W_x @ x_t + b_x + W_h @ h + b_h)\n"
    return _START.format(also=memory, grad="", each=each, cut=cut) + step + _KEEP


def _matrix(v: Mapping[str, Any]) -> str:
    cell, ask = v["net"], f"states[{v['t']} - 1]"
    if v["source"] == "made":
        loss = f"loss = {ask}.sum()\n"
        first = _MADE.format(recipe=recipe(cell, v, knobs=False), **v)
    else:
        first = _READ.format(**{**v, "cell": cell})
        loss = (
            f"logits = model.head.weight.detach().to(x) @ {ask} + model.head.bias.detach().to(x)\n"
            f"target = reading.targets[{v['t']} - 1]\n"
            "target = int(logits.argmax()) if target is None else target\n"
            "loss = -torch.log_softmax(logits, 0)[target]\n"
        )
    # The states need a history: the weights are constants here, so the state before the first step begins it.
    loop = _loop(cell).replace("torch.zeros(W_h.shape[1])", "torch.zeros(W_h.shape[1], requires_grad=True)")
    grad = f"torch.autograd.grad(loss, states[{v['k']} - 1], allow_unused=True, materialize_grads=True)"
    return f"{first}{loop}\n{loss}(gradient,) = {grad}\nprint(gradient.norm().item())"


def _knobs(v: Mapping[str, Any]) -> str:
    cell = v["cell"]
    loop = _loop(cell, v["window"])
    first = _MADE.format(recipe=recipe(cell, v), **{**v, "float": "64"})
    after = "\nloss = states[-1].sum()\n"
    parameters = "for weight in (W_x, W_h, b_x, b_h):\n    weight.requires_grad_()\n"
    scale = ""
    if v["clip"] != "none":
        scale = (
            "parts = torch.autograd.grad(loss, [W_x, W_h, b_x, b_h], retain_graph=True)\n"
            "norm = torch.cat([part.ravel() for part in parts]).norm()\n"
            f"print('clipped by', min(1, {v['clip']} / norm.item()))\n"
        )
    grads = (
        "(gradient,) = torch.autograd.grad(loss, states[0], allow_unused=True, materialize_grads=True)\n"
        "print(gradient.norm().item())\n"
    )
    matrix = {"lstm": "W_hg", "gru": "W_hn"}.get(cell, "W_hh")
    sizes = (
        f"print(torch.linalg.eigvals(weights['{matrix}']).abs().max().item(),"
        f" torch.linalg.matrix_norm(weights['{matrix}'], 2).item())"
    )
    return f"{first}{parameters}{loop}{after}{scale}{grads}{sizes}"


def _cut(v: Mapping[str, Any]) -> str:
    cell = v["cell"]
    first = _MADE.format(recipe=recipe(cell, v), **{**v, "float": "64"})
    loop = _loop(cell, named=True).replace("\n", "\n    ").rstrip()
    body = loop[1:] if loop.startswith("\n") else loop
    return (
        f"{first}parameters = [weight.requires_grad_() for weight in (W_x, W_h, b_x, b_h)]\n\n\n"
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
    "derivative": lambda v: _FLAT.format(recipe=recipe(v["cell"], v), **v),
    "knobs": _knobs,
    "cliff": lambda v: _CLIFF.format(**v),
    "cut": _cut,
    "past": lambda v: _PAST.format(**v),
    "table": lambda v: _TABLE.format(**v),
}


OWN = ("derivative", "past", "table")  # whose lines call rnnviz.gradients; the others are PyTorch's autograd alone


def lines(part: str, values: Mapping[str, Any]) -> str:
    """Prints what the part shows. values: the page's, by their names in the URL."""
    return _WRITTEN[part](values)
