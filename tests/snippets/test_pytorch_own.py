"""The lines about a visitor's own network print, run as they are beside its file, what the pages show."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as hst
from safetensors.torch import save
from torch import nn

import rnnviz
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.gradients.flow import flow_of
from rnnviz.core.gradients.lab import every_sum
from rnnviz.snippets.lab import own_matrix
from rnnviz.snippets.own import own_hold_lines, own_lines, record_lines
from rnnviz.zoo.own import reading
from rnnviz.zoo.own.file import read
from rnnviz.zoo.own.layout import propose
from rnnviz.zoo.own.made import Made
from rnnviz.zoo.own.model import OwnModel, make, put_together, run, run_row

NUMBER = re.compile(r"-?\d+\.\d*(?:e[-+]?\d+)?")


def printed(lines: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    before = torch.get_default_dtype()
    try:
        exec(compile(lines, "run", "exec"), {})
    finally:
        torch.set_default_dtype(before)
    return capsys.readouterr().out


def numbers(text: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(text)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cell=hst.sampled_from(tuple(CELLS)),
    inputs=hst.integers(1, 3),
    units=hst.integers(1, 4),
    layers=hst.integers(1, 2),
    data=hst.data(),
)
def test_of_a_network_that_is_made(
    cell: str, inputs: int, units: int, layers: int, data: hst.DataObject, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make(Made(cell, inputs, units, layers, 3))
    _check(model, data, capsys)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=hst.sampled_from(("RNN", "LSTM", "GRU")),
    both=hst.booleans(),
    bias=hst.booleans(),
    pickled=hst.booleans(),
    layers=hst.integers(1, 2),
    data=hst.data(),
)
def test_of_a_file(
    kind: str,
    both: bool,
    bias: bool,
    pickled: bool,
    layers: int,
    data: hst.DataObject,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        net = nn.ModuleDict(
            {
                "emb": nn.Embedding(6, 3),
                "rnn": getattr(nn, kind)(3, 4, layers, bidirectional=both, bias=bias),
                "fc": nn.Linear(8 if both else 4, 5, bias=bias),
            }
        )
    name, stream = ("net.pt", io.BytesIO()) if pickled else ("net.safetensors", io.BytesIO(save(net.state_dict())))
    if pickled:
        torch.save({"model": net.state_dict()}, stream)
    Path(name).write_bytes(stream.getvalue())
    weights = read(stream.getvalue())
    activation = data.draw(hst.sampled_from(("softmax", "sigmoid", "identity")))
    model = put_together(weights, propose(weights), title=name, activation=activation)
    _check(model, data, capsys)


def _check(model: OwnModel, data: hst.DataObject, capsys: pytest.CaptureFixture[str]) -> None:
    what = reading.first(model)
    row, t = data.draw(hst.integers(0, model.rows - 1)), data.draw(hst.integers(1, len(what.tokens)))
    alone = run_row(model, what, row)
    shown = alone.shown
    lines = numbers(printed(own_lines(model, what, row, t, shown.head), capsys))
    h = shown.trace["h"][0, t - 1]
    np.testing.assert_allclose(lines[: len(h)], h, atol=2e-4)  # torch prints four places
    if shown.head == "numbers":
        assert shown.outputs is not None
        np.testing.assert_allclose(lines[len(h) :], shown.outputs[t - 1], atol=2e-4)
    elif shown.head == "classes":
        assert shown.readout is not None
        np.testing.assert_allclose(lines[len(h) :], [shown.readout.y[t - 1].max()], atol=2e-4)
    whole = run(model, what).trace
    text = printed(record_lines(model, what).replace('print(trace["h"])', 'print(repr(trace["h"].tolist()))'), capsys)
    np.testing.assert_allclose(np.ravel(eval(text.split("#")[0])), np.ravel(whole["h"]), atol=1e-5)
    k = data.draw(hst.integers(1, t))
    matrix = flow_of(rnnviz.record(alone.rnn, alone.x, dtype=torch.float64), every_sum).matrix[0]
    found = numbers(printed(own_matrix(model, what, row, t, k, "64"), capsys))
    np.testing.assert_allclose(found[-1], matrix[t - 1, k - 1], rtol=1e-5, atol=1e-12)
    if gates := CELLS[model.cell].gates:
        force = Forced(data.draw(hst.sampled_from(gates)), 0.25)
        held = rnnviz.record(alone.rnn, alone.x, forced=[force])
        out = printed(own_hold_lines(model, what, row, force, None, shown.head), capsys).strip().splitlines()
        name, _ = CELLS[model.cell].required_memory
        np.testing.assert_allclose(numbers(out[-1])[-1], np.abs(held[name][0, -1]).mean(), atol=2e-4)


@pytest.mark.parametrize("read", ["first", "saved"])
def test_of_more_numbers_than_are_written_out(
    read: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = make(Made("gru", 30, 3, 1, 0))
    what = reading.first(model)
    if read == "saved":
        x = torch.linspace(-1, 1, 30 * 9).reshape(9, 30)
        what = reading.OwnReading(x, tuple("abcdefghi"))
        run(model, what).trace.save("saved.npz")
    lines = own_lines(model, what, 0, 5, "nothing")
    h = run_row(model, what, 0).shown.trace["h"][0, 4]
    np.testing.assert_allclose(numbers(printed(lines, capsys)), h, atol=2e-4)
