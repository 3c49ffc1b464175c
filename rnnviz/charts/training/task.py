"""One sequence of a task: what its steps bring over what is asked at them. The steps that decide are in the colour of
what is chosen.

Of `bundle` it reads `T` and, each with an entry a step, `read` and `asked` (texts), `values` and `numbers` (parts of a
bar's height, empty where there is none), `written` (those that count, in writing) and `counts` (1 or 0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from math import nan
from typing import TYPE_CHECKING

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.draw import Layer, outline, rect, rule, small, text
from rnnviz.charts.kit.figure import SCALED, Figure, specification, theme
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.tables import SEPARATOR, clean
from rnnviz.charts.training.axes import bar_axis, bars
from rnnviz.words.numbers import fixed

if TYPE_CHECKING:
    from rnnviz.tasks.picture import Picture

SIGNS = {" ": "␣", "\n": "↵", "blank": "·"}

NAMES = Names(
    signals={
        "T": Meaning("index", "how many steps there are"),
        "left": Meaning("px", "left edge of the first step"),
        "each": Meaning("px", "width of a step"),
    },
    tables={
        "bundle": {
            "T": Meaning("index", "how many steps there are"),
            "read": Meaning("texts", "what each step brings; empty for a number", "READ"),
            "asked": Meaning("texts", "what is asked for at each, where that is a class or the only number", "ASKED"),
            "values": Meaning("numbers", "the number that each step brings, parts of a bar's height", "VALUES"),
            "numbers": Meaning("numbers", "the number that is asked for at each, likewise", "NUMBERS"),
            "written": Meaning("texts", "the numbers of the steps that count", "WRITTEN"),
            "counts": Meaning("numbers", "1 for a step that decides what is asked", "COUNTS"),
            "zero": Meaning("number", "where a bar begins, a part of its height"),
        }
    },
)


def task_chart(picture: Picture, labels: Mapping[str, str], *, zoom: float = 1.0) -> Figure:
    """labels: by key of the catalogue."""
    numbers = [*picture.values, *(number for number in picture.numbers if number is not None)]
    axis = bar_axis(numbers)

    def named(words: Sequence[str]) -> str:
        return SEPARATOR.join(SIGNS.get(word) or clean(word) for word in words)

    series = sum(number is not None for number in picture.numbers) > 1
    texts = ("" if number is None or series else fixed(number) for number in picture.numbers)
    row = {
        "zoom": zoom,
        "T": len(picture.counts),
        "read": named(picture.read),
        "asked": named(picture.asked) if not picture.numbers else SEPARATOR.join(texts),
        "numbers": axis.points(nan if number is None else number for number in picture.numbers) if series else "",
        **bars(picture.values, picture.counts, axis),
        "s_read": labels["train.picture_read"],
        "s_asked": labels["train.truth"],
    }
    return Figure({"bundle": [row]}, _spec)


@cache
def _spec() -> str:
    signals = [
        {"name": "B", "update": "data('bundle')[0]"},
        *theme(now=palette.NOW, yColour=palette.SYMBOLS["y"], xColour=palette.SYMBOLS["x"]),
        *SCALED,
        {"name": "T", "update": "B.T"},
        *NAMES.lists(),
        {"name": "left", "update": "44*z"},
        {"name": "each", "update": "(width - left - 24*z)/T"},
    ]
    steps = "sequence(T)"
    middle = "left + (datum.k + 0.5)*each"
    bar = {"x": "left + datum.k*each + 1", "x2": "left + (datum.k + 1)*each - 1"}
    counts, weight = "COUNTS[datum.k] == '1'", "COUNTS[datum.k] == '1' ? 'bold' : 'normal'"

    def bars(entries: str, top: str, bottom: str, **props: str) -> list[Layer]:
        def y(part: str) -> str:
            return f"{bottom} - ({part})*({bottom} - {top})"

        there = f"{entries}[datum.k] != '' && isFinite(toNumber({entries}[datum.k]))"
        return [rect(rows=steps, keep=there, y=y(f"toNumber({entries}[datum.k])"), y2=y("B.zero"), **bar, **props)]

    layers = [
        small(text="B.s_read", x="left - 8*z", y="18*z", align="'right'", limit="left - 10*z"),
        small(text="B.s_asked", x="left - 8*z", y="42*z", align="'right'", limit="left - 10*z", fill="yColour"),
        rule(x="left", x2="left + T*each", y="31*z", y2="31*z"),
        *bars("VALUES", "12*z", "30*z", fill=f"{counts} ? now : xColour", fillOpacity=f"{counts} ? 1 : 0.35"),
        text(
            rows=steps,
            text="READ[datum.k]",
            x=middle,
            y="18*z",
            limit="each*1.1",
            fontSize="clamp(each*0.8, 8, 12)*z",
            fontWeight=weight,
            fill=f"{counts} ? now : ink",
        ),
        small(rows=steps, text="WRITTEN[datum.k]", x=middle, y="5*z", fill="now", fontWeight="'bold'"),
        *bars("NUMBERS", "34*z", "52*z", fill="yColour"),
        text(
            rows=steps,
            text="ASKED[datum.k]",
            x=middle,
            y="42*z",
            fontSize="12*z",
            fontWeight="'bold'",
            fill="yColour",
        ),
    ]
    # A word may be too long for its place.
    layers.append(outline(rows=steps, keep="READ[datum.k] != ''", y="0", y2="51*z", tooltip="READ[datum.k]", **bar))
    return specification(signals, layers, "51*z")
