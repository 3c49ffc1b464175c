"""The whole matrix: ‖dL_t/dh_k‖ for every loss and every state, three networks side by side on one scale; a click on a
cell shows the chain of factors between the two steps, and what arrives where.

What is chosen, `t`, `k` (from 0) and `net`, lives in the browser; the tables hold every step's numbers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from rnnviz.charts.kit import numbers, scale
from rnnviz.charts.kit.draw import Layer, Signal, dot, image, line_key, outline, press, rect, small, text
from rnnviz.charts.kit.legend import legend
from rnnviz.charts.kit.player import click, key
from rnnviz.charts.kit.plot import named
from rnnviz.charts.kit.scale import Mask
from rnnviz.charts.kit.tables import SEPARATOR, clean
from rnnviz.charts.lab.chart import Lab, Labels, drawn, pin, specification, stepped
from rnnviz.core.trace import Array
from rnnviz.words.numbers import logs

NETS = ("rnn", "lstm", "gru")
# How far ahead the loss lies, in steps: 0, 1 to 2, 3 to 5 ...
DISTANCES = (0, 1, 3, 6, 11, 21)
BEHIND = (5, 3)  # dashes of the recurrent matrix
LEAST, MOST = -4, 1  # log10 of one step's factors
TEXTS = (
    "zero",
    "infinite",
    "pin",
    "pin_help",
    "axis_t",
    "axis_k",
    "back",
    "factors",
    "ahead",
    "no_path",
    "longest",
    "shortest",
    "slope",
    "recurrent",
    "memory",
    "bound",
    "measured",
    "turned",
    "start_here",
    "ahead_word",
    "hint_matrix",
    "per_step",
    "chain",
)
PROFILE, FACTORS, AHEAD = named("pr"), named("fa"), named("ah")


@dataclass(frozen=True, eq=False)
class Network:
    """One network of the comparison. T steps.

    title: its name.     matrix: (T, T), ‖dL_t/dh_k‖.     turned: (T, T), degrees between dL_t/dh_k and dL_t/dh_t.
    largest, smallest: (T,), each step's Jacobian's singular values.     slope: (T,), the mean slope of its activation.
    recurrent: the largest singular value of the recurrent matrix behind that activation.
    memory: (T, T), what the best unit's gates alone let through from k to t; None without gates.
    """

    title: str
    matrix: Array
    turned: Array
    largest: Array
    smallest: Array
    slope: Array
    recurrent: float
    memory: Array | None


def path(steps: int) -> Mask:
    """(T, T) bool: where the state at k comes before the loss at t or with it."""
    return np.tri(steps, dtype=bool)


def arrivals(matrix: Array) -> Array:
    """(T, distances): for each k, the share of all gradient norms arriving there that come from losses so far ahead."""
    steps = len(matrix)
    ahead = np.subtract.outer(np.arange(steps), np.arange(steps))
    bins = [*DISTANCES, steps]
    with np.errstate(over="ignore", invalid="ignore"):
        largest = np.where(path(steps), matrix, 0).max(0)
        parts = np.where(path(steps), matrix, 0) / np.where(largest > 0, largest, 1)
        sums = np.stack(
            [np.where((ahead >= low) & (ahead < high), parts, 0).sum(0) for low, high in pairwise(bins)],
            axis=1,
        )
        return np.nan_to_num(sums / np.maximum(sums.sum(1, keepdims=True), 1e-300))


def chart(
    networks: Sequence[Network],
    tokens: Sequence[str],
    labels: Labels,
    *,
    t: int,
    k: int,
    net: int,
    words: bool = False,
    zoom: float = 1.0,
) -> Lab:
    """Three networks. t, k: the cell at which it opens, from 1.     net: whose factors are shown, 0 to 2.

    words: whether the tokens are words and not just numbers of steps.
    """
    steps = len(tokens)
    lower = path(steps)
    with np.errstate(divide="ignore"):
        bounds = [np.cumsum(logs(one.largest)) for one in networks]
    memories = [np.full((steps, steps), np.nan) if one.memory is None else one.memory for one in networks]
    factors = [scale.written(np.stack([one.largest, one.smallest, one.slope])) for one in networks]
    return drawn(
        _spec,
        labels,
        TEXTS,
        zoom=zoom,
        T=steps,
        words=words,
        start_t=t - 1,
        start_k=k - 1,
        start_net=net,
        titles=SEPARATOR.join(one.title for one in networks),
        tokens=SEPARATOR.join(map(clean, tokens)),
        matrix=",".join(scale.written(one.matrix, lower) for one in networks),
        memory=",".join(scale.written(memory, lower) for memory in memories),
        gated=",".join("0" if one.memory is None else "1" for one in networks),
        turned=",".join("n" if v != v else f"{v:.0f}" for one in networks for v in one.turned.ravel().tolist()),
        factors=",".join(factors),
        bound=",".join(f"{value:.3f}" for bound in bounds for value in bound.tolist()),
        recurrent=",".join(scale.written(np.array([one.recurrent])) for one in networks),
        arrivals=",".join(f"{v:.3f}" for one in networks for v in arrivals(one.matrix).ravel().tolist()),
        bins=SEPARATOR.join(_names()),
        **{
            f"url{n}{'Dark' if dark else 'Light'}": scale.picture(one.matrix, lower, dark=dark)
            for n, one in enumerate(networks)
            for dark in (False, True)
        },
    )


def _names() -> list[str]:
    names = [f"{low}–{high - 1}" if high - 1 > low else f"{low}" for low, high in pairwise(DISTANCES)]
    return [*names, f"≥ {DISTANCES[-1]}"]


def _at(net: str, t: str, k: str) -> str:
    return f"M[(({net})*T + ({t}))*T + ({k})]"


def _signals() -> list[Signal]:
    # Where on a map the pointer is. A finger's tap is told from this: it has left the map when its click comes.
    on = {
        "map": {"n": "datum.k", "t": "(y() - mapsY)/cell", "k": "(x() - gutter - datum.k*mapStep)/cell"},
        "big": {"n": "net", "t": "(y() - bigY)/bigS*T", "k": "(x() - gutter)/bigS*T"},
    }
    step = {name: {of: f"clamp(floor({place[of]}), 0, last)" for of in "tk"} for name, place in on.items()}
    drag = ", ".join(f"[@{name}_marks:pointerdown, window:pointerup] > @{name}_marks:pointermove" for name in on)
    return [
        {"name": "T", "update": "B.T"},
        {"name": "last", "update": "B.T - 1"},
        {"name": "start_t", "update": "B.start_t"},
        {"name": "start_k", "update": "B.start_k"},
        {"name": "start_net", "update": "B.start_net"},
        {"name": "M", "update": "split(B.matrix, ',')"},
        {"name": "MEM", "update": "split(B.memory, ',')"},
        {"name": "TURN", "update": "split(B.turned, ',')"},
        {"name": "F", "update": "split(B.factors, ',')"},
        {"name": "BOUND", "update": "split(B.bound, ',')"},
        {"name": "W", "update": "split(B.recurrent, ',')"},
        {"name": "GATED", "update": "split(B.gated, ',')"},
        {"name": "SHARE", "update": "split(B.arrivals, ',')"},
        {"name": "names", "update": "split(B.titles, '\\u2063')"},
        {"name": "tokens", "update": "split(B.tokens, '\\u2063')"},
        {"name": "bins", "update": "split(B.bins, '\\u2063')"},
        # Where things lie.
        {"name": "gutter", "update": "phone ? 16 : 30*z"},
        {"name": "gap", "update": "phone ? 8 : 22*z"},
        {"name": "mapS", "update": "min((width - gutter - 2*gap - 2)/3, 300*z)"},
        {"name": "mapStep", "update": "mapS + gap"},
        {"name": "mapsY", "update": "30*z"},
        {"name": "cell", "update": "mapS/T"},
        # On a phone the three are an overview, and the chosen one stands under them as wide as the page.
        {"name": "bigY", "update": "mapsY + mapS + 30"},
        {"name": "bigS", "update": "width - gutter - 4"},
        {"name": "legendY", "update": "phone ? bigY + bigS + 76 : mapsY + mapS + 26*z"},
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
        # What is chosen.
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
            "init": "start_net",
            "on": [
                {"events": {"signal": "start_net"}, "update": "start_net"},
                {"events": [*click("map"), *click("name")], "update": "datum.k"},
                {"events": drag, "update": "hover ? hover.n : net"},
                *({"events": key(str(n + 1)), "update": str(n)} for n in range(3)),
            ],
        },
        stepped(
            "t",
            "start_t",
            "last",
            less="ArrowUp",
            more="ArrowDown",
            also=[
                *({"events": click(name), "update": step[name]["t"]} for name in on),
                {"events": {"signal": "dragged"}, "update": "hover ? hover.t : t"},
                {"events": click("bar"), "update": "min(T - 1, datum.at + datum.far)"},
                {"events": click("step"), "update": "clamp(t + [-1, 1, 0, 0][datum.k], 0, last)"},
            ],
        ),
        stepped(
            "k",
            "start_k",
            "last",
            less="ArrowLeft",
            more="ArrowRight",
            also=[
                *({"events": click(name), "update": step[name]["k"]} for name in on),
                {"events": {"signal": "dragged"}, "update": "hover ? hover.k : k"},
                {"events": click("bar"), "update": "datum.at"},
                {"events": click("step"), "update": "clamp(k + [0, 0, -1, 1][datum.k], 0, last)"},
            ],
        ),
        {"name": "dragged", "value": 0, "on": [{"events": drag, "update": "dragged + 1"}]},
        {"name": "n", "update": "max(t - k, 0)"},
        {"name": "here", "update": _at("net", "t", "k")},
        {"name": "own", "update": _at("net", "t", "t")},
    ]


def _chosen(left: str, top: str, side: str, width: str, **over: Any) -> list[Layer]:
    """On a map of that place and size: the chosen loss's row, the chosen state's column, and where they meet."""
    cell = f"({side}/T)"
    row = {"y": f"{top} + t*{cell}", "y2": f"{top} + (t + 1)*{cell}"}
    column = {"x": f"{left} + k*{cell}", "x2": f"{left} + (k + 1)*{cell}"}
    return [
        outline(**over, **row, x=left, x2=f"{left} + (t + 1)*{cell}", stroke="now", strokeWidth=1),
        outline(
            **over,
            **column,
            y=f"{top} + min(k, t)*{cell}",
            y2=f"{top} + {side}",
            stroke="now",
            strokeWidth=0.6,
        ),
        outline(
            **over,
            x=f"{column['x']} - 1.5",
            x2=f"{column['x2']} + 1.5",
            y=f"{row['y']} - 1.5",
            y2=f"{row['y2']} + 1.5",
            stroke="now",
            strokeWidth=width,
        ),
    ]


def _url(net: str) -> str:
    return (
        f"(dark ? ({net} == 0 ? B.url0Dark : {net} == 1 ? B.url1Dark : B.url2Dark)"
        f" : ({net} == 0 ? B.url0Light : {net} == 1 ? B.url1Light : B.url2Light))"
    )


def _big() -> list[Layer]:
    """A phone's: the chosen network's map large enough for a finger, and a step each way for where it is not."""
    area = {"x": "gutter", "x2": "gutter + bigS", "y": "bigY", "y2": "bigY + bigS"}
    box = {
        "x": "datum.left + 3",
        "x2": "datum.left + width/4 - 3",
        "y": "bigY + bigS + 22",
        "y2": "bigY + bigS + 66",
    }
    four: dict[str, Any] = {"when": "phone", "rows": "sequence(4)", "let": {"left": "datum.k*width/4"}}
    return [
        image(
            when="phone",
            x="gutter + bigS/2",
            y="bigY + bigS/2",
            url=_url("net"),
            width="bigS",
            height="bigS",
        ),
        *_chosen("gutter", "bigY", "bigS", "2.4", when="phone"),
        outline(when="phone", name="big", **area, stroke="nets[net]", strokeWidth=1.6, cursor="'crosshair'"),
        rect(**four, **box, cornerRadius=8, fill="paper", stroke="line"),
        text(
            **four,
            text="['t − 1', 't + 1', 'k − 1', 'k + 1'][datum.k]",
            x="datum.left + width/8",
            y="bigY + bigS + 44",
            fontSize="14",
        ),
        press("step", **four, **box),
    ]


def _maps() -> list[Layer]:
    left = "gutter + datum.k*mapStep"
    over: dict[str, Any] = {"rows": "sequence(3)", "let": {"left": left}}
    return [
        text(
            **over,
            name="name",
            text="names[datum.k] + (datum.k == net ? '  ●' : '')",
            x="datum.left",
            y="12*z",
            align="'left'",
            fontSize="14*z",
            fontWeight="'bold'",
            fill="nets[datum.k]",
            cursor="'pointer'",
        ),
        image(
            **over,
            x="datum.left + mapS/2",
            y="mapsY + mapS/2",
            url=_url("datum.k"),
            width="mapS",
            height="mapS",
        ),
        *_chosen("datum.left", "mapsY", "mapS", "datum.k == net ? 3 : 1.6", **over),
        outline(
            **over,
            name="map",
            x="datum.left",
            x2="datum.left + mapS",
            y="mapsY",
            y2="mapsY + mapS",
            stroke="datum.k == net ? nets[net] : line",
            strokeWidth="datum.k == net ? 1.6 : 0.8",
            cursor="'crosshair'",
        ),
        text(
            text="'k →'",
            x="gutter + (phone ? bigS : mapS)",
            y="phone ? bigY + bigS + 11 : mapsY + mapS + 11*z",
            align="'right'",
            fontSize="12*z",
            fill="soft",
        ),
        *(
            text(
                text=f"'{letter}'",
                x="gutter - (phone ? 8 : 12*z)",
                y=f"(phone ? bigY : mapsY) + {drop}*z",
                fontSize="12*z",
                fill="soft",
            )
            for letter, drop in (("t", 8), ("↓", 22))
        ),
        *legend("gutter", "legendY", "(phone ? width - gutter - 16 : 300*z)"),
        *pin({"t": "t + 1", "k": "k + 1", "net": f"{list(NETS)}[net]"}, "width - 2", "phone ? readY : legendY + 5*z"),
    ]


def _reading() -> list[Layer]:
    """The chosen cell in numbers, or what the pointer is on; the three networks, and the chain of the chosen one."""
    at = {
        "tt": "hover ? hover.t : t",
        "kk": "hover ? hover.k : k",
    }
    line = "phone ? 17 : 19*z"
    return [
        text(
            name="caption",
            text="'t = ' + (t + 1) + ' / ' + T + ',  k = ' + (k + 1)",
            x="0",
            y="readY",
            align="'left'",
            fontSize="17*z",
            fontWeight="'bold'",
            fill="now",
        ),
        text(
            when="B.words",
            text="'L: ‘' + tokens[t] + '’  ←  h: ‘' + tokens[k] + '’'",
            x="phone ? 0 : 210*z",
            y="phone ? readY + 84 : readY",
            align="'left'",
            fontSize="13*z",
            fill="soft",
        ),
        text(
            rows="sequence(3)",
            let={**at, "log": _at("datum.k", "datum.tt", "datum.kk")},
            name="pointed",
            text="names[datum.k] + '  ' + " + scale.size("datum.log"),
            x="phone ? 0 : gutter + datum.k*mapStep",
            y=f"readY + 24*z + (phone ? datum.k*({line}) : 0)",
            align="'left'",
            fontSize="13*z",
            fill="nets[datum.k]",
        ),
        text(
            when="!phone",
            text="hover ? '‖dL/dh‖  t = ' + (hover.t + 1) + ', k = ' + (hover.k + 1) : B.s_hint_matrix",
            x="width - 2",
            y="readY + 24*z",
            align="'right'",
            fontSize="11.5*z",
            fill="soft",
            limit="width - gutter - 3*mapStep + 120*z",
        ),
    ]


def _profile() -> list[Layer]:
    """Back from the chosen loss: one line a network, over k."""
    part = "datum.n/max(1, T - 1)"
    return [
        PROFILE.title("replace(B.s_back, '{t}', '' + (t + 1))"),
        *PROFILE.decades(),
        *PROFILE.steps("T", "B.s_axis_k"),
        *(
            PROFILE.line(
                "t + 1",
                part,
                f"toNumber({_at(str(n), 't', 'datum.n')})",
                stroke=f"{name}Colour",
                strokeWidth=f"net == {n} ? 3*z : 1.6*z",
            )
            for n, name in enumerate(NETS)
        ),
        dot(
            rows="sequence(t + 1)",
            let={"v": _at("net", "t", "datum.k")},
            keep="datum.v == 'z'",
            x=PROFILE.x("datum.k/max(1, T - 1)"),
            y="prB",
            size="30*z",
            fill="zeroColour",
        ),
        PROFILE.upright(PROFILE.x("k/max(1, T - 1)"), stroke="now"),
        PROFILE.upright(PROFILE.x("t/max(1, T - 1)"), stroke="now", strokeDash=[4, 3]),
        # What a step multiplies by: the slope of a straight line from the loss to k.
        text(
            rows="sequence(3)",
            let={
                "log": _at("datum.k", "t", "k"),
                "rate": "(toNumber(" + _at("datum.k", "t", "t") + ") - toNumber(datum.log))/max(1, n)",
            },
            keep="isFinite(datum.rate) && n > 0",
            text=f"names[datum.k] + ' ' + replace(B.s_per_step, '{{x}}', {numbers.fixed('pow(10, -datum.rate)')})",
            x="(phone ? datum.k*width/3 : prL + datum.k*(prR - prL)/3)",
            y="prB + 30*z",
            align="'left'",
            fontSize="10.5*z",
            fill="nets[datum.k]",
            limit="(phone ? width : prR - prL)/3 - 4",
        ),
    ]


def _factors() -> list[Layer]:
    """One step's factors from t back to k+1, and what their product comes to."""
    part = "datum.n/max(1, T - 1)"

    def of(which: int, step: str = "datum.n") -> str:
        return f"(({step}) > k && ({step}) <= t ? toNumber(F[(net*3 + {which})*T + ({step})]) : NaN)"

    series = [
        ("longest", "positive", of(0), "2.4*z"),
        ("shortest", "hColour", of(1), "1.4*z"),
        ("slope", "soft", of(2), "1.4*z"),
    ]
    below = "faB + 30*z"
    return [
        FACTORS.title("replace(B.s_factors, '{net}', names[net])", fill="nets[net]"),
        *FACTORS.decades(LEAST, MOST, 1),
        *FACTORS.steps("T", "B.s_axis_t"),
        FACTORS.across(FACTORS.log_y("0", LEAST, MOST), stroke="soft"),
        FACTORS.across(
            FACTORS.log_y("toNumber(W[net])", LEAST, MOST), stroke="ink", strokeDash=list(BEHIND), strokeWidth=1.4
        ),
        *(
            FACTORS.line("T", part, value, LEAST, MOST, stroke=colour, strokeWidth=width)
            for _, colour, value, width in series
        ),
        *(
            layer
            for place, (name, colour) in enumerate(
                [("longest", "positive"), ("shortest", "hColour"), ("slope", "soft"), ("recurrent", "ink")]
            )
            for layer in line_key(
                f"B.s_{name}",
                colour,
                f"faL + {place % 2}*(faR - faL)/2",
                f"{below} + {place // 2}*15*z",
                dash=BEHIND if name == "recurrent" else (),
                limit="(faR - faL)/2 - 20*z",
            )
        ),
    ]


def _chain() -> list[Layer]:
    """What the chosen chain comes to: the product of the factors' norms, the gradient itself, the gates' own path."""
    bound = "(toNumber(BOUND[net*T + t]) - toNumber(BOUND[net*T + k]))"
    grown = "(isFinite(toNumber(here)) && isFinite(toNumber(own)) ? toNumber(here) - toNumber(own) : here)"
    facts = [
        ("B.s_measured", scale.size(grown), "true"),
        ("B.s_bound", scale.size(bound), "true"),
        ("B.s_turned", "(TURN[(net*T + t)*T + k] == 'n' ? '–' : TURN[(net*T + t)*T + k] + '°')", "true"),
        ("B.s_memory", scale.size("MEM[(net*T + t)*T + k]"), "GATED[net] == '1'"),
    ]
    top = "(wide ? mapsY + 44*z : readY + (phone ? 112 : 70*z))"

    def at(place: int) -> tuple[str, str]:
        """Where a fact stands: beside the maps, or under them in one row, or in two."""
        x = f"wide ? sideX : phone ? {place % 2}*width/2 : {place}*width/4"
        return x, f"{top} + (wide ? {place}*50*z : phone ? {place // 2 * 38} : 0)"

    return [
        text(
            text="k > t ? B.s_no_path : k == t ? B.s_start_here"
            " : replace(replace(B.s_chain, '{n}', '' + n), '{net}', names[net])",
            x="wide ? sideX : 0",
            y=f"wide ? mapsY + 8*z : {top} - (phone ? 20 : 24*z)",
            align="'left'",
            fontSize="13*z",
            fontWeight="'bold'",
            fill="nets[net]",
            limit="wide ? sideW - 4 : width",
        ),
        *(
            layer
            for place, (label, value, there) in enumerate(facts)
            for layer in (
                text(
                    when=f"{there} && k <= t",
                    text=label,
                    x=at(place)[0],
                    y=at(place)[1],
                    align="'left'",
                    fontSize="wide ? 11.5*z : 10.5*z",
                    fill="soft",
                    limit="wide ? sideW - 4 : width/(phone ? 2 : 4) - 6",
                ),
                text(
                    when=f"{there} && k <= t",
                    text=value,
                    x=at(place)[0],
                    y=f"{at(place)[1]} + (wide ? 19 : 15)*z",
                    align="'left'",
                    fontSize="wide ? 17*z : 12*z",
                    fontWeight="'bold'",
                ),
            )
        ),
    ]


def _ahead() -> list[Layer]:
    """For each state, which losses' gradients arrive: shares by how far ahead the loss lies."""
    count = len(DISTANCES)
    share = f"toNumber(SHARE[(net*T + datum.at)*{count} + datum.b])"
    before = " + ".join(
        f"(datum.b > {b} ? toNumber(SHARE[(net*T + datum.at)*{count} + {b}]) : 0)" for b in range(count - 1)
    )
    colour = f"flow[floor({scale.STEPS - 10} - datum.b*{(scale.STEPS - 40) // (count - 1)})]"
    width = "(ahR - ahL)/T"
    return [
        AHEAD.title("replace(B.s_ahead, '{net}', names[net])", fill="nets[net]"),
        rect(
            name="bar",
            rows=f"sequence(T*{count})",
            let={
                "at": f"floor(datum.k/{count})",
                "b": f"datum.k % {count}",
                "far": f"{list(DISTANCES)}[datum.b]",
                "share": share,
                "below": before,
            },
            keep="datum.share > 0.002",
            x=f"ahL + datum.at*{width}",
            x2=f"ahL + (datum.at + 1)*{width} - (cell > 3 ? 0.6 : 0)",
            y=AHEAD.y("datum.below + datum.share"),
            y2=AHEAD.y("datum.below"),
            fill=colour,
            cursor="'pointer'",
            tooltip=f"{{title: 'k = ' + (datum.at + 1), '=': {numbers.percent('datum.share')},"
            " '→': bins[datum.b] + ' ' + B.s_ahead_word}",
        ),
        AHEAD.across("ahB", stroke="soft"),
        *(
            small(text=label, x="ahL - 6*z", y=y, align="'right'")
            for label, y in (("'100%'", "ahT + 4*z"), ("'0'", "ahB"))
        ),
        outline(
            x=f"ahL + k*{width}",
            x2=f"ahL + (k + 1)*{width}",
            y="ahT - 2",
            y2="ahB + 2",
            stroke="now",
            strokeWidth=1.4,
        ),
        *AHEAD.steps("T", "B.s_axis_k"),
        *(
            layer
            for b in range(count)
            for layer in (
                rect(
                    x=f"ahL + {b}*(ahR - ahL)/{count}",
                    x2=f"ahL + {b}*(ahR - ahL)/{count} + 9*z",
                    y="ahB + 26*z",
                    y2="ahB + 35*z",
                    fill=colour.replace("datum.b", str(b)),
                ),
                text(
                    text=f"bins[{b}]",
                    x=f"ahL + {b}*(ahR - ahL)/{count} + 12*z",
                    y="ahB + 31*z",
                    align="'left'",
                    fontSize="10*z",
                    fill="soft",
                ),
            )
        ),
    ]


@cache
def _spec() -> str:
    layers = [*_maps(), *_big(), *_reading(), *_chain(), *_profile(), *_factors(), *_ahead()]
    return specification(_signals(), layers, "plotsEnd")
