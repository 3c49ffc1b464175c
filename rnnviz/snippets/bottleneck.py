"""How often an encoder and decoder without attention is right, as lines of PyTorch that anyone can run."""

from __future__ import annotations

from rnnviz.zoo.data import UNSEEN_SEED
from rnnviz.zoo.seq2seq import cards

_LINES = """\
import torch
from rnnviz.tasks import pairs
from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.seq2seq import cards
from safetensors.torch import load_file

name, length = {name!r}, {length}
weights = {{key: value.float() for key, value in load_file(WEIGHTS / f"seq2seq-{{name}}-none.safetensors").items()}}
source, target = cards(name).source, cards(name).target


def gru(part):
    module = torch.nn.GRU({inputs}, {hidden})
    own = {{key.removeprefix(part): value for key, value in weights.items() if key.startswith(part)}}
    module.load_state_dict(own)
    return module.requires_grad_(False)


encoder, decoder = gru("encoder."), gru("decoder.")
asked = pairs.pairs(name, {count}, seed={seed}, unseen=True, length=length)  # sources that training did not have
rows = torch.tensor([[source.row(token) for token in one.source] for one in asked]).T  # (S, {count})
states, h = encoder(weights["source"][rows])  # (S, {count}, {hidden}) and (1, {count}, {hidden})
assert torch.equal(states[-1], h[0])  # only this is handed over: the other states are never read again

word = torch.zeros({count}, dtype=torch.long)  # the begin, and the end
written = []
for t in range({limit}):
    s, h = decoder(weights["target"][word][None], h)
    word = (s[0] @ weights["attention.W_y"].T + weights["attention.b_y"]).argmax(1)
    written.append(word)

right = 0
for one, text in zip(asked, torch.stack(written, 1).tolist()):
    rows = [target.row(token) for token in one.target] + [0]
    right += text[: len(rows)] == rows
print(right / len(asked))"""
LIMIT = 40  # the most tokens that are written


def bottleneck_lines(name: str, length: int) -> str:
    """Reads the unseen sources that the card was measured with, and prints the share of targets that are right.

    length: one of the card's.
    """
    card = cards(name).by_attention["none"]
    count = next(one.count for one in card.lengths if one.length == length)
    return _LINES.format(
        name=name,
        length=length,
        inputs=card.embedding_size,
        hidden=card.hidden_size,
        count=count,
        seed=UNSEEN_SEED + length,
        limit=LIMIT,
    )
