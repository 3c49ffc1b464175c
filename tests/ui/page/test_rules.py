"""The style rules of the pages cost nothing while a stage is stepped through."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rnnviz

FILES = sorted(file for file in Path(rnnviz.__file__).parent.rglob("*.py") if ":has(" in file.read_text("utf-8"))
# `:has()` of whatever element: nothing that names an element stands before it.
OF_ANY = re.compile(r"(?<![(\w\]\)}'\"-])(:not\()?:has\(")


@pytest.mark.parametrize("rule", [" :has(> .a)", ".b > :has(.a)", ".b > :not(:has(.a))", ".c, :has(.a) {}"])
def test_a_rule_of_any_element_is_found(rule: str) -> None:
    assert OF_ANY.search(rule)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_has_something_in_it_is_a_named_element(file: Path) -> None:
    """Otherwise each mark of a chart is one that might have it, and as one of them changes, the browser computes the
    style of all of them again: 870 elements at a step through 40 tokens, where 180 change.
    """
    text = file.read_text("utf-8")
    assert [text[found.start() - 40 : found.end() + 40] for found in OF_ANY.finditer(text)] == []
