"""The moment of a training run that is looked at, and over the panels: the status, the scale of colours, and the
scrubber through the kept iterations with the press for a link.

Of `bundle` it reads `status`, `legend`, `moment` (the kept iterations), `moments`, `last`, `live`, `keys`, `linkable`
and `n`; of `runs` the picture `url`, `R` and, of each moment, its row. `cur` is the moment, `R` each run's row of it
among those that were sent, `hover` what the pointer is on in a heatmap, and `even`, `odd` and `front` are the pictures.
"""

from __future__ import annotations

from rnnviz.charts import gradient_scale as scale
from rnnviz.charts.draw import Layer, Signal, image, small, swatch, text
from rnnviz.charts.player import key, pin_button, pointed, track
from rnnviz.charts.plot import called
from rnnviz.charts.training_layout import HEAT, halves


def signals() -> list[Signal]:
    pictures = f"{{url: {halves('RUNS[#].url', 'B.runs - 1')}, rows: {halves('RUNS[#].R', 'B.runs - 1')}}}"
    on_heat = f"floor((y() - {HEAT.top})/(heatH/max(RUNS[datum.q].R, heatRows)))"
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
    heat = "@heat_marks:pointerdown, [@heat_marks:pointerdown, window:pointerup] > @heat_marks:pointermove"
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
        # A new picture takes a moment to be decoded, and the mark that holds it is empty until then. So two marks take
        # turns: the one with the last picture stays in sight until the next one has been there for a while.
        *(
            {
                "name": name,
                "init": pictures,
                "on": [{"events": {"signal": "B.n"}, "update": f"B.n % 2 == {half} ? {pictures} : {name}"}],
            }
            for half, name in enumerate(("even", "odd"))
        ),
        {"name": "fresh", "init": "now()", "on": [{"events": {"signal": "B.n"}, "update": "now()"}]},
        {
            "name": "front",
            "init": "B.n % 2",
            "on": [{"events": "timer{30}", "update": "now() - fresh > 120 ? B.n % 2 : front"}],
        },
    ]


def layers() -> list[Layer]:
    wide = "(phone ? width - 24 : width*0.26)"
    ticks = list(range(scale.LOW, scale.HIGH + 1, 10))
    left = f"(phone ? 8 : {wide} + 36*z)"
    specials = (("B.s_zero", "B.zero"), ("B.s_infinite", "B.infinite_colour"), ("'NaN'", "B.nan_colour"))
    rests = "!B.live && B.moments > 1"
    button = {"x": "width - 102*z", "x2": "width", "y": "scrubY - 15*z", "y2": "scrubY + 15*z"}
    return [
        text(text="B.status", x="2", y="9*z", align="'left'", fontSize="13*z", limit="width - 4", name="status"),
        image(x=f"10 + {wide}/2", y="30*z", url="B.legend", width=wide, height="10*z"),
        small(
            **called(ticks, [scale.power(tick) for tick in ticks]),
            x=f"10 + (datum.k - ({scale.LOW}) + 0.125)*4/{scale.STEPS}*{wide}",
            y="45*z",
        ),
        *(
            layer
            for at, (label, colour) in enumerate(specials)
            for layer in swatch(
                label,
                colour,
                f"{left} + {at}*76*z",
                "phone ? 56 : 25*z",
                "phone ? 66 : 35*z",
                "phone ? 61 : 30*z",
                limit="60*z",
            )
        ),
        *track(
            "scrub",
            "scrubL",
            "scrubR",
            "scrubL + (scrubR - scrubL)*cur/max(1, B.moments - 1)",
            "scrubY",
            size=220,
            reach=10,
            when=rests,
        ),
        text(
            name="caption",
            when=rests,
            text="B.s_iteration + ' ' + format(moment[cur], ',') + ' / ' + format(B.last, ',')",
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
