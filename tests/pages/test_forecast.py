"""The lesson on forecasts as pages: each part in each language, one's own series, and what is refused."""

from __future__ import annotations

import csv
import io
import math
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from rnnviz.core.forecast import origins
from rnnviz.lessons.forecast import train
from rnnviz.lessons.forecast.own import written
from rnnviz.lessons.forecast.parameters import FLAWS, PARTS, reach, room
from rnnviz.lessons.forecast.run import shown_horizon
from rnnviz.tasks.catalogue import SERIES as SERIES_TASK
from rnnviz.tasks.catalogue import task_of
from rnnviz.tasks.series import kept, own
from rnnviz.tasks.series.catalogue import SERIES_NAMES, series_of, split_of, when
from rnnviz.tasks.series.kept import keep
from rnnviz.tasks.series.setup import HORIZONS, WINDOWS, Setup
from rnnviz.training import Trainer
from rnnviz.ui.runs.train_run import Look, SideBySide
from rnnviz.words import LANGUAGES, catalogue
from tests.pages.conftest import Visit, bundle, table, unfold, until_trained

QUICK = {"iterations": "20", "hidden_size": "6"}
SERIES = "\n".join(f"{5 + 3 * math.sin(2 * math.pi * t / 12):.4f}" for t in range(150))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_asks_first_and_shows_what_it_found(part: str, language: str, visit: Visit) -> None:
    at = until_trained(visit("forecast", language, part=part, **QUICK))
    assert not at.exception
    for button in at.button:
        if button.key == "forecast_skip":
            button.click()
            at.run()
            break
    assert not at.exception
    assert len(at.get("vega_lite_chart")) >= 1


@pytest.mark.parametrize("flaw", FLAWS)
def test_every_flaw_has_a_knob_that_mends_it(flaw: str, visit: Visit) -> None:
    at = until_trained(visit("forecast", part="wrong", flaw=flaw, hide="question", **QUICK))
    assert not at.exception
    said = catalogue("en")
    rows = "\n".join(part.value for part in at.markdown)
    assert said[f"forecast.knob_{flaw}_no"] in rows
    assert said[f"forecast.knob_{flaw}_yes"] in rows


@pytest.mark.parametrize("name", SERIES_NAMES)
@pytest.mark.parametrize("shape", ["direct", "step"])
def test_every_series_opens_with_what_suits_it(name: str, shape: str, visit: Visit) -> None:
    at = until_trained(visit("forecast", series=name, shape=shape, hide="question", **QUICK))
    assert not at.exception
    assert not at.info
    assert bundle(at)["window"] >= 2


def test_a_window_and_a_horizon_that_do_not_fit_are_said_so(visit: Visit) -> None:
    name = keep(own.read("\n".join(SERIES.split("\n")[:90])).series)
    at = visit("forecast", series=name, window="30", horizon="12", **QUICK)
    assert not at.exception
    (said,) = at.info
    assert "36 together, and the horizon 18" in said.value
    assert not at.get("vega_lite_chart")


@pytest.mark.parametrize("count", [80, 81, 100, 137, 200])
def test_what_the_fields_allow_of_a_short_series_can_be_trained_and_walked_through(count: int) -> None:
    series = own.read("\n".join(SERIES.split("\n")[:count] + [str(n % 7) for n in range(count - 150)])).series
    name, split = keep(series), split_of(series)
    for window in (*range(*WINDOWS, 7), WINDOWS[1]):
        for horizon in range(HORIZONS[0], HORIZONS[1] + 1):
            if window + horizon > room(series) or horizon > reach(series):
                continue
            for shape, length in (("direct", window), ("step", window), ("point", 1)):
                asked = Setup(name, length, max(horizon, 2) if shape == "point" else horizon, shape)
                if asked.horizon <= reach(series):
                    task_of(SERIES_TASK, asked.to_text())
                places = origins(count, split, shown_horizon(asked), 20)
                assert places[0] >= window


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", own._REFUSALS)
def test_every_refusal_has_its_words(rule: str, language: str) -> None:
    assert f"forecast.refused_{rule}" in catalogue(language)


def test_a_pasted_series_is_used_and_a_wrong_one_is_told_and_kept(visit: Visit) -> None:
    at = unfold(visit("forecast", hide="question", **QUICK), "forecast_own")
    at.text_area(key="forecast_own_text").set_value("1\ntwo\n3").run()
    at.button(key="forecast_own_take").click().run()
    assert "two" in at.warning[0].value
    assert at.text_area(key="forecast_own_text").value == "1\ntwo\n3"
    at.text_area(key="forecast_own_text").set_value(SERIES).run()
    at.button(key="forecast_own_take").click().run()
    until_trained(at)
    assert not at.exception
    assert "150" in at.success[0].value
    assert any(catalogue("en")["forecast.own_not_in_link"] == caption.value for caption in at.caption)


@pytest.mark.parametrize("name", SERIES_NAMES)
def test_the_file_of_a_series_reads_back_to_the_same_values_at_the_same_times(name: str) -> None:
    series = series_of(name)
    back = own.read(written(series)).series
    assert back.values.tolist() == series.values.tolist()
    assert (back.step, when(back, 0), when(back, 7)) == (series.step, when(series, 0), when(series, 7))


def test_a_series_that_is_no_longer_kept_is_refused_with_a_reason(visit: Visit) -> None:
    at = until_trained(visit("forecast", series="own:0123456789ab", hide="question", **QUICK))
    assert not at.exception
    assert any("0123456789ab" in warning.value for warning in (*at.warning, *at.info))


def test_the_lines_are_of_the_network_and_the_origin_that_are_shown(visit: Visit) -> None:
    at = until_trained(visit("forecast", hide="question", details="pytorch", origin="30", **QUICK))
    (shown,) = (row for row in table(at, "origins") if row["at"] == 585 + 29)
    assert f"from place {shown['at']} on" in at.code[0].value
    at = visit("forecast", part="train", details="pytorch", **QUICK)
    assert catalogue("en")["forecast.nothing_yet"] in [part.value for part in at.markdown]


def test_a_press_on_train_after_the_series_was_forgotten_is_told_and_nothing_fails(visit: Visit) -> None:
    name = keep(own.read(SERIES).series)
    at = visit("forecast", part="train", series=name, **QUICK)
    assert not at.exception
    kept._SERIES.clear()
    at.button(key="forecast_go").click().run()
    assert not at.exception
    assert any("own" in warning.value for warning in at.warning)


def test_before_it_is_guessed_a_series_that_leaves_its_range_is_shown_without_the_network(visit: Visit) -> None:
    at = until_trained(visit("forecast", part="wrong", flaw="trend", **QUICK))
    names = {row["name"] for row in table(at, "rows")}
    assert catalogue("en")["forecast.by_network"] not in names
    at.button(key="forecast_skip").click().run()
    assert catalogue("en")["forecast.by_network"] in {row["name"] for row in table(at, "rows")}


@pytest.mark.parametrize(("row", "updates"), [(0, 12), (1, 0), (7, 6)])
def test_the_network_of_a_moment_is_that_after_so_many_updates(row: int, updates: int) -> None:
    asked = {"series": "elnino", "window": 8, "horizon": 3, "shape": "direct", "relative": "level", "row": row}
    asked |= {"cell": "gru", "hidden_size": 4, "learning_rate": 0.01, "seed": 1}
    (config,) = train.configs(asked)
    trainers = Trainer(config, iterations=12), Trainer(config, iterations=max(1, updates))
    for trainer, count in zip(trainers, (12, updates), strict=True):
        for _ in range(count):
            trainer.advance()
    look = Look(None, None, (), lambda: nullcontext(SideBySide(trainers[:1])))
    network, found = train._network(look, asked)
    assert found == updates
    for name, weight in network.model.named():
        np.testing.assert_array_equal(weight.detach(), dict(trainers[1].model.named())[name].detach())


@pytest.mark.parametrize("part", PARTS)
def test_what_is_saved_are_the_errors_that_are_listed(part: str, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr("streamlit.download_button", lambda _, make, name, *__, **___: made.update({name[-3:]: make}))
    at = until_trained(visit("forecast", part=part, flaw="trend", hide="question", **QUICK))
    assert not unfold(at, "forecast_save").exception
    rows = list(csv.DictReader(io.StringIO(made["csv"]())))
    assert {row["run"] for row in rows} <= {"direct", "step", "point", "no", "yes"}
    shown = [row for row in rows if row["truth"] != "nan" and row["last"]]
    error = np.mean([abs(float(row["last"]) - float(row["truth"])) for row in shown if int(row["ahead"]) <= 12])
    expected = series_of("co2" if part == "wrong" else "elnino").values
    places = origins(len(expected), len(expected) * 4 // 5, 12, 200)
    told = [abs(expected[o - 1] - expected[o + k]) for o in places for k in range(12)]
    assert error == pytest.approx(np.mean(told))
