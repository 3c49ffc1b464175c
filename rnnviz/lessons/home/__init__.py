"""Home, the page that opens first."""

from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("home", 0, "", ())
