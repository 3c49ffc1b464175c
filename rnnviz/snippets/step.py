"""The step on the stage as lines of PyTorch that anyone can run: the same model, the same text, the same numbers."""

from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.snippets import program
from rnnviz.zoo.vocabulary import TOKEN_LIMIT

_BEFORE = """\
import torch
from rnnviz import zoo

model = zoo.load({model!r}, {cell!r})
x = model.read({text!r}{limit}).x  # (T, E)
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

logits = {head} @ h + model.head.bias
loss = -torch.log_softmax(logits, dim=0)[{target}]  # {word}
terms = torch.autograd.grad(loss, copies)
row, column = {r} - 1, {c} - 1  # {name}[{r}, {c}], counted from 1
print([term[row, column].item() for term in terms])
print(sum(terms)[row, column].item())"""


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
    setup, loop = step_loop(cell, t).split("\n\n")
    if weight == "W_hy":  # read once, at the step of the loss
        head, copies = "copies[0]", _COPIES.format(copied="model.head.weight", t=1)
        code = f"{setup}\n\n{loop}\n{copies}"
    else:
        head, copies = "model.head.weight", _COPIES.format(copied=weight, t=t)
        copies_loop = loop.replace(f"for x_t in x[:{t}]:", f"for x_t, {weight} in zip(x, copies):")
        code = f"{setup}\n{copies}\n{copies_loop}"
    after = _TERMS.format(head=head, target=target[0], word=repr(target[1]), name=weight, r=row, c=column)
    return _before(model, cell, text, TOKEN_LIMIT) + code + after


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
    definition = CELLS[cell]
    setup = program.weights(definition) + program.start(definition)
    return f"{setup}\nfor x_t in x[:{t}]:\n{program.step(definition)}"


def held_loop(cell: str, force: Forced | None, bias: float | None, prints: str) -> str:
    """All steps of a model over x with a gate held and another bias; then the mean size of the memory at the end.

    prints: the lines that print after each step.
    """
    definition = CELLS[cell]
    setup = program.weights(definition) + program.start(definition)
    if bias is not None:
        gate, sign = definition.keeping
        biases = [name for name in definition.of_block(gate) if name.startswith("b_")]
        for name, value in zip(biases, (sign * bias + 0.0, 0.0), strict=False):
            setup += f"{name} = torch.full_like({name}, {value:g})\n"
    replacements = {}
    if force is not None:
        units = ":" if force.units is None else ", ".join(map(str, force.units))
        note = "" if force.units is None else f"  # unit {force.units[0] + 1}, counted from 1"
        numbers = ", ".join(f"{number:g}" for number in force.numbers)
        amount = f"torch.tensor([{numbers}])" if isinstance(force.value, tuple) else numbers
        line = f"    {force.name}[{units}] = {amount}{note}\n"
        if force.steps is not None:
            first, last = force.steps
            line = f"    if {first} <= t <= {last}:\n    {line}"
        replacements[force.name] = line
    step = program.step(definition, replacements)
    memory = f"\nprint({definition.required_memory[0]}.abs().mean())"
    return f"{setup}\nfor t, x_t in enumerate(x, 1):\n{step}{prints}{memory}"


def _before(model: str, cell: str, text: str, limit: int) -> str:
    argument = "" if limit == TOKEN_LIMIT else f", limit={limit}"
    return _BEFORE.format(model=model, cell=cell, text=text, limit=argument)
