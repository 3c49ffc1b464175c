"""What a run on a series forecasts from many places of it, and what its network holds meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.core.forecast import Array
from rnnviz.core.network import run
from rnnviz.core.weights import cell_weights
from rnnviz.tasks.series.setup import Setup
from rnnviz.tasks.series.task import Scaling, read, scaling
from rnnviz.training import flow
from rnnviz.training.config import Config
from rnnviz.training.model import Parameters, TaskModel, build

Origins = NDArray[np.int_]


@dataclass(frozen=True, eq=False)
class Inside:
    """What the top layer holds after each value that is read: of each of n windows, of T steps."""

    h: Array  # (n, T, H)
    gates: Mapping[str, Array]  # by the gate's symbol: (n, T), the mean over its units


@dataclass(frozen=True, eq=False)
class Forecaster:
    """A network as it was at one moment of a run.     model: is not changed."""

    setup: Setup
    scaling: Scaling
    model: TaskModel

    def __call__(self, values: Array, origins: Origins, horizon: int, *, told: bool = False) -> Array:
        """(n, horizon), in the series' own unit: the values from each origin on; NaN beyond what the shape can give.

        values: (N,), the series.     origins: (n,), each at least `setup.window`.
        told: whether a network that goes on step by step is given what really came, in place of its own output
            (teacher forcing); NaN where that is not known. Without effect on the other shapes.
        """
        windows = self._windows(values, origins)
        if self.setup.shape == "step":
            return self._step_by_step(values, windows, origins, horizon, told=told)
        found = self._outputs(windows)
        return np.pad(found, ((0, 0), (0, max(0, horizon - found.shape[1]))), constant_values=np.nan)[:, :horizon]

    @torch.no_grad()
    def inside(self, values: Array, origins: Origins) -> Inside:
        """What the network holds over the window of each origin, shaped as `__call__` has them."""
        x, _ = read(self.setup, self._windows(values, origins))
        rnn, cell, top = self.model.rnn, self.model.cell, self.model.rnn.num_layers - 1
        inputs, states = flow.layers(self.model, _time_first(x))[top]
        weights = cell_weights(rnn, cell, top)
        before = {f"{name}_prev": flow.one_earlier(over) for name, over in states.items()}
        # All windows and all of their steps at once: what each step starts from is known.
        results = run(cell.ops, {**weights, "x": inputs, **before})
        gates = {name: results[name].mean(2).T.double().numpy() for name in cell.gates}
        return Inside(states["h"].transpose(0, 1).double().numpy(), gates)

    def _windows(self, values: Array, origins: Origins) -> Array:
        """(n, window), scaled: what is read before each origin."""
        places = origins[:, None] + np.arange(-self.setup.window, 0)
        return self.scaling.scaled(values[places])

    @torch.no_grad()
    def _outputs(self, windows: Array) -> Array:
        """(n, outputs or, of one point, horizon), in the series' own unit."""
        x, base = read(self.setup, windows)
        h = flow.forward(self.model, _time_first(x))
        asked = h if self.setup.shape == "point" else h[-1:]
        outputs = self.model.read_out(asked).double().numpy()
        steps = outputs[..., 0].T if self.setup.shape == "point" else outputs[0]
        found: Array = (steps + base) * self.scaling.deviation + self.scaling.mean
        return found

    def _step_by_step(self, values: Array, windows: Array, origins: Origins, horizon: int, *, told: bool) -> Array:
        """The window moves on by one value a step, of which the last is its own output."""
        found = np.full((len(origins), horizon), np.nan)
        for step in range(horizon):
            if told:
                known = origins + step <= len(values)
                if known.any():
                    found[known, step] = self._outputs(self._windows(values, origins[known] + step))[:, 0]
                continue
            found[:, step] = self._outputs(windows)[:, 0]
            windows = np.concatenate([windows[:, 1:], self.scaling.scaled(found[:, step : step + 1])], axis=1)
        return found


def _time_first(x: Array) -> Tensor:
    """(n, T) -> (T, n, 1), as the kernels read it."""
    return torch.tensor(x.T[..., None]).float()


def forecaster(config: Config, parameters: Parameters) -> Forecaster:
    """config: of a run whose task is "series".     parameters: its weights, as `TaskModel.keep` gives them.

    Raises `ValueError` for a text that names no series that is there."""
    setup = Setup.from_text(config.text)
    model = build(config, 1, setup.outputs)
    model.load(parameters)
    return Forecaster(setup, scaling(setup), model)
