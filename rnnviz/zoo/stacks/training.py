"""How networks of one to three layers are trained and measured: as the zoo's language models of words, but deeper.

All of one model read the same sentences in the same order, as often, from the same seeds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

import torch
from safetensors import torch as safetensors
from torch import Tensor, nn

from rnnviz.core.forced import Forced
from rnnviz.core.record import read_out, record
from rnnviz.zoo.catalogue import WEIGHTS, shipped
from rnnviz.zoo.data import Task, probes, task
from rnnviz.zoo.held_out import NONE, encoded, loss_and_accuracy, without_memory
from rnnviz.zoo.model import Model, assemble
from rnnviz.zoo.probe import first_word
from rnnviz.zoo.stacks import CELL, DEPTHS, FAMILIES, SEEDS, SIZES, WIDTH, Stack, Stacks, words_model
from rnnviz.zoo.train import Recipe, fit, initial, measure, named, unscored
from rnnviz.zoo.vocabulary import Vocabulary

RECIPE = Recipe(steps=3000, batch_size=32, alike=True)
MEASURED = 200  # of the unseen sentences, the first, whose gradient is measured


@dataclass(frozen=True)
class Trained:
    """One training. before: the network as it starts.     seconds: of one core."""

    model: Model
    before: Model
    seconds: float


def train(
    name: str, *, recipe: Recipe = RECIPE, seeds: Sequence[int] = SEEDS, sizes: Sequence[tuple[int, int]] = SIZES
) -> tuple[Stacks, dict[int, Model]]:
    """Train and measure every size with each seed: the cards of all, and by their layers the models that ship; nothing
    is written.

    name: `stack-en` or `stack-ko`.     sizes: layers, and units in each.
    """
    words = words_model(name)
    vocabulary = shipped(words)[0]
    tasks = {seed: task(words, seed) for seed in seeds}
    cards, ship = {}, {}
    for size in sizes:
        runs = [_train_size(name, vocabulary, tasks[seed], recipe, size, seed) for seed in seeds]
        cards[size] = measured([one.model for one in runs], [one.before for one in runs], tasks[seeds[0]])
        cards[size] = replace(cards[size], seconds=tuple(round(one.seconds, 1) for one in runs))
        if size[1] == WIDTH:
            ship[size[0]] = runs[0].model
    what = tasks[seeds[0]]
    unigram, bigram, _ = without_memory(what.seen, what.unseen, vocabulary)
    _, _, tokens = loss_and_accuracy(runs[0].model, encoded(what.unseen, vocabulary))
    return Stacks(vocabulary, MappingProxyType(cards), round(unigram, 4), round(bigram, 4), tokens), ship


def save(name: str, cards: Stacks, models: Mapping[int, Model]) -> None:
    """Write the weights that ship, and all cards into one JSON beside them."""
    for layers, model in models.items():
        assert model.head.bias is not None  # every head that `assemble` makes has one
        tensors = named(model.rnn, model.embedding, model.head.weight, model.head.bias)
        (WEIGHTS / f"{name}-{layers}.safetensors").write_bytes(safetensors.save(tensors))
    entries = [
        {
            **vars(one),
            "card": {**vars(one.card), "scores": {}},
            "right": dict(one.right),
            "first_word": [asdict(word) for word in one.first_word],
        }
        for one in cards.by_size.values()
    ]
    data = {"unigram": cards.unigram, "bigram": cards.bigram, "tokens": cards.tokens, "stacks": entries}
    (WEIGHTS / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _train_size(
    name: str, vocabulary: Vocabulary, what: Task, recipe: Recipe, size: tuple[int, int], seed: int
) -> Trained:
    recipe = replace(recipe, num_layers=size[0], hidden_size=size[1], seed=seed)
    tensors, seconds = fit(CELL, encoded(what.seen, vocabulary), len(vocabulary), recipe)
    model = unscored(what, recipe, vocabulary, CELL, tensors, name)
    before = assemble(named(*initial(CELL, len(vocabulary), recipe)), vocabulary, model.card)
    return Trained(model, before, seconds)


def measured(models: Sequence[Model], before: Sequence[Model], what: Task) -> Stack:
    """The card of one size, but for the time that training takes.

    models: one a seed.     before: the same ones as they started.     what: whose unseen sentences they are asked.
    """
    first, words = models[0], words_model(models[0].name)
    rows = encoded(what.unseen, first.vocabulary)
    losses = tuple(round(loss_and_accuracy(model, rows)[0], 4) for model in models)
    questions = probes(words)
    right = {family: tuple(measure(model, questions[family]).accuracy for model in models) for family in FAMILIES}
    layers = range(first.card.num_layers)
    ships = first.card.hidden_size == WIDTH and first.card.num_layers in DEPTHS
    return Stack(
        card=replace(first.card, loss=losses[0]),
        seeds=tuple(model.card.seed for model in models),
        seconds=(),
        losses=losses,
        right=MappingProxyType(right),
        before=tuple(round(into_embeddings(model, rows[:MEASURED]), 4) for model in before),
        after=tuple(round(into_embeddings(model, rows[:MEASURED]), 4) for model in models),
        silent=tuple(round(silent_loss(first, rows, layer), 4) for layer in layers),
        first_word=tuple(first_word(first, words, layer) for layer in layers) if ships else (),
    )


def into_embeddings(model: Model, rows: Sequence[Tensor]) -> float:
    """The 2-norm of what a sentence's summed loss sends into its embeddings, mean over sentences of tokens (T,).

    The first token is predicted from the bias of the head alone, and the last one is not read.
    """
    tokens = nn.utils.rnn.pad_sequence(list(rows), padding_value=NONE)
    with torch.enable_grad():
        x = model.embedding[tokens[:-1].clamp(min=0)].requires_grad_()
        logits = nn.functional.linear(model.rnn(x)[0], model.head.weight, model.head.bias)
        targets = tokens[1:].masked_fill(tokens[1:] == 0, NONE).flatten()
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets, ignore_index=NONE, reduction="sum")
        (into_x,) = torch.autograd.grad(loss, x)
    return float(into_x.square().sum((0, 2)).sqrt().mean())


def silent_loss(model: Model, rows: Sequence[Tensor], layer: int) -> float:
    """The mean cross-entropy in nats, as `loss_and_accuracy` has it, while a layer gives zeros only.

    Nothing goes around a layer, so what is predicted then depends on the step and not on what was read: one pass over
    any tokens has the predictions of all sentences.     layer: from 0.
    """
    longest = max(map(len, rows))
    x = model.embedding[torch.zeros(longest, dtype=torch.long)]
    y = read_out(record(model.rnn, x, forced=[Forced("h", 0.0, row=layer)]), model.head).y
    assert model.head.bias is not None
    first = torch.softmax(model.head.bias, 0)[None]
    surprise = -torch.cat([first, torch.from_numpy(y.copy())]).log()
    losses = [surprise[t, k] for row in rows for t, k in enumerate(row.tolist()) if k]
    return float(torch.stack(losses).double().mean())
