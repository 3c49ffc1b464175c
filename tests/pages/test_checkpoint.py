"""The model of one iteration of a run, in Step through and in Watch the gates: from a link and from its run."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import rnnviz
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.forward import Contrast, Pass
from rnnviz.core.trace import Readout, Trace
from rnnviz.lessons.gates.parameters import RUN_PARTS
from rnnviz.training import Config, Trainer, retraining
from rnnviz.training.config import kernels
from rnnviz.training.moment import reading
from rnnviz.training.retraining import Retraining
from rnnviz.ui.runs import checkpoint, jobs
from rnnviz.ui.url.kinds import OnTheWay, Run
from rnnviz.words import catalogue
from tests.pages.conftest import FILES, Visit

EN = catalogue("en")
REBER = Config(task="reber", cell="lstm", length=14, hidden_size=5, batch_size=4, seed=3)
ADDING = Config(task="adding", cell="gru", length=10, hidden_size=5, batch_size=4)
DEEP = Config(task="order", cell="lstm", length=10, hidden_size=4, batch_size=4, num_layers=2)
write = Run().write


def said(at: AppTest) -> str:
    return "\n".join(e.value for kind in (at.markdown, at.caption, at.info) for e in kind)


def warned(at: AppTest) -> str:
    return " ".join(warning.value for warning in at.warning)


def ready(at: AppTest) -> AppTest:
    """Look again until the model is trained."""
    for _ in range(400):
        assert not at.exception
        if not at.get("progress"):
            return at
        time.sleep(0.02)
        at.run()
    raise AssertionError("the run was not trained again")


def weights_of(config: Config, iteration: int) -> Any:
    """From a fresh trainer, with everything measured, as the page Train live does it."""
    trainer = Trainer(config, iterations=iteration)
    for _ in range(iteration - 1):
        trainer.advance()
    return trainer.model.keep()


def links(at: AppTest) -> dict[str, tuple[str, dict[str, str]]]:
    """The links of the page, by what they say: the page they lead to, and what its URL then holds."""
    found = (element.proto for element in at.get("page_link"))
    return {
        one.label: (one.page, {name: values[-1] for name, values in parse_qs(one.query_string).items()})
        for one in found
    }


def follow(at: AppTest, label: str, page: str) -> AppTest:
    _, values = links(at)[label]
    at.query_params.clear()
    at.query_params.update(values)
    return at.switch_page(FILES[page]).run()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Nothing is kept from another test, and no job is left behind."""
    monkeypatch.setattr(retraining, "_kept", type(retraining._kept)())
    begun: list[Any] = []
    start = jobs.Jobs.start

    def keep(self: jobs.Jobs, *arguments: Any) -> Any:
        begun.append(start(self, *arguments))
        return begun[-1]

    monkeypatch.setattr(jobs.Jobs, "start", keep)
    yield begun
    for handle in begun:
        handle.stop()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Trace, Readout | None]]:
    """What the page puts on its stage, in order."""
    from rnnviz.ui.picture import stage

    shown: list[tuple[Trace, Readout | None]] = []
    build = stage.build

    def spy(of: Pass | Contrast, *args: Any, **options: Any) -> object:
        put = of.after if isinstance(of, Contrast) else of
        shown.append((put.trace, put.readout))
        return build(of, *args, **options)

    monkeypatch.setattr(stage, "build", spy)
    return shown


class TestLink:
    @settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        task=st.sampled_from(["reber", "adding", "order", "sines", "characters", "gap-ko"]),
        cell=st.sampled_from((*kernels(), "peephole")),
        layers=st.integers(1, 2),
        at=st.integers(1, 9),
        sample=st.integers(1, 100),
        data=st.data(),
    )
    def test_step_through_shows_what_record_gives_for_a_fresh_trainer(
        self,
        task: str,
        cell: str,
        layers: int,
        at: int,
        sample: int,
        data: st.DataObject,
        visit: Visit,
        seen: list[Any],
    ) -> None:
        config = Config(task=task, cell=cell, num_layers=layers, length=12, hidden_size=4, batch_size=3, seed=at)
        layer = data.draw(st.integers(1, layers))
        page = ready(visit("step", run=write(config), at=str(at), sample=str(sample), layer=str(layer)))
        assert not page.warning
        trainer = Trainer(config, iterations=at)
        for _ in range(at - 1):
            trainer.advance()
        expected = rnnviz.record(trainer.model.rnn, trainer.unseen.x[:, sample - 1])
        trace, readout = seen[-1]
        for name in expected.operations:
            np.testing.assert_array_equal(trace[name][0], expected[name][layer - 1])
        assert (readout is not None) == (trainer.task.loss != "mse" and layer == layers)
        if readout is not None:
            W, b = trainer.model.W_hy.detach().numpy(), trainer.model.b_y.detach().numpy()
            np.testing.assert_allclose(readout.logits, expected["h"][-1] @ W.T + b, atol=1e-5)

    @pytest.mark.parametrize("part", RUN_PARTS)
    @pytest.mark.parametrize(
        ("config", "language"), [(REBER, "en"), (ADDING, "ko"), (DEEP, "en")], ids=["reber", "adding", "deep"]
    )
    def test_watch_the_gates_opens_in_every_part(
        self, part: str, config: Config, language: str, visit: Visit, seen: list[Any]
    ) -> None:
        values = {"run": write(config), "at": "4", "part": part, "sample": "2", "force": "0.5", "hide": "question"}
        for details in ("pytorch", "equations"):
            at = ready(visit("gates", language, **values, details=details))
            assert not at.exception
            assert not at.warning
            assert at.segmented_control(key="gates_part").value == part
            assert at.segmented_control(key="gates_part").options == [
                catalogue(language)[f"gates.part_{name}"] for name in RUN_PARTS
            ]
        layer = config.num_layers
        read = reading(config, weights_of(config, 4), 2, layer)
        gate = CELLS[config.cell].keeping[0]
        forced = (Forced(gate, 0.5),) if part == "hold" else ()
        expected = rnnviz.record(read.rnn, read.x, forced=forced)
        np.testing.assert_array_equal(seen[-1][0]["h"], expected["h"])

    @pytest.mark.parametrize("page", ["step", "gates"])
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_a_line_says_which_model_it_is(self, page: str, language: str, visit: Visit) -> None:
        say = catalogue(language)
        at = ready(visit(page, language, run=write(REBER), at="2"))
        told = {"task": say["train.task_reber"], "cell": "LSTM", "hidden": 5, "seed": 3, "iteration": 2}
        assert say["opened.is"].format(**told) in said(at)
        at = ready(visit(page, language, run=write(DEEP), at="2", layer="1"))
        assert say["opened.below"].format(layer=2) in said(at)
        at = ready(visit(page, language, run=write(ADDING)))
        assert say["opened.numbers"] in said(at)

    def test_a_link_restores_every_widget_and_keeps_its_url(self, visit: Visit) -> None:
        values = {"run": write(DEEP), "at": "3", "sample": "7", "layer": "1", "t": "9", "details": "equations"}
        values |= {"lang": "en"}
        at = ready(visit("step", "ko", **values))
        assert dict(at.query_params) == values
        assert at.number_input(key="step_sample").value == 7
        assert at.segmented_control(key="step_layer").value == 1
        assert "9" in "".join(e.value for e in at.markdown)

    def test_a_shared_link_opens_the_same_picture(self, visit: Visit) -> None:
        teacher = ready(visit("step", "ko", run=write(REBER), at="5", sample="3", details="pytorch"))
        teacher.session_state["step_share"] = True
        teacher.run()
        values = {name: found[-1] for name, found in parse_qs(urlsplit(teacher.code[0].value).query).items()}
        assert {"model", "text", "cell", "seed"}.isdisjoint(values)
        student = ready(visit("step", "en", **values))
        assert not student.warning
        drawn = [at.get("vega_lite_chart")[0].proto for at in (student, teacher)]
        assert drawn[0].datasets == drawn[1].datasets
        assert student.code[0].value == teacher.code[-1].value

    @pytest.mark.parametrize(
        "raw",
        [
            "",
            "reber",
            "task~chess",
            "task~reber~cell",
            "task~reber~task~reber",
            "task~reber~cell~rwkv",
            "task~reber~hidden_size~129",
            "task~reber~hidden_size~1e9",
            "task~reber~learning_rate~nan",
            "task~reber~size~3",
            "task~reber~length~5",
            "task~reber~length~101",
            "task~characters~text~short",
            "task~adding~length~200~hidden_size~128~batch_size~128~num_layers~3",
            "__class__~1",
        ],
    )
    def test_a_bad_run_is_named_and_the_trained_models_shown(self, raw: str, visit: Visit) -> None:
        page = "gates" if "length" in raw else "step"
        at = visit(page, run=raw, at="2")
        assert not at.exception
        if raw:  # an address drops what is empty
            assert EN["header.refused"] in warned(at)
        assert {"run", "at"}.isdisjoint(at.query_params)
        assert at.text_input(key=f"{page}_text").value
        assert at.get("vega_lite_chart")

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("at", "0"),
            ("at", "20001"),
            ("sample", "0"),
            ("sample", "101"),
            ("layer", "2"),
            ("layer", "x"),
            ("t", "15"),
            ("changes", "learning_rate~0.1"),
            ("changes", "5"),
            ("changes", "5~seed~1"),
            ("changes", "5~clip_at"),
            ("changes", "5~clip_at~1~4~clip_at~2"),
            ("changes", "5~clip_at~1~clip_at~2"),
            ("changes", "5~clipping~all"),
        ],
    )
    def test_a_bad_value_beside_it_is_replaced(self, name: str, raw: str, visit: Visit) -> None:
        page = "gates" if name in ("layer", "t") else "step"
        at = ready(visit(page, **{"run": write(REBER), "at": "2", name: raw}))
        assert EN["header.refused"] in warned(at)
        assert name not in at.query_params
        assert at.get("vega_lite_chart")

    def test_gates_are_of_cells_that_have_them(self, visit: Visit) -> None:
        for cell in ("rnn", "rnn_relu"):
            at = visit("gates", run=write(Config(task="reber", length=14, cell=cell)))
            assert EN["header.refused"] in warned(at)
            at = ready(visit("step", run=write(Config(task="reber", length=14, hidden_size=4, cell=cell))))
            assert list(links(at)) == [EN["opened.back"]]

    def test_five_cells_are_not_compared(self, visit: Visit) -> None:
        at = ready(visit("gates", run=write(REBER), part="compare"))
        assert EN["header.refused"] in warned(at)
        assert at.segmented_control(key="gates_part").value == "maps"

    @pytest.mark.parametrize("page", ["step", "gates"])
    def test_too_large_a_model_is_told_and_not_trained(self, page: str, visit: Visit, fresh: list[Any]) -> None:
        at = visit(page, run=write(Config(cell="gru", length=200, hidden_size=33)), at="100")
        assert not at.exception
        assert EN["train.moment_large"].format(most=6400) in said(at)
        assert not at.get("vega_lite_chart")
        assert fresh == []

    def test_a_gate_that_is_held_changes_the_number_that_is_put_out(self, visit: Visit) -> None:
        at = ready(visit("gates", run=write(ADDING), at="4", part="hold", gate="z", force="1"))
        read = reading(ADDING, weights_of(ADDING, 4), 1, 1)
        assert read.head is not None
        traces = [rnnviz.record(read.rnn, read.x, forced=forced) for forced in ((), (Forced("z", 1.0),))]
        old, new = (trace["h"][0, -1] @ read.head.weight[0].numpy() + float(read.head.bias[0]) for trace in traces)
        assert f"{old:.3f}" != f"{new:.3f}"
        assert EN["opened.held_number"].format(t=10, old=old, new=new) in said(at)

    def test_another_run_brings_nothing_of_the_one_before(self, visit: Visit) -> None:
        at = ready(visit("step", run=write(DEEP), at="7", sample="9", layer="1", t="4"))
        at.switch_page(FILES["home"]).run()
        at.query_params["run"] = write(REBER)
        ready(at.switch_page(FILES["step"]).run())
        assert not at.warning
        assert dict(at.run().query_params) == {"run": write(REBER), "lang": "en"}  # on arrival it is the browser's
        at.switch_page(FILES["home"]).run()
        assert "run" not in at.query_params
        ready(at.switch_page(FILES["step"]).run())
        assert at.run().query_params["run"] == write(REBER), "what was chosen stays, as everything on a page does"

    def test_the_unseen_sequence_can_be_chosen(self, visit: Visit, seen: list[Any]) -> None:
        at = ready(visit("step", run=write(REBER), at="3"))
        at.number_input(key="step_sample").set_value(42).run()
        assert at.query_params["sample"] == "42"
        np.testing.assert_array_equal(seen[-1][0].x, Trainer(REBER).unseen.x[:, 41])
        at.button(key="step_try_sample_next").click().run()
        assert at.query_params["sample"] == "43"

    def test_what_the_task_asks_is_told(self, visit: Visit) -> None:
        order = Config(task="order", cell="gru", length=10, hidden_size=4, batch_size=4)
        read = reading(order, weights_of(order, 3), 5, 1)
        assert read.head is not None
        y = rnnviz.read_out(rnnviz.record(read.rnn, read.x), read.head).y[-1]
        asked = read.targets[-1]
        assert asked is not None
        right = "class_right" if y.argmax() == asked else "class_wrong"
        values = {"asked": read.outputs[asked], "p": y[asked], "word": read.outputs[y.argmax()], "best": y.max()}
        told = EN[f"notice.{right}"].format(t=10, **values)
        last = {"run": write(order), "at": "3", "sample": "5", "t": "10"}
        assert told not in said(ready(visit("step", **last))), "it is still to be guessed"
        assert told in said(ready(visit("step", **last, guess="off")))
        read = reading(ADDING, weights_of(ADDING, 3), 5, 1)
        assert read.head is not None
        assert read.numbers is not None
        output = rnnviz.read_out(rnnviz.record(read.rnn, read.x), read.head).logits[-1, 0]
        at = ready(visit("step", run=write(ADDING), at="3", sample="5"))
        assert EN["notice.number"].format(t=10, asked=read.numbers[-1, 0], said=output) in said(at)

    def test_the_trained_models_come_back_with_what_was_chosen(self, visit: Visit) -> None:
        at = visit("step", text="you ___ a girl.", cell="gru")
        at.query_params.update(run=write(REBER), at="2", t="5")
        at.switch_page(FILES["home"]).run()
        at.query_params.update(run=write(REBER), at="2", t="5")
        ready(at.switch_page(FILES["step"]).run())
        assert "text" not in at.query_params
        at.button(key="step_shipped").click().run()
        assert {"run", "at", "t"}.isdisjoint(at.query_params)
        assert at.text_input(key="step_text").value == "you ___ a girl."
        assert at.segmented_control(key="step_cell").value == "gru"

    def test_a_run_that_stopped_by_itself_is_shown_as_it_was_then(self, visit: Visit) -> None:
        config = Config(cell="rnn_relu", length=40, hidden_size=8, optimiser="sgd", learning_rate=10.0, batch_size=4)
        config = Config.from_text(config.to_text() | {"initialisation": "spectral radius", "spectral_radius": "2.5"})
        at = ready(visit("step", run=write(config), at="200"))
        trainer = Trainer(config, iterations=200)
        while not trainer.finished:
            trainer.advance()
        assert EN["opened.early"].format(iteration=trainer.iteration) in said(at)


class TestTraining:
    LONG = Config(task="reber", cell="lstm", length=14, hidden_size=5, batch_size=4, seed=9)

    def test_it_is_shown_stopped_and_goes_on_where_it_was(self, visit: Visit) -> None:
        at = visit("step", run=write(self.LONG), at="20000")
        assert len(at.get("progress")) == 1
        assert not at.get("vega_lite_chart")
        time.sleep(0.2)
        at.button(key="step_stop").click().run()
        at.run()
        assert not at.get("progress")
        job: Retraining = at.session_state["opened_training"]
        assert "20,000" in said(at)
        time.sleep(0.1)
        done = job.iteration
        assert 0 < done < 20_000
        time.sleep(0.1)
        assert job.iteration == done, "it rests"
        at.button(key="step_again").click().run()
        assert len(at.get("progress")) == 1
        time.sleep(0.2)
        assert job.iteration > done
        at.button(key="step_shipped").click().run()
        assert at.get("vega_lite_chart")

    def test_no_place_is_said(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jobs.engine(), "places", 0)
        at = visit("step", run=write(self.LONG), at="50")
        assert not at.exception
        assert EN["train.full"].format(places=0) in warned(at)
        monkeypatch.undo()
        at.button(key="step_again").click().run()
        assert ready(at).get("vega_lite_chart")

    def test_one_that_ends_while_the_page_runs_is_shown(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        """The page has asked whether it is done, and then looks whether its job still moves."""
        asked: list[bool] = []

        class EndsMeanwhile:
            def __getattr__(self, name: str) -> Any:
                return getattr(jobs.jobs(), name)

            def watch(self, name: str) -> Any:
                handle = jobs.jobs().watch(name)
                while handle is not None and handle.status().state in ("queued", "running"):
                    asked.append(True)
                    time.sleep(0.01)
                return handle

        at = visit("step", run=write(replace(self.LONG, seed=10)), at="600")
        assert len(at.get("progress")) == 1
        monkeypatch.setattr("rnnviz.ui.runs.retraining.jobs", EndsMeanwhile)
        at.run()
        assert asked, "it moved when it was looked at"
        assert not at.exception
        assert EN["opened.ended"] not in warned(at)
        assert at.get("vega_lite_chart")

    def test_an_error_is_told(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(self: Trainer) -> None:
            raise RuntimeError("<b>broken</b>")

        monkeypatch.setattr(Trainer, "advance", fail)
        at = visit("step", run=write(self.LONG), at="50")
        for _ in range(100):
            if at.warning:
                break
            time.sleep(0.02)
            at.run()
        assert not at.exception
        assert "broken" in warned(at)
        assert "<b>" not in warned(at)

    def test_the_second_lesson_trains_nothing(self, visit: Visit, fresh: list[Any]) -> None:
        at = ready(visit("step", run=write(REBER), at="6", sample="4", t="3"))
        assert len(fresh) == 1
        follow(at, EN["opened.in_gates"], "gates")
        assert not at.exception
        assert {name: at.query_params[name] for name in ("at", "sample", "t")} == {"at": "6", "sample": "4", "t": "3"}
        assert at.get("vega_lite_chart")
        assert len(fresh) == 1


SMALL = {"task": "reber", "cell": "lstm", "length": "14", "hidden_size": "5", "steps": "25"}


def paused(visit: Visit, at: int = 12, **values: str) -> AppTest:
    """Train live after 25 iterations, with a moment opened."""
    page = visit("train", **SMALL, **values)
    page.button(key="train_some").click().run()
    return rests(page, at)


def rests(page: AppTest, at: int) -> AppTest:
    for _ in range(200):
        page.run()
        if not train_live_moves(page):
            break
        time.sleep(0.05)
    page.session_state["url.chosen"]["train"]["at"] = at
    page.query_params["at"] = str(at)
    return page.run()


def train_live_moves(page: AppTest) -> bool:
    return page.button(key="train_go").icon == ":material/pause:"


class TestRun:
    def test_it_opens_with_the_weights_that_the_run_kept_and_trains_nothing(
        self, visit: Visit, seen: list[Any], fresh: list[Any]
    ) -> None:
        at = paused(visit)
        label = EN["opened.in_step"]
        page, values = links(at)[label]
        assert page == "step-through"
        assert values["at"] == "12"
        config = Run().parse(values["run"])
        assert (config.task, config.cell, config.length, config.clipping) == ("reber", "lstm", 14, "norm")
        fresh[-1].stop()  # the run is gone, its weights are not
        follow(at, label, "step")
        assert not at.exception
        assert not at.get("progress")
        assert len(fresh) == 1
        assert at.get("vega_lite_chart")
        read = reading(config, weights_of(config, 12), 1, 1)
        np.testing.assert_array_equal(seen[-1][0]["h"], rnnviz.record(read.rnn, read.x)["h"])

    def test_the_run_goes_on_and_its_page_comes_back_as_it_was(self, visit: Visit, fresh: list[Any]) -> None:
        at = paused(visit)
        follow(at, EN["opened.in_gates"], "gates")
        fresh[0]._touched = 0.0
        at.run()
        assert fresh[0]._touched > 0, "a visit counts as watching"
        follow(at, EN["opened.back"], "train")
        assert not at.exception
        assert at.query_params["at"] == "12"
        assert fresh[0].status().state == "paused"
        with fresh[0].reading() as job:
            assert job.trainers[0].iteration == 25
        assert EN["train.moment"].format(iteration=12) in [s.value for s in at.subheader]

    def test_of_a_pair_the_one_that_is_chosen_opens_and_the_pair_comes_back(
        self, visit: Visit, fresh: list[Any]
    ) -> None:
        at = visit("train", preset="rnn-lstm", length="14", hidden_size="5", run="b", steps="15")
        at.button(key="train_some").click().run()
        rests(at, 1)
        _, values = links(at)[EN["opened.in_step"]]
        assert Run().parse(values["run"]).cell == "lstm"
        follow(at, EN["opened.in_step"], "step")
        follow(at, EN["opened.back"], "train")
        assert at.query_params["preset"] == "rnn-lstm"
        assert fresh[0].status().state == "paused"

    def test_without_gates_there_is_one_lesson(self, visit: Visit) -> None:
        at = visit("train", **SMALL | {"cell": "rnn"})
        at.button(key="train_some").click().run()
        assert list(links(rests(at, 1))) == [EN["opened.in_step"]]

    def test_what_was_changed_on_the_way_is_in_the_link_and_changed_again(
        self, visit: Visit, seen: list[Any], fresh: list[Any]
    ) -> None:
        at = paused(visit, 1)
        at.session_state["train_settings"] = True
        at.run()
        at.number_input(key="train_learning_rate").set_value(0.05).run()
        at.button(key="train_some").click().run()
        rests(at, 21)
        assert "changes" not in links(at)[EN["opened.in_step"]][1], "at that iteration it was not changed yet"
        rests(at, 41)
        _, values = links(at)[EN["opened.in_step"]]
        assert values["changes"] == "26~learning_rate~0.05"
        assert Run().parse(values["run"]).learning_rate == 0.003
        follow(at, EN["opened.in_step"], "step")
        assert len(fresh) == 1
        assert "from iteration 26 on, Learning rate = 0.05" in said(at)
        own = seen[-1][0]["h"]
        elsewhere = visit("step", **values | {"details": "pytorch"})
        elsewhere.session_state["opened_kept"] = {}
        ready(elsewhere.run())
        assert len(fresh) == 2, "trained again"
        np.testing.assert_array_equal(seen[-1][0]["h"], own)
        assert "trainer.change(learning_rate=0.05)" in elsewhere.code[0].value
        unchanged = visit("step", **{name: value for name, value in values.items() if name != "changes"})
        ready(unchanged)
        assert not np.array_equal(seen[-1][0]["h"], own)

    def test_who_was_not_there_can_look_at_the_run_too(self, visit: Visit, fresh: list[Any]) -> None:
        config = Config.from_text(REBER.to_text() | {"forget_bias": "1.5", "num_layers": "2"})
        at = ready(visit("step", run=write(config), at="3"))
        follow(at, EN["opened.back"], "train")
        assert not at.exception
        assert not at.warning
        assert at.query_params["at"] == "3"
        at.button(key="train_one").click().run()
        with fresh[-1].reading() as job:
            assert [trainer.started for trainer in job.trainers] == [config]

    def test_only_a_few_moments_are_kept(self, visit: Visit) -> None:
        at = visit("step")
        for iteration in range(1, checkpoint.MOST_KEPT + 3):
            at.query_params.update(run=write(REBER), at=str(iteration))
            at.switch_page(FILES["home"]).run()
            at.query_params.update(run=write(REBER), at=str(iteration))
            ready(at.switch_page(FILES["step"]).run())
        assert len(at.session_state["opened_kept"]) == checkpoint.MOST_KEPT


@settings(max_examples=50)
@given(
    text=st.text(max_size=60),
    cell=st.sampled_from((*kernels(), "peephole")),
    rate=st.floats(1e-6, 10),
    bias=st.none() | st.floats(-10, 10),
    seed=st.integers(0, 2**32 - 1),
    initialisation=st.sampled_from(["default", "spectral radius"]),
)
def test_a_run_survives_its_text_form(
    text: str, cell: str, rate: float, bias: float | None, seed: int, initialisation: str
) -> None:
    config = Config(
        task="characters",
        text=text,
        cell=cell,
        learning_rate=rate,
        forget_bias=bias,
        seed=seed,
        initialisation=initialisation,
    )
    assert Run().parse(Run().write(config)) == config


@given(
    st.dictionaries(
        st.integers(1, 20_000),
        st.fixed_dictionaries(
            {"clipping": st.sampled_from(["none", "norm", "value"])},
            optional={"learning_rate": st.floats(1e-6, 10), "clip_at": st.floats(1e-6, 1e6)},
        ),
        min_size=1,
    )
)
def test_changes_survive_their_text_form(drawn: dict[int, dict[str, float | str]]) -> None:
    changes = tuple((first, tuple(settings.items())) for first, settings in sorted(drawn.items()))
    assert OnTheWay().parse(OnTheWay().write(changes)) == changes
