"""How a value is written in a URL, read from one, and what is accepted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from rnnviz.training.config import CHANGEABLE, Changes, Config, Refused, Rule, rule
from rnnviz.zoo.own.made import MADE, named
from rnnviz.zoo.shapes.drawing import MOST_POINTS, Strokes, parsed, written

ITERATIONS = 20_000  # of a run, at the most


class Kind(Protocol):
    """`parse` raises `ValueError` for what is not accepted, and `Refused` where the value has parts of which one is
    wrong. `accepts` says what is; its name is a sentence under `accepts` in the lessons' catalogues."""

    @property
    def accepts(self) -> Rule: ...
    def parse(self, raw: str) -> Any: ...
    def write(self, value: Any) -> str: ...


@dataclass(frozen=True)
class Choice:
    options: tuple[str, ...]

    @property
    def accepts(self) -> Rule:
        return Rule("choice", {"options": self.options})

    def parse(self, raw: str) -> str:
        if raw not in self.options:
            raise ValueError(raw)
        return raw

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Current:
    """One of what there is when it is asked for, since a cell may be declared later than the table of parameters."""

    options: Callable[[], tuple[str, ...]]

    @property
    def accepts(self) -> Rule:
        return Choice(self.options()).accepts

    def parse(self, raw: str) -> str:
        return Choice(self.options()).parse(raw)

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Several:
    """Any of the options, separated by commas."""

    options: tuple[str, ...]

    @property
    def accepts(self) -> Rule:
        return Rule("several", {"options": self.options})

    def parse(self, raw: str) -> tuple[str, ...]:
        parts = tuple(part for part in raw.split(",") if part)
        if set(parts) - set(self.options):
            raise ValueError(raw)
        return parts

    def write(self, value: tuple[str, ...]) -> str:
        return ",".join(value)


@dataclass(frozen=True)
class Whole:
    """A whole number, both bounds accepted."""

    least: int
    most: int

    @property
    def accepts(self) -> Rule:
        return Rule("whole", {"least": self.least, "most": self.most})

    def parse(self, raw: str) -> int:
        if not (raw.isascii() and raw.isdecimal() and len(raw) <= 9 and self.least <= int(raw) <= self.most):
            raise ValueError(raw)
        return int(raw)

    def write(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True)
class Decimal:
    """A decimal number of at most four places, both bounds accepted."""

    least: float
    most: float

    @property
    def accepts(self) -> Rule:
        return Rule("decimal", {"least": self.least, "most": self.most})

    def parse(self, raw: str) -> float:
        if not (re.fullmatch(r"-?[0-9]{1,4}(\.[0-9]{1,4})?", raw) and self.least <= float(raw) <= self.most):
            raise ValueError(raw)
        return float(raw)

    def write(self, value: float) -> str:
        return f"{round(value, 4) + 0.0:g}"  # + 0.0 takes the sign from -0.0


@dataclass(frozen=True)
class Wholes:
    """Whole numbers, each once and in order, separated by commas."""

    least: int
    most: int

    @property
    def accepts(self) -> Rule:
        return Rule("wholes", {"least": self.least, "most": self.most})

    def parse(self, raw: str) -> tuple[int, ...]:
        return tuple(sorted({Whole(self.least, self.most).parse(part) for part in raw.split(",") if part}))

    def write(self, value: tuple[int, ...]) -> str:
        return ",".join(map(str, value))


@dataclass(frozen=True)
class Switches:
    """A row of switches, `10110`: 1 is on."""

    most: int

    @property
    def accepts(self) -> Rule:
        return Rule("switches", {"most": self.most})

    def parse(self, raw: str) -> str:
        if not 1 <= len(raw) <= self.most or set(raw) - set("01"):
            raise ValueError(raw)
        return raw

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Line:
    """Text of a bounded length; a line break is a space."""

    limit: int

    @property
    def accepts(self) -> Rule:
        return Rule("text", {"most": self.limit})

    def parse(self, raw: str) -> str:
        if len(raw) > self.limit:
            raise ValueError(raw)
        return " ".join(raw.splitlines())

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Drawing:
    """A drawing made on a page, as strokes."""

    @property
    def accepts(self) -> Rule:
        return Rule("drawing", {"most": MOST_POINTS})

    def parse(self, raw: str) -> Strokes:
        return parsed(raw)

    def write(self, value: Strokes) -> str:
        return written(value)


@dataclass(frozen=True)
class Setting:
    """A setting of a training run, by its name in `Config`, which knows what is accepted."""

    name: str

    @property
    def accepts(self) -> Rule:
        return rule(self.name)

    def parse(self, raw: str) -> Any:
        return getattr(Config.from_text({self.name: raw}), self.name)

    def write(self, value: Any) -> str:
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Run:
    """A training run: names and values of its settings in turn, `task~reber~cell~lstm~length~20`, a text last.

    Nothing in it needs to be escaped in a URL but the text. `Config` knows what is accepted.
    """

    @property
    def accepts(self) -> Rule:
        return Rule("run", {})

    def parse(self, raw: str) -> Config:
        settings, mark, text = raw.partition("~text~")
        parts = settings.split("~")
        values = dict(zip(parts[::2], parts[1::2], strict=False))
        if len(parts) != 2 * len(values):
            raise ValueError(raw)  # a name without a value, or twice
        return Config.from_text(values | ({"text": text} if mark else {}))

    def write(self, value: Config) -> str:
        settings = {"task": value.task, "cell": value.cell} | value.to_text()
        text = settings.pop("text", "")
        return "~".join(part for pair in settings.items() for part in pair) + (f"~text~{text}" if text else "")


@dataclass(frozen=True)
class OwnNetwork:
    """A visitor's own network: its sizes and its seed, `gru-3-8-1-0`, or the checksum of a file that a session has."""

    @property
    def accepts(self) -> Rule:
        return Rule("own", {"example": MADE})

    def parse(self, raw: str) -> str:
        named(raw)
        return raw

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class OnTheWay:
    """What was changed while a run went on: `26~learning_rate~0.05~80~clipping~norm`, each from an iteration on."""

    @property
    def accepts(self) -> Rule:
        return Rule("changes", {"options": CHANGEABLE})

    def parse(self, raw: str) -> Changes:
        changes: list[tuple[int, tuple[tuple[str, float | str], ...]]] = []
        parts = iter(raw.split("~"))
        for part in parts:
            if part.isascii() and part.isdecimal():
                iterations = Whole(changes[-1][0] + 1 if changes else 1, ITERATIONS)
                try:
                    first = iterations.parse(part)
                except ValueError as error:
                    raise Refused(str(error), "iteration", part, iterations.accepts) from None
                changes.append((first, ()))
            elif changes and part in CHANGEABLE:
                value = getattr(Config.from_text({part: next(parts, "")}), part)
                changes[-1] = (changes[-1][0], (*changes[-1][1], (part, value)))
            else:
                raise ValueError(raw)
        if not all(settings and len(dict(settings)) == len(settings) for _, settings in changes):
            raise ValueError(raw)
        return tuple(changes)

    def write(self, value: Changes) -> str:
        return "~".join(str(part) for first, settings in value for part in (first, *(p for s in settings for p in s)))
