"""Where the parts of the whole matrix lie, and what is chosen in it: `t` and `k`, from 0, and `net`."""

from __future__ import annotations

from rnnviz.charts.kit.draw import Signal
from rnnviz.charts.kit.names import Meaning, Names, edges
from rnnviz.charts.kit.player import GO, click, key, page_control
from rnnviz.charts.kit.plot import named
from rnnviz.charts.lab.chart import stepped

NETS = ("rnn", "lstm", "gru")
# How far ahead the loss lies, in steps: 0, 1 to 2, 3 to 5 ...
DISTANCES = (0, 1, 3, 6, 11, 21)
BEHIND = (5, 3)  # dashes of the recurrent matrix
LEAST, MOST = -4, 1  # log10 of one step's factors
PROFILE, FACTORS, AHEAD = named("pr"), named("fa"), named("ah")

NAMES = Names(
    signals={
        "last": Meaning("index", "the last step, from 0"),
        "gutter": Meaning("px", "left edge of the maps"),
        "gap": Meaning("px", "between two maps"),
        "mapS": Meaning("px", "width and height of a map"),
        "mapStep": Meaning("px", "from one map to the next"),
        "mapsY": Meaning("px", "upper edge of the maps"),
        "cell": Meaning("px", "width and height of a cell of a map"),
        "bigY": Meaning("px", "upper edge of the chosen map on a phone"),
        "bigS": Meaning("px", "its width and height"),
        "legendY": Meaning("px", "upper edge of the scale of colours"),
        "readY": Meaning("px", "the line under it that names the chosen cell"),
        "sideX": Meaning("px", "left edge of what stands beside the maps"),
        "sideW": Meaning("px", "room for it"),
        "wide": Meaning("flag", "whether what the chosen cell is made of stands there"),
        "plotsY": Meaning("px", "upper edge of the plots"),
        "plotH": Meaning("px", "height of a plot"),
        "plotStep": Meaning("px", "from one plot to the next on a phone"),
        "plotW": Meaning("px", "width of a plot with its numbers"),
        **edges("pr", "the norms back from one loss"),
        **edges("fa", "the factors of each step"),
        **edges("ah", "how far ahead the losses lie"),
        "plotsEnd": Meaning("px", "lower edge of the chart"),
        "hover": Meaning("object", "the cell that the pointer is on: network `n`, `t` and `k`"),
        "net": Meaning("index", "the chosen network"),
        "t": Meaning("index", "the chosen loss, from 0"),
        "k": Meaning("index", "the chosen state, from 0"),
        "dragged": Meaning("index", "how often the pointer moved with a map held"),
        "n": Meaning("index", "steps between the two"),
        "here": Meaning("number", "norm of the chosen cell"),
        "own": Meaning("number", "norm at the loss's own step"),
    },
    tables={
        "bundle": {
            "words": Meaning("flag", "whether the tokens are words"),
            "start_t": Meaning("index", "the loss at which it opens, from 0"),
            "start_k": Meaning("index", "the state at which it opens, from 0"),
            "start_net": Meaning("index", "the network at which it opens"),
            "titles": Meaning("texts", "names of the networks", "names"),
            "tokens": Meaning("texts", "the tokens", "tokens"),
            "matrix": Meaning("numbers", "norms of dL_t/dh_k, (networks, T, T), [t, k]", "M"),
            "memory": Meaning("numbers", "what the best unit's gates alone let through, (networks, T, T)", "MEM"),
            "gated": Meaning("numbers", "1 for each network with gates, else 0", "GATED"),
            "turned": Meaning("numbers", "degrees between dL_t/dh_k and dL_t/dh_t, (networks, T, T)", "TURN"),
            "factors": Meaning(
                "numbers", "a step's largest and smallest singular value and mean slope, (networks, 3, T)", "F"
            ),
            "bound": Meaning(
                "numbers", "log10 of the largest singular values, added up over the steps, (networks, T)", "BOUND"
            ),
            "recurrent": Meaning("numbers", "largest singular value of each recurrent matrix", "W"),
            "arrivals": Meaning("numbers", "share of each distance in what arrives, (networks, T, distances)", "SHARE"),
            "bins": Meaning("texts", "those distances", "bins"),
            **{
                f"url{n}{theme}": Meaning("picture", f"the map of network {n}, for a {theme.lower()} page")
                for n in range(3)
                for theme in ("Light", "Dark")
            },
        }
    },
)


def at(net: str, t: str, k: str) -> str:
    return f"M[(({net})*T + ({t}))*T + ({k})]"


def signals() -> list[Signal]:
    return [*_lists(), *_places(), *_choices()]


def _lists() -> list[Signal]:
    """What travels as text, taken apart."""
    return [
        {"name": "T", "update": "B.T"},
        {"name": "last", "update": "B.T - 1"},
        *NAMES.lists(),
    ]


def _places() -> list[Signal]:
    return [
        {"name": "gutter", "update": "phone ? 16 : 30*z"},
        {"name": "gap", "update": "phone ? 8 : 22*z"},
        {"name": "mapS", "update": "min((width - gutter - 2*gap - 2)/3, 300*z)"},
        {"name": "mapStep", "update": "mapS + gap"},
        {"name": "mapsY", "update": "30*z"},
        {"name": "cell", "update": "mapS/T"},
        # On a phone the three are an overview, and the chosen one stands under them as wide as the page.
        {"name": "bigY", "update": "mapsY + mapS + 30"},
        {"name": "bigS", "update": "width - gutter - 4"},
        {"name": "legendY", "update": "phone ? bigY + bigS + 24 : mapsY + mapS + 26*z"},
        {"name": "readY", "update": "phone ? legendY + 66 : legendY + 46*z"},
        {"name": "sideX", "update": "gutter + 3*mapStep + 8*z"},
        {"name": "sideW", "update": "width - sideX"},
        {"name": "wide", "update": "!phone && sideW > 190*z"},
        {"name": "plotsY", "update": "readY + (phone ? 232 : wide ? 72*z : 132*z)"},
        {"name": "plotH", "update": "170*z"},
        {"name": "plotStep", "update": "plotH + 70*z"},
        {"name": "plotW", "update": "phone ? width : (width - 2*30*z)/3"},
        *PROFILE.signals("42*z", "plotW - 4", "plotsY", "plotsY + plotH"),
        *FACTORS.signals(
            "(phone ? 0 : plotW + 30*z) + 42*z",
            "(phone ? 0 : plotW + 30*z) + plotW - 4",
            "plotsY + (phone ? plotStep : 0)",
            "faT + plotH",
        ),
        *AHEAD.signals(
            "(phone ? 0 : 2*(plotW + 30*z)) + 42*z",
            "(phone ? 0 : 2*(plotW + 30*z)) + plotW - 4",
            "plotsY + (phone ? 2*plotStep + 40 : 0)",
            "ahT + plotH",
        ),
        {"name": "plotsEnd", "update": "ahB + (phone ? 62 : 76*z)"},
    ]


def _choices() -> list[Signal]:
    # Where on a map the pointer is. A finger's tap is told from this: it has left the map when its click comes.
    on = {
        "map": {"n": "datum.k", "t": "(y() - mapsY)/cell", "k": "(x() - gutter - datum.k*mapStep)/cell"},
        "big": {"n": "net", "t": "(y() - bigY)/bigS*T", "k": "(x() - gutter)/bigS*T"},
    }
    step = {name: {of: f"clamp(floor({place[of]}), 0, last)" for of in "tk"} for name, place in on.items()}
    drag = ", ".join(f"[@{name}_marks:pointerdown, window:pointerup] > @{name}_marks:pointermove" for name in on)
    return [
        {
            "name": "hover",
            "value": None,
            "on": [
                *(
                    {
                        "events": [
                            {"type": f"pointer{kind}", "markname": f"{name}_marks"} for kind in ("move", "down")
                        ],
                        "update": f"{{n: {on[name]['n']}, t: {step[name]['t']}, k: {step[name]['k']}}}",
                    }
                    for name in on
                ),
                {
                    "events": [{"type": "pointerout", "markname": f"{name}_marks"} for name in on],
                    "update": "null",
                },
            ],
        },
        {
            "name": "net",
            "init": "B.start_net",
            "on": [
                {"events": GO, "update": "B.start_net", "force": True},
                {"events": [*click("map"), *click("name")], "update": "datum.k"},
                {"events": drag, "update": "hover ? hover.n : net"},
                *({"events": key(str(n + 1)), "update": str(n)} for n in range(3)),
            ],
        },
        stepped(
            "t",
            "B.start_t",
            "last",
            {"ArrowUp": "max(t - 1, 0)", "ArrowDown": "min(t + 1, last)"},
            [
                *({"events": click(name), "update": step[name]["t"]} for name in on),
                {"events": {"signal": "dragged"}, "update": "hover ? hover.t : t"},
                {"events": click("bar"), "update": "min(T - 1, datum.at + datum.far)"},
                {"events": page_control("t"), "update": "clamp(event.detail.value - 1, 0, last)"},
            ],
        ),
        stepped(
            "k",
            "B.start_k",
            "last",
            {"ArrowLeft": "max(k - 1, 0)", "ArrowRight": "min(k + 1, last)"},
            [
                *({"events": click(name), "update": step[name]["k"]} for name in on),
                {"events": {"signal": "dragged"}, "update": "hover ? hover.k : k"},
                {"events": click("bar"), "update": "datum.at"},
                {"events": page_control("k"), "update": "clamp(event.detail.value - 1, 0, last)"},
            ],
        ),
        {"name": "dragged", "value": 0, "on": [{"events": drag, "update": "dragged + 1"}]},
        {"name": "n", "update": "max(t - k, 0)"},
        {"name": "here", "update": at("net", "t", "k")},
        {"name": "own", "update": at("net", "t", "t")},
    ]
