"""The cell of a notebook: a page in a frame of its own, whole without a network, and a still picture in its place where
no script runs, as on GitHub.

The frame keeps keys apart: those of the notebook are not the chart's, and one chart's are not another's. The page
travels compressed, since it carries Vega: some 0.4 MB of it, and the chart's own tables.
"""

from __future__ import annotations

import base64
import gzip
import html
import struct
import zlib
from typing import Any

# Base64: nothing in the page's text can end its script. What it declares is in a block, since the page that it writes
# comes into the same window.
_LOADER = """<!DOCTYPE html><meta charset="utf-8"><script>{{
const bytes = Uint8Array.from(atob("{packed}"), letter => letter.charCodeAt(0));
const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
new Response(unpacked).text().then(page => {{
  const still = window.frameElement?.previousElementSibling;
  if (still) still.style.display = "none";
  document.open(); document.write(page); document.close();
}});
}}</script>"""
_CELL = (
    '<div><img alt="{title}" src="data:image/png;base64,{still}" style="max-width: 100%">'
    '<iframe title="{title}" srcdoc="{page}" style="width: 100%; height: 700px; border: 0"></iframe></div>'
)


def bundle(page: str, png: bytes, *, title: str, plain: str) -> dict[str, Any]:
    """What a notebook is given: the page for where scripts run, and the picture, which also stands in the HTML, since a
    front end that takes the scripts out of that may still prefer it.     plain: for a terminal."""
    still = base64.b64encode(png).decode("ascii")
    packed = base64.b64encode(gzip.compress(page.encode("utf-8"), 6, mtime=0)).decode("ascii")
    cell = _CELL.format(title=html.escape(title), still=still, page=html.escape(_LOADER.format(packed=packed)))
    return {"text/html": cell, "image/png": still, "text/plain": plain}


def smaller(png: bytes) -> bytes:
    """The same picture in fewer bytes, a third of what vl-convert compresses it to in a hurry."""
    start, content, kept = 8, b"", [png[:8]]
    while start < len(png):
        (length,) = struct.unpack(">I", png[start : start + 4])
        kind, end = png[start + 4 : start + 8], start + 12 + length
        if kind == b"IDAT":
            content += png[start + 8 : end - 4]
        elif kind == b"IEND":
            body = b"IDAT" + zlib.compress(zlib.decompress(content), 9)
            kept += [struct.pack(">I", len(body) - 4), body, struct.pack(">I", zlib.crc32(body)), png[start:end]]
        else:
            kept.append(png[start:end])
        start = end
    return b"".join(kept)
