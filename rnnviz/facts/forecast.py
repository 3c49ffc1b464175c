"""What is noticed in forecasts of a series: how far off each forecaster is, beside those that need no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from rnnviz.core.forecast import Walk
from rnnviz.facts.notice import Notice, Values

ALIKE = 0.05  # of an error: two that differ by less are as good
SKILLED = 0.1  # a skill from which on a forecaster knows more than the one it is held against
MOSTLY = 0.75  # a share of forecasts on one side from which on they lie there


def unit_text(unit: str) -> str:
    """A unit as it stands behind a number, with the space before it; nothing where there is none."""
    return f"\N{NO-BREAK SPACE}{unit}" if unit else ""


def outcomes(walk: Walk, main: str, ahead: int, unit: str) -> Iterator[Notice]:
    """Of `main` over all origins, up to `ahead` steps: beside the last value, beside the best of the other forecasts
    without a network, and beside the best linear predictor where the walk has it."""
    base: Values = {"count": len(walk.origins), "ahead": ahead, "unit": unit_text(unit)}
    error, last = walk.mae(main, ahead), walk.mae("last", ahead)
    if last == 0:  # the series stands still: there is nothing to be better at
        yield Notice("forecast_still", 0, {**base, "error": error})
        return
    skill = walk.skill(main, ahead)
    kind = "better" if skill >= SKILLED else "alike" if skill > -SKILLED else "worse"
    yield Notice(f"forecast_{kind}", 0, {**base, "error": error, "other": last, "skill": skill})
    for name in (one for one in ("season", "linear") if one in walk.forecasts):
        skill = walk.skill(main, ahead, name)
        kind = "less" if skill > ALIKE else "alike" if skill > -ALIKE else "more"
        yield Notice(f"forecast_{name}_{kind}", 0, {**base, "error": error, "other": walk.mae(name, ahead)})


def growth(walk: Walk, names: Mapping[str, str], unit: str) -> Iterator[Notice]:
    """How the error of each forecaster grows from the first step ahead to the last.     names: what each is called."""
    for name, called in names.items():
        steps = walk.by_step(name)
        last = int(np.flatnonzero(np.isfinite(steps))[-1])
        values: Values = {"name": called, "first": float(steps[0]), "last": float(steps[last]), "ahead": last + 1}
        yield Notice("forecast_growth", 0, {**values, "unit": unit_text(unit)})


def below(walk: Walk, name: str, ahead: int) -> float:
    """The share of forecasts that lie below what came."""
    error = walk.error(name)[:, :ahead]
    return float((error[np.isfinite(error)] < 0).mean())
