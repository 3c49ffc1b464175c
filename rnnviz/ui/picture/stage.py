"""The stage on a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from streamlit.delta_generator import DeltaGenerator

from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.stage.bundle import Rolled
from rnnviz.charts.stage.cell.score_tables import steps
from rnnviz.charts.stage.chart import Stage, stage
from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.charts.stage.look import Look
from rnnviz.core.forward import Contrast, Pass
from rnnviz.ui.first.place import pictured
from rnnviz.ui.page import files
from rnnviz.ui.page.share import share
from rnnviz.ui.picture import chart
from rnnviz.ui.place.listener import opening, shown_of, where
from rnnviz.ui.place.player import player
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.parameters import DEPTHS
from rnnviz.ui.url.state import State
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo import home_pass as recorded
from rnnviz.zoo.vocabulary import wholes

TASTE_STEP = 3  # at which the small stage opens: enough is read that it is not mostly empty

if TYPE_CHECKING:
    from rnnviz.zoo import Reading, Token


def build(of: Pass | Contrast, state: State, show: Rolled | Watched | None = None, **look: Any) -> Stage:
    """look: fields of `Look` beside the language and the zoom, which are the page's."""
    return stage(of, show=show, look=Look(language=state["lang"], zoom=chart.zoom(state), placed=True, **look))


def prepare(state: State, *, compact: bool = False, rows: bool = False) -> DeltaGenerator:
    """The controls of a stage and below them its place, which `show` fills. Needs no torch.

    compact: with fewer controls.     rows: whether units are rows of heatmaps.
    """
    key = f"{state.page}_stage"
    player(key, state["lang"], compact=compact, asks=state.shows("question") and state.uses("guess"), rows=rows)
    return pictured(key, state, catalogue(state["lang"])["stage.alt"])


def _draw(figure: Stage, state: State, at: DeltaGenerator) -> None:
    chart.show(figure, f"{state.page}_stage", catalogue(state["lang"])["stage.alt"], at=at)


def _notes(reading: Reading, language: str) -> tuple[str, ...]:
    """What has to be said of a token: that the model does not know it, or that it filled the gap itself."""
    say = catalogue(language)

    def note(token: Token) -> str:
        if token.gap:
            return say["stage.filled"]
        return "" if token.known else say["stage.unknown"]

    return tuple(map(note, reading.tokens))


def show(
    of: Pass | Contrast,
    reading: Reading | None,
    state: State,
    at: DeltaGenerator | None = None,
    *,
    panels: bool = True,
    every: bool = False,
    show: Rolled | Watched | None = None,
    texts: Mapping[str, str] | None = None,
) -> Stage:
    """Draw the stage of a reading, open where the page wants it, and return it.

    reading: of a text by a model; None for what a run reads while it is trained.
    at: what `prepare` gave, where the page has that already.
    panels: with the numbers and the prediction under it.     every: with what is computed only later.
    show: in the place of the chain alone, or on it.
    texts: what it says in place of its own words.
    """
    trace = (of.after if isinstance(of, Contrast) else of).trace
    size = (len(trace), len(trace.cell.ops), trace.hidden_size, len(trace.weights))
    if isinstance(show, Watched):
        place, go = opening(state, size, depth=show.depth, unit=show.unit, strip=show.coloured or "h", every=every)
        show = replace(show, depth=DEPTHS.index(place["depth"]), unit=place["picked"] - 1, coloured=place["strip"])
    else:
        place, go = opening(state, size, every=every)
    if isinstance(show, Rolled):
        show = replace(show, folded=place["fold"] == "loop", both=place["fold"] == "both")
    of_tokens: dict[str, Any] = (
        {"notes": _notes(reading, state["lang"]), "wholes": wholes(reading.tokens)} if reading else {}
    )
    texts = texts or {}
    figure = build(of, state, show, **_opened(place), **of_tokens, go=go, panels=panels, every=every, texts=texts)
    _draw(figure, state, at or prepare(state))
    chart.painted_first()
    return figure


def _opened(place: Mapping[str, Any]) -> dict[str, Any]:
    """A place as `Look` has it."""
    return {
        "start": place["t"],
        "op": place["op"],
        "fine": place["op"] > 0 and place["fine"] == "1",
        "depth": DEPTHS.index(place["depth"]),
        "unit": place["picked"] - 1,
        "candidate": place["candidate"] - 1,
        "quiz": place.get("guess") == "on",
        "all_units": place["units"] == "all",
        **({"opened": place["opened"] - 1} if "opened" in place else {}),
    }


def present(figure: Stage, state: State, withheld: Sequence[int] = ()) -> Stage:
    """The same stage, open where it is now, to be taken along: what is still hidden there is hidden in it.

    withheld: the steps whose scores are not taken apart on the page, as `listener.follow` has them.
    """
    place, (answered, every) = where(state), shown_of(state)
    place_values = {**_opened(place), "start": place["t"] - 1}
    place_values |= {"answered": answered, "every": every, "withheld": steps(withheld)}
    if "strip" in place:
        place_values["tint"] = next(one["q"] for one in figure.tables["maps"] if one["symbol"] == place["strip"])
    if "fold" in place:
        place_values |= {"folded": place["fold"] == "loop", "both": place["fold"] == "both"}
    rows = [row | place_values for row in figure.tables["bundle"]]
    return Stage(figure.tables | {"bundle": rows}, figure.specify, figure.language)


def take_along(
    figure: PortableChart,
    shown: Pass | None,
    title: str,
    name_parts: Sequence[str],
    state: State,
    say: Say,
    *,
    withheld: Callable[[], Sequence[int]] = tuple,
) -> bool:
    """Share and save; whether one of them is open.

    figure: what is shown.     shown: whose numbers can be saved, if any.     title: of the files.
    name_parts: what they are called by, before the step.     withheld: as `listener.follow` has it.
    """

    def saved() -> tuple[files.Files, str]:
        as_shown = present(figure, state, withheld()) if isinstance(figure, Stage) else figure
        numbers = files.numbers(shown) if shown else {}
        full_title = f"{shown.reader} · {title}" if shown else title
        return {**files.drawings(as_shown, full_title, state), **numbers}, files.file_name(
            *name_parts, f"t{state['t']}"
        )

    linked = share(state, say)
    return files.save(saved, state, say) or linked


def taste(state: State) -> None:
    """A small stage for the home page, from a recorded trace: torch is not needed to look."""
    at = prepare(state, compact=True)
    figure = build(
        recorded.taste(state["lang"]), state, start=TASTE_STEP, go=list(LANGUAGES).index(state["lang"]), compact=True
    )
    _draw(figure, state, at)
