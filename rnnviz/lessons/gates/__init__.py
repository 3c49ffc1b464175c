"""Watch the gates."""

from rnnviz.lessons.gates.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("gates", 30, "watch-the-gates", PARAMETERS)
