"""A saved run loads as it was. Another file is refused with a `ValueError`, or what it holds can be used."""

from __future__ import annotations

import io
import tracemalloc
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.training import Config, Trainer, load
from tests import forging
from tests.forging import packed, zipped_as

FORGED = 40  # files by each forger of each run
CONFIGS = {
    "lstm": Config(cell="lstm", hidden_size=3, length=5, batch_size=2, clipping="norm", truncation=2),
    "mgu": Config("characters", "나는 소년이다 " * 20, "mgu", hidden_size=2, num_layers=2, length=4, batch_size=2),
}


def run(config: Config, iterations: int = 4, *, watched: bool = True) -> Trainer:
    """Its settings change after the second iteration."""
    trainer = Trainer(config, iterations=max(iterations, 1), watched=watched)
    for done in range(iterations):
        trainer.advance()
        if done == 1:
            trainer.change(learning_rate=0.1, clipping="value")
    return trainer


def file_of(trainer: Trainer) -> bytes:
    file = io.BytesIO()
    trainer.history.save(file)
    return file.getvalue()


@cache
def saved(name: str = "lstm") -> bytes:
    return file_of(run(CONFIGS[name]))


def use(config: Config, arrays: dict[str, np.ndarray[Any, Any]]) -> None:
    """Train the config again, put every kept model into it, and lay the rows beside the curve."""
    trainer = Trainer(config, iterations=1)
    trainer.advance()
    for place in range(len(arrays["weights.iteration"])):
        kept = {name: torch.from_numpy(arrays[f"weights.{name}"][place]) for name, _ in trainer.model.named()}
        trainer.model.load(kept)
    done = arrays["iteration"].tolist()
    for name in ("loss", "score", "learning_rate", "norm", "clipped", "cut"):
        assert dict(zip(done, arrays[name].tolist(), strict=True)).keys() == set(done)
    for place, iteration in enumerate(arrays["row.iteration"].tolist()):
        assert iteration in done
        assert len(dict(zip(trainer.blocks, arrays["row.before"][place], strict=True))) == len(trainer.blocks)
        for state in trainer.model.cell.states:
            steps = trainer.task.steps(config.length)
            assert arrays[f"row.{state}"][place].shape == (config.num_layers, steps)
    for place, iteration in enumerate(arrays["unseen.iteration"].tolist()):
        assert iteration in done
        assert arrays["unseen.outputs"][place].shape[1] == trainer.task.output_size


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("forger", forging.FORGERS)
def test_a_forged_file_is_refused_or_can_be_used(forger: str, name: str) -> None:
    refused = FORGED
    for file in forging.forged(forger, saved(name), FORGED):
        with suppress(ValueError):
            config, arrays = load(io.BytesIO(file))
            refused -= 1
            try:
                use(config, arrays)
            except ValueError as error:
                raise AssertionError("it was loaded and cannot be used") from error
    assert refused, "the forger does too little"


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("iterations", [0, 1, 4])
@pytest.mark.parametrize("name", CONFIGS)
def test_a_run_is_loaded_as_it_was_saved(name: str, iterations: int, watched: bool) -> None:
    trainer = run(CONFIGS[name], iterations, watched=watched)
    config, arrays = load(io.BytesIO(file_of(trainer)))
    assert config == CONFIGS[name]
    for key, array in trainer.history.arrays().items():
        np.testing.assert_array_equal(arrays[key], array)
        assert arrays[key].dtype == array.dtype
        assert arrays[key].flags.writeable
    use(config, arrays)


def test_a_run_that_stopped_by_itself_is_loaded() -> None:
    trainer = Trainer(Config(task="sunspots", cell="rnn_relu", hidden_size=8, learning_rate=10, optimiser="sgd"))
    for _ in trainer:
        pass
    assert trainer.last is not None
    assert trainer.last.stopped
    config, arrays = load(io.BytesIO(file_of(trainer)))
    assert config.learning_rate == 10
    assert not np.isfinite([arrays["loss"][-1], arrays["norm"][-1]]).all()


def test_weights_of_an_iteration_that_failed_are_loaded() -> None:
    """They are kept before the iteration is done."""
    trainer = run(CONFIGS["lstm"])
    trainer.history.keep(5, dict(trainer.model.named()))
    _, arrays = load(io.BytesIO(file_of(trainer)))
    assert arrays["iteration"].tolist() == [1, 2, 3, 4]
    assert arrays["weights.iteration"].tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", CONFIGS)
def test_a_file_that_says_all_settings_of_each_change_is_loaded(name: str) -> None:
    """As files did before the text that cannot change was left out."""
    trainer = run(CONFIGS[name])
    (first, changed), members = *trainer.history.changes.items(), forging.unzipped(saved(name))
    about = forging.told(members) | {"changes": {first: changed.to_text()}}
    config, _ = load(io.BytesIO(forging.zipped(forging.telling(members, about))))
    assert config == CONFIGS[name]


def test_a_file_of_before_the_last_loss_was_measured_is_loaded() -> None:
    members = [(name, content) for name, content in forging.unzipped(saved("mgu")) if "row.last_" not in name]
    assert len(members) == len(forging.unzipped(saved("mgu"))) - 1
    _, arrays = load(io.BytesIO(forging.zipped(members)))
    assert arrays["row.h"].shape == load(io.BytesIO(saved("mgu")))[1]["row.last_h"].shape


def test_a_change_is_saved_without_the_text_that_cannot_change() -> None:
    """A learning rate that changes at each of 100,000 iterations is still within the bound of what a file says."""
    assert forging.told(forging.unzipped(saved("mgu")))["changes"] == {
        "3": {"learning_rate": "0.1", "clipping": "value"}
    }


def with_array(name: str, values: Any) -> bytes:
    """The saved run with other numbers in the place of an array; None leaves it out."""
    members = dict(forging.unzipped(saved()))
    file = io.BytesIO()
    np.save(file, np.asarray(values))
    members[f"{name}.npy"] = file.getvalue()
    if values is None:
        del members[f"{name}.npy"]
    return forging.zipped([*members.items()])


def with_about(**changed: Any) -> bytes:
    members = forging.unzipped(saved())
    return forging.zipped(forging.telling(members, forging.told(members) | changed))


def with_config(**changed: Any) -> bytes:
    return with_about(config=CONFIGS["lstm"].to_text() | changed)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: with_about(config=[]), r"config is \[\]; accepted: an object"),
        (lambda: with_config(hidden_size=3), "config is .*; accepted: settings, each with a text"),
        (lambda: with_config(hidden_size="1e9"), "hidden_size is '1e9'; accepted: a whole number"),
        (lambda: with_config(cell="elman"), "cell is 'elman'; accepted: rnn"),
        (lambda: with_config(colour="red"), "no setting 'colour'; accepted: task"),
        (lambda: with_config(length="101"), "row.h is .*; accepted beside the other arrays"),
        (lambda: with_config(task="reber"), "length is 5; accepted for Embedded Reber grammar: 12 to"),
        (lambda: with_config(task="characters", text="short"), "the text has 5 characters; accepted: at least 120"),
        (lambda: with_config(hidden_size="4"), r"weights.weight_ih_l0 is .*\(4, 12, 2\); accepted .*\(4, 16, 2\)"),
        (lambda: with_config(cell="gru"), "blocks are .*; accepted: 0.W_xr"),
        (lambda: with_about(blocks=["W"]), r"blocks are \['W'\]; accepted: 0.W_xi"),
        (lambda: with_about(stopped=None), "stopped is None; accepted: a text"),
        (lambda: with_about(stopped="the loss is nan"), "0 of 4 losses .*; accepted: a run that stops at the first"),
        (lambda: with_about(changes=[]), r"changes is \[\]; accepted: an object"),
        (lambda: with_about(changes={"-1": {}}), "changes has '-1'; accepted: iterations from 1"),
        (lambda: with_about(changes={"3": []}), r"the change at 3 is \[\]; accepted: settings"),
        (lambda: with_about(changes={"3": {"seed": "7"}}), "the change at 3 is .*; accepted: of learning_rate"),
        (lambda: with_about(changes={"3": {"clip_at": "0"}}), "clip_at is 0.0; accepted: 1e-06 to"),
        (lambda: with_about(changes={}), "learning_rate is not what the config and its changes say"),
        (lambda: with_config(clipping="none"), "clipped is true where the config clips nothing"),
        (lambda: with_array("iteration", None), "it lacks iteration; accepted"),
        (lambda: with_array("iteration", [[1]]), r"iteration is int64 of shape \(1, 1\); accepted: .* with 1 axes"),
        (lambda: with_array("iteration", np.arange(1, 1402)), "iteration has 1401 numbers; accepted: at most 1400"),
        (lambda: with_array("iteration", [1, 2, 2, 3]), "iteration is .*accepted: iterations that are kept, oldest"),
        (lambda: with_array("iteration", [0, 1, 2, 3]), "iteration goes from 0 to 3; accepted: 1 to 100000"),
        (lambda: with_array("iteration", [1, 2, 3, 2**62]), "accepted: 1 to 100000"),
        (lambda: with_array("iteration", [1.0, 2.0, 3.0, 4.0]), "iteration is float64 .*; accepted .*int64"),
        (lambda: with_array("row.iteration", [1, 2, 3, 5]), "row.iteration is .*; accepted: iterations that are kept"),
        (lambda: with_array("unseen.iteration", [7]), "unseen.iteration is .*; accepted: iterations that are kept"),
        (lambda: with_array("weights.iteration", [1, 2, 3, 6]), "weights.iteration is .*; accepted: iterations"),
        (lambda: with_array("loss", [1.0, 2.0]), r"loss is float64 of shape \(2,\); accepted .*\(4,\)"),
        (lambda: with_array("loss", [1.0, np.nan, 1.0, 1.0]), "1 of 4 losses or norms are not finite"),
        (lambda: with_array("norm", [1.0, 1.0, 1.0, np.inf]), "1 of 4 losses or norms are not finite"),
        (lambda: with_array("clipped", [1, 1, 1, 1]), "clipped is int64 .*; accepted .*bool"),
        (lambda: with_array("learning_rate", [0.1] * 4), "learning_rate is not what the config"),
        (lambda: with_array("row.c", None), "it lacks row.c"),
        (lambda: with_array("row.z", [1.0]), "it holds row.z too"),
        (lambda: with_array("weights.b_y", np.zeros((4, 1))), "weights.b_y is float64 .*; accepted .*float32"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_is_accepted(made: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r"the file holds no history that `History\.save` wrote: .*" + message):
        load(io.BytesIO(made()))


def test_a_clipped_row_is_any_byte_but_zero() -> None:
    members = dict(forging.unzipped(saved()))
    header, _ = forging.parted(members["clipped.npy"])
    members["clipped.npy"] = forging.joined(header, bytes([0, 1, 2, 255]))
    _, arrays = load(io.BytesIO(forging.zipped([*members.items()])))
    assert arrays["clipped"].view(np.uint8).tolist() == [0, 1, 1, 1]


def test_a_file_that_expands_is_refused_before_it_does() -> None:
    """400 MB of losses; what they are of would be known from the rest of the file alone."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({50 * 2**20},), }}\n"
    members = {name: packed(content) for name, content in forging.unzipped(saved())}
    members["loss.npy"] = packed(forging.joined(header.encode(), b""), 400 * 2**20)
    file = zipped_as(members)
    load(io.BytesIO(saved()))  # what is made once is not the file's
    tracemalloc.start()
    try:
        with pytest.raises(
            ValueError, match=r"loss is float64 of shape \(52428800,\); accepted beside the other arrays"
        ):
            load(io.BytesIO(file))
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def test_a_missing_file_is_missing(tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "absent.npz")
