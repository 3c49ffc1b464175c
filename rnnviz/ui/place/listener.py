"""What a page knows of where its stage is. A stage is stepped in the browser and tells nobody; once it has rested, the
page learns the place in one message, and what depends on it is drawn again. The page moves the stage only when it wants
it elsewhere than where it knows it to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from rnnviz.charts.stage.cell.score import PLACES
from rnnviz.charts.stage.cell.score_tables import steps
from rnnviz.core.cells import CELLS
from rnnviz.ui.place.bridge import BRIDGE, REST
from rnnviz.ui.url.kinds import Choice, Kind, Whole
from rnnviz.ui.url.parameters import DEPTHS, FINE, FOLDS, GUESSES, UNITS
from rnnviz.ui.url.state import State

# While it plays, it does not rest. A stage that has not gone yet where the page sent it last is still that of the text
# before, and tells nothing. What was sent is known at once, so that a way back during the answer is sent too.
_JS = f"""
{BRIDGE}
const started = new WeakMap();

// A chart that is drawn anew withholds nothing, so it is told by what it says of itself.
function withhold(listener) {{
  const {{chart, withheld}} = listener.data;
  if (withheld === undefined || !listener.place || listener.place.withheld === withheld) return;
  tell(chart, 'withheld', withheld);
}}

function start(listener) {{
  let timer = 0;
  const send = () => {{
    const place = listener.place, names = listener.data.names.filter(name => place?.[name]);
    const gone = (place?.go ?? listener.data.go) === listener.data.go;
    if (!gone || names.every(name => place[name] === listener.known[name])) return;
    listener.known = Object.fromEntries(names.map(name => [name, place[name]]));
    listener.send('place', listener.known);
  }};
  listener.rest = () => {{
    clearTimeout(timer);
    if (listener.place?.playing !== '1') timer = setTimeout(send, {REST});
  }};
  const stop = watch(listener.data.chart, place => {{
    listener.place = place;
    withhold(listener);
    listener.rest();
  }});
  // A press elsewhere on the page may draw the stage anew, so what it knows goes along with what the press sends. Of
  // all that is sent in one moment Streamlit makes one message, for the fragment of the first: hence after the press.
  // A link leaves the page, and while the stage plays no place is where it was left.
  const leave = event => {{
    const own = `.st-key-${{listener.data.chart}}_frame, .rnnviz-player, a[href]`;
    if (event.target === document.body || event.target.closest(own)) return;  // which moves the stage itself
    if (listener.place?.playing === '1') return;
    if (event.type === 'keydown' && !(event.key === 'Enter' && event.target.matches('input'))) return;
    clearTimeout(timer);
    timer = setTimeout(send);
  }};
  const presses = ['click', 'keydown'];
  for (const press of presses) document.addEventListener(press, leave, true);
  listener.stop = () => {{
    stop();
    clearTimeout(timer);
    for (const press of presses) document.removeEventListener(press, leave, true);
  }};
}}

export default function ({{data, parentElement, setTriggerValue}}) {{
  let listener = started.get(parentElement);
  if (!listener) started.set(parentElement, listener = {{}});
  Object.assign(listener, {{data, known: data.known, send: setTriggerValue}});
  if (!listener.stop) start(listener);
  if (data.query) address(data.query);
  withhold(listener);
  listener.rest();
  return () => {{ listener.stop(); started.delete(parentElement); }};
}}
"""
_component = st.components.v2.component("rnnviz_place", js=_JS)


# What the place of a stage is, by name as in the URL.
_PLACE = ("t", "op", "fine", "depth", "picked", "candidate", "units", "strip", "guess", "fold", "opened")
_FLAGS = ("pending", "every")  # what else is learned of it, as `Known` has them


@dataclass(frozen=True)
class Bounds:
    """How far a stage goes."""

    steps: int  # of its text
    cell: str  # by its name in `CELLS`: how many operations a step has
    units: int  # of a row
    strips: tuple[str, ...] = ()  # the heatmaps of a stage that watches the gates
    rows: int = 1  # layers, of a stage that shows all

    def kinds(self) -> Mapping[str, Kind]:
        """What is accepted here of each value of a place, from a link and from a browser."""
        return {
            "t": Whole(1, max(1, self.steps)),
            "op": Whole(0, len(CELLS[self.cell].ops) + 2),  # the head's scores and softmax come last
            "fine": Choice(FINE),
            "depth": Choice(DEPTHS),
            "picked": Whole(1, self.units),
            "candidate": Whole(1, PLACES),
            "units": Choice(UNITS),
            "strip": Choice(self.strips),
            "guess": Choice(GUESSES),
            "fold": Choice(FOLDS),
            "opened": Whole(1, self.rows),
        }

    def refuse(self, state: State) -> None:
        """Take back what a link asks for and this stage does not have."""
        for name, kind in self.kinds().items():
            if state.uses(name) and state[name] is not None:
                try:
                    kind.parse(state.written(name))
                except ValueError:
                    state.refuse(name, kind.accepts)


@dataclass
class Known:
    """What a page knows of its stage, kept for the session."""

    known: dict[str, Any] = field(default_factory=dict)  # where it is, as it said itself or was told last
    sent: dict[str, Any] = field(default_factory=dict)  # where it was told to go last
    go: int = 0  # how often it was told
    size: tuple[int, ...] = ()  # how many steps, operations, units and rows the stage has
    pending: bool = False  # whether the prediction of its step still waits to be guessed
    every: bool = False  # whether it shows what is computed only later
    learned: bool = False  # whether it has moved since the page was last drawn


def _at(chart: str) -> Known:
    place: Known = st.session_state.setdefault(f"{chart}_place", Known())
    return place


def _kept(state: State) -> Known:
    return _at(f"{state.page}_stage")


def _wanted(state: State, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Where the page wants its stage, which asks nothing where the link leaves questions out.

    defaults: what the page decides where nothing is chosen.
    """
    values = {name: state[name] for name in _PLACE if state.uses(name)}
    wanted = {name: defaults[name] if value is None else value for name, value in values.items()}
    return wanted if state.shows("question") or "guess" not in wanted else {**wanted, "guess": "off"}


def opening(
    state: State, size: tuple[int, ...], *, depth: int = 0, unit: int = 0, strip: str = "", every: bool = False
) -> tuple[Mapping[str, Any], int]:
    """Where the stage is told to go, by name as in the URL, and how often it was told something new.

    size: how many steps, operations, units and rows it has: on a stage of another size no place is as it was.
    depth, unit, strip: what the page decides where nothing is chosen; the unit from 0.
    every: whether it opens with what is computed only later.
    """
    place = _kept(state)
    values = _wanted(state, {"depth": DEPTHS[depth], "picked": unit + 1, "strip": strip})
    if state.arrived or values != place.known or size != place.size:
        place.size = size
        place.known, place.sent, place.go = values, values, place.go + 1
        place.pending = values.get("guess") == "on" and not every
        place.every = every
    return place.sent, place.go


def forget_stage(state: State) -> None:
    """The page has no stage now. One that comes back is new, and is told where to be: it knows what it was sent last,
    not where it went since."""
    _kept(state).size = ()


def where(state: State) -> Mapping[str, Any]:
    """Where the stage is, as far as the page knows, by name as in the URL."""
    return _kept(state).known


def shown_of(state: State) -> tuple[bool, bool]:
    """Whether the stage shows the prediction of its step, and whether what is computed only later."""
    place = _kept(state)
    return not place.pending, place.every


def last_seen_step(state: State) -> int:
    """The last step whose prediction was seen, as far as the page knows: the present one, or while that is to be
    guessed the one before it."""
    place = _kept(state)
    return int(place.known["t"]) - place.pending


def reached(state: State, steps: int) -> int:
    """Up to which step the page may tell of predictions: all `steps`, or while each is to be guessed the last that was
    seen."""
    return last_seen_step(state) if where(state).get("guess") == "on" else steps


def follow(
    body: Callable[[], None],
    state: State,
    bounds: Bounds,
    *,
    whole: bool,
    withheld: Callable[[], Sequence[int]] = tuple,
) -> None:
    """Draw what depends on the place, and draw it again when the page has learned another.

    whole: whether the page is then to be drawn as a whole, because more of it depends on the place.
    withheld: the steps whose scores the stage is not to take apart, since a question asks what they show.
    """
    place = _kept(state)
    defaults = dict(place.known)

    def others() -> dict[str, Any]:
        return {name: value for name, value in state.values().items() if name not in (*place.known, "details")}

    before = others()

    def draw() -> None:
        if others() != before or _wanted(state, defaults) != place.known:
            st.rerun()  # a press here has changed what is drawn elsewhere
        _listen(state, bounds, place, withheld())
        body()

    if whole:
        with st.container():
            draw()
    else:
        st.fragment(draw)()


def sent(chart: str, at: Mapping[str, Any]) -> int:
    """How often the page has sent a chart that is no stage elsewhere than it knew it to be: what is `B.go` there.

    chart: its key.     at: where it is to be, by name as in the address.
    """
    place = _at(chart)
    if at != place.known:
        place.known, place.go = dict(at), place.go + 1
    return place.go


def place_of(chart: str) -> Mapping[str, Any]:
    """Where a chart that is no stage was last, by name as in the address; empty where it was never sent anywhere.

    chart: its key.
    """
    return _at(chart).known


def listen(chart: str, kinds: Mapping[str, Kind], state: State, *, whole: bool = False) -> None:
    """Learn the place of a chart that is no stage and that was `sent`.

    chart: its key.     kinds: what is accepted of each value of its place that the address holds; 0 is none.
    whole: whether the page is then to be drawn as a whole; else only the address follows.
    """
    key, place = f"{chart}_listener", _at(chart)

    def draw() -> None:
        learn = partial(_learn, key, kinds, place, state, state.values())
        query = urlencode(state.query()) if place.learned else ""
        place.learned = False
        known = {name: str(value) for name, value in place.known.items()}
        data = {"chart": chart, "names": list(known), "known": known, "query": query, "go": str(place.go)}
        _component(key=key, data=data, on_place_change=learn)

    (draw if whole else st.fragment(draw))()


def _learn(key: str, kinds: Mapping[str, Kind], place: Known, state: State, drawn: dict[str, Any]) -> None:
    """Learn the place that a listener has sent. Of a page that a link has just left there is none.

    kinds: what is accepted of each of its values.     drawn: the values with which the page was drawn.
    """
    sent = st.session_state.get(key, {}).get("place")
    if not isinstance(sent, Mapping):
        return
    try:
        values = {name: kind.parse(sent[name]) for name, kind in kinds.items() if name in sent and name in place.known}
    except (AttributeError, TypeError, ValueError):
        return  # not what this page has written
    # What was pressed right after a step comes in the same message and is heard first: what it chose, and what goes
    # back to its default with that, stays.
    stays = state.settled_by(name for name, value in state.values().items() if value != drawn.get(name))
    moved = {name: value for name, value in values.items() if value != place.known[name]}
    place.known = place.known | moved
    place.pending, place.every = (sent.get(flag) == "1" for flag in _FLAGS)
    place.learned = True
    learned = {name: value for name, value in moved.items() if name not in stays}
    state.learn(**{name: value or None for name, value in learned.items()})
    drawn.update(learned)  # until the page is drawn again, by the next place too


def _listen(state: State, bounds: Bounds, place: Known, withheld: Sequence[int]) -> None:
    key = f"{state.page}_listener"
    learn = partial(_learn, key, bounds.kinds(), place, state, state.values())
    query = urlencode(state.query()) if place.learned else ""
    place.learned = False
    known = {name: str(value) for name, value in place.known.items()}
    known |= {flag: str(int(getattr(place, flag))) for flag in _FLAGS}
    data = {"chart": f"{state.page}_stage", "names": list(known), "known": known, "query": query, "go": str(place.go)}
    _component(
        key=key,
        data=data | {"withheld": steps(withheld)},
        on_place_change=learn,
    )
