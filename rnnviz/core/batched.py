"""Many sequences in one pass, and the trace of one of them.

The pass computes what is carried from step to step: h by PyTorch's kernel where the cell is PyTorch's and nothing is
forced, else every state by the cell's program, a step of all sequences at a time. Given what each step began with, all
else is the cell's program run over all steps of one sequence at once; a memory c that no kernel returns is carried on
by the operations that lead to it. A sequence ends where it ends: its reverse direction begins at its own last step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.core.cell import Cell, Op
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.inputs import Sequences
from rnnviz.core.network import Forcing, build, run, states_over_time
from rnnviz.core.tensors import as_array
from rnnviz.core.trace import Array, Trace
from rnnviz.core.unroll import by_step, forcing_over_time
from rnnviz.core.weights import Layers, Weights


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch that was run.

    layers: the network.     sequences: what was read.     tokens: of each sequence.
    initial: each state before the first step, (L * D, B, H).
    states: of each row of `Trace`'s first axis the states that the pass kept, each (T, B, H) and aligned to the tokens;
        what is past a sequence's end means nothing.
    forced: what was taken hold of in every sequence.
    """

    layers: Layers
    sequences: Sequences
    tokens: tuple[tuple[str, ...], ...]
    initial: Mapping[str, Tensor]
    states: tuple[Mapping[str, Tensor], ...]
    forced: tuple[Forced, ...] = ()

    @cached_property
    def _weights(self) -> tuple[Mapping[str, Array], ...]:
        """As arrays that no trace need copy."""
        rows = tuple({name: np.array(as_array(value)) for name, value in row.items()} for row in self.layers.rows)
        for row in rows:
            for array in row.values():
                array.setflags(write=False)
        return rows

    def trace(self, place: int) -> Trace:
        """Of one sequence, all of its operations.     place: in the batch, from 0."""
        cell, D, T = self.layers.cell, self.layers.directions, self.sequences.lengths[place]
        x = self.sequences.x[:T, place]
        forced = tuple(fitting for force in self.forced if (fitting := _within(force, T)) is not None)
        read, results = x, []
        with torch.no_grad(), torch.autocast("cpu", enabled=False):
            for row, weights in enumerate(self.layers.rows):
                known = {name: state[:T, place] for name, state in self.states[row].items()}
                first = {name: value[row, place] for name, value in self.initial.items()}
                forcing = forcing_over_time(forced, row, T, self.layers.hidden_size, x.dtype)
                results.append(_all_results(cell, weights, read, known, first, forcing, reverse=bool(row % D)))
                if row % D == D - 1:
                    read = torch.cat([result["h"] for result in results[-D:]], -1)
        return Trace(
            cell=cell,
            x=as_array(x),
            tokens=self.tokens[place],
            values={op.name: np.stack([as_array(result[op.name]) for result in results]) for op in cell.ops},
            initial={name: as_array(value[:, place]) for name, value in self.initial.items()},
            weights=self._weights,
            num_directions=D,
            forced=forced,
            notes=self.layers.notes,
        )


def run_batch(
    layers: Layers,
    sequences: Sequences,
    tokens: tuple[tuple[str, ...], ...],
    initial: Mapping[str, Tensor],
    forced: tuple[Forced, ...] = (),
) -> Batch:
    """Run all sequences, a layer and direction at a time."""
    cell, D = layers.cell, layers.directions
    T, size = len(sequences.x), layers.hidden_size
    with torch.no_grad(), torch.autocast("cpu", enabled=False):
        # What was given may change afterwards.
        layers = replace(layers, rows=tuple({name: w.clone() for name, w in row.items()} for row in layers.rows))
        sequences = replace(sequences, x=sequences.x.clone())
        initial = {name: value.clone() for name, value in initial.items()}
        read, states = sequences.x, []
        flip = None if D == 1 else _flip(sequences)
        for row, weights in enumerate(layers.rows):
            forcing = forcing_over_time(forced, row, T, size, read.dtype)
            first = {name: value[row] for name, value in initial.items()}
            turn = flip if row % D else None
            x = read if turn is None else _turned(read, turn)
            if cell.module and cell == CELLS.get(cell.name) and not forcing:  # a changed cell is none of PyTorch's
                found = {"h": _by_kernel(cell, weights, x, first)}
            else:
                at_steps = by_step(forcing if turn is None else _each_turned(forcing, turn), T)
                states_by_step = states_over_time(cell, weights, x, first, at_steps if forcing else None)
                found = {name: torch.stack(steps) for name, steps in states_by_step.items()}
            states.append(found if turn is None else {name: _turned(value, turn) for name, value in found.items()})
            if row % D == D - 1:
                read = states[-1]["h"] if D == 1 else torch.cat([both["h"] for both in states[-D:]], -1)
    return Batch(layers, sequences, tokens, initial, tuple(states), forced)


def _flip(sequences: Sequences) -> Tensor:
    """(T, B): at each step of a sequence read backwards which of its steps that is; pads stay where they are."""
    step = torch.arange(len(sequences.x), device="cpu")[:, None]
    lengths = torch.tensor(sequences.lengths, device="cpu")
    return torch.where(step < lengths, lengths - 1 - step, step)


def _turned(x: Tensor, flip: Tensor) -> Tensor:
    return x.gather(0, flip[:, :, None].expand(-1, -1, x.shape[2]))


def _by_kernel(cell: Cell, weights: Weights, x: Tensor, first: Mapping[str, Tensor]) -> Tensor:
    """h after every step, (T, B, H), as PyTorch's own module gives it.     x: (T, B, width)."""
    module = build(cell.name, x.shape[2], first["h"].shape[1])
    stacked: dict[str, list[Tensor]] = {}
    for parameter in cell.parameters:
        stacked.setdefault(parameter.torch_name, []).append(weights[parameter.name])
    blocks = {name: torch.cat(parts) for name, parts in stacked.items()}
    for name, value in blocks.items():
        setattr(module, f"{name}_l0", nn.Parameter(value, requires_grad=False))
    states = tuple(first[name][None] for name in cell.states)
    output: Tensor = module(x, states if len(states) > 1 else states[0])[0]
    return output


def _each_turned(forcing: Forcing, flip: Tensor) -> Forcing:
    """What is forced where each sequence is read backwards: (T, H) as (T, B, H)."""
    size = flip.shape[1]
    return {
        name: (_turned(mask[:, None].expand(-1, size, -1), flip), _turned(value[:, None].expand(-1, size, -1), flip))
        for name, (mask, value) in forcing.items()
    }


def _within(force: Forced, steps: int) -> Forced | None:
    """What is forced in a sequence of so many steps."""
    if force.steps is None or force.steps[1] <= steps:
        return force
    first, _ = force.steps
    return replace(force, steps=(first, steps)) if first <= steps else None


def _all_results(
    cell: Cell,
    weights: Weights,
    x: Tensor,
    known: Mapping[str, Tensor],
    first: Mapping[str, Tensor],
    forcing: Forcing,
    *,
    reverse: bool,
) -> dict[str, Tensor]:
    """Every result of one row over one sequence, (T, H), aligned to the tokens.

    x: (T, width).     known: the states that the pass kept, each (T, H).     first: each state before, (H,).
    """

    def in_order(tensor: Tensor) -> Tensor:
        return tensor.flip(0) if reverse else tensor

    forcing = {name: (in_order(mask), in_order(value)) for name, (mask, value) in forcing.items()}
    states = {name: in_order(state) for name, state in known.items()}
    before = {f"{name}_prev": torch.cat([first[name][None], state[:-1]]) for name, state in states.items()}
    inputs = {**weights, "x": in_order(x), **before}
    for name in cell.states:
        if name not in known:
            inputs[f"{name}_prev"] = _carried(cell, name, inputs, first[name], forcing)
    # What the pass handed on stands where a next step read it, to the last bit.
    results = run(cell.ops, inputs, forcing) | states
    return {op.name: in_order(results[op.name]) for op in cell.ops}


def _carried(cell: Cell, state: str, inputs: Mapping[str, Tensor], first: Tensor, forcing: Forcing) -> Tensor:
    """What each step began with of a state that is not known, (T, H)."""
    before = f"{state}_prev"
    early: list[Op] = []
    late: list[Op] = []
    for op in cell.ops:
        waits = before in op.reads or any(read == other.name for read in op.reads for other in late)
        (late if waits else early).append(op)
    values = run(early, inputs, forcing)
    wanted = {state}
    for op in reversed(late):
        if op.name in wanted:
            wanted |= set(op.reads)
    late = [op for op in late if op.name in wanted]
    moving = {"x", *(name for name in inputs if name.endswith("_prev")), *(op.name for op in early)} & wanted
    constant = {name: value for name, value in inputs.items() if name in wanted - moving}
    found = [first]
    for t in range(len(inputs["x"]) - 1):
        now = {name: (mask[t], value[t]) for name, (mask, value) in forcing.items()}
        step = run(late, {**constant, **{name: values[name][t] for name in moving}, before: found[-1]}, now)
        found.append(step[state])
    return torch.stack(found)
