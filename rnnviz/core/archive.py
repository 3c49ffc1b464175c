"""NPZ files, which anybody may have made: held against bounds first, read afterwards, and nothing in them is run.

    with opened(file, "trace that `Trace.save` wrote") as archive:
        archive.about           # what the file says in JSON, read by now
        archive.headers["x"]    # dtype and shape; the numbers are not read yet
        archive["x"]

A file is what `write` leaves, a zip of NPY members as `numpy.savez` makes it: the text `about`, and arrays of numbers.
A member may be stored or deflated, not encrypted. What it unpacks to is known before it is unpacked, from two sides
that must agree, the zip's directory and the array's header; never more than that is read.
"""

from __future__ import annotations

import json
import os
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from io import BytesIO
from math import prod
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, NoReturn, TypeVar
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
File = str | os.PathLike[str] | IO[bytes]

# The bounds of a file. A trace of two bidirectional LSTM layers, 512 units and 1,000 steps has 180 MB.
MOST_BYTES = 2**29  # of all members together, unpacked
MOST_ABOUT = 2**25  # of `about`, four for each character
MOST_MEMBERS = 4096
MOST_PACKED = MOST_BYTES + 2**24  # numbers that cannot be deflated grow a little, and the zip has a directory
INFLATION = 1032  # bytes that one byte of deflate can stand for at the most: 258 for each two bits

_FLAGS = 0x80E  # of a member: how hard it was deflated, sizes given after it, a name in UTF-8
_MAGIC = b"\x93NUMPY\x01\x00"
# As NumPy writes it. To parse it as Python would be to meet what a parser does with a hostile text.
_HEADER = re.compile(
    rb"\{'descr': '([<>|])([a-zA-Z]\d{0,9})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,15}, ){0,7}\d{1,15}|\d{1,15},|)\), \} *\n"
)
_KINDS: Mapping[str, np.dtype[Any]] = {
    name: np.dtype(kind) for name, kind in (("f4", "float32"), ("f8", "float64"), ("i8", "int64"), ("b1", "bool"))
}
_PIECE = 2**20  # bytes that are unpacked at a time

# What zipfile, zlib, json and numpy raise for bytes that are not what they should be. `ValueError` stands for
# `UnicodeError` and `JSONDecodeError`, `RuntimeError` for `RecursionError` and `NotImplementedError`, `LookupError` and
# `ArithmeticError` for theirs.
_BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
    BadZipFile,
)


class Header(NamedTuple):
    """What is known of an array before its numbers are read. dtype: in the machine's own byte order."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.dtype} of shape {self.shape}"


class _Place(NamedTuple):
    """Where an array's numbers are: after `start` bytes of the unpacked member, as `stored`, in order C or F."""

    member: ZipInfo
    start: int
    stored: np.dtype[Any]
    order: Literal["C", "F"]


class Archive:
    """The bytes of a file. Raises `ValueError` and any of `_BROKEN` where they are none; `opened` makes these one.

    about: what the file says in JSON, a mapping.     headers: of the arrays, by name.
    """

    about: dict[str, Any]
    headers: dict[str, Header]

    def __init__(self, data: bytes) -> None:
        if len(data) > MOST_PACKED:
            raise ValueError(f"it has more than {MOST_PACKED} bytes; accepted: at most that")
        if (entries := data.count(b"PK\1\2")) > MOST_MEMBERS:  # before zipfile makes an object for each
            raise ValueError(f"its directory has {entries} entries; accepted: at most {MOST_MEMBERS}")
        self._zip = ZipFile(BytesIO(data))
        members = _members(self._zip.infolist(), len(data))
        about = members.pop("about", None)
        if about is None:
            raise ValueError(f"it has no about.npy; accepted: that and arrays, not {_listed(members)}")
        self.about = self._json(about)
        self.headers, self._places = {}, {}
        for name, member in members.items():
            self.headers[name], self._places[name] = self._array(member)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """An array, which may be written to. A name that is not in `headers` is a `KeyError`."""
        header, place = self.headers[name], self._places[name]
        numbers = self._unpacked(place).view(place.stored)
        return numbers.reshape(header.shape, order=place.order).astype(header.dtype, copy=False)

    def _json(self, member: ZipInfo) -> dict[str, Any]:
        start, byte_order, kind, _, shape = self._header(member)
        if kind[0] != "U" or shape or member.file_size - start != 4 * int(kind[1:] or 0):
            _refuse(member, f"holds {kind!r} of shape {shape} in NumPy's letters", "one text, as long as it says")
        if member.file_size > MOST_ABOUT:
            _refuse(member, f"has {member.file_size} bytes", f"at most {MOST_ABOUT}")
        text = self._unpacked(_Place(member, start, np.dtype("u1"), "C")).tobytes()
        about = json.loads(text.decode("utf-32-be" if byte_order == ">" else "utf-32-le"), parse_constant=_no_number)
        if not isinstance(about, dict):
            _refuse(member, f"says {about!r:.60}", "a JSON object")
        json.dumps(about, ensure_ascii=False).encode()  # "\ud800" is JSON, and no text that could be written
        return about

    def _array(self, member: ZipInfo) -> tuple[Header, _Place]:
        start, byte_order, kind, order, shape = self._header(member)
        if kind not in _KINDS:
            _refuse(member, f"holds {kind!r} in NumPy's letters", f"numbers, {', '.join(_KINDS)}")
        header = Header(_KINDS[kind], shape)
        if (size := header.dtype.itemsize * prod(shape)) != member.file_size - start:
            _refuse(member, f"has {member.file_size - start} bytes of numbers", f"{size}, as its header says")
        # A truth value is one byte, which may hold anything.
        dtype = np.dtype(np.uint8) if kind == "b1" else header.dtype.newbyteorder(">" if byte_order == ">" else "<")
        return header, _Place(member, start, dtype, order)

    def _header(self, member: ZipInfo) -> tuple[int, str, str, Literal["C", "F"], tuple[int, ...]]:
        """Where the numbers start, their byte order, NumPy's letters for the dtype, C or F, and the shape."""
        with self._zip.open(member) as stream:
            magic = stream.read(len(_MAGIC))
            length = int.from_bytes(stream.read(2), "little")
            text = stream.read(length)
        match = _HEADER.fullmatch(text) if magic == _MAGIC else None
        if match is None:
            _refuse(member, f"starts with {magic + text!r:.100}", "an NPY header of version 1.0, as NumPy writes it")
        byte_order, kind, fortran, shape = (part.decode() for part in match.groups())
        sizes = tuple(map(int, re.findall(r"\d+", shape)))
        return len(_MAGIC) + 2 + length, byte_order, kind, "F" if fortran == "True" else "C", sizes

    def _unpacked(self, place: _Place) -> NDArray[np.uint8]:
        """The bytes of a member after its header; of what may follow them beyond the size that it says, none."""
        content = np.empty(place.member.file_size - place.start, np.uint8)
        with self._zip.open(place.member) as stream:
            stream.read(place.start)
            size = 0
            while piece := stream.read(min(_PIECE, len(content) - size)):
                content[size : size + len(piece)] = np.frombuffer(piece, np.uint8)
                size += len(piece)
        if size < len(content):
            _refuse(place.member, f"ends after {size} of {len(content)} bytes", "a whole file")
        return content


@contextmanager
def opened(file: File, what: str) -> Iterator[Archive]:
    """The archive in a file. What goes wrong with its bytes, also in the `with` block, says that it holds no `what`.

    file: a path, or a stream to be read from where it stands.
    Raises `ValueError` for bytes that are none, and as it is the `OSError` of a path or stream that cannot be read.
    """
    with Path(file).open("rb") if isinstance(file, str | os.PathLike) else nullcontext(file) as stream:
        data = stream.read(MOST_PACKED + 1)
    try:
        yield Archive(data)
    except _BROKEN as error:
        name = os.fspath(file) if isinstance(file, str | os.PathLike) else "the file"
        raise ValueError(f"{name} holds no {what}: {str(error) or type(error).__name__}") from error


def write(file: File, about: Mapping[str, object], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a file that `opened` accepts, under exactly this name.

    Raises `ValueError` for what is beyond its bounds, for a number in `about` that is not finite and for text that is
    none (a lone surrogate).
    """
    text = json.dumps(about, ensure_ascii=False, allow_nan=False)
    text.encode()
    size = 4 * len(text) + sum(array.nbytes for array in arrays.values()) + 128 * (len(arrays) + 1)
    for amount, most, of in (
        (size, MOST_BYTES, "bytes"),
        (4 * len(text), MOST_ABOUT, "bytes of text"),
        (len(arrays) + 1, MOST_MEMBERS, "arrays"),
    ):
        if amount > most:
            raise ValueError(f"the file would hold {amount} {of}; accepted: at most {most}, which can be read again")
    # Given a name, NumPy would add .npz to it.
    with Path(file).open("wb") if isinstance(file, str | os.PathLike) else nullcontext(file) as out:
        np.savez_compressed(out, about=np.array(text), **arrays)  # type: ignore[arg-type]  # names are no options


def require(headers: Mapping[str, Header], layout: Mapping[str, Header]) -> None:
    """Raises `ValueError` unless there are exactly the arrays of `layout`, each of its dtype and shape."""
    if missing := sorted(layout.keys() - headers.keys()):
        raise ValueError(f"it lacks {_listed(missing)}; accepted: {_listed(layout)}")
    if extra := sorted(headers.keys() - layout.keys()):
        raise ValueError(f"it holds {_listed(extra)} too; accepted: {_listed(layout)}")
    for name, header in layout.items():
        if headers[name] != header:
            raise ValueError(f"{name} is {headers[name]}; accepted beside the other arrays: {header}")


def axes(headers: Mapping[str, Header], name: str, count: int) -> tuple[int, ...]:
    """The sizes of an array's axes. Raises `ValueError` for one that is not there or has another number of axes."""
    if name not in headers or len(headers[name].shape) != count:
        there = f"{name} is {headers[name]}" if name in headers else f"it lacks {name}"
        raise ValueError(f"{there}; accepted: {name} with {count} axes")
    return headers[name].shape


_JSON = {str: "a text", int: "a whole number", list: "a list", dict: "an object"}


def entry(about: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """What `about` says under this name. Raises `ValueError` for another kind of value; a truth value is no number."""
    value = about.get(name)
    if type(value) is not kind:
        raise ValueError(f"{name} is {value!r:.60}; accepted: {_JSON[kind]}")
    return value


def _members(members: list[ZipInfo], file_size: int) -> dict[str, ZipInfo]:
    """By the names of the arrays, once the zip's directory is within the bounds. file_size: bytes of the whole file."""
    if (total := sum(member.file_size for member in members)) > MOST_BYTES:
        raise ValueError(f"it unpacks to {total} bytes; accepted: at most {MOST_BYTES}")
    if (total := sum(member.compress_size for member in members)) > file_size:
        raise ValueError(f"its members have {total} bytes and the file {file_size}; accepted: members that share none")
    by_name: dict[str, ZipInfo] = {}
    for member in members:
        name = member.filename.removesuffix(".npy")
        if name == member.filename or name in by_name:
            _refuse(member, "is there twice" if name in by_name else "is no array", "NPY members, each once")
        if member.flag_bits & ~_FLAGS:
            _refuse(member, f"has the flags {member.flag_bits:#x}", "a member that is not encrypted or patched")
        if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            _refuse(member, f"is packed by method {member.compress_type}", "0 (stored) and 8 (deflated)")
        most = member.compress_size * (1 if member.compress_type == ZIP_STORED else INFLATION)
        if member.file_size > most:
            size = f"unpacks to {member.file_size} bytes by the directory"
            _refuse(member, size, f"at most {most}, since it has {member.compress_size} packed")
        by_name[name] = member
    return by_name


def _refuse(member: ZipInfo, fault: str, hint: str) -> NoReturn:
    raise ValueError(f"{member.filename!r:.60} {fault}; accepted: {hint}")


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"about.npy says {name}; accepted: finite numbers")


def _listed(names: Mapping[str, object] | list[str]) -> str:
    first = list(names)[:8]
    return ", ".join(f"{name:.40}" for name in first) + (", ..." if len(names) > len(first) else "")
