"""Every expression of every chart names only what there is, nothing is made that no expression reads, and every name is
declared, with the kind that it has (the `NAMES` of each part, and what several read: `names.py` of each room)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest

import rnnviz
from rnnviz.charts.forecast import chart as forecast_chart
from rnnviz.charts.forecast.look import ForecastLook
from rnnviz.charts.kit import names as kit_names
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.kit.names import Meaning, NameKind, Names
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.lab import chart as lab_chart
from rnnviz.charts.lab import cliff, cut, forgetting, knobs_places, matrix_places, squash
from rnnviz.charts.lab import table as lab_table
from rnnviz.charts.lab import ways as lab_ways
from rnnviz.charts.plots import cost as plot_cost
from rnnviz.charts.plots import horizon as plot_horizon
from rnnviz.charts.plots import lengths as plot_lengths
from rnnviz.charts.plots import names as plot_names
from rnnviz.charts.plots import over_time, sharing
from rnnviz.charts.stage import panels
from rnnviz.charts.stage.cell import drawing, inside, numbers_table, score, sums
from rnnviz.charts.stage.gates import belt, gates_legend, heatmap_tables
from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.charts.stage.names import STAGE
from rnnviz.charts.stage.scene import grid
from rnnviz.charts.stage.scene.chart import scene_chart
from rnnviz.charts.training import matrix as moment_chart
from rnnviz.charts.training import task as task_chart
from rnnviz.charts.training.chart import NAMES as TRAINING
from rnnviz.facts.transduction import captions
from rnnviz.scene import network, transduction
from rnnviz.training import Config, Trainer
from rnnviz.words import catalogue
from tests.charts import hostile, kinds, vega
from tests.charts.forecast import walks
from tests.charts.lab import test_lab
from tests.charts.networks import case, made
from tests.charts.reading import Read, Reader
from tests.core.seq2seq.transducers import transduced

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


def aligned() -> Chart:
    written = transduced()
    scene = transduction(written, begin="", end="", by_operation=True)
    return scene_chart(replace(scene, captions=captions(written, by_operation=True, language="en")))


def training() -> Chart:
    return hostile.training(("a", "b"))


def training_of_numbers() -> Chart:
    trainer = Trainer(Config(task="sines", length=8, hidden_size=3), iterations=2)
    for _ in trainer:
        pass
    return rnnviz.training_chart(trainer)


def times() -> Chart:
    return sharing.times([10, 20], [1.0, 2.0], [0.5, 0.5], catalogue("en"))


def cost() -> Chart:
    return plot_cost.line([1, 2], [1.0, 2.0], "sentences", "ms")


def lengths() -> Chart:
    reached = [plot_lengths.Reached("none", length, (0.5, 1.0)) for length in (4, 6)]
    own = plot_lengths.Own(5, {"none": True, "additive": False})
    return plot_lengths.chart(reached, [(4, 0.1), (6, 0.0)], (3, 5), own, "right", catalogue("en"))


def forecast(**look: Any) -> Chart:
    return forecast_chart.chart(walks.shown(walks.walk(), said=("one", "two")), ForecastLook(**look))


def horizon() -> Chart:
    of = walks.walk()
    return plot_horizon.chart(of, walks.CALLED["en"], catalogue("en"), unit="°C", trained=6)


def attribution() -> Chart:
    of = case()
    return rnnviz.attribution_chart(rnnviz.gradient_flow(of.module, of.x, lambda output: output[-1].sum()))


def said_over_time() -> Chart:
    of = walks.walk()
    places = of.origins.tolist()
    lines = [over_time.Said(kind, places, of.values[places]) for kind in over_time.KINDS]
    return over_time.chart(lines, [str(n) for n in range(len(of.values))], 3.0, catalogue("en"), "up")


PLOTS = ("terms", "lines", "states", "first_word")
# Charts that share their signals and their tables' columns: what one of them does not read, another may.
FAMILIES: Mapping[str, Mapping[str, Callable[[], Chart]]] = {
    "stage": {"chain": chain, "fold": fold, "watch": watch, "rows": rows, "scene": scene, "aligned": aligned},
    "training": {"training": training, "numbers": training_of_numbers},
    "moment": {"moment": lambda: hostile.moment(())},
    "task": {name: partial(hostile.task, ("a", "b"), name) for name in ("adding", "sine", "order")},
    "lab": test_lab.CHARTS,
    "forecast": {"forecast": partial(forecast, placed=True), "asked": partial(forecast, veil="What comes?")},
    **{name: {name: partial(hostile.CHARTS[name], ("a", "b", "c"))} for name in PLOTS},
    "times": {"times": times},
    "cost": {"cost": cost},
    "lengths": {"lengths": lengths},
    "horizon": {"horizon": horizon},
    "over_time": {"over_time": said_over_time},
    "maps": {"gates": lambda: rnnviz.gates_chart(case().trace), "memory": lambda: rnnviz.memory_chart(case().trace, 1)},
    "attribution": {"attribution": attribution},
    "factors": {"factors": lambda: rnnviz.factors_chart(rnnviz.step_jacobians(case().trace))},
}
# Of a stage, those with names of their own.
_PARTS = (belt, drawing, gates_legend, grid, heatmap_tables, inside, numbers_table, panels, score, sums)
_LAB = {
    "matrix": matrix_places,
    "knobs": knobs_places,
    "squash": squash,
    "cliff": cliff,
    "cut": cut,
    "past": forgetting,
    "table": lab_table,
    "ways": lab_ways,
}
# What declares the names of each chart; a family's charts have the same, but for those of the lab.
DECLARED: Mapping[str, tuple[Names, ...]] = {
    "stage": (kit_names.KIT, kit_names.PLAYER, STAGE, *(part.NAMES for part in _PARTS)),
    "training": (kit_names.KIT, *TRAINING),
    "moment": (kit_names.KIT, moment_chart.NAMES),
    "task": (kit_names.KIT, task_chart.NAMES),
    "forecast": (kit_names.KIT, *forecast_chart.NAMES),
    **{name: (kit_names.KIT, lab_chart.NAMES, part.NAMES) for name, part in _LAB.items()},
    "terms": (plot_names.TERMS,),
    "lines": (plot_names.LINES,),
    "times": (plot_names.LINES,),
    "cost": (plot_names.COST,),
    "lengths": (plot_names.LENGTHS,),
    "horizon": (plot_names.HORIZON,),
    "over_time": (plot_names.OVER_TIME,),
    "maps": (plot_names.MAPS,),
    "attribution": (plot_names.ATTRIBUTION,),
    "factors": (plot_names.FACTORS,),
    "states": (plot_names.STATES,),
    "first_word": (plot_names.FIRST_WORD,),
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


def declared(family: str, name: str) -> tuple[Names, ...]:
    return DECLARED[name if family == "lab" else family]


ROOMS = list({id(names): names for its in DECLARED.values() for names in its}.values())


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
def test_every_name_is_declared_once_with_the_kind_that_it_has(family: str, name: str) -> None:
    names = declared(family, name)
    assert kinds.twice(names) == []
    assert list(kinds.of_columns(spec(family, name)["datasets"], names)) == []
    reader = Reader(spec(family, name))
    reader.read()
    assert list(kinds.of_signals(reader, names)) == []


@pytest.mark.parametrize("names", ROOMS, ids=lambda names: next(iter(names.signals or names.tables)))
def test_every_name_that_is_declared_is_made_and_read(names: Names) -> None:
    charts = [one for one in EVERY if names in declared(*one)]
    read = [(found(*one), spec(*one)["datasets"]) for one in charts]
    assert list(kinds.unused(names, read, TOLD)) == []


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


def names(kind: NameKind = "number") -> Names:
    """What declares the names of `chart`. kind: of its signal `s`."""
    signals = {"B": Meaning("row", "the only row"), "s": Meaning(kind, "what is tried")}
    return Names(signals, {"bundle": {"T": Meaning("index", "steps"), "words": Meaning("text", "two letters")}})


def wrong(declared: Names, update: str = "B.T + 1", x: str = "s + length(B.words)") -> list[str]:
    """What is found wrong between `chart` and what declares its names."""
    reader = Reader(chart(update, x=x))
    read, tables = reader.read(), reader.spec["datasets"]
    found = [*kinds.of_columns(tables, [declared]), *kinds.of_signals(reader, [declared])]
    return found + list(kinds.unused(declared, [(read, tables)]))


def test_what_is_declared_as_it_is_is_not_found() -> None:
    assert wrong(names()) == []


def test_a_name_that_nothing_declares_is_found() -> None:
    plain = names()
    tables = {"bundle": {"T": plain.tables["bundle"]["T"]}}
    assert wrong(Names(plain.signals, tables)) == ["bundle.words is declared nowhere"]
    signals = {"B": plain.signals["B"]}
    assert wrong(Names(signals, plain.tables)) == ["s is declared nowhere"]


def test_a_declared_name_that_nothing_makes_is_found() -> None:
    plain, more = names(), Meaning("number", "nothing")
    assert wrong(Names({**plain.signals, "r": more}, plain.tables)) == ["no chart makes the signal r"]
    tables = {"bundle": {**plain.tables["bundle"], "U": more}, "runs": {"T": more}}
    found = ["no table bundle has a column U", "no table runs has a column T"]
    assert wrong(Names(plain.signals, tables)) == found


def test_a_declared_name_that_nothing_reads_is_found() -> None:
    assert wrong(names(), x="length(B.words)") == ["nothing reads the signal s"]
    assert wrong(names(), x="s") == ["nothing reads the column words of bundle"]


def test_a_name_that_is_declared_twice_is_found() -> None:
    assert kinds.twice([names(), Names({"s": Meaning("number", "again")})]) == ["s"]
    assert kinds.twice([names(), Names(tables={"bundle": {"T": Meaning("number", "again")}})]) == ["bundle.T"]
    assert kinds.twice([names(), Names(tables={"runs": {"T": Meaning("number", "another")}})]) == []


@pytest.mark.parametrize(
    ("update", "kind"),
    [
        ("B.T + 1", "number"),
        ("B.words", "text"),
        ("B.words + B.T", "text"),
        ("split(B.words, ',')", "texts"),
        ("split(B.words, ',')[0]", "text"),
        ("[1, B.T]", "numbers"),
        ("sequence(B.T)", "numbers"),
        ("sequence(B.T)[1]", "number"),
        ("B.T > 1 && !(B.T > 2)", "flag"),
        ("dark ? '#ffffff' : '#000000'", "colour"),
        ("['#ffffff', '#000000']", "colours"),
        ("data('bundle')", "rows"),
        ("slice(data('bundle'), 0, 1)[0]", "row"),
        ("B.T > 1 ? {a: B.T} : null", "object"),
    ],
)
def test_the_kind_of_an_expression_is_found(update: str, kind: NameKind) -> None:
    others: tuple[NameKind, ...] = ("number", "flag", "colour", "numbers", "colours", "rows", "lists")
    given = update.replace("dark", "B.T > 1")
    assert not wrong(names(kind), given)
    assert all("is declared as" in wrong(names(other), given)[0] for other in others if other != kind)


def test_an_expression_of_two_kinds_is_of_neither() -> None:
    for kind in ("number", "flag"):
        assert "is flag|number" in wrong(names(kind), "B.T > 1 ? B.T : B.T > 2")[0]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("index", 3, 3.5),
        ("index", -1, True),
        ("number", 3.5, "3.5"),
        ("px", 3, None),
        ("flag", False, 0),
        ("text", "a, b", f"a{SEPARATOR}b"),
        ("texts", f"a{SEPARATOR}b", 1),
        ("colour", "#12ab3f", "12ab3f"),
        ("colours", "#12ab3f,#ffffff", "#12ab3f,white"),
        ("numbers", "1,-2.5,z,,1e-3", f"1{SEPARATOR}2"),
        ("numbers", "", "1,two"),
        ("picture", "data:image/png;base64,iVBOR", "http://example.org/a.png"),
        ("row", None, {"T": 3}),
    ],
)
def test_a_column_of_another_kind_is_found(kind: NameKind, good: object, bad: object) -> None:
    declared = Names(tables={"rows": {"c": Meaning(kind, "what is tried")}})
    for value, is_found in ((good, kind == "row"), (bad, True)):
        said = list(kinds.of_columns({"rows": [{"c": good}, {"c": value}]}, [declared]))
        assert [f"rows.c is declared as {kind}" in line for line in said] == [True] * is_found


def test_a_sentence_is_declared_by_its_name_and_must_be_one() -> None:
    said = catalogue("en")["stage.play"]
    assert list(kinds.of_columns({"rows": [{"s_play": said}]}, [])) == []
    assert list(kinds.of_columns({"rows": [{"s_play": "Play"}]}, [])) == ["rows.s_play is no sentence of the catalogue"]


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
