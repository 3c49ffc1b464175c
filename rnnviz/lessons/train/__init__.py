"""Train live."""

from rnnviz.lessons.train.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("train", 40, "train-live", PARAMETERS)
