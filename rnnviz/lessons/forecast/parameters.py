"""What the URL of the lesson "Forecast" holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import get_args

import numpy as np

from rnnviz.tasks.series.catalogue import SERIES_NAMES, series_of, split_of
from rnnviz.tasks.series.series import Series
from rnnviz.tasks.series.setup import HORIZONS, WINDOWS, Relative, Shape
from rnnviz.training.config import Rule
from rnnviz.ui.url.kinds import Choice, Setting, Whole
from rnnviz.ui.url.parameters import DETAILS, Param, Values
from rnnviz.zoo import CELL_NAMES

PARTS = ("look", "shapes", "train", "wrong")  # one shown at a time
FLAWS = ("copy", "short", "trend", "leak", "horizon")  # what goes wrong on purpose
MENDED = ("no", "yes")
ORIGINS = 200  # places of the test from which is forecast, at the most
ITERATIONS = 2000  # of a run, at the most
UNITS = 64  # of a network, at the most
STEADY = 0.8  # correlation of a series with time, from which on it is taken to grow or fall steadily
_OWN = re.compile(r"own:[0-9a-f]{12}")
_RUN = ("series", "window", "horizon")


@dataclass(frozen=True)
class SeriesName:
    """A series that ships, or the name of one that a visitor has brought, whether it is still there or not."""

    @property
    def accepts(self) -> Rule:
        return Rule("series", {"options": SERIES_NAMES})

    def parse(self, raw: str) -> str:
        if raw not in SERIES_NAMES and not _OWN.fullmatch(raw):
            raise ValueError(raw)
        return raw

    def write(self, value: str) -> str:
        return value


def there(name: str) -> Series | None:
    """The series of this name; None for a visitor's that is gone."""
    try:
        return series_of(name)
    except ValueError:
        return None


def room(series: Series) -> int:
    """How many values a window and its horizon may have together, so that there are as many windows to train on."""
    return split_of(series) // 2


def reach(series: Series) -> int:
    """How far ahead a horizon may go: the test has to have that many values."""
    return len(series.values) - split_of(series)


def _window(values: Values) -> int:
    """Two seasons, or two weeks of days, as far as there is room."""
    series = there(values["series"])
    if series is None:
        return 24
    wanted = 2 * series.period if series.period > 1 else 14 if series.step == "day" else 24
    return int(min(max(wanted, WINDOWS[0]), 48, room(series) * 2 // 3))


def _horizon(values: Values) -> int:
    series = there(values["series"])
    wanted = 7 if series and series.step == "day" else 12
    return wanted if series is None else int(min(wanted, max(1, reach(series) // 2)))


def _relative(values: Values) -> Relative:
    series = there(values["series"])
    if series is None:
        return "level"
    known = series.values[: split_of(series)]
    steady = abs(float(np.corrcoef(known, np.arange(len(known)))[0, 1])) > STEADY
    return "change" if steady else "level"


PARAMETERS = (
    Param("part", Choice(PARTS), lambda _: PARTS[0], resets=("t", "row")),
    Param(
        "series",
        SeriesName(),
        lambda _: "elnino",
        resets=("window", "horizon", "relative", "origin", "ahead", "t", "row"),
    ),
    Param("window", Whole(*WINDOWS), _window, ("series",), ("t", "row")),
    Param("horizon", Whole(*HORIZONS), _horizon, ("series",), ("ahead", "t", "row")),
    Param("shape", Choice(get_args(Shape)), lambda _: "direct", resets=("t", "row")),
    Param("relative", Choice(get_args(Relative)), _relative, ("series",), ("row",)),
    Param("cell", Choice(CELL_NAMES), lambda _: "gru", resets=("row",)),
    Param("hidden_size", Whole(1, UNITS), lambda _: 24, resets=("row",)),
    Param("learning_rate", Setting("learning_rate"), lambda _: 0.01),
    Param("seed", Whole(0, 9999), lambda _: 0, resets=("row",)),
    Param("iterations", Whole(1, ITERATIONS), lambda _: 400, resets=("row",)),
    Param("flaw", Choice(FLAWS), lambda _: FLAWS[0], resets=("mended", "ahead")),
    Param("mended", Choice(MENDED), lambda _: MENDED[0], ("flaw",)),
    Param("origin", Whole(1, ORIGINS), lambda _: None, _RUN),
    Param("ahead", Whole(1, HORIZONS[1]), lambda _: None, _RUN),
    Param("t", Whole(1, WINDOWS[1] + HORIZONS[1] + 1), lambda _: None, _RUN),
    Param("row", Whole(0, ITERATIONS), lambda _: 0, _RUN),
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
)
