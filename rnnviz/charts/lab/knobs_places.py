"""Where the parts of the knobs lie, and what is dragged: `at` is the radius, by its place on the grid."""

from __future__ import annotations

from rnnviz.charts.kit.draw import Signal
from rnnviz.charts.kit.names import Meaning, Names, edges
from rnnviz.charts.kit.player import BEAT, drag, key, page_control
from rnnviz.charts.kit.plot import named

FARTHEST, STEP = 2.0, 0.05  # the radii that can be dragged to
PLOT = named("pl")
QUIET = 400  # ms without another key or press, after which the radius counts as let go
_MOVES = {"back": "max(at - 1, 0)", "next": "min(at + 1, B.R - 1)", "first": "0", "last": "B.R - 1"}

NAMES = Names(
    signals={
        "start": Meaning("index", "`start`"),
        "slideL": Meaning("px", "left end of the slider"),
        "slideR": Meaning("px", "right end of the slider"),
        "slideY": Meaning("px", "middle of the slider"),
        "topY": Meaning("px", "upper edge of plane and matrices"),
        "planeS": Meaning("px", "width and height of the plane of eigenvalues"),
        "planeX": Meaning("px", "its origin, across"),
        "planeY": Meaning("px", "its origin, down"),
        "planeUnit": Meaning("px", "the unit circle's radius"),
        "matX": Meaning("px", "left edge of the matrices"),
        "matS": Meaning("px", "width and height of one"),
        **edges("pl", "the norms that are left"),
        "wanted": Meaning("number", "the radius that the pointer is at; null where nothing was dragged"),
        "least": Meaning("number", "from one radius to the next"),
        "drawnR": Meaning("number", "the radius of the first matrix as drawn"),
        "drawnOff": Meaning("flag", "whether it lies between two of the even radii"),
        "extraOff": Meaning("flag", "whether the one that the link asks for does"),
        "at": Meaning("index", "the chosen radius, its place among all"),
        "r": Meaning("number", "the chosen radius"),
        "told": Meaning("index", "how often it was let go at another place than the page knows"),
        "telling": Meaning("object", "nothing: its update tells the page the radius"),
        "held": Meaning("flag", "whether it is being dragged or turned"),
        "sigma": Meaning("number", "the first matrix's largest singular value at that radius"),
        "rate": Meaning("number", "the bound's factor a step"),
        "shift": Meaning("number", "what clipping adds to a norm, 0 or less"),
        "kept": Meaning("index", "the first step that the window does not cut off"),
        "norm1": Meaning("number", "the norm at the first step, after clipping"),
        "slope": Meaning("number", "powers of ten per step back"),
        "slopeBefore": Meaning("number", "the same with nothing turned"),
    },
    tables={
        "bundle": {
            "R": Meaning("index", "how many radii there are"),
            "radii": Meaning("numbers", "the radii that can be dragged to", "radii"),
            "drawn": Meaning("index", "the one at which every matrix is as drawn"),
            "extra": Meaning("number", "the radius at which it opens"),
            "blocks": Meaning("index", "how many recurrent matrices there are"),
            "names": Meaning("texts", "their names", "names"),
            "own": Meaning("numbers", "the spectral radius of each as drawn", "own"),
            "re": Meaning("numbers", "real parts of the eigenvalues at radius 1, (matrices, H)", "RE"),
            "im": Meaning("numbers", "their imaginary parts", "IM"),
            "ratio": Meaning("number", "the first matrix's largest singular value at radius 1"),
            "urlsLight": Meaning("texts", "pictures of the matrices at the farthest radius, for a light page"),
            "urlsDark": Meaning("texts", "the same for a dark page"),
            "most": Meaning("number", "the largest entry of those"),
            "norms": Meaning("numbers", "norms of dL/dh_k at each radius, (R, T)", "N"),
            "before": Meaning("numbers", "the same with nothing turned, (T,)", "BEFORE"),
            "parameters": Meaning(
                "numbers", "norm of the parameters' gradient at each radius; empty where not clipped", "P"
            ),
            "gamma": Meaning("number", "the activation's largest slope; -1 for a cell with gates"),
            "clip": Meaning("number", "the norm that is clipped to; 0 for none"),
            "window": Meaning("index", "steps of truncation; all where it is not truncated"),
        }
    },
)


def signals() -> list[Signal]:
    return [*_lists(), *_places(), *_playing(), *_choices(), *_telling(), *_results()]


def _lists() -> list[Signal]:
    """What travels as text, taken apart."""
    return [
        {"name": "T", "update": "B.T"},
        {"name": "H", "update": "B.H"},
        *NAMES.lists(),
        {"name": "tints", "update": "split(dark ? B.darks : B.lights, ',')"},
        {"name": "start", "update": "B.start"},
    ]


def _places() -> list[Signal]:
    return [
        {"name": "slideL", "update": "16"},
        {"name": "slideR", "update": "phone ? width - 16 : width*0.46"},
        {"name": "slideY", "update": "30*z"},
        {"name": "planeS", "update": "min(phone ? width*0.52 : width*0.235, 300*z)"},
        {"name": "topY", "update": "phone ? 132 : 96*z"},
        {"name": "planeX", "update": "planeS/2 + 4"},
        {"name": "planeY", "update": "topY + planeS/2"},
        {"name": "planeUnit", "update": f"planeS/2/{FARTHEST + 0.1}"},
        {"name": "matX", "update": "planeS + 26*z"},
        {
            "name": "matS",
            "update": "min(planeS, (phone ? width - 4 : width*0.46) - matX)*(B.blocks > 1 ? 0.48 : 1)",
        },
        *PLOT.signals(
            "(phone ? 0 : width*0.5) + 44*z", "width - 4", "phone ? topY + planeS + 96 : 44*z", "plT + 250*z"
        ),
        {"name": "end", "update": "max(topY + planeS + 44*z, plB + (phone ? 100 : 92*z))"},
    ]


def _playing() -> list[Signal]:
    """Whether the radius grows by itself, from its least to its most."""
    by_hand = [event for name in (*_MOVES, "t") for event in page_control(name)]
    return [
        {
            "name": "playing",
            "value": False,
            "on": [
                {"events": page_control("play"), "update": "!playing"},
                {"events": [*by_hand, *key("ArrowLeft"), *key("ArrowRight")], "update": "false"},
                {"events": "@swing_marks:pointerdown", "update": "false"},
                {"events": {"signal": "stroke"}, "update": "playing && at < B.R - 1", "force": True},
            ],
        },
        {"name": "stroke", "value": 0, "on": [{"events": f"timer{{{BEAT}}}", "update": "playing ? stroke + 1 : 0"}]},
    ]


def _choices() -> list[Signal]:
    even = "round(wanted/least)"  # not a signal: one that listens to `wanted` would be read before it has followed
    wanted = f"(x() - slideL)/(slideR - slideL)*{FARTHEST}"
    to_wanted = (
        "wanted == null ? at : abs(wanted - drawnR) < least/2 ? B.drawn"
        f" : {even} + ({even}*least > drawnR + 1e-6 && drawnOff ? 1 : 0)"
        f" + ({even}*least > B.extra + 1e-6 && extraOff ? 1 : 0)"
    )
    arrows = "event.key == 'ArrowLeft' || event.key == 'ArrowRight'"
    turned = [event for name in (*_MOVES, "t") for event in page_control(name)]
    swung = "sqrt(pow(x() - planeX, 2) + pow(y() - planeY, 2))/planeUnit"
    return [
        {
            "name": "wanted",
            "value": None,
            "on": [
                {"events": {"signal": "start"}, "update": "held ? wanted : null"},
                {"events": drag("slide"), "update": f"clamp({wanted}, 0, {FARTHEST})"},
                {"events": drag("swing"), "update": f"clamp({swung}, 0, {FARTHEST})"},
            ],
        },
        # The grid is even but for two places: the matrices as drawn, and what the link asks for.
        {"name": "least", "update": f"{STEP}"},
        {"name": "drawnR", "update": "toNumber(radii[B.drawn])"},
        {"name": "drawnOff", "update": "abs(drawnR/least - round(drawnR/least)) > 1e-3"},
        {
            "name": "extraOff",
            "update": "B.start != B.drawn && abs(B.extra/least - round(B.extra/least)) > 1e-3",
        },
        {
            "name": "at",
            "init": "start",
            "on": [
                # The page's answer to an earlier drag does not stop the one that has begun since.
                {
                    "events": [{"signal": "start"}, {"signal": "B.norms"}],
                    "update": f"held ? {to_wanted} : start",
                    "force": True,
                },
                {"events": {"signal": "wanted"}, "update": to_wanted},
                {"events": key("ArrowLeft"), "update": _MOVES["back"]},
                {"events": key("ArrowRight"), "update": _MOVES["next"]},
                *({"events": page_control(name), "update": update} for name, update in _MOVES.items()),
                {"events": page_control("t"), "update": "clamp(event.detail.value - 1, 0, B.R - 1)"},
                # Play at the end begins again; `playing` has been set already.
                {"events": page_control("play"), "update": "playing && at >= B.R - 1 ? 0 : at"},
                {
                    "events": {"signal": "stroke"},
                    "update": "playing && stroke % 2 == 0 ? min(at + 1, B.R - 1) : at",
                    "force": True,
                },
            ],
        },
        {"name": "r", "update": "toNumber(radii[at])"},
        # Until it rests: what the page answers meanwhile is about an earlier one.
        {
            "name": "held",
            "value": False,
            "on": [
                {"events": "@slide_marks:pointerdown, @swing_marks:pointerdown", "update": "true"},
                {"events": [*key("ArrowLeft"), *key("ArrowRight"), *turned], "update": "true"},
                {"events": "window:pointerup, window:pointercancel", "update": "false"},
                {
                    "events": [
                        {"source": "window", "type": "keyup", "filter": arrows, "debounce": QUIET},
                        *({**event, "debounce": QUIET} for event in turned),
                    ],
                    "update": "false",
                },
            ],
        },
    ]


def _telling() -> list[Signal]:
    """What has the page learn the radius."""
    return [
        # How often it was let go at another place than the page knows; then what `pin` selects is that place.
        {
            "name": "told",
            "value": 0,
            "on": [
                {"events": {"signal": "held"}, "update": "held || at == start ? told : told + 1"},
                {"events": {"signal": "playing"}, "update": "playing || at == start ? told : told + 1"},
            ],
        },
        {
            "name": "telling",
            "on": [
                {
                    "events": {"signal": "told"},
                    # What Vega-Lite does itself where the pointer is on a mark, which it need not be here.
                    "update": "modify('pin_store', {unit: '', fields: pin_tuple_fields,"
                    " values: [at == B.drawn ? null : round(r*10000)/10000, told]}, true)",
                }
            ],
        },
    ]


def _results() -> list[Signal]:
    """What follows from the radius."""
    return [
        {"name": "sigma", "update": "r*B.ratio"},
        {"name": "rate", "update": "B.gamma*sigma"},
        {"name": "shift", "update": "B.clip > 0 ? min(0, log(B.clip)/LN10 - toNumber(P[at])) : 0"},
        {"name": "kept", "update": "floor((T - 1)/B.window)*B.window"},
        {"name": "norm1", "update": "isFinite(toNumber(N[at*T])) ? toNumber(N[at*T]) + shift : N[at*T]"},
        {"name": "slope", "update": "(toNumber(N[at*T]) - toNumber(N[at*T + T - 1]))/max(1, T - 1)"},
        {"name": "slopeBefore", "update": "(toNumber(BEFORE[0]) - toNumber(BEFORE[T - 1]))/max(1, T - 1)"},
    ]
