"""What a run on a series forecasts: against the modules of PyTorch, one window at a time, and against exact cases."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.core.cells import CELLS
from rnnviz.core.forecast import Array, Walk, naive, origins
from rnnviz.tasks.catalogue import SERIES
from rnnviz.tasks.series.catalogue import series_of, split_of
from rnnviz.tasks.series.setup import Setup
from rnnviz.tasks.series.task import scaling
from rnnviz.training import Config, Trainer
from rnnviz.training.forecast import Forecaster, forecaster
from rnnviz.training.model import build
from tests.tasks.series.test_setup import setups

CLOSE = 1e-5  # of a deviation


def config(setup: Setup, **changes: object) -> Config:
    fixed = {"task": SERIES, "text": setup.to_text(), "length": max(2, setup.steps), "hidden_size": 6}
    return Config(**{**fixed, **changes})


def fresh(setup: Setup, cell: str = "gru", seed: int = 0) -> tuple[Config, Forecaster]:
    settings = config(setup, cell=cell, seed=seed)
    return settings, forecaster(settings, build(settings, 1, setup.outputs).keep())


def by_hand(settings: Config, setup: Setup, values: Array, origin: int, told: Array | None) -> Array:
    """One forecast from a trace of each window."""
    model, scale = build(settings, 1, setup.outputs), scaling(setup)

    def last_outputs(read: Array) -> Array:
        h = torch.tensor(rnnviz.record(model.rnn, torch.tensor(read[:, None]).float()).output)
        return (h.double() @ model.W_hy.detach().double().T + model.b_y.detach().double()).numpy()

    window = scale.scaled(values[origin - setup.window : origin])
    base = window[-1] if setup.relative == "change" else 0.0
    if setup.shape == "point":
        found = last_outputs(np.array([window[-1], *[0.0] * (setup.horizon - 1)]))[:, 0] + base
    elif setup.shape == "direct":
        found = last_outputs(window - base)[-1] + base
    else:
        found = np.zeros(setup.horizon)
        for step in range(setup.horizon):
            base = window[-1] if setup.relative == "change" else 0.0
            found[step] = last_outputs(window - base)[-1, 0] + base
            came = found[step] if told is None else scale.scaled(told[step])
            window = np.append(window[1:], came)
    return found * scale.deviation + scale.mean


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(("elnino", "co2", "sines")).flatmap(setups),
    st.sampled_from(tuple(CELLS)),
    st.integers(0, 9),
    st.booleans(),
)
def test_a_forecast_is_what_the_network_alone_gives_for_each_window(
    setup: Setup, cell: str, seed: int, told: bool
) -> None:
    series = series_of(setup.series)
    places = np.array([100, 150, len(series.values) - setup.horizon])
    run, network = fresh(setup, cell, seed)
    found = network(series.values, places, setup.horizon, told=told)
    for origin, forecast in zip(places, found, strict=True):
        truth = series.values[origin : origin + setup.horizon] if told else None
        expected = by_hand(run, setup, series.values, int(origin), truth)
        np.testing.assert_allclose(forecast, expected, atol=20 * CLOSE * scaling(setup).deviation)


def test_beyond_its_shape_nothing_is_forecast_and_a_step_at_a_time_goes_on() -> None:
    series = series_of("elnino")
    places = np.array([600, 650])
    for shape, known in (("direct", 5), ("point", 5), ("step", 9)):
        _, network = fresh(Setup("elnino", 1 if shape == "point" else 12, 5, shape))
        found = network(series.values, places, 9)
        assert np.isfinite(found[:, :known]).all()
        assert np.isnan(found[:, known:]).all()


def test_told_the_truth_it_stops_where_the_truth_does() -> None:
    values = series_of("elnino").values
    _, network = fresh(Setup("elnino", 12, 4, "step"))
    found = network(values, np.array([len(values) - 2]), 4, told=True)
    assert np.isfinite(found[0, :3]).all()  # the third is of the value after the last
    assert np.isnan(found[0, 3])


@pytest.mark.parametrize("cell", CELLS)
def test_states_and_gates_are_those_of_a_trace(cell: str) -> None:
    values, places = series_of("elnino").values, np.array([100, 333])
    setup = Setup("elnino", 9, 3)
    _, network = fresh(setup, cell)
    inside = network.inside(values, places)
    for n, origin in enumerate(places):
        window = network.scaling.scaled(values[origin - 9 : origin])
        trace = rnnviz.record(network.model.rnn, torch.tensor(window[:, None]).float())
        np.testing.assert_allclose(inside.h[n], trace.output, atol=CLOSE)
        assert set(inside.gates) == set(CELLS[cell].gates)
        for gate, means in inside.gates.items():
            np.testing.assert_allclose(means[n], trace[gate][0].mean(1), atol=CLOSE)


def test_a_run_learns_and_the_same_seed_gives_the_same_curve() -> None:
    setup = Setup("sine", 16, 6)
    run = config(setup, cell="gru", hidden_size=12, learning_rate=0.01)
    forecasts = []
    for _ in range(2):
        trainer = Trainer(run, iterations=200, watched=False)
        while not trainer.finished:
            trainer.advance()
        series = series_of("sine")
        places = origins(len(series.values), split_of(series), 6, 40)
        forecasts.append(forecaster(run, trainer.model.keep())(series.values, places, 6))
    np.testing.assert_array_equal(*forecasts)
    plain = naive(series.values, places, 6, 16, series.period)
    walk = Walk(series.values, split_of(series), 16, series.period, places, {"network": forecasts[0], **plain})
    assert walk.skill("network", 6) > 0.9
    assert walk.mae("network", 6) == pytest.approx(np.abs(forecasts[0] - walk.truth).mean())
