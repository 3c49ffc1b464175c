"""Numbers in writing."""

from __future__ import annotations

from math import floor, isfinite

import numpy as np

from rnnviz.core.trace import Array


def logs(norms: Array) -> Array:
    """log10, with -infinity for zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(np.asarray(norms, float))


def spoken(value: float) -> str:
    """A number in a sentence: `0.15`, `1.7·10¹¹`, `∞`, `NaN`."""
    if not isfinite(value):
        return "NaN" if value != value else "∞" if value > 0 else "−∞"
    written = f"{value:.2g}".replace("-", "−")
    mantissa, found, exponent = written.partition("e")
    return f"{mantissa}·{power(int(exponent.replace('−', '-')))}" if found else written


def sized(norm: float) -> str:
    """A norm as a text: `0.246`, `3.2·10⁻⁹`, `0`, `∞` or `NaN`."""
    log = float(logs(np.array(norm)))
    if not isfinite(log):
        return "NaN" if log != log else "∞" if log > 0 else "0"
    if PLAIN[0] <= log < PLAIN[1]:
        return f"{norm:.3g}"
    exponent = floor(log + CARRY)
    return f"{10 ** (log - exponent):.1f}·{power(exponent)}"


PLAIN = (-3, 2.9997)  # log10 of the sizes that are written out, with three digits
CARRY = 0.0021  # 9.95 is written as 10, which is one power up
DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED = str.maketrans("-0123456789", "⁻" + DIGITS)


def power(exponent: int) -> str:
    """A power of ten as text."""
    return "1" if exponent == 0 else "10" + str(exponent).translate(_RAISED)
