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

from rnnviz.charts.kit import palette
from tests.browser.harness import ADDRESSES
from tests.conftest import LANES, QUICK, lane

ROOT = Path(__file__).resolve().parents[1]
PAGE_LINES = 60

PACKAGE = sorted((ROOT / "rnnviz").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
APP = [*PACKAGE, *PAGES, ROOT / "app.py"]


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def room_of(module: str) -> str:
    """`rnnviz.charts.stage.scene.fold` -> "charts.stage", `rnnviz.core.cells` -> "core", `rnnviz.zoo` -> "zoo"."""
    _, room, *inner = (module + "..").split(".")
    return f"{room}.{inner[0]}" if room in ("charts", "lessons") else room


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


CORE = ("core", "tasks", "zoo", "training")
TOLD = ("scene", "facts", "words")
# Which rooms of the package each may import from, beside itself; and which libraries it does without.
BELOW: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(CORE, CORE),
    **dict.fromkeys(TOLD, ("core", *TOLD)),
    "snippets": (*CORE, *TOLD),
    "charts.kit": ("core", *TOLD),
    "charts.stage": ("core", *TOLD, "charts.kit"),
    "charts.training": ("core", "training", *TOLD, "charts.kit"),
    "charts.forecast": ("core", *TOLD, "charts.kit"),
    "charts.lab": ("core", *TOLD, "charts.kit"),
    "charts.plots": ("core", *TOLD, "charts.kit"),
}
CHARTS = tuple(room for room in BELOW if room.startswith("charts."))
KNOWN = {*BELOW, "ui"}
WITHOUT: dict[str, frozenset[str]] = {
    **dict.fromkeys(("", *CORE, *TOLD, "snippets"), frozenset({"altair", "streamlit"})),
    **dict.fromkeys(CHARTS, frozenset({"torch", "streamlit"})),
}


def uphill(module: str, name: str) -> bool:
    """Whether a module of the package may not import this name, anywhere in its file."""
    room, library = room_of(module), name.partition(".")[0]
    if library in WITHOUT.get(room, ()):
        return True
    other = room_of(name)
    if library != "rnnviz" or room == "" or other == room:
        return False
    if other.startswith("lessons.") and other != "lessons.":
        return room != "lessons."  # the list of lessons knows them all, and they do not know each other
    return other in KNOWN and other not in BELOW.get(room, KNOWN)


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
            for other in node.orelse:
                yield from imports(other, package)
        else:
            yield from imports(node, package)


def imports_of(file: Path) -> Iterator[tuple[int, str]]:
    package = ".".join(file.parent.relative_to(ROOT).parts)
    return imports(ast.parse(file.read_text(encoding="utf-8")), package)


@pytest.mark.parametrize("file", PACKAGE, ids=name_of)
def test_imports_run_downhill(file: Path) -> None:
    found = [f"line {line}: {name}" for line, name in imports_of(file) if uphill(module_of(file), name)]
    assert not found, f"{name_of(file)} may not import {found}"


@pytest.mark.parametrize(
    ("module", "name", "wrong"),
    [
        ("rnnviz.core.cells", "altair", True),
        ("rnnviz.core.cells", "rnnviz.charts.kit.draw", True),
        ("rnnviz.training.pool", "rnnviz.core.cells", False),
        ("rnnviz.facts.notice", "rnnviz.training.view", True),
        ("rnnviz.facts.notice", "rnnviz.core.trace", False),
        ("rnnviz.charts.lab.cliff", "rnnviz.charts.stage.chart", True),
        ("rnnviz.charts.lab.cliff", "rnnviz.charts.kit.draw", False),
        ("rnnviz.charts.lab.cliff", "torch", True),
        ("rnnviz.charts.stage.chart", "rnnviz.ui.page.share", True),
        ("rnnviz.ui.page.share", "rnnviz.lessons.step.decided", True),
        ("rnnviz.ui.page.share", "rnnviz.charts.kit.export", False),
        ("rnnviz.lessons.step.decided", "rnnviz.lessons.gates.contrast", True),
        ("rnnviz.lessons.step.decided", "rnnviz.ui.page.share", False),
    ],
)
def test_uphill_is_recognised(module: str, name: str, wrong: bool) -> None:
    assert uphill(module, name) is wrong


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


SMALL = ("rnnviz", "core.cells", "core.archive", "core.trace", "core.gates", "core.gradients.paths", "zoo", "words")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("modules", "unwanted"),
    [
        (SMALL, {"torch", "altair", "streamlit"}),
        (("core.network", "core.record", "core.sharing", "core.gradients.table"), {"altair", "streamlit"}),
        (("core.gradients.cliff",), {"torch", "altair", "streamlit"}),
        (("charts",), {"torch", "streamlit"}),
    ],
)
def test_importing_a_room_does_not_load_what_it_can_do_without(modules: tuple[str, ...], unwanted: set[str]) -> None:
    """In one process, one after the other: what the first does not load, the next may not load either."""
    names = []
    for module in modules:
        name = module if module == "rnnviz" else f"rnnviz.{module}"
        folder = ROOT / name.replace(".", "/")
        inside = folder.is_dir() and not (folder / "__init__.py").exists()  # such an import alone would load nothing
        names += [module_of(file) for file in folder.rglob("*.py")] if inside else [name]
    code = (
        "import sys; from importlib import import_module\n"
        f"for name in {names}:\n"
        "    import_module(name)\n"
        f"    print(*(f'{{name}}: {{m}}' for m in {sorted(unwanted)} if m in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


@pytest.mark.slow
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


# What the type checker reads: the packages of `files` in pyproject.toml, and what those import of the tests.
TYPED = [*APP, *(file for room in ("benchmarks", "scripts") for file in sorted((ROOT / room).glob("*.py")))]
TYPED += [ROOT / "tests" / "browser" / "harness.py", ROOT / "tests" / "client.py"]
IGNORED = re.compile(r"# type: ignore\b(?P<kind>\[[a-z-]+\])?(?P<reason>  # \S)?")


def test_a_type_is_passed_over_for_a_reason_and_only_where_types_are_checked() -> None:
    for file in [*TYPED, *(ROOT / "tests").rglob("*.py")]:
        for comment in IGNORED.finditer(file.read_text(encoding="utf-8")) if file != Path(__file__) else ():
            assert file in TYPED, f"{name_of(file)}: no type is checked there"
            assert comment["kind"], f"{name_of(file)}: which kind?"
            assert comment["reason"], f"{name_of(file)}: no reason stands beside {comment[0]}"


FILE_LINES, FUNCTION_LINES = 400, 80
MARKS = "one list of marks, in the order in which they are drawn"
# By file and function: what is longer, and why. None of them may grow past what stands here.
LONG_FUNCTIONS = {
    ("rnnviz/charts/kit/player.py", "signals"): (90, "the player's signals, whose order is what makes them right"),
    ("rnnviz/charts/lab/cliff.py", "_plane"): (90, MARKS),
    ("rnnviz/charts/stage/scene/fold.py", "_loop"): (95, MARKS),
    ("rnnviz/charts/stage/cell/inside.py", "_unit"): (180, MARKS),
    ("rnnviz/charts/stage/panels.py", "_prediction"): (140, MARKS),
    ("rnnviz/charts/training/heat.py", "_row"): (110, MARKS),
}


def functions_of(file: Path) -> dict[str, int]:
    """The functions of a file, each with its number of lines."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in nodes}


@pytest.mark.parametrize("file", PACKAGE, ids=name_of)
def test_no_file_and_no_function_is_longer_than_one_can_hold_in_mind(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= FILE_LINES
    most = {function: most for (where, function), (most, _) in LONG_FUNCTIONS.items() if where == name_of(file)}
    lines = functions_of(file)
    assert not [name for name, length in lines.items() if length > most.get(name, FUNCTION_LINES)]
    assert not [name for name in most if lines.get(name, 0) <= FUNCTION_LINES], "no longer long: take it from the list"


def unread(tree: ast.Module) -> set[str]:
    """The names beginning with `_` that a file defines at its top and does not read."""
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    top = [node for part in tree.body if isinstance(part, ast.Assign | ast.AnnAssign) for node in ast.walk(part)]
    defined |= {node.id for node in top if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    read = {node.id for node in named if isinstance(node.ctx, ast.Load)}
    return {name for name in defined - read if name.strip("_") and name[0] == "_" and not name.startswith("__")}


@pytest.mark.parametrize("file", [*PACKAGE, ROOT / "app.py"], ids=name_of)
def test_what_a_file_keeps_to_itself_it_reads(file: Path) -> None:
    assert unread(ast.parse(file.read_text(encoding="utf-8"))) == set()


def test_what_nothing_reads_is_recognised() -> None:
    source = "_A = 1\n_B, C = _A, 2\nclass _D:\n    _e = 3\ndef _f(): return _g()\ndef _g(): ...\n_, D = C, __all__"
    assert unread(ast.parse(source)) == {"_B", "_D", "_f"}


def test_what_may_be_long_is_in_a_file_that_is_there() -> None:
    assert {file for file, _ in LONG_FUNCTIONS} <= {name_of(file) for file in PACKAGE}


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


HEAVY = {"playwright", "vl_convert", "tests.client"}  # a browser, a renderer, a page that is asked over the wire
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("file", [file for file in TESTS if not lane(file)], ids=name_of)
def test_the_fast_lane_opens_no_browser_and_renders_nothing(file: Path) -> None:
    assert not {name for _, name in imports_of(file) if {name, name.partition(".")[0]} & HEAVY}


def test_every_browser_test_is_in_a_lane_of_its_own_which_the_fast_one_leaves_out() -> None:
    assert {lane(file) for file in TESTS if file.parent.name == "browser"} == {"browser"}
    script = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    assert '-m "not browser and not slow"' in script
    assert all((ROOT / "tests" / room).is_dir() for room in LANES), "a room that is no more"
    assert all((ROOT / "tests" / file).is_file() for file in QUICK)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_and_the_charts_agree_on_background_text_and_lines(mode: str) -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"][mode]
    charts = (getattr(pair, mode) for pair in (palette.PAPER, palette.INK, palette.LINE))
    assert (theme["backgroundColor"], theme["textColor"], theme["borderColor"]) == tuple(charts)
