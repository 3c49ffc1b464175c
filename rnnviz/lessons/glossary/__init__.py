"""Glossary: what the terms of the pages mean."""

from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("glossary", 100, "glossary", ())
