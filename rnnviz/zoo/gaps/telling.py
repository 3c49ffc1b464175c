"""Which sentence shows that a gap takes both sides: the one that the lesson opens with.

Of the sentences about three neighbours of the alphabet, which a person fills at a glance: where what comes from the
left alone and what comes from the right alone each fill another letter in, and both together the right one, that in
which they are farthest apart. The answer is written beside the weights by `python -m rnnviz.zoo entries`, so that a
page opens on it without torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from rnnviz.tasks import gaps
from rnnviz.tasks.grammar.sentences import Sentence
from rnnviz.zoo.gaps import LANGUAGES, READERS, TEXTS
from rnnviz.zoo.gaps.model import load_gap

GAP = "_"  # one letter is left out


def neighbours(language: str) -> list[Sentence]:
    """The sentences about a letter and the two beside it, their probe the last of the three."""
    letters = gaps.LETTERS
    whole = {gaps.between(language, *letters[at : at + 3]) for at in range(len(letters) - 2)}
    return [sentence for sentence in gaps.about_letters(language) if sentence.words in whole]


def filled(language: str, sentence: Sentence) -> Mapping[str, tuple[str, float]]:
    """By reader the word that it expects at the probe, and with which probability it expects the right one."""
    found = {}
    for reader in READERS:
        model = load_gap(f"gap-{language}", reader)
        rows = [model.vocabulary.indices[word.casefold()] for word in sentence.words]
        y = model.fill(rows)[sentence.probe]
        found[reader] = model.vocabulary.words[int(y.argmax())], float(y[rows[sentence.probe]])
    return found


def apart(language: str, sentence: Sentence) -> float:
    """How much surer of the right word both sides are than the surer of the two alone; -inf where one of these has it
    right, or both together have not."""
    found, word = filled(language, sentence), sentence.words[sentence.probe]
    (forward, p), (backward, q), (both, r) = (found[reader] for reader in ("forward", "backward", "both"))
    right = [one.casefold() == word.casefold() for one in (forward, backward, both)]
    return r - max(p, q) if right == [False, False, True] else float("-inf")


def most_telling(language: str) -> str:
    """That sentence, as one types it."""
    best = max(neighbours(language), key=lambda sentence: apart(language, sentence))
    words = [*best.words[: best.probe], GAP, *best.words[best.probe + 1 :]]
    line = load_gap(f"gap-{language}", "both").vocabulary.join(words)
    return line[:1].upper() + line[1:]


def write() -> None:
    """The sentence of each language, into the file that ships."""
    texts = {language: most_telling(language) for language in LANGUAGES}
    TEXTS.write_text(json.dumps(texts, ensure_ascii=False) + "\n", encoding="utf-8")
