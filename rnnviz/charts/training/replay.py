"""The moment of a training run that is looked at, and over the panels: the status, the scale of colours, and the
scrubber through the kept iterations with the press for a link.

Of `bundle` it reads `status`, `moment` (the kept iterations), `moments`, `dense` (the first of those from which on
every iteration is kept, or 0), `last`, `live`, `keys`, `linkable` and `n`; of `runs` the picture `url`, `R` of `span`
rows and, of each moment, its row. `cur` is the moment, `R` each run's row of it among those that were sent, `hover`
what the pointer is on in a heatmap, and `even`, `odd` and `front` are the pictures.
"""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import Layer, Signal, rule, small, text
from rnnviz.charts.kit.legend import legend
from rnnviz.charts.kit.player import key, pin_button, pointed, track
from rnnviz.charts.training.layout import HEAT, HIGH_ROW, halves


def signals() -> list[Signal]:
    parts = halves("RUNS[#].R/RUNS[#].span", "B.runs - 1")
    pictures = f"{{url: {halves('RUNS[#].url', 'B.runs - 1')}, part: {parts}}}"
    on_heat = f"floor((y() - {HEAT.top})/{HIGH_ROW})"
    to_moment = f"toNumber(MOMENT[datum.q][clamp({on_heat}, 0, RUNS[datum.q].R - 1)])"
    scrubbed = "clamp(round((x() - scrubL)/max(1, scrubR - scrubL)*(B.moments - 1)), 0, B.moments - 1)"
    rests = "!B.live && B.moments > 0"
    moves = [("ArrowLeft", "max(cur - 1, 0)"), ("ArrowRight", "min(cur + 1, B.moments - 1)")]
    moves += [("Home", "0"), ("End", "B.moments - 1")]
    hovered = (
        f"{{q: datum.q, r: clamp({on_heat}, 0, max(RUNS[datum.q].R, 1) - 1),"
        f" k: clamp(floor((x() - {HEAT.left})/({HEAT.right} - {HEAT.left})*RUNS[datum.q].T), 0,"
        " RUNS[datum.q].T - 1)}"
    )
    scrub = {"type": "pointerdown", "markname": "scrub_marks"}
    dragged = {
        "source": "window",
        "type": "pointermove",
        "between": [scrub, {"source": "window", "type": "pointerup"}],
    }
    # Of the mouse: a finger that scrolls over the rows chooses none, its tap is a press of the mouse too.
    heat = "@heat_marks:mousedown, [@heat_marks:mousedown, window:mouseup] > @heat_marks:mousemove"
    events = [
        ([{"signal": "last"}, {"signal": "moments"}], "max(moments - 1, 0)"),
        *((key(name), f"{rests} && B.keys ? {update} : cur") for name, update in moves),
        ([scrub, dragged], f"{rests} ? {scrubbed} : cur"),
        (heat, f"{rests} ? {to_moment} : cur"),
    ]
    return [
        # Another moment is looked at only when there are others, not whenever a table is sent again.
        {"name": "last", "update": "B.last"},
        {"name": "moments", "update": "B.moments"},
        {
            "name": "cur",
            "init": "max(B.moments - 1, 0)",
            "on": [{"events": event, "update": update, "force": True} for event, update in events],
        },
        {"name": "R", "update": halves("(B.live ? 0 : toNumber(ROW[#][cur]))")},
        pointed("heat", hovered),
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
    rests = "!B.live && B.moments > 1"
    place = "(scrubL + (scrubR - scrubL)*{}/max(1, B.moments - 1))"
    dense = place.format("(B.dense - 0.5)")
    button = {"x": "width - 102*z", "x2": "width", "y": "scrubY - 15*z", "y2": "scrubY + 15*z"}
    return [
        text(text="B.status", x="2", y="9*z", align="'left'", fontSize="13*z", limit="width - 4", name="status"),
        *legend("10", "25*z", "legendW"),
        *track(
            "scrub",
            "scrubL",
            "scrubR",
            place.format("cur"),
            "scrubY",
            size=220,
            reach=10,
            when=rests,
        ),
        # From here on every iteration is kept, as under the line across the heatmap.
        rule(when=f"{rests} && B.dense > 0", x=dense, x2=dense, y="scrubY - 7*z", y2="scrubY + 7*z", stroke="soft"),
        small(
            when=f"{rests} && B.keys && !phone",
            text="B.s_keys",
            x="(scrubL + scrubR)/2",
            y="scrubY + 18*z",
            limit="scrubR - scrubL",
        ),
        text(
            name="caption",
            when=rests,
            text=f"B.s_iteration + ' ' + {numbers.count('moment[cur]')} + ' / ' + {numbers.count('B.last')}",
            x="(scrubL + scrubR)/2",
            y="scrubY - 20*z",
            fontSize="12*z",
            fontWeight="'bold'",
            fill="now",
        ),
        *pin_button(
            {**button, "when": f"B.linkable && {rests}"}, "width - 51*z", "scrubY", {"pinned": "toNumber(moment[cur])"}
        ),
    ]
