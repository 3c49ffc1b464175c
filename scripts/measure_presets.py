"""Measure what the presets and pairs of Train live are said to show: `python -m scripts.measure_presets [name ...]`.

Of a pair, for every seed: the iteration at which b has learned (`rnnviz.core.terms`), and how far a has come by then.
Of a preset, for every seed: the decades between the gradient of the last state and that of the first in the first row.
Of one that is named again in `WITH_GRU`: when the same with a GRU has learned, with `GRU_SEEDS` seeds; in `TRIED`: when
each of what the lesson offers to try has, with `TRIED_SEEDS`.
One line a seed and one a name; `rnnviz/training/presets.py` says what was found. All of it takes half an hour.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from math import inf, isfinite
from statistics import median

import torch

from rnnviz.core.terms import progress
from rnnviz.lessons.train.tries import for_run
from rnnviz.training import Config, Trainer
from rnnviz.training.presets import GRU_SEEDS, PAIRS, PRESETS, TRIED, TRIED_SEEDS, WITH_GRU

SEEDS = 25
ON_THE_PAGE = 2000  # iterations


def learned_at(config: Config, iterations: int = ON_THE_PAGE) -> tuple[int | None, float]:
    """The iteration at which it was first seen to have learned, None where never; and the least part of the loss
    without memory that was reached by then."""
    trainer, best = Trainer(config, iterations=iterations, watched=False), inf
    for snapshot in trainer:
        unseen = snapshot.unseen
        if unseen is None or not isfinite(unseen.loss):
            continue
        best = min(best, unseen.loss / trainer.baseline)
        if progress(unseen.loss, trainer.baseline, unseen.score, trainer.chance) == "learned":
            return snapshot.iteration, best
    return None, best


def measure_pair(name: str, seeds: Sequence[int]) -> None:
    times, parts, other = [], [], 0  # parts: of a, where it has not learned by then
    for seed in seeds:
        a, b = (replace(side, seed=seed) for side in (PAIRS[name].a, PAIRS[name].b))
        at, best = learned_at(b)
        at_a, part = learned_at(a, at or ON_THE_PAGE)
        times += [at] if at else []
        parts += [part] if at_a is None else []
        other += at_a is not None
        print(f"{name}, seed {seed}: b at {at} ({best:.3f}), a at {at_a} ({part:.3f} by then)", flush=True)
    print(
        f"{name}: b has learned in {len(times)} of {len(seeds)} seeds, at {min(times, default=0)} to "
        f"{max(times, default=0)}, median {median(times or [0]):.0f}; a by then in {other}, else at least "
        f"{min(parts, default=inf):.3f} of the loss without memory",
        flush=True,
    )


def measure_preset(name: str, seeds: Sequence[int]) -> None:
    decades = []
    for seed in seeds:
        (snapshot,) = Trainer(replace(PRESETS[name], seed=seed), iterations=1)
        assert snapshot.flow is not None
        first, last = snapshot.flow["h"][-1, [0, -1]]
        decades.append(float(first - last))
    print(f"{name}: {min(decades):.1f} to {max(decades):.1f} decades in the first row", flush=True)
    if name in WITH_GRU:
        times = [learned_at(replace(PRESETS[name], cell="gru", seed=seed))[0] for seed in seeds[:GRU_SEEDS]]
        print(f"{name}: with a GRU learned at {times}", flush=True)
    if name in TRIED:
        offered = {**for_run(PRESETS[name], "rnn"), "forget_bias": for_run(PRESETS[name], "lstm")["forget_bias"]}
        for which, values in offered.items():
            tried = replace(PRESETS[name], **values)
            times = [learned_at(replace(tried, seed=seed))[0] for seed in seeds[:TRIED_SEEDS]]
            print(f"{name}: {which} learned at {times}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.measure_presets",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="name", help="all by default")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="from 0")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for name in chosen.names or (*PRESETS, *PAIRS):
        (measure_pair if name in PAIRS else measure_preset)(name, range(chosen.seeds))


if __name__ == "__main__":
    main()
