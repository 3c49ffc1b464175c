"""A stack of layers as lines of PyTorch that anyone can run: the whole module, and the same one layer at a time."""

from __future__ import annotations

_START = """\
import torch
from rnnviz.zoo.stacks.model import load_stack

model = load_stack({model!r}, {layers})
rnn = model.rnn  # nn.GRU({inputs}, {hidden}, num_layers={layers})
tokens = model.vocabulary.tokenize({text!r})
x = model.embedding[[token.index for token in tokens]]  # (T, {inputs})

output, h_n = rnn(x)  # (T, {hidden}): of the last layer only. ({layers}, {hidden}): the last state of each layer
assert torch.equal(output[-1], h_n[-1])

h = x  # the same one layer at a time: each has weights of its own and reads what the one below gives
for layer in range({layers}):
    own = {{name[:-1] + "0": weight for name, weight in rnn.named_parameters() if name.endswith(f"_l{{layer}}")}}
    one = torch.nn.GRU(h.shape[1], {hidden})
    one.load_state_dict(own)
    h = one(h)[0].detach()
"""
_WHOLE = """\
    torch.testing.assert_close(h[-1], h_n[layer])
torch.testing.assert_close(h, output)
"""
_SILENT = """\
    if layer == {silent}:  # layer {number} is silent
        h = torch.zeros_like(h)
"""
_END = """
y = torch.softmax(h[-1] @ model.head.weight.T + model.head.bias, dim=0)
print(model.vocabulary.words[y.argmax()], y.max())"""


def stack_lines(model: str, layers: int, text: str, *, inputs: int, hidden_size: int, silent: int = 0) -> str:
    """Reads a text and prints the word that is expected after it, and its probability.

    inputs, hidden_size: numbers that the first layer reads a step, and units in each.
    silent: a layer, from 1; 0 for none.
    """
    start = _START.format(model=model, layers=layers, text=text, inputs=inputs, hidden=hidden_size)
    return start + (_SILENT.format(silent=silent - 1, number=silent) if silent else _WHOLE) + _END
