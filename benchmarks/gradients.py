"""What the gradient lab costs: every loss's gradient against one backward pass, and a knob against the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.row import Row, median_ms, promise
from rnnviz.core.cells import CELLS
from rnnviz.core.gradients.factors import step_jacobians
from rnnviz.core.gradients.flow import flow_of, gradient_flow
from rnnviz.core.gradients.lab import Recipe, last_sum, run_recipe, sample, weights_of
from rnnviz.core.gradients.table import honest_table
from rnnviz.core.network import run
from rnnviz.core.trace import Trace

INPUT, HIDDEN, CLASSES = 8, 32, 10
MOST_TIMES = 5  # of one forward and backward pass, at T = 100


def knob_to_matrix(recipe: Recipe, x: Tensor) -> None:
    flow_of(run_recipe(recipe, x), last_sum)


def cell_to_factors(trace: Trace) -> None:
    _ = step_jacobians(trace).chain(49, 0).bound  # worked out when it is read


def measure() -> Iterator[Row]:
    torch.set_num_threads(1)
    weight = torch.randn(CLASSES, HIDDEN, generator=torch.Generator().manual_seed(1))

    def loss_fn(output: Tensor) -> Tensor:
        return cross_entropy(output @ weight.T.to(output), torch.arange(len(output)) % CLASSES, reduction="none")

    for name, module in (
        ("rnn", nn.RNN(INPUT, HIDDEN)),
        ("gru", nn.GRU(INPUT, HIDDEN)),
        ("lstm", nn.LSTM(INPUT, HIDDEN)),
    ):
        for steps in (50, 100, 200):
            x = sample(steps, INPUT, 0)
            once = median_ms(forward_and_backward(name, x, loss_fn), repeat=15)
            every = median_ms(partial(gradient_flow, module, x.float(), loss_fn), repeat=15)
            what = f"gradient_flow {name}, T = {steps}, hidden {HIDDEN}"
            if steps == 100:
                yield promise(f"{what}, in forward and backward passes of one loss", every / once, "times", MOST_TIMES)
            else:
                yield Row(what, every, "ms", "one forward and backward pass of the same loop", once)
        x = sample(50, INPUT, 0)
        once = median_ms(forward_and_backward(name, x, loss_fn), repeat=15)
        recipe = replace(Recipe(name, HIDDEN, INPUT), spectral_radius=1.1)
        knob = median_ms(partial(knob_to_matrix, recipe, x), repeat=15)
        against = "one forward and backward pass of the same loop"
        yield Row(f"a knob to its matrix, {name}, T = 50, hidden {HIDDEN}", knob, "ms", against, once)
        trace = run_recipe(recipe, x)
        why = median_ms(partial(cell_to_factors, trace), repeat=15)
        yield Row(f"a cell to its factors, {name}, T = 50, hidden {HIDDEN}", why, "ms", against, once)
    table = [median_ms(partial(honest_table, range(n)), repeat=5, warm_up=1) for n in (1, 20)]
    yield Row("the table for 20 seeds", table[1], "ms", "for one", table[0])
    yield jacobians()


def jacobians() -> Row:
    """Of an RNN, against the products of matrices that they are: diag(slopes) times W_hh at every step."""
    trace = run_recipe(Recipe("rnn", 256, INPUT), sample(100, INPUT, 0))
    factors = step_jacobians(trace)
    diagonals = factors.slopes["h"][:, :, None] * np.eye(256)
    made = median_ms(partial(step_jacobians, trace), repeat=5, warm_up=1)
    multiplied = median_ms(partial(np.matmul, diagonals, factors.recurrent["W_hh"]), repeat=5, warm_up=1)
    return promise(
        "the Jacobians of 100 steps of 256 units, in products of as many matrices", made / multiplied, "times", 1
    )


def forward_and_backward(name: str, x: Tensor, loss_fn: Callable[[Tensor], Tensor]) -> Callable[[], None]:
    """One pass over the cell's own program in a loop, float64, to the gradient of every weight, as training has it."""
    cell, weights = CELLS[name], weights_of(Recipe(name, HIDDEN, INPUT))
    for parameter in weights.values():
        parameter.requires_grad_()

    def once() -> None:
        state = {f"{kept}_prev": torch.zeros(HIDDEN, dtype=x.dtype) for kept in cell.states}
        states = []
        for x_t in x:
            known = run(cell.ops, {**weights, "x": x_t, **state})
            state = {f"{kept}_prev": known[kept] for kept in cell.states}
            states.append(known["h"])
        torch.autograd.grad(loss_fn(torch.stack(states)).sum(), list(weights.values()))

    return once
