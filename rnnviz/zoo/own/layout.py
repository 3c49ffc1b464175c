"""Which entries of a file of weights are whose: proposed by names and sizes, and chosen by a visitor.

A recurrent module is found by PyTorch's names for its parameters, `weight_ih_l0`, whatever stands before them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from torch import Tensor

from rnnviz.core.cells import CELLS
from rnnviz.core.network import build
from rnnviz.training.config import Refused
from rnnviz.zoo.own.file import Weights, refused
from rnnviz.zoo.own.made import LAYERS, UNITS, WIDTH

_INPUT = re.compile(r"(?P<before>.*?)weight_ih(?:_l(?P<layer>\d+))?(?P<reverse>_reverse)?")
_HEADS = re.compile(r"head|fc|out|dec|lin|proj|class|logit", re.IGNORECASE)
_EMBEDDINGS = re.compile(r"emb|wte|encoder\.weight", re.IGNORECASE)


@dataclass(frozen=True)
class Chain:
    """A recurrent module in a file."""

    before: str  # what its entries' names begin with, "encoder.rnn." or ""
    cells: tuple[str, ...]  # the cells that have entries of these names and sizes, PyTorch's own first
    input_size: int  # numbers that it reads in a step
    hidden_size: int
    num_layers: int
    bidirectional: bool
    numbered: bool  # whether its names end in the layer, as those of `nn.LSTM` do and of `nn.LSTMCell` do not

    @property
    def width(self) -> int:
        """Numbers in its output at a step."""
        return self.hidden_size * (2 if self.bidirectional else 1)

    def entry(self, name: str) -> str:
        """The entry of a parameter, `weight_ih_l0`."""
        return self.before + (name if self.numbered else name.removesuffix("_l0"))


@dataclass(frozen=True)
class Layout:
    """Which entries are whose."""

    chain: Chain
    cell: str  # of the chain, by its name in `CELLS`
    embedding: str  # the entry that a token's row is taken from; "" for none
    head: str  # the entry that reads the output; "" for none
    bias: str  # of the head; "" for none


def chains(weights: Weights) -> tuple[Chain, ...]:
    """The recurrent modules of a file. Raises `Refused` where there is none that can be shown."""
    found: dict[str, list[re.Match[str]]] = {}
    for name in weights.entries:
        if match := _INPUT.fullmatch(name):
            found.setdefault(match["before"], []).append(match)
    if not found:
        entries = ", ".join(list(weights.entries)[:6]) or "–"
        message = f"no entry is called weight_ih_l0 (there are {entries}); accepted: the weights of an RNN, LSTM or GRU"
        raise refused("chain", message, entries=entries)
    shown, errors = [], []
    for before, matches in found.items():
        try:
            shown.append(_chain(weights, before, matches))
        except Refused as error:
            errors.append(error)
    if not shown:
        raise errors[0]
    return tuple(shown)


def _chain(weights: Weights, before: str, inputs: list[re.Match[str]]) -> Chain:
    """Raises `Refused` for a module that cannot be shown."""
    entries = weights.entries
    numbered, layers = inputs[0]["layer"] is not None, {int(match["layer"] or 0) for match in inputs}
    for match in inputs:
        if (pair := match[0].replace("weight_ih", "weight_hh")) not in entries:
            raise refused("cell_missing", f"{pair} is missing beside {match[0]}", pair, beside=match[0])
    first = f"{before}weight_ih{'_l0' * numbered}"
    if first not in entries:
        raise refused("cell_missing", f"{first} is missing beside {inputs[0][0]}", first, beside=inputs[0][0])
    weight, state = entries[first], entries[first.replace("weight_ih", "weight_hh")]
    projection = f"{before}weight_hr{'_l0' * numbered}"
    if projection in entries:
        raise refused("cell_projection", f"{projection} is a projection (proj_size); accepted: none", projection)
    unknown = f"{before or 'the module'} has matrices {tuple(weight.shape)} and {tuple(state.shape)}, as no known cell"
    values = {"input": str(tuple(weight.shape)), "state": str(tuple(state.shape))}
    if weight.ndim != 2 or state.ndim != 2 or 0 in (*weight.shape, *state.shape) or weight.shape[1] > WIDTH:
        raise refused("cell_unknown", unknown, before, **values)
    both, size = any(match["reverse"] for match in inputs), state.shape[1]
    if layers != set(range(len(layers))) or len(layers) > LAYERS or size > UNITS:
        message = f"the module has {len(layers)} layers of {size} units; accepted: at most {LAYERS} of {UNITS}"
        raise refused("cell_size", message, before, count=len(layers), size=size, layers=LAYERS, units=UNITS)
    chain = Chain(before, (), weight.shape[1], size, len(layers), both, numbered)
    cells = tuple(name for name in CELLS if _fits(entries, chain, name))
    if weights.cell in cells:
        cells = (weights.cell, *(name for name in cells if name != weights.cell))
    if not cells:
        raise refused("cell_unknown", unknown, before, **values)
    return replace(chain, cells=cells)


def _fits(entries: Mapping[str, Tensor], chain: Chain, cell: str) -> bool:
    """Whether the chain's entries are those of a network of the cell; biases may be missing, then they are 0."""
    asked = shapes(cell, chain.input_size, chain.hidden_size, chain.num_layers, bidirectional=chain.bidirectional)
    if asked is None:
        return False
    found = {chain.entry(name): shape for name, shape in asked.items()}
    parts = re.compile(re.escape(chain.before) + r"(weight|bias)_[a-z]{2}(_l\d+)?(_reverse)?")
    if any(parts.fullmatch(name) and name not in found for name in entries):
        return False
    biases = [name.removeprefix(chain.before).startswith("bias") for name in found]
    there = [name in entries and tuple(entries[name].shape) == shape for name, shape in found.items()]
    whole = all(one or bias for one, bias in zip(there, biases, strict=True))
    named = all(name not in entries or one for name, one in zip(found, there, strict=True))
    return whole and named


@lru_cache(maxsize=256)
def shapes(
    cell: str, inputs: int, units: int, layers: int, *, bidirectional: bool = False
) -> Mapping[str, tuple[int, ...]] | None:
    """The parameters of a network by PyTorch's names; None where the cell reads in one direction only."""
    if bidirectional and not CELLS[cell].module:
        return None
    whole = build(cell, inputs, units, layers, bidirectional=bidirectional)
    return {name: tuple(weight.shape) for name, weight in whole.named_parameters()}


def embeddings(weights: Weights, chain: Chain) -> tuple[str, ...]:
    """The entries whose rows the chain could read, the likeliest first."""
    fitting = [name for name, entry in _others(weights) if entry.shape[1] == chain.input_size]
    return tuple(sorted(fitting, key=lambda name: not _EMBEDDINGS.search(name)))


def heads(weights: Weights, chain: Chain) -> tuple[str, ...]:
    """The entries that could read the chain's output, the likeliest first."""
    fitting = [name for name, entry in _others(weights) if entry.shape[1] == chain.width and len(entry) <= WIDTH]
    return tuple(sorted(fitting, key=lambda name: (not _HEADS.search(name), bool(_EMBEDDINGS.search(name)))))


def _others(weights: Weights) -> list[tuple[str, Tensor]]:
    """The matrices that are of no recurrent module."""
    recurrent = re.compile(r".*(weight|bias)_[a-z]{2}(_l\d+)?(_reverse)?")
    return [
        (name, entry)
        for name, entry in weights.entries.items()
        if entry.ndim == 2 and 0 not in entry.shape and not recurrent.fullmatch(name)
    ]


def bias_of(weights: Weights, head: str) -> str:
    """The entry beside a head's matrix; "" where there is none."""
    name = head.removesuffix("weight") + "bias" if head.endswith("weight") else ""
    entry = weights.entries.get(name)
    return name if entry is not None and entry.shape == weights.entries[head].shape[:1] else ""


def unused(weights: Weights, layout: Layout) -> tuple[str, ...]:
    """The entries that a network so arranged does not have."""
    chain = layout.chain
    asked = shapes(
        layout.cell, chain.input_size, chain.hidden_size, chain.num_layers, bidirectional=chain.bidirectional
    )
    used = {layout.embedding, layout.head, layout.bias, *(chain.entry(name) for name in asked or ())}
    return tuple(name for name in weights.entries if name not in used)


def propose(weights: Weights, before: str | None = None) -> Layout:
    """What is likely.     before: which module, where there are several. Raises `Refused` as `chains` does."""
    found = chains(weights)
    chain = next((chain for chain in found if chain.before == before), found[0])
    embedding = next((name for name in embeddings(weights, chain) if _EMBEDDINGS.search(name)), "")
    likely = [name for name in heads(weights, chain) if name != embedding]
    head = likely[0] if likely and (_HEADS.search(likely[0]) or len(likely) == 1) else ""
    width = len(weights.entries[head]) if head else 0
    if any(entry.shape[1] == width for name, entry in _others(weights) if name not in (head, embedding)):
        head = ""  # another matrix reads what it gives: it is a layer between, and no head
    return Layout(chain, chain.cells[0], embedding, head, bias_of(weights, head) if head else "")


def arrange(weights: Weights, before: str, cell: str, embedding: str, head: str) -> Layout:
    """What a visitor has chosen. Raises `Refused` for what the file does not have."""
    chain = next((chain for chain in chains(weights) if chain.before == before), None)
    if chain is None or cell not in chain.cells:
        raise refused("layout", f"there is no {cell} called {before!r} in the file", cell=cell)
    if embedding and embedding not in embeddings(weights, chain):
        message = f"{embedding} does not hold rows of {chain.input_size} numbers; accepted: what the module reads"
        raise refused("layout", message, embedding)
    if head and head not in heads(weights, chain):
        message = f"{head} does not read {chain.width} numbers; accepted: what the module gives"
        raise refused("layout", message, head)
    return Layout(chain, cell, embedding, head, bias_of(weights, head) if head else "")
