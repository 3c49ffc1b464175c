"""Copying and reversing a string of letters: its first character says which."""

from rnnviz.tasks.grammar.writing import Drawn, pick
from rnnviz.tasks.pairs.pair import Pair, PairTask, Words

SAME, TURNED = "=", "<"
LETTERS = "abcdefghij"
TRAINED, LONGEST = 12, 24  # letters


def _vocabulary(side: int) -> Words:
    return tuple(sorted((*LETTERS, *("" if side else (SAME, TURNED)))))


def _draw(dice: Drawn, length: int | None) -> Pair:
    """The letters are the key: a string that is held out is neither copied nor reversed in training."""
    sign = pick(dice, (SAME, TURNED))
    count = 1 + dice.below(TRAINED) if length is None else length - 1
    letters = tuple(pick(dice, LETTERS) for _ in range(count))
    return Pair((sign, *letters), letters if sign == SAME else letters[::-1], "".join(letters))


def right(source: Words) -> Words | None:
    """The letters after the sign, as they stand or from the last to the first."""
    sign, letters = source[:1], tuple(letter.casefold() for letter in source[1:])
    if sign not in ((SAME,), (TURNED,)) or not letters or not set(letters) <= set(LETTERS):
        return None
    return letters if sign == (SAME,) else letters[::-1]


COPYING = PairTask(
    "copying",
    ("character", "character"),
    (),
    "",
    range(2, TRAINED + 2),
    range(2, LONGEST + 2),
    _vocabulary,
    _draw,
    right,
)
