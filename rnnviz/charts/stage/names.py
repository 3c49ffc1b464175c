"""The signals that several parts of a stage read, with their kinds and what they hold; `columns` has their tables. What
one part only reads is declared beside its marks.
"""

from __future__ import annotations

from rnnviz.charts.kit.expr import Expr
from rnnviz.charts.kit.names import Held, Names
from rnnviz.charts.stage.columns import TABLES

STAGE = Names(
    signals={
        "SEP": Held("text", "the character between the texts of a list"),
        "VECS": Held("rows", "`vecs` of the row that is opened"),
        "OPS": Held("rows", "`ops` of that row"),
        "hOffset": Held("index", "where the hidden state begins in `V`"),
        "notes": Held("texts", "the lines on the present step"),
        "ramp": Held("colours", "41 colours of numbers, from -1 to 1"),
        "ramps": Held("object", "the colours of each scale, by the `ramp` of a vector"),
        # Where the page has sent the stage, under names: `rows.steady` makes them.
        "given0": Held("index", "`go`"),
        "given1": Held("flag", "`every`"),
        "given2": Held("texts", "`top`"),
        # What is looked at.
        "C": Held("index", "how many predictions are shown"),
        "OP": Held("row", "the present operation"),
        "FINAL": Held("row", "the operation that makes the state"),
        "opened": Held("index", "the trace's row whose cell is looked into"),
        "every": Held("flag", "whether what is computed only later is shown"),
        "ready": Held("flag", "whether the present state is computed"),
        "told": Held("flag", "whether the present prediction is"),
        "upTo": Held("index", "the last operation of the step whose result is there"),
        "began": Held("number", "when the present operation began, ms; 0 where nothing moves"),
        "beat": Held("number", "what time it is while something moves, ms"),
        "moving": Held("number", "how far what an operation reads has come, 0 to 1"),
        "hover": Held("object", "what the pointer is on in a heatmap: `half`, `q`, step `c`, unit `u`"),
        # The scene's columns.
        "P": Held("row", "the row of `picture`"),
        "columnOf": Held("numbers", "`columnOf`"),
        "S": Held("index", "the scene's present step, from 0"),
        "here": Held("index", "the column that is to be in the window"),
        "colMin": Held("px", "the least width of a column"),
        "shownColumns": Held("index", "how many columns the window has"),
        "pages": Held("index", "how many windows the columns fill"),
        "kept": Held("index", "how many columns of the window before stay in the next, 0 or 1"),
        "leaf": Held("index", "how far the window moves, in columns"),
        "firstColumn": Held("index", "the window's first column"),
        "cols": Held("index", "how many tokens are shown at a time"),
        "first": Held("index", "the first of those, from 0"),
        "colW": Held("px", "width of a column"),
        "boxW": Held("px", "width of a block"),
        "gutter": Held("px", "left end of the columns, after the rows' names"),
        "edgeR": Held("px", "right end of the columns"),
        "foldC": Held("number", "the column that the others slide to while they fold"),
        # Where the parts lie.
        "crumbY": Held("px", "middle of the line that says how deep one looks"),
        "regionY": Held("px", "upper edge of what is looked at"),
        "regionEnd": Held("px", "its lower edge"),
        "sceneEnd": Held("px", "lower edge of the scene"),
        "heatY": Held("px", "upper edge of the states' heatmap"),
        "heatRow": Held("px", "height of a unit in a heatmap"),
        "heatEnd": Held("px", "lower edge of the heatmaps and of what is under them"),
        "foldEnd": Held("px", "lower edge of what the folding stage has under them"),
        "beltH": Held("px", "height of what shows the memory, under the region"),
        "scoring": Held("flag", "whether a word's score is looked at, not a unit's sum"),
        # The panels.
        "beside": Held("flag", "whether the panels stand beside the diagram"),
        "belowY": Held("px", "upper edge of what stands under the region"),
        "panelY": Held("px", "upper edge of the table of numbers"),
        "panelEnd": Held("px", "lower edge of all panels"),
        "veiled": Held("flag", "whether the present prediction waits for a guess"),
        # A stage that folds.
        "u": Held("number", "how far the chain is unfolded, from 0, the loop, to 1"),
        "goal": Held("number", "where `u` moves to"),
        "both": Held("flag", "whether the loop stands beside the chain"),
        "lit": Held("index", "the weight whose copies are lit: 0 from x, 1 from h, 2 to y"),
        "loopRoom": Held("px", "room for the loop at the chain's left"),
        "loopShown": Held("number", "how opaque the loop is, 0 to 1"),
        "loopX": Held("px", "middle of the loop's cell"),
        "loopW": Held("px", "width of the loop's cell"),
        "boxY": Held("px", "upper edge of the cells where nothing is folded, and of the loop's"),
        "boxH": Held("px", "height of a cell"),
        "tokenY": Held("px", "middle of the token under the loop's cell"),
        "foldW": Held("px", "width of a button that folds"),
        "foldL": Held("px", "left end of the track that folds"),
        "foldR": Held("px", "right end of that track"),
        "foldY": Held("px", "middle of that track and of the buttons"),
        "before": Held("numbers", "`before`"),
        "path": Held("numbers", "`path`"),
        "diffY": Held("px", "upper edge of the differences' heatmap"),
        "diffEnd": Held("px", "its lower edge"),
    },
    tables=TABLES,
)


def __getattr__(name: str) -> Expr:
    """The signals of `STAGE`, for expressions: `from rnnviz.charts.stage.names import colW`."""
    return STAGE.signal(name)
