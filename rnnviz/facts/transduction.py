"""What each step of an encoder and decoder computes, with its numbers: the lines beside the scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from rnnviz.core.cell import PLAIN, Notation, plain_symbol
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.trace import Array
from rnnviz.scene.scene import Caption
from rnnviz.scene.transduction import order
from rnnviz.words import catalogue
from rnnviz.words.numbers import fixed, percent

LISTED = 14  # source tokens whose score or share stands in a line of its own
ELEMENTS = 6  # of a vector
TOP = 5  # words that might be written next
LOOKED_AT = 3  # source tokens that are named where a step is told in short
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
# How the results are written in a line; `s̃` and `h̄` are the letter and a mark over it.
_SYMBOLS = {"h_j": "hⱼ", "e": "eₜⱼ", "alpha": "αₜⱼ", "context": "h̄ₜ", "combined": "s̃ₜ", "logits": "ℓₜ", "y": "yₜ"}
_LINES = Notation(PLAIN.templates, lambda name: _SYMBOLS.get(name) or plain_symbol(name))


def captions(written: Transduction, *, by_operation: bool, language: str) -> tuple[Caption, ...]:
    """One for each step of the scene that `rnnviz.scene.transduction` makes, in the words of a page's language."""
    texts = catalogue(language)

    def say(key: str, **values: object) -> str:
        return texts[f"align.{key}"].format(**values)

    end, begin = texts["align.end"], texts["align.begin"]
    declared = "y" in written.values  # else a model of one's own, whose operations are not known
    found = []
    for stage, at in order(written, by_operation=by_operation):
        if stage == "read":
            token = written.encoder.tokens[at]
            lines = list(_read(written, at)) if declared else []
            if declared and at == len(written.encoder) - 1:
                lines.append(say("handed_over", count=written.encoder.hidden_size))
            found.append(Caption(say("read", token=token), tuple(lines)))
            continue
        word, fed = written.words[at] or end, written.decoder.tokens[at] if at else begin
        lines = list(_LINES_OF[stage](written, at)) if declared else []
        if declared and stage == "output":
            lines += _likeliest(written, at, end)
        if stage == "output" and not by_operation:
            lines = [say("fed", word=fed), *_looked_at(written, at, say), *lines]
        found.append(Caption(say(stage, word=fed if stage == "state" else word), tuple(lines)))
    return tuple(found)


def formula(written: Transduction, name: str) -> str:
    """A result of the attention as one writes it: `eₜⱼ = v_e · tanh(W_q sₜ + W_k hⱼ + b_e)`."""
    attention = written.attention
    op = attention.op(name)
    return f"{_SYMBOLS[name]} = {attention.written(op, _LINES, attention.leads_on)}"


def _numbered(letter: str, place: int) -> str:
    """`h₂`; place: from 0."""
    return f"{letter}{str(place + 1).translate(_SUBSCRIPT)}"


def _vector(vector: Array) -> str:
    some = ", ".join(fixed(float(value)) for value in vector[:ELEMENTS])
    return f"[{some}{', …' if len(vector) > ELEMENTS else ''}]"


def _read(written: Transduction, j: int) -> Iterator[str]:
    before = _numbered("h", j - 1) if j else "0"
    yield f"{_numbered('h', j)} = {written.encoder.cell.title}({_numbered('x', j)}, {before})"
    yield _vector(written.encoder["h"][0, j])


def _state(written: Transduction, t: int) -> Iterator[str]:
    before = _numbered("s", t - 1) if t else _numbered("h", len(written.encoder) - 1)
    yield f"{_numbered('s', t)} = {written.decoder.cell.title}({_numbered('w', t)}, {before})"
    yield _vector(written.decoder["h"][0, t])


def _listed(written: Transduction, values: Array, texts: Sequence[str]) -> Iterator[str]:
    """A line a source token, in their order; of many those with the largest values."""
    tokens = written.encoder.tokens
    kept = sorted(np.argsort(-values, kind="stable")[:LISTED].tolist())
    for j in kept:
        yield f"{texts[j]}  {tokens[j]}"
    if len(tokens) > LISTED:
        yield "…"


def _score(written: Transduction, t: int) -> Iterator[str]:
    yield formula(written, "e")
    yield from _listed(written, written["e"][t], [fixed(float(score)) for score in written["e"][t]])


def _softmax(written: Transduction, t: int) -> Iterator[str]:
    yield f"{_SYMBOLS['alpha']} = exp(eₜⱼ) ÷ Σ exp(eₜⱼ)"
    yield from _listed(written, written["alpha"][t], [percent(float(share)) for share in written["alpha"][t]])


def _context(written: Transduction, t: int) -> Iterator[str]:
    shares = written["alpha"][t]
    largest = np.argsort(-shares, kind="stable")[:LOOKED_AT].tolist()
    terms = " + ".join(f"{fixed(float(shares[j]))} {_numbered('h', j)}" for j in largest)
    yield formula(written, "context")
    yield f"= {terms}{' + …' if len(shares) > LOOKED_AT else ''}"
    yield _vector(written["context"][t])


def _combination(written: Transduction, t: int) -> Iterator[str]:
    yield formula(written, "combined")
    yield _vector(written["combined"][t])


def _output(written: Transduction, t: int) -> Iterator[str]:
    yield formula(written, "y").replace(_SYMBOLS["logits"], formula(written, "logits").partition(" = ")[2])


def _likeliest(written: Transduction, t: int, end: str) -> Iterator[str]:
    rows = np.argsort(-written.y[t], kind="stable")[:TOP].tolist()
    for row in rows:
        yield f"{percent(float(written.y[t, row]))}  {written.vocabulary[row] or end}"


def _looked_at(written: Transduction, t: int, say: Callable[..., str]) -> Iterator[str]:
    if written.shares is None:
        return
    largest = np.argsort(-written.shares[t], kind="stable")[:LOOKED_AT].tolist()
    seen = [(percent(float(written.shares[t, j])), written.encoder.tokens[j]) for j in largest]
    yield say("looks", tokens=", ".join(f"{token} {share}" for share, token in seen))
    most = largest[0]
    if most and written.encoder.num_directions == 1:
        yield say("has_read", state=_numbered("h", most), token=written.encoder.tokens[most])


_LINES_OF = {
    "state": _state,
    "score": _score,
    "softmax": _softmax,
    "context": _context,
    "combination": _combination,
    "output": _output,
}
