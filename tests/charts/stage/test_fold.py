"""The fold between the chain and its loop, drawn without a browser at positions in between."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import rnnviz
from rnnviz.words.numbers import size
from tests.charts.networks import SVG, Case, boxes, bundle, case, made, picture, texts


def folding(of: Case, before: rnnviz.Pass | None = None, **rolled: Any) -> rnnviz.Stage:
    """With every step shown, as on the lesson's page."""
    return made(of, before, show=rnnviz.Rolled(**rolled), every=True)


def drawn(of: Case, u: float, *, both: bool = False, **rolled: Any) -> list[str]:
    return texts(picture(folding(of, **rolled), u=u, goal=u, both=both))


def test_a_stage_that_does_not_fold_pays_nothing_for_those_that_do() -> None:
    plain, folds = (json.dumps(stage.to_dict()["config"]) for stage in (made(case()), folding(case())))
    assert "timer{30}" not in plain
    assert "timer{30}" in folds
    assert len(plain) < len(folds)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_arrow_of_the_chain_names_its_weight_and_the_copies_have_one_name(cell: str) -> None:
    found = drawn(case(cell, steps=4), 1)
    names = ("W_xh", "W_hh", "W_hy") if cell == "rnn" else ("W_x·", "W_h·", "W_hy")
    assert [found.count(name) for name in names] == [4, 4, 4]


def test_folded_the_loop_says_that_the_state_comes_back_one_step_later() -> None:
    found = drawn(case("rnn", steps=4), 0)
    assert "one step later" in found
    assert "one step later" not in drawn(case("rnn", steps=4), 1)


def test_both_shows_the_loop_beside_the_whole_chain() -> None:
    found = drawn(case("rnn", steps=4), 1, both=True)
    assert "one step later" in found
    assert found.count("W_hh") == 5, "four copies in the chain and the loop's one"


def test_half_way_the_columns_are_half_as_far_apart_and_in_the_same_order() -> None:
    def middles(u: float) -> np.ndarray:
        found = boxes(picture(folding(case("rnn", steps=4)), u=u, goal=u), "box")
        return np.array([(left + right) / 2 for left, _, right, _ in found])

    apart, half, folded = (np.diff(middles(u)) for u in (1, 0.5, 0))
    np.testing.assert_allclose(half, apart / 2, atol=0.01)
    np.testing.assert_allclose(folded, 0, atol=0.01)
    np.testing.assert_allclose(middles(1).mean(), middles(0).mean(), atol=0.01)


def test_the_difference_and_the_gradients_path_are_what_was_given() -> None:
    of = case("rnn", steps=4)
    before = of.trace["h"][0] - 0.25
    gradient = np.array([[0.0] * 4, [0.03, 0, 0.04, 0], [3, 0, 0, 4], [0] * 4])
    was = rnnviz.Pass(replace(of.trace, values={**of.trace.values, "h": before[None]}))
    row = bundle(folding(of, was, gradient=gradient, loss_at=3))
    np.testing.assert_allclose([float(v) for v in row["before"].split(",")], before.ravel(), atol=6e-4)
    assert row["path"].split(",") == ["", "-1.30", "0.70", ""], "log10 of the 2-norm, nothing where there is no path"
    assert "L" in drawn(of, 1, before=was, gradient=gradient, loss_at=3)


@pytest.mark.parametrize("width", [358, 1100])
@pytest.mark.parametrize("sizes", [(0.0, 1e-9, 0.004, 0.3), (0.0, 0.0, 2e-5, 0.02), (0.5, 0.0, 1e-7, 0.0), (0.0,) * 4])
def test_every_step_at_which_a_state_differs_has_a_colour_or_a_number_and_no_other(
    sizes: tuple[float, ...], width: int
) -> None:
    of = case("rnn", steps=4, hidden=3)
    h = np.zeros_like(of.trace.values["h"])
    now = h.copy()
    now[0, range(4), [0, 1, 2, 0]] = sizes
    was, trace = (rnnviz.Pass(replace(of.trace, values={**of.trace.values, "h": states})) for states in (h, now))
    stage = rnnviz.stage(rnnviz.Contrast(was, trace), show=rnnviz.Rolled(), look=rnnviz.Look(every=True))
    drawing = picture(stage, width=width)
    fills, texts_of = groups(drawing, "difference", "path"), groups(drawing, "paleDifference", "text")
    colours = np.array([node.get("fill") for node in fills]).reshape(-1, 3)
    said = [node.text or "" for node in texts_of]
    assert len(colours) == len(said) == 4
    paper = colours[sizes.index(0.0), 1]
    coloured = [bool((column != paper).any()) for column in colours]
    assert all(most > 0 for most, shown in zip(sizes, coloured, strict=True) if shown)
    assert said == ["" if shown else size(most, 2) for most, shown in zip(sizes, coloured, strict=True)]


def groups(drawing: ET.Element, name: str, tag: str) -> list[ET.Element]:
    """The nodes of a mark, by its name."""
    return [
        node
        for group in drawing.iter(f"{SVG}g")
        if f"{name}_marks" in group.get("class", "").split()
        for node in group.iter(f"{SVG}{tag}")
    ]


def test_a_gradient_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"gradient of rolled is \(4, 5\); accepted: \(steps, units\), here \(5, 4\)"):
        folding(case(), gradient=np.zeros((4, 5)))
