"""The moment of a training run that is looked at, and over the panels: the status, the scale of colours, and the
player of the kept iterations, drawn where no page has real controls in its place (`rnnviz.ui.place`). While it plays,
what comes after the moment is covered.
"""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import Layer, Signal, press, rect, rule, shape, small, text, text_literal
from rnnviz.charts.kit.legend import legend
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.place import place
from rnnviz.charts.kit.player import BEAT, PAUSE_ICON, PLAY_ICON, drawn, key, page_control, pointed, pressed, track
from rnnviz.charts.training.layout import HEAT, HIGH_ROW, halves

BEATS = 80  # in which a run is played, however many of its iterations are kept
RESTS = "!B.live && B.moments > 1"  # there is something to replay
MOMENT = f"B.s_iteration + ' ' + {numbers.count('moment[cur]')} + ' / ' + {numbers.count('B.last')}"

NAMES = Names(
    signals={
        "last": Meaning("index", "the newest iteration"),
        "moments": Meaning("index", "how many iterations can be looked at"),
        "cur": Meaning("index", "which of them is looked at, from 0"),
        "stroke": Meaning("index", "beats of the clock since it is played"),
        "turn": Meaning("index", "the place that is to come in sight"),
        "fresh": Meaning("number", "when the last picture came, ms"),
    },
    tables={
        "bundle": {
            "keys": Meaning("flag", "whether the arrow keys move through the moments"),
            "status": Meaning("text", "what the page says of the training"),
            "moment": Meaning("numbers", "those iterations", "moment"),
            "start": Meaning("index", "the moment at which it opens, from 0"),
            "replays": Meaning("flag", "whether it plays as soon as it is there"),
            "spanned": Meaning("text", "what is said of the scale of colours beside it; empty for nothing"),
            "moments": Meaning("index", "how many iterations can be looked at"),
        },
        "runs": {
            "rowOf": Meaning("numbers", "of each moment the row, among all", "ROW"),
            "momentOf": Meaning("numbers", "of each row the moment", "MOMENT"),
        },
    },
)


def signals() -> list[Signal]:
    on_heat = f"floor((y() - {HEAT.top})/{HIGH_ROW})"
    to_moment = f"toNumber(MOMENT[datum.q][clamp({on_heat}, 0, RUNS[datum.q].R - 1)])"
    scrub_place = "clamp(round((x() - scrubL)/max(1, scrubR - scrubL)*(B.moments - 1)), 0, B.moments - 1)"
    rests = "!B.live && B.moments > 0"
    moves = {
        ("ArrowLeft", "back"): "max(cur - 1, 0)",
        ("ArrowRight", "next"): "min(cur + 1, B.moments - 1)",
        ("Home", "first"): "0",
        ("End", "last"): "B.moments - 1",
    }
    by_key = [event for pressed_key, _ in moves for event in key(pressed_key)]
    by_page = [event for _, button in moves for event in page_control(button)]
    hover_place = (
        f"{{q: datum.q, r: clamp({on_heat}, 0, max(RUNS[datum.q].R, 1) - 1),"
        f" k: clamp(floor((x() - {HEAT.left})/({HEAT.right} - {HEAT.left})*RUNS[datum.q].T), 0,"
        " RUNS[datum.q].T - 1)}"
    )
    scrub = {"type": "pointerdown", "markname": "scrub_marks"}
    drag = {
        "source": "window",
        "type": "pointermove",
        "between": [scrub, {"source": "window", "type": "pointerup"}],
    }
    # Of the mouse: a finger that scrolls over the rows chooses none, its tap is a press of the mouse too.
    heat = "@heat_marks:mousedown, [@heat_marks:mousedown, window:mouseup] > @heat_marks:mousemove"
    events = [
        ([{"signal": "last"}, {"signal": "moments"}], "max(moments - 1, 0)"),
        *((key(name), f"{rests} && B.keys ? {update} : cur") for (name, _), update in moves.items()),
        *((page_control(button), f"{rests} ? {update} : cur") for (_, button), update in moves.items()),
        (page_control("t"), f"{rests} ? clamp(event.detail.value - 1, 0, B.moments - 1) : cur"),
        # Play at the end begins again; `playing` has been set already.
        ([*key(" "), *pressed("play")], "playing && cur >= B.moments - 1 ? 0 : cur"),
        ({"signal": "stroke"}, f"playing ? min(cur + ceil(B.moments/{BEATS}), B.moments - 1) : cur"),
        ([scrub, drag], f"{rests} ? {scrub_place} : cur"),
        (heat, f"{rests} ? {to_moment} : cur"),
    ]
    return [
        # Another moment is looked at only when there are others, not whenever a table is sent again.
        {"name": "last", "update": "B.last"},
        {"name": "moments", "update": "B.moments"},
        {
            "name": "playing",
            "init": "B.replays",
            "on": [
                {"events": key(" "), "update": f"B.keys && {RESTS} && !playing"},
                {"events": pressed("play"), "update": f"{RESTS} && !playing"},
                {"events": [*by_key, *by_page, *page_control("t"), scrub], "update": "false"},
                {"events": "@heat_marks:mousedown", "update": "false"},
                {"events": {"signal": "stroke"}, "update": f"playing && {RESTS} && cur < moments - 1", "force": True},
            ],
        },
        {
            "name": "stroke",
            "value": 0,
            "on": [{"events": f"timer{{{BEAT}}}", "update": "playing ? stroke + 1 : 0"}],
        },
        {
            "name": "cur",
            "init": "B.start",
            "on": [{"events": event, "update": update, "force": True} for event, update in events],
        },
        {"name": "R", "update": halves("(B.live ? 0 : toNumber(ROW[#][cur]))")},
        pointed("heat", hover_place),
        *_pictures(),
    ]


def _pictures() -> list[Signal]:
    parts = halves("RUNS[#].R/RUNS[#].span", "B.runs - 1")
    pictures = f"{{url: {halves('RUNS[#].url', 'B.runs - 1')}, part: {parts}}}"
    return [
        # A new picture takes a moment to be decoded, and the mark that holds it is empty until then. So there are two:
        # a picture goes to the one that is out of sight, whose turn comes when it has been there for a while.
        *(
            {
                "name": name,
                "init": pictures,
                "on": [{"events": {"signal": "B.n"}, "update": f"front == {half} ? {name} : {pictures}"}],
            }
            for half, name in enumerate(("even", "odd"))
        ),
        {"name": "fresh", "init": "now()", "on": [{"events": {"signal": "B.n"}, "update": "now()"}]},
        {"name": "turn", "value": 0, "on": [{"events": {"signal": "B.n"}, "update": "1 - front", "force": True}]},
        {
            "name": "front",
            "value": 0,
            "on": [{"events": "timer{30}", "update": "now() - fresh > 120 ? turn : front", "force": True}],
        },
    ]


def layers() -> list[Layer]:
    at = "(scrubL + (scrubR - scrubL)*{}/max(1, B.moments - 1))"
    dense = at.format("(B.dense - 0.5)")
    button = {"x": "width - 44*z", "x2": "width", "y": "scrubY - 15*z", "y2": "scrubY + 15*z", "when": RESTS}
    own = [
        *track("scrub", "scrubL", "scrubR", at.format("cur"), "scrubY", size=220, reach=10, when=RESTS),
        # From here on every iteration is kept, as under the line across the heatmap.
        rule(when=f"{RESTS} && B.dense > 0", x=dense, x2=dense, y="scrubY - 7*z", y2="scrubY + 7*z", stroke="soft"),
        small(
            when=f"{RESTS} && B.keys && !phone",
            text="B.s_keys",
            x="(scrubL + scrubR)/2",
            y="scrubY + 18*z",
            limit="scrubR - scrubL",
        ),
        text(
            name="caption",
            when=RESTS,
            text=MOMENT,
            x="(scrubL + scrubR)/2",
            y="scrubY - 20*z",
            fontSize="12*z",
            fontWeight="'bold'",
            fill="now",
        ),
        rect(**button, cornerRadius=7, fill="now"),
        shape(
            f"playing ? {text_literal(PAUSE_ICON)} : {text_literal(PLAY_ICON)}",
            when=RESTS,
            x="width - 22*z",
            y="scrubY",
            size="110*z",
            fill="paper",
        ),
        press("play", **button),
    ]
    return [
        text(
            name="status",
            let={"said": "phone ? split(B.status, '. ') : [B.status]"},  # a line for each sentence
            text="datum.said",
            x="2",
            y="headY + (length(datum.said) > 1 ? 2 : 9*z)",
            align="'left'",
            fontSize="phone ? min(13, (width - 4)/(0.56*max(1, length(datum.said[0])))) : 13*z",
            lineHeight=14,
            limit="width - 4",
        ),
        *legend("10", "headY + 25*z", "legendW"),
        small(
            text="B.spanned",
            x="phone ? 10 : legendW + 32*z",
            y="headY + (phone ? 78 : 45*z)",
            align="'left'",
            fill="ink",
            limit="phone ? width - 20 : width - legendW - 40*z",
        ),
        *drawn(own),
        place(
            {
                "t": "cur + 1",
                "T": f"{RESTS} ? B.moments : 0",
                "playing": "playing ? 1 : 0",
                "start": "cur <= 0 ? 1 : 0",
                "end": "cur >= B.moments - 1 ? 1 : 0",
                "caption": f"{RESTS} ? {MOMENT} : ''",
                "row": f"{RESTS} && cur < B.moments - 1 ? moment[cur] : 0",
                "moment": f"{RESTS} ? moment[cur] : ''",
            }
        ),
    ]
