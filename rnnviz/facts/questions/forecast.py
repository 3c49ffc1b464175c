"""What the lesson on forecasts asks before it shows, with the answer as it was computed for the runs that are shown.

The options aim at what one may wrongly believe: that a curve that follows closely knows something, that more units or
more training make up for what is not read, that a good score on known data is one on data to come.
"""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.core.forecast import Walk
from rnnviz.facts.forecast import ALIKE, MOSTLY, SKILLED, below, unit_text
from rnnviz.facts.notice import Values
from rnnviz.facts.questions.question import Question

SHAPES = ("direct", "step", "point")


def nearest(walk: Walk, ahead: int, unit: str) -> Question:
    """Which forecast is nearest to what came, over all origins and up to `ahead` steps."""
    errors = {name: walk.mae(name, ahead) for name in ("network", "last", "season", "trend") if name in walk.forecasts}
    answer = min(errors, key=errors.__getitem__)
    values: Values = {"count": len(walk.origins), "ahead": ahead, "unit": unit_text(unit)}
    reasons = {
        name: ("best" if name == answer else "more", {**values, "error": error, "best": errors[answer]})
        for name, error in errors.items()
    }
    return Question("forecast_nearest", values, reasons, answer)


def farthest_ahead(walks: Mapping[str, Walk], unit: str) -> Question:
    """Which of the three shapes is nearest at the last step ahead.     walks: of each shape, of one horizon."""
    ahead = walks[SHAPES[0]].horizon
    ends = {shape: float(walks[shape].by_step("network")[-1]) for shape in SHAPES}
    starts = {shape: float(walks[shape].by_step("network")[0]) for shape in SHAPES}
    answer = min(ends, key=ends.__getitem__)
    values: Values = {"ahead": ahead, "unit": unit_text(unit)}
    reasons = {
        shape: ("best" if shape == answer else "more", {**values, "first": starts[shape], "last": ends[shape]})
        for shape in SHAPES
    }
    return Question("forecast_shapes", values, reasons, answer)


def copies(walk: Walk, unit: str) -> Question:
    """Whether a network that follows a curve closely knows more than its last value, one step ahead."""
    skill, error, last = walk.skill("network", 1), walk.mae("network", 1), walk.mae("last", 1)
    apart = float(abs(walk.forecasts["network"][:, 0] - walk.forecasts["last"][:, 0]).mean())
    answer = "knows" if skill >= SKILLED else "repeats"
    evidence: Values = {"error": error, "last": last, "skill": skill, "apart": apart, "unit": unit_text(unit)}
    reasons = {name: ("right" if name == answer else f"not_{name}", evidence) for name in ("knows", "repeats")}
    return Question("forecast_copy", {}, reasons, answer)


def too_short(errors: Mapping[str, float], window: int, longer: int, units: int, iterations: int) -> Question:
    """What helps a network that reads too little.

    errors: mean absolute, of "base" and of each cure: more "units", more "training", a longer "window".
    """
    cures = ("units", "training", "window")
    answer = min(cures, key=errors.__getitem__)
    values: Values = {"window": window, "longer": longer, "units": units, "iterations": iterations}
    reasons = {
        name: ("best" if name == answer else "other", {**values, "error": errors[name], "base": errors["base"]})
        for name in cures
    }
    return Question("forecast_short", values, reasons, answer)


def leaves_range(walk: Walk, ahead: int, most: float, reached: float, unit: str) -> Question:
    """On which side of what came the forecasts lie where a series leaves what was trained on.

    most: the largest value that was trained on.     reached: the largest that came.
    """
    share = below(walk, "network", ahead)
    answer = "below" if share >= MOSTLY else "above" if share <= 1 - MOSTLY else "follows"
    values: Values = {"most": most, "reached": reached, "unit": unit_text(unit)}
    evidence: Values = {
        **values,
        "share": share,
        "error": walk.mae("network", ahead),
        "last": walk.mae("last", ahead),
    }
    options = ("follows", "below", "above")
    reasons = {name: ("right" if name == answer else f"is_{answer}", evidence) for name in options}
    return Question("forecast_trend", values, reasons, answer)


def leaks(knowing: Walk, honest: Walk, ahead: int, unit: str) -> Question:
    """What the error of a network whose scaling knew the future would have been without that.

    knowing: scaled by the whole series.     honest: by what is trained on.
    """
    values, known = knowing.values, knowing.values[: knowing.split]
    near, far = (float((values.max() - part.mean()) / part.std()) for part in (values, known))
    found, without = knowing.mae("network", ahead), honest.mae("network", ahead)
    answer = "larger" if without > found * (1 + ALIKE) else "smaller" if without < found * (1 - ALIKE) else "same"
    asked: Values = {"error": found, "unit": unit_text(unit)}
    evidence: Values = {**asked, "without": without, "near": near, "far": far}
    options = ("same", "larger", "smaller")
    reasons = {name: ("right" if name == answer else f"is_{answer}", evidence) for name in options}
    return Question("forecast_leak", asked, reasons, answer)


def untrained(step: Walk, direct: Walk, unit: str) -> Question:
    """Which is nearer, a network trained for the next value alone and fed with its own output, or one trained for the
    whole horizon: at the first step ahead and at the last."""
    first = step.by_step("network")[0] <= direct.by_step("network")[0]
    last = step.by_step("network")[-1] <= direct.by_step("network")[-1]
    answer = "always" if first and last else "first" if first else "later" if last else "never"
    evidence: Values = {
        "ahead": step.horizon,
        "step_first": float(step.by_step("network")[0]),
        "step_last": float(step.by_step("network")[-1]),
        "direct_first": float(direct.by_step("network")[0]),
        "direct_last": float(direct.by_step("network")[-1]),
        "unit": unit_text(unit),
    }
    options = ("always", "first", "later", "never")
    reasons = {name: ("right" if name == answer else "wrong", evidence) for name in options}
    return Question("forecast_horizon", {"ahead": step.horizon}, reasons, answer)
