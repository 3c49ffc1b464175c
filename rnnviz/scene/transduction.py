"""The scene of an encoder that reads a source, and of a decoder that writes a target of it, with attention or without.

The encoder lies below, a column a source token; the decoder above it, a column a written token, so that what the
decoder takes from each source token goes straight up or aslant. The encoder's last state goes over into the decoder's
first. The grid has a row a written token, its columns under those of the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.trace import Array
from rnnviz.scene.scene import Asking, Block, Row, Scene, Wire
from rnnviz.words.numbers import percent

HAIR = 0.005  # a share below this has no wire: it would be thinner than a hair; the grid has its number
# What is computed one after the other at a step of the decoder, each with the results that it ends in.
STAGES = ("state", "score", "softmax", "context", "combination", "output")
WITHOUT = ("state", "output")  # without an attention


def stages(written: Transduction) -> tuple[str, ...]:
    """What a step of the decoder goes through."""
    return STAGES if written.attention.asks else WITHOUT


def order(written: Transduction, *, by_operation: bool) -> list[tuple[str, int]]:
    """What each step of the scene computes: `read` and a source token, or a stage and a written one, from 0; by token
    the last stage stands for all of them."""
    each = stages(written) if by_operation else stages(written)[-1:]
    reading = [("read", j) for j in range(len(written.encoder))]
    return reading + [(stage, t) for t in range(len(written)) for stage in each]


@dataclass(frozen=True)
class _Places:
    """Where the parts of one transduction stand."""

    row: Mapping[str, int]  # of each row's label
    step_of: Mapping[tuple[str, int], int]  # as `order` has it
    by_operation: bool

    def step(self, stage: str, t: int) -> int:
        return self.step_of[(stage if self.by_operation else "output", t)]


def transduction(
    written: Transduction, *, begin: str, end: str, by_operation: bool = False, notes: Sequence[str] = ()
) -> Scene:
    """The scene, by token or by operation.

    begin, end: what stands for the begin that the decoder is fed, and for the end that it writes.
    notes: a word for a source token that needs one, such as that it is unknown; as many as there are tokens, or none.
    Blocks are called `x.3`, `h.3` (source), `w.3`, `s.3`, `context.3`, `combined.3` and `y.3` (target), from 0.
    """
    asks = written.attention.asks
    if by_operation and asks and "combined" not in written.values:
        raise ValueError("by_operation asks for operations that are not known; accepted: of a declared attention")
    combines = asks and by_operation
    labels = ("yₜ", *(["s̃ₜ"] if combines else []), "wₜ", "sₜ", *(["h̄ₜ"] if asks else []), "hⱼ", "xⱼ")
    steps = {what: step for step, what in enumerate(order(written, by_operation=by_operation))}
    places = _Places({label: number for number, label in enumerate(labels)}, steps, by_operation)
    blocks = [*_encoder_blocks(written, places, notes), *_decoder_blocks(written, places, begin, end)]
    kinds = {kind: number for number, kind in enumerate(("w", "x", "s", "h", "context", "combined", "y"))}
    return Scene(
        steps=len(steps),
        columns=max(len(written.encoder), len(written)),
        rows=tuple(Row((label,), (label[:-1],)) for label in labels),
        blocks=tuple(sorted(blocks, key=lambda block: (block.step, kinds[block.name.partition(".")[0]]))),
        wires=(*_encoder_wires(written), *_decoder_wires(written, combines=combines)),
        vectors=_vectors(written, combines=combines),
        grid=tuple(_grid(written, places, end)) if asks else (),
    )


def _vectors(written: Transduction, *, combines: bool) -> dict[str, Array]:
    vectors = {f"h.{j}": h for j, h in enumerate(written.encoder.output)}
    vectors |= {f"s.{t}": s for t, s in enumerate(written.decoder.output)}
    if written.attention.asks:
        vectors |= {f"context.{t}": context for t, context in enumerate(written["context"])}
    if combines:
        vectors |= {f"combined.{t}": combined for t, combined in enumerate(written["combined"])}
    return vectors


def _encoder_blocks(written: Transduction, places: _Places, notes: Sequence[str]) -> Iterator[Block]:
    for j, token in enumerate(written.encoder.tokens):
        note = notes[j] if j < len(notes) else ""
        yield Block(f"x.{j}", "token", j, places.row["xⱼ"], j, "x", token, note)
        yield Block(f"h.{j}", "state", j, places.row["hⱼ"], j, "h", f"h{j + 1}", vector=f"h.{j}")


def _decoder_blocks(written: Transduction, places: _Places, begin: str, end: str) -> Iterator[Block]:
    states = {"s": ("sₜ", "state"), "context": ("h̄ₜ", "context"), "combined": ("s̃ₜ", "combination")}
    for t, word in enumerate(written.words):
        fed = written.decoder.tokens[t] if t else begin
        yield Block(f"w.{t}", "token", t, places.row["wₜ"], places.step("state", t), "w", fed)
        for name, (label, stage) in states.items():
            if label in places.row:
                symbol = label[:-1]
                block = Block(f"{name}.{t}", "state", t, places.row[label], places.step(stage, t), symbol)
                yield replace(block, label=f"{symbol}{t + 1}", vector=block.name)
        p = written.probability(t)
        note = "" if p is None else percent(p)
        yield Block(f"y.{t}", "output", t, places.row["yₜ"], places.step("output", t), "y", word or end, note)


def _encoder_wires(written: Transduction) -> Iterator[Wire]:
    S = len(written.encoder)
    yield from (Wire(f"x.{j}", f"h.{j}", "x") for j in range(S))
    if written.encoder.num_directions == 1:
        yield from (Wire(f"h.{j}", f"h.{j + 1}", "h") for j in range(S - 1))
    last, first = written.encoder["h"][-1, -1], written.decoder.initial["h"][-1]
    if last.shape == first.shape and np.allclose(last, first, atol=1e-6):  # else something else is handed over
        yield Wire(f"h.{S - 1}", "s.0", "h", main=True)


def _decoder_wires(written: Transduction, *, combines: bool) -> Iterator[Wire]:
    U, asks = len(written), written.attention.asks
    for t in range(U):
        above = f"combined.{t}" if combines else f"y.{t}"
        yield Wire(f"w.{t}", f"s.{t}", "w")
        yield Wire(f"s.{t}", above, "s", "W_c" if asks else "W_y")
        if asks:
            yield Wire(f"s.{t}", f"context.{t}", "s")
            yield Wire(f"context.{t}", above, "h̄", "W_c")
            for j, share in enumerate(written["alpha"][t]):
                if share >= HAIR:
                    yield Wire(f"h.{j}", f"context.{t}", "h", amount=min(1.0, float(share)))
        if combines:
            yield Wire(above, f"y.{t}", "s̃", "W_y")
        if t + 1 < U:
            yield Wire(f"s.{t}", f"s.{t + 1}", "s")
            # What is written is fed in next, unless the right word is.
            if written.decoder.tokens[t + 1] == written.words[t]:
                yield Wire(f"y.{t}", f"w.{t + 1}", "y")


def _grid(written: Transduction, places: _Places, end: str) -> Iterator[Asking]:
    onward = written.encoder.num_directions == 1  # else every state has read all
    for t, word in enumerate(written.words):
        yield Asking(
            label=word or end,
            scores=tuple(map(float, written["e"][t])) if "e" in written.values else (),
            shares=tuple(map(float, written["alpha"][t])),
            scored=places.step("score", t),
            shared=places.step("softmax", t),
            told=places.step("output", t),
            held=t in written.held,
            read=int(np.argmax(written["alpha"][t])) + 1 if onward else 0,
        )
