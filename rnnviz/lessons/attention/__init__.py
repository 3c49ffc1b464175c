"""Reading, then writing: an encoder, a decoder, and what attention does between them."""

from rnnviz.lessons.attention.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("attention", 38, "reading-then-writing", PARAMETERS)
