"""Everything that can be set before a training run, with its bounds, in one table; and its text form for a URL.

No torch is needed to read or check a `Config`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from numbers import Integral, Real
from typing import Any, NamedTuple

from rnnviz.core.cells import CELLS
from rnnviz.tasks.catalogue import SERIES, TASK_NAMES

# By the name that a link has: the class of `torch.optim`, and its settings besides the learning rate.
OPTIMISERS: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "rmsprop": ("RMSprop", {}),
    "adam": ("Adam", {}),
}
# Of a pasted text, wherever it comes from. A link has to hold it, in which a Korean character takes nine letters and an
# emoji twelve: 48 kB at the most, and Uvicorn, with which Streamlit serves, takes some 64 kB of a request.
TEXT_LIMIT = 4000
# Of layers * length * batch * hidden units squared: the first iteration of an LSTM of that size, with all that is
# measured then, takes 0.26 s of one core.
SIZE_LIMIT = 100_000_000
LOOP_LIMIT = 200  # layers * length of a cell that PyTorch has no kernel for, which runs as a loop of so many steps

# What can change while a run goes on; and what was, from which iteration on.
CHANGEABLE = ("learning_rate", "clipping", "clip_at")
Changes = tuple[tuple[int, tuple[tuple[str, float | str], ...]], ...]
# ASCII, and nothing around it: `int` and `float` would read "１２", "1_000", " 5 " and "nan" too.
_WHOLE = re.compile(r"[0-9]{1,10}")
_NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")


class Rule(NamedTuple):
    """What is accepted, for a sentence in any language.

    name: of the rule, for a setting one of "choice", "whole", "number", "text", "names", "size" and "loop".
    values: what the rule is about, by name: the `options`, the bounds `least` and `most`.
    """

    name: str
    values: Mapping[str, Any]


class Refused(ValueError):  # noqa: N818  # what became of a value
    """A value that is not accepted. The message says so in English; the parts are for who says it otherwise.

    setting: the name of the setting, or of those that are too large together.     raw: the value as it was written.
    """

    def __init__(self, message: str, setting: str, raw: str, rule: Rule) -> None:
        super().__init__(message)
        self.setting, self.raw, self.rule = setting, raw, rule


def kernels() -> tuple[str, ...]:
    """The cells that PyTorch has a kernel for."""
    return tuple(name for name, cell in CELLS.items() if cell.module)


def _choice(default: str, values: Iterable[str]) -> Any:
    return field(default=default, metadata={"choices": values})


def _number(default: float | None, least: float, most: float) -> Any:
    return field(default=default, metadata={"least": least, "most": most})


@dataclass(frozen=True)
class Config:
    """One training run; the same config gives the same run, bit for bit, on the same machine.

    task: a name of `rnnviz.tasks.catalogue`.
    text: what "characters" reads, or the setup of "series"; at most `TEXT_LIMIT` characters.
    length: of a sequence, as the task counts it (copy memory adds the 20 steps of its code).
    cell: a name in `rnnviz.CELLS`. One that PyTorch has no kernel for runs as a loop over its steps: slower.
    initialisation: of `W_hh`, per gate. "default" is PyTorch's uniform(-1/sqrt(H), 1/sqrt(H)); "orthogonal" (Saxe et
        al. 2014); "identity" (Le, Jaitly & Hinton 2015); "spectral radius" is the default, scaled so that the largest
        eigenvalue's modulus is `spectral_radius` (Pascanu, Mikolov & Bengio 2013). All else starts as PyTorch has it;
        with "identity" the biases of the cell are zero, as in the paper.
    forget_bias: what an LSTM's forget gate starts with in place of its two default biases (Jozefowicz, Zaremba &
        Sutskever 2015: 1), with peepholes or without; None leaves the default. Other cells have none: accepted, and
        without effect.
    optimiser: "momentum" is SGD with momentum 0.9.
    clipping: "norm" scales the whole gradient to a 2-norm of at most `clip_at`, "value" cuts each entry at it.
    truncation: BPTT goes back at most this many steps; 0 is all the way.
    seed: of the first weights and of all data.

    Raises `Refused`, a `ValueError`, for a value outside its bounds, for a `size` above `SIZE_LIMIT` and a loop beyond
    `LOOP_LIMIT`, `TypeError` for a value of the wrong kind.
    """

    task: str = _choice("adding", (*TASK_NAMES, SERIES))
    text: str = ""
    cell: str = _choice("rnn", CELLS)
    hidden_size: int = _number(32, 1, 128)
    num_layers: int = _number(1, 1, 3)
    length: int = _number(50, 2, 200)
    batch_size: int = _number(32, 1, 128)
    optimiser: str = _choice("adam", OPTIMISERS)
    learning_rate: float = _number(0.003, 1e-6, 10.0)
    initialisation: str = _choice("default", ("default", "orthogonal", "identity", "spectral radius"))
    spectral_radius: float = _number(0.95, 0.0, 3.0)
    forget_bias: float | None = _number(None, -10.0, 10.0)
    clipping: str = _choice("none", ("none", "norm", "value"))
    clip_at: float = _number(1.0, 1e-6, 1e6)
    truncation: int = _number(0, 0, 200)
    seed: int = _number(0, 0, 2**32 - 1)

    def __post_init__(self) -> None:
        for part in fields(self):
            check(part.name, getattr(self, part.name))
        if self.size > SIZE_LIMIT:
            product = "num_layers * length * batch_size * hidden_size**2"
            message = f"{product} is {self.size}; accepted: at most {SIZE_LIMIT}"
            raise Refused(message, product, str(self.size), Rule("size", {"most": SIZE_LIMIT}))
        steps = self.num_layers * self.length
        if not CELLS[self.cell].module and steps > LOOP_LIMIT:
            product = "num_layers * length"
            message = f"{product} is {steps}; accepted for {self.cell}, which runs as a loop: at most {LOOP_LIMIT}"
            raise Refused(message, product, str(steps), Rule("loop", {"most": LOOP_LIMIT, "options": kernels()}))

    @property
    def size(self) -> int:
        """What an iteration's time grows with, up to the kind of cell."""
        return self.num_layers * self.length * self.batch_size * self.hidden_size**2

    def to_text(self) -> dict[str, str]:
        """What differs from the default, as strings: for a URL or a file."""
        return {
            part.name: "" if value is None else str(value)
            for part in fields(self)
            if (value := getattr(self, part.name)) != part.default
        }

    @classmethod
    def from_text(cls, text: Mapping[str, str]) -> Config:
        """The inverse of `to_text`. Raises `Refused` for an unknown name or a value that is not accepted."""
        if unknown := sorted(text.keys() - _parts().keys()):
            message = f"no setting {', '.join(map(repr, unknown))}; accepted: {', '.join(_parts())}"
            raise Refused(message, unknown[0], text[unknown[0]], Rule("names", {"options": tuple(_parts())}))
        return cls(**{name: _parse(name, value) for name, value in text.items()})


@cache
def _parts() -> dict[str, tuple[str, Mapping[str, Any]]]:
    return {part.name: (str(part.type), part.metadata) for part in fields(Config)}


def bounds(name: str) -> tuple[float, float]:
    """The least and the greatest accepted value of a number."""
    metadata = _parts()[name][1]
    return metadata["least"], metadata["most"]


def choices(name: str) -> tuple[str, ...]:
    """The accepted values of a setting that is one of a few words."""
    return tuple(_parts()[name][1]["choices"])


def rule(name: str) -> Rule:
    """What is accepted for a setting."""
    kind, metadata = _parts()[name]
    if "choices" in metadata:
        return Rule("choice", {"options": choices(name)})
    if "least" not in metadata:
        return Rule("text", {"most": TEXT_LIMIT})
    return Rule("whole" if kind == "int" else "number", {"least": metadata["least"], "most": metadata["most"]})


def check(name: str, value: object) -> None:
    """The one place where a value is held against its bounds. Raises `Refused` or `TypeError`."""
    kind, metadata = _parts()[name]
    if "choices" in metadata:
        if value not in metadata["choices"]:
            raise _refusal(name, repr(value), str(value), ", ".join(metadata["choices"]))
    elif "least" in metadata:
        if value is None and "None" in kind:
            return
        whole = kind == "int"
        if isinstance(value, bool) or not isinstance(value, Integral if whole else Real):
            raise TypeError(f"{name} is {value!r}; accepted: {'a whole number' if whole else 'a number'}")
        least, most = metadata["least"], metadata["most"]
        if not least <= value <= most:  # nor is NaN
            raise _refusal(name, repr(value), str(value), f"{least:g} to {most:.10g}")
    elif not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}; accepted: a string")
    elif len(value) > TEXT_LIMIT:
        message = f"{name} has {len(value)} characters; accepted: at most {TEXT_LIMIT}"
        raise Refused(message, name, value, rule(name))


def _refusal(name: str, value: str, raw: str, limits: str) -> Refused:
    return Refused(f"{name} is {value}; accepted: {limits}", name, raw, rule(name))


def _parse(name: str, text: str) -> Any:
    kind, metadata = _parts()[name]
    if "least" not in metadata:
        return text
    if text == "" and "None" in kind:
        return None
    whole = kind == "int"
    if not (_WHOLE if whole else _NUMBER).fullmatch(text):
        raise _refusal(name, repr(text), text, "a whole number" if whole else "a number")
    value = int(text) if whole else float(text)
    try:
        check(name, value)
    except Refused as error:
        raise Refused(str(error), name, text, error.rule) from None
    return value


def changes(first_config: Config, later_configs: Mapping[int, Config], iteration: int) -> Changes:
    """What was changed in a run before the update of an iteration.

    first_config: its settings at its start.     later_configs: by the iteration from which each holds.
    """
    changed_at, before = [], first_config
    for first, config in sorted(later_configs.items()):
        settings = ((name, getattr(config, name)) for name in CHANGEABLE)
        new = tuple((name, value) for name, value in settings if value != getattr(before, name))
        if first < iteration and new:
            changed_at.append((first, new))
        before = config
    return tuple(changed_at)


class Checkpoint(NamedTuple):
    """The weights of a run before the update of iteration `at`.     changes: of its settings on the way there."""

    config: Config
    at: int
    changes: Changes = ()
