"""Pictures of gradient norms whose colours follow the page's theme, without being sent twice.

The colours of a PNG of indexed pixels stand in a part of their own, whose place and length no picture changes: its
signature and size are 33 bytes, and the palette's are a multiple of three too, so that each is a piece of the base64
text for itself. What travels is the light page's picture; a dark page puts its own palette in.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from rnnviz.charts.kit import scale
from rnnviz.charts.kit.raster import indexed
from rnnviz.core.gradients.paths import Mask
from rnnviz.core.trace import Array

_BEFORE = len("data:image/png;base64,") + 4 * 33 // 3
_AFTER = _BEFORE + 4 * (12 + 3 * len(scale.colours(False))) // 3


@cache
def _colours(dark: bool) -> tuple[str, ...]:
    return tuple(scale.colours(dark))


def picture(norms: Array, span: scale.Span, path: Mask | None = None) -> str:
    """Norms (rows, columns) as a PNG of one pixel each, a data URL for a light page. path: where there is one."""
    return indexed(scale.index(norms, path, span), _colours(False))


def in_theme(url: str) -> str:
    """An expression: a `picture`, for the page as it is."""
    palette = indexed(np.zeros((1, 1), np.uint8), _colours(True))[_BEFORE:_AFTER]
    return f"dark && {url} ? slice({url}, 0, {_BEFORE}) + '{palette}' + slice({url}, {_AFTER}) : {url}"
