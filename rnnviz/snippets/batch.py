"""A batch as lines of PyTorch that anyone can run: what each sentence hands on, as the stage shows it."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.core.cells import CELLS
from rnnviz.core.sheet import Handling, Side

_START = """\
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from rnnviz import zoo

model = zoo.load({model!r}, {cell!r})
texts = [
{texts}
]
xs = [model.read(text).x for text in texts]  # each (T, E)
lengths = torch.tensor([len(x) for x in xs])
x = pad_sequence(xs{side})  # (T, B, E), zeros where a sentence is shorter
"""
_BOTH = """
weights = model.rnn.state_dict()
both = torch.nn.{module}(model.rnn.input_size, model.rnn.hidden_size{nonlinearity}, bidirectional=True)
both.load_state_dict({{**weights, **{{f"{{name}}_reverse": w for name, w in weights.items()}}}})
"""
_PACKED = """
packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
output, {last} = {rnn}(packed)
"""
_PADS = """
output, {last} = {rnn}(x)
"""
_MASK = """
real = {real}  # (T, B)
{turn}{start} = {zeros}
for x_t, here in zip(x, real):
    _, {new} = model.rnn(x_t[None], {state})
    {keep}
"""
_END = """
h = h_n[{row}]  # (B, H): {what}
print(h)"""


def batch_lines(
    model: str, cell: str, texts: Sequence[str], *, side: Side, handling: Handling, reverse: bool = False
) -> str:
    """Runs the zoo's model over a batch of texts and prints what each hands on.

    reverse: from the right, as the second direction of a module whose directions have the same weights.
    """
    lines = "\n".join(f"    {text!r}," for text in texts)
    at_left = side == "left" and handling != "packed"
    start = _START.format(model=model, cell=cell, texts=lines, side=', padding_side="left"' if at_left else "")
    kind, *nonlinearity = CELLS[cell].module
    memory = CELLS[cell].memory is not None and "c" in CELLS[cell].states
    what = "what the reverse chain hands on, after each first word" if reverse else "what each chain hands on"
    if handling == "mask":
        body = _MASK.format(
            real="torch.arange(len(x))[:, None] >= len(x) - lengths"
            if at_left
            else "torch.arange(len(x))[:, None] < lengths",
            turn="x, real = x.flip(0), real.flip(0)  # from the right\n" if reverse else "",
            start="h_n, c_n" if memory else "h_n",
            zeros="torch.zeros(2, 1, len(xs), model.rnn.hidden_size)"
            if memory
            else "torch.zeros(1, len(xs), model.rnn.hidden_size)",
            new="(h, c)" if memory else "h",
            state="(h_n, c_n)" if memory else "h_n",
            keep="h_n, c_n = torch.where(here[:, None], h, h_n), torch.where(here[:, None], c, c_n)"
            if memory
            else "h_n = torch.where(here[:, None], h, h_n)",
        )
        return start + body + _END.format(row=0, what=what)
    options = f", nonlinearity={nonlinearity[0]!r}" if nonlinearity and nonlinearity[0] != "tanh" else ""
    both = _BOTH.format(module=kind, nonlinearity=options) if reverse else ""
    body = (_PACKED if handling == "packed" else _PADS).format(
        rnn="both" if reverse else "model.rnn", last="(h_n, c_n)" if memory else "h_n"
    )
    return start + both + body + _END.format(row=int(reverse), what=what)
