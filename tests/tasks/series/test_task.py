"""The task of forecasting: what is read and asked is in the series, in its order, on its own side of the split."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator

from rnnviz.tasks.catalogue import SERIES, task_of
from rnnviz.tasks.series.catalogue import SERIES_NAMES, series_of, split_of
from rnnviz.tasks.series.kept import keep
from rnnviz.tasks.series.series import Series
from rnnviz.tasks.series.setup import Setup
from rnnviz.tasks.series.task import scaling
from tests.tasks.series.test_setup import setups

COUNT = 12
SHORT = Series("own:short", np.arange(80.0), "step", "", 1, "", "", "")


def fits(setup: Setup) -> bool:
    series = series_of(setup.series)
    return setup.window + setup.horizon <= len(series.values) - split_of(series)


@given(st.sampled_from(SERIES_NAMES).flatmap(setups).filter(fits), st.booleans(), st.integers(0, 99))
def test_what_is_asked_follows_what_is_read_on_its_side_of_the_split(setup: Setup, unseen: bool, seed: int) -> None:
    series, task = series_of(setup.series), task_of(SERIES, setup.to_text())
    values, split, scale = series.values, split_of(series), scaling(setup)
    batch = task.batch(Generator().manual_seed(seed), COUNT, setup.steps, unseen=unseen)
    assert batch.x.shape == (setup.steps, COUNT, 1)
    asked = setup.horizon if setup.shape != "step" else 1
    for n in range(COUNT):
        read, target = batch.x[:, n, 0].double().numpy(), batch.y[:, n].double().numpy().ravel()
        assert len(target) == asked
        found = []
        for origin in range(setup.window, len(values) - asked + 1):
            if (origin >= split) != unseen or (not unseen and origin + asked > split):
                continue
            window = scale.scaled(values[origin - setup.window : origin])
            base = window[-1] if setup.relative == "change" else 0.0
            expected = window[-1:] if setup.shape == "point" else window - base
            own = read[:1] if setup.shape == "point" else read
            coming = scale.scaled(values[origin : origin + asked]) - base
            found.append(np.allclose(own, expected, atol=1e-5) and np.allclose(target, coming, atol=1e-5))
        assert any(found)
        if setup.shape == "point":
            assert not read[1:].any()


@pytest.mark.parametrize("name", SERIES_NAMES)
def test_the_scale_is_of_what_is_trained_on_or_of_all(name: str) -> None:
    series = series_of(name)
    known, every = series.values[: split_of(series)], series.values
    past, whole = (scaling(Setup(name, scaled=scaled)) for scaled in ("past", "all"))
    assert (past.mean, past.deviation) == (known.mean(), known.std())
    assert (whole.mean, whole.deviation) == (every.mean(), every.std())
    standard = past.scaled(known)
    assert abs(standard.mean()) < 1e-9
    assert standard.std() == pytest.approx(1)


def test_a_window_and_a_horizon_that_do_not_fit_are_refused_and_so_is_a_series_that_is_gone() -> None:
    with pytest.raises(ValueError, match="together; accepted for this series"):
        task_of(SERIES, Setup(keep(SHORT), 64, 36).to_text())
    with pytest.raises(ValueError, match="no series"):
        task_of(SERIES, Setup("own:0123456789ab").to_text())
    with pytest.raises(ValueError, match="accepted"):
        task_of(SERIES, "no setup")


def test_a_draw_uses_its_generator_alone() -> None:
    task, state = task_of(SERIES, Setup("elnino").to_text()), torch.get_rng_state()
    one, other = (task.batch(Generator().manual_seed(3), 8, 24) for _ in range(2))
    assert torch.equal(one.x, other.x)
    assert torch.equal(torch.get_rng_state(), state)
