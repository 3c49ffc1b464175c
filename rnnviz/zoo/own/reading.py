"""What a visitor's network reads: words of its vocabulary, rows of its embedding, or numbers; typed, or from a file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from math import isfinite, prod

import numpy as np
import torch
from numpy.lib import format as format_of

from rnnviz.core.trace import Array
from rnnviz.zoo.own.file import refused
from rnnviz.zoo.own.model import OwnModel, OwnReading

STEPS = 200  # as many as a stage shows
FIRST_STEPS = 12  # of what is read until something is chosen
BYTES = 400_000  # of a file
UNPACKED = 4_000_000  # of an array in one that is packed
_UNKNOWN = ("<unk>", "[unk]", "<UNK>", "[UNK]", "UNK", "unk", "<oov>")
_MOST = 1e6  # how large a number may be


def typed(model: OwnModel, text: str) -> OwnReading:
    """What was typed, as the network reads it: words where it has a vocabulary, else the rows of its embedding as whole
    numbers; else numbers, and where it reads several in a step, semicolons or new lines between the steps. An empty
    text is `first`.

    Raises `Refused` for what it cannot read.
    """
    if not text.strip():
        return first(model)
    if model.embedding is None:
        lines = text.replace(";", "\n").splitlines()
        cells = [line.replace(",", " ").split() for line in lines if line.strip()]
        if model.rnn.input_size == 1 and len(cells) == 1:
            cells = [[cell] for cell in cells[0]]
        return _numbers(model, [[_number(cell) for cell in row] for row in cells])
    if not model.vocabulary:
        return _of_rows(model, [_row(word, len(model.embedding)) for word in text.replace(",", " ").split()])
    return _words(model, text)


def first(model: OwnModel) -> OwnReading:
    """What is read until something is chosen: the first words or rows, or numbers drawn from a normal distribution."""
    if model.embedding is None:
        generator = torch.Generator().manual_seed(0)
        x = torch.randn(FIRST_STEPS, model.rnn.input_size, generator=generator)
        return OwnReading(x, tuple(str(step + 1) for step in range(len(x))))
    special = [row for row, word in enumerate(model.vocabulary) if word.startswith(("<", "["))]
    rows = [row for row in range(len(model.embedding)) if row not in special] or [0]
    return _of_rows(model, rows[:FIRST_STEPS])


def from_file(model: OwnModel, data: bytes) -> OwnReading:
    """What a file holds: a NumPy array of (T, input_size) numbers or of T rows, alone (.npy) or called x (.npz); else
    text in CSV, a line for each step.

    Raises `Refused` for what it cannot read.
    """
    if len(data) > BYTES:
        raise refused("read_bytes", f"the file has {len(data)} bytes; at most {BYTES}", count=len(data), most=BYTES)
    if data.startswith((b"PK", b"\x93NUMPY")):
        array = _array(data)
        if array.ndim > 1 and 1 in array.shape[:2] and array.ndim == (2 if model.embedding is not None else 3):
            array = array.squeeze(0 if array.shape[0] == 1 else 1)  # a batch of one
        if model.embedding is not None:
            if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
                raise _shape(array, f"(T,) whole numbers, rows of {len(model.embedding)}")
            _check_steps(len(array))
            return _of_rows(model, [_row(str(row), len(model.embedding)) for row in array.tolist()])
        if array.ndim == 1 and model.rnn.input_size == 1:
            array = array[:, None]
        if array.ndim != 2 or array.dtype.kind not in "fiu":
            raise _shape(array, f"(T, {model.rnn.input_size}) numbers")
        _check_steps(len(array))
        return _numbers(model, array.astype(float).tolist())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused("read_text", "the file is neither text nor a NumPy array") from error
    if model.embedding is None:
        lines = text.splitlines()
        if lines and not any(_is_number(cell) for cell in lines[0].split(",")):
            text = "\n".join(lines[1:])  # what the columns are called
    return typed(model, text) if text.strip() else _numbers(model, [])


def _array(data: bytes) -> Array:
    try:
        if not data.startswith(b"PK"):
            return _npy(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [file.filename for file in archive.infolist() if file.file_size <= UNPACKED]
            name = "x.npy" if "x.npy" in names else names[0]
            return _npy(archive.read(name))
    except Exception as error:  # whatever a broken or hostile file makes of the reader is a file that is not accepted
        raise refused("read_array", f"the array cannot be read ({error})") from error


def _npy(data: bytes) -> Array:
    """The array in the bytes of a .npy file, which has to hold as many numbers as it says."""
    file = io.BytesIO(data)
    read_header = (
        format_of.read_array_header_1_0 if format_of.read_magic(file) == (1, 0) else format_of.read_array_header_2_0
    )
    shape, _, dtype = read_header(file)
    if dtype.hasobject or prod(shape) * dtype.itemsize != len(data) - file.tell():
        raise ValueError("it does not hold what it says")
    file.seek(0)
    return np.asarray(format_of.read_array(file, allow_pickle=False))


def _shape(array: Array, accepted: str) -> Exception:
    message = f"the array is {array.dtype} of shape {array.shape}; accepted: {accepted}"
    return refused("read_shape", message, shape=f"{array.dtype} {array.shape}", accepted=accepted)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or abs(value) > _MOST:
        raise refused("read_number", f"{cell!r:.40} is no number from -{_MOST:g} to {_MOST:g}", cell[:40], most=_MOST)
    return value


def _row(word: str, rows: int) -> int:
    if not (word.isascii() and word.isdecimal() and len(word) < 8 and int(word) < rows):
        raise refused("read_row", f"{word!r:.40} is no row; accepted: 0 to {rows - 1}", word[:40], most=rows - 1)
    return int(word)


def _check_steps(count: int) -> None:
    if not 1 <= count <= STEPS:
        raise refused("read_steps", f"there are {count} steps; accepted: 1 to {STEPS}", count=count, most=STEPS)


def _numbers(model: OwnModel, cells: Sequence[Sequence[float]]) -> OwnReading:
    _check_steps(len(cells))
    width = model.rnn.input_size
    for number, row in enumerate(cells, 1):
        if len(row) != width:
            message = f"step {number} has {len(row)} numbers; accepted: {width}"
            raise refused("read_width", message, step=number, count=len(row), width=width)
        for value in row:
            _number(repr(value))
    x = torch.tensor(cells, dtype=torch.float32)
    if width == 1:
        return OwnReading(x, tuple(f"{value:.4g}" for value in x[:, 0].tolist()))
    return OwnReading(x, tuple(str(step + 1) for step in range(len(x))))


def _of_rows(model: OwnModel, rows: Sequence[int], tokens: Sequence[str] = ()) -> OwnReading:
    _check_steps(len(rows))
    assert model.embedding is not None
    names = tokens or [model.vocabulary[row] if model.vocabulary else str(row) for row in rows]
    return OwnReading(model.embedding[list(rows)], tuple(names), tuple(rows))


def _words(model: OwnModel, text: str) -> OwnReading:
    """Words between spaces, or of a vocabulary of letters each character; as they stand, else in small letters."""
    found = {word: row for row, word in reversed(list(enumerate(model.vocabulary)))}
    folded = {word.casefold(): row for word, row in reversed(list(found.items()))}
    plain = [word for word in model.vocabulary if not word.startswith(("<", "["))]
    letters = bool(plain) and all(len(word) == 1 for word in plain)
    pieces = list(text) if letters else text.split()
    unknown = next((found[word] for word in _UNKNOWN if word in found), None)
    rows = []
    for piece in pieces:
        row = found.get(piece, folded.get(piece.casefold(), unknown))
        if row is None:
            raise refused("read_word", f"{piece!r:.40} is not in the vocabulary, which has no <unk>", piece[:40])
        rows.append(row)
    missing = [step for step, piece in enumerate(pieces) if found.get(piece, folded.get(piece.casefold())) is None]
    return replace(_of_rows(model, rows, [piece[:40] for piece in pieces]), unknown=frozenset(missing))
