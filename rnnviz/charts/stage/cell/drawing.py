"""Depth 1 of the stage: one cell as books draw it, with the chosen unit's number in every node.

Where nodes and wires lie is data (`rnnviz.scene.cell`); here it is stretched to the room there is.
"""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    EMPTY,
    MONO,
    RIGHT_ARROW,
    Layer,
    Signal,
    beyond,
    dot,
    element,
    held,
    rect,
    rule,
    shade_of,
    shape,
    text,
    tip,
)
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.stage.cell.arithmetic import BLANK

_INSIDE = "depth == 1"
_X, _Y = "graphL + {}*graphW", "graphY + {}*graphH"
_OWN = "dark ? {0}.dark : {0}.light"
_OF_VEC = "(datum.vec < 0 ? yColour : " + _OWN.format("VECS[datum.vec]") + ")"
_KNOWN = "datum.k <= upTo"
_SIZE = "min(12.5*z, max(8, nodeW*0.19), nodeH*0.42)"  # of what is written in a node

# What a node of a text shows on a phone, and the width of its letters as a part of their size.
_WORD = "(datum.look == 'head' ? bestWord[t*C] : token[t])"
_WORD_EM = f"(test(regexp('[ᄀ-퟿]'), {_WORD}) ? 0.95 : 0.6)"
# Beside nodes that are narrower than their names run wires: a name has a line for each word there, and a state is named
# once, where it is read.
_BOLD_EM = 0.68  # width of a letter of a node's name, at most, as a part of its size
_TIGHT = "(phone && nodeW < 56)"
_NEXT = "datum.k > 0 && datum.look == 'port'"
_SCALED = "phone ? 9 : 10.5*z"  # of what is written at a scale
_AT_EDGE = "(phone && datum.mx + 40 > width)"  # a name that is centred there would be cut

NAMES = Names(
    signals={
        "graphRoom": Meaning("px", "width that the diagram may take"),
        "graphW": Meaning("px", "its width"),
        "graphL": Meaning("px", "its left edge"),
        "graphY": Meaning("px", "its upper edge"),
        "graphH": Meaning("px", "its height"),
        "nodeW": Meaning("px", "width of a node"),
        "nodeH": Meaning("px", "height of a node"),
        "readX": Meaning("px", "left end of the numbers of what is read"),
        "readY": Meaning("px", "middle of the node that is read"),
        "readW": Meaning("px", "width of one of its numbers"),
        "scaleX": Meaning("px", "left end of the scales of colours, on a phone of the first one"),
        "scaleY": Meaning("px", "middle of the lowest, on a phone of all"),
        "scaleW": Meaning("px", "width of one of their colours"),
    },
    tables={
        "bundle": {
            "columns": Meaning("index", "how many nodes stand side by side"),
            "rows": Meaning("index", "how many one above the other"),
            "nodeWide": Meaning("number", "width of a node"),
            "nodeHigh": Meaning("number", "height of a node"),
            "frameLeft": Meaning("number", "left edge of the cell's frame"),
            "frameTop": Meaning("number", "its upper edge"),
            "frameRight": Meaning("number", "its right edge"),
            "frameBottom": Meaning("number", "its lower edge"),
            "means": Meaning("numbers", "the mean over the units of each gate at each step, (gates, T)", "means"),
            "readX": Meaning("number", "middle of the node that is read, across"),
            "readY": Meaning("number", "and down"),
            "gate": Meaning("index", "the vector of the first gate"),
            "embedded": Meaning("numbers", "the row of the embedding that each token takes", "embedded"),
        },
    },
)


def signals() -> list[Signal]:
    return [
        *NAMES.lists(),
        {"name": "graphRoom", "update": "beside ? sumsX - 20*z : width"},
        {"name": "graphW", "update": "min(graphRoom, B.columns*150*z)"},
        {"name": "graphL", "update": "(graphRoom - graphW)/2"},
        {"name": "graphY", "update": "regionY"},
        # On a phone the scales stand under the diagram, which has no room for them.
        {"name": "graphH", "update": "min(regionEnd - regionY - (phone ? 38 : 8*z), B.rows*62*z)"},
        {"name": "nodeW", "update": "B.nodeWide*graphW"},
        {"name": "nodeH", "update": "B.nodeHigh*graphH"},
        {"name": "readX", "update": "graphL + B.readX*graphW + nodeW/2 + 12*z"},
        {"name": "readY", "update": "graphY + B.readY*graphH"},
        {"name": "readW", "update": "min(46*z, (graphL + graphW - readX) / VECS[B.x].size)"},
        {
            "name": "scaleX",
            "update": "phone ? 66 : min(graphL + B.frameRight*graphW + 78*z, graphRoom - 21*scaleW - 34*z)",
        },
        {"name": "scaleY", "update": "phone ? graphY + graphH + 12 : readY - nodeH*0.5 - 32*z"},
        {"name": "scaleW", "update": "(phone ? 1 : 2.2*z)"},
    ]


def layers() -> list[Layer]:
    return [*_frame(), *_wires(), *_nodes(), *_valves(), *_written(), *_travelling(), *_embedded(), *_scales()]


def _frame() -> list[Layer]:
    """What belongs to the cell; what is read and carried on stands outside."""
    return [
        rect(
            when=_INSIDE,
            x=_X.format("B.frameLeft"),
            x2=_X.format("B.frameRight"),
            y=_Y.format("B.frameTop"),
            y2=_Y.format("B.frameBottom"),
            cornerRadius="12*z",
            fill="ink",
            fillOpacity=0.035,
            stroke="line",
        )
    ]


def _wires() -> list[Layer]:
    """First all of them, faint; over them those into what is computed, and those into what is computed now."""
    ends = {
        "ax": _X.format("datum.x1"),
        "ay": _Y.format("datum.y1"),
        "bx": _X.format("datum.x2"),
        "by": _Y.format("datum.y2"),
    }
    place = {"rows": "edges", "when": _INSIDE, "let": ends}
    piece = {**place, "x": "datum.ax", "y": "datum.ay", "x2": "datum.bx", "y2": "datum.by", "strokeCap": "'round'"}
    arrow = {
        **place,
        "x": "datum.bx - 4*z*cos(datum.angle*PI/180)",
        "y": "datum.by - 4*z*sin(datum.angle*PI/180)",
        "angle": "datum.angle",
    }
    return [
        rule(name="wire", **piece, stroke="line", strokeWidth=1.2, strokeDash=[3, 3]),
        rule(**piece, keep=_KNOWN, stroke=_OWN.format("datum"), strokeWidth="datum.belt ? 3.5*z : 1.5", opacity=1),
        rule(**piece, keep="datum.k == op", stroke="now", strokeWidth=2.5),
        shape(
            RIGHT_ARROW,
            **arrow,
            keep="datum.ends",
            size="datum.belt ? 60*z : 26*z",
            fill=f"datum.k == op ? now : {_KNOWN} ? {_OWN.format('datum')} : line",
        ),
    ]


_NODE = {
    "mx": _X.format("datum.px"),
    "my": _Y.format("datum.py"),
    # What is read has no element that is the chosen unit's.
    "one": "datum.vec >= 0 && !datum.read",
    "v": f"datum.one ? {element('datum.vec', 't', 'picked')} : 0",
}


def _nodes() -> list[Layer]:
    """A box with round ends for what goes number by number, a plain one for the rest; dashed and empty before its
    operation."""
    forced = held("OPS[datum.k]", "t", "picked")
    source = f"datum.k == 0 ? '' : {forced} ? B.s_is_held : OPS[datum.k].formula"
    value = tip("datum.title + ' [' + unit_number + ']'", "datum.v", source)
    box = {
        "rows": "nodes",
        "let": _NODE,
        "x": "datum.mx - nodeW/2",
        "x2": "datum.mx + nodeW/2",
        "y": "datum.my - nodeH/2",
        "y2": "datum.my + nodeH/2",
        "cornerRadius": "datum.look == 'point' ? nodeH/2 : datum.look == 'port' ? 2 : 6",
    }
    return [
        rect(
            name="nodePlace",
            when=_INSIDE,
            **box,
            keep=f"!({_KNOWN})",
            **EMPTY,
        ),
        rect(
            name="node",
            when=_INSIDE,
            **box,
            fill=f"datum.one && {_KNOWN} ? {shade_of('VECS[datum.vec]', 'datum.v')} : paper",
            fillOpacity=f"{_KNOWN} ? 1 : 0",
            stroke=f"datum.k > 0 && datum.k == op ? now : {_OF_VEC}",
            strokeWidth=f"datum.k > 0 && datum.k == op ? 3 : {_KNOWN} ? 1.4 : 0",
            cursor="'pointer'",
            tooltip=f"datum.one && {_KNOWN} ? {value} : {{title: datum.title}}",
        ),
    ]


def _valves() -> list[Layer]:
    """A gate's two doors, shut in its colour, which leave as much of its way open as it is open in the mean."""
    gate = {**_NODE, "open": "toNumber(means[datum.mean + t])", "wide": "(nodeW - 6)/2*(1 - datum.open)"}
    door = {"rows": "nodes", "when": _INSIDE, "let": gate, "keep": f"datum.mean >= 0 && {_KNOWN}"}
    tall = {"y": "datum.my - nodeH/2 - 3*z", "y2": "datum.my - nodeH/2 + 3.5*z", "cornerRadius": 1.5}
    said = f"{{title: datum.title, '=': replace(B.s_open, '{{open}}', {numbers.percent('datum.open')})}}"
    return [
        rect(
            **door,
            **tall,
            x="datum.mx - nodeW/2 + 3",
            x2="datum.mx - nodeW/2 + 3 + datum.wide",
            fill=_OF_VEC,
            tooltip=said,
        ),
        rect(
            **door,
            **tall,
            x="datum.mx + nodeW/2 - 3 - datum.wide",
            x2="datum.mx + nodeW/2 - 3",
            fill=_OF_VEC,
            tooltip=said,
        ),
    ]


def _written() -> list[Layer]:
    node = {"rows": "nodes", "when": _INSIDE, "let": _NODE}
    inner = {**node, "x": "datum.mx", "limit": "nodeW - 2"}
    # On a phone the word has all of the room; how likely it is stands in the prediction.
    best = f"bestWord[t*C] + (phone ? '' : ' ' + {numbers.percent('toNumber(bestP[t*C])')})"
    logit = f"'ℓ ' + {numbers.fixed('toNumber(bestZ[t*C])', 3)}"
    sign = beyond("VECS[datum.vec]", "t", "picked")
    one, two, three = (numbers.fixed("datum.v", digits) for digits in (1, 2, 3))
    value = f"(nodeW < 34 ? {one} : nodeW < 52 ? {two} : {three})"
    signed = f"({sign} == '{BLANK}' ? '' : (nodeW < 70 ? '' : ' ') + {sign})"
    head = f"veiled ? '?' : datum.k == B.cellOps + 1 ? {logit} : {best}"
    return [
        text(
            **inner,
            text="nodeW < 78*z ? datum.short : datum.label",
            y=f"datum.my - ({_KNOWN} ? nodeH*0.2 : 0)",
            fontSize=f"phone ? min({_SIZE}, (nodeW - 2)/({_BOLD_EM}*length(datum.short))) : {_SIZE}",
            fontWeight="'bold'",
            fill=f"{_KNOWN} ? ink : soft",
        ),
        text(
            **inner,
            keep=_KNOWN,
            text=f"datum.one ? {value} + {signed} : datum.look == 'head' ? {head} : token[t]",
            y="datum.my + nodeH*0.24",
            fontSize=f"datum.one || !phone ? {_SIZE} : min({_SIZE}, (nodeW - 4)/max(1, length({_WORD})*{_WORD_EM}))",
            font=f"datum.one ? {MONO} : ''",
        ),
        text(
            **node,
            keep=f"datum.name != '' && !({_TIGHT} && {_NEXT})",
            text=f"{_TIGHT} && datum.k == 0 && !datum.read ? split(datum.name, ' ') : datum.name",
            x=f"datum.read ? datum.mx - nodeW/2 - 7*z : {_AT_EDGE} ? width - 1 : datum.mx",
            y="datum.read ? datum.my : datum.my - nodeH/2 - 6.5*z"
            f" - ({_TIGHT} && datum.k == 0 ? 9*(length(split(datum.name, ' ')) - 1) : 0)",
            lineHeight=9,
            align=f"datum.read || {_AT_EDGE} ? 'right' : 'center'",
            fontSize="phone ? 8.5 : 10.5*z",
            fill="soft",
        ),
    ]


def _travelling() -> list[Layer]:
    """What an operation reads on its way along the wires into it; until it has come, the result is an empty place."""
    when = f"{_INSIDE} && moving < 1"
    place = {"when": when, "rows": "nodes", "let": _NODE, "keep": "datum.k > 0 && datum.k == op"}
    part = "(moving - datum.from)/(datum.to - datum.from)"
    return [
        rect(
            name="travelNode",
            **place,
            x="datum.mx - nodeW/2 - 1",
            x2="datum.mx + nodeW/2 + 1",
            y="datum.my - nodeH/2 - 4*z",
            y2="datum.my + nodeH/2 + 4*z",
            cornerRadius=6,
            fill="paper",
            stroke="now",
            strokeDash=[3, 3],
        ),
        text(
            name="travelName",
            **place,
            text="nodeW < 78*z ? datum.short : datum.label",
            x="datum.mx",
            y="datum.my",
            fontSize=_SIZE,
            fontWeight="'bold'",
            limit="nodeW - 2",
            fill="soft",
            aria=False,
        ),
        dot(
            name="travelInside",
            when=when,
            rows="edges",
            keep="datum.k == op && moving >= datum.from && moving < datum.to",
            x=f"graphL + graphW*(datum.x1 + (datum.x2 - datum.x1)*{part})",
            y=f"graphY + graphH*(datum.y1 + (datum.y2 - datum.y1)*{part})",
            size="110*z",
            fill=_OWN.format("datum"),
        ),
    ]


def _embedded() -> list[Layer]:
    """What a token becomes: the numbers that are read, and which row of the embedding they are."""
    number = {"v": element("B.x", "t", "datum.k"), "left": "readX + datum.k*readW"}
    each = {"rows": "sequence(VECS[B.x].size)", "when": f"{_INSIDE} && readW >= 4", "let": number}
    return [
        text(
            when=f"{_INSIDE} && B.embedded != ''",
            text="replace(B.s_embedded, '{row}', embedded[t])",
            x="readX",
            y="readY - nodeH*0.27",
            align="'left'",
            fontSize="phone ? 9 : 11*z",
            fill="xColour",
            limit="graphRoom - readX",
        ),
        rect(
            **each,
            x="datum.left",
            x2="datum.left + readW - 1",
            y="readY - nodeH*0.02",
            y2="readY + nodeH/2",
            fill=shade_of("VECS[B.x]", "datum.v"),
            stroke="xColour",
            strokeWidth=0.6,
            tooltip=tip(
                "VECS[B.x].label + ' [' + (datum.k + 1) + ']'", "datum.v", "replace(B.s_embedded, '{row}', embedded[t])"
            ),
        ),
        text(
            **{**each, "when": f"{_INSIDE} && readW >= 34*z"},
            text=f"{numbers.fixed('datum.v', 3)} + replace({beyond('VECS[B.x]', 't', 'datum.k')}, '{BLANK}', '')",
            x="datum.left + readW/2 - 0.5",
            y="readY + nodeH*0.24",
            font=MONO,
            fontSize="min(10*z, readW*0.26)",
        ),
    ]


def _scales() -> list[Layer]:
    """Which colour is which number: of gates from closed to open, of the memory over its range, of all else."""
    return [
        *_scale("(B.c >= 0 ? 2 : 1)", "B.gate", "B.s_shut", "B.s_wide", "B.gate >= 0"),
        *_scale("1", "B.c", "VECS[B.c].label + '  −' + VECS[B.c].half", "'+' + VECS[B.c].half", "B.c >= 0"),
        *_scale("0", "B.x", "B.s_rest + '  −1'", "'+1'", "true"),
        text(
            when=_INSIDE,
            text="B.s_beyond",
            x="phone ? width - 1 : graphL + graphW",
            y="scaleY + (phone ? 14 : 17*z)",
            align="'right'",
            fontSize=_SCALED,
            fill="soft",
        ),
    ]


def _scale(place: str, vec: str, low: str, high: str, when: str) -> list[Layer]:
    """A vector's scale as a bar of its colours, with what its ends mean.

    place: counted from below, on a phone from the left.
    """
    x, y = f"(scaleX + (phone ? {place}*width/3 : 0))", f"scaleY - (phone ? 0 : 17*z*{place})"
    end = {"y": y, "fontSize": _SCALED, "fill": "soft", "when": f"{_INSIDE} && {when}"}
    return [
        rect(
            rows="sequence(21)",
            when=f"{_INSIDE} && {when}",
            x=f"{x} + datum.k*scaleW",
            x2=f"{x} + (datum.k + 1)*scaleW + 0.4",
            y=f"{y} - 4*z",
            y2=f"{y} + 4*z",
            fill=f"ramps[VECS[{vec}].ramp][2*datum.k]",
        ),
        text(**end, text=low, x=f"{x} - 4", align="'right'"),
        text(**end, text=high, x=f"{x} + 21*scaleW + 4", align="'left'"),
    ]
