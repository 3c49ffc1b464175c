"""Every task by name."""

from functools import cache

from rnnviz.tasks.adding import ADDING
from rnnviz.tasks.copying import COPY
from rnnviz.tasks.order import ORDER
from rnnviz.tasks.reading import reading_task
from rnnviz.tasks.reber import REBER
from rnnviz.tasks.sines import SINE, SINES
from rnnviz.tasks.sunspots import SUNSPOTS
from rnnviz.tasks.task import Task
from rnnviz.tasks.text import characters_task

_FIXED = {task.name: task for task in (ADDING, COPY, ORDER, REBER, SINE, SINES, SUNSPOTS)}
_READING = ("sentiment-en", "sentiment-ko", "gap-en", "gap-ko")
TASK_NAMES = (*_FIXED, "characters", *_READING)


def task_of(name: str, text: str = "") -> Task:
    """The task of this name; `text` is what "characters" reads. Raises `ValueError` for an unknown name."""
    if name in _FIXED:
        return _FIXED[name]
    if name == "characters":
        return characters_task(text)
    if name in _READING:
        return _read(name)
    raise ValueError(f"no task {name!r}; accepted: {', '.join(TASK_NAMES)}")


@cache
def _read(name: str) -> Task:
    kind, language = name.split("-")
    return reading_task(kind, language)
