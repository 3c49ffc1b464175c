"""Forecast: a window of a series is read, and what comes is told, beside what came."""

from rnnviz.lessons.forecast.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("forecast", 39, "forecast", PARAMETERS)
