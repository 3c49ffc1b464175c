"""The data of the shapes' models as sequences with what is asked at each step."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zlib import crc32

import torch
from torch import Tensor

from rnnviz.tasks.grammar.sentences import sentences
from rnnviz.tasks.packages import DRAWINGS, PATIENTS, REVIEWS, SPEAKERS
from rnnviz.tasks.packages import read as read_package
from rnnviz.zoo.shapes import tagging
from rnnviz.zoo.vocabulary import UNKNOWN, Vocabulary

NOT_ASKED = -1
LONGEST = 40  # tokens of a review: a stage shows no more
BEGIN, END = "▷", "␣"  # what a word that is spelled begins and ends with
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Examples:
    """Sequences, each with what is asked."""

    x: tuple[Tensor, ...]  # what is read: (T,) rows of an embedding, or (T, width) numbers
    y: tuple[Tensor, ...]  # (T,) the class that is asked for after each step, `NOT_ASKED` where none is
    start: Tensor | None = None  # (N, S) what the first state is made of; None where it is zero
    # Where each step is an answer of its own, the classes that count in a score; None where a sequence is right as a
    # whole or wrong.
    counted: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class Task:
    """What a model learns."""

    task: str
    inputs: tuple[str, ...]  # what is read, `<unk>` first; none where numbers are
    outputs: tuple[str, ...]  # what is answered
    seen: Examples
    unseen: Examples
    texts: tuple[str, ...]  # of the unseen ones, to name a failure
    scale: tuple[tuple[float, ...], tuple[float, ...]] | None = None  # mean and deviation of the numbers
    samples: dict[str, Any] = field(default_factory=dict)  # a few of the unseen ones that ship
    beyond: tuple[tuple[str, str], ...] = ()  # texts, with what is right, of a kind that the data do not hold


def task(name: str) -> Task:
    """The data of a model: the same for every seed."""
    kind, _, language = name.partition("-")
    if kind == "sentiment":
        return _reviews() if language == "en" else _judgements(language)
    if kind == "tags":
        return _tagged(language.partition("-")[0])
    return {"pressure": _patients, "vowels": _speakers}[kind]() if not language else _drawings(language)


def _reviews() -> Task:
    files = read_package(REVIEWS)
    kinds: dict[str, int] = {}
    for site in ("amazon", "imdb", "yelp"):
        for row in json.loads(files[f"package/test/fixtures/{site}.json"]):
            if row["class"] in (0, 1) and (text := " ".join(str(row["text"]).split())):
                kinds.setdefault(text, row["class"])
    plain = Vocabulary((UNKNOWN,), "word")
    read = {text: [token.text.casefold() for token in plain.tokenize(text)] for text in kinds}
    read = {text: words for text, words in read.items() if 0 < len(words) <= LONGEST}
    held_out = {text for text in read if crc32(text.encode()) % 5 == 0}
    counts = Counter(word for text, words in read.items() if text not in held_out for word in set(words))
    words = (UNKNOWN, *sorted(word for word, count in counts.items() if count > 1))
    seen, unseen = ([text for text in read if (text in held_out) == out] for out in (False, True))
    place = {word: k for k, word in enumerate(words)}

    def part(texts: list[str]) -> Examples:
        return _to_one([[place.get(word, 0) for word in read[text]] for text in texts], [kinds[text] for text in texts])

    outputs = ("negative", "positive")
    return Task("tell whether a review is positive", words, outputs, part(seen), part(unseen), texts=tuple(unseen))


def _judgements(language: str) -> Task:
    examples = {
        out: list(
            dict.fromkeys(
                (s.words[: s.probe - 1], 1 - s.choices.index(s.words[s.probe]))
                for s in sentences(language, 2000, seed=int(out), unseen=out, family="negation")
            )
        )
        for out in (False, True)
    }
    words = (UNKNOWN, *sorted({word for part in examples.values() for read, _ in part for word in read}))
    place = {word: k for k, word in enumerate(words)}

    def part(out: bool) -> Examples:
        return _to_one([[place[word] for word in read] for read, _ in examples[out]], [k for _, k in examples[out]])

    return Task(
        "tell whether a judgement is favourable",
        words,
        ("negative", "positive"),
        part(False),
        part(True),
        tuple(" ".join(read) for read, _ in examples[True]),
        beyond=(("게임이 안 재미있어서", "negative"),),
    )


def _to_one(read: Sequence[Sequence[int]], classes: Sequence[int]) -> Examples:
    """Asked after the last step alone."""
    y = tuple(torch.tensor([NOT_ASKED] * (len(x) - 1) + [k]) for x, k in zip(read, classes, strict=True))
    return Examples(tuple(torch.tensor(x) for x in read), y)


@cache
def _tagged(language: str) -> Task:
    """Asked after every step. Marks and spaces are answered too; they are not counted, since nobody can miss them."""
    tags = tagging.TAGS[language]
    counted = tuple(k for k, tag in enumerate(tags) if tag not in (tagging.MARK, tagging.SPACE))

    def part(found: Sequence[tuple[str, tagging.Tagged]]) -> Examples:
        x, y = (tuple(torch.tensor(tagged[which]) for _, tagged in found) for which in (0, 1))
        return Examples(x, y, counted=counted)

    seen, unseen = (list(tagging.texts(language, unseen=unseen)) for unseen in (False, True))
    texts = tuple(text for text, _ in unseen)
    words = tagging.vocabulary(language).words
    unit = "word" if language == "en" else "syllable"
    return Task(f"tag each {unit} with its part of speech", words, tags, part(seen), part(unseen), texts)


def _patients() -> Task:
    rows = (
        gzip.decompress(read_package(PATIENTS)["sklearn/datasets/data/diabetes_data_raw.csv.gz"]).decode().split("\n")
    )
    numbers = torch.tensor([[float(part) for part in row.split()[:4]] for row in rows if row.strip()])
    out = torch.arange(len(numbers)) % 5 == 0
    x, pressure = numbers[:, :3], numbers[:, 3]
    median = float(pressure[~out].median())
    mean, deviation = x[~out].mean(0), x[~out].std(0)
    y = (pressure > median).long()

    def part(rows: Tensor) -> Examples:
        inputs = ((x - mean) / deviation)[rows]
        return Examples(tuple(inputs[:, None]), tuple(y[rows][:, None]))

    texts = tuple(f"{age:g}, {sex:g}, {bmi:g}" for age, sex, bmi in x[out].tolist())
    scale = (tuple(round(v, 4) for v in mean.tolist()), tuple(round(v, 4) for v in deviation.tolist()))
    outputs = ("below", "above")
    return Task(
        "tell whether blood pressure is above the median", (), outputs, part(~out), part(out), texts, scale,
        {"median": median},
    )  # fmt: skip


def _speakers() -> Task:
    parts = []
    for name in ("TRAIN", "TEST"):
        text = read_package(SPEAKERS)[f"aeon/datasets/data/JapaneseVowels/JapaneseVowels_{name}.ts"].decode(
            "utf-8", "replace"
        )
        rows = [row for row in text.split("@data")[1].splitlines() if row.strip()]
        series = [[[float(v) for v in dim.split(",")] for dim in row.split(":")[:-1]] for row in rows]
        x = tuple(torch.tensor(dims).T.contiguous() for dims in series)
        classes = [int(row.rsplit(":", 1)[1]) - 1 for row in rows]
        parts.append((x, classes))
    mean, deviation = torch.cat(parts[0][0]).mean(0), torch.cat(parts[0][0]).std(0)

    def part(x: Sequence[Tensor], classes: Sequence[int]) -> Examples:
        y = tuple(torch.tensor([NOT_ASKED] * (len(one) - 1) + [k]) for one, k in zip(x, classes, strict=True))
        return Examples(tuple((one - mean) / deviation for one in x), y)

    (_, _), (unseen, speakers) = parts
    firsts = [speakers.index(k) for k in range(9)]
    samples = {
        "utterances": [[k, [[round(v, 3) for v in row] for row in unseen[i].tolist()]] for k, i in enumerate(firsts)]
    }
    return Task(
        "tell which of nine speakers said a vowel",
        (),
        tuple(str(k + 1) for k in range(9)),
        part(*parts[0]),
        part(*parts[1]),
        tuple(f"utterance {number + 1} of speaker {k + 1}" for number, k in enumerate(speakers)),
        (tuple(round(v, 4) for v in mean.tolist()), tuple(round(v, 4) for v in deviation.tolist())),
        samples,
    )


# What is drawn, by its name in the package, with its Korean name.
THINGS = {
    "apple": "사과", "bicycle": "자전거", "book": "책", "bus": "버스", "butterfly": "나비", "cactus": "선인장",
    "camera": "카메라", "car": "자동차", "cat": "고양이", "chair": "의자", "clock": "시계", "cloud": "구름",
    "cup": "컵", "eye": "눈", "fish": "물고기", "flower": "꽃", "guitar": "기타", "house": "집",
    "key": "열쇠", "moon": "달", "mushroom": "버섯", "snowman": "눈사람", "sun": "해", "tree": "나무",
}  # fmt: skip
SHIPPED_EACH = 1  # held-out drawings of each thing that ship, to be chosen on the page


def _drawings(language: str) -> Task:
    files = read_package(DRAWINGS)
    words = [name if language == "en" else korean for name, korean in THINGS.items()]
    letters = sorted({letter for word in words for letter in word})
    inputs, outputs = (UNKNOWN, BEGIN, *letters), (END, *letters)
    parts: dict[bool, tuple[list[Tensor], list[Tensor], list[Tensor]]] = {False: ([], [], []), True: ([], [], [])}
    samples: list[list[Any]] = []
    for name, word in zip(THINGS, words, strict=True):
        rows = gzip.decompress(files[f"package/src/drawings/{name}.ndjson.gz"]).decode().split("\n")
        pictures = torch.tensor([json.loads(row) for row in rows if row.strip()])
        for number, picture in enumerate(pictures):
            x, y, start = parts[number % 5 == 0]
            x.append(torch.tensor([inputs.index(letter) for letter in (BEGIN, *word)]))
            y.append(torch.tensor([outputs.index(letter) for letter in (*word, END)]))
            start.append(picture)
        shades = "".join(str(round(9 * float(v))) for v in pictures[5])
        samples.append([word, shades])
    seen, unseen = (Examples(tuple(x), tuple(y), torch.stack(start)) for x, y, start in parts.values())
    texts = tuple(word for word in words for _ in range(len(unseen) // len(words)))
    return Task("spell what is drawn", inputs, outputs, seen, unseen, texts, None, {"drawings": samples})
