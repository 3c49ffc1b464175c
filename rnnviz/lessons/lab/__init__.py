"""Gradient lab."""

from rnnviz.lessons.lab.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("lab", 50, "gradient-lab", PARAMETERS)
