"""The gradient from a written word back to the words that were read, as lines of PyTorch that anyone can run."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.core.cells import CELLS
from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.snippets import program
from rnnviz.snippets.program import TORCH
from rnnviz.zoo.seq2seq import cards

_LINES = """\
import torch
from rnnviz.zoo.seq2seq.model import load_seq2seq

model = load_seq2seq({name!r}, {attention!r})
network = model.network


def {cell}(weights, x_t, h):
    {weights} = weights.values()
{step}    return h


tokens = model.source.tokenize({text!r})
h = torch.zeros({hidden})
states = []
for token in tokens:
    h = {cell}(network.encoder, network.source[token.index], h)
    states.append(h.requires_grad_())

h_j = torch.stack(states)  # (S, H), what attention reads
s = states[-1]  # the bridge
for word in {fed}:  # the begin, and the words that are fed before
    s = {cell}(network.decoder, network.target[word], s)
{attention_weights} = network.weights.values()
{ask}word = {word}  # {called}
rival = int(logits.index_fill(0, torch.tensor(word), -torch.inf).argmax())
L = logits[word] - logits[rival]  # log(y[word] / y[rival])

total = torch.autograd.grad(L, states, retain_graph=True)  # along every way
"""
_ALPHA = """\
(alpha_only,) = torch.autograd.grad(L, h_j)  # as scored and mixed at this step, and no farther
for token, all_ways, one in zip(tokens, total, alpha_only):
    print(float(all_ways.norm()), float(one.norm()), token.text)"""
_CHAINS = """\
for token, all_ways in zip(tokens, total):
    print(float(all_ways.norm()), token.text)"""


def ways_lines(name: str, attention: str, text: str, fed: Sequence[int], word: int) -> str:
    """Prints the norm of dL/dh_j for each token of a source; with attention, beside it that of the part through α.

    fed: rows, the begin first.     word: its row.
    """
    found, kind = cards(name), MECHANISMS[attention]
    card = found.by_attention[attention]
    cell = CELLS[card.cell]
    return _LINES.format(
        name=name,
        attention=attention,
        cell=card.cell,
        weights=", ".join(parameter.name for parameter in cell.parameters),
        step=program.step(cell),
        text=text,
        hidden=card.hidden_size,
        fed=list(fed),
        attention_weights=", ".join(kind.shapes),
        ask="".join(
            f"{quantity} = {kind.written(kind.op(quantity), TORCH, kind.leads_on)}\n"
            for quantity in kind.quantities
            if quantity != "y"
        ),
        word=word,
        called=found.target.words[word] if word else "the end",
    ) + (_ALPHA if kind.asks else _CHAINS)
