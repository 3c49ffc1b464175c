"""A forecast as lines of PyTorch that anyone can run: the network trained again, and its forecast of one origin."""

from rnnviz.tasks.series.setup import Setup
from rnnviz.training.config import Config

_LINES = """\
import torch
from rnnviz.tasks.series.catalogue import series_of, split_of
{own_import}from rnnviz.training import Config, Trainer

{own}trainer = Trainer(Config({config}), iterations={iterations}, watched=False)
while not trainer.finished:
    trainer.advance()
rnn, W_hy, b_y = trainer.model.rnn, trainer.model.W_hy, trainer.model.b_y

series = series_of({series!r})
values = torch.tensor(series.values)
known = {known}
mean, deviation = known.mean(), known.std(correction=0)
window = ((values[{start}:{origin}] - mean) / deviation).float()
base = {base}
{forecast}
for value in forecast.double() * deviation + mean:  # {horizon} values from place {origin} on
    print(float(value))
"""
_OWN_IMPORT = """\
from pathlib import Path
from rnnviz.tasks.series.kept import keep
from rnnviz.tasks.series.own import read
"""
_OWN = """\
keep(read(Path("series.csv").read_bytes()).series)  # what was pasted, saved as a file
"""
_DIRECT = """\
with torch.no_grad():
    h, *_ = rnn((window - base)[:, None, None])  # (T, 1, H)
    forecast = W_hy @ h[-1, 0] + b_y + base"""
_STEP = """\
forecast = torch.empty({horizon})
for step in range({horizon}):
    with torch.no_grad():
        h, *_ = rnn((window - base)[:, None, None])
        forecast[step] = W_hy @ h[-1, 0] + b_y + base
    window = torch.cat([window[1:], forecast[step:step + 1]]){again}"""
_POINT = """\
x = torch.cat([window, torch.zeros({rest})])  # one value, then nothing
with torch.no_grad():
    h, *_ = rnn(x[:, None, None])
    forecast = (h[:, 0] @ W_hy.T + b_y)[:, 0] + base"""


def forecast_lines(config: Config, iterations: int, origin: int) -> str:
    """config: of a run on a series, which has ended after so many iterations.     origin: the first value that is
    forecast (from 0)."""
    setup = Setup.from_text(config.text)
    own = setup.series.startswith("own:")
    relative = setup.relative == "change"
    forecast = {"direct": _DIRECT, "step": _STEP, "point": _POINT}[setup.shape].format(
        horizon=setup.horizon, rest=setup.horizon - 1, again="\n    base = window[-1]" if relative else ""
    )
    settings = ", ".join(f"{name}={value!r}" for name, value in _settings(config).items())
    return _LINES.format(
        own_import=_OWN_IMPORT if own else "",
        own=_OWN if own else "",
        config=settings,
        iterations=iterations,
        series=setup.series,
        known="values  # the future too" if setup.scaled == "all" else "values[:split_of(series)]",
        start=origin - setup.window,
        origin=origin,
        base="window[-1]" if relative else "0",
        forecast=forecast,
        horizon=setup.horizon,
    )


def _settings(config: Config) -> dict[str, object]:
    """What differs from a config's defaults."""
    return {name: getattr(config, name) for name in ("task", *config.to_text())}
