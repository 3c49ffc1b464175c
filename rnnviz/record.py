"""Runs a recurrent network over one sequence and keeps every intermediate.

    trace = rnnviz.record(torch.nn.LSTM(8, 16), x)      # x: (T, 8)
    trace["f"][0, 3]                                    # the forget gate after the fourth token, (16,)

The cell's own program is run (`rnnviz.cells`), not the fused kernel: the fused kernel hides what is inside a step. That
both agree is a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

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
        It is only read. Dropout between layers is not applied, as in evaluation; forward hooks are not called.
    x: (T, input_size), one sequence, whatever `batch_first` says.
    h0: as the module takes it for unbatched input: (L * D, H), for an LSTM a pair (h0, c0). Zeros by default.
    tokens: T strings to show for the steps; by default their numbers from 1.

    All may be on any device: it is computed on the CPU, in the module's dtype.
    Raises `TypeError` for something of the wrong kind, `ValueError` for a wrong shape or an option not recorded.
    """
    cell = cell_of(module)
    assert isinstance(module, nn.RNNBase)
    directions = 2 if module.bidirectional else 1
    rows = range(module.num_layers * directions)
    with torch.no_grad():
        weights = [_parameters(module, cell, row // directions, row % directions) for row in rows]
        dtype = _dtype_of(weights)
        x = _checked_input(module, dtype, x)
        state = _initial_state(cell, (len(rows), module.hidden_size), dtype, h0)
        names = _names(tokens, len(x))
        layer_input, outputs, steps = x, [], []
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
    """What turns a state into a distribution: `y_t = softmax(W_hy h_t + b_y)`.

    weight: (V, D * H).     bias: (V,), zeros if left out.
    """

    weight: Tensor
    bias: Tensor | None = None


def read_out(trace: Trace, head: Head | nn.Linear) -> Readout:
    """The head's output at every step of a trace.

    head: a `Head` or a `torch.nn.Linear(D * H, V)`, with or without a bias; anything with such a `weight` and `bias`.
        On any device; it is computed on the CPU, in the trace's dtype.
    Raises `TypeError` for something of the wrong kind, `ValueError` for a shape that does not fit the trace.
    """
    output = torch.from_numpy(trace.output)
    width = output.shape[1]
    if not hasattr(head, "weight"):
        raise TypeError(f"head is a {_type_name(head)}; accepted: a rnnviz.Head or a torch.nn.Linear({width}, V)")
    weight = _head_part("weight", head.weight, f"(V, {width})").to(output.dtype)
    if weight.ndim != 2 or weight.shape[1] != width or len(weight) == 0:
        raise ValueError(
            f"the head's weight has shape {tuple(weight.shape)}; accepted: (V, {width}) with V at least 1, "
            "since that many numbers, D * H, are in a step of this trace"
        )
    given = getattr(head, "bias", None)
    bias = weight.new_zeros(len(weight)) if given is None else _head_part("bias", given, f"({len(weight)},)")
    if bias.shape != weight.shape[:1]:
        raise ValueError(f"the head's bias has shape {tuple(bias.shape)}; accepted: ({len(weight)},), one per class")
    weights = {"W_hy": weight, "b_y": bias.to(output.dtype)}
    steps = [run(READOUT, {**weights, "h": h_t}) for h_t in output]
    return Readout(
        logits=_numpy(torch.stack([step["logits"] for step in steps])),
        y=_numpy(torch.stack([step["y"] for step in steps])),
        W_hy=_numpy(weights["W_hy"]),
        b_y=_numpy(weights["b_y"]),
    )


def _head_part(name: str, tensor: object, shape: str) -> Tensor:
    accepted = f"accepted: a dense floating-point torch.Tensor of shape {shape}"
    if not isinstance(tensor, Tensor):
        raise TypeError(f"the head's {name} is a {_type_name(tensor)}; {accepted}")
    if tensor.is_nested or tensor.layout is not torch.strided or not tensor.is_floating_point():
        kind = "nested" if tensor.is_nested else f"{tensor.layout}, {tensor.dtype}"
        raise TypeError(f"the head's {name} is a {kind} tensor; {accepted}")
    return _values(f"the head's {name}", tensor)


def _numpy(tensor: Tensor) -> Array:
    return tensor.numpy(force=True)


def _type_name(value: object) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def cell_of(module: nn.Module) -> Cell:
    """The declaration of what `module` computes.

    Raises `TypeError` for a module that is no recurrent network of PyTorch's, `ValueError` for an option not recorded.
    """
    accepted = "accepted: a torch.nn.RNN, nn.LSTM or nn.GRU"
    kind = next((kind for kind in (nn.LSTM, nn.GRU, nn.RNN) if isinstance(module, kind)), None)
    if kind is None:
        message = f"module is a {_type_name(module)}; {accepted}"
        if isinstance(module, nn.Module):
            parts = [name for name, part in module.named_modules() if isinstance(part, (nn.LSTM, nn.GRU, nn.RNN))]
            message += f", such as its part {parts[0]!r}" if parts else ""
        raise TypeError(message)
    # What such a module returns is not what the cell's program gives, and no number may be shown that is not true.
    if getattr(module.forward, "__func__", None) is not kind.forward:
        raise TypeError(f"module is a {_type_name(module)} with a forward of its own; {accepted} that keeps PyTorch's")
    if module._forward_pre_hooks:
        raise ValueError(
            "module has forward pre-hooks (pruning and the old weight_norm add one), which may change its weights or "
            "its input; accepted: a module without, as after torch.nn.utils.prune.remove or remove_weight_norm"
        )
    if module.proj_size:
        raise ValueError(f"module has proj_size={module.proj_size}; accepted: proj_size=0, no projection")
    if kind is nn.RNN:
        return CELLS[{"tanh": "rnn", "relu": "rnn_relu"}[str(module.nonlinearity)]]
    return CELLS["lstm" if kind is nn.LSTM else "gru"]


def _values(name: str, tensor: Tensor) -> Tensor:
    """A tensor's numbers, on the CPU and without a history."""
    if tensor.is_meta:
        raise ValueError(f"{name} is on the meta device, where a tensor has no values; accepted: any other device")
    return tensor.detach().cpu()


def _dtype_of(weights: Sequence[Mapping[str, Tensor]]) -> torch.dtype:
    dtypes = {weight.dtype for row in weights for weight in row.values()}
    if len(dtypes) > 1 or not dtypes <= {torch.float32, torch.float64}:
        found = " and ".join(sorted(map(str, dtypes)))
        raise TypeError(f"module computes in {found}; accepted: torch.float32 or torch.float64")
    return dtypes.pop()


def _checked_input(module: nn.RNNBase, dtype: torch.dtype, x: Tensor) -> Tensor:
    accepted = f"accepted: one sequence, a dense torch.Tensor of shape (T, {module.input_size}) with T at least 1"
    if not isinstance(x, Tensor):
        raise TypeError(f"x is a {_type_name(x)}; {accepted}")
    if x.is_nested or x.layout is not torch.strided:
        raise TypeError(f"x is a {'nested' if x.is_nested else x.layout} tensor; {accepted}")
    if x.ndim != 2:
        raise ValueError(f"x has shape {tuple(x.shape)}, which is not a single sequence; {accepted}")
    if x.shape[1] != module.input_size:
        raise ValueError(f"x has shape {tuple(x.shape)}: {x.shape[1]} numbers a step; {accepted}")
    if len(x) == 0:
        raise ValueError(f"x has shape {tuple(x.shape)}: no time step; {accepted}")
    if x.dtype != dtype:
        raise TypeError(f"x is {x.dtype} and the module computes in {dtype}; convert one of them, as in x.to({dtype})")
    return _values("x", x)


def _names(tokens: object, steps: int) -> tuple[str, ...]:
    if tokens is None:
        return tuple(str(step + 1) for step in range(steps))
    if isinstance(tokens, Tensor) or not isinstance(tokens, Iterable):
        raise TypeError(f"tokens is a {_type_name(tokens)}; accepted: a sequence of {steps} strings, one per time step")
    names = tuple(map(str, tokens))
    if len(names) != steps:
        raise ValueError(f"tokens has {len(names)} entries and x has {steps} time steps; one token per step is needed")
    return names


def _initial_state(
    cell: Cell, shape: tuple[int, int], dtype: torch.dtype, h0: Tensor | Sequence[Tensor] | None
) -> dict[str, Tensor]:
    """`h` (and `c`) before the first step, each (L * D, H)."""
    if h0 is None:
        return {name: torch.zeros(shape, dtype=dtype, device="cpu") for name in cell.states}
    single = len(cell.states) == 1
    given = (h0,) if single else h0
    if (
        not isinstance(given, tuple | list)
        or len(given) != len(cell.states)
        or not all(isinstance(value, Tensor) for value in given)
    ):
        form = "a tensor h0" if single else f"a pair of tensors ({', '.join(f'{name}0' for name in cell.states)})"
        found = _type_name(h0) + (f" of {', '.join(map(_type_name, h0))}" if isinstance(h0, tuple | list) else "")
        raise TypeError(f"h0 is a {found}; accepted for the {cell.title}: {form} of shape {shape}, that is (L * D, H)")
    for name, value in zip(cell.states, given, strict=True):
        if value.shape != shape:
            raise ValueError(f"{name}0 has shape {tuple(value.shape)}; accepted: {shape}, that is (L * D, H)")
        if value.dtype != dtype:
            raise TypeError(f"{name}0 is {value.dtype} and the module computes in {dtype}; accepted: {dtype}")
    return {name: _values(f"{name}0", value) for name, value in zip(cell.states, given, strict=True)}


def _parameters(module: nn.RNNBase, cell: Cell, layer: int, direction: int) -> dict[str, Tensor]:
    """The cell's parameters by its own names; zeros where the module has no bias."""
    size = module.hidden_size
    suffix = f"_l{layer}" + ("_reverse" if direction else "")
    stacked = {
        name: _values("module", _parameter(module, name + suffix))
        for name in ("weight_ih", "weight_hh", *(("bias_ih", "bias_hh") if module.bias else ()))
    }
    zeros = stacked["weight_hh"].new_zeros(len(cell.blocks) * size)
    return {
        parameter.name: stacked.get(parameter.torch_name, zeros)[parameter.block * size : (parameter.block + 1) * size]
        for parameter in cell.parameters
    }


def _parameter(module: nn.RNNBase, name: str) -> Tensor:
    if parametrize.is_parametrized(module, name):
        # Reading a spectral norm moves its estimate while the module trains, so a copy is read.
        return deepcopy(module.get_submodule(f"parametrizations.{name}")).eval()()
    return getattr(module, name)
