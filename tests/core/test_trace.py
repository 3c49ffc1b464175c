"""A trace: frozen, true to what was run, and readable by other programs."""

from __future__ import annotations

import copy
import csv
import dataclasses
import io
import json
import pickle
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.core.cells import CELLS
from rnnviz.core.network import run
from rnnviz.core.nonfinite import NonFinite
from rnnviz.core.record import Head, read_out, record
from rnnviz.core.trace import READOUT_ARRAYS, Readout, Trace

# A lone surrogate is no text that could be stored; everything else that can be typed is.
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1+1", "＋1", "－1", "＠SUM")


def trace_of(cell: str = "lstm", tokens: tuple[str, ...] = ("나는", "a", "boy", "."), **options: Any) -> Trace:
    random = torch.Generator().manual_seed(0)
    module = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](3, 5, **options)
    return record(module, torch.randn(len(tokens), 3, generator=random, dtype=module.weight_ih_l0.dtype), tokens=tokens)


def readout_of(trace: Trace) -> Readout:
    return read_out(trace, Head(torch.ones(2, trace.output.shape[1]), torch.zeros(2)))


def assert_same(found: Trace, expected: Trace) -> None:
    assert found.cell == expected.cell
    assert found.tokens == expected.tokens
    assert found.num_directions == expected.num_directions
    assert list(found.values) == list(expected.values)
    for one, other in (
        ({"x": found.x}, {"x": expected.x}),
        (found.values, expected.values),
        (found.initial, expected.initial),
        *zip(found.weights, expected.weights, strict=True),
    ):
        assert one.keys() == other.keys()
        for name, array in one.items():
            assert array.dtype == other[name].dtype
            np.testing.assert_array_equal(array, other[name])


def assert_frozen(trace: Trace) -> None:
    for mapping in ({"x": trace.x}, trace.values, trace.initial, *trace.weights):
        for array in mapping.values():
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
    for mapping in (trace.values, trace.initial, *trace.weights):
        with pytest.raises(TypeError):
            mapping["h"] = trace.x
    for field in dataclasses.fields(trace):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(trace, field.name, None)
    with pytest.raises(TypeError):
        trace["h"] = trace.x


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_trace_is_frozen_to_the_last_number(cell: str) -> None:
    assert_frozen(trace_of(cell, num_layers=2, bidirectional=True))


def test_a_readout_is_frozen_to_the_last_number() -> None:
    readout = readout_of(trace_of())
    for one in (readout, copy.deepcopy(readout), pickle.loads(pickle.dumps(readout))):
        for name in READOUT_ARRAYS:
            with pytest.raises(ValueError, match="read-only"):
                getattr(one, name)[...] = 0
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(one, name, None)
            np.testing.assert_array_equal(getattr(one, name), getattr(readout, name))


def test_what_a_trace_was_made_of_can_change_without_changing_it() -> None:
    source = trace_of()
    x, values = source.x.copy(), dict(source.values)
    made = dataclasses.replace(source, x=x, values=values)
    x[...] = 0
    values.clear()
    assert_same(made, source)


def test_what_a_trace_derives_can_be_changed_without_changing_it() -> None:
    trace = trace_of("gru")
    before = copy.deepcopy(trace)
    trace.previous("h")[...] = 0
    trace.output[...] = 0
    assert_same(trace, before)


def test_a_copied_or_pickled_trace_is_the_same_and_frozen() -> None:
    """Streamlit's cache and worker processes pickle; an unpickled array would be writable."""
    trace = trace_of(num_layers=2, bidirectional=True)
    for other in (copy.copy(trace), copy.deepcopy(trace), pickle.loads(pickle.dumps(trace))):
        assert_same(other, trace)
        assert_frozen(other)


@pytest.mark.parametrize(("cell", "quantities"), [("rnn", "a h"), ("lstm", "i f g o c h"), ("gru", "r z n h")])
def test_a_trace_lists_what_it_has(cell: str, quantities: str) -> None:
    trace = trace_of(cell, num_layers=2, bidirectional=True)
    assert " ".join(trace.quantities) == quantities
    assert set(trace.quantities) < set(trace.operations) == set(trace.values)
    assert {trace[name].shape for name in trace.operations} == {(4, 4, 5)}
    assert (len(trace), trace.num_layers, trace.num_directions, trace.hidden_size) == (4, 2, 2, 5)
    assert len(trace.weights) == 4
    assert set(trace.initial) == set(trace.cell.states)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"GRU has no 'c'; it has .*r.*z.*n.*h"):
        trace_of("gru")["c"]
    with pytest.raises(KeyError, match="GRU carries h from step to step, not 'c'"):
        trace_of("gru").previous("c")


def test_its_repr_is_one_short_line() -> None:
    assert repr(trace_of(bidirectional=True)) == (
        "<Trace LSTM: T=4, layers=1, directions=2, hidden=5, float32; i f g o c h>"
    )


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_operands_of_every_operation_give_its_result(cell: str, bidirectional: bool) -> None:
    """What a hover shows as the sources of a number is what it was computed from, in each layer and direction."""
    trace = trace_of(cell, num_layers=2, bidirectional=bidirectional, dtype=torch.float64)
    for row in range(len(trace["h"])):
        for op in trace.cell.ops:
            operands = {name: trace.operand(name, row) for name in op.reads}
            for t in range(len(trace)):
                known = {
                    name: torch.tensor(array if name in trace.weights[row] else array[t])
                    for name, array in operands.items()
                }
                np.testing.assert_allclose(run([op], known)[op.name], trace[op.name][row, t], rtol=0, atol=1e-12)


def test_a_layer_reads_both_directions_of_the_layer_below() -> None:
    trace = trace_of(num_layers=2, bidirectional=True)
    for row in (0, 1):
        np.testing.assert_array_equal(trace.input(row), trace.x)
    for row in (2, 3):
        np.testing.assert_array_equal(trace.input(row), np.hstack([trace["h"][0], trace["h"][1]]))
    np.testing.assert_array_equal(trace.output, np.hstack([trace["h"][2], trace["h"][3]]))


def read_csv(written: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written, newline="")))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_csv_holds_every_number_exactly(dtype: torch.dtype) -> None:
    trace = trace_of("gru", num_layers=2, bidirectional=True, dtype=dtype)
    lines = read_csv(trace.to_csv())
    assert len(lines) == sum(array.size for array in trace.values.values())
    read = {name: np.full_like(array, np.nan) for name, array in trace.values.items()}
    for line in lines:
        row = 2 * (int(line["layer"]) - 1) + ["forward", "reverse"].index(line["direction"])
        t, unit = int(line["t"]) - 1, int(line["unit"]) - 1
        assert line["token"] == trace.tokens[t]
        read[line["quantity"]][row, t, unit] = float(line["value"])
    for name, array in trace.values.items():
        np.testing.assert_array_equal(read[name], array)


@given(st.lists(text, min_size=1, max_size=4))
def test_any_token_comes_back_from_the_csv(tokens: list[str]) -> None:
    trace = trace_of("rnn", tuple(tokens))
    lines = read_csv(trace.to_csv())
    assert len(lines) == sum(array.size for array in trace.values.values())
    for line in lines:
        token = tokens[int(line["t"]) - 1]
        assert line["token"] in (token, "'" + token)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_token_cannot_run_in_a_spreadsheet(formula: str) -> None:
    lines = read_csv(trace_of("rnn", (formula, f'"\r\n{formula}', f"a\r{formula}", f'",{formula}')).to_csv())
    cells = [cell for line in lines for column, cell in line.items() if column != "value"]
    assert {line["token"] for line in lines if line["t"] == "1"} == {"'" + formula}
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n\0＝＋－＠"))]
    for line in lines:
        float(line["value"])


def test_the_csv_says_nan_and_infinity() -> None:
    trace = trace_of("rnn")
    strange = np.array(trace["h"])
    strange[0, 0, :3] = np.nan, np.inf, -np.inf
    written = dataclasses.replace(trace, values={**trace.values, "h": strange}).to_csv()
    values = [float(line["value"]) for line in read_csv(written) if line["quantity"] == "h"]
    np.testing.assert_array_equal(values[:3], [np.nan, np.inf, -np.inf])


@given(st.lists(text, min_size=2, max_size=2))
def test_classes_are_named_by_their_words(words: list[str]) -> None:
    trace = trace_of("rnn")
    readout = readout_of(trace)
    named = 0
    for line in read_csv(trace.to_csv(readout=readout, words=words)):
        if line["quantity"] in ("logits", "y"):
            word = words[int(line["unit"]) - 1]
            assert line["word"] == ("'" + word if word.startswith(tuple("=+-@\t\r\n\0＝＋－＠")) else word)
            assert float(line["value"]) == getattr(readout, line["quantity"])[int(line["t"]) - 1, int(line["unit"]) - 1]
            named += 1
        else:
            assert line["word"] == ""
    assert named == readout.y.size + readout.logits.size
    file = io.BytesIO()
    trace.save(file, readout, words)
    file.seek(0)
    with np.load(file, allow_pickle=False) as saved:
        assert json.loads(str(saved["about"]))["words"] == words
    file.seek(0)
    assert_same(Trace.load(file), trace)


@pytest.mark.parametrize("words", [("a",), ("a", "b", "c")])
def test_words_that_are_not_one_for_each_class_are_refused(words: tuple[str, ...]) -> None:
    trace = trace_of("rnn")
    for write in (partial(trace.to_csv, None), partial(trace.save, io.BytesIO())):
        for readout in (readout_of(trace), None):
            with pytest.raises(ValueError, match=r"words.*accepted: a word for each class"):
                write(readout, words)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_saved_trace_loads_as_the_same_trace(cell: str, dtype: torch.dtype, tmp_path: Path) -> None:
    trace = trace_of(cell, num_layers=2, bidirectional=True, dtype=dtype)
    trace.save(tmp_path / "trace.npz")
    loaded = Trace.load(tmp_path / "trace.npz")
    assert_same(loaded, trace)
    assert_frozen(loaded)


@given(st.lists(text, min_size=1, max_size=4))
def test_any_token_comes_back_from_the_npz(tokens: list[str]) -> None:
    file = io.BytesIO()
    trace = trace_of("rnn", tuple(tokens))
    trace.save(file)
    file.seek(0)
    assert_same(Trace.load(file), trace)


def test_plain_numpy_opens_a_saved_trace_without_pickle() -> None:
    file = io.BytesIO()
    trace = trace_of()
    trace.save(file)
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        np.testing.assert_array_equal(archive["value.h"], trace["h"])
        np.testing.assert_array_equal(archive["weight.0.W_xf"], trace.weights[0]["W_xf"])
        assert not [name for name in archive.files if archive[name].dtype == object]


def test_a_pickle_in_disguise_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "trace.npz"
    np.savez(file, about=np.array([{"cell": "rnn"}], dtype=object))
    with pytest.raises(ValueError, match=r"'about.npy' holds 'O'.*accepted: one text"):
        Trace.load(file)


@pytest.mark.parametrize("name", ["tr", "trace.npz", "a.b"])
def test_a_trace_is_saved_under_exactly_the_given_name(name: str, tmp_path: Path) -> None:
    trace = trace_of()
    for file in (tmp_path / name, str(tmp_path / name)):
        trace.save(file)
        assert [found.name for found in tmp_path.iterdir()] == [name]
        assert_same(Trace.load(file), trace)


def test_a_readout_is_saved_and_loaded_beside_its_trace(tmp_path: Path) -> None:
    trace = trace_of(bidirectional=True)
    readout = readout_of(trace)
    trace.save(tmp_path / "both", readout)
    assert_same(Trace.load(tmp_path / "both"), trace)
    loaded = Readout.load(tmp_path / "both")
    for part in dataclasses.fields(Readout):
        np.testing.assert_array_equal(getattr(loaded, part.name), getattr(readout, part.name))
    trace.save(tmp_path / "alone")
    with pytest.raises(ValueError, match=r"alone holds no readout.*readout\.logits"):
        Readout.load(tmp_path / "alone")


def _without(name: str) -> bytes:
    """A saved trace that lacks one array."""
    file, other = io.BytesIO(), io.BytesIO()
    trace_of().save(file)
    file.seek(0)
    with np.load(file) as archive:
        np.savez(other, **{key: archive[key] for key in archive.files if key != name})
    return other.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"layer,t\r\n1,1",
        b"PK\x03\x04 cut off",
        b"\x93NUMPY\x01\x00",
        b"\x80\x04N.",
        *map(_without, ("x", "about", "value.c")),
    ],
)
def test_a_file_that_is_no_trace_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.npz holds no trace that `Trace.save` wrote"):
        Trace.load(tmp_path / "other.npz")


def test_a_single_array_is_no_trace_and_a_missing_file_is_missing(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.ones(3))
    with pytest.raises(ValueError, match="holds no trace"):
        Trace.load(tmp_path / "one.npy")
    with pytest.raises(FileNotFoundError):
        Trace.load(tmp_path / "absent.npz")


def test_the_csv_holds_what_the_head_made_of_it() -> None:
    trace = trace_of("gru", ("=1", "b"), bidirectional=True)
    readout = readout_of(trace)
    lines = read_csv(trace.to_csv(readout=readout))
    for name, array in (("logits", readout.logits), ("y", readout.y)):
        mine = [line for line in lines if line["quantity"] == name]
        assert {(line["layer"], line["direction"]) for line in mine} == {("", "")}
        assert [line["token"] for line in mine] == ["'=1", "'=1", "b", "b"]
        assert [(line["t"], line["unit"]) for line in mine] == [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")]
        np.testing.assert_array_equal(np.array([float(line["value"]) for line in mine], array.dtype), array.ravel())
    assert len(lines) == sum(array.size for array in trace.values.values()) + 2 * readout.y.size


def test_the_csv_is_written_as_it_is_returned(tmp_path: Path) -> None:
    trace = trace_of("rnn", ("나는", "a\rb"))
    written = trace.to_csv(tmp_path / "trace.csv")
    assert (tmp_path / "trace.csv").read_bytes() == written.encode() == trace.to_csv().encode()


@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_top_row_is_the_last_layers_forward_direction(bidirectional: bool) -> None:
    trace = trace_of(num_layers=2, bidirectional=bidirectional)
    np.testing.assert_array_equal(trace["h"][trace.top], trace.output[:, :5])


def test_the_weights_of_a_module_without_bias_are_shown_as_zeros() -> None:
    trace = trace_of("gru", bias=False)
    assert set(trace.weights[0]) == {parameter.name for parameter in CELLS["gru"].parameters}
    assert not any(array.any() for name, array in trace.weights[0].items() if name.startswith("b_"))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_final_state_is_what_pytorch_hands_on(cell: str, bidirectional: bool) -> None:
    module = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](3, 5, num_layers=2, bidirectional=bidirectional)
    x = torch.randn(6, 3, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        last = module(x)[1]
    final = record(module, x).final
    for found, expected in zip(final.values(), last if isinstance(last, tuple) else (last,), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_data_frame_holds_the_numbers_and_the_counting_of_the_csv() -> None:
    pandas = pytest.importorskip("pandas")
    trace = trace_of("lstm", num_layers=2, bidirectional=True, dtype=torch.float64)
    frame = trace.to_dataframe()
    read = pandas.read_csv(io.StringIO(trace.to_csv()), dtype={"token": str})
    pandas.testing.assert_frame_equal(frame, read, check_dtype=False)
    one = frame[(frame.quantity == "f") & (frame.layer == 2) & (frame.direction == "reverse") & (frame.t == 3)]
    np.testing.assert_array_equal(one.sort_values("unit")["value"], trace["f"][3, 2])


def test_without_pandas_there_is_a_word_of_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        ImportError, match=r"to_dataframe needs pandas, .*; accepted: after `pip install pandas`, or to_csv"
    ):
        trace_of().to_dataframe()


@given(
    row=st.integers(0, 3), t=st.integers(1, 4), unit=st.integers(0, 4), bad=st.sampled_from([np.nan, np.inf, -np.inf])
)
def test_the_first_number_that_is_none_is_found_where_it_was_put(row: int, t: int, unit: int, bad: float) -> None:
    """In an operation that no other operation leads to, so that nothing before it can have it."""
    trace = trace_of("lstm", num_layers=2, bidirectional=True)
    assert trace.first_nonfinite() is None
    values = {name: array.copy() for name, array in trace.values.items()}
    later = values["o"][row, : t - 1] if row % 2 else values["o"][row, t:]
    later[:] = np.nan  # what is read after it
    values["o"][row, t - 1, unit] = bad
    values["tanh_c"][row, t - 1, unit] = bad  # computed after it
    values["xi"][row + 1 :, :] = np.nan  # of rows that are computed later
    found = dataclasses.replace(trace, values=values).first_nonfinite()
    assert found == NonFinite("o", t, row, (unit,))


def test_a_weight_an_input_and_an_initial_state_are_named_before_what_they_spoil() -> None:
    def changed(part: str) -> NonFinite | None:
        module, x, h0 = nn.GRU(3, 5), torch.zeros(4, 3), torch.zeros(1, 5)
        with torch.no_grad():
            {"weight": module.weight_hh_l0[6], "x": x[2, 1:2], "h0": h0[0, 3:]}[part].fill_(torch.inf)
        return record(module, x, h0=h0).first_nonfinite()

    assert changed("weight") == NonFinite("W_hz", None, 0, (1,))
    assert changed("x") == NonFinite("x", 3, 0, (1,))
    assert changed("h0") == NonFinite("h_prev", 1, 0, (3, 4))
    exploding = nn.RNN(1, 2, nonlinearity="relu", bias=False)
    with torch.no_grad():
        for parameter in exploding.parameters():
            parameter.fill_(1e10)
    found = record(exploding, torch.ones(6, 1)).first_nonfinite()
    assert found is not None
    assert (found.name, found.step) == ("hh", 4)  # 1e10, 2e20, 4e30, and 8e40 is no float32
