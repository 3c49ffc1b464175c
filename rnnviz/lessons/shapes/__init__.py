"""Shapes: one network, taps to open and close, and a trained model for each shape that has a name."""

from rnnviz.lessons.shapes.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("shapes", 35, "shapes", PARAMETERS)
