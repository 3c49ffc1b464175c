"""Runs a recurrent network over one sequence and keeps every intermediate.

    trace = rnnviz.record(torch.nn.LSTM(8, 16), x)      # x: (T, 8)
    trace["f"][0, 3]                                    # the forget gate after the fourth token, (16,)

The cell's own program is run (`rnnviz.core.cells`), not the fused kernel: the fused kernel hides what is inside a step.
That both agree is a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from rnnviz.core.cell import Cell
from rnnviz.core.cells import READOUT
from rnnviz.core.forced import Forced, checked_forcing, places
from rnnviz.core.network import Forcing, Layer, cell_of, run
from rnnviz.core.refusal import TRACE, required, type_name
from rnnviz.core.trace import Array, Readout, Trace

Weights = Mapping[str, Tensor]


def record(
    module: nn.Module | Cell,
    x: Tensor,
    *,
    weights: Weights | Sequence[Weights] | None = None,
    bidirectional: bool = False,
    h0: Tensor | tuple[Tensor, Tensor] | None = None,
    tokens: Sequence[str] | None = None,
    forced: Sequence[Forced] = (),
    dtype: torch.dtype | None = None,
) -> Trace:
    """Run `module` over one sequence and keep every intermediate.

    module: `torch.nn.RNN`, `nn.LSTM` or `nn.GRU`; any layers, directions, bias and nonlinearity; float32 or float64.
        It is only read. Dropout between layers is not applied, as in evaluation; forward hooks are not called.
        Or a `rnnviz.Recurrent`; or a declared cell, `rnnviz.CELLS["peephole"]`, with its `weights`.
    x: (T, input_size), one sequence, whatever `batch_first` says.
    weights: for a cell, its parameters by their names: `W_xi` (H, input_size), `W_hi` (H, H), `b_xi`, `b_hi`, `p_i`
        (H,) ... as `cell.parameters` lists them. One mapping, or one for each row of the trace's first axis.
    bidirectional: for a cell, whether every second mapping reads from the right.
    h0: as the module takes it for unbatched input: (L * D, H), for a cell with c a pair (h0, c0). Zeros by default.
    tokens: T strings to show for the steps; by default their numbers from 1.
    forced: quantities to be replaced by a value before anything reads them, a later entry after an earlier one. The
        trace keeps them as `forced`.
    dtype: what to compute in, torch.float32 or torch.float64; the module's by default.

    All may be on any device: it is computed on the CPU.
    Raises `TypeError` for something of the wrong kind, `ValueError` for a wrong shape or an option not recorded.
    """
    with torch.no_grad():
        if isinstance(module, Cell):
            cell, rows, directions = module, _checked_rows(module, weights, bidirectional), 2 if bidirectional else 1
        elif weights is not None or bidirectional:
            raise TypeError("weights and bidirectional are for a cell of rnnviz.CELLS; accepted: a module alone")
        else:
            cell = cell_of(module)
            assert isinstance(module, Layer)
            directions = 2 if module.bidirectional else 1
            count = module.num_layers * directions
            rows = [cell_weights(module, cell, row // directions, row % directions) for row in range(count)]
        own = _dtype_of(rows)
        hidden_size, input_size = rows[0][cell.input_matrix].shape
        x = _checked_input(input_size, own, x)
        state = _initial_state(cell, (len(rows), hidden_size), own, h0)
        names = _names(tokens, len(x))
        if dtype not in (None, torch.float32, torch.float64):
            raise TypeError(f"dtype is {dtype}; accepted: torch.float32 or torch.float64")
        most = torch.finfo(dtype or own).max
        forced = checked_forcing(cell, forced, steps=len(x), rows=len(rows), hidden_size=hidden_size, most=most)
        if dtype not in (None, own):
            rows = [{name: weight.to(dtype) for name, weight in row.items()} for row in rows]
            x, state = x.to(dtype), {name: value.to(dtype) for name, value in state.items()}
    return unroll(cell, rows, x, state, names, directions, forced)


def unroll(
    cell: Cell,
    rows: Sequence[Weights],
    x: Tensor,
    state: Weights,
    tokens: tuple[str, ...],
    directions: int = 1,
    forced: tuple[Forced, ...] = (),
) -> Trace:
    """The trace of a network given as `Trace` describes it: weights by the cell's names, states (L * D, H)."""
    hidden_size = state["h"].shape[1]
    with torch.no_grad():
        layer_input, outputs, steps = x, [], []
        for row, weight in enumerate(rows):
            initial = {f"{name}_prev": value[row] for name, value in state.items()}
            forcing = forcing_of(forced, row, len(x), hidden_size, x.dtype)
            steps.append(_over_time(cell, weight, layer_input, initial, forcing, reverse=bool(row % directions)))
            outputs.append(torch.stack([step["h"] for step in steps[row]]))
            if row % directions == directions - 1:
                layer_input, outputs = torch.cat(outputs, -1), []
        return Trace(
            cell=cell,
            x=_numpy(x),
            tokens=tokens,
            values={
                op.name: np.stack([_numpy(torch.stack([step[op.name] for step in row])) for row in steps])
                for op in cell.ops
            },
            initial={name: _numpy(value) for name, value in state.items()},
            weights=tuple({name: _numpy(value) for name, value in row.items()} for row in rows),
            num_directions=directions,
            forced=forced,
        )


def _over_time(
    cell: Cell,
    weights: Mapping[str, Tensor],
    x: Tensor,
    state: Mapping[str, Tensor],
    forcing: Sequence[Forcing],
    *,
    reverse: bool,
) -> list[dict[str, Tensor]]:
    """The results of each step, aligned to the tokens of `x` (T, width) also when they are read from the right."""
    steps = []
    for t in reversed(range(len(x))) if reverse else range(len(x)):
        steps.append(run(cell.ops, {**weights, "x": x[t], **state}, forcing[t]))
        state = {f"{name}_prev": steps[-1][name] for name in cell.states}
    return steps[::-1] if reverse else steps


def forcing_of(forced: Sequence[Forced], row: int, steps: int, size: int, dtype: torch.dtype) -> list[Forcing]:
    """For each step of a row and each forced quantity, which units are forced and to what."""
    tensors = {
        name: (torch.from_numpy(mask), torch.from_numpy(values).to(dtype))
        for name, (mask, values) in places(forced, row, steps, size).items()
    }
    return [
        {name: (mask[t], values[t]) for name, (mask, values) in tensors.items() if mask[t].any()} for t in range(steps)
    ]


def _checked_rows(
    cell: Cell, weights: Weights | Sequence[Weights] | None, bidirectional: bool
) -> list[dict[str, Tensor]]:
    """The mappings of each row, once they are what the cell asks for."""
    names = [parameter.name for parameter in cell.parameters]
    hint = f"accepted for the {cell.title}: a mapping, or one for each layer and direction, of {', '.join(names)}"
    mappings = [weights] if isinstance(weights, Mapping) else weights
    if not isinstance(mappings, Sequence) or not all(isinstance(row, Mapping) for row in mappings):
        raise TypeError(f"weights is a {type_name(weights)}; {hint}")
    directions = 2 if bidirectional else 1
    if not mappings or len(mappings) % directions:
        raise ValueError(f"weights has {len(mappings)} rows and {directions} directions; {hint}")
    rows: list[dict[str, Tensor]] = []
    for number, row in enumerate(mappings):
        if missing := [name for name in names if name not in row]:
            raise ValueError(f"weights of row {number} lack {', '.join(missing)}; {hint}")
        if extra := [name for name in row if name not in names]:
            raise ValueError(f"weights of row {number} hold {', '.join(map(str, extra))}; {hint}")
        for name in names:
            if not isinstance(row[name], Tensor) or row[name].is_nested or row[name].layout is not torch.strided:
                raise TypeError(f"{name} of row {number} is a {type_name(row[name])}; accepted: a dense torch.Tensor")
        if not rows:
            first = row[cell.input_matrix]
            if first.ndim != 2 or 0 in first.shape:
                raise ValueError(f"{cell.input_matrix} has shape {tuple(first.shape)}; accepted: (H, input_size)")
            hidden_size, width = first.shape
        for parameter in cell.parameters:
            shape = parameter.shape(width, hidden_size)
            if row[parameter.name].shape != shape:
                raise ValueError(
                    f"{parameter.name} of row {number} has shape {tuple(row[parameter.name].shape)}; accepted: {shape}"
                )
        rows.append({name: _values(f"{name} of row {number}", row[name]) for name in names})
        if len(rows) % directions == 0:
            width = directions * hidden_size
    return rows


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
    required(trace, Trace, "trace", TRACE)
    output = torch.from_numpy(trace.output)
    width = output.shape[1]
    if not hasattr(head, "weight"):
        raise TypeError(f"head is a {type_name(head)}; accepted: a rnnviz.Head or a torch.nn.Linear({width}, V)")
    weight = _head_part("weight", head.weight, f"(V, {width})").to(output.dtype)
    if weight.ndim != 2 or weight.shape[1] != width or len(weight) == 0:
        raise ValueError(
            f"the head's weight has shape {tuple(weight.shape)}; accepted: (V, {width}) with V at least 1, "
            "since that many numbers, D * H, are in a step of this trace"
        )
    vector = getattr(head, "bias", None)
    bias = weight.new_zeros(len(weight)) if vector is None else _head_part("bias", vector, f"({len(weight)},)")
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
    hint = f"accepted: a dense floating-point torch.Tensor of shape {shape}"
    if not isinstance(tensor, Tensor):
        raise TypeError(f"the head's {name} is a {type_name(tensor)}; {hint}")
    if tensor.is_nested or tensor.layout is not torch.strided or not tensor.is_floating_point():
        kind = "nested" if tensor.is_nested else f"{tensor.layout}, {tensor.dtype}"
        raise TypeError(f"the head's {name} is a {kind} tensor; {hint}")
    return _values(f"the head's {name}", tensor)


def _numpy(tensor: Tensor) -> Array:
    return tensor.numpy(force=True)


def _values(name: str, tensor: Tensor) -> Tensor:
    """A tensor's numbers, on the CPU and without a history."""
    if tensor.is_meta:
        raise ValueError(f"{name} is on the meta device, where a tensor has no values; accepted: any other device")
    return tensor.detach().cpu()


def _dtype_of(weights: Sequence[Mapping[str, Tensor]]) -> torch.dtype:
    dtypes = {weight.dtype for row in weights for weight in row.values()}
    if len(dtypes) > 1 or not dtypes <= {torch.float32, torch.float64}:
        names = " and ".join(sorted(map(str, dtypes)))
        raise TypeError(f"module computes in {names}; accepted: torch.float32 or torch.float64")
    return dtypes.pop()


def _checked_input(input_size: int, dtype: torch.dtype, x: Tensor) -> Tensor:
    hint = f"accepted: one sequence, a dense torch.Tensor of shape (T, {input_size}) with T at least 1"
    if not isinstance(x, Tensor):
        raise TypeError(f"x is a {type_name(x)}; {hint}")
    if x.is_nested or x.layout is not torch.strided:
        raise TypeError(f"x is a {'nested' if x.is_nested else x.layout} tensor; {hint}")
    if x.ndim != 2:
        raise ValueError(f"x has shape {tuple(x.shape)}, which is not a single sequence; {hint}")
    if x.shape[1] != input_size:
        raise ValueError(f"x has shape {tuple(x.shape)}: {x.shape[1]} numbers a step; {hint}")
    if len(x) == 0:
        raise ValueError(f"x has shape {tuple(x.shape)}: no time step; {hint}")
    if x.dtype != dtype:
        raise TypeError(f"x is {x.dtype} and the module computes in {dtype}; convert one of them, as in x.to({dtype})")
    return _values("x", x)


def _names(tokens: object, steps: int) -> tuple[str, ...]:
    if tokens is None:
        return tuple(str(step + 1) for step in range(steps))
    if isinstance(tokens, Tensor) or not isinstance(tokens, Iterable):
        raise TypeError(f"tokens is a {type_name(tokens)}; accepted: a sequence of {steps} strings, one per time step")
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
    states = (h0,) if single else h0
    if (
        not isinstance(states, tuple | list)
        or len(states) != len(cell.states)
        or not all(isinstance(value, Tensor) for value in states)
    ):
        form = "a tensor h0" if single else f"a pair of tensors ({', '.join(f'{name}0' for name in cell.states)})"
        kind = type_name(h0) + (f" of {', '.join(map(type_name, h0))}" if isinstance(h0, tuple | list) else "")
        raise TypeError(f"h0 is a {kind}; accepted for the {cell.title}: {form} of shape {shape}, that is (L * D, H)")
    for name, value in zip(cell.states, states, strict=True):
        if value.shape != shape:
            raise ValueError(f"{name}0 has shape {tuple(value.shape)}; accepted: {shape}, that is (L * D, H)")
        if value.dtype != dtype:
            raise TypeError(f"{name}0 is {value.dtype} and the module computes in {dtype}; accepted: {dtype}")
    return {name: _values(f"{name}0", value) for name, value in zip(cell.states, states, strict=True)}


def cell_weights(module: Layer, cell: Cell, layer: int = 0, direction: int = 0) -> dict[str, Tensor]:
    """The cell's parameters by its own names; zeros where the module has no bias."""
    size = module.hidden_size
    suffix = f"_l{layer}" + ("_reverse" if direction else "")
    stems = {parameter.torch_name for parameter in cell.parameters}
    if not module.bias:
        stems -= {"bias_ih", "bias_hh"}
    tensors = {name: _values("module", _parameter(module, name + suffix)) for name in stems}
    zeros = tensors["weight_ih"].new_zeros(len(cell.blocks) * size)
    return {
        parameter.name: tensors.get(parameter.torch_name, zeros)[parameter.block * size : (parameter.block + 1) * size]
        for parameter in cell.parameters
    }


def _parameter(module: Layer, name: str) -> Tensor:
    if parametrize.is_parametrized(module, name):
        # Reading a spectral norm moves its estimate while the module trains, so a copy is read.
        return deepcopy(module.get_submodule(f"parametrizations.{name}")).eval()()
    return getattr(module, name)
