"""Which steps of a recurrent network read something, which are asked for an answer, and what such a shape is called.

An input tap that is closed has its step read zeros, so that a step is still taken; after a step whose question tap is
closed nothing is asked, so that no loss enters there. A question after a step knows what was read up to that step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Shape = Literal[
    "one_to_one",  # one step reads, one answers
    "one_to_many",
    "many_to_one",
    "in_step",  # many to many: each step that reads is asked, and no other
    "after_reading",  # many to many: nothing is asked before all is read
    "mixed",  # many to many, neither in step nor after reading
    "blind",  # something is asked, and of no question anything was read before
    "nothing",  # nothing is asked
]
SHAPES: tuple[Shape, ...] = get_args(Shape)


@dataclass(frozen=True)
class Taps:
    """Raises `ValueError` where there is no step, or not one tap of each kind for each."""

    inputs: tuple[bool, ...]  # of each of T steps whether it reads what stands there, else zeros
    asks: tuple[bool, ...]  # of each whether it is asked

    def __post_init__(self) -> None:
        if not self.inputs or len(self.inputs) != len(self.asks):
            hint = "accepted: as many, at least one"
            raise ValueError(f"there are {len(self.inputs)} input taps and {len(self.asks)} question taps; {hint}")

    def __len__(self) -> int:
        return len(self.inputs)

    @classmethod
    def of(cls, inputs: Sequence[int], asks: Sequence[int], steps: int) -> Taps:
        """From the numbers, from 1, of the steps that are open."""
        return cls(*(tuple(t in numbers for t in range(1, steps + 1)) for numbers in (inputs, asks)))

    @property
    def read(self) -> tuple[int, ...]:
        """The steps, from 0, whose input tap is open and is followed, there or later, by a question."""
        last = max((t for t, open_ in enumerate(self.asks) if open_), default=-1)
        return tuple(t for t, open_ in enumerate(self.inputs) if open_ and t <= last)

    @property
    def answered(self) -> tuple[int, ...]:
        """The steps, from 0, that are asked and know something, since a step there or earlier read it."""
        first = next((t for t, open_ in enumerate(self.inputs) if open_), len(self))
        return tuple(t for t, open_ in enumerate(self.asks) if open_ and t >= first)

    @property
    def shape(self) -> Shape:
        """What books call it, by the taps between which something can flow: see `Shape`."""
        if not any(self.asks):
            return "nothing"
        if not self.answered:
            return "blind"
        if len(self.read) == 1:
            return "one_to_one" if len(self.answered) == 1 else "one_to_many"
        if len(self.answered) == 1:
            return "many_to_one"
        if self.read == self.answered:
            return "in_step"
        return "after_reading" if self.answered[0] >= self.read[-1] else "mixed"


def example(shape: Shape, steps: int) -> Taps:
    """Taps over so many steps that have one of the names that books have, the first five of `SHAPES`.

    Raises `ValueError` for another name, and where the steps are too few: at least 1, for `after_reading` 3, else 2.
    """
    every, first, last = range(1, steps + 1), (1,), (steps,)
    half = (steps + 1) // 2  # the last that is read, and the first after which something is asked
    examples = {
        "one_to_one": Taps.of(first, first, steps),
        "one_to_many": Taps.of(first, every, steps),
        "many_to_one": Taps.of(every, last, steps),
        "in_step": Taps.of(every, every, steps),
        "after_reading": Taps.of(range(1, half + 1), range(half, steps + 1), steps),
    }
    if shape not in examples:
        raise ValueError(f"no example of {shape!r}; accepted: {', '.join(examples)}")
    if examples[shape].shape != shape:
        raise ValueError(f"{steps} steps are too few for {shape!r}")
    return examples[shape]
