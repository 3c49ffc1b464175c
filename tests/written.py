"""Numbers as the pages and charts write them, read back: `0.246`, `5.6·10⁻¹⁴`, `∞`, `NaN`."""

import re

_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_NUMBER = r"\d+(?:\.\d+)?(?:·10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|∞|NaN"


def numbers(text: str) -> list[float]:
    """Every number in a text, in order."""
    return [number(found) for found in re.findall(_NUMBER, text)]


def number(text: str) -> float:
    """Raises `ValueError` where the text is no such number."""
    if not re.fullmatch(_NUMBER, text):
        raise ValueError(f"{text!r} is no number as the pages write them")
    mantissa, _, power = text.replace("∞", "inf").partition("·10")
    return float(mantissa) * 10.0 ** int(power.translate(_LOWERED) or 0)
