"""A chart that is taken along is whole: nothing is fetched, and no text in it can become code."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import struct
import sys
import zlib
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import cycle, product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import altair as alt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.charts.kit import export, palette
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.kit.player import ROWS, SCROLLING
from rnnviz.charts.kit.tables import clean
from rnnviz.core.cells import CELLS
from rnnviz.training import __main__ as train
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.words.numbers import fixed, percent
from tests.charts.hostile import CHARTS, HACK, TEXTS
from tests.charts.networks import case, made, texts

CHARTS_FOLDER = Path(export.__file__).parent
PNG = b"\x89PNG\r\n\x1a\n"
WRAPPED = re.compile(r"^const spec = (.*);$", re.MULTILINE)
KIND = pytest.mark.parametrize("kind", CHARTS)
WHOLE = ["html", "head", "meta", "meta", "title", "style", "script", "body", "div", "script"]
FETCHED = [*WHOLE[:6], *["script"] * 3, *WHOLE[7:]]
# Any text, and more often than chance would have it, what ends a script, a comment or a string.
TEXT = st.lists(st.one_of(st.text(max_size=6), st.sampled_from(TEXTS)), max_size=3).map("".join)


class Page(HTMLParser):
    """The tags of a page, its attributes, and the texts of its title and its scripts, as a browser would part them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.title, self.scripts = "", list[str]()
        self._open = ""
        self.feed(text)
        self.close()

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.tags]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open == "title":
            self.title += data
        if self._open == "script":
            self.scripts[-1] += data


def written(page: str) -> dict[str, Any]:
    """The specification that a page draws."""
    (found,) = WRAPPED.findall(page)
    assert not set(found) & set("<>\u2028\u2029")
    return json.loads(found)


PLAYED, ROWED = (
    ("chain", "rolled", "watched", "training", "forecast", "asked"),
    ("watched", "lab"),
)  # kinds that answer such keys


class TestPage:
    def test_it_loads_nothing(self) -> None:
        page = Page(export.to_html(made(case())))
        assert page.names == WHOLE
        assert not [name for name, attributes in page.tags if {"src", "href", "data"} & attributes.keys()]

    @KIND
    def test_no_text_of_any_chart_ends_the_script_that_it_stands_in(self, kind: str) -> None:
        chart = CHARTS[kind](TEXTS)
        page = Page(chart.to_html(inline=True, title="".join(TEXTS)))
        assert page.names == WHOLE
        assert HACK not in page.scripts[0]
        assert page.scripts[1].startswith("\nconst spec = {")
        keys = page.scripts[1].rstrip().splitlines()[-1]  # those by which the page would scroll, and the chart answers
        held = [*SCROLLING] * (kind in PLAYED) + [*ROWS] * (kind in ROWED)
        assert keys == f"hold(() => {json.dumps(held)});"

    @settings(max_examples=60)
    @given(TEXT, TEXT, st.sampled_from(["chain", "training", "terms", "states"]))
    def test_whatever_is_written_a_page_has_its_own_tags_only_and_can_be_a_file(
        self, text: str, title: str, kind: str
    ) -> None:
        page = CHARTS[kind](["a", text, "b"]).to_html(title=title)
        page.encode("utf-8")
        found = Page(page)
        assert found.names == FETCHED
        assert found.scripts[:3] == [""] * 3
        written(page)

    @given(TEXT)
    def test_a_title_is_only_text(self, title: str) -> None:
        page = Page(export.to_html(CHARTS["lines"](()), title=title, inline=False))
        shown = re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", title)
        (figure,) = [attributes for tag, attributes in page.tags if tag == "div"]
        assert page.title == figure["aria-label"] == shown

    def test_it_holds_the_stage_that_was_given(self) -> None:
        stage = CHARTS["chain"](TEXTS)
        tokens = written(export.to_html(stage))["datasets"]["bundle"][0]["tokens"]
        assert tokens.split("\u2063") == [clean(text) for text in TEXTS]

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_says_the_language_of_its_chart(self, language: str) -> None:
        stage = made(case(), language=language).properties(width=500)
        assert Page(stage.to_html()).tags[0] == ("html", {"lang": language})
        assert Page(export.to_html(made(case()), language=language)).tags[0] == ("html", {"lang": language})


@pytest.mark.parametrize("dark", [False, True])
def test_light_or_dark_goes_through_page_and_pictures(dark: bool, tmp_path: Path) -> None:
    stage = made(case())
    for name in ("page.html", "picture.svg"):
        stage.save(tmp_path / name, dark=dark)
    assert f"background: {palette.PAPER[dark]}" in (tmp_path / "page.html").read_text("utf-8")
    drawn = (tmp_path / "picture.svg").read_text("utf-8").lower()
    assert palette.PAPER[dark] in drawn
    assert palette.NOW[dark] in drawn
    assert palette.NOW[not dark] not in drawn


class TestPicture:
    @pytest.mark.parametrize(("start", "caption"), [(0, "t = 1 / 5"), (4, "t = 4 / 5")])
    def test_it_shows_the_step_that_the_stage_opens_at(self, start: int, caption: str) -> None:
        drawn = ET.fromstring(export.to_svg(made(case(), start=start)))
        assert caption in texts(drawn)
        assert float(drawn.get("width", 0)) > 1000

    @pytest.mark.parametrize("quiz", [False, True])
    def test_it_has_its_title_and_nothing_to_press(self, quiz: bool) -> None:
        words = catalogue("en")
        drawn = texts(ET.fromstring(export.to_svg(made(case(), start=4, quiz=quiz), title="words of mine")))
        assert "t = 4 / 5 · words of mine" in drawn
        pressed = ("by_token", "by_operation", "quiz", "quiz_press", "hint_chain")
        assert not [text for text in drawn if any(words[f"stage.{name}"] in text for name in pressed)]

    # Every operation at every depth; each cell at each step at every depth, and three of these four at each operation.
    @pytest.mark.parametrize(
        ("op", "depth", "cell", "start"),
        [
            (*shown, *of)
            for shown, of in zip(
                product(("token", "cell", "scores", "softmax"), (0, 1, 2)),
                cycle(product(("rnn", "lstm"), (2, 5))),
                strict=False,
            )
        ],
    )
    def test_it_hides_the_prediction_that_is_still_to_be_guessed(
        self, cell: str, start: int, op: str, depth: int
    ) -> None:
        """And nothing of one that was guessed, or where everything is to be shown: then it is as without guesses."""
        of, ops = case(cell), len(CELLS[cell].ops)
        look = {
            "start": start,
            "depth": depth,
            "op": {"token": 0, "cell": 1, "scores": ops + 1, "softmax": ops + 2}[op],
        }

        def still(**how: bool) -> list[str]:
            return texts(ET.fromstring(export.to_svg(made(of, **look, **how))))

        asked, words = still(quiz=True), catalogue("en")
        y, logits = of.readout.y[start - 1], of.readout.logits[start - 1]
        best = [percent(y[k], 1) for k in np.argsort(-y)[:3]] + [fixed(logits[np.argmax(y)], 3)]
        assert words["stage.quiz_ask"] in asked
        assert words["stage.prediction"] in asked
        assert not [text for text in asked if text.startswith(best[0]) or "✓" in text or "ℓ = " in text]
        if depth < 2:  # a unit's sum may hold any number
            assert not [text for text in asked if any(number in text for number in best)]
        answered, told = still(quiz=True, answered=True), still()
        assert answered == told
        assert still(quiz=True, every=True) == still(every=True)
        assert any(text.startswith(best[0]) for text in told) == (op in ("token", "softmax"))

    def test_it_takes_no_score_apart_that_a_question_asks_about(self) -> None:
        of = case("gru")
        stage = made(of, start=3, depth=2, op=len(of.trace.cell.ops) + 1, withheld=(1, 3))
        held = texts(ET.fromstring(export.to_svg(stage)))
        assert not [text for text in held if text.startswith("ℓ = ")]
        other = made(of, start=2, depth=2, op=len(of.trace.cell.ops) + 1, withheld=(1, 3))
        assert [text for text in texts(ET.fromstring(export.to_svg(other))) if text.startswith("ℓ = ")]

    @KIND
    def test_of_any_text_it_is_sound(self, kind: str) -> None:
        """A control character that reached vl-convert would end this process."""
        drawn = ET.fromstring(export.to_svg(CHARTS[kind](TEXTS)))
        assert "script" not in {node.tag.rpartition("}")[2].lower() for node in drawn.iter()}
        assert not [name for node in drawn.iter() for name in node.attrib if name.lower().startswith("on")]

    @pytest.mark.parametrize("kind", ["chain", "states"])
    def test_it_shows_korean_and_markup_as_they_are(self, kind: str) -> None:
        drawn = texts(ET.fromstring(export.to_svg(CHARTS[kind](["안녕", "<b>&lt;", "]]>"]))))
        assert {"안녕", "<b>&lt;", "]]>"} <= set(drawn)

    def test_an_emoji_without_room_does_not_keep_it_from_being_drawn(self) -> None:
        smiling = "\N{GRINNING FACE}"
        kept, cut = (
            texts(ET.fromstring(export.to_svg(CHARTS["chain"]([word] * 5)))) for word in (smiling, smiling * 30)
        )
        assert smiling in kept
        assert any(text.startswith("\ufffd") for text in cut)

    def test_a_png_has_two_pixels_to_one(self) -> None:
        stage = made(case())
        png = export.to_png(stage)
        assert png.startswith(PNG)
        width = ET.fromstring(export.to_svg(stage)).get("width")
        assert int.from_bytes(png[16:20], "big") == 2 * float(width or 0)


def shown(renderer: str, chart: PortableChart) -> dict[str, Any]:
    """What a notebook gets from a chart."""
    with alt.renderers.enable(renderer):
        bundle = chart._repr_mimebundle_()
    return bundle[0] if isinstance(bundle, tuple) else bundle


def unpacked(cell: Page) -> str:
    """The page that a notebook's cell writes into its frame."""
    (found,) = re.findall('atob\\("([A-Za-z0-9+/=]*)"\\)', cell.tags[2][1]["srcdoc"] or "")
    return gzip.decompress(base64.b64decode(found)).decode("utf-8")


def pixels(png: bytes) -> tuple[bytes, bytes]:
    """The header of a picture and its lines as they were before they were compressed."""
    parts: dict[bytes, bytes] = {}
    start = len(PNG)
    while start < len(png):
        length, kind = struct.unpack(">I4s", png[start : start + 8])
        content, check = png[start + 8 : start + 8 + length], png[start + 8 + length : start + 12 + length]
        assert struct.unpack(">I", check) == (zlib.crc32(kind + content),)
        parts[kind] = parts.get(kind, b"") + content
        start += 12 + length
    return parts[b"IHDR"], zlib.decompress(parts[b"IDAT"])


def unnumbered(pictures: dict[str, Any]) -> dict[str, str]:
    """Without the numbers of clips, which Vega counts on from one drawing to the next."""
    return {kind: re.sub(r"clip\d+", "clip", picture) for kind, picture in pictures.items()}


class TestEveryWayOut:
    def test_all_of_altairs_are_written_here(self) -> None:
        """Those that write a page or draw are ours; the others go through these, or give data. A new one is noticed."""
        ours = {"save", "to_html", "_repr_mimebundle_"}
        through = {"show", "serve", "display"}
        data = {"to_dict", "to_json", "to_url", "open_editor", "from_dict", "from_json"}
        ways = re.compile("save|html|show|display|serve|repr|mime|url|open|export|write|to_|from_|json|dict")
        names = {name for name in dir(alt.LayerChart) if ways.search(name) and not name.startswith("__")}
        assert names == ours | through | data
        assert ours <= vars(PortableChart).keys()
        kinds = {kind for made in CHARTS.values() for kind in type(made(TEXTS)).__mro__}
        assert [kind for kind in kinds if issubclass(kind, PortableChart) and ours & vars(kind).keys()] == [
            PortableChart
        ]

    def test_no_chart_is_altairs_own(self) -> None:
        whole = re.compile(r"\balt\.(LayerChart|FacetChart|RepeatChart|layer|[hv]?concat|[HV]?ConcatChart)\b")
        found = [file.name for file in CHARTS_FOLDER.glob("*.py") for _ in whole.findall(file.read_text("utf-8"))]
        assert found == ["export.py"]

    @KIND
    def test_no_mark_is_a_link(self, kind: str) -> None:
        assert '"href"' not in json.dumps(CHARTS[kind](["a", "b", "c"]).to_dict())

    def test_a_file_is_what_its_ending_says_and_a_stream_what_is_asked_for(self, tmp_path: Path) -> None:
        chart = CHARTS["chain"](TEXTS)
        starts = {"html": b"<!DOCTYPE html>", "svg": b"<svg", "png": PNG, "pdf": b"%PDF", "json": b"{"}
        for ending, start in starts.items():
            file = tmp_path / f"chart.{ending}"
            chart.save(file)
            assert file.read_bytes().startswith(start)
        assert int.from_bytes((tmp_path / "chart.png").read_bytes()[16:20], "big") == export.WIDTH
        assert json.loads((tmp_path / "chart.json").read_text("utf-8"))["config"] == chart.to_dict()["config"]
        stream = io.StringIO()
        chart.save(stream, "html")
        assert stream.getvalue() == (tmp_path / "chart.html").read_text("utf-8") == chart.to_html()

    @pytest.mark.parametrize(("name", "found"), [("chart.gif", "'gif'"), ("chart", "''")])
    def test_another_ending_is_refused(self, name: str, found: str, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=f"the format is {found}; accepted: html, svg, png, pdf, json"):
            made(case()).save(tmp_path / name)

    @pytest.mark.parametrize("renderer", ["default", "html", "colab", "kaggle", "zeppelin", "olli"])
    def test_a_notebook_gets_the_whole_page_in_a_frame_and_a_picture_of_it(self, renderer: str) -> None:
        chart = CHARTS["chain"](TEXTS)
        bundle = shown(renderer, chart)
        cell = Page(bundle["text/html"])
        assert cell.names == ["div", "img", "iframe"]
        assert unpacked(cell) == chart.to_html(inline=True)
        assert cell.tags[1][1]["src"] == f"data:image/png;base64,{bundle['image/png']}"
        assert pixels(base64.b64decode(bundle["image/png"])) == pixels(export.to_png(chart, scale=1))
        assert len(bundle["text/plain"]) < 100

    def test_a_notebook_of_pictures_gets_those(self) -> None:
        chart = CHARTS["chain"](TEXTS)
        assert unnumbered(shown("svg", chart)) == unnumbered({"image/svg+xml": export.to_svg(chart)})
        assert shown("png", chart) == {"image/png": export.to_png(chart, scale=1)}

    def test_a_browser_gets_the_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Altair's renderer for scripts, which `show` uses, and its older `serve`."""
        chart, got = CHARTS["chain"](TEXTS), list[str]()
        monkeypatch.setattr("altair.utils._show.open_html_in_browser", lambda page, **_: got.append(page))
        monkeypatch.setattr("altair.utils.server.serve", lambda page, **_: got.append(page))
        with alt.renderers.enable("browser", offline=True):
            chart.show()
        with pytest.warns(alt.AltairDeprecationWarning):
            chart.serve()
        assert got == [chart.to_html(inline=True), chart.to_html()]


class TestPartOfAnother:
    @pytest.mark.parametrize(
        "joined",
        [
            lambda chart, other: chart | other,
            lambda chart, other: chart & other,
            lambda chart, other: chart + other,
            lambda chart, other: alt.hconcat(chart, other).to_dict(),
            lambda chart, other: (alt.Chart().mark_point() & chart).to_dict(),
        ],
    )
    def test_a_chart_is_no_part_of_another_and_says_what_to_do(self, joined: Callable[..., Any]) -> None:
        with pytest.raises(TypeError, match="each in a cell of its own, or saved"):
            joined(CHARTS["chain"](TEXTS), CHARTS["watched"](TEXTS))

    @given(st.integers(1, 4000))
    def test_a_width_is_that_of_specification_and_page(self, width: int) -> None:
        chart = CHARTS["chain"](TEXTS).properties(width=width)
        assert chart.to_dict()["width"] == width
        assert f"Math.min({width}, " in Page(chart.to_html()).scripts[-1]

    @pytest.mark.parametrize("other", [{}, {"height": 3}, {"width": 0}, {"width": True}, {"width": 5, "title": "a"}])
    def test_another_property_is_refused(self, other: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="accepted: width="):
            CHARTS["chain"](TEXTS).properties(**other)


def test_the_training_picture_is_the_page_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "run.html"
    monkeypatch.setattr(sys, "argv", f"training --set length=10 --iterations 1 --picture {picture}".split())
    train.main()
    page = Page(picture.read_text("utf-8"))
    assert page.names == WHOLE
    assert page.scripts[1].startswith("\nconst spec = {")
