"""How a model of everyday text goes on text that it did not see, beside guesses without memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from math import log

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rnnviz.tasks import everyday
from rnnviz.zoo.catalogue import Everyday
from rnnviz.zoo.data import Row, task
from rnnviz.zoo.model import Model
from rnnviz.zoo.vocabulary import Vocabulary

MEASURED_ROWS = 1500  # of the unseen ones, the first
AT_ONCE = 32  # rows whose predictions are in memory together
NONE = -1  # in the place of a token that is not predicted: padding, and what has no row of its own


def encoded(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Tensor]:
    return [torch.tensor([vocabulary.row(word) for word in words]) for words in rows]


@torch.no_grad()
def loss_and_accuracy(model: Model, rows: Sequence[Tensor]) -> tuple[float, float, int]:
    """Of tokens (T,) each: the mean cross-entropy in nats, the share that was expected most, and how many there are.

    The first token of a row is predicted from h_0 = 0, so from the bias of the head alone.
    """
    total = right = count = 0.0
    bias = model.head.bias
    assert bias is not None  # every head that `assemble` makes has one
    for first in range(0, len(rows), AT_ONCE):
        tokens = nn.utils.rnn.pad_sequence(list(rows[first : first + AT_ONCE]), padding_value=NONE)
        h, _ = model.rnn(model.embedding[tokens[:-1].clamp(min=0)])
        h = torch.cat([torch.zeros_like(h[:1]), h])
        targets = tokens.masked_fill(tokens == 0, NONE).flatten()
        logits = (h @ model.head.weight.T + bias).flatten(0, 1)
        total += float(F.cross_entropy(logits, targets, ignore_index=NONE, reduction="sum"))
        right += int((logits.argmax(1) == targets).sum())
        count += int((targets != NONE).sum())
    return total / count, right / count, int(count)


def without_memory(
    training_rows: Sequence[Row], test_rows: Sequence[Row], vocabulary: Vocabulary
) -> tuple[float, float, float]:
    """The loss of a guess by how common a token is, that of a guess by the token before too, and how often the latter
    is right. What is asked and has no row is not counted.

    The second is Witten and Bell's (1991): of n occasions of a token, after which d different ones came, a share of
    n / (n + d) is what came after it, and the rest is how common each is.
    """
    START = -1
    common: Counter[int] = Counter()
    after: dict[int, Counter[int]] = {}
    for words in training_rows:
        before = START
        for row in map(vocabulary.row, words):
            if row:
                common[row] += 1
                after.setdefault(before, Counter())[row] += 1
            before = row
    total = common.total() + len(vocabulary) - 1  # one more of each: none is impossible
    totals = {row: (counts.total(), len(counts)) for row, counts in after.items()}
    best = {row: min(counts.items(), key=lambda item: (-item[1], item[0]))[0] for row, counts in after.items()}
    unigram = bigram = right = count = 0.0
    for words in test_rows:
        before = START
        for row in map(vocabulary.row, words):
            if row:
                p = (common[row] + 1) / total
                n, d = totals.get(before, (0, 0))
                q = p if not n else (after[before][row] + d * p) / (n + d)
                unigram -= log(p)
                bigram -= log(q)
                right += best.get(before) == row
                count += 1
            before = row
    return unigram / count, bigram / count, right / count


@cache
def beside(name: str) -> tuple[float, float, float, float, str]:
    """Of a model's data: what `without_memory` gives on the unseen rows that are measured, the share of tokens with a
    row of their own in everyday lines of another source, and which lines.
    """
    what = task(name, 0)
    vocabulary = Vocabulary(what.words, what.kind)
    lines, source = everyday.elsewhere(name.split("-")[1])
    tokens = [token for line in lines for token in vocabulary.tokenize(line)]
    share = sum(token.known for token in tokens) / len(tokens)
    return *without_memory(what.seen, what.unseen[:MEASURED_ROWS], vocabulary), share, source


def everyday_block(model: Model, seconds: float) -> tuple[float, Everyday]:
    """The loss of a model on unseen text, and what its card says beside it."""
    rows = encoded(task(model.name, 0).unseen[:MEASURED_ROWS], model.vocabulary)
    loss, accuracy, count = loss_and_accuracy(model, rows)
    unigram, bigram, bigram_accuracy, share, source = beside(model.name)
    return loss, Everyday(
        tokens=count,
        accuracy=round(accuracy, 4),
        unigram=round(unigram, 4),
        bigram=round(bigram, 4),
        bigram_accuracy=round(bigram_accuracy, 4),
        losses={},
        known=round(share, 4),
        known_from=source,
        seconds=round(seconds),
    )
