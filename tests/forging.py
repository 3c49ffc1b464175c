"""Forges NPZ files: the many ways in which one can be broken, or lie, of which a loader must survive each."""

from __future__ import annotations

import io
import json
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

import numpy as np

Members = list[tuple[str, bytes]]
DEEP = "<deep>"  # stands for a JSON text that no `json.dumps` could write
NASTY: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2, 7, 2**31, 2**63, -(2**70), 10**400, 0.5, 1e308, -1e-320),
    *(float("nan"), float("inf"), "", "h", "f", "lstm", "gru", "rnn_relu", "x" * 1000, "\ud800", "=1+1\0", "1e999"),
    *([], {}, [0], [1, 2], [[]], [None], {"": None}, ["a", "b"], {"x": []}, {"cell": "gru"}, DEEP),
)
DTYPES = ("<f4", "<f8", ">f4", ">f8", "<f2", "<i8", "<u8", "|b1", "|u1", "<c16", "|O", "|S9", "<U9", "<M8[s]", "", "f")
SHAPES = ("()", "(0,)", "(1,)", "(3,)", "(4, 3)", "(3, 4)", "(2, 4, 5)", "(1, 2, 3, 4)", "(-1,)", "(4, 0)", "(99999,)")
HEADS = (*SHAPES, "(1000000000, 1000000000)", f"({'9' * 5000},)", "(" * 200 + ")" * 200, "(4.0,)", "None", "(True,)")


def unzipped(file: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def zipped(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip whose checksums are right, whatever the members are; the same name may be there twice."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.filterwarnings("ignore", "Duplicate name", UserWarning)
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


class Packed(NamedTuple):
    """A member as it is in the file, deflated, and what the directory is to say of it: size unpacked, and checksum."""

    content: bytes
    size: int
    checksum: int


def packed(content: bytes, zeros: int = 0) -> Packed:
    """The content and after it so many zeros, or as many megabytes more as are begun; made in no time.

    The directory says the truth of the size. The checksum is that of the content alone.
    """
    packer, block = zlib.compressobj(9, wbits=-15), 2**20
    start = packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)  # depends on nothing before it
    count = -(-zeros // block)
    return Packed(
        start + piece * count + zlib.compressobj(9, wbits=-15).flush(),
        len(content) + count * block,
        zlib.crc32(content),
    )


def zipped_as(members: Mapping[str, Packed], *, shared: bool = False) -> bytes:
    """A zip whose directory says what it is told to.

    shared: whether the first member is there once and every entry points at it.
    """
    body, directory = bytearray(), bytearray()
    for name, (content, size, checksum) in members.items():
        entry = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, checksum, len(content), size, len(name), 0)
        place = 0 if shared else len(body)
        if place == len(body):
            body += b"PK\3\4" + entry + name.encode() + content
        directory += (
            b"PK\1\2" + struct.pack("<H", 20) + entry + struct.pack("<HHHII", 0, 0, 0, 0, place) + name.encode()
        )
    counts = len(members), len(members), len(directory), len(body)
    return bytes(body + directory) + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, *counts, 0)


def parted(member: bytes) -> tuple[bytes, bytes]:
    """The header of an NPY, without magic and length, and its numbers."""
    start = 10 + int.from_bytes(member[8:10], "little")
    return member[10:start], member[start:]


def joined(header: bytes, numbers: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + numbers


def npy(about: str) -> bytes:
    """A text as NumPy stores it; one that NumPy would not is stored all the same."""
    coded = about.encode("utf-32-le", "surrogatepass")
    header = f"{{'descr': '<U{len(coded) // 4}', 'fortran_order': False, 'shape': (), }}\n"
    return joined(header.encode(), coded)


def told(members: Members) -> dict[str, Any]:
    _, text = parted(dict(members)["about.npy"])
    return dict(json.loads(text.decode("utf-32-le")))


def telling(members: Members, about: object) -> Members:
    text = json.dumps(about, ensure_ascii=False).replace(json.dumps(DEEP), "[" * 100_000 + "]" * 100_000)
    return [(name, npy(text) if name == "about.npy" else content) for name, content in members]


def _bytes_changed(random: Random, file: bytes) -> bytes:
    changed = bytearray(file)
    for _ in range(random.choice((1, 1, 2, 8))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(random: Random, file: bytes) -> bytes:
    start, end = sorted(random.sample(range(len(file)), 2))
    return random.choice((file[:end], file[start:], file[:start] + file[end:], file[:end] + file[start:]))


def _directory_changed(random: Random, file: bytes) -> bytes:
    """A field of one entry of the directory, and often of its local header: version, flags, method, checksum, sizes."""
    changed, value = bytearray(file), random.choice((0, 1, 8, 9, 12, 14, 99, 0x21, 255, 65535, 2**31 - 1, 2**32 - 1))
    entries = [place for place in range(len(file)) if file.startswith(b"PK\1\2", place)]
    entry = random.choice(entries)
    offset, code = random.choice(((6, "H"), (8, "H"), (10, "H"), (16, "I"), (20, "I"), (24, "I"), (28, "H"), (42, "I")))
    mask = 0xFFFF if code == "H" else 0xFFFFFFFF
    struct.pack_into(f"<{code}", changed, entry + offset, value & mask)
    if offset < 28 and random.random() < 0.5:
        local = int.from_bytes(file[entry + 42 : entry + 46], "little")
        struct.pack_into(f"<{code}", changed, local + offset - 2, value & mask)
    return bytes(changed)


def _header_changed(random: Random, file: bytes) -> bytes:
    members = unzipped(file)
    place = random.randrange(len(members))
    header, numbers = parted(members[place][1])
    text = header.decode()
    kind, shape = random.choice(DTYPES), random.choice(HEADS)
    edits: Sequence[Callable[[], str]] = (
        lambda: text.replace(text.split("'descr': ")[1].split(",")[0], repr(kind)),
        lambda: text[: text.index("(")] + shape + text[text.rindex(")") + 1 :],
        lambda: text.replace("False", "True"),
        lambda: text.replace("False", random.choice(("1", "None", "__import__('os')", "(" * 9000))),
        lambda: text.replace("descr", random.choice(("dtype", "descr': 0, 'descr"))),
        lambda: text.replace("'shape'", "'none'") + "\0\n\n",
        lambda: "",
    )
    changed = random.choice(edits)().encode()
    members[place] = (members[place][0], joined(changed, numbers))
    return zipped(members)


def _numbers_changed(random: Random, file: bytes) -> bytes:
    """Some numbers of one array, to what a measured number never is; or their count."""
    members = unzipped(file)
    place = random.choice([i for i, (name, _) in enumerate(members) if name != "about.npy"])
    header, numbers = parted(members[place][1])
    if random.random() < 0.2:
        numbers = random.choice((numbers[:-1], numbers + b"\0", b"", numbers * 2))
    else:
        kind = header.decode().split("'")[3]
        array = np.frombuffer(numbers, "|u1" if kind == "|b1" else kind).copy()  # a truth value may be any byte
        floats = (np.nan, np.inf, -np.inf, 1e38, -1e38, 1e-45, 2, -0.0)
        strange = floats if array.dtype.kind == "f" else (0, 1, -1, 255)
        for _ in range(random.choice((1, 3, len(array)))):
            array[random.randrange(len(array))] = np.array(random.choice(strange)).astype(array.dtype)
        numbers = array.tobytes()
    members[place] = (members[place][0], joined(header, numbers))
    return zipped(members)


def _members_changed(random: Random, file: bytes) -> bytes:
    """One is missing, there twice, renamed, or in the place of another."""
    members = unzipped(file)
    one, other = random.sample(range(len(members)), 2)
    name, content = members[one]
    edits: Sequence[Callable[[], Members]] = (
        lambda: members[:one] + members[one + 1 :],
        lambda: [*members, (name, members[other][1])],
        lambda: [*members, (random.choice(("extra.npy", "value.q.npy", "weight.9.W_xi.npy", "../x.npy", "")), content)],
        lambda: [(members[other][0] if n == name else name if n == members[other][0] else n, c) for n, c in members],
        lambda: [(n.replace("0", "00").replace("h", "H") if n == name else n, c) for n, c in members],
        lambda: [(n, content[: len(content) // 2] if n == name else c) for n, c in members],
    )
    return zipped(random.choice(edits)())


def _about_changed(random: Random, file: bytes) -> bytes:
    members = unzipped(file)
    about = told(members)
    if random.random() < 0.1:
        return zipped(telling(members, random.choice(NASTY)))
    here: Any = about
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        key = random.choice(keys)
        if not isinstance(here[key], dict | list) or not here[key] or random.random() < 0.3:
            break
        here = here[key]
    kind = random.random()
    if kind < 0.15:
        del here[key]
    elif kind < 0.3 and isinstance(here, dict):
        here[random.choice(("", "0", "99999999", "-1", "task", "learning_rate"))] = here[key]
    else:
        here[key] = random.choice(NASTY)
    return zipped(telling(members, about))


def _method_changed(random: Random, file: bytes) -> bytes:
    """One member is packed in another way."""
    out, members = io.BytesIO(), unzipped(file)
    place = random.randrange(len(members))
    with zipfile.ZipFile(out, "w") as archive:
        for number, (name, content) in enumerate(members):
            methods = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED)
            method = random.choice(methods) if number == place else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, method)
    return out.getvalue()


FORGERS: Mapping[str, Callable[[Random, bytes], bytes]] = {
    "bytes": _bytes_changed,
    "cut": _cut,
    "directory": _directory_changed,
    "header": _header_changed,
    "numbers": _numbers_changed,
    "members": _members_changed,
    "about": _about_changed,
    "method": _method_changed,
}


def forged(forger: str, file: bytes, count: int) -> Iterator[bytes]:
    """`count` files by one forger, always the same ones."""
    random = Random(forger)
    return (FORGERS[forger](random, file) for _ in range(count))
