"""What Train live offers to try changes what it names in the preset, whatever was tried before it; and the first of it
lets the gradient through."""

from dataclasses import asdict, replace
from itertools import product
from typing import Any

import pytest

from rnnviz.core.cells import CELLS
from rnnviz.lessons.train.tries import for_run
from rnnviz.training import Config, Trainer
from rnnviz.training.presets import PAIRS, PRESETS, settings_of


def arrives(config: Config) -> float:
    """Decades from the gradient of the last state to that of the first, in the first row."""
    (snapshot,) = Trainer(config, iterations=1)
    assert snapshot.flow is not None
    first, last = snapshot.flow["h"][-1, [0, -1]]
    return float(first - last)


def pressed(shown: Config, preset: str) -> dict[str, Config]:
    """What each button that is offered makes of the settings that are shown."""
    tries = for_run(settings_of(preset), shown.cell).items()
    return {name: replace(shown, **values) for name, values in tries}


def difference(config: Config, other: Config) -> dict[str, Any]:
    return dict(asdict(config).items() - asdict(other).items())


@pytest.mark.parametrize("preset", [*PRESETS, *PAIRS])
def test_after_one_another_shows_what_it_shows_alone(preset: str) -> None:
    """Over every ordered pair of what is offered, of the preset and of settings of one's own."""
    for cell, own in product(CELLS, ({}, {"hidden_size": 7, "task": "copy", "learning_rate": 0.01})):
        shown = replace(settings_of(preset), cell=cell, **own)
        alone = pressed(shown, preset)
        for first, config in alone.items():
            for second, after in pressed(config, preset).items():
                if second != "forget_bias":
                    assert after == alone[second], (cell, first, second)
                elif CELLS[config.cell].has_forget_gate:  # of the cell that it names, the one that is shown
                    assert after == replace(shown, **settings(preset, config.cell)), (cell, first)


def settings(preset: str, cell: str) -> dict[str, Any]:
    there = settings_of(preset)
    names = ("length", "initialisation", "clipping", "seed")
    return {name: getattr(there, name) for name in names} | {"cell": cell, "forget_bias": 3.0}


NAMED = {
    "orthogonal": {"initialisation": "orthogonal"},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "shorter": {"length": 20},
    "unclipped": {"clipping": "none"},
    "other_seed": {"seed": 1},
}


@pytest.mark.parametrize("preset", [*PRESETS, *PAIRS])
@pytest.mark.parametrize("cell", CELLS)
def test_each_is_the_preset_with_what_it_names(preset: str, cell: str) -> None:
    there = settings_of(preset)
    for name, config in pressed(replace(there, cell=cell, length=33, seed=9), preset).items():
        named = NAMED.get(name, {"cell": cell, "forget_bias": 3.0})
        assert config == replace(there, **named)
        assert difference(config, there), "which is a way back and nothing to try"


@pytest.mark.parametrize("seed", [137, 138, 139])
@pytest.mark.parametrize("preset", ["vanishes", "lstm-vanishes-too"])
def test_the_first_one_lets_the_gradient_of_a_run_that_vanishes_through(preset: str, seed: int) -> None:
    before = replace(PRESETS[preset], seed=seed)
    first = next(iter(for_run(before, before.cell).values()))
    lost = arrives(before)
    assert lost < -8
    assert arrives(replace(before, **first)) > lost / 2, "at most half of the decades"
