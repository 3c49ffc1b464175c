"""One recorded reading per language for the home page, which must be quick and so does without torch.

`python -m rnnviz.zoo.taste` records them again; a test fails when they differ from what the shipped weights give.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from rnnviz.trace import Readout, Trace
from rnnviz.zoo.catalogue import catalogue, shipped

CELL = "lstm"
FOLDER = Path(__file__).parent / "weights"
TARGETS = "targets"  # beside the readout's arrays; -1 where the right word is not known


@dataclass(frozen=True)
class Taste:
    trace: Trace
    readout: Readout
    words: tuple[str, ...]
    targets: tuple[int | None, ...]


def model_of(language: str) -> str:
    """The name of the word model of a language."""
    return next(info.name for info in catalogue().values() if (info.language, info.kind) == (language, "word"))


@cache
def taste(language: str) -> Taste:
    """The recorded reading of a language's first example; `KeyError` for a language that has none."""
    with np.load(FOLDER / f"taste-{language}-readout.npz", allow_pickle=False) as arrays:
        targets = tuple(None if target < 0 else int(target) for target in arrays[TARGETS])
        readout = Readout(**{name: arrays[name] for name in arrays.files if name != TARGETS})
    trace = Trace.load(FOLDER / f"taste-{language}.npz")
    return Taste(trace, readout, shipped(model_of(language))[0].words, targets)


def record(language: str) -> Taste:
    """The same, from the shipped weights. Needs torch."""
    from rnnviz.record import read_out
    from rnnviz.record import record as run
    from rnnviz.zoo.model import load

    model = load(model_of(language), CELL)
    reading = model.read(catalogue()[model.name].examples[0])
    trace = run(model.rnn, reading.x, tokens=[token.text for token in reading.tokens])
    return Taste(trace, read_out(trace, model.head), model.vocabulary.words, reading.targets)


def main() -> None:
    for language in sorted({info.language for info in catalogue().values() if info.kind == "word"}):
        made = record(language)
        made.trace.save(FOLDER / f"taste-{language}.npz")
        known = np.array([-1 if target is None else target for target in made.targets])
        arrays = {name: getattr(made.readout, name) for name in ("logits", "y", "W_hy", "b_y")}
        np.savez_compressed(FOLDER / f"taste-{language}-readout.npz", **arrays, **{TARGETS: known})  # type: ignore[arg-type]
        print(f"taste-{language}: {' '.join(made.trace.tokens)}")


if __name__ == "__main__":
    main()
