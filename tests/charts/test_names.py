"""Every expression of every chart names only what there is, and nothing is made that no expression reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import pytest

import rnnviz
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.plots import sharing
from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.charts.stage.scene_chart import scene_chart
from rnnviz.scene import network
from rnnviz.training import Config, Trainer
from rnnviz.words import catalogue
from tests.charts import hostile, test_lab, vega
from tests.charts.networks import case, made
from tests.charts.reading import Read, Reader

Chart = PortableChart


def chain() -> Chart:
    return made(case(), placed=True)


def fold() -> Chart:
    of = case("gru")
    shown = rnnviz.Rolled(both=True, gradient=of.trace["h"][0])
    return made(of, rnnviz.Pass(of.trace), show=shown, placed=True)


def watch() -> Chart:
    of = case()
    return made(of, of.shown(["a"] * len(of.readout.y[0])), show=Watched(belt=True), placed=True)


def rows() -> Chart:
    return rnnviz.stage(case(layers=2, both=True).trace, look=rnnviz.Look(placed=True))


def scene() -> Chart:
    return scene_chart(network(case(layers=2).trace))


def training() -> Chart:
    return hostile.training(("a", "b"))


def training_of_numbers() -> Chart:
    trainer = Trainer(Config(task="sines", length=8, hidden_size=3), iterations=2)
    for _ in trainer:
        pass
    return rnnviz.training_chart(trainer)


def times() -> Chart:
    return sharing.times([10, 20], [1.0, 2.0], [0.5, 0.5], catalogue("en"))


PLOTS = ("terms", "lines", "states", "first_word")
# Charts that share their signals and their tables' columns: what one of them does not read, another may.
FAMILIES: Mapping[str, Mapping[str, Callable[[], Chart]]] = {
    "stage": {"chain": chain, "fold": fold, "watch": watch, "rows": rows, "scene": scene},
    "training": {"training": training, "numbers": training_of_numbers},
    "moment": {"moment": lambda: hostile.moment(())},
    "lab": test_lab.CHARTS,
    **{name: {name: partial(hostile.CHARTS[name], ("a", "b", "c"))} for name in PLOTS},
    "times": {"times": times},
}
# What is there for who reads the tables of a scene, as its tests do: which block, which wire, how many steps.
TOLD = {("blocks", "name"), ("wires", "wire"), ("picture", "steps")}
EVERY = [(family, name) for family, charts in FAMILIES.items() for name in charts]


@cache
def spec(family: str, name: str) -> dict[str, Any]:
    made: dict[str, Any] = FAMILIES[family][name]().to_dict()
    return made


@cache
def found(family: str, name: str) -> Read:
    return Reader(spec(family, name)).read()


def all_of(family: str) -> list[Read]:
    return [found(family, name) for name in FAMILIES[family]]


@pytest.mark.parametrize(("family", "name"), EVERY)
def test_every_expression_names_only_what_there_is(family: str, name: str) -> None:
    assert sorted(set(found(family, name).wrong)) == []


@pytest.mark.parametrize(("family", "name"), EVERY)
def test_no_signal_is_made_twice(family: str, name: str) -> None:
    signals = [signal["name"] for signal in spec(family, name).get("config", {}).get("signals", ())]
    assert len(signals) == len(set(signals))


@pytest.mark.parametrize(("family", "name"), EVERY)
def test_no_mark_has_the_name_of_another(family: str, name: str) -> None:
    """Else the browser refuses the whole chart."""
    marks = [layer["name"] for layer in spec(family, name).get("layer", ()) if "name" in layer]
    assert len(marks) == len(set(marks))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_signal_is_read(family: str) -> None:
    read = {name for one in all_of(family) for name, by in one.signals.items() if by or name in one.acts}
    made = {name for one in all_of(family) for name in one.signals}
    assert sorted(made - read - vega.VIEW) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_column_is_read(family: str) -> None:
    read = set().union(*(one.columns for one in all_of(family)))
    tables = [table for name in FAMILIES[family] for table in spec(family, name)["datasets"].items()]
    assert sorted({(table, column) for table, rows in tables for row in rows for column in row} - read - TOLD) == []


@pytest.mark.parametrize(("family", "name"), EVERY)
def test_every_row_of_a_table_has_every_column(family: str, name: str) -> None:
    """Else Arrow leaves the column out."""
    for table, rows in spec(family, name)["datasets"].items():
        assert {frozenset(row) for row in rows} == {frozenset(rows[0])}, table


@pytest.mark.parametrize("family", FAMILIES)
def test_every_mark_that_is_listened_to_is_drawn(family: str) -> None:
    heard = set().union(*(one.marks for one in all_of(family)))
    drawn = {layer["name"] for name in FAMILIES[family] for layer in spec(family, name)["layer"] if "name" in layer}
    assert sorted(heard - drawn) == []


def chart(update: str, **mark: str) -> dict[str, Any]:
    """A chart with one table, two signals and one mark."""
    return {
        "datasets": {"bundle": [{"T": 3, "words": "a,b"}]},
        "config": {
            "signals": [
                {"name": "B", "update": "data('bundle')[0]"},
                {"name": "s", "update": update},
            ]
        },
        "layer": [
            {
                "name": "row",
                "data": {"name": "bundle"},
                "transform": [{"calculate": "{a: datum.T}", "as": "k"}],
                "mark": {"type": "rect", **{key: {"expr": expression} for key, expression in mark.items()}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("update", "wrong"),
    [
        ("B.T + 1", ""),
        ("C.T + 1", "nothing is called C"),
        ("B.U", "no column U"),
        ("(width > 3 ? B : B).U", "no column U"),
        ("data('runs')[0]", "no table runs"),
        ("splat(B.words, ',')", "no function splat"),
        ("split(B.words, ',')", ""),
        ("datum.T", "where no mark is"),
        ("event.x", "nothing is called event"),
        ("'C.T \\' datum' + \"it's\"", ""),
        ("{a: 1, 'b': [B.T]}.c", "no field c"),
        ("pluck(data('bundle'), 'U')", "no column U"),
    ],
)
def test_what_is_named_in_vain_is_found(update: str, wrong: str) -> None:
    seen = Reader(chart(update, x="s + datum.k.a")).read().wrong
    assert [wrong in line for line in seen] == ([True] if wrong else [])


def test_what_a_mark_reads_is_looked_up_in_its_own_row() -> None:
    seen = Reader(chart("1", x="datum.k.a + datum.T", y="datum.k.b", size="datum.t")).read()
    assert seen.wrong == ["row: no field b among ['a']", "row: the table bundle has no column t"]
    assert seen.signals == {"B": set(), "s": set()}, "nothing reads them"
    assert seen.columns == {("bundle", "T"), ("bundle", "t")}


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        ("1 - 2 - 3", "(1-2)-3"),
        ("1 - 2*3", "1-(2*3)"),
        ("a ? b : c ? d : e", "a?b:(c?d:e)"),
        ("a || b && c == d", "a||(b&&(c==d))"),
        ("-a.b[0]", "-((a.b)[0])"),
        ("!a && b", "(!a)&&b"),
        ("1 + 2 < 3 == true", "((1+2)<3)==true"),
        ("a['b']", "a.b"),
    ],
)
def test_operators_bind_as_in_javascript(expression: str, tree: str) -> None:
    assert vega.parse(expression) == vega.parse(tree)


@pytest.mark.parametrize("expression", ["", "1 +", "(1", "a b", "a ? b", "[1, ]", "'a", "a.1", "#", "(a + b)()", "{a}"])
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(SyntaxError):
        vega.parse(expression)
