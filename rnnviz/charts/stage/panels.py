"""Under the region that is looked at: this step's arithmetic, the prediction after it, and what to notice."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import EMPTY, Layer, Signal, press, rect, text, text_literal, tip
from rnnviz.charts.kit.expr import Expr
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.player import click, key, pressed
from rnnviz.charts.kit.wrap import BREAK
from rnnviz.charts.stage.cell import numbers_table
from rnnviz.charts.stage.cell.numbers_table import panel_heading
from rnnviz.charts.stage.cell.score import CANDIDATE, CANDIDATE_ROWS, HAS_EXTRA, IS_CANDIDATE

CHOICES = 5  # at the most, of a question
# In which line a candidate stands while it is asked, from 0, so that the likeliest is not always the first.
_ASKED_AT = "((datum.k*(C == 3 ? 1 : 3) + t*2 + 3) % C)"

NAMES = Names(
    signals={
        "guessX": Meaning("px", "left edge of the predictions"),
        "guessY": Meaning("px", "their upper edge"),
        "guessW": Meaning("px", "their width"),
        "guessRow": Meaning("px", "height of one"),
        "guessEnd": Meaning("px", "their lower edge"),
        "noticeX": Meaning("px", "left edge of the lines on this step"),
        "noticeY": Meaning("px", "their upper edge"),
        "asks": Meaning("flag", "whether the page wants predictions to be guessed first"),
        "quiz": Meaning("flag", "whether a prediction is to be guessed before it is shown"),
        "guesses": Meaning("text", "all guesses, each ` step:candidate`"),
        "guessAt": Meaning("index", "where the present step's begins in that text"),
        "guessed": Meaning("index", "the candidate that was guessed at this step"),
        "asked": Meaning("index", "how many guesses there were"),
        "hits": Meaning("index", "how many of them the network shares"),
    },
)


def _guess(number: int) -> str:
    """`guesses` with the candidate that stands in this line of the question, from 1: the way back from `_ASKED_AT`."""
    back = "(C == 5 ? 2 : C == 4 ? 3 : 1)"  # times 3, or times 1 of three, it leaves 1 when divided by C
    return f"guesses + ' ' + t + ':' + ((({number} - 4 - 2*t)*{back} % C + C) % C) + ' '"


def signals() -> list[Signal]:
    return [
        # Beside the drawing of a cell where there is room, else under the region that is looked at.
        {"name": "beside", "update": "depth == 1 && (B.panels || belted) && width >= 900"},
        {"name": "belowY", "update": "regionEnd + beltH + 8*z"},
        # On a phone the prediction comes first, which is to be guessed while the chain is in view.
        {"name": "panelY", "update": "beside ? regionY : phone ? guessEnd + 18*z : belowY"},
        {"name": "sumsX", "update": "beside ? floor(width*0.63) : 0"},
        {"name": "upTo", "update": "fine && !every ? op : K"},  # the last operation of the step whose result is there
        *numbers_table.signals(),
        {"name": "guessY", "update": "belowY"},
        {"name": "guessX", "update": "phone || beside ? 0 : sumsW + 24*z"},
        {"name": "guessRow", "update": "phone ? 36 : 24*z"},
        {"name": "guessW", "update": "beside ? width*0.48 : width - guessX"},
        {
            "name": "guessEnd",
            "update": "guessY + (phone && !B.head ? 64 : 34*z + (min(C, 5) + 1)*guessRow + (quiz ? 26*z : 0))",
        },
        {"name": "noticeX", "update": "beside ? width*0.52 : guessX"},
        {"name": "noticeY", "update": "beside ? belowY : phone ? sumsEnd + 16 : guessEnd + 6*z"},
        {
            "name": "panelEnd",
            "update": "!B.panels ? regionEnd + beltH : max(sumsEnd + 10*z, guessEnd, noticeY + (phone ? 154 : 104*z))",
        },
        # The guessing game: what the reader thought at each step, as ` t:candidate `, kept beside the answer.
        {
            "name": "guesses",
            "value": "",
            "on": [
                {"events": {"signal": "B.top"}, "update": "''", "force": True},
                {"events": click("guess"), "update": "guessed < 0 ? guesses + ' ' + t + ':' + datum.n + ' ' : guesses"},
                *(
                    {"events": key(str(n)), "update": f"veiled && {n} <= C ? {_guess(n)} : guesses", "force": True}
                    for n in range(1, CHOICES + 1)
                ),
            ],
        },
        {"name": "guessAt", "update": "indexof(guesses, ' ' + t + ':')"},
        {
            "name": "guessed",
            "update": "guessAt < 0 ? -1 : toNumber(split(slice(guesses, guessAt + 1), ':')[1][0])",
        },
        {"name": "asked", "update": "(length(split(guesses, ':')) - 1)"},
        {"name": "hits", "update": "(length(split(guesses, ':0 ')) - 1)"},
        # What the page wants, which it sends along wherever it wants the stage to go: only another wish is heeded, so
        # that who has just turned the guesses off is not asked about the next text.
        {"name": "asks", "update": "B.quiz"},
        {
            "name": "quiz",
            "init": "B.quiz",
            "on": [
                {"events": {"signal": "asks"}, "update": "asks"},
                {"events": pressed("quizSwitch"), "update": "!quiz"},
            ],
        },
        {
            "name": "veiled",
            "update": "quiz && !every && B.panels && B.head && guessed < 0 && !(B.answered && t == B.start)",
        },
    ]


def layers() -> list[Layer]:
    return [
        layer | {"transform": [{"filter": "B.panels"}, *layer["transform"]]}
        for layer in (*numbers_table.layers(), *_prediction(), *_notice())
    ]


def _prediction() -> list[Layer]:
    candidate = {
        **CANDIDATE,
        "place": f"veiled ? {_ASKED_AT} : datum.k + (datum.extra ? 0.12 : 0)",
        "y": "guessY + 34*z + datum.place*guessRow + (quiz ? 26*z : 0)",
        "q": "datum.extra ? rightTruth[t] : truth[t*C + datum.k]",
    }
    rows = {
        "when": "B.head && (told || veiled)",
        "rows": CANDIDATE_ROWS,
        "let": candidate,
        "keep": f"{IS_CANDIDATE} && !(datum.extra && veiled)",
    }
    logit = numbers.fixed("toNumber(bestZ[t*C + datum.k])", 3)
    source = f"'softmax(W_hy hₜ + b_y)' + (datum.extra ? '' : ',  ℓ = ' + {logit})"
    wordX, barL, barR = "guessX + 118*z", "(guessX + 126*z)", "(guessX + guessW - 140*z)"
    return [
        *panel_heading("B.s_prediction + (B.truth == '' ? '' : '  ·  ' + B.s_truth)", "guessX", "guessY", "guessW"),
        text(
            when="!B.head",
            text="B.s_no_head",
            x="guessX",
            y="guessY + 46*z",
            align="'left'",
            fill="soft",
            limit="guessW",
        ),
        *_game(),
        rect(
            **rows,
            x=barL,
            x2=f"{barL} + (veiled ? 0 : datum.p)*({barR} - {barL})",
            y="datum.y + 5*z",
            y2="datum.y + guessRow - 5*z",
            fill="yColour",
            fillOpacity="datum.isRight ? 1 : 0.45",
            cornerRadius=2,
        ),
        _why(candidate, tip("datum.word", "datum.p", source)),
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
        # Where the right word has that row, beside what is said of the guess.
        text(
            when="B.head && told && !veiled && K > B.cellOps",
            keep=f"quiz || !({HAS_EXTRA})",
            text="B.s_why",
            x=f"{HAS_EXTRA} ? guessX + guessW : {wordX}",
            # On a phone close below the last word, where the player does not yet lie over it.
            y=f"{HAS_EXTRA} ? guessY + 46*z"
            " : guessY + 34*z + min(C, 5)*guessRow + (phone ? 9 : guessRow/2 - 2*z) + (quiz ? 26*z : 0)",
            align=f"{HAS_EXTRA} ? 'right' : 'left'",
            fontSize="11.5*z",
            fill="soft",
        ),
        rect(
            when="B.head && !told && !veiled",
            x="guessX",
            x2="guessX + guessW - 1",
            y="guessY + 36*z + (quiz ? 26*z : 0)",
            y2="guessY + 32*z + (quiz ? 26*z : 0) + min(C, 5)*guessRow",
            cornerRadius=6,
            **EMPTY,
        ),
        rect(
            when="veiled",
            name="guess",
            rows=f"sequence(0, {CHOICES})",
            let={"n": "datum.k", "y": f"guessY + 34*z + {_ASKED_AT}*guessRow + 26*z"},
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
        # The key that chooses it.
        text(
            when="veiled && !phone",
            name="guessKey",
            rows=f"sequence(0, {CHOICES})",
            let={"at": _ASKED_AT},
            keep="datum.k < C",
            text="datum.at + 1",
            x="guessX + guessW - 14*z",
            y="guessY + 34*z + (datum.at + 0.5)*guessRow + 26*z",
            fontSize="11*z",
            fill="soft",
        ),
    ]


def _game() -> list[Layer]:
    """The switch of the guessing game, and its quiet score."""
    return [
        rect(
            when="B.head && !B.placed",
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
            when="B.head && !B.placed",
            text="B.s_quiz",
            x="guessX + guessW - 48*z",
            y="guessY + 17*z",
            fontSize="11.5*z",
            limit="88*z",
            fill="quiz ? now : ink",
        ),
        text(
            when="quiz && B.head",
            text="veiled ? trim(B.s_quiz_ask + ' ' + B.s_quiz_press) : B.s_quiz_score + ' ' + hits + ' / ' + asked",
            x="guessX",
            y="guessY + 46*z",
            align="'left'",
            fontSize="13*z",
            limit="guessW",
            fill="now",
        ),
    ]


def _why(candidate: Mapping[str, str], said: Expr) -> Layer:
    """A press on a candidate opens the sum that is its score, where the open row is the one that the head reads."""
    return press(
        "why",
        when="B.head && told && !veiled",
        rows=CANDIDATE_ROWS,
        let={**candidate, "opens": "K > B.cellOps && B.words > 0"},
        keep=IS_CANDIDATE,
        x="guessX",
        x2="guessX + guessW",
        y="datum.y",
        y2="datum.y + guessRow",
        tooltip=f"merge({said}, datum.opens ? {{'⏎': B.s_why}} : {{}})",
    )


def _notice() -> list[Layer]:
    return [
        *panel_heading("B.s_notice", "noticeX", "noticeY", "width - noticeX"),
        text(
            # The third line tells the prediction.
            text="!told ? '' : split(replace(join(veiled ? slice(notes, 0, 2) : notes, '\\n'),"
            f" regexp({text_literal(BREAK)}, 'g'), phone ? '\\n' : ' '), '\\n')",
            x="noticeX",
            y="noticeY + 30*z",
            align="'left'",
            baseline="'top'",
            fontSize="13*z",
            lineHeight="20*z",
            limit="width - noticeX",
        ),
    ]
