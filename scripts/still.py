"""A chart as a browser has drawn it, light and dark, as one still picture: an SVG that needs nothing but itself.

It is light, and dark where it is asked for as `#dark`. What differs between the two is a class of its style sheet.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from rnnviz.ui.host.internals import ASSETS

SVG, LINK = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
# The page's own fonts by family, which a picture cannot ask for.
FONTS = {"Source Sans": "SourceSansVF-Upright", "Source Code Pro": "SourceCodeVF-Upright"}
WEIGHTS = {"normal": 400, "bold": 700}
# What can be a property of a style sheet: what alone may differ between light and dark, besides a raster.
PROPERTIES = ("fill", "stroke", "opacity", "fill-opacity", "stroke-opacity")
NAMES = ("id", "clip-path")  # which a browser numbers anew each time it draws
# What only a live chart needs.
LIVE = re.compile(r"aria-.*|role|class|style|pointer-events|cursor|tabindex|href|target")
_LONG = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")


def still(light: str, dark: str) -> bytes:
    """Raises `ValueError` where the two differ in more than colours."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", LINK[1:].partition("}")[0])
    made, other = _bare(ET.fromstring(light)), _bare(ET.fromstring(dark))
    classes: dict[tuple[str, str, str], str] = {}
    _merge(made, other, classes)
    _prune(made)
    rules = list(_faces(made))
    rules += [f".{name}{{{key}:{one}}}" for (key, one, _), name in classes.items()]
    rules += [f"svg:target .{name}{{{key}:{two}}}" for (key, _, two), name in classes.items()]
    style = Element(f"{{{SVG}}}style")
    style.text = "".join(rules)
    made.insert(0, style)
    made.set("id", "dark")
    return bytes(ET.tostring(made, "utf-8"))


def _bare(made: Element) -> Element:
    """Without what only a live chart needs; numbers to a hundredth of a pixel."""
    for part in made.iter():
        pixelated = "pixelated" in part.get("style", "")
        kept = {key: value for key, value in part.attrib.items() if not LIVE.fullmatch(key)}
        part.attrib = {
            key: value if key in (LINK, "font-family") else _LONG.sub(lambda found: f"{float(found[0]):.2f}", value)
            for key, value in kept.items()
        }
        if pixelated:
            part.set("image-rendering", "pixelated")
    return made


def _merge(one: Element, other: Element, classes: dict[tuple[str, str, str], str]) -> None:
    """Have `one` be both: what differs in `other` is a class, by its name, its value and that of the other."""
    if (one.tag, one.text, len(one), one.keys()) != (other.tag, other.text, len(other), other.keys()):
        raise ValueError(f"another chart on a dark page: {one.tag} {one.text!r}, {other.tag} {other.text!r}")

    def choose(part: Element, key: str, light: str, dark: str) -> None:
        name = classes.setdefault((key, light, dark), f"c{len(classes)}")
        part.set("class", f"{part.get('class', '')} {name}".strip())

    for first, second in list(zip(one, other, strict=True)):
        if LINK in first.attrib and first.get(LINK) != second.get(LINK):
            choose(first, "display", "inline", "none")
            choose(copied := deepcopy(second), "display", "none", "inline")
            one.insert(list(one).index(first) + 1, copied)
        else:
            _merge(first, second, classes)
    for key, value in list(one.items()):
        if value != other.get(key) and key not in NAMES:
            if key not in PROPERTIES:
                raise ValueError(f"on a dark page {key} of {one.tag} is {other.get(key)!r} and not {value!r}")
            del one.attrib[key]
            choose(one, key, value, other.get(key, ""))


def _prune(made: Element) -> None:
    """Leave out what shows nothing, on a light and on a dark page."""
    for part in list(made):
        _prune(part)
        empty = part.tag == f"{{{SVG}}}g" and len(part) == 0
        unpainted = part.get("fill") == "transparent" and part.get("stroke") is None and part.get("class") is None
        if empty or unpainted or part.get("opacity") == "0":
            made.remove(part)


def _faces(made: Element) -> Iterator[str]:
    """The rules that bring the fonts along, with the characters that are written in each and no others."""
    written: dict[tuple[str, str], set[str]] = defaultdict(set)
    for text in made.iter(f"{{{SVG}}}text"):
        family = text.get("font-family", "").split(",")[0].strip("'\"")
        weight = text.get("font-weight", "normal")
        written[family, weight] |= set("".join(text.itertext()))
    for (family, weight), characters in sorted(written.items()):
        if family in FONTS:
            font = b64encode(_subset(FONTS[family], WEIGHTS[weight], characters)).decode("ascii")
            source = f"url(data:font/woff2;base64,{font})"
            yield f"@font-face{{font-family:'{family}';font-weight:{weight};src:{source}}}"


def _subset(name: str, weight: int, characters: set[str]) -> bytes:
    (file,) = ASSETS.glob(f"media/{name}.*.woff2")
    font = TTFont(file)
    options = Options(layout_features=["kern", "liga", "ccmp", "mark", "locl"], notdef_outline=True, hinting=False)
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    subsetter.subset(font)
    font = instantiateVariableFont(font, {"wght": weight})
    font.flavor, content = "woff2", BytesIO()
    font.save(content)
    return content.getvalue()
