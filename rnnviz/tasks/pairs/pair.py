"""A pair of sequences, and what a task of such pairs says of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

from rnnviz.tasks.grammar.writing import Drawn

Words = tuple[str, ...]
HELD_OUT = 5  # one key in so many
SPACE = "␣"  # the token of a space where characters are tokens


@dataclass(frozen=True)
class Pair:
    """`target` is the right answer to `source`; neither has a token for its beginning or its end.

    `key` is the combination that is held out as a whole: pairs that share a key are all seen or all unseen.
    """

    source: Words
    target: Words
    key: str

    @property
    def unseen(self) -> bool:
        """Whether training leaves this pair out."""
        return is_held_out(self.key)


def is_held_out(key: str) -> bool:
    """One key in five, by a checksum, the same on every machine."""
    # "kn" is a salt: with it, a tenth to a third of what each noun and each verb of the sentences does is held out.
    return crc32(f"kn{key}".encode()) % HELD_OUT == 0


@dataclass(frozen=True)
class PairTask:
    """Pairs of sequences that are read and written: sentences of two languages, dates, numbers, strings to be copied.

    units: what a token is, "word" or "character", of the sources and of the targets, as the zoo's vocabulary cuts a
    typed text. source_languages, target_language: of the pages' languages, if any. lengths: how many tokens the sources
    of training have. measured: those that can be asked for, longer ones too; the shortest sources are few.
    vocabulary: every token of a side, sorted, by the side's place. draw: a pair whose source has so many tokens, or as
    many as comes. right: the one right target of a source, in whatever case its letters are; None for one that is not
    of the task.
    """

    name: str
    units: tuple[str, str]
    source_languages: Words
    target_language: str
    lengths: range
    measured: range
    vocabulary: Callable[[int], Words]
    draw: Callable[[Drawn, int | None], Pair]
    right: Callable[[Words], Words | None]

    @property
    def sources(self) -> Words:
        return self.vocabulary(0)

    @property
    def targets(self) -> Words:
        return self.vocabulary(1)
