"""A network as it is run: which cell it computes, and the weights of each layer and direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from rnnviz.core.cell import Cell
from rnnviz.core.network import Layer
from rnnviz.core.refusal import type_name
from rnnviz.core.tensors import HALVES, values

Weights = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Layers:
    """A network as it is run.

    cell: what each layer computes.     rows: the cell's parameters by name, of each layer and direction in `Trace`'s
        order, in the dtype that is computed in.
    given: the dtype that the module has.     directions: 1 or 2.
    batch_first: whether a batch is (B, T, I); None where the module does not say.
    single_step: whether the module computes one step, so that its states have no axis of layers.
    notes: what the reader is to know of the numbers.
    """

    cell: Cell
    rows: tuple[Weights, ...]
    given: torch.dtype
    directions: int = 1
    batch_first: bool | None = False
    single_step: bool = False
    notes: tuple[str, ...] = ()

    @property
    def dtype(self) -> torch.dtype:
        return next(iter(self.rows[0].values())).dtype

    @property
    def input_size(self) -> int:
        return self.rows[0][self.cell.input_matrix].shape[1]

    @property
    def hidden_size(self) -> int:
        return self.rows[0][self.cell.input_matrix].shape[0]

    @property
    def state_sizes(self) -> dict[str, int]:
        """How many numbers each state has: as many as there are units, but for an h that is projected."""
        cell, sizes = self.cell, dict.fromkeys(self.cell.states, self.hidden_size)
        return sizes | ({"h": len(self.rows[0][cell.projection])} if cell.projection else {})

    def to(self, dtype: torch.dtype) -> Layers:
        """The same in another dtype."""
        return replace(self, rows=tuple({name: w.to(dtype) for name, w in row.items()} for row in self.rows))


def computed(
    cell: Cell,
    rows: Sequence[Weights],
    *,
    directions: int,
    batch_first: bool | None = False,
    single_step: bool = False,
    notes: tuple[str, ...] = (),
) -> Layers:
    """The same in a dtype that is computed in: float32 and float64 as they are, halves in float32, with a note.

    Raises `TypeError` for any other and for several.
    """
    dtypes = {weight.dtype for row in rows for weight in row.values()}
    if len(dtypes) > 1 or not dtypes <= {torch.float32, torch.float64, *HALVES}:
        names = " and ".join(sorted(map(str, dtypes)))
        raise TypeError(
            f"module computes in {names}; accepted: torch.float32 or torch.float64, or all of torch.float16 or "
            "torch.bfloat16, as after module.float()"
        )
    (given,) = dtypes
    if given in HALVES:
        rows = [{name: weight.float() for name, weight in row.items()} for row in rows]
        notes = (*notes, f"the module is {str(given).removeprefix('torch.')}; computed in float32 from its weights")
    return Layers(cell, tuple(rows), given, directions, batch_first, single_step, notes)


def cell_weights(module: Layer, cell: Cell, layer: int = 0, direction: int = 0) -> dict[str, Tensor]:
    """The cell's parameters by its own names; zeros where the module has no bias."""
    suffix = f"_l{layer}" + ("_reverse" if direction else "")
    stems = {parameter.torch_name for parameter in cell.parameters}
    if not module.bias:
        stems -= {"bias_ih", "bias_hh"}
    return by_block(cell, {name: values("module", parameter(module, name + suffix)) for name in stems})


def by_block(cell: Cell, stacked: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The cell's parameters by its own names.

    stacked: by PyTorch's names, `weight_ih` (blocks * H, width) ...; zeros for a bias that is not there.
    """
    size = len(stacked["weight_ih"]) // len(cell.blocks)
    zeros = stacked["weight_ih"].new_zeros(len(cell.blocks) * size)
    return {
        parameter.name: stacked.get(parameter.torch_name, zeros)[parameter.block * size : (parameter.block + 1) * size]
        for parameter in cell.parameters
    }


def parameter(module: nn.Module, name: str) -> Tensor:
    """A weight by PyTorch's name, as it is used."""
    if parametrize.is_parametrized(module, name):
        # Reading a spectral norm moves its estimate while the module trains, so a copy is read.
        return deepcopy(module.get_submodule(f"parametrizations.{name}")).eval()()
    weight: Tensor = getattr(module, name)
    return weight


def given_layers(cell: Cell, weights: Weights | Sequence[Weights] | None, bidirectional: bool) -> Layers:
    """A declared cell with the mappings of each row, once they are what the cell asks for."""
    names = [parameter.name for parameter in cell.parameters]
    hint = f"accepted for the {cell.title}: a mapping, or one for each layer and direction, of {', '.join(names)}"
    mappings = [weights] if isinstance(weights, Mapping) else weights
    if not isinstance(mappings, Sequence) or not all(isinstance(row, Mapping) for row in mappings):
        raise TypeError(f"weights is a {type_name(weights)}; {hint}")
    directions = 2 if bidirectional else 1
    if not mappings or len(mappings) % directions:
        raise ValueError(f"weights has {len(mappings)} rows and {directions} directions; {hint}")
    rows: list[dict[str, Tensor]] = []
    for number, mapping in enumerate(mappings):
        row = _tensors(mapping, names, number, hint)
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
        rows.append(row)
        if len(rows) % directions == 0:
            width = directions * hidden_size
    return computed(cell, rows, directions=directions)


def _tensors(mapping: Mapping[str, object], names: Sequence[str], number: int, hint: str) -> dict[str, Tensor]:
    """The weights of one row, each a dense tensor.     number: of the row."""
    if missing := [name for name in names if name not in mapping]:
        raise ValueError(f"weights of row {number} lack {', '.join(missing)}; {hint}")
    if extra := [name for name in mapping if name not in names]:
        raise ValueError(f"weights of row {number} hold {', '.join(map(str, extra))}; {hint}")
    row = {}
    for name in names:
        weight = mapping[name]
        if isinstance(weight, np.ndarray) and weight.dtype in (np.float32, np.float64):
            weight = torch.tensor(weight, device="cpu")
        if not isinstance(weight, Tensor) or weight.is_nested or weight.layout is not torch.strided:
            raise TypeError(
                f"{name} of row {number} is a {type_name(weight)}; accepted: a dense torch.Tensor, or a float32 or "
                "float64 numpy.ndarray"
            )
        row[name] = values(f"{name} of row {number}", weight)
    return row
