"""A pass refuses parts that do not fit together, and a contrast two passes of other shapes."""

from __future__ import annotations

import numpy as np
import pytest

import rnnviz
from tests.charts.networks import WORDS, case


def test_a_pass_knows_its_tokens_and_what_was_expected() -> None:
    of = case(tokens=tuple("abcde"))
    shown = of.shown(WORDS)
    assert shown.tokens == of.trace.tokens
    assert shown.best() == [WORDS[k] for k in of.readout.logits.argmax(1)]
    assert rnnviz.Pass(of.trace).best() == []


@pytest.mark.parametrize("targets", [[8], [-1], [None] * 6])
def test_targets_that_are_no_class_or_too_many_are_refused(targets: list[int | None]) -> None:
    with pytest.raises(ValueError, match="accepted: at most 5, each None or an index from 0 to 7"):
        case().shown(WORDS, targets)


def test_a_readout_of_another_length_or_other_words_is_refused() -> None:
    of = case()
    with pytest.raises(ValueError, match=r"readout is \(5, 8\); accepted: \(5, 7\)"):
        of.shown(WORDS[:-1])
    with pytest.raises(ValueError, match=r"readout is \(4, 8\); accepted: \(5, 8\)"):
        rnnviz.Pass(of.trace, case(steps=4).readout, tuple(WORDS))


def test_a_pass_knows_what_its_layer_is_followed_by() -> None:
    of = case(steps=4)
    numbers = np.zeros((4, 2))
    assert of.shown(WORDS).head == "classes"
    assert rnnviz.Pass(of.trace, outputs=numbers, asked=np.full((4, 2), np.nan)).head == "numbers"
    assert rnnviz.Pass(of.trace).head == "nothing"
    with pytest.raises(ValueError, match=r"outputs are \(3, 2\); accepted: \(4, V\), and no readout"):
        rnnviz.Pass(of.trace, outputs=numbers[1:])
    with pytest.raises(ValueError, match=r"outputs are \(4, 2\); accepted: .* no readout"):
        rnnviz.Pass(of.trace, of.readout, tuple(WORDS), outputs=numbers)
    for shown in ({"asked": numbers}, {"outputs": numbers, "asked": numbers[:, :1]}):
        with pytest.raises(ValueError, match="accepted: the shape of the outputs"):
            rnnviz.Pass(of.trace, **shown)


@pytest.mark.parametrize("other", [case("gru"), case(steps=4), case(hidden=5)], ids=["cell", "steps", "units"])
def test_a_contrast_is_of_one_cell_and_shape(other: object) -> None:
    with pytest.raises(ValueError, match="another cell or shape"):
        rnnviz.Contrast(rnnviz.Pass(other.trace), rnnviz.Pass(case().trace))


def test_a_contrast_is_changed_once_its_passes_are_two() -> None:
    shown = rnnviz.Pass(case().trace)
    assert not rnnviz.Contrast(shown, shown).changed
    assert rnnviz.Contrast(shown, rnnviz.Pass(case().trace)).changed


def test_a_stage_takes_what_goes_with_a_trace_from_the_pass_alone() -> None:
    of = case()
    alone = rnnviz.stage(of.trace, of.readout, words=WORDS, targets=[1, 2]).to_dict()
    assert rnnviz.stage(of.shown(WORDS, [1, 2])).to_dict() == alone
    with pytest.raises(ValueError, match="beside a Pass"):
        rnnviz.stage(of.shown(WORDS), words=WORDS)
