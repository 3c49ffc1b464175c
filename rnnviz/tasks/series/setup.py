"""What a network is to forecast: which series, how much of it is read, how far ahead, in which shape. Without torch.

It is written in one line, so that a `Config` holds it as the text of the task "series":

    Setup("elnino", window=24, horizon=12).to_text()    # "elnino 24 12 direct past level"
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

Shape = Literal["direct", "step", "point"]
Scaled = Literal["past", "all"]
Relative = Literal["level", "change"]

WINDOWS = (2, 64)  # values that are read
HORIZONS = (1, 36)  # values ahead
_WHOLE = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True)
class Setup:
    """series: its name, as `rnnviz.tasks.series.catalogue` has it.
    window: how many values are read.     horizon: how many values ahead are asked for.
    shape: "direct" reads a window and gives the whole horizon at once (a window to many); "step" gives the next value
        alone (a window to one), and reads its own output to go on; "point" reads one value and writes the horizon, a
        value a step (one to many): of such a setup the window is 1.
    scaled: the values are standardised by the mean and the deviation of what is trained on ("past") or of the whole
        series, which a forecaster cannot know ("all").
    relative: the network reads and writes values as they are ("level"), or their differences to the last value that was
        read ("change").

    Raises `ValueError` for a number outside its bounds and for another word.
    """

    series: str
    window: int = 24
    horizon: int = 12
    shape: Shape = "direct"
    scaled: Scaled = "past"
    relative: Relative = "level"

    def __post_init__(self) -> None:
        points = self.shape == "point"
        bounds = {"window": (1, 1) if points else WINDOWS, "horizon": (2, HORIZONS[1]) if points else HORIZONS}
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}; accepted: {least} to {most}")
        for name, words in (("shape", Shape), ("scaled", Scaled), ("relative", Relative)):
            if getattr(self, name) not in get_args(words):
                raise ValueError(f"{name} is {getattr(self, name)!r}; accepted: {', '.join(get_args(words))}")

    @property
    def steps(self) -> int:
        """T, the time steps of a sequence that the network reads."""
        return self.horizon if self.shape == "point" else self.window

    @property
    def outputs(self) -> int:
        """How many numbers the network gives at a step at which it is asked."""
        return self.horizon if self.shape == "direct" else 1

    def to_text(self) -> str:
        return " ".join(str(getattr(self, part.name)) for part in fields(self))

    @classmethod
    def from_text(cls, text: str) -> Setup:
        """The inverse. Raises `ValueError` for a text that is none."""
        parts = text.split(" ")
        if len(parts) != len(fields(cls)) or not all(_WHOLE.fullmatch(number) for number in parts[1:3]):
            raise ValueError(f"{text[:80]!r} says no series; accepted: as in {cls('elnino').to_text()!r}")
        words: Any = parts[3:]
        return cls(parts[0], int(parts[1]), int(parts[2]), *words)
