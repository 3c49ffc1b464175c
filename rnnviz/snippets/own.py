"""A visitor's own network as lines of PyTorch that anyone can run who has the file: the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.forward import HeadKind
from rnnviz.core.trace import Activation
from rnnviz.snippets.step import held_loop, step_loop
from rnnviz.zoo.own.made import Made, named

if TYPE_CHECKING:
    from rnnviz.zoo.own.model import OwnModel, OwnReading

WRITTEN = 200  # numbers of an input that are written out
_SAVED = "torch.tensor(numpy.load"
_MADE = """\
import torch
{imports}
rnn = {module}
generator = torch.Generator().manual_seed({seed})
with torch.no_grad():
    for weight in rnn.parameters():
        weight.uniform_(-rnn.hidden_size**-0.5, rnn.hidden_size**-0.5, generator=generator)
rnn.requires_grad_(False)
"""
_FILE = """\
import torch
{imports}
weights = {weights}
weights = {{name: weight.float() for name, weight in weights.items() if torch.is_tensor(weight)}}
rnn = {module}
for name, weight in rnn.named_parameters():
    weight.data = weights.get({entry}, torch.zeros_like(weight.data))
rnn.requires_grad_(False)
"""
_BELOW = "x = torch.tensor(rnnviz.record(rnn, x).input({row})){flip}  # what row {number} reads, (T, width)\n"
_OWN = "model.rnn.parameters()"
# By what the head's outputs are, before its bias is added and after.
_ACTIVATIONS: Mapping[Activation, str] = {
    "softmax": "torch.softmax({0}, dim=0)",
    "log-softmax": "torch.log_softmax({0}, dim=0)",
    "sigmoid": "torch.sigmoid({0})",
    "identity": "{0}",
}
# By what the row is followed by: a choice among classes, numbers, or no head of its own.
_AFTER: Mapping[HeadKind, str] = {
    "classes": "print(h)\nprint(y.argmax(), y.max())",
    "numbers": "print(h)\nprint(y)",
    "nothing": "print(h)",
}
_EXPECTED: Mapping[HeadKind, str] = {
    "classes": "    print(t, y.argmax(), y.max())\n",
    "numbers": "    print(t, y)\n",
    "nothing": "    print(t, h)\n",
}


def record_lines(model: OwnModel, reading: OwnReading) -> str:
    """The whole network recorded, and its states."""
    return setup(model, reading, record=True) + '\ntrace = rnnviz.record(rnn, x)\nprint(trace["h"])  # (rows, T, H)'


def own_lines(model: OwnModel, reading: OwnReading, row: int, t: int, head: HeadKind) -> str:
    """Reads `t` steps by hand with one row (from 0), and prints h_t and what is put out."""
    loop = _of_row(step_loop(model.cell, t), model, row)
    return f"{setup(model, reading, row)}{loop}\n{_outputs(model, head)}{_AFTER[head]}"


def own_hold_lines(
    model: OwnModel, reading: OwnReading, row: int, force: Forced | None, bias: float | None, head: HeadKind
) -> str:
    """The same over all steps with a gate held and another bias; prints what is put out after each step, and the mean
    size of the memory at the end."""
    prints = "".join(f"    {line}\n" for line in _outputs(model, head).splitlines()) + _EXPECTED[head]
    return setup(model, reading, row) + _of_row(held_loop(model.cell, force, bias, prints), model, row)


def setup(model: OwnModel, reading: OwnReading, row: int = 0, *, record: bool = False) -> str:
    """The network and what it reads, or one of its rows (from 0) reads."""
    rnn, definition = model.rnn, CELLS[model.cell]
    sizes = f"{rnn.input_size}, {rnn.hidden_size}" + (f", {rnn.num_layers}" if rnn.num_layers > 1 else "")
    if definition.module:
        kind, *nonlinearity = definition.module
        options = [f"nonlinearity={name!r}" for name in nonlinearity if name != "tanh"]
        options += ["bidirectional=True"] * (model.directions == 2)
        module = f"torch.nn.{kind}({', '.join([sizes, *options])})"
    else:
        module = f"rnnviz.Recurrent(rnnviz.CELLS[{model.cell!r}], {sizes})"
    ours = record or not definition.module or row >= model.directions
    imports = ["import numpy"] * _input(model, reading).startswith(_SAVED) + ["import rnnviz"] * ours
    what = named(model.name)
    if isinstance(what, Made):
        code = _MADE.format(imports=_block(imports), module=module, seed=what.seed)
    else:
        assert model.layout is not None
        chain = model.layout.chain
        entry = "name" if chain.numbered else "name.removesuffix('_l0')"
        name = model.title or "model.safetensors"
        weights = f"load_file({name!r})"
        if model.pickled:
            weights = f"torch.load({name!r}, weights_only=True)" + "".join(f"[{part!r}]" for part in model.path)
        else:
            imports.append("from safetensors.torch import load_file")
        entry = f"{chain.before!r} + {entry}" if chain.before else entry
        code = _FILE.format(imports=_block(imports), weights=weights, module=module, entry=entry)
    x = _input(model, reading)
    whence = ", the numbers (NPZ) of this page's menu Save" if x.startswith(_SAVED) else ""
    code += f"x = {x}  # (T, {rnn.input_size}){whence}\n"
    reverse = row % model.directions == 1
    if row >= model.directions:
        return code + _BELOW.format(row=row, number=row + 1, flip=".flip(0)" * reverse)
    return code + "x = x.flip(0)  # it reads from the right\n" * reverse


def _block(imports: list[str]) -> str:
    return "".join(f"{line}\n" for line in imports)


def _input(model: OwnModel, reading: OwnReading) -> str:
    if reading.rows and model.layout is not None:
        return f"weights[{model.layout.embedding!r}][{list(reading.rows)}]"
    if reading.x.numel() > WRITTEN:
        from rnnviz.zoo.own.reading import first

        if reading.checksum == first(model).checksum:
            return f"torch.randn({len(reading.x)}, {reading.x.shape[1]}, generator=torch.Generator().manual_seed(0))"
        return f'{_SAVED}("saved.npz")["x"])'
    numbers = [[float(f"{value:.9g}") for value in step] for step in reading.x.tolist()]
    return f"torch.tensor({numbers})"


def _outputs(model: OwnModel, head: HeadKind) -> str:
    if head == "nothing" or model.layout is None:
        return ""
    logits = f"weights[{model.layout.head!r}] @ h" + (f" + weights[{model.layout.bias!r}]" if model.layout.bias else "")
    return f"y = {_ACTIVATIONS[model.activation].format(logits)}\n"


def row_weights(model: OwnModel, row: int) -> str:
    """The parameters of one row (from 0) of several."""
    each = len({parameter.torch_name for parameter in CELLS[model.cell].parameters})
    return "rnn.parameters()" if model.rows == 1 else f"list(rnn.parameters())[{each * row}:{each * (row + 1)}]"


def _of_row(loop: str, model: OwnModel, row: int) -> str:
    """The loop with the weights of one row."""
    note = "" if model.rows == 1 else f"  # of row {row + 1}"
    return loop.replace(_OWN, row_weights(model, row) + note).replace("model.rnn", "rnn")
