"""The lessons: each is a folder here and its file in `pages/`, and there is no list of them to be kept up.

A folder holds `__init__.py` with its `LESSON`, `parameters.py` with what its URL holds, `page.py`, `tries.py` with what
there is to try, its texts in each language, and what it needs besides. Importing this loads neither torch nor Altair.
"""

from importlib import import_module
from pkgutil import iter_modules

from rnnviz.ui.page.lessons import LESSONS, Lesson, register

__all__ = ["LESSONS", "Lesson"]


def _found() -> list[Lesson]:
    """What the folders hold, in the order in which it is read."""
    folders = [folder.name for folder in iter_modules(__path__) if folder.ispkg]
    lessons: list[Lesson] = [import_module(f"{__name__}.{folder}").LESSON for folder in folders]
    return sorted(lessons, key=lambda lesson: lesson.place)


for _lesson in _found():
    register(_lesson)
