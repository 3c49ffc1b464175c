"""The colours can be read: WCAG 2.2 contrast, computed here from the definition."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.palette import RAMP_STEPS, Pair
from rnnviz.charts.kit.scale import STEPS
from rnnviz.charts.lab.ways import DEEP
from rnnviz.core.cells import CELLS
from rnnviz.core.seq2seq.attention import MECHANISMS

TEXT, MARK = 4.5, 3.0  # WCAG 1.4.3 and 1.4.11, level AA
THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
TEXTS = {"INK": palette.INK, "SOFT": palette.SOFT, "NOW": palette.NOW, **palette.SYMBOLS, **palette.FORECASTERS}
MARKS = {"NEGATIVE": palette.NEGATIVE, "POSITIVE": palette.POSITIVE, **palette.NETWORKS, **palette.ATTENTIONS}


def channels(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])


def linear(colour: str) -> np.ndarray:
    c = channels(colour) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
@pytest.mark.parametrize("name", TEXTS)
def test_every_colour_of_text_is_legible_on_the_paper(name: str, dark: bool) -> None:
    assert contrast(TEXTS[name][dark], palette.PAPER[dark]) >= TEXT


@THEMES
@pytest.mark.parametrize("name", MARKS)
def test_every_colour_of_a_mark_stands_out_from_the_paper(name: str, dark: bool) -> None:
    assert contrast(MARKS[name][dark], palette.PAPER[dark]) >= MARK


@THEMES
def test_numbers_are_legible_on_every_value(dark: bool) -> None:
    assert min(contrast(palette.INK[dark], colour) for colour in palette.ramp(dark)) >= TEXT


@THEMES
def test_the_icon_on_the_play_button_stands_out(dark: bool) -> None:
    assert contrast(palette.PAPER[dark], palette.NOW[dark]) >= MARK


@THEMES
def test_the_ramp_has_the_paper_at_zero_and_goes_straight_to_both_ends(dark: bool) -> None:
    """Evenly on light; on dark sooner, since what is nearly black looks black."""
    ramp = [channels(colour) for colour in palette.ramp(dark)]
    paper = channels(palette.PAPER[dark])
    assert len(ramp) == 2 * RAMP_STEPS + 1
    assert list(ramp[RAMP_STEPS]) == list(paper)
    for end in (ramp[0], ramp[-1]):
        side = ramp[RAMP_STEPS::-1] if end is ramp[0] else ramp[RAMP_STEPS:]
        for step, colour in enumerate(side):
            part = (step / RAMP_STEPS) ** (0.6 if dark else 1)
            np.testing.assert_allclose(colour, paper + (end - paper) * part, atol=0.51)


def test_on_dark_a_tenth_of_the_scale_is_told_from_zero_at_a_glance_and_each_value_from_a_smaller_one() -> None:
    """A memory's scale reaches as far as its largest unit, so most of it is a small part of that."""
    ramp = palette.ramp(True)
    zero = oklab(palette.PAPER.dark)
    for side in (ramp[RAMP_STEPS::-1], ramp[RAMP_STEPS:]):
        far = [float(np.linalg.norm(oklab(colour) - zero)) for colour in side]
        assert min(far[RAMP_STEPS // 10 :]) > 0.09
        assert min(contrast(colour, palette.PAPER.dark) for colour in side[RAMP_STEPS // 5 :]) > 1.4
        assert min(np.diff(far)) > 0.004


# Linear RGB as a person sees it who lacks one kind of cone: Machado, Oliveira & Fernandes 2009, severity 1.
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


@THEMES
@pytest.mark.parametrize("kind", BLINDNESS)
def test_the_two_signs_differ_without_one_kind_of_cone(kind: str, dark: bool) -> None:
    """At the same distance from zero one side is yellowish and the other bluish, a difference that remains."""

    def blueness(colour: str) -> float:
        c = channels(colour) / 255
        seen = np.array(BLINDNESS[kind]) @ np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return float(seen[2] - (seen[0] + seen[1]) / 2)

    ramp = palette.ramp(dark)
    zero = blueness(palette.PAPER[dark])
    for step in range(RAMP_STEPS // 2, RAMP_STEPS + 1):
        assert blueness(ramp[RAMP_STEPS - step]) < zero < blueness(ramp[RAMP_STEPS + step])


@pytest.mark.parametrize("cell", CELLS)
def test_what_belongs_to_a_gate_has_its_colour(cell: str) -> None:
    for op in CELLS[cell].ops:
        if op.role == "gate" and op.name in CELLS[cell].quantities:
            for name in (f"W_x{op.name}", f"W_h{op.name}", f"b_x{op.name}", f"b_h{op.name}", f"a_{op.name}"):
                assert palette.symbol(name) == palette.symbol(op.name) == palette.SYMBOLS[op.name]
    for state in CELLS[cell].states:
        assert palette.symbol(f"{state}_prev") == palette.SYMBOLS[state]


def test_quantities_of_one_cell_have_colours_of_their_own() -> None:
    for cell in CELLS.values():
        own: list[Pair] = [palette.symbol(name) for name in ("x", "y", *cell.quantities) if name != "a"]
        assert len(set(own)) == len(own)


LMS = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566]]
LMS += [[0.0883024619, 0.2817188376, 0.6299787005]]
LAB = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099]]
LAB += [[0.0259040371, 0.7827717662, -0.8086757660]]


def oklab(colour: str) -> np.ndarray:
    """Ottosson's space (2020), in which colours that look equally different are equally far apart."""
    return np.array(LAB) @ np.cbrt(np.array(LMS) @ linear(colour))


@THEMES
def test_a_network_and_an_attention_have_one_colour_which_is_no_symbols_and_no_other_ones(dark: bool) -> None:
    assert palette.ATTENTIONS.keys() == MECHANISMS.keys()
    colours = {name: oklab(pair[dark]) for name, pair in {**palette.NETWORKS, **palette.ATTENTIONS}.items()}
    others = [oklab(pair[dark]) for pair in (*palette.SYMBOLS.values(), palette.NOW, palette.INK, palette.SOFT)]
    assert min(float(np.linalg.norm(a - b)) for a in colours.values() for b in others) > 0.07
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(colours.values(), 2)) > 0.1


def least(colours: list[str], seen: Callable[[str], np.ndarray] = oklab) -> float:
    """How far the two that are nearest to each other are apart."""
    return min(float(np.linalg.norm(seen(a) - seen(b))) for a, b in combinations(colours, 2))


@THEMES
def test_a_forecaster_has_one_colour_which_is_no_symbols_but_that_of_what_a_network_predicts(dark: bool) -> None:
    others = {name: pair[dark] for name, pair in palette.FORECASTERS.items() if name != "network"}
    assert palette.FORECASTERS["network"] == palette.SYMBOLS["y"]
    for symbol in (*palette.SYMBOLS.values(), palette.NOW, palette.INK, palette.SOFT):
        assert min(float(np.linalg.norm(oklab(colour) - oklab(symbol[dark]))) for colour in others.values()) > 0.07
    assert least([pair[dark] for pair in palette.FORECASTERS.values()]) > 0.1


@THEMES
@pytest.mark.parametrize("kind", BLINDNESS)
def test_forecasts_are_told_apart_without_one_kind_of_cone(kind: str, dark: bool) -> None:
    """Those that are always there from afar; their dashes and names tell all of them apart."""

    def seen(colour: str) -> np.ndarray:
        return np.array(LAB) @ np.cbrt(np.clip(np.array(LMS) @ np.array(BLINDNESS[kind]) @ linear(colour), 0, None))

    colours = {name: pair[dark] for name, pair in palette.FORECASTERS.items()}
    assert least([*colours.values()], seen) > 0.05
    assert least([colours[name] for name in ("network", "last", "season", "trend")], seen) > 0.1


def test_numbers_are_legible_on_every_size_of_a_gradient() -> None:
    """White on the colours that are darker than `ways.DEEP`, black on the others."""
    for colour in palette.flow(STEPS):
        assert contrast(palette.ON_FLOW[luminance(colour) >= DEEP], colour) >= TEXT


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("gate", [*palette.GATES, "?"])
def test_a_gate_goes_evenly_from_the_paper_to_its_own_colour_and_can_be_written_on(gate: str, dark: bool) -> None:
    ramp = palette.gate_ramp(gate, dark)
    assert len(ramp) == 2 * RAMP_STEPS + 1
    assert ramp[0] == palette.PAPER[dark]
    assert min(contrast(palette.INK[dark], colour) for colour in ramp) >= TEXT
    far = [contrast(palette.PAPER[dark], colour) for colour in ramp]
    assert far == sorted(far)
    assert far[-1] > 1.5
