"""The notebooks of `docs/notebooks` run from top to bottom, draw what they promise, and ship without what they drew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
LARGEST = 5_000_000  # characters of a cell, as the README says


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_those_that_the_readme_names() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [file.name for file in NOTEBOOKS if f"docs/notebooks/{file.name}" not in readme] == []
    assert {file.stem for file in NOTEBOOKS} == {"own_lstm", "tagger", "gradients", "patching"}


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_it_ships_without_outputs(file: Path) -> None:
    cells = code(nbformat.read(file, as_version=4))
    assert not any(cell.outputs or cell.execution_count for cell in cells)
    assert not [cell.source for cell in cells if "http" in cell.source or "pip " in cell.source]


@pytest.mark.slow
@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_it_runs_and_each_chart_has_a_page_and_a_picture(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()
    charts = 0
    for cell in code(notebook):
        outputs = [output.data for output in cell.outputs if output.output_type == "execute_result"]
        drawn = [data for data in outputs if "text/html" in data]
        last = cell.source.rstrip().splitlines()[-1]
        assert len(drawn) == last.startswith("rnnviz."), cell.source
        assert [output for output in cell.outputs if output.output_type in ("stream", "error")] == []
        for data in drawn:
            charts += 1
            assert {"text/html", "image/png", "text/plain"} == set(data)
            assert sum(len(part) for part in data.values()) < LARGEST
        for data in outputs:
            assert len(data["text/plain"]) < 400
    assert charts >= 1
