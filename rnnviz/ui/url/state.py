"""What a page shows is in its URL, and the table in `parameters` says what that is.

    state = open_page("step")
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

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from rnnviz.training.config import Refused, Rule
from rnnviz.ui.host.internals import brought_along, went_back
from rnnviz.ui.url.kinds import Decimal, OwnNetwork, Run, Whole
from rnnviz.ui.url.parameters import TABLE, Param

# Session state: {part of the table: {name: chosen value}}, `Refusal`s, and the page of the last run.
_CHOSEN, _REFUSED, _PAGE = "url.chosen", "url.refused", "url.page"
# There too: the language of its first widget, how often a page has run, the run in which each widget was drawn last,
# with what its options' names depended on, and whether this run has read the URL.
_FIRST, _RUNS, _DRAWN, _ARRIVED = "url.first_language", "url.runs", "url.drawn", "url.arrived"
_RETURNED = "url.returned"  # and whether it has come by a link to a page on which something was chosen before


class Refusal(NamedTuple):
    """What a link asked for and cannot be had.

    name, raw: as the link has them.     rule: what is accepted.
    part, wrong: where the value has parts, the name of the one that is wrong and its value; else empty.
    """

    name: str
    raw: str
    rule: Rule
    part: str = ""
    wrong: str = ""


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
        self.learn(**values)
        st.session_state[_REFUSED] = []
        self._write()

    def learn(self, **values: Any) -> None:
        """Choose values, and leave it to the browser to bring the address bar up to date."""
        for name, value in values.items():
            part, param = self._find(name)
            choices = st.session_state[_CHOSEN]
            now = self._values()
            for other in param.needs if value is not None else ():
                if other in now:
                    choices[part].setdefault(other, now[other])
            choices[part][name] = value
            if value in (None, ()):
                del choices[part][name]
            for other in param.resets:
                choices[part].pop(other, None)

    def widget(self, name: str, *, part: str = "", empty: Any = None, called: object = None) -> dict[str, Any]:
        """What makes a widget show this value and choose it: `st.slider(label, 0, 9, **state.widget("seed"))`.

        part: tells widgets apart that choose the same value.     empty: what it shows while the value is None.
        called: what the names of its options depend on, besides the language.
        """
        key = self._key(name, part)
        value = self._widget_value(name, empty)
        run = st.session_state[_RUNS]
        last, names = st.session_state[_DRAWN].get(key, (0, None))
        st.session_state[_DRAWN][key] = run, called
        # Only where it must be: setting it resets a field in which somebody is typing. One that is new to the page
        # shows, and sends, Streamlit's default until it is set, even if the session knows it of an earlier time; and
        # one whose options have other names goes on showing the old one.
        other = last < run - 1 or called != names
        if other or key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value
        return {"key": key, "on_change": self._keep, "args": (name, part, empty, key)}

    def _key(self, name: str, part: str) -> str:
        """Of a widget. A browser sends the label of what was chosen, and goes on sending it for a while after the
        language has changed. So in another language than the session's first it is another widget, which knows no
        label but its own. The choice of the language has the same labels in all, and stays the one that has the focus.
        """
        language = self["lang"]
        same = language == st.session_state.setdefault(_FIRST, language) or name == "lang"
        return f"{self.page}_{name}{part}{'' if same else f'_{language}'}"

    def _widget_value(self, name: str, empty: Any) -> Any:
        value = empty if self[name] is None else self[name]
        return list(value) if isinstance(value, tuple) else value  # as a widget keeps several

    def shows(self, name: str) -> bool:
        """Whether the link that was followed left this control or part of the page."""
        return name not in self["hide"]

    def default(self, name: str) -> Any:
        """What holds until the value is chosen."""
        return self._find(name)[1].default(self._values())

    def moved(self, name: str) -> bool:
        """Whether a value is another one than if it had not been chosen."""
        return bool(self[name] != self.default(name))

    def query(self) -> dict[str, str]:
        """What the URL of this page holds. The home page, which has no values of its own, hands it on in its links."""
        choices = st.session_state[_CHOSEN]
        values = {
            param.name: param.kind.write(choices[part][param.name])
            for part, param in self._params()
            if param.name in choices[part]
        }
        return {**values, "lang": self["lang"]} if values else {}

    def link(self, **changes: Any) -> str:
        """The address of this picture with every value in it, whatever the reader's defaults are."""
        values = self._values() | changes
        query = urlencode(
            {p.name: p.kind.write(values[p.name]) for _, p in self._params() if values[p.name] not in ((), None)}
        )
        parts = urlsplit(st.context.url or "")
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))

    @property
    def bare(self) -> bool:
        """Whether nothing is chosen but the language: the page is as it opens."""
        choices = st.session_state[_CHOSEN]
        return all(param.name == "lang" or param.name not in choices[part] for part, param in self._params())

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """What the link asked for and cannot be had; the defaults stand in."""
        return tuple(st.session_state[_REFUSED])

    def refuse(self, name: str, rule: Rule, part: str = "", wrong: str = "") -> None:
        """Take back a value that turned out not to exist here; nothing where it was not chosen.

        rule: what is accepted here.     part, wrong: as in `Refusal`.
        """
        place, param = self._find(name)
        if name not in st.session_state[_CHOSEN][place]:
            return
        raw = param.kind.write(st.session_state[_CHOSEN][place].pop(name))
        st.session_state[_REFUSED].append(Refusal(name, raw, rule, part, wrong))
        self._write()

    def replace(self, name: str, value: Any, rule: Rule) -> None:
        """Choose another value in place of one that cannot be had with the others; said, if a link has just asked for
        it.     rule: what is accepted with the others."""
        if st.session_state[_ARRIVED]:
            self.refuse(name, rule)
        refusals = self.refused
        self.choose(**{name: value})
        st.session_state[_REFUSED] = list(refusals)

    @property
    def arrived(self) -> bool:
        """Whether the page was not there before this run."""
        return bool(st.session_state[_ARRIVED])

    @property
    def returned(self) -> bool:
        """Whether this run has come by a link to a page on which more was chosen before than the link says."""
        return bool(st.session_state[_RETURNED])

    def uses(self, name: str) -> bool:
        """Whether the page shows this value now: a text of one's own, say, where it shows no run."""
        return any(param.name == name for _, param in self._params())

    def settled_by(self, names: Iterable[str]) -> set[str]:
        """What follows when these values are chosen: they, and what goes back to its default with them."""
        chosen = set(names)
        return chosen.union(*(param.resets for _, param in self._params() if param.name in chosen))

    def bounds(self, name: str) -> tuple[float, float]:
        """The least and the most that a number can be, in a link and in a field."""
        kind = self._find(name)[1].kind
        assert isinstance(kind, Whole | Decimal), f"{name} is no number"
        return kind.least, kind.most

    def decides(self, name: str) -> bool:
        """Whether the page decides where nothing is chosen."""
        return self._find(name)[1].default(self._values()) is None

    def written(self, name: str) -> str:
        """A value as the URL has it; empty where the page decides."""
        return "" if self[name] is None else self._find(name)[1].kind.write(self[name])

    def _params(self) -> Iterator[tuple[str, Param]]:
        """What is in the URL here, each with its part of the table."""
        chosen = st.session_state[_CHOSEN][self.page]
        shown = "run" if chosen.get("run") else "own" if chosen.get("network") else "zoo"
        parts = dict.fromkeys(("", self.page))
        return ((part, param) for part in parts for param in TABLE[part] if param.of in ("", shown))

    def _find(self, name: str) -> tuple[str, Param]:
        return next(entry for entry in self._params() if entry[1].name == name)

    def _values(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        choices = st.session_state[_CHOSEN]
        for part, param in self._params():
            own = choices[part]
            values[param.name] = own[param.name] if param.name in own else param.default(values)
        return values

    def accept(self, name: str, raw: Any) -> bool:
        """Choose what a browser sent, checked like what a link says; whether it could be.

        Nothing at all, a field that was emptied, is chosen where the page can decide.
        """
        kind = self._find(name)[1].kind
        if raw is None and self.decides(name):
            self.choose(**{name: None})
            return True
        try:
            value = kind.parse(kind.write(raw))
        except (AttributeError, TypeError, ValueError):
            return False
        self.choose(**{name: value})
        return True

    def _keep(self, name: str, part: str, empty: Any, key: str) -> None:
        """A widget changed. What it sends and cannot be had changes nothing, and the widget is told what it shows;
        what is sent by one that is no longer on the page, or still in another language, is late. So is what comes
        along with a request for a fragment: the browser has not yet heard what another choice has made of this one."""
        if not self.uses(name) or key != self._key(name, part):
            return
        if brought_along() or not self.accept(name, st.session_state[key]):
            st.session_state[key] = self._widget_value(name, empty)

    def _read(self, part: str) -> None:
        """Choose what the URL holds of one part of the table; of a name that is there twice, the last that can be."""
        choices = st.session_state[_CHOSEN][part]
        for param in TABLE[part]:
            if isinstance(param.kind, Run | OwnNetwork) and param.name in st.query_params:
                for other in param.resets:  # left from another network
                    choices.pop(other, None)
            for raw in st.query_params.get_all(param.name):
                try:
                    choices[param.name] = param.kind.parse(raw)
                except Refused as error:
                    own = error.setting == param.name
                    refusal = Refusal(param.name, raw, error.rule, *(() if own else (error.setting, error.raw)))
                    st.session_state[_REFUSED].append(refusal)
                except ValueError:
                    st.session_state[_REFUSED].append(Refusal(param.name, raw, param.kind.accepts))

    def _write(self) -> None:
        """Bring the address bar up to date."""
        if self.query() != st.query_params.to_dict():
            st.query_params.from_dict(self.query())


def opened() -> bool:
    """Whether this session has read its URL: not where the very first run failed before it came to that."""
    return _CHOSEN in st.session_state


def open_app() -> State:
    """What holds on every page, from the URL at first. The entry point calls this before it builds the navigation."""
    state = State("")
    if _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = {page: {} for page in TABLE}
        st.session_state[_REFUSED] = []
        st.session_state[_PAGE] = None
        st.session_state[_RUNS], st.session_state[_DRAWN] = 0, {}
        state._read("")
    elif went_back():
        st.session_state[_CHOSEN][""] = {}
        st.session_state[_REFUSED] = []
        state._read("")
    return state


def open_page(page: str) -> State:
    """The values of a page, from the URL on arrival. A page calls this first, after the entry point `open_app`."""
    state = State(page)
    st.session_state[_RUNS] += 1
    if went_back():
        st.session_state[_CHOSEN][page] = {}
    elsewhere = st.session_state[_PAGE] not in (None, page)
    st.session_state[_ARRIVED] = went_back() or st.session_state[_PAGE] != page
    if st.session_state[_ARRIVED]:
        if st.session_state[_PAGE] is not None and not went_back():  # else `open_app` has just filled it
            st.session_state[_REFUSED] = []
        st.session_state[_PAGE] = page
        state._read(page)
    # A page that was left and is come to again by a link has what was chosen on it. Its address is for the browser to
    # bring up to date, once it shows the page (`rnnviz.ui.place.address`).
    here, url_values = state.query(), st.query_params.to_dict()
    st.session_state[_RETURNED] = elsewhere and not went_back() and url_values.items() < here.items()
    if not state.returned:
        state._write()
    return state
