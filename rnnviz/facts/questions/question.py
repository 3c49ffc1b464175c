"""A question about what a page shows: its options, the right one, and of each in a sentence why it is right or wrong.

Facts only; a page words them: `ask.<name>` asks, `ask.<name>_<option>` is what an option is called, and
`ask.<name>_why_<reason>` says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rnnviz.facts.notice import Values


@dataclass(frozen=True)
class Question:
    """Raises `ValueError` where the answer is no option, or an option has no reason."""

    name: str
    values: Values  # fill the question and its options
    reasons: Mapping[str, tuple[str, Values]]  # each option in the order shown: the reason's name, and what fills it
    answer: str
    labels: Mapping[str, str] | None = (
        None  # of the options, where they are words of the text and no catalogue has them
    )

    def __post_init__(self) -> None:
        if self.answer not in self.reasons or len(self.reasons) < 2:
            raise ValueError(f"answer is {self.answer!r}; accepted: one of at least two options {list(self.reasons)}")

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(self.reasons)


KNOWN = 0.05  # of the answers: a probe that is right as often but for this knows as much


def where_first_word(
    cell: str, *, has_c: bool, distance: int, h: float, carried: float, chance: float, last: float, chosen: float
) -> Question:
    """Where the first word of a sentence is, `distance` tokens later.

    cell: as it is called.     has_c: whether it carries a memory beside h.     h, carried: how often a linear probe
    reads the word from h, and from all that is carried.     chance: what guessing among the first words reaches.
    last, chosen: how often, at the end of such a sentence, the network puts the word that the first one decides above
    its rivals, and above all words.
    """
    answer = "nowhere" if carried < chance + KNOWN else "h" if h > carried - KNOWN else "c"
    values: Values = {"cell": cell, "distance": distance}
    evidence: Values = {**values, "h": h, "carried": carried, "chance": chance, "last": last, "chosen": chosen}
    c_reason = "c" if answer == "c" else "c_lost" if answer == "nowhere" else "c_both"
    reasons = {
        "h": ("h" if answer == "h" else "h_less", evidence),
        "c": (c_reason if has_c else "no_c", evidence),
        "weights": ("weights", evidence),
        "nowhere": ("nowhere" if answer == "nowhere" else "known", evidence),
    }
    return Question("first_word", values, reasons, answer)
