"""A declared cell as a network: the one program that computes a step, and a module that runs it over batches.

    rnn = Recurrent(CELLS["peephole"], 8, 16)     # as torch.nn.LSTM(8, 16) is, for cells that PyTorch lacks
    output, (h_n, c_n) = rnn(x)                   # x: (T, B, 8) or (T, 8)

`rnnviz.record` runs the same operations over one sequence and keeps what is between them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import reduce
from math import isfinite
from operator import add
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import linear
from torch.nn.utils import parametrize

from rnnviz.core.cell import Cell, Op, OpKind
from rnnviz.core.cells import CELLS, PROJECTED
from rnnviz.core.refusal import type_name

# Each takes one vector or, as the last axis, those of a batch. For one vector `mv` takes half the time of `linear`. A
# matrix may be one of each of several networks, (n, H, width), which read (..., n, B, width).
FUNCTIONS: Mapping[OpKind, Callable[..., Tensor]] = {
    "matvec": lambda weight, x: (
        torch.mv(weight, x) if x.ndim == 1 else linear(x, weight) if weight.ndim == 2 else x @ weight.mT
    ),
    "add": lambda *terms: reduce(add, terms),
    "hadamard": torch.mul,
    "one_minus": lambda gate: 1 - gate,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "softmax": lambda logits: torch.softmax(logits, -1),
    "rows": lambda weight, table: linear(table, weight),
    "dots": torch.matmul,
    "mix": torch.matmul,
    "concat": lambda first, second: torch.cat([first, second], -1),
}
# By the name of a result: which of its elements are replaced, and by what.
Forcing = Mapping[str, tuple[Tensor, Tensor]]


def run(ops: Sequence[Op], inputs: Mapping[str, Tensor], forcing: Forcing | None = None) -> dict[str, Tensor]:
    """All that is known after the operations: `inputs` (parameters, `x`, previous states) and each result by name.

    forcing: results to be replaced, in part or whole, before anything reads them.
    """
    values = dict(inputs)
    for op in ops:
        result = FUNCTIONS[op.kind](*(values[name] for name in op.reads))
        if forcing and op.name in forcing:
            units, value = forcing[op.name]
            result = torch.where(units, value, result)
        values[op.name] = result
    return values


def states_over_time(
    cell: Cell,
    weights: Mapping[str, Tensor],
    x: Tensor,
    first: Mapping[str, Tensor],
    forcing: Sequence[Forcing] | None = None,
) -> dict[str, list[Tensor]]:
    """Each state after every step, of one sequence or of a batch.

    weights: by the cell's names.     x: (T, ..., width).     first: each state before the first step, (..., H).
    forcing: of every step.
    """
    # What depends on the input alone is computed for all steps at once.
    held = {name for step in forcing or () for name in step}
    early = [op for op in cell.ops if "x" in op.reads and op.name not in held]
    later = [op for op in cell.ops if op not in early]
    early_values = run(early, {**weights, "x": x})
    inputs = {name: early_values[name] for name in ("x", *(op.name for op in early))}
    by_step: dict[str, list[Tensor]] = {name: [] for name in cell.states}
    state = {f"{name}_prev": first[name] for name in cell.states}
    for t in range(len(x)):
        now = {name: value[t] for name, value in inputs.items()}
        values = run(later, {**weights, **state, **now}, forcing[t] if forcing else None)
        for name, steps in by_step.items():
            steps.append(values[name])
            state[f"{name}_prev"] = values[name]
    return by_step


class Recurrent(nn.Module):
    """Layers of any declared cell, read from the left, with PyTorch's names for its parameters and its results.

    Stacked by blocks as in `torch.nn.LSTM`: `weight_ih_l0` (blocks * H, input_size), `weight_hh_l0` (blocks * H, H),
    `bias_ih_l0` and `bias_hh_l0` (blocks * H,), peepholes `weight_ch_l0` (blocks * H,); each only of the blocks that
    have such a weight, and not there if none has.

    Initialised as PyTorch's are, from U(-1/sqrt(H), 1/sqrt(H)), in the same order: with one seed a `Recurrent` of an
    LSTM has the numbers of `torch.nn.LSTM`. They are drawn from `generator`, or, as those of every module of PyTorch's,
    from the global one where none is given, so that `torch.manual_seed` holds for it too. On the device "meta" none is
    drawn.
    """

    bidirectional, bias = False, True

    def __init__(
        self,
        cell: Cell,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        device: object = None,
        dtype: torch.dtype | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        for size_name, size in (("input_size", input_size), ("hidden_size", hidden_size), ("num_layers", num_layers)):
            if size < 1:
                raise ValueError(f"{size_name} is {size}; accepted: at least 1")
        self.cell, self.input_size, self.hidden_size, self.num_layers = cell, input_size, hidden_size, num_layers
        for layer in range(num_layers):
            blocks: dict[str, list[tuple[int, ...]]] = {}
            for parameter in cell.parameters:
                shape = parameter.shape(hidden_size if layer else input_size, hidden_size)
                blocks.setdefault(parameter.torch_name, []).append(shape)
            for name, shapes in blocks.items():
                whole = (len(shapes) * hidden_size, *shapes[0][1:])
                unset = torch.empty(whole, device=device, dtype=dtype)  # type: ignore[call-overload]  # device is any
                self.register_parameter(f"{name}_l{layer}", nn.Parameter(unset))
        self.reset_parameters(generator)

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw all parameters anew."""
        bound = self.hidden_size**-0.5
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound, generator)

    def extra_repr(self) -> str:
        return f"{self.cell.name}, {self.input_size}, {self.hidden_size}, num_layers={self.num_layers}"

    def states(self, layer: int, x: Tensor, before: Sequence[Tensor]) -> dict[str, list[Tensor]]:
        """Each state of one layer after every step.

        x: what the layer reads, (T, ..., width).     before: its states before the first step, each (..., H).
        """
        size = self.hidden_size
        weights = {
            p.name: getattr(self, f"{p.torch_name}_l{layer}")[p.block * size : (p.block + 1) * size]
            for p in self.cell.parameters
        }
        return states_over_time(self.cell, weights, x, dict(zip(self.cell.states, before, strict=True)))

    def forward(
        self, x: Tensor, h0: Tensor | tuple[Tensor, ...] | None = None
    ) -> tuple[Tensor, Tensor | tuple[Tensor, ...]]:
        """The top layer's h at every step, and every state after the last one, as PyTorch's modules give them.

        x: (T, B, input_size), or (T, input_size) for one sequence.
        h0: (L, B, H) or (L, H), for a cell with c a pair of them; zeros by default.
        Returns (T, B, H) and (L, B, H), or a pair of these, without B for one sequence.
        """
        if h0 is None:
            h0 = (x.new_zeros(self.num_layers, *x.shape[1:-1], self.hidden_size),) * len(self.cell.states)
        first = (h0,) if isinstance(h0, Tensor) else h0
        last = []
        for layer in range(self.num_layers):
            states = self.states(layer, x, [value[layer] for value in first])
            last.append([steps[-1] for steps in states.values()])
            x = torch.stack(states["h"])
        final = tuple(torch.stack(rows) for rows in zip(*last, strict=True))
        return x, final if len(final) > 1 else final[0]


Layer = nn.RNNBase | Recurrent
Network = TypeVar("Network", bound=Layer)


def build(cell: str, input_size: int, hidden_size: int, num_layers: int = 1, *, bidirectional: bool = False) -> Layer:
    """A recurrent network with its parameters unset: PyTorch's module where it has the cell, else a `Recurrent`.

    No number is drawn, so the global random state stays put. Raises `ValueError` for a cell that is not in `CELLS`, and
    for both directions of one that PyTorch lacks.
    """
    if cell not in CELLS:
        raise ValueError(f"no cell {cell!r}: {', '.join(CELLS)}")
    if not CELLS[cell].module:
        if bidirectional:
            raise ValueError(f"{cell!r} reads in one direction; accepted: bidirectional=False")
        return unset(CELLS[cell], input_size, hidden_size, num_layers)
    kind, *nonlinearity = CELLS[cell].module
    options: dict[str, Any] = {"nonlinearity": nonlinearity[0]} if nonlinearity else {}
    options |= {"device": "meta", "bidirectional": bidirectional}
    module: nn.RNNBase = getattr(nn, kind)(input_size, hidden_size, num_layers, **options)
    return module.to_empty(device="cpu")


def unset(
    cell: Cell, input_size: int, hidden_size: int, num_layers: int = 1, dtype: torch.dtype | None = None
) -> Recurrent:
    """A `Recurrent` whose parameters are to be filled: no number is drawn, so the global random state stays put."""
    return Recurrent(cell, input_size, hidden_size, num_layers, device="meta", dtype=dtype).to_empty(device="cpu")


def cell_of(module: nn.Module, *, hooks_have_run: bool = False) -> Cell:
    """The declaration of what `module` computes.

    hooks_have_run: whether what its forward pre-hooks change has been changed, so that they may be there.

    Raises `TypeError` for a module that is no `Recurrent` and no recurrent network of PyTorch's, `ValueError` for an
    option not recorded.
    """
    kinds: tuple[type[Layer], ...] = (nn.LSTM, nn.GRU, nn.RNN, Recurrent)
    hint = "accepted: a torch.nn.RNN, nn.LSTM, nn.GRU or a rnnviz.Recurrent"
    kind = next((kind for kind in kinds if isinstance(module, kind)), None)
    if kind is None:
        message = f"module is a {type_name(module)}; {hint}"
        if isinstance(module, nn.Module):
            parts = [name for name, part in module.named_modules() if isinstance(part, kinds)]
            message += f", such as its part {parts[0]!r}; rnnviz.capture(model, ...) records them all" if parts else ""
        raise TypeError(message)
    checked_as_it_is(module, kind, hint, hooks_have_run=hooks_have_run)
    if isinstance(module, Recurrent):
        return module.cell
    if module.proj_size:
        return PROJECTED
    key = (kind.__name__, *([str(module.nonlinearity)] if kind is nn.RNN else []))
    return next(cell for cell in CELLS.values() if cell.module == key)


def checked_as_it_is(module: nn.Module, kind: type[nn.Module], hint: str, *, hooks_have_run: bool) -> None:
    """Raises `TypeError` for a forward that is not its kind's, `ValueError` for hooks that may change what it reads.

    What such a module returns is not what the cell's program gives, and no number may be shown that is not true.
    """
    if getattr(module.forward, "__func__", None) is not kind.forward:
        raise TypeError(f"module is a {type_name(module)} with a forward of its own; {hint} as it is")
    if module._forward_pre_hooks and not hooks_have_run:
        raise ValueError(
            "module has forward pre-hooks (pruning and the old weight_norm add one), which may change its weights or "
            "its input; accepted: a module without, as after torch.nn.utils.prune.remove or remove_weight_norm"
        )


def with_forget_bias(module: Network, bias: float) -> Network:
    """A copy whose keeping gate, in every layer and direction and for every unit, has this bias and no other.

    An LSTM's f: its rows of `bias_ih` are `bias`, those of `bias_hh` 0, so that at rest f = sigmoid(bias). In a GRU z
    keeps, and gets the same. In a minimal gated unit 1 - f keeps, so f gets `-bias` and 1 - f is sigmoid(bias) at rest.

    Raises what `cell_of` raises, and `ValueError` for a cell without gates, a module or gate without biases, a
    parametrised bias, and a value not finite.
    """
    cell = cell_of(module)
    gate, sign = cell.keeping
    if not module.bias:
        raise ValueError("module has bias=False; accepted: a module with biases")
    biases = [p for p in cell.parameters if p.gate == gate and p.torch_name.startswith("bias")]
    if not biases:
        raise ValueError(f"gate {gate} of {cell.title} has no bias; accepted: a cell whose keeping gate has one")
    if not isfinite(bias):
        raise ValueError(f"bias is {bias}; accepted: a finite number")
    copy, size = deepcopy(module), module.hidden_size
    with torch.no_grad():
        for layer in range(module.num_layers):
            for suffix in ("", "_reverse") if module.bidirectional else ("",):
                for part, value in zip(biases, (sign * bias, 0.0), strict=False):
                    name = f"{part.torch_name}_l{layer}{suffix}"
                    if parametrize.is_parametrized(copy, name):
                        raise ValueError(
                            f"{name} is computed by a parametrization, so it cannot be set; accepted: a module after "
                            "torch.nn.utils.parametrize.remove_parametrizations"
                        )
                    getattr(copy, name)[part.block * size : (part.block + 1) * size] = value
    return copy
