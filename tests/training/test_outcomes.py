"""What a preset or a pair is named for happens, within the iterations that the page runs, whatever the seed."""

from dataclasses import replace
from math import inf

import pytest

from rnnviz.core.terms import NO_MEMORY, progress
from rnnviz.training import Config, Trainer
from rnnviz.training.presets import PAIRS, PRESETS, WITH_GRU

ON_THE_PAGE = 2000  # iterations
STUCK = NO_MEMORY[0]
LEARNING_PAIRS = sorted(PAIRS.keys() - {"clipping"})


def learned_at(config: Config) -> int:
    """The iteration at which it was first seen to have learned; it must be one that the page reaches."""
    trainer = Trainer(config, iterations=ON_THE_PAGE, watched=False)
    best = inf
    for snapshot in trainer:
        if snapshot.unseen is not None:
            best = min(best, snapshot.unseen.loss / trainer.baseline)
            unseen = snapshot.unseen
            if progress(unseen.loss, trainer.baseline, unseen.score, trainer.chance) == "learned":
                return snapshot.iteration
    pytest.fail(f"at best {best:.2f} of the loss without memory")


def best_part(config: Config, iterations: int) -> float:
    """The least unseen loss within so many iterations, as a part of the loss without memory."""
    trainer = Trainer(config, iterations=iterations, watched=False)
    return min(s.unseen.loss for s in trainer if s.unseen is not None) / trainer.baseline


@pytest.mark.parametrize("name", LEARNING_PAIRS)
def test_with_a_seed_that_no_text_names_a_pair_does_what_was_measured(name: str) -> None:
    """b has learned near the range that is said, and a has not come near it by then."""
    pair = PAIRS[name]
    iterations = learned_at(replace(pair.b, seed=137))
    assert pair.outcome.first / 2 <= iterations <= 2 * pair.outcome.last
    assert best_part(replace(pair.a, seed=137), iterations) > 0.8 * pair.outcome.least


@pytest.mark.parametrize("name", WITH_GRU)
def test_with_a_seed_that_no_text_names_the_same_with_a_gru_is_learned(name: str) -> None:
    """What is offered where the gradient of a tanh arrives and is not learned from."""
    first, last = WITH_GRU[name]
    assert first / 2 <= learned_at(replace(PRESETS[name], cell="gru", seed=137)) <= min(2 * last, ON_THE_PAGE)


def test_the_presets_are_sides_of_those_pairs() -> None:
    assert PRESETS["lstm-vanishes-too"] == PAIRS["forget-bias"].a
    assert PRESETS["forget-bias-opens-the-path"] == PAIRS["forget-bias"].b
    assert PRESETS["truncation-cannot-see-that-far"] == PAIRS["truncation"].a
    assert PRESETS["explodes"] == PAIRS["clipping"].b
    assert PRESETS["tanh-identity"] == PAIRS["activation"].a


@pytest.mark.parametrize("seed", [137, 138])
def test_one_update_from_an_unclipped_gradient_ends_the_run_and_clipped_it_learns(seed: int) -> None:
    pair = PAIRS["clipping"]
    unclipped = Trainer(replace(pair.a, seed=seed), iterations=ON_THE_PAGE, watched=False)
    assert [bool(snapshot.stopped) for snapshot in unclipped] == [False, True]
    assert learned_at(replace(pair.b, seed=seed)) > 25, "not before the gradient was clipped"


FIRST_ROW = {
    "vanishes": (-35, -15),
    "explodes": (1.5, 15),
    "lstm-vanishes-too": (-15, -8),
    "forget-bias-opens-the-path": (-3, 1),
    "tanh-identity": (-3, 3),
    "truncation-cannot-see-that-far": (-inf, -100),
}


@pytest.mark.parametrize("seed", [137, 138, 139])
@pytest.mark.parametrize("name", PRESETS)
def test_the_first_row_shows_what_the_preset_is_named_for(name: str, seed: int) -> None:
    """Decades from the gradient of the last state to that of the first."""
    (snapshot,) = Trainer(replace(PRESETS[name], seed=seed), iterations=1)
    assert snapshot.flow is not None
    first, last = snapshot.flow["h"][-1, [0, -1]]
    low, high = FIRST_ROW[name]
    assert low <= first - last <= high


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_tanh_rnn_does_not_begin_to_add_over_100_steps(seed: int) -> None:
    """With each of these seeds a GRU has learned it by then."""
    assert best_part(replace(PRESETS["vanishes"], seed=seed), 701) > STUCK
