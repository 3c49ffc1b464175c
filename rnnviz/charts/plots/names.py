"""The columns of the plots' tables, with their kinds and what they hold."""

from __future__ import annotations

from rnnviz.charts.kit.names import Meaning, Names

LINES = Names(
    tables={
        "rows": {
            "kind": Meaning("text", "which line: recurrent or other"),
            "x": Meaning("index", "length in tokens"),
            "y": Meaning("number", "how many weights, or how many milliseconds"),
            "name": Meaning("text", "what the line is called"),
            "present": Meaning("flag", "whether the point is marked"),
            "last": Meaning("flag", "whether it is the line's last"),
        }
    }
)
TERMS = Names(
    tables={
        "rows": {
            "k": Meaning("index", "which bar, from 0"),
            "x": Meaning("text", "the step's number and token, or the name of the total"),
            "from": Meaning("number", "where the bar begins"),
            "to": Meaning("number", "where it ends"),
            "term": Meaning("number", "what the step adds, or the total"),
            "kind": Meaning("text", "up, down or total"),
        }
    }
)
STATES = Names(
    tables={
        "cells": {
            "name": Meaning("text", "the cell's name"),
            "top": Meaning("px", "upper edge of its part of the plot"),
            "light": Meaning("picture", "its hidden states, for a light page"),
            "dark": Meaning("picture", "the same for a dark page"),
        },
        "columns": {
            "k": Meaning("index", "which token, from 0"),
            "T": Meaning("index", "how many tokens there are"),
            "token": Meaning("text", "the token"),
            "needed": Meaning("px", "the width of a column at which it can be read"),
        },
    }
)
FIRST_WORD = Names(
    tables={
        "rows": {
            "name": Meaning("text", "the cell's name"),
            "x": Meaning("index", "tokens since the first word"),
            "y": Meaning("number", "share of right answers"),
            "read": Meaning("text", "what the probe reads"),
        },
        "chance": {
            "y": Meaning("number", "share of right answers by guessing"),
            "name": Meaning("text", "what that line is called"),
        },
    }
)
COST = Names(
    tables={
        "rows": {
            "x": Meaning("index", "how many sentences, or how many tokens"),
            "y": Meaning("number", "milliseconds, or kilobytes"),
        }
    }
)
LENGTHS = Names(
    tables={
        "rows": {
            "name": Meaning("text", "what the attention is called"),
            "x": Meaning("index", "tokens of the source"),
            "mean": Meaning("number", "share, mean of the seeds"),
            "least": Meaning("number", "the least of the seeds"),
            "most": Meaning("number", "the most of them"),
        },
        "guess": {
            "x": Meaning("index", "tokens of the source"),
            "y": Meaning("number", "share without a network"),
            "name": Meaning("text", "what that line is called, at its first point"),
        },
        "trained": {
            "from": Meaning("index", "tokens of the shortest source of the training data"),
            "to": Meaning("index", "of the longest"),
            "name": Meaning("text", "what that range is called"),
        },
        "own": {
            "x": Meaning("index", "tokens of the reader's own source"),
            "name": Meaning("text", "what it is called"),
        },
        "marks": {
            "kind": Meaning("text", "which attention, by its name in the core"),
            "name": Meaning("text", "what it is called"),
            "x": Meaning("index", "tokens of the reader's own source"),
            "y": Meaning("number", "1 where its target is right, 0 where it is not"),
            "said": Meaning("text", "the same in words"),
        },
    }
)
HORIZON = Names(
    tables={
        "rows": {
            "kind": Meaning("text", "which forecaster, by its name in a walk"),
            "name": Meaning("text", "what it is called"),
            "x": Meaning("index", "steps ahead"),
            "y": Meaning("number", "the mean absolute error there, in the series' unit"),
            "second": Meaning("flag", "whether it is the second of a pair"),
            "plain": Meaning("flag", "whether it is a forecast without a network"),
        },
        "ends": {
            "kind": Meaning("text", "which forecaster"),
            "name": Meaning("text", "what the line is called"),
            "x": Meaning("number", "steps ahead at which that stands"),
            "place": Meaning("number", "the height at which that stands, on the axis of the errors"),
        },
        "trained": {
            "from": Meaning("number", "the end of the steps that the network was trained for"),
            "to": Meaning("number", "the end of the horizon"),
            "name": Meaning("text", "what is said of the steps between them"),
        },
    }
)
OVER_TIME = Names(
    tables={
        "rows": {
            "name": Meaning("text", "what the line is called"),
            "x": Meaning("index", "place of a value in the series, from 0"),
            "y": Meaning("number", "the value, or what was forecast for it"),
            "when": Meaning("text", "when it was"),
        },
        "limit": {
            "y": Meaning("number", "the largest value that was trained on"),
            "name": Meaning("text", "what that line is called"),
        },
        "times": {
            "x": Meaning("index", "the first place of the axis, and the last"),
            "when": Meaning("text", "when that was"),
            "side": Meaning("text", "left or right"),
        },
    }
)
MAPS = Names(
    tables={
        "maps": {
            "name": Meaning("text", "the quantity's symbol"),
            "top": Meaning("px", "upper edge of its picture"),
            "tall": Meaning("px", "height of that"),
            "first": Meaning("text", "what stands beside its uppermost row"),
            "last": Meaning("text", "what stands beside its lowest row"),
            "scale": Meaning("text", "how far its colours reach"),
            "light": Meaning("picture", "its numbers, for a light page"),
            "dark": Meaning("picture", "the same for a dark page"),
            "inLight": Meaning("colour", "its symbol's colour on a light page"),
            "inDark": Meaning("colour", "the same on a dark page"),
        },
        "ticks": {"t": Meaning("index", "a step whose number is written, from 1")},
    }
)
ATTRIBUTION = Names(
    tables={
        "rows": {
            "x": Meaning("index", "the step, from 1"),
            "token": Meaning("text", "what was read"),
            "y": Meaning("number", "x_t * dL/dx_t, nothing where it is not finite"),
            "norm": Meaning("text", "the norm of dL/dx_t, in writing"),
        }
    }
)
FACTORS = Names(
    tables={
        "rows": {
            "name": Meaning("text", "what the line is called"),
            "x": Meaning("index", "the step, from 1"),
            "y": Meaning("number", "a norm, above 0"),
        }
    }
)
