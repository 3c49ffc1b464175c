"""Home, the page that opens first."""

from rnnviz.ui.lessons import Lesson

LESSON = Lesson("home", 0, "", ())
