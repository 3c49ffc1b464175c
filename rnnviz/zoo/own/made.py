"""What a link calls a visitor's network: its sizes and its seed, or the checksum of a file. No torch."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rnnviz.core.cells import CELLS

LAYERS, UNITS = 4, 128  # at the most, of any network
WIDTH = 20_000  # numbers that a network reads in a step or that its head gives, at the most
INPUTS, SEEDS = 64, 9999  # of one that is made
MADE = "gru-3-8-1-0"  # what is there until a visitor opens something
_NAME = re.compile(
    r"(?P<cell>[a-z_]+)-(?P<inputs>[0-9]{1,3})-(?P<units>[0-9]{1,3})-(?P<layers>[0-9])-(?P<seed>[0-9]{1,4})"
)
_CHECKSUM = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class Made:
    """A network whose numbers all follow from a seed, as PyTorch draws them: between -1/sqrt(H) and 1/sqrt(H)."""

    cell: str  # by its name in `CELLS`
    inputs: int  # numbers that it reads in a step, 1 to `INPUTS`
    units: int  # of each layer, 1 to `UNITS`
    layers: int  # 1 to `LAYERS`
    seed: int  # 0 to `SEEDS`

    @property
    def name(self) -> str:
        """As a link has it: `gru-3-8-1-0`."""
        return f"{self.cell}-{self.inputs}-{self.units}-{self.layers}-{self.seed}"


def named(name: str) -> Made | str:
    """What a link's name is of: a network to be made, or a checksum. Raises `ValueError` for anything else."""
    if match := _NAME.fullmatch(name):
        made = Made(match["cell"], *(int(match[part]) for part in ("inputs", "units", "layers", "seed")))
        inside = 1 <= made.inputs <= INPUTS and 1 <= made.units <= UNITS and 1 <= made.layers <= LAYERS
        if made.cell in CELLS and inside and made.name == name:
            return made
    elif _CHECKSUM.fullmatch(name):
        return name
    raise ValueError(f"{name!r:.60} names no network; accepted: {MADE}, or 12 digits of a file's checksum")
