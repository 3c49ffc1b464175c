"""The embedded Reber grammar: Cleeremans, Servan-Schreiber & McClelland 1989; Hochreiter & Schmidhuber 1997, exp. 1.

A string is B, then T or P, then a whole string of the Reber grammar, then the same T or P again, then E. At each step
the next symbol is to be predicted; the second but last can only be known from the second one.

Deviations from the papers: cross-entropy; a string longer than asked for is cut, and a shorter one padded without loss.
The score is of the symbol that the embedding decides; `legal` says which symbols may come next at all.
"""

from functools import cache

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from rnnviz.tasks.task import PADDING, Batch, Task, accuracy, blind

SYMBOLS = "BTPSXVE"
# state -> the two (symbol, next state) that are equally likely (twice the same where there is one). Reber 1967.
_INNER = (
    ("B1", "B1"),
    ("T2", "P3"),
    ("S2", "X4"),
    ("T3", "V5"),
    ("X3", "S6"),
    ("P4", "V6"),
    ("E7", "E7"),
)
_ENDED = 2 * 7 + 5


def _arcs() -> list[list[tuple[int, int]]]:
    """The whole automaton: 0 reads B, 1 reads T or P; 2..8 and 9..15 are the inner grammar after T, after P; then the
    symbol again (16, 17) and E (18).
    """
    at = SYMBOLS.index
    arcs = [[(at("B"), 1)] * 2, [(at("T"), 2), (at("P"), 9)]]
    for start, closing in ((2, 16), (9, 17)):
        arcs += [[(at(arc[0]), closing if arc[1] == "7" else start + int(arc[1])) for arc in pair] for pair in _INNER]
    return [*arcs, [(at("T"), 18)] * 2, [(at("P"), 18)] * 2, [(at("E"), _ENDED)] * 2, [(PADDING, _ENDED)] * 2]


_ARCS = torch.tensor(_arcs())  # (20, 2, 2): state, choice, (symbol, next state)


def walk(generator: Generator, batch_size: int, steps: int) -> tuple[Tensor, Tensor]:
    """Symbols (steps, B), `PADDING` after the end, and the states they were read in, (steps, B)."""
    state, symbols, states = torch.zeros(batch_size, dtype=torch.long), [], []
    for choice in torch.randint(0, 2, (steps, batch_size), generator=generator):
        states.append(state)
        symbol, state = _ARCS[state, choice].unbind(1)
        symbols.append(symbol)
    return torch.stack(symbols), torch.stack(states)


def legal(states: Tensor) -> Tensor:
    """Which of the 7 symbols may be read in each state that `walk` gives, (..., 7) bool."""
    symbols = _ARCS[states, :, 0].clamp(min=0)
    return F.one_hot(symbols, len(SYMBOLS)).sum(-2).bool() & (states != _ENDED)[..., None]


def _make(generator: Generator, batch_size: int, length: int, unseen: bool) -> Batch:
    symbols, states = walk(generator, batch_size, length + 1)
    inputs = symbols[:-1]
    x = F.one_hot(inputs.clamp(min=0), len(SYMBOLS)).float() * (inputs != PADDING)[..., None]
    return Batch(x=x, y=symbols[1:], asked=(states[1:] == 16) | (states[1:] == 17))


@cache
def _baseline(length: int) -> float:
    symbols, _ = walk(Generator().manual_seed(0), 20_000, length + 1)
    return blind(symbols[:-1], symbols[1:], at_each_step=True)


REBER = Task(
    name="reber",
    title="Embedded Reber grammar",
    source="Cleeremans, Servan-Schreiber & McClelland 1989; Hochreiter & Schmidhuber 1997",
    inputs=tuple(SYMBOLS),
    outputs=tuple(SYMBOLS),
    loss="cross entropy",
    shortest=12,
    longest=100,
    steps=lambda length: length,
    loss_from=lambda length: 0,
    make=_make,
    baseline=_baseline,
    chance=0.5,
    measure=accuracy,
    counts=lambda x: torch.arange(len(x)) == 1,  # the T or P that the last but one repeats
)
