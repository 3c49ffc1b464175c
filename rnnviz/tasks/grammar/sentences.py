"""Sentences of a small grammar, English and Korean, for a word-level language model that predicts the next word.

Every sentence belongs to a family that shows one thing a memory is for, and carries a probe: the one word that
earlier words decide, with the rivals that would be right after another beginning.

family       what decides the probed word
be           the subject (and "yesterday"): I am, you are, she was; Korean: the speech level of the first word
agreement    a noun several words back, past an attractor of the other number; Korean: the honorific subject
negation     "not" together with the adjective, an exclusive or: not good, hated; not bad, loved
order        which of two animals came first: the same words in another order end otherwise
recall       the first word decides the last one of a sentence of 3 to 17 tokens
memory       the same with 20 to 35 tokens

`english` and `korean` have the words, `writing` how a family draws, and `next_word` what may follow.
"""

from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from rnnviz.tasks.grammar import english, korean
from rnnviz.tasks.grammar.writing import END, Decided, Drawn, Family

__all__ = ["END", "FAMILIES", "GRAMMARS", "LANGUAGES", "SHARES", "Sentence", "sentences", "words", "written"]

# By language and family: the ways to write it, each with its share.
GRAMMARS = {"en": english.FAMILIES, "ko": korean.FAMILIES}
LANGUAGES = tuple(GRAMMARS)
# A family's share of a mixed draw.
SHARES = {"be": 0.12, "agreement": 0.14, "negation": 0.14, "order": 0.2, "recall": 0.22, "memory": 0.18}
FAMILIES = tuple(SHARES)


@dataclass(frozen=True)
class Sentence:
    """`words[probe]` is decided by `words[:probe]`; `choices` are it and its rivals.

    `key` is the combination that is held out as a whole: sentences that share a key are all seen or all unseen.
    """

    words: tuple[str, ...]
    family: str
    probe: int
    choices: tuple[str, ...]
    key: str

    @property
    def unseen(self) -> bool:
        """Whether training leaves this sentence out: one key in five, by a checksum, the same on every machine."""
        # The "d" is a salt: with it every family, however few its keys, has about a fifth of them held out.
        return crc32(f"d{self.key}".encode()) % 5 == 0


def sentences(
    language: str, count: int, *, seed: int, unseen: bool = False, family: str | None = None
) -> list[Sentence]:
    """`count` sentences of one family, or of all in their `SHARES`; either only seen keys or only unseen ones."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r}: one of {', '.join(LANGUAGES)} is accepted")
    if family is not None and family not in FAMILIES:
        raise ValueError(f"family {family!r}: one of {', '.join(FAMILIES)} is accepted")
    dice = Drawn(seed)
    sample: list[Sentence] = []
    while len(sample) < count:
        name = family or _family(dice)
        sentence = written(name, _way(GRAMMARS[language][name], dice)(dice))
        if sentence.unseen == unseen:
            sample.append(sentence)
    return sample


@cache
def words(language: str) -> tuple[str, ...]:
    """Every word the grammar writes, sorted."""
    return tuple(sorted({w for f in FAMILIES for s in sentences(language, 3000, seed=0, family=f) for w in s.words}))


def written(family: str, pieces: Generator[str, None, Decided]) -> Sentence:
    """The sentence that a family writes."""
    text = []
    while True:
        try:
            text.append(next(pieces))
        except StopIteration as end:
            decision: Decided = end.value
            break
    words = " ".join(text).split()
    probe = next(i for i, word in enumerate(words) if word.startswith("*"))
    key = " ".join(decision.key) or " ".join(words)
    return Sentence(tuple(w.lstrip("*") for w in words), family, probe, decision.choices, key)


def _family(dice: Drawn) -> str:
    u = dice.share()
    for name, share in SHARES.items():
        if u < share:
            return name
        u -= share
    return FAMILIES[-1]


def _way(ways: tuple[tuple[float, Family], ...], dice: Drawn) -> Family:
    """One of the ways to write a family; where there is one alone nothing is drawn."""
    *others, (_, last) = ways
    return next((way for share, way in others if dice.chance(share)), last)
