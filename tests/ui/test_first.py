"""The first pictures: each is of what its page opens with, and is shown nowhere else."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.lessons import LESSONS
from rnnviz.ui.first.pictures import FOLDER, LIST, SIZES, drawn, files, markup
from scripts.drawn_from import Source, sources
from scripts.first_pictures import COMMAND
from scripts.still import still
from tests.browser.harness import ROOT, Server, link, serve
from tests.pages.conftest import open_page

NAMES = sorted(drawn())
PICTURED = [
    page for page, lesson in LESSONS.items() if any(made.address == lesson.address for made in drawn().values())
]


@pytest.mark.parametrize("page", LESSONS)
def test_the_pictures_are_of_what_a_page_opens_with(page: str) -> None:
    listed = json.loads(LIST.read_text("utf-8"))
    found = dict(sources([page]))
    stale = [name for name, source in found.items() if name not in listed or not source.is_as(listed[name]["source"])]
    assert stale == [], f"drawn from what is no longer so: {', '.join(stale)}. `{COMMAND} {page}` draws them anew"
    of_page = {name for name in listed if listed[name]["address"] == LESSONS[page].address}
    assert of_page == set(found), f"`{COMMAND}` draws them anew"


class TestWhatAPictureIsDrawnFrom:
    source = Source("step", "en", "1a", (0.5, -2.0, 3.0), 100)

    def test_another_machine_may_round_otherwise(self) -> None:
        near = replace(self.source, numbers=(0.5004, -2.0003, 2.9999))
        assert near.is_as(self.source.written())

    @pytest.mark.parametrize("other", [{"digest": "1b"}, {"count": 99}, {"numbers": (0.5, -2.0, 3.1)}])
    def test_nothing_else_may_differ(self, other: dict[str, object]) -> None:
        assert not replace(self.source, **other).is_as(self.source.written())


class TestFiles:
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("size", SIZES)
    def test_one_is_an_svg_that_needs_nothing_but_itself(self, name: str, size: str) -> None:
        packed = (FOLDER / f"{name}-{size}.svgz").read_bytes()
        root = ET.fromstring(gzip.decompress(packed))
        assert (float(root.get("width", 0)), float(root.get("height", 0))) == pytest.approx(
            drawn()[name].sizes[size], abs=1
        )
        assert len(packed) < 40_000
        assert not {part.tag.rpartition("}")[2] for part in root.iter()} & {"script", "foreignObject", "a", "use"}
        named = [value for part in root.iter() for key, value in part.items() if key.endswith(("href", "src"))]
        assert all(value.startswith("data:image/png;base64,") for value in named)
        style = root.findtext("{http://www.w3.org/2000/svg}style", "")
        assert style.count("url(") == style.count("url(data:font/woff2;base64,") > 0

    def test_there_are_no_others(self) -> None:
        assert {file.name for file in FOLDER.iterdir()} == {f"{name}-{size}.svgz" for name in NAMES for size in SIZES}

    def test_together_they_are_small(self) -> None:
        assert sum(map(len, files().values())) < 1_000_000


class TestStill:
    LIGHT = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" viewBox="0 0 9 9" class="marks" style="top: 0">'
        '<g aria-label="of"><g class="empty"/><path class="a" fill="#fff" d="M1.23456,0" cursor="pointer"/>'
        '<path fill="transparent" d="M0,0h9"/><text font-family="Source Sans" fill="#000">h</text></g></svg>'
    )

    def test_it_is_both_light_and_dark(self) -> None:
        root = ET.fromstring(still(self.LIGHT, self.LIGHT.replace("#fff", "#111")))
        style = root.findtext("{http://www.w3.org/2000/svg}style", "")
        assert ".c0{fill:#fff}" in style
        assert "svg:target .c0{fill:#111}" in style
        assert root.get("id") == "dark"
        (path,) = root.iter("{http://www.w3.org/2000/svg}path")
        assert dict(path.items()) == {"class": "c0", "d": "M1.23,0"}

    def test_a_line_that_is_of_another_colour_on_a_dark_page_is_not_left_out(self) -> None:
        line = '<path fill="transparent" stroke="#123" d="M0,0h9"/>'
        chart = self.LIGHT.replace("<text", f"{line}<text")
        assert still(chart, chart.replace("#123", "#321")).count(b"<path") == 2

    def test_a_clip_that_is_numbered_anew_stays_the_one_that_is_there(self) -> None:
        clip = '<g clip-path="url(#clip1)"><clipPath id="clip1"><path d="M0,0"/></clipPath></g>'
        chart = self.LIGHT.replace("<text", f"{clip}<text")
        made = still(chart, chart.replace("clip1", "clip2")).decode()
        assert made.count("clip1") == 2
        assert "clip2" not in made

    def test_what_is_only_of_a_live_chart_is_left_out(self) -> None:
        made = still(self.LIGHT, self.LIGHT).decode()
        for part in ("aria", "cursor", "top: 0", "empty", "transparent", "marks"):
            assert part not in made

    @pytest.mark.parametrize(("one", "other"), [("M1", "M2"), (">h<", ">c<"), ("<g class", "<g><g/></g><g class")])
    def test_two_charts_are_no_picture(self, one: str, other: str) -> None:
        with pytest.raises(ValueError, match="on a dark page"):
            still(self.LIGHT, self.LIGHT.replace(one, other))


def pictures(at: AppTest) -> list[str]:
    """The mark-up of those on a page."""
    return [html.proto.body for html in at.get("html") if "<picture" in html.proto.body]


class TestOnAPage:
    def shown(self, page: str, language: str = "en", **values: str) -> list[str]:
        return [
            html.proto.body for html in open_page(page, language, **values).get("html") if "<picture" in html.proto.body
        ]

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_it_stands_in_the_place_of_the_chart_in_the_language_of_the_page(self, language: str) -> None:
        (shown,) = self.shown("step", language)
        assert f"step_stage-{language}-phone" in shown
        assert "#light" in shown
        assert "#dark" not in shown

    @pytest.mark.parametrize("values", [{"cell": "gru"}, {"t": "2"}, {"type": "large"}, {"hide": "question"}])
    def test_it_is_not_shown_of_anything_but_the_page_as_it_opens(self, values: dict[str, str]) -> None:
        assert self.shown("step", **values) == []

    def test_a_chart_that_was_drawn_has_none(self) -> None:
        assert pictures(open_page("step").run()) == []

    def test_what_a_reader_of_screens_says_is_a_text(self) -> None:
        assert 'alt="a &lt;b&gt; &quot;c&quot;"' in markup("step_stage-en", 'a <b> "c"', "/", "light")


def test_pages_need_no_torch_before_they_show_it() -> None:
    """They import theirs as late as they compute."""
    pages = ", ".join(f"rnnviz.lessons.{page}.page" for page in LESSONS)
    code = f"import sys, {pages}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve() as server:
        yield server


class TestFirstAnswer:
    def ask(self, server: Server, address: str, language: str = "en-US,en;q=0.9") -> tuple[str, str, dict[str, str]]:
        """The document, its part with the picture and its headers."""
        headers = {"Accept": "text/html", "Accept-Language": language, "Accept-Encoding": "gzip"}
        with urlopen(Request(server.url(address), headers=headers), timeout=20) as answer:
            sent = answer.read()
            page = (gzip.decompress(sent) if answer.headers["content-encoding"] == "gzip" else sent).decode()
            return page, page.partition('<div id="rnnviz-first"')[2], dict(answer.headers)

    @pytest.mark.parametrize("page", PICTURED)
    def test_each_lesson_has_its_picture_in_its_document(self, page: str, server: Server) -> None:
        document, picture, headers = self.ask(server, f"/{LESSONS[page].address}")
        assert f"/static/first/{page}_" in picture
        assert int(headers["content-length"]) == len(document.encode())
        assert document.rstrip().endswith("</html>")
        assert f"/static/first/{page}_" in headers["link"].partition(",")[0], "fetched before all else"

    @pytest.mark.parametrize(
        ("address", "accepted", "language"),
        [
            ("/step-through", "ko-KR,ko;q=0.9", "ko"),
            ("/step-through?lang=ko", "en-US", "ko"),
            ("/step-through?lang=en", "ko-KR", "en"),
            ("/step-through", "fr-FR,ko", "en"),
            ("/step-through", "", "en"),
        ],
    )
    def test_it_is_in_the_language_of_the_page(
        self, address: str, accepted: str, language: str, server: Server
    ) -> None:
        _, picture, headers = self.ask(server, address, accepted)
        assert f"step_stage-{language}-laptop" in picture
        assert "accept-language" in headers["vary"].lower()

    @pytest.mark.parametrize(
        "address",
        [
            link("/step-through", cell="gru"),
            link("/step-through", lang="en", t=2),
            link("/step-through", embed="true"),
            link("/step-through", lang="fr"),
            "/step-through?text=",
            "/glossary",
            "/no-such-page",
        ],
    )
    def test_another_link_has_none(self, address: str, server: Server) -> None:
        assert self.ask(server, address)[1] == ""

    def test_a_picture_is_kept_for_good_since_its_name_is_of_its_content(self, server: Server) -> None:
        for name, packed in list(files().items())[:2]:
            request = Request(server.url(f"/static/{name}"), headers={"Accept-Encoding": "gzip"})
            with urlopen(request, timeout=20) as answer:
                assert answer.read() == packed
                assert answer.headers["content-type"] == "image/svg+xml"
                assert "immutable" in answer.headers["cache-control"]
