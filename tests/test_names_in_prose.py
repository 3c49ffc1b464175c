"""What docstrings and comments put in backticks is there: a name that is gone sends who reads it astray."""

from __future__ import annotations

import ast
import builtins
import io
import json
import pkgutil
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rnnviz.core.cells import LAB_CELLS
from tests.test_structure import APP, PACKAGE, ROOT, name_of

TICKED = re.compile(r"`([^`\n]+)`")
NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(\(\))?", re.ASCII)
# Names that are put together, and so stand nowhere as they are written: weights, and what leaves a drawing of a cell.
MADE = {parameter.name for cell in LAB_CELLS.values() for parameter in cell.parameters}
MADE |= {f"{parameter.torch_name}_l0" for cell in LAB_CELLS.values() for parameter in cell.parameters}
MADE |= {op.name for cell in LAB_CELLS.values() for op in cell.ops}
MADE |= {f"{state}_next" for cell in LAB_CELLS.values() for state in cell.states}
TYPING = ("Protocol", "NamedTuple", "TypedDict")
KNOWN = {*MADE, *dir(builtins), *dir(json), *dir(np)}
SOURCES = {file: file.read_text("utf-8") for file in (*APP, *(ROOT / "benchmarks").glob("*.py"))}


def docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every string that stands alone: of modules, classes and functions, and under a constant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value


def written() -> set[str]:
    """Every word of the code: its names, its files and its strings (columns and signals are strings)."""
    found = {part for file in SOURCES for part in file.relative_to(ROOT).with_suffix("").parts}
    for text in SOURCES.values():
        tree = ast.parse(text)
        told = {id(constant) for constant in docstrings(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                found.update(re.findall(r"\w+", node.value))
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME:
                found.add(token.string)
    return found


def members() -> dict[str, set[str]]:
    """By class of the package, what it has: fields, methods, attributes that are set, and its bases' members.

    A class whose base is of another library is left out: what it has is not in these files.
    """
    nodes: dict[str, list[ast.ClassDef]] = {}
    for text in SOURCES.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                nodes.setdefault(node.name, []).append(node)

    def of(name: str) -> set[str] | None:
        found: set[str] = set()
        for node in nodes.get(name, ()):
            for base in node.bases:
                above = set() if ast.unparse(base) in TYPING else of(ast.unparse(base))
                if above is None:
                    return None
                found |= above
            for part in ast.walk(node):
                if isinstance(part, ast.FunctionDef):
                    found.add(part.name)
                elif isinstance(part, ast.AnnAssign | ast.Assign):
                    targets = [part.target] if isinstance(part, ast.AnnAssign) else part.targets
                    found |= {ast.unparse(target).removeprefix("self.") for target in targets}
        return found if name in nodes else None

    return {name: has for name in nodes if (has := of(name)) is not None}


WRITTEN, MEMBERS = written() | KNOWN, members()


def resolves(path: str) -> bool:
    """Whether `rnnviz.core.gates` is a module, or the last part a name of one."""
    try:
        pkgutil.resolve_name(path)
    except (ImportError, AttributeError):
        return False
    return True


def missing(text: str) -> Iterator[str]:
    """The names in backticks of a docstring or a comment that are not there."""
    for ticked in TICKED.findall(text):
        if not NAME.fullmatch(ticked):
            continue
        parts = ticked.removesuffix("()").split(".")
        held = MEMBERS.get(parts[0]) if len(parts) == 2 else None
        gone = not set(parts) <= WRITTEN or (held is not None and parts[1] not in held)
        if gone or (parts[0] == "rnnviz" and not resolves(".".join(parts))):
            yield ticked


@pytest.mark.parametrize("file", PACKAGE, ids=name_of)
def test_every_name_in_backticks_is_there(file: Path) -> None:
    text = file.read_text("utf-8")
    told = [constant.value for constant in docstrings(ast.parse(text))]
    told += [t.string for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.COMMENT]
    assert not [name for said in told for name in missing(said)]


@pytest.mark.parametrize("gone", ["training_tables", "Trace.loaded", "rnnviz.gradients.nothing", "nothing_at_all()"])
def test_a_name_that_is_gone_is_found(gone: str) -> None:
    assert list(missing(f"as `{gone}` says")) == [gone]


@pytest.mark.parametrize(
    "there", ["Trace.load", "rnnviz.core.gradients", "W_hf", "n < 3", "UnicodeError", "Cell.gates"]
)
def test_a_name_that_is_there_is_not(there: str) -> None:
    assert not list(missing(f"as `{there}` says"))
