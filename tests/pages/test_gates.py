"""The page Watch the gates: its URL, the maps and the search, the memory, a gate held, five cells side by side."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rnnviz
from rnnviz import zoo
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.forward import Contrast
from rnnviz.core.trace import Trace
from rnnviz.facts.consequences import closing_step, keeping_bias, life, matches, memory_fate
from rnnviz.lessons.gates.comparison import NEAR
from rnnviz.lessons.gates.parameters import BIAS_LIMIT, COMPARED, GATED, PARTS, SORTINGS, gated
from rnnviz.lessons.gates.tries import LONG
from rnnviz.snippets.step import hold_lines, lines
from rnnviz.ui.text.prose import escape
from rnnviz.ui.url.parameters import LETTER_LIMIT
from rnnviz.words import catalogue
from rnnviz.words.numbers import fixed, percent
from rnnviz.zoo.catalogue import shipped
from tests.pages.conftest import Visit, bundle, table, unfold

TEXT = "The cat chased the dog so the dog ran away."
STEPS = 11
# What keeps the memory, from the gate's own value, and how that gate is opened all the way.
KEEPS = {"lstm": ("f", 1.0), "gru": ("z", 1.0), "peephole": ("f", 1.0), "mgu": ("f", 0.0)}
EN = catalogue("en")


def said(at: AppTest) -> str:
    return "\n".join(e.value for e in at.markdown)


def run(cell: str, *forced: Forced, text: str = TEXT) -> Trace:
    model = zoo.load("words-en", cell)
    reading = model.read(text)
    return rnnviz.record(model.rnn, reading.x, tokens=[t.text for t in reading.tokens], forced=forced)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Trace]:
    """The traces that the page puts on its stage, in order."""
    from rnnviz.ui.picture import stage

    shown: list[Trace] = []
    build = stage.build

    def spy(of: Contrast, *args: Any, **options: Any) -> object:
        shown.append(of.after.trace)
        return build(of, *args, **options)

    monkeypatch.setattr(stage, "build", spy)
    return shown


class TestURL:
    def test_a_link_restores_every_widget(self, visit: Visit) -> None:
        values = {"model": "words-en", "cell": "gru", "text": TEXT, "part": "hold", "gate": "r", "force": "0.25"}
        values |= {"unit": "3", "first": "2", "last": "5", "bias": "-1.5", "t": "2", "lang": "en"}
        at = unfold(visit("gates", "ko", **values), "gates_where")
        assert not at.exception
        assert not at.warning
        assert at.selectbox(key="gates_gate").value == "r"
        assert at.slider(key="gates_force_slider").value == at.number_input(key="gates_force").value == 0.25
        assert [at.selectbox(key=f"gates_{name}").value for name in ("unit", "first", "last")] == [3, 2, 5]
        assert at.slider(key="gates_bias").value == -1.5
        assert dict(at.query_params) == values
        values = {"text": TEXT, "sort": "token", "about": "4", "marks": "1,4", "lang": "en"}
        at = visit("gates", "ko", **values)
        assert at.selectbox(key="gates_sort").value == "token"
        assert at.selectbox(key="gates_about").value == 4
        assert at.multiselect(key="gates_marks").value == [1, 4]

    @pytest.mark.parametrize("part", PARTS)
    @pytest.mark.parametrize("language", ["en", "ko"])
    @pytest.mark.parametrize("cell", GATED)
    def test_every_part_opens(self, part: str, language: str, cell: str, visit: Visit) -> None:
        at = visit("gates", language, part=part, cell=cell, force="1", bias="2", hide="question")
        assert not at.exception
        assert not at.warning
        assert at.segmented_control(key="gates_part").value == part

    @pytest.mark.parametrize("model", zoo.catalogue())
    def test_every_model_opens(self, model: str, visit: Visit) -> None:
        for part in PARTS:
            at = visit("gates", model=model, part=part, hide="question")
            assert not at.exception
            assert not at.warning

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("cell", "rnn"),
            ("part", "all"),
            ("sort", "size"),
            ("about", "11"),
            ("marks", "1,11"),
            ("marks", "0"),
            ("marks", "a"),
            ("gate", "z"),
            ("gate", "g"),
            ("force", "1.1"),
            ("force", "-0.1"),
            ("force", "nan"),
            ("unit", "25"),
            ("first", "11"),
            ("last", "201"),
            ("bias", "5.1"),
            ("t", "11"),
        ],
    )
    def test_a_bad_value_is_named_and_replaced(self, name: str, raw: str, visit: Visit) -> None:
        at = visit("gates", **{name: raw})  # the text has 10 tokens
        assert not at.exception
        assert EN["header.refused"] in at.warning[0].value
        assert name not in at.query_params

    def test_a_span_that_ends_before_it_begins_is_refused(self, visit: Visit) -> None:
        at = visit("gates", part="hold", force="1", first="5", last="3")
        assert not at.exception
        assert EN["header.refused"] in at.warning[0].value

    def test_a_shared_link_opens_the_same_picture(self, visit: Visit) -> None:
        teacher = visit("gates", "ko", part="hold", cell="gru", force="0.5", bias="1")
        teacher.session_state["gates_share"] = True
        teacher.run()
        values = {name: found[-1] for name, found in parse_qs(urlsplit(teacher.code[0].value).query).items()}
        student = visit("gates", "en", **values)
        assert not student.warning
        assert said(student) == said(teacher)
        drawn = [at.get("vega_lite_chart")[0].proto for at in (student, teacher)]
        assert drawn[0].datasets == drawn[1].datasets

    def test_another_text_lets_go_of_its_steps(self, visit: Visit) -> None:
        at = visit("gates", part="hold", force="1", first="2", marks="3")
        at.text_input(key="gates_text").set_value("I am a boy.").run()
        assert not at.exception
        assert at.query_params["force"] == "1"
        assert {"first", "marks"}.isdisjoint(at.query_params)

    def test_an_empty_text_invites_and_a_long_one_is_refused(self, visit: Visit) -> None:
        assert visit("gates", text="").info[0].value == EN["reading.empty"]
        words, letters = "a " * (zoo.TOKEN_LIMIT + 1), "a" * (LETTER_LIMIT + 1)
        assert f"{zoo.TOKEN_LIMIT}" in visit("gates", text=words).info[0].value
        assert f"{LETTER_LIMIT}" in visit("gates", model="letters-en", text=letters).info[0].value

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_two_hundred_known_letters_are_read(self, language: str, visit: Visit, seen: list[Trace]) -> None:
        tokens = shipped(LONG[language]["model"])[0].tokenize(LONG[language]["text"])
        assert len(tokens) == 200
        assert all(token.known for token in tokens)
        for part in PARTS:
            at = visit("gates", language, part=part, force="1", hide="question", details="pytorch", **LONG[language])
            assert not at.exception
            assert not at.info
        assert [len(trace) for trace in seen].count(200) == 3, "a stage in all parts but the comparison"


class TestMaps:
    @pytest.mark.parametrize("sort", SORTINGS)
    def test_the_units_stand_in_the_order_that_is_chosen(self, sort: str, visit: Visit) -> None:
        at = visit("gates", text=TEXT)
        at.selectbox(key="gates_sort").set_value(sort).run()
        assert not at.exception
        trace = run("lstm")
        closing = closing_step(trace)
        assert closing is not None
        by = {"own": range(24), "token": rnnviz.order(trace, "h", "token", t=closing)}
        expected = by[sort] if sort in by else rnnviz.order(trace, "h", sort)
        assert bundle(at)["order"] == ",".join(map(str, expected))

    def test_the_search_picks_the_best_unit_on_the_stage(self, visit: Visit) -> None:
        at = visit("gates", text=TEXT)
        at.multiselect(key="gates_marks").set_value([2, 5, 8]).run()
        best = matches(run("lstm"), (2, 5, 8))[0]
        assert at.query_params["marks"] == "2,5,8"
        assert f"**{best.quantity} of unit {best.found.unit + 1}**" in said(at)
        shown = bundle(at)
        assert shown["marked"] == "1,4,7"
        assert shown["unit"] == best.found.unit
        assert run("lstm").quantities[shown["tint"]] == best.quantity

    def test_every_occurrence_of_a_token_can_be_marked(self, visit: Visit) -> None:
        at = visit("gates", text=TEXT)
        at.selectbox(key="gates_every").set_value("the").run()
        assert at.multiselect(key="gates_marks").value == [1, 4, 7]
        assert at.selectbox(key="gates_every").value is None

    def test_marking_everything_is_refused(self, visit: Visit) -> None:
        at = visit("gates", text=TEXT, marks=",".join(str(t) for t in range(1, STEPS + 1)))
        assert not at.exception
        assert at.warning[0].value == EN["gates.marks_all"]


class TestStep:
    def test_it_opens_inside_in_the_middle_of_the_text(self, visit: Visit) -> None:
        at = visit("gates", part="step", text=TEXT)
        assert bundle(at)["depth"] == 1
        assert bundle(at)["belt"]
        assert bundle(at)["start"] == 5
        assert "t" not in at.query_params

    @pytest.mark.parametrize("cell", GATED)
    def test_what_is_left_after_the_next_step_is_computed(self, cell: str, visit: Visit) -> None:
        at = visit("gates", part="step", text=TEXT, cell=cell)
        at.button(key="gates_skip").click().run()
        ((t, unit),) = re.findall(r"Step (\d+) comes next. Unit (\d+) holds", said(at))
        trace = run(cell)
        memory = "c" if "c" in trace.cell.states else "h"
        assert EN["guess.answer"].format(answer=fixed(float(trace[memory][0, int(t) - 1, int(unit) - 1]))) in said(at)
        assert said(at).count("✓") == 1
        assert said(at).count("✗") in (2, 3)

    @pytest.mark.parametrize("cell", GATED)
    def test_then_it_is_asked_which_gate_closes_in_the_next_step(self, cell: str, visit: Visit) -> None:
        at = visit("gates", part="step", text=TEXT, cell=cell)
        t, trace = bundle(at)["start"] + 2, run(cell)  # the step after the one that is shown, from 1
        asked = EN["ask.closes"].format(t=t, token=TEXT.split()[t - 1])
        if asked not in said(at):  # where the other question comes first
            at.button(key="gates_skip").click().run()
        assert asked in said(at)
        means = {gate: trace[gate][0].mean(axis=1) for gate in CELLS[cell].gates}
        falls = {gate: float(mean[t - 2] - mean[t - 1]) for gate, mean in means.items()}
        answer = max(falls, key=falls.__getitem__) if max(falls.values()) > 0 else "none"
        at.pills(key=next(str(p.key) for p in at.pills if "_guess_" in str(p.key))).set_value(answer).run()
        at.button(key="gates_reveal").click().run()
        label = EN["gates.guess_none"] if answer == "none" else f"{answer} · {EN[f'stage.op.{answer}']}"
        assert EN["guess.right"].format(guess=escape(label)) in said(at)


class TestHold:
    @pytest.mark.parametrize("cell", GATED)
    def test_the_stage_shows_what_record_gives(self, cell: str, visit: Visit, seen: list[Trace]) -> None:
        for gate in CELLS[cell].gates:
            at = visit(
                "gates", part="hold", text=TEXT, cell=cell, gate=gate, force="0.3", unit="2", first="3", last="6"
            )
            assert not at.exception
            expected = run(cell, Forced(gate, 0.3, (1,), (3, 6)))
            for name in expected.operations:
                np.testing.assert_array_equal(seen[-1][name], expected[name])
            assert bundle(at)["pair"]
            assert f"**The {EN[f'symbol.{gate}']} is held at 0.3** from step 3 to step 6, in unit 2 only" in said(at)

    @pytest.mark.parametrize("widget", ["slider", "number", "button"])
    def test_a_gate_is_held_and_let_go(self, widget: str, visit: Visit) -> None:
        at = unfold(visit("gates", part="hold", text=TEXT), "gates_where")
        untouched = at.get("vega_lite_chart")[0].proto
        assert at.button(key="gates_reset").disabled
        if widget == "button":
            at.button(key="gates_force_1").click().run()
        else:
            field = at.slider(key="gates_force_slider") if widget == "slider" else at.number_input(key="gates_force")
            field.set_value(1.0).run()
        assert not at.exception
        assert at.query_params["force"] == "1"
        assert at.get("vega_lite_chart")[0].proto.spec == untouched.spec, "the stage is not built again"
        assert bundle(at)["pair"]
        at.button(key="gates_reset").click().run()
        assert "force" not in at.query_params
        assert at.get("vega_lite_chart")[0].proto.datasets == untouched.datasets

    @pytest.mark.parametrize("cell", GATED)
    def test_a_bias_gives_the_half_life_of_its_gate_at_rest(self, cell: str, visit: Visit, seen: list[Trace]) -> None:
        at = unfold(visit("gates", part="hold", text=TEXT, cell=cell), "gates_where")
        at.slider(key="gates_bias").set_value(2.0).run()
        assert not at.exception
        rest = 1 / (1 + np.exp(-2.0))
        assert f"{rest:.3f} | {np.log(0.5) / np.log(rest):.2f} steps" in said(at)
        model = zoo.load("words-en", cell)
        expected = rnnviz.record(rnnviz.with_forget_bias(model.rnn, 2.0), model.read(TEXT).x)
        np.testing.assert_array_equal(seen[-1]["h"], expected["h"])

    @pytest.mark.parametrize("cell", GATED)
    def test_a_gate_that_is_held_everywhere_has_the_half_life_of_the_closed_form(self, cell: str) -> None:
        gate, wide = KEEPS[cell]
        held = run(cell, Forced(gate, 0.7 if wide else 0.3))
        found = life(held, 0.7)
        assert found.measured == pytest.approx(np.log(0.5) / np.log(0.7), rel=1e-5)
        assert found.closed == pytest.approx(found.measured, rel=1e-5)

    @pytest.mark.parametrize("cell", GATED)
    def test_the_table_says_what_keeps_where_its_gate_is_held(self, cell: str, visit: Visit) -> None:
        gate, wide = KEEPS[cell]
        at = visit("gates", part="hold", text=TEXT, cell=cell, gate=gate, force="0.7" if wide else "0.3")
        steps = np.log(0.5) / np.log(0.7)
        assert f"| {EN['gates.life_now']} | 0.700 | {steps:.2f} steps | {steps:.2f} steps |" in said(at)

    @pytest.mark.parametrize("cell", GATED)
    def test_the_closed_form_of_a_hold_of_some_steps_is_said_to_be_of_those(self, cell: str, visit: Visit) -> None:
        gate, wide = KEEPS[cell]
        for first, last, told in (("2", "4", True), ("1", str(STEPS), False)):
            at = visit("gates", part="hold", text=TEXT, cell=cell, gate=gate, force=f"{wide:g}", first=first, last=last)
            never = EN["gates.life_held"].format(closed=EN["gates.life_never"]) if told else EN["gates.life_never"]
            assert f"| {EN['gates.life_now']} | 1.000 | {never} |" in said(at)

    @pytest.mark.parametrize("cell", ["lstm", "peephole"])
    def test_a_hold_before_anything_was_kept_changes_no_half_life(self, cell: str, visit: Visit) -> None:
        """Where the gate that keeps does nothing else, at the first step it does nothing."""
        at = visit("gates", part="hold", text=TEXT, cell=cell, gate="f", force="1", first="1", last="1")
        trained, now = (
            line.split("|")[-2] for line in said(at).splitlines() if line.startswith("| ") and " steps" in line
        )
        assert trained == now

    @pytest.mark.parametrize("cell", GATED)
    def test_the_fate_of_the_memory_is_computed(self, cell: str, visit: Visit) -> None:
        gate, wide = KEEPS[cell]
        at = visit("gates", part="hold", text=TEXT, cell=cell)
        at.button(key="gates_skip").click().run()
        before, after = run(cell), run(cell, Forced(gate, wide))
        memory = "c" if "c" in before.cell.states else "h"
        was, now = (np.abs(trace[memory][0, -1]).mean() for trace in (before, after))
        if memory == "h":
            assert now == 0, "nothing is ever written"
        fate = "grow" if now > 1.1 * was else "shrink" if now < 0.9 * was else "stay"
        assert memory_fate(before, after) == fate
        assert EN["guess.answer"].format(answer=EN[f"ask.fate_{fate}"]) in said(at)
        at.button(key="gates_do_it").click().run()
        assert at.query_params["force"] == f"{wide:g}"

    def test_nothing_is_held_in_another_part(self, visit: Visit, seen: list[Trace]) -> None:
        visit("gates", part="maps", text=TEXT, force="1", bias="3")
        assert seen[-1].forced == ()
        np.testing.assert_array_equal(seen[-1]["h"], run("lstm")["h"])

    def test_the_equations_are_those_of_the_untouched_run(self, visit: Visit) -> None:
        at = visit("gates", part="hold", text=TEXT, force="1", details="equations", t="3")
        free = visit("gates", part="hold", text=TEXT, details="equations", t="3")
        assert [e.value for e in at.get("latex")] == [e.value for e in free.get("latex")]
        assert EN["gates.equations_untouched"] in said(at)

    def test_every_trained_bias_is_within_what_can_be_chosen(self) -> None:
        for model in zoo.catalogue():
            for cell in gated(model):
                trace = rnnviz.record(zoo.load(model, cell).rnn, zoo.load(model, cell).embedding[:1])
                assert abs(keeping_bias(trace)) <= BIAS_LIMIT


class TestCompare:
    def test_five_cells_read_the_text(self, visit: Visit) -> None:
        at = visit("gates", part="compare", text=TEXT, hide="question")
        assert len(at.get("vega_lite_chart")) == 2
        cards = shipped("words-en")[1]
        for cell in COMPARED:
            assert f"{cards[cell].parameters:,}" in said(at)
            probe = cards[cell].first_word
            assert probe is not None
            for found in (probe.accuracies, probe.carried):
                assert percent(found[probe.distances.index(16)]) in said(at)

    def test_a_gap_stays_a_gap_since_each_cell_fills_it_in_its_own_way(self, visit: Visit) -> None:
        at = visit("gates", part="compare", text="I ___ a boy.", hide="question")
        assert [row["token"] for row in table(at, "columns", chart=1)] == ["I", "___", "a", "boy", "."]

    def test_the_probe_waits_for_a_guess(self, visit: Visit) -> None:
        at = visit("gates", part="compare", text=TEXT)
        for number, answer in enumerate(("c", "h", "nowhere")):
            assert EN["gates.column_from_all"] not in said(at) or number
            assert {row["name"] for row in table(at, "rows")} == {CELLS[cell].title for cell in COMPARED}
            key = next(str(pills.key) for pills in at.pills if str(pills.key).startswith("gates_guess_"))
            at.pills(key=key).set_value(answer).run()
            at.button(key="gates_reveal").click().run()
            assert said(at).count(EN["guess.right"].format(guess=EN[f"ask.first_word_{answer}"])) >= 1
            far = {row["name"] for row in table(at, "rows") if row["x"] > NEAR}
            assert len(far) == (number + 1 if number < 2 else len(COMPARED))
        assert said(at).count("✓") == 3

    def test_the_time_is_measured_when_asked_for(self, visit: Visit) -> None:
        at = visit("gates", part="compare", text=TEXT, hide="question")
        at.button(key="gates_measure").click().run()
        assert not at.exception
        assert len(re.findall(r"\d\.\d\d ms", said(at))) == len(COMPARED)


@pytest.mark.parametrize(("part", "cell"), [*((part, "lstm") for part in PARTS), ("hold", "mgu")])
def test_what_is_offered_to_try_changes_what_it_says(part: str, cell: str, visit: Visit) -> None:
    keys = [b.key for b in visit("gates", part=part, cell=cell).button if str(b.key).startswith("gates_try_")]
    assert keys
    for key in keys:
        at = visit("gates", part=part, cell=cell)
        before = dict(at.query_params)
        at.button(key=key).click().run()
        assert not at.exception
        assert not at.warning or key.endswith("_unknown")
        assert dict(at.query_params) != before
        assert key not in [b.key for b in at.button]


def test_a_hold_does_not_add_to_the_one_before(visit: Visit) -> None:
    """What a button says, "shut the gate", is all that is held then: over the whole text, and with the trained bias."""
    keys = ("hold_f", "hold_late", "hold_i", "bias_high", "hold_o")
    at = visit("gates", part="hold", cell="lstm", text=TEXT)
    for key in keys:
        alone = visit("gates", part="hold", cell="lstm", text=TEXT)
        alone.button(key=f"gates_try_{key}").click().run()
        at.button(key=f"gates_try_{key}").click().run()
        assert what_is_held(at) == what_is_held(alone)


def what_is_held(at: AppTest) -> dict[str, str]:
    """The gate counts only where it is held."""
    values = {
        name: value for name, value in at.query_params.items() if name in ("gate", "force", "first", "last", "bias")
    }
    return values if "force" in values else {name: value for name, value in values.items() if name != "gate"}


class TestLines:
    """Run as a person would run them."""

    @pytest.mark.parametrize("bias", [None, -1.5])
    @pytest.mark.parametrize("cell", GATED)
    def test_what_is_held_gives_the_numbers_of_the_page(
        self, cell: str, bias: float | None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        model = zoo.load("words-en", cell)
        x = model.read(TEXT).x
        rnn = model.rnn if bias is None else rnnviz.with_forget_bias(model.rnn, bias)
        forces = [Forced(gate, 0.9) for gate in CELLS[cell].gates] + [Forced(CELLS[cell].gates[0], 0.1, (2,), (3, 6))]
        for force in [*forces, *([None] if bias is not None else [])]:
            exec(hold_lines("words-en", cell, TEXT, force, bias), {})
            *choices, size = capsys.readouterr().out.strip().splitlines()
            trace = rnnviz.record(rnn, x, forced=() if force is None else (force,))
            best = rnnviz.read_out(trace, model.head).y.argmax(axis=1)
            assert choices == [f"{t} {model.vocabulary.words[word]}" for t, word in enumerate(best, 1)]
            memory = trace["c" if "c" in trace.cell.states else "h"][0, -1]
            assert float(size[7:-1]) == pytest.approx(np.abs(memory).mean(), abs=1e-4)

    @pytest.mark.parametrize("cell", ["peephole", "mgu"])
    def test_the_step_of_a_further_cell(self, cell: str, capsys: pytest.CaptureFixture[str]) -> None:
        exec(lines("words-en", cell, TEXT, 4), {})
        printed = capsys.readouterr().out.rsplit("\n", 2)[0]
        h = [float(number) for number in re.findall(r"-?\d+\.\d*(?:e[+-]\d+)?", printed)]
        np.testing.assert_allclose(h, run(cell)["h"][0, 3], atol=6e-5)

    def test_the_lines_stand_on_the_page(self, visit: Visit) -> None:
        at = visit("gates", part="hold", text=TEXT, force="1", details="pytorch")
        assert at.code[-1].value == hold_lines("words-en", "lstm", TEXT, Forced("f", 1.0), None)
