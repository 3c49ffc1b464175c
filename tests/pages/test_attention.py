"""The lesson "Reading, then writing": what stands on its page is what the networks compute."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.lessons.attention import run
from rnnviz.lessons.attention.bottleneck import guesses, measured
from rnnviz.lessons.attention.contrast import compared
from rnnviz.lessons.attention.hold import shares_of
from rnnviz.lessons.attention.parameters import SHARES, SOURCES
from rnnviz.ui.text.prose import escape
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.words.numbers import percent
from rnnviz.zoo.seq2seq import ATTENTIONS, NAMES
from tests.pages.conftest import Visit, table


def said(at: AppTest) -> str:
    return "\n".join(element.value for kind in ("markdown", "caption", "info", "warning") for element in at.get(kind))


def columns(at: AppTest, first: str) -> list[list[str]]:
    """Of the table of texts whose first one has this name, each text's words."""
    lines = next(m.value for m in at.markdown if m.value.startswith(f"|  | {first} |")).splitlines()[2:]
    rows = [[cell.strip() for cell in line.split("|")[2:-1]] for line in lines]
    return [list(column) for column in zip(*rows, strict=True)]


def grid(at: AppTest) -> list[list[float]]:
    """The shares on the picture, a row a written token."""
    cells = table(at, "grid")
    rows: dict[int, list[float]] = {}
    for cell in cells:
        rows.setdefault(cell["line"], []).append(cell["share"])
    return [rows[line] for line in sorted(rows)]


@pytest.mark.parametrize(
    ("model", "attention", "by", "language"),
    [
        *((model, "additive", "token", "en") for model in NAMES),
        *(("en-ko", attention, "operation", "ko") for attention in ATTENTIONS),
    ],
)
def test_the_picture_is_what_the_network_computes(
    model: str, attention: str, by: str, language: str, visit: Visit
) -> None:
    at = visit("attention", language, model=model, attention=attention, by=by)
    assert not at.exception
    shown = run.written(model, attention, next(iter(SOURCES[model])))
    if shown.shares is not None:
        np.testing.assert_allclose(grid(at), shown.shares, atol=1e-4)
    end = catalogue(language)["align.end"]
    outputs = [block["label"] for block in table(at, "blocks") if block["kind"] == "output"]
    assert outputs == [word or end for word in shown.words]


@pytest.mark.parametrize("kind", SHARES)
def test_shares_that_are_held_are_on_the_picture_and_what_they_cause_in_the_table(kind: str, visit: Visit) -> None:
    at = visit("attention", "en", part="hold", shares=kind, step="2", source="3")
    assert not at.exception
    text = next(iter(SOURCES["en-ko"]))
    before = run.written("en-ko", "additive", text)
    assert before.shares is not None
    held = shares_of(kind, before.shares[1].astype(float), 2)
    np.testing.assert_allclose(grid(at)[1], held, atol=1e-3)
    after = run.rewritten("en-ko", "additive", text, held={1: held / held.sum()})
    cells = columns(at, "as trained")[1]
    assert len([cell for cell in cells if cell]) == len(after)
    for cell, word, old in itertools.zip_longest(cells[: len(after)], after.words, before.words[: len(after)]):
        assert (word or "‹end›") in cell
        assert ("**" in cell) == (word != old)


def test_shifted_shares_are_the_same_one_on() -> None:
    shares = np.array([0.1, 0.2, 0.7])
    np.testing.assert_allclose(shares_of("shifted", shares, 0), [0.7, 0.1, 0.2])
    np.testing.assert_allclose(shares_of("uniform", shares, 0), [1 / 3] * 3)
    np.testing.assert_allclose(shares_of("one", shares, 1), [0, 1, 0])


@pytest.mark.parametrize("bridge", ["zero", "other"])
def test_what_is_handed_over_can_be_another(bridge: str, visit: Visit) -> None:
    first, second = [*SOURCES["en-ko"]][:2]
    at = visit("attention", "en", part="hold", what="bridge", bridge=bridge, attention="none")
    assert not at.exception
    outputs = [block["label"] for block in table(at, "blocks") if block["kind"] == "output"]
    if bridge == "other":  # without attention the bridge is all that it knows
        assert outputs == [word or "‹end›" for word in run.written("en-ko", "none", second).words]
    else:
        cut = run.rewritten("en-ko", "none", first, bridge=np.zeros(64, np.float32))
        assert outputs == [word or "‹end›" for word in cut.words]


def test_without_attention_there_are_no_shares_to_hold(visit: Visit) -> None:
    at = visit("attention", "en", part="hold", attention="none", shares="one")
    assert not at.exception
    assert catalogue("en")["attention.no_shares"] in said(at)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", ["", "the " * 31])
def test_a_source_that_cannot_be_read_gets_a_clear_word(text: str, language: str, visit: Visit) -> None:
    at = visit("attention", language, model="en-ko", text=text)
    assert not at.exception
    if text:
        assert "31" in said(at)
        assert not at.get("vega_lite_chart")


def test_of_a_source_without_a_right_target_only_own_words_are_fed(visit: Visit) -> None:
    at = visit("attention", "en", model="en-ko", text="the penguin slept.", fed="right")
    assert not at.exception
    assert catalogue("en")["attention.no_right"] in said(at)
    assert "penguin" in said(at)


def test_fed_with_the_right_words_the_decoder_reads_them(visit: Visit) -> None:
    text = next(iter(SOURCES["en-ko"]))
    at = visit("attention", "en", model="en-ko", text=text, fed="right")
    target = run.right_target("en-ko", text)
    assert target is not None
    words = run.model("en-ko", "additive").network.words
    fed = [block["label"] for block in table(at, "blocks") if block["name"].startswith("w.")]
    assert fed == ["‹begin›", *(words[row] for row in target)]


@pytest.mark.parametrize(("model", "text"), [(model, text) for model in NAMES for text in SOURCES[model]])
def test_every_example_is_of_its_task_and_known(model: str, text: str) -> None:
    assert all(token.known for token in run.tokens(model, text))
    target = run.right_target(model, text)
    if not re.search("longer", SOURCES[model][text]):
        assert target is not None


@pytest.mark.parametrize("details", ["equations", "pytorch"])
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_details_open(details: str, attention: str, visit: Visit) -> None:
    at = visit("attention", "ko", attention=attention, details=details)
    assert not at.exception
    assert at.get("latex") if details == "equations" else at.code


def test_a_wider_beam_lists_more_texts(visit: Visit) -> None:
    answered = {"hide": "question"}
    rows = {}
    for width in ("1", "3"):
        at = visit("attention", "en", model="copying", beam=width, **answered)
        lines = next(m.value for m in at.markdown if m.value.startswith("| text")).splitlines()
        rows[width] = lines[2:]
    assert len(rows["1"]) == 1
    assert len(rows["3"]) == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_chain_the_table_has_what_another_word_does_to_the_last_output(language: str, visit: Visit) -> None:
    at = visit("attention", language, part="contrast", hide="question")
    assert not at.exception
    text = next(iter(SOURCES["ko-en" if language == "ko" else "en-ko"]))
    found = compared("ko-en" if language == "ko" else "en-ko", text)
    rows = next(m.value for m in at.markdown if m.value.startswith("|  |")).splitlines()[2:]
    assert len(rows) == len(found.chain)
    for t, row in enumerate(rows):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        far = [percent(float(part[t])) for part in (found.chain, found.attention)]
        assert cells[1:] == [str(len(rows) - t), "1", *far]
    assert found.moved["without"] < 1e-5 < found.moved["with"]
    np.testing.assert_allclose(found.shares.sum(axis=1), 1, atol=1e-5)


def test_the_cost_of_a_chain_and_of_self_attention_is_measured_when_asked_for(visit: Visit) -> None:
    at = visit("attention", "en", part="contrast", hide="question")
    at.button(key="attention_measure").click().run()
    assert not at.exception
    assert "times as many tokens" in said(at)
    assert len(at.get("vega_lite_chart")) == 5


@pytest.mark.parametrize(("name", "raw"), [("source", "29"), ("step", "31")])
def test_a_word_that_is_not_there_is_taken_back(name: str, raw: str, visit: Visit) -> None:
    at = visit("attention", "en", part="hold", model="en-ko", shares="one", **{name: raw})
    assert not at.exception
    assert name not in at.query_params
    at.run()
    held = [row for row in grid(at) if max(row) == 1]
    assert held == [[1.0, *[0.0] * (len(held[0]) - 1)]] if name == "source" else held


def test_own_and_right_tokens_fed_stand_beside_what_is_right(visit: Visit) -> None:
    """Of a source that the network without attention gets wrong, word under word."""
    text = next(iter(SOURCES["en-ko"]))
    at = visit("attention", "en", model="en-ko", attention="none", hide="question")
    cells = columns(at, "right")
    target = run.right_target("en-ko", text)
    assert target is not None
    own, right = run.written("en-ko", "none", text), run.written("en-ko", "none", text, right=True)
    words = [escape(own.vocabulary[row] or "‹end›") for row in (*target, 0)]
    assert cells[0][: len(words)] == words
    for line, shown in ((cells[1], own), (cells[2], right)):
        for t, word in enumerate(shown.words):
            differs = t >= len(words) or escape(word or "‹end›") != words[t]
            assert escape(word or "‹end›") in line[t]
            assert line[t].startswith("**") == differs
            assert not differs or line[t].endswith(percent(float(shown.y[t].max())))


def test_two_shares_are_exchanged_once_it_was_guessed_what_comes_out(visit: Visit) -> None:
    text = next(iter(SOURCES["en-ko"]))
    before = run.written("en-ko", "additive", text)
    assert before.shares is not None
    waiting = visit("attention", "en", part="hold", what="exchange")
    assert not waiting.exception
    np.testing.assert_allclose(grid(waiting), before.shares, atol=1e-4)
    at = visit("attention", "en", part="hold", what="exchange", hide="question")
    changed = [t for t, row in enumerate(grid(at)[: len(before)]) if not np.allclose(row, before.shares[t], atol=1e-3)]
    step = changed[0]
    after = grid(at)[step]
    assert sorted(after) == pytest.approx(sorted(map(float, before.shares[step])), abs=1e-3)
    assert sum(abs(a - b) > 1e-3 for a, b in zip(after, before.shares[step], strict=True)) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_numbers_it_is_told_how_both_languages_count_and_that_one_word_is_several_zeros(
    language: str, visit: Visit
) -> None:
    text, says = "1234만", catalogue(language)
    at = visit("attention", language, model="numbers", text=text, hide="question")
    assert not at.exception
    assert says["attention.why_counts"] in said(at)
    shown = run.written("numbers", "additive", text)
    assert shown.shares is not None
    assert [int(j) for j in shown.shares[4:8].argmax(axis=1)] == [4] * 4
    assert "‘0 0 0 0’" in said(at)
    other = visit("attention", language, model="dates")
    assert says["attention.why_counts"] not in said(other)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"text": ""}, "text"),
        ({"text": "a " * 60, "part": "gradient"}, "text"),
        ({"other": "a " * 60, "part": "hold", "what": "bridge", "bridge": "other"}, "other"),
    ],
)
def test_where_a_source_cannot_be_read_those_that_can_follow_what_is_said(
    values: dict[str, str], name: str, language: str, visit: Visit
) -> None:
    """The field shows one that this lesson reads, and a press starts from one."""
    at = visit("attention", language, model="en-ko", **values)
    sources = [*SOURCES["en-ko"]]
    first = sources[1 if name == "other" else 0]
    (field,) = (one for one in at.text_input if one.key and one.key.startswith(f"attention_{name}"))
    assert field.placeholder == catalogue(language)["reading.placeholder"].format(example=first)
    order = [getattr(element, "key", None) or element.type for element in at.main]
    assert order.index("info") < order.index("attention_example_0")
    at.button(key="attention_example_1").click().run()
    assert not at.info
    assert at.session_state[f"attention_{name}"] == sources[1]


@pytest.mark.parametrize(
    ("model", "text", "best"),
    [("en-ko", "개 한 마리가 잤다.", "ko-en"), ("ko-en", "A dog slept.", "en-ko"), ("copying", "12,304", "numbers")],
)
def test_a_text_that_another_model_knows_is_read_by_it_at_a_press(
    model: str, text: str, best: str, visit: Visit
) -> None:
    at = visit("attention", "en", model=model, text=text)
    at.button(key="attention_read_by").click().run()
    assert (at.session_state["attention_model"], at.session_state["attention_text"]) == (best, text)
    assert "attention_read_by" not in {button.key for button in at.button}
    assert not at.warning


@pytest.mark.parametrize("model", NAMES)
def test_while_the_curves_wait_what_is_shown_is_what_can_be_taken_along(model: str, visit: Visit) -> None:
    scores = measured(model)
    files = guesses(scores)
    lines = [line.split(",") for line in str(files["csv"][1]()).splitlines()]
    assert lines[0] == ["length", "count", "guess_exact", "guess_tokens", "guess_first"]
    assert [tuple(map(float, line)) for line in lines[1:]] == [
        (one.length, one.count, one.guess_exact, one.guess_tokens, one.guess_first) for one in scores["none"]
    ]
