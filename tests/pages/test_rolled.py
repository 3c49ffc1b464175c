"""The page Rolled and unrolled: its URL, the edit of a weight, any length, the gradient's terms, the time."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

import rnnviz
from rnnviz import zoo
from rnnviz.core.sharing import parameter_counts, weight_terms
from rnnviz.facts.questions.words import surprised
from rnnviz.lessons.rolled.parameters import PARTS, VALUE_LIMIT, WEIGHTS
from rnnviz.snippets.step import edit_lines, term_lines
from rnnviz.ui.picture.trained_pass import trained_pass
from rnnviz.words import catalogue
from rnnviz.words.numbers import size
from tests.pages.conftest import Visit, unfold

TEXT = "The cat chased the dog so the dog ran away."


def said(at: AppTest) -> str:
    return "\n".join(e.value for e in at.markdown)


def asked(at: AppTest) -> Any:
    """The options of the question that is open."""
    return next(pills for pills in at.pills if "_guess_" in str(pills.key))


def path(at: AppTest) -> str:
    """What the stage has of the gradient."""
    (bundle,) = (d for d in at.get("vega_lite_chart")[0].proto.datasets if d.name == "bundle")
    (row,) = pa.ipc.open_stream(bundle.data.data).read_all().to_pylist()
    return str(row["path"])


class TestURL:
    def test_a_link_restores_every_widget(self, visit: Visit) -> None:
        values = {"model": "words-en", "cell": "lstm", "text": TEXT, "weight": "W_hf", "row": "3", "column": "5"}
        values |= {"value": "-1.25", "t": "2", "lang": "en"}
        at = unfold(visit("rolled", "ko", **values), "rolled_entry")
        assert not at.exception
        assert not at.warning
        assert at.selectbox(key="rolled_weight").value == "W_hf"
        assert [at.number_input(key=f"rolled_{name}").value for name in ("row", "column", "value")] == [3, 5, -1.25]
        assert at.slider(key="rolled_value_slider").value == -1.25
        assert dict(at.query_params) == values

    @pytest.mark.parametrize("part", PARTS)
    @pytest.mark.parametrize("language", ["en", "ko"])
    @pytest.mark.parametrize("cell", zoo.CELL_NAMES)
    def test_every_part_opens(self, part: str, language: str, cell: str, visit: Visit) -> None:
        at = visit("rolled", language, part=part, cell=cell)
        assert not at.exception
        assert at.segmented_control(key="rolled_part").value == part

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("weight", "W_hf"),
            ("weight", "b_h"),
            ("row", "25"),
            ("row", "0"),
            ("column", "25"),
            ("value", "nan"),
            ("value", "1e3"),
            ("value", "9"),
            ("value", "-8.0001"),
            ("loss", "39"),
            ("window", "0"),
            ("part", "all"),
        ],
    )
    def test_a_bad_value_is_named_and_replaced(self, name: str, raw: str, visit: Visit) -> None:
        at = visit("rolled", **{name: raw})
        assert not at.exception
        assert catalogue("en")["header.refused"] in at.warning[0].value
        assert name not in at.query_params

    @pytest.mark.parametrize("bad", [{"row": "99"}, {"cell": "gru", "weight": "W_hf", "row": "3"}, {"weight": "b_h"}])
    def test_a_value_is_not_put_into_another_entry_than_was_asked_for(self, bad: dict[str, str], visit: Visit) -> None:
        at = visit("rolled", **bad, value="2")
        assert not at.exception
        assert at.warning
        assert "value" not in at.query_params
        assert at.button(key="rolled_reset").disabled

    def test_the_value_as_trained_is_no_edit(self, visit: Visit) -> None:
        at = visit("rolled")
        at = visit("rolled", value=f"{at.number_input(key='rolled_value').value:g}")
        assert at.button(key="rolled_reset").disabled

    def test_a_link_opens_the_loop(self, visit: Visit) -> None:
        chain, loop = visit("rolled", fold="chain"), visit("rolled", fold="loop")
        assert not loop.exception
        assert chain.get("vega_lite_chart")[0].proto.spec == loop.get("vega_lite_chart")[0].proto.spec
        assert chain.get("vega_lite_chart")[0].proto.datasets != loop.get("vega_lite_chart")[0].proto.datasets

    def test_another_weight_begins_untouched(self, visit: Visit) -> None:
        at = unfold(visit("rolled", value="2"), "rolled_entry")
        at.selectbox(key="rolled_weight").set_value("W_xh").run()
        assert "value" not in at.query_params
        assert at.button(key="rolled_reset").disabled

    def test_a_shared_link_opens_the_same_picture(self, visit: Visit) -> None:
        teacher = visit("rolled", "ko", value="2", cell="gru")
        teacher.session_state["rolled_share"] = True
        teacher.run()
        values = {name: found[-1] for name, found in parse_qs(urlsplit(teacher.code[0].value).query).items()}
        student = visit("rolled", "en", **values)
        assert not student.warning
        assert said(student) == said(teacher)

    def test_an_empty_text_invites(self, visit: Visit) -> None:
        at = visit("rolled", text="")
        assert not at.exception
        assert at.info[0].value == catalogue("en")["reading.empty"]


class TestWeight:
    def test_every_trained_weight_is_within_what_can_be_typed(self) -> None:
        for name in zoo.catalogue():
            for cell in zoo.CELL_NAMES:
                model = zoo.load(name, cell)
                tensors = [*model.rnn.parameters(), model.head.weight]
                assert max(float(tensor.abs().max()) for tensor in tensors) <= VALUE_LIMIT

    @pytest.mark.parametrize("widget", ["slider", "number"])
    def test_an_edit_changes_the_stage_and_reset_takes_it_back(self, widget: str, visit: Visit) -> None:
        at = visit("rolled", text=TEXT)
        untouched = at.get("vega_lite_chart")[0].proto
        field = at.slider(key="rolled_value_slider") if widget == "slider" else at.number_input(key="rolled_value")
        field.set_value(2.0).run()
        assert not at.exception
        assert at.query_params["value"] == "2"
        assert at.get("vega_lite_chart")[0].proto.datasets != untouched.datasets
        assert at.get("vega_lite_chart")[0].proto.spec == untouched.spec
        assert at.slider(key="rolled_value_slider").value == at.number_input(key="rolled_value").value == 2
        at.button(key="rolled_reset").click().run()
        assert "value" not in at.query_params
        assert at.get("vega_lite_chart")[0].proto.datasets == untouched.datasets

    @pytest.mark.parametrize("cell", zoo.CELL_NAMES)
    def test_every_weight_can_be_edited(self, cell: str, visit: Visit) -> None:
        at = visit("rolled", cell=cell)
        for name in WEIGHTS[cell]:
            unfold(at, "rolled_entry").selectbox(key="rolled_weight").set_value(name).run()
            at.number_input(key="rolled_value").set_value(1.5).run()
            assert not at.exception

    @pytest.mark.parametrize(("weight", "answer"), [("W_xh", "first"), ("W_hh", "second"), ("W_hy", "never")])
    def test_the_question_is_answered_by_computing_it(self, weight: str, answer: str, visit: Visit) -> None:
        at = visit("rolled", text=TEXT, weight=weight)
        asked(at).set_value("first").run()
        at.button(key="rolled_reveal").click().run()
        say = catalogue("en")
        kind = "right" if answer == "first" else "wrong"
        values = {"guess": say["ask.edit_reaches_first"], "answer": say[f"ask.edit_reaches_{answer}"]}
        assert say[f"guess.{kind}"].format(**values) in said(at)
        assert (said(at).count("✓"), said(at).count("✗")) == (1, 3)


class TestLength:
    @pytest.mark.parametrize("text", ["", "a " * 45])
    def test_a_press_that_comes_with_an_unreadable_text_does_no_harm(self, text: str, visit: Visit) -> None:
        at = visit("rolled", part="length", text="I am")
        at.text_input(key="rolled_text").set_value(text)
        at.button(key="rolled_add").click().run()
        assert not at.exception
        assert at.info

    def test_tokens_come_and_go_and_the_count_stays(self, visit: Visit) -> None:
        at = visit("rolled", part="length", text="I am", hide="question")
        counts = parameter_counts(8, 24, len(zoo.load("words-en", "rnn").vocabulary), (2, 3))
        assert f"{counts.recurrent:,}" in said(at)
        assert f"{counts.feed_forward[0]:,}" in said(at)
        at.button(key="rolled_add").click().run()
        assert not at.exception
        assert len(at.text_input(key="rolled_text").value.split()) == 3
        assert f"{counts.recurrent:,}" in said(at)
        assert f"{counts.feed_forward[1]:,}" in said(at)
        at.button(key="rolled_remove").click().run()
        assert at.text_input(key="rolled_text").value == "I am"

    def test_the_counts_wait_for_a_guess_and_then_stay_at_every_length(self, visit: Visit) -> None:
        at = visit("rolled", part="length", text="I am")
        counts = parameter_counts(8, 24, len(zoo.load("words-en", "rnn").vocabulary), (2, 3))
        assert f"{counts.recurrent:,}" not in said(at)
        assert len(at.get("vega_lite_chart")) == 1
        asked(at).set_value("recurrent").run()
        at.button(key="rolled_reveal").click().run()
        more = "recurrent" if counts.recurrent > counts.feed_forward[0] else "window"
        name = catalogue("en")[f"ask.unrolled_{more}"].format(cell="RNN")
        assert f"✓ **{name}**" in said(at)
        at.button(key="rolled_add").click().run()
        assert not at.exception
        assert f"{counts.feed_forward[1]:,}" in said(at)
        assert len(at.get("vega_lite_chart")) == 2
        assert f"✓ **{name}**" in said(at), "what was guessed is of the length at which it was asked"

    @pytest.mark.parametrize("model", zoo.catalogue())
    def test_a_token_can_be_added_and_taken_away_in_every_model(self, model: str, visit: Visit) -> None:
        at = visit("rolled", part="length", model=model)
        vocabulary = zoo.load(model, "rnn").vocabulary
        before = vocabulary.tokenize(at.text_input(key="rolled_text").value)
        at.button(key="rolled_add").click().run()
        assert vocabulary.tokenize(at.text_input(key="rolled_text").value)[:-1] == before
        at.button(key="rolled_remove").click().run()
        assert vocabulary.tokenize(at.text_input(key="rolled_text").value) == before

    @pytest.mark.parametrize(("window", "fate"), [("10", "cuts"), ("11", "fits"), ("12", "pads")])
    def test_a_window_pads_cuts_or_refuses(self, window: str, fate: str, visit: Visit) -> None:
        at = visit("rolled", part="length", text=TEXT, window=window)  # 11 tokens
        assert not at.exception
        assert catalogue("en")[f"rolled.{fate}"].split(".")[0] in said(at)
        assert any("mat1" in code.value for code in at.code) == (fate != "fits"), "PyTorch's own message"


class TestGradient:
    @pytest.mark.parametrize(("cell", "weight"), [("rnn", "W_hh"), ("lstm", "W_xf"), ("gru", "W_hn"), ("rnn", "W_hy")])
    def test_the_sum_on_the_page_is_autograds(self, cell: str, weight: str, visit: Visit) -> None:
        at = visit(
            "rolled",
            part="gradient",
            cell=cell,
            weight=weight,
            text=TEXT,
            loss="4",
            row="2",
            column="1",
            hide="question",
        )
        assert not at.exception
        model = zoo.load("words-en", cell)
        reading = model.read(TEXT)
        target = reading.targets[3]
        assert target is not None
        terms = weight_terms(model.rnn, reading.x, model.head, target, 4, parameter=weight)
        assert size(terms.total[1, 0], 5) in said(at)
        assert len(at.get("vega_lite_chart")) == 2

    def test_the_bars_wait_for_a_guess(self, visit: Visit) -> None:
        at = visit("rolled", part="gradient", text=TEXT)
        assert len(at.get("vega_lite_chart")) == 1
        assert not path(at), "the gradient on the stage would give the answer away"
        asked(at).set_value("rest").run()
        at.button(key="rolled_reveal").click().run()
        assert not at.exception
        assert len(at.get("vega_lite_chart")) == 2
        assert path(at)
        assert said(at).count("✓") == 1
        assert "✓ **" + catalogue("en")["ask.copies_rest"].split("{")[0] in said(at)

    def test_whose_the_surprise_is_is_asked_after_that(self, visit: Visit) -> None:
        text = "The cat chased the dog so the cat ran away."
        shown = trained_pass("words-en", "rnn", text).shown
        t = next(t for t in range(3, len(shown.tokens)) if surprised(shown, t))
        at = visit("rolled", part="gradient", text=text, loss=str(t))
        for n, option in enumerate(("rest", "wrong"), 1):
            asked(at).set_value(option).run()
            at.button(key="rolled_reveal").click().run()
            assert not at.exception
            assert said(at).count("✓") == n

    def test_the_loss_is_where_the_network_is_most_wrong(self, visit: Visit) -> None:
        at = visit("rolled", part="gradient", text=TEXT)
        model = zoo.load("words-en", "rnn")
        reading = model.read(TEXT)
        y = rnnviz.read_out(rnnviz.record(model.rnn, reading.x), model.head).y
        known = {t: y[t - 1, target] for t, target in enumerate(reading.targets, 1) if target is not None}
        late = {t: p for t, p in known.items() if t > len(y) / 2}
        assert at.selectbox(key="rolled_loss").value == min(late, key=late.__getitem__)
        assert "loss" not in at.query_params


def test_time_is_measured_when_asked_for(visit: Visit) -> None:
    at = visit("rolled", part="time")
    assert len(at.get("vega_lite_chart")) == 1
    at.button(key="rolled_measure").click().run()
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 2


@pytest.mark.parametrize("part", PARTS)
def test_what_is_offered_to_try_changes_what_it_says(part: str, visit: Visit) -> None:
    keys = [b.key for b in visit("rolled", part=part).button if str(b.key).startswith("rolled_try_")]
    assert len(keys) >= 2
    for key in keys:
        at = visit("rolled", part=part)
        before = dict(at.query_params)
        at.button(key=key).click().run()
        assert not at.exception
        assert dict(at.query_params) != before
        assert key not in [b.key for b in at.button]


class TestLines:
    """Run as a person would run them."""

    @pytest.mark.parametrize(("cell", "weight"), [("rnn", "W_hh"), ("lstm", "W_xf"), ("gru", "W_hn"), ("rnn", "W_hy")])
    def test_the_terms_are_those_of_the_page(self, cell: str, weight: str, capsys: pytest.CaptureFixture[str]) -> None:
        model = zoo.load("words-en", cell)
        reading = model.read(TEXT)
        target = reading.targets[3]
        assert target is not None
        exec(term_lines("words-en", cell, TEXT, 4, (target, "x\n'"), weight, 3, 2), {})
        printed, total = capsys.readouterr().out.strip().splitlines()
        terms = weight_terms(model.rnn, reading.x, model.head, target, 4, parameter=weight)
        expected = terms.terms[:4, 2, 1] if weight != "W_hy" else terms.terms[3:4, 2, 1]
        # The lines compute in float32, as the model does, and the page's terms are float64.
        np.testing.assert_allclose([float(p) for p in printed.strip("[]").split(",")], expected, rtol=1e-3, atol=1e-6)
        assert float(total) == pytest.approx(terms.total[2, 1], rel=1e-3, abs=1e-8)

    @pytest.mark.parametrize(("cell", "weight"), [("rnn", "W_xh"), ("lstm", "W_hg"), ("gru", "W_xz"), ("gru", "W_hy")])
    def test_the_edit_is_that_of_the_page(self, cell: str, weight: str, capsys: pytest.CaptureFixture[str]) -> None:
        exec(edit_lines("words-en", cell, TEXT, weight, 3, 2, 1.5), {})
        out = capsys.readouterr().out
        model = zoo.load("words-en", cell)
        x = model.read(TEXT).x
        if weight == "W_hy":
            assert len(out.strip().splitlines()) == 2
            return
        after = rnnviz.record(rnnviz.with_entry(model.rnn, weight, 2, 1, 1.5), x)["h"][0]
        moved = np.abs(after - rnnviz.record(model.rnn, x)["h"][0]).max(axis=1)
        numbers = out.replace("tensor([", "").replace("])", "").split(",")
        np.testing.assert_allclose([float(n) for n in numbers], moved, atol=1e-4)


@pytest.mark.parametrize("model", zoo.catalogue())
@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
def test_the_edit_that_is_offered_changes_what_the_network_expects_most(model: str, cell: str, visit: Visit) -> None:
    at = unfold(visit("rolled", model=model, cell=cell), "rolled_entry")
    name = at.selectbox(key="rolled_weight").value
    row, column = (at.number_input(key=f"rolled_{axis}").value - 1 for axis in ("row", "column"))
    at.button(key="rolled_flip").click().run()
    loaded = zoo.load(model, cell)
    reading = loaded.read(at.text_input(key="rolled_text").value)
    before = rnnviz.record(loaded.rnn, reading.x)
    value = float(before.weights[0][name][row, column])
    assert float(at.query_params["value"]) == pytest.approx(-value, abs=1e-4)
    after = rnnviz.record(rnnviz.with_entry(loaded.rnn, name, row, column, -value), reading.x)
    y, other = (rnnviz.read_out(trace, loaded.head).y for trace in (before, after))
    moved = np.abs(y - other).sum(1) / 2
    assert moved.max() > 0.15
    assert (y.argmax(1) != other.argmax(1)).any(), "another first choice"
    assert at.session_state["url.chosen"]["rolled"].get("t", int(moved.argmax()) + 1) == int(moved.argmax()) + 1


def test_it_opens_folded_and_the_others_parts_as_a_chain(visit: Visit) -> None:
    def folded(at: AppTest) -> bool:
        (data,) = (d for d in at.get("vega_lite_chart")[0].proto.datasets if d.name == "bundle")
        return bool(pa.ipc.open_stream(data.data.data).read_all().to_pylist()[0]["folded"])

    assert folded(visit("rolled"))
    assert not any(folded(visit("rolled", part=part)) for part in PARTS[1:])
