"""Why a word is expected: the terms of its score are those of the head, they add up, and softmax of the scores is what
was recorded."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.words import catalogue
from tests.charts.networks import ROUNDING, SVG, WORDS, boxes, bundle, case, made, numbers, picture, texts

FIXED = re.compile(r"−?\d+\.\d{3}")


def plain(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def placed(drawn: ET.Element) -> list[tuple[float, float, str]]:
    """Every text of one line: x and y in px, and what it says."""
    found = []
    for node in drawn.iter(f"{SVG}text"):
        x, y = map(float, re.findall(r"-?[\d.]+", node.get("transform", ""))[:2])
        found.append((x, y, node.text or ""))
    return found


@settings(max_examples=25, deadline=None)
@given(
    cell=st.sampled_from(["rnn", "lstm", "gru", "peephole", "mgu"]),
    steps=st.integers(1, 6),
    classes=st.integers(2, 8),
    seed=st.integers(0, 99),
    scale=st.sampled_from([0.1, 1.0, 3.0]),
)
def test_the_terms_of_every_candidates_score_add_up_to_its_logit(
    cell: str, steps: int, classes: int, seed: int, scale: float
) -> None:
    of = case(cell, steps=steps, classes=classes, seed=seed, scale=scale)
    targets = [*((t * 3) % classes for t in range(steps - 1)), None]
    row = bundle(made(of, targets=targets))
    h = of.trace["h"][0]
    places = numbers(row["scoreRow"]).astype(int).reshape(steps, -1)
    weights = numbers(row["scoreWeights"]).reshape(-1, h.shape[1])
    bias, full = numbers(row["scoreBias"]), numbers(row["scoreFull"])
    best = np.argsort(-of.readout.y, axis=1, kind="stable")[:, : row["candidates"]]
    logits = np.concatenate([numbers(row["top_z"]).reshape(steps, -1), numbers(row["right_z"])[:, None]], axis=1)
    assert row["words"] == classes
    assert places.shape == (steps, row["candidates"] + 1)
    for t, right in enumerate(targets):
        total = np.exp(of.readout.logits[t] - of.readout.logits[t].max()).sum()
        log_sum = math.log(total) + of.readout.logits[t].max()
        assert numbers(row["log_sum"])[t] == pytest.approx(log_sum, abs=ROUNDING)
        for place, word in enumerate([*best[t], best[t, 0] if right is None else right]):
            at = places[t, place]
            np.testing.assert_allclose(weights[at], of.head.weight[word].detach().numpy(), atol=ROUNDING)
            terms = [*(weights[at] * h[t]), bias[at]]
            slack = ROUNDING * (2 + float(np.abs(h[t]).sum()))
            assert sum(terms) == pytest.approx(logits[t, place], abs=slack)
            assert np.abs(terms).max() <= full[at] + slack
            assert math.exp(logits[t, place] - log_sum) == pytest.approx(of.readout.y[t, word], abs=2 * ROUNDING)


@pytest.mark.parametrize(("t", "candidate", "op"), [(0, 0, 1), (2, 3, 1), (4, 0, 1), (2, 3, 2)])
def test_what_is_drawn_are_the_terms_from_the_one_that_pushes_most_to_the_one_that_holds_back_most(
    t: int, candidate: int, op: int
) -> None:
    """op: of the head's, from 1: the scores, and softmax."""
    of = case("lstm", hidden=6)
    drawn = picture(made(of), t=t, depth=2, op=len(of.trace.cell.ops) + op, candidate=candidate)
    word = int(np.argsort(-of.readout.y[t], kind="stable")[candidate])
    h, weights, bias = of.trace["h"][0, t], of.head.weight[word].detach().numpy(), float(of.head.bias[word])
    terms = {f"hₜ[{unit + 1}]": float(weights[unit] * h[unit]) for unit in range(6)} | {"b_y": bias}
    values = {f"hₜ[{unit + 1}]": float(h[unit]) for unit in range(6)} | {"b_y": bias}
    named = sorted((y, x, text) for x, y, text in placed(drawn) if text in terms and x < 550)
    assert [text for _, _, text in named] == sorted(terms, key=lambda name: -terms[name])
    for y, _, name in named:
        row = sorted((x, text) for x, at, text in placed(drawn) if at == y and FIXED.fullmatch(text))
        value, product = (plain(text) for _, text in row[:2])
        assert value == pytest.approx(values[name], abs=2 * ROUNDING)
        assert product == pytest.approx(terms[name], abs=4 * ROUNDING)


@pytest.mark.parametrize("t", [0, 1, 3])
def test_every_line_of_softmax_is_right_when_it_is_worked_out_again(t: int) -> None:
    of = case("gru", classes=7)
    rank = np.argsort(-of.readout.y[t], kind="stable")
    right = int(rank[-1])  # not among the candidates, so that it has a line of its own
    drawn = picture(made(of, targets=[right] * 5), t=t, depth=2, op=len(of.trace.cell.ops) + 2, candidate=5)
    lines = [text for text in texts(drawn) if text.startswith("ℓ = ")]
    shown = [*rank[:5], right]
    assert len(lines) == len(shown)
    for line, word in zip(lines, shown, strict=True):
        score, power, total, share = re.fullmatch(r"ℓ = (\S+)\s+→\s+e\^(\S+) / (\S+) = ([<>]?[\d.]+)%", line).groups()
        assert score == power
        assert plain(score) == pytest.approx(float(of.readout.logits[t, word]), abs=ROUNDING)
        if share[0] not in "<>":
            assert plain(share) == pytest.approx(100 * float(of.readout.y[t, word]), abs=0.06)
            assert 100 * math.exp(plain(power)) / plain(total) == pytest.approx(plain(share), rel=0.01, abs=0.06)
    # And the sum beside them is the right word's.
    bias = float(of.head.bias[right])
    assert any(FIXED.fullmatch(text) and plain(text) == pytest.approx(bias, abs=ROUNDING) for text in texts(drawn))


def test_a_line_of_the_scores_says_no_probability() -> None:
    of = case("gru", classes=7)
    drawn = picture(made(of), t=2, depth=2, op=len(of.trace.cell.ops) + 1, fine=True)
    lines = [text for text in texts(drawn) if text.startswith("ℓ = ")]
    shown = of.readout.logits[2][np.argsort(-of.readout.y[2], kind="stable")[:5]]
    np.testing.assert_allclose([plain(line.removeprefix("ℓ = ")) for line in lines], shown, atol=ROUNDING)
    assert not any("%" in text or "e^" in text for text in texts(drawn))


def test_no_score_is_there_before_it_is_computed() -> None:
    """While the word is to be guessed, and before the head's operations."""
    of = case("rnn")
    last = len(of.trace.cell.ops)
    for op in (last + 1, last + 2):
        asked = picture(made(of, quiz=True), depth=2, op=op)
        assert len(boxes(asked, "scorePlace")) == 1
        assert not {text for text in texts(asked) if text.startswith(("ℓ =", "b_y"))}
    for stage, op in ((made(of), last), (rnnviz.stage(of.trace), last)):
        drawn = picture(stage, depth=2, op=op)
        assert not boxes(drawn, "score")
        assert not boxes(drawn, "scorePlace")
    assert boxes(picture(made(of), depth=2, op=last + 1), "score")


def test_a_row_that_no_head_reads_opens_no_score() -> None:
    """Its predictions stand beside it all the same."""
    of = case("gru", layers=2)
    stage = made(of, targets=())
    below, top = (picture(stage, opened=row, depth=1) for row in (0, 1))
    hint = bundle(stage)["s_why"]
    assert hint in texts(top)
    assert hint not in texts(below)
    assert len(boxes(below, "why")) == len(boxes(top, "why")) == 5
    assert set(WORDS) & set(texts(below))


@pytest.mark.parametrize("width", [358, 1206, 1840])
@pytest.mark.parametrize(("cell", "hidden", "classes"), [("lstm", 9, 7), ("rnn", 24, 8), ("gru", 3, 5), ("rnn", 1, 2)])
@pytest.mark.parametrize(("t", "candidate"), [(0, 0), (2, 1), (4, 0), (3, 5)])
def test_the_largest_terms_are_worked_out_and_make_the_score_with_the_rest(
    cell: str, hidden: int, classes: int, t: int, candidate: int, width: int
) -> None:
    of = case(cell, hidden=hidden, classes=classes)
    ranked = np.argsort(-of.readout.y[t], kind="stable")
    right = int(ranked[-1])
    stage = made(of, targets=[right] * len(of.trace))
    drawn = picture(stage, width=width, t=t, depth=2, op=len(of.trace.cell.ops) + 1, candidate=candidate)
    word = right if candidate == 5 else int(ranked[candidate])
    h, weights = of.trace["h"][0, t], of.head.weight[word].detach().numpy()
    products, bias = weights * h, float(of.head.bias[word])
    largest = sorted(range(hidden), key=lambda unit: -abs(products[unit]))[:3]
    terms, results = (named(drawn, name) for name in ("workedTerm", "workedResult"))
    wanted = [*products[largest], *([products.sum() - products[largest].sum()] if hidden > 3 else []), bias]
    slack = ROUNDING * (2 + float(np.abs(h).sum() + np.abs(weights).sum()))
    np.testing.assert_allclose([plain(text) for text in results], [*wanted, of.readout.logits[t, word]], atol=slack)
    assert terms[-2:] == ["b_y", "ℓ"]
    assert len(terms) == len(results)
    for text, unit in zip(terms, largest, strict=False):
        weight, value = map(plain, text.split(" × "))
        assert (weight, value) == (pytest.approx(weights[unit], abs=ROUNDING), pytest.approx(h[unit], abs=ROUNDING))
    if hidden > 3:
        assert terms[3] == catalogue("en")["stage.other_units"].format(count=hidden - 3)
    low = max(bottom for _, _, _, bottom in boxes(drawn, "score"))
    ends = [y for _, y, text in placed(drawn) if text == "ℓ"]
    assert low < min(ends)
    assert max(ends) < float(drawn.get("height", 0))


def named(drawn: ET.Element, name: str) -> list[str]:
    """The texts of the mark `name`, from above."""
    groups = [group for group in drawn.iter(f"{SVG}g") if f"{name}_marks" in group.get("class", "").split()]
    found = [(y, text) for group in groups for _, y, text in placed(group)]
    return [text for _, text in sorted(found)]
