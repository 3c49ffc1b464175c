"""What Train live offers to try changes one thing, and the first of it lets the gradient through."""

from dataclasses import replace

import pytest

from rnnviz.core.cells import CELLS
from rnnviz.lessons.train.tries import for_run
from rnnviz.training import Config, Trainer
from rnnviz.training.presets import PRESETS


def arrives(config: Config) -> float:
    """Decades from the gradient of the last state to that of the first, in the first row."""
    (snapshot,) = Trainer(config, iterations=1)
    assert snapshot.flow is not None
    first, last = snapshot.flow["h"][-1, [0, -1]]
    return float(first - last)


@pytest.mark.parametrize("cell", CELLS)
def test_each_changes_one_setting(cell: str) -> None:
    assert {len(chosen) for chosen in for_run(cell).values()} == {1}


@pytest.mark.parametrize("seed", [137, 138, 139])
@pytest.mark.parametrize("preset", ["vanishes", "lstm-vanishes-too"])
def test_the_first_one_lets_the_gradient_of_a_run_that_vanishes_through(preset: str, seed: int) -> None:
    before = replace(PRESETS[preset], seed=seed)
    first = next(iter(for_run(before.cell).values()))
    lost = arrives(before)
    assert lost < -8
    assert arrives(replace(before, **first)) > lost / 2, "at most half of the decades"
