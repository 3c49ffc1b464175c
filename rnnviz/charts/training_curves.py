"""What becomes of a training run over its iterations: loss and score of unseen sequences beside what is reached without
memory, and the whole gradient's norm with the iterations in which it was clipped.

Of `runs` it reads `trainX`, `trainY`, `unseenX`, `unseenY`, `scoreY`, `normY`, `clip`, `baseline`, `chance`, `broken`
and `atX`, `atY`, parts of a panel's width and height all; of `bundle` the ticks `loss…` and `norm…`.
"""

from __future__ import annotations

from rnnviz.charts.draw import Layer, dot, rule, text
from rnnviz.charts.training_layout import (
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
    history,
    iterations,
    ticks,
)


def layers() -> list[Layer]:
    return [*_loss(), *_score(), *_norm()]


def _loss() -> list[Layer]:
    broken = {**PER_RUN, "keep": "RUNS[datum.q].broken >= 0"}
    where = LOSS.x("RUNS[datum.q].broken")
    return [
        *frame(LOSS, "B.s_loss"),
        *ticks(LOSS, "lossTicks", "lossNames", when="B.last > 0"),
        *iterations(LOSS),
        history(LOSS, "TX", "TY", strokeWidth=1, strokeOpacity=0.45),
        history(LOSS, "UX", "UY", strokeWidth="2.4*z"),
        LOSS.across(LOSS.y("RUNS[datum.k].baseline"), rows=RUNS, stroke="ink", strokeWidth=1.2, strokeDash=[5, 4]),
        # Where a run broke off.
        LOSS.upright(where, **broken, stroke="badColour", strokeWidth=2, strokeDash=[2, 3]),
        text(
            **broken,
            text="'✕'",
            x=where,
            y=f"{LOSS.top} - 1",
            fontSize="15*z",
            fontWeight="'bold'",
            fill="badColour",
        ),
        dot(
            **PER_RUN,
            keep=HAS_ROWS,
            x=LOSS.x(f"toNumber(AX[datum.q][{SENT}])"),
            y=LOSS.y(f"toNumber(AY[datum.q][{SENT}])"),
            size="70*z",
            fill="now",
        ),
        aside(LOSS, "B.s_train + ' ' + format(RUNS[0].baselineIs, '.3~f')", limit="sideW*0.8"),
    ]


def _score() -> list[Layer]:
    return [
        *frame(SCORE, "B.s_score"),
        *ticks(SCORE, "[0, 0.5, 1]", "['0', '50%', '100%']"),
        SCORE.across(SCORE.y("RUNS[0].chance"), stroke="ink", strokeWidth=1.2, strokeDash=[5, 4]),
        aside(SCORE, "B.s_chance + ' ' + format(RUNS[0].chance, '.0%')"),
        history(SCORE, "UX", "SY", strokeWidth="2.4*z"),
    ]


def _norm() -> list[Layer]:
    at = NORM.x("toNumber(datum.at)")
    return [
        *frame(NORM, "B.s_norm"),
        *ticks(NORM, "normTicks", "normNames", when="B.last > 0"),
        *iterations(NORM),
        history(NORM, "TX", "NY", strokeWidth=1.2),
        rule(
            **each("max(length(CLIP[0]), length(CLIP[1]))", at="CLIP[datum.q][datum.i]"),
            keep="datum.i < length(CLIP[datum.q]) && datum.at != ''",
            x=at,
            x2=at,
            y=f"{NORM.bottom} - (datum.q + 1)*7*z",
            y2=f"{NORM.bottom} - datum.q*7*z",
            stroke="now",
            strokeWidth=1,
            strokeOpacity=0.7,
        ),
        aside(NORM, "B.s_clipped", fill="now", limit="sideW*0.5"),
    ]
