"""A scene that no function of `rnnviz.scene` makes: an encoder and a decoder with attention (Bahdanau et al. 2015), its
numbers by NumPy.

The encoder reads the source, a step a token. Then a step a word of the target: the last state of the decoder asks,
every state of the encoder has a share in the context, and context, last word and last state give the next state and a
word.
"""

from __future__ import annotations

import numpy as np

from rnnviz.scene import Block, Row, Scene, Wire

SOURCE = ("we", "see", "the", "sea", ".")
TARGET = ("wir", "sehen", "das", "Meer")


def encoder_decoder(source: tuple[str, ...] = SOURCE, target: tuple[str, ...] = TARGET, hidden: int = 8) -> Scene:
    rng = np.random.default_rng(0)
    embedded = {word: rng.normal(size=hidden) for word in sorted({*source, *target, "<s>"})}
    weights = {name: rng.normal(size=(hidden, hidden)) / hidden**0.5 for name in ("xe", "he", "xd", "hd", "cd")}
    S = len(source)
    rows = (
        Row(("yₜ",), ("y",)),
        Row(("sₜ",), ("h",)),
        Row(("context",), ("g",)),
        Row(("hₜ",), ("h",)),
        Row(("xₜ",), ("x",)),
    )
    blocks, wires, vectors = [], [], {}
    states = []
    for t, word in enumerate(source):
        h = np.tanh(weights["xe"] @ embedded[word] + (weights["he"] @ states[-1] if states else 0))
        states.append(h)
        vectors[f"h{t}"] = h
        blocks.append(Block(f"x{t}", "token", t, 4, t, "x", word, str(t + 1)))
        blocks.append(Block(f"h{t}", "state", t, 3, t, "h", f"h{t + 1}", vector=f"h{t}"))
        wires.append(Wire(f"x{t}", f"h{t}", "x", "W_xh"))
        wires += [Wire(f"h{t - 1}", f"h{t}", "h", "W_hh")] if t else []
    memory, state, word = np.stack(states), states[-1], "<s>"
    for k, chosen in enumerate(target):
        column = step = S + k
        scores = np.exp(memory @ state)
        shares = scores / scores.sum()
        vectors[f"c{k}"] = shares @ memory
        state = np.tanh(weights["xd"] @ embedded[word] + weights["hd"] @ state + weights["cd"] @ vectors[f"c{k}"])
        vectors[f"s{k}"] = state
        blocks += [
            Block(f"w{k}", "token", column, 4, step, "x", word, str(k + 1)),
            Block(f"c{k}", "state", column, 2, step, "g", f"context {k + 1}", vector=f"c{k}"),
            Block(f"s{k}", "state", column, 1, step, "h", f"s{k + 1}", vector=f"s{k}"),
            Block(f"y{k}", "output", column, 0, step, "y", chosen),
        ]
        wires += [Wire(f"h{t}", f"c{k}", "g", amount=float(share)) for t, share in enumerate(shares)]
        wires += [
            Wire(f"w{k}", f"s{k}", "x", "W_xs"),
            Wire(f"c{k}", f"s{k}", "g", "W_cs"),
            Wire(f"s{k}", f"y{k}", "h", "W_sy"),
        ]
        wires += [Wire(f"s{k - 1}" if k else f"h{S - 1}", f"s{k}", "h", "W_ss")]
        wires += [Wire(f"y{k - 1}", f"w{k}", "y")] if k else []
        word = chosen
    return Scene(S + len(target), S + len(target), rows, tuple(blocks), tuple(wires), vectors)
