"""A recorded reading in each language that has a model of words, for the home page, which is quick without torch.

`python -m rnnviz.zoo.home_pass` records them again; a test fails when they differ from what the shipped weights give.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from rnnviz.core.forward import Pass
from rnnviz.core.trace import Readout, Trace
from rnnviz.zoo.catalogue import catalogue, first_model, shipped
from rnnviz.zoo.vocabulary import targets

CELL = "lstm"
FOLDER = Path(__file__).parent / "weights"


@cache
def taste(language: str) -> Pass:
    """The recorded reading of the first example of the model with which a page in this language opens."""
    name = first_model(language)
    file = FOLDER / f"taste-{catalogue()[name].language}.npz"
    vocabulary, _ = shipped(name)
    tokens = vocabulary.tokenize(catalogue()[name].examples[0])
    return Pass(Trace.load(file), Readout.load(file), vocabulary.words, targets(tokens), f"{name}-{CELL}")


def record(language: str) -> Pass:
    """The same, from the shipped weights. Needs torch."""
    from rnnviz.core.record import read_out
    from rnnviz.core.record import record as run
    from rnnviz.zoo.model import load

    model = load(first_model(language), CELL)
    reading = model.read(catalogue()[model.name].examples[0])
    trace = run(model.rnn, reading.x, tokens=[token.text for token in reading.tokens])
    readout = read_out(trace, model.head)
    return Pass(trace, readout, model.vocabulary.words, reading.targets, f"{model.name}-{CELL}")


def main() -> None:
    for language in sorted({info.language for info in catalogue().values() if info.reads == "grammar"}):
        home_pass = record(language)
        home_pass.trace.save(FOLDER / f"taste-{language}.npz", home_pass.readout)
        print(f"taste-{language}: {' '.join(home_pass.trace.tokens)}")


if __name__ == "__main__":
    main()
