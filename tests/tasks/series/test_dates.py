"""Dates as they are written, and their distances against NumPy's calendar."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.tasks.series.dates import Stamp, bare_date_of, date_of, spacing
from rnnviz.tasks.series.series import Step

moments = st.datetimes(datetime(1000, 1, 1), datetime(2899, 12, 31))
UNITS = {"hour": np.timedelta64(1, "h"), "day": np.timedelta64(1, "D"), "week": np.timedelta64(7, "D")}
FORMATS = [
    "{y:04}-{m:02}-{d:02}",
    "{y}/{m}/{d}",
    "{y}. {m}. {d}.",
    "{y}.{m:02}.{d:02}",
    "{y}년 {m}월 {d}일",
    "{y}년{m}월{d}일",
]


@given(moments, st.sampled_from(FORMATS))
def test_a_day_is_read_however_it_is_written(at: datetime, form: str) -> None:
    text = form.format(y=at.year, m=at.month, d=at.day)
    day = datetime(at.year, at.month, at.day)
    assert date_of(text) == Stamp(day, timedelta())
    minute = at.replace(second=0, microsecond=0)
    for clock in (f"T{at:%H:%M}", f" {at:%H:%M}:00", f" {at:%H:%M}:00.000Z"):
        assert date_of(text + clock) == Stamp(minute, timedelta())
    assert date_of(f"{text} {at:%H:%M}+09:30") == Stamp(minute, timedelta(hours=9, minutes=30))
    assert date_of(f"{text}T{at:%H:%M}-0300") == Stamp(minute, timedelta(hours=-3))


@given(moments)
def test_months_and_years_are_their_first_day(at: datetime) -> None:
    month, year = datetime(at.year, at.month, 1), datetime(at.year, 1, 1)
    for text in (f"{at:%Y-%m}", f"{at:%Y/%m}", f"{at.year}년 {at.month}월"):
        assert date_of(text) == Stamp(month, timedelta())
    assert date_of(f"{at.year}년") == bare_date_of(str(at.year)) == Stamp(year, timedelta())
    assert bare_date_of(f"{at:%Y%m}") == Stamp(month, timedelta())
    assert bare_date_of(f"{at:%Y%m%d}") == Stamp(datetime(at.year, at.month, at.day), timedelta())


NO_DATES = ["", "2020", "2020.01", "2020.5", "12.5", "2020-13", "2020-00", "2021-02-29", "0999-01-01", "3000-01"]
NO_DATES += ["20-01-01", "2020-01-01T", "2020-01-01 25:00", "2020-01-01 05:00+15:00", "２０２０-01", "2020-01-01 05"]
NO_DATES += ["1 2020-01", "2020-01" + " " * 99]


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date(text: str) -> None:
    assert date_of(text) is None


@pytest.mark.parametrize("text", ["", "202013", "20210229", "999", "0999", "3000", "20200", "2020-01", "2020.0"])
def test_what_is_no_date_of_digits(text: str) -> None:
    assert bare_date_of(text) is None


def stamps(step: Step, first: datetime, count: int) -> list[Stamp]:
    """By NumPy's calendar, or by the first of months and years."""
    if step in UNITS:
        places = np.datetime64(first, "s") + UNITS[step] * np.arange(count)
    else:
        unit = "M" if step == "month" else "Y"
        places = np.datetime64(first, unit) + np.arange(count)
    return [Stamp(place, timedelta()) for place in places.astype("datetime64[s]").tolist()]


@given(st.sampled_from([*UNITS, "month", "year"]), moments, st.integers(80, 100), st.data())
def test_the_step_is_found_and_the_place_where_one_date_is_missing(
    step: Step, first: datetime, count: int, data: st.DataObject
) -> None:
    dates = stamps(step, first.replace(microsecond=0), count)
    found = spacing(dates)
    assert (found.step, found.uneven) == (step, None)
    shown = {"year": "%Y", "month": "%Y-%m", "hour": "%Y-%m-%dT%H:%M"}.get(step, "%Y-%m-%d")
    assert found.start == dates[0].there.strftime(shown)
    gone = data.draw(st.integers(1, count - 2))
    assert spacing(dates[:gone] + dates[gone + 1 :]).uneven == gone
    assert spacing([*dates[:gone], dates[gone - 1], *dates[gone:]]).uneven == gone  # one that comes twice


@given(moments, st.integers(80, 120))
def test_the_last_days_of_months_are_months(first: datetime, count: int) -> None:
    firsts = stamps("month", first, count + 1)
    ends = [Stamp(stamp.there - timedelta(days=1), timedelta()) for stamp in firsts[1:]]
    assert spacing(ends) == ("month", ends[0].there.strftime("%Y-%m"), None)


def test_an_hour_that_a_clock_is_set_back_is_none_that_comes_twice() -> None:
    dates = [Stamp(datetime(2020, 10, 25) + timedelta(hours=i), timedelta(hours=2)) for i in range(60)]
    winter = [Stamp(date.there - timedelta(hours=1), timedelta(hours=1)) for date in dates[30:]]
    assert spacing([*dates[:30], *winter]) == ("hour", "2020-10-25T00:00", None)
    assert spacing([*dates[:30], *(date._replace(ahead=timedelta(hours=2)) for date in winter)]).uneven == 30


@pytest.mark.parametrize("minutes", [10, 30, 120, 60 * 24 * 28])
def test_other_distances_that_are_alike_are_plain_steps(minutes: int) -> None:
    dates = [Stamp(datetime(2020, 1, 1) + timedelta(minutes=minutes * i), timedelta()) for i in range(90)]
    assert spacing(dates) == ("step", "", None)
