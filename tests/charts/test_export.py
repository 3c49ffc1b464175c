"""A stage that is taken along is whole: nothing is fetched, and no text in it can become code."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from rnnviz.charts import export, palette
from rnnviz.charts.stage import Stage
from rnnviz.lessons import LANGUAGES
from tests.charts.networks import case, made, texts

PNG = b"\x89PNG\r\n\x1a\n"
WRAPPED = re.compile(r"const spec = (.*);$", re.MULTILINE)


class Page(HTMLParser):
    """The tags of a page, its attributes and the text of its title, as a browser would part them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.titles: list[str] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        if self._open == "title" and data.strip():
            self.titles.append(data)


def hostile() -> Stage:
    tokens = ("</script><script>broken=1</script>", "<!--<script>", "\u2028", "'\"`${x}", "안녕")
    return made(case(tokens=tokens), words=[f"</script>{k}" for k in range(8)])


def test_the_page_loads_nothing() -> None:
    page = Page(export.to_html(made(case())))
    asked = [(tag, name) for tag, attributes in page.tags for name in ("src", "href", "data") if attributes.get(name)]
    assert asked == []
    assert {tag for tag, _ in page.tags} <= {"html", "head", "meta", "title", "style", "script", "body", "div"}


def test_no_token_ends_the_script_it_stands_in() -> None:
    plain, other = Page(export.to_html(made(case()))), Page(export.to_html(hostile()))
    assert [tag for tag, _ in plain.tags] == [tag for tag, _ in other.tags]


def test_the_page_holds_the_stage_that_was_given() -> None:
    stage = hostile()
    (written,) = WRAPPED.findall(export.to_html(stage))
    assert "<" not in written
    assert json.loads(written)["datasets"] == json.loads(json.dumps(stage.to_dict()["datasets"]))


@pytest.mark.parametrize("title", ['<img src=x onerror="alert(1)">', "{t} & 'x'", "나는 학생", "</title><script>"])
def test_a_title_is_only_text(title: str) -> None:
    page = Page(export.to_html(made(case()), title=title))
    assert "".join(page.titles) == title
    (figure,) = [attributes for tag, attributes in page.tags if tag == "div"]
    assert figure["aria-label"] == title
    assert "img" not in {tag for tag, _ in page.tags}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_its_language(language: str) -> None:
    page = Page(export.to_html(made(case(), language=language), language=language))
    assert page.tags[0] == ("html", {"lang": language})


@pytest.mark.parametrize("dark", [False, True])
def test_light_or_dark_goes_through_page_and_pictures(dark: bool) -> None:
    stage = made(case())
    assert f"background: {palette.PAPER[dark]}" in export.to_html(stage, dark=dark)
    drawn = export.to_svg(stage, dark=dark).lower()
    assert palette.PAPER[dark] in drawn
    assert palette.NOW[dark] in drawn
    assert palette.NOW[not dark] not in drawn


@pytest.mark.parametrize(("start", "caption"), [(0, "t = 1 / 5"), (4, "t = 4 / 5")])
def test_a_picture_shows_the_step_that_the_stage_opens_at(start: int, caption: str) -> None:
    drawn = ET.fromstring(export.to_svg(made(case(), start=start)))
    assert caption in texts(drawn)
    assert float(drawn.get("width", 0)) > 1000


def test_a_picture_of_korean_and_of_markup_is_sound() -> None:
    drawn = texts(ET.fromstring(export.to_svg(hostile())))
    assert "안녕" in drawn
    assert any("<script>" in text or text.startswith("</scr") for text in drawn)


def test_a_png_has_two_pixels_to_one() -> None:
    stage = made(case())
    png = export.to_png(stage)
    assert png.startswith(PNG)
    width = ET.fromstring(export.to_svg(stage)).get("width")
    assert int.from_bytes(png[16:20], "big") == 2 * float(width or 0)


def test_altairs_own_saving_gives_the_same_stage() -> None:
    """`stage.save("file.html")` in a notebook; with `inline=True` Altair puts the libraries in."""
    stage = made(case())
    assert json.loads(stage.to_json())["config"]["signals"] == stage.to_dict()["config"]["signals"]
    page = Page(stage.to_html(inline=True))
    assert not [attributes for _, attributes in page.tags if attributes.get("src") or attributes.get("href")]
