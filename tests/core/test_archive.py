"""A file is refused with a `ValueError`, or what it holds can be used: whatever was done to it, and however it lies."""

from __future__ import annotations

import dataclasses
import io
import json
import pickle
import struct
import tracemalloc
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz
from rnnviz import CELLS, Forced, Head, Readout, Trace, read_out, record
from rnnviz.core import archive, declaration, gates
from tests import forging
from tests.forging import Packed, packed, zipped_as

FORGED = 25  # files by each forger of each case
SMALL = 8 * 2**20  # bytes that refusing a file may take


@cache
def case(name: str) -> tuple[Trace, Readout]:
    module, forced = {
        "lstm": (nn.LSTM(3, 5), [Forced("h", 0.25, (0, 2), (2, 3), 0), Forced("f", 1.0)]),
        "gru": (nn.GRU(3, 2, num_layers=2, bidirectional=True, dtype=torch.float64), [Forced("z", 0.5)]),
    }[name]
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-1, 1, generator=generator)
    x = torch.randn(4, 3, generator=generator).to(module.weight_ih_l0.dtype)
    trace = record(module, x, tokens=["나는", "a", "=b", "."], forced=forced)
    return trace, read_out(trace, Head(torch.ones(2, trace.output.shape[1]), torch.zeros(2)))


@cache
def saved(name: str = "lstm") -> bytes:
    trace, readout = case(name)
    file = io.BytesIO()
    trace.save(file, readout)
    return file.getvalue()


def array(values: Any, dtype: str = "<f4") -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(values, dtype))
    return file.getvalue()


def with_member(name: str, content: bytes | None) -> bytes:
    """The saved LSTM with another member under this name; None leaves it out."""
    members = dict(forging.unzipped(saved())) | {f"{name}.npy": content}
    return forging.zipped([(name, there) for name, there in members.items() if there is not None])


def with_about(**changed: Any) -> bytes:
    members = forging.unzipped(saved())
    return forging.zipped(forging.telling(members, forging.told(members) | changed))


def use(trace: Trace, readout: Readout | None) -> None:
    """All that a reader may do first with what was loaded. Numbers may overflow, which NumPy warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert repr(trace)
        assert trace.to_csv(readout=readout).encode()
        for row in range(len(trace.weights)):
            for op in trace.cell.ops:
                for name in op.reads:
                    assert len(trace.operand(name, row))
        head = readout if trace.num_directions == 1 else None
        words = [] if head is None else ["word"] * len(head.b_y)
        if all(np.isfinite(values).all() for values in trace.values.values()):
            json.dumps(rnnviz.stage(trace, head, words=words).to_dict(), allow_nan=False)
        for by in ("half_life", "change", "token"):
            gates.order(trace, "h", by, t=1)
        assert gates.measured_half_life(trace).steps.shape == (trace.hidden_size,)
        gates.extremes(trace), gates.share_of_new(trace)
        weights = [{name: torch.tensor(part) for name, part in row.items()} for row in trace.weights]
        state = tuple(torch.tensor(part) for part in trace.initial.values())
        again = record(
            trace.cell,
            torch.tensor(trace.x),
            weights=weights,
            bidirectional=trace.num_directions == 2,
            h0=state if len(state) > 1 else state[0],
            tokens=trace.tokens,
            forced=trace.forced,
        )
        assert again.output.shape == trace.output.shape
        pickle.loads(pickle.dumps((trace, readout)))
        file = io.BytesIO()
        trace.save(file, readout)
        file.seek(0)
        assert Trace.load(file).to_csv() == trace.to_csv()


def loaded(file: bytes) -> tuple[Trace | None, Readout | None]:
    """What the loaders give; None for one that refuses."""
    found: list[Any] = [None, None]
    for place, kind in enumerate((Trace, Readout)):
        with suppress(ValueError):
            found[place] = kind.load(io.BytesIO(file))
    return found[0], found[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm", "gru"])
@pytest.mark.parametrize("forger", forging.FORGERS)
def test_a_forged_file_is_refused_or_can_be_used(forger: str, name: str) -> None:
    refused = 0
    for file in forging.forged(forger, saved(name), FORGED):
        trace, readout = loaded(file)
        refused += trace is None
        if trace is not None:
            use(trace, readout)
        elif readout is not None:
            use(case(name)[0], readout)
    assert refused, "the forger does too little"


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_what_was_saved_can_be_used(name: str) -> None:
    trace, readout = loaded(saved(name))
    assert trace is not None
    assert readout is not None
    use(trace, readout)


@contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < SMALL
    finally:
        tracemalloc.stop()


def zeros(shape: tuple[int, ...], count: int, kind: str = "<f4") -> Packed:
    """A member of `count` bytes of zeros, whose own header says this shape."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n"
    return packed(forging.joined(header.encode(), b""), count)


def about() -> dict[str, Packed]:
    return {"about.npy": packed(dict(forging.unzipped(saved()))["about.npy"])}


BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "4.1 GB": (
        lambda: zipped_as(about() | {f"{name}.npy": zeros((2**29,), 2**31 - 2**20) for name in ("x", "value.h")}),
        "unpacks to 4292.* bytes; accepted: at most 536870912",
    ),
    "400 MB in one array": (
        lambda: zipped_as(about() | {"x.npy": zeros((1, 100 * 2**20), 400 * 2**20)}),
        r"it lacks value\.h",
    ),
    "25 million layers": (
        lambda: zipped_as(
            about() | {"x.npy": packed(array(np.zeros((4, 3)))), "value.h.npy": zeros((25 * 2**20, 4, 1), 400 * 2**20)}
        ),
        "num_directions is 1 and there are 26214400 rows; accepted",
    ),
    "400 MB of text": (
        lambda: zipped_as({"about.npy": zeros((), 400 * 2**20, f"<U{100 * 2**20}")}),
        r"'about\.npy' has 4194.* bytes; accepted: at most",
    ),
    "a text of 200 MB that the directory says is short": (
        lambda: zipped_as({"about.npy": zeros((), 200 * 2**20, "<U4")._replace(size=len(forging.npy("null")))}),
        "Bad CRC",
    ),
    "a small member that the directory says has 400 MB": (
        lambda: zipped_as(about() | {"x.npy": packed(array([0.0]))._replace(size=400 * 2**20)}),
        r"'x\.npy' unpacks to 419430400 bytes by the directory; accepted: at most",
    ),
    "a small array whose header says 4 TB": (
        lambda: zipped_as(about() | {"x.npy": zeros((10**6, 10**6), 4)}),
        "'x.npy' has 1048576 bytes of numbers; accepted: 4000000000000, as its header says",
    ),
    "a hundred members in the place of one": (
        lambda: zipped_as(dict.fromkeys((f"{name}.npy" for name in range(100)), zeros((2**19,), 2**21)), shared=True),
        "accepted: members that share none",
    ),
    "a directory of 5,000 entries": (
        lambda: zipped_as({f"{name}.npy": Packed(b"", 0, 0) for name in range(5000)}, shared=True),
        "its directory has 5000 entries; accepted: at most 4096",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_that_expands_is_refused_before_it_does(bomb: str) -> None:
    made, message = BOMBS[bomb]
    file = made()
    for kind in (Trace, Readout):
        with little_memory(), pytest.raises(ValueError, match=message):
            kind.load(io.BytesIO(file))


def test_a_member_is_read_as_far_as_it_says_and_no_further() -> None:
    """Its checksum is right, and 400 MB of zeros come after what the directory says."""
    members = {name: packed(content) for name, content in forging.unzipped(saved())}
    x = dict(forging.unzipped(saved()))["x.npy"]
    file = zipped_as(members | {"x.npy": packed(x, 400 * 2**20)._replace(size=len(x))})
    with little_memory():
        trace = Trace.load(io.BytesIO(file))
    assert trace.to_csv() == case("lstm")[0].to_csv()


def test_a_file_of_more_than_the_bound_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_PACKED", 1000)
    stream = io.BytesIO(saved())
    with pytest.raises(ValueError, match="it has more than 1000 bytes"):
        Trace.load(stream)
    assert stream.tell() == 1001


def encrypted() -> bytes:
    file = bytearray(saved())
    file[file.index(b"PK\1\2") + 8] |= 1
    return bytes(file)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (bytes, "not a zip"),
        (encrypted, "has the flags 0x1; accepted: a member that is not encrypted"),
        (
            lambda: forging.zipped(forging.unzipped(saved()), zipfile.ZIP_LZMA),
            r"by method 14; accepted: 0 \(stored\) and 8",
        ),
        (lambda: forging.zipped(forging.unzipped(saved()), zipfile.ZIP_BZIP2), "by method 12; accepted"),
        (lambda: forging.zipped([*forging.unzipped(saved()), ("x.npy", array(0))]), "'x.npy' is there twice"),
        (lambda: forging.zipped([("../x", b"")]), "'../x' is no array; accepted: NPY members"),
        (lambda: forging.zipped([("x.npy", array(0))]), "it has no about.npy; accepted: that and arrays, not x"),
        (lambda: with_member("x", array(0)), "x is float32 of shape .*accepted: x with 2 axes"),
        (lambda: with_member("x", None), "it lacks x; accepted: x with 2 axes"),
        (
            lambda: with_member("x", array([[None]], "O")),
            "'x.npy' holds 'O' in NumPy's letters; accepted: numbers, f4, f8",
        ),
        (lambda: with_member("x", b"\x93NUMPY\x02\0" + bytes(99)), "accepted: an NPY header of version 1.0"),
        (
            lambda: with_member("x", array(np.zeros((4, 3)))[:-4]),
            "has 44 bytes of numbers; accepted: 48, as its header says",
        ),
        (
            lambda: with_member("x", array(np.zeros((5, 3)))),
            r"value.* is float32 of shape .*; accepted beside the other arrays: float32",
        ),
        (
            lambda: with_member("x", array(np.zeros((4, 3)), "<f8")),
            "is float32 .*; accepted beside the other arrays: float64",
        ),
        (lambda: with_member("x", array(np.zeros((0, 3)))), "accepted: at least one of each"),
        (lambda: with_member("value.c", None), "it lacks value.c; accepted: x, value"),
        (lambda: with_member("value.q", array(0)), "it holds value.q too; accepted"),
        (lambda: with_member("weight.0.W_xi", array(np.zeros((5, 4)))), r"W_xi is .*\(5, 4\); accepted .*\(5, 3\)"),
        (lambda: with_member("value.i", array(np.full((1, 4, 5), 1.5))), "i goes from 1.5 to 1.5; accepted: 0 to 1"),
        (lambda: with_member("x", array(np.full((4, 3), np.inf))), "holds NaN or infinity and no value does"),
        (lambda: with_member("readout.b_y", None), "it lacks readout.b_y"),
        (
            lambda: with_member("readout.W_hy", array(np.zeros((2, 6)))),
            r"readout.W_hy is .*\(2, 6\); accepted .*\(2, 5\)",
        ),
        (lambda: with_member("about", forging.npy("{}")[:-2]), "accepted: one text, as long as it says"),
        (lambda: with_member("about", forging.npy("[]")), r"says \[\]; accepted: a JSON object"),
        (lambda: with_member("about", forging.npy('{"cell": NaN}')), "says NaN; accepted: finite numbers"),
        (lambda: with_member("about", forging.npy('{"cell": 1' + "0" * 9000 + "}")), "4300 digits"),
        (lambda: with_member("about", forging.npy("[" * 100_000)), "recursion"),
        (lambda: with_member("about", forging.npy(r'{"cell": "\ud800"}')), "surrogates not allowed"),
        (lambda: with_about(cell=3), "cell is 3; accepted: a text"),
        (
            lambda: with_about(declaration=declaration.to_json(CELLS["gru"])),
            "it lacks .*; accepted: x, value.xr",
        ),
        (lambda: with_about(tokens=["a"]), r"tokens are \['a'\]; accepted: 4 texts"),
        (lambda: with_about(tokens=["a", "b", "c", 4]), "accepted: 4 texts"),
        (lambda: with_about(num_directions=True), "num_directions is True; accepted: a whole number"),
        (lambda: with_about(num_directions=2), "num_directions is 2 and there are 1 rows"),
        (lambda: with_about(num_directions=0), "num_directions is 0 and"),
        (lambda: with_about(forced={}), "forced is {}; accepted: a list"),
        (lambda: with_about(forced=[["f", 1.0]]), r"forced holds \['f', 1.0\]; accepted: \[name, value, units"),
        (lambda: with_about(forced=[["f", True, None, None, None]]), "forced holds .*True"),
        (lambda: with_about(forced=[["f", 1.0, [0.5], None, None]]), "forced holds"),
        (lambda: with_about(forced=[["f", 1.0, None, [1, 2, 3], None]]), "forced holds"),
        (lambda: with_about(forced=[["f", 1.0, None, None, True]]), "forced holds"),
        (lambda: with_about(forced=[["f", 1.5, None, None, None]]), "f is forced to 1.5; accepted: 0 to 1"),
        (lambda: with_about(forced=[["h", 1e300, None, None, None]]), "accepted: a finite number, at most 3.4e.38"),
        (lambda: with_about(forced=[["h", 10**400, None, None, None]]), "accepted: a finite number"),
        (lambda: with_about(forced=[["h", 1.0, [], None, None]]), "accepted: at least one of 0 to 4"),
        (lambda: with_about(forced=[["h", 1.0, [5], None, None]]), "accepted: at least one of 0 to 4"),
        (lambda: with_about(forced=[["h", 1.0, None, [0, 1], None]]), "from 1 to 4"),
        (lambda: with_about(forced=[["h", 1.0, None, None, 1]]), "row of h is 1; accepted: 0 to 0"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_is_accepted(made: Callable[[], bytes], message: str) -> None:
    with pytest.raises(ValueError, match=r"(?s)the file holds no trace that `Trace.save` wrote: .*" + message):
        Trace.load(io.BytesIO(made()))


@pytest.mark.parametrize(
    "kind",
    [MemoryError, RecursionError, IndexError, OverflowError, TypeError, EOFError, struct.error, zlib.error],
)
def test_what_a_library_raises_says_that_it_is_no_trace(kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise kind

    file = io.BytesIO(saved())
    monkeypatch.setattr(archive, "ZipFile", fails)
    with pytest.raises(ValueError, match=f"holds no trace .*: {kind.__name__}"):
        Trace.load(file)


def test_a_probability_beyond_one_is_no_readout() -> None:
    file = with_member("readout.y", array(np.full((4, 2), 2.0)))
    with pytest.raises(ValueError, match=r"holds no readout .*: readout\.y goes from 2\.0 to 2\.0; accepted: 0 to 1"):
        Readout.load(io.BytesIO(file))


def test_other_byte_orders_and_axis_orders_and_stored_members_are_the_same_numbers() -> None:
    rewritten = [
        (name, content if name == "about.npy" else array(np.asfortranarray(np.load(io.BytesIO(content))), ">f4"))
        for name, content in forging.unzipped(saved())
    ]
    assert b"'fortran_order': True" in dict(rewritten)["x.npy"]
    found, expected = Trace.load(io.BytesIO(forging.zipped(rewritten, zipfile.ZIP_STORED))), case("lstm")[0]
    assert found.to_csv() == expected.to_csv()
    assert found.x.dtype == np.float32
    np.testing.assert_array_equal(found.x, expected.x)
    np.testing.assert_array_equal(found.weights[0]["W_hi"], expected.weights[0]["W_hi"])


def test_a_trace_of_what_diverged_is_saved_and_loaded() -> None:
    module = nn.GRU(3, 4)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(torch.nan)
    file = io.BytesIO()
    record(module, torch.ones(2, 3)).save(file)
    file.seek(0)
    assert np.isnan(Trace.load(file)["h"]).all()


def test_a_file_that_cannot_be_read_is_an_os_error_as_it_is(tmp_path: Path) -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the disk is gone")

    with pytest.raises(FileNotFoundError):
        Trace.load(tmp_path / "absent.npz")
    with pytest.raises((IsADirectoryError, PermissionError)):
        Trace.load(tmp_path)
    with pytest.raises(OSError, match="the disk is gone"):
        Trace.load(Torn())


def test_a_stream_is_read_from_where_it_stands() -> None:
    stream = io.BytesIO(b"before" + saved())
    stream.seek(6)
    assert Trace.load(stream).to_csv() == case("lstm")[0].to_csv()
    with pytest.raises(ValueError, match="not a zip"):
        Trace.load(stream)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"x": np.zeros((4, 3))}, "is float32 .*; accepted beside the other arrays: float64"),
        ({"tokens": ("a", "b")}, "accepted: 4 texts"),
        ({"tokens": ("a", "b", "c", "\ud800")}, "surrogates not allowed"),
        ({"initial": {}}, "it lacks initial.c, initial.h"),
        ({"forced": (Forced("h", float("nan")),)}, "h is forced to nan"),
    ],
)
def test_what_could_not_be_loaded_is_not_written(part: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(case("lstm")[0], **part).save(tmp_path / "trace.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("bound", ["MOST_BYTES", "MOST_ABOUT", "MOST_MEMBERS"])
def test_what_is_beyond_a_bound_is_not_written(bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, bound, 10)
    with pytest.raises(ValueError, match=r"the file would hold .*; accepted: at most 10, which can be read again"):
        case("lstm")[0].save(io.BytesIO())
