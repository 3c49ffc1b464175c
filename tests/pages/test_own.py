"""The page of a visitor's own network: files that are opened and corrected, what is refused, and the lessons that read
it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from safetensors.torch import save
from torch import nn

from rnnviz.lessons.own import open_file, page
from rnnviz.training import Config, Trainer
from rnnviz.ui.own import kept
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo.own import file, layout, model, reading
from rnnviz.zoo.own.file import read, write
from rnnviz.zoo.own.layout import propose
from rnnviz.zoo.own.model import put_together, run
from rnnviz.zoo.own.reading import first
from tests.pages.conftest import Visit, bundle, table


def tagger(seed: int = 0) -> dict[str, torch.Tensor]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = nn.ModuleDict(
            {"emb": nn.Embedding(6, 3), "rnn": nn.LSTM(3, 4, 2, bidirectional=True), "fc": nn.Linear(8, 5)}
        )
    return net.state_dict()


@pytest.fixture
def open_as(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that has the fields of a page hear of files, once each, as a browser would send them."""
    given: dict[str, bytes | int] = {}

    def field(label: str, key: str, accepts: str, most: int, hear: Any) -> None:
        if key in given:
            hear(given.pop(key), "my model.pt")
            st.rerun()  # a browser is heard before its page runs

    monkeypatch.setattr(open_file, "file_field", field)
    return given


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", [{}, {"source": "made", "layers": "2", "cell": "peephole"}, {"network": "0" * 12}])
def test_the_page_opens(language: str, query: dict[str, str], visit: Visit) -> None:
    at = visit("own", language, **query)
    assert not at.exception
    assert bool(at.get("vega_lite_chart")) == ("network" not in query)


def test_a_file_is_opened_shown_and_read_by_the_other_lessons(open_as: Any, visit: Visit) -> None:
    at = visit("own")
    open_as["own_weights"] = save(tagger())
    at.run()
    assert not at.exception
    name = str(at.query_params["network"])
    weights = read(save(tagger()))
    model = put_together(weights, propose(weights), title="my model.pt")
    assert name == model.name
    shown = run(model, first(model))
    assert [row["tokens"] for row in table(at, "bundle")] == [bundle(at)["tokens"]] * 4
    for lesson in ("step", "gates", "lab"):
        more = {"part": "matrix", "source": "own"} if lesson == "lab" else {"row": "1"}
        at.query_params.clear()
        at.query_params.update({"network": name, **more})
        at.switch_page(
            f"pages/{ {'step': 'step-through', 'gates': 'watch-the-gates', 'lab': 'gradient-lab'}[lesson] }.py"
        ).run()
        assert not at.exception, lesson
        assert at.get("vega_lite_chart"), lesson
        assert any("my model" in part.value for part in at.markdown), lesson
    assert len(shown.trace.weights) == 4


def test_what_is_wrong_with_a_file_is_said_in_both_languages_and_nothing_is_lost(open_as: Any, visit: Visit) -> None:
    for language in LANGUAGES:
        at = visit("own", language)
        for content, rule in ((b"x", "file"), (9_999_999, "bytes"), (save({"fc.weight": torch.zeros(2, 2)}), "chain")):
            open_as["own_weights"] = content
            at.run()
            at.run()
            assert not at.exception
            (told,) = at.warning
            assert told.value.startswith(catalogue(language)[f"own.refused_{rule}"].split("{")[0])
            assert at.get("vega_lite_chart")


def test_which_entry_is_whose_can_be_corrected(open_as: Any, visit: Visit) -> None:
    at = visit("own")
    open_as["own_weights"] = save(tagger())
    at.run()
    before = str(at.query_params["network"])
    at.session_state["own_layout"] = True
    at.run()
    labels = {box.label: box for box in at.selectbox}
    say = catalogue("en")
    labels[say["own.layout_kind"]].set_value("identity").run()
    assert not at.exception
    assert str(at.query_params["network"]) != before
    labels = {box.label: box for box in at.selectbox}
    labels[say["own.layout_embedding"]].set_value("").run()
    assert not at.exception
    labels = {box.label: box for box in at.selectbox}
    labels[say["own.layout_head"]].set_value("").run()
    assert not at.exception
    assert at.get("vega_lite_chart")
    open_as["own_words"] = b"a\nb"
    at.run()
    assert any("vocabulary" in told.value.lower() for told in at.warning)


def test_what_is_typed_is_read_and_what_cannot_be_is_refused_and_stays(visit: Visit) -> None:
    at = visit("own", source="made", inputs="1", read="1 0 0.5")
    assert not at.exception
    assert bundle(at)["T"] == 3
    at = visit("own", source="made", inputs="1", read="1 x")
    (told,) = at.warning
    assert "x" in told.value
    assert at.text_input[0].value == "1 x"
    assert bundle(at)["T"] == 12, "the picture stays"
    next(button for button in at.button if button.key == "own_read_first").click().run()
    assert not at.warning
    assert bundle(at)["T"] == 12


@pytest.mark.parametrize("lesson", ["step", "gates", "lab"])
def test_a_link_to_a_file_says_what_to_open_first(lesson: str, visit: Visit) -> None:
    more = {"part": "matrix", "source": "own"} if lesson == "lab" else {}
    at = visit(lesson, network="0123456789ab", **more)
    assert not at.exception
    assert any("0123456789ab" in told.value for told in at.info)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cell", ["rnn", "peephole", "mgu"])
def test_a_network_that_is_made_is_in_each_lesson(cell: str, language: str, visit: Visit) -> None:
    name = f"{cell}-2-5-2-3"
    for lesson, more in (
        ("step", {"row": "1"}),
        ("step", {"details": "pytorch"}),
        ("gates", {"part": "hold", "force": "0.5", "details": "pytorch"}),
        ("gates", {"part": "step"}),
        ("lab", {"part": "matrix", "source": "own", "details": "pytorch"}),
    ):
        at = visit(lesson, language, network=name, read="1 2; 3 4; 0 0", **more)
        assert not at.exception, (lesson, more)


@pytest.mark.parametrize("task", ["copy", "adding"])
def test_a_run_of_train_live_is_saved_as_a_file_that_opens_again(task: str) -> None:
    trainer = Trainer(Config(task=task, length=9 if task == "adding" else 3, hidden_size=4, batch_size=3), iterations=3)
    trainer.advance()
    heads = {"W_hy": "head.weight", "b_y": "head.bias"}
    entries = {heads.get(name, f"rnn.{name}"): weight for name, weight in trainer.model.keep().items()}
    activation = "identity" if trainer.task.loss == "mse" else "softmax"
    data = write(entries, trainer.config.cell, trainer.task.outputs, activation)
    weights = read(data)
    model = put_together(weights, propose(weights))
    assert model.activation == activation
    assert model.words == tuple(trainer.task.outputs)
    x = trainer.unseen.x[:, 0]
    assert model.head is not None
    shown = run(model, type(first(model))(x, tuple(map(str, range(len(x))))))
    with torch.no_grad():
        logits = trainer.model.read_out(trainer.model.rnn(x)[0])
    assert shown.readout is not None
    expected = logits if activation == "identity" else torch.softmax(logits, -1)
    np.testing.assert_allclose(shown.readout.y, expected, atol=1e-5)


def test_the_bounds_that_a_page_tells_are_those_that_hold() -> None:
    assert open_file.SIZES["weights"] == file.BYTES
    assert open_file.SIZES["read"] == reading.BYTES
    assert page.SOURCES == ("file", "made")
    assert kept.MOST_KEPT >= 1


def test_every_refusal_has_its_words_and_every_word_its_refusal() -> None:
    sources = [Path(str(module.__file__)).read_text() for module in (file, layout, model, reading, open_file)]
    rules = {name for source in sources for name in re.findall(r'refused\(\s*"(\w+)"', source)}
    for language in LANGUAGES:
        told = {key.removeprefix("own.refused_") for key in catalogue(language) if key.startswith("own.refused_")}
        assert told == rules


def test_only_the_last_few_files_are_kept(open_as: Any, visit: Visit) -> None:
    at = visit("own")
    for seed in range(kept.MOST_KEPT + 2):
        open_as["own_weights"] = save(tagger(seed))
        at.run()
    assert len(at.session_state[kept._KEPT]) == kept.MOST_KEPT
    assert at.get("vega_lite_chart")
    stream = io.BytesIO()
    torch.save(tagger(), stream)
    open_as["own_weights"] = stream.getvalue()
    at.run()
    assert not at.warning


def test_the_file_that_a_link_is_of_shows_it_as_the_link_has_it(open_as: Any, visit: Visit) -> None:
    weights = read(save(tagger()))
    name = put_together(weights, propose(weights)).name
    at = visit("own", network=name, read="1 2 3", t="2")
    assert any(name in told.value for told in at.info)
    open_as["own_weights"] = save(tagger())
    at.run()
    assert not at.exception
    assert (bundle(at)["T"], at.query_params["t"]) == (3, "2")


def test_a_correction_keeps_what_is_read(open_as: Any, visit: Visit) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        state = nn.ModuleDict({"rnn": nn.RNN(2, 4), "fc": nn.Linear(4, 2)}).state_dict()
    at = visit("own")
    open_as["own_weights"] = save(state)
    at.run()
    at.text_input[0].set_value("1 2; 3 4; 5 6").run()
    assert bundle(at)["T"] == 3
    at.session_state["own_layout"] = True
    at.run()
    labels = {box.label: box for box in at.selectbox}
    labels[catalogue("en")["own.layout_cell"]].set_value("rnn_relu").run()
    assert not at.exception
    assert bundle(at)["T"] == 3
    assert at.text_input[0].value == "1 2; 3 4; 5 6"


def test_numbers_that_overflow_are_refused_and_the_network_before_stays(open_as: Any, visit: Visit) -> None:
    at = visit("own")
    open_as["own_weights"] = save(
        {name: weight * 1e30 for name, weight in nn.RNN(2, 4).state_dict().items()}
        | {"fc.weight": torch.full((2, 4), 3e38), "fc.bias": torch.full((2,), 3e38)}
    )
    at.run()
    assert not at.exception
    (told,) = at.warning
    assert told.value == catalogue("en")["own.refused_overflow"]
    assert at.get("vega_lite_chart")


def test_the_lab_draws_as_many_steps_of_a_large_network_as_it_has_time_for(visit: Visit) -> None:
    at = visit("lab", part="matrix", source="own", network="rnn-1-128-1-0", read=" ".join(["1"] * 150))
    assert not at.exception
    assert bundle(at)["T"] == 25
    assert any("150" in told.value for told in at.caption)


def test_what_is_read_again_is_the_same_so_that_an_answer_stands(visit: Visit) -> None:
    at = visit("gates", part="step", network="lstm-2-8-1-0", read="1 2; 3 4; -1 0; 0 1", t="2")
    first = at.session_state[kept._PASS]
    next(button for button in at.button if button.key == "gates_skip").click().run()
    guesses = dict(at.session_state["gates_guesses"])
    assert guesses
    at.run()
    assert at.session_state[kept._PASS] is first, "computed once"
    assert dict(at.session_state["gates_guesses"]) == guesses
    at.text_input[0].set_value("1 2; 3 5; -1 0; 0 1").run()
    assert at.session_state[kept._PASS].model.about != first.model.about


def test_a_link_that_names_a_made_network_sets_the_fields_and_says_its_seed(visit: Visit) -> None:
    at = visit("own", network="lstm-2-5-1-7", read="1 2; 3 4; 5 6", t="2")
    assert not at.exception
    assert {field.value for field in at.number_input} == {2, 5, 1, 7}
    assert any("seed 7" in told.value for told in at.markdown)
    assert (bundle(at)["T"], bundle(at)["start"]) == (3, 1)
