"""Visitors' series are found while they are among the latest, whoever asks from whichever thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rnnviz.tasks.series import kept as room
from rnnviz.tasks.series.catalogue import series_of
from rnnviz.tasks.series.kept import MOST, keep, kept
from rnnviz.tasks.series.own import read
from rnnviz.tasks.series.series import Series


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    room._SERIES.clear()


def own(number: int) -> Series:
    return read("\n".join(str((i * 7 + number) % (13 + number)) for i in range(100))).series


def test_a_kept_series_is_found_by_its_name() -> None:
    series = own(0)
    assert kept(series.name) is None
    with pytest.raises(ValueError, match="or one that is kept"):
        series_of(series.name)
    assert keep(series) == series.name
    assert kept(series.name) is series_of(series.name) is series


def test_the_one_that_was_not_asked_for_longest_is_forgotten() -> None:
    every = [own(number) for number in range(MOST + 2)]
    for series in every[:MOST]:
        keep(series)
    assert kept(every[0].name) is every[0]  # asked for again
    keep(every[1])  # kept again
    for series in every[MOST:]:
        keep(series)
    gone = [i for i, series in enumerate(every) if kept(series.name) is None]
    assert gone == [2, 3]


def test_what_ships_is_never_another() -> None:
    keep(Series("co2", np.zeros(80), "step", "", 1, "", "", ""))
    assert series_of("co2").unit == "ppm"


def test_from_many_threads_no_more_are_kept_and_none_is_lost() -> None:
    every = [own(number) for number in range(MOST // 2)]

    def often(number: int) -> bool:
        series = every[number % len(every)]
        return keep(series) == series.name and kept(series.name) is not None

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(often, range(2000)))
    assert len(room._SERIES) == len(every)
