"""The step on the stage as lines of PyTorch that anyone can run: the same model, the same text, the same numbers."""

_BEFORE = """\
import torch
from rnnviz import zoo

model = zoo.load({model!r}, {cell!r})
x = model.read({text!r}).x  # (T, E)
"""

# One step of each cell as its paper writes it. Both of PyTorch's biases are there.
_STEPS = {
    "rnn": """\
W_x, W_h, b_x, b_h = model.rnn.parameters()
h = torch.zeros(model.rnn.hidden_size)

for x_t in x[:{t}]:
    h = torch.tanh(W_x @ x_t + b_x + W_h @ h + b_h)
""",
    "lstm": """\
W_x, W_h, b_x, b_h = model.rnn.parameters()
h = c = torch.zeros(model.rnn.hidden_size)

for x_t in x[:{t}]:
    i, f, g, o = (W_x @ x_t + b_x + W_h @ h + b_h).chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h = torch.sigmoid(o) * torch.tanh(c)
""",
    "gru": """\
W_x, W_h, b_x, b_h = model.rnn.parameters()
h = torch.zeros(model.rnn.hidden_size)

for x_t in x[:{t}]:
    r_x, z_x, n_x = (W_x @ x_t + b_x).chunk(3)
    r_h, z_h, n_h = (W_h @ h + b_h).chunk(3)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    n = torch.tanh(n_x + r * n_h)
    h = (1 - z) * n + z * h
""",
}

_AFTER = """\

y = torch.softmax(model.head.weight @ h + model.head.bias, dim=0)
print(h)
print(model.vocabulary.words[y.argmax()], y.max())"""


def lines(model: str, cell: str, text: str, t: int) -> str:
    """Runs the zoo's model over the first `t` tokens by hand, prints h_t and the most probable next token."""
    return _BEFORE.format(model=model, cell=cell, text=text) + _STEPS[cell].format(t=t) + _AFTER
