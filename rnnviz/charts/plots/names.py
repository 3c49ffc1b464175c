"""The columns of the plots' tables, with their kinds and what they hold."""

from __future__ import annotations

from rnnviz.charts.kit.names import Held, Names

LINES = Names(
    tables={
        "rows": {
            "kind": Held("text", "which line: recurrent or other"),
            "x": Held("index", "length in tokens"),
            "y": Held("number", "how many weights, or how many milliseconds"),
            "name": Held("text", "what the line is called"),
            "present": Held("flag", "whether the point is marked"),
            "last": Held("flag", "whether it is the line's last"),
        }
    }
)
TERMS = Names(
    tables={
        "rows": {
            "k": Held("index", "which bar, from 0"),
            "x": Held("text", "the step's number and token, or the name of the total"),
            "from": Held("number", "where the bar begins"),
            "to": Held("number", "where it ends"),
            "term": Held("number", "what the step adds, or the total"),
            "kind": Held("text", "up, down or total"),
        }
    }
)
STATES = Names(
    tables={
        "cells": {
            "name": Held("text", "the cell's name"),
            "top": Held("px", "upper edge of its part of the plot"),
            "light": Held("picture", "its hidden states, for a light page"),
            "dark": Held("picture", "the same for a dark page"),
        },
        "columns": {
            "k": Held("index", "which token, from 0"),
            "T": Held("index", "how many tokens there are"),
            "token": Held("text", "the token"),
            "needed": Held("px", "the width of a column at which it can be read"),
        },
    }
)
FIRST_WORD = Names(
    tables={
        "rows": {
            "name": Held("text", "the cell's name"),
            "x": Held("index", "tokens since the first word"),
            "y": Held("number", "share of right answers"),
            "read": Held("text", "what the probe reads"),
        },
        "chance": {
            "y": Held("number", "share of right answers by guessing"),
            "name": Held("text", "what that line is called"),
        },
    }
)
COST = Names(
    tables={
        "rows": {
            "x": Held("index", "how many sentences, or how many tokens"),
            "y": Held("number", "milliseconds, or kilobytes"),
        }
    }
)
