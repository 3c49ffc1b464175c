"""Step through."""

from rnnviz.lessons.step.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("step", 10, "step-through", PARAMETERS)
