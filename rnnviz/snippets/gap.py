"""A gap as lines of PyTorch that anyone can run: whose the halves of the output are, what `h_n` holds, the answer."""

from __future__ import annotations

_START = """\
import torch
from rnnviz.zoo.gaps.model import load_gap

model = load_gap({model!r}, {reader!r})  # rnn: nn.GRU{options}
tokens = model.vocabulary.tokenize({text!r})
gap = {place}  # the place of the missing word, from 0
x = model.embedding[[token.index for token in tokens]]  # (T, E)
H = model.rnn.hidden_size
nothing = torch.zeros(H)  # before a chain has read a word

"""
_BOTH = """\
output, h_n = model.rnn(x)  # (T, 2H), (2, H)
forward, reverse = output[:, :H], output[:, H:]  # both aligned to the tokens
assert torch.equal(h_n[0], forward[-1])  # after the last token
assert torch.equal(h_n[1], reverse[0])  # after the first token: output[-1, H:] has read only one

left = forward[gap - 1] if gap > 0 else nothing
right = reverse[gap + 1] if gap + 1 < len(x) else nothing
h = torch.cat([left, right])
"""
_FORWARD = """\
output, h_n = model.rnn(x)  # (T, H), (1, H)
h = output[gap - 1] if gap > 0 else nothing  # the words before the gap
"""
_BACKWARD = """\
output, h_n = model.rnn(x.flip(0))  # from the right
reverse = output.flip(0)  # aligned to the tokens again
h = reverse[gap + 1] if gap + 1 < len(x) else nothing  # the words after the gap
"""
_END = """
y = torch.softmax(model.head.weight @ h + model.head.bias, dim=0)
print(model.vocabulary.words[y.argmax()], y.max())"""
_READ = {"forward": _FORWARD, "backward": _BACKWARD, "both": _BOTH}


def gap_lines(model: str, reader: str, text: str, place: int) -> str:
    """Reads a text with a gap and prints the word that is expected there, and its probability.

    place: the gap's token, from 0.
    """
    options = "(bidirectional=True)" if reader == "both" else ""
    return _START.format(model=model, reader=reader, text=text, place=place, options=options) + _READ[reader] + _END
