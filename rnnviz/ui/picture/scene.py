"""A scene on a page: with real controls, its step in the link; or still, as a drawing in the text."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.stage.scene import tables
from rnnviz.charts.stage.scene.chart import scene_chart
from rnnviz.scene import Scene
from rnnviz.ui.first.place import pictured
from rnnviz.ui.picture import chart
from rnnviz.ui.place.listener import listen, sent
from rnnviz.ui.place.player import player
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue


def meanings(language: str, texts: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """What the symbols beside the rows stand for.     texts: by their keys, in the place of the language's own."""
    return tables.meanings({**catalogue(language), **(texts or {})})


def stepped(
    scene: Scene,
    name: str,
    state: State,
    alt: str,
    *,
    whole: bool = False,
    start: int = 1,
    names: Mapping[str, str] | None = None,
) -> Figure:
    """Draw a scene that is stepped through, open where the link has it, and return it as it may be taken along.

    name: tells scenes of a page apart.     alt: what a screen reader says of it.
    whole: whether it opens at its last step where the link does not say; else at `start`, from 1.
    names: of the symbols beside the rows, where they are told (`meanings`).
    """
    key = f"{state.page}_{name}_stage"
    at = {"t": min(state["t"] or (scene.steps if whole else start), scene.steps)}
    figure = scene_chart(
        scene,
        language=state["lang"],
        start=at["t"],
        zoom=chart.zoom(state),
        go=sent(key, at),
        placed=True,
        names=names,
    )
    player(key, state["lang"], compact=True)
    chart.show(figure, key, alt, at=pictured(key, state, alt))
    chart.painted_first()
    listen(key, {"t": Whole(1, scene.steps)}, state)
    return figure


def still(
    scene: Scene, name: str, state: State, alt: str, *, start: int = 0, names: Mapping[str, str] | None = None
) -> Figure:
    """Draw a scene as a whole, without controls, and return it as it may be taken along.

    start: the step that is in sight where not all of them have room, by default the last.
    The other arguments are those of `stepped`.
    """
    figure = scene_chart(
        scene,
        language=state["lang"],
        start=start or scene.steps,
        zoom=chart.zoom(state),
        every=True,
        placed=True,
        names=names,
    )
    key = f"{state.page}_{name}_sketch_stage"
    chart.show(figure, key, alt, at=pictured(key, state, alt))
    return figure
