"""The charts of one set of weights for every step: how many numbers, which copy adds what, and what waiting costs.

Their specification is constant per language, and the data are a table of their own, so a page that draws one again
changes marks only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import altair as alt

from rnnviz.charts.kit import numbers, palette
from rnnviz.charts.kit.export import PortableChart
from rnnviz.core.trace import Array
from rnnviz.words.numbers import EXACT

HEIGHT = 230  # px
SERIES = {"recurrent": palette.INK, "other": palette.SOFT}
Labels = Mapping[str, str]
Rows = list[dict[str, Any]]


def counts(lengths: Sequence[int], recurrent: int, other: Sequence[int], present: int, labels: Labels) -> PortableChart:
    """How many weights each network has, for each length in tokens; `present` is marked."""
    rows: Rows = []
    for length, count in zip(lengths, other, strict=True):
        rows += [_point("recurrent", length, recurrent, labels), _point("other", length, count, labels)]
    for row in rows:
        row["present"] = row["x"] == present
    return _lines(rows, labels["rolled.axis_length"], labels["rolled.axis_count"], numbers.count)


def times(
    lengths: Sequence[int], recurrence: Sequence[float], product: Sequence[float], labels: Labels
) -> PortableChart:
    """Milliseconds of the recurrence and of one matrix product of the same work, for each length; from seconds."""
    rows: Rows = []
    for length, loop, once in zip(lengths, recurrence, product, strict=True):
        rows += [
            _point("recurrent", length, 1e3 * loop, labels),
            _point("other", length, 1e3 * once, labels, "product"),
        ]
    for row in rows:
        row["present"] = True
    return _lines(rows, labels["rolled.axis_length"], labels["rolled.axis_time"], numbers.size)


def terms(parts: Array, total: float, tokens: Sequence[str], labels: Labels) -> PortableChart:
    """One bar a step, each beginning where the one before it ended, and the total that autograd gives beside them.

    parts: (T,), each step's term of one entry's gradient.
    """
    ends = list(accumulate(map(float, parts)))
    rows: Rows = []
    for k, (token, part, end) in enumerate(zip(tokens, map(float, parts), ends, strict=True)):
        rows.append({"k": k, "x": f"{k + 1} {token}", "from": end - part, "to": end, "term": part, "kind": _sign(part)})
    rows.append({"k": len(rows), "x": labels["rolled.total"], "from": 0, "to": total, "term": total, "kind": "total"})
    colour = _scale({"up": palette.POSITIVE, "down": palette.NEGATIVE, "total": palette.INK})
    x = alt.X(
        "x:N", sort=alt.SortField("k"), axis=alt.Axis(title=labels["rolled.axis_step"], labelLimit=90, labelAngle=-40)
    )
    base = alt.Chart(alt.NamedData(name="rows")).transform_calculate(exact=numbers.size("datum.term", EXACT))
    tooltip = [
        alt.Tooltip("x:N", title=labels["rolled.axis_step"]),
        alt.Tooltip("exact:N", title=labels["rolled.axis_term"]),
    ]
    y = alt.Axis(title=labels["rolled.axis_sum"], tickCount=5, labelExpr=numbers.size("datum.value"))
    bars = base.mark_bar().encode(x=x, y=alt.Y("from:Q", axis=y), y2="to:Q", color=colour, tooltip=tooltip)
    # Beside its bar, what each step adds: a small term is a number where its bar is only a line.
    label = base.transform_calculate(
        end="max(datum.from, datum.to)", said=numbers.size("datum.term", 2, plus=True)
    ).mark_text(dy=-8, fontSize=11, color=either(palette.INK))
    terms = label.encode(x=x, y=alt.Y("end:Q", axis=y), text=alt.Text("said:N"))
    zero = base.mark_rule(color=either(palette.SOFT), strokeWidth=1).encode(y=alt.datum(0))
    return _chart([bars, zero, terms], rows)


def _sign(number: float) -> str:
    return "up" if number >= 0 else "down"


def _point(kind: str, x: float, y: float, labels: Labels, series: str = "") -> dict[str, Any]:
    return {"kind": kind, "x": x, "y": y, "name": labels[f"rolled.series_{series or kind}"]}


def _lines(rows: Rows, x_title: str, y_title: str, write: Callable[[str], str]) -> PortableChart:
    base = (
        alt.Chart(alt.NamedData(name="rows"))
        .transform_calculate(value=write("datum.y"))
        .encode(
            x=alt.X("x:Q", axis=alt.Axis(title=x_title, tickMinStep=1, grid=False)),
            y=alt.Y("y:Q", axis=alt.Axis(title=y_title, tickCount=5, labelExpr=write("datum.value"))),
            color=_scale(SERIES),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("x:Q", title=x_title),
                alt.Tooltip("value:N", title=y_title),
            ],
        )
    )
    here = base.transform_filter("datum.present")
    label = base.transform_filter("datum.last").mark_text(align="right", dy=-9, fontSize=12).encode(text="name:N")
    for row in rows:  # every row has every column, or Arrow leaves the column out
        row["last"] = row["x"] == max(other["x"] for other in rows)
    points = here.mark_point(filled=True, size=70, opacity=1)
    return _chart([base.mark_line(strokeWidth=2), points, label], rows)


def either(pair: palette.Pair) -> alt.ExprRef:
    """A colour that follows the page: its background is known to the chart, not to Python."""
    return alt.ExprRef(f"luminance(background) < 0.5 ? '{pair.dark}' : '{pair.light}'")


def _scale(pairs: Mapping[str, palette.Pair]) -> alt.Color:
    return alt.Color(
        "kind:N",
        legend=None,
        scale=alt.Scale(domain=list(pairs), range=[either(pair) for pair in pairs.values()]),
    )


def _chart(layers: Iterable[alt.Chart], rows: Rows) -> PortableChart:
    return PortableChart(layer=list(layers), datasets={"rows": rows}, width="container", height=HEIGHT)
