"""What the zoo holds: each model's titles, example texts and, per cell, the card of the shipped weights. No torch."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from safetensors.numpy import load_file

from rnnviz.core.cells import CELLS
from rnnviz.zoo.vocabulary import Vocabulary

# PyTorch's own, which every page offers, and further ones that a declaration alone makes.
CELL_NAMES = ("rnn", "lstm", "gru")
FURTHER_CELLS = ("peephole", "mgu")
WEIGHTS = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class Score:
    """How one family went on data that training did not hold.

    accuracy: share of the probes at which the right one was given the highest probability among its rivals.
    chance: what guessing among the rivals reaches. probability: mean probability of the right one, of the whole
    vocabulary. count: how many probes.
    """

    accuracy: float
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
        known: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
        return cls(**known)


@dataclass(frozen=True)
class Card:
    """Where the weights of one model and cell come from and what they reached.

    loss: mean cross-entropy on unseen data, nats per token, and `loss_untrained` the same for a uniform guess.
    parameters: numbers in all tensors. first_word: None for letters: nothing in a name asks for its first one later.
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

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Card":
        scores = {family: Score(**score) for family, score in data["scores"].items()}
        known = data.get("first_word")
        first = None if known is None else FirstWord.from_json(known)
        return cls(**{**data, "scores": MappingProxyType(scores), "first_word": first})


@dataclass(frozen=True)
class ModelInfo:
    """One model of the zoo. `shows`: example text -> language -> the one thing that it shows."""

    name: str
    language: str
    kind: str
    title: Mapping[str, str]
    shows: Mapping[str, Mapping[str, str]]
    cards: Mapping[str, Card]

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
# name -> language, kind, titles, and what each example shows
_MODELS: dict[str, tuple[str, str, dict[str, str], dict[str, dict[str, str]]]] = {
    "words-en": (
        "en",
        "word",
        {"en": "English words", "ko": "영어 단어"},
        {
            "I ___ a boy.": {
                "en": "Fill the gap: the word before it decides",
                "ko": "빈칸 채우기: 앞의 단어가 결정한다",
            },
            "Yesterday I was happy. Now you are hungry.": {
                "en": "The subject and the time decide the verb",
                "ko": "주어와 시간이 동사를 결정한다",
            },
            "The keys near the door are old.": {
                "en": "Agreement at a distance: keys ... are, past the door",
                "ko": "멀리 떨어진 수 일치: door를 지나 keys ... are",
            },
            "The book was not good so I hated it.": {
                "en": "Negation flips what follows: not good, hated",
                "ko": "부정이 뒤를 뒤집는다: not good이면 hated",
            },
            "The dog chased the cat so the cat ran away.": {
                "en": "Order matters: swap dog and cat and another runs away",
                "ko": "순서가 중요하다: dog와 cat을 바꾸면 달아나는 쪽이 바뀐다",
            },
            _EN_MEMORY: {
                "en": "Long memory: the first word decides the last",
                "ko": "긴 기억: 첫 단어가 마지막 단어를 결정한다",
            },
        },
    ),
    "words-ko": (
        "ko",
        "word",
        {"en": "Korean words", "ko": "한국어 단어"},
        {
            "저는 소년이 ___.": {
                "en": "Fill the gap: the humble 저는 asks for the polite ending",
                "ko": "빈칸 채우기: ‘저는’이 높임말 끝맺음을 부른다",
            },
            "나는 아주 착한 학생이야.": {
                "en": "The first word sets the speech level of the last",
                "ko": "첫 단어가 마지막 단어의 말투를 정한다",
            },
            "동생이 좋아하는 할머니께서 집에서 책을 읽으신다.": {
                "en": "Honorific agreement at a distance: 께서 ... 읽으신다",
                "ko": "멀리 떨어진 높임 일치: ‘께서’ … ‘읽으신다’",
            },
            "영화가 재미있지 않아서 모두 나갔다.": {
                "en": "Negation flips what follows: not fun, everyone left",
                "ko": "부정이 뒤를 뒤집는다: 재미있지 않으면 나갔다",
            },
            "개가 온 뒤에 고양이가 와서 개가 먼저 먹었다.": {
                "en": "Order matters: who came first eats first",
                "ko": "순서가 중요하다: 먼저 온 쪽이 먼저 먹는다",
            },
            _KO_MEMORY: {
                "en": "Long memory: the first word decides the last",
                "ko": "긴 기억: 첫 단어가 마지막 단어를 결정한다",
            },
        },
    ),
    "letters-en": (
        "en",
        "char",
        {"en": "English names, letter by letter", "ko": "영어 이름, 글자 단위"},
        {
            "jacq_eline": {
                "en": "Fill the gap: after q comes u",
                "ko": "빈칸 채우기: q 다음에는 u가 온다",
            },
            "elizabeth": {"en": "Each letter narrows the next", "ko": "글자마다 다음이 좁혀진다"},
            "mcdonald": {"en": "Mc opens a surname", "ko": "Mc로 시작하면 성이다"},
            "johnson": {"en": "-son closes many a surname", "ko": "-son으로 끝나는 성이 많다"},
            "anna maria": {
                "en": "A space ends a name",
                "ko": "띄어 쓰면 이름이 끝난다",
            },
        },
    ),
    "letters-ko": (
        "ko",
        "char",
        {"en": "Korean names, syllable by syllable", "ko": "한국어 이름, 음절 단위"},
        {
            "김민_": {"en": "Fill the gap: what follows Kim Min", "ko": "빈칸 채우기: 김민 다음 글자"},
            "이영희": {"en": "A surname, then a given name of two syllables", "ko": "성 다음에 두 음절 이름"},
            "아르메니아": {
                "en": "Each syllable narrows the next",
                "ko": "나라 이름: 글자마다 다음이 좁혀진다",
            },
            "포르투갈어": {"en": "A language ends in 어", "ko": "언어 이름은 ‘어’로 끝난다"},
            "박지훈 최서연": {
                "en": "A space ends a name",
                "ko": "띄어 쓰면 이름이 끝난다",
            },
        },
    ),
}


@cache
def catalogue() -> Mapping[str, ModelInfo]:
    """Every model by name."""
    return MappingProxyType({name: _info(name) for name in _MODELS})


@cache
def shipped(name: str) -> tuple[Vocabulary, Mapping[str, Card]]:
    """A model's vocabulary, and the card of each cell that has weights; raises `ValueError` for an unknown name."""
    if name not in _MODELS:
        raise ValueError(f"no model {name!r}: {', '.join(_MODELS)}")
    data = json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))
    cards = {cell: Card.from_json(card) for cell, card in data["cards"].items()}
    return Vocabulary(tuple(data["words"]), _MODELS[name][1]), MappingProxyType(cards)


@cache
def largest_entry(name: str, cell: str, weight: str) -> tuple[int, int]:
    """Row and column, from 0, of the entry of a shipped matrix that is largest in size; read without torch.

    weight: a matrix of the cell, `W_xh`, `W_hf` ..., or the head's `W_hy`; `StopIteration` for another.
    """
    tensors = load_file(WEIGHTS / f"{name}-{cell}.safetensors")
    if weight == "W_hy":
        matrix = tensors["head.weight"]
    else:
        place = next(p for p in CELLS[cell].parameters if p.name == weight)
        size = shipped(name)[1][cell].hidden_size
        matrix = tensors[f"rnn.{place.torch_name}_l0"][place.block * size : (place.block + 1) * size]
    row, column = divmod(int(abs(matrix).argmax()), matrix.shape[1])
    return row, column


def _info(name: str) -> ModelInfo:
    language, kind, title, shows = _MODELS[name]
    return ModelInfo(name, language, kind, MappingProxyType(title), MappingProxyType(shows), shipped(name)[1])
