"""What each model of the zoo is trained on, and the probes that measure it on data it did not see."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from rnnviz.tasks import characters
from rnnviz.tasks.grammar import sentences as grammar
from rnnviz.zoo.vocabulary import BOUNDARY, UNKNOWN

DRAWS = 40_000
# How many sentences and names of each family are measured.
PROBED_SENTENCES = 400
PROBED_NAMES = 150
# How many sentences the probe of the first word is fitted to, and measured on.
FIRST_WORD_SENTENCES = 500
# Seeds of what is measured, apart from any seed of training: every model and cell faces the same probes.
PROBE_SEED = 1000
UNSEEN_SEED = 2000


@dataclass(frozen=True)
class Probe:
    """After `words[:position]` the model must prefer `words[position]` to the other `choices` (empty: to any)."""

    words: tuple[str, ...]
    position: int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """words: the vocabulary, `<unk>` first. seen: token sequences for training. unseen: sequences held out."""

    words: tuple[str, ...]
    kind: str
    seen: tuple[tuple[str, ...], ...]
    unseen: tuple[tuple[str, ...], ...]
    task: str
    data: str
    licence: str


def task(name: str, seed: int) -> Task:
    """The data of a model, as "words-en": only its draw depends on the seed, what is held out does not."""
    kind, language = name.split("-")
    return _sentences(language, seed) if kind == "words" else _characters(language, seed)


def probes(name: str) -> dict[str, tuple[Probe, ...]]:
    """Family -> probes of held-out data: a sentence has its one decided word, a name every letter but the first."""
    kind, language = name.split("-")
    found: dict[str, tuple[Probe, ...]] = {}
    if kind == "words":
        for family in grammar.FAMILIES:
            drawn = grammar.sentences(language, PROBED_SENTENCES, seed=PROBE_SEED, unseen=True, family=family)
            found[family] = tuple(Probe(s.words, s.probe, s.choices) for s in drawn)
    else:
        for family in characters.FAMILIES[language]:
            names = _spell(characters.draw(language, PROBED_NAMES, seed=PROBE_SEED, unseen=True, family=family))
            found[family] = tuple(Probe(name, i) for name in names for i in range(1, len(name)))
    return found


def first_word_sentences(name: str) -> tuple[list[grammar.Sentence], list[grammar.Sentence]]:
    """Long sentences whose first word decides the last one: seen ones to fit a probe to, unseen ones to measure it."""
    language = name.split("-")[1]
    fitted, measured = (
        grammar.sentences(language, FIRST_WORD_SENTENCES, seed=PROBE_SEED + 1, unseen=unseen, family="memory")
        for unseen in (False, True)
    )
    return fitted, measured


def _sentences(language: str, seed: int) -> Task:
    seen = _paired([s.words for s in grammar.sentences(language, DRAWS, seed=seed)], seed, longest=15)
    return Task(
        words=(UNKNOWN, *grammar.words(language)),
        kind="word",
        seen=seen,
        unseen=tuple(s.words for s in grammar.sentences(language, 1000, seed=UNSEEN_SEED, unseen=True)),
        task="predict the next word",
        data=f"{DRAWS} sentences that the project's own grammar writes; one combination in five held out",
        licence="the project's own",
    )


def _characters(language: str, seed: int) -> Task:
    every = characters.words(language)
    return Task(
        words=(UNKNOWN, BOUNDARY, *sorted({c for word in every for c in word.text})),
        kind="char",
        seen=_paired(_spell(characters.draw(language, DRAWS, seed=seed)), seed, longest=15),
        unseen=_spell(characters.draw(language, 1000, seed=UNSEEN_SEED, unseen=True)),
        task=f"predict the next {'letter' if language == 'en' else 'syllable'}",
        data=f"{len(every)} {_SOURCES[language]}; one in ten held out",
        licence=_LICENCES[language],
    )


def _spell(drawn: Sequence[characters.Word]) -> tuple[tuple[str, ...], ...]:
    return tuple((*word.text, BOUNDARY) for word in drawn)


def _paired(texts: Sequence[tuple[str, ...]], seed: int, longest: int) -> tuple[tuple[str, ...], ...]:
    """One short text in four is read on from the one before, so that a text of several sentences works too."""
    rng = Random(seed)
    rows: list[tuple[str, ...]] = []
    alone = False  # whether the last row is one short text
    for words in texts:
        short = len(words) <= longest
        if alone and short and rng.random() < 0.25:
            rows[-1] += words
            alone = False
        else:
            rows.append(words)
            alone = short
    return tuple(rows)


_SOURCES = {
    "en": "given names and surnames (US, Britain, Ireland) from Faker",
    "ko": "Korean full names from Faker, countries and languages from CLDR by way of Babel",
}
_LICENCES = {"en": "MIT (Faker)", "ko": "MIT (Faker), Unicode-3.0 (CLDR)"}
