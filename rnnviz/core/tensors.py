"""Tensors as they are read: their numbers, on the CPU and without a history; and as arrays."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.refusal import type_name
from rnnviz.core.trace import Array

HALVES = (torch.float16, torch.bfloat16)  # computed in float32


def as_array(tensor: Tensor) -> Array:
    return tensor.numpy(force=True)


def values(name: str, tensor: Tensor) -> Tensor:
    """A tensor's numbers, on the CPU and without a history."""
    if tensor.is_meta:
        raise ValueError(f"{name} is on the meta device, where a tensor has no values; accepted: any other device")
    return tensor.detach().cpu()


def dense(name: str, value: object, dtype: torch.dtype, hint: str) -> Tensor:
    """What was given as a dense tensor: a tensor as it is, an array of real numbers in this dtype.

    name: of what was given.     hint: what is accepted.     Raises `TypeError` for anything else.
    """
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "fiub":
            raise TypeError(f"{name} is an array of {value.dtype}; {hint}")
        return torch.tensor(value, dtype=dtype, device="cpu")
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} is a {type_name(value)}; {hint}")
    if value.is_nested or value.layout is not torch.strided:
        raise TypeError(f"{name} is a {'nested' if value.is_nested else value.layout} tensor; {hint}")
    return value


def in_precision(name: str, value: Tensor, given: torch.dtype, computed: torch.dtype) -> Tensor:
    """Its numbers in the dtype that is computed in.     given: the module's own.     Raises `TypeError` for another."""
    if value.dtype not in (given, computed):
        raise TypeError(
            f"{name} is {value.dtype} and the module computes in {given}; convert one of them, as in "
            f"{name}.to({given}); accepted: {given}"
        )
    return values(name, value).to(computed)
