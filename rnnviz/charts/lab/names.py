"""The names of the gradient lab's charts, with their kinds and what they hold: one declaration a chart, since a letter
may stand for another thing in another chart. A norm is a log10, and a letter where it has none (`scale.written`).
"""

from __future__ import annotations

from rnnviz.charts.kit.names import Held, Names, edges

# What all charts of the lab have, or several of them alike.
LAB = Names(
    signals={
        "rnnColour": Held("colour", "the RNN"),
        "lstmColour": Held("colour", "the LSTM"),
        "gruColour": Held("colour", "the GRU"),
        "nets": Held("colours", "those three"),
        "T": Held("index", "how many steps there are"),
        "H": Held("index", "how many units"),
        "playing": Held("flag", "whether it plays"),
        "stroke": Held("index", "beats of the clock since it plays"),
        "tints": Held("colours", "the colour of each matrix, or of each squashing"),
        "end": Held("px", "lower edge of the chart"),
    },
    tables={
        "bundle": {
            "T": Held("index", "how many steps there are"),
            "H": Held("index", "how many units"),
            "placed": Held("flag", "whether a page has real controls in the place of the drawn ones"),
            "go": Held("index", "how often the page has sent it elsewhere"),
            "start": Held("index", "where what is stepped through stands at first, from 0"),
            "lights": Held("colours", "the colour of each matrix or squashing, on a light page"),
            "darks": Held("colours", "the same on a dark page"),
        }
    },
)

MATRIX = Names(
    signals={
        "last": Held("index", "the last step, from 0"),
        "M": Held("numbers", "`matrix`"),
        "MEM": Held("numbers", "`memory`"),
        "TURN": Held("numbers", "`turned`"),
        "F": Held("numbers", "`factors`"),
        "BOUND": Held("numbers", "`bound`"),
        "W": Held("numbers", "`recurrent`"),
        "GATED": Held("numbers", "`gated`"),
        "SHARE": Held("numbers", "`arrivals`"),
        "names": Held("texts", "`titles`"),
        "tokens": Held("texts", "`tokens`"),
        "bins": Held("texts", "`bins`"),
        "gutter": Held("px", "left edge of the maps"),
        "gap": Held("px", "between two maps"),
        "mapS": Held("px", "width and height of a map"),
        "mapStep": Held("px", "from one map to the next"),
        "mapsY": Held("px", "upper edge of the maps"),
        "cell": Held("px", "width and height of a cell of a map"),
        "bigY": Held("px", "upper edge of the chosen map on a phone"),
        "bigS": Held("px", "its width and height"),
        "legendY": Held("px", "upper edge of the scale of colours"),
        "readY": Held("px", "the line under it that names the chosen cell"),
        "sideX": Held("px", "left edge of what stands beside the maps"),
        "sideW": Held("px", "room for it"),
        "wide": Held("flag", "whether what the chosen cell is made of stands there"),
        "plotsY": Held("px", "upper edge of the plots"),
        "plotH": Held("px", "height of a plot"),
        "plotStep": Held("px", "from one plot to the next on a phone"),
        "plotW": Held("px", "width of a plot with its numbers"),
        **edges("pr", "the norms back from one loss"),
        **edges("fa", "the factors of each step"),
        **edges("ah", "how far ahead the losses lie"),
        "plotsEnd": Held("px", "lower edge of the chart"),
        "hover": Held("object", "the cell that the pointer is on: network `n`, `t` and `k`"),
        "net": Held("index", "the chosen network"),
        "t": Held("index", "the chosen loss, from 0"),
        "k": Held("index", "the chosen state, from 0"),
        "dragged": Held("index", "how often the pointer moved with a map held"),
        "n": Held("index", "steps between the two"),
        "here": Held("number", "norm of the chosen cell"),
        "own": Held("number", "norm at the loss's own step"),
    },
    tables={
        "bundle": {
            "words": Held("flag", "whether the tokens are words"),
            "start_t": Held("index", "the loss at which it opens, from 0"),
            "start_k": Held("index", "the state at which it opens, from 0"),
            "start_net": Held("index", "the network at which it opens"),
            "titles": Held("texts", "names of the networks"),
            "tokens": Held("texts", "the tokens"),
            "matrix": Held("numbers", "norms of dL_t/dh_k, (networks, T, T), [t, k]"),
            "memory": Held("numbers", "what the best unit's gates alone let through, (networks, T, T)"),
            "gated": Held("numbers", "1 for each network with gates, else 0"),
            "turned": Held("numbers", "degrees between dL_t/dh_k and dL_t/dh_t, (networks, T, T)"),
            "factors": Held("numbers", "a step's largest and smallest singular value and mean slope, (networks, 3, T)"),
            "bound": Held("numbers", "log10 of the largest singular values, added up over the steps, (networks, T)"),
            "recurrent": Held("numbers", "largest singular value of each recurrent matrix"),
            "arrivals": Held("numbers", "share of each distance in what arrives, (networks, T, distances)"),
            "bins": Held("texts", "those distances"),
            **{
                f"url{n}{theme}": Held("picture", f"the map of network {n}, for a {theme.lower()} page")
                for n in range(3)
                for theme in ("Light", "Dark")
            },
        }
    },
)

KNOBS = Names(
    signals={
        "start": Held("index", "`start`"),
        "radii": Held("numbers", "`radii`"),
        "N": Held("numbers", "`norms`"),
        "BEFORE": Held("numbers", "`before`"),
        "P": Held("numbers", "`parameters`"),
        "RE": Held("numbers", "`re`"),
        "IM": Held("numbers", "`im`"),
        "own": Held("numbers", "`own`"),
        "names": Held("texts", "`names`"),
        "slideL": Held("px", "left end of the slider"),
        "slideR": Held("px", "right end of the slider"),
        "slideY": Held("px", "middle of the slider"),
        "topY": Held("px", "upper edge of plane and matrices"),
        "planeS": Held("px", "width and height of the plane of eigenvalues"),
        "planeX": Held("px", "its origin, across"),
        "planeY": Held("px", "its origin, down"),
        "planeUnit": Held("px", "the unit circle's radius"),
        "matX": Held("px", "left edge of the matrices"),
        "matS": Held("px", "width and height of one"),
        **edges("pl", "the norms that are left"),
        "wanted": Held("number", "the radius that the pointer is at; null where nothing was dragged"),
        "least": Held("number", "from one radius to the next"),
        "drawnR": Held("number", "the radius of the first matrix as drawn"),
        "drawnOff": Held("flag", "whether it lies between two of the even radii"),
        "extraOff": Held("flag", "whether the one that the link asks for does"),
        "at": Held("index", "the chosen radius, its place among all"),
        "r": Held("number", "the chosen radius"),
        "told": Held("index", "how often it was let go at another place than the page knows"),
        "telling": Held("object", "nothing: its update tells the page the radius"),
        "held": Held("flag", "whether it is being dragged or turned"),
        "sigma": Held("number", "the first matrix's largest singular value at that radius"),
        "rate": Held("number", "the bound's factor a step"),
        "shift": Held("number", "what clipping adds to a norm, 0 or less"),
        "kept": Held("index", "the first step that the window does not cut off"),
        "norm1": Held("number", "the norm at the first step, after clipping"),
        "slope": Held("number", "powers of ten per step back"),
        "slopeBefore": Held("number", "the same with nothing turned"),
    },
    tables={
        "bundle": {
            "R": Held("index", "how many radii there are"),
            "radii": Held("numbers", "the radii that can be dragged to"),
            "drawn": Held("index", "the one at which every matrix is as drawn"),
            "extra": Held("number", "the radius at which it opens"),
            "blocks": Held("index", "how many recurrent matrices there are"),
            "names": Held("texts", "their names"),
            "own": Held("numbers", "the spectral radius of each as drawn"),
            "re": Held("numbers", "real parts of the eigenvalues at radius 1, (matrices, H)"),
            "im": Held("numbers", "their imaginary parts"),
            "ratio": Held("number", "the first matrix's largest singular value at radius 1"),
            "urlsLight": Held("texts", "pictures of the matrices at the farthest radius, for a light page"),
            "urlsDark": Held("texts", "the same for a dark page"),
            "most": Held("number", "the largest entry of those"),
            "norms": Held("numbers", "norms of dL/dh_k at each radius, (R, T)"),
            "before": Held("numbers", "the same with nothing turned, (T,)"),
            "parameters": Held("numbers", "norm of the parameters' gradient at each radius; empty where not clipped"),
            "gamma": Held("number", "the activation's largest slope; -1 for a cell with gates"),
            "clip": Held("number", "the norm that is clipped to; 0 for none"),
            "window": Held("index", "steps of truncation; all where it is not truncated"),
        }
    },
)

SQUASH = Names(
    signals={
        "last": Held("index", "the last step, from 0"),
        "A": Held("numbers", "`a`"),
        "FLAT": Held("numbers", "`flat`"),
        "MEAN": Held("numbers", "`mean`"),
        "LARGEST": Held("numbers", "`largest`"),
        "kinds": Held("numbers", "`kinds`"),
        "names": Held("texts", "`names`"),
        "t": Held("index", "the chosen step, from 0"),
        "tL": Held("px", "left end of the slider"),
        "tR": Held("px", "right end of the slider"),
        "plotsY": Held("px", "upper edge of the plots"),
        "plotH": Held("px", "height of a function's plot"),
        "lowY": Held("px", "upper edge of the plots under them"),
        **edges("ta", "tanh"),
        **edges("si", "the sigmoid"),
        **edges("re", "ReLU"),
        **edges("co", "how many units are saturated"),
        **edges("po", "what slopes multiply to"),
    },
    tables={
        "bundle": {
            "Q": Held("index", "how many squashings the cell has"),
            "names": Held("texts", "symbols of their results"),
            "kinds": Held("numbers", "which function each is: 0 tanh, 1 sigmoid, 2 ReLU"),
            "a": Held("numbers", "their pre-activations, (squashings, T, H)"),
            "flat": Held("numbers", "how many units are saturated, (squashings, T)"),
            "mean": Held("numbers", "product of the mean slopes so far, from the last step back; empty for gates"),
            "largest": Held("numbers", "the same of the largest slopes"),
        }
    },
)

CLIFF = Names(
    signals={
        "N": Held("index", "how many points a path has"),
        "last": Held("index", "the last of them, from 0"),
        "PW": Held("numbers", "`w`"),
        "PB": Held("numbers", "`b`"),
        "LOSS": Held("numbers", "`loss`"),
        "GRAD": Held("numbers", "`slope`"),
        "tones": Held("colours", "the scale of the loss, from 0"),
        "both": Held("colours", "the colours of the two paths"),
        "called": Held("texts", "what they are called"),
        "u": Held("index", "the chosen update, from 0"),
        "uL": Held("px", "left end of the slider"),
        "uR": Held("px", "right end of the slider"),
        **edges("pn", "the plane of weight and bias"),
        "sideL": Held("px", "left edge of the curves"),
        **edges("lo", "the loss"),
        **edges("gr", "the gradient's norm"),
    },
    tables={
        "bundle": {
            "N": Held("index", "how many points a path has"),
            "most": Held("number", "the largest loss on the plane"),
            "url": Held("picture", "the loss over the plane"),
            "w": Held("numbers", "the weight at each point, without and with clipping"),
            "b": Held("numbers", "the bias there"),
            "loss": Held("numbers", "the loss there"),
            "slope": Held("numbers", "the gradient's norm there"),
        }
    },
)

CUT = Names(
    signals={
        "N": Held("index", "how many windows there are"),
        "last": Held("index", "the last of them, from 0"),
        "windows": Held("numbers", "`windows`"),
        "angles": Held("numbers", "`angles`"),
        "shares": Held("numbers", "`shares`"),
        "kept": Held("numbers", "`kept`"),
        "c": Held("index", "the chosen window, from 0"),
        "cL": Held("px", "left end of the slider"),
        "cR": Held("px", "right end of the slider"),
        "n": Held("number", "the chosen window's length"),
        "gutter": Held("px", "left edge of the map"),
        "mapY": Held("px", "upper edge of the map"),
        "mapS": Held("px", "width and height of the map"),
        "cell": Held("px", "width and height of a cell of it"),
        "sideL": Held("px", "left edge of the plot of the angles"),
        **edges("an", "the angles"),
    },
    tables={
        "bundle": {
            "N": Held("index", "how many windows there are"),
            "windows": Held("numbers", "their lengths"),
            "angles": Held("numbers", "degrees between each one's gradient and the full one"),
            "shares": Held("numbers", "its length as a part of the full one's"),
            "overlap": Held("flag", "whether every loss has a window of its own"),
            "kept": Held("numbers", "how many pairs of steps each keeps"),
            "pairs": Held("index", "how many pairs there are"),
            "urlLight": Held("picture", "the full derivatives, for a light page"),
            "urlDark": Held("picture", "the same for a dark page"),
        }
    },
)

PAST = Names(
    signals={
        "last": Held("index", "the last step, from 0"),
        "AHEAD": Held("numbers", "`forward`"),
        "BACK": Held("numbers", "`backward`"),
        "names": Held("texts", "`titles`"),
        "t": Held("index", "the chosen step, from 0"),
        "tL": Held("px", "left end of the slider"),
        "tR": Held("px", "right end of the slider"),
        **edges("pl", "the two norms"),
        "sideL": Held("px", "left edge of the numbers at the chosen step"),
        "sideY": Held("px", "their upper edge"),
    },
    tables={
        "bundle": {
            "titles": Held("texts", "names of the networks"),
            "forward": Held("numbers", "norm of the difference of two states, (networks, T)"),
            "backward": Held("numbers", "norm of dh_t/dh_1, (networks, T)"),
        }
    },
)

TABLE = Names(
    signals={
        "norms": Held("numbers", "`norms`"),
        "spread": Held("numbers", "`spread`"),
        "middle": Held("numbers", "`middle`"),
        "least": Held("numbers", "`least`"),
        "most": Held("numbers", "`most`"),
        "names": Held("texts", "`names`"),
        "lane": Held("px", "height of a line"),
        "head": Held("px", "upper edge of the lines"),
        **edges("pl", "the norms"),
    },
    tables={
        "bundle": {
            "R": Held("index", "how many lines there are"),
            "S": Held("index", "how many seeds"),
            "names": Held("texts", "names of the lines"),
            "norms": Held("numbers", "norm at the chosen seed, (R,)"),
            "spread": Held("numbers", "norm at every seed, (R, S)"),
            "middle": Held("numbers", "its median"),
            "least": Held("numbers", "the smallest"),
            "most": Held("numbers", "the largest"),
        }
    },
)
