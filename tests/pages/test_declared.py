"""A cell that is declared at run time, with its words, in every lesson that lists cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz import words
from rnnviz.core.cell import Cell
from rnnviz.core.cells import CELLS
from rnnviz.lessons.gates.parameters import RUN_PARTS
from rnnviz.training import Config
from rnnviz.ui.url.kinds import Run
from tests.declared import COUPLED, DECLARED, MINGRU, WORDS
from tests.pages.conftest import Visit
from tests.pages.test_checkpoint import ready
from tests.pages.test_train import done, press, rests

every_declared = pytest.mark.parametrize("cell", DECLARED, ids=[cell.name for cell in DECLARED])


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for cell in DECLARED:
        monkeypatch.setitem(CELLS, cell.name, cell)
    own, files = tmp_path / "declared.toml", words.files
    own.write_text("".join(f'{key} = "{name}"\n' for key, name in WORDS.items()), "utf-8")
    monkeypatch.setattr(words, "files", lambda language: [*files(language), own])
    words.catalogue.cache_clear()
    yield
    monkeypatch.undo()
    words.catalogue.cache_clear()


def fine(at: AppTest) -> AppTest:
    assert not at.exception
    assert not at.warning
    return at


@every_declared
def test_it_trains(cell: Cell, visit: Visit) -> None:
    at = fine(visit("train", cell=cell.name, length="12", hidden_size="5", steps="2", initialisation="orthogonal"))
    assert cell.title in at.selectbox(key="train_cell").options
    assert done(rests(press(at, "some"))) == 2


@every_declared
@pytest.mark.parametrize("details", ["equations", "pytorch"])
def test_a_run_of_it_is_stepped_through(cell: Cell, details: str, visit: Visit) -> None:
    run = Run().write(Config(task="reber", cell=cell.name, length=12, hidden_size=5, batch_size=4))
    at = fine(ready(visit("step", run=run, at="3", details=details)))
    assert len(at.get("vega_lite_chart")) == 1
    assert len(at.get("latex" if details == "equations" else "code")) >= 1
    if details == "equations":
        assert any(cell.source in caption.value for caption in at.caption)


@every_declared
@pytest.mark.parametrize("part", RUN_PARTS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_gates_of_a_run_of_it_are_watched(cell: Cell, part: str, language: str, visit: Visit) -> None:
    run = Run().write(Config(task="reber", cell=cell.name, length=12, hidden_size=5, batch_size=4))
    at = fine(ready(visit("gates", language, run=run, at="3", part=part, details="pytorch")))
    assert len(at.get("vega_lite_chart")) >= 1


@pytest.mark.parametrize(("cell", "gate"), [(cell, gate) for cell in DECLARED for gate in cell.gates])
def test_every_gate_of_a_run_of_it_can_be_held(cell: Cell, gate: str, visit: Visit) -> None:
    run = Run().write(Config(task="reber", cell=cell.name, length=12, hidden_size=5, batch_size=4))
    at = fine(ready(visit("gates", run=run, at="3", part="hold", gate=gate, force="0.5")))
    assert at.selectbox(key="gates_gate").value == gate
    assert len(at.get("vega_lite_chart")) == 1


@pytest.mark.parametrize("part", ["derivative", "knobs", "cut"])
@pytest.mark.parametrize("details", ["equations", "pytorch"])
def test_the_lab_makes_it(part: str, details: str, visit: Visit) -> None:
    at = fine(visit("lab", part=part, cell=COUPLED.name, steps="9", hidden="5", details=details))
    assert COUPLED.title in at.selectbox(key="lab_cell").options
    assert len(at.get("vega_lite_chart")) == 1


def test_the_lab_lists_no_cell_without_a_matrix_from_state_to_state(visit: Visit) -> None:
    at = visit("lab", part="knobs", cell=MINGRU.name)
    assert len(at.warning) == 1
    assert MINGRU.title not in at.selectbox(key="lab_cell").options
