"""What the pages say, as data: one TOML file per language with the same keys, read without torch or Streamlit.

A key is its section and its name, `step.title`. Placeholders are `str.format`'s, by name: `{token}`, `{p:.0%}`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

LANGUAGES = {"en": "English", "ko": "한국어"}
"""The languages by code, each by its own name."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every sentence of a language by its dotted key; raises `ValueError` for a language that has no file."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r}: {', '.join(LANGUAGES)} are accepted")
    tables = tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))
    return MappingProxyType(dict(_flat(tables)))


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield above + name, value
        else:
            yield from _flat(value, f"{above}{name}.")
