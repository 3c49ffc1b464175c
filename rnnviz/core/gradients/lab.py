"""A one-layer network made to order, so that one cause can be moved and everything else held.

    recipe = Recipe("rnn", hidden_size=32, input_size=8, seed=0)
    trace = run_recipe(replace(recipe, spectral_radius=1.1), sample(50, 8, seed=0))
    flow_of(trace, last_sum)

Same seed, same draws: every parameter is drawn first and the knobs are applied after, so two recipes of a cell that
differ in one knob differ in nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.gradients.factors import product_norms, singular_values, step_jacobians
from rnnviz.core.gradients.flow import LossFunction
from rnnviz.core.gradients.pullback import norm
from rnnviz.core.gradients.squash import LARGEST_SLOPE
from rnnviz.core.record import Head
from rnnviz.core.trace import Array, Trace
from rnnviz.core.unroll import unroll

Initialisation = Literal["default", "normal", "orthogonal", "identity"]
INITIALISATIONS: tuple[Initialisation, ...] = get_args(Initialisation)
MOST_UNITS = 256


@dataclass(frozen=True)
class Recipe:
    """What a network is made from. Raises `ValueError` for a value that is not accepted.

    cell: a key of `LAB_CELLS`. The RNN's activation is its cell.
    hidden_size, input_size: 1 to 256.     seed: of all draws, from 0.
    initialisation: of every recurrent matrix. "default" is PyTorch's, U(-1/sqrt(H), 1/sqrt(H)), which all other
        parameters always have; "normal" N(0, 1/H), whose spectral radius is near 1 (Girko 1985); "orthogonal" uniform
        over the orthogonal matrices (Saxe et al. 2014); "identity" (Le et al. 2015).
    spectral_radius, singular_value: what every recurrent matrix is scaled to: its largest |eigenvalue|, or its largest
        singular value; one of the two at most.
    input_gain: every input matrix is multiplied by it.
    forget_bias: what the biases of a forget gate together are set to; None leaves them as drawn.
    """

    cell: str
    hidden_size: int = 32
    input_size: int = 8
    seed: int = 0
    initialisation: Initialisation = "default"
    spectral_radius: float | None = None
    singular_value: float | None = None
    input_gain: float = 1.0
    forget_bias: float | None = None

    def __post_init__(self) -> None:
        if self.cell not in LAB_CELLS:
            raise ValueError(f"no cell {self.cell!r}; accepted: {', '.join(LAB_CELLS)}")
        if self.initialisation not in INITIALISATIONS:
            raise ValueError(f"no initialisation {self.initialisation!r}; accepted: {', '.join(INITIALISATIONS)}")
        for name in ("hidden_size", "input_size"):
            if not 1 <= getattr(self, name) <= MOST_UNITS:
                raise ValueError(f"{name} is {getattr(self, name)}; accepted: 1 to {MOST_UNITS}")
        if not 0 <= self.seed < 2**31:
            raise ValueError(f"seed is {self.seed}; accepted: 0 to {2**31 - 1}")
        for name in ("spectral_radius", "singular_value", "input_gain"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise ValueError(f"{name} is {value}; accepted: a finite number of at least 0")
        if self.spectral_radius is not None and self.singular_value is not None:
            raise ValueError("spectral_radius and singular_value are both set; accepted: one of them, the other None")
        has_forget_gate = LAB_CELLS[self.cell].has_forget_gate
        if self.forget_bias is not None and not (has_forget_gate and np.isfinite(self.forget_bias)):
            values = "a finite number for a cell with a forget gate, None for any other"
            raise ValueError(f"forget_bias is {self.forget_bias} for {self.cell}; accepted: {values}")


def weights_of(recipe: Recipe) -> dict[str, Tensor]:
    """The parameters by the cell's names, float64. The global random state is neither read nor moved."""
    H, bound = recipe.hidden_size, recipe.hidden_size**-0.5
    uniform, other = _generator(recipe.seed, 0), _generator(recipe.seed, 1)
    weights = {}
    for parameter in LAB_CELLS[recipe.cell].parameters:
        kind = parameter.name[:3]
        shape = parameter.shape(recipe.input_size, H)
        weight = bound * (2 * torch.rand(shape, generator=uniform, dtype=torch.float64) - 1)
        if kind == "W_h":
            weight = _scaled(_recurrent(recipe.initialisation, weight, other), recipe)
        elif kind == "W_x":
            weight = recipe.input_gain * weight
        weights[parameter.name] = weight
    if recipe.forget_bias is not None:
        biases = [name for name in LAB_CELLS[recipe.cell].of_block("f") if name.startswith("b_")]
        for name, value in zip(biases, (recipe.forget_bias, 0.0), strict=False):
            weights[name] = torch.full_like(weights[name], value)
    return weights


def _recurrent(initialisation: Initialisation, weight: Tensor, generator: torch.Generator) -> Tensor:
    if initialisation == "default":
        return weight
    if initialisation == "identity":
        return torch.eye(len(weight), dtype=weight.dtype)
    normal = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
    if initialisation == "normal":
        return normal / len(weight) ** 0.5
    Q, R = torch.linalg.qr(normal)
    return Q * torch.diagonal(R).sign()  # without the signs it is not uniform (Mezzadri 2007)


def _scaled(matrix: Tensor, recipe: Recipe) -> Tensor:
    if recipe.spectral_radius is None and recipe.singular_value is None:
        return matrix
    size, radius = (
        (torch.linalg.eigvals(matrix).abs().max(), recipe.spectral_radius)
        if recipe.singular_value is None
        else (torch.linalg.matrix_norm(matrix, 2), recipe.singular_value)
    )
    return matrix * (radius / size)


def sample(steps: int, input_size: int, seed: int) -> Tensor:
    """A sequence to read, N(0, 1), (steps, input_size), float64."""
    return torch.randn(steps, input_size, generator=_generator(seed, 2), dtype=torch.float64)


def _generator(seed: int, stream: int) -> torch.Generator:
    """Streams of one seed that share no draws: else an input would be made of the bits that made a weight."""
    return torch.Generator().manual_seed(3 * seed + stream)


def run_recipe(recipe: Recipe, x: Tensor, *, dtype: torch.dtype = torch.float64) -> Trace:
    """The network's forward pass over x (T, input_size), from a zero state, in `dtype`: torch.float64 or float32."""
    if x.ndim != 2 or len(x) == 0 or x.shape[1] != recipe.input_size:
        raise ValueError(f"x has shape {tuple(x.shape)}; accepted: (T, {recipe.input_size}) with T at least 1")
    cell, x = LAB_CELLS[recipe.cell], x.detach().cpu().to(dtype)
    weights = {name: weight.to(dtype) for name, weight in weights_of(recipe).items()}
    zero = {name: x.new_zeros(1, recipe.hidden_size) for name in cell.states}
    return unroll(cell, [weights], x, zero, tuple(str(t + 1) for t in range(len(x))))


def last_sum(output: Tensor) -> Tensor:
    """The loss of `sum(h_T)` at the last step and none before, (T,): its gradient there is 1 for every unit."""
    return torch.cat([output[:-1].sum(1) * 0, output[-1:].sum(1)])


def every_sum(output: Tensor) -> Tensor:
    """The loss of every step, the sum of its state, (T,): where it arises its gradient is 1 for every unit."""
    return output.sum(1)


def cross_entropies(head: Head, targets: Sequence[int | None]) -> LossFunction:
    """Of the class that is right after each step; where none is known, of the head's own first choice."""

    def losses(output: Tensor) -> Tensor:
        logits = output @ head.weight.T.to(output)
        if head.bias is not None:
            logits = logits + head.bias.to(output)
        own = logits.detach().argmax(1).tolist()
        classes = [best if target is None else target for best, target in zip(own, targets, strict=True)]
        return torch.nn.functional.cross_entropy(logits, torch.tensor(classes), reduction="none")

    return losses


@dataclass(frozen=True, eq=False)
class Spectra:
    """The recurrent matrices of a network and what repeating them does."""

    matrices: Mapping[str, Array]  # (H, H) by name; the one with which new content is made comes first
    eigenvalues: Mapping[str, Array]  # of each, complex (H,)
    radius: float  # the first one's largest |eigenvalue|
    sigma: float  # its largest singular value


def spectra(recipe: Recipe) -> Spectra:
    _, main = LAB_CELLS[recipe.cell].content
    weights = {name: w.numpy() for name, w in weights_of(recipe).items() if name.startswith("W_h")}
    matrices = {name: weights[name] for name in sorted(weights, key=lambda name: name != main)}
    values = {name: np.linalg.eigvals(matrix) for name, matrix in matrices.items()}
    return Spectra(matrices, values, float(np.abs(values[main]).max()), float(singular_values(matrices[main])[0]))


def pascanu_bound(trace: Trace, row: int = 0) -> tuple[Array, float]:
    """(T,), (gamma * sigma)**n for n = 0 ... T - 1, and gamma * sigma: none of ‖dh_t/dh_(t-n)‖ is above it.

    sigma is the largest singular value of W_hh, gamma the largest slope of the activation (1 for tanh, 1/4 for the
    sigmoid). gamma * sigma < 1 is sufficient for vanishing; gamma * sigma > 1 is necessary for exploding, and not
    sufficient (Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, section 2.1).
    The paper's argument is for a plain RNN: `ValueError` for another cell.
    """
    op = trace.cell.op("h")
    if trace.cell.blocks != ("h",):
        raise ValueError(f"the {trace.cell.title} has gates; accepted: an RNN, for which the bound was derived")
    gamma = LARGEST_SLOPE.get(op.kind, 1.0)  # without squashing the slope is 1
    factor = gamma * float(singular_values(trace.weights[row]["W_hh"])[0])
    with np.errstate(over="ignore"):
        return np.power(factor, np.arange(len(trace))), factor


@dataclass(frozen=True, eq=False)
class Forgetting:
    """The distant past, lost twice. Each (T,), from the step of the first token on.

    forward: ‖h_t - h'_t‖ between two sequences that differ in the first token only.
    backward: ‖dh_t/dh_1‖, the most by which any loss at t can answer to the state after the first token.
    """

    forward: Array
    backward: Array


def forgetting(recipe: Recipe, x: Tensor, first: Tensor) -> Forgetting:
    """Both losses of the first token on one axis. first: (input_size,), what the second sequence reads instead."""
    other = x.clone()
    if first.shape != x.shape[1:]:
        raise ValueError(f"first has shape {tuple(first.shape)}; accepted: {tuple(x.shape[1:])}")
    other[0] = first
    trace, other_trace = run_recipe(recipe, x), run_recipe(recipe, other)
    H, J = recipe.hidden_size, step_jacobians(trace).jacobians
    # From h_1 only, the LSTM's c_1 held, as in `gradient_flow`.
    products = [np.eye(len(J[0]))[:, :H]]
    with np.errstate(over="ignore", invalid="ignore"):
        for step in J[1:]:
            products.append(step @ products[-1])
        apart = norm(trace["h"][0] - other_trace["h"][0])
    return Forgetting(apart, product_norms(np.stack(products)[:, :H], J[1:]))
