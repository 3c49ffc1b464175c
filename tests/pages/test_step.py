"""The page Step through: what is in its URL, its texts, its question, its lesson."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import rnnviz
from rnnviz import zoo
from rnnviz.core.trace import Readout
from rnnviz.snippets.step import lines
from rnnviz.ui.controls.experiments import CELLS, TEXTS
from rnnviz.ui.text.prose import escape
from rnnviz.ui.url.parameters import HIDEABLE, TEXT_LIMIT
from rnnviz.words import catalogue
from rnnviz.words.numbers import percent
from tests.pages.conftest import Visit, bundle

TEXT = "The cat chased the dog so the dog ran away."
Files = dict[str, Callable[[], Any]]
LOOSE = "the the cat the dog so"  # no sentence of the grammar, so nothing decides the next word


def warned(at: AppTest) -> str:
    return " ".join(warning.value for warning in at.warning)


def asked(at: AppTest) -> list[Any]:
    return [pills for pills in at.pills if "_guess_" in str(pills.key)]


def shared_link(at: AppTest) -> str:
    at.session_state["step_share"] = True
    at.run()
    return at.code[0].value


class TestURL:
    def test_a_link_restores_every_widget(self, visit: Visit) -> None:
        values = {"model": "words-ko", "cell": "gru", "text": "나는 소년이 ___.", "seed": "7", "t": "3", "lang": "en"}
        at = visit("step", "ko", **values)
        assert not at.exception
        assert not at.warning
        assert at.title[0].value == catalogue("en")["step.title"]
        assert at.text_input(key="step_text").value == values["text"]
        assert at.segmented_control(key="step_cell").value == "gru"
        assert at.selectbox(key="step_model").value == "words-ko"
        at.session_state["step_share"] = at.session_state["step_more"] = True
        at.run()
        assert at.number_input(key="step_seed").value == 7
        assert dict(at.query_params) == values

    def test_what_a_widget_changes_is_in_the_url(self, visit: Visit) -> None:
        at = visit("step")
        at.segmented_control(key="step_cell").set_value("lstm").run()
        assert dict(at.query_params) == {"cell": "lstm", "lang": "en"}
        at.text_input(key="step_text").set_value(TEXT).run()
        assert dict(at.query_params) == {"cell": "lstm", "lang": "en", "model": "words-en", "text": TEXT}

    def test_another_model_brings_its_own_text(self, visit: Visit) -> None:
        at = visit("step", text=TEXT, t="4")
        at.selectbox(key="step_model").set_value("letters-en").run()
        assert not at.exception
        assert at.text_input(key="step_text").value == zoo.catalogue()["letters-en"].examples[0]
        assert "t" not in at.query_params

    def test_the_model_follows_the_language_until_it_is_chosen(self, visit: Visit) -> None:
        at = visit("step", "en")
        at.segmented_control(key="step_lang").set_value("ko").run()
        assert at.selectbox(key="step_model_ko").value == "words-ko"
        at = visit("step", "en", text=TEXT, model="words-en")
        at.segmented_control(key="step_lang").set_value("ko").run()
        assert at.selectbox(key="step_model_ko").value == "words-en"
        assert at.text_input(key="step_text_ko").value == TEXT

    def test_a_text_survives_a_visit_to_another_page(self, visit: Visit) -> None:
        at = visit("step")
        at.text_input(key="step_text").set_value(TEXT).run()
        at.switch_page("pages/home.py").run()
        assert "text" not in at.query_params
        at.switch_page("pages/step-through.py").run()
        assert at.text_input(key="step_text").value == TEXT
        assert at.run().query_params["text"] == TEXT  # on arrival the browser alone brings the address up to date

    @pytest.mark.parametrize("reader", ["en", "ko"])
    def test_a_shared_link_opens_the_same_picture_for_everyone(self, reader: str, visit: Visit) -> None:
        teacher = visit("step", "ko", cell="lstm", t="2", details="pytorch")
        link = shared_link(teacher)
        assert link.startswith("https://class.example/step-through?")
        values = {name: found[-1] for name, found in parse_qs(urlsplit(link).query).items()}
        student = visit("step", reader, **values)
        assert not student.warning
        assert student.get("vega_lite_chart")[0].proto.spec == teacher.get("vega_lite_chart")[0].proto.spec
        assert [e.value for e in student.markdown] == [e.value for e in teacher.markdown]
        assert student.code[0].value == teacher.code[-1].value

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("model", "gpt"),
            ("cell", "LSTM2"),
            ("cell", ""),
            ("text", "x" * (TEXT_LIMIT + 1)),
            ("seed", "-1"),
            ("seed", "9" * 400),
            ("seed", "1e3"),
            ("t", "0"),
            ("t", "39"),
            ("t", "²"),
            ("t", "t"),
        ],
    )
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_a_bad_value_is_named_and_replaced(self, name: str, raw: str, language: str, visit: Visit) -> None:
        at = visit("step", language, **{name: raw})
        assert not at.exception
        assert catalogue(language)["header.refused"] in warned(at)
        assert f"{name} \\= " in warned(at) or f"{name} = " in warned(at)
        assert name not in at.query_params
        at.segmented_control(key="step_cell").set_value("gru").run()
        assert not at.warning, "it is said once"

    def test_a_bad_value_cannot_bring_markup(self, visit: Visit) -> None:
        raw = "<b>**[x](http://y)**$z$:red[a]:material/star:"
        assert escape(raw) in warned(visit("step", cell=raw))


class TestHiding:
    @pytest.mark.parametrize("name", HIDEABLE)
    def test_what_a_link_hides_is_gone_and_its_value_stays(self, name: str, visit: Visit) -> None:
        at = visit("step", hide=name, cell="gru", model="words-en", text=TEXT)
        assert not at.exception
        assert at.query_params["hide"] == name
        assert at.query_params["cell"] == "gru"
        assert at.query_params["text"] == TEXT
        keys = {"text": "step_text", "cell": "step_cell", "model": "step_model", "language": "step_lang"}
        if name in keys:
            with pytest.raises(KeyError):
                at.get_by_key(keys[name])
        heading = {"notice": "notice.title_text", "lesson": "try.title"}
        if name in heading:
            assert catalogue("en")[heading[name]] not in [e.value for e in at.subheader]

    def test_the_share_popover_writes_what_to_hide(self, visit: Visit) -> None:
        at = visit("step")
        at.session_state["step_share"] = True
        at.run()
        at.pills(key="step_share_hide").set_value(["text", "embed"]).run()
        link = at.code[0].value
        assert parse_qs(urlsplit(link).query)["hide"] == ["text"]
        assert link.endswith("&embed=true")
        assert at.text_input(key="step_text").value, "the teacher's own page keeps it"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What makes each file that the page offered last, by its ending."""
    made: Files = {}

    def spy(label: str, make: Callable[[], Any], name: str, *_: object, **__: object) -> None:
        made[name.rsplit(".", 1)[1]] = make

    monkeypatch.setattr("streamlit.download_button", spy)
    return made


def test_a_saved_picture_hides_the_prediction_as_long_as_the_page_does(visit: Visit, files: Files) -> None:
    model, said = zoo.load("words-en", "lstm"), catalogue("en")
    y = rnnviz.read_out(rnnviz.record(model.rnn, model.read(TEXT).x), model.head).y

    def shown(**values: str) -> bool:
        """Whether the picture says how probable the likeliest word is; else it asks for it."""
        at = visit("step", text=TEXT, model="words-en", cell="lstm", t="4", **values)
        at.session_state["step_save"] = True
        if pending is not None:
            at.session_state["step_stage_place"].pending = pending
        assert not at.run().exception
        svg = files["svg"]()
        told = f">{percent(y[3].max(), 1)}" in svg
        assert told != (f">{said['stage.quiz_ask']}<" in svg)
        assert said["stage.quiz_press"] not in svg
        return told

    pending: bool | None = None
    assert not shown(guess="on")
    assert shown(guess="off")
    assert shown(guess="on", hide="question")
    for pending in (True, False):
        assert shown(guess="on") is not pending


def test_the_downloaded_numbers_hold_the_predictions(visit: Visit, files: Files) -> None:
    at = visit("step", text=TEXT, model="words-en")
    at.session_state["step_save"] = True
    assert not at.run().exception
    model = zoo.load("words-en", "rnn")
    expected = rnnviz.read_out(rnnviz.record(model.rnn, model.read(TEXT).x), model.head)
    np.testing.assert_array_equal(Readout.load(io.BytesIO(files["npz"]())).y, expected.y)
    lines = csv.DictReader(io.StringIO(files["csv"](), newline=""))
    y = [float(line["value"]) for line in lines if line["quantity"] == "y"]
    np.testing.assert_array_equal(np.array(y, np.float32), expected.y.ravel())


class TestText:
    @pytest.mark.parametrize("text", ["", " ".join(["boy"] * 60)])
    def test_more_opens_also_where_the_page_offers_the_same_examples(self, text: str, visit: Visit) -> None:
        at = visit("step", model="words-en", text=text)
        at.session_state["step_more"] = True
        at.run()
        assert not at.exception
        assert {"step_example_0", "step_more_0"} <= {button.key for button in at.button}

    @pytest.mark.parametrize("language", ["en", "ko"])
    @pytest.mark.parametrize("text", ["", "   ", "\u200b"])
    def test_an_empty_text_invites(self, text: str, language: str, visit: Visit) -> None:
        at = visit("step", language)
        at.text_input(key="step_text").set_value(text).run()
        assert not at.exception
        assert at.info[0].value == catalogue(language)["reading.empty"]
        at.button(key="step_example_1").click().run()
        assert not at.info
        assert at.text_input(key="step_text").value == zoo.catalogue()[f"words-{language}"].examples[1]

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_a_text_of_40_tokens_is_read_and_one_of_41_says_so(self, language: str, visit: Visit) -> None:
        at = visit("step", language)
        at.text_input(key="step_text").set_value("a " * 40).run()
        assert not at.info
        assert not at.exception
        at.text_input(key="step_text").set_value("a " * 41).run()
        assert not at.exception
        assert "41" in at.info[0].value
        assert "40" in at.info[0].value

    @pytest.mark.parametrize(
        "text", ["I am a **penguin**", "<script>alert(1)</script>", "$x_1$ :red[a]", "🙂 ::", "___"]
    )
    def test_any_text_is_shown_and_never_obeyed(self, text: str, visit: Visit) -> None:
        at = visit("step", text=text)
        assert not at.exception
        assert at.text_input(key="step_text").value == text
        shown = " ".join(e.value for e in at.markdown)
        for markup in ("**penguin", "<script", "$x", ":red["):
            assert not re.search(r"(?<!\\)" + re.escape(markup), shown)

    def test_an_unknown_word_is_pointed_out(self, visit: Visit) -> None:
        at = visit("step", text="I am a penguin.")
        assert any("penguin" in e.value for e in at.warning)

    @pytest.mark.parametrize("model", zoo.catalogue())
    @pytest.mark.parametrize("cell", zoo.CELL_NAMES)
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_every_model_can_be_read_in_either_language(
        self, model: str, cell: str, language: str, visit: Visit
    ) -> None:
        at = visit("step", language, model=model, cell=cell)
        at.session_state["step_more"] = True
        at.run()
        assert not at.exception

    def test_the_same_seed_continues_a_text_the_same_way(self, visit: Visit) -> None:
        def continued(seed: int) -> str:
            at = visit("step", text="Yesterday", seed=str(seed))
            at.session_state["step_more"] = True
            at.run()
            at.button(key="step_generate").click().run()
            assert not at.exception
            return str(at.text_input(key="step_text").value)

        texts = [continued(seed) for seed in (0, 0, 1, 2)]
        assert texts[0] == texts[1]
        assert len(set(texts)) > 1
        assert all(text.startswith("Yesterday ") for text in texts)

    @pytest.mark.parametrize(("count", "full"), [(39, False), (40, True), (41, True)])
    def test_a_text_is_continued_only_where_there_is_room(self, count: int, full: bool, visit: Visit) -> None:
        at = visit("step", text="a " * count, model="words-en")
        at.session_state["step_more"] = True
        at.run()
        button = at.button(key="step_generate")
        assert button.disabled == full
        assert button.help == (catalogue("en")["reading.full"].format(limit=40) if full else "")


def quiz(at: AppTest) -> bool:
    """Whether the stage opens with the guesses on."""
    return bool(bundle(at)["quiz"])


class TestGuess:
    """The stage asks, in the browser; the page says whether it does, and tells nothing that is still to be guessed."""

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_it_is_on_until_it_is_turned_off(self, language: str, visit: Visit) -> None:
        assert quiz(visit("step", language))
        at = visit("step", language, guess="off")
        assert not quiz(at)
        at.text_input(key=next(str(e.key) for e in at.text_input if "_text" in str(e.key))).set_value("A").run()
        at.selectbox(key="step_model").set_value("letters-en").run()
        assert not quiz(at), "nor about a later text, or by another model"
        assert at.query_params["guess"] == "off"
        assert parse_qs(urlsplit(shared_link(at)).query)["guess"] == ["off"]

    @pytest.mark.parametrize("chosen", [{}, {"guess": "on"}])
    def test_a_link_that_leaves_questions_out_asks_nothing(self, chosen: dict[str, str], visit: Visit) -> None:
        assert not quiz(visit("step", hide="question", **chosen))

    @pytest.mark.parametrize("page", ["rolled", "gates"])
    def test_another_lesson_waits_for_the_press(self, page: str, visit: Visit) -> None:
        assert not quiz(visit(page))
        assert quiz(visit(page, guess="on"))

    @pytest.mark.parametrize("cell", zoo.CELL_NAMES)
    def test_no_fact_tells_what_is_still_to_be_guessed(self, cell: str, visit: Visit) -> None:
        """Every fact of a prediction names its step: that of a later one waits."""

        def told(t: int, guess: str) -> dict[str, int]:
            at = visit("step", text=TEXT, model="words-en", cell=cell, t=str(t), guess=guess)
            found = ((e.value, re.search(r"\*\*Step (\d+)", e.value)) for e in at.markdown)
            return {text: int(step[1]) for text, step in found if step and "moves the hidden state" not in text}

        every = told(1, "off")
        assert every, "something is told of predictions"
        for t in {1, 11, *every.values(), *(step + 1 for step in every.values())}:
            assert told(t, "on") == {text: step for text, step in every.items() if step < t}


class TestQuestion:
    def test_which_word_decided_is_asked_once_the_step_is_past(self, visit: Visit) -> None:
        """The cat chased the dog so the: dog, and the second animal decides it."""
        q, values = 7, {"text": TEXT, "model": "words-en", "cell": "lstm"}
        for guess, first in (("on", q + 1), ("off", q)):
            for t in range(1, first):
                assert not asked(visit("step", t=str(t), guess=guess, **values)), f"{t} with guesses {guess}"
        at = visit("step", t=str(q + 1), **values)
        shown = " ".join(e.value for e in at.markdown)
        assert f"(step {q})" in shown
        assert "‘dog’" in shown
        assert "✓" not in shown
        (pills,) = asked(at)
        assert "dog \\(5\\)" in pills.options
        others = len(pills.options) - 1
        pills.set_value("5").run()
        at.button(key="step_reveal").click().run()
        assert not at.exception
        said = " ".join(e.value for e in at.markdown)
        assert said.count("✓") == 1
        assert said.count("still ‘dog’") == others >= 1
        at = visit("step", t=str(q), guess="off", **values)
        assert asked(at), "where nothing is guessed, at the step itself"

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_who_reads_the_first_text_to_its_end_is_asked_one_thing_after_the_other(
        self, language: str, visit: Visit
    ) -> None:
        text = zoo.catalogue()[f"words-{language}"].examples[0]
        steps = len(zoo.load(f"words-{language}", "rnn").vocabulary.tokenize(text))
        at, met = visit("step", language, t=str(steps), guess="off"), []
        while waiting := [pills for pills in asked(at) if pills.value is None]:
            (pills,) = waiting
            met.append(str(pills.key).split("'")[1])
            pills.set_value(pills.options[0]).run()
            at.button(key="step_reveal").click().run()
            assert not at.exception
            assert " ".join(e.value for e in at.markdown).count("✓") == len(met)
        assert met == ["decider", "speaks", "apart"]

    @pytest.mark.parametrize("text", ["I", LOOSE])
    def test_it_is_not_asked_where_nothing_decides(self, text: str, visit: Visit) -> None:
        """Where a text is read to its end, an example is asked about instead."""
        at = visit("step", model="words-en", text=text, t=str(len(text.split())), guess="off")
        assert not at.exception
        assert len(asked(at)) == [e.value for e in at.markdown].count(catalogue("en")["step.elsewhere"]) == 1

    def test_it_is_not_asked_where_questions_are_left_out(self, visit: Visit) -> None:
        assert not asked(visit("step", text=TEXT, model="words-en", cell="lstm", t="9", hide="question"))


class TestLesson:
    @pytest.mark.parametrize("model", TEXTS)
    @pytest.mark.parametrize("name", sorted({name for tries in TEXTS.values() for name in tries} | set(CELLS)))
    def test_an_experiment_changes_one_knob(self, model: str, name: str, visit: Visit) -> None:
        chosen = {**TEXTS[model], **CELLS}.get(name)
        at = visit("step", model=model)
        offered = {button.key for button in at.button}
        if chosen is None or chosen == {"cell": "rnn"}:
            assert f"step_try_{name}" not in offered
            return
        assert len(chosen) == 1
        at.button(key=f"step_try_{name}").click().run()
        assert not at.exception
        assert not at.info
        assert {k: v for k, v in at.query_params.items() if k not in ("lang", "model")} == chosen
        assert f"step_try_{name}" not in {button.key for button in at.button}

    def test_the_lines_of_pytorch_are_those_of_the_step(self, visit: Visit) -> None:
        at = visit("step", cell="lstm", text=TEXT, model="words-en", t="5", details="pytorch")
        assert at.code[-1].value == lines("words-en", "lstm", TEXT, 5)

    def test_every_equation_is_on_the_page(self, visit: Visit) -> None:
        at = visit("step", cell="lstm", details="equations")
        shown = at.latex[0].value.replace("&", "")
        assert all(equation in shown for equation in rnnviz.CELLS["lstm"].equations())
