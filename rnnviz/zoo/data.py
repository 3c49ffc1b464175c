"""What each model of the zoo is trained on, and the probes that measure it on data it did not see."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from rnnviz.tasks import characters, everyday
from rnnviz.tasks.grammar import sentences as grammar
from rnnviz.zoo.vocabulary import BOUNDARY, DIGITS, JAMO, UNKNOWN, Vocabulary

DRAWS = 40_000
# How many sentences and names of each family are measured.
PROBED_SENTENCES = 400
PROBED_NAMES = 150
# How many sentences the probe of the first word is fitted to, and measured on.
FIRST_WORD_SENTENCES = 500
# Seeds of what is measured, apart from any seed of training: every model and cell faces the same probes.
PROBE_SEED = 1000
UNSEEN_SEED = 2000
# Rows of the models of everyday text, and how long a row of several messages or sentences grows, in tokens.
EVERYDAY_WORDS = 5000
PACKED = {"en": 25, "ko": 40}
LONGEST = 60
LEAST_SPEAKERS = 5  # conversations that hold a word, else it may be somebody's name
LEAST_SYLLABLES = 10  # sentences that hold a syllable; a rarer one is read as its jamo


LETTERS = "abcdefghijklmnopqrstuvwxyz"
PUNCTUATION = (*".,?!:;-'\"()[]/&%$+*…~", "“", "”", "‘")
CONTRACTIONS = ("'s", "'re", "'ve", "'ll", "'d", "'m", "n't")

Row = tuple[str, ...]


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
    if kind == "everyday":
        return _everyday(language)
    return _sentences(language, seed) if kind == "words" else _characters(language, seed)


def probes(name: str) -> dict[str, tuple[Probe, ...]]:
    """Family -> probes of held-out data: a sentence has its one decided word, a name every letter but the first.

    None for everyday text, in which nothing is decided.
    """
    kind, language = name.split("-")
    by_family: dict[str, tuple[Probe, ...]] = {}
    if kind == "everyday":
        return by_family
    if kind == "words":
        for family in grammar.FAMILIES:
            sentences = grammar.sentences(language, PROBED_SENTENCES, seed=PROBE_SEED, unseen=True, family=family)
            by_family[family] = tuple(Probe(s.words, s.probe, s.choices) for s in sentences)
    else:
        for family in characters.FAMILIES[language]:
            names = _spell(characters.draw(language, PROBED_NAMES, seed=PROBE_SEED, unseen=True, family=family))
            by_family[family] = tuple(Probe(name, i) for name in names for i in range(1, len(name)))
    return by_family


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


@cache
def _everyday(language: str) -> Task:
    """Every conversation, the same whatever the seed. Messages that follow one another are read on as one text."""
    rows, kind = (_word_rows, "word") if language == "en" else (_syllable_rows, "char")
    talks = everyday.talks(language)
    vocabulary = Vocabulary(rows(talk for talk in talks if not talk.unseen), kind)
    sources = everyday.SOURCES[language]
    seen, unseen = (tuple(_packed(vocabulary, talks, language, unseen)) for unseen in (False, True))
    return Task(
        words=vocabulary.words,
        kind=kind,
        seen=seen,
        unseen=unseen,
        task=f"predict the next {'word' if language == 'en' else 'syllable'}",
        data=f"{sum(len(talk.texts) for talk in talks)} {_SOURCES[f'everyday-{language}']}; one in ten held out",
        licence=", ".join(f"{package.licence} ({package.by})" for package in sources),
    )


def _packed(vocabulary: Vocabulary, talks: Sequence[everyday.Talk], language: str, unseen: bool) -> Iterator[Row]:
    """Texts read one after the other, as long as they are short together; one that is too long is cut.

    Of a chat only messages of one conversation follow one another. A syllable model reads a space between two.
    """
    row: Row = ()
    between = () if language == "en" else (BOUNDARY,)
    for talk in talks:
        if talk.unseen != unseen:
            continue
        for text in talk.texts:
            tokens = (*[token.text for token in vocabulary.tokenize(text)][:LONGEST], *between)
            if row and len(row) + len(tokens) > PACKED[language]:
                yield row
                row = ()
            row += tokens
        if row and language == "en":
            yield row
            row = ()
    if row:
        yield row


def _word_rows(talks: Iterable[everyday.Talk]) -> tuple[str, ...]:
    """The commonest words in their commonest spelling, after what any text is split at."""
    always = (*DIGITS, *PUNCTUATION, *CONTRACTIONS)
    spellings: dict[str, Counter[str]] = {}
    speakers: Counter[str] = Counter()
    splitter = Vocabulary((UNKNOWN,), "word")
    for talk in talks:
        counts = Counter(token.text for text in talk.texts for token in splitter.tokenize(text) if not token.gap)
        for text, count in counts.items():
            spellings.setdefault(text.casefold(), Counter())[text] += count
        speakers.update({text.casefold() for text in counts})
    common = sorted(spellings, key=lambda word: (-spellings[word].total(), word))
    rows = [word for word in common if word not in always and speakers[word] >= LEAST_SPEAKERS]
    words = [min(spellings[word].items(), key=lambda item: (-item[1], item[0]))[0] for word in rows]
    return (UNKNOWN, *always, *words[: EVERYDAY_WORDS - 1 - len(always)])


def _syllable_rows(talks: Iterable[everyday.Talk]) -> tuple[str, ...]:
    """Syllables that are common enough, and all that any other is read as; letters, digits and marks."""
    always = (BOUNDARY, *LETTERS, *DIGITS, *PUNCTUATION, *JAMO)
    counts = Counter(c for talk in talks for c in {*"".join(talk.texts)})
    common = sorted(c for c, count in counts.items() if "가" <= c <= "힣" and count >= LEAST_SYLLABLES)
    return (UNKNOWN, *always, *common)


def _spell(words: Sequence[characters.Word]) -> tuple[tuple[str, ...], ...]:
    return tuple((*word.text, BOUNDARY) for word in words)


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
    "everyday-en": "messages of two strangers who chat, from chitchat-dataset",
    "everyday-ko": "sentences of a game's Korean catalogue (Cataclysm: DDA) and of chatterbot-corpus",
}
_LICENCES = {"en": "MIT (Faker)", "ko": "MIT (Faker), Unicode-3.0 (CLDR)"}
