"""What a network is given to read, checked: sequences, their lengths and tokens, and the state before them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence, pad_sequence

from rnnviz.core.refusal import type_name
from rnnviz.core.tensors import dense, in_precision, values
from rnnviz.core.weights import Layers

# One sequence or a batch of them.
Input: TypeAlias = Tensor | NDArray[Any] | PackedSequence | Sequence[Tensor] | Sequence[NDArray[Any]]
State: TypeAlias = Tensor | NDArray[Any] | Sequence[Tensor] | Sequence[NDArray[Any]]
Numbers: TypeAlias = Tensor | NDArray[Any] | Sequence[int]


@dataclass(frozen=True, eq=False)
class Sequences:
    """What is read.

    x: (T, B, input_size), each sequence from the first step on.     lengths: how many steps of each are real.
    places: of each sequence, which steps of what was given its own are, (length,); T of that were given.
    steps: T of what was given.     batched: whether there is a batch, if only of one.
    """

    x: Tensor
    lengths: tuple[int, ...]
    places: tuple[range | list[int], ...]
    steps: int
    batched: bool

    def __len__(self) -> int:
        """B."""
        return len(self.lengths)


def read_sequences(layers: Layers, x: object, lengths: Numbers | None, mask: object | None) -> Sequences:
    """One sequence (T, I), or a batch in any of the forms that `record` takes."""
    layout = {True: "(B, T, {0})", False: "(T, B, {0})", None: "a list of these"}[layers.batch_first]
    hint = (
        f"accepted: one sequence, a dense tensor or array of shape (T, {layers.input_size}) with T at least 1; or a "
        f"batch, {layout.format(layers.input_size)}, a PackedSequence or a list of sequences"
    )
    if isinstance(x, PackedSequence):
        if lengths is not None or mask is not None:
            raise ValueError("a PackedSequence has its lengths in itself; accepted: x without lengths and mask")
        data = _checked(layers, x.data, hint)
        if data.ndim != 2:
            raise ValueError(f"x packs tensors of shape {tuple(data.shape[1:])} a step; {hint}")
        orders = (order if order is None else order.cpu() for order in (x.sorted_indices, x.unsorted_indices))
        padded, sizes = pad_packed_sequence(PackedSequence(data, x.batch_sizes, *orders))
        return _whole(padded, sizes.tolist())
    if isinstance(x, list | tuple) and x and all(isinstance(one, Tensor | np.ndarray) for one in x):
        if lengths is not None or mask is not None:
            raise ValueError("a list of sequences has their lengths in itself; accepted: x without lengths and mask")
        ones = [_checked(layers, one, hint) for one in x]
        if wrong := [one.shape for one in ones if one.ndim != 2]:
            raise ValueError(f"a sequence of x has shape {tuple(wrong[0])}; {hint}")
        return _whole(pad_sequence(ones), list(map(len, ones)))
    tensor = _checked(layers, x, hint)
    if tensor.ndim == 2:
        if lengths is not None or mask is not None:
            raise ValueError(f"lengths and mask are for a batch and x has shape {tuple(tensor.shape)}; {hint}")
        return Sequences(tensor[:, None], (len(tensor),), (range(len(tensor)),), len(tensor), batched=False)
    if tensor.ndim != 3 or layers.batch_first is None:
        raise ValueError(f"x has shape {tuple(tensor.shape)}, which is no sequence and no batch of this module; {hint}")
    columns = tensor.transpose(0, 1) if layers.batch_first else tensor
    if mask is not None:
        if lengths is not None:
            raise ValueError("lengths and mask say the same; accepted: one of them")
        return _masked(columns, _checked_mask(mask, tensor, layers.batch_first))
    return _whole(columns, _checked_lengths(lengths, *columns.shape[:2]))


def _checked(layers: Layers, x: object, hint: str) -> Tensor:
    """A tensor of the width and the precision that the network reads."""
    tensor = dense("x", x, layers.dtype, hint)
    if tensor.ndim > 1 and tensor.shape[-1] != layers.input_size:
        raise ValueError(f"x has shape {tuple(tensor.shape)}: {tensor.shape[-1]} numbers a step; {hint}")
    if 0 in tensor.shape[:-1]:
        raise ValueError(f"x has shape {tuple(tensor.shape)}: no time step or no sequence; {hint}")
    return in_precision("x", tensor, layers.given, layers.dtype)


def _whole(columns: Tensor, lengths: Sequence[int]) -> Sequences:
    """Sequences that begin at the first step."""
    longest = max(lengths)
    return Sequences(columns[:longest], tuple(lengths), tuple(map(range, lengths)), len(columns), batched=True)


def _masked(columns: Tensor, mask: Tensor) -> Sequences:
    """What a mask (T, B) leaves of columns (T, B, I)."""
    order = torch.sort(~mask, stable=True, dim=0).indices  # the steps that are read first, in their order
    lengths = mask.sum(0).tolist()
    x = columns.gather(0, order[: max(lengths), :, None].expand(-1, -1, columns.shape[2]))
    places = [order[:length, b].tolist() for b, length in enumerate(lengths)]
    return Sequences(x, tuple(lengths), tuple(places), len(columns), batched=True)


def _integers(name: str, numbers: object, hint: str) -> NDArray[Any]:
    array = np.asarray(values(name, numbers) if isinstance(numbers, Tensor) else numbers)
    if array.dtype.kind not in "iub":
        raise TypeError(f"{name} is a {type_name(numbers)} of {array.dtype}; {hint}")
    return array


def _checked_lengths(lengths: object | None, steps: int, count: int) -> list[int]:
    if lengths is None:
        return [steps] * count
    hint = f"accepted: {count} whole numbers from 1 to {steps}, one for each sequence"
    array = _integers("lengths", lengths, hint)
    if array.shape != (count,):
        raise ValueError(f"lengths has shape {array.shape}; {hint}")
    if array.min() < 1 or array.max() > steps:
        raise ValueError(f"lengths go from {array.min()} to {array.max()}; {hint}")
    return [int(length) for length in array]


def _checked_mask(mask: object, x: Tensor, batch_first: bool) -> Tensor:
    """(T, B), true where a step is read."""
    shape = tuple(x.shape[:2])
    hint = f"accepted: true or 1 where a step is read, false or 0 where not, of shape {shape} as x has it"
    array = _integers("mask", mask, hint)
    if array.shape != shape:
        raise ValueError(f"mask has shape {array.shape}; {hint}")
    if not np.isin(array, (0, 1)).all():
        raise ValueError(f"mask goes from {array.min()} to {array.max()}; {hint}")
    columns = torch.tensor(array, dtype=torch.bool, device="cpu")
    columns = columns.T if batch_first else columns
    if not (read := columns.any(0)).all():
        raise ValueError(f"mask leaves nothing of sequence {int(read.int().argmin())}; accepted: a step of each")
    return columns


def token_names(tokens: object, sequences: Sequences) -> tuple[tuple[str, ...], ...]:
    """The texts of each sequence's steps; numbers from 1 where none are given."""
    if tokens is None:
        return tuple(tuple(str(step + 1) for step in range(length)) for length in sequences.lengths)
    if not sequences.batched:
        return (_names(tokens, sequences.lengths[0], sequences.steps, sequences.places[0]),)
    count = len(sequences)
    if isinstance(tokens, Tensor | str) or not isinstance(tokens, Iterable):
        raise TypeError(f"tokens is a {type_name(tokens)}; accepted: {count} sequences of strings, one per sequence")
    texts = list(tokens)
    if len(texts) != count:
        raise ValueError(f"tokens has {len(texts)} entries and x has {count} sequences; accepted: one for each")
    parts = zip(texts, sequences.lengths, sequences.places, strict=True)
    return tuple(_names(text, length, sequences.steps, places) for text, length, places in parts)


def _names(tokens: object, length: int, steps: int, places: Sequence[int]) -> tuple[str, ...]:
    """Of one sequence.     tokens: of its own steps, or of all that were given, `steps`, the pads' too."""
    if isinstance(tokens, Tensor) or not isinstance(tokens, Iterable):
        raise TypeError(f"tokens is a {type_name(tokens)}; accepted: a sequence of {length} strings, one per time step")
    names = tuple(map(str, tokens))
    if len(names) == steps:
        return tuple(names[place] for place in places)
    if len(names) != length:
        raise ValueError(f"tokens has {len(names)} entries and x has {length} time steps; one token per step is needed")
    return names


def initial_state(layers: Layers, sequences: Sequences, h0: object | None) -> dict[str, Tensor]:
    """Each state before the first step, (L * D, B, H)."""
    cell, rows, sizes = layers.cell, len(layers.rows), layers.state_sizes
    whole = {name: (rows, len(sequences), size) for name, size in sizes.items()}
    if h0 is None:
        return {name: torch.zeros(shape, dtype=layers.dtype, device="cpu") for name, shape in whole.items()}
    lead, letters = ((), ()) if layers.single_step else ((rows,), ("L * D",))
    middle, letter = ((len(sequences),), ("B",)) if sequences.batched else ((), ())
    shapes = {name: (*lead, *middle, size) for name, size in sizes.items()}
    meant = f"({', '.join((*letters, *letter, 'H'))}{',' if not letters and not letter else ''})"
    each = " and ".join(map(str, dict.fromkeys(shapes.values())))
    single = len(cell.states) == 1
    states = (h0,) if single else h0
    if (
        not isinstance(states, tuple | list)
        or len(states) != len(cell.states)
        or not all(isinstance(value, Tensor | np.ndarray) for value in states)
    ):
        form = "a tensor h0" if single else f"a pair of tensors ({', '.join(f'{name}0' for name in cell.states)})"
        kind = type_name(h0) + (f" of {', '.join(map(type_name, h0))}" if isinstance(h0, tuple | list) else "")
        raise TypeError(f"h0 is a {kind}; accepted for the {cell.title}: {form} of shape {each}, that is {meant}")
    found = {}
    for name, value in zip(cell.states, states, strict=True):
        shape = shapes[name]
        words = f"{shape}, that is {meant}"
        tensor = dense(f"{name}0", value, layers.dtype, f"accepted: a dense tensor of shape {words}")
        if tensor.shape != shape:
            raise ValueError(f"{name}0 has shape {tuple(tensor.shape)}; accepted: {words}")
        found[name] = in_precision(f"{name}0", tensor, layers.given, layers.dtype).reshape(whole[name])
    return found
