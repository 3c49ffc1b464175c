"""The chart of a training run: that its pixels, lines and words are the run's own numbers."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz
from rnnviz.charts import export, palette
from rnnviz.charts import gradient_scale as scale
from rnnviz.charts.bundle import SEPARATOR
from rnnviz.charts.training import TrainingChart, chart
from rnnviz.charts.training_axes import Axis
from rnnviz.charts.training_facts import darkest, explosion, facts
from rnnviz.charts.training_matrix import matrix_chart
from rnnviz.charts.training_tables import slope_of
from rnnviz.lessons import catalogue
from rnnviz.training import Config, Trainer
from rnnviz.training.moment import matrix, moment
from rnnviz.training.presets import PRESETS
from rnnviz.training.rows import Norms, Row, Waiting
from rnnviz.training.view import to_csv, view


def trained(iterations: int = 30, **settings: object) -> Trainer:
    trainer = Trainer(Config(**{"length": 12, "hidden_size": 5, **settings}), iterations=iterations)  # type: ignore[arg-type]
    for _ in trainer:
        pass
    return trainer


@pytest.fixture(scope="module")
def runs() -> tuple[Trainer, Trainer]:
    return trained(cell="rnn"), trained(cell="lstm")


def pixels(url: str) -> np.ndarray:
    """The colours of a PNG of indexed pixels, (rows, columns, 3), by PNG's own specification."""
    data = base64.b64decode(url.removeprefix("data:image/png;base64,"))
    chunks, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        chunks[data[at + 4 : at + 8]] = data[at + 8 : at + 8 + size]
        at += 12 + size
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)[rows[:, 1:]]


def rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


class TestTables:
    @pytest.mark.parametrize("dark", [False, True])
    def test_each_pixel_is_the_norm_of_its_iteration_and_step(self, runs: tuple[Trainer, ...], dark: bool) -> None:
        made = chart([view(runs[0])], ["RNN"], dark=dark)
        drawn = pixels(made.tables["runs"][0]["url"])
        rows = list(runs[0].history.rows)
        assert drawn.shape == (30, 12, 3)
        for i, k in ((0, 0), (3, 7), (29, 11)):
            log = rows[i].flow["h"][0, k]  # type: ignore[index]
            nearest = round((log - scale.LOW) * 4)
            assert drawn[i, k].tolist() == rgb(palette.flow(scale.STEPS)[nearest])

    def test_zero_infinity_and_nan_have_colours_of_their_own(self) -> None:
        trainer = trained(truncation=4)
        made = chart([view(trainer)], ["RNN"])
        assert (pixels(made.tables["runs"][0]["url"])[:, :8] == rgb(palette.ZERO.light)).all()
        assert made.tables["runs"][0]["flow"].split(",")[:8] == ["z"] * 8
        exploding = PRESETS["explodes"].to_text() | {"clipping": "none"}
        stopped = Trainer(Config.from_text(exploding), iterations=30)
        for _ in stopped:
            pass
        run = chart([view(stopped)], ["RNN"]).tables["runs"][0]
        assert run["broken"] == 1.0
        assert run["note"] == stopped.last.stopped  # type: ignore[union-attr]
        assert pixels(run["url"])[-1].tolist() == [rgb(palette.NOT_A_NUMBER.light)] * 40

    def test_a_run_that_goes_on_sends_its_newest_row_only(self, runs: tuple[Trainer, ...]) -> None:
        live, rest = (chart([view(runs[0])], ["RNN"], live=flag) for flag in (True, False))
        newest = list(runs[0].history.rows)[-1].flow["h"][0]  # type: ignore[index]
        sent = [float(value) for value in live.tables["runs"][0]["flow"].split(",")]
        assert sent == pytest.approx(newest, abs=0.006)
        assert len(rest.tables["runs"][0]["flow"].split(",")) == 30 * 12
        assert live.tables["runs"][0]["url"] == rest.tables["runs"][0]["url"]

    def test_the_specification_never_changes(self, runs: tuple[Trainer, ...]) -> None:
        specs = [
            chart([view(runs[0])], ["RNN"], live=True),
            chart([view(runs[0]), view(runs[1])], ["RNN", "LSTM"], language="ko", dark=True, state="c"),
            chart([view(Trainer(Config(task="sine")))], ["RNN"]),
        ]
        assert len({json.dumps({**made.to_dict(), "datasets": 0}) for made in specs}) == 1

    def test_two_runs_share_every_scale(self, runs: tuple[Trainer, ...]) -> None:
        """A loss has one place, whichever run it belongs to: of the two, what is larger stands higher."""
        made = chart([view(trainer) for trainer in runs], ["RNN", "LSTM"])
        places = [[float(y) for y in run["trainY"].split(",")] for run in made.tables["runs"]]
        losses = [[s.loss for s in trainer.history.snapshots] for trainer in runs]
        both, values = np.concatenate(places), np.log(np.concatenate(losses))
        assert np.corrcoef(both, values)[0, 1] == pytest.approx(1, abs=1e-5)
        assert both.min() >= 0
        assert both.max() <= 1

    def test_moments_of_runs_with_other_rows_are_the_last_ones_by_then(self) -> None:
        short, long = trained(), trained(iterations=700)  # of which only every second old row is kept
        made = chart([view(short), view(long)], ["a", "b"]).tables
        iterations = [int(i) for i in made["runs"][1]["iteration"].split(",")]
        for moment_at, row in zip(
            made["bundle"][0]["moment"].split(","), made["runs"][1]["rowOf"].split(","), strict=True
        ):
            assert iterations[int(row)] == max(i for i in iterations if i <= int(moment_at))

    def test_clipping_is_marked_where_it_happened_and_norms_are_before_and_after(self) -> None:
        trainer = trained(clipping="norm", clip_at=0.5, iterations=20)
        clipped = [s.iteration for s in trainer.history.snapshots if s.clipped]
        made = chart([view(trainer)], ["RNN"]).tables
        run = made["runs"][0]
        shares = [float(share) for share in run["clip"].split(",")]
        assert [i for i, share in enumerate(shares, 1) if share == 1] == clipped
        assert 0 < len(clipped) == sum(shares)
        before, after = (np.array([float(v) for v in run[name].split(",")]) for name in ("before", "after"))
        names, places = (made["bundle"][0][f"block{part}"] for part in ("Names", "Ticks"))
        first, second = (float(name) for name in names.split(SEPARATOR)[:2])
        left, right = (float(place) for place in places.split(",")[:2])
        span = np.log10(second / first) / (right - left)  # decades across
        rows = list(trainer.history.rows)
        ratio = np.repeat([min(1.0, 0.5 / row.norm) for row in rows], len(trainer.blocks))
        assert 10 ** ((after - before) * span) == pytest.approx(ratio, rel=0.03)

    def test_a_layer_that_is_not_there_is_refused(self, runs: tuple[Trainer, ...]) -> None:
        with pytest.raises(ValueError, match="accepted: 0 to 0"):
            rnnviz.training_chart(runs[0], layer=1)
        with pytest.raises(ValueError, match="one or two"):
            rnnviz.training_chart()


class TestPicture:
    @pytest.mark.parametrize("task", ["adding", "sine", "reber"])
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_it_draws(self, task: str, language: str) -> None:
        made = rnnviz.training_chart(trained(task=task, iterations=26), names=["run"], language=language)
        assert isinstance(made, TrainingChart)
        svg = export.to_svg(made)
        assert "26 / 26" in svg
        assert catalogue(language)["train.loss"] in svg
        assert svg.count("data:image/png") >= 2

    def test_before_the_first_iteration_it_invites(self) -> None:
        svg = export.to_svg(rnnviz.training_chart(Trainer(Config(length=12))))
        assert catalogue("en")["train.none_yet"] in svg

    def test_the_slope_that_is_written_is_the_rows(self, runs: tuple[Trainer, ...]) -> None:
        row = list(runs[0].history.rows)[-1].flow["h"][0]  # type: ignore[index]
        decades = -np.polyfit(np.arange(12), row, 1)[0]
        assert f"{decades:.3f}".lstrip("-") in export.to_svg(rnnviz.training_chart(runs[0]))

    def test_the_matrix_is_drawn_below_the_diagonal(self) -> None:
        found = matrix(trained(iterations=3), 0)
        assert found is not None
        made = matrix_chart(found, catalogue("en"), dark=False)
        values = made.tables["bundle"][0]["values"].split(",")
        assert values[1] == "p"  # t = 1, k = 2
        assert float(values[12]) == pytest.approx(np.log10(found[1, 0]), abs=0.006)
        assert "data:image/png" in export.to_svg(made)


class TestNumbers:
    @given(st.floats(-3, 3), st.floats(-20, 5), st.integers(2, 50))
    def test_the_slope_of_a_line_is_its_own_backwards(self, decades: float, end: float, steps: int) -> None:
        row = end + decades * np.arange(steps - 1, -1, -1)
        assert slope_of(row) == pytest.approx(decades, abs=1e-9)

    def test_the_slope_leaves_out_what_has_no_logarithm(self) -> None:
        assert slope_of(np.array([-inf, nan, -3.0, -2.0, -1.0])) == pytest.approx(-1)
        assert np.isnan(slope_of(np.array([-inf, -1.0])))

    @given(st.floats(-5, 5), st.floats(0.1, 5), st.lists(st.floats(allow_nan=True), min_size=2, max_size=9))
    def test_an_axis_keeps_order_and_bounds(self, low: float, wide: float, values: list[float]) -> None:
        axis = Axis(low, low + wide)
        numbers = sorted(v for v in values if v == v)
        places = [axis.place(value) for value in numbers]
        assert places == sorted(places)
        assert all(0 <= axis.place(value) <= 1 for value in values)
        assert axis.place(nan) == axis.place(inf) == 1


class TestFacts:
    def kinds(self, trainer: Trainer) -> dict[str, dict[str, float]]:
        return {fact.kind: dict(fact.values) for fact in facts(view(trainer))}  # type: ignore[arg-type]

    def test_a_vanishing_run_says_by_how_much(self) -> None:
        trainer = Trainer(PRESETS["vanishes"], iterations=26)
        for _ in trainer:
            pass
        row = list(trainer.history.rows)[-1].flow["h"][0]  # type: ignore[index]
        found = self.kinds(trainer)
        assert found["train_fades"]["decades"] == pytest.approx(row[-1] - row[0])
        assert found["train_fades"]["factor"] == pytest.approx(10 ** ((row[0] - row[-1]) / 99))
        assert "train_stuck" in found
        assert darkest(view(trainer)) == "start"

    def test_truncation_says_what_was_cut(self) -> None:
        found = self.kinds(trained(truncation=4))
        assert found["train_zero_cut"]["count"] == 8
        assert 0 < found["train_cut"]["share"] <= 2

    def test_a_stopped_run_says_so_and_blames_no_clipping(self) -> None:
        exploding = PRESETS["explodes"].to_text() | {"clipping": "none"}
        trainer = Trainer(Config.from_text(exploding), iterations=30)
        for _ in trainer:
            pass
        found = self.kinds(trainer)
        assert "train_stopped" in found
        assert "train_clipped" not in found

    @pytest.mark.parametrize(
        ("settings", "why"),
        [
            ({"cell": "rnn_relu", "initialisation": "spectral radius", "spectral_radius": 3.0, "length": 150}, "first"),
            ({"cell": "rnn_relu", "initialisation": "spectral radius", "spectral_radius": 2.5, "length": 40}, "grew"),
            ({"cell": "rnn_relu", "optimiser": "sgd", "learning_rate": 10.0, "length": 12}, "rate"),
        ],
    )
    def test_a_stop_is_put_down_to_what_caused_it(self, settings: dict[str, Any], why: str) -> None:
        given = {"optimiser": "sgd", "learning_rate": 0.01} | settings
        trainer = Trainer(Config(**given), iterations=60)
        for _ in trainer:
            pass
        assert view(trainer).stopped
        assert explosion(view(trainer)) == why

    def test_zeros_of_a_relu_have_no_cause_and_those_after_the_end_are_not_counted(self) -> None:
        shown = view(trained(cell="rnn_relu"))
        row = shown.rows[-1]
        for gone, expected in (((2, 3), {"count": 2.0}), ((10, 11), None)):
            values = np.linspace(-5, -1, 12)
            values[list(gone)] = -np.inf
            measured = Row(Waiting((1,)))
            measured.settle(Norms({"h": values[None]}, np.zeros(1), np.zeros(1)))
            found = {f.kind: f.values for f in facts(replace(shown, rows=(replace(row, row=measured),)))}
            assert "train_zero" not in found
            assert ("train_zero_plain" in found) == (expected is not None)
            assert "train_fades" not in found
            if expected:
                assert found["train_zero_plain"]["count"] == 2

    def test_the_theory_is_told_of_its_own_iteration(self) -> None:
        trainer = Trainer(PRESETS["vanishes"], iterations=26)
        for _ in trainer:
            pass
        (fact,) = [fact for fact in facts(view(trainer)) if fact.kind == "train_theory"]
        row = next(iter(trainer.history.rows)).flow["h"][0]  # type: ignore[index]
        assert fact.t == 1
        assert fact.values["slope"] == pytest.approx(-np.polyfit(np.arange(100), row, 1)[0])
        assert "train_theory" not in self.kinds(trained(truncation=4))

    def test_thirds_that_are_alike_have_no_darkest(self) -> None:
        assert darkest(view(trained(task="sine", iterations=1))) == "none"
        assert darkest(view(Trainer(Config()))) is None

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_every_fact_has_its_sentence(self, language: str) -> None:
        labels = catalogue(language)
        for trainer in (
            trained(truncation=4),
            trained(clipping="norm", clip_at=0.01),
            trained(task="reber", length=20),
        ):
            for fact in facts(view(trainer)):
                assert labels[f"notice.{fact.kind}"].format(t=fact.t, **fact.values)


class TestMoment:
    def test_it_is_the_model_as_it_was_then(self) -> None:
        trainer = trained(cell="gru", iterations=40)
        for asked in (1, 31):
            found = moment(trainer, asked)
            assert abs(found.iteration - asked) < 10
            twin = Trainer(trainer.config, iterations=max(1, found.iteration - 1))
            for _ in range(found.iteration - 1):
                twin.advance()
            with torch.no_grad():
                h, _ = twin.model.rnn(twin.unseen.x[:, :1])
            assert found.trace["h"][0] == pytest.approx(h[:, 0].numpy(), abs=1e-6)

    def test_classes_have_a_readout_and_numbers_none(self) -> None:
        assert moment(trained(), 1).readout is None
        found = moment(trained(task="reber", length=20), 1)
        assert found.readout is not None
        assert len(found.targets) == len(found.trace)

    def test_before_the_first_iteration_there_is_none(self) -> None:
        with pytest.raises(LookupError, match="no weights"):
            moment(Trainer(Config()), 1)

    def test_the_last_row_of_the_matrix_is_what_autograd_gives(self) -> None:
        trainer = trained(cell="rnn", iterations=5)
        found = matrix(trainer, 0)
        assert found is not None
        x, y = trainer.unseen.x[:, 0], trainer.unseen.y[0, 0]
        W_x, W_h, b_x, b_h = trainer.model.rnn.parameters()
        h, states = torch.zeros(5), []
        for x_t in x:
            h = torch.tanh(W_x @ x_t + b_x + W_h @ h + b_h)
            h.retain_grad()
            states.append(h)
        (trainer.model.read_out(h) - y).square().mean().backward()
        expected = [float(state.grad.norm()) for state in states]  # type: ignore[union-attr]
        assert found[-1] == pytest.approx(expected, rel=1e-4)


def test_the_csv_has_a_line_for_each_kept_iteration_of_each_run(runs: tuple[Trainer, Trainer]) -> None:
    lines = to_csv([view(trainer) for trainer in runs]).splitlines()
    assert len(lines) == 61
    last = dict(zip(lines[0].split(","), lines[-1].split(","), strict=True))
    assert (last["run"], last["iteration"]) == ("2", "30")
    assert float(last["loss"]) == runs[1].last.loss  # type: ignore[union-attr]
