"""A visitor's own series: what was written is read bit for bit, and all else is refused with what is accepted."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnnviz.tasks.series.catalogue import series_of, split_of, when
from rnnviz.tasks.series.own import BYTES, COLUMNS, LARGEST, LONGEST, SHORTEST, SHOWN, Own, read
from rnnviz.tasks.series.series import Series, Step
from rnnviz.tasks.series.shipped import SHIPPED, written
from rnnviz.training.config import Refused

numbers = st.floats(-LARGEST, LARGEST)
STARTS: dict[Step, str] = {
    "hour": "2012-01-31T05:00",
    "day": "2012-01-31",
    "week": "1999-12-25",
    "month": "1957-03",
    "year": "1700",
    "step": "",
}


@st.composite
def series(draw: st.DrawFn) -> Series:
    """One that is accepted: a few drawn values, and more from a seed."""
    drawn = draw(st.lists(numbers, min_size=1, max_size=20))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = np.concatenate([drawn, rng.normal(0, 10.0 ** draw(st.integers(-6, 11)), draw(st.integers(80, 200)))])
    rng.shuffle(values)
    learned = values[: len(values) * 4 // 5]
    assume(np.abs(values).max() <= LARGEST)
    assume(np.ptp(learned) >= max(1e-9 * np.abs(values).max(), 1e-12))
    step = draw(st.sampled_from(list(STARTS)))
    return Series("own", values, step, STARTS[step], 1, "", "", "")


def check(found: Own, of: Series) -> None:
    """The values bit for bit (there is one zero), and their dates."""
    assert found.series.values.tobytes() == (of.values + 0.0).tobytes()
    assert (found.series.step, found.series.start) == (of.step, of.start)


def refusal(given: str | bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        read(given)
    return caught.value


@given(series())
def test_a_written_series_is_read_bit_for_bit(of: Series) -> None:
    text = written({when(of, i): value for i, value in enumerate(of.values.tolist())})
    found = read(text)
    check(found, of)
    assert (found.column, found.header, found.others) == (2, "value", 0)
    assert found.series.name == read(text.encode()).series.name
    with pytest.raises(ValueError, match="read-only"):
        found.series.values[0] = 1


@given(series(), st.data())
def test_however_it_was_written(of: Series, data: st.DataObject) -> None:
    """Any separator, a decimal comma, headers of either language or none, text and numbers beside it, newest first, any
    line ends, mark and encoding."""
    mark = data.draw(st.sampled_from(",;\t"))
    headers = data.draw(st.sampled_from([(), ("날짜", "기온 (도)"), ("date", "max")]))
    beside = data.draw(st.sampled_from([None, "rain", "비, 눈", "7"]))
    first = data.draw(st.booleans()) and beside in ("rain", "비, 눈")
    dated = of.step != "step"
    values = list(map(repr, of.values.tolist()))
    if mark == ";" and (dated or beside) and data.draw(st.booleans()):
        values = [value.replace(".", ",") for value in values]
    cells = [*([[when(of, i) for i in range(len(values))]] if dated else []), values]
    names = list(headers[not dated :])
    if beside is not None:
        place = 0 if first else len(cells)
        cells.insert(place, [f'"{beside}"'] * len(values))
        names.insert(place, "?!" if headers else "")
    lines = [mark.join(row) for row in zip(*cells, strict=True)]
    falling = dated and data.draw(st.booleans())
    lines = [*([mark.join(names)] if headers else []), *(lines[::-1] if falling else lines)]
    text = data.draw(st.sampled_from(["", "\n\n"])) + data.draw(st.sampled_from(["\n", "\r\n", "\r"])).join(
        [*lines, ""]
    )
    encode = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp949", None]))
    found = read(text if encode is None else text.encode(encode))
    check(found, of)
    column = cells.index(values)
    assert (found.column, found.header) == (column + 1, names[column] if headers else "")
    assert found.others == (beside == "7")


@given(series(), st.sampled_from([",", ", ", ";", "\t"]))
def test_all_in_one_line(of: Series, mark: str) -> None:
    found = read(mark.join(map(repr, of.values.tolist())) + mark.strip(" "))
    assert found.series.values.tobytes() == (of.values + 0.0).tobytes()
    assert (found.series.step, found.column) == ("step", 1)


SOUP = st.text(st.sampled_from([*"0123456789.,;\t\n\r-+eE:/TZ \"'년월일나NaN\x00￼"]), max_size=400)
NASTY = ["2020-01" + " " * 190_000 + "x", "2020-01-01T01:00" + " " * 190_000 + "x", "1" * 199_000, "," * 150_000]
NASTY += [
    "," * 100_000 + "\n1" * 4000,
    "\n" * 200_000,
    '"' * 140_000,
    "1\n" * 99_999,
    "9" * 5000 + ",1\n1,2",
    "\ufeff",
    "a",
]


def outcome(given: str | bytes) -> Own | Refused:
    try:
        return read(given)
    except Refused as error:
        return error


def unharmed(given: str | bytes) -> None:
    """It is read, or refused in words."""
    found = outcome(given)
    if isinstance(found, Refused):
        assert "; accepted: " in str(found)
        assert found.setting == "series"
        assert len(found.raw) <= SHOWN
        assert len(str(found)) < 300
    else:
        values = found.series.values
        assert SHORTEST <= len(values) <= LONGEST
        assert np.isfinite(values).all()
        assert np.ptp(values[: split_of(found.series)]) > 0
        assert 1 <= found.series.period <= len(values) / 5
        assert when(found.series, len(values) + 100)


@given(st.one_of(st.text(max_size=300), SOUP, st.binary(max_size=300)))
def test_no_text_raises_anything_but_the_refusal(text: str | bytes) -> None:
    unharmed(text)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_nor_one_that_is_made_to_take_long(text: str) -> None:
    unharmed(text)
    unharmed(text.encode())


@settings(max_examples=300)
@given(series(), st.integers(0, 10_000), st.one_of(SOUP, st.characters()), st.booleans())
def test_nor_a_good_one_with_something_in_it(of: Series, place: int, put: str, dated: bool) -> None:
    text = "".join(f"{when(of, i)},{value}\n" if dated else f"{value}\n" for i, value in enumerate(of.values.tolist()))
    unharmed(text[: place % len(text)] + put + text[place % len(text) :])


ROWS = [f"2020-{1 + i // 28:02}-{1 + i % 28:02},{(i * 7) % 13}.5" for i in range(28)] * 4
DAYS = [f"{np.datetime64('2020-01-01') + i},{(i * 7) % 13}.5" for i in range(100)]
LINE = [f"{(i * 7) % 13}.5" for i in range(100)]


def put(lines: list[str], place: int, *instead: str) -> str:
    return "\n".join([*lines[:place], *instead, *lines[place + 1 :]])


REFUSED: list[tuple[str | bytes, str, str, dict[str, Any]]] = [
    ("", "empty", "", {"least": 80, "most": 5000}),
    (" \n;;\n\t", "empty", "", {"least": 80, "most": 5000}),
    ("기온", "empty", "", {"least": 80, "most": 5000}),
    ("1" * 200_001, "bytes", "", {"count": 200_001, "most": 200_000}),
    ("가" * 66_667, "bytes", "", {"count": 200_001, "most": 200_000}),
    (b"1\n" * 100_001, "bytes", "", {"count": 200_002, "most": 200_000}),
    (b"\xff\xfe\x00\xd8", "encoding", "", {"options": ("UTF-8", "UTF-16", "CP949")}),
    (b"1\n\xff\xff", "encoding", "", {"options": ("UTF-8", "UTF-16", "CP949")}),
    ("1\n2\n" * 39 + "3", "short", "", {"count": 79, "least": 80, "most": 5000}),
    ("1\n2\n" * 2500 + "3", "long", "", {"count": 5001, "least": 80, "most": 5000}),
    (",".join(["1"] * 5001), "long", "", {"count": 5001, "least": 80, "most": 5000}),
    (put(LINE, 41, "12a"), "number", "12a", {"line": 42, "cell": 1}),
    (put(LINE, 0, "12a"), "number", "12a", {"line": 1, "cell": 1}),
    (put(LINE, 41, "x" * 99), "number", "x" * 39 + "…", {"line": 42, "cell": 1}),
    (put(DAYS, 41, "2020-02-11,1.234,5"), "columns", "", {"line": 42, "count": 3, "most": 2}),
    (",".join(["1"] * 65) + "\n1", "columns", "", {"line": 1, "count": 65, "most": 64}),
    ("\n\n값\n" + put(LINE, 41, "1,234"), "comma", "1,234", {"line": 45}),
    (put(LINE, 41, "1,234,567"), "columns", "", {"line": 42, "count": 3, "most": 1}),
    (";".join(["1"] * 2) + "\n1;2;5" * 99, "columns", "", {"line": 2, "count": 3, "most": 2}),
    ("12\n" + "12,5\n" * 99, "comma", "12,5", {"line": 2}),
    ("기온\n" + "12,5\n" * 99, "comma", "12,5", {"line": 2}),
    ("12,5\n13\n14\n" * 50, "comma", "12,5", {"line": 1}),
    ("-12,5\n13,25\n" * 99, "comma", "-12,5", {"line": 1}),
    (put(LINE, 41, "１２"), "number", "１２", {"line": 42, "cell": 1}),
    ("\t".join(put(LINE, 41, "1,234").split("\n")), "number", "1,234", {"line": 1, "cell": 42}),
    ("a sentence,\nand another\nof words", "number", "and another", {"line": 2, "cell": 1}),
    ("\n".join(day.split(",")[0] for day in DAYS), "number", "2020-01-01", {"line": 1, "cell": 1}),
    (put(LINE, 41, ""), "gap", "", {"line": 42, "cell": 1}),
    (put(LINE, 41, "NaN"), "gap", "NaN", {"line": 42, "cell": 1}),
    ("값\n" + put(LINE, 41, '""'), "gap", "", {"line": 43, "cell": 1}),
    (put(DAYS, 41, "2020-02-11,"), "gap", "", {"line": 42, "cell": 2}),
    (put(DAYS, 41, "2020-02-11"), "gap", "", {"line": 42, "cell": 2}),
    (put(DAYS, 41, ""), "gap", "", {"line": 42, "cell": 2}),
    (";".join(put(LINE, 41, "").split("\n")), "gap", "", {"line": 1, "cell": 42}),
    (put(DAYS, 41, "2020-02-30,1"), "date", "2020-02-30", {"line": 42, "cell": 1}),
    (put(DAYS, 41, ",1"), "date", "", {"line": 42, "cell": 1}),
    (put(DAYS, 41), "distance", "2020-02-12", {"line": 42, "cell": 1}),
    (put(DAYS, 41, *DAYS[40:42]), "distance", "2020-02-10", {"line": 42, "cell": 1}),
    (put(DAYS[::-1], 41), "distance", "2020-02-29", {"line": 41, "cell": 1}),
    ("\n".join(ROWS), "distance", "2020-01-01", {"line": 29, "cell": 1}),
    ("\n".join(f"{1900 + i + (i > 50)},{i % 7}" for i in range(99)), "distance", "1952", {"line": 52, "cell": 1}),
    (put(LINE, 41, "-1.1e12"), "large", "-1.1e12", {"line": 42, "cell": 1, "most": 1e12}),
    (put(LINE, 41, "1e999"), "large", "1e999", {"line": 42, "cell": 1, "most": 1e12}),
    (put(LINE, 41, "-Infinity"), "large", "-Infinity", {"line": 42, "cell": 1, "most": 1e12}),
    ("2.5\n" * 100, "constant", "2.5", {"least": 2.5e-9}),
    ("0\n" * 100, "constant", "0.0", {"least": 1e-12}),
    ("3\n" * 80 + "4\n5\n" * 10, "constant", "3.0", {"least": 5e-9}),
    ("\n".join(f"{i % 9},{i % 7}" for i in range(100)), "comma", "0,0", {"line": 1}),
    ("\n".join(f"{1 + i % 3},{100 + i}" for i in range(100)), "comma", "1,100", {"line": 1}),
]


@pytest.mark.parametrize(
    ("given", "rule", "raw", "values"), REFUSED, ids=[f"{i} {r[1]}" for i, r in enumerate(REFUSED)]
)
def test_what_is_refused_and_where(given: str | bytes, rule: str, raw: str, values: dict[str, Any]) -> None:
    error = refusal(given)
    assert (error.rule.name, error.raw, dict(error.rule.values)) == (rule, raw, values)
    assert "; accepted: " in str(error)


def test_the_bounds_themselves_are_accepted() -> None:
    assert len(read("1\n2\n" * (SHORTEST // 2)).series.values) == SHORTEST
    text = "1\n2\n" * (LONGEST // 2)
    assert len(read(text).series.values) == LONGEST
    assert len(read(text + " " * (BYTES - len(text))).series.values) == LONGEST
    assert read(f"{LARGEST!r}\n-{LARGEST!r}\n" * 50).series.values[:2].tolist() == [LARGEST, -LARGEST]
    wide = ",".join("abc"[i % 3] for i in range(COLUMNS - 1))
    assert read("\n".join(f"{wide},{value}" for value in LINE)).column == COLUMNS


def test_the_first_column_of_numbers_is_read_and_the_others_are_counted() -> None:
    rows = [f"2020-{1 + i:02},text,{i % 5},{i % 7},{i % 3}" for i in range(12)]
    months = [row.replace("2020", str(2000 + year)) for year in range(8) for row in rows]
    found = read("\n".join(["월,비고,기온,습도,강수량", *months]))
    assert (found.column, found.header, found.others) == (3, "기온", 2)
    assert (found.series.step, found.series.start) == ("month", "2000-01")
    assert found.series.values[:12].tolist() == [i % 5 for i in range(12)]


@pytest.mark.parametrize(
    ("first", "step", "start"),
    [
        (lambda i: str(i), "step", ""),  # as a table of pandas begins
        (lambda i: str(i + 1), "step", ""),
        (lambda i: str(1700 + i), "year", "1700"),
        (lambda i: str(2099 - i), "year", "2000"),
        (lambda i: f"{1950 + i // 12}{1 + i % 12:02}", "month", "1950-01"),
        (lambda i: str(np.datetime64("1958-03-29") + 7 * i).replace("-", ""), "week", "1958-03-29"),
        (lambda i: f"{1950 + i // 12}년 {1 + i % 12}월", "month", "1950-01"),
        (lambda i: str(np.datetime64("2012-01-01T00:00") + 10 * i), "step", ""),
        (lambda i: f"{1950 + i // 4}-{3 + 3 * (i % 4):02}", "step", ""),  # quarters
        (lambda i: str(np.datetime64("2012-01-01T00:30") + 60 * i) + ":00+09:00", "hour", "2012-01-01T00:30"),
    ],
)
@pytest.mark.parametrize("header", [True, False])
def test_what_stands_before_the_numbers(first: Any, step: str, start: str, header: bool) -> None:
    lines = [f"{first(i)},{(i * i) % 17}" for i in range(100)]
    found = read("\n".join([*([",값"] if header else []), *lines]))
    assert (found.series.step, found.series.start, found.column, found.others) == (step, start, 2, 0)
    values = [(i * i) % 17 for i in range(100)]
    assert found.series.values.tolist() == (values[::-1] if first(0) == "2099" else values)


def test_columns_of_numbers_alone_are_series_even_if_they_could_be_years() -> None:
    """Years alone are numbers; numbers that do not rise all the way are no years."""
    assert read("\n".join(str(1900 + i) for i in range(100))).series.values[0] == 1900
    found = read("a;b\n" + "\n".join(f"{1500 + (i * 37) % 400};{i % 7}" for i in range(100)))
    assert (found.column, found.others, found.series.step) == (1, 1, "step")


@given(series(), st.sampled_from(list(STARTS)), st.integers(0, 79), st.booleans())
def test_a_name_says_the_values_and_their_dates(of: Series, step: Step, place: int, zero: bool) -> None:
    def name(of: Series) -> str:
        found = outcome(written({when(of, i): value for i, value in enumerate(of.values.tolist())}))
        assume(isinstance(found, Own))  # with another value it may be too large, or all alike
        return found.series.name

    assert re.fullmatch(r"own:[0-9a-f]{12}", name(of))
    assert (name(replace(of, step=step, start=STARTS[step])) == name(of)) == (step == of.step)
    other = of.values.copy()
    other[place] = 0.0 if zero else of.values[place] * (1 + 1e-15) + 1e-300
    assert (name(replace(of, values=other)) == name(of)) == (other[place] == of.values[place])


def test_there_is_one_zero() -> None:
    signs = [f"{sign}0.0" if i % 3 else "1" for i, sign in enumerate(["", "-"] * 50)]
    one, other = read("\n".join(signs)), read("\n".join(signs).replace("-", ""))
    assert one.series.name == other.series.name
    assert one.series.values.tobytes() == other.series.values.tobytes()


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_is_accepted_as_a_visitors_own(name: str) -> None:
    of = series_of(name)
    found = read(written({when(of, i): value for i, value in enumerate(of.values.tolist())}))
    check(found, of)
    if of.step == "month":
        assert found.series.period == 12


def test_the_season_is_not_guessed_from_what_is_forecast() -> None:
    """Two series that part after four fifths have one season."""
    t = np.arange(200)
    learned = np.sin(2 * np.pi * t / 10)[:160]
    for rest in (np.zeros(40), np.sin(t[:40]) * 50, np.full(40, 1e5)):
        assert read("\n".join(map(repr, [*learned.tolist(), *rest.tolist()]))).series.period == 10
