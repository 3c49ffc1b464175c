"""What the grammar has come next after each token of a text, as a distribution over a model's vocabulary. No torch."""

from collections.abc import Sequence

import numpy as np

from rnnviz.core.trace import Array
from rnnviz.tasks.grammar.next_word import next_words
from rnnviz.tasks.grammar.writing import END
from rnnviz.zoo.catalogue import catalogue, shipped
from rnnviz.zoo.vocabulary import Token


def beginnings(name: str, tokens: Sequence[Token]) -> list[tuple[str, ...] | None]:
    """Per token the sentence up to it, in the grammar's own spelling; None after a whole sentence, and from a word on
    that the model does not know until the next sentence.
    """
    vocabulary, _ = shipped(name)
    starts: list[tuple[str, ...] | None] = []
    sentence: tuple[str, ...] | None = ()
    for token in tokens:
        word = vocabulary.words[token.index] if token.known else ""
        sentence = None if sentence is None or not word else (*sentence, word)
        ends = word == END
        starts.append(None if ends else sentence)
        sentence = () if ends else sentence
    return starts


def truth(name: str, tokens: Sequence[Token]) -> Array | None:
    """(T, V): the grammar's probability of each word after each token, in all its sentences and not the seen ones only.

    NaN where the text up to there begins no sentence, and after a whole one. None for a model that does not read
    sentences of the grammar.
    """
    if catalogue()[name].reads != "grammar":
        return None
    vocabulary, language = shipped(name)[0], catalogue()[name].language
    place = {word: k for k, word in enumerate(vocabulary.words)}
    shares = np.full((len(tokens), len(vocabulary)), np.nan)
    for t, beginning in enumerate(beginnings(name, tokens)):
        if beginning is not None and (after := next_words(language, beginning)):
            shares[t] = 0
            for word, p in after.items():
                shares[t, place[word]] = p
    return shares


LETTERS_SHOWN = 40  # at most: the syllables of Korean names are some hundreds, everyday words thousands


def proposals(name: str, tokens: Sequence[Token]) -> tuple[int, tuple[str, ...]]:
    """The first token (from 0) that the grammar does not have at its place, T where there is none; what it has there.

    For a model of other text the first unknown one, and all that it knows, none where they are too many to show.
    """
    vocabulary, language = shipped(name)[0], catalogue()[name].language
    if catalogue()[name].reads != "grammar":
        place = next((t for t, token in enumerate(tokens) if not token.known), len(tokens))
        return place, vocabulary.words[1:] if len(vocabulary) <= LETTERS_SHOWN else ()
    sentence: tuple[str, ...] = ()
    for t, token in enumerate(tokens):
        word = vocabulary.words[token.index] if token.known else ""
        if word not in (after := next_words(language, sentence)):
            return t, tuple(sorted(after))
        sentence = () if word == END else (*sentence, word)
    return len(tokens), tuple(sorted(next_words(language, sentence)))
