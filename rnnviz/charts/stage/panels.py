"""Under the region that is looked at: this step's arithmetic, the prediction after it, and what to notice."""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    MONO,
    Layer,
    Signal,
    element,
    outline,
    press,
    rect,
    rule,
    shade,
    shade_of,
    text,
    tip,
    written,
)
from rnnviz.charts.kit.player import click

# The units that are shown at first, and the chosen one; as texts.
_CHOSEN = "split(B.units + (indexof(split(B.units, ','), '' + picked) < 0 ? ',' + picked : ''), ',')"
# Beside a row: its unit's number, beside one of a longer vector that vector's.
_ROW_NAME = "OP.mc > 0 && few ? '' : '' + (toNumber(units[datum.k]) + 1)"
UNITS = 12  # how many units' numbers are shown at first
CANDIDATE_ROWS = "sequence(0, 6)"  # five candidates, and a sixth place for the right one when it is not among them


def signals() -> list[Signal]:
    return [
        # Beside the drawing of a cell where there is room, else under the region that is looked at.
        {"name": "beside", "update": "depth == 1 && B.panels && width >= 900"},
        {"name": "belowY", "update": "regionEnd + beltH + 12*z"},
        {"name": "panelY", "update": "beside ? regionY : belowY"},
        {"name": "sumsX", "update": "beside ? floor(width*0.63) : 0"},
        {"name": "upTo", "update": "op == 0 || every ? K : op"},  # the last operation of the step whose result is there
        {"name": "allUnits", "value": False, "on": [{"events": click("allUnits"), "update": "!allUnits"}]},
        {"name": "few", "update": "!allUnits && length(split(B.units, ',')) < H"},
        {"name": "units", "update": f"few ? {_CHOSEN} : sequence(H)"},
        {"name": "unitRow", "update": "few ? indexof(units, '' + picked) : picked"},
        {"name": "slots", "update": "split(OP.slots, ',')"},
        {"name": "glyphs", "update": "split(OP.glyphs, SEP)"},
        {"name": "rowCount", "update": "max(length(units), OP.mc)"},
        {"name": "sumsW", "update": "phone ? width : floor(width*0.63)"},
        {"name": "tableW", "update": "beside ? width - sumsX : sumsW"},
        {"name": "rowsY", "update": "panelY + (op > 0 ? phone || beside ? 92*z : 80*z : 62*z)"},
        {"name": "rowH", "update": "clamp((beside ? regionEnd - rowsY - 30*z : 366*z) / rowCount, 2, 17*z)"},
        {"name": "labelW", "update": "sumsX + 24*z"},
        {"name": "gap", "update": "phone ? 12 : 26*z"},
        {
            "name": "slotW",
            "update": "min(64*z, (tableW - 24*z - 8 - (OP.mc > 0 ? 6*OP.mc : 0)) / length(slots) - gap)",
        },
        {"name": "matW", "update": "OP.mc > 0 ? min(OP.mc*44*z, tableW - 24*z - 8 - length(slots)*(slotW + gap)) : 0"},
        {"name": "slotX", "update": "labelW + (OP.mc > 0 ? matW : -gap*0.6)"},
        {"name": "sumsEnd", "update": "rowsY + rowH*rowCount + (length(split(B.units, ',')) < H ? 26*z : 0)"},
        {"name": "guessY", "update": "phone ? sumsEnd + 34*z : belowY"},
        {"name": "guessX", "update": "phone || beside ? 0 : sumsW + 24*z"},
        {"name": "guessRow", "update": "phone ? 40 : 26*z"},
        {"name": "guessW", "update": "beside ? width*0.48 : width - guessX"},
        {"name": "guessEnd", "update": "guessY + 34*z + 6*guessRow + (quiz ? 26*z : 0)"},
        {"name": "noticeX", "update": "beside ? width*0.52 : guessX"},
        {"name": "noticeY", "update": "beside ? belowY : guessEnd + 16*z"},
        {
            "name": "panelEnd",
            "update": "!B.panels ? regionEnd + beltH : max(sumsEnd + 10*z, guessEnd, noticeY + (phone ? 124 : 104*z))",
        },
        # The guessing game: what the reader thought at each step, as ` t:candidate `, kept beside the answer.
        {
            "name": "guesses",
            "value": "",
            "on": [
                {"events": {"signal": "B.top"}, "update": "''", "force": True},
                {"events": click("guess"), "update": "guessed < 0 ? guesses + ' ' + t + ':' + datum.n + ' ' : guesses"},
            ],
        },
        {"name": "guessAt", "update": "indexof(guesses, ' ' + t + ':')"},
        {
            "name": "guessed",
            "update": "guessAt < 0 ? -1 : toNumber(split(slice(guesses, guessAt + 1), ':')[1][0])",
        },
        {"name": "asked", "update": "(length(split(guesses, ':')) - 1)"},
        {"name": "hits", "update": "(length(split(guesses, ':0 ')) - 1)"},
        {
            "name": "quiz",
            "init": "B.quiz",
            "on": [
                {"events": {"signal": "B.quiz"}, "update": "B.quiz"},
                {"events": click("quizSwitch"), "update": "!quiz"},
            ],
        },
        {"name": "veiled", "update": "quiz && !every && B.panels && B.head && guessed < 0"},
    ]


def layers() -> list[Layer]:
    return [
        layer | {"transform": [{"filter": "B.panels"}, *layer["transform"]]}
        for layer in (*_arithmetic(), *_prediction(), *_notice())
    ]


def _heading(label: str, x: str, y: str, width: str) -> list[Layer]:
    return [
        rule(x=x, x2=f"{x} + {width}", y=y, y2=y),
        text(text=label, x=x, y=f"{y} + 17*z", align="'left'", fontSize="12*z", fontWeight="'bold'", fill="soft"),
    ]


def _arithmetic() -> list[Layer]:
    left = "slotX + gap*{0} + slotW*{1}"
    # What does not follow the step is worked out before what does, so that a step only touches colours and numbers.
    number = {
        "s": "datum.k % length(slots)",
        "row": "floor(datum.k / length(slots))",
        "vec": "VECS[toNumber(slots[datum.s])]",
        "whole": "datum.vec.size != H || OP.mc > 0 && datum.s == 0",  # all its elements, whichever units are shown
        "u": "datum.whole ? datum.row : toNumber(units[datum.row])",
        "px": left.format("(datum.s + 1)", "datum.s"),
        "px2": "datum.px + slotW",
        "py": "rowsY + datum.row*rowH",
        "py2": "datum.py + rowH - 0.5",
        "title": "datum.vec.label + ' [' + (datum.u + 1) + ']'",
        "v": "V[datum.vec.offset + datum.vec.stride*t + datum.u]",
    }
    elements = {
        "rows": "sequence(length(slots)*rowCount)",
        "let": number,
        "keep": "datum.row < (datum.whole ? datum.vec.size : length(units))",
    }
    weight = {
        "row": "floor(datum.k / OP.mc)",
        "u": "toNumber(units[datum.row])",
        "at": "datum.k % OP.mc",
        "w": "toNumber(weight[OP.mo + datum.u*OP.mc + datum.at])",
        "left": "labelW + datum.at*matW/OP.mc",
        "top": "rowsY + datum.row*rowH",
    }
    matrix = {"when": "OP.mc > 0", "rows": "sequence(length(units)*OP.mc)", "let": weight}
    head = {
        "rows": "sequence(length(slots))",
        "let": {
            "s": "datum.k",
            "v": "VECS[toNumber(slots[datum.k])]",
            "from": "datum.v.offset + datum.v.stride*t",
            "whole": "!few || datum.v.size != H || OP.mc > 0 && datum.s == 0",
        },
    }
    readable = "rowH >= 9.5"
    text_size = "min(12*z, rowH*0.74, slotW/3.7)"
    # Of a line of arithmetic: smaller where it is long.
    size = "phone ? 11*4/max(4, OP.reads) : 13*z*5/max(5, OP.reads)"
    return [
        *_heading("B.s_numbers", "sumsX", "panelY", "tableW"),
        # The operation, and the same for the chosen unit with its numbers.
        text(
            text="OP.formula + (indexof(slice(OP.held, t*H, (t + 1)*H), '1') < 0 ? '' : '  ·  ' + B.s_is_held)",
            x="labelW",
            y="panelY + 40*z",
            align="'left'",
            font=MONO,
            fontSize=size,
            limit="tableW - 24*z",
        ),
        text(
            when="OP.reads > 0 && OP.mc == 0 && op > 0 && op <= B.cellOps",
            text=f"OP.symbol + '[' + (picked + 1) + '] = ' + ({written('OP', 't', 'picked')})"
            f" + ' ≈ ' + {numbers.fixed(element('OP.out', 't', 'picked'), 3)}",
            x="phone || beside ? labelW : sumsW",
            y="panelY + (phone || beside ? 57*z : 17*z)",
            align="phone || beside ? 'left' : 'right'",
            font=MONO,
            fontSize=size,
            limit="phone || beside ? tableW - 24*z : sumsW - 160*z",
        ),
        # Rows: the units.
        text(
            rows="sequence(rowCount)",
            keep="rowH >= 9.5 || datum.k % 4 == 0",
            let={"row": _ROW_NAME},
            text="datum.row",
            x="labelW - 6*z",
            y="rowsY + (datum.k + 0.5)*rowH",
            align="'right'",
            fontSize="min(11*z, max(8, rowH*0.7))",
            fill="soft",
        ),
        # The matrix.
        text(
            when="OP.mc > 0",
            text="OP.matrix",
            x="labelW + matW/2",
            y="rowsY - 14*z",
            font=MONO,
            fontSize="13*z",
            fontWeight="'bold'",
        ),
        rect(
            name="weight",
            **matrix,
            x="datum.left",
            x2="datum.left + matW/OP.mc - 0.5",
            y="datum.top",
            y2="datum.top + rowH - 0.5",
            fill=shade("datum.w"),
            tooltip=tip(
                "OP.matrix + '[' + (datum.u + 1) + ', ' + (datum.at + 1) + ']'",
                "datum.w",
                "OP.torch + '[' + (OP.block + datum.u) + ', ' + datum.at + ']'",
            ),
        ),
        text(
            when=f"OP.mc > 0 && {readable} && matW/OP.mc >= 39*z",
            rows="sequence(length(units)*OP.mc)",
            let=weight,
            text=numbers.fixed("datum.w", 3),
            x="datum.left + matW/OP.mc/2",
            y="datum.top + rowH/2",
            font=MONO,
            fontSize="min(10.5*z, rowH*0.68)",
            aria=False,
        ),
        # The vectors: operands, then the result.
        text(
            **head,
            text="datum.v.label",
            x=left.format("(datum.s + 1)", "(datum.s + 0.5)"),
            y="rowsY - 14*z",
            fontSize="13*z",
            fontWeight="'bold'",
            limit="slotW + gap - 4",
            fill="dark ? datum.v.dark : datum.v.light",
        ),
        text(
            rows="sequence(length(slots))",
            let={"s": "datum.k"},
            text="glyphs[datum.s]",
            x="slotX + gap*(datum.s + 0.5) + slotW*datum.s",
            y="rowsY + 36*z",
            fontSize="phone ? 10 : length(glyphs[datum.s]) > 2 ? 11*z : 17*z",
            fill="soft",
        ),
        rect(
            name="element",
            **elements,
            x="datum.px",
            x2="datum.px2",
            y="datum.py",
            y2="datum.py2",
            fill=shade_of("datum.vec", "datum.v"),
            tooltip="{title: datum.title, '=': datum.v, '←': datum.vec.source}",
        ),
        # A column's numbers are one mark of many lines: a step changes few marks, and is painted in time.
        text(
            when=readable,
            **head,
            text=f"datum.whole ? slice(V, datum.from, datum.from + datum.v.size) : {_each('V[{}]')}",
            x=left.format("(datum.s + 1)", "(datum.s + 0.5)"),
            y="rowsY + 0.5*rowH",
            lineHeight="rowH",
            font=MONO,
            fontSize=text_size,
            aria=False,
        ),
        text(
            **head,
            text="datum.whole ? split(slice(B.beyond, datum.from, datum.from + datum.v.size), '')"
            f" : {_each('slice(B.beyond, {0}, {0} + 1)')}",
            x=left.format("(datum.s + 1)", "(datum.s + 1)") + " - 1",
            y="rowsY + 0.5*rowH",
            align="'right'",
            lineHeight="rowH",
            font=MONO,
            fontSize="min(13*z, rowH*0.8)",
            fontWeight="'bold'",
            aria=False,
        ),
        # The result is framed; the chosen unit's row is lit through all of it.
        rect(
            when="op > 0 && op <= B.cellOps",
            x=left.format("length(slots)", "(length(slots) - 1)") + " - 2",
            x2=left.format("length(slots)", "length(slots)") + " + 2",
            y="rowsY - 2",
            y2="rowsY + rowH*length(units) + 1",
            cornerRadius=4,
            fill="now",
            fillOpacity=0,
            stroke="now",
            strokeWidth=2,
        ),
        outline(
            x="labelW - 2",
            x2=left.format("length(slots)", "length(slots)") + " + 3",
            y="rowsY + unitRow*rowH - 1",
            y2="rowsY + (unitRow + 1)*rowH + 0.5",
            stroke="ink",
            strokeWidth=1,
        ),
        *_chosen_units(),
    ]


def _each(element: str) -> str:
    """An array of one entry for each unit that is shown of many. element: an expression, `{}` where its number goes."""
    entries = (element.format(f"datum.from + toNumber(units[{n}])") for n in range(UNITS + 1))
    return f"slice([{', '.join(entries)}], 0, length(units))"


def _chosen_units() -> list[Layer]:
    """Which units are shown, and a press for all or for those again."""
    when = "length(split(B.units, ',')) < H"
    return [
        text(
            when=when,
            text="replace(replace(few ? B.s_few_units : B.s_all_units, '{few}', '' + length(split(B.units, ','))),"
            " '{all}', '' + H)",
            x="labelW",
            y="sumsEnd - 9*z",
            align="'left'",
            fontSize="11.5*z",
            fill="soft",
            limit="tableW - 24*z",
        ),
        press(
            "allUnits",
            when=when,
            x="labelW - 4",
            x2="sumsX + tableW",
            y="sumsEnd - 20*z",
            y2="sumsEnd + 2*z",
        ),
    ]


def _prediction() -> list[Layer]:
    candidate = {
        "n": "datum.k",
        "extra": "datum.k == 5",
        "word": "datum.extra ? rightWord[t] : bestWord[t*C + datum.k]",
        "p": "datum.extra ? toNumber(rightP[t]) : toNumber(bestP[t*C + datum.k])",
        "isRight": "toNumber(rightRank[t]) == (datum.extra ? toNumber(rightRank[t]) : datum.k + 1)",
        "place": "veiled ? (datum.k*(C == 3 ? 1 : 3) + t*2 + 3) % C : datum.k + (datum.extra ? 0.12 : 0)",
        "y": "guessY + 34*z + datum.place*guessRow + (quiz ? 26*z : 0)",
        "q": "datum.extra ? rightTruth[t] : truth[t*C + datum.k]",
    }
    rows = {
        "when": "B.head && (told || veiled)",
        "rows": CANDIDATE_ROWS,
        "let": candidate,
        "keep": "datum.extra ? !veiled && rightWord[t] != '' && toNumber(rightRank[t]) > C : datum.k < C",
    }
    logit = numbers.fixed("toNumber(bestZ[t*C + datum.k])", 3)
    source = f"'softmax(W_hy hₜ + b_y)' + (datum.extra ? '' : ',  ℓ = ' + {logit})"
    wordX, barL, barR = "guessX + 118*z", "(guessX + 126*z)", "(guessX + guessW - 140*z)"
    return [
        *_heading("B.s_prediction + (B.truth == '' ? '' : '  ·  ' + B.s_truth)", "guessX", "guessY", "guessW"),
        text(
            when="!B.head",
            text="B.s_no_head",
            x="guessX",
            y="guessY + 46*z",
            align="'left'",
            fill="soft",
            limit="guessW",
        ),
        # The switch of the guessing game, and its quiet score.
        rect(
            when="B.head",
            name="quizSwitch",
            x="guessX + guessW - 96*z",
            x2="guessX + guessW",
            y="guessY + 5*z",
            y2="guessY + 29*z",
            cornerRadius=6,
            fill="paper",
            stroke="quiz ? now : line",
            cursor="'pointer'",
        ),
        text(
            when="B.head",
            text="B.s_quiz",
            x="guessX + guessW - 48*z",
            y="guessY + 17*z",
            fontSize="11.5*z",
            limit="88*z",
            fill="quiz ? now : ink",
        ),
        text(
            when="quiz && B.head",
            text="veiled ? B.s_quiz_ask : B.s_quiz_score + ' ' + hits + ' / ' + asked",
            x="guessX",
            y="guessY + 46*z",
            align="'left'",
            fontSize="13*z",
            limit="guessW",
            fill="now",
        ),
        rect(
            **rows,
            x=barL,
            x2=f"{barL} + (veiled ? 0 : datum.p)*({barR} - {barL})",
            y="datum.y + 5*z",
            y2="datum.y + guessRow - 5*z",
            fill="yColour",
            fillOpacity="datum.isRight ? 1 : 0.45",
            cornerRadius=2,
            tooltip=f"veiled ? '' : {tip('datum.word', 'datum.p', source)}",
        ),
        # What the grammar has come next: a line across the bar, at its end where the network is right.
        rect(
            **rows | {"keep": f"({rows['keep']}) && !veiled && datum.q != '' && B.truth != ''"},
            x=f"{barL} + toNumber(datum.q)*({barR} - {barL}) - 1",
            x2=f"{barL} + toNumber(datum.q)*({barR} - {barL}) + 1",
            y="datum.y + 2*z",
            y2="datum.y + guessRow - 2*z",
            fill="ink",
            tooltip=tip("datum.word", "toNumber(datum.q)", "B.s_truth"),
        ),
        text(
            **rows,
            text="datum.word",
            x=f"veiled ? guessX + 14*z : {wordX}",
            y="datum.y + guessRow/2",
            align="veiled ? 'left' : 'right'",
            fontSize="14*z",
            limit="114*z",
            fontWeight="!veiled && datum.isRight ? 'bold' : 'normal'",
            fill="ink",
        ),
        text(
            **rows,
            text=f"veiled ? '' : {numbers.percent('datum.p', 1)} + (datum.isRight ? '  ✓ ' + B.s_right : '')"
            " + (guessed == datum.n ? '  ← ' + B.s_guess : '')",
            x=f"{barL} + (veiled ? 0 : max(datum.p, toNumber(datum.q)))*({barR} - {barL}) + 7*z",
            y="datum.y + guessRow/2",
            align="'left'",
            fontSize="12*z",
            fill="datum.isRight ? yColour : soft",
            fontWeight="datum.isRight ? 'bold' : 'normal'",
        ),
        rect(
            when="B.head && !told && !veiled",
            x="guessX",
            x2="guessX + guessW - 1",
            y="guessY + 36*z + (quiz ? 26*z : 0)",
            y2="guessY + 32*z + (quiz ? 26*z : 0) + min(C, 5)*guessRow",
            cornerRadius=6,
            fill="paper",
            stroke="soft",
            strokeOpacity=0.6,
            strokeDash=[3, 3],
            aria=False,
        ),
        rect(
            when="veiled",
            name="guess",
            rows="sequence(0, 5)",
            let={"n": "datum.k", "y": "guessY + 34*z + ((datum.k*(C == 3 ? 1 : 3) + t*2 + 3) % C)*guessRow + 26*z"},
            keep="datum.k < C",
            x="guessX",
            x2="guessX + guessW",
            y="datum.y + 2",
            y2="datum.y + guessRow - 2",
            cornerRadius=6,
            fill="now",
            fillOpacity=0.04,
            stroke="line",
            cursor="'pointer'",
        ),
    ]


def _notice() -> list[Layer]:
    return [
        *_heading("B.s_notice", "noticeX", "noticeY", "width - noticeX"),
        text(
            text="!told ? '' : veiled ? slice(notes, 0, 2) : notes",  # the third line tells the prediction
            x="noticeX",
            y="noticeY + 42*z",
            align="'left'",
            baseline="'top'",
            fontSize="13*z",
            lineHeight="20*z",
            limit="width - noticeX",
        ),
    ]
