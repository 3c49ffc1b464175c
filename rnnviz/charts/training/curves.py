"""What becomes of a training run over its iterations: loss and score of unseen sequences beside what is reached without
memory, and the whole gradient's norm with the limit that it is clipped at and how often it was. What is not on an axis
leaves a gap in its curve and a mark at the panel's edge that says why.
"""

from __future__ import annotations

import json
from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import Layer, dot, rect, rule, small, text
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.plot import Panel
from rnnviz.charts.training.layout import (
    COLOUR,
    GUTTER,
    HAS_ROWS,
    LOSS,
    NORM,
    PER_RUN,
    RUNS,
    SCORE,
    SENT,
    aside,
    each,
    frame,
    future,
    history,
    iterations,
    over,
    ticks,
    unless_watched,
)

DASHED: dict[str, Any] = {"stroke": "ink", "strokeWidth": 1.2}  # a line that others are held against
SIGNS = json.dumps({"^": "▲", "v": "▼", "i": "∞", "n": "NaN"}, ensure_ascii=False)

NAMES = Names(
    tables={
        "bundle": {
            "lossTicks": Meaning("numbers", "where numbers stand at the loss", "lossTicks"),
            "lossNames": Meaning("texts", "those numbers", "lossNames"),
            "normTicks": Meaning("numbers", "where numbers stand at the norm", "normTicks"),
            "normNames": Meaning("texts", "those numbers", "normNames"),
            "changeX": Meaning("numbers", "where a setting was changed", "CHANGEX"),
            "changes": Meaning("texts", "what was changed there", "CHANGES"),
            "baselineIs": Meaning("text", "the loss without memory"),
            "learnedIs": Meaning("text", "the loss from which on a run has learned, and what part of that it is"),
            "lossMost": Meaning("text", "how large the loss was where its axis does not reach; else empty"),
            "limitIs": Meaning("text", "what the norm is clipped at; empty for none"),
        },
        "runs": {
            "trainX": Meaning("numbers", "iterations of the curves of training, places", "TX"),
            "trainY": Meaning("numbers", "the training loss there; empty where it is not on the axis", "TY"),
            "normY": Meaning("numbers", "the whole gradient's norm there", "NY"),
            "unseenX": Meaning("numbers", "iterations at which unseen data were read, places", "UX"),
            "unseenY": Meaning("numbers", "the loss on them", "UY"),
            "scoreY": Meaning("numbers", "the score on them", "SY"),
            "lossOff": Meaning("numbers", "stretches off the axis of the loss: begin, end and why", "OFFLOSS"),
            "normOff": Meaning("numbers", "the same of the norm", "OFFNORM"),
            "clip": Meaning("numbers", "share of clipped iterations in equal stretches", "CLIP"),
            "limit": Meaning("numbers", "stretches in which the norm is clipped: begin, end and at what", "LIMIT"),
            "baseline": Meaning("number", "the loss without memory, a place"),
            "learned": Meaning("number", "the loss from which on it has learned, a place"),
            "chance": Meaning("number", "the score without memory"),
            "broken": Meaning("number", "where the run broke off, a place; -1 where it did not"),
            "atX": Meaning("numbers", "the iteration of each row that was sent, a place", "AX"),
            "atY": Meaning("numbers", "its loss, a place", "AY"),
        },
    },
)


def layers() -> list[Layer]:
    return [*_loss(), *map(unless_watched, _score()), *_norm(), *_changes()]


def _loss() -> list[Layer]:
    return [
        *frame(LOSS, "B.s_loss"),
        *ticks(LOSS, "lossTicks", "lossNames", when="B.last > 0"),
        *iterations(LOSS),
        history(LOSS, "TX", "TY", strokeWidth=1, strokeOpacity=0.45),
        history(LOSS, "UX", "UY", strokeWidth="2.4*z"),
        future(LOSS, f"toNumber(AX[datum.q][{SENT}])"),
        unless_watched(LOSS.across(LOSS.y("RUNS[datum.k].baseline"), rows=RUNS, **DASHED, strokeDash=[5, 4])),
        unless_watched(LOSS.across(LOSS.y("RUNS[datum.k].learned"), rows=RUNS, **DASHED, strokeDash=[1, 4])),
        *_off(LOSS, "OFFLOSS"),
        *_breaks(LOSS),
        dot(
            **PER_RUN,
            keep=f"{HAS_ROWS} && AY[datum.q][{SENT}] != ''",
            x=LOSS.x(f"toNumber(AX[datum.q][{SENT}])"),
            y=LOSS.y(f"toNumber(AY[datum.q][{SENT}])"),
            size="70*z",
            fill="now",
        ),
        small(
            text="B.lossMost", x=f"{LOSS.left} - {GUTTER} + 2", y=f"{LOSS.top} - 30*z", align="'left'", fontSize="11*z"
        ),
        unless_watched(aside(LOSS, "B.s_train", y=f"{LOSS.top} - 45*z")),
        unless_watched(aside(LOSS, "B.s_baseline + ' ' + B.baselineIs", y=f"{LOSS.top} - 30*z")),
        unless_watched(aside(LOSS, "B.learnedIs")),
    ]


def _score() -> list[Layer]:
    return [
        *frame(SCORE, "B.s_score"),
        *ticks(SCORE, "[0, 0.5, 1]", "['0', '50%', '100%']"),
        SCORE.across(SCORE.y("RUNS[0].chance"), stroke="ink", strokeWidth=1.2, strokeDash=[5, 4]),
        aside(SCORE, f"B.s_chance + ' ' + {numbers.percent('RUNS[0].chance')}"),
        history(SCORE, "UX", "SY", strokeWidth="2.4*z"),
        future(SCORE, f"toNumber(AX[datum.q][{SENT}])"),
    ]


def _norm() -> list[Layer]:
    strip, share = f"{NORM.bottom} + (3 + 7*datum.q)*z", "toNumber(CLIP[datum.q][datum.i])"
    stretches = "length(CLIP[datum.q])"
    limits = each("floor(max(length(LIMIT[0]), length(LIMIT[1]))/3)", at="3*datum.i")
    level = "toNumber(LIMIT[datum.q][{}])"
    return [
        *frame(NORM, "B.s_norm"),
        *ticks(NORM, "normTicks", "normNames", when="B.last > 0"),
        *iterations(NORM, "11*z + stripH"),
        rule(
            **limits,
            keep="datum.at + 2 < length(LIMIT[datum.q])",
            x=NORM.x(level.format("datum.at")),
            x2=NORM.x(level.format("datum.at + 1")),
            y=NORM.y(level.format("datum.at + 2")),
            y2=NORM.y(level.format("datum.at + 2")),
            stroke="now",
            strokeWidth=1,
        ),
        history(NORM, "TX", "NY", strokeWidth=1.2),
        *_off(NORM, "OFFNORM"),
        *_breaks(NORM),
        # How often it was clipped, in a strip of its own, off the curve.
        rect(
            **each("max(length(CLIP[0]), length(CLIP[1]))"),
            when="B.clips && B.last > 0",
            keep=f"datum.i < {stretches} && {share} > 0",
            x=NORM.x(f"datum.i/{stretches}"),
            x2=NORM.x(f"(datum.i + 1)/{stretches}"),
            y=strip,
            y2=f"{strip} + 5*z",
            fill=COLOUR,
            fillOpacity=f"0.15 + 0.85*{share}",
        ),
        rect(
            **PER_RUN,
            when="B.clips",
            x=NORM.left,
            x2=NORM.right,
            y=strip,
            y2=f"{strip} + 5*z",
            fill="paper",
            fillOpacity=0,
            stroke="line",
            strokeWidth=0.6,
        ),
        future(NORM, f"toNumber(AX[datum.q][{SENT}])", "3*z + stripH"),
        aside(NORM, "B.limitIs", y=f"{NORM.top} - 30*z", fill="now"),
        aside(NORM, "B.s_clipped", when="B.clips"),
    ]


def _off(panel: Panel, stretches: str) -> list[Layer]:
    """At the edge, how long a value is not on the axis, and why."""
    entry = f"{stretches}[datum.q][3*datum.i + {{}}]"
    start, end = (panel.x(f"toNumber({entry.format(n)})") for n in (0, 1))
    rows = {
        **each(f"floor(max(length({stretches}[0]), length({stretches}[1]))/3)", why=entry.format(2)),
        "keep": f"3*datum.i + 2 < length({stretches}[datum.q])",
    }
    edge = f"(datum.why == 'v' ? {panel.bottom} : {panel.top})"
    return [
        rule(**rows, x=f"{start} - 2", x2=f"{end} + 2", y=edge, y2=edge, stroke=COLOUR, strokeWidth="4*z"),
        *over(
            **rows,
            text=f"({SIGNS})[datum.why]",
            x=f"({start} + {end})/2",
            align=f"({start} + {end})/2 < {panel.left} + 12*z ? 'left' : 'center'",
            y=f"{edge} + (datum.why == 'v' ? -8 : 8)*z",
            fontSize="10*z",
            fontWeight="'bold'",
            fill=f"datum.why == 'i' || datum.why == 'n' ? badColour : {COLOUR}",
        ),
    ]


def _breaks(panel: Panel) -> list[Layer]:
    """Where a run broke off."""
    broken_runs = {**PER_RUN, "keep": "RUNS[datum.q].broken >= 0"}
    where = panel.x("RUNS[datum.q].broken")
    return [
        panel.upright(where, **broken_runs, stroke="badColour", strokeWidth=2, strokeDash=[2, 3]),
        text(
            **broken_runs,
            text="'✕'",
            x=where,
            y=f"{panel.bottom} - 1",
            fontSize="15*z",
            fontWeight="'bold'",
            fill="badColour",
        ),
    ]


def _changes() -> list[Layer]:
    """Where the learning rate or the clipping was changed: through all three panels, and in words along the line."""
    at = "toNumber(CHANGEX[datum.k])"
    rows = {"rows": "sequence(length(CHANGEX))", "keep": "CHANGEX[datum.k] != ''"}
    x = LOSS.x(at)
    return [
        *(
            panel.upright(panel.x(at), **rows, stroke="soft", strokeWidth=1, strokeDash=[1, 2])
            for panel in (LOSS, SCORE, NORM)
        ),
        *over(
            **rows,
            text="CHANGES[datum.k]",
            x=f"{x} + ({at} < 0.05 ? 8 : -7)*z",
            y=f"{LOSS.top} + 6*z",
            angle=270,
            align="'right'",
            limit="lossH - 12*z",
        ),
    ]
