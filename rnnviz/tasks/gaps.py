"""Sentences with one word missing, and what decides it: the words before it, those after it, or both together.

Most are those of the grammar (`rnnviz.tasks.grammar`). A few say which letter of the alphabet lies halfway between two
others: there the words before a gap leave several letters open, those after it too, and both together leave one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Literal

from rnnviz.tasks.grammar import sentences as grammar
from rnnviz.tasks.grammar.next_word import next_words
from rnnviz.tasks.grammar.sentences import Sentence
from rnnviz.tasks.grammar.writing import END, Drawn, pick

Words = tuple[str, ...]
# before: the words before the gap decide it.   after: no one word is sure without those after it.   open: none is sure
# even with all of them.
Decides = Literal["before", "after", "open"]
KINDS: tuple[Decides, ...] = ("before", "after", "open")
SURE = 0.99  # of the sentences that fit: a word that comes in fewer is not decided

BETWEEN_SHARE = 0.25  # of all sentences, seen and unseen
LONGEST = 18  # tokens: longer sentences are not drawn
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
STRIDES = (1, 2, 3)  # how far the letter in the middle is from either
_CLOSED = frozenset("LMNR")  # letters whose Korean names end in a consonant, which decides the particle


def between(language: str, first: str, middle: str, last: str) -> Words:
    """The sentence about three letters. In English the letters A and I are the words `a` and `I`, as no case is read.

    Raises `KeyError` for another language.
    """
    if language == "en":
        a, b, c = ({"A": "a"}.get(letter, letter) for letter in (first, middle, last))
        return ("between", a, "and", c, "comes", b, END)
    with_and, is_it = ("과" if first in _CLOSED else "와"), ("이다" if middle in _CLOSED else "다")
    return {"ko": ("인생은", first + with_and, last, "사이의", middle + is_it, END)}[language]


@cache
def _letters(language: str) -> Mapping[Words, float]:
    """Every sentence about letters, with its share of them."""
    shares = {}
    for by in STRIDES:
        starts = range(len(LETTERS) - 2 * by)
        for at in starts:
            first, middle, last = (LETTERS[at + by * k] for k in range(3))
            shares[between(language, first, middle, last)] = 1 / len(STRIDES) / len(starts)
    return shares


def about_letters(language: str) -> list[Sentence]:
    """Every sentence about letters; its probe is the last of the three."""
    probe = 3 if language == "en" else 2
    return [Sentence(words, "between", probe, (), " ".join(words)) for words in _letters(language)]


def sentences(language: str, count: int, *, seed: int, unseen: bool = False) -> list[Sentence]:
    """So many sentences of at most `LONGEST` tokens: either only those that training may see or only the others."""
    dice, letters = Drawn(seed), about_letters(language)
    plain = iter(grammar.sentences(language, 2 * count, seed=seed, unseen=unseen))
    sample: list[Sentence] = []
    while len(sample) < count:
        sentence = pick(dice, letters) if dice.chance(BETWEEN_SHARE) else next(plain)
        if sentence.unseen == unseen and len(sentence.words) <= LONGEST:
            sample.append(sentence)
    return sample


@cache
def words(language: str) -> Words:
    """Every word that is written, sorted."""
    letters = {word for sentence in _letters(language) for word in sentence}
    return tuple(sorted({*grammar.words(language), *letters}))


def from_before(language: str, before: Words) -> Mapping[str, float]:
    """The probability of each word after these, from all sentences that begin so; empty where none does."""
    if before:
        shares = {s[len(before)]: 0.0 for s in _letters(language) if s[: len(before)] == before != s}
        for sentence, share in _letters(language).items():
            if sentence[: len(before)] == before != sentence:
                shares[sentence[len(before)]] += share
        total = sum(shares.values())
        return {w: p / total for w, p in shares.items()} if shares else next_words(language, before)
    opening = next(iter(_letters(language)))[0]
    plain = {word: p * (1 - BETWEEN_SHARE) for word, p in next_words(language, ()).items()}
    return {**plain, opening: BETWEEN_SHARE}


@lru_cache(maxsize=1024)
def from_both(language: str, text: Words, place: int) -> Mapping[str, float]:
    """The probability of each word at a place (from 0) of a sentence, from all others in it: by Bayes, each word that
    may follow those before it, times what comes then. Empty where no sentence fits."""
    shares = {}
    for word, p in from_before(language, text[:place]).items():
        beginning = (*text[:place], word)
        for after in text[place + 1 :]:
            p *= from_before(language, beginning).get(after, 0.0)
            if not p:
                break
            beginning = (*beginning, after)
        if p:
            shares[word] = p
    total = sum(shares.values())
    return {word: p / total for word, p in shares.items()}


def proposals(language: str, text: Sequence[str | None]) -> tuple[int, Words]:
    """The first word (from 0) that no sentence has at its place, and what may stand there, sorted.

    text: None where a gap is, which may be filled by anything. The place is the text's length, and nothing stands
    there, where sentences begin like the whole text.
    """
    beginnings: set[Words] = {()}
    for place, word in enumerate(text):
        may_follow = [(beginning, from_before(language, beginning)) for beginning in beginnings]
        beginnings = {(*before, after) for before, chances in may_follow for after in chances if word in (None, after)}
        if not beginnings:
            return place, tuple(sorted({after for _, chances in may_follow for after in chances}))
    return len(text), ()


def decides(language: str, text: Words, place: int) -> Decides:
    """What decides the word at a place, from 0."""
    if from_before(language, text[:place]).get(text[place], 0.0) >= SURE:
        return "before"
    return "after" if from_both(language, text, place).get(text[place], 0.0) >= SURE else "open"


def places(sentences: Sequence[Sentence], seed: int) -> list[int]:
    """One in each sentence, from 0, any but its end."""
    dice = Drawn(seed)
    return [dice.below(len(sentence.words) - 1) for sentence in sentences]
