"""Numbers as the pages and charts write them, read back: `0.246`, `5.6·10⁻¹⁴`, `∞`, `NaN`."""

import re

_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
_NUMBER = r"−?(?:10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|\d[\d,]*(?:\.\d+)?(?:·10⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|∞)|NaN"


def numbers(text: str) -> list[float]:
    """Every number in a text, in order."""
    return [number(found) for found in re.findall(_NUMBER, text)]


def number(text: str) -> float:
    """Raises `ValueError` where the text is no such number."""
    if not re.fullmatch(_NUMBER, text):
        raise ValueError(f"{text!r} is no number as the pages write them")
    plain = re.sub("·?10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", "e", text).translate(_LOWERED).replace(",", "").replace("∞", "inf")
    return float(re.sub("^(-?)e", r"\g<1>1e", plain))
