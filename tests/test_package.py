"""`pip install` of the project gives the whole library, data and type marker included; what it says of itself runs."""

from __future__ import annotations

import ast
import pydoc
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import numpy as np
import pytest
import torch

import rnnviz

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(ROOT / "rnnviz", source / "rnnviz", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    expected = {str(file.relative_to(source)) for file in (source / "rnnviz").rglob("*") if file.is_file()}

    command = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "-w", tmp_path, source]
    subprocess.run(command, check=True)

    (wheel,) = tmp_path.glob("rnnviz-*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if name.startswith("rnnviz/")}
    assert packed == expected
    assert "rnnviz/py.typed" in packed


def declared() -> set[str]:
    """The names that a type checker is told of: those are public."""
    tree = ast.parse(Path(rnnviz.__file__).read_text("utf-8"))
    (names,) = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) and "__all__" in ast.unparse(node)
    ]
    return set(ast.literal_eval(names))


def test_completion_offers_the_public_names_and_rooms_and_each_loads() -> None:
    rooms = {name for name in dir(rnnviz) if isinstance(getattr(rnnviz, name), ModuleType)}
    assert rooms == {"scene", "tasks", "training", "zoo"}
    assert set(dir(rnnviz)) == declared()


@pytest.mark.slow
def test_a_room_is_there_after_the_package_alone_was_imported() -> None:
    subprocess.run([sys.executable, "-c", "import rnnviz; rnnviz.training.Config; rnnviz.scene.Scene"], check=True)


def test_help_fits_on_two_screens_and_names_all_that_is_public() -> None:
    said = pydoc.render_doc(rnnviz, renderer=pydoc.plaintext)
    assert len(said.splitlines()) <= 100
    assert {name for name in dir(rnnviz) if not re.search(rf"\b{name}\b", said)} == set()


def test_the_reprs_of_what_is_large_are_short() -> None:
    trace = rnnviz.record(torch.nn.LSTM(64, 512), torch.randn(300, 64))
    readout = rnnviz.read_out(trace, torch.nn.Linear(512, 1000))
    flow = rnnviz.gradient_flow(torch.nn.LSTM(4, 8), torch.randn(30, 4), lambda output: output.square().sum(1))
    whole = rnnviz.Pass(trace, readout, words=tuple(map(str, range(1000))))
    things = [
        trace,
        readout,
        whole,
        rnnviz.Contrast(whole, whole),
        flow,
        flow.whole,
        rnnviz.step_jacobians(flow.trace),
        rnnviz.step_jacobians(flow.trace).chain(9, 3),
        rnnviz.extremes(flow.trace),
        rnnviz.measured_half_life(flow.trace),
        rnnviz.Head(np.zeros((1000, 512)), np.zeros(1000)),
        rnnviz.Watched(order=range(512)),
        rnnviz.Rolled(gradient=trace["h"][0]),
        rnnviz.stage(trace),
        rnnviz.gates_chart(trace),
        rnnviz.CELLS["lstm"],
        rnnviz.Forced("h", np.zeros(512)),
    ]
    assert {type(thing).__name__: len(repr(thing)) for thing in things if len(repr(thing)) > 300} == {}


def test_the_packages_own_example_is_the_one_of_the_readme_and_runs() -> None:
    """`help(rnnviz)` is what a notebook's reader sees first."""
    lines = [line[4:] for line in (rnnviz.__doc__ or "").splitlines() if line.startswith("    ")]
    assert len(lines) == 6
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in readme] == []
    exec("\n".join(lines), {})
