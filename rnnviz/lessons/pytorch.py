"""The step on the stage as lines of PyTorch that anyone can run: the same model, the same text, the same numbers."""

from rnnviz.cells import CELLS

_BEFORE = """\
import torch
from rnnviz import zoo

model = zoo.load({model!r}, {cell!r})
x = model.read({text!r}).x  # (T, E)
"""

# One step of each cell as its paper writes it. Both of PyTorch's biases are there.
_STEPS = {
    "rnn": """\
W_x, W_h, b_x, b_h = model.rnn.parameters()
h = torch.zeros(model.rnn.hidden_size)

for x_t in x[:{t}]:
    h = torch.tanh(W_x @ x_t + b_x + W_h @ h + b_h)
""",
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
}

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
    return _BEFORE.format(model=model, cell=cell, text=text) + written + after


def _torch_place(cell: str, weight: str, row: int) -> tuple[str, str]:
    """The tensor that holds a matrix, and the row in it (from 0) of the matrix's own row (from 1)."""
    if weight == "W_hy":
        return "weight", str(row - 1)
    place = next(p for p in CELLS[cell].parameters if p.name == weight)
    return f"{place.torch_name}_l0", f"{place.block} * H + {row - 1}" if place.block else str(row - 1)


def lines(model: str, cell: str, text: str, t: int) -> str:
    """Runs the zoo's model over the first `t` tokens by hand, prints h_t and the most probable next token."""
    return _BEFORE.format(model=model, cell=cell, text=text) + _STEPS[cell].format(t=t) + _AFTER
