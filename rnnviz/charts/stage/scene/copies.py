"""On the chain of a stage that folds: the weights by name, all copies of one lit together, the difference that an
edited weight makes, and the way the gradient of one step's loss takes back through the copies.
"""

from __future__ import annotations

from rnnviz.charts.kit.draw import LEFT_ARROW, MONO, Layer, outline, rect, rule, shade, shape, text, tip
from rnnviz.charts.stage.scene import heatmap
from rnnviz.charts.stage.scene.places import LEFT
from rnnviz.charts.stage.scene.tables import GAP

# Columns are counted within the window, so that turning its page changes what is in the marks and not the marks.
SHOWN = "sequence(cols)"
COLUMN = LEFT.format(column="first + datum.k")
COLUMN_MID = COLUMN + " + colW/2"
STATE = "boxY + boxH*(B.memory ? 0.75 : 0.5)"  # where h runs
BESIDE = "(colW - boxW)/2"  # on each side of a cell
SEEN = "(every || (first + datum.k - t)*way <= 0)"  # whether a column is not still to come
UNROLLED = "depth == 0"


def layers() -> list[Layer]:
    return [*_weights(), *_difference(), *_path()]


def _weights() -> list[Layer]:
    """The three weights beside every arrow that they stand for; hovering one lights every copy of it.

    On the arrow's other side, where there is an entry to look at: its value, the same in every copy.
    """
    copies = {"when": UNROLLED, "rows": SHOWN, "keep": SEEN, "opacity": "u"}
    state = f"{COLUMN} + (way > 0 ? {BESIDE}/2 : colW - {BESIDE}/2)"  # between the column's edge and its cell
    small = f"clamp({BESIDE}*0.37, 8, 10*z)"  # a name of four letters is 2.4 times as wide
    over, under = f"boxY - {GAP / 2}*z", f"boxY + boxH + {GAP / 2}*z"
    entry = text(
        **copies | {"when": f"{UNROLLED} && B.entry != '' && (B.head || B.of != 'w_y')"},
        name="entry",
        let={"arrow": f"B.of == 'w_h' ? {state} : {COLUMN_MID} - 5*z"},
        text="B.entry",
        x="datum.arrow",
        y=f"B.of == 'w_h' ? {STATE} + 12*z : B.of == 'w_x' ? {under} : {over}",
        align="B.of == 'w_h' ? 'center' : 'right'",
        font=MONO,
        fontSize=f"min({small}, {BESIDE}/(0.62*length(B.entry)))",
        fontWeight="B.before != '' ? 'bold' : 'normal'",
        fill="B.before != '' ? now : soft",
    )
    names = [
        text(
            **copies | {"when": f"{UNROLLED} && (B.head || {number} < 2)"},
            name=name,
            text=label,
            x=x,
            y=y,
            align="'center'" if number == 1 else "'left'",
            font=MONO,
            fontSize=f"lit == {number} ? 12*z : {small}",
            fontWeight=f"lit == {number} ? 'bold' : 'normal'",
            fill=f"lit == {number} ? now : soft",
            tooltip="{title: " + all_of + ", '=': B.s_shared}",
        )
        for number, name, label, all_of, x, y in (
            (0, "inputWeight", "B.w_x", "B.all_x", f"{COLUMN_MID} + 5*z", under),
            (1, "stateWeight", "B.w_h", "B.all_h", state, f"{STATE} - 9*z"),
            (2, "outputWeight", "B.w_y", "B.all_y", f"{COLUMN_MID} + 5*z", over),
        )
    ]
    return [entry, *names]


def _difference() -> list[Layer]:
    """Under the states, what an edited weight changed in each of them."""
    when = f"{UNROLLED} && B.before != ''"
    cell = {
        "u": "datum.k % H",
        "left": LEFT.format(column="first + floor(datum.k / H)"),
        "top": "diffY + (datum.k % H)*heatRow",
        "v": "toNumber(V[hOffset + first*H + datum.k]) - toNumber(before[first*H + datum.k])",
    }
    return [
        text(
            when=when,
            text="B.s_difference + '  ·  |Δh| ≤ ' + B.diffMost",
            x="gutter",
            y="diffY - 12*z",
            align="'left'",
            fill="soft",
            fontSize="12*z",
            opacity="u",
        ),
        rect(
            when=when,
            name="difference",
            rows="sequence(cols*H)",
            let=cell,
            x="datum.left + 1",
            x2="datum.left + colW - 1",
            y="datum.top",
            y2="datum.top + heatRow - 0.5",
            opacity="u",
            fill=shade("datum.v"),
            tooltip=tip("'Δh[' + (datum.u + 1) + ']'", "datum.v", "''"),
        ),
        heatmap.place("diffPlace", f"{when} && !every", "diffY - 1", "diffEnd + 1", opacity="u"),
        outline(
            when=when,
            x="gutter",
            x2="gutter + cols*colW",
            y="diffY - 1",
            y2="diffEnd + 1",
            stroke="line",
            opacity="u",
        ),
    ]


def _path() -> list[Layer]:
    """The gradient's way back from the loss, as wide as what arrives: full at the largest, a quarter less
    for each power of ten below it."""
    when = f"{UNROLLED} && B.path != '' && (every || (B.lossAt - 1 - t)*way <= 0)"
    let = {
        "log": "path[first + datum.k] == '' ? -99 : toNumber(path[first + datum.k])",
        "mid": COLUMN_MID,
        "w": "clamp(1 + (datum.log - B.pathTop)/4, 0.06, 1)*9*z",
    }
    parts = {"when": when, "rows": SHOWN, "let": let, "keep": "datum.log > -90", "opacity": "u"}
    y = "boxY + boxH + 3*z"
    name = tip("'‖dL/dh‖ · t = ' + (first + datum.k + 1)", "pow(10, datum.log)", "''")
    return [
        text(
            when=when,
            text="phone ? split(B.s_path, ':')[0] : B.s_path",
            x="gutter",
            y="diffEnd + 16*z",
            align="'left'",
            fill="now",
            fontSize="12*z",
            opacity="u",
        ),
        rule(
            **parts,
            x="datum.mid + colW/2",
            x2="datum.mid - colW/2",
            y=y,
            y2=y,
            stroke="now",
            strokeWidth="datum.w",
            tooltip=name,
        ),
        shape(LEFT_ARROW, **parts, x="datum.mid - colW/2 + 6*z", y=y, size="60*z", fill="datum.w > 5*z ? paper : now"),
        text(
            when=f"{when} && B.lossAt - 1 >= first && B.lossAt - 1 < first + cols",
            text="'L'",
            x=f"min({LEFT.format(column='B.lossAt')} + 8*z, width - 6)",
            y=y,
            fontSize="15*z",
            fontWeight="'bold'",
            fill="now",
            opacity="u",
        ),
    ]
