"""The curves, the parameters' norms and the sample of a training run's chart: what has no place on an axis is said,
what was clipped and changed is where it was, and words and numbers can be read."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.tables import SEPARATOR, Row
from rnnviz.charts.training.axes import Axis, even_ticks, log_axis, ticks
from rnnviz.charts.training.chart import chart
from rnnviz.charts.training.look import RunLook
from rnnviz.charts.training.series import axes
from rnnviz.training import Config, Trainer
from rnnviz.training.history import SNAPSHOTS, Snapshot, Thinned
from rnnviz.training.moment import moment
from rnnviz.training.presets import PRESETS
from rnnviz.training.view import RunView, curves, view
from rnnviz.words import catalogue
from rnnviz.words.numbers import size

RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
PHONE, DESK = 352, 1100


def read(text: str) -> float:
    """The number that a reader takes a text for."""
    mantissa, _, exponent = (
        text.replace(",", "").translate(RAISED).partition("10")
        if "⁻" in text or re.search("[⁰¹²³⁴⁵⁶⁷⁸⁹]", text)
        else (text.replace(",", "").translate(RAISED), "", "")
    )
    if not exponent:
        return float(mantissa)
    sign, digits = (-1, mantissa[1:]) if mantissa.startswith("-") else (1, mantissa)
    return sign * float(digits.rstrip("·") or 1) * 10.0 ** int(exponent)


def trained(iterations: int = 20, **settings: object) -> Trainer:
    trainer = Trainer(Config(**{"length": 10, "hidden_size": 4, **settings}), iterations=iterations)
    for _ in trainer:
        pass
    return trainer


def snapshot(iteration: int, loss: float = 0.1, norm: float = 1.0, *, clipped: bool = False) -> Snapshot:
    return Snapshot(iteration=iteration, loss=loss, score=0.0, learning_rate=0.01, norm=norm, clipped=clipped)


def made_of(snapshots: Sequence[Snapshot], **changed: object) -> RunView:
    """A run with these numbers and no rows."""
    fresh = view(Trainer(Config(length=10, hidden_size=4)))
    return replace(fresh, curves=curves(snapshots), iteration=snapshots[-1].iteration, **changed)


def run_of(shown: RunView, *, live: bool = False) -> Row:
    return chart([shown], ["run"], RunLook(live=live)).tables["runs"][0]


def bundle_of(*shown: RunView) -> Row:
    return chart(shown, [str(n) for n, _ in enumerate(shown)]).tables["bundle"][0]


def drawn(made: Figure, width: int = DESK) -> str:
    return str(vl_convert.vegalite_to_svg({**made.themed(False), "width": width}))


def texts(svg: str) -> list[str]:
    found = re.findall(r"<t(?:ext|span)[^>]*>([^<]+)<", svg)
    return [html.unescape(text) for text in found]


def lines(svg: str) -> list[str]:
    """The paths of the curves."""
    groups = re.findall(r'<g class="mark-line[^>]*>(.*?)</g>', svg)
    return [path for group in groups for path in re.findall(r'<path[^>]* d="([^"]+)"', group)]


def numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",") if part]


class TestNumbers:
    @given(st.lists(st.floats(1e-40, 1e40), min_size=1, max_size=6))
    def test_ticks_stand_where_their_names_say_and_are_written_alike(self, values: list[float]) -> None:
        axis = log_axis(values)
        made = ticks("a", axis)
        names = made["aNames"].split(SEPARATOR)
        for name, place in zip(names, numbers(made["aTicks"]), strict=True):
            assert axis.low + place * (axis.high - axis.low) == pytest.approx(np.log10(read(name)), abs=0.05)
        assert 2 <= len(names) <= 8
        raised = [bool(re.search("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", name)) for name in names if len(name) > 1]
        assert len(set(raised)) <= 1
        assert not any("e" in name for name in names)

    @given(st.floats(-100, 100), st.floats(0.01, 100))
    def test_a_plain_axis_has_a_few_round_numbers(self, low: float, wide: float) -> None:
        axis = Axis(low, low + wide)
        made = even_ticks("a", axis)
        assert 2 <= len(made["aNames"].split(SEPARATOR)) <= 6
        for name, place in zip(made["aNames"].split(SEPARATOR), numbers(made["aTicks"]), strict=True):
            assert low + place * wide == pytest.approx(read(name), abs=wide * 0.01)


class TestOffTheAxis:
    def test_a_loss_beyond_the_axis_is_marked_and_its_size_is_said(self) -> None:
        losses = [0.2] * 40
        losses[10:13] = [1e9, 3.8e11, 1e8]
        shown = made_of([snapshot(i, loss) for i, loss in enumerate(losses, 1)])
        assert run_of(shown)["lossOff"] == f"{10 / 39:.4g},{12 / 39:.4g},^"
        svg = drawn(chart([shown], ["run"]))
        assert catalogue("en")["train.beyond"].format(most="3.8·10¹¹") in texts(svg)
        assert texts(svg).count("▲") == 2  # once for its ground
        assert run_of(made_of([snapshot(i) for i in (1, 2)]))["lossOff"] == ""

    @pytest.mark.parametrize(("norm", "sign"), [(nan, "NaN"), (inf, "∞")])
    def test_a_norm_that_is_no_number_is_a_gap_with_a_mark(self, norm: float, sign: str) -> None:
        norms = [1.0, 2.0, norm, 3.0, 2.0]
        plain = made_of([snapshot(i, norm=1.0 + i % 2) for i in range(1, 6)])
        shown = made_of([snapshot(i, norm=n) for i, n in enumerate(norms, 1)])
        assert run_of(shown)["normY"].split(",")[2] == ""
        svg = drawn(chart([shown], ["run"]))
        assert sign in texts(svg)
        found, whole = lines(svg), lines(drawn(chart([plain], ["run"])))
        assert len(found) == len(whole) + 1
        assert sum(path.count(",") for path in found) == sum(path.count(",") for path in whole) - 1

    def test_an_explosion_is_drawn_to_where_it_broke_off(self) -> None:
        stopped = Trainer(Config.from_text(PRESETS["explodes"].to_text() | {"clipping": "none"}), iterations=30)
        for _ in stopped:
            pass
        svg = drawn(chart([view(stopped)], ["run"]))
        assert texts(svg).count("✕") == 2  # under the losses and under the norms
        assert "nan" not in texts(svg)
        assert texts(svg).count("NaN") >= len(stopped.blocks)  # the norm of each parameter too


class TestClipping:
    @pytest.mark.parametrize("limit", [1e-6, 1.0, 1e6])
    def test_the_limit_is_inside_the_axis_of_the_norms(self, limit: float) -> None:
        config = Config(length=10, hidden_size=4, clipping="norm", clip_at=limit)
        shown = made_of([snapshot(i, norm=10.0**i) for i in range(1, 15)], started=config, config=config)
        start, end, place = numbers(run_of(shown)["limit"])
        assert (start, end) == (0, 1)
        assert 0 < place < 1
        made = bundle_of(shown)
        ends = zip(made["normNames"].split(SEPARATOR), numbers(made["normTicks"]), strict=True)
        (a, at), *_, (b, to) = [(np.log10(read(name)), tick) for name, tick in ends]
        assert a + (place - at) / (to - at) * (b - a) == pytest.approx(np.log10(limit), abs=0.1)
        assert catalogue("en")["train.limit"].format(at=size(limit)) in texts(drawn(chart([shown], ["run"])))

    def test_without_clipping_by_norm_there_is_none(self) -> None:
        for clipping in ("none", "value"):
            config = Config(length=10, clipping=clipping)
            shown = made_of([snapshot(1), snapshot(2)], started=config, config=config)
            assert run_of(shown)["limit"] == ""
            assert bundle_of(shown)["clips"] == (clipping == "value")

    @pytest.mark.parametrize("count", [30, 1400, 6000])
    def test_the_share_that_was_clipped_does_not_depend_on_what_is_kept(self, count: int) -> None:
        kept: Thinned[Snapshot] = Thinned(*SNAPSHOTS)
        for i in range(1, count + 1):
            kept.append(snapshot(i, clipped=i <= count // 2))
        shares = numbers(run_of(made_of(list(kept)))["clip"])
        half = len(shares) // 2
        assert shares == [1.0] * half + [0.0] * half

    @pytest.mark.parametrize("live", [False, True])
    @pytest.mark.parametrize("count", [5, 100, 1500, 6000])
    def test_points_lie_equally_far_apart(self, count: int, live: bool) -> None:
        kept: Thinned[Snapshot] = Thinned(*SNAPSHOTS)
        for i in range(1, count + 1):
            kept.append(snapshot(i))
        places = np.array(numbers(run_of(made_of(list(kept)), live=live)["trainX"]))
        gaps = np.diff(places)[:-1] * (count - 1)
        assert gaps == pytest.approx(gaps[0], abs=0.05 * count / 100)
        assert places[-1] == 1
        assert min(count, 80) <= len(places) <= (162 if live else sum(SNAPSHOTS))


class TestChanges:
    def test_a_change_is_marked_where_it_began_and_named(self) -> None:
        trainer = Trainer(Config(length=10, hidden_size=4), iterations=61)
        for i in range(1, 62):
            if i == 31:
                trainer.change(learning_rate=0.01)
            if i == 46:
                trainer.change(clipping="norm", clip_at=0.5)
            trainer.advance()
        made = bundle_of(view(trainer))
        assert made["changes"].split(SEPARATOR) == ["learning rate 0.01", "clipped by norm at 0.5"]
        assert numbers(made["changeX"]) == [0.5, 0.75]
        # Two runs that were changed together say it once, and the limit holds from there on.
        assert bundle_of(view(trainer), view(trainer))["changes"] == made["changes"]
        assert numbers(run_of(view(trainer))["limit"])[:2] == [0.75, 1]
        svg = drawn(chart([view(trainer)], ["run"], RunLook(language="ko")))
        assert "학습률 0.01" in texts(svg)

    def test_changes_close_together_are_one_and_one_that_is_taken_back_is_none(self) -> None:
        start = Config(length=10)
        dragged = {100 + i: replace(start, learning_rate=0.001 * (i + 1)) for i in range(5)}
        back = {300: replace(start, learning_rate=0.1), 302: replace(start, learning_rate=0.005)}
        shown = made_of([snapshot(i) for i in range(1, 401)], changes={**dragged, **back}, started=start)
        assert bundle_of(shown)["changes"] == "learning rate 0.005"

    def test_without_a_change_nothing_is_marked(self) -> None:
        assert bundle_of(view(trained()))["changes"] == ""


class TestSample:
    def test_letters_are_written_a_space_has_a_sign_and_signs_are_explained(self) -> None:
        trainer = trained(task="characters", iterations=2, length=20)
        shown = view(trainer)
        run = run_of(shown)
        asked = [trainer.task.outputs[int(k)] for k in shown.truth]
        assert run["truth"].split(SEPARATOR) == [c.replace(" ", "␣") for c in asked]
        assert "␣" in run["truth"]
        given = shown.evaluations.outputs[0].argmax(1)
        assert run["out"].split(SEPARATOR)[:20] == [trainer.task.outputs[k].replace(" ", "␣") for k in given]
        found = texts(drawn(chart([shown], ["run"], RunLook(language="ko")), PHONE))
        labels = catalogue("ko")
        assert f"{labels['train.sign_space']} · {labels['train.sign_other'].format(sign='□')}" in found
        assert labels["train.shades"] in found

    @pytest.mark.parametrize("task", ["sentiment-en", "sentiment-ko", "gap-en", "gap-ko"])
    def test_a_sentence_stands_with_its_answer_in_its_own_language_and_without_pads(self, task: str) -> None:
        trainer = trained(task=task, iterations=1, length=40)
        shown = view(trainer)
        steps = trainer.unseen.x[:, 0]
        words = [trainer.task.inputs[int(step.argmax())] for step in steps if step.any()]
        assert list(shown.read) == [*["<pad>"] * (len(steps) - len(words)), *words]
        said = next(text for text in texts(drawn(chart([shown], ["run"]), PHONE)) if text.endswith(words[-1]))
        assert said == " ".join(words if len(words) < 8 else [words[0], "…", *words[-6:]])
        answer = run_of(shown)["truth"]
        assert any("가" <= letter <= "힣" for letter in answer) == task.endswith("ko")
        if task.startswith("sentiment"):
            assert answer == trainer.task.outputs[int(trainer.unseen.y[0, 0])]

    def test_on_a_phone_the_last_letters_are_shown_in_their_order(self) -> None:
        shown = view(trained(task="characters", iterations=1, length=30))
        asked, given = (run_of(shown)[name].split(SEPARATOR) for name in ("truth", "out"))
        found = texts(drawn(chart([shown], ["run"]), PHONE))
        at = found.index("asked")
        assert found[at + 2 : at + 30] == [*asked[-14:], *given[-14:]]

    @pytest.mark.parametrize("task", ["copy", "order", "gap-en"])
    def test_no_class_is_cut(self, task: str) -> None:
        shown = view(trained(task=task, iterations=1, length=12))
        found = texts(drawn(chart([shown], ["run"]), PHONE))
        names = {word if word != "blank" else "–" for word in shown.outputs}
        assert set(run_of(shown)["truth"].split(SEPARATOR)) <= names & set(found)

    def test_a_number_has_a_scale_and_what_is_off_it_is_size(self) -> None:
        shown = view(trained(iterations=1))
        found = texts(drawn(chart([shown], ["run"])))
        assert {"0", "1", "2"} <= set(found)
        assert size(float(shown.truth[0])) in found
        shown = replace(shown, evaluations=replace(shown.evaluations, outputs=np.array([[[-2.5e11]]])))
        assert "−2.5·10¹¹" in texts(drawn(chart([shown], ["run"])))


@pytest.fixture(scope="module")
def pair() -> tuple[RunView, RunView]:
    settings = {"num_layers": 2, "clipping": "norm", "iterations": 3}
    return view(trained(cell="lstm", **settings)), view(trained(cell="gru", **settings))


class TestWords:
    NAMES = ("forget bias default (PyTorch)", "truncated after 10 steps")

    @pytest.mark.parametrize(("language", "width", "runs"), [("en", PHONE, 2), ("ko", PHONE, 1), ("en", DESK, 2)])
    def test_nothing_is_cut(self, pair: tuple[RunView, RunView], language: str, width: int, runs: int) -> None:
        labels = catalogue(language)
        made = chart(pair[:runs], self.NAMES[:runs], RunLook(language=language, layer=1))
        found = texts(drawn(made, width))
        baseline = size(pair[0].baseline)
        assert f"{labels['train.baseline']} {baseline}" in found
        at, learned = pair[0].evaluations.iteration[-1], size(pair[0].baseline / 4)
        assert labels["train.sample_at"].format(iteration=at) in found
        assert labels["train.learned_line"].format(at=learned, part=0.25) in found
        keys = ("train", "score", "norm", "clipped", "blocks", "before_after")
        assert {labels[f"train.{key}"] for key in keys} <= set(found)
        assert found.count("W_hg") == 1
        assert any(re.search(r"W_hi .* W_hf .* W_hg .* W_ho [\d.]+$", text) for text in found)
        if runs == 2:  # over the heatmap, over the parameters and over the sample
            assert [found.count(name) for name in self.NAMES] == [3, 3]

    def test_before_the_start_the_iterations_have_no_ends(self) -> None:
        made = chart([view(Trainer(Config(length=10)))], ["run"])
        plain = texts(drawn(made))
        assert "0" not in plain[plain.index("Loss") : plain.index("Score on unseen data")]


@pytest.mark.parametrize("task", ["adding", "order", "sine", "copy"])
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_sample_is_the_named_evaluations_and_the_moment_of_that_iteration_gives_it_again(
    task: str, cell: str
) -> None:
    trainer = Trainer(
        Config(task=task, cell=cell, length=12, hidden_size=5, batch_size=8, clipping="norm"), iterations=60
    )
    for _ in trainer:
        pass
    seen = view(trainer)
    (row,) = chart([seen], ["run"]).tables["runs"]
    evaluated = [int(at) for at in row["evaluated"].split(",")]
    assert evaluated == [max(at for at in (1, 26, 51) if at <= n) for n in seen.rows.iteration.tolist()]
    for at, outputs in zip(seen.evaluations.iteration.tolist(), seen.evaluations.outputs, strict=True):
        opened = moment(trainer, at)
        assert opened.iteration == at
        shown = opened.shown.outputs if opened.shown.readout is None else opened.shown.readout.logits
        assert shown is not None
        np.testing.assert_allclose(shown[len(shown) - len(outputs) :], outputs, atol=1e-5)


@pytest.mark.parametrize("task", ["adding", "order", "sine"])
def test_the_line_of_the_learned_is_at_a_quarter_of_the_one_without_memory(task: str) -> None:
    seen = view(Trainer(Config(task=task, length=12), iterations=1))
    made = chart([seen], ["run"]).tables
    axis = axes([seen], [[]]).loss
    (row,) = made["runs"]
    for name, part in (("baseline", 1.0), ("learned", 0.25)):
        assert axis.low + row[name] * (axis.high - axis.low) == pytest.approx(np.log10(part * seen.baseline))
    assert size(seen.baseline / 4) in made["bundle"][0]["learnedIs"]
    assert "25" in made["bundle"][0]["learnedIs"]
