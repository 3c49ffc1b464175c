"""Any scene as a chart of its own, which is stepped through in the order in which the network computes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from rnnviz.charts.kit import palette, player
from rnnviz.charts.kit.draw import ASKED, SCENE, Signal, derived
from rnnviz.charts.kit.expr import array, fields, fn, when
from rnnviz.charts.kit.figure import SCALED, Figure, specification, theme
from rnnviz.charts.kit.names import B, dark, phone, t, z
from rnnviz.charts.kit.place import place
from rnnviz.charts.kit.player import AT_END, AT_START
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.stage.names import P, columnOf, moreH
from rnnviz.charts.stage.scene import grid, marks, spans, tables
from rnnviz.core.refusal import required
from rnnviz.scene import Scene
from rnnviz.words import catalogue

# What a page's controls learn, each an expression.
PLACE = {
    "go": "B.go",
    "t": "t + 1",
    "T": "T",
    "playing": "playing ? 1 : 0",
    "pace": "pace",
    "start": f"{AT_START} ? 1 : 0",
    "end": f"{AT_END} ? 1 : 0",
    "token": "OP.name",
    "operation": "OP.name",
    "every": "every ? 1 : 0",
}
PLAYER_TEXTS = ("first", "back", "play", "next", "last", "by_token", "by_operation", "inside", "more_columns")


def scene_chart(
    scene: Scene,
    *,
    language: str = "en",
    start: int = 1,
    zoom: float = 1.0,
    every: bool = False,
    go: int = 0,
    placed: bool = False,
    names: Mapping[str, str] | None = None,
) -> Figure:
    """A scene with the player above it.

    start: the step to open at, from 1.     zoom: the size of all text, 1 for a screen on a desk.
    every: whether what is computed only later is shown from the start.
    go: how often its page has sent it elsewhere.     placed: without drawn controls, since a page has real ones.
    names: what is written beside a row's label, by its symbol.
    Raises `TypeError` for what is no scene.
    """
    required(scene, Scene, "scene", "a rnnviz.scene.Scene")
    labels = catalogue(language)
    bundle = {
        "T": scene.steps,
        "H": 1,
        "shift": 0,
        "ofSteps": scene.steps,
        "K": 0,
        "way": 1,
        "start": min(max(start, 1), scene.steps) - 1,
        "unit": 0,
        "op": 0,
        "fine": False,
        "go": go,
        "cell": "",
        "zoom": zoom,
        "compact": True,
        "placed": placed,
        "every": every,
        "tokens": "",
        **{f"s_{key}": labels[f"stage.{key}"] for key in PLAYER_TEXTS},
    }
    drawn = tables.tables(scene, heat=False, names=names)
    specify = _spec
    if scene.captions or scene.grid:
        drawn |= grid.tables(scene)
        specify = _asking_spec
    if every:  # of a picture that is there as a whole no place is the present one: none has a frame
        drawn["picture"] = [row | {"whole": True} for row in drawn["picture"]]
    return Figure({"bundle": [bundle], **drawn}, specify, language)


# What a stage has besides, as it is where no cell is looked into and nothing is guessed.
_CONSTANT = {
    "depth": 0,
    "opened": -1,
    "veiled": False,
    "ready": True,
    "told": True,
    "moving": 1,
    "u": 1,
    "token": [],
    "hover": None,
    "first": 0,
}


@cache
def _spec() -> str:
    return specification(
        [
            *(signal for signal in player.signals() if signal["name"] != "depth"),
            *_alone(),
            *marks.signals(t, fn.toNumber(columnOf[t])),
        ],
        [*player.layers(), *marks.layers(), *spans.layers(), place(PLACE)],
        "sceneEnd + 8",
        ("bundle", *SCENE),
    )


@cache
def _asking_spec() -> str:
    """With a grid under it, and the numbers of each step at its side."""
    return specification(
        [
            *(signal for signal in player.signals() if signal["name"] != "depth"),
            *_alone(),
            *marks.signals(t, fn.toNumber(columnOf[t]), aside=grid.ASIDE),
            *grid.signals(),
        ],
        [*player.layers(), *marks.layers(), *spans.layers(), *grid.layers(), place(PLACE)],
        "max(gridEnd, besideEnd) + 8",
        ("bundle", *SCENE, *ASKED),
    )


def _alone() -> list[Signal]:
    return [
        *({"name": name, "value": value} for name, value in _CONSTANT.items()),
        *derived(
            P=fn.data("picture")[0],
            cols="T",
            B=fn.data("bundle")[0],
            OP=fields({"name": fn.split(P.names, SEPARATOR)[t], "symbol": "", "fetch": ""}),
            ramp=when(dark, array(*palette.ramp(True)), array(*palette.ramp(False))),
            regionY=when(B.placed, 10 * z, when(phone, 118, 56 * z)) + moreH,
            every=B.every,
        ),
        *theme(
            now=palette.NOW,
            **{f"{name}Colour": palette.SYMBOLS[name] for name in "xhcy"},
        ),
        *SCALED,
        *player.PLACES,
    ]
