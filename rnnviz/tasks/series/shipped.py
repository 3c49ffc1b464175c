"""The real series that ship with the project: the package that each is from, how it is cleaned, and its file.

`python -m rnnviz.tasks.series` writes the files of `data/` out of the packages, which are fetched as those of
`rnnviz.tasks.packages` are. A file has a header and a line a value: when it was, and the value.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnviz.tasks.packages import Package, read
from rnnviz.tasks.series.series import Series, Step

FOLDER = Path(__file__).with_name("data")
MONTHS = range(1, 13)
Rows = list[dict[str, str]]


def daily_maxima(rows: Rows) -> Mapping[str, float]:
    """Seattle, by the day; no day is missing."""
    return {row["date"].replace("/", "-"): float(row["temp_max"]) for row in rows}


def monthly_means(rows: Rows) -> Mapping[str, float]:
    """Mauna Loa, by the month: the mean of the weeks whose Saturday lies in it, to 0.01 ppm.

    Weeks without a value are left out. The five months without any (June and October 1958, February to April 1964) are
    filled by a straight line between their neighbours.
    """
    weeks: dict[str, list[float]] = {}
    for row in rows:
        month = weeks.setdefault(f"{row['date'][:4]}-{row['date'][4:6]}", [])
        if row["co2"]:
            month.append(float(row["co2"]))
    place, known = np.arange(len(weeks)), np.array([bool(values) for values in weeks.values()])
    means = np.interp(place, place[known], [np.mean(values) for values in weeks.values() if values])
    return dict(zip(weeks, means.round(2).tolist(), strict=True))


def weekly_values(rows: Rows) -> Mapping[str, float]:
    """Mauna Loa, by the week, to 0.1 ppm; the weeks without a value are filled by a straight line between their
    neighbours."""
    dates = [f"{row['date'][:4]}-{row['date'][4:6]}-{row['date'][6:]}" for row in rows]
    known = np.array([bool(row["co2"]) for row in rows])
    place, values = np.arange(len(rows)), [float(row["co2"]) for row in rows if row["co2"]]
    return dict(zip(dates, np.interp(place, place[known], values).round(1).tolist(), strict=True))


def months_of_years(rows: Rows) -> Mapping[str, float]:
    """The ocean off Peru, by the month: a row a year, whose twelve columns after the first are its months."""
    return {
        f"{year}-{month:02}": float(value)
        for year, *values in map(dict.values, rows)
        for month, value in zip(MONTHS, values, strict=True)
    }


def yearly_numbers(rows: Rows) -> Mapping[str, float]:
    """Sunspots, by the year."""
    return {row["YEAR"]: float(row["SUNACTIVITY"]) for row in rows}


@dataclass(frozen=True)
class Shipped:
    """A series that ships, and all that its file does not say."""

    package: Package
    clean: Callable[[Rows], Mapping[str, float]]  # the package's rows -> when to value, in order
    step: Step
    period: int
    unit: str


def _statsmodels(inside: str, by: str) -> Package:
    return Package(
        file="statsmodels-0.15.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        sha256="b67886b66d9c7ca118526accedb5c6de7ffd74c015dc0492ea0b1690192b65da",
        licence="public domain",
        by=f"{by}, as statsmodels 0.15.0 carries it",
        fetch="pip download --no-deps --only-binary :all: --python-version 3.11 --platform manylinux_2_28_x86_64"
        " statsmodels==0.15.0",
        inside=f"statsmodels/datasets/{inside}",
    )


MAUNA_LOA = _statsmodels(
    "co2/co2.csv",
    "C.D. Keeling and T.P. Whorf, Atmospheric CO2 concentrations derived from flask air samples at sites in the SIO"
    " network, Carbon Dioxide Information Analysis Center, Oak Ridge 2004",
)

# A year is a season of the temperatures, and longer than what is read of them: for forecasts of days they have none.
# The eleven years of the sunspots are an average; cycles of nine to fourteen years were seen.
SHIPPED: Mapping[str, Shipped] = {
    "temperature": Shipped(
        package=Package(
            file="vega_datasets-0.9.0-py3-none-any.whl",
            sha256="3d7c63917be6ca9b154b565f4779a31fedce57b01b5b9d99d8a34a7608062a1d",
            licence="public domain",
            by="NOAA, daily records of Seattle, as vega_datasets 0.9.0 carries them",
            fetch="pip download --no-deps vega-datasets==0.9.0",
            inside="vega_datasets/_data/seattle-weather.csv",
        ),
        clean=daily_maxima,
        step="day",
        period=1,
        unit="°C",
    ),
    "co2": Shipped(package=MAUNA_LOA, clean=monthly_means, step="month", period=12, unit="ppm"),
    # A year has 52.18 weeks.
    "co2-weekly": Shipped(package=MAUNA_LOA, clean=weekly_values, step="week", period=52, unit="ppm"),
    "elnino": Shipped(
        package=_statsmodels("elnino/elnino.csv", "NOAA National Weather Service, ERSST.V3B, Niño 1+2"),
        clean=months_of_years,
        step="month",
        period=12,
        unit="°C",
    ),
    "sunspots": Shipped(
        package=_statsmodels("sunspots/sunspots.csv", "National Geophysical Data Center, NOAA"),
        clean=yearly_numbers,
        step="year",
        period=11,
        unit="",
    ),
}


def cleaned(name: str) -> Mapping[str, float]:
    """When to value, out of the package. Raises as `rnnviz.tasks.packages.read` does."""
    (content,) = read(SHIPPED[name].package).values()
    return SHIPPED[name].clean(list(csv.DictReader(content.decode("utf-8").splitlines())))


def written(values: Mapping[str, float]) -> str:
    """The file of a series."""
    return "".join(["when,value\n", *(f"{when},{value}\n" for when, value in values.items())])


def shipped(name: str) -> Series:
    """A series out of its file. Raises `KeyError` for one that does not ship."""
    of = SHIPPED[name]
    text = (FOLDER / f"{name}.csv").read_text(encoding="utf-8")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    values = np.array([float(value) for _, value in rows])
    return Series(name, values, of.step, rows[0][0], of.period, of.unit, of.package.by, of.package.licence)
