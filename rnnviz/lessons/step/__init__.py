"""Step through."""

from rnnviz.lessons.step.parameters import PARAMETERS
from rnnviz.ui.lessons import Lesson

LESSON = Lesson("step", 10, "step-through", PARAMETERS)
