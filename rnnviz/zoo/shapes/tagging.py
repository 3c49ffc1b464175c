"""Everyday sentences with a tag at each token, put there by programs: what the taggers of the zoo learn from.

English: messages of chitchat-dataset, tagged word by word by denckring-en-pos, a perceptron that sees the words on both
sides. Korean: the sentences that the everyday model reads, whose morphemes kiwipiepy finds; a syllable has the tag of
the first morpheme that has a part in it. No person has checked these tags: a score is agreement with those programs.
"""

from __future__ import annotations

import gzip
import importlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from rnnviz.tasks import everyday
from rnnviz.tasks.packages import TAGGER
from rnnviz.tasks.packages import read as read_package
from rnnviz.zoo.catalogue import shipped
from rnnviz.zoo.data import CONTRACTIONS
from rnnviz.zoo.vocabulary import BOUNDARY, Token, Vocabulary

CUT = ("ca", "wo", "ai")  # what is left of "can't", "won't" and "ain't"
KIWI = "0.24.1"  # the version of kiwipiepy
LONGEST = 40  # tokens of a text: a stage shows no more
WORDS = 2600  # rows of the English tagger, about: the commonest of the everyday model
TALKS = 1500  # English conversations that are read
MARK, SPACE, OTHER = "PUNCT", "SPACE", ""  # OTHER: what has no tag of the list is not asked for
# The universal parts of speech (Nivre et al. 2020), names of people and places as nouns.
ENGLISH = (
    "NOUN", "VERB", "AUX", "ADJ", "ADV", "PRON", "DET", "ADP", "PART", "CCONJ", "SCONJ", "NUM", "INTJ", MARK,
)  # fmt: skip
# kiwipiepy's tags, those of the Sejong corpus, by their beginnings: what is longer comes first.
SEJONG = {
    "NP": "PRON", "NR": "NUM", "SN": "NUM", "N": "NOUN", "VX": "VX", "VC": "COP", "VA": "ADJ", "V": "VERB",
    "MM": "MM", "MA": "ADV", "IC": "INTJ", "J": "JOSA", "E": "EOMI", "X": "AFFIX", "SL": "NOUN", "S": MARK,
}  # fmt: skip
KOREAN = (
    "NOUN", "PRON", "NUM", "VERB", "ADJ", "VX", "COP", "MM", "ADV", "INTJ", "JOSA", "EOMI", "AFFIX", MARK, SPACE,
)  # fmt: skip
TAGS = {"en": ENGLISH, "ko": KOREAN}

Tagged = tuple[list[int], list[int]]  # rows of the vocabulary, and places in the list of tags, -1 for none


def vocabulary(language: str) -> Vocabulary:
    """What a tagger reads: the rows of the everyday model of its language; in English the commonest, and contractions
    in two ("do", "n't"), as the program that tags has them, each part with a tag of its own."""
    known, _ = shipped(f"everyday-{language}")
    if language != "en":
        return known
    whole = [word for word in known.words[:WORDS] if not re.search(".'", word) or word in CONTRACTIONS]
    return Vocabulary((*whole, *(part for part in CUT if part not in whole)), known.kind)


def texts(language: str, *, unseen: bool) -> Iterator[tuple[str, Tagged]]:
    """Every text once, with its tokens, at most `LONGEST`, and their tags."""
    known, tags = vocabulary(language), TAGS[language]
    tagger: Callable[[str, Sequence[Token]], list[str]] = _english() if language == "en" else _korean()
    talks = everyday.talks(language)[: TALKS if language == "en" else None]
    for text in dict.fromkeys(text for talk in talks if talk.unseen == unseen for text in talk.texts):
        tokens = known.tokenize(text)
        found = tagger(text, tokens)
        if found:
            rows = [token.index for token in tokens][:LONGEST]
            yield text, (rows, [tags.index(tag) if tag else -1 for tag in found[:LONGEST]])


def _english() -> Callable[[str, Sequence[Token]], list[str]]:
    """The package's own program on its own table. It is read a sentence at a time, without marks, as it was trained."""
    files = read_package(TAGGER)
    module = ModuleType("perceptron")
    exec(compile(files["denckring_en_pos/perceptron.py"], "perceptron.py", "exec"), module.__dict__)
    table = json.loads(gzip.decompress(files["denckring_en_pos/data/tagger.json.gz"]))
    table["vocabulary"] = frozenset(table["vocabulary"])
    tagger = module.Tagger(**table)

    def tags(_: str, tokens: Sequence[Token]) -> list[str]:
        found = [MARK] * len(tokens)
        places: list[int] = []
        for t, token in enumerate(tokens):
            if any(c.isalnum() for c in token.text):
                places.append(t)
            if places and (token.text in ".?!" or t == len(tokens) - 1):
                said = tagger.tag([tokens[k].text for k in places])
                for k, label in zip(places, said, strict=True):
                    tag = label.partition("|")[0].replace("PROPN", "NOUN")
                    found[k] = "NUM" if tokens[k].text.isdigit() else tag if tag in ENGLISH else OTHER
                places = []
        return found

    return tags


@cache
def _kiwi() -> Any:
    """Raises `RuntimeError` where it is not installed in the version that the cards speak of."""
    try:
        module = importlib.import_module("kiwipiepy")
    except ImportError as error:
        raise RuntimeError(f"kiwipiepy is not installed: pip install kiwipiepy=={KIWI}") from error
    if module.__version__ != KIWI:
        raise RuntimeError(f"kiwipiepy {module.__version__} is installed; accepted: {KIWI}")
    return module.Kiwi(num_workers=1)


def _korean() -> Callable[[str, Sequence[Token]], list[str]]:
    kiwi = _kiwi()

    def tags(text: str, tokens: Sequence[Token]) -> list[str]:
        by_place = [SPACE] * len(text)
        for morpheme in reversed(kiwi.tokenize(text)):
            tag = next((tag for start, tag in SEJONG.items() if morpheme.tag.startswith(start)), OTHER)
            by_place[morpheme.start : morpheme.end] = [tag] * (morpheme.end - morpheme.start)
        wholes = [token for token in tokens if token.part == 0]
        if len(wholes) != len(text):  # a cluster of several characters
            return []
        found, place = [], -1
        for token in tokens:
            place += token.part == 0
            found.append(SPACE if token.text == BOUNDARY else by_place[place])
        return found

    return tags
