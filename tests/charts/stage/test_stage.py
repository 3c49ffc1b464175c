"""The stage is one valid, constant specification; what differs is data, and no text of a reader's can change more."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import altair as alt
import numpy as np
import pytest
import torch
import vl_convert

import rnnviz
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.stage.excerpt import MAX_HIDDEN, MAX_STEPS
from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.core.cells import CELLS
from rnnviz.words import catalogue
from rnnviz.words.numbers import percent
from tests.charts.networks import WORDS, boxes, bundle, case, made, picture, texts
from tests.charts.stage.test_score import placed

HOSTILE = {
    "quotes": "'\"`",
    "a script's end": "</script><script>alert(1)</script>",
    "a comment": "<!-- & -->",
    "an expression": "' + datum.k + '",
    "a signal": "{signal: 't'}",
    "a template": "{count} {{}} %s",
    "commas": "a, b,c",
    "backslashes": "\\u001f \\n \\",
    "line ends": "one\ntwo\r\nthree\u2028four",
    "very long": "a" * 500,
    "emoji": "👩‍👩‍👧🏽",
    "Korean": "안녕하세요",
    "right to left": "שלום",
    "empty": "",
    "a number": "1e5",
    "null": "null",
}


def without_data(spec: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "datasets"}


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def test_the_specification_is_vega_lite() -> None:
    """By Altair's own schema; the player's signals and events, which Vega-Lite hands to Vega, are not in it."""
    spec = json.loads(json.dumps(made(case()).to_dict()))
    del spec["config"]["signals"], spec["config"]["events"]
    alt.LayerChart.from_dict(spec)


@pytest.mark.parametrize(
    "of", [torch.nn.LSTM(2, 3), torch.zeros(3), "lstm", None], ids=["module", "tensor", "name", "nothing"]
)
def test_what_is_no_trace_is_refused_with_what_is_accepted(of: Any) -> None:
    with pytest.raises(TypeError, match=r"^the trace is a .*; accepted: what rnnviz\.record gives"):
        rnnviz.stage(of)


@pytest.mark.parametrize("cell", CELLS)
def test_the_specification_compiles_to_vega_with_its_signals(cell: str) -> None:
    spec = made(case(cell)).to_dict()
    vega = vl_convert.vegalite_to_vega(spec)
    names = [signal["name"] for signal in vega["signals"]] + [s["name"] for s in vega["config"]["signals"]]
    assert {"t", "op", "depth", "picked", "playing"} <= set(names)
    assert len(names) == len(set(names)), "a signal of Vega-Lite's own has the same name"


def test_every_mark_that_is_listened_to_exists_and_lets_pointers_through() -> None:
    """On one of the three kinds of stage, which share a player."""
    heard: set[str] = set()
    reached: set[str] = set()
    for options in ({}, {"show": rnnviz.Rolled()}, {"show": Watched(), "before": case().shown(WORDS)}):
        spec = made(case(), **options).to_dict()
        heard |= {text.split("_marks")[0].rpartition("@")[2] for text in strings(spec["config"]) if "_marks" in text}
        vega = vl_convert.vegalite_to_vega(spec)
        reached |= {mark["name"] for mark in vega["marks"] if mark.get("interactive", True)}
    assert {"column", "box", "heat", "node", "line", "guess", "scrub", "play", "gate", "foldSwitch"} <= heard
    assert {f"{name}_marks" for name in heard} <= reached


def test_the_specification_is_the_same_for_every_cell_text_size_and_language() -> None:
    stages = [
        made(case("lstm")),
        made(case("gru", steps=9, hidden=7, width=2, tokens=tuple("abcdefghi")), language="ko", start=4, quiz=True),
        made(case("rnn", both=True, layers=2), layer=0, reverse=True, zoom=1.3),
        rnnviz.stage(case("rnn_relu").trace, look=rnnviz.Look(compact=True)),
    ]
    assert len({json.dumps(without_data(stage.to_dict())) for stage in stages}) == 1
    assert len({json.dumps(stage.to_dict()["datasets"]) for stage in stages}) == len(stages)


def test_the_tables_have_the_same_columns_for_every_cell() -> None:
    """So that a browser that has one stage reads the next one's tables with the same expressions."""
    columns = set()
    for stage in (made(case("lstm")), made(case("rnn"), language="ko"), made(case("gru"), quiz=True)):
        found = stage.to_dict()["datasets"]
        assert all(len({frozenset(row) for row in rows}) == 1 for rows in found.values())
        columns.add(tuple((name, frozenset(rows[0])) for name, rows in found.items()))
    assert len(columns) == 1


def test_changing_what_was_returned_changes_no_other_stage() -> None:
    spec = made(case()).to_dict()
    before = json.dumps(without_data(spec))
    spec["config"]["signals"].clear()
    spec["layer"][0]["mark"]["type"] = "arc"
    assert json.dumps(without_data(made(case()).to_dict())) == before


def test_a_stage_is_an_altair_chart_that_is_strict_json() -> None:
    stage = made(case())
    assert isinstance(stage, alt.LayerChart)
    spec = json.loads(json.dumps(stage.to_dict(), allow_nan=False))
    assert spec == stage.to_dict()
    assert json.loads(stage.to_json())["datasets"] == spec["datasets"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_of_a_readers_is_in_the_specification(name: str) -> None:
    plain, hostile = case(), case(tokens=(HOSTILE[name] + "x",) * 5)
    spec = made(hostile, words=[HOSTILE[name] + str(k) for k in range(8)]).to_dict()
    assert without_data(spec) == without_data(made(plain).to_dict())


@pytest.mark.parametrize("name", HOSTILE)
def test_every_column_keeps_its_own_token_and_prediction(name: str) -> None:
    """Whatever one of them is made of: texts are lists again in the browser, and none may end in another's column."""
    tokens = ("first", HOSTILE[name], "third", HOSTILE[name], "last")
    of = case("rnn", tokens=tokens)
    words = [*WORDS[:-1], HOSTILE[name]]
    stage = made(of, words=words, start=3, every=True)
    on_a_line = {0x0A: "␊", 0x0D: "␍"}
    assert bundle(stage)["tokens"].split(SEPARATOR) == [token.translate(on_a_line) for token in tokens]
    best = [words[index].translate(on_a_line) for index in of.readout.y.argmax(1)]
    assert bundle(stage)["top"].split(SEPARATOR)[::5] == best
    assert len(bundle(stage)["notice"].split(SEPARATOR)) == 5
    drawn = texts(picture(stage))
    assert [drawn.count(token) for token in ("first", "third", "last")] == [1, 1, 1]
    assert drawn.index("first") < drawn.index("third") < drawn.index("last")
    assert "t = 3 / 5" in drawn
    drawn = texts(picture(made(of, words=words, start=3)))
    assert "third" in drawn
    assert "last" not in drawn, "it is still to come"


@pytest.mark.parametrize(
    ("layer", "reverse", "says"),
    [(2, False, "layer is 2"), (-3, False, "layer is -3"), (0, True, "one direction only")],
)
def test_a_layer_or_direction_that_is_not_there_is_refused(layer: int, reverse: bool, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        made(case(layers=2), layer=layer, reverse=reverse)


@pytest.mark.parametrize(("steps", "hidden"), [(MAX_STEPS, 1), (1, MAX_HIDDEN), (1, 1)])
def test_what_is_as_large_or_as_small_as_accepted_is_drawn(steps: int, hidden: int) -> None:
    assert f"t = {steps} / {steps}" in texts(picture(made(case("rnn", steps=steps, hidden=hidden), start=steps)))


@pytest.mark.parametrize(
    ("layers", "both", "options"), [(2, False, {"layer": 0}), (1, True, {}), (1, True, {"reverse": True})]
)
def test_a_head_is_not_shown_on_a_state_that_it_does_not_read(layers: int, both: bool, options: dict[str, Any]) -> None:
    of = case("lstm", layers=layers, both=both)
    with pytest.raises(ValueError, match="a head reads the top layer in all directions"):
        rnnviz.stage(of.trace, of.readout, words=WORDS, look=rnnviz.Look(**options))


@pytest.mark.parametrize("targets", [[8, None, None, None, None], [-1, None, None, None, None], [None] * 6])
def test_targets_that_are_no_word_or_too_many_are_refused(targets: list[int | None]) -> None:
    of = case()
    with pytest.raises(ValueError, match="accepted: at most 5, each None or an index from 0 to 7"):
        rnnviz.stage(of.trace, of.readout, words=WORDS, targets=targets)


def test_values_that_are_not_finite_are_refused() -> None:
    trace = case("rnn_relu").trace
    exploded = dataclasses.replace(trace, values={**trace.values, "h": np.full_like(trace["h"], np.inf)})
    with pytest.raises(ValueError, match="not finite"):
        rnnviz.stage(exploded)


def test_a_higher_layer_and_the_other_direction_have_names_and_symbols_of_their_own() -> None:
    of = case("gru", layers=2, both=True)
    stage = rnnviz.stage(of.trace, look=rnnviz.Look(layer=1, reverse=True))
    assert bundle(stage)["cell"] == "GRU · layer 2 · from the right"
    labels = [row["label"] for row in stage.tables["vecs"]]
    assert "h¹ₜ" in labels
    assert "hₜ₊₁" in labels
    assert "xₜ" not in labels


def test_words_that_do_not_fit_the_readout_are_refused() -> None:
    of = case()
    with pytest.raises(ValueError, match=r"readout is \(5, 8\); accepted: \(5, 7\)"):
        made(of, words=WORDS[:-1])
    with pytest.raises(ValueError, match=r"readout is \(4, 8\); accepted: \(5, 8\)"):
        rnnviz.stage(of.trace, case(steps=4).readout, words=WORDS)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        made(case(), language="fr")


@pytest.mark.parametrize(
    ("start", "reverse", "opens"),
    [(0, False, 1), (1, False, 1), (3, False, 3), (99, False, 5), (0, True, 5), (2, True, 2)],
)
def test_a_stage_opens_at_its_start(start: int, reverse: bool, opens: int) -> None:
    """At 0 with the token that is read first: the last one, where the direction reads from the right."""
    drawn = texts(picture(made(case(both=True), start=start, reverse=reverse)))
    assert f"t = {opens} / 5" in drawn
    assert f"LSTM · t = {opens}" in drawn


def test_the_stage_speaks_the_language_asked_for() -> None:
    english, korean = (set(texts(picture(made(case(), language=language)))) for language in ("en", "ko"))
    for key in ("by_token", "by_operation", "numbers", "prediction", "notice", "quiz", "whole_step", "hint_chain"):
        assert catalogue("en")[f"stage.{key}"] in english
        assert catalogue("ko")[f"stage.{key}"] in korean


def test_zoom_enlarges_what_is_pressed_and_keeps_it_inside() -> None:
    small, large = (picture(made(case(), zoom=zoom), width=1500) for zoom in (1, 1.3))
    for name in ("play", "byToken"):
        ((left, top, right, bottom),), ((left2, top2, right2, bottom2),) = boxes(small, name), boxes(large, name)
        assert (right2 - left2) > 1.2 * (right - left)
        assert (bottom2 - top2) > 1.2 * (bottom - top)
        assert right2 <= 1500
    ratio = float(large.get("height", 0)) / float(small.get("height", 0))
    assert ratio > 1.2


def test_a_quiz_hides_the_prediction_until_it_is_guessed() -> None:
    of = case("rnn")
    best = percent(of.readout.y[0].max(), 1)
    open_, veiled = texts(picture(made(of))), texts(picture(made(of, quiz=True)))
    assert any(text.startswith(best) for text in open_)
    assert not any(text.startswith(best) or "✓" in text for text in veiled)
    said = catalogue("en")
    assert f"{said['stage.quiz_ask']} {said['stage.quiz_press']}" in veiled
    assert boxes(picture(made(of, quiz=True)), "guess")


def test_without_a_readout_the_stage_says_that_there_is_no_output_layer() -> None:
    drawn = texts(picture(rnnviz.stage(case().trace)))
    assert catalogue("en")["stage.no_head"] in drawn
    assert not any("%" in text for text in drawn)


def test_a_compact_stage_has_the_player_and_the_chain_and_no_panels() -> None:
    whole, compact = made(case()), made(case(), compact=True)
    drawn = texts(picture(compact))
    assert "t = 1 / 5" in drawn
    assert catalogue("en")["stage.numbers"] not in drawn
    assert float(picture(compact).get("height", 0)) < 0.7 * float(picture(whole).get("height", 0))


@pytest.mark.parametrize("width", [1100, 1800])
@pytest.mark.parametrize("cell", CELLS)
def test_boxes_of_the_diagram_stay_apart_and_inside(cell: str, width: int) -> None:
    found = boxes(picture(made(case(cell)), width=width, depth=1), "node")
    assert len(found) > len(CELLS[cell].ops)
    for number, (left, top, right, bottom) in enumerate(found):
        assert left >= 0
        assert right <= width
        for other in found[:number]:
            apart = left >= other[2] or right <= other[0] or top >= other[3] or bottom <= other[1]
            assert apart, f"two boxes overlap: {(left, top, right, bottom)} and {other}"


@pytest.mark.parametrize("name", ["first", "back", "play", "next", "last", "byToken", "byOp", "pace", "crumb"])
def test_on_a_phone_a_finger_finds_every_control(name: str) -> None:
    """24 px each way at least: WCAG 2.2, 2.5.8."""
    for left, top, right, bottom in boxes(picture(made(case()), width=358), name):
        assert right - left >= 24
        assert bottom - top >= 24
        assert left >= 0
        assert right <= 358


CONTROLS = ("first", "back", "play", "next", "last", "scrub", "byToken", "byOp", "pace", "crumb")


def test_on_a_page_the_controls_are_not_drawn_and_the_place_is_told() -> None:
    of = case("lstm")
    drawn = picture(made(of, placed=True, start=3))
    assert not any(boxes(drawn, name) for name in CONTROLS)
    assert "t = 3 / 5" not in texts(drawn)
    (told,) = (text for text in texts(drawn) if SEPARATOR in text)
    place = dict(part.split("=", 1) for part in told.split(SEPARATOR))
    assert (place["t"], place["T"], place["op"], place["depth"], place["picked"]) == ("3", "5", "0", "0", "1")
    assert place["token"] == of.trace.tokens[2]
    assert (place["start"], place["end"]) == ("0", "0")
    alone = texts(picture(made(of, start=3)))
    assert "t = 3 / 5" in alone
    assert not any(SEPARATOR in text for text in alone)


def test_what_leaves_a_page_has_its_controls_drawn() -> None:
    bundle = made(case(), placed=True).themed(False)["datasets"]["bundle"]
    assert [row["placed"] for row in bundle] == [False]


@pytest.mark.parametrize("steps", [1, 5, 40])
@pytest.mark.parametrize("width", [358, 1100])
def test_the_window_of_columns_holds_the_present_step(steps: int, width: int) -> None:
    for start in {1, steps // 2 + 1, steps}:
        drawn = picture(made(case("rnn", steps=steps, hidden=2), start=start), width=width)
        found = boxes(drawn, "column")
        assert 1 <= len(found) <= steps
        assert all(left >= 0 and right <= width for left, _, right, _ in found)
        assert f"t = {start} / {steps}" in texts(drawn)
        assert str(start) in texts(drawn)


@pytest.mark.parametrize(("language", "more"), [("en", "{} more"), ("ko", "{}개 더")])
@pytest.mark.parametrize("fold", [False, True])
@pytest.mark.parametrize("width", [330, 358, 1100])
@pytest.mark.parametrize("steps", [3, 12, 40])
def test_it_says_how_many_columns_there_are_on_each_side_and_nothing_more(
    steps: int, width: int, fold: bool, language: str, more: str
) -> None:
    of = case("rnn", steps=steps, hidden=2, tokens=tuple(f"w{n}w" for n in range(1, steps + 1)))
    shown = rnnviz.Rolled() if fold else None
    for start in {1, steps // 2 + 1, steps}:
        drawn = picture(made(of, start=start, language=language, show=shown), width=width)
        found, windows = texts(drawn), boxes(drawn, "column")
        numbers = [int(text) for text in found if text.isdecimal() and text in map(str, range(1, steps + 1))]
        tokens = [int(text.strip("w")) for text in found if re.fullmatch(r"w\d+w", text)]
        assert max(tokens) == start
        first = max(tokens) - len({*tokens}) + 1
        before, after = first - 1, steps - len(windows) - first + 1
        said = {text for text in found if more.format("") in text}
        wanted = {f"‹ {more.format(before)}"} if before else set()
        assert said == wanted | ({f"{more.format(after)} ›"} if after else set())
        assert {*range(first, first + len(windows))} <= {*numbers}
        for name, count in (("columnsBefore", before), ("columnsAfter", after)):
            assert [bottom - top >= 24 for _, top, _, bottom in boxes(drawn, name)] == [True] * bool(count)


@pytest.mark.parametrize("looked", [-5, -1, 1, 5])
def test_a_window_that_was_moved_to_look_shows_no_later_token(looked: int) -> None:
    steps = 20
    of = case("rnn", steps=steps, tokens=tuple(f"w{n}w" for n in range(1, steps + 1)))
    stage, rest = made(of, start=10), made(of, start=10)
    drawn, there = picture(stage, width=358, looked=looked), picture(rest, width=358)
    tokens, before = ({text for text in texts(one) if re.fullmatch(r"w\d+w", text)} for one in (drawn, there))
    assert tokens != before
    assert all(int(text.strip("w")) <= 10 for text in tokens)
    assert all(left >= 0 and right <= 358 for left, _, right, _ in boxes(drawn, "frame") + boxes(drawn, "column"))
    assert float(drawn.get("height", 0)) == float(there.get("height", 0))


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 8])
def test_a_key_guesses_what_stands_beside_its_number(classes: int) -> None:
    of = case("gru", steps=6, classes=classes)
    shown = min(classes, 5)
    stage = made(of, quiz=True)
    signals = {one["name"]: one for one in stage.to_dict()["config"]["signals"]}
    keys = [event["update"] for event in signals["guesses"]["on"] if "keydown" in str(event["events"])]
    assert len(keys) == 5
    for t in range(6):
        drawn = picture(stage, t=t)
        places = placed(drawn)
        best = [WORDS[k] for k in np.argsort(-of.readout.y[t], kind="stable")[:shown]]
        words = {text: y for x, y, text in places if text in best and x > 700}
        column = max(x for x, _, text in places if text == "1")
        numbered = {int(text): y for x, y, text in places if x == column and text.isdigit()}
        assert sorted(numbered) == [n + 1 for n in range(shown)]
        for number, y in numbered.items():
            guess = evaluated(keys[number - 1], {"t": t, "C": shown, "veiled": True, "guesses": ""})
            assert guess.split(":")[0].strip() == str(t)
            assert words[best[int(guess.split(":")[1])]] == pytest.approx(y, abs=3)
        for number in range(shown + 1, 6):
            assert not evaluated(keys[number - 1], {"t": t, "C": shown, "veiled": True, "guesses": ""}).strip()


def evaluated(expression: str, values: dict[str, Any]) -> str:
    """What Vega makes of an expression."""
    signals = [*({"name": name, "value": value} for name, value in values.items())]
    text = {"type": "text", "encode": {"enter": {"text": {"signal": "made"}}}}
    spec = {"signals": [*signals, {"name": "made", "update": expression}], "marks": [text]}
    return "".join(texts(ET.fromstring(vl_convert.vega_to_svg(spec))))
