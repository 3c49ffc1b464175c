"""What the charts of the gradient lab share: one row of data, what is dragged, the press for a link and the legend.

Like the stage they are drawn in pixels by expressions (`draw`), and their specification never changes: a page that has
one on screen only swaps its row for the next, and what is chosen in the browser stays chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rnnviz.charts.kit import figure, palette, player
from rnnviz.charts.kit.draw import Layer, Signal, text
from rnnviz.charts.kit.figure import SCALED, Figure, theme
from rnnviz.charts.kit.player import drag, key
from rnnviz.charts.kit.scale import colours

Labels = Mapping[str, str]


class Lab(Figure):
    """A chart of the lab."""


def drawn(
    specify: Callable[[], str], labels: Labels, texts: Sequence[str], /, *, zoom: float = 1.0, **values: Any
) -> Lab:
    """The chart of one row: its values, and the texts `lab.<name>` that it shows."""
    said = {f"s_{name}": labels[f"lab.{name}"] for name in texts}
    return Lab({"bundle": [{"zoom": zoom, "linkable": True, **values, **said}]}, specify)


def specification(signals: Sequence[Signal], layers: Sequence[Layer], height: str) -> str:
    """The constant part as JSON. `height` is an expression in px; `B` the row, `z` the zoom, `phone` a narrow page."""
    base: list[Signal] = [
        {"name": "B", "update": "data('bundle')[0]"},
        *theme(
            now=palette.NOW,
            positive=palette.POSITIVE,
            zeroColour=palette.ZERO,
            infColour=palette.INFINITE,
            nanColour=palette.NOT_A_NUMBER,
            hColour=palette.SYMBOLS["h"],
            **{f"{name}Colour": palette.NETWORKS[name] for name in ("rnn", "lstm", "gru")},
        ),
        {"name": "flow", "update": f"dark ? {colours(True)} : {colours(False)}"},
        {"name": "nets", "update": "[rnnColour, lstmColour, gruColour]"},
        *SCALED,
    ]
    return figure.specification([*base, *signals], layers, height)


def stepped(name: str, start: str, most: str, *, less: str, more: str, also: Sequence[Any] = ()) -> Signal:
    """A whole number from 0 to `most` that two keys move, and that begins again when `start` changes."""
    return {
        "name": name,
        "init": start,
        "on": [
            {"events": {"signal": start}, "update": start},
            {"events": {"signal": most}, "update": f"clamp({name}, 0, {most})", "force": True},
            {"events": key(less), "update": f"max({name} - 1, 0)"},
            {"events": key(more), "update": f"min({name} + 1, {most})"},
            *also,
        ],
    }


def slider(name: str, start: str, most: str, left: str, right: str) -> list[Signal]:
    """The signal of a whole number from 0 to `most` that is dragged between two places and moved by ← and →."""
    place = f"clamp(round((x() - {name}L)/max(1, {name}R - {name}L)*{most}), 0, {most})"
    return [
        {"name": f"{name}L", "update": left},
        {"name": f"{name}R", "update": right},
        stepped(
            name,
            start,
            most,
            less="ArrowLeft",
            more="ArrowRight",
            also=[{"events": drag(f"{name}_slide"), "update": place}],
        ),
    ]


def track(name: str, most: str, y: str, label: str) -> list[Layer]:
    """What is dragged, and what it stands at: `label` is an expression."""
    here = f"{name}L + {name}/max(1, {most})*({name}R - {name}L)"
    return [
        *player.track(f"{name}_slide", f"{name}L", f"{name}R", here, y, size=240, reach=14, cursor="'ew-resize'"),
        text(
            name="caption",
            text=label,
            x=f"phone ? {name}L : {name}R + 22*z",
            y=f"phone ? {y} + 28 : {y}",
            align="'left'",
            fontSize="15*z",
            fontWeight="'bold'",
            fill="now",
        ),
    ]


def pin(fields: Mapping[str, str], x: str, y: str) -> list[Layer]:
    """The press that asks the page to put what is chosen here into its link; `fields` are selected, by name."""
    x, y = f"({x})", f"({y})"  # each may be a choice
    box = {"x": f"{x} - 104*z", "x2": x, "y": f"{y} - 14*z", "y2": f"{y} + 14*z", "when": "B.linkable"}
    return player.pin_button(box, f"{x} - 52*z", y, fields)
