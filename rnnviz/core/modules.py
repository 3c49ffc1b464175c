"""Which modules can be read, and how: PyTorch's layers, its single steps, TorchScript, dynamic quantization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.core.cell import Cell
from rnnviz.core.cells import CELLS, PROJECTED
from rnnviz.core.network import Layer, Recurrent, cell_of, checked_as_it_is
from rnnviz.core.tensors import values
from rnnviz.core.weights import Layers, by_block, cell_weights, computed, parameter

STEPS: tuple[type[nn.RNNCellBase], ...] = (nn.LSTMCell, nn.GRUCell, nn.RNNCell)
SCRIPTED = "torch.nn.modules.rnn."  # where the class of a script that is read was declared
QUANTIZED = "torch.ao.nn.quantized.dynamic.modules.rnn"  # not imported: whoever has such a module has it already


def is_recurrent(module: nn.Module) -> bool:
    """Whether a module is of a kind that is read here, if perhaps in vain."""
    kinds = (nn.RNNBase, Recurrent, *STEPS)
    return isinstance(module, kinds) or _is_quantized(module) or bool(_scripted_class(module))


def layers_of(module: nn.Module, *, hooks_have_run: bool = False) -> Layers:
    """What a module computes.

    hooks_have_run: as `cell_of` has it.

    Raises what `cell_of` raises for one of another kind, and `TypeError` and `ValueError` for one whose weights cannot
    be read; each says what to do.
    """
    if name := _scripted_class(module):
        return _scripted(module, name)
    if _is_quantized(module):
        return _quantized(module)
    if kind := next((kind for kind in STEPS if isinstance(module, kind)), None):
        checked_as_it_is(module, kind, f"accepted: a torch.nn.{kind.__name__}", hooks_have_run=hooks_have_run)
        names = [name for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if getattr(module, name) is not None]
        named = {name: parameter(module, name) for name in names}
        return _from_tensors(_cell(kind.__name__, str(getattr(module, "nonlinearity", ""))), named, batch_first=False)
    cell = cell_of(module, hooks_have_run=hooks_have_run)
    assert isinstance(module, Layer)
    directions = 2 if module.bidirectional else 1
    count = module.num_layers * directions
    rows = [cell_weights(module, cell, row // directions, row % directions) for row in range(count)]
    return computed(cell, rows, directions=directions, batch_first=getattr(module, "batch_first", False))


def _cell(kind: str, nonlinearity: str = "") -> Cell:
    """The declaration of a class of PyTorch's, by its name: `LSTM`, `LSTMCell`, `RNN` with `relu`."""
    name = kind.removesuffix("Cell")
    key = (name, nonlinearity) if name == "RNN" else (name,)
    return next(cell for cell in CELLS.values() if cell.module == key)


def _scripted_class(module: nn.Module) -> str:
    """Of which class of PyTorch's a script is; empty for any other module."""
    made = getattr(module, "_c", None) if isinstance(module, torch.jit.ScriptModule) else None
    name = str(getattr(module, "original_name", ""))
    known = name in {"LSTM", "GRU", "RNN", *(kind.__name__ for kind in STEPS)}
    return name if known and made is not None and SCRIPTED in str(made._type().qualified_name()) else ""


def _is_quantized(module: nn.Module) -> bool:
    return any(kind.__module__ == QUANTIZED for kind in type(module).__mro__)


def _scripted(module: Any, name: str) -> Layers:
    named = dict(module.named_parameters(recurse=False))
    step = name.endswith("Cell")
    said = str(getattr(module, "nonlinearity", getattr(module, "mode", "")))
    if name == "RNN" and not said:
        said = module.code  # a module that was traced keeps no attributes
    batch_first = False if step else getattr(module, "batch_first", None)
    return _from_tensors(_cell(name, "relu" if "relu" in said.lower() else "tanh"), named, batch_first=batch_first)


def _quantized(module: Any) -> Layers:
    name = next(kind.__name__ for kind in type(module).__mro__ if kind.__module__ == QUANTIZED)
    packed = {**module.get_weight(), **module.get_bias()}
    named = {key: value.dequantize() if value.is_quantized else value for key, value in packed.items()}
    kinds = sorted({str(value.dtype).removeprefix("torch.") for value in packed.values() if value.is_quantized})
    return _from_tensors(
        _cell(name, getattr(module, "nonlinearity", "tanh")),
        {key: value for key, value in named.items() if value is not None},
        batch_first=getattr(module, "batch_first", False),
        notes=(
            f"the module is dynamically quantized ({', '.join(kinds) or 'float16'}); computed in float32 from its "
            "weights as they are stored, while the module rounds what it reads and carries too",
        ),
    )


def _from_tensors(
    cell: Cell, named: Mapping[str, Tensor], *, batch_first: bool | None, notes: tuple[str, ...] = ()
) -> Layers:
    """named: by PyTorch's names, weight_ih_l0_reverse ..., of a single step without layer: `weight_ih`."""
    suffixes = [name.removeprefix("weight_ih") for name in named if name.startswith("weight_ih")]
    if any(name.startswith("weight_hr") for name in named):
        cell = PROJECTED
    stems = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    rows = [
        by_block(
            cell,
            {stem: values("module", named[stem + suffix]) for stem in stems if stem + suffix in named},
        )
        for suffix in suffixes
    ]
    directions = 2 if any(suffix.endswith("_reverse") for suffix in suffixes) else 1
    step = suffixes == [""]
    return computed(cell, rows, directions=directions, batch_first=batch_first, single_step=step, notes=notes)
