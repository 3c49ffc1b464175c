"""One derivative: tanh, the sigmoid and ReLU with their slopes, and where the units of a step stand on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rnnviz.charts.kit import numbers, palette, scale
from rnnviz.charts.kit.draw import Layer, Signal, dot, line_key, outline, rect, rule, text
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.names import Meaning, Names, edges
from rnnviz.charts.kit.plot import named
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.lab.chart import Labels, drawn, slider, specification, track
from rnnviz.core.cell import OpKind, plain_symbol
from rnnviz.core.trace import Array

KINDS: tuple[OpKind, ...] = ("tanh", "sigmoid", "relu")
REACH = 6.0  # of the pre-activations that are drawn; those beyond stand at the edge
# y, and dy/da written with y, as Vega's expressions.
_VALUE = {
    "tanh": "(1 - 2/(exp(2*({a})) + 1))",
    "sigmoid": "(1/(1 + exp(-({a}))))",
    "relu": "max(0, {a})",
}
_SLOPE = {"tanh": "(1 - {y}*{y})", "sigmoid": "({y}*(1 - {y}))", "relu": "({y} > 0 ? 1 : 0)"}
_LOW, _HIGH = -1.1, 1.1
TEXTS = ("axis_t", "saturated", "curve", "its_slope", "best", "best_slope", "mean_slope", "n_back")
PANELS = {kind: named(name) for kind, name in zip(KINDS, ("ta", "si", "re"), strict=True)}
COUNTS, POWERS = named("co"), named("po")

NAMES = Names(
    signals={
        "last": Meaning("index", "the last step, from 0"),
        "t": Meaning("index", "the chosen step, from 0"),
        "tL": Meaning("px", "left end of the slider"),
        "tR": Meaning("px", "right end of the slider"),
        "plotsY": Meaning("px", "upper edge of the plots"),
        "plotH": Meaning("px", "height of a function's plot"),
        "lowY": Meaning("px", "upper edge of the plots under them"),
        **edges("ta", "tanh"),
        **edges("si", "the sigmoid"),
        **edges("re", "ReLU"),
        **edges("co", "how many units are saturated"),
        **edges("po", "what slopes multiply to"),
    },
    tables={
        "bundle": {
            "Q": Meaning("index", "how many squashings the cell has"),
            "names": Meaning("texts", "symbols of their results", "names"),
            "kinds": Meaning("numbers", "which function each is: 0 tanh, 1 sigmoid, 2 ReLU", "kinds"),
            "a": Meaning("numbers", "their pre-activations, (squashings, T, H)", "A"),
            "flat": Meaning("numbers", "how many units are saturated, (squashings, T)", "FLAT"),
            "mean": Meaning(
                "numbers", "product of the mean slopes so far, from the last step back; empty for gates", "MEAN"
            ),
            "largest": Meaning("numbers", "the same of the largest slopes", "LARGEST"),
        }
    },
)


@dataclass(frozen=True, eq=False)
class Squashed:
    """One squashing in the cell: its result's name and kind, its pre-activations (T, H) and how many are flat (T,)."""

    name: str
    kind: OpKind
    a: Array
    flat: Array


def chart(parts: Sequence[Squashed], slope: Array | None, labels: Labels, *, t: int, zoom: float = 1.0) -> Figure:
    """slope: (T, H), from the last step back, of the activation that the gradient must pass; None for a cell with
    gates, which have a path around every squashing.
    """
    steps, size = parts[0].a.shape
    colours = [palette.symbol(part.name.removeprefix("tanh_")) for part in parts]
    return drawn(
        _spec,
        labels,
        TEXTS,
        zoom=zoom,
        T=steps,
        H=size,
        Q=len(parts),
        start=t - 1,
        names=SEPARATOR.join(plain_symbol(part.name.removeprefix("tanh_")) for part in parts),
        kinds=",".join(str(KINDS.index(part.kind)) for part in parts),
        lights=",".join(pair.light for pair in colours),
        darks=",".join(pair.dark for pair in colours),
        a=",".join(f"{value:.3f}" for part in parts for value in part.a.ravel().tolist()),
        flat=",".join(str(count) for part in parts for count in part.flat.tolist()),
        mean="" if slope is None else scale.written(slope.mean(1).cumprod()),
        largest="" if slope is None else scale.written(slope.max(1).cumprod()),
    )


def _signals() -> list[Signal]:
    third = "(phone ? width : (width - 2*30*z)/3)"
    half = "(phone ? width : (width - 30*z)/2)"
    places: list[Signal] = []
    for n, panel in enumerate(PANELS.values()):
        left = f"(phone ? 0 : {n}*({third} + 30*z))"
        top = f"plotsY + (phone ? {n}*(plotH + 82) : 0)"
        places += panel.signals(f"{left} + 34*z", f"{left} + {third} - 4", top, f"{top} + plotH")
    return [
        {"name": "T", "update": "B.T"},
        {"name": "H", "update": "B.H"},
        {"name": "last", "update": "B.T - 1"},
        *NAMES.lists(),
        {"name": "tints", "update": "split(dark ? B.darks : B.lights, ',')"},
        *slider("t", "last", "16", "phone ? width - 16 : width*0.5"),
        {"name": "plotsY", "update": "phone ? 112 : 84*z"},
        {"name": "plotH", "update": "190*z"},
        *places,
        {"name": "lowY", "update": "plotsY + (phone ? 3*(plotH + 82) : plotH + 82*z)"},
        *COUNTS.signals("34*z", f"{half} - 4", "lowY", "lowY + 130*z"),
        *POWERS.signals(
            f"(phone ? 0 : {half} + 30*z) + 44*z", "width - 4", "lowY + (phone ? 130*z + 92 : 0)", "poT + 130*z"
        ),
        {"name": "end", "update": "poB + 66*z"},
    ]


def _curves() -> list[Layer]:
    samples = 120
    layers: list[Layer] = []
    across = f"(clamp({{a}}, -{REACH}, {REACH}) + {REACH})/{2 * REACH}"
    for n, (kind, panel) in enumerate(PANELS.items()):
        x = f"({2 * REACH}*datum.n/{samples} - {REACH})"
        y = _VALUE[kind].format(a=x)
        layers += [
            panel.title(f"'{'ReLU' if kind == 'relu' else kind if kind == 'tanh' else 'σ'}'", fill="ink"),
            *panel.ticks([-1, 0, 1], _LOW, _HIGH),
            *panel.steps(f"{REACH:g}", "'a'", first=f"'−{REACH:g}'"),
            panel.line(str(samples + 1), f"datum.n/{samples}", y, _LOW, _HIGH, stroke="ink", strokeWidth=1.6),
            panel.line(
                str(samples + 1),
                f"datum.n/{samples}",
                _SLOPE[kind].format(y=y),
                _LOW,
                _HIGH,
                stroke="positive",
                strokeWidth=2.2,
            ),
            # Where the units stand, on the slope's curve.
            dot(
                rows="sequence(B.Q*H)",
                let={
                    "q": "floor(datum.k/H)",
                    "a": "toNumber(A[(datum.q*T + t)*H + datum.k % H])",
                    "y": _VALUE[kind].format(a="datum.a"),
                    "slope": _SLOPE[kind].format(y="datum.y"),
                },
                keep=f"kinds[datum.q] == '{n}'",
                x=panel.x(across.format(a="datum.a")),
                y=panel.log_y("datum.slope", _LOW, _HIGH),
                size="44*z",
                opacity=0.75,
                fill="tints[datum.q]",
                tooltip=f"{{title: names[datum.q] + ' [' + (datum.k % H + 1) + ']', a: {numbers.fixed('datum.a', 3)},"
                f" '→': {numbers.fixed('datum.y', 3)}, 'd/da': {numbers.fixed('datum.slope', 3)}}}",
            ),
        ]
    return layers


def _counts() -> list[Layer]:
    wide = "(coR - coL)/T"
    lane = "(coB - coT)/B.Q"
    let = {"q": "floor(datum.k/T)", "at": "datum.k % T", "part": "toNumber(FLAT[datum.k])/H"}
    return [
        COUNTS.title("B.s_saturated"),
        *COUNTS.steps("T", "B.s_axis_t"),
        rect(
            rows="sequence(B.Q*T)",
            let=let,
            x=f"coL + datum.at*{wide}",
            x2=f"coL + (datum.at + 1)*{wide} - ({wide} > 4 ? 1 : 0)",
            y=f"coT + (datum.q + 1)*{lane} - 2 - datum.part*({lane} - 4)",
            y2=f"coT + (datum.q + 1)*{lane} - 2",
            fill="tints[datum.q]",
            tooltip="{title: names[datum.q] + ' · t = ' + (datum.at + 1), '=': FLAT[datum.k] + ' / ' + H}",
        ),
        rule(
            rows="sequence(B.Q)",
            x="coL",
            x2="coR",
            y=f"coT + (datum.k + 1)*{lane} - 2",
            y2=f"coT + (datum.k + 1)*{lane} - 2",
        ),
        text(
            rows="sequence(B.Q)",
            text="names[datum.k]",
            x="coL - 6*z",
            y=f"coT + (datum.k + 0.6)*{lane}",
            align="'right'",
            fontSize="11*z",
            fill="tints[datum.k]",
            limit="34*z",
        ),
        outline(
            x=f"coL + t*{wide}",
            x2=f"coL + (t + 1)*{wide}",
            y="coT",
            y2="coB",
            stroke="now",
            strokeWidth=1.4,
        ),
        text(
            rows="sequence(B.Q)",
            text="names[datum.k] + ' ' + FLAT[datum.k*T + t] + '/' + H",
            x="coL + datum.k*(coR - coL)/B.Q",
            y="coB + 30*z",
            align="'left'",
            fontSize="11.5*z",
            fontWeight="'bold'",
            fill="tints[datum.k]",
            limit="(coR - coL)/B.Q - 4",
        ),
    ]


def _powers() -> list[Layer]:
    """n factors of the largest slope that a function has, and of those that the units really have."""
    part = "(datum.n + 1)/T"
    own = "B.mean != ''"
    keyed: list[tuple[str, str, str, str | None]] = [
        ("'tanh, ReLU: 1ⁿ'", "ink", "0", None),
        ("'σ: (1/4)ⁿ'", "soft", "-(datum.n + 1)*log(4)/LN10", None),
        ("B.s_best_slope", "positive", "toNumber(LARGEST[datum.n])", own),
        ("B.s_mean_slope", "now", "toNumber(MEAN[datum.n])", own),
    ]
    return [
        POWERS.title("B.s_best"),
        *POWERS.decades(scale.LOW, 0),
        *POWERS.steps("T", "B.s_n_back"),
        *(
            layer
            for place, (label, colour, value, when) in enumerate(keyed)
            for layer in (
                POWERS.line(
                    f"{when} ? T : 0" if when else "T", part, value, scale.LOW, 0, stroke=colour, strokeWidth=1.8
                ),
                *line_key(
                    label,
                    colour,
                    f"poL + {place % 2}*(poR - poL)/2",
                    f"poB + {30 + 16 * (place // 2)}*z",
                    when=when,
                    limit="(poR - poL)/2 - 18*z",
                ),
            )
        ),
    ]


@cache
def _spec() -> str:
    legend = [
        *line_key("B.s_curve", "ink", "taL", "taB + 30*z", wide=14),
        *line_key("B.s_its_slope", "positive", "taL", "taB + 30*z", at=110, wide=14),
    ]
    label = "'t = ' + (t + 1) + ' / ' + T"
    layers = [*track("t", "last", label, {}), *_curves(), *legend, *_counts(), *_powers()]
    return specification(_signals(), layers, "end")
