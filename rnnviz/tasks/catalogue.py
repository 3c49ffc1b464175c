"""Every task by name. Without torch: the module of a task is imported when the task is asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.tasks.task import Task

# By the name that a link has: the module in this folder, and its `Task` there.
_FIXED = {
    "adding": ("adding", "ADDING"),
    "copy": ("copying", "COPY"),
    "order": ("order", "ORDER"),
    "reber": ("reber", "REBER"),
    "sine": ("sines", "SINE"),
    "sines": ("sines", "SINES"),
    "sunspots": ("sunspots", "SUNSPOTS"),
}
_READING = ("sentiment-en", "sentiment-ko", "gap-en", "gap-ko")
TASK_NAMES = (*_FIXED, "characters", *_READING)
"""The tasks that Train live offers."""
SERIES = "series"
"""The task of the lesson on forecasts, whose text says which series and how (`rnnviz.tasks.series.setup`)."""


def task_of(name: str, text: str = "") -> Task:
    """The task of this name; `text` is what "characters" reads, or the setup of "series". Raises `ValueError` for an
    unknown name and for a text that the task does not take."""
    if name in _FIXED:
        module, task = _FIXED[name]
        result: Task = getattr(import_module(f"rnnviz.tasks.{module}"), task)
        return result
    if name == "characters":
        from rnnviz.tasks.text import characters_task

        return characters_task(text)
    if name in _READING:
        return _read(name)
    if name == SERIES:
        from rnnviz.tasks.series.task import series_task

        return series_task(text)
    raise ValueError(f"no task {name!r}; accepted: {', '.join((*TASK_NAMES, SERIES))}")


@cache
def _read(name: str) -> Task:
    from rnnviz.tasks.reading import reading_task

    kind, language = name.split("-")
    return reading_task(kind, language)
