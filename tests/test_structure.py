"""The shape of the project: which room may import what, no global random state, thin pages, safe page addresses."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from streamlit.testing.v1 import AppTest

from rnnviz.charts import palette
from tests.browser.harness import ADDRESSES

ROOT = Path(__file__).resolve().parents[1]
CORE = (
    "__init__",
    "archive",
    "cells",
    "trace",
    "network",
    "record",
    "gates",
    "sharing",
    "gradients",
    "tasks",
    "training",
    "zoo",
)
PAGE_LINES = 160

PACKAGE = sorted((ROOT / "rnnviz").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
APP = [*PACKAGE, *PAGES, ROOT / "app.py"]


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def room_of(file: Path) -> str:
    """`rnnviz/charts/stage.py` -> "charts", `rnnviz/cells.py` -> "cells", `rnnviz/__init__.py` -> "__init__"."""
    return file.relative_to(ROOT / "rnnviz").parts[0].removesuffix(".py")


def forbidden(room: str) -> set[str]:
    """The modules that a room of the package may not import, anywhere in its files."""
    if room in CORE:
        return {"altair", "streamlit", "rnnviz.charts", "rnnviz.ui"}
    if room == "charts":
        return {"torch", "streamlit", "rnnviz.ui"}
    if room == "ui":
        return set()
    return {"streamlit", "rnnviz.ui"}


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def imports(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Line and absolute name of every import under `tree`, those inside functions too, those for types only not.

    `from a import b` yields both `a` and `a.b`, because `b` may be a module.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield node.lineno, module
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif is_type_checking(node):
            for other in node.orelse:  # type: ignore[attr-defined]
                yield from imports(other, package)
        else:
            yield from imports(node, package)


def imports_of(file: Path) -> Iterator[tuple[int, str]]:
    package = ".".join(file.parent.relative_to(ROOT).parts)
    return imports(ast.parse(file.read_text(encoding="utf-8")), package)


@pytest.mark.parametrize("file", PACKAGE, ids=name_of)
def test_imports_run_downhill(file: Path) -> None:
    banned = forbidden(room_of(file))
    uphill = [
        f"line {line}: {name}"
        for line, name in imports_of(file)
        if any(name == b or name.startswith(f"{b}.") for b in banned)
    ]
    assert not uphill, f"{name_of(file)} may not import {uphill}"


def test_relative_and_lazy_imports_are_seen_and_type_only_imports_are_not() -> None:
    source = """
from typing import TYPE_CHECKING
from . import stage
from ..record import Head
if TYPE_CHECKING:
    import torch
def f():
    import streamlit.components
"""
    assert {name for _, name in imports(ast.parse(source), "rnnviz.charts")} == {
        "typing",
        "typing.TYPE_CHECKING",
        "rnnviz.charts",
        "rnnviz.charts.stage",
        "rnnviz.record",
        "rnnviz.record.Head",
        "streamlit.components",
    }


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("rnnviz", {"torch", "altair", "streamlit"}),
        ("rnnviz.cells", {"torch", "altair", "streamlit"}),
        ("rnnviz.archive", {"torch", "altair", "streamlit"}),
        ("rnnviz.trace", {"torch", "altair", "streamlit"}),
        ("rnnviz.gates", {"torch", "altair", "streamlit"}),
        ("rnnviz.zoo", {"torch", "altair", "streamlit"}),
        ("rnnviz.lessons", {"torch", "altair", "streamlit"}),
        ("rnnviz.network", {"altair", "streamlit"}),
        ("rnnviz.record", {"altair", "streamlit"}),
        ("rnnviz.sharing", {"altair", "streamlit"}),
        ("rnnviz.gradients.table", {"altair", "streamlit"}),
        ("rnnviz.gradients.cliff", {"torch", "altair", "streamlit"}),
        ("rnnviz.charts", {"torch", "streamlit"}),
    ],
)
def test_importing_a_room_does_not_load_what_it_can_do_without(module: str, unwanted: set[str]) -> None:
    code = f"import sys, {module}; print(*(m for m in {sorted(unwanted)} if m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


def test_the_home_page_does_not_load_torch() -> None:
    """Torch takes longer to import than the whole home page to show, and a third of a small host's memory."""
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        "app = AppTest.from_file('app.py', default_timeout=60).run()\n"
        "print('torch' in sys.modules, len(app.exception))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["False", "0"], run.stderr


# Sessions share one process, so a global generator that one visitor seeds changes what another one sees.
GLOBAL_RANDOM = re.compile(
    r"torch\.(manual_seed|seed|random\.manual_seed)\("
    r"|\b(np|numpy)\.random\.(?!default_rng|Generator|SeedSequence|PCG64|BitGenerator)\w+"
    r"|(?<![\w.])random\.(seed|random|choice|choices|shuffle|sample|randint|uniform|gauss)\("
)


@pytest.mark.parametrize("file", APP, ids=name_of)
def test_no_global_random_state_is_touched(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert not [f"line {n}: {line.strip()}" for n, line in enumerate(lines, 1) if GLOBAL_RANDOM.search(line)]


@pytest.mark.parametrize(
    "line", ["torch.manual_seed(0)", "np.random.rand(3)", "numpy.random.seed(1)", "random.shuffle(words)"]
)
def test_the_global_random_state_is_recognised(line: str) -> None:
    assert GLOBAL_RANDOM.search(line)


@pytest.mark.parametrize(
    "line",
    [
        "generator.manual_seed(0)",
        "np.random.default_rng(0)",
        "random.Random(3)",
        "rng.random.choice(x)",
        "rng: np.random.Generator",
    ],
)
def test_own_generators_are_allowed(line: str) -> None:
    assert not GLOBAL_RANDOM.search(line)


@pytest.mark.parametrize("file", [*PAGES, ROOT / "app.py"], ids=name_of)
def test_pages_are_wiring(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= PAGE_LINES


def test_what_the_app_runs_on_satisfies_what_the_package_asks_for() -> None:
    """requirements.txt (the app) may be narrower than pyproject.toml (the library), never different."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {
        canonicalize_name(r.name): r
        for r in map(Requirement, [*project["dependencies"], *project["optional-dependencies"]["app"]])
    }
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    given = {canonicalize_name(r.name): r for r in (Requirement(line) for line in lines if line[:1] not in {"#", ""})}
    assert given.keys() == asked.keys()
    for name, requirement in given.items():
        lowest = next(s.version for s in requirement.specifier if s.operator in {"==", ">="})
        assert asked[name].specifier.contains(lowest), f"{requirement} against {asked[name]}"


@pytest.fixture(scope="module")
def registered() -> dict[str, str]:
    """The files that `app.py` hands to `st.navigation` (stem), each with its address."""
    found: dict[str, str] = {}
    navigation = st.navigation

    def spy(pages: Any, **options: Any) -> Any:
        flat = [p for group in pages.values() for p in group] if isinstance(pages, dict) else list(pages)
        found.update({Path(page._page).stem: page.url_path for page in flat})
        return navigation(pages, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "navigation", spy)
        AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    return found


def test_every_page_file_is_registered(registered: dict[str, str]) -> None:
    assert registered.keys() == {file.stem for file in PAGES}


def test_a_page_has_the_address_of_its_file(registered: dict[str, str]) -> None:
    """So that who reads an address finds the file."""
    assert all(address == stem or (stem, address) == ("home", "") for stem, address in registered.items())


def test_the_browser_tests_visit_every_page(registered: dict[str, str]) -> None:
    assert {f"/{url_path}" for url_path in registered.values()} == set(ADDRESSES)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_and_the_charts_agree_on_background_text_and_lines(mode: str) -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"][mode]
    charts = (getattr(pair, mode) for pair in (palette.PAPER, palette.INK, palette.LINE))
    assert (theme["backgroundColor"], theme["textColor"], theme["borderColor"]) == tuple(charts)
