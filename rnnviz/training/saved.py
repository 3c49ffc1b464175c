"""Reads the file of a run that `History.save` wrote. What may be in it follows from its config, down to each shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnnviz.core import archive, network
from rnnviz.core.archive import Header, entry
from rnnviz.core.cells import CELLS
from rnnviz.tasks.catalogue import task_of
from rnnviz.training.config import CHANGEABLE, Config
from rnnviz.training.history import ROWS, SNAPSHOTS
from rnnviz.training.model import TaskModel
from rnnviz.training.trainer import MOST_ITERATIONS, block_sizes

Arrays = dict[str, NDArray[Any]]
# The arrays that count iterations, and how many of them may be kept.
_COUNTED = {"": sum(SNAPSHOTS), "unseen.": sum(SNAPSHOTS), "row.": sum(ROWS), "weights.": sum(ROWS)}


def load(file: archive.File) -> tuple[Config, Arrays]:
    """The config and the arrays of a history that was saved, by the names of `History.arrays`; no pickle is run.

    file: a path, or a stream to be read from where it stands.
    Raises `ValueError` for a file that is no saved history, for one whose parts do not fit together, and beyond the
    bounds of `rnnviz.core.archive`; as it is the `OSError` of a file that cannot be read.
    """
    with archive.opened(file, "history that `History.save` wrote") as content:
        config = Config.from_text(_settings("config", entry(content.about, "config", dict)))
        _check_headers(config, content.about, content.headers)
        arrays: Arrays = {name: content[name] for name in content.headers}
        _check_iterations(arrays)
        _check_run(config, _later_configs(config, content.about), entry(content.about, "stopped", str), arrays)
        return config, arrays


def _settings(name: str, texts: object) -> dict[str, str]:
    if not isinstance(texts, dict) or not all(isinstance(value, str) for value in texts.values()):
        raise ValueError(f"{name} is {texts!r:.60}; accepted: settings, each with a text")
    return texts


def _check_headers(config: Config, about: Mapping[str, Any], headers: Mapping[str, Header]) -> None:
    """Raises `ValueError` unless there are the arrays that a run of this config leaves, in their shapes."""
    task = task_of(config.task, config.text)
    if not task.shortest <= config.length <= task.longest:
        raise ValueError(f"length is {config.length}; accepted for {task.title}: {task.shortest} to {task.longest}")
    n, evaluations, rows, weight_sets = (archive.axes(headers, f"{of}iteration", 1)[0] for of in _COUNTED)
    for (of, most), count in zip(_COUNTED.items(), (n, evaluations, rows, weight_sets), strict=True):
        if count > most:
            raise ValueError(f"{of}iteration has {count} numbers; accepted: at most {most}")
    rnn = network.build(config.cell, task.input_size, config.hidden_size, config.num_layers)
    model = TaskModel(rnn, torch.empty(task.output_size, config.hidden_size), torch.empty(task.output_size))
    blocks, steps = list(block_sizes(model)), task.steps(config.length)
    if entry(about, "blocks", list) != blocks:
        raise ValueError(f"blocks are {about['blocks']!r:.60}; accepted: {', '.join(blocks)}")
    questions = steps - task.loss_from(config.length)
    whole, number, truth = (np.dtype(kind) for kind in (np.int64, np.float64, np.bool_))
    layout = {
        "iteration": Header(whole, (n,)),
        **{name: Header(number, (n,)) for name in ("loss", "score", "learning_rate", "norm", "cut")},
        "clipped": Header(truth, (n,)),
        "unseen.iteration": Header(whole, (evaluations,)),
        **{f"unseen.{name}": Header(number, (evaluations,)) for name in ("loss", "score")},
        "unseen.outputs": Header(number, (evaluations, questions, task.output_size)),
        "row.iteration": Header(whole, (rows,)),
        **{f"row.{name}": Header(number, (rows, len(blocks))) for name in ("before", "after")},
        "weights.iteration": Header(whole, (weight_sets,)),
    }
    # What was never measured has no shape but its length: NumPy makes an empty list an array of floats.
    layout = {name: header if header.shape[0] else Header(number, (0,)) for name, header in layout.items()}
    if rows:
        for state in CELLS[config.cell].states:
            layout[f"row.{state}"] = Header(number, (rows, config.num_layers, steps))
            # Files of before it was measured lack it.
            if questions > 1 and any(name.startswith("row.last_") for name in headers):
                layout[f"row.last_{state}"] = layout[f"row.{state}"]
    if weight_sets:
        for name, weight in model.named():
            layout[f"weights.{name}"] = Header(np.dtype(np.float32), (weight_sets, *weight.shape))
    archive.require(headers, layout)


def _check_iterations(arrays: Arrays) -> None:
    """Raises `ValueError` unless all that is kept belongs to iterations of one run, oldest first."""
    iteration = arrays["iteration"]
    if len(iteration) and not 1 <= iteration[0] <= iteration[-1] <= MOST_ITERATIONS:
        raise ValueError(f"iteration goes from {iteration[0]} to {iteration[-1]}; accepted: 1 to {MOST_ITERATIONS}")
    last = iteration[-1] if len(iteration) else 0
    for of in _COUNTED:
        iterations = arrays[f"{of}iteration"]
        valid = (
            [*iteration, last + 1] if of == "weights." else iteration
        )  # weights are kept before their iteration is done
        if not (iterations[1:] > iterations[:-1]).all() or not np.isin(iterations, valid).all():
            raise ValueError(f"{of}iteration is {iterations!r:.60}; accepted: iterations that are kept, oldest first")


def _later_configs(config: Config, about: Mapping[str, Any]) -> dict[int, Config]:
    """What replaced the config, by the first iteration that it holds for."""
    rest = {name: value for name, value in about["config"].items() if name not in CHANGEABLE}
    names = [part.name for part in fields(Config) if part.name not in CHANGEABLE]
    configs = {}
    for first, texts in entry(about, "changes", dict).items():
        if not re.fullmatch("[1-9][0-9]{0,6}", first):
            raise ValueError(f"changes has {first!r:.20}; accepted: iterations from 1")
        later = Config.from_text(rest | _settings(f"the change at {first}", texts))
        if any(getattr(later, name) != getattr(config, name) for name in names):
            raise ValueError(f"the change at {first} is {texts!r:.60}; accepted: of {', '.join(CHANGEABLE)}")
        configs[int(first)] = later
    return configs


def _check_run(config: Config, changes: Mapping[int, Config], stopped: str, arrays: Arrays) -> None:
    """Raises `ValueError` where what was measured cannot be of this config, its changes and its end."""
    iteration = arrays["iteration"]
    rate = np.full(len(iteration), config.learning_rate, float)
    clips = np.full(len(iteration), config.clipping != "none")
    for first, later in sorted(changes.items()):
        rate[iteration >= first], clips[iteration >= first] = later.learning_rate, later.clipping != "none"
    if not np.allclose(arrays["learning_rate"], rate, rtol=1e-6, atol=0):  # a float32 is not its text
        raise ValueError("learning_rate is not what the config and its changes say; accepted: the same")
    if (arrays["clipped"] > clips).any():
        raise ValueError("clipped is true where the config clips nothing; accepted: false there")
    finite = np.isfinite(arrays["loss"]) & np.isfinite(arrays["norm"])
    if not finite[:-1].all() or bool(stopped) == finite[-1:].all():
        raise ValueError(
            f"stopped is {stopped!r:.60} and {(~finite).sum()} of {len(iteration)} losses or norms are not finite; "
            "accepted: a run that stops at the first"
        )
