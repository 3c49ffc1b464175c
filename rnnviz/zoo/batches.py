"""Batches of sequences of one length, so that nothing pads them: the one way in which the zoo's trainings draw them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch


def of_one_length(lengths: Sequence[int], size: int, steps: int, generator: torch.Generator) -> Iterator[list[int]]:
    """`steps` batches of at most `size` places in `lengths`, all of one length; each pass over them all, and the order
    of its batches, is drawn anew."""
    queue: list[list[int]] = []
    for _ in range(steps):
        if not queue:
            by_length: dict[int, list[int]] = {}
            for at in torch.randperm(len(lengths), generator=generator).tolist():
                by_length.setdefault(lengths[at], []).append(at)
            batches = [alike[k : k + size] for alike in by_length.values() for k in range(0, len(alike), size)]
            queue = [batches[at] for at in torch.randperm(len(batches), generator=generator).tolist()]
        yield queue.pop()
