"""What a recurrent part of a model is given while the model runs: each call, copied, to be recorded afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnviz.core.modules import layers_of
from rnnviz.core.record import record_layers
from rnnviz.core.tensors import as_array
from rnnviz.core.trace import Trace
from rnnviz.core.traces import Traces
from rnnviz.core.weights import Layers

Recording = Trace | Traces
TOLERANCE = 1e-3  # of a recording to what the module returned, as a share of the largest number or of 1
HOOKED = "a forward hook of its own changed its output: this is what it was before, the model read on with another"


@dataclass(eq=False)
class Call:
    """One call of a part that reads whole sequences.

    layers: the part as it was then.     x, h0: as the part takes them.     output: its outputs, (T, ...).
    reasons: why it may have returned another result.     notes: what else is to be known of it.
    """

    layers: Layers
    x: Any
    h0: Any
    output: Tensor
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def recording(self) -> Recording:
        found = record_layers(self.layers, self.x, h0=self.h0)
        return _with_notes(found, (*_differences(found, self.output, self.reasons), *self.notes))


@dataclass(eq=False)
class Loop:
    """Calls of one step each, with the state that the one before it returned.

    layers: the part.     xs: what each call read.     h0: the state of the first.
    outputs: of each call, (1, ...).     last: the state that the last one returned.
    reasons: why it may have returned another result.     notes: what else is to be known of it.
    """

    layers: Layers
    xs: list[Tensor]
    h0: Any
    outputs: list[Tensor]
    last: tuple[Tensor, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def goes_on(self, layers: Layers, x: Tensor, state: tuple[Tensor, ...]) -> bool:
        """Whether a call that reads x from a state is its next step."""
        same = layers is self.layers and x.shape == self.xs[0].shape and len(state) == len(self.last)
        return same and all(map(torch.equal, state, self.last))

    def recording(self) -> Recording:
        if self.layers.single_step:
            x = torch.stack(self.xs)
        else:
            x = torch.cat(self.xs, 1 if self.layers.batch_first and self.xs[0].ndim == 3 else 0)
        found = record_layers(self.layers, x, h0=self.h0)
        return _with_notes(found, (*_differences(found, torch.cat(self.outputs), self.reasons), *self.notes))


@dataclass(eq=False)
class Listener:
    """One recurrent part while the model runs; `hook` is the first of its forward hooks, `last_hook` the last.

    module: the part.     calls: so far.     reason: why it has none, where it has none.
    """

    module: nn.Module
    calls: list[Call | Loop] = field(default_factory=list)
    reason: str = "it was not called in this run"
    _layers: Layers | None = None
    _read_from: list[tuple[Tensor, int]] = field(default_factory=list)
    _returned: tuple[Call | Loop, list[Tensor]] | None = None  # until its own hooks have run: what they may change

    @torch.no_grad()
    def hook(self, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], output: Any) -> None:
        try:
            layers = self._present_layers()
        except (TypeError, ValueError) as refusal:
            self.reason = str(refusal)
            return
        x = args[0] if args else kwargs.get("input", kwargs.get("x"))
        state = args[1] if len(args) > 1 else kwargs.get("hx", kwargs.get("h0"))
        dropped = bool(getattr(module, "dropout", 0)) and module.training and len(layers.rows) > layers.directions
        reasons = (
            *layers.notes,
            *("it ran in training mode, with dropout between its layers, which is left out here",) * dropped,
        )
        read, h0 = _copied(x, layers), _copied(state, layers)
        if layers.single_step or (layers.directions == 1 and _is_one_step(x, layers)):
            call: Call | Loop = self._step(layers, read, h0, output, reasons)
        else:
            call = Call(layers, read, h0, _over_time(output[0], layers), reasons)
            self.calls.append(call)
        if len(module._forward_hooks) > 2:  # more than those of this listener
            self._returned = call, [part.detach().clone() for part in _tensors(output)]

    @torch.no_grad()
    def last_hook(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        """output: what the model reads on with."""
        returned, self._returned = self._returned, None
        if returned is None:
            return
        call, before = returned
        after = _tensors(output)
        if len(before) != len(after) or not all(map(_same, before, after)):
            call.notes = tuple(dict.fromkeys((*call.notes, HOOKED)))

    def _step(self, layers: Layers, x: Tensor, state: Any, output: Any, reasons: tuple[str, ...]) -> Loop:
        """output: what the call returned."""
        returned = output if layers.single_step else output[1]
        given = () if state is None else state if isinstance(state, tuple) else (state,)
        last = tuple(_copied(part, layers) for part in (returned if isinstance(returned, tuple) else (returned,)))
        h = last[0][None] if layers.single_step else _over_time(output[0], layers)
        for loop in reversed(self.calls):
            if given and isinstance(loop, Loop) and loop.goes_on(layers, x, given):
                loop.xs.append(x)
                loop.outputs.append(h)
                loop.last = last
                return loop
        changed = bool(given and self.calls)
        begun = ("it begins with a state that no step before it returned: the model made it between them",) * changed
        loop = Loop(layers, [x], state, [h], last, reasons, begun)
        self.calls.append(loop)
        return loop

    def _present_layers(self) -> Layers:
        """The part as it is now, copied; read anew only where a weight has changed."""
        plain = (value for value in vars(self.module).values() if isinstance(value, Tensor))
        weights = [*self.module.parameters(), *self.module.buffers(), *plain]
        now = [(weight, 0 if weight.is_inference() else weight._version) for weight in weights]
        same = len(now) == len(self._read_from) and all(
            weight is other and version == before
            for (weight, version), (other, before) in zip(now, self._read_from, strict=True)
        )
        if self._layers is None or not same:
            # Its own pre-hooks have run: its weights and its input are those that it computes with.
            layers = layers_of(self.module, hooks_have_run=True)
            rows = tuple({name: weight.clone() for name, weight in row.items()} for row in layers.rows)
            self._layers, self._read_from = replace(layers, rows=rows), now
        return self._layers


def _is_one_step(x: Tensor | PackedSequence, layers: Layers) -> bool:
    return isinstance(x, Tensor) and x.shape[1 if layers.batch_first and x.ndim == 3 else 0] == 1


def _copied(value: Any, layers: Layers) -> Any:
    """Tensors without a history, in the part's own dtype, which under autocast is not what it is given."""
    if isinstance(value, PackedSequence):
        return PackedSequence(_copied(value.data, layers), *value[1:])
    if isinstance(value, tuple | list):
        return tuple(_copied(part, layers) for part in value)
    if not isinstance(value, Tensor):
        return value
    return value.detach().to(layers.given if value.is_floating_point() else value.dtype, copy=True)


def _over_time(output: Tensor | PackedSequence, layers: Layers) -> Tensor:
    """(T, B, D * H), or (T, D * H) of one sequence; a copy."""
    if isinstance(output, PackedSequence):
        return pad_packed_sequence(output)[0].detach()
    columns = output.transpose(0, 1) if layers.batch_first and output.ndim == 3 else output
    return columns.detach().clone()


def _tensors(output: Any) -> list[Tensor]:
    """All that are in it, in order."""
    if isinstance(output, tuple | list):
        return [tensor for part in output for tensor in _tensors(part)]
    return [output] if isinstance(output, Tensor) else []


def _same(a: Tensor, b: Tensor) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and torch.allclose(a, b, rtol=0, atol=0, equal_nan=True)


def _differences(found: Recording, output: Tensor, reasons: tuple[str, ...]) -> tuple[str, ...]:
    """The reasons why a recording is not what the module returned, or that it is not, if there is none."""
    far = _distance(found, output)
    if far <= TOLERANCE or reasons:  # NaN is not
        return reasons
    return (f"what the module itself returned differs by up to {far:.2g}",)


def _distance(found: Recording, output: Tensor) -> float:
    """The largest difference of a recording's outputs and a module's, as a share of the largest number or of 1."""
    expected = as_array(output.double())
    if isinstance(found, Trace):
        pairs = [(found.output, expected)]
    else:
        top = found.batch.states[-found.batch.layers.directions :]
        h = as_array(torch.cat([states["h"] for states in top], -1))
        pairs = [(h[:length, place], expected[:length, place]) for place, length in enumerate(found.lengths)]
    scale = max(1.0, *(float(np.abs(b).max()) for _, b in pairs))
    return max(0.0, *(float(np.abs(a - b).max()) for a, b in pairs)) / scale


def _with_notes(found: Recording, notes: tuple[str, ...]) -> Recording:
    if isinstance(found, Trace):
        return replace(found, notes=notes)
    return replace(found, batch=replace(found.batch, layers=replace(found.batch.layers, notes=notes)))
