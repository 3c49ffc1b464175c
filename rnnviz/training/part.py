"""One recurrent part of a model in somebody's own training loop: what it read, and what it got back of the loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnviz.core.cell import Cell
from rnnviz.core.network import Layer, cell_of
from rnnviz.core.weights import parameter
from rnnviz.training.replay import SAMPLE, Kept


class Part:
    """A layer, or several, of PyTorch's or of `rnnviz.Recurrent`, while its model is watched; itself a forward hook.

    name: in `model.named_modules()`.     begins: called as a pass begins that a gradient may come back through.
    comes_back: called as a gradient comes back; says in which backward pass, counted from 1.

    Raises what `cell_of` raises.
    """

    def __init__(self, name: str, module: Layer, begins: Callable[[], None], comes_back: Callable[[], int]) -> None:
        self.name, self.module, self._begins, self._comes_back = name, module, begins, comes_back
        self.cell: Cell = cell_of(module, hooks_have_run=True)
        if self.cell.projection:
            raise ValueError("module has proj_size: its h has other numbers than its units; accepted: one without")
        self.directions = 2 if module.bidirectional else 1
        self.count = module.num_layers * self.directions
        stems = list(dict.fromkeys(part.torch_name for part in self.cell.parameters))
        self._stems = stems if module.bias else [stem for stem in stems if not stem.startswith("bias")]
        self._names = [stem + self._suffix(row) for row in range(self.count) for stem in self._stems]
        self._computed = parametrize.is_parametrized(module) or not set(self._names) <= set(module._parameters)
        read = parameter if parametrize.is_parametrized(module) else getattr
        self._shapes = [read(module, name).shape for name in self._names]
        self._views: list[Tensor] = []  # of all its weights as they are, while they lie at `_places`
        self._places: list[int] = []
        self._batch_first = bool(getattr(module, "batch_first", False))
        self._passes = 0
        self._latest: Kept | None = None
        self._place = 0, 0  # of the latest: in which backward pass it came back, and which pass it was

    def __reduce__(self) -> tuple[type[Unwatched], tuple[()]]:
        """In a copy of the model, or in a file of it, nobody watches."""
        return Unwatched, ()

    @property
    def blocks(self) -> dict[str, tuple[str, int, int]]:
        """By the name of a block, `0.W_xi`: its parameter's name in the model, which part of it, of how many."""
        own = dict(self.module.named_parameters())
        prefix = f"{self.name}." if self.name else ""
        parts: dict[str, int] = {}
        for part in self.cell.parameters:
            parts[part.torch_name] = max(parts.get(part.torch_name, 0), part.block + 1)
        return {
            f"{row}.{part.name}": (prefix + name, part.block, parts[part.torch_name])
            for row in range(self.count)
            for part in self.cell.parameters
            if (name := part.torch_name + self._suffix(row)) in own
        }

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> None:
        """Only what may change is copied: all else waits until somebody looks."""
        result, last = output
        packed = isinstance(result, PackedSequence)
        data = result.data if packed else result
        if not data.requires_grad:
            return
        self._begins()
        x = args[0] if args else kwargs.get("input", kwargs.get("x"))
        state = args[1] if len(args) > 1 else kwargs.get("hx", kwargs.get("h0"))
        with torch.no_grad():
            kept = Kept(
                cell=self.cell,
                directions=self.directions,
                hidden_size=self.module.hidden_size,
                x=self._sample(x),
                lengths=pad_packed_sequence(x)[1] if packed else None,
                batch=int(x.batch_sizes[0]) if packed else 1 if x.ndim == 2 else x.shape[0 if self._batch_first else 1],
                state=None if state is None else [_of_rows(s) for s in (state if _is_pair(state) else (state,))],
                stems=self._stems,
                shapes=self._shapes,
                flat=self._flat(),
            )

        self._passes += 1
        arrived = self._arrival(kept, self._passes)
        # It must not hold the output, which holds it: nobody would ever free them.
        orders = result[1:] if packed else ()

        def into_output(gradient: Tensor) -> None:
            into = arrived()
            into.into_output = self._sample(PackedSequence(gradient, *orders) if packed else gradient)

        data.register_hook(into_output)
        for name, final in zip(self.cell.states, last if isinstance(last, tuple) else (last,), strict=True):

            def into_last(gradient: Tensor, name: str = name) -> None:
                arrived().into_last[name] = _of_rows(gradient)

            final.register_hook(into_last)

    def _arrival(self, kept: Kept, number: int) -> Callable[[], Kept]:
        """What is called as a gradient comes back to a pass: where it is to be kept.

        number: which pass it was. Of the passes that one backward pass goes through, the last is the latest.
        """

        def arrived() -> Kept:
            place = self._comes_back(), number
            if self._latest is None or place > self._place:
                self._latest, self._place = replace(kept, into_last={}), place
            return self._latest if place == self._place else replace(kept, into_last={})

        return arrived

    def take(self) -> Kept | None:
        """What is kept of the latest pass; None where nothing has come back. It is taken once."""
        done, self._latest = self._latest, None
        return done

    def _flat(self) -> Tensor:
        """A copy of all its weights, end to end."""
        if self._computed:
            return torch.cat([parameter(self.module, name).reshape(-1) for name in self._names])
        weights = [self.module._parameters[name] for name in self._names]
        places = [0 if weight is None else weight.data_ptr() for weight in weights]
        if places != self._places:  # it has been moved, or its weights replaced
            self._views = [getattr(self.module, name).detach().reshape(-1) for name in self._names]
            self._places = places if all(view.data_ptr() in places for view in self._views) else []
        return torch.cat(self._views)

    def _suffix(self, row: int) -> str:
        return f"_l{row // self.directions}" + "_reverse" * (row % self.directions)

    def _sample(self, x: Tensor | PackedSequence) -> Tensor:
        """Of the first sequences, (T, S, width), a copy."""
        if isinstance(x, PackedSequence):
            return pad_packed_sequence(x)[0][:, :SAMPLE].detach().clone()
        if x.ndim == 2:
            return x[:, None].detach().clone()
        sample = (x[:SAMPLE].transpose(0, 1) if self._batch_first else x[:, :SAMPLE]).clone()
        return sample.detach() if sample.requires_grad else sample


class Unwatched:
    """The hook that a copy of a watched model has in the place of a `Part`: it does nothing."""

    def __call__(self, *_: object) -> None:
        """Nothing."""


def _is_pair(state: Any) -> bool:
    return isinstance(state, tuple | list)


def _of_rows(state: Tensor) -> Tensor:
    """Of the first sequences, (R, S, H), a copy."""
    return (state[:, None] if state.ndim == 2 else state[:, :SAMPLE]).detach().clone()
