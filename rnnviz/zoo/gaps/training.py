"""How the networks that fill a gap are trained and measured: a GRU, Adam, one thread.

Every word of a sentence is asked for in turn. Readers of one model see the same sentences in the same order, as often.
Whatever is drawn comes from generators made from the seed, so that the same seed gives the same bits on the same
machine and torch version.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from types import MappingProxyType

import torch
from safetensors import torch as safetensors
from torch import Tensor, nn

from rnnviz.core.network import build
from rnnviz.tasks import gaps
from rnnviz.zoo.batches import of_one_length
from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.data import PROBE_SEED, UNSEEN_SEED
from rnnviz.zoo.gaps import READERS, SEEDS, GapCard, GapScore
from rnnviz.zoo.gaps.model import GapModel, around, assembled
from rnnviz.zoo.vocabulary import UNKNOWN, Vocabulary

CLIP_NORM = 1.0
UNKNOWN_SHARE = 0.02  # of the words that are read, so that the embedding of an unknown word means some word
DRAWN, ASKED = 20_000, 800  # sentences that train, and that are asked about


@dataclass(frozen=True)
class GapRecipe:
    """Sizes and schedule. hidden_size: of each layer and direction, by how many directions there are."""

    hidden_size: tuple[int, int]
    embedding_size: int = 12
    steps: int = 4000
    batch_size: int = 64
    learning_rate: float = 0.01


# One chain of 28 units has as many weights as two of 16, within a few in a hundred: the head reads both.
RECIPE = GapRecipe((28, 16))


def train(name: str, reader: str, *, recipe: GapRecipe = RECIPE, seeds: Sequence[int] = SEEDS) -> GapModel:
    """Train a model with each seed, measure each, and return the first seed's with the card of all; nothing is written.

    name: `gap-en` or `gap-ko`.     reader: as in `READERS`.
    """
    torch.set_num_threads(1)
    vocabulary = Vocabulary((UNKNOWN, *gaps.words(_language(name))), "word")
    directions = READERS[reader]
    began = time.process_time()
    weight_sets = [_train_seed(name, reader, vocabulary, recipe, seed) for seed in seeds]
    seconds = (time.process_time() - began) / len(seeds)
    card = GapCard(
        model=name,
        reader=reader,
        task="fill the missing word",
        data=f"{DRAWN} sentences that the project's own grammar writes; one combination in five held out",
        licence="the project's own",
        cell="gru",
        embedding_size=recipe.embedding_size,
        hidden_size=recipe.hidden_size[directions - 1],
        num_directions=directions,
        parameters=sum(tensor.numel() for tensor in weight_sets[0].values()),
        seeds=tuple(seeds),
        steps=recipe.steps,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        torch=torch.__version__,
        command=f"python -m rnnviz.zoo train {name}",
        seconds=round(seconds, 1),
        losses=(),
        scores=MappingProxyType({}),
    )
    return measured([assembled(tensors, vocabulary, card) for tensors in weight_sets])


def save(models: Sequence[GapModel]) -> None:
    """Write the weights of a model's readers, and their cards into one JSON beside them."""
    name, vocabulary = models[0].card.model, models[0].vocabulary
    for model in models:
        assert model.head.bias is not None
        tensors = {"embedding": model.embedding, "head.weight": model.head.weight, "head.bias": model.head.bias}
        tensors |= {f"rnn.{key}": value for key, value in model.rnn.state_dict().items()}
        (WEIGHTS / f"{model.name}.safetensors").write_bytes(safetensors.save(tensors))
    cards = {
        model.card.reader: {
            **vars(model.card),
            "scores": {kind: asdict(score) for kind, score in model.card.scores.items()},
        }
        for model in models
    }
    data = {"words": vocabulary.words, "cards": cards}
    (WEIGHTS / f"{name}.json").write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _train_seed(name: str, reader: str, vocabulary: Vocabulary, recipe: GapRecipe, seed: int) -> dict[str, Tensor]:
    """The tensors of one seed."""
    directions = READERS[reader]
    generator = torch.Generator().manual_seed(seed)
    V, E, H = len(vocabulary), recipe.embedding_size, recipe.hidden_size[directions - 1]
    rnn = build("gru", E, H, bidirectional=directions == 2)
    assert isinstance(rnn, nn.RNNBase)
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.uniform_(-1 / sqrt(H), 1 / sqrt(H), generator=generator)
    embedding = torch.randn(V, E, generator=generator).requires_grad_()
    width = directions * H
    weight = (torch.rand(V, width, generator=generator) * 2 - 1).div_(sqrt(width)).requires_grad_()
    bias = torch.zeros(V, requires_grad=True)
    parameters = [*rnn.parameters(), embedding, weight, bias]
    adam = torch.optim.Adam(parameters, lr=recipe.learning_rate)
    one_cycle = torch.optim.lr_scheduler.OneCycleLR
    schedule = one_cycle(adam, recipe.learning_rate, total_steps=recipe.steps + 1, pct_start=0.1)
    texts = [sentence.words for sentence in gaps.sentences(_language(name), DRAWN, seed=seed)]
    every = [_rows(words, vocabulary) for words in texts]
    if reader == "backward":
        every = [row.flip(0) for row in every]
    mask_generator = torch.Generator().manual_seed(seed + 1)
    for tokens in _batches(every, recipe, seed):
        mask = torch.rand(tokens.shape, generator=mask_generator) < UNKNOWN_SHARE
        h, _ = rnn(embedding[tokens.masked_fill(mask, 0)])
        logits = around(h, directions) @ weight.T + bias
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), tokens.flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
        adam.step()
        schedule.step()
    tensors = {"embedding": embedding, "head.weight": weight, "head.bias": bias}
    tensors |= {f"rnn.{key}": value for key, value in rnn.state_dict().items()}
    return {key: value.detach().clone().contiguous() for key, value in tensors.items()}


def _rows(words: Sequence[str], vocabulary: Vocabulary) -> Tensor:
    return torch.tensor([vocabulary.indices[word.casefold()] for word in words])


def _batches(every: Sequence[Tensor], recipe: GapRecipe, seed: int) -> Iterator[Tensor]:
    """Sentences of one length, (T, B), so that nothing pads them; each pass over them all is in a new order."""
    generator = torch.Generator().manual_seed(seed + 2)
    for places in of_one_length([len(row) for row in every], recipe.batch_size, recipe.steps, generator):
        yield torch.stack([every[at] for at in places], 1)


def measured(models: Sequence[GapModel]) -> GapModel:
    """The first of one reader's models, one a seed, with the card of all."""
    first = models[0]
    card = {**vars(first.card), "losses": tuple(map(_unseen_loss, models)), "scores": MappingProxyType(_scores(models))}
    return GapModel(GapCard(**card), first.rnn, first.embedding, first.head, first.vocabulary)


def _unseen_loss(model: GapModel) -> float:
    """Nats a missing word."""
    rows = [(_rows(words, model.vocabulary), place) for words, place in questions(_language(model.card.model))]
    losses = [-float(model.fill(row.tolist())[place, row[place]].log()) for row, place in rows]
    return round(sum(losses) / len(losses), 4)


def _language(name: str) -> str:
    return name.partition("-")[2]


def questions(language: str) -> list[tuple[tuple[str, ...], int]]:
    """Unseen sentences, each with the place (from 0) of the word that is missing: the same for every reader."""
    sentences = gaps.sentences(language, ASKED, seed=UNSEEN_SEED, unseen=True)
    return [(s.words, place) for s, place in zip(sentences, gaps.places(sentences, PROBE_SEED), strict=True)]


def _scores(models: Sequence[GapModel]) -> dict[str, GapScore]:
    """By what decides the missing word; and of letters between others, seen in training and not, the last one."""
    language = _language(models[0].card.model)
    by_kind: dict[str, list[tuple[tuple[str, ...], int]]] = {kind: [] for kind in gaps.KINDS}
    for words, place in questions(language):
        by_kind[gaps.decides(language, words, place)].append((words, place))
    for unseen, kind in ((False, "letters_seen"), (True, "letters_unseen")):
        by_kind[kind] = [(s.words, s.probe) for s in gaps.about_letters(language) if s.unseen == unseen]
    reader = models[0].card.reader
    return {kind: _score(models, cases, reader, language) for kind, cases in by_kind.items()}


def _score(
    models: Sequence[GapModel], questions: Sequence[tuple[tuple[str, ...], int]], reader: str, language: str
) -> GapScore:
    answers = [words[place] for words, place in questions]
    commonest = Counter(answers).most_common(1)[0][1] / len(questions)
    accuracies = []
    for model in models:
        right = 0
        for words, place in questions:
            row = _rows(words, model.vocabulary)
            right += int(model.fill(row.tolist())[place].argmax()) == int(row[place])
        accuracies.append(round(right / len(questions), 4))
    ceiling = None
    if reader != "backward":  # what the words after a gap leave open is not known in closed form
        ceiling = round(
            sum(_best_chance(reader, language, words, place) for words, place in questions) / len(questions), 4
        )
    return GapScore(tuple(accuracies), round(commonest, 4), ceiling, len(questions))


def _best_chance(reader: str, language: str, words: tuple[str, ...], place: int) -> float:
    """The chance of who knows the grammar to name the missing word; several that are as likely share it."""
    before = reader == "forward"
    shares = gaps.from_before(language, words[:place]) if before else gaps.from_both(language, words, place)
    most = max(shares.values())
    best = [word for word, p in shares.items() if p > most - 1e-9]
    return (words[place] in best) / len(best)
