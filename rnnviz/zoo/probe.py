"""What a state still knows of a sentence's first word: a linear probe (Alain & Bengio 2016) at several distances.

For each distance a softmax regression is fitted to the states of seen sentences of the `memory` family and measured on
unseen ones. Only states before the word that the first one decides are read. The loss is convex and starts from zero,
so nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnviz.tasks.grammar.sentences import Sentence
from rnnviz.zoo.catalogue import FirstWord
from rnnviz.zoo.data import first_word_sentences
from rnnviz.zoo.model import Model

DISTANCES = (0, 1, 2, 3, 5, 8, 12, 16, 20, 24, 28)
WEIGHT_DECAY = 1e-4  # keeps the optimum finite where the classes can be told apart perfectly
LEAST_SPREAD = 1e-4  # a unit that varies less over the sentences is not stretched to one that varies


def first_word(model: Model, sentences: str = "", layer: int = -1) -> FirstWord:
    """Fit and measure the probes of a word model.

    sentences: of which model's data, "words-en"; its own where left out.     layer: whose states are read, from 0.
    """
    for_fit, for_score = first_word_sentences(sentences or model.name)
    classes = sorted({sentence.words[0] for sentence in for_fit})
    states, unseen = _states(model, for_fit, layer), _states(model, for_score, layer)
    accuracies: dict[int, list[float]] = {model.rnn.hidden_size: [], states.shape[-1]: []}
    counts = []
    for distance in DISTANCES:
        x, answer = _at(states, for_fit, distance, classes)
        x_unseen, right = _at(unseen, for_score, distance, classes)
        counts.append(len(right))
        for width, scores in accuracies.items():
            weight = fit(x[:, :width], answer, len(classes))
            scores.append(round(float((logits(x_unseen[:, :width], weight).argmax(1) == right).double().mean()), 4))
    h, whole = accuracies[model.rnn.hidden_size], accuracies[states.shape[-1]]
    return FirstWord(DISTANCES, tuple(h), tuple(whole), tuple(counts), 1 / len(classes))


def fit(h: Tensor, answer: Tensor, classes: int) -> Tensor:
    """The softmax regression of classes (N,) on states (N, H) by L-BFGS: (classes, H + 1), the bias last.

    It is fitted to states brought to mean 0 and variance 1 per unit, so that a unit counts whatever its scale.
    """
    mean, spread = h.mean(0), h.std(0).clamp(min=LEAST_SPREAD)
    even = (h - mean) / spread
    weight = torch.zeros(classes, h.shape[1] + 1, dtype=h.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        total = cross_entropy(logits(even, weight), answer) + WEIGHT_DECAY * weight.square().sum()
        total.backward()
        return total

    with torch.enable_grad():
        optimiser.step(loss)
    slope = weight.detach()[:, :-1] / spread
    return torch.cat([slope, weight.detach()[:, -1:] - (slope @ mean)[:, None]], 1)


def logits(h: Tensor, weight: Tensor) -> Tensor:
    return h @ weight[:, :-1].T + weight[:, -1]


@torch.no_grad()
def _states(model: Model, sentences: Sequence[Sentence], layer: int) -> Tensor:
    """A layer's h and, beside it, c after every token, (T, N, H or 2H); padding on the right is not felt by an earlier
    state.
    """
    rows = model.vocabulary.indices
    indices = [torch.tensor([rows[word.casefold()] for word in sentence.words]) for sentence in sentences]
    states, state = [], None
    for x_t in model.embedding[nn.utils.rnn.pad_sequence(indices)]:
        _, state = model.rnn(x_t[None], state)
        states.append(torch.cat(state, -1)[layer] if isinstance(state, tuple) else state[layer])
    return torch.stack(states)


def _at(states: Tensor, sentences: Sequence[Sentence], distance: int, classes: Sequence[str]) -> tuple[Tensor, Tensor]:
    """States so many tokens after the first, (N, ...), where the answer has not come yet; and the first words."""
    long_enough = [n for n, sentence in enumerate(sentences) if distance < sentence.probe]
    answers = [classes.index(sentences[n].words[0]) for n in long_enough]
    return states[distance, long_enough].double(), torch.tensor(answers)
