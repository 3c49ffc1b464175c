"""What the first pictures are drawn from, as a digest: the pages' charts as the server sends them, with no browser."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # Streamlit brings it
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node

from rnnviz.lessons import LESSONS
from rnnviz.words import LANGUAGES
from tests.browser.harness import ROOT

_NUMBER = re.compile(r"[-−]?\d+\.?\d*(?:e[-+]?\d+)?")
_RASTER = re.compile(r"data:image/png;base64,[\w+/=]+")
PROJECTIONS = 6
NOISE = 0.002  # of one number: what another processor may make of it, in the units of a table


@dataclass(frozen=True)
class Source:
    """A chart as a page opens with it.

    digest: of its specification and all texts in its tables.     numbers: of those in them, a few sums in which each
    number has another weight, since two machines do not round alike.     count: how many numbers.
    """

    page: str
    language: str
    digest: str
    numbers: tuple[float, ...]
    count: int

    def written(self) -> dict[str, Any]:
        return {"digest": self.digest, "count": self.count, "numbers": list(self.numbers)}

    def is_as(self, written: Mapping[str, Any]) -> bool:
        """Whether it is what was `written` of it once."""
        if (self.digest, self.count) != (written["digest"], written["count"]):
            return False
        apart = np.abs(np.subtract(self.numbers, written["numbers"]))
        return bool((apart <= NOISE * max(1, self.count) ** 0.5).all())


LEARNS = ("forecast",)
"""Pages whose networks learn before there is a chart: there is none as they open, unless another visitor was there."""


def sources(pages: Iterable[str]) -> Iterator[tuple[str, Source]]:
    """By name, of each of these pages that has a chart as it opens."""
    for page in (page for page in pages if page not in LEARNS):
        for language in LANGUAGES:
            yield from _charts(_opened(page, language), page, language)


def _opened(page: str, language: str) -> AppTest:
    """A page as a visitor with this language opens it by its bare address."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    at.context = {"locale": language, "url": "https://class.example", "theme": "light"}
    at.run()
    return at.switch_page(LESSONS[page].file).run() if LESSONS[page].address else at


def _charts(at: AppTest, page: str, language: str) -> Iterator[tuple[str, Source]]:
    """The one that the page is about, if it has any, under its name in `pictures.json`."""
    for node in _nodes(at.main):
        key = (
            re.search(rf"-({page}_\w*stage)_frame$", getattr(node.proto, "id", "")) if isinstance(node, Block) else None
        )
        charts = [child for child in _nodes(node) if child.type == "vega_lite_chart"] if key else []
        if key and charts:
            yield f"{key[1]}-{language}", _source(charts[0].proto, page, language)
            return


def _nodes(node: Node | Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", {}).values():  # a leaf has none
        yield from _nodes(child)


def _source(chart: Any, page: str, language: str) -> Source:
    tables = {data.name: pa.ipc.open_stream(data.data.data).read_all().to_pylist() for data in chart.datasets}
    texts = _RASTER.sub("", json.dumps(tables, ensure_ascii=False, sort_keys=True))
    # Some are a thousand others in one, so that each counts by its size.
    numbers = np.arcsinh([float(number.replace("−", "-")) for number in _NUMBER.findall(texts)])
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    digest = sha256("\n".join([chart.spec, _NUMBER.sub("#", texts), json.dumps(theme)]).encode())
    weights = np.cos(np.outer(np.arange(1, PROJECTIONS + 1), np.arange(len(numbers))))
    sums = tuple(round(float(total), 4) for total in weights @ numbers)
    return Source(page, language, digest.hexdigest()[:16], sums, len(numbers))
