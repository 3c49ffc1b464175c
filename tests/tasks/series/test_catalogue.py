"""The series that ship, against what their packages say of them; those that are known exactly; when each value was."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.forecast import linear, linear_forecast, origins, season
from rnnviz.tasks.series import __main__, shipped
from rnnviz.tasks.series.catalogue import SERIES_NAMES, series_of, split_of, when
from rnnviz.tasks.series.exact import EXACT
from rnnviz.tasks.series.series import Series, Step
from rnnviz.tasks.series.shipped import FOLDER, SHIPPED, monthly_means, months_of_years, weekly_values

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
every_series = pytest.mark.parametrize("name", SERIES_NAMES)
# By name, what is published: how many, when the first and the last was, some values.
PUBLISHED = {
    "temperature": (1461, "2012-01-01", "2015-12-31", {"2012-01-01": 12.8, "2015-12-31": 5.6}),
    "co2": (526, "1958-03", "2001-12", {"1958-03": 316.1, "1958-07": 315.62, "2001-12": 371.02}),
    "co2-weekly": (2284, "1958-03-29", "2001-12-29", {"1958-03-29": 316.1, "1958-04-05": 317.3, "2001-12-29": 371.5}),
    "elnino": (732, "1950-01", "2010-12", {"1950-01": 23.11, "1983-06": 27.43, "2010-12": 22.07}),
    "sunspots": (309, "1700", "2008", {"1700": 5.0, "1957": 190.2, "1996": 8.6, "2008": 2.9}),
}


@every_series
def test_a_series_is_finite_named_and_cannot_be_changed(name: str) -> None:
    series = series_of(name)
    assert series is series_of(name)
    assert series.name == name
    assert series.values.ndim == 1
    assert series.values.dtype == np.float64
    assert np.isfinite(series.values).all()
    assert 1 <= series.period < len(series.values) / 4
    with pytest.raises(ValueError, match="read-only"):
        series.values[0] = 0
    assert (series.licence == series.source == series.start == "") == (name in EXACT)


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_ships_is_what_was_published(name: str) -> None:
    count, first, last, values = PUBLISHED[name]
    series = series_of(name)
    assert (len(series.values), when(series, 0), when(series, count - 1)) == (count, first, last)
    found = {when(series, i): value for i, value in enumerate(series.values.tolist())}
    assert {at: found[at] for at in values} == values


@pytest.mark.parametrize("name", SHIPPED)
def test_the_file_says_when_each_value_was_and_so_does_the_series(name: str) -> None:
    lines = (FOLDER / f"{name}.csv").read_bytes().decode("utf-8").split("\n")
    assert lines[0] == "when,value"
    assert lines[-1] == ""
    series = series_of(name)
    assert [line.split(",")[0] for line in lines[1:-1]] == [when(series, i) for i in range(len(series.values))]


def test_all_files_together_are_small_and_none_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {f"{name}.csv" for name in SHIPPED}
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 100_000


@pytest.mark.parametrize("name", SHIPPED)
def test_the_readme_names_who_published_a_series(name: str) -> None:
    said = " ".join(README.split())
    author = SHIPPED[name].package.by.partition(", as ")[0].partition(", daily")[0]
    assert author.removeprefix("NOAA National Weather Service, ") in said
    assert SHIPPED[name].package.licence == "public domain"


def test_elnino_is_a_row_a_year_in_its_package() -> None:
    values = series_of("elnino").values.reshape(61, 12)
    rows = [{"YEAR": str(1950 + i), **{str(m): f"{v:.3f}" for m, v in enumerate(row)}} for i, row in enumerate(values)]
    assert list(months_of_years(rows).values()) == values.ravel().tolist()


@given(st.lists(st.one_of(st.none(), st.floats(300, 400)), min_size=12, max_size=60))
def test_months_are_means_of_their_weeks_and_a_month_without_any_is_on_the_line(weeks: list[float | None]) -> None:
    """From the first Saturday of a year on. A month at an end has no neighbour to draw a line from: it has weeks."""
    saturdays = np.datetime64("2000-01-01") + 7 * np.arange(len(weeks))
    weeks[0] = weeks[-1] = 350.0
    rows = [
        {"date": str(day).replace("-", ""), "co2": "" if value is None else str(value)}
        for day, value in zip(saturdays, weeks, strict=True)
    ]
    found = monthly_means(rows)
    months = saturdays.astype("datetime64[M]")
    assert list(found) == [str(month) for month in np.arange(months[0], months[-1] + 1)]
    values = np.array(weeks, float)
    means = {}
    for month in np.unique(months):
        there = values[(months == month) & ~np.isnan(values)]
        if len(there):
            means[str(month)] = float(there.mean())
    names = list(found)
    for i, (month, value) in enumerate(found.items()):
        if month in means:
            expected = means[month]
        else:
            before, after = (
                max(j for j in range(i) if names[j] in means),
                min(j for j in range(i, len(names)) if names[j] in means),
            )
            share = (i - before) / (after - before)
            expected = means[names[before]] * (1 - share) + means[names[after]] * share
        assert abs(value - expected) <= 0.005 + 1e-9


@given(st.lists(st.one_of(st.none(), st.floats(300, 400).map(lambda ppm: round(ppm, 1))), min_size=2, max_size=40))
def test_weeks_are_as_measured_and_one_without_a_value_lies_between_its_neighbours(weeks: list[float | None]) -> None:
    weeks[0], weeks[-1] = 340.0, 350.0
    saturdays = np.datetime64("2000-01-01") + 7 * np.arange(len(weeks))
    rows = [
        {"date": str(day).replace("-", ""), "co2": "" if value is None else str(value)}
        for day, value in zip(saturdays, weeks, strict=True)
    ]
    found = weekly_values(rows)
    assert list(found) == [str(day) for day in saturdays]
    values = list(found.values())
    for i, value in enumerate(weeks):
        if value is not None:
            assert values[i] == value
            continue
        before = max(j for j in range(i) if weeks[j] is not None)
        after = min(j for j in range(i, len(weeks)) if weeks[j] is not None)
        share = (i - before) / (after - before)
        assert abs(values[i] - (values[before] * (1 - share) + values[after] * share)) <= 0.05 + 1e-9


def test_the_recipe_writes_the_files_out_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A package of the same layout, with the checksum that is asked for; without it, the command that fetches it."""
    text = '"YEAR","SUNACTIVITY"\n' + "".join(f"{1700 + i},{i % 11}\n" for i in range(30))
    wheel = BytesIO()
    with ZipFile(wheel, "w") as archive:
        archive.writestr("statsmodels/datasets/sunspots/sunspots.csv", text)
        archive.writestr("statsmodels/datasets/elnino/elnino.csv", "another")
    (tmp_path / "packages").mkdir()
    (tmp_path / "data").mkdir()
    of = SHIPPED["sunspots"]
    digest = sha256(wheel.getvalue()).hexdigest()
    forged = replace(of, package=replace(of.package, sha256=digest, by="nobody"))
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path / "packages"))
    for module in (shipped, __main__):
        monkeypatch.setattr(module, "SHIPPED", {"sunspots": forged})
        monkeypatch.setattr(module, "FOLDER", tmp_path / "data")
    with pytest.raises(FileNotFoundError, match=r"pip download .* statsmodels==0.15.0"):
        __main__.main()
    (tmp_path / "packages" / of.package.file).write_bytes(wheel.getvalue())
    __main__.main()
    assert capsys.readouterr().out == "sunspots.csv: 30 values, 1700 to 1729\n"
    series = shipped.shipped("sunspots")
    assert series.values.tolist() == [i % 11 for i in range(30)]
    assert (series.start, series.source) == ("1700", "nobody")


NUMPY = {"hour": "h", "day": "D", "week": "W", "month": "M", "year": "Y"}


@given(
    st.sampled_from(list(NUMPY)),
    st.datetimes(
        min_value=np.datetime64("1000-01-01", "us").item(), max_value=np.datetime64("2999-01-01", "us").item()
    ),
    st.integers(0, 6000),
)
def test_when_a_value_was_is_what_numpys_calendar_says(step: Step, first: object, index: int) -> None:
    unit = NUMPY[step]
    start = np.datetime64(first, "D" if step == "week" else unit)
    later = start + 7 * index if step == "week" else start + index
    said = str(start) + (":00" if step == "hour" else "")
    series = Series("own", np.zeros(3), step, said, 1, "", "", "")
    assert when(series, 0) == said.replace("T", " ")
    assert when(series, index) == (str(later) + (":00" if step == "hour" else "")).replace("T", " ")


def test_plain_steps_are_their_numbers() -> None:
    assert [when(series_of("sine"), i) for i in (0, 17, 1000)] == ["0", "17", "1000"]


@given(st.integers(80, 5000))
def test_the_last_fifth_is_what_no_model_is_trained_on(length: int) -> None:
    split = split_of(Series("own", np.zeros(length), "step", "", 1, "", "", ""))
    assert length - split - 1 < length / 5 <= length - split


@pytest.mark.parametrize("name", ["", "co", "CO2", "../co2", "own:000000000000"])
def test_another_name_is_refused_with_what_is_accepted(name: str) -> None:
    with pytest.raises(
        ValueError, match="accepted: temperature, co2, co2-weekly, elnino, sunspots, sine, sines, growing"
    ):
        series_of(name)


@pytest.mark.parametrize(("name", "waves"), [("sine", 1), ("sines", 3), ("growing", 2)])
def test_what_is_known_exactly_obeys_a_linear_recurrence(name: str, waves: int) -> None:
    """Of 2 values a wave; with the constant's and the line's two, for `growing`."""
    values = series_of(name).values
    window = 2 * waves + (2 if name == "growing" else 0)
    starts = origins(len(values), 320, 24, 60)
    truth = np.stack([values[o : o + 24] for o in starts])
    assert np.abs(linear_forecast(values, starts, linear(values, 320, window, 24)) - truth).max() < 1e-9
    short = linear_forecast(values, starts, linear(values, 320, window - 2, 24))
    assert np.abs(short - truth).max() > 0.05, "and of no shorter one"


def test_a_sine_has_its_season_and_three_have_none() -> None:
    for name, exact in (("sine", True), ("growing", False), ("sines", False)):
        series = series_of(name)
        starts = np.arange(100, 376)
        truth = np.stack([series.values[o : o + 24] for o in starts])
        for period in (series.period,) if exact or name == "growing" else range(2, 100):
            off = np.abs(season(series.values, starts, 24, period) - truth).max()
            assert (off < 1e-12) == exact
    growing = series_of("growing")
    climbed = growing.values[12:] - growing.values[:-12]
    assert np.abs(climbed - 12 * 0.1).max() < 1e-12
    split = split_of(growing)
    assert growing.values[-12:].min() > growing.values[:split].max()
    assert growing.period == 12


def test_a_series_is_read_without_torch() -> None:
    code = (
        "import sys, rnnviz.tasks.series.own; from rnnviz.tasks.series.catalogue import SERIES_NAMES, series_of\n"
        "print(sum(len(series_of(name).values) for name in SERIES_NAMES), 'torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [str(sum(len(series_of(name).values) for name in SERIES_NAMES)), "False"]
