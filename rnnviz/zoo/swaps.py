"""What a network expects when one word of what it read is another: which word decided is found by swapping each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rnnviz.tasks.grammar.next_word import next_words
from rnnviz.zoo.catalogue import catalogue
from rnnviz.zoo.model import load

TRIED = 5  # words at most in each place
LONG = 15  # words: in a longer beginning two are tried in each place


@dataclass(frozen=True)
class Swap:
    """One word of a beginning replaced by another that the grammar has in its place."""

    place: int  # from 0
    word: str  # that stands there now
    best: str  # the network's first choice after the beginning
    p: float  # its probability
    p_before: float  # the probability, now, of what was the first choice before


@lru_cache(maxsize=64)
def swaps(name: str, cell: str, beginning: tuple[str, ...]) -> tuple[Swap, ...]:
    """For each place of a beginning of a sentence the swap that lowers the first choice most, where there is one.

    Only swaps after which it still begins a sentence are tried, of the first words in order of the alphabet.
    """
    model, language = load(name, cell), catalogue()[name].language
    place = {word: k for k, word in enumerate(model.vocabulary.words)}

    def expected(words: Sequence[str]) -> list[float]:
        return [float(p) for p in model.predict([place[word] for word in words])]

    before = expected(beginning)
    choice = before.index(max(before))
    best_swaps = []
    for k, word in enumerate(beginning):
        trials = 0
        best: Swap | None = None
        for other in sorted(next_words(language, beginning[:k])):
            trial = (*beginning[:k], other, *beginning[k + 1 :])
            if other == word or trials >= (TRIED if len(beginning) <= LONG else 2) or not next_words(language, trial):
                continue
            trials += 1
            y = expected(trial)
            first = y.index(max(y))
            swap = Swap(k, other, model.vocabulary.words[first], y[first], y[choice])
            if best is None or swap.p_before < best.p_before:
                best = swap
        if best:
            best_swaps.append(best)
    return tuple(best_swaps)
