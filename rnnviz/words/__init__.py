"""What the pages say, as data: TOML files with the same keys in every language, read without torch or Streamlit.

Here is what pages share; what one lesson says is in its folder, `rnnviz/lessons/<name>/<language>.toml`. A language is
one such file in each of these folders, and its name in `LANGUAGES`.

A key is its section and its name, `step.title`. `sentence` says what stands in braces: `{token}`, `{p:percent}`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from rnnviz.words.sentence import Sentence

LANGUAGES = {"en": "English", "ko": "한국어"}
"""The languages by code, each by its own name."""


@cache
def catalogue(language: str) -> Mapping[str, Sentence]:
    """Every sentence of a language by its dotted key; raises `ValueError` for a language that has no file, and for a
    key that two files have."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r}: {', '.join(LANGUAGES)} are accepted")
    sentences: dict[str, Sentence] = {}
    for file in files(language):
        for key, sentence in _flat(tomllib.loads(file.read_text("utf-8"))):
            if key in sentences:
                raise ValueError(f"{file}: {key} is in another file too")
            sentences[key] = sentence
    return MappingProxyType(sentences)


def files(language: str) -> list[Path]:
    """Of a language: what pages share, then each lesson."""
    here = Path(__file__).parent
    return [here / f"{language}.toml", *sorted(here.parent.glob(f"lessons/*/{language}.toml"))]


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Sentence]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield above + name, Sentence(value)
        else:
            yield from _flat(value, f"{above}{name}.")
