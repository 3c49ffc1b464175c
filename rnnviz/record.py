"""Runs a recurrent network over one sequence and keeps every intermediate.

    trace = rnnviz.record(torch.nn.LSTM(8, 16), x)      # x: (T, 8)
    trace["f"][0, 3]                                    # the forget gate after the fourth token, (16,)

The cell's own program is run (`rnnviz.cells`), not the fused kernel: the fused kernel hides what is inside a step. That
both agree is a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS, READOUT, Cell, Kind, Op
from rnnviz.trace import Array, Readout, Trace

FUNCTIONS: Mapping[Kind, Callable[..., Tensor]] = {
    "matvec": torch.mv,
    "add": lambda *terms: reduce(add, terms),
    "hadamard": torch.mul,
    "one_minus": lambda gate: 1 - gate,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "softmax": lambda logits: torch.softmax(logits, -1),
}


def run(ops: Sequence[Op], known: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """All that is known after the operations: `known` (parameters, `x`, previous states) and each result by name."""
    values = dict(known)
    for op in ops:
        values[op.name] = FUNCTIONS[op.kind](*(values[name] for name in op.reads))
    return values


def record(
    module: nn.Module,
    x: Tensor,
    *,
    h0: Tensor | tuple[Tensor, Tensor] | None = None,
    tokens: Sequence[str] | None = None,
) -> Trace:
    """Run `module` over one sequence and keep every intermediate.

    module: `torch.nn.RNN`, `nn.LSTM` or `nn.GRU`; any layers, directions, bias and nonlinearity; float32 or float64.
        It is only read. Dropout between layers is not applied, as in evaluation.
    x: (T, input_size), one sequence, whatever `batch_first` says.
    h0: as the module takes it for unbatched input: (L * D, H), for an LSTM a pair (h0, c0). Zeros by default.
    tokens: T strings to show for the steps; by default their numbers from 1.

    Raises `TypeError` for something of the wrong kind, `ValueError` for a wrong shape or an option not recorded.
    """
    cell = _cell_of(module)
    assert isinstance(module, nn.RNNBase)
    _check_input(module, x)
    state = _initial_state(module, cell, h0)
    names = tuple(str(step + 1) for step in range(len(x))) if tokens is None else tuple(map(str, tokens))
    if len(names) != len(x):
        raise ValueError(f"tokens has {len(names)} entries and x has {len(x)} time steps; one token per step is needed")

    directions = 2 if module.bidirectional else 1
    rows = range(module.num_layers * directions)
    with torch.no_grad():
        weights = [_parameters(module, cell, row // directions, row % directions) for row in rows]
        layer_input, outputs, steps = x.detach(), [], []
        for row in rows:
            initial = {f"{name}_prev": value[row] for name, value in state.items()}
            steps.append(_over_time(cell, weights[row], layer_input, initial, reverse=bool(row % directions)))
            outputs.append(torch.stack([step["h"] for step in steps[row]]))
            if row % directions == directions - 1:
                layer_input, outputs = torch.cat(outputs, -1), []
        return Trace(
            cell=cell,
            x=_numpy(x),
            tokens=names,
            values={
                op.name: np.stack([_numpy(torch.stack([step[op.name] for step in row])) for row in steps])
                for op in cell.ops
            },
            initial={name: _numpy(value) for name, value in state.items()},
            weights=tuple({name: _numpy(value) for name, value in row.items()} for row in weights),
            num_directions=directions,
        )


def _over_time(
    cell: Cell, weights: Mapping[str, Tensor], x: Tensor, state: Mapping[str, Tensor], *, reverse: bool
) -> list[dict[str, Tensor]]:
    """The results of each step, aligned to the tokens of `x` (T, width) also when they are read from the right."""
    steps = []
    for x_t in reversed(x) if reverse else x:
        steps.append(run(cell.ops, {**weights, "x": x_t, **state}))
        state = {f"{name}_prev": steps[-1][name] for name in cell.states}
    return steps[::-1] if reverse else steps


@dataclass(frozen=True, eq=False)
class Head:
    """What turns a state into a distribution: `y_t = softmax(W_hy h_t + b_y)`. weight: (V, D * H), bias: (V,)."""

    weight: Tensor
    bias: Tensor


def read_out(trace: Trace, head: Head) -> Readout:
    """The head's output at every step of a trace.

    Raises `ValueError` when the head's width is not the trace's D * H.
    """
    output = torch.from_numpy(trace.output.copy())
    if head.weight.ndim != 2 or head.weight.shape[1] != output.shape[1]:
        raise ValueError(f"the head reads {tuple(head.weight.shape)[1:]} numbers and a step gives {output.shape[1]}")
    if head.bias.shape != head.weight.shape[:1]:
        raise ValueError(f"bias is {tuple(head.bias.shape)} and weight has {head.weight.shape[0]} rows")
    weights = {"W_hy": head.weight.detach().to(output.dtype), "b_y": head.bias.detach().to(output.dtype)}
    steps = [run(READOUT, {**weights, "h": h_t}) for h_t in output]
    return Readout(
        logits=_numpy(torch.stack([step["logits"] for step in steps])),
        y=_numpy(torch.stack([step["y"] for step in steps])),
        W_hy=_numpy(weights["W_hy"]),
        b_y=_numpy(weights["b_y"]),
    )


def _numpy(tensor: Tensor) -> Array:
    return tensor.detach().cpu().numpy()


def _cell_of(module: nn.Module) -> Cell:
    if isinstance(module, nn.LSTM):
        name = "lstm"
    elif isinstance(module, nn.GRU):
        name = "gru"
    elif isinstance(module, nn.RNN):
        name = {"tanh": "rnn", "relu": "rnn_relu"}[module.nonlinearity]
    else:
        raise TypeError(f"module is a {type(module).__name__}; accepted: torch.nn.RNN, nn.LSTM or nn.GRU")
    if module.proj_size:
        raise ValueError(f"module has proj_size={module.proj_size}; only modules without a projection can be recorded")
    return CELLS[name]


def _check_input(module: nn.RNNBase, x: Tensor) -> None:
    accepted = f"accepted: one sequence, a tensor of shape (T, {module.input_size}) with T at least 1"
    if not isinstance(x, Tensor):
        raise TypeError(f"x is a {type(x).__name__}; {accepted}")
    dtype = module.weight_ih_l0.dtype
    if dtype not in (torch.float32, torch.float64):
        raise TypeError(f"module computes in {dtype}; accepted: torch.float32 or torch.float64")
    if x.ndim != 2:
        raise ValueError(f"x has shape {tuple(x.shape)}, which is not a single sequence; {accepted}")
    if x.shape[1] != module.input_size:
        raise ValueError(f"x has shape {tuple(x.shape)}: {x.shape[1]} numbers a step; {accepted}")
    if len(x) == 0:
        raise ValueError(f"x is empty; {accepted}")
    if x.dtype != dtype:
        raise TypeError(f"x is {x.dtype} and the module computes in {dtype}; convert one of them, as in x.to({dtype})")


def _initial_state(
    module: nn.RNNBase, cell: Cell, h0: Tensor | tuple[Tensor, Tensor] | None
) -> dict[str, Tensor]:
    rows = module.num_layers * (2 if module.bidirectional else 1)
    shape = (rows, module.hidden_size)
    weight = torch.as_tensor(module.weight_ih_l0)
    if h0 is None:
        return {name: torch.zeros(shape, dtype=weight.dtype) for name in cell.states}
    given = (h0,) if isinstance(h0, Tensor) else h0
    wanted = " and ".join(f"{name}0" for name in cell.states)
    if not isinstance(given, tuple) or len(given) != len(cell.states) or not all(isinstance(s, Tensor) for s in given):
        form = "a tensor" if len(cell.states) == 1 else "a pair of tensors"
        raise TypeError(f"h0 for {cell.title} is {form} ({wanted}), each of shape {shape}")
    for name, value in zip(cell.states, given, strict=True):
        if value.shape != shape:
            raise ValueError(f"{name}0 has shape {tuple(value.shape)}; accepted: {shape}, that is (L * D, hidden_size)")
        if value.dtype != weight.dtype:
            raise TypeError(f"{name}0 is {value.dtype} and the module computes in {weight.dtype}")
    return {name: value.detach() for name, value in zip(cell.states, given, strict=True)}


def _parameters(module: nn.RNNBase, cell: Cell, layer: int, direction: int) -> dict[str, Tensor]:
    """The cell's parameters by its own names; zeros where the module has no bias."""
    size = module.hidden_size
    suffix = f"_l{layer}" + ("_reverse" if direction else "")
    found = {}
    for parameter in cell.parameters:
        if module.bias or parameter.torch_name.startswith("weight"):
            stacked = getattr(module, parameter.torch_name + suffix).detach()
            found[parameter.name] = stacked[parameter.block * size : (parameter.block + 1) * size]
        else:
            found[parameter.name] = torch.zeros(size, dtype=getattr(module, "weight_ih" + suffix).dtype)
    return found
