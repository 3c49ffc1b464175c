"""More than one chain: a batch of sentences, both directions, several layers."""

from rnnviz.lessons.chains.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("chains", 37, "more-than-one-chain", PARAMETERS)
