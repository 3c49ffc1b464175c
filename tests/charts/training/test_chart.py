"""The chart of a training run: that its pixels, lines and words are the run's own numbers."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import torch
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

import rnnviz
from rnnviz.charts.kit import export, palette, scale
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.training.axes import Axis
from rnnviz.charts.training.chart import chart
from rnnviz.charts.training.look import RunLook
from rnnviz.charts.training.matrix import matrix_chart
from rnnviz.charts.training.tables import _dense, _room, _row_ticks
from rnnviz.core.gradients.paths import fit_of
from rnnviz.facts.training import explosion, facts
from rnnviz.training import Config, Trainer
from rnnviz.training.history import ROWS, Thinned
from rnnviz.training.moment import matrix, moment
from rnnviz.training.presets import PRESETS
from rnnviz.training.view import Rows, RunView, Theories, to_csv, view
from rnnviz.words import catalogue
from tests.charts.png import colours


def trained(iterations: int = 30, **settings: object) -> Trainer:
    trainer = Trainer(Config(**{"length": 12, "hidden_size": 5, **settings}), iterations=iterations)
    for _ in trainer:
        pass
    return trainer


def kept_of(iterations: int) -> list[int]:
    """Which iterations have a row after so many."""
    rows: Thinned[int] = Thinned(*ROWS)
    for iteration in range(1, iterations + 1):
        rows.append(iteration)
    return list(rows)


def with_row(shown: RunView, log: np.ndarray) -> RunView:
    """One row only, of these log10 of norms."""
    blocks, rows = np.ones((1, len(shown.blocks))), shown.rows
    flow = {"h": log[None, None]}
    row = Rows(rows.iteration[-1:], rows.loss[-1:], flow, flow, blocks, blocks)
    return replace(shown, rows=row)


@pytest.fixture(scope="module")
def runs() -> tuple[Trainer, Trainer]:
    return trained(cell="rnn"), trained(cell="lstm")


def pictures(svg: str) -> list[str]:
    """The data URLs of the pictures that are drawn."""
    return re.findall(r'href="(data:image/png[^"]+)"', svg)


def words(made: Figure, **options: Any) -> list[str]:
    """What is written in a chart, mark by mark."""
    found = re.findall(r"<text[^>]*>(.*?)</text>", export.to_svg(made, **options))
    return [html.unescape(re.sub(r"<[^>]+>", " ", text)).strip() for text in found]


class TestLosses:
    @pytest.mark.parametrize("task", ["sine", "adding"])
    def test_the_rows_are_of_the_losses_that_are_chosen_and_the_picture_says_of_which(self, task: str) -> None:
        trainer = trained(task=task, cell="lstm", iterations=3)
        several, seen = task == "sine", view(trainer)
        for losses, flow in (("all", seen.rows.flow), ("last", seen.rows.last)):
            made = rnnviz.training_chart(trainer, losses=losses, state="c")
            table = made.tables["runs"][0]
            np.testing.assert_allclose(np.array(table["flow"].split(","), float), flow["c"][:, 0].ravel(), atol=0.006)
            assert float(table["slope"].split(",")[1]) == pytest.approx(fit_of(flow["c"][1, 0]).slope, abs=1e-4)
            alone = several and losses == "last"
            titled = "step k: ‖∂L/∂cₖ‖ of each sequence’s last loss alone"
            assert (words(made).count(titled) == 2) == alone
            assert any("underlined" in text for text in words(made)) != alone
            assert any("row: all losses" in text for text in words(made)) == (several and not alone)


class TestTables:
    @pytest.mark.parametrize("fixed", [False, True])
    @pytest.mark.parametrize("dark", [False, True])
    def test_each_pixel_is_the_norm_of_its_iteration_and_step(
        self, runs: tuple[Trainer, ...], dark: bool, fixed: bool
    ) -> None:
        made = chart([view(runs[0])], ["RNN"], RunLook(span=scale.FIXED if fixed else None))
        every = np.concatenate([s.flow["h"].ravel() for s in runs[0].history.rows])
        low, high = (-30, 10) if fixed else (5 * np.floor(every.min() / 5), 5 * np.ceil(every.max() / 5))
        drawn = colours(pictures(export.to_svg(made, dark=dark))[0])
        rows = list(runs[0].history.rows)
        assert np.shape(drawn) == (30, 12)
        for i, k in ((0, 0), (3, 7), (29, 11)):
            log = rows[i].flow["h"][0, k]
            nearest = round((log - low) / (high - low) * (scale.STEPS - 1))
            assert drawn[i][k] == palette.flow(scale.STEPS)[nearest]

    def test_zero_infinity_and_nan_have_colours_of_their_own(self) -> None:
        trainer = trained(truncation=4)
        made = chart([view(trainer)], ["RNN"])
        light = colours(made.tables["runs"][0]["url"])
        assert {colour for row in light for colour in row[:8]} == {palette.ZERO.light}
        assert made.tables["runs"][0]["flow"].split(",")[:8] == ["z"] * 8
        dark = colours(pictures(export.to_svg(made, dark=True))[0])
        assert {colour for row in dark for colour in row[:8]} == {palette.ZERO.dark}
        exploding = PRESETS["explodes"].to_text() | {"clipping": "none"}
        stopped = Trainer(Config.from_text(exploding), iterations=30)
        for _ in stopped:
            pass
        run = chart([view(stopped)], ["RNN"]).tables["runs"][0]
        assert run["broken"] == 1.0
        assert run["note"] == stopped.last.stopped
        assert colours(run["url"])[-1] == [palette.NOT_A_NUMBER.light] * 40

    def test_a_run_that_goes_on_sends_its_newest_row_only(self, runs: tuple[Trainer, ...]) -> None:
        live, rest = (chart([view(runs[0])], ["RNN"], RunLook(live=flag)) for flag in (True, False))
        newest = list(runs[0].history.rows)[-1].flow["h"][0]
        sent = [float(value) for value in live.tables["runs"][0]["flow"].split(",")]
        assert sent == pytest.approx(newest, abs=0.006)
        assert len(rest.tables["runs"][0]["flow"].split(",")) == 30 * 12
        assert live.tables["runs"][0]["url"] == rest.tables["runs"][0]["url"]

    def test_the_specification_never_changes(self, runs: tuple[Trainer, ...]) -> None:
        specs = [
            chart([view(runs[0])], ["RNN"], RunLook(live=True)),
            chart([view(runs[0]), view(runs[1])], ["RNN", "LSTM"], RunLook(language="ko", state="c")),
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

    def test_a_state_that_no_run_has_is_refused(self, runs: tuple[Trainer, ...]) -> None:
        for trainers, state in (((runs[0],), "c"), ((runs[0],), "x"), (runs, "x")):
            with pytest.raises(ValueError, match="accepted: 'h'"):
                rnnviz.training_chart(*trainers, state=state)
        rnnviz.training_chart(*runs, state="c")

    @pytest.mark.parametrize("other", [{"task": "sine"}, {"length": 13}])
    def test_two_runs_that_nothing_can_be_compared_in_are_refused(self, other: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="accepted: two runs of one task"):
            rnnviz.training_chart(trained(iterations=1), trained(iterations=1, **other))

    def test_names_are_as_many_as_runs_and_runs_are_trainers(self, runs: tuple[Trainer, ...]) -> None:
        with pytest.raises(ValueError, match="accepted: as many as runs, 2"):
            rnnviz.training_chart(*runs, names=["one"])
        with pytest.raises(ValueError, match="accepted: 'all' or 'last'"):
            rnnviz.training_chart(runs[0], losses="first")
        with pytest.raises(TypeError, match=r"a run is a \S+\.Config; accepted"):
            rnnviz.training_chart(runs[0].config)


class TestRows:
    """Which rows there are, and what is said of each."""

    def test_a_run_without_a_memory_shows_h_and_says_so(self, runs: tuple[Trainer, ...]) -> None:
        made = rnnviz.training_chart(*runs, state="c")
        for trainer, run, state in zip(runs, made.tables["runs"], "hc", strict=True):
            newest = list(trainer.history.rows)[-1].flow[state][0]
            sent = [float(value) for value in run["flow"].split(",")][-12:]
            assert sent == pytest.approx(newest, abs=0.006)
        written = "\n".join(words(made))
        assert written.count("∂L/∂hₖ") == written.count("∂L/∂cₖ") == 2  # the heatmap and the row of each

    def test_the_row_of_a_shorter_run_is_called_by_its_own_iteration(self) -> None:
        made = rnnviz.training_chart(trained(iterations=3), trained(iterations=30), names=["a", "b"])
        assert {"The row of iteration 3", "The row of iteration 30"} < set(words(made))

    def test_the_jacobians_are_told_with_the_iteration_that_they_are_of(self) -> None:
        trainer = trained(iterations=205)
        measured = {s.iteration: s.theory[0].growth for s in trainer.history.snapshots if s.theory}
        made = rnnviz.training_chart(trainer)
        run = made.tables["runs"][0]
        for iteration, at, growth in zip(
            *(run[name].split(",") for name in ("iteration", "theoryAt", "theory")), strict=True
        ):
            last = max(i for i in measured if i <= int(iteration))
            assert int(at) == last
            assert float(growth) == pytest.approx(measured[last], abs=6e-5)
        assert len(measured) == 2
        said = catalogue("en")["train.theory"].format(iteration=max(measured))
        assert any(text.startswith(said) for text in words(made))
        assert not any("{" in text for text in words(made))

    def test_of_jacobians_that_were_not_measured_nothing_is_said(self) -> None:
        shown = view(trained(iterations=3))
        bare = replace(shown, theories=Theories(np.zeros(0, int), np.zeros((0, 1)), np.zeros((0, 1))))
        assert not any("Jacobian" in text for text in words(chart([bare], ["RNN"])))

    def test_what_was_evaluated_earlier_says_when(self) -> None:
        """A sample is evaluated every 25 iterations, from the first on."""
        said = chart([view(trained(iterations=27))], ["RNN"]).tables["runs"][0]["said"].split(SEPARATOR)
        earlier = [re.search(r"\sat (\d+): ", text) for text in said]
        assert [int(found[1]) if found else None for found in earlier] == [None, *[1] * 24, None, 26]

    def test_a_loss_that_is_no_number_is_written_as_everywhere(self) -> None:
        shown = view(trained(iterations=1))
        for loss, written in ((nan, "loss NaN"), (inf, "loss ∞"), (1.7e11, "loss 1.7·10¹¹"), (0.25, "loss 0.25")):
            broken = replace(shown, rows=replace(shown.rows, loss=np.array([loss])))
            assert written in chart([broken], ["RNN"]).tables["runs"][0]["said"]

    def test_the_line_is_drawn_through_the_points_that_it_is_fitted_to(self) -> None:
        """Its ends in the picture are those of NumPy's line, also where some steps have no logarithm."""
        shown = view(trained(iterations=1))
        values = np.linspace(-6, -1, 12) + np.sin(np.arange(12))
        values[[0, 1, 5, 10, 11]] = -np.inf
        made = chart([with_row(shown, values)], ["RNN"])
        k = np.flatnonzero(np.isfinite(values))
        line = np.poly1d(np.polyfit(k, values[k], 1))
        run, axis = made.tables["runs"][0], made.tables["bundle"][0]
        assert (float(run["end"]), float(run["slope"])) == pytest.approx((line(9), -line[1]), abs=1e-4)
        # In px: its colour and its width are no other line's.
        drawn = rf'<line[^>]*x2="([-\d.]+)" y2="([-\d.]+)" stroke="{palette.NOW.light}" stroke-width="1.4"'
        wide, high = map(float, re.findall(drawn, export.to_svg(made))[0])
        across, down = 1100 * 0.57 - 4 - 46, 130
        assert -wide / across * 12 == pytest.approx(9 - 2, abs=0.01)
        assert high / down * (axis["high"] - axis["low"]) == pytest.approx(line(9) - line(2), abs=0.01)

    def test_two_rows_of_a_run_that_rests_fill_the_height(self) -> None:
        shown = view(trained(iterations=2))
        rest, live, stopped = (
            chart([one], ["RNN"], RunLook(live=flag))
            for one, flag in ((shown, False), (shown, True), (replace(shown, stopped="it did"), True))
        )
        heights = [
            float(re.findall(r'<image[^>]*height="([\d.]+)"', export.to_svg(made))[0]) for made in (rest, live, stopped)
        ]
        assert heights == pytest.approx([210, 210 / 4, 210])

    @given(st.integers(1, 900))
    def test_a_growing_run_s_rows_are_never_higher_than_the_heatmap(self, rows: int) -> None:
        assert rows <= _room(rows, True) <= max(8, 2 * rows)
        assert _room(rows, False) == rows

    @given(st.integers(1, 3000))
    def test_the_part_where_no_iteration_is_left_out_is_found(self, iterations: int) -> None:
        kept = kept_of(iterations)
        dense = _dense(kept)
        assert kept[dense:] == list(range(kept[dense], iterations + 1))
        assert dense == 0 or kept[dense] - kept[dense - 1] > 1

    @given(st.integers(1, 3000))
    def test_the_numbers_at_the_left_stand_at_their_own_rows(self, iterations: int) -> None:
        kept = kept_of(iterations)
        ticks = _row_ticks(np.array(kept), _dense(kept), len(kept))
        places = [at for at, _ in ticks]
        assert [iteration for _, iteration in ticks][:: max(1, len(ticks) - 1)] == [1, iterations][: len(ticks)]
        assert np.diff(places).min(initial=inf) >= min(len(kept) / 10, 1) - 1e-9
        for at, iteration in ticks:
            before = sum(i < iteration for i in kept)
            assert before - 0.5 <= at <= before + 0.5

    def test_a_long_run_says_that_its_older_rows_are_thinned(self) -> None:
        trainer = trained(iterations=700)
        run = chart([view(trainer)], ["RNN"]).tables["runs"][0]
        iterations = [int(i) for i in run["iteration"].split(",")]
        assert iterations[run["dense"] :] == list(range(501, 701))
        assert set(np.diff(iterations[: run["dense"]])) == {run["stride"]} == {4}
        assert "above the line: 1 iteration in 4, below: all" in words(rnnviz.training_chart(trainer))
        assert not any("above the line" in text for text in words(rnnviz.training_chart(trained(iterations=3))))

    def test_after_the_end_of_every_sequence_is_no_vanished_gradient(self) -> None:
        trainer = trained(task="reber", length=30, iterations=2)
        flow = list(trainer.history.rows)[-1].flow["h"][0]
        last = int(np.flatnonzero(np.isfinite(flow))[-1])
        assert last < len(flow) - 1, "a batch whose longest sequence is shorter than the longest there can be"
        made = rnnviz.training_chart(trainer)
        sent = made.tables["runs"][0]["flow"].split(",")[-len(flow) :]
        assert [value == "p" for value in sent] == [k > last for k in range(len(flow))]
        assert "z" in chart([view(trained(truncation=4))], ["RNN"]).tables["runs"][0]["flow"]


class TestPicture:
    @pytest.mark.parametrize("task", ["adding", "sine", "reber"])
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_it_draws(self, task: str, language: str) -> None:
        made = rnnviz.training_chart(trained(task=task, iterations=26), names=["run"], language=language)
        assert isinstance(made, Figure)
        svg = export.to_svg(made)
        assert "26 / 26" in svg
        assert catalogue(language)["train.loss"] in svg
        assert svg.count("data:image/png") >= 2

    @pytest.mark.parametrize("placed", [False, True])
    def test_before_the_first_iteration_only_a_page_says_what_to_press(self, placed: bool) -> None:
        made = chart([view(Trainer(Config(length=12)))], ["RNN"], RunLook(placed=placed))
        svg = vl_convert.vegalite_to_svg(made.to_dict())
        assert (catalogue("en")["train.none_yet"] in svg) == placed
        assert (catalogue("en")["train.untrained"] in svg) != placed
        assert catalogue("en")["train.untrained"] in export.to_svg(made)  # a file
        written = words(made)
        loss = written[written.index("Loss") : written.index("Score on unseen data")]
        assert not {"0", "1"} & set(loss)  # no axis of iterations from 1 to 0

    def test_the_slope_that_is_written_is_the_rows(self, runs: tuple[Trainer, ...]) -> None:
        row = list(runs[0].history.rows)[-1].flow["h"][0]
        decades = -np.polyfit(np.arange(12), row, 1)[0]
        assert f"{decades:.3f}".lstrip("-") in export.to_svg(rnnviz.training_chart(runs[0]))

    def test_the_matrix_is_drawn_below_the_diagonal(self) -> None:
        found = matrix(trained(iterations=3), 0)
        assert found is not None
        made = matrix_chart(found, catalogue("en"), scale.FIXED)
        values = made.tables["bundle"][0]["values"].split(",")
        assert values[1] == "p"  # t = 1, k = 2
        assert float(values[12]) == pytest.approx(np.log10(found[1, 0]), abs=0.006)
        assert "data:image/png" in export.to_svg(made)


class TestNumbers:
    @given(st.floats(-3, 3), st.floats(-20, 5), st.integers(2, 50))
    def test_the_slope_of_a_line_is_its_own_backwards(self, decades: float, end: float, steps: int) -> None:
        row = end + decades * np.arange(steps - 1, -1, -1)
        assert fit_of(row).slope == pytest.approx(decades, abs=1e-9)
        assert fit_of(row).decades == pytest.approx(row[0] - row[-1], abs=1e-7)

    def test_the_slope_leaves_out_what_has_no_logarithm(self) -> None:
        assert fit_of(np.array([-inf, nan, -3.0, -2.0, -1.0])).slope == pytest.approx(-1)
        assert np.isnan(fit_of(np.array([-inf, -1.0])).slope)

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
        return {fact.kind: dict(fact.values) for fact in facts(view(trainer))}

    def test_a_vanishing_run_says_by_how_much(self) -> None:
        trainer = Trainer(PRESETS["vanishes"], iterations=26)
        for _ in trainer:
            pass
        row = list(trainer.history.rows)[-1].flow["h"][0]
        found = self.kinds(trainer)
        slope = -np.polyfit(np.arange(100), row, 1)[0]
        assert found["train_fades"]["decades"] == pytest.approx(-99 * slope)
        assert found["train_fades"]["factor"] == pytest.approx(10**slope)
        assert "train_stuck" in found

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
        cause = explosion(view(trainer))
        assert cause.kind == f"exploded_{why}"
        if why != "first":
            rows = [s.flow["h"][0] for s in trainer.history.rows if s.flow is not None]
            told = [row for row in rows if np.isfinite(row).all()]
            for name, row in (("first", told[0]), ("last", told[-1])):
                expected = 10 ** -np.polyfit(np.arange(len(row)), row, 1)[0]
                assert cause.values[name] == pytest.approx(expected, rel=1e-6)
        for language in ("en", "ko"):
            assert catalogue(language)[f"train.{cause.kind}"].format(**cause.values)

    def test_zeros_of_a_relu_have_no_cause_and_those_after_the_end_are_not_counted(self) -> None:
        shown = view(trained(cell="rnn_relu"))
        for gone, expected in (((2, 3), {"count": 2.0}), ((10, 11), None)):
            values = np.linspace(-5, -1, 12)
            values[list(gone)] = -np.inf
            found = {f.kind: f.values for f in facts(with_row(shown, values))}
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
        row = next(iter(trainer.history.rows)).flow["h"][0]
        assert fact.t == 1
        assert fact.values["slope"] == pytest.approx(-np.polyfit(np.arange(100), row, 1)[0])
        assert "train_theory" not in self.kinds(trained(truncation=4))

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
            assert found.shown.trace["h"][0] == pytest.approx(h[:, 0].numpy(), abs=1e-6)

    def test_classes_have_a_readout_and_numbers_none(self) -> None:
        assert moment(trained(), 1).shown.readout is None
        found = moment(trained(task="reber", length=20), 1)
        assert found.shown.readout is not None
        assert len(found.shown.targets) == len(found.shown.trace)

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
        expected = [float(state.grad.norm()) for state in states]
        assert found[-1] == pytest.approx(expected, rel=1e-4)


def test_the_csv_has_a_line_for_each_kept_iteration_of_each_run(runs: tuple[Trainer, Trainer]) -> None:
    lines = to_csv([view(trainer) for trainer in runs]).splitlines()
    assert len(lines) == 61
    last = dict(zip(lines[0].split(","), lines[-1].split(","), strict=True))
    assert (last["run"], last["iteration"]) == ("2", "30")
    assert float(last["loss"]) == runs[1].last.loss


def drawn_at(made: Figure, width: int) -> str:
    """A chart as SVG where it has so much room, px."""
    return str(vl_convert.vegalite_to_svg({**made.to_dict(), "width": width}))


def drawn_texts(svg: str) -> dict[str, tuple[float, float]]:
    """Where each text of a chart stands, px: what it is moved by, with all that is around it."""
    found: dict[str, tuple[float, float]] = {}

    def walk(node: ET.Element, x: float, y: float) -> None:
        moved = re.match(r"translate\(([-\d.]+),([-\d.]+)\)", node.get("transform", ""))
        x, y = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
        if node.tag.endswith("}text"):
            found.setdefault("".join(node.itertext()), (x, y))
        for child in node:
            walk(child, x, y)

    walk(ET.fromstring(svg), 0.0, 0.0)
    return found


class TestSample:
    @pytest.mark.parametrize("count", [1, 2])
    @pytest.mark.parametrize("task", ["adding", "sine", "sines", "sunspots", "reber", "order", "copy"])
    def test_numbers_that_are_asked_stand_first_and_classes_last(self, task: str, count: int) -> None:
        """Above the loss, and above the norm, whose column it shares in a pair."""
        trainers = [trained(task=task, cell=cell, length=12, iterations=2) for cell in ("rnn", "gru")[:count]]
        at = drawn_texts(export.to_svg(rnnviz.training_chart(*trainers)))
        sample = next(y for said, (_, y) in at.items() if said.startswith("Unseen sequence"))
        norm = at["Norm of the whole gradient"][1]
        if trainers[0].task.loss == "mse":
            assert sample < norm
            assert sample < at["Loss"][1]
        else:
            assert sample > norm
            assert sample > at["Loss"][1]

    @pytest.mark.parametrize("length", [4, 12, 50, 200])
    @pytest.mark.parametrize("seed", range(4))
    def test_a_number_is_asked_of_the_sequence_above_it(self, seed: int, length: int) -> None:
        """A bar for each step; the marked ones are written, and add up to what is asked."""
        trainer = trained(task="adding", length=length, seed=seed, iterations=1)
        made = rnnviz.training_chart(trainer)
        x, bundle = trainer.unseen.x[:, 0].numpy(), made.tables["bundle"][0]
        parts = np.array([float(part) for part in bundle["values"].split(",")])
        axis = max(1.0, float(x[:, 0].max()))
        np.testing.assert_allclose(parts, x[:, 0] / axis, atol=1e-4)
        assert bundle["counts"] == ",".join(str(int(marker)) for marker in x[:, 1])
        marked = [text for text in bundle["written"].split(SEPARATOR) if text]
        assert sum(map(float, marked)) == pytest.approx(float(trainer.unseen.y[0, 0, 0]), abs=0.011)
        assert len(marked) == 2
        said = words(made)
        assert all(text in said for text in marked)
        assert "reads" in said

    @pytest.mark.parametrize(("length", "marked"), [(4, (1, 2)), (5, (0, 2)), (100, (49, 50)), (101, (49, 100))])
    @pytest.mark.parametrize("width", [358, 500])
    def test_neither_written_value_covers_the_other_or_leaves_the_picture(
        self, length: int, marked: tuple[int, int], width: int
    ) -> None:
        trainer = trained(task="adding", length=length, iterations=1)
        x = trainer.unseen.x
        x[:, 0] = 0.0
        x[list(marked), 0] = torch.tensor([[0.25, 1.0], [0.75, 1.0]])
        at = drawn_texts(drawn_at(rnnviz.training_chart(trainer), width))
        half = 12.0  # as far as four characters reach
        assert at["0.75"][0] - at["0.25"][0] >= 2 * half
        assert at["reads"][0] + 28 < at["0.25"][0] - half
        assert at["0.75"][0] + half <= width

    @pytest.mark.parametrize("language", ["en", "ko"])
    @pytest.mark.parametrize("placed", [True, False])
    def test_on_a_phone_the_status_begins_inside_the_picture(self, placed: bool, language: str) -> None:
        status = catalogue(language)["train.idle"]
        made = chart([view(Trainer(Config(length=12)))], ["RNN"], RunLook(language, placed=placed, status=status))
        at = drawn_texts(drawn_at(made, 358))
        (y,) = (y for said, (_, y) in at.items() if said and status.startswith(said[:4]))
        assert y >= 12  # where the letters of 13 px stand

    def test_of_a_series_and_of_classes_no_bars_are_sent(self) -> None:
        for task in ("sine", "reber"):
            bundle = rnnviz.training_chart(trained(task=task, iterations=1)).tables["bundle"][0]
            assert (bundle["values"], bundle["counts"], bundle["written"]) == ("", "", "")
