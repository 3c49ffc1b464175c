"""The model of one iteration of a run as lines of PyTorch that anyone can run: trained again, with the same numbers."""

from collections.abc import Iterable, Mapping

from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.forward import HeadKind
from rnnviz.snippets.step import held_loop, step_loop
from rnnviz.training.config import Changes, Config

_TRAIN = """\
import torch
{rnnviz}from rnnviz.training import Config, Trainer

trainer = Trainer(Config({config}), iterations={at}, watched=False)
for {iteration} in range({updates}):
{changes}    trainer.advance()
model = trainer.model  # with the weights before the update of iteration {at}
for _, weight in model.named():
    weight.requires_grad_(False)
x = trainer.unseen.x[:, {column}]  # (T, input_size), sequence {sample} of the sample that it never trains on
"""
_CHANGE = """\
    if done == {done}:
        trainer.change({settings})
"""
_BELOW = "x = torch.tensor(rnnviz.record(model.rnn, x).input({row}))  # (T, H), the states of layer {row}\n"
_OWN = "model.rnn.parameters()"
_LAYER = "list(model.rnn.parameters())[{first}:{last}]  # of layer {layer}"
# By what the shown layer is followed by: a choice among classes, numbers, or another layer.
_SAID: Mapping[HeadKind, str] = {
    "classes": "y = torch.softmax(model.W_hy @ h + model.b_y, dim=0)\n",
    "numbers": "y = model.W_hy @ h + model.b_y\n",
    "nothing": "",
}
_AFTER: Mapping[HeadKind, str] = {
    "classes": "print(h)\nprint(trainer.task.outputs[y.argmax()], y.max())",
    "numbers": "print(h)\nprint(y)",
    "nothing": "print(h)",
}
_EXPECTED: Mapping[HeadKind, str] = {
    "classes": "    print(t, trainer.task.outputs[y.argmax()])\n",
    "numbers": "    print(t, y)\n",
    "nothing": "    print(t, h)\n",
}


def run_lines(config: Config, at: int, sample: int, layer: int, t: int, head: HeadKind, changes: Changes = ()) -> str:
    """Trains the run up to iteration `at`, reads `t` steps by hand, and prints h_t and what is put out.

    sample, layer: from 1.     head: what the layer is followed by.
    changes: of the run's settings on the way to `at`.
    """
    loop = _of_layer(step_loop(config.cell, t), config, layer)
    return f"{_trained(config, at, sample, layer, changes)}{loop}\n{_SAID[head]}{_AFTER[head]}"


def run_hold_lines(
    config: Config,
    at: int,
    sample: int,
    layer: int,
    force: Forced | None,
    bias: float | None,
    head: HeadKind,
    changes: Changes = (),
) -> str:
    """The same over the whole sequence with a gate held and another bias; prints what is put out after each step, and
    the mean size of the memory at the end.
    """
    prints = "".join(f"    {line}\n" for line in _SAID[head].splitlines()) + _EXPECTED[head]
    loop = held_loop(config.cell, force, bias, prints)
    return _trained(config, at, sample, layer, changes) + _of_layer(loop, config, layer)


def _trained(config: Config, at: int, sample: int, layer: int, changes: Changes) -> str:
    code = _TRAIN.format(
        rnnviz="import rnnviz\n" if layer > 1 else "",
        config=_arguments((name, getattr(config, name)) for name in config.to_text()),
        at=at,
        iteration="done" if changes else "_",
        updates=at - 1,
        changes="".join(_CHANGE.format(done=first - 1, settings=_arguments(settings)) for first, settings in changes),
        column=sample - 1,
        sample=sample,
    )
    return code + (_BELOW.format(row=layer - 1) if layer > 1 else "")


def _arguments(settings: Iterable[tuple[str, object]]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in settings)


def _of_layer(loop: str, config: Config, layer: int) -> str:
    """The loop with the weights of one layer of several."""
    if config.num_layers == 1:
        return loop
    each = len({parameter.torch_name for parameter in CELLS[config.cell].parameters})
    return loop.replace(_OWN, _LAYER.format(first=each * (layer - 1), last=each * layer, layer=layer))
