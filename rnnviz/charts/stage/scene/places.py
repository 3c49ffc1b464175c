"""Where the parts of a scene lie, as expressions."""

from __future__ import annotations

# Places across, in px: the left end and the middle of a column, and what leaves its middle in the two ways there are.
LEFT = "gutter + (foldC + ({column} - firstColumn - foldC)*u)*colW"
MID = LEFT + " + colW/2"
AT = MID + " + {side}*boxW/2 + {lane}*(colW - boxW)*0.3"
SHOWN = "datum.column >= firstColumn && datum.column < firstColumn + shownColumns"
TOP = "depth == 0"
OWN = "dark ? datum.dark : datum.light"
SLOT = "min(colW - 6, 144*z)"  # the room of a text
INSIDE = "max(datum.all1, datum.all2) > datum.edge && min(datum.all1, datum.all2) < edgeR"


def piece() -> dict[str, str]:
    """The ends of a piece in px, cut at the edges of the window; `all1` and `all2` are where they would be."""
    upright = "datum.all1 == datum.all2"
    ends = {f"all{n}": AT.format(column=f"datum.column{n}", side=f"datum.side{n}", lane=f"datum.lane{n}") for n in "12"}
    return {
        **ends,
        "ya": "regionY + datum.y1*z",
        "yb": "regionY + datum.y2*z",
        "edge": "datum.kind == 'along' ? gutter - 6*z : gutter",
        "x1": "clamp(datum.all1, datum.edge, edgeR)",
        "x2": "clamp(datum.all2, datum.edge, edgeR)",
        "slope": f"{upright} ? 0 : (datum.yb - datum.ya)/(datum.all2 - datum.all1)",
        "top1": f"{upright} ? datum.ya : datum.ya + (datum.x1 - datum.all1)*datum.slope",
        "top2": f"{upright} ? datum.yb : datum.ya + (datum.x2 - datum.all1)*datum.slope",
        "angle": "atan2(datum.yb - datum.ya, datum.all2 - datum.all1)",
    }
