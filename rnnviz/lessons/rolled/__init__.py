"""Rolled and unrolled."""

from rnnviz.lessons.rolled.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("rolled", 20, "rolled-unrolled", PARAMETERS)
