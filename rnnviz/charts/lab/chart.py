"""What the charts of the gradient lab share: one row of data, and what is stepped through.

Like the stage they are drawn in pixels by expressions (`draw`), and their specification never changes: a page that has
one on screen only swaps its row for the next, and what is chosen in the browser stays chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rnnviz.charts.kit import figure, palette, player
from rnnviz.charts.kit.draw import Layer, Signal, text
from rnnviz.charts.kit.figure import SCALED, Figure, theme
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.place import place
from rnnviz.charts.kit.player import BEAT, GO, drag, key, page_control
from rnnviz.charts.kit.scale import colours

# What all charts of the lab have, or several of them alike; each declares the rest beside its marks, since a letter may
# stand for another thing in another chart. A norm is a log10, and a letter where it has none (`scale.written`).
NAMES = Names(
    signals={
        "rnnColour": Meaning("colour", "the RNN"),
        "lstmColour": Meaning("colour", "the LSTM"),
        "gruColour": Meaning("colour", "the GRU"),
        "nets": Meaning("colours", "those three"),
        "T": Meaning("index", "how many steps there are"),
        "H": Meaning("index", "how many units"),
        "playing": Meaning("flag", "whether it plays"),
        "stroke": Meaning("index", "beats of the clock since it plays"),
        "tints": Meaning("colours", "the colour of each matrix, or of each squashing"),
        "end": Meaning("px", "lower edge of the chart"),
    },
    tables={
        "bundle": {
            "T": Meaning("index", "how many steps there are"),
            "H": Meaning("index", "how many units"),
            "placed": Meaning("flag", "whether a page has real controls in the place of the drawn ones"),
            "go": Meaning("index", "how often the page has sent it elsewhere"),
            "start": Meaning("index", "where what is stepped through stands at first, from 0"),
            "lights": Meaning("colours", "the colour of each matrix or squashing, on a light page"),
            "darks": Meaning("colours", "the same on a dark page"),
        }
    },
)

Labels = Mapping[str, str]
_BEATS = "clamp(floor(60/max(1, {})), 1, 9)"  # from one step to the next, so that all of it takes some six seconds


def drawn(
    specify: Callable[[], str], labels: Labels, texts: Sequence[str], /, *, zoom: float = 1.0, **values: Any
) -> Figure:
    """The chart of one row: its values, and the texts `lab.<name>` that it shows."""
    said = {f"s_{name}": labels[f"lab.{name}"] for name in texts}
    return Figure({"bundle": [{"zoom": zoom, "placed": False, "go": 0, **values, **said}]}, specify)


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


def stepped(
    name: str, start: str, most: str, moves: Mapping[str, str], also: Sequence[Mapping[str, Any]] = ()
) -> Signal:
    """A whole number from 0 to `most` that keys move, and that is at `start` where the page sends it anew."""
    return {
        "name": name,
        "init": start,
        "on": [
            {"events": GO, "update": start, "force": True},
            {"events": {"signal": most}, "update": f"clamp({name}, 0, {most})", "force": True},
            *({"events": [*key(pressed_key)], "update": update} for pressed_key, update in moves.items()),
            *also,
        ],
    }


def slider(name: str, most: str, left: str, right: str) -> list[Signal]:
    """The signals of a whole number from 0 to `most` that begins at `B.start`, is moved by keys and by the page's
    controls, plays, and where no page has these is dragged between two places."""
    dragged = f"clamp(round((x() - {name}L)/max(1, {name}R - {name}L)*{most}), 0, {most})"
    moves = {
        ("ArrowLeft", "back"): f"max({name} - 1, 0)",
        ("ArrowRight", "next"): f"min({name} + 1, {most})",
        ("Home", "first"): "0",
        ("End", "last"): most,
    }
    by_hand = [event for key_name, button in moves for event in (*key(key_name), *page_control(button))]
    plays = [*key(" "), *page_control("play")]
    return [
        {"name": f"{name}L", "update": left},
        {"name": f"{name}R", "update": right},
        {
            "name": "playing",
            "value": False,
            "on": [
                {"events": plays, "update": "!playing"},
                {"events": [*by_hand, *page_control("t")], "update": "false"},
                {"events": f"@{name}_slide_marks:pointerdown", "update": "false"},
                {"events": {"signal": "stroke"}, "update": f"playing && {name} < {most}", "force": True},
            ],
        },
        {"name": "stroke", "value": 0, "on": [{"events": f"timer{{{BEAT}}}", "update": "playing ? stroke + 1 : 0"}]},
        stepped(
            name,
            "B.start",
            most,
            {key_name: update for (key_name, _), update in moves.items()},
            [
                *({"events": page_control(button), "update": update} for (_, button), update in moves.items()),
                {"events": page_control("t"), "update": f"clamp(event.detail.value - 1, 0, {most})"},
                {"events": drag(f"{name}_slide"), "update": dragged},
                # Play at the end begins again; `playing` has been set already.
                {"events": plays, "update": f"playing && {name} >= {most} ? 0 : {name}"},
                {
                    "events": {"signal": "stroke"},
                    "update": f"playing && stroke % {_BEATS.format(most)} == 0 ? min({name} + 1, {most}) : {name}",
                    "force": True,
                },
            ],
        ),
    ]


def track(name: str, most: str, label: str, learned: Mapping[str, str]) -> list[Layer]:
    """What is dragged where no page has controls in its place, and what these show. `label` is what it stands at;
    `learned` is what the link holds of it, by name there; all are expressions."""
    here = f"{name}L + {name}/max(1, {most})*({name}R - {name}L)"
    own = [
        *player.track(f"{name}_slide", f"{name}L", f"{name}R", here, "24*z", size=240, reach=14, cursor="'ew-resize'"),
        text(
            name="caption",
            text=label,
            x=f"phone ? {name}L : {name}R + 22*z",
            y="phone ? 24*z + 28 : 24*z",
            align="'left'",
            fontSize="15*z",
            fontWeight="'bold'",
            fill="now",
        ),
    ]
    fields = {
        "t": f"{name} + 1",
        "T": f"{most} + 1",
        "playing": "playing ? 1 : 0",
        "start": f"{name} <= 0 ? 1 : 0",
        "end": f"{name} >= {most} ? 1 : 0",
        "caption": label,
    }
    return [*player.drawn(own), place({"go": "B.go", **fields, **learned})]
