"""How a number is written, on pages, in charts and in files; `charts/kit/numbers.py` has the same as Vega expressions.

- **size**: a number of any size, to three significant digits without zeros at the end: `12.3`, `0.5`. Digits before the
  point are all written, by threes: `12,345`. Below 10⁻⁴ and from 10⁵ on as a power of ten: `3.81·10¹¹`, `10⁻⁹`.
- **fixed**: a number of a known range, to as many decimals each time, so that a column of them lines up: `0.50`.
- **percent**: a share. Only a share of exactly 0 is `0%` and only of exactly 1 `100%`; next to them, `<1%` and `>99%`.
- **count**: a whole number, by threes: `1,450`.
- Always: a half is rounded away from zero, the minus sign is `−` (U+2212), nothing is `−0`, and what is not finite is
  `∞`, `−∞` or `NaN`. Both languages write numbers alike, by threes with a comma and with a point before the decimals.

In a sentence of the catalogue the writer stands after the colon, and then how many digits or decimals:
`{norm:size}`, `{sum:size 5}`, `{growth:+size}`, `{gate:fixed 2}`, `{p:percent}`, `{p:percent 1}`, `{iteration:count}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import isfinite
from statistics import fmean

DIGITS = 3
EXACT = 6  # digits of a number that someone has set
PLAIN = -4, 5  # powers of ten from and below which a size is written with its digits
RAISED = dict(zip("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))
VAST = 1e21  # from here on no number is written with its digits
MINUS, INFINITE, NOT_A_NUMBER = "−", "∞", "NaN"


def size(value: float, digits: int = DIGITS, *, plus: bool = False) -> str:
    """A number of any size: `0.246`, `1,450`, `3.2·10⁻⁹`, `−10⁵`. plus: `+` before what is above zero."""
    if not isfinite(value) or value == 0:
        return _signed(value, "0", plus)
    exact = Decimal(float(abs(value)))
    exponent = _round(exact, digits - 1 - exact.adjusted()).adjusted()
    if PLAIN[0] <= exponent < PLAIN[1]:
        return _signed(value, _trimmed(f"{_round(exact, max(0, digits - 1 - exponent)):,f}"), plus)
    mantissa = _trimmed(f"{_round(exact, digits - 1 - exponent).scaleb(-exponent):f}")
    return _signed(value, ("" if mantissa == "1" else f"{mantissa}·") + power(exponent), plus)


def fixed(value: float, decimals: int = 2, *, plus: bool = False) -> str:
    """A number with that many decimals: `0.50`, `−1.25`, `1,450.0`."""
    if not abs(value) < VAST:
        return size(value, plus=plus)
    amount = _round(Decimal(float(abs(value))), decimals)
    return _signed(value if amount else 0.0, f"{amount:,f}", plus)


def percent(share: float, decimals: int = 0) -> str:
    """A share of 1: `97%`, with one decimal `97.0%`; what only rounding would make nothing or all is `<1%`, `>99%`."""
    hundredths = 100 * abs(share)
    least = 10.0**-decimals
    if 0 < hundredths < least / 2:
        return _signed(share, f"<{least:.{decimals}f}%", False)
    if 100 - least / 2 <= hundredths < 100:
        return _signed(share, f">{100 - least:.{decimals}f}%", False)
    return fixed(100 * share, decimals) + ("" if share != share else "%")


def count(value: float) -> str:
    """A whole number: `1,450`."""
    return fixed(value, 0)


def spread(values: Sequence[float], written: Callable[[float], str]) -> str:
    """The mean of some measurements, and the least and the most where those are written otherwise: `97% (95–98)`."""
    mean, least, most = (written(value) for value in (fmean(values), min(values), max(values)))
    return mean if least == most else f"{mean} ({least.rstrip('%')}–{most.rstrip('%')})"


def power(exponent: int) -> str:
    """A power of ten: `10⁻⁹`; `1` for the zeroth."""
    return "1" if exponent == 0 else "10" + "".join(RAISED[digit] for digit in str(exponent))


def latex(text: str) -> str:
    """A written number as LaTeX: `3.2\\cdot 10^{-9}`."""
    plain = text.replace(MINUS, "-").replace(",", "{,}").replace("·", r"\cdot ").replace(INFINITE, r"\infty")
    to_plain = str.maketrans({letter: digit for digit, letter in RAISED.items()})
    return re.sub(f"[{''.join(RAISED.values())}]+", lambda match: f"^{{{match[0].translate(to_plain)}}}", plain)


def _round(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(value: float, finite: str, plus: bool) -> str:
    """A text with the sign of `value`, or what stands for a value that is not finite."""
    if value != value:
        return NOT_A_NUMBER
    return (MINUS if value < 0 else "+" if plus and value > 0 else "") + (finite if isfinite(value) else INFINITE)


WRITERS: dict[str, Callable[..., str]] = {"size": size, "fixed": fixed, "percent": percent, "count": count}
