"""The charts write every number as the pages do, text for text: Vega runs the expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import inf, nan
from xml.sax.saxutils import unescape

import pytest
import vl_convert
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnviz.charts.kit import numbers as expressions
from rnnviz.words import numbers

EDGES = [0, -0.0, inf, -inf, nan, 5e-324, 1.7e308, 9.9949e-5, 9.995e-5, 1e-4, 99949, 99950, 99999.9, 1e5, 0.125, -0.125]
EDGES += [9.995, 99.95, 99.96, 999.4, 999.5, 0.5, 1.5, 2.5, 1e-9, -1e-9, -1e21, 3.811e11, 12.345, 1450, -0.001, 0.004]
NUMBERS = st.lists(
    st.one_of(st.floats(), st.floats(-1000, 1000), st.integers(-(10**6), 10**6).map(lambda n: n / 1000)),
    min_size=100,
    max_size=100,
)
SHARES = st.lists(st.one_of(st.floats(0, 1), st.floats(0.98, 1), st.floats(0, 0.02)), min_size=100, max_size=100)


def run(values: list[float], expression: str) -> list[str]:
    """What an expression makes of `datum.v`, for each value. Text, so that infinity and NaN survive JSON."""
    number = "(datum.s == 'inf' ? 1/0 : datum.s == '-inf' ? -1/0 : datum.s == 'nan' ? NaN : toNumber(datum.s))"
    rows = {
        "name": "rows",
        "values": [{"i": i, "s": repr(float(value))} for i, value in enumerate(values)],
        "transform": [{"type": "formula", "as": "v", "expr": number}],
    }
    look = {"y": {"signal": "20*datum.i"}, "text": {"signal": expression}}
    marks = [{"type": "text", "from": {"data": "rows"}, "encode": {"enter": look}}]
    schema = "https://vega.github.io/schema/vega/v6.json"
    svg = str(vl_convert.vega_to_svg({"$schema": schema, "data": [rows], "marks": marks}))
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)", svg)]


WRITERS: list[tuple[Callable[..., str], Callable[..., str], int, dict[str, bool]]] = [
    *((numbers.size, expressions.size, digits, {}) for digits in (1, 2, 3, 5, 6)),
    *((numbers.fixed, expressions.fixed, decimals, {}) for decimals in (0, 2, 3)),
    (numbers.size, expressions.size, 2, {"plus": True}),
    (numbers.fixed, expressions.fixed, 3, {"plus": True}),
    *((numbers.percent, expressions.percent, decimals, {}) for decimals in (0, 1)),
]


@pytest.mark.parametrize(("write", "expression", "digits", "options"), WRITERS)
@settings(max_examples=6, deadline=None)
@given(NUMBERS)
@example([float(edge) for edge in EDGES])
def test_a_chart_writes_a_number_as_a_page_does(
    write: Callable[..., str],
    expression: Callable[..., str],
    digits: int,
    options: dict[str, bool],
    values: list[float],
) -> None:
    if write is not numbers.size:
        values = [v for v in values if not 1e19 < abs(v) < inf]
    assert run(values, expression("datum.v", digits, **options)) == [write(v, digits, **options) for v in values]


@pytest.mark.parametrize("decimals", [0, 1])
@settings(max_examples=6, deadline=None)
@given(SHARES)
@example([0, 0.004, 0.005, 0.0005, 0.994, 0.995, 0.9994, 0.9995, 0.99999999, 1])
def test_a_chart_writes_a_share_as_a_page_does(decimals: int, shares: list[float]) -> None:
    assert run(shares, expressions.percent("datum.v", decimals)) == [numbers.percent(p, decimals) for p in shares]
