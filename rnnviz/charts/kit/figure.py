"""A chart that is tables and a constant specification, and the signals that every such chart has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import altair as alt

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.draw import Layer, Signal, mark
from rnnviz.charts.kit.export import WIDTH, PortableChart
from rnnviz.charts.kit.expr import Expr
from rnnviz.charts.kit.tables import Tables


class Figure(PortableChart):
    """An Altair chart that carries the player's signals, so it plays wherever Altair draws: pages, notebooks, files.

    tables: its data.     specify: gives the rest of its specification as JSON, the same for all tables.
    language: of its texts.     further: the data of further pages, which a reader of its page turns to.
    """

    tables: Tables
    specify: Callable[[], str]
    further: Sequence[Tables]

    def __init__(
        self, tables: Tables, specify: Callable[[], str], language: str = "en", further: Sequence[Tables] = ()
    ) -> None:
        super().__init__(layer=[])
        # Not properties of the chart: Altair keeps those for itself.
        object.__setattr__(self, "tables", tables)
        object.__setattr__(self, "specify", specify)
        object.__setattr__(self, "language", language)
        object.__setattr__(self, "further", further)

    def copy(self, deep: bool | Iterable[Any] = True, ignore: list[str] | None = None) -> Self:
        """Altair copies a chart before it changes it, as in `.properties(width=800)`."""
        figure = type(self)(self.tables, self.specify, self.language, self.further)
        figure._kwds.update(self._kwds)
        return figure

    def to_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The Vega-Lite specification, its data included. Raises `TypeError` for a part of another chart."""
        if not (kwargs.get("context") or {}).get("top_level", True):
            self._alone()
        width = {} if self.width is alt.Undefined else {"width": self.width}
        # Read anew each time: a copy of its own for the caller, faster than copy.deepcopy.
        return {**json.loads(self.specify()), **width, "datasets": self.tables}

    def themed(self, dark: bool) -> dict[str, Any]:
        """The specification for a light or a dark page of its own; a Streamlit page brings its theme with it."""
        spec = self.to_dict()
        spec["config"]["background"] = palette.PAPER[dark]
        spec["datasets"] = _alone(spec["datasets"])
        return spec

    def pages(self) -> list[Tables]:
        return [_alone(tables) for tables in self.further]


def _alone(tables: Tables) -> Tables:
    """The tables of a chart that draws its controls itself."""
    return {**tables, "bundle": [row | {"placed": False} for row in tables["bundle"]]}


# Nothing is ever selected. But where a chart has a selection, Vega-Lite lets the pointer through what has no tooltip
# (`draw.mark`), so that a cover over what is pressed takes no press.
_SELECTION = {"name": "nothing", "select": {"type": "point", "fields": ["nothing"], "on": "@nothing_marks:click"}}


def specification(
    signals: Sequence[Signal], layers: Sequence[Layer], height: str, tables: Sequence[str] = ("bundle",)
) -> str:
    """The constant part of a chart: Vega-Lite, as JSON. `height` is an expression in px."""
    spec = {
        "$schema": alt.SCHEMA_URL,
        "width": WIDTH,
        "autosize": {"type": "none"},
        "padding": {"left": 0, "right": 0, "top": 0, "bottom": 0},
        "params": [{"name": "height", "expr": height}],
        # Tables that are only looked up must still be drawn by something, or Vega-Lite leaves them out.
        "layer": [
            mark("point", name="nothing", let={"nothing": "0"}, keep="false", params=[_SELECTION]),
            *(mark("point", rows=table, keep="false") for table in tables),
            *layers,
        ],
        "config": {
            # A press on the stage takes the focus from a field or a button, so that the keys are the stage's again.
            "events": {"defaults": {"prevent": False}},
            "view": {"stroke": None},
            "signals": list(signals),
        },
    }
    return json.dumps(spec, ensure_ascii=False, default=_written)


def _written(value: object) -> str:
    if isinstance(value, Expr):
        return str(value)
    raise TypeError(f"a {type(value).__name__} in a specification; accepted: what JSON has, and expressions")


def theme(**colours: palette.Pair) -> list[Signal]:
    """Whether the page is dark, and a signal for each colour on it, the common ones first."""
    plain = {"paper": palette.PAPER, "ink": palette.INK, "soft": palette.SOFT, "line": palette.LINE}
    either = {name: f"dark ? '{pair.dark}' : '{pair.light}'" for name, pair in (plain | colours).items()}
    return [
        {"name": "dark", "update": "luminance(background) < 0.5"},
        *({"name": name, "update": update} for name, update in either.items()),
    ]


# `z` is the zoom: larger type on a projector's page.
SCALED: tuple[Signal, ...] = (
    {"name": "phone", "update": "width < 640"},
    {"name": "z", "update": "phone ? 1 : B.zoom * clamp(width/1350, 1, 1.3)"},
)
