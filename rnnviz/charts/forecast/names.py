"""The names that several parts of a forecast's picture read, with their kinds and what they hold.

A place is a part of a panel's width or height, from 0 to 1. Steps are counted from 0 over window and horizon: step
`W - 1` is the last value that is read, step `W` the first that is forecast.
"""

from __future__ import annotations

from rnnviz.charts.kit.names import Meaning, Names, edges

FORECAST = Names(
    signals={
        "O": Meaning("row", "the row of `origins` from where it looks ahead"),
        "SEP": Meaning("text", "the character between the texts of a list"),
        # What is looked at.
        "W": Meaning("index", "how many values are read"),
        "H": Meaning("index", "how many values are forecast"),
        "F": Meaning("index", "how many forecasters there are"),
        "U": Meaning("index", "how many units are shown"),
        "G": Meaning("index", "how many gates there are"),
        "count": Meaning("index", "how many origins there are"),
        "t": Meaning("index", "how many values have been read, and then have come"),
        "ahead": Meaning("index", "how far ahead it looks, from 1"),
        "origin": Meaning("index", "from which origin, from 0"),
        "seen": Meaning("index", "how many values have come since the origin"),
        "read": Meaning("index", "how many values of the window have been read"),
        "playing": Meaning("flag", "whether it is played"),
        "hover": Meaning("object", "what the pointer is on under the strip: step `s` and `y`, px"),
        # What the row of the origin holds, taken apart.
        "HIDDEN": Meaning("numbers", "what each unit holds after each value read, in hundredths: unit by unit"),
        "GATE": Meaning("numbers", "the mean of each gate there, in hundredths: gate by gate"),
        "AHEAD": Meaning("numbers", "each forecast, forecaster by forecaster, in the series' unit"),
        "ERROR": Meaning("numbers", "the mean absolute error up to each step ahead, forecaster by forecaster"),
        "LABEL": Meaning("numbers", "where the name of each line stands when it ends there, a place"),
        "TICK": Meaning("texts", "the numbers at the axis of values, from below"),
        # Colours.
        "ramp": Meaning("colours", "the scale of values from -1 to 1"),
        "tints": Meaning("colours", "the colour of each forecaster"),
        "gateTints": Meaning("colours", "the colour of each gate"),
        # Where the parts lie.
        "listL": Meaning("px", "left edge of the list of errors"),
        "listR": Meaning("px", "right edge of its last column"),
        "listT": Meaning("px", "its upper edge"),
        "cell": Meaning("px", "width of a step"),
        "rowH": Meaning("px", "height of a unit's row"),
        "nowX": Meaning("px", "right edge of what has been read or has come"),
        "originX": Meaning("px", "between the last value that is read and the first that is forecast"),
        "endX": Meaning("px", "right edge of the horizon"),
        "end": Meaning("px", "lower edge of the picture"),
        **edges("strip", "the whole series"),
        **edges("det", "window and horizon"),
        **edges("heat", "the units"),
        **edges("gate", "the gates"),
    },
    tables={
        "bundle": {
            "placed": Meaning("flag", "whether a page has real controls in the place of the drawn ones"),
            "N": Meaning("index", "how many values the series has"),
            "window": Meaning("index", "how many values are read"),
            "H": Meaning("index", "how many values are forecast"),
            "F": Meaning("index", "how many forecasters there are"),
            "U": Meaning("index", "how many units are shown"),
            "hidden": Meaning("index", "how many units the network has"),
            "G": Meaning("index", "how many gates there are"),
            "count": Meaning("index", "how many origins there are"),
            "values": Meaning("numbers", "the series, in its own unit", "VALUES"),
            "whens": Meaning("texts", "when each value was, and would be after the last", "WHENS"),
            "unit": Meaning("text", "of a value, right behind the number; empty where there is none"),
            "names": Meaning("texts", "what each forecaster is called", "NAMED"),
            "lights": Meaning("colours", "the colour of each on a light page", "LIGHTS"),
            "darks": Meaning("colours", "the same on a dark page", "DARKS"),
            "dashes": Meaning("numbers", "of each line four lengths of dash and gap", "DASH"),
            "on": Meaning("numbers", "1 for a forecaster whose line is drawn", "ON"),
            "main": Meaning("index", "which forecaster is the network"),
            "gates": Meaning("texts", "the symbol of each gate", "GATES"),
            "veil": Meaning(
                "texts", "lines that stand in the place of all forecasts while a question waits; else empty", "VEIL"
            ),
        },
        "origins": {
            "at": Meaning("index", "the first value that is forecast, from 0"),
            "h": Meaning("numbers", "what each unit holds after each value read, in hundredths: unit by unit"),
            "gates": Meaning("numbers", "the mean of each gate there, in hundredths: gate by gate"),
            "forecasts": Meaning("numbers", "each forecast, forecaster by forecaster"),
            "errors": Meaning("numbers", "the mean absolute error up to each step ahead, forecaster by forecaster"),
            "labels": Meaning("numbers", "where the name of each line stands when it ends there, a place"),
            "ticks": Meaning("texts", "the numbers at the axis of values, from below"),
            "low": Meaning("number", "the value at the lower edge of the detail"),
            "high": Meaning("number", "the value at its upper edge"),
        },
    },
)
