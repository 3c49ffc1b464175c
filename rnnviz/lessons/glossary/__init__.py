"""Glossary: what the terms of the pages mean."""

from rnnviz.ui.lessons import Lesson

LESSON = Lesson("glossary", 100, "glossary", ())
