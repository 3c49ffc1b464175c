"""Marks placed in pixels by expressions. A stage has no axes and no scales: every position follows the page's width and
the step, so the browser lays it out again without the server.

A mark is drawn once per entry of `rows`, an expression that gives an array (its entries are `datum.k`) or the name of
one of the stage's tables; by default there is one. All other text arguments are Vega expressions, and may be written
with `expr`; numbers are numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.expr import Expr, fields, fn, names
from rnnviz.charts.kit.palette import RAMP_STEPS
from rnnviz.core.cell import READS

Signal = dict[str, Any]
Layer = dict[
    str, Any
]  # as Vega-Lite writes it: Altair's objects copy and check themselves at every step, over a second in all

# One row that never changes. What hangs on it is kept when new data come in, and only what differs is drawn again.
ONE: Layer = {"values": [{}]}
TABLES = ("bundle", "vecs", "ops", "nodes", "edges", "terms")
WATCHED = ("maps", "holds")  # further tables of a stage that watches the gates
SCENE = ("picture", "blocks", "wires", "covers", "spans", "labels")  # further tables of a stage that shows a scene
ASKED = ("grid", "asking")  # further tables of a scene with a grid
TRAINED = ("bundle", "runs")  # the tables of a training run
FORECASTS = ("bundle", "origins")  # those of forecasts
RIGHT_ARROW, LEFT_ARROW, UP_ARROW = "'M-1,-1L1,0L-1,1Z'", "'M1,-1L-1,0L1,1Z'", "'M-1,1L0,-1L1,1Z'"
MONO_EM = 0.61  # width of a letter in that font, at most, as a part of its size
MONO = json.dumps("Source Code Pro, ui-monospace, monospace")
ramp, ramps = names("ramp ramps")


def fitted(size: str, room: str, text: str) -> str:
    """The font size, `size` at the most, at which a text in `MONO` is no wider than `room` px; all are expressions."""
    return f"min({size}, ({room})/({MONO_EM}*max(1, length({text}))))"


def fitted_words(size: str, room: str, text: str) -> str:
    """The same of a sentence, which is narrower than in `MONO`, and wider in Hangul."""
    return fitted(size, f"({room})*(test(regexp('[ᄀ-퟿]'), {text}) ? 0.8 : 1.1)", text)


def text_literal(value: str) -> str:
    """A Python text as an expression."""
    return json.dumps(value, ensure_ascii=False)


def derived(**updates: str | Expr) -> list[Signal]:
    """Signals that are computed from others."""
    return [{"name": name, "update": str(update)} for name, update in updates.items()]


def mark(
    kind: str,
    *,
    when: str | Expr | None = None,
    rows: str | Expr = "one",
    each: str | Expr | None = None,
    among: str | Expr | None = None,
    let: Mapping[str, str | Expr] | None = None,
    keep: str | Expr | None = None,
    fields: Sequence[str] = (),
    name: str | None = None,
    params: Sequence[Mapping[str, Any]] = (),
    **props: str | Expr | float | bool | list[int] | None,
) -> Layer:
    """One layer.

    when: whether it is there at all (reads signals only).
    each: an expression that gives an array for each row; the mark is drawn once per entry (`datum.k`).
    among: which rows may be drawn at any step: what follows the step is then worked out for those only.
    let: further fields of a row, each an expression, in order.     keep: which rows are drawn.
    fields: all that its properties read of a row, where `keep` follows the step. A step then draws only the rows that
    come or go; without it Vega writes all the others again.
    name: clicks on it are events of `@NAME_marks`.     params: selections that it carries.
    """
    rows = str(rows)
    table = {"name": rows} if rows in (*TABLES, *WATCHED, *SCENE, *ASKED, *TRAINED, *FORECASTS) else ONE
    transforms: list[dict[str, Any]] = [{"filter": str(when)}] if when is not None else []
    if rows != "one" and table is ONE:
        each = rows
    if each is not None:
        transforms += [{"calculate": str(each), "as": "k"}, {"flatten": ["k"]}]
    transforms += [{"filter": str(among)}] if among is not None else []
    transforms += [{"calculate": str(expression), "as": field} for field, expression in (let or {}).items()]
    transforms += [{"filter": str(keep)}] if keep is not None else []
    transforms += [{"aggregate": [{"op": "count", "as": "rows"}], "groupby": list(fields)}] if fields else []
    if kind != "text":  # to whoever listens, a chart is its texts
        props = {"aria": False, **props}
    if name:  # since the chart has a selection (`figure`), Vega-Lite lets pointers through to marks with a tooltip only
        props = {"tooltip": "''", **props}
    definition: dict[str, Any] = {key: {"expr": str(v)} if isinstance(v, str | Expr) else v for key, v in props.items()}
    # A rule takes its place from channels only, and a point looks for its channels even where it needs none.
    places = {key: {"value": definition.pop(key)} for key in ("x", "x2", "y", "y2") if kind == "rule"}
    layer: Layer = {
        "data": table,
        "transform": transforms,
        "mark": {"type": kind, **definition},
        "encoding": places,
    }
    return layer | ({"name": name} if name else {}) | ({"params": list(params)} if params else {})


# The look of an empty place, where something is still to come or to be guessed; a `rect` over what is behind it.
EMPTY: dict[str, Any] = {"fill": "paper", "stroke": "soft", "strokeOpacity": 0.6, "strokeDash": [3, 3]}


def rect(**props: Any) -> Layer:
    return mark("rect", **props)


def text(**props: Any) -> Layer:
    return mark("text", **{"align": "'center'", "baseline": "'middle'", "fill": "ink", "fontSize": "12*z", **props})


def small(**props: Any) -> Layer:
    """A small text, as at an axis or in a legend."""
    return text(**{"fontSize": "10.5*z", "fill": "soft", **props})


def heading(**props: Any) -> Layer:
    """The title over a plot."""
    return text(**{"align": "'left'", "fontSize": "12.5*z", "fontWeight": "'bold'", "fill": "soft", **props})


def rule(**props: Any) -> Layer:
    return mark("rule", **{"stroke": "line", **props})


def shape(path: str, **props: Any) -> Layer:
    """A filled shape: an expression that gives an SVG path in a square from -1 to 1, or the name of one of Vega's
    shapes. `size` is an area in px^2."""
    return mark("point", shape=path, **{"filled": True, "strokeWidth": 0, "opacity": 1, **props})


def dot(**props: Any) -> Layer:
    return shape("'circle'", **props)


def image(**props: Any) -> Layer:
    """A picture of one pixel per number, placed by its middle and stretched."""
    return mark("image", **{"aspect": False, "smooth": False, **props})


def outline(**props: Any) -> Layer:
    """A frame without a fill, all of whose area takes the pointer's events."""
    return rect(**{"fill": "paper", "fillOpacity": 0, **props})


def press(name: str, **props: Any) -> Layer:
    """An invisible area that takes presses, over the marks that are drawn."""
    return rect(name=name, **{"fill": "paper", "opacity": 0, "cursor": "'pointer'", **props})


def swatch(
    label: str, colour: str, x: str, y: str, y2: str, middle: str, *, when: str | None = None, **props: Any
) -> list[Layer]:
    """A colour in a legend, and what it means. middle: the text's y."""
    return [
        rect(when=when, x=x, x2=f"{x} + 10*z", y=y, y2=y2, fill=colour),
        small(when=when, text=label, x=f"{x} + 15*z", y=middle, align="'left'", **props),
    ]


def line_key(
    label: str,
    colour: str,
    x: str,
    y: str,
    *,
    at: int = 0,
    wide: int = 12,
    gap: int = 4,
    when: str | None = None,
    dash: Sequence[int] = (),
    **props: Any,
) -> list[Layer]:
    """A line in a legend, and what it means. at, wide, gap: px before zoom from `x`, of the line, and behind it."""
    start, end, label_x = (f"{x} + {n}*z" if n else x for n in (at, at + wide, at + wide + gap))
    return [
        rule(
            when=when,
            x=start,
            x2=end,
            y=y,
            y2=y,
            stroke=colour,
            strokeWidth=2,
            **({"strokeDash": list(dash)} if dash else {}),
        ),
        small(when=when, text=label, x=label_x, y=y, align="'left'", **props),
    ]


def tip(title: str | Expr, value: str | Expr, source: str | Expr) -> Expr:
    """The tooltip: what it is, its value (an expression that gives a number), and what it was computed from."""
    return fields({"title": Expr(title), "=": Expr(numbers.fixed(str(value), 3)), "←": Expr(source)})


def shade(value: str | Expr, colours: Expr = ramp) -> Expr:
    """The colour of a value on a ramp from -1 to 1."""
    return colours[fn.round(RAMP_STEPS + RAMP_STEPS * fn.clamp(Expr(value), -1, 1))]


def shade_of(vec: str | Expr, value: str | Expr) -> Expr:
    """The colour of a value on its vector's own scale: a gate's from closed to open, a memory's over all its range."""
    vec = Expr(vec)
    return shade((Expr(value) - vec.mid) / vec.half, ramps[vec.ramp])


def beyond(vec: str, t: str, index: str) -> str:
    """The sign of a value that its scale does not reach, as `‹` or `»`, else a blank."""
    at = f"{vec}.offset + {vec}.stride*({t}) + ({index})"
    return f"slice(B.beyond, {at}, {at} + 1)"


def element(vec: str, t: str, index: str) -> str:
    """Element `index` of vector `vec` (a row of `vecs`) at step `t`, as an expression."""
    row = f"VECS[{vec}]"
    return f"toNumber(V[{row}.offset + {row}.stride*({t}) + ({index})])"


def written(op: str, t: str, index: str) -> str:
    """One element of an operation's result with its operands' numbers in place, as in `0.42 × −0.80`; the empty text
    for a matrix product, whose terms the unit's bars show."""

    def operand(n: int) -> str:
        value = element(f"{op}.r{n}", t, index)
        plain = numbers.fixed(value, 3)
        number = f"({op}.sep && {value} < 0 ? '(' + {plain} + ')' : {plain})"
        return f"({op}.reads > {n} ? {f'{op}.sep + ' if n else ''}{number} : '')"

    operands = " + ".join(operand(n) for n in range(READS))
    return f"({held(op, t, index)} ? B.s_is_held : {op}.before + {operands} + {op}.after)"


def held(op: str, t: str, index: str) -> str:
    """Whether an element was forced there, so that it is not what its operation makes of its operands."""
    return f"slice({op}.held, ({t})*H + ({index}), ({t})*H + ({index}) + 1) == '1'"
