"""Any scene as a chart of its own, which is stepped through in the order in which the network computes."""

from __future__ import annotations

from functools import cache

from rnnviz.charts.kit import palette, player
from rnnviz.charts.kit.draw import SCENE, Signal
from rnnviz.charts.kit.figure import SCALED, Figure, specification, theme
from rnnviz.charts.stage.scene import marks, tables
from rnnviz.scene import Scene
from rnnviz.words import catalogue

PLAYER_TEXTS = ("first", "back", "play", "next", "last", "by_token", "by_operation", "inside")


def scene_chart(scene: Scene, *, language: str = "en", start: int = 1, zoom: float = 1.0) -> Figure:
    """A scene with the player above it.

    start: the step to open at, from 1.     zoom: the size of all text, 1 for a screen on a desk.
    """
    labels = catalogue(language)
    bundle = {
        "T": scene.steps,
        "H": 1,
        "K": 0,
        "way": 1,
        "start": min(max(start, 1), scene.steps) - 1,
        "unit": 0,
        "op": 0,
        "go": 0,
        "cell": "",
        "zoom": zoom,
        "compact": True,
        "placed": False,
        "tokens": "",
        **{f"s_{key}": labels[f"stage.{key}"] for key in PLAYER_TEXTS},
    }
    return Figure({"bundle": [bundle], **tables.tables(scene, heat=False)}, _spec, language)


@cache
def _spec() -> str:
    return specification(
        [
            *(signal for signal in player.signals() if signal["name"] != "depth"),
            *_alone(),
            *marks.signals(step="t", here="toNumber(columnOf[t])"),
        ],
        [*player.layers(), *marks.layers()],
        "sceneEnd + 8",
        ("bundle", *SCENE),
    )


def _alone() -> list[Signal]:
    """What a stage has besides, as it is where no cell is looked into and nothing is guessed."""
    return [
        {"name": "P", "update": "data('picture')[0]"},
        {"name": "depth", "value": 0},
        {"name": "opened", "value": -1},
        {"name": "veiled", "value": False},
        {"name": "every", "value": False},
        {"name": "ready", "value": True},
        {"name": "told", "value": True},
        {"name": "moving", "value": 1},
        {"name": "u", "value": 1},
        {"name": "token", "value": []},
        {"name": "hover", "value": None},
        {"name": "first", "value": 0},
        {"name": "cols", "update": "T"},
        {"name": "B", "update": "data('bundle')[0]"},
        {"name": "OP", "update": "{name: split(P.names, '\\u2063')[t], symbol: '', fetch: ''}"},
        *theme(
            now=palette.NOW,
            **{f"{name}Colour": palette.SYMBOLS[name] for name in "xhcy"},
        ),
        {"name": "ramp", "update": f"dark ? {palette.ramp(True)} : {palette.ramp(False)}"},
        *SCALED,
        *player.PLACES,
        {"name": "regionY", "update": "phone ? 118 : 56*z"},
    ]
