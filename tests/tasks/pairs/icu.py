"""Numbers in words as ICU writes them by the CLDR's rules, called in the library that Debian's Chromium brings."""

import ctypes
from collections.abc import Callable
from ctypes.util import find_library

SPELLOUT, RULE_SET = 5, 6  # UNUM_SPELLOUT, UNUM_DEFAULT_RULESET
CHARACTERS = 500


def speller(locale: str, rules: str) -> Callable[[int], str] | None:
    """What a set of rules of a locale makes of a number; None without the library. Raises `ValueError` for a set that
    there is not."""
    if (name := find_library("icui18n")) is None:
        return None
    library, version = ctypes.CDLL(name), name.rsplit(".", 1)[-1]
    status, nothing = ctypes.c_int(0), ctypes.c_void_p()
    made = getattr(library, f"unum_open_{version}")
    made.restype = ctypes.c_void_p
    number_format = ctypes.c_void_p(made(SPELLOUT, nothing, 0, locale.encode(), nothing, ctypes.byref(status)))
    chosen = ctypes.create_string_buffer(f"%{rules}".encode("utf-16-le"))
    getattr(library, f"unum_setTextAttribute_{version}")(
        number_format, RULE_SET, chosen, len(rules) + 1, ctypes.byref(status)
    )
    if status.value > 0:
        raise ValueError(f"ICU: error {status.value} for {rules} of {locale}")
    written = getattr(library, f"unum_formatInt64_{version}")

    def spelled(n: int) -> str:
        text, wrong = ctypes.create_string_buffer(2 * CHARACTERS), ctypes.c_int(0)
        count = written(number_format, ctypes.c_int64(n), text, CHARACTERS, nothing, ctypes.byref(wrong))
        assert wrong.value <= 0
        return text.raw[: 2 * count].decode("utf-16-le")

    return spelled
