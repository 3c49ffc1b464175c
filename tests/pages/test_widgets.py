"""What widgets are told: their value, the names of their options, and what a field goes back to when it is emptied."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnviz.ui.url import state
from tests.pages.conftest import Visit, unfold

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*(ROOT / "rnnviz").rglob("*.py"), *(ROOT / "pages").glob("*.py")]


@pytest.mark.parametrize(
    ("page", "values"),
    [
        ("lab", {"part": "knobs", "gain": "3", "steps": "20", "seed": "7"}),
        ("lab", {"part": "cliff", "rate": "2", "norm": "0.5"}),
        ("rolled", {"row": "5", "column": "9"}),
        ("rolled", {"part": "length", "window": "9"}),
    ],
)
def test_a_number_field_that_is_emptied_goes_back_to_its_value(page: str, values: dict[str, str], visit: Visit) -> None:
    """A browser sends a field's default when it is emptied, which Streamlit sets to the least number if it is not told.

    What nothing means is left to the page in the fields for which it decides, and those have no default."""
    at = visit(page, **values)
    at = unfold(at, "rolled_entry") if "row" in values else at
    fields = {str(field.key).partition("_")[2]: field.proto for field in at.number_input}
    told = {name: float(value) for name, value in values.items() if name != "part"}
    assert {name: fields[name].default for name in told} == told
    left = {name for name, proto in fields.items() if not proto.HasField("default")}
    assert left <= {"bias", "window", "value"} - told.keys()


def test_there_is_one_kind_of_number_field() -> None:
    used = [file.name for file in SOURCES if "st.number_input(" in file.read_text(encoding="utf-8").replace("`st.", "")]
    assert used == ["number.py"]


def test_a_list_whose_options_have_other_names_is_told_its_value_again(visit: Visit) -> None:
    """A browser would go on showing the name that it knows, `1 · the`, over a text that begins with another word."""
    at = unfold(visit("gates", "en", part="hold", text="the dog ran"), "gates_where")
    at.button(key="gates_force_0").click().run()
    first = at.selectbox(key="gates_first")
    assert not first.proto.set_value, "only when it must be: it resets what is being typed"
    assert first.options[0] == "1 · the"
    at.text_input(key="gates_text").set_value("a girl ran").run()
    first = at.selectbox(key="gates_first")
    assert first.proto.set_value
    assert first.proto.raw_value == first.options[0] == "1 · a"


def test_in_another_language_a_list_is_another_and_the_choice_of_the_language_is_the_same(visit: Visit) -> None:
    at = visit("step", "ko", cell="gru")
    korean = at.segmented_control(key="step_details").proto.id
    own = at.segmented_control(key="step_lang").proto.id
    at.segmented_control(key="step_lang").set_value("en").run()
    assert at.segmented_control(key="step_details_en").proto.id != korean
    assert at.segmented_control(key="step_lang").proto.id == own
    assert at.segmented_control(key="step_cell_en").value == "gru"


def test_what_a_field_brings_along_with_a_request_for_a_fragment_is_late(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser goes on sending the cell that was chosen until it has heard that the preset has another."""
    at = visit("train", "en", cell="gru")
    at.selectbox(key="train_preset").set_value("explodes").run()
    assert at.query_params.get("cell") is None
    monkeypatch.setattr(state, "brought_along", lambda: True)
    at.selectbox(key="train_cell").set_value("gru").run()
    assert at.query_params.get("cell") is None
    assert at.selectbox(key="train_cell").value == "rnn_relu"
    monkeypatch.setattr(state, "brought_along", lambda: False)
    at.selectbox(key="train_cell").set_value("gru").run()
    assert at.query_params.get("cell") == "gru"
