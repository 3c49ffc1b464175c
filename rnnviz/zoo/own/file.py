"""A file of weights, checked before anything of it is used: safetensors, or what `torch.save` wrote of a state dict.

No object but a tensor is made of what a file holds. Of a state dict the pickle inside is looked through first, without
running it: it may name the few functions that put tensors together, and nothing else. It is then read without its
numbers, so that sizes are known before memory is taken.
"""

from __future__ import annotations

import io
import json
import pickletools
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from rnnviz.core.trace import ACTIVATIONS, Activation
from rnnviz.training.config import Refused, Rule

BYTES = 4_000_000  # of a file
ENTRIES = 200  # in it
NUMBERS = 2_000_000  # in all of them
NAME = 200  # characters of an entry's name
DEPTH = 3  # of mappings in mappings
MAPPINGS = 100  # that are looked through
PICKLE = 100_000  # bytes of a state dict without its numbers
WORDS = "rnnviz.words"  # the entry of safetensors' metadata with the names of classes, as a JSON list
CELL = "rnnviz.cell"  # with the cell's name
HEAD = "rnnviz.head"  # and with what the head's outputs are, as of `rnnviz.Head`
# What the pickle of a state dict names, besides the kinds of storages and the numbers' types.
_NAMED = {
    "collections OrderedDict",
    "torch._utils _rebuild_parameter",
    "torch._utils _rebuild_tensor_v2",
    "torch.serialization _get_layout",
}
_STORAGES = {f"torch {kind}Storage" for kind in ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Bool", "Byte")}


@dataclass(frozen=True, eq=False)
class Weights:
    """What a file holds."""

    entries: Mapping[str, Tensor]  # by name, float32, finite, on the CPU
    cell: str = ""  # by its name in `CELLS`, where the file says so
    words: tuple[str, ...] = ()  # the names of a head's classes, where the file says so
    activation: Activation | None = None  # what its head's outputs are, where the file says so
    pickled: bool = False  # whether it is what `torch.save` wrote; else safetensors
    path: tuple[str, ...] = ()  # the names that lead to the state dict in what was saved


def read(data: bytes) -> Weights:
    """The weights in a file. Entries that are no floating-point tensors are left out.

    Raises `Refused` for what is none, is too large, holds something else than tensors, or a number that is not finite.
    """
    if len(data) > BYTES:
        raise refused(
            "bytes", f"the file has {len(data)} bytes; accepted: at most {BYTES}", count=len(data), most=BYTES
        )
    if data.startswith(b"PK"):
        entries, path = _state_dict(data)
        return Weights(_checked(entries), pickled=True, path=path)
    try:
        entries = load(data)
        about = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__", {})
    except (SafetensorError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise refused("file", f"this is no file of weights ({error}); accepted: {_ACCEPTED}") from error
    cell, words, head = str(about.get(CELL, ""))[:NAME], _words(about.get(WORDS, "[]")), about.get(HEAD)
    return Weights(_checked(entries), cell, words, next((one for one in ACTIVATIONS if one == head), None))


def write(entries: Mapping[str, Tensor], cell: str, words: Sequence[str], activation: Activation) -> bytes:
    """A file that reads back to these entries and says whose cell they are, and what the head's outputs are."""
    about = {CELL: cell, WORDS: json.dumps(list(words)), HEAD: activation}
    return save({name: tensor.detach().contiguous() for name, tensor in entries.items()}, about)


_ACCEPTED = "a safetensors file, or a state dict that torch.save wrote (PyTorch 1.6 or newer)"


def refused(name: str, message: str, raw: str = "", **values: Any) -> Refused:
    """name: of the rule, as the page's texts have it.     values: what it is about."""
    return Refused(message, "own", raw, Rule(name, values))


def _words(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return ()
    return tuple(word[:NAME] for word in found) if _texts(found) else ()


def _texts(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(word, str) for word in found)


def _state_dict(data: bytes) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """The tensors of a file of `torch.save`, and the names that lead to them."""
    try:
        _look_through(data)
        sizes, _ = _tensors(torch.load(io.BytesIO(data), weights_only=True, map_location="meta"))
        _check_sizes(sizes)
        if any(tensor.untyped_storage().nbytes() > len(data) for tensor in sizes.values()):
            raise ValueError("a tensor is larger than the file")
        return _tensors(torch.load(io.BytesIO(data), weights_only=True, map_location="cpu"))
    except Refused:
        raise
    except Exception as error:  # whatever a broken or hostile file makes of the readers is a file that is not accepted
        raise refused("file", f"this is no file of weights ({error}); accepted: {_ACCEPTED}") from error


def _look_through(data: bytes) -> None:
    """Raises `Refused` for an archive that unpacks to more than itself, or whose pickle names anything unusual."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = archive.infolist()
        if any(file.compress_type != zipfile.ZIP_STORED for file in files) or sum(f.file_size for f in files) > len(
            data
        ):
            raise refused("packed", "the file is compressed; accepted: as torch.save writes it, which is not")
        pickles = [file for file in files if file.filename.lower().endswith(".pkl")]
        if len(pickles) != 1 or pickles[0].filename.rpartition("/")[2] != "data.pkl" or pickles[0].file_size > PICKLE:
            raise ValueError(f"it has no data.pkl of at most {PICKLE} bytes")
        for op, argument, _ in pickletools.genops(archive.read(pickles[0])):
            unusual = op.name == "GLOBAL" and argument not in _NAMED | _STORAGES
            if unusual or op.name in ("STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"):
                what = str(argument or op.name).replace(" ", ".")[:60]
                message = f"the file holds {what}; accepted: tensors alone, as of torch.save(model.state_dict())"
                raise refused("pickle", message, what, what=what)


def _tensors(found: object) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """The tensors of a mapping, or of the first in it that has any, as in a checkpoint; and what leads there."""
    waiting: list[tuple[object, tuple[str, ...]]] = [(found, ())]
    for _ in range(MAPPINGS):
        if not waiting:
            break
        one, path = waiting.pop(0)
        if not isinstance(one, Mapping):
            continue
        inside = [(name, value) for name, value in one.items() if isinstance(name, str)]
        if own := {name: value for name, value in inside if isinstance(value, Tensor)}:
            return own, path
        if len(path) < DEPTH:
            waiting += [(value, (*path, name)) for name, value in inside if isinstance(value, Mapping)]
    return {}, ()


def _check_sizes(entries: Mapping[str, Tensor]) -> None:
    if len(entries) > ENTRIES:
        message = f"the file holds {len(entries)} tensors; accepted: at most {ENTRIES}"
        raise refused("entries", message, count=len(entries), most=ENTRIES)
    count = sum(tensor.numel() for tensor in entries.values())
    if count > NUMBERS:
        message = f"the file holds {count} numbers; accepted: at most {NUMBERS}"
        raise refused("numbers", message, count=count, most=NUMBERS)


def _checked(entries: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those that are floating-point, as float32."""
    _check_sizes(entries)
    return dict(_floating(entries))


def _floating(entries: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in entries.items():
        if tensor.layout is not torch.strided or tensor.is_nested or not tensor.is_floating_point():
            continue
        if len(name) > NAME:
            raise refused(
                "name", f"a name has {len(name)} characters; accepted: at most {NAME}", name[:NAME], most=NAME
            )
        values = tensor.detach().to(torch.float32, copy=True).contiguous()
        if not values.isfinite().all():
            message = f"{name} holds NaN, infinity or what float32 cannot hold; accepted: finite numbers"
            raise refused("finite", message, name)
        yield name, values
