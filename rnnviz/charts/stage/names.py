"""The signals that several parts of a stage read, with their kinds and what they hold; `columns` has their tables. What
one part only reads is declared beside its marks.
"""

from __future__ import annotations

from rnnviz.charts.kit.expr import Expr
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.stage.columns import TABLES

STAGE = Names(
    signals={
        "SEP": Meaning("text", "the character between the texts of a list"),
        "VECS": Meaning("rows", "`vecs` of the row that is opened"),
        "OPS": Meaning("rows", "`ops` of that row"),
        "hOffset": Meaning("index", "where the hidden state begins in `V`"),
        "step_number": Meaning("index", "the present step's number in the trace, from 1"),
        "unit_number": Meaning("number", "the chosen unit's number in the trace, from 1"),
        "excerptH": Meaning("px", "height of the line that says what of the trace is shown"),
        "notes": Meaning("texts", "the lines on the present step"),
        "ramp": Meaning("colours", "41 colours of numbers, from -1 to 1"),
        "ramps": Meaning("object", "the colours of each scale, by the `ramp` of a vector"),
        # Where the page has sent the stage, under names: `rows.steady` makes them.
        "given0": Meaning("index", "`go`"),
        "given1": Meaning("flag", "`every`"),
        "given2": Meaning("texts", "`top`"),
        # What is looked at.
        "C": Meaning("index", "how many predictions are shown"),
        "OP": Meaning("row", "the present operation"),
        "FINAL": Meaning("row", "the operation that makes the state"),
        "opened": Meaning("index", "the trace's row whose cell is looked into"),
        "sent": Meaning("index", "`go`, of a stage with all rows"),
        "every": Meaning("flag", "whether what is computed only later is shown"),
        "ready": Meaning("flag", "whether the present state is computed"),
        "told": Meaning("flag", "whether the present prediction is"),
        "upTo": Meaning("index", "the last operation of the step whose result is there"),
        "began": Meaning("number", "when the present operation began, ms; 0 where nothing moves"),
        "beat": Meaning("number", "what time it is while something moves, ms"),
        "moving": Meaning("number", "how far what an operation reads has come, 0 to 1"),
        "hover": Meaning("object", "what the pointer is on in a heatmap: `half`, `q`, step `c`, unit `u`"),
        # The scene's columns.
        "P": Meaning("row", "the row of `picture`"),
        "columnOf": Meaning("numbers", "`columnOf`"),
        "S": Meaning("index", "the scene's present step, from 0"),
        "here": Meaning("index", "the column that is to be in the window"),
        "colMin": Meaning("px", "the least width of a column"),
        "shownColumns": Meaning("index", "how many columns the window has"),
        "pages": Meaning("index", "how many windows the columns fill"),
        "kept": Meaning("index", "how many columns of the window before stay in the next, 0 or 1"),
        "leaf": Meaning("index", "how far the window moves, in columns"),
        "looked": Meaning("index", "how far it was moved from there to look, in columns"),
        "moreH": Meaning("px", "height of the line that says how many columns there are beside it"),
        "firstColumn": Meaning("index", "the window's first column"),
        "cols": Meaning("index", "how many tokens are shown at a time"),
        "first": Meaning("index", "the first of those, from 0"),
        "colW": Meaning("px", "width of a column"),
        "boxW": Meaning("px", "width of a block"),
        "gutter": Meaning("px", "left end of the columns, after the rows' names"),
        "edgeR": Meaning("px", "right end of the columns"),
        "foldC": Meaning("number", "the column that the others slide to while they fold"),
        # Where the parts lie.
        "crumbY": Meaning("px", "middle of the line that says how deep one looks"),
        "regionY": Meaning("px", "upper edge of what is looked at"),
        "regionEnd": Meaning("px", "its lower edge"),
        "sceneEnd": Meaning("px", "lower edge of the scene"),
        "heatY": Meaning("px", "upper edge of the states' heatmap"),
        "heatRow": Meaning("px", "height of a unit in a heatmap"),
        "heatEnd": Meaning("px", "lower edge of the heatmaps and of what is under them"),
        "foldEnd": Meaning("px", "lower edge of what the folding stage has under them"),
        "belted": Meaning("flag", "whether it shows what the memory is made of"),
        "beltH": Meaning("px", "height of what shows the memory, under the region"),
        "gatesLegend": Meaning("flag", "whether the legend of the gates stands over what is looked at"),
        "scoring": Meaning("flag", "whether a word's score is looked at, not a unit's sum"),
        # The panels.
        "beside": Meaning("flag", "whether the panels, or what shows the memory, stand beside the diagram"),
        "belowY": Meaning("px", "upper edge of what stands under the region"),
        "panelY": Meaning("px", "upper edge of the table of numbers"),
        "panelEnd": Meaning("px", "lower edge of all panels"),
        "veiled": Meaning("flag", "whether the present prediction waits for a guess"),
        # A stage that folds.
        "u": Meaning("number", "how far the chain is unfolded, from 0, the loop, to 1"),
        "goal": Meaning("number", "where `u` moves to"),
        "both": Meaning("flag", "whether the loop stands beside the chain"),
        "lit": Meaning("index", "the weight whose copies are lit: 0 from x, 1 from h, 2 to y"),
        "loopRoom": Meaning("px", "room for the loop at the chain's left"),
        "loopShown": Meaning("number", "how opaque the loop is, 0 to 1"),
        "loopX": Meaning("px", "middle of the loop's cell"),
        "loopW": Meaning("px", "width of the loop's cell"),
        "boxY": Meaning("px", "upper edge of the cells where nothing is folded, and of the loop's"),
        "boxH": Meaning("px", "height of a cell"),
        "tokenY": Meaning("px", "middle of the token under the loop's cell"),
        "foldW": Meaning("px", "width of a button that folds"),
        "foldL": Meaning("px", "left end of the track that folds"),
        "foldR": Meaning("px", "right end of that track"),
        "foldY": Meaning("px", "middle of that track and of the buttons"),
        "before": Meaning("numbers", "`before`"),
        "path": Meaning("numbers", "`path`"),
        "diffPale": Meaning("texts", "`diffPale`"),
        "diffY": Meaning("px", "upper edge of the differences' heatmap"),
        "diffEnd": Meaning("px", "its lower edge"),
    },
    tables=TABLES,
)


def __getattr__(name: str) -> Expr:
    """The signals of `STAGE`, for expressions: `from rnnviz.charts.stage.names import colW`."""
    return STAGE.signal(name)
