"""Your own network: a file of weights, or a few sizes, read as the trained models are."""

from rnnviz.lessons.own.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("own", 60, "your-own", PARAMETERS)
