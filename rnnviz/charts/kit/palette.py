"""Every colour of the project, chosen once.

One colour means one thing in diagram, equation, chart and prose. Pairs are (on light, on dark); all reach 4.5:1 as text
on their background. Hue never stands alone: a symbol or a number is always beside it. Values use an orange-blue ramp,
which the common kinds of colour blindness keep apart, with the background itself at zero.
"""

from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    light: str
    dark: str


PAPER = Pair("#ffffff", "#0e1117")
INK = Pair("#1f2430", "#eceff4")  # text, and the lines that matter
SOFT = Pair("#5c6470", "#a9b1bd")  # secondary text
LINE = Pair("#d5dae1", "#3a414d")  # thin lines and idle controls
NOW = Pair("#c2185b", "#ff7eb0")  # the one accent: the present step

SYMBOLS = {
    "x": Pair("#00796b", "#4db6ac"),
    "h": Pair("#303f9f", "#9fa8da"),
    "c": Pair("#7b1fa2", "#ce93d8"),
    "y": Pair("#8a6100", "#e0b84c"),
    "i": Pair("#2e7d32", "#81c784"),
    "f": Pair("#b71c1c", "#ef9a9a"),
    "o": Pair("#0277bd", "#4fc3f7"),
    "g": Pair("#5d4037", "#bcaaa4"),  # a candidate, in the LSTM and in the GRU
    "n": Pair("#5d4037", "#bcaaa4"),
    "r": Pair("#6b6b00", "#d4d46a"),
    "z": Pair("#00687a", "#7fdbe8"),
}
# Of an encoder and decoder: what the decoder reads is read too, and its states and their mixtures are states.
SYMBOLS |= {"w": SYMBOLS["x"], **dict.fromkeys(("s", "s̃", "h̄"), SYMBOLS["h"])}

NETWORKS = {  # each cell as a network, in every plot that has a line for it: none is the colour of a symbol
    "rnn": Pair("#b04a00", "#d07000"),
    "lstm": Pair("#6b2ff0", "#a07cff"),
    "gru": Pair("#0052e0", "#3d8bff"),
    "peephole": Pair("#b800c4", "#e03cf0"),
    "mgu": Pair("#0b4d0b", "#4fa81e"),
}
ATTENTIONS = {  # each way to ask an encoder's states, as those: none is the colour of a symbol or of a network
    "none": Pair("#540b03", "#e01020"),
    "additive": Pair("#01a00f", "#37fe88"),
    "multiplicative": Pair("#050a79", "#0557f0"),
}
FORECASTERS = {  # each way to forecast a series; a network's is what it predicts, y, and the others no symbol's
    "network": SYMBOLS["y"],
    "iterated": Pair("#c800c8", "#be50d2"),
    "direct": Pair("#8c0a0a", "#f0781e"),
    "point": Pair("#2850fa", "#1ea0f0"),
    "last": Pair("#be468c", "#faa0d2"),
    "season": Pair("#001ed2", "#786efa"),
    "trend": Pair("#780078", "#dc4696"),
    "linear": Pair("#e60032", "#fa1e00"),
}

NEGATIVE = Pair("#b35806", "#f0a04b")
POSITIVE = Pair("#1f5fa8", "#6db1ff")
RAMP_STEPS = 20  # on each side of zero


def symbol(name: str) -> Pair:
    """The colour of a quantity by its name: `W_xf` and `a_f` are the forget gate's, `c_prev` the memory's."""
    stem = name.removesuffix("_prev")
    if stem in SYMBOLS:
        return SYMBOLS[stem]
    return SYMBOLS.get(stem[-1], SOFT)


# The ends of the ramp: pale on light and deep on dark, so that the text colour is legible on every value.
LOW, HIGH = Pair("#e8984e", "#a4550c"), Pair("#74a3dc", "#3069ae")
# The part of the way to an end is the value to this power. Near black the first steps of an even way look like black,
# and most of a memory, whose scale reaches as far as its largest unit, lies there.
_POWER = (1.0, 0.6)


def ramp(dark: bool) -> list[str]:
    """Colours for values from -1 to 1 in `2 * RAMP_STEPS + 1` equal steps of the value."""
    low, zero, high = (pair[dark] for pair in (LOW, PAPER, HIGH))
    parts = [(step / RAMP_STEPS) ** _POWER[dark] for step in range(RAMP_STEPS + 1)]
    return [_mix(zero, low, part) for part in parts[:0:-1]] + [_mix(zero, high, part) for part in parts]


# How much of a gate's colour its open end has, on light and on dark: as much as leaves text on it legible.
GATES = ("i", "f", "o", "r", "z")
_OPEN = (0.62, 0.46)


def gate_ramp(name: str, dark: bool) -> list[str]:
    """Colours for a gate from closed, 0, to open, 1, in `2 * RAMP_STEPS + 1` equal steps; grey for an unknown one."""
    parts = [_OPEN[dark] * step / (2 * RAMP_STEPS) for step in range(2 * RAMP_STEPS + 1)]
    return [_mix(PAPER[dark], symbol(name)[dark], part) for part in parts]


def _mix(start: str, end: str, part: float) -> str:
    channels = ((int(start[i : i + 2], 16), int(end[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in channels)


# Sizes of gradients over many decades: viridis (Smith & van der Walt 2015), dark where the gradient vanishes, the same
# on light and on dark: a size has one colour in every room. Zero, infinity and NaN are no sizes on it, so they have
# colours that it does not hold.
FLOW = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")
ON_FLOW = Pair("#ffffff", "#000000")  # numbers on a deep and on a bright colour of that scale
ZERO, INFINITE, NOT_A_NUMBER = Pair("#9aa0a8", "#6b7380"), Pair("#d32f2f", "#ff5252"), Pair("#000000", "#ffffff")


def flow(steps: int) -> list[str]:
    """`steps` colours from the smallest gradient to the largest."""
    places = [step * (len(FLOW) - 1) / (steps - 1) for step in range(steps)]
    return [_mix(FLOW[int(p)], FLOW[min(int(p) + 1, len(FLOW) - 1)], p - int(p)) for p in places]
