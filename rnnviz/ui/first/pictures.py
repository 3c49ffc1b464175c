"""The pictures as files: which there are, where they stand on their page, and the mark-up that shows one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

from rnnviz.ui.host.internals import MARKS

FOLDER = Path(__file__).parent / "pictures"
LIST = Path(__file__).with_name("pictures.json")
FIRST = "first/"  # what their names begin with, below `static/`
SIZES = {"phone": (390, 844), "laptop": (1366, 768), "projector": (1920, 1080)}  # px, of the windows they are drawn in
PHONE, PROJECTOR = 671, 1600  # px, the widest window that has the phone's picture, the narrowest with the projector's
WINDOWS = {
    "phone": f"(max-width: {PHONE}px)",
    "laptop": f"(min-width: {PHONE + 1}px) and (max-width: {PROJECTOR - 1}px)",
    "projector": f"(min-width: {PROJECTOR}px)",
}
# A chart's width in px from which its type grows, and at which it is largest (`charts.kit.figure.SCALED`).
GROWS, GROWN = 1350, 1755


@dataclass(frozen=True)
class Drawn:
    """The pictures of one chart in one language."""

    address: str  # of the page that opens with it, below the app's
    sizes: Mapping[str, tuple[float, float]]  # width and height in px, by the keys of `SIZES`
    places: Mapping[str, tuple[float, float]]  # px from the window's left and upper edge, by the window's width in px

    def height(self, size: str) -> float:
        return self.sizes[size][1]


@cache
def drawn() -> Mapping[str, Drawn]:
    """By the chart's key on its page and the language: `step_stage-en`."""
    pictures_by_name = json.loads(LIST.read_text("utf-8"))
    return {name: Drawn(about["address"], about["sizes"], about["places"]) for name, about in pictures_by_name.items()}


@cache
def files() -> Mapping[str, bytes]:
    """The content of each, compressed by gzip, by the name by which a browser asks for it below `static/`, which is
    of its content."""
    return {_called(file): file.read_bytes() for file in sorted(FOLDER.glob("*.svgz"))}


def _called(file: Path) -> str:
    return f"{FIRST}{file.stem}.{sha256(file.read_bytes()).hexdigest()[:12]}.svg"


@cache
def address(name: str, size: str) -> str:
    """Of the picture of this size, below the app's."""
    return "static/" + _called(FOLDER / f"{name}-{size}.svgz")


def opening(address: str, language: str) -> str:
    """The name of the picture of the chart with which a page opens; empty where it has none."""
    names = (name for name, picture in drawn().items() if picture.address == address and name.endswith(f"-{language}"))
    return next(names, "")


STYLE = f"""
.rnnviz-first {{display: block; container-type: inline-size; pointer-events: none}}
.rnnviz-first img {{display: block; width: 100%; max-width: none; height: var(--phone); object-fit: contain;
  object-position: left top}}
@media (min-width: {PHONE + 1}px) {{.rnnviz-first img {{height: clamp(var(--laptop),
  calc(var(--laptop) + (100cqw - {GROWS}px) * var(--grows)), var(--projector))}}}}
"""
"""The picture is as high as the chart is going to be, in a window of any width."""


FRAME = "[class*='_stage_frame']"  # around a chart and its first picture
STAND_IN = "rnnviz-stand-in"
# The picture stands until the chart in its place is drawn, which takes no room before. A browser looks these rules up
# anew whenever a mark is drawn, so they are there as long as the picture is, and no longer.
_REPLACED = (
    f"{FRAME} {{position: relative}} {FRAME}:has({MARKS}) .{STAND_IN} {{display: none}}"
    f" {FRAME}:has(.{STAND_IN}):not(:has({MARKS})) > div:not(:has(.{STAND_IN})) {{position: absolute; opacity: 0}}"
)


def stand_in(name: str, alt: str, base: str, theme: str) -> str:
    """A picture in the place of its chart on a page.     The arguments are those of `markup`."""
    return f'<div class="{STAND_IN}">{markup(name, alt, base, theme)}<style>{_REPLACED}</style></div>'


def markup(name: str, alt: str, base: str, theme: str = "") -> str:
    """Of the pictures, of which the browser loads the one for its window.

    alt: what a screen reader says.     base: the app's path, with a slash at both ends.
    theme: light or dark; by default the one that the browser prefers.
    """
    picture = drawn()[name]
    grows = (picture.height("projector") - picture.height("laptop")) / (GROWN - GROWS)
    heights = ";".join(f"--{size}:{picture.height(size)}px" for size in SIZES)
    themes = {theme: ""} if theme else {"dark": "(prefers-color-scheme: dark) and ", "light": ""}
    sources = "".join(
        f'<source media="{prefers}{window}" srcset="{base}{address(name, size)}#{shown}">'
        for shown, prefers in themes.items()
        for size, window in WINDOWS.items()
    )
    return (
        f'<picture class="rnnviz-first" style="{heights};--grows:{grows:.4f}">{sources}'
        f'<img src="{base}{address(name, "laptop")}#{theme or "light"}" alt="{escape(alt)}"'
        ' decoding="sync" fetchpriority="high"></picture>'
    )


def preloads(name: str, base: str) -> str:
    """The header that has the browser fetch the picture for its window before all else."""
    files = {size: f"{base}{address(name, size)}" for size in SIZES}
    return ", ".join(
        f'<{files[size]}>; rel=preload; as=image; media="{WINDOWS[size]}"; fetchpriority=high' for size in SIZES
    )
