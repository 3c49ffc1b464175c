"""The shapes as lines of PyTorch that anyone can run: the same models, the same numbers."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.core.taps import Taps
from rnnviz.zoo.shapes.drawing import Strokes

_TAPS = """\
from copy import deepcopy

import torch
from torch.nn.functional import cross_entropy
from rnnviz import zoo

model = zoo.load({model!r}, {cell!r})
reading = model.read({text!r}, limit={limit})
reads = torch.tensor({reads}).double()  # the input taps
asks = torch.tensor({asks}).double()  # the question taps

rnn, W, b = deepcopy(model.rnn).double(), model.head.weight.double(), model.head.bias.double()
x = reading.x.double() * reads[:, None]  # a closed tap reads zeros
h = torch.zeros(1, rnn.hidden_size).double().requires_grad_()
{more}states = []
for x_t in x:  # one step at a time, so that each h_t is a tensor of its own
    _, {state} = rnn(x_t[None], {state})
    h.retain_grad()
    states.append(h)
logits = torch.cat(states) @ W.T + b
right = [int(row.argmax()) if k is None else k for row, k in zip(logits, reading.targets)]
losses = cross_entropy(logits, torch.tensor(right), reduction="none") * asks
losses.sum().backward()
print([0.0 if h.grad is None else h.grad.norm().item() for h in states])"""

_VERDICT = """\
import torch
from rnnviz.zoo.shapes.model import load

model = load({name!r})
tokens = model.shipped.vocabulary.tokenize({text!r})
x = model.embedding[[token.index for token in tokens]]  # (T, E)
output, _ = model.rnn(x)  # (T, H): asked after each step
y = torch.softmax(output @ model.head.weight.T + model.head.bias, dim=1)
for token, p in zip(tokens, y[:, 1]):
    print(f"{{token.text:12}} {{p:.3f}}")  # how probable "positive" is so far"""

_TAGS = """\
import torch
from rnnviz.zoo.shapes.model import load

model = load({name!r})
tokens = model.shipped.vocabulary.tokenize({text!r})
x = model.embedding[[token.index for token in tokens]]  # (T, E)
output, _ = model.rnn(x)  # (T, H): asked after each step
y = torch.softmax(output @ model.head.weight.T + model.head.bias, dim=1)  # (T, K)
for token, row in zip(tokens, y):
    print(f"{{token.text:12}} {{model.shipped.outputs[int(row.argmax())]:6}} {{row.max():.3f}}")"""

_SPEAKER = """\
import torch
from rnnviz.zoo.shapes.model import load

model = load("vowels")
speaker, frames = model.shipped.samples["utterances"][{number}]
mean, deviation = map(torch.tensor, model.shipped.scale)
output, _ = model.rnn((torch.tensor(frames) - mean) / deviation)  # (T, H)
y = torch.softmax(output @ model.head.weight.T + model.head.bias, dim=1)
print(speaker + 1, (y.argmax(dim=1) + 1).tolist())"""

_ONE = """\
import torch
from rnnviz.zoo.shapes.model import load

model = load("pressure")
mean, deviation = map(torch.tensor, model.shipped.scale)
x = (torch.tensor({rows}) - mean) / deviation  # (T, 3): age, sex, body-mass index
W, b = model.rnn.weight_ih_l0, model.rnn.bias_ih_l0
h = torch.tanh(x @ W.T + b)  # no h of the step before is in it
print(torch.softmax(h @ model.head.weight.T + model.head.bias, dim=1))"""

_SPELL = """\
import torch
from rnnviz.zoo.shapes.model import load

model = load({name!r})
word, shades = model.shipped.samples["drawings"][{number}]
drawing = torch.tensor([int(shade) / 9 for shade in shades])  # 28 * 28
print(word, "".join(model.shipped.outputs[k] for k in model.spell(drawing)))"""

_OWN = """\
import torch
from rnnviz.zoo.shapes.drawing import pixels
from rnnviz.zoo.shapes.model import load

model = load({name!r})
strokes = (  # of each the points (x, y), from 0 to 255
{strokes})
drawing = torch.tensor(pixels(strokes))  # 28 * 28
print("".join(model.shipped.outputs[k] for k in model.spell(drawing)))"""


def tap_lines(model: str, cell: str, text: str, taps: Taps, limit: int) -> str:
    """Reads a text through taps and prints the size of the gradient of the asked losses at each state."""
    state, more = ("(h, c)", "c = torch.zeros_like(h)\n") if cell == "lstm" else ("h", "")
    values = {"reads": [int(open_) for open_ in taps.inputs], "asks": [int(open_) for open_ in taps.asks]}
    return _TAPS.format(model=model, cell=cell, text=text, limit=limit, state=state, more=more, **values)


def verdict_lines(name: str, text: str) -> str:
    """Prints the verdict after each token."""
    return _VERDICT.format(name=name, text=text)


def tag_lines(name: str, text: str) -> str:
    """Prints each token with its tag and how probable that is."""
    return _TAGS.format(name=name, text=text)


def speaker_lines(number: int) -> str:
    """Prints the speaker that is told after each frame of one of the utterances that ship, from 0."""
    return _SPEAKER.format(number=number)


def patient_lines(rows: Sequence[tuple[float, float, float]]) -> str:
    """Prints the answer for each of some patients."""
    return _ONE.format(rows=[list(row) for row in rows])


def spelling_lines(name: str, number: int) -> str:
    """Prints what is spelled from one of the drawings that ship, from 0."""
    return _SPELL.format(name=name, number=number)


def own_lines(name: str, strokes: Strokes) -> str:
    """Prints what is spelled from a drawing made on the page."""
    return _OWN.format(name=name, strokes="".join(f"    {stroke},\n" for stroke in strokes))
