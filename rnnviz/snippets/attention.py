"""An encoder and decoder as lines of PyTorch that anyone can run: the same model, the same source, the same words."""

from __future__ import annotations

from rnnviz.core.cells import CELLS
from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.snippets import program
from rnnviz.snippets.program import TORCH
from rnnviz.zoo.seq2seq import cards

_START = """\
import torch
from rnnviz.zoo.seq2seq.model import load_seq2seq

model = load_seq2seq({name!r}, {attention!r})
network = model.network


def {cell}(weights, x_t, h):
    {weights} = weights.values()
{step}    return h


def read(text):
    h = torch.zeros({hidden})
    states = []
    for token in model.source.tokenize(text):
        h = {cell}(network.encoder, network.source[token.index], h)
        states.append(h)
    return torch.stack(states)  # (S, H)


h_j = read({text!r})
s = {bridge}  # all that is handed over
{attention_weights} = network.weights.values()
word = 0  # the begin, and the end
for t in range({limit}):
    s = {cell}(network.decoder, network.target[word], s)
{ask}    word = int(y.argmax())
    if word == 0:
        break
    print(network.words[word], {shown})"""
LIMIT = 32
# What the shares of one step are set to.
_SHARES = {
    "one": "torch.eye(len(h_j))[{source}]",
    "uniform": "torch.full((len(h_j),), 1 / len(h_j))",
    "shifted": "alpha.roll(1)",
}
_BRIDGES = {"zero": "torch.zeros_like(h_j[-1])", "other": "read({other!r})[-1]"}


def writing_lines(name: str, attention: str, text: str, *, bridge: str = "h_j[-1]", held: str = "") -> str:
    """Reads a source and prints each word that is written, with what it takes most from.

    bridge: the decoder's first state.     held: a line after that of the shares.
    """
    card, kind = cards(name).by_attention[attention], MECHANISMS[attention]
    cell = CELLS[card.cell]
    ask = ""
    for quantity in kind.quantities:
        ask += f"    {quantity} = {kind.written(kind.op(quantity), TORCH, kind.leads_on)}\n"
        ask += held if quantity == "alpha" else ""
    return _START.format(
        name=name,
        attention=attention,
        cell=card.cell,
        weights=", ".join(parameter.name for parameter in cell.parameters),
        step=program.step(cell),
        hidden=card.hidden_size,
        text=text,
        bridge=bridge,
        attention_weights=", ".join(kind.shapes),
        limit=LIMIT,
        ask=ask,
        shown="int(alpha.argmax()) + 1, alpha.max()" if kind.asks else "y.max()",
    )


def held_lines(
    name: str, attention: str, text: str, what: str, kind: str | None, *, step: int, source: int, other: str
) -> str:
    """The same with something taken hold of.

    what: `shares` or `bridge`.     kind: what that is set to, None for nothing.     step, source: from 0.
    other: the source whose last state is handed over instead.
    """
    if kind is None:
        return writing_lines(name, attention, text)
    if what == "bridge":
        return writing_lines(name, attention, text, bridge=_BRIDGES[kind].format(other=other))
    value = _SHARES[kind].format(source=source)
    return writing_lines(name, attention, text, held=f"    if t == {step}:\n        alpha = {value}\n")


_SELF = """\
import torch
from rnnviz.core.seq2seq.self_attention import SelfAttention, positions
from rnnviz.zoo.seq2seq.model import load_seq2seq

model = load_seq2seq({name!r}, "none")
x = model.network.source[[token.index for token in model.source.tokenize({text!r})]]  # (T, E)
layer = SelfAttention(x.shape[1], torch.Generator().manual_seed({seed}))
x = x + positions(*x.shape)

q, k, v = x @ layer.W_q.T, x @ layer.W_k.T, x @ layer.W_v.T
alpha = torch.softmax(q @ k.T / x.shape[1] ** 0.5, dim=1)  # (T, T), all at once
z = alpha @ v
print(alpha[-1])  # what the last token takes from each"""


def self_attention_lines(name: str, text: str, seed: int) -> str:
    """One layer of self-attention over a source, and the shares of its last token."""
    return _SELF.format(name=name, text=text, seed=seed)
