"""The names that several parts of a training run's chart read, with their kinds and what they hold; what one part only
reads is declared beside its marks.

Places are parts of a panel's width or height, from 0 to 1; a list of lists has one for each run, the second the first
again where there is one run only.
"""

from __future__ import annotations

from rnnviz.charts.kit.names import Meaning, Names

TRAINING = Names(
    signals={
        "SEP": Meaning("text", "the character between the texts of a list"),
        "RUNS": Meaning("rows", "all of `runs`"),
        # What is looked at.
        "playing": Meaning("flag", "whether it is played"),
        "R": Meaning("numbers", "each run's row of the moment, among those that were sent"),
        "hover": Meaning("object", "what the pointer is on in a heatmap: run `q`, row `r`, step `k`"),
        "even": Meaning(
            "object", "the pictures in one of two places: `url` and the `part` of the height that is drawn"
        ),
        "odd": Meaning("object", "those in the other place"),
        "front": Meaning("index", "the place that is in sight, 0 or 1"),
        # Where the parts lie.
        "pair": Meaning("flag", "whether there are two runs"),
        "legendW": Meaning("px", "width of the scale of colours"),
        "scrubL": Meaning("px", "left end of the scrubber"),
        "scrubR": Meaning("px", "right end of the scrubber"),
        "scrubY": Meaning("px", "middle of the scrubber"),
        "headY": Meaning("px", "upper edge of the status and of the scale of colours"),
        "colW": Meaning("px", "width of a column of panels"),
        "heatH": Meaning("px", "height of a heatmap of gradients"),
        "blocksN": Meaning("index", "how many parameters a run's panel has, at the most"),
        "sideW": Meaning("px", "width of the curves"),
        "side2X": Meaning("px", "left edge of norm and sample, beside loss and score where there are two runs"),
        "lossH": Meaning("px", "height of the plot of the loss"),
        "stripH": Meaning("px", "height of the strips that say what was clipped"),
        "sampleRow": Meaning("px", "height of a line of the sample"),
        "end": Meaning("px", "lower edge of all panels"),
    },
    tables={
        "bundle": {
            "n": Meaning("index", "number of this picture, so that the browser sees a new one"),
            "live": Meaning("flag", "whether only the newest row can be looked at, and only it was sent"),
            "runs": Meaning("index", "how many runs there are, 1 or 2"),
            "placed": Meaning("flag", "whether a page has real controls in the place of the drawn ones"),
            "dense": Meaning("index", "the first moment from which on no iteration is left out"),
            "last": Meaning("index", "the newest iteration"),
            "clips": Meaning("flag", "whether any run clips its gradient"),
            "watched": Meaning("flag", "whether it is somebody's own loop, without task and sample"),
            "kind": Meaning("text", "what the sample asks for: classes, number or series"),
        },
        "runs": {
            "name": Meaning("text", "what the run is called"),
            "T": Meaning("index", "how many steps it reads"),
            "R": Meaning("index", "how many rows were kept"),
            "span": Meaning("index", "how many rows the heatmap has room for"),
            "dense": Meaning("index", "the first row from which on no iteration is left out"),
            "url": Meaning("picture", "the heatmap, for a light page"),
            "blocks": Meaning("texts", "names of the parameters", "NAMES"),
        },
    },
)
