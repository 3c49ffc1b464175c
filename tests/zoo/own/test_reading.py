"""What a visitor's network reads is what was typed or what a file holds; all else is refused with a word."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as hst

from rnnviz.training.config import Refused
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo.own import reading
from rnnviz.zoo.own.file import Weights
from rnnviz.zoo.own.layout import propose
from rnnviz.zoo.own.made import Made
from rnnviz.zoo.own.model import OwnModel, make, put_together

NUMBERS, ONE = make(Made("gru", 2, 3, 1, 0)), make(Made("lstm", 1, 3, 2, 0))
WORDS = ("<unk>", "the", "dog", "Cat")


def embedded(vocabulary: tuple[str, ...]) -> OwnModel:
    made = make(Made("gru", 2, 3, 1, 0))
    weights = Weights({**dict(made.rnn.named_parameters()), "emb.weight": torch.arange(8.0).reshape(4, 2)})
    return put_together(weights, propose(weights), vocabulary=vocabulary)


ROWS, TEXT, LETTERS = embedded(()), embedded(WORDS), embedded(("<unk>", "a", "b", " "))


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def rule_of(model: OwnModel, given: str | bytes) -> str:
    with pytest.raises(Refused) as error:
        (reading.typed if isinstance(given, str) else reading.from_file)(model, given)
    assert all(f"own.refused_{error.value.rule.name}" in catalogue(language) for language in LANGUAGES)
    return error.value.rule.name


numbers = hst.floats(-1000, 1000, width=32)


@settings(deadline=None)
@given(hst.lists(hst.tuples(numbers, numbers), min_size=1, max_size=20))
def test_numbers_are_read_alike_in_every_form(steps: list[tuple[float, float]]) -> None:
    expected = torch.tensor(steps, dtype=torch.float32)
    lines = [f"{a!r}, {b!r}" for a, b in steps]
    array = np.array(steps)
    assert torch.equal(reading.typed(NUMBERS, "; ".join(lines)).x, expected)
    for data in (
        "\n".join(lines).encode(),
        ("first,second\n" + "\n".join(lines)).encode(),
        npy(array),
        npz(x=array, other=array[:1]),
        npz(any=array),
        npy(array[None]),
        npy(array[:, None]),
    ):
        found = reading.from_file(NUMBERS, data)
        assert torch.equal(found.x, expected)
        assert len(found.tokens) == len(steps)


def test_a_network_of_one_number_reads_a_line() -> None:
    for found in (
        reading.typed(ONE, "1 0 0.5"),
        reading.typed(ONE, "1; 0; 0.5"),
        reading.from_file(ONE, npy(np.array([1, 0, 0.5]))),
    ):
        assert found.x.tolist() == [[1.0], [0.0], [0.5]]
        assert found.tokens == ("1", "0", "0.5")


def test_rows_and_words_are_rows_of_the_embedding() -> None:
    assert reading.typed(ROWS, "3 0, 1").x.tolist() == [[6, 7], [0, 1], [2, 3]]
    assert reading.from_file(ROWS, npy(np.array([3, 0, 1]))).rows == (3, 0, 1)
    found = reading.typed(TEXT, "The cat dog bird")
    assert (found.rows, found.tokens) == ((1, 3, 2, 0), ("The", "cat", "dog", "bird"))
    assert found.unknown == {3}
    assert reading.typed(LETTERS, "ab a").rows == (1, 2, 3, 1)
    assert reading.typed(TEXT, " ").rows == reading.first(TEXT).rows == (1, 2, 3)


def test_a_word_that_is_unknown_is_refused_where_there_is_no_row_for_it() -> None:
    assert rule_of(embedded(("a", "the", "dog", "cat")), "the bird") == "read_word"


@pytest.mark.parametrize(
    ("model", "given", "rule"),
    [
        (NUMBERS, "1 2; 3", "read_width"),
        (NUMBERS, "1 x", "read_number"),
        (NUMBERS, "1 nan", "read_number"),
        (NUMBERS, "1 1e7", "read_number"),
        (NUMBERS, "1 1;" * (reading.STEPS + 1), "read_steps"),
        (ROWS, "4", "read_row"),
        (ROWS, "-1", "read_row"),
        (ROWS, "１", "read_row"),
        (ROWS, "99999999999", "read_row"),
        (NUMBERS, b"", "read_steps"),
        (NUMBERS, b"\xff\xfe\x00", "read_text"),
        (NUMBERS, bytes(reading.BYTES + 1), "read_bytes"),
        (NUMBERS, b"PK\x03\x04", "read_array"),
        (NUMBERS, b"\x93NUMPY", "read_array"),
        (NUMBERS, npy(np.array(["a"])), "read_shape"),
        (NUMBERS, npy(np.zeros((2, 3, 4))), "read_shape"),
        (NUMBERS, npy(np.zeros((5000, 2))), "read_steps"),
        (NUMBERS, npy(np.zeros((2, 3))), "read_width"),
        (NUMBERS, npy(np.full((2, 2), np.inf)), "read_number"),
        (ROWS, npy(np.zeros((2, 2))), "read_shape"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_rule(model: OwnModel, given: str | bytes, rule: str) -> None:
    assert rule_of(model, given) == rule


def test_an_array_that_says_it_is_larger_than_it_is_takes_no_memory() -> None:
    header = npy(np.zeros((2, 2))).replace(b"(2, 2), }", b"(999999999, 2), }"[:20])
    assert rule_of(NUMBERS, header) == "read_array"
    assert rule_of(NUMBERS, npz(x=np.zeros((10**6, 2)))) == "read_array"


@settings(max_examples=200, deadline=None)
@given(hst.sampled_from((NUMBERS, ONE, ROWS, TEXT, LETTERS)), hst.text(max_size=60) | hst.binary(max_size=200))
def test_anything_is_read_or_refused(model: OwnModel, given: str | bytes) -> None:
    rules: list[str] = []
    try:
        found = reading.typed(model, given) if isinstance(given, str) else reading.from_file(model, given)
    except Refused as error:
        rules.append(error.rule.name)
    else:
        assert found.x.shape == (len(found.tokens), model.rnn.input_size)
        assert 1 <= len(found.tokens) <= reading.STEPS
    assert all(f"own.refused_{name}" in catalogue(language) for language in LANGUAGES for name in rules)
