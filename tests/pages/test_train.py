"""The page Train live: its URL, its buttons, what survives a change and what does not, and an explosion."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from rnnviz.tasks.catalogue import TASK_NAMES
from rnnviz.training import Config, Trainer
from rnnviz.training.engine import Limits
from rnnviz.training.presets import PAIRS, PRESETS, WITH_GRU
from rnnviz.training.view import view
from rnnviz.ui.runs import jobs, train_run
from rnnviz.ui.runs.train_run import SideBySide
from rnnviz.words import catalogue
from tests.pages.conftest import Visit

SMALL = {"length": "12", "hidden_size": "5"}


def tables(at: AppTest) -> dict[str, list[dict[str, Any]]]:
    """The chart's two tables."""
    charts = (chart.proto.datasets for chart in at.get("vega_lite_chart"))
    shown = next(one for one in charts if any(table.name == "runs" for table in one))
    return {one.name: pa.ipc.open_stream(one.data.data).read_all().to_pylist() for one in shown}


def press(at: AppTest, name: str) -> AppTest:
    return at.button(key=f"train_{name}").click().run()


def done(at: AppTest) -> int:
    return int(tables(at)["bundle"][0]["last"])


def rests(at: AppTest, until: Callable[[AppTest], bool] = lambda at: not tables(at)["bundle"][0]["live"]) -> AppTest:
    """Look again until the run rests."""
    for _ in range(200):
        at.run()
        assert not at.exception
        if until(at):
            return at
        time.sleep(0.05)
    raise AssertionError("the run did not come to rest")


def shown_name(at: AppTest) -> str:
    """What the chosen preset is called in the list."""
    return str(at.selectbox(key="train_preset").options[at.selectbox(key="train_preset").index])


def digits(power: str) -> int:
    """The exponent of a power of ten."""
    raised = power.removeprefix("10").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return 0 if power == "1" else int(raised)


def losses(at: AppTest) -> str:
    return str(tables(at)["runs"][0]["trainY"])


class TestURL:
    @pytest.mark.parametrize("preset", [*PRESETS, *PAIRS])
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_every_preset_opens(self, preset: str, language: str, visit: Visit) -> None:
        at = visit("train", language, preset=preset)
        assert not at.exception
        assert not at.warning
        assert at.selectbox(key="train_preset").value == preset
        assert len(tables(at)["runs"]) == 1 + (preset in PAIRS)

    @pytest.mark.parametrize("task", TASK_NAMES)
    def test_every_task_trains_at_a_length_that_it_takes(self, task: str, visit: Visit) -> None:
        at = rests(press(visit("train", task=task, steps="2", hidden_size="4"), "some"))
        assert done(at) == 2

    def test_a_link_restores_every_setting(self, visit: Visit) -> None:
        values = {"preset": "explodes", "task": "reber", "cell": "lstm", "hidden_size": "7", "num_layers": "2"}
        values |= {"length": "30", "batch_size": "9", "optimiser": "rmsprop", "learning_rate": "0.02", "seed": "4"}
        values |= {"initialisation": "orthogonal", "forget_bias": "1.5", "clipping": "value", "clip_at": "0.25"}
        values |= {"truncation": "6", "iterations": "70", "steps": "3", "layer": "2", "state": "c", "lang": "en"}
        at = visit("train", **values)
        assert not at.warning
        assert dict(at.query_params) == values
        at.session_state["train_settings"] = True
        at.run()
        shown = {
            name: at.number_input(key=f"train_{name}").value for name in ("hidden_size", "learning_rate", "clip_at")
        }
        assert shown == {"hidden_size": 7, "learning_rate": 0.02, "clip_at": 0.25}
        assert dict(at.query_params) == values
        press(at, "one")
        rests(at)
        assert "Layer 2" in [option for control in at.segmented_control for option in control.options]

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("preset", "all"),
            ("task", "chess"),
            ("cell", "rwkv"),
            ("hidden_size", "0"),
            ("hidden_size", "129"),
            ("learning_rate", "nan"),
            ("learning_rate", "-1"),
            ("truncation", "3.5"),
            ("iterations", "20001"),
            ("at", "0"),
        ],
    )
    def test_a_bad_value_is_named_and_replaced(self, name: str, raw: str, visit: Visit) -> None:
        at = visit("train", **{name: raw})
        assert not at.exception
        assert catalogue("en")["header.refused"] in at.warning[0].value
        assert name not in at.query_params

    def test_another_preset_takes_its_own_settings(self, visit: Visit) -> None:
        at = visit("train", learning_rate="0.5", cell="gru")
        at.selectbox(key="train_preset").set_value("lstm-vanishes-too").run()
        assert dict(at.query_params) == {"preset": "lstm-vanishes-too", "lang": "en"}
        assert at.selectbox(key="train_cell").value == "lstm"

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_an_empty_text_trains_on_sentences_in_the_language_of_the_page(self, language: str, visit: Visit) -> None:
        at = rests(press(visit("train", language, task="characters", length="12", hidden_size="5"), "one"))
        assert not at.exception
        truth = tables(at)["runs"][0]["truth"]
        assert any("가" <= letter <= "힣" for letter in truth) == (language == "ko")

    def test_a_text_that_is_too_short_is_named(self, visit: Visit) -> None:
        at = visit("train", "ko", task="characters", text="짧은 글")
        assert not at.exception
        assert "4" in at.info[0].value

    def test_a_link_can_leave_parts_out(self, visit: Visit) -> None:
        at = visit("train", hide="question,notice,lesson,share,cell,model,text")
        assert not at.exception
        assert not at.pills
        assert [box.key for box in at.selectbox] == []


class TestButtons:
    def test_steps_are_exact_and_each_has_its_row(self, visit: Visit) -> None:
        at = rests(press(visit("train", **SMALL, cell="lstm"), "one"))
        assert done(at) == 1
        at = rests(press(at, "some"))
        assert done(at) == 26
        assert tables(at)["runs"][0]["R"] == 26

    def test_play_runs_pause_stops_and_play_goes_on(self, visit: Visit) -> None:
        at = press(visit("train", **SMALL), "go")
        assert tables(at)["bundle"][0]["live"]
        rests(at, lambda at: done(at) > 3)
        press(at, "go")
        first = done(at)
        assert not tables(at)["bundle"][0]["live"]
        time.sleep(0.2)
        assert done(at.run()) - first <= 1, "at most the iteration that had begun"
        press(at, "go")
        rests(at, lambda at: done(at) > first + 3)
        press(at, "reset")
        assert done(at) == 0

    def test_reset_gives_the_same_curve_and_it_is_the_trainers(self, visit: Visit) -> None:
        at = rests(press(visit("train", **SMALL), "some"))
        first = losses(at)
        at = rests(press(press(at, "reset"), "some"))
        assert losses(at) == first
        trainer = Trainer(Config.from_text(PRESETS["vanishes"].to_text() | SMALL), iterations=25)
        expected = [snapshot.loss for snapshot in trainer]
        with jobs_of(at) as job:
            assert [s.loss for s in job.trainers[0].history.snapshots] == expected

    @pytest.mark.parametrize("preset", ["vanishes", "rnn-lstm"])
    def test_to_the_end_shows_progress_and_then_what_playing_shows(self, preset: str, visit: Visit) -> None:
        small = {"preset": preset, **SMALL}
        played = losses(rests(press(visit("train", **small, iterations="40"), "go")))
        at = press(visit("train", **small, iterations="2000"), "end")
        assert not any("runs" in {table.name for table in one.proto.datasets} for one in at.get("vega_lite_chart"))
        assert len(at.get("progress")) == 1
        at = press(rests(press(at, "go"), lambda at: not at.get("progress")), "reset")
        assert done(at) == 0
        at = rests(press(visit("train", **small, iterations="40"), "end"), lambda at: not at.get("progress"))
        assert done(at) == 40
        assert losses(at) == played

    def test_a_finished_run_begins_again_on_play(self, visit: Visit) -> None:
        at = rests(press(visit("train", **SMALL, iterations="5"), "go"), lambda at: done(at) == 5)
        assert "Done" in tables(at.run())["bundle"][0]["status"]
        press(at, "go")
        assert rests(at, lambda at: done(at) == 5)

    def test_two_runs_keep_step_and_read_the_same_batches(self, visit: Visit) -> None:
        at = rests(press(visit("train", preset="rnn-lstm", **SMALL), "some"))
        assert [run["R"] for run in tables(at)["runs"]] == [25, 25]
        assert [run["name"] for run in tables(at)["runs"]] == ["RNN", "LSTM"]
        with jobs_of(at) as job:
            a, b = (trainer.config for trainer in job.trainers)
        assert (a.cell, b.cell) == ("rnn", "lstm")
        assert a.to_text() | {"cell": ""} == b.to_text() | {"cell": ""}

    def test_no_place_is_said(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs.engine(), "places", 0)
        at = press(visit("train", **SMALL), "go")
        assert not at.exception
        assert at.warning


class TestOpening:
    """What a bare visit shows: a finished run of the default settings."""

    def test_it_is_what_a_fresh_trainer_computes_bit_for_bit(self) -> None:
        job, (shown,) = train_run._opening()
        trainer = Trainer(PRESETS["vanishes"], iterations=train_run.OPENING)
        assert [snapshot.loss for snapshot in trainer] == [s.loss for s in job.trainers[0].history.snapshots]
        fresh = view(trainer)
        np.testing.assert_array_equal(shown.rows.flow["h"], fresh.rows.flow["h"])
        np.testing.assert_array_equal(shown.evaluations.outputs, fresh.evaluations.outputs)

    @pytest.mark.parametrize("language", ["en", "ko"])
    @pytest.mark.parametrize("way", ["guess", "skip"])
    def test_its_gradient_waits_for_the_question(self, way: str, language: str, visit: Visit) -> None:
        at = visit("train", language)
        (run,), (bundle,) = tables(at)["runs"], tables(at)["bundle"]
        assert run["R"] == train_run.OPENING
        assert run["trainY"]
        assert not run["flow"] + run["url"] + run["blocks"] + run["before"]
        assert bundle["veil"]
        assert bundle["replays"]
        assert not any(SAY["notice.title"] in s.value for s in at.subheader)
        if way == "guess":
            at.pills(key="train_guess").set_value("grows").run()
        else:
            at.button(key="train_skip").click().run()
        assert not at.exception
        (run,), (bundle,) = tables(at)["runs"], tables(at)["bundle"]
        assert run["flow"]
        assert not bundle["veil"]
        assert not bundle["replays"], "it is played once"
        assert said(at).count("✗") == 3

    def test_a_press_begins_a_run_of_ones_own(self, visit: Visit) -> None:
        at = rests(press(visit("train"), "one"))
        assert done(at) == 1
        assert not tables(at)["bundle"][0]["veil"]

    @pytest.mark.parametrize("values", [SMALL, {"seed": "1"}, {"at": "1000"}, {"row": "151"}])
    def test_other_settings_and_later_moments_have_none(self, values: dict[str, str], visit: Visit) -> None:
        assert done(visit("train", **values)) == 0

    def test_a_moment_of_it_opens_from_a_link(self, visit: Visit) -> None:
        at = visit("train", at="12")
        assert "The model at iteration 12" in [heading.value for heading in at.subheader]


class TestChanges:
    def test_the_learning_rate_and_clipping_change_without_losing_the_run(self, visit: Visit) -> None:
        at = rests(press(visit("train", **SMALL), "some"))
        at.session_state["train_settings"] = True
        at.run()
        at.number_input(key="train_learning_rate").set_value(0.5).run()
        at.selectbox(key="train_clipping").set_value("value").run()
        assert done(at) == 25
        rests(press(at, "one"))
        with jobs_of(at) as job:
            assert job.trainers[0].last.learning_rate == 0.5
            assert job.trainers[0].config.clipping == "value"
        at.segmented_control(key="train_details").set_value("pytorch").run()
        assert "learning_rate" not in at.code[0].value.split("config = ")[1].split("\n")[0]
        assert catalogue("en")["train.pytorch_changed"] in [m.value for m in at.markdown]

    @pytest.mark.parametrize("name", ["task", "cell"])
    def test_anything_else_is_another_run(self, name: str, visit: Visit) -> None:
        at = rests(press(visit("train", **SMALL), "some"))
        box = at.selectbox(key=f"train_{name}")
        box.set_value({"task": "sine", "cell": "gru"}[name]).run()
        assert done(at) == 0

    def test_what_is_looked_at_changes_nothing(self, visit: Visit) -> None:
        at = rests(press(visit("train", **SMALL, cell="lstm"), "some"))
        before = tables(at)["runs"][0]["flow"]
        at.segmented_control(key="train_state").set_value("c").run()
        at.segmented_control(key="train_lang").set_value("ko").run()
        assert done(at) == 25
        assert tables(at)["runs"][0]["flow"] != before


class TestExplosion:
    def test_it_is_explained_and_one_click_retries_clipped(self, visit: Visit) -> None:
        at = press(visit("train", preset="explodes", clipping="none"), "go")
        rests(at, lambda at: done(at) > 1 and not tables(at)["bundle"][0]["live"])
        assert "It exploded" in "".join(m.value for m in at.markdown)
        assert tables(at)["runs"][0]["note"]
        press(at, "retry")
        assert at.query_params["clipping"] == "norm"
        rests(at, lambda at: done(at) > 20)
        assert not tables(at)["runs"][0]["note"]
        press(at, "reset")

    def test_an_error_in_a_run_is_told_on_its_page(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(self: SideBySide) -> None:
            raise RuntimeError("<b>broken</b>")

        at = visit("train", "ko", **SMALL)
        monkeypatch.setattr(SideBySide, "advance", fail)
        at = rests(press(at, "go"))
        assert not at.exception
        assert "broken" in at.error[0].value
        assert "<b>" not in at.error[0].value


SAY = catalogue("en")


def said(at: AppTest) -> str:
    return "\n".join(e.value for e in at.markdown)


def told(at: AppTest, text: str) -> bool:
    return any(text in caption.value for caption in at.caption)


class TestLesson:
    def test_a_guess_is_kept_and_each_option_has_its_reason_once_the_row_is_there(self, visit: Visit) -> None:
        at = visit("train", length="100", hidden_size="8")
        at.pills(key="train_guess").set_value("shrinks").run()
        assert told(at, SAY["ask.row_shrinks"])
        assert "✓" not in said(at)
        at = rests(press(at, "one"))
        assert f"✓ **{SAY['ask.row_shrinks']}**" in said(at)
        assert said(at).count("✗") == 3
        assert SAY["guess.right"].format(guess=SAY["ask.row_shrinks"]) in said(at)
        HANDLES[-1].stop()  # the visits of a test are one session
        at = visit("train", length="100", hidden_size="8")
        at.pills(key="train_guess").set_value("grows").run()
        at = rests(press(at, "one"))
        assert f"✓ **{SAY['ask.row_shrinks']}**" in said(at)
        assert SAY["guess.right"].format(guess=SAY["ask.row_grows"]) not in said(at)

    @pytest.mark.parametrize(
        ("preset", "name", "guess"), [("vanishes", "norm", "learned"), ("tanh-identity", "arrives", "learns")]
    )
    def test_how_a_run_ends_is_asked_after_its_first_row_and_before_it_has_one(
        self, preset: str, name: str, guess: str, visit: Visit
    ) -> None:
        at = visit("train", preset=preset, **SMALL, iterations="30")
        assert [pills.key for pills in at.pills] == ["train_guess"]
        at.pills(key="train_guess").set_value("grows").run()
        assert [pills.key for pills in at.pills] == ["train_guess_end"]
        assert len(at.pills[0].options) == 4
        at.pills(key="train_guess_end").set_value(guess).run()
        assert not at.pills
        assert "✓" not in said(at)
        at = rests(press(at, "one"))
        assert said(at).count("✓") == 1, "of the first row; the end is still to come"
        at = rests(press(at, "go"), lambda at: done(at) == 30 and not tables(at)["bundle"][0]["live"])
        assert said(at).count("✓") == 1, "of the end: the other is said without its reasons"
        assert SAY[f"ask.{name}_{guess}"] in said(at)
        HANDLES[-1].stop()
        assert not rests(press(visit("train", preset=preset, **SMALL, iterations="31"), "one")).pills, "it has begun"

    @pytest.mark.parametrize("preset", ["vanishes", "lstm-vanishes-too", "clipping", "activation", "tanh-identity"])
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_before_the_run_nothing_on_the_page_says_what_will_happen(
        self, preset: str, language: str, visit: Visit
    ) -> None:
        at = visit("train", language, preset=preset)
        texts = [said(at), *(caption.value for caption in at.caption), at.selectbox(key="train_preset").value]
        shown = at.selectbox(key="train_preset").options
        for word in ("vanish", "explode", "소실", "폭발"):
            assert not any(word in text.lower() for text in [*texts[:-1], *shown]), word
        assert at.pills(key="train_guess").options

    @pytest.mark.parametrize(("task", "several"), [("sine", True), ("adding", False)])
    def test_the_last_loss_alone_can_be_looked_at_where_there_are_others(
        self, task: str, several: bool, visit: Visit
    ) -> None:
        at = rests(press(visit("train", **SMALL, task=task, losses="last"), "one"))
        shown = [control for control in at.segmented_control if control.key == "train_losses"]
        assert len(shown) == several
        assert tables(at)["bundle"][0]["alone"] == several
        trainer = Trainer(Config.from_text(PRESETS["vanishes"].to_text() | SMALL | {"task": task}), iterations=1)
        trainer.advance()
        rows = view(trainer).rows
        sent = [float(log) for log in tables(at)["runs"][0]["flow"].split(",")]
        np.testing.assert_allclose(sent, rows.last["h"][0, 0], atol=0.006)
        if several:
            shown[0].set_value("all").run()
            assert at.query_params["losses"] == "all"
            sent = [float(log) for log in tables(at)["runs"][0]["flow"].split(",")]
            np.testing.assert_allclose(sent, rows.flow["h"][0, 0], atol=0.006)

    def test_a_moment_opens_as_a_stage_and_closes(self, visit: Visit) -> None:
        at = rests(press(visit("train", **SMALL, task="reber"), "some"))
        charts = len(at.get("vega_lite_chart"))
        at.query_params["at"] = "11"
        at.session_state["url.chosen"]["train"]["at"] = 11
        at.run()
        assert not at.exception
        assert len(at.get("vega_lite_chart")) == charts + 1
        assert catalogue("en")["train.moment"].format(iteration=11) in [s.value for s in at.subheader]
        at.session_state["url.chosen"]["train"]["at"] = 99
        at.query_params["at"] = "99"
        at.run()
        last = catalogue("en")["train.moment"].format(iteration=25)
        assert last in [s.value for s in at.subheader], "beyond the end the last one"
        press(at, "close")
        assert "at" not in at.query_params
        assert len(at.get("vega_lite_chart")) == charts

    @pytest.mark.parametrize("details", ["why", "equations", "pytorch"])
    def test_details_open(self, details: str, visit: Visit) -> None:
        at = visit("train", "ko", details=details)
        assert not at.exception
        assert bool(at.latex) == (details == "equations")
        assert bool(at.code) == (details == "pytorch")

    def test_a_try_changes_one_thing(self, visit: Visit) -> None:
        at = press(visit("train"), "try_gru")
        assert dict(at.query_params) == {"preset": "vanishes", "cell": "gru", "lang": "en"}
        assert "GRU" in shown_name(at)
        assert "100" in shown_name(at)

    @pytest.mark.parametrize(("other", "last"), [({}, 60), ({"batch_size": "33"}, 60), ({}, 90)])
    def test_where_a_gradient_that_arrives_is_not_learned_from_what_is_known_to_help_is_said(
        self, other: dict[str, str], last: int, visit: Visit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of the settings, and of as many iterations, with which it was measured; here as if with few."""
        monkeypatch.setitem(WITH_GRU, "vanishes", (30, last))
        chosen = {"initialisation": "orthogonal", "length": "20", "iterations": "80", **other}
        at = rests(press(visit("train", **chosen), "go"))
        texts = [m.value for m in at.markdown]
        say = catalogue("en")
        assert any(text.startswith(say["notice.train_arrived"].partition(":")[0]) for text in texts)
        offered = [text for text in texts if f"“{say['train.try_gru']}”, below" in text]
        assert len(offered) == (not other and last <= 80)
        assert all(f"iteration 30 at the earliest and {last} at the latest" in text for text in offered)

    def test_what_is_tried_does_not_add_up(self, visit: Visit) -> None:
        at = visit("train", hidden_size="5")
        for name, changes in (
            ("orthogonal", {"initialisation": "orthogonal"}),
            ("lstm", {"cell": "lstm"}),
            ("forget_bias", {"cell": "lstm", "forget_bias": "3.0"}),
            ("shorter", {"length": "20"}),
            ("other_seed", {"seed": "1"}),
            ("gru", {"cell": "gru"}),
        ):
            press(at, f"try_{name}")
            own = {"preset": "vanishes", "hidden_size": "5", "lang": "en"}
            assert dict(at.query_params) == own | changes
            assert f"train_try_{name}" not in {button.key for button in at.button}
            press(at, "reset")

    def test_runs_of_a_preset_that_follow_one_another_have_a_scale_that_holds_the_one_before(
        self, visit: Visit
    ) -> None:
        """Each norm's colour then means the same in both, and what is said of the scale is so."""
        say, scales = catalogue("en"), []
        at = visit("train", hidden_size="5", steps="4", length="60")
        for change in ("", "try_lstm", "try_other_seed", "try_shorter"):
            at = press(press(press(at, change), "reset"), "some") if change else press(at, "some")
            shown = tables(rests(at))["bundle"][0]
            low, high = (digits(shown[name]) for name in ("flowFrom", "flowTo"))
            every = [float(log) for log in tables(at)["runs"][0]["flow"].split(",")]
            assert low <= min(every) <= max(every) <= high
            if scales:
                before = scales[-1]
                assert low <= before[0] < before[1] <= high
                assert shown["spanned"] == say["train.scale_same" if (low, high) == before else "train.scale_wider"]
            else:
                assert shown["spanned"] == ""
            scales.append((low, high))
        assert tables(at.selectbox(key="train_preset").select("lstm-vanishes-too").run())["bundle"][0]["spanned"] == ""


def jobs_of(at: AppTest) -> Any:
    """The one job that is kept by the pages of this test, for reading."""
    return HANDLES[-1].reading()


HANDLES: list[Any] = []


@pytest.fixture(autouse=True)
def remembered(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Keeps the handles of the jobs that a test starts, and stops them at its end."""
    start = jobs.Jobs.start

    def keep(self: jobs.Jobs, *arguments: Any) -> Any:
        HANDLES.append(start(self, *arguments))
        return HANDLES[-1]

    monkeypatch.setattr(jobs.Jobs, "start", keep)
    yield
    for handle in HANDLES:
        handle.stop()
    HANDLES.clear()


def test_two_runs_side_by_side_are_what_each_is_alone() -> None:
    configs = tuple(Config(length=12, hidden_size=5, cell=cell) for cell in ("rnn", "gru"))
    both = SideBySide(tuple(Trainer(config, iterations=10) for config in configs))
    while not both.finished:
        both.advance()
    for trainer, config in zip(both.trainers, configs, strict=True):
        alone = [snapshot.loss for snapshot in Trainer(config, iterations=10)]
        assert [snapshot.loss for snapshot in trainer.history.snapshots] == alone
    assert all(len(trainer.history.rows) == 10 for trainer in both.trainers)


def test_a_run_that_rests_is_looked_at_while_its_tab_is_open(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    again, fragment = [], st.fragment
    monkeypatch.setattr(st, "fragment", lambda f, run_every=None: again.append((f, run_every)) or fragment(f))
    at = rests(press(visit("train", **SMALL), "some"))
    again.clear()
    at.run()
    _, period = again[-1]
    assert period < Limits().idle_seconds / 2
    monkeypatch.setattr(HANDLES[-1], "_touched", 0.0)
    look_again = at.run()
    assert not look_again.exception
    assert HANDLES[-1]._touched > 0


def test_the_runs_of_the_forget_bias_pair_are_lstms_whatever_the_link_says(visit: Visit) -> None:
    at = rests(press(visit("train", preset="forget-bias", cell="gru", **SMALL), "one"))
    assert [box.key for box in at.selectbox] == ["train_preset", "train_task"]
    with jobs_of(at) as job:
        a, b = (trainer.config for trainer in job.trainers)
    assert (a.cell, b.cell, a.forget_bias, b.forget_bias) == ("lstm", "lstm", None, 3.0)


def test_who_follows_a_link_to_a_moment_makes_the_run_again_up_to_it(visit: Visit) -> None:
    at = visit("train", at="12", **SMALL)
    at = rests(press(at, "linked"))
    assert not at.exception
    assert [trainer.iteration for trainer in HANDLES[-1]._job.trainers] == [12]
    assert "The model at iteration 12" in [heading.value for heading in at.subheader]
    assert "linked" not in str([button.key for button in at.button])


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_model_too_large_is_told_and_can_be_made_smaller(language: str, visit: Visit) -> None:
    at = visit("train", language, hidden_size="128", num_layers="3", length="200", batch_size="128")
    assert not at.exception
    assert "100,000,000" in at.info[0].value
    at.selectbox(key="train_cell").set_value("mgu").run()
    assert "200" in at.info[0].value
    assert "PyTorch" in at.info[0].value
    at.selectbox(key="train_cell").set_value("rnn").run()
    at.session_state["train_settings"] = True
    at.run()
    at.number_input(key="train_hidden_size").set_value(16).run()
    assert not at.info
    assert at.get("vega_lite_chart")
