"""A declared cell as lines of PyTorch: its weights by their names, its states before the first step, and one step."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rnnviz.core.cell import BRACKETS, STACKS, Cell, Notation, Stack

TORCH = Notation(
    {
        "matvec": "{0} @ {1}",
        "hadamard": "{0} * {1}",
        "one_minus": "1 - {0}",
        "tanh": "torch.tanh({0})",
        "sigmoid": "torch.sigmoid({0})",
        "relu": "torch.relu({0})",
        "softmax": "torch.softmax({0}, dim=0)",
        "rows": "{1} @ {0}.T",
        "dots": "{0} @ {1}",
        "mix": "{0} @ {1}",
        "concat": "torch.cat([{0}, {1}])",
    },
    lambda name: "x_t" if name == "x" else name,
    # In Python * and @ bind alike, so r * (W @ h) needs brackets that an equation does not.
    {**BRACKETS, "hadamard": (*BRACKETS["hadamard"], "matvec")},
)


def weights(cell: Cell, source: str = "model.rnn.parameters()") -> str:
    """Every weight by its own name, from an expression that gives PyTorch's stacked tensors of one layer."""
    stacks: dict[Stack, list[str]] = {}
    for parameter in cell.parameters:
        stacks.setdefault(parameter.torch_name, []).append(parameter.name)
    # A tensor of one block is that block's weight; `W_x` of several holds W_xi, W_xf ... one below the other.
    stems = {torch_name: prefix.rstrip("_") for prefix, torch_name in STACKS}
    whole = {name: blocks[0] if len(blocks) == 1 else stems[name] for name, blocks in stacks.items()}
    lines = [f"{_targets(list(whole.values()))} = {source}\n"]
    for name, blocks in stacks.items():
        if len(blocks) > 1:
            lines.append(f"{', '.join(blocks)} = {whole[name]}.chunk({len(blocks)})\n")
    return "".join(lines)


def start(cell: Cell, zeros: str = "torch.zeros(model.rnn.hidden_size)") -> str:
    """The states before the first step: `h = c = ...`."""
    return f"{' = '.join(cell.states)} = {zeros}\n"


def step(cell: Cell, then: Mapping[str, str] | None = None) -> str:
    """The body of the loop over `x_t`: a line for each quantity that the literature names.

    then: further lines after that of a quantity, by its name.
    """
    lines = {name: f"    {name} = {cell.written(cell.op(name), TORCH, cell.leads_on)}\n" for name in cell.quantities}
    copies = ""
    for state in cell.states:
        later = list(cell.quantities)[cell.quantities.index(state) + 1 :]
        if any(re.search(rf"\b{state}_prev\b", lines[name]) for name in later):
            copies += f"    {state}_prev = {state}\n"  # still read after this step has written the state
        else:
            lines = {name: re.sub(rf"\b{state}_prev\b", state, line) for name, line in lines.items()}
    return copies + "".join(line + (then or {}).get(name, "") for name, line in lines.items())


def _targets(names: list[str]) -> str:
    return ", ".join(names) if len(names) > 1 else f"({names[0]},)"
