"""The files of a chart: an HTML page that plays offline, a cell of a notebook, a picture for slides.

Every page, file and cell is written here, so that a text in a chart (a token, a class's name, a title) stays a text:
Altair's own pages put a chart's JSON into a script as it is, where a token can end the script and begin one of its own.

vl-convert is what Altair itself uses for pictures; it carries Vega inside, so nothing is fetched. It is imported when
somebody saves, not before: it is large.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn, Self

import altair as alt

from rnnviz.charts.kit import cell, palette, player
from rnnviz.charts.kit.markup import paragraph
from rnnviz.charts.kit.tables import Tables
from rnnviz.words import catalogue

WIDTH = 1100  # px, where nothing else decides; a page stretches the stage to its own width
VEGA_LITE = "6.4"
# What moves of a chart only to show where something goes: marks whose names begin with `travel`.
STILL = "@media (prefers-reduced-motion: reduce) {g[class*=' travel'] {display: none}}"

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 16px; background: {paper}; color: {ink}; font-family: sans-serif }}
p {{ max-width: 46rem; line-height: 1.5; word-break: keep-all }} #stage svg {{ touch-action: pan-y }} {still}
#turning button {{ font: inherit; color: inherit; background: none; border: 1px solid; border-radius: 6px;
  min-width: 40px; min-height: 32px }} #turning button:disabled {{ opacity: 0.35 }}</style>
{scripts}
</head>
<body>
{above}{turning}<div id="stage" role="figure" aria-label="{title}"></div>{below}
<script>
const spec = {spec};
const room = () => Math.min({wide}, Math.max(320, document.documentElement.clientWidth - 32 - 38));
// 32 px are the body's margins, 38 what vega-embed keeps for its menu, which writes a source as markup: not asked for.
const actions = {{export: true, source: false, compiled: false, editor: false}};
const pages = [spec.datasets, ...{pages}];
vegaEmbed("#stage", {{...spec, width: room()}}, {{renderer: "svg", actions}}).then(({{view}}) => {{
  addEventListener("resize", () => view.width(room()).runAsync());
  const turning = document.getElementById("turning");
  if (!turning) return;
  const [back, on] = turning.querySelectorAll("button"), told = turning.querySelector("output");
  let at = 0;
  const turn = by => {{
    at += by;
    told.textContent = `${{at + 1}} / ${{pages.length}}`;
    back.disabled = at === 0;
    on.disabled = at === pages.length - 1;
    if (!by) return;
    for (const [name, rows] of Object.entries(pages[at])) view.data(name, structuredClone(rows));
    view.runAsync();
  }};
  back.onclick = () => turn(-1);
  on.onclick = () => turn(1);
  turn(0);
}});
// In a notebook's cell the frame is as high as what it holds.
const frame = window.frameElement, root = document.documentElement;
if (frame) new ResizeObserver(() => frame.style.height = root.offsetHeight + "px").observe(root);
{hold}hold(() => {held});
</script>
</body>
</html>
"""
# Between the pages of a chart that has several.
_TURNING = (
    '<p id="turning" role="group" aria-label="{group}"><button type="button" aria-label="{back}">‹</button>'
    ' <output></output> <button type="button" aria-label="{on}">›</button></p>\n'
)
_FETCHED = "\n".join(
    f'<script src="https://cdn.jsdelivr.net/npm/{library}"></script>'
    for library in ("vega@6", f"vega-lite@{VEGA_LITE}", "vega-embed@7")
)
# What neither XML nor UTF-8 can hold. One of the former in a text that vl-convert measures ends the whole process.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# "<" could end the script ("</script>") or hide its end ("<!--"); the others matter to XML and to older JavaScript.
_IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>\u2028\u2029"}
# Altair's renderers that give a notebook the specification as data, for the front end to draw. "View source" in
# vega-embed's menu would write it into a window as markup, so the specification itself asks for our menu.
_DATA_RENDERERS = ("mimetype", "jupyterlab", "nteract", "json", "jupyter")
_MENU = {"embedOptions": {"actions": {"export": True, "source": False, "compiled": False, "editor": False}}}


class PortableChart(alt.LayerChart):
    """An Altair chart of which every page, notebook cell and picture is written by this module, whoever asks for it.

    language: of its texts.
    """

    language: str = "en"

    def themed(self, dark: bool) -> dict[str, Any]:
        """The specification for a light or a dark page of its own."""
        spec = self.to_dict()
        return {**spec, "width": WIDTH, "config": {**spec.get("config", {}), "background": palette.PAPER[dark]}}

    def pages(self) -> list[Tables]:
        """The data of the further pages that a page of its own can be turned to, as `themed` has those of the first."""
        return []

    def picture(self, dark: bool, title: str) -> dict[str, Any]:
        """The specification of a still picture, by default what a page of its own shows. title: of what it shows."""
        return self.themed(dark)

    # Altair's parameters name libraries, their versions and a template, none of which a page of ours leaves open.
    def to_html(  # type: ignore[override]  # so it has others
        self, *, inline: bool = False, title: str = "rnnviz", language: str = "", dark: bool = False
    ) -> str:
        """A page. inline: with the libraries in it, so that it plays offline; without, it fetches them."""
        return to_html(self, inline=inline, title=title, language=language, dark=dark)

    def save(  # type: ignore[override]  # as above
        self,
        fp: str | Path | IO[Any],
        format: str | None = None,
        *,
        inline: bool = False,
        title: str = "rnnviz",
        language: str = "",
        dark: bool = False,
        scale_factor: float = 1,
    ) -> None:
        """Write an HTML, SVG, PNG, PDF or JSON file, by the ending of its name or by `format`.

        inline, title, language: of a page, as in `to_html`.     scale_factor: of a PNG, its pixels to one.
        Raises `ValueError` for another ending, and where there is neither a name nor a format.
        """
        ending = format or (Path(fp).suffix.lstrip(".") if isinstance(fp, str | Path) else "")
        if ending not in FORMATS:
            raise ValueError(f"the format is {ending!r}; accepted: {', '.join(FORMATS)}")
        page = {"inline": inline, "title": title, "language": language}
        content = FORMATS[ending].make(self, dark=dark, scale=scale_factor, **page)
        if not isinstance(fp, str | Path):
            fp.write(content)
        elif isinstance(content, bytes):
            Path(fp).write_bytes(content)
        else:
            Path(fp).write_text(content, "utf-8")

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> Any:
        """What a notebook shows, by the renderer that is enabled in Altair; its options for pages are not ours."""
        active, options, renderer = alt.renderers.active, alt.renderers.options, alt.renderers.get()
        if active in _DATA_RENDERERS and renderer:
            return renderer({**_writable(self.to_dict()), "usermeta": _MENU})
        if active == "svg":
            return {"image/svg+xml": to_svg(self)}
        if active == "png":
            return {"image/png": to_png(self, scale=options.get("scale_factor", 1))}
        if active == "browser":
            from altair.utils._show import open_html_in_browser

            page = self.to_html(inline=options.get("offline", False))
            open_html_in_browser(page, using=options.get("using"), port=options.get("port"))
            return {}
        page, still = self.to_html(inline=True), cell.smaller(to_png(self, scale=1))
        return cell.bundle(page, still, title="rnnviz", plain=repr(self))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: show it as the last line of a notebook's cell, or save it>"

    def properties(self, **kwargs: Any) -> Self:
        """A copy of another width, in px: `chart.properties(width=800)`. Raises `ValueError` for all else, which the
        chart's own drawing decides."""
        width = kwargs.get("width")
        if [*kwargs] != ["width"] or isinstance(width, bool) or not isinstance(width, int | float) or not width > 0:
            given = ", ".join(f"{name}={value!r:.40}" for name, value in kwargs.items())
            raise ValueError(f"properties are {given or 'none'}; accepted: width=, a number of px above 0")
        changed: Self = super().properties(width=width)
        return changed

    def _alone(self, *_: Any) -> NoReturn:
        raise TypeError(
            "a chart of rnnviz fills a page of its own and answers its keys, so it is no part of another; accepted:"
            " each in a cell of its own, or saved as a file of its own. Two trainers stand side by side in"
            " rnnviz.training_chart, two passes in rnnviz.stage(rnnviz.Contrast(before, after), show=rnnviz.Watched())"
        )

    __add__ = __radd__ = __or__ = __ror__ = __and__ = __rand__ = _alone


@dataclass(frozen=True)
class Around:
    """What stands around a chart on a page of its own, in the Markdown of the catalogues."""

    heading: str  # of the lesson
    question: str  # under it, over the chart
    paragraphs: tuple[str, ...] = ()  # under the chart

    def above(self) -> str:
        return f"<h1>{html.escape(self.heading)}</h1>\n{paragraph(self.question)}\n"

    def below(self) -> str:
        return "\n" + "\n".join(map(paragraph, self.paragraphs))


def to_html(
    chart: PortableChart,
    *,
    inline: bool = True,
    title: str = "rnnviz",
    language: str = "",
    dark: bool = False,
    around: Around | None = None,
) -> str:
    """A page in which the player plays; its menu saves what is shown as SVG or PNG.

    inline: self-contained, without a network.     language: of the title and all texts, by default the chart's own.
    around: what it says besides the chart.
    """
    spec, pages, said = chart.themed(dark), chart.pages(), catalogue(language or chart.language)
    names = {name: html.escape(said[f"turning.{name}"]) for name in ("group", "back", "on")}
    return _PAGE.format(
        turning=_TURNING.format(**names) if pages else "",
        pages=f"[{','.join(map(_json, pages))}]".translate(_IN_SCRIPT),
        title=html.escape(_writable(title)),
        language=html.escape(language or chart.language),
        paper=spec["config"]["background"],
        ink=palette.INK[dark],
        above=_writable(around.above()) if around else "",
        below=_writable(around.below()) if around else "",
        still=STILL,
        scripts=f"<script>{_libraries()}</script>" if inline else _FETCHED,
        spec=_json(spec).translate(_IN_SCRIPT),
        wide=chart.width if isinstance(chart.width, int | float) else "Infinity",
        hold=player.HOLD,
        held=_json([name for name in (*player.SCROLLING, *player.ROWS) if player.hears(spec, name)]),
    )


def to_svg(chart: PortableChart, *, dark: bool = False, title: str = "") -> str:
    """The chart, a stage at its first step, as SVG."""
    return str(_drawn("svg", chart, dark, title))


def to_png(chart: PortableChart, *, dark: bool = False, scale: float = 2, title: str = "") -> bytes:
    """The chart, a stage at its first step, as PNG, by default two pixels to one."""
    return bytes(_drawn("png", chart, dark, title, scale=scale))


def to_pdf(chart: PortableChart, *, dark: bool = False, title: str = "") -> bytes:
    """The chart, a stage at its first step, as PDF."""
    return bytes(_drawn("pdf", chart, dark, title))


@dataclass(frozen=True)
class Format:
    """A kind of file that a chart can be saved as."""

    mime: str  # its type, as a browser names it
    make: Callable[..., str | bytes]  # from the chart and `dark`, `scale`, `inline`, `title`, `language`, `around`
    offered: bool = True  # on pages too, where it is called `save.<ending>`


FORMATS: Mapping[str, Format] = {
    "html": Format("text/html", lambda chart, scale, **page: to_html(chart, **page)),
    "svg": Format("image/svg+xml", lambda chart, dark, title, **_: to_svg(chart, dark=dark, title=title)),
    "png": Format(
        "image/png", lambda chart, dark, scale, title, **_: to_png(chart, dark=dark, scale=scale, title=title)
    ),
    "pdf": Format(
        "application/pdf", lambda chart, dark, title, **_: to_pdf(chart, dark=dark, title=title), offered=False
    ),
    "json": Format("application/json", lambda chart, **_: _json(chart.to_dict()), offered=False),
}
"""By the ending of a file's name."""


def _drawn(kind: str, chart: PortableChart, dark: bool, title: str, **options: float) -> Any:
    import vl_convert

    draw, spec = getattr(vl_convert, f"vegalite_to_{kind}"), _json(chart.picture(dark, title))
    # Where Vega cuts a text to its room it may measure half an emoji, which vl-convert refuses: then without them. What
    # it refused can fail the next drawing too, of whatever text, and no further one.
    plain = re.sub("[\U00010000-\U0010ffff]", "\ufffd", spec)
    for attempt in (spec, plain):
        try:
            return draw(attempt, **options)
        except ValueError:
            continue
    return draw(plain, **options)


@cache
def _libraries() -> str:
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=VEGA_LITE)
    return bundle.replace("</script", "<\\/script")


def _json(spec: dict[str, Any] | list[str]) -> str:
    return json.dumps(_writable(spec), ensure_ascii=False)


def _writable(value: Any) -> Any:
    """JSON's values with every text in them as a file can hold it."""
    if isinstance(value, str):
        return _UNWRITABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_writable(name): _writable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(part) for part in value]
    return value
