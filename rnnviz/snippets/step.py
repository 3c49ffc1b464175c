"""The step on the stage as lines of PyTorch that anyone can run: the same model, the same text, the same numbers."""

from rnnviz.core.cells import CELLS
from rnnviz.core.trace import Forced
from rnnviz.zoo.vocabulary import TOKEN_LIMIT

_BEFORE = """\
import torch
from rnnviz import zoo

model = zoo.load({model!r}, {cell!r})
x = model.read({text!r}{limit}).x  # (T, E)
"""

# One step of each cell as its paper writes it. Both of PyTorch's biases are there.
_VANILLA = """\
W_x, W_h, b_x, b_h = model.rnn.parameters()
h = torch.zeros(model.rnn.hidden_size)

for x_t in x[:{t}]:
    h = torch.tanh(W_x @ x_t + b_x + W_h @ h + b_h)
"""
_STEPS = {
    "rnn": _VANILLA,
    "rnn_relu": _VANILLA.replace("tanh", "relu"),
    "rnn_sigmoid": _VANILLA.replace("tanh", "sigmoid"),
    "lstm": """\
W_x, W_h, b_x, b_h = model.rnn.parameters()
h = c = torch.zeros(model.rnn.hidden_size)

for x_t in x[:{t}]:
    i, f, g, o = (W_x @ x_t + b_x + W_h @ h + b_h).chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
""",
    "gru": """\
W_x, W_h, b_x, b_h = model.rnn.parameters()
h = torch.zeros(model.rnn.hidden_size)

for x_t in x[:{t}]:
    r_x, z_x, n_x = (W_x @ x_t + b_x).chunk(3)
    r_h, z_h, n_h = (W_h @ h + b_h).chunk(3)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    n = torch.tanh(n_x + r * n_h)
    h = (1 - z) * n + z * h
""",
    "peephole": """\
W_x, W_h, b_x, b_h, p = model.rnn.parameters()
p_i, p_f, p_o = p.chunk(3)
h = c = torch.zeros(model.rnn.hidden_size)

for x_t in x[:{t}]:
    i, f, g, o = (W_x @ x_t + b_x + W_h @ h + b_h).chunk(4)
    c = torch.sigmoid(f + p_f * c) * c + torch.sigmoid(i + p_i * c) * torch.tanh(g)
    h = torch.sigmoid(o + p_o * c) * torch.tanh(c)
""",
    "mgu": """\
W_x, W_h, b_x, b_h = model.rnn.parameters()
W_hf, W_hn = W_h.chunk(2)
h = torch.zeros(model.rnn.hidden_size)

for x_t in x[:{t}]:
    f_x, n_x = (W_x @ x_t + b_x + b_h).chunk(2)
    f = torch.sigmoid(f_x + W_hf @ h)
    n = torch.tanh(n_x + W_hn @ (f * h))
    h = (1 - f) * h + f * n
""",
}
# The same with every gate by its name, so that it can be held before anything reads it.
_HELD_STEPS = {
    "lstm": """\
    i, f, g, o = (W_x @ x_t + b_x + W_h @ h + b_h).chunk(4)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
{i}{f}{o}    c = f * c + i * g
    h = o * torch.tanh(c)
""",
    "gru": """\
    r_x, z_x, n_x = (W_x @ x_t + b_x).chunk(3)
    r_h, z_h, n_h = (W_h @ h + b_h).chunk(3)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
{r}{z}    n = torch.tanh(n_x + r * n_h)
    h = (1 - z) * n + z * h
""",
    "peephole": """\
    i, f, g, o = (W_x @ x_t + b_x + W_h @ h + b_h).chunk(4)
    i, f, g = torch.sigmoid(i + p_i * c), torch.sigmoid(f + p_f * c), torch.tanh(g)
{i}{f}    c = f * c + i * g
    o = torch.sigmoid(o + p_o * c)
{o}    h = o * torch.tanh(c)
""",
    "mgu": """\
    f_x, n_x = (W_x @ x_t + b_x + b_h).chunk(2)
    f = torch.sigmoid(f_x + W_hf @ h)
{f}    n = torch.tanh(n_x + W_hn @ (f * h))
    h = (1 - f) * h + f * n
""",
}
_BIAS = """\
rows = slice({block} * model.rnn.hidden_size, {end} * model.rnn.hidden_size)  # those of {gate}
b_x, b_h = b_x.clone(), b_h.clone()
b_x[rows], b_h[rows] = {bias:g}, 0
"""
_EXPECTED = """\
    y = torch.softmax(model.head.weight @ h + model.head.bias, dim=0)
    print(t, model.vocabulary.words[y.argmax()])
"""

_AFTER = """\

y = torch.softmax(model.head.weight @ h + model.head.bias, dim=0)
print(h)
print(model.vocabulary.words[y.argmax()], y.max())"""

_EDIT = """\
from copy import deepcopy

import torch
from rnnviz import zoo

model = zoo.load({model!r}, {cell!r})
x = model.read({text!r}).x  # (T, E)
H = model.rnn.hidden_size

edited = deepcopy(model.{part})
with torch.no_grad():
    edited.{tensor}[{row}, {column}] = {value}  # {name}[{r}, {c}], counted from 1
"""
_STATES = """\

before, after = model.rnn(x)[0], edited(x)[0]  # (T, H)
print((after - before).abs().amax(dim=1))"""
_PREDICTIONS = """\

h = model.rnn(x)[0]  # (T, H), the same before and after
for head in (model.head, edited):
    y = torch.softmax(h @ head.weight.T + head.bias, dim=1)
    print([model.vocabulary.words[best] for best in y.argmax(dim=1)])"""
_COPIES = "copies = [{copied}.clone().requires_grad_() for _ in range({t})]\n"
_TERMS = """\

H = model.rnn.hidden_size
logits = {head} @ h + model.head.bias
loss = -torch.log_softmax(logits, dim=0)[{target}]  # {word}
terms = torch.autograd.grad(loss, copies)
print([term[{row}, {column}].item() for term in terms])  # {name}[{r}, {c}], counted from 1
print(sum(terms)[{row}, {column}].item())"""


def edit_lines(model: str, cell: str, text: str, weight: str, row: int, column: int, value: float) -> str:
    """Sets one entry (row and column from 1) and prints how far each state moves; for `W_hy`, the first choices."""
    tensor, place = _torch_place(cell, weight, row)
    values = {"row": place, "column": column - 1, "r": row, "c": column, "name": weight, "value": value}
    part, after = ("head", _PREDICTIONS) if weight == "W_hy" else ("rnn", _STATES)
    return _EDIT.format(model=model, cell=cell, text=text, part=part, tensor=tensor, **values) + after


def term_lines(
    model: str, cell: str, text: str, t: int, target: tuple[int, str], weight: str, row: int, column: int
) -> str:
    """Gives each step its own copy of a weight, and prints the terms and the sum of one entry (row, column from 1).

    target: the class of the loss at step `t`, and its word.
    """
    _, place = _torch_place(cell, weight, row)
    written = _STEPS[cell].format(t=t)
    head, copied = "model.head.weight", "W_x" if weight.startswith("W_x") else "W_h"
    if weight == "W_hy":  # read once, at the step of the loss
        head = "copies[0]"
        written += "\n" + _COPIES.format(copied="model.head.weight", t=1)
    else:
        setup, loop = written.split("\n\n")
        looped = loop.replace(f"for x_t in x[:{t}]:", f"for x_t, {copied} in zip(x, copies):")
        written = f"{setup}\n{_COPIES.format(copied=copied, t=t)}\n{looped}"
    values = {"row": place, "column": column - 1, "r": row, "c": column, "name": weight}
    after = _TERMS.format(head=head, target=target[0], word=repr(target[1]), **values)
    return _before(model, cell, text, TOKEN_LIMIT) + written + after


def _torch_place(cell: str, weight: str, row: int) -> tuple[str, str]:
    """The tensor that holds a matrix, and the row in it (from 0) of the matrix's own row (from 1)."""
    if weight == "W_hy":
        return "weight", str(row - 1)
    place = next(p for p in CELLS[cell].parameters if p.name == weight)
    return f"{place.torch_name}_l0", f"{place.block} * H + {row - 1}" if place.block else str(row - 1)


def lines(model: str, cell: str, text: str, t: int, limit: int = TOKEN_LIMIT) -> str:
    """Runs the zoo's model over the first `t` tokens by hand, prints h_t and the most probable next token."""
    return _before(model, cell, text, limit) + step_loop(cell, t) + _AFTER


def hold_lines(
    model: str, cell: str, text: str, force: Forced | None, bias: float | None, limit: int = TOKEN_LIMIT
) -> str:
    """Holds one gate and gives the one that keeps another bias, as `record` and `with_forget_bias` do; prints the most
    probable token after each step, and the mean size of the memory at the end.
    """
    return _before(model, cell, text, limit) + held_loop(cell, force, bias, _EXPECTED)


def step_loop(cell: str, t: int) -> str:
    """The first `t` steps of a model over x, by hand."""
    return _STEPS[cell].format(t=t)


def held_loop(cell: str, force: Forced | None, bias: float | None, expected: str) -> str:
    """All steps of a model over x with a gate held and another bias; then the mean size of the memory at the end.

    expected: what is printed after each step.
    """
    setup, _ = _STEPS[cell].split("\n\n")
    declared = CELLS[cell]
    if bias is not None:
        gate, sign = declared.keeping
        block = declared.blocks.index(gate)
        setup += "\n" + _BIAS.format(block=block, end=block + 1, gate=gate, bias=sign * bias + 0.0).rstrip()
    held = dict.fromkeys(declared.blocks, "")
    if force is not None:
        units = ":" if force.units is None else ", ".join(map(str, force.units))
        note = "" if force.units is None else f"  # unit {force.units[0] + 1}, counted from 1"
        held[force.name] = f"    {force.name}[{units}] = {force.value:g}{note}\n"
        if force.steps is not None:
            first, last = force.steps
            held[force.name] = f"    if {first} <= t <= {last}:\n    {held[force.name]}"
    step = _HELD_STEPS[cell].format(**held)
    memory = f"\nprint({declared.required_memory[0]}.abs().mean())"
    return f"{setup}\n\nfor t, x_t in enumerate(x, 1):\n{step}{expected}{memory}"


def _before(model: str, cell: str, text: str, limit: int) -> str:
    named = "" if limit == TOKEN_LIMIT else f", limit={limit}"
    return _BEFORE.format(model=model, cell=cell, text=text, limit=named)
