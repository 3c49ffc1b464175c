"""A visitor's network computes what PyTorch's own module computes from the same file, whole and row by row."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as hst
from torch import nn

from rnnviz.core.cells import CELLS
from rnnviz.core.network import build
from rnnviz.core.trace import Activation
from rnnviz.training.config import Refused
from rnnviz.zoo.own import layout, reading
from rnnviz.zoo.own.file import CELL, Weights, read
from rnnviz.zoo.own.made import INPUTS, LAYERS, MADE, SEEDS, UNITS, WIDTH, Made, named
from rnnviz.zoo.own.model import make, put_together, run, run_row, vocabulary


class Tagger(nn.Module):
    """An embedding, a recurrent module, a head, as people write it; some parts may be missing."""

    def __init__(self, kind: str, sizes: tuple[int, int, int], layers: int, both: bool, bias: bool, tied: bool) -> None:
        super().__init__()
        inputs, units, rows = sizes
        self.emb = nn.Embedding(rows, inputs)
        self.rnn = getattr(nn, kind)(inputs, units, layers, bidirectional=both, bias=bias)
        self.fc = nn.Linear(units * (2 if both else 1), rows, bias=not tied)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.fc(self.rnn(self.emb(rows))[0]), -1)


def saved(module: nn.Module) -> bytes:
    stream = io.BytesIO()
    torch.save(module.state_dict(), stream)
    return stream.getvalue()


@settings(max_examples=60, deadline=None)
@given(
    hst.sampled_from(("RNN", "LSTM", "GRU")),
    hst.tuples(hst.integers(1, 5), hst.integers(1, 6), hst.integers(2, 9)),
    hst.integers(1, 3),
    hst.booleans(),
    hst.booleans(),
    hst.booleans(),
    hst.integers(0, 99),
)
def test_a_file_computes_what_its_module_computes(
    kind: str, sizes: tuple[int, int, int], layers: int, both: bool, bias: bool, tied: bool, seed: int
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = Tagger(kind, sizes, layers, both, bias, tied)
    weights = read(saved(module))
    proposed = layout.propose(weights)
    assert (proposed.embedding, proposed.head, proposed.bias) == ("emb.weight", "fc.weight", "" if tied else "fc.bias")
    assert proposed.cell == kind.casefold()
    model = put_together(weights, proposed)
    rows = np.random.default_rng(seed).integers(sizes[2], size=7).tolist()
    what = reading.typed(model, " ".join(map(str, rows)))
    shown = run(model, what)
    with torch.no_grad():
        expected = module(torch.tensor(rows))
    assert shown.readout is not None
    np.testing.assert_allclose(shown.readout.y, expected, atol=2e-6)
    for row in range(model.rows):
        alone, whole = run_row(model, what, row).shown.trace, shown.trace["h"][row]
        np.testing.assert_allclose(alone["h"][0], whole[::-1] if both and row % 2 else whole, atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_every_declared_cell_is_opened_again_as_itself(cell: str, layers: int) -> None:
    from safetensors.torch import save

    made = make(Made(cell, 3, 5, layers, 7))
    weights = read(save({f"net.{name}": value for name, value in made.rnn.named_parameters()}, {CELL: cell}))
    model = put_together(weights, layout.propose(weights))
    assert model.cell == cell
    what = reading.first(made)
    np.testing.assert_array_equal(run(model, what).trace["h"], run(made, what).trace["h"])


def test_a_single_step_s_module_is_found_too() -> None:
    cell = nn.GRUCell(3, 4)
    weights = read(saved(nn.ModuleDict({"cell": cell})))
    model = put_together(weights, layout.propose(weights))
    what = reading.typed(model, "1 2 3; 0.5 0 -1")
    h = torch.zeros(4)
    with torch.no_grad():
        for x_t in what.x:
            h = cell(x_t, h)
    np.testing.assert_allclose(run(model, what).trace["h"][0, -1], h, atol=1e-6)


def test_of_several_modules_each_can_be_chosen_and_of_two_cells_that_fit_either() -> None:
    both = nn.ModuleDict({"encoder": nn.GRU(3, 4), "decoder": nn.RNN(5, 6, nonlinearity="relu")})
    weights = read(saved(both))
    assert [chain.before for chain in layout.chains(weights)] == ["encoder.", "decoder."]
    chosen = layout.propose(weights, "decoder.")
    assert chosen.chain.cells[:2] == ("rnn", "rnn_relu")
    relu = put_together(weights, layout.arrange(weights, "decoder.", "rnn_relu", "", ""))
    what = reading.first(relu)
    with torch.no_grad():
        expected = both["decoder"](what.x)[0]
    np.testing.assert_allclose(run(relu, what).trace["h"][0], expected, atol=1e-6)
    for wrong in (
        ("xx", "gru", "", ""),
        ("encoder.", "lstm", "", ""),
        ("encoder.", "gru", "x", ""),
        ("encoder.", "gru", "", "x"),
    ):
        with pytest.raises(Refused):
            layout.arrange(weights, *wrong)


@pytest.mark.parametrize(
    ("module", "rule"),
    [
        (nn.Linear(3, 4), "chain"),
        (nn.LSTM(3, 4, proj_size=2), "cell_projection"),
        (nn.GRU(3, UNITS + 1), "cell_size"),
        (nn.GRU(3, 4, LAYERS + 1), "cell_size"),
    ],
)
def test_what_cannot_be_shown_is_refused(module: nn.Module, rule: str) -> None:
    with pytest.raises(Refused) as error:
        layout.propose(read(saved(module)))
    assert error.value.rule.name == rule


def test_an_entry_that_is_missing_or_too_many_is_no_known_cell() -> None:
    entries = dict(nn.GRU(3, 4, 2).state_dict())
    for name in ("weight_hh_l1", "weight_ih_l0"):
        with pytest.raises(Refused) as error:
            layout.propose(Weights({key: value for key, value in entries.items() if key != name}))
        assert (error.value.rule.name, error.value.raw) == ("cell_missing", name)
    with pytest.raises(Refused):
        layout.propose(Weights(entries | {"weight_ch_l0": torch.zeros(12)}))


@given(
    hst.sampled_from(tuple(CELLS)),
    hst.integers(1, INPUTS),
    hst.integers(1, UNITS),
    hst.integers(1, LAYERS),
    hst.integers(0, SEEDS),
)
def test_a_name_is_of_the_sizes_that_it_says(cell: str, inputs: int, units: int, layers: int, seed: int) -> None:
    made = Made(cell, inputs, units, layers, seed)
    assert named(made.name) == made


@given(hst.text(max_size=30) | hst.from_regex(r"[a-z]{3}-\d{1,4}-\d{1,4}-\d-\d{1,5}", fullmatch=True))
def test_a_name_that_is_accepted_is_written_in_one_way(text: str) -> None:
    try:
        what = named(text)
    except ValueError:
        return
    assert (what.name if isinstance(what, Made) else what) == text


def test_a_made_network_follows_from_its_seed_and_leaves_the_global_one_alone() -> None:
    before = torch.random.get_rng_state()
    make.cache_clear()
    one, other = make(Made("lstm", 3, 8, 2, 1)), make(Made("lstm", 3, 8, 2, 2))
    make.cache_clear()
    again = make(Made("lstm", 3, 8, 2, 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    for name, weight in one.rnn.named_parameters():
        assert torch.equal(weight, again.rnn.get_parameter(name))
        assert not torch.equal(weight, other.rnn.get_parameter(name))
        assert weight.abs().max() <= 8**-0.5
    assert isinstance(named(MADE), Made)


def test_another_number_or_another_choice_is_another_checksum() -> None:
    module = Tagger("GRU", (3, 4, 5), 1, False, True, False)
    weights = read(saved(module))
    proposed = layout.propose(weights)
    names = {put_together(weights, proposed).name, put_together(weights, proposed, activation="identity").name}
    names |= {put_together(weights, proposed, vocabulary=list("abcde")).name}
    with torch.no_grad():
        module.fc.bias[0] += 1e-3
    names |= {put_together(read(saved(module)), proposed).name}
    assert len(names) == 4
    assert all(named(name) == name for name in names)


@pytest.mark.parametrize(
    "text", ["a\nb\n<unk>\n", '["a", "b", "<unk>"]', '{"b": 1, "a": 0, "<unk>": 2}', b"\xef\xbb\xbfa\r\nb\r\n<unk>"]
)
def test_a_vocabulary_is_read_in_each_form(text: str | bytes) -> None:
    assert vocabulary(text) == ("a", "b", "<unk>")


@pytest.mark.parametrize(
    "text", ["", "[1]", "{", '{"a": 1}', '{"a": 0, "b": 0}', "[" * 5000, b"\xff", "x" * 61, "x" * 400_001]
)
def test_what_is_no_vocabulary_is_refused(text: Any) -> None:
    with pytest.raises(Refused):
        vocabulary(text)


def test_a_vocabulary_of_another_size_is_refused_and_its_words_are_those_of_the_head_too() -> None:
    weights = read(saved(Tagger("GRU", (3, 4, 5), 1, False, True, False)))
    proposed = layout.propose(weights)
    model = put_together(weights, proposed, vocabulary=json.loads('["a", "b", "c", "d", "<unk>"]'))
    assert model.vocabulary == model.words == ("a", "b", "c", "d", "<unk>")
    with pytest.raises(Refused):
        put_together(weights, proposed, vocabulary=["a"])


def test_one_output_is_a_number_and_no_class() -> None:
    rnn = build("gru", 2, 3)
    rnn.load_state_dict({name: torch.zeros_like(value) for name, value in rnn.state_dict().items()})
    entries = {**rnn.state_dict(), "fc.weight": torch.ones(1, 3), "fc.bias": torch.ones(1)}
    weights = Weights(entries)
    shown = run(model := put_together(weights, layout.propose(weights)), reading.first(model))
    assert shown.readout is not None
    assert shown.readout.meaning == "number"
    np.testing.assert_array_equal(shown.readout.y, np.ones((12, 1)))
    row = run_row(model, reading.first(model), 0).shown
    np.testing.assert_array_equal(row.outputs, shown.readout.y)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", "identity"])
def test_what_a_head_gives_is_what_it_is_said_to_be(activation: Activation) -> None:
    module = Tagger("GRU", (3, 4, 5), 1, False, True, False)
    weights = read(saved(module))
    model = put_together(weights, layout.propose(weights), activation=activation)
    what = reading.first(model)
    with torch.no_grad():
        logits = module.fc(module.rnn(module.emb(torch.tensor(what.rows)))[0])
    expected = {"softmax": torch.softmax(logits, -1), "sigmoid": torch.sigmoid(logits), "identity": logits}[activation]
    shown = run(model, what)
    assert shown.readout is not None
    np.testing.assert_allclose(shown.readout.y, expected, atol=1e-5)


def test_a_matrix_that_another_one_reads_is_no_head_and_what_is_left_out_is_told() -> None:
    net = nn.ModuleDict({"rnn": nn.RNN(3, 7), "head": nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 1))})
    weights = read(saved(net))
    proposed = layout.propose(weights)
    assert proposed.head == ""
    assert set(layout.unused(weights, proposed)) == {f"head.{n}.{part}" for n in (0, 2) for part in ("weight", "bias")}


def test_numbers_that_overflow_are_refused() -> None:
    entries = {name: weight * 1e30 for name, weight in nn.RNN(3, 4, nonlinearity="relu").state_dict().items()}
    weights = Weights(entries)
    model = put_together(weights, layout.arrange(weights, "", "rnn_relu", "", ""))
    for work in (lambda: run(model, reading.first(model)), lambda: run_row(model, reading.first(model), 0)):
        with pytest.raises(Refused) as error:
            work()
        assert error.value.rule.name == "overflow"


def test_a_head_or_an_input_that_is_too_wide_is_none() -> None:
    rnn = dict(nn.RNN(2, 1).state_dict())
    weights = Weights({**rnn, "fc.weight": torch.zeros(WIDTH + 1, 1)})
    assert layout.propose(weights).head == ""
    with pytest.raises(Refused):
        layout.propose(Weights(dict(nn.RNN(WIDTH + 1, 1).state_dict())))
