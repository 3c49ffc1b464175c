"""A visitor's network put together: from a file's entries, or from a few sizes and a seed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.forward import Pass
from rnnviz.core.network import Layer, build
from rnnviz.core.record import Head, read_out, record
from rnnviz.core.trace import Activation, Trace
from rnnviz.zoo.own.file import Weights, refused
from rnnviz.zoo.own.layout import Layout, shapes
from rnnviz.zoo.own.made import Made

WORDS, WORD = 20_000, 60  # of a vocabulary at the most, and characters of each
_WORDS_BYTES = 400_000


@dataclass(frozen=True, eq=False)
class OwnModel:
    """A network of a visitor's."""

    name: str  # as a link has it: that of a `Made`, or the beginning of a checksum of all that is in it
    title: str  # what its file was called; "" for one that was made. A visitor's text
    cell: str  # by its name in `CELLS`
    rnn: Layer  # all its layers and directions, frozen
    embedding: Tensor | None  # (rows, input_size); None where it reads numbers
    head: Head | None  # (V, D * H); None for a network without
    activation: Activation  # what the head's outputs are; "identity" where there is no head
    vocabulary: tuple[str, ...]  # the names of the embedding's rows; () where they have none
    words: tuple[str, ...]  # the names of the head's V outputs
    layout: Layout | None = None  # which entries of its file are whose; None for one that was made
    path: tuple[str, ...] = ()  # the names that lead to the entries in a file that `torch.save` wrote
    pickled: bool = False  # whether `torch.save` wrote its file

    @property
    def directions(self) -> int:
        return 2 if self.rnn.bidirectional else 1

    @property
    def rows(self) -> int:
        """Its layers times its directions, as a trace has them."""
        return self.rnn.num_layers * self.directions


@dataclass(frozen=True, eq=False)
class OwnReading:
    """What a network reads."""

    x: Tensor  # (T, input_size)
    tokens: tuple[str, ...]  # what is shown of each step, T of them
    rows: tuple[int, ...] = ()  # of the embedding, T of them; () where numbers are read
    unknown: frozenset[int] = frozenset()  # the steps, from 0, whose word the vocabulary does not have

    @cached_property
    def checksum(self) -> str:
        """12 digits that tell what is read from all else."""
        about = repr((self.tokens, self.rows, tuple(self.x.shape))).encode()
        return sha256(about + self.x.contiguous().numpy().tobytes()).hexdigest()[:12]


@lru_cache(maxsize=16)
def make(made: Made) -> OwnModel:
    """The network that a few sizes and a seed give, the same on every machine."""
    generator = torch.Generator().manual_seed(made.seed)
    rnn = build(made.cell, made.inputs, made.units, made.layers)
    bound = 1 / sqrt(made.units)
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
    return OwnModel(made.name, "", made.cell, rnn.requires_grad_(False).eval(), None, None, "identity", (), ())


def put_together(
    weights: Weights,
    layout: Layout,
    *,
    title: str = "",
    activation: Activation | None = None,
    vocabulary: Sequence[str] = (),
) -> OwnModel:
    """The network of a file.

    activation: what its head's outputs are; where it is not said, as the file says, else the classes of a softmax, and
        of one output a number.
    vocabulary: the names of the embedding's rows, or where it has none those of the head's outputs.

    Raises `Refused` for a vocabulary of another size, and for numbers so large that nothing finite comes of them.
    """
    chain, entries = layout.chain, weights.entries
    asked = shapes(
        layout.cell, chain.input_size, chain.hidden_size, chain.num_layers, bidirectional=chain.bidirectional
    )
    assert asked is not None
    rnn = build(layout.cell, chain.input_size, chain.hidden_size, chain.num_layers, bidirectional=chain.bidirectional)
    found = {name: entries.get(chain.entry(name), torch.zeros(shape)) for name, shape in asked.items()}
    rnn.load_state_dict(found)
    embedding = entries[layout.embedding] if layout.embedding else None
    head = Head(entries[layout.head], entries[layout.bias] if layout.bias else None) if layout.head else None
    outputs = 0 if head is None else len(head.weight)
    rows = 0 if embedding is None else len(embedding)
    vocabulary = tuple(vocabulary)
    if vocabulary and len(vocabulary) not in (rows, outputs):
        message = f"the vocabulary has {len(vocabulary)} entries, the embedding {rows} rows, the head {outputs} outputs"
        raise refused("vocabulary", message, count=len(vocabulary), rows=rows, outputs=outputs)
    words = next(
        (given for given in (vocabulary, weights.words) if given and len(given) == outputs),
        tuple(str(number + 1) for number in range(outputs)),
    )
    named_rows = vocabulary if len(vocabulary) == rows else ()
    activation = activation or weights.activation or "softmax"
    if outputs <= 1 and activation == "softmax":
        activation = "identity"  # a softmax of one output is 1, whatever that is
    return OwnModel(
        name=_checksum(found, embedding, head, layout.cell, activation, named_rows, words),
        title=title,
        cell=layout.cell,
        rnn=rnn.requires_grad_(False).eval(),
        embedding=embedding,
        head=head,
        activation=activation,
        vocabulary=named_rows,
        words=words,
        layout=layout,
        path=weights.path,
        pickled=weights.pickled,
    )


def _checksum(rnn: Mapping[str, Tensor], embedding: Tensor | None, head: Head | None, *about: object) -> str:
    """12 digits that tell a network and what is said of it from all others."""
    sums = sha256(repr(about).encode())
    read_out = () if head is None else (head.weight, head.bias)
    for tensor in (*rnn.values(), embedding, *read_out):
        if tensor is not None:
            sums.update(repr(tuple(tensor.shape)).encode() + tensor.numpy().tobytes())
    return sums.hexdigest()[:12]


def vocabulary(data: str | bytes) -> tuple[str, ...]:
    """The words of a vocabulary, in the order of their rows: a line each, a JSON list, or a JSON object with the row of
    each. Raises `Refused` for what is none of these or too long."""
    if len(data) > _WORDS_BYTES:
        raise refused("words_bytes", f"more than {_WORDS_BYTES} bytes", count=len(data), most=_WORDS_BYTES)
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        found = json.loads(text) if text.lstrip()[:1] in ("[", "{") else text.rstrip("\r\n").splitlines()
    except (ValueError, RecursionError) as error:
        raise refused("words", f"the vocabulary cannot be read ({error})") from error
    if isinstance(found, dict):
        rows = list(found.values())
        if not all(type(row) is int for row in rows) or sorted(rows) != list(range(len(rows))):
            raise refused("words", "the rows of the vocabulary are not 0, 1, 2 ...")
        found = sorted(found, key=found.__getitem__)
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise refused("words", "the vocabulary is no list of texts")
    if not 1 <= len(found) <= WORDS or any(len(word) > WORD for word in found):
        raise refused(
            "words_size", f"{len(found)} words; accepted: 1 to {WORDS}", count=len(found), most=WORDS, long=WORD
        )
    return tuple(found)


def run(model: OwnModel, reading: OwnReading) -> Pass:
    """The whole network over what it reads: all layers and directions. Raises `Refused` where that is not finite."""
    return _pass(model, record(model.rnn, reading.x, tokens=reading.tokens), reading.rows, model.head)


@dataclass(frozen=True, eq=False)
class RowReading:
    """One layer in one direction as a network of its own, and what it reads."""

    rnn: Layer  # one layer, read from the left
    x: Tensor  # (T, width), in the order in which it is read
    tokens: tuple[str, ...]  # in that order
    head: Head | None  # of the last layer of one direction; None for another
    shown: Pass  # over it


def run_row(model: OwnModel, reading: OwnReading, row: int) -> RowReading:
    """One row (from 0) of a trace as a network of its own, as the lessons on one layer read it."""
    whole = record(model.rnn, reading.x, tokens=reading.tokens)
    layer, reverse = divmod(row, model.directions)
    inputs = torch.from_numpy(whole.input(row).copy())
    rnn = build(model.cell, inputs.shape[1], model.rnn.hidden_size)
    suffix = f"_l{layer}{'_reverse' * reverse}"
    names = dict(model.rnn.named_parameters())
    rnn.load_state_dict({name: names[name.removesuffix("_l0") + suffix] for name, _ in rnn.named_parameters()})
    tokens, rows = reading.tokens, reading.rows if layer == 0 else ()
    if reverse:
        inputs, tokens, rows = inputs.flip(0), tokens[::-1], rows[::-1]
    head = model.head if row == model.rows - 1 and model.directions == 1 else None
    trace = record(rnn.requires_grad_(False).eval(), inputs, tokens=tokens)
    return RowReading(rnn, inputs, tokens, head, _pass(model, trace, rows, head, of_row=True))


def _pass(model: OwnModel, trace: Trace, rows: tuple[int, ...], head: Head | None, *, of_row: bool = False) -> Pass:
    """of_row: whether lessons on one layer show it, for which what does not choose among classes is numbers."""
    reader = model.title or model.name
    values = (trace.values[name] for name in trace.cell.states)
    if not all(np.isfinite(value).all() for value in values):
        raise refused(
            "overflow", "states of this network are not finite; accepted: weights that float32 can compute with"
        )
    if head is None:
        return Pass(trace, reader=reader, rows=rows)
    readout = read_out(trace, head, model.activation)
    if not np.isfinite(readout.logits).all():
        raise refused(
            "overflow", "outputs of this network are not finite; accepted: weights that float32 can compute with"
        )
    if of_row and model.activation != "softmax":
        return Pass(trace, words=model.words, outputs=readout.y, reader=reader, rows=rows)
    return Pass(trace, readout, model.words, reader=reader, rows=rows)
