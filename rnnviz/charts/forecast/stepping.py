"""What is moved in a forecast's picture, all of it in the browser: `t`, how much has been read and has come; `origin`,
by the window that is dragged along the strip; `ahead`, by the right edge of the horizon that is pulled.

The page learns of it, and moves it, as every chart's (`rnnviz.ui.place`): its numbers there are counted from 1, so `t`
there is 1 where nothing has been read. Beside the keys of the player, `,` and `.` move the origin, `[` and `]` the
horizon.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.forecast.layout import DETAIL, STRIP
from rnnviz.charts.kit.draw import Layer, Signal, press, rect, shape, small, text, text_literal
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.place import place
from rnnviz.charts.kit.player import (
    BEAT,
    GO,
    PAUSE_ICON,
    PLAY_ICON,
    drag,
    drawn,
    key,
    page_control,
    pressed,
    track,
)

BEATS = 60  # in which all is played, however long the window is
LAST = "W + ahead"

NAMES = Names(
    signals={
        "grab": Meaning("px", "how far the pointer was from the window's origin when it took it"),
        "stroke": Meaning("index", "beats of the clock since it is played"),
        "scrubL": Meaning("px", "left end of the scrubber"),
        "scrubR": Meaning("px", "right end of the scrubber"),
        "scrubY": Meaning("px", "middle of the scrubber"),
    },
    tables={
        "bundle": {
            "keys": Meaning("flag", "whether keys move it"),
            "go": Meaning("index", "how often the page has sent it elsewhere"),
            "start": Meaning("index", "how much has been read and has come when it opens"),
            "ahead": Meaning("index", "how far ahead it looks then, from 1"),
            "origin": Meaning("index", "from which origin it looks then, from 0"),
            "near": Meaning("numbers", "the nearest origin of even places from the first to the last", "NEAR"),
        }
    },
)


def strip_x(index: str) -> str:
    """Where a value begins on the strip, by its number from 0."""
    return STRIP.x(f"({index})/B.N")


def _events() -> dict[str, list[tuple[Any, str]]]:
    """What moves the origin and the horizon: events, and where to."""
    ends = "toNumber(AT[0])", "toNumber(AT[count - 1])"
    under = f"((x() - grab - stripL)/({STRIP.wide})*B.N - {ends[0]})/max(1, {ends[1]} - {ends[0]})"
    nearest = f"toNumber(NEAR[clamp(round({under}*(length(NEAR) - 1)), 0, length(NEAR) - 1)])"
    return {
        "origin": [
            (key(","), "B.keys ? max(origin - 1, 0) : origin"),
            (key("."), "B.keys ? min(origin + 1, count - 1) : origin"),
            (page_control("origin"), "clamp(event.detail.value - 1, 0, count - 1)"),
            (drag("strip"), nearest),
        ],
        "ahead": [
            (key("["), "B.keys ? max(ahead - 1, 1) : ahead"),
            (key("]"), "B.keys ? min(ahead + 1, H) : ahead"),
            (page_control("ahead"), "clamp(event.detail.value, 1, H)"),
            (drag("pull"), "clamp(round((x() - originX)/cell), 1, H)"),
        ],
    }


def signals() -> list[Signal]:
    """Vega updates those that listen to one event in this order: `t` still sees the horizon that it had come to."""
    moves = {
        ("ArrowLeft", "back"): "max(t - 1, 0)",
        ("ArrowRight", "next"): f"min(t + 1, {LAST})",
        ("Home", "first"): "0",
        ("End", "last"): LAST,
    }
    by_key = [event for pressed_key, _ in moves for event in key(pressed_key)]
    by_page = [event for _, button in moves for event in page_control(button)]
    scrubbed = f"clamp(round((x() - scrubL)/max(1, scrubR - scrubL)*({LAST})), 0, {LAST})"
    events = _events()
    steps: list[tuple[Any, str]] = [
        (GO, "B.start"),
        ({"signal": "W"}, f"min(t, {LAST})"),
        *((key(name), f"B.keys ? {update} : t") for (name, _), update in moves.items()),
        *((page_control(button), update) for (_, button), update in moves.items()),
        (page_control("t"), f"clamp(event.detail.value - 1, 0, {LAST})"),
        (drag("scrub"), scrubbed),
        # Play at the end begins again; `playing` has been set already.
        ([*key(" "), *pressed("play")], f"playing && t >= {LAST} ? 0 : t"),
        ({"signal": "stroke"}, f"playing && stroke % max(1, round({BEATS}/({LAST}))) == 0 ? min(t + 1, {LAST}) : t"),
        # Where all has come, it has come further ahead too.
        *((event, f"t >= {LAST} ? W + ({update}) : min(t, W + ({update}))") for event, update in events["ahead"]),
    ]
    inside = f"x() >= {strip_x('O.at - W')} - 8 && x() <= {strip_x('O.at + ahead')} + 8"
    return [
        {
            "name": "playing",
            "value": False,
            "on": [
                {"events": key(" "), "update": "B.keys && !playing"},
                {"events": pressed("play"), "update": "!playing"},
                {"events": [*by_key, *by_page, *page_control("t")], "update": "false"},
                {"events": "@scrub_marks:pointerdown", "update": "false"},
                {"events": {"signal": "stroke"}, "update": f"playing && t < {LAST}", "force": True},
            ],
        },
        {"name": "stroke", "value": 0, "on": [{"events": f"timer{{{BEAT}}}", "update": "playing ? stroke + 1 : 0"}]},
        _moved("t", "B.start", steps),
        {
            "name": "grab",
            "value": 0,
            "on": [{"events": "@strip_marks:pointerdown", "update": f"{inside} ? x() - {strip_x('O.at')} : 0"}],
        },
        _moved(
            "origin",
            "B.origin",
            [(GO, "B.origin"), ({"signal": "count"}, "min(origin, count - 1)"), *events["origin"]],
        ),
        _moved("ahead", "B.ahead", [(GO, "B.ahead"), ({"signal": "H"}, "min(ahead, H)"), *events["ahead"]]),
        {"name": "read", "update": "min(t, W)"},
        {"name": "seen", "update": "max(t - W, 0)"},
        {"name": "scrubL", "update": "phone ? 60 : 66*z"},
        {"name": "scrubR", "update": "phone ? width - 14 : width*0.5"},
        {"name": "scrubY", "update": "phone ? 46 : 20*z"},
        {
            "name": "hover",
            "value": None,
            "on": [
                {
                    "events": "@plot_marks:pointermove, @plot_marks:pointerdown",
                    "update": "{s: clamp(floor((x() - detL)/cell), 0, W + H - 1), y: y()}",
                },
                # What a finger has tapped stays there to be read.
                {"events": "@plot_marks:pointerout", "update": "event.pointerType == 'touch' ? hover : null"},
                {"events": "@strip_marks:pointerdown, @pull_marks:pointerdown", "update": "null"},
            ],
        },
    ]


def _moved(name: str, start: str, events: list[tuple[Any, str]]) -> Signal:
    return {
        "name": name,
        "init": start,
        "on": [{"events": event, "update": update, "force": True} for event, update in events],
    }


_READ = "replace(replace(B.s_at_read, '{t}', '' + t), '{w}', '' + W)"
_CAME = "replace(replace(B.s_at_ahead, '{k}', '' + seen), '{h}', '' + ahead)"
CAPTION = f"(t > W ? {_CAME} : {_READ})"


def layers() -> list[Layer]:
    """The controls, where no page has real ones; and the place for the page."""
    here = f"(scrubL + (scrubR - scrubL)*t/({LAST}))"
    button = {"x": "2", "x2": "46*z", "y": "scrubY - 18*z", "y2": "scrubY + 18*z"}
    own = [
        *track("scrub", "scrubL", "scrubR", here, "scrubY", size=220, reach=10),
        text(
            name="caption",
            text=CAPTION,
            x="phone ? 60 : scrubR + 22*z",
            y="phone ? 16 : 20*z",
            align="'left'",
            fontSize="14*z",
            fontWeight="'bold'",
            fill="now",
        ),
        small(when="B.keys && !phone", text="B.s_keys", x="width - 4", y="20*z", align="'right'", limit="width*0.3"),
        rect(**button, cornerRadius=7, fill="now"),
        shape(
            f"playing ? {text_literal(PAUSE_ICON)} : {text_literal(PLAY_ICON)}",
            x="2 + 22*z",
            y="scrubY",
            size="110*z",
            fill="paper",
        ),
        press("play", **button),
    ]
    return [
        *drawn(own),
        place(
            {
                "go": "B.go",
                "t": "t + 1",
                "T": f"{LAST} + 1",
                "origin": "origin + 1",
                "ahead": "ahead",
                "playing": "playing ? 1 : 0",
                "start": "t <= 0 ? 1 : 0",
                "end": f"t >= {LAST} ? 1 : 0",
                "caption": CAPTION,
                "operation": "replace(B.s_from_when, '{when}', WHENS[O.at])",
            }
        ),
    ]


def grips() -> list[Layer]:
    """Where the pointer takes the window and the horizon, over all that is drawn."""
    return [
        press(
            "plot",
            x=DETAIL.left,
            x2=DETAIL.right,
            y=DETAIL.top,
            y2="max(gateB, heatB)",
            cursor="'crosshair'",
        ),
        press(
            "strip",
            x=STRIP.left,
            x2=STRIP.right,
            y=f"{STRIP.top} - 4",
            y2=f"{STRIP.bottom} + 8",
            cursor="'ew-resize'",
            tooltip="phone ? null : B.s_hint_window",
        ),
        press(
            "pull",
            x="endX - max(12, cell/2)",
            x2="endX + max(12, cell/2)",
            y=DETAIL.top,
            y2=f"{DETAIL.bottom} + 14*z",
            cursor="'ew-resize'",
            tooltip="phone ? null : B.s_hint_ahead",
        ),
    ]
