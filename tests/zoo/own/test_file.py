"""A file of weights is read as it is, and whatever else comes is refused with a word, before anything of it is run or
takes memory."""

from __future__ import annotations

import io
import json
import os
import pickle
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as hst
from safetensors.torch import save

from rnnviz.training.config import Refused
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo.own import file


def saved(content: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream)
    return stream.getvalue()


def rule_of(data: bytes) -> str:
    with pytest.raises(Refused) as error:
        file.read(data)
    return error.value.rule.name


def state_dict(seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shapes = {"rnn.weight_ih_l0": (12, 3), "rnn.weight_hh_l0": (12, 4), "head.weight": (2, 4)}
    return {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_both_kinds_of_files_give_what_was_saved(dtype: torch.dtype) -> None:
    tensors = {name: tensor.to(dtype) for name, tensor in state_dict().items()}
    tensors["seen"] = torch.tensor([3])  # as a batch normalisation counts: not floating-point
    for data in (save(tensors), saved(tensors), saved({"epoch": 3, "model": tensors, "optimizer": {"state": {}}})):
        found = file.read(data).entries
        assert found.keys() == tensors.keys() - {"seen"}
        for name, tensor in found.items():
            assert tensor.dtype is torch.float32
            assert torch.equal(tensor, tensors[name].float())


def test_a_module_s_own_state_dict_and_its_parameters_are_read() -> None:
    lstm = torch.nn.LSTM(3, 4, 2, bidirectional=True)
    for content in (lstm.state_dict(), dict(lstm.named_parameters())):
        found = file.read(saved(content)).entries
        assert all(torch.equal(found[name], tensor) for name, tensor in lstm.state_dict().items())
    assert file.read(saved({"a": {"b": lstm.state_dict()}})).path == ("a", "b")


def test_what_safetensors_says_of_itself_is_read_and_nonsense_there_is_nothing() -> None:
    words = json.dumps(["a", "b"])
    found = file.read(save(state_dict(), {file.CELL: "gru", file.WORDS: words}))
    assert (found.cell, found.words) == ("gru", ("a", "b"))
    for nonsense in ("", "[1]", "{", "null", "[" * 9999):
        assert file.read(save(state_dict(), {file.WORDS: nonsense})).words == ()


class Runs:
    """An object whose pickle would make a folder."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


def test_nothing_in_a_pickle_is_run(tmp_path: Any) -> None:
    path = str(tmp_path / "made")
    for content in (Runs(path), {"weight": state_dict(), "x": Runs(path)}):
        assert rule_of(saved(content)) == "pickle"
    assert rule_of(pickle.dumps(Runs(path))) == "file"
    assert rule_of(saved(torch.nn.GRU(3, 4))) == "pickle"
    assert not Path(path).exists()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ({f"w{n}": torch.zeros(1) for n in range(file.ENTRIES + 1)}, "entries"),
        ({"w": torch.zeros(1).expand(10**9)}, "numbers"),
        ({"w": torch.zeros(1).expand(3, 1000, 1000)}, "numbers"),
        ({"w": torch.tensor([1.0, float("nan")])}, "finite"),
        ({"w": torch.tensor([1e300], dtype=torch.float64)}, "finite"),
        ({"w" * 300: torch.zeros(1)}, "name"),
    ],
)
def test_what_is_too_much_or_not_finite_is_refused_by_its_rule(content: dict[str, torch.Tensor], rule: str) -> None:
    tracemalloc.start()
    assert rule_of(saved(content)) == rule
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_a_file_that_is_too_large_or_packed_is_refused_before_it_is_read() -> None:
    assert rule_of(bytes(file.BYTES + 1)) == "bytes"
    with zipfile.ZipFile(io.BytesIO(saved(state_dict()))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("bomb", bytes(10**8))
    assert rule_of(packed.getvalue()) == "packed"


def test_a_storage_that_says_it_is_larger_than_the_file_is_refused() -> None:
    """As a pickle may say of any tensor, whose memory PyTorch would then take."""
    with zipfile.ZipFile(io.BytesIO(saved({"w": torch.zeros(7)}))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    hostile = io.BytesIO()
    with zipfile.ZipFile(hostile, "w") as archive:
        for name, content in files.items():
            # The one number of two bytes or fewer that is 7, as the size of the storage and of the tensor has it.
            archive.writestr(name, content.replace(b"K\x07", b"J\xff\xff\xff\x0f") if name.endswith("pkl") else content)
    assert rule_of(hostile.getvalue()) in ("numbers", "file")


@settings(max_examples=300, deadline=None)
@given(hst.data())
def test_a_broken_file_is_refused_and_never_an_error(data: hst.DataObject) -> None:
    whole = data.draw(hst.sampled_from((save(state_dict(), {file.CELL: "gru"}), saved(state_dict()))))
    content = bytearray(whole)
    for place in data.draw(hst.lists(hst.integers(0, len(whole) - 1), max_size=6)):
        content[place] = data.draw(hst.integers(0, 255))
    cut = data.draw(hst.integers(0, len(whole)))
    rules: list[str] = []
    try:
        found = file.read(bytes(content[:cut] if data.draw(hst.booleans()) else content))
    except Refused as error:
        rules.append(error.rule.name)
    else:
        assert all(tensor.isfinite().all() for tensor in found.entries.values())
    assert all(f"own.refused_{name}" in catalogue(language) for language in LANGUAGES for name in rules)


@given(hst.binary(max_size=300) | hst.binary(max_size=100).map(lambda tail: b"PK\x03\x04" + tail))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert rule_of(data) in ("file", "packed", "pickle")


def test_mappings_in_mappings_that_are_all_the_same_are_looked_through_once() -> None:
    inside: dict[str, Any] = {"w": {}}
    for _ in range(4):
        inside = {str(n): inside for n in range(60)}
    assert file.read(saved(inside)).entries == {}


@pytest.mark.parametrize("name", ["archive/DATA.PKL", "archive/data.Pkl", "archive/other.pkl"])
def test_a_pickle_under_another_name_is_not_read(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(saved({"w": torch.zeros(2)}))) as archive:
        files = {part: archive.read(part) for part in archive.namelist()}
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        for part, content in files.items():
            archive.writestr(name if part.endswith("data.pkl") else part, content)
    assert rule_of(other.getvalue()) == "file"


def test_a_long_pickle_is_not_read() -> None:
    assert rule_of(saved({"w": torch.zeros(2), "more": list(range(60_000))})) == "file"
