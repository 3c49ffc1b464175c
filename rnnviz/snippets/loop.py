"""The loop that trains, as lines of PyTorch that anyone can run: the same batches, the same losses."""

from rnnviz.core.cells import CELLS
from rnnviz.training.config import OPTIMISERS, Config

_START = """\
import torch
from rnnviz.tasks.catalogue import task_of
from rnnviz.core.cells import CELLS
from rnnviz.training.config import Config
from rnnviz.training.model import build
from rnnviz.training.trainer import batch_generator

config = Config({config})
task = task_of(config.task, config.text)
model = build(config, task.input_size, task.output_size)  # {kind}, W_hy and b_y
weights = [weight for _, weight in model.named()]
optimiser = {optimiser}

for iteration in range(1, {iterations} + 1):
    batch = task.batch(batch_generator(config.seed, iteration), config.batch_size, config.length)
"""
_WHOLE = """\
    h, _ = model.rnn(batch.x)  # (T, B, H)
"""
_CHUNKS = """\
    T, n, state, parts = len(batch.x), config.truncation, None, []
    for x in batch.x.split([T % n] * (T % n > 0) + [n] * (T // n)):
        h, state = model.rnn(x, state)
        state = {detach}
        parts.append(h)
    h = torch.cat(parts)  # (T, B, H)
"""
_LOSS = """\
    outputs = model.read_out(h[-len(batch.y):])  # where the loss enters
    loss = task.criterion(outputs, batch.y)
    optimiser.zero_grad()
    loss.backward()
{clip}    optimiser.step()
    print(iteration, loss.item())"""
_CLIPS = {
    "none": "",
    "norm": "    torch.nn.utils.clip_grad_norm_(weights, {at})\n",
    "value": "    torch.nn.utils.clip_grad_value_(weights, {at})\n",
}


def loop_lines(config: Config, iterations: int = 100) -> str:
    """Trains what `config` says for some iterations and prints the losses."""
    cell, settings = CELLS[config.cell], {name: getattr(config, name) for name in config.to_text()}
    arguments = ", ".join(f"{name}={value!r}" for name, value in settings.items())
    optimiser, options = OPTIMISERS[config.optimiser]
    further = ", ".join(f"{name}={value}" for name, value in {"lr": config.learning_rate, **options}.items())
    start = _START.format(
        config=arguments,
        kind=f"nn.{cell.module[0]}: {cell.title}" if cell.module else f"a rnnviz.Recurrent: {cell.title}",
        optimiser=f"torch.optim.{optimiser}(weights, {further})",
        iterations=iterations,
    )
    detach = "tuple(s.detach() for s in state)" if len(cell.states) > 1 else "state.detach()"
    forward = _CHUNKS.format(detach=detach) if config.truncation else _WHOLE
    return start + forward + _LOSS.format(clip=_CLIPS[config.clipping].format(at=config.clip_at))
