"""The lines that the lesson prints, run as they are, give the forecast that it draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnviz.snippets.forecast import forecast_lines
from rnnviz.tasks.catalogue import SERIES
from rnnviz.tasks.series.catalogue import series_of
from rnnviz.tasks.series.kept import keep
from rnnviz.tasks.series.own import read
from rnnviz.tasks.series.setup import Setup
from rnnviz.tasks.series.task import scaling
from rnnviz.training import Config, Trainer
from rnnviz.training.forecast import forecaster

OWN = "\n".join(f"{np.sin(t / 3) + t / 50:.6f}" for t in range(120))
SETUPS = [
    Setup("elnino", 12, 6),
    Setup("co2", 12, 6, "direct", "all", "change"),
    Setup("sunspots", 8, 5, "step"),
    Setup("co2", 9, 4, "step", "past", "change"),
    Setup("sines", 1, 6, "point"),
    Setup("growing", 1, 6, "point", "past", "change"),
]


def config(setup: Setup, cell: str) -> Config:
    length = max(2, setup.steps)
    return Config(task=SERIES, text=setup.to_text(), cell=cell, length=length, hidden_size=5, seed=3)


def forecast(run: Config, iterations: int, origin: int) -> np.ndarray:
    trainer = Trainer(run, iterations=iterations, watched=False)
    while not trainer.finished:
        trainer.advance()
    network = forecaster(run, trainer.model.keep())
    values = series_of(network.setup.series).values
    return network(values, np.array([origin]), network.setup.horizon)[0]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("setup", SETUPS, ids=Setup.to_text)
def test_the_lines_print_the_forecast(setup: Setup, cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    run, origin = config(setup, cell), len(series_of(setup.series).values) - setup.horizon - 3
    exec(compile(forecast_lines(run, 4, origin), "lines", "exec"), {})
    printed = [float(line) for line in capsys.readouterr().out.split()]
    np.testing.assert_allclose(printed, forecast(run, 4, origin), atol=1e-5 * scaling(setup).deviation)


def test_of_a_pasted_series_the_lines_read_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "series.csv").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    setup = Setup(keep(read(OWN).series), 8, 3)
    run = config(setup, "gru")
    exec(compile(forecast_lines(run, 3, 110), "lines", "exec"), {})
    printed = [float(line) for line in capsys.readouterr().out.split()]
    np.testing.assert_allclose(printed, forecast(run, 3, 110), atol=1e-5 * scaling(setup).deviation)
