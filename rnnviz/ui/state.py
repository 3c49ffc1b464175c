"""What a page shows is in its URL, and the table below says what that is.

    state = state.open_page("step")
    st.text_input(label, **state.widget("text"))
    state["text"]

A value is in the URL once somebody chose it, by a link or by a widget; the rest follow from what is there (the model
from the language, the text from the model), so the same URL shows the same picture to everyone. A bare address
stays bare, and follows the language of the browser.

Streamlit's own `bind="query-params"` is not used, because it would break that promise in three ways: it writes the
translated label into the URL, so a link would not survive another language or a better wording; it drops what equals
the default, though defaults here depend on the visitor's language; and it drops what has no widget on the page, so a
control that a teacher hides would lose its value.
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rnnviz.cells import CELLS
from rnnviz.lessons import LANGUAGES
from rnnviz.training.config import CHANGEABLE, Changes, Config
from rnnviz.training.presets import PAIRS, PRESETS
from rnnviz.zoo import CELL_NAMES, TOKEN_LIMIT, catalogue
from rnnviz.zoo.catalogue import FURTHER_CELLS, largest_entry, shipped

LARGE = 1.3  # times the type of a desk, for the last row of a classroom
TEXT_LIMIT = 400
DETAILS = ("why", "equations", "pytorch")
PARTS = ("weight", "length", "gradient", "time")  # of the lesson "Rolled and unrolled", one shown at a time
FOLDS = ("chain", "loop", "both")  # how its stage opens
VALUE_LIMIT = 8.0  # of a weight that is typed; the largest that training gave is 6.3
# The matrices of each cell, in the order of its declaration, and the head's: `W_xi W_hi W_xf ... W_hy`.
WEIGHTS = {cell: (*(p.name for p in CELLS[cell].parameters if p.name.startswith("W_")), "W_hy") for cell in CELL_NAMES}
# Of the lesson "Watch the gates": its parts, the cells with gates, what each of them has to take hold of, and how the
# units can be sorted. A letter is a token too, and a stage shows 200.
WATCH_PARTS = ("maps", "step", "hold", "compare")
RUN_PARTS = WATCH_PARTS[:-1]  # of the model of a run, which has nothing beside it
COMPARED = (*CELL_NAMES, *FURTHER_CELLS)
GATED = tuple(name for name in COMPARED if CELLS[name].memory)
GATES = {name: CELLS[name].gates for name in GATED}
SORTINGS = ("own", "half_life", "change", "token")
LETTER_LIMIT = 200
BIAS_LIMIT = 5.0
# Of the gradient lab: its parts, the networks made to order, how their matrices are drawn, what a norm is clipped to.
LAB_PARTS = ("matrix", "derivative", "knobs", "cliff", "cut", "past", "table")
LAB_NETS = ("rnn", "rnn_relu", "rnn_sigmoid", "rnn_linear", "lstm", "gru")
INITS = ("default", "normal", "orthogonal", "identity")
CLIPS = ("none", "0.1", "0.25", "0.5", "1", "5", "10")
LAB_STEPS, LAB_HIDDEN, LAB_UPDATES = 100, 64, 60
ITERATIONS = 20_000  # of a run, at the most
SEQUENCES = 100  # in the sample that a run never trains on
HIDEABLE = ("text", "cell", "model", "language", "share", "question", "notice", "lesson")
# Session state: {part of the table: {name: chosen value}}, what a link asked for in vain, and the page of the last run.
_CHOSEN, _REFUSED, _PAGE = "url.chosen", "url.refused", "url.page"

Values = Mapping[str, Any]


class Kind(Protocol):
    """How a value is written in a URL. `parse` raises `ValueError` for what is not accepted."""

    def parse(self, raw: str) -> Any: ...
    def write(self, value: Any) -> str: ...


@dataclass(frozen=True)
class Choice:
    options: tuple[str, ...]

    def parse(self, raw: str) -> str:
        if raw not in self.options:
            raise ValueError(raw)
        return raw

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Several:
    """Any of the options, separated by commas."""

    options: tuple[str, ...]

    def parse(self, raw: str) -> tuple[str, ...]:
        found = tuple(part for part in raw.split(",") if part)
        if set(found) - set(self.options):
            raise ValueError(raw)
        return found

    def write(self, value: tuple[str, ...]) -> str:
        return ",".join(value)


@dataclass(frozen=True)
class Whole:
    """A whole number, both bounds accepted."""

    least: int
    most: int

    def parse(self, raw: str) -> int:
        if not (raw.isascii() and raw.isdecimal() and len(raw) <= 9 and self.least <= int(raw) <= self.most):
            raise ValueError(raw)
        return int(raw)

    def write(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True)
class Decimal:
    """A decimal number of at most four places, both bounds accepted."""

    least: float
    most: float

    def parse(self, raw: str) -> float:
        if not (re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{1,4})?", raw) and self.least <= float(raw) <= self.most):
            raise ValueError(raw)
        return float(raw)

    def write(self, value: float) -> str:
        return f"{round(value, 4) + 0.0:g}"  # + 0.0 takes the sign from -0.0


@dataclass(frozen=True)
class Wholes:
    """Whole numbers, each once and in order, separated by commas."""

    least: int
    most: int

    def parse(self, raw: str) -> tuple[int, ...]:
        return tuple(sorted({Whole(self.least, self.most).parse(part) for part in raw.split(",") if part}))

    def write(self, value: tuple[int, ...]) -> str:
        return ",".join(map(str, value))


@dataclass(frozen=True)
class Line:
    """Text of a bounded length; a line break is a space."""

    limit: int

    def parse(self, raw: str) -> str:
        if len(raw) > self.limit:
            raise ValueError(raw)
        return " ".join(raw.splitlines())

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Setting:
    """A setting of a training run, by its name in `Config`, which knows what is accepted."""

    name: str

    def parse(self, raw: str) -> Any:
        return getattr(Config.from_text({self.name: raw}), self.name)

    def write(self, value: Any) -> str:
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Run:
    """A training run: names and values of its settings in turn, `task~reber~cell~lstm~length~20`, a text last.

    Nothing in it needs to be escaped in a URL but the text. `Config` knows what is accepted.
    """

    def parse(self, raw: str) -> Config:
        settings, mark, text = raw.partition("~text~")
        parts = settings.split("~")
        found = dict(zip(parts[::2], parts[1::2], strict=False))
        if len(parts) != 2 * len(found):
            raise ValueError(raw)  # a name without a value, or twice
        return Config.from_text(found | ({"text": text} if mark else {}))

    def write(self, value: Config) -> str:
        settings = {"task": value.task, "cell": value.cell} | value.to_text()
        text = settings.pop("text", "")
        return "~".join(part for pair in settings.items() for part in pair) + (f"~text~{text}" if text else "")


@dataclass(frozen=True)
class OnTheWay:
    """What was changed while a run went on: `26~learning_rate~0.05~80~clipping~norm`, each from an iteration on."""

    def parse(self, raw: str) -> Changes:
        found: list[tuple[int, tuple[tuple[str, float | str], ...]]] = []
        parts = iter(raw.split("~"))
        for part in parts:
            if part.isdecimal():
                first = Whole(found[-1][0] + 1 if found else 1, ITERATIONS).parse(part)
                found.append((first, ()))
            elif found and part in CHANGEABLE:
                value = getattr(Config.from_text({part: next(parts, "")}), part)
                found[-1] = (found[-1][0], (*found[-1][1], (part, value)))
            else:
                raise ValueError(raw)
        if not all(settings and len(dict(settings)) == len(settings) for _, settings in found):
            raise ValueError(raw)
        return tuple(found)

    def write(self, value: Changes) -> str:
        return "~".join(str(part) for first, settings in value for part in (first, *(p for s in settings for p in s)))


@dataclass(frozen=True)
class Param:
    """One thing in the URL.

    default: what holds until it is chosen, from the values above it in the table; None where the page decides.
    needs: what is chosen along with it, because it means little without.     resets: what goes back to its default.
    of: "zoo" or "run" for what is only there while the page shows a trained model that ships, or the model of a run.
    """

    name: str
    kind: Kind
    default: Callable[[Values], Any]
    needs: tuple[str, ...] = ()
    resets: tuple[str, ...] = ()
    of: Literal["", "zoo", "run"] = ""


def _locale(_: Values) -> str:
    return "ko" if (st.context.locale or "").lower().startswith("ko") else "en"


def _first_model(values: Values) -> str:
    return next(info.name for info in catalogue().values() if info.language == values["lang"])


def _entry(values: Values) -> tuple[int, int]:
    """Of a weight the largest entry: changing it shows. A weight that the cell lacks is refused by the page."""
    weight = values["weight"] if values["weight"] in WEIGHTS[values["cell"]] else _FIRST_WEIGHT[values["cell"]]
    return largest_entry(values["model"], values["cell"], weight)


def _opened(values: Values) -> int:
    """Inside the step there is something to see once there is something to keep: in the middle of the text."""
    if values["part"] != "step":
        return 1
    if values["run"]:
        return (int(values["run"].length) + 1) // 2
    return (len(shipped(values["model"])[0].tokenize(values["text"])) + 1) // 2 or 1


_FIRST_WEIGHT = {"rnn": "W_hh", "lstm": "W_hg", "gru": "W_hn"}  # from state to new content
_ENTRY = ("weight", "row", "column", "value")
_ENTRY_OF = ("model", "cell", "weight", "row", "column")
_ALL_WEIGHTS = tuple(dict.fromkeys(name for names in WEIGHTS.values() for name in names))

_PLACES = ("t", "about", "marks", "first", "last")  # steps of a text
_ALL_GATES = tuple(dict.fromkeys(gate for gates in GATES.values() for gate in gates))


def _first_gate(values: Values) -> str:
    """The gate that keeps."""
    cell = CELLS[values["run"].cell if values["run"] else values["cell"]]
    return cell.keeping[0] if cell.memory else _ALL_GATES[0]  # a run without gates is refused by the page


def _of_a_run(*resets: str) -> tuple[Param, ...]:
    """The moment of a run that a lesson shows in the place of a trained model that ships.

    at: the iteration whose weights they are.     sample: which sequence of the unseen sample is read.
    layer: the one shown.     changes: of the run's settings, on the way to that iteration.
    resets: what is another's where the run is.
    """
    named = ("at", "changes", "sample", "layer")
    return (
        Param("run", Run(), lambda _: None, resets=(*named, *resets)),
        Param("at", Whole(1, ITERATIONS), lambda _: 1, ("run",), of="run"),
        Param("changes", OnTheWay(), lambda _: (), ("run", "at"), of="run"),
        Param("sample", Whole(1, SEQUENCES), lambda _: 1, ("run",), of="run"),
        Param("layer", Whole(1, 3), lambda v: v["run"].num_layers, ("run",), of="run"),
    )


def _lab_steps(values: Values) -> int:
    """How many steps the lab's part has: those of the network made to order, or the tokens that the matrix reads."""
    if values["part"] != "matrix" or values["source"] == "made":
        return int(values["steps"])
    return min(max(1, len(shipped(values["model"])[0].tokenize(values["text"]))), TOKEN_LIMIT)


SETTINGS = tuple(part.name for part in fields(Config))


def _preset(name: str) -> Callable[[Values], Any]:
    """What the chosen preset says of a setting."""
    return lambda v: getattr(PRESETS.get(v["preset"]) or PAIRS[v["preset"]].a, name)


# "" holds on every page; the others are pages by their file. Widget keys carry the page as a prefix.
TABLE: dict[str, tuple[Param, ...]] = {
    "": (
        Param("lang", Choice(tuple(LANGUAGES)), _locale),
        Param("type", Choice(("normal", "large")), lambda _: "normal"),
        Param("hide", Several(HIDEABLE), lambda _: ()),
    ),
    "home": (),
    "step": (
        *_of_a_run("t"),
        Param("model", Choice(tuple(catalogue())), _first_model, resets=("text", "t"), of="zoo"),
        Param("cell", Choice(CELL_NAMES), lambda _: CELL_NAMES[0], of="zoo"),
        Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[0], ("model",), ("t",), of="zoo"),
        Param("seed", Whole(0, 9999), lambda _: 0, of="zoo"),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
        Param("t", Whole(1, LETTER_LIMIT), lambda _: 1, ("model", "text")),
    ),
    "rolled": (
        Param("model", Choice(tuple(catalogue())), _first_model, resets=("text", "t", "loss", *_ENTRY)),
        Param("cell", Choice(CELL_NAMES), lambda _: CELL_NAMES[0], resets=_ENTRY),
        Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[1], ("model",), ("t", "loss")),
        Param("seed", Whole(0, 9999), lambda _: 0),
        Param("part", Choice(PARTS), lambda _: PARTS[0]),
        Param("weight", Choice(_ALL_WEIGHTS), lambda v: _FIRST_WEIGHT[v["cell"]], ("model", "cell"), _ENTRY[1:]),
        Param("row", Whole(1, 9999), lambda v: _entry(v)[0] + 1, ("model", "cell", "weight"), ("value",)),
        Param("column", Whole(1, 9999), lambda v: _entry(v)[1] + 1, ("model", "cell", "weight"), ("value",)),
        Param("value", Decimal(-VALUE_LIMIT, VALUE_LIMIT), lambda _: None, _ENTRY_OF),
        Param("loss", Whole(1, TOKEN_LIMIT), lambda _: None, ("model", "text")),
        Param("window", Whole(1, TOKEN_LIMIT), lambda _: 6),
        Param("fold", Choice(FOLDS), lambda _: FOLDS[0]),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
        Param("t", Whole(1, TOKEN_LIMIT), lambda _: 1, ("model", "text")),
    ),
    "gates": (
        *_of_a_run(*_PLACES, "gate", "force", "unit", "bias"),
        Param("model", Choice(tuple(catalogue())), _first_model, resets=("text", *_PLACES, "unit"), of="zoo"),
        Param("cell", Choice(GATED), lambda _: GATED[0], resets=("gate", "force", "bias"), of="zoo"),
        Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[3], ("model",), _PLACES, of="zoo"),
        Param("seed", Whole(0, 9999), lambda _: 0, of="zoo"),
        Param("part", Choice(WATCH_PARTS), lambda _: WATCH_PARTS[0]),
        Param("sort", Choice(SORTINGS), lambda _: SORTINGS[0]),
        Param("about", Whole(1, LETTER_LIMIT), lambda _: None, ("model", "text")),
        Param("marks", Wholes(1, LETTER_LIMIT), lambda _: (), ("model", "text")),
        Param("gate", Choice(_ALL_GATES), _first_gate, ("cell",)),
        Param("force", Decimal(0.0, 1.0), lambda _: None, ("model", "text", "cell", "gate")),
        Param("unit", Whole(0, 9999), lambda _: 0, ("model",)),
        Param("first", Whole(1, LETTER_LIMIT), lambda _: None, ("model", "text")),
        Param("last", Whole(1, LETTER_LIMIT), lambda _: None, ("model", "text")),
        Param("bias", Decimal(-BIAS_LIMIT, BIAS_LIMIT), lambda _: None, ("model", "text", "cell")),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
        Param("t", Whole(1, LETTER_LIMIT), _opened, ("model", "text")),
    ),
    "lab": (
        Param("part", Choice(LAB_PARTS), lambda _: LAB_PARTS[0]),
        Param("source", Choice(("made", "text")), lambda _: "made", resets=("t", "k")),
        Param("model", Choice(tuple(catalogue())), _first_model, resets=("text", "t", "k")),
        Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[-1], ("model",), ("t", "k")),
        Param("float", Choice(("64", "32")), lambda _: "64"),
        Param("steps", Whole(2, LAB_STEPS), lambda _: 50, resets=("t", "k")),
        Param("hidden", Whole(2, LAB_HIDDEN), lambda _: 32),
        Param("seed", Whole(0, 9999), lambda _: 0),
        Param("t", Whole(1, LAB_STEPS), _lab_steps, ("part", "source", "steps", "model", "text")),
        Param("k", Whole(1, LAB_STEPS), lambda _: 1, ("part", "source", "steps", "model", "text")),
        Param("net", Choice(CELL_NAMES), lambda _: CELL_NAMES[0]),
        Param("cell", Choice(LAB_NETS), lambda _: LAB_NETS[0], resets=("radius",)),
        Param("init", Choice(INITS), lambda _: INITS[0], resets=("radius",)),
        Param("gain", Decimal(0.0, 10.0), lambda _: 1.0),
        Param("bias", Decimal(-5.0, 8.0), lambda _: None),
        Param("radius", Decimal(0.0, 2.0), lambda _: None, ("cell", "init", "hidden", "seed")),
        Param("clip", Choice(CLIPS), lambda _: CLIPS[0]),
        Param("window", Whole(1, LAB_STEPS), lambda _: None),
        Param("rate", Decimal(0.01, 5.0), lambda _: 1.0),
        Param("norm", Decimal(0.01, 5.0), lambda _: 0.1),
        Param("update", Whole(0, LAB_UPDATES), lambda _: 0),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
    ),
    "train": (
        Param(
            "preset",
            Choice((*PRESETS, *PAIRS)),
            lambda _: next(iter(PRESETS)),
            resets=(*SETTINGS, "layer", "at", "run"),
        ),
        *(Param(name, Setting(name), _preset(name), ("preset",), ("at",)) for name in SETTINGS),
        Param("iterations", Whole(1, ITERATIONS), lambda _: 2000),
        Param("steps", Whole(1, 1000), lambda _: 25),
        Param("layer", Whole(1, 3), lambda _: 1),
        Param("state", Choice(("h", "c")), lambda _: "h"),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
        Param("at", Whole(1, 100_000), lambda _: None, ("preset",)),
        Param("run", Choice(("a", "b")), lambda _: "a", ("preset",)),
    ),
}


@dataclass(frozen=True)
class State:
    """The values of one page and of what holds on every page: `state["cell"]`."""

    page: str

    def __getitem__(self, name: str) -> Any:
        return self._values()[name]

    def values(self) -> dict[str, Any]:
        """Every value by its name, for what takes them all."""
        return self._values()

    def choose(self, **values: Any) -> None:
        """Choose values, as a link that holds them would. In a callback, or before their widgets are drawn."""
        for name, value in values.items():
            part, param = self._find(name)
            chosen = st.session_state[_CHOSEN]
            now = self._values()
            for other in param.needs if value is not None else ():
                if other in now:
                    chosen[part].setdefault(other, now[other])
            chosen[part][name] = value
            if value in (None, ()):
                del chosen[part][name]
            for other in param.resets:
                chosen[part].pop(other, None)
        st.session_state[_REFUSED] = []
        self._write()

    def widget(self, name: str, *, part: str = "", empty: Any = None) -> dict[str, Any]:
        """What makes a widget show this value and choose it: `st.number_input(label, **state.widget("seed"))`.

        part: tells widgets apart that choose the same value.     empty: what it shows while the value is None.
        """
        key = f"{self.page}_{name}{part}"
        value = empty if self[name] is None else self[name]
        value = list(value) if isinstance(value, tuple) else value  # as a widget keeps several
        # Only when it differs: setting it resets a field in which somebody is typing.
        if key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value
        return {"key": key, "on_change": self._keep, "args": (name, key)}

    def shows(self, name: str) -> bool:
        """Whether the link that was followed left this control or part of the page."""
        return name not in self["hide"]

    def moved(self, name: str) -> bool:
        """Whether a value is another one than if it had not been chosen."""
        values = self._values()
        return bool(values[name] != self._find(name)[1].default(values))

    def query(self) -> dict[str, str]:
        """What the URL of this page holds. The home page, which has no values of its own, hands it on in its links."""
        chosen = st.session_state[_CHOSEN]
        found = {
            param.name: param.kind.write(chosen[part][param.name])
            for part, param in self._params()
            if param.name in chosen[part]
        }
        return {**found, "lang": self["lang"]} if found else {}

    def link(self, **changed: Any) -> str:
        """The address of this picture with every value in it, whatever the reader's defaults are."""
        values = self._values() | changed
        query = urlencode(
            {p.name: p.kind.write(values[p.name]) for _, p in self._params() if values[p.name] not in ((), None)}
        )
        parts = urlsplit(st.context.url or "")
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """What the link asked for and cannot be had: (name, as it was written); the defaults stand in."""
        return tuple(st.session_state[_REFUSED])

    def refuse(self, name: str) -> None:
        """Take back a value that turned out not to exist here; nothing where it was not chosen."""
        part, param = self._find(name)
        if name not in st.session_state[_CHOSEN][part]:
            return
        value = st.session_state[_CHOSEN][part].pop(name)
        st.session_state[_REFUSED].append((name, param.kind.write(value)))
        self._write()

    def written(self, name: str) -> str:
        """A value as the URL has it; empty where the page decides."""
        return "" if self[name] is None else self._find(name)[1].kind.write(self[name])

    def _params(self) -> Iterator[tuple[str, Param]]:
        """What is in the URL here, each with its part of the table."""
        other = "zoo" if st.session_state[_CHOSEN][self.page].get("run") else "run"
        parts = dict.fromkeys(("", self.page))
        return ((part, param) for part in parts for param in TABLE[part] if param.of != other)

    def _find(self, name: str) -> tuple[str, Param]:
        return next(found for found in self._params() if found[1].name == name)

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        chosen = st.session_state[_CHOSEN]
        for part, param in self._params():
            known = chosen[part]
            values[param.name] = known[param.name] if param.name in known else param.default(values)
        return values

    def accept(self, name: str, sent: Any) -> bool:
        """Choose what a browser sent, checked like what a link says; whether it could be.

        Nothing at all, a field that was emptied, is chosen where the page can decide.
        """
        kind = self._find(name)[1].kind
        if sent is None and self._find(name)[1].default(self._values()) is None:
            self.choose(**{name: None})
            return True
        try:
            value = kind.parse(kind.write(sent))
        except (TypeError, ValueError):
            return False
        self.choose(**{name: value})
        return True

    def _keep(self, name: str, key: str) -> None:
        """A widget changed."""
        if not self.accept(name, st.session_state[key]):
            del st.session_state[key]

    def _read(self, part: str) -> None:
        """Choose what the URL holds of one part of the table."""
        for param in TABLE[part]:
            if isinstance(param.kind, Run) and param.name in st.query_params:
                for other in param.resets:  # left from another run
                    st.session_state[_CHOSEN][part].pop(other, None)
            if param.name not in st.query_params:
                continue
            raw = st.query_params[param.name]
            try:
                st.session_state[_CHOSEN][part][param.name] = param.kind.parse(raw)
            except ValueError:
                st.session_state[_REFUSED].append((param.name, raw))

    def _write(self) -> None:
        """Bring the address bar up to date."""
        if self.query() != st.query_params.to_dict():
            st.query_params.from_dict(self.query())


def _went_back() -> bool:
    """Whether the reader pressed Back or Forward: then the URL says what to show, otherwise what was chosen does."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def open_app() -> State:
    """What holds on every page, from the URL at first. The entry point calls this before it builds the navigation."""
    state = State("")
    if _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = {page: {} for page in TABLE}
        st.session_state[_REFUSED] = []
        st.session_state[_PAGE] = None
        state._read("")
    elif _went_back():
        st.session_state[_CHOSEN][""] = {}
        st.session_state[_REFUSED] = []
        state._read("")
    return state


def open_page(page: str) -> State:
    """The values of a page, from the URL on arrival. A page calls this first.

    The first visitor of a fresh process who opens a page by its address gets the page's file alone, because Streamlit
    sees a folder named pages/ before `st.navigation` has run once. The app is then run here, which runs the page again.
    """
    if _CHOSEN not in st.session_state:
        context = get_script_run_ctx()
        assert context is not None
        runpy.run_path(context.main_script_path)
        st.stop()
    state = State(page)
    if _went_back():
        st.session_state[_CHOSEN][page] = {}
    if _went_back() or st.session_state[_PAGE] != page:
        if st.session_state[_PAGE] is not None and not _went_back():  # else `open_app` has just filled it
            st.session_state[_REFUSED] = []
        st.session_state[_PAGE] = page
        state._read(page)
    state._write()
    return state
