"""`pip install` of the project gives the whole library, data and type marker included; what it says of itself runs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

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


def test_completion_offers_the_public_names() -> None:
    assert dir(rnnviz) == sorted(rnnviz.__all__)


def test_the_packages_own_example_is_the_one_of_the_readme_and_runs() -> None:
    """`help(rnnviz)` is what a notebook's reader sees first."""
    lines = [line[4:] for line in (rnnviz.__doc__ or "").splitlines() if line.startswith("    ")]
    assert len(lines) == 6
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line not in readme] == []
    exec("\n".join(lines), {})
