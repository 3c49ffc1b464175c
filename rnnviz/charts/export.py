"""A stage, or another chart, to take along: one HTML file that plays offline, and pictures for slides.

vl-convert is what Altair itself uses for this; it carries Vega inside, so nothing is fetched. It is imported when
somebody saves, not before: it is large.
"""

from __future__ import annotations

import html
import json
from typing import Any

import altair as alt

from rnnviz.charts import palette
from rnnviz.charts.stage import WIDTH, Stage

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body {{ margin: 16px; background: {paper}; font-family: sans-serif }}</style>
<script>{scripts}</script>
</head>
<body>
<div id="stage" role="figure" aria-label="{title}"></div>
<script>
const spec = {spec};
const room = () => Math.max(320, document.documentElement.clientWidth - 32 - 38);
// 32 px are the body's margins, 38 what vega-embed keeps for its menu.
const actions = {{export: true, source: false, compiled: false, editor: false}};
vegaEmbed("#stage", {{...spec, width: room()}}, {{renderer: "svg", actions}}).then(({{view}}) =>
  addEventListener("resize", () => view.width(room()).runAsync()));
</script>
</body>
</html>
"""


def themed(chart: alt.LayerChart, dark: bool) -> dict[str, Any]:
    """The specification for a light or a dark page of its own."""
    if isinstance(chart, Stage):
        return chart.themed(dark)
    spec = chart.to_dict()
    return {**spec, "width": WIDTH, "config": {**spec.get("config", {}), "background": palette.PAPER[dark]}}


def to_html(chart: alt.LayerChart, *, title: str = "rnnviz", language: str = "en", dark: bool = False) -> str:
    """A self-contained page in which the player plays without a network; its menu saves what is shown as SVG or PNG."""
    import vl_convert

    # In a script, "</" would end it and "<!--" hide it; "<" has another spelling in JSON.
    spec = json.dumps(themed(chart, dark), ensure_ascii=False).replace("<", "\\u003c")
    paper = themed(chart, dark)["config"]["background"]
    return _PAGE.format(
        title=html.escape(title),
        language=language,
        paper=paper,
        scripts=vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version="6.4").replace(
            "</script", "<\\/script"
        ),
        spec=spec,
    )


def to_svg(chart: alt.LayerChart, *, dark: bool = False) -> str:
    """The chart, a stage at its first step, as SVG."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(themed(chart, dark)))


def to_png(chart: alt.LayerChart, *, dark: bool = False) -> bytes:
    """The chart, a stage at its first step, as PNG, two pixels to one."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(themed(chart, dark), scale=2))
