"""Why the network expects a word: the sum that is the word's score, one unit's weight times its value a bar, and, an
operation later, what softmax makes of the scores. What pushes the word up stands on top, what pushes it down at the
bottom.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    EMPTY,
    MONO,
    Layer,
    Signal,
    element,
    fitted,
    fitted_words,
    rect,
    rule,
    text,
    text_literal,
    tip,
)
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.player import GO, click, page_control
from rnnviz.charts.kit.wrap import BREAK
from rnnviz.charts.stage.cell import sums
from rnnviz.charts.stage.cell.score_tables import FEW
from rnnviz.charts.stage.cell.sums import MIDDLE, Terms

PLACES = 6  # five candidates, and a sixth place for the right one when it is not among them
CANDIDATE_ROWS = f"sequence({PLACES})"
_RANK = "toNumber(rightRank[t])"
# Of such a row: the word, and its probability.
CANDIDATE = {
    "n": "datum.k",
    "extra": "datum.k == 5",
    "word": "datum.extra ? rightWord[t] : bestWord[t*C + datum.k]",
    "p": "datum.extra ? toNumber(rightP[t]) : toNumber(bestP[t*C + datum.k])",
    "isRight": f"{_RANK} == (datum.extra ? {_RANK} : datum.k + 1)",
}
HAS_EXTRA = f"rightWord[t] != '' && {_RANK} > C"  # whether the right word has a place of its own
IS_CANDIDATE = f"(datum.extra ? {HAS_EXTRA} : datum.k < C)"
_SHOWN = "scoring && !veiled && !withheld"
_ROW = "min(34*z, (regionEnd - regionY - 40*z)/7)"  # height of a word's line
ROW_Y = f"({MIDDLE} + ({{}} - 2)*{_ROW})"  # of that of a place
_LINES = f"min({FEW}, H)"  # how many units' terms are written out
_LIST_END = f"({ROW_Y.format(f'({HAS_EXTRA} ? 5 : C - 1)')} + {_ROW}/2 + 8*z)"  # lower end of the words' lines
_LARGEST_SUM = 300  # of whose logarithm the sum of all e^score is still a number that can be written

NAMES = Names(
    signals={
        "candidate": Meaning("index", "whose score is asked for, from 0 the likeliest; 5 the right word's"),
        "withheldAt": Meaning("text", "the steps whose scores the page withholds, from 1, as `,1,4,`"),
        "withheld": Meaning("flag", "whether the present step's are"),
        "scored": Meaning("index", "whose is shown at this step"),
        "scoreAt": Meaning("index", "the row of `scoreWeight` of the word whose score is shown"),
    },
    tables={
        "bundle": {
            "candidate": Meaning(
                "index", "whose score is taken apart at first, from 0 the likeliest; 5 the right word"
            ),
            "withheld": Meaning("text", "the steps whose scores are withheld at first, as `withheldAt`"),
            "words": Meaning("index", "how many words the head chooses from"),
            "scoreRow": Meaning(
                "numbers",
                "of each candidate and then of the right word, its row in these, (T, candidates + 1)",
                "scoreRow",
            ),
            "scoreFew": Meaning(
                "numbers", "of the same at each step the few units whose terms are largest, from 0", "scoreUnit"
            ),
            "otherUnits": Meaning("text", "how many units there are besides"),
            "scoreWeights": Meaning("numbers", "rows of W_hy, (words, H)", "scoreWeight"),
            "scoreBias": Meaning("numbers", "their biases", "scoreBias"),
            "scoreFull": Meaning("numbers", "the size of the largest term of each, over all steps", "scoreFull"),
            "log_sum": Meaning("numbers", "the logarithm of the sum of all e^score at each step", "logSum"),
            "right_z": Meaning("numbers", "the logit of `right`", "rightZ"),
        },
    },
)


def signals() -> list[Signal]:
    return [
        *NAMES.lists(),
        {
            "name": "candidate",
            "init": "B.candidate",
            "on": [
                {"events": GO, "update": "B.candidate", "force": True},
                {"events": [*click("why"), *click("score")], "update": "datum.n"},
                {"events": page_control("candidate"), "update": "clamp(event.detail.value - 1, 0, 5)"},
            ],
        },
        {"name": "scored", "update": f"candidate < C ? candidate : {_RANK} > C ? 5 : max(0, {_RANK} - 1)"},
        # A question of the page asks what they show; on a page of its own a stage has no question that would end it.
        {
            "name": "withheldAt",
            "init": "B.placed ? B.withheld : ''",
            "on": [{"events": page_control("withheld"), "update": "event.detail.value"}],
        },
        {"name": "withheld", "update": "indexof(withheldAt, ',' + (t + 1) + ',') >= 0 && !every"},
        {"name": "scoring", "update": "depth == 2 && op > B.cellOps && B.words > 0"},
        {"name": "scoreAt", "update": "toNumber(scoreRow[t*(C + 1) + min(scored, C)])"},
    ]


def layers() -> list[Layer]:
    return [*sums.layers(_terms()), *_words(), *_worked_out(), *_still_hidden()]


def _terms() -> Terms:
    value = element("B.h", "t", "datum.k")
    return Terms(
        rows="sequence(H + 1)",
        when=_SHOWN,
        let={
            "bare": "datum.k == H",
            "label": "datum.bare ? 'b_y' : VECS[B.h].label + '[' + (datum.k + 1) + ']'",
            "w": "datum.bare ? 1 : toNumber(scoreWeight[scoreAt*H + datum.k])",
            "v": f"datum.bare ? toNumber(scoreBias[scoreAt]) : {value}",
        },
        many="(H + 1)",
        place="(datum.nth - 1)",
        vector="VECS[B.h]",
        full="max(toNumber(scoreFull[scoreAt]), 0.001)",
        product="datum.bare ? datum.label : 'W_hy ' + datum.label",
        source="'W_hy[‘' + (scored == 5 ? rightWord[t] : bestWord[t*C + scored]) + '’, ' + (datum.k + 1) + '] × '"
        " + datum.label",
        sort=[{"window": [{"op": "row_number", "as": "nth"}], "sort": [{"field": "p", "order": "descending"}]}],
    )


def _words() -> list[Layer]:
    """A line for each candidate: its score, and what softmax makes of it; a press shows its sum."""
    rows = {
        "when": _SHOWN,
        "rows": CANDIDATE_ROWS,
        "let": {
            **CANDIDATE,
            "z": "datum.extra ? toNumber(rightZ[t]) : toNumber(bestZ[t*C + datum.k])",
            "y": ROW_Y.format("datum.k"),
        },
        "keep": IS_CANDIDATE,
    }
    score = numbers.fixed("datum.z", 3)
    share = numbers.percent("datum.p", 1)
    total = numbers.size("exp(toNumber(logSum[t]))")
    worked = f"'e^' + {score} + ' / ' + {total} + ' = '"
    return [
        text(
            when=f"{_SHOWN} && !phone",
            text="told ? B.s_scores + '   →   ' + replace(B.s_softmax, '{count}', '' + B.words) : B.s_scores",
            x="listX",
            y=f"{MIDDLE} - 3*{_ROW}",
            align="'left'",
            fontSize="12*z",
            fill="soft",
            limit="width - listX",
        ),
        rect(
            name="score",
            **rows,
            x="listX - 6",
            x2="width - 2",
            y=f"datum.y - {_ROW}/2 + 1",
            y2=f"datum.y + {_ROW}/2 - 1",
            cornerRadius=5,
            fill="now",
            fillOpacity="datum.n == scored ? 0.06 : 0",
            stroke="datum.n == scored ? now : line",
            cursor="'pointer'",
            tooltip=tip("datum.word", "datum.z", "'W_hy hₜ + b_y'"),
        ),
        text(
            **rows,
            text="datum.word",
            x="listX",
            y="datum.y",
            align="'left'",
            fontSize="phone ? 11 : 14*z",
            fontWeight="datum.n == scored ? 'bold' : 'normal'",
            limit="phone ? 62 : 104*z",
        ),
        text(
            **rows,
            text=f"phone ? {score} : 'ℓ = ' + {score} + (!told ? '' : '   →   '"
            f" + (toNumber(logSum[t]) < {_LARGEST_SUM} ? {worked} : '') + {share})",
            x="phone ? width - 6 : listX + 110*z",
            y="datum.y",
            align="phone ? 'right' : 'left'",
            font=MONO,
            fontSize="phone ? 10 : 12.5*z",
            limit="phone ? 60 : width - listX - 116*z",
        ),
    ]


def _worked_out() -> list[Layer]:
    """The sum in numbers: the few largest terms, what all others come to, the bias, and the score that they make."""
    unit = f"toNumber(scoreUnit[(t*(C + 1) + min(scored, C))*{_LINES} + {{}}])"
    weight, value = f"toNumber(scoreWeight[scoreAt*H + {unit}])", element("B.h", "t", unit)
    terms = [f"({n} < {_LINES} ? {weight.format(n)}*{value.format(n)} : 0)" for n in range(FEW)]
    step = f"min(15*z, (regionEnd - 8*z - ({_LIST_END}))/{FEW + 3})"
    how = (
        f"datum.of ? {numbers.fixed('datum.w', 3)} + ' × ' + {numbers.fixed('datum.v', 3)}"
        f" : datum.k == {FEW} ? B.otherUnits : datum.k == {FEW + 1} ? 'b_y' : 'ℓ'"
    )
    line: dict[str, Any] = {
        "when": _SHOWN,
        "rows": f"sequence({FEW + 3})",
        "let": {
            "of": f"datum.k < {FEW}",
            "w": f"datum.of ? {weight.format('min(datum.k, H - 1)')} : 0",
            "v": f"datum.of ? {value.format('min(datum.k, H - 1)')} : 0",
            "bias": "toNumber(scoreBias[scoreAt])",
            "score": "scored == 5 ? toNumber(rightZ[t]) : toNumber(bestZ[t*C + scored])",
            "rest": f"datum.score - datum.bias - ({' + '.join(terms)})",
            "y": f"{_LIST_END} + ({step})*(datum.k + 0.5)",
            "how": how,
        },
        "keep": f"datum.of ? datum.k < H : datum.k > {FEW} || H > {FEW}",
    }
    last = f"datum.k == {FEW + 2}"
    which = f"'W_hy · ' + VECS[B.h].label + '[' + ({unit.format('min(datum.k, H - 1)')} + 1) + ']'"
    result = f"datum.of ? datum.w*datum.v : datum.k == {FEW} ? datum.rest : {last} ? datum.score : datum.bias"
    left, room = "(phone ? listX : listX + 110*z)", "phone ? width - listX - 48 : 170*z"
    size = f"min(phone ? 10 : 12*z, ({step})*0.86)"
    end = "phone ? width - 6 : listX + 330*z"
    place: dict[str, Any] = {**line, "y": "datum.y", "fontWeight": f"{last} ? 'bold' : 'normal'"}
    return [
        text(
            **place | {"when": f"{_SHOWN} && !phone", "keep": "datum.of && datum.k < H"},
            text=which,
            fontSize=size,
            x="listX",
            align="'left'",
            font=MONO,
            fill="hColour",
        ),
        text(
            name="workedTerm",
            **place,
            text="datum.how",
            x=left,
            align="'left'",
            font=f"datum.k == {FEW} ? '' : {MONO}",
            fontSize=f"datum.k == {FEW} ? {fitted_words(size, room, 'datum.how')} : {fitted(size, room, 'datum.how')}",
        ),
        text(
            name="workedResult",
            **place,
            text=numbers.fixed(f"({result})", 3),
            fontSize=size,
            x=end,
            align="'right'",
            font=MONO,
        ),
        rule(
            **line | {"keep": last},
            x=left,
            x2=end,
            y=f"datum.y - ({step})/2",
            y2=f"datum.y - ({step})/2",
            stroke="soft",
        ),
    ]


def _still_hidden() -> list[Layer]:
    """In the place of the sum, while the prediction is to be guessed or the page asks what it shows."""
    return [
        rect(
            name="scorePlace",
            when=f"scoring && !({_SHOWN})",
            x="2",
            x2="width - 2",
            y="regionY + 2",
            y2="regionEnd - 8*z",
            cornerRadius=6,
            **EMPTY,
        ),
        text(
            name="scoreWaits",
            when="scoring && !veiled && withheld",
            let={"said": "B.scoreWaits"},
            text=f"split(replace(datum.said, regexp({text_literal(BREAK)}, 'g'), phone ? '\\n' : ' '), '\\n')",
            x="width/2",
            y=MIDDLE,
            fontSize="phone ? 12 : 14*z",
            lineHeight="20*z",
        ),
    ]
