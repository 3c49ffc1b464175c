"""How encoders and decoders are trained and measured: GRUs, Adam, one thread, the right words fed to the decoder.

All attentions of one model see the same pairs in the same order, as often. Whatever is drawn comes from generators
made from the seed, so that the same seed gives the same bits on the same machine and torch version.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from types import MappingProxyType

import torch
from safetensors import torch as safetensors
from torch import Tensor, nn

from rnnviz.core.network import build
from rnnviz.core.seq2seq.attention import MECHANISMS, Attention
from rnnviz.core.seq2seq.transduce import EDGE
from rnnviz.tasks import pairs
from rnnviz.tasks.pairs.guess import guess
from rnnviz.zoo.batches import of_one_length
from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.data import UNSEEN_SEED
from rnnviz.zoo.seq2seq import SEEDS, LengthScore, Seq2SeqCard, Seq2SeqCards
from rnnviz.zoo.seq2seq.model import Seq2SeqModel, assembled, stacked
from rnnviz.zoo.vocabulary import UNKNOWN, Vocabulary

CELL = "gru"
CLIP_NORM = 1.0
UNKNOWN_SHARE = 0.02  # of the tokens that are read, so that the embedding of an unknown one means some token
DRAWN, ASKED = 30_000, 150  # pairs that train; unseen ones of each length that are asked
NOTHING = -1  # in the place of a target that is not asked: padding
PROBED_ON = 4000  # pairs of the training data
PROBE_STEPS, DECAY = 100, 1e-4  # of L-BFGS; what the squares of the probe's weights add to its loss
LONGEST = 40  # the most tokens that are written, in measuring
KINDS = {"word": "word", "character": "char"}

# What is asked of each model, in source tokens: lengths that training has, and longer ones where there are any.
MEASURED: Mapping[str, tuple[int, ...]] = {
    "en-ko": tuple(range(4, 25, 2)),
    "ko-en": (4, 6, 8, 10, 12, 14, 16, 18, 20),
    "dates": (8, 9, 11, 12, 13, 15, 16, 17, 22, 24, 26),
    "numbers": (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15),
    "copying": (2, 4, 6, 8, 10, 12, 13, 14, 15, 16, 18, 21, 25),
}
# The place of the source token that is read from the bridge: the first that says something ("the", "=" say little).
PROBED: Mapping[str, int] = {"en-ko": 1, "ko-en": 0, "dates": 0, "numbers": 0, "copying": 1}


@dataclass(frozen=True)
class Seq2SeqRecipe:
    """Sizes and schedule."""

    embedding_size: int = 24
    hidden_size: int = 64
    steps: int = 4000
    batch_size: int = 64
    learning_rate: float = 0.004


# Dates are long, since their tokens are characters, and soon learned; zeros that no word says are learned late.
RECIPES: Mapping[str, Seq2SeqRecipe] = {
    "en-ko": Seq2SeqRecipe(),
    "ko-en": Seq2SeqRecipe(),
    "dates": Seq2SeqRecipe(steps=2500),
    "numbers": Seq2SeqRecipe(steps=6000),
    "copying": Seq2SeqRecipe(),
}
Pairs = Sequence[tuple[Tensor, Tensor]]  # the rows of a source, (S,), and those of its target, (U,)


class Net(nn.Module):
    """What is trained: PyTorch's modules for both networks, and the attention's formulas over whole batches."""

    def __init__(self, attention: Attention, rows: int, V: int, recipe: Seq2SeqRecipe, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        E, H = recipe.embedding_size, recipe.hidden_size
        self.kind = attention.name
        self.source = nn.Parameter(torch.randn(rows, E, generator=generator))
        self.target = nn.Parameter(torch.randn(V, E, generator=generator))
        self.encoder, self.decoder = build(CELL, E, H), build(CELL, E, H)
        sizes = {name: shape(H, V) for name, shape in attention.shapes.items()}
        self.attention = nn.ParameterDict({name: nn.Parameter(torch.empty(size)) for name, size in sizes.items()})
        with torch.no_grad():
            for parameter in (*self.encoder.parameters(), *self.decoder.parameters(), *self.attention.values()):
                bound = 1 / sqrt(parameter.shape[-1] if parameter.ndim > 1 else H)
                parameter.uniform_(-bound, bound, generator=generator)

    def forward(self, source: Tensor, fed: Tensor) -> Tensor:
        """Logits of each word that is to be written, (U, B, V).     source: (S, B).     fed: (U, B)."""
        memory, bridge = self.encoder(self.source[source])
        states, _ = self.decoder(self.target[fed], bridge)
        return self.logits(states, memory)

    def logits(self, states: Tensor, memory: Tensor) -> Tensor:
        """states: the decoder's, (U, B, H).     memory: the encoder's, (S, B, H)."""
        weights = self.attention
        if self.kind != "none":
            query = states @ weights["W_q"].T
            if self.kind == "additive":
                bent = torch.tanh(query[:, None] + (memory @ weights["W_k"].T)[None] + weights["b_e"])
                scores = bent @ weights["v_e"]  # (U, S, B)
            else:
                scores = torch.einsum("ubh,sbh->usb", query, memory)
            context = torch.einsum("usb,sbh->ubh", scores.softmax(1), memory)
            states = torch.tanh(torch.cat([context, states], -1) @ weights["W_c"].T + weights["b_c"])
        return states @ weights["W_y"].T + weights["b_y"]

    @torch.no_grad()
    def greedy(self, source: Tensor, limit: int) -> tuple[Tensor, Tensor]:
        """What is written, (U, B), ended by `EDGE` where it is, and the states that were handed over, (B, H)."""
        memory, bridge = self.encoder(self.source[source])
        state, word = bridge, source.new_full(source.shape[1:], EDGE)
        written: list[Tensor] = []
        ended = torch.zeros_like(word, dtype=torch.bool)
        while len(written) < limit and not ended.all():
            states, state = self.decoder(self.target[word][None], state)
            word = self.logits(states, memory)[0].argmax(-1).masked_fill(ended, EDGE)
            ended |= word == EDGE
            written.append(word)
        return torch.stack(written), bridge[0]

    def tensors(self) -> dict[str, Tensor]:
        """By the names that `assembled` takes."""
        return {name: value.detach().clone().contiguous() for name, value in self.state_dict().items()}


def vocabularies(name: str) -> tuple[Vocabulary, Vocabulary]:
    """Of a model's sources and of its targets."""
    task = pairs.TASKS[name]
    source, target = (KINDS[unit] for unit in task.units)
    return Vocabulary((UNKNOWN, *task.sources), source), Vocabulary((UNKNOWN, *task.targets), target)


def train(
    name: str, attention: str, *, recipe: Seq2SeqRecipe | None = None, seeds: Sequence[int] = SEEDS
) -> tuple[Seq2SeqModel, Seq2SeqCards]:
    """Train a model with each seed and measure them: the first seed's with the card of all; nothing is written.

    recipe: by default the one of `RECIPES`.
    """
    torch.set_num_threads(1)
    recipe = recipe or RECIPES[name]
    source, target = vocabularies(name)
    began = time.process_time()
    nets = [_fit(name, attention, source, target, recipe, seed) for seed in seeds]
    seconds = (time.process_time() - began) / len(seeds)
    lengths = pairs.TASKS[name].lengths
    card = Seq2SeqCard(
        model=name,
        attention=attention,
        data=f"{DRAWN} pairs of the task {name} of rnnviz.tasks.pairs; one combination in five held out",
        licence="the project's own; names of dates and numbers: Unicode CLDR (Unicode-3.0)",
        cell=CELL,
        embedding_size=recipe.embedding_size,
        hidden_size=recipe.hidden_size,
        parameters=sum(value.numel() for value in nets[0].parameters()),
        seeds=tuple(seeds),
        steps=recipe.steps,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        torch=torch.__version__,
        command=f"python -m rnnviz.zoo train {name}",
        seconds=round(seconds, 1),
        trained=(min(lengths), max(lengths)),
        losses=tuple(round(_unseen_loss(net, name, source, target), 4) for net in nets),
        probed=PROBED[name],
        lengths=tuple(_scores(nets, name, source, target)),
    )
    shared = Seq2SeqCards(source, target, MappingProxyType({attention: card}))
    return assembled(nets[0].tensors(), shared, card), shared


def save(models: Sequence[Seq2SeqModel]) -> None:
    """Write the weights of a model's attentions, and their cards into one JSON beside them."""
    first = models[0]
    for model in models:
        network = model.network
        tensors = {"source": network.source, "target": network.target}
        tensors |= {f"attention.{key}": value for key, value in network.weights.items()}
        for part, weights in (("encoder", network.encoder), ("decoder", network.decoder)):
            tensors |= {f"{part}.{key}": value for key, value in stacked(weights, network.cell).items()}
        (WEIGHTS / f"seq2seq-{model.name}.safetensors").write_bytes(safetensors.save(tensors))
    data = {
        "source": {"words": first.source.words, "kind": first.source.kind},
        "target": {"words": first.target.words, "kind": first.target.kind},
        "cards": {
            model.card.attention: {**vars(model.card), "lengths": [asdict(one) for one in model.card.lengths]}
            for model in models
        },
    }
    path = WEIGHTS / f"seq2seq-{first.card.model}.json"
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _fit(name: str, attention: str, source: Vocabulary, target: Vocabulary, recipe: Seq2SeqRecipe, seed: int) -> Net:
    net = Net(MECHANISMS[attention], len(source), len(target), recipe, seed)
    adam = torch.optim.Adam(net.parameters(), lr=recipe.learning_rate)
    one_cycle = torch.optim.lr_scheduler.OneCycleLR
    schedule = one_cycle(adam, recipe.learning_rate, total_steps=recipe.steps + 1, pct_start=0.1)
    data = _encoded(pairs.pairs(name, DRAWN, seed=seed), source, target)
    drawing = torch.Generator().manual_seed(seed + 1)
    for read, asked in _batches(data, recipe, seed):
        unknown = torch.rand(read.shape, generator=drawing) < UNKNOWN_SHARE
        loss = _loss(net, read.masked_fill(unknown, 0), asked)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), CLIP_NORM)
        adam.step()
        schedule.step()
    return net.eval().requires_grad_(False)


def _loss(net: Net, read: Tensor, asked: Tensor) -> Tensor:
    """Mean cross-entropy in nats of the targets, (U, B), and of their ends; the right words are fed."""
    begin = asked.new_full((1, asked.shape[1]), EDGE)
    fed = torch.cat([begin, asked.clamp(min=EDGE)])
    ended = torch.cat([asked, torch.full_like(begin, NOTHING)])
    ended[(asked != NOTHING).sum(0), torch.arange(asked.shape[1])] = EDGE
    return nn.functional.cross_entropy(net(read, fed).flatten(0, 1), ended.flatten(), ignore_index=NOTHING)


def _encoded(found: Sequence[pairs.Pair], source: Vocabulary, target: Vocabulary) -> list[tuple[Tensor, Tensor]]:
    return [
        (torch.tensor([source.row(token) for token in one.source]), torch.tensor([target.row(t) for t in one.target]))
        for one in found
    ]


def _of_one_length(data: Pairs) -> dict[int, list[tuple[Tensor, Tensor]]]:
    by_length: dict[int, list[tuple[Tensor, Tensor]]] = {}
    for one in data:
        by_length.setdefault(len(one[0]), []).append(one)
    return by_length


def _stacked(batch: Pairs) -> tuple[Tensor, Tensor]:
    """Sources of one length, (S, B), and their targets, (U, B), padded."""
    targets = nn.utils.rnn.pad_sequence([target for _, target in batch], padding_value=NOTHING)
    return torch.stack([source for source, _ in batch], 1), targets


def _batches(data: Pairs, recipe: Seq2SeqRecipe, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Sources of one length, so that nothing pads them."""
    generator = torch.Generator().manual_seed(seed + 2)
    for places in of_one_length([len(source) for source, _ in data], recipe.batch_size, recipe.steps, generator):
        yield _stacked([data[at] for at in places])


@torch.no_grad()
def _unseen_loss(net: Net, name: str, source: Vocabulary, target: Vocabulary) -> float:
    """Nats a written token, the right ones fed."""
    data = _encoded(pairs.pairs(name, 1000, seed=UNSEEN_SEED, unseen=True), source, target)
    total = count = 0.0
    for alike in _of_one_length(data).values():
        read, asked = _stacked(alike)
        tokens = int((asked != NOTHING).sum()) + len(alike)
        total += float(_loss(net, read, asked)) * tokens
        count += tokens
    return total / count


def _scores(nets: Sequence[Net], name: str, source: Vocabulary, target: Vocabulary) -> Iterator[LengthScore]:
    """By the length of the source, of pairs that training did not hold."""
    seen, at = pairs.pairs(name, PROBED_ON, seed=0), PROBED[name]
    probes = [_probe(net, _encoded(seen, source, target), at, len(source)) for net in nets]
    for length in MEASURED[name]:
        asked = pairs.pairs(name, ASKED, seed=UNSEEN_SEED + length, unseen=True, length=length)
        read, _ = _stacked(_encoded(asked, source, target))
        right = [tuple(one.target) for one in asked]
        exact, tokens, first = [], [], []
        for net, probe in zip(nets, probes, strict=True):
            written, bridge = net.greedy(read, LONGEST)
            found = [_text(column, target) for column in written.T.tolist()]
            exact.append(_share(found, right))
            tokens.append(_in_place(found, right))
            first.append(round(float(probe(bridge).argmax(1).eq(read[at]).float().mean()), 4))
        guesses = [guess(name, one.source) for one in asked]
        yield LengthScore(
            length=length,
            count=len(asked),
            exact=tuple(exact),
            tokens=tuple(tokens),
            first=tuple(first),
            guess_exact=_share(guesses, right),
            guess_tokens=_in_place(guesses, right),
            guess_first=round(Counter(one.source[at] for one in asked).most_common(1)[0][1] / len(asked), 4),
        )


def _probe(net: Net, data: Pairs, at: int, classes: int) -> nn.Module:
    """Logits, (classes,), of the source token in place `at` from the bridge: a logistic regression."""
    read: list[Tensor] = []
    asked: list[Tensor] = []
    for alike in _of_one_length(data).values():
        sources, _ = _stacked(alike)
        if len(sources) > at:
            read.append(net.encoder(net.source[sources])[1][0])
            asked.append(sources[at])
    x, right = torch.cat(read), torch.cat(asked)
    probe = nn.utils.skip_init(nn.Linear, x.shape[1], classes)
    for parameter in probe.parameters():
        nn.init.zeros_(parameter)
    descent = torch.optim.LBFGS(probe.parameters(), max_iter=PROBE_STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        descent.zero_grad()
        value = nn.functional.cross_entropy(probe(x), right) + DECAY * probe.weight.square().sum()
        value.backward()
        return value

    descent.step(loss)
    return probe.requires_grad_(False)


def _text(rows: Sequence[int], target: Vocabulary) -> tuple[str, ...]:
    end = rows.index(EDGE) if EDGE in rows else len(rows)
    return tuple(target.words[row] for row in rows[:end])


def _share(found: Sequence[tuple[str, ...]], right: Sequence[tuple[str, ...]]) -> float:
    return round(sum(a == b for a, b in zip(found, right, strict=True)) / len(right), 4)


def _in_place(found: Sequence[tuple[str, ...]], right: Sequence[tuple[str, ...]]) -> float:
    """Share of tokens that stand in their right place; what is missing or too much counts as wrong."""
    pairs_of = list(zip(found, right, strict=True))
    hits = sum(sum(x == y for x, y in zip(a, b, strict=False)) for a, b in pairs_of)
    return round(hits / sum(max(len(a), len(b)) for a, b in pairs_of), 4)
