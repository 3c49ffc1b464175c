"""What the zoo holds: each model's example texts and, per cell, the card of the shipped weights. No torch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from rnnviz.core.cells import CELLS
from rnnviz.zoo.vocabulary import Vocabulary

Reads = Literal["grammar", "names", "everyday"]
CELL_NAMES = ("rnn", "lstm", "gru")  # PyTorch's own, which every page offers
WEIGHTS = Path(__file__).parent / "weights"
ENTRIES = WEIGHTS / "entries.json"  # which entry of each weight a lesson offers to change


@dataclass(frozen=True)
class Score:
    """How one family went on data that training did not hold.

    accuracy: share of the probes at which the right one was given the highest probability among its rivals.
    first: share at which it was given the highest probability of the whole vocabulary; the same where all are rivals.
    chance: what guessing among the rivals reaches. probability: mean probability of the right one, of the whole
    vocabulary. count: how many probes.
    """

    accuracy: float
    first: float
    chance: float
    probability: float
    count: int


@dataclass(frozen=True)
class FirstWord:
    """What a linear probe reads of a sentence's first word from h, on sentences that neither it nor the model saw.

    distances: how many tokens were read since. accuracies: share of right answers. counts: sentences that long.
    carried: the same where the probe may read all that is carried on, h and c: an output gate hides part of c from h.
    chance: what guessing among the first words reaches.
    """

    distances: tuple[int, ...]
    accuracies: tuple[float, ...]
    carried: tuple[float, ...]
    counts: tuple[int, ...]
    chance: float

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FirstWord":
        values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
        return cls(**values)


@dataclass(frozen=True)
class Everyday:
    """How a model of everyday text went on text that training did not hold, beside what is reached without memory.

    Losses are in nats a token, of the tokens that have a row of their own.
    """

    tokens: int  # that were predicted
    accuracy: float  # share of them that were given the highest probability
    unigram: float  # loss of always the same distribution: how common each token is
    bigram: float  # loss of one that knows the token before and nothing else (Witten & Bell 1991)
    bigram_accuracy: float
    losses: Mapping[str, float]  # by seed, each a training of its own; the first is the one that ships
    known: float  # share of the tokens that have a row of their own, in everyday lines of another source
    known_from: str  # which lines
    seconds: float  # of one core, that the training took

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Everyday":
        return cls(**{**data, "losses": MappingProxyType(data["losses"])})


@dataclass(frozen=True)
class Card:
    """Where the weights of one model and cell come from and what they reached.

    loss: mean cross-entropy on unseen data, nats per token, and `loss_untrained` the same for a uniform guess.
    parameters: numbers in all tensors. first_word: None where nothing asks for the first one later, as in names.
    everyday: None for a model of another text.     num_layers: of `hidden_size` units each.
    """

    model: str
    cell: str
    task: str
    data: str
    licence: str
    embedding_size: int
    hidden_size: int
    parameters: int
    seed: int
    steps: int
    batch_size: int
    learning_rate: float
    initialisation: str
    torch: str
    command: str
    loss: float
    loss_untrained: float
    scores: Mapping[str, Score]
    first_word: FirstWord | None = None
    everyday: Everyday | None = None
    num_layers: int = 1

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Card":
        scores = {family: Score(**score) for family, score in data["scores"].items()}
        probe, everyday = data.get("first_word"), data.get("everyday")
        first = None if probe is None else FirstWord.from_json(probe)
        held_out = None if everyday is None else Everyday.from_json(everyday)
        return cls(**{**data, "scores": MappingProxyType(scores), "first_word": first, "everyday": held_out})


@dataclass(frozen=True)
class ModelInfo:
    """One model of the zoo. What it is called and what its examples show is said in `rnnviz.words`, under `model`."""

    name: str
    language: str  # of its text, whatever the language of the page that shows it
    kind: str  # of its tokens, "word" or "char"
    reads: Reads  # what it was trained on: sentences of the project's own grammar, names, or what people wrote
    shows: Mapping[str, str]  # example text -> the name of the one thing that it shows
    cards: Mapping[str, Card]  # by cell

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(self.shows)


_EN_MEMORY = (
    "Winter came, we walked to the park, we saw the fox near the house, we bought bread at the shop, and every day was"
)
_KO_MEMORY = (
    "겨울에는 아침에 공원에서 노래를 부르고 저녁에 집에서 책을 읽고 시장에서 사과를 사고 "
    "아침에 집에서 밥을 먹고 저녁에 공원에서 영화를 보고 놀았는데 매일 날씨가"
)
# name -> language of its text, kind, what it reads, and each example text with the name of what it shows
_MODELS: dict[str, tuple[str, str, Reads, dict[str, str]]] = {
    "words-en": (
        "en",
        "word",
        "grammar",
        {
            "I ___ a boy.": "gap",
            "Yesterday I was happy. Now you are hungry.": "subject",
            "The keys near the door are old.": "agreement",
            "The book was not good so I hated it.": "negation",
            "The dog chased the cat so the cat ran away.": "order",
            _EN_MEMORY: "memory",
        },
    ),
    "words-ko": (
        "ko",
        "word",
        "grammar",
        {
            "저는 소년이 ___.": "gap",
            "나는 아주 착한 학생이야.": "level",
            "동생이 좋아하는 할머니께서 집에서 책을 읽으신다.": "agreement",
            "영화가 재미있지 않아서 모두 나갔다.": "negation",
            "개가 온 뒤에 고양이가 와서 개가 먼저 먹었다.": "order",
            _KO_MEMORY: "memory",
        },
    ),
    "letters-en": (
        "en",
        "char",
        "names",
        {
            "jacq_eline": "gap",
            "elizabeth": "narrows",
            "mcdonald": "opens",
            "johnson": "closes",
            "anna maria": "space",
        },
    ),
    "letters-ko": (
        "ko",
        "char",
        "names",
        {
            "김민_": "gap",
            "이영희": "given",
            "아르메니아": "narrows",
            "포르투갈어": "closes",
            "박지훈 최서연": "space",
        },
    ),
    "everyday-en": (
        "en",
        "word",
        "everyday",
        {
            "I ___ going to the park.": "gap",
            "What do you do for fun? I like to play games.": "answer",
            "My friends don't like coffee, but I do.": "contraction",
            "My dog's birthday is on May 27.": "pieces",
            "I was tired after work, so I watched a movie with my family and went to bed.": "open",
        },
    ),
    "everyday-ko": (
        "ko",
        "char",
        "everyday",
        {
            "안녕하세_. 오늘은 날씨가 좋습니다.": "gap",
            "그 사람은 아침마다 공원에서 책을 읽는다.": "endings",
            "이 문은 열리지 않습니다.": "space",
            "처음 보는 글자 뷁도 읽을 수 있다.": "jamo",
            '나는 어제 친구와 시장에 가서 "빵 주세요." 하고 말했다.': "quote",
        },
    ),
}


# Further ones, of which some model has weights; a model's cards say which it has.
FURTHER_CELLS = tuple(
    cell
    for cell in CELLS
    if cell not in CELL_NAMES and any((WEIGHTS / f"{model}-{cell}.safetensors").exists() for model in _MODELS)
)


@cache
def catalogue() -> Mapping[str, ModelInfo]:
    """Every model by name."""
    return MappingProxyType({name: _info(name) for name in _MODELS})


def first_model(language: str) -> str:
    """The model with which a page in this language opens: the one of its grammar, else the first of all."""
    names = (info.name for info in catalogue().values() if (info.language, info.reads) == (language, "grammar"))
    return next(names, next(iter(_MODELS)))


def everyday_model(language: str) -> str | None:
    """The model that reads whatever is typed in a language, where there is one."""
    names = (info.name for info in catalogue().values() if (info.language, info.reads) == (language, "everyday"))
    return next(names, None)


@cache
def shipped(name: str) -> tuple[Vocabulary, Mapping[str, Card]]:
    """A model's vocabulary, and the card of each cell that has weights; raises `ValueError` for an unknown name."""
    if name not in _MODELS:
        raise ValueError(f"no model {name!r}: {', '.join(_MODELS)}")
    data = json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))
    cards = {cell: Card.from_json(card) for cell, card in data["cards"].items()}
    return Vocabulary(tuple(data["words"]), _MODELS[name][1]), MappingProxyType(cards)


@cache
def _entries() -> dict[str, dict[str, tuple[int, int, int]]]:
    entries: dict[str, dict[str, tuple[int, int, int]]] = json.loads(ENTRIES.read_text(encoding="utf-8"))
    return entries


def telling_entry(name: str, cell: str, weight: str) -> tuple[int, int, int]:
    """Row and column, from 0, of the entry of a shipped matrix whose sign moves a prediction most (`zoo.telling`), and
    at which step, from 1, of the model's second example; read without torch.

    weight: a matrix of the cell, `W_xh`, `W_hf` ..., or the head's `W_hy`; `KeyError` for another.
    """
    row, column, step = _entries()[f"{name}-{cell}"][weight]
    return row, column, step


def _info(name: str) -> ModelInfo:
    language, kind, reads, shows = _MODELS[name]
    return ModelInfo(name, language, kind, reads, MappingProxyType(shows), shipped(name)[1])
