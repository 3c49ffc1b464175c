"""Vega's expressions, written in Python: names, operators, choices and calls become text with the brackets they need.

    t, T, z = names("t T z")
    str((t + 1) / T * z)                       # "(t + 1)/T*z"
    str(when(t < T, "to come", ""))            # "t < T ? 'to come' : ''"
    str(fn.clamp(t, 0, T - 1))                 # "clamp(t, 0, T - 1)"
    mark(x=left + (datum.k + 0.5) * wide)      # marks take expressions and text alike

A signal that a `names.py` declares is imported from it: `from rnnviz.charts.kit.names import z`.

Python's operators keep Python's precedence; `&`, `|` and `~` are Vega's `&&`, `||` and `!`; a comparison
beside them stands in brackets, as in NumPy. `==` and `!=` make expressions, so an expression is compared by its text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from typing import Union

# How tightly Vega's operators bind, as in JavaScript.
CHOICE, OR, AND, EQUAL, LESS, PLUS, TIMES, SIGN, ATOM = range(9)
Value = Union["Expr", str, float, bool, None]  # a Python text is a text in Vega too; None is null


class Expr:
    """An expression and how tightly its outermost operator binds."""

    __slots__ = ("_binds", "_text")
    __hash__ = None  # type: ignore[assignment]  # `==` is an operator of the language, so it compares nothing here
    __iter__ = None  # how many entries it has is known in the browser only

    def __init__(self, text: str | Expr, binds: int | None = None) -> None:
        """An expression, or the text of one. Without `binds` a text gets brackets beside any operator, unless it is a
        name, a member or an entry."""
        self._text: str = text._text if isinstance(text, Expr) else text
        if isinstance(text, Expr):
            binds = text._binds
        elif binds is None:
            binds = ATOM if re.fullmatch(r"[A-Za-z_]\w*(\.\w+|\[[\w.]+\])*", text) else CHOICE
        self._binds: int = binds

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Expr({self._text!r})"

    def __bool__(self) -> bool:
        raise TypeError(f"{self._text} is known in the browser only; accepted: when(...), & and | in the place of if")

    def __getattr__(self, name: str) -> Expr:
        """`datum.k`."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Expr(f"{self._within(ATOM)}.{name}", ATOM)

    def __getitem__(self, at: Value) -> Expr:
        """An entry, or a field that has the name of a word of Python: `datum["from"]` is `datum.from`."""
        if isinstance(at, str) and at.isidentifier():
            return self.__getattr__(at)
        return Expr(f"{self._within(ATOM)}[{expr(at)}]", ATOM)

    def _within(self, least: int) -> str:
        """Its text as an operand of what binds so tightly."""
        return self._text if self._binds >= least else f"({self._text})"

    def _joined(self, sign: str, other: Value, binds: int, *, turned: bool = False) -> Expr:
        """All operators bind from the left: an equal one on the right needs brackets, but where it means the same."""
        left, right = (expr(other), self) if turned else (self, expr(other))
        between = sign if binds == TIMES else f" {sign} "
        return Expr(f"{left._within(binds)}{between}{right._within(binds if binds in (AND, OR) else binds + 1)}", binds)

    def __add__(self, other: Value) -> Expr:
        return self._joined("+", other, PLUS)

    def __radd__(self, other: Value) -> Expr:
        return self._joined("+", other, PLUS, turned=True)

    def __sub__(self, other: Value) -> Expr:
        return self._joined("-", other, PLUS)

    def __rsub__(self, other: Value) -> Expr:
        return self._joined("-", other, PLUS, turned=True)

    def __mul__(self, other: Value) -> Expr:
        return self._joined("*", other, TIMES)

    def __rmul__(self, other: Value) -> Expr:
        return self._joined("*", other, TIMES, turned=True)

    def __truediv__(self, other: Value) -> Expr:
        return self._joined("/", other, TIMES)

    def __rtruediv__(self, other: Value) -> Expr:
        return self._joined("/", other, TIMES, turned=True)

    def __mod__(self, other: Value) -> Expr:
        """Vega's: the sign is that of the left operand, not of the right one as in Python."""
        return self._joined("%", other, TIMES)

    def __neg__(self) -> Expr:
        # `--x` would be another operator.
        return Expr(f"-{self._within(ATOM)}", SIGN)

    def __lt__(self, other: Value) -> Expr:
        return self._joined("<", other, LESS)

    def __le__(self, other: Value) -> Expr:
        return self._joined("<=", other, LESS)

    def __gt__(self, other: Value) -> Expr:
        return self._joined(">", other, LESS)

    def __ge__(self, other: Value) -> Expr:
        return self._joined(">=", other, LESS)

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]  # as in NumPy
        return self._joined("==", other, EQUAL)  # type: ignore[arg-type]  # `expr` refuses what it cannot write

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]  # as `__eq__`
        return self._joined("!=", other, EQUAL)  # type: ignore[arg-type]  # as `__eq__`

    def __and__(self, other: Value) -> Expr:
        return self._joined("&&", other, AND)

    def __or__(self, other: Value) -> Expr:
        return self._joined("||", other, OR)

    def __invert__(self) -> Expr:
        return Expr(f"!{self._within(SIGN)}", SIGN)


def expr(value: Value | object) -> Expr:
    """A Python value as an expression. Raises `TypeError` for what has none, `ValueError` for NaN and infinity."""
    if isinstance(value, Expr):
        return value
    if value is None or isinstance(value, bool):
        return Expr({None: "null", True: "true", False: "false"}[value], ATOM)
    if isinstance(value, str):
        inner = json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
        return Expr(f"'{inner}'", ATOM)  # within JSON, such quotes need no sign before them
    if isinstance(value, int | float):
        if not isfinite(value):
            raise ValueError(f"{value} is no number to write; accepted: finite ones")
        # A sign binds less tightly than a member or an index; `1.k` is no member.
        return Expr(repr(value), SIGN)
    raise TypeError(f"{value!r} is a {type(value).__name__}; accepted: an expression, a text, a number, a bool or None")


def names(text: str) -> tuple[Expr, ...]:
    """The signals of these names, in a row."""
    return tuple(Expr(name, ATOM) for name in text.split())


datum = Expr("datum", ATOM)
"""The row of a mark."""

width = Expr("width", ATOM)
"""The chart's, in px."""


def when(condition: Value, then: Value, otherwise: Value) -> Expr:
    return Expr(f"{expr(condition)._within(OR)} ? {expr(then)} : {expr(otherwise)}", CHOICE)


class _Functions:
    """All functions of Vega's by name."""

    def __getattr__(self, name: str) -> Callable[..., Expr]:
        return partial(_call, name)


fn = _Functions()


def _call(function: str, *arguments: Value) -> Expr:
    return Expr(f"{function}({', '.join(str(expr(argument)) for argument in arguments)})", ATOM)


def array(*entries: Value) -> Expr:
    return Expr(f"[{', '.join(str(expr(entry)) for entry in entries)}]", ATOM)


def fields(entries: Mapping[str, Value]) -> Expr:
    """An object with these fields."""
    pairs = (
        f"{key if re.fullmatch('[A-Za-z_]+', key) else expr(key)}: {expr(value)}" for key, value in entries.items()
    )
    return Expr(f"{{{', '.join(pairs)}}}", ATOM)
