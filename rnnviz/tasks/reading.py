"""Sentences of the project's own grammar (`rnnviz.tasks.grammar.sentences`) read to one answer at the last step.

sentiment: a judgement, with "not" or without (family `negation`): does the writer like it? An exclusive or.
gap: the word left out at the end of a sentence of up to 35 (families `recall` and `memory`): the season named first
decides it.

Sentences end at the last step; a shorter one is preceded by zeros, of a longer one the beginning is not seen.
"""

from functools import cache, partial

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from rnnviz.tasks.grammar.sentences import sentences, words
from rnnviz.tasks.task import PADDING, Batch, Task, accuracy, blind

LONGEST = 40
FAMILIES = {"sentiment": ("negation",), "gap": ("recall", "memory")}
LIKED = {"en": ("liked", "disliked"), "ko": ("좋아함", "싫어함")}
TITLES = {"sentiment": "Sentiment", "gap": "The gap at the end"}
DRAWS, HELD_OUT = 1000, 200  # sentences of each family


@cache
def _pool(kind: str, language: str, unseen: bool) -> tuple[Tensor, Tensor]:
    """Word numbers (LONGEST, N), `PADDING` before a sentence begins, and answers (N,)."""
    place = {word: i for i, word in enumerate(words(language))}
    inputs, answers = [], []
    for family in FAMILIES[kind]:
        count = HELD_OUT if unseen else DRAWS
        for s in sentences(language, count, seed=int(unseen), unseen=unseen, family=family):
            before = [place[word] for word in s.words[: s.probe]]
            inputs.append([PADDING] * (LONGEST - len(before)) + before)
            answers.append(s.choices.index(s.words[s.probe]))
    return torch.tensor(inputs).T, torch.tensor(answers)


def _make(kind: str, language: str, generator: Generator, batch_size: int, length: int, unseen: bool) -> Batch:
    inputs, answers = _pool(kind, language, unseen)
    rows = torch.randint(0, len(answers), (batch_size,), generator=generator)
    tokens = inputs[-length:, rows]
    x = F.one_hot(tokens.clamp(min=0), len(words(language))).float() * (tokens != PADDING)[..., None]
    return Batch(x=x, y=answers[None, rows])


@cache
def _baseline(kind: str, language: str) -> float:
    inputs, answers = _pool(kind, language, False)
    return blind(inputs[-1:], answers[None])


def reading_task(kind: str, language: str) -> Task:
    """kind: a key of `FAMILIES`. A season is called as the sentences do."""
    choices = sentences(language, 1, seed=0, family=FAMILIES[kind][0])[0].choices
    answers = LIKED[language] if kind == "sentiment" else choices
    return Task(
        name=f"{kind}-{language}",
        title=TITLES[kind],
        source="the project's own grammar",
        inputs=words(language),
        outputs=answers,
        loss="cross entropy",
        shortest=2,
        longest=LONGEST,
        steps=lambda length: length,
        loss_from=lambda length: length - 1,
        make=partial(_make, kind, language),
        baseline=lambda length: _baseline(kind, language),
        chance=1 / len(answers),
        measure=accuracy,
        pool=True,
    )
