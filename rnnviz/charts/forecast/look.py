"""How the picture of a forecast looks: from where, how far ahead, how much of it has come, what is drawn beside it."""

from __future__ import annotations

from dataclasses import dataclass

NAIVE = ("last", "season", "trend", "linear")  # forecasts without a network, by their names in a walk


@dataclass(frozen=True)
class ForecastLook:
    """Everything about the picture that is not in its data."""

    language: str = "en"  # of all texts
    origin: int = 0  # from which it opens, among the walk's, from 0; one that is not there is the last
    ahead: int = 0  # how far ahead it looks, from 1 to the walk's horizon; 0 is all of it
    t: int = 0  # values that have been read of the window, and then of the horizon that have come; 0 to window + ahead
    others: tuple[str, ...] = NAIVE  # of `NAIVE`, those that have a line
    go: int = 0  # how often its page has sent it elsewhere
    zoom: float = 1.0  # the size of all text, 1 for a screen on a desk
    placed: bool = False  # without drawn controls, since a page has real ones around it
    room: bool = True  # whether such controls lie over its upper edge, so that it begins below them
    keys: bool = True  # whether keys move it
    veil: str = ""  # what stands in the place of all forecasts while a question about them waits; empty for none
