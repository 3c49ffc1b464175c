"""How the zoo's models are trained: teacher forcing on the next token, recurrent layers, Adam.

The same data in the same order, sizes, number of steps and learning rate for every cell of a model. Every random
number comes from generators made from the seed: the data from `random.Random`, the first weights from a
`torch.Generator` (torch's modules would draw theirs from the global state, so they are built unset), and one thread
keeps the order of every sum. The same seed gives the same bits on the same machine and torch version.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from math import log, sqrt

import torch
from safetensors import torch as safetensors
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from rnnviz.core.cells import CELLS
from rnnviz.core.network import Layer, build, with_forget_bias
from rnnviz.zoo.batches import of_one_length
from rnnviz.zoo.catalogue import CELL_NAMES, FURTHER_CELLS, WEIGHTS, Card, Score
from rnnviz.zoo.data import Probe, Task, probes, task
from rnnviz.zoo.held_out import NONE as PADDING
from rnnviz.zoo.held_out import encoded, everyday_block, loss_and_accuracy
from rnnviz.zoo.model import Model, assemble
from rnnviz.zoo.probe import first_word
from rnnviz.zoo.vocabulary import Vocabulary

CLIP_NORM = 1.0
# The share of input words replaced by <unk>, so that its embedding means "some word" and not noise.
UNKNOWN_SHARE = 0.02


@dataclass(frozen=True)
class Recipe:
    """Sizes and schedule, the same for every cell of a model."""

    embedding_size: int = 8
    hidden_size: int = 24
    steps: int = 6000
    batch_size: int = 64
    learning_rate: float = 0.01
    seed: int = 0
    rivals: int = 0  # how many further words each batch's own are told from, drawn anew for it; 0: all there are
    dropout: float = 0.0  # share of h that the head does not see, another one at each token
    cells: tuple[str, ...] = (*CELL_NAMES, *FURTHER_CELLS)  # that ship
    half: bool = False  # whether the weights are rounded to 16 bits, as they ship then
    num_layers: int = 1
    alike: bool = False  # whether the sequences of a batch are of one length, so that nothing pads them


RECIPES = {
    "words-en": Recipe(steps=12_000),
    "words-ko": Recipe(steps=12_000),
    "letters-en": Recipe(),
    "letters-ko": Recipe(),
    "everyday-en": Recipe(32, 64, steps=8000, batch_size=32, rivals=500, cells=CELL_NAMES, half=True),
    "everyday-ko": Recipe(32, 64, steps=1500, batch_size=32, dropout=0.2, cells=CELL_NAMES, half=True),
}
# Of a training with drawn rivals the last steps are with all of them: then probabilities are right over all words.
ALL_RIVALS_FROM = 0.9


def train(name: str, cell: str, *, recipe: Recipe | None = None, seed: int = 0) -> Model:
    """Train one model, measure it on held-out data and return it with its card; nothing is written.

    recipe: in the place of the model's own, which begins from `seed`.
    """
    recipe = recipe or replace(RECIPES[name], seed=seed)
    what = task(name, recipe.seed)
    vocabulary = Vocabulary(what.words, what.kind)
    tensors, seconds = fit(cell, encoded(what.seen, vocabulary), len(vocabulary), recipe)
    model = unscored(what, recipe, vocabulary, cell, tensors, f"{name} --cell {cell}")
    if name.startswith("everyday"):
        missed, block = everyday_block(model, seconds)
        block = replace(block, losses={str(recipe.seed): round(missed, 4)})
        return replace(model, card=replace(model.card, loss=round(missed, 4), everyday=block))
    missed, _, _ = loss_and_accuracy(model, encoded(what.unseen, vocabulary))
    return measured(replace(model, card=replace(model.card, loss=round(missed, 4))))


def unscored(
    what: Task, recipe: Recipe, vocabulary: Vocabulary, cell: str, tensors: dict[str, Tensor], again: str
) -> Model:
    """A trained model whose card holds all but its scores.     again: what `train` is given to make it once more."""
    card = Card(
        model=again.split()[0],
        cell=cell,
        task=what.task,
        data=what.data,
        licence=what.licence,
        embedding_size=recipe.embedding_size,
        hidden_size=recipe.hidden_size,
        parameters=sum(tensor.numel() for tensor in tensors.values()),
        seed=recipe.seed,
        steps=recipe.steps,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        initialisation=initialisation(cell),
        torch=torch.__version__,
        command=f"python -m rnnviz.zoo train {again}",
        loss=0.0,
        loss_untrained=round(log(len(vocabulary)), 4),
        scores={},
        num_layers=recipe.num_layers,
    )
    return assemble(tensors, vocabulary, card)


def fit(cell: str, rows: list[Tensor], V: int, recipe: Recipe) -> tuple[dict[str, Tensor], float]:
    """The tensors of one training, by the names that `assemble` takes, and its processor time in seconds.

    rows: token sequences (T,) of a vocabulary of V.
    """
    torch.set_num_threads(1)
    rnn, embedding, weight, bias = initial(cell, V, recipe)
    parameters = [*rnn.parameters(), embedding, weight, bias]
    adam = torch.optim.Adam(parameters, lr=recipe.learning_rate)
    # A short warm-up, then down to zero along a cosine: the last steps settle instead of wandering.
    one_cycle = torch.optim.lr_scheduler.OneCycleLR
    schedule = one_cycle(adam, recipe.learning_rate, total_steps=recipe.steps + 1, pct_start=0.1)
    rnn.train()
    drawing = torch.Generator().manual_seed(recipe.seed + 2)
    began = time.process_time()
    for step, tokens in enumerate(_batches(rows, recipe)):
        unread = torch.rand(tokens.shape, generator=drawing) < UNKNOWN_SHARE
        h = _states(rnn, embedding, tokens.masked_fill(unread, 0))
        if recipe.dropout:
            mask = torch.rand(h.shape, generator=drawing) >= recipe.dropout
            h = h * mask / (1 - recipe.dropout)
        rivals = recipe.rivals if step < ALL_RIVALS_FROM * recipe.steps else 0
        loss = _loss(h, weight, bias, tokens, rivals, drawing)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
        adam.step()
        schedule.step()
    seconds = time.process_time() - began
    tensors = named(rnn, embedding, weight, bias)
    if recipe.half:
        tensors = {key: value.half().float() for key, value in tensors.items()}
    return tensors, seconds


def named(rnn: Layer, embedding: Tensor, weight: Tensor, bias: Tensor) -> dict[str, Tensor]:
    """Parameters by the names that `assemble` takes, as they are now.     weight, bias: of the head."""
    tensors = {"embedding": embedding, "head.weight": weight, "head.bias": bias}
    tensors |= {f"rnn.{key}": value for key, value in rnn.state_dict().items()}
    return {key: value.detach().clone().contiguous() for key, value in tensors.items()}


def over_seeds(models: Sequence[Model]) -> Model:
    """The first of some trainings of one network from other seeds, with a card that has the losses of all of them,
    where it is of everyday text.
    """
    first = models[0]
    if first.card.everyday is None:
        return first
    losses = {str(model.card.seed): model.card.loss for model in models}
    return replace(first, card=replace(first.card, everyday=replace(first.card.everyday, losses=losses)))


def measured(model: Model) -> Model:
    """The model with a card that says how it scores and what its states still know of the first word."""
    scores = {family: measure(model, examples) for family, examples in probes(model.name).items()}
    probe = first_word(model) if model.name.startswith("words") else None
    return replace(model, card=replace(model.card, scores=scores, first_word=probe))


def measure(model: Model, probes: Sequence[Probe]) -> Score:
    """How often the right one is preferred to its rivals and to all words, and how probable it is, over probes of one
    family.
    """
    rows = model.vocabulary.indices
    answers = [rows[probe.words[probe.position].casefold()] for probe in probes]
    commonest = Counter(answers).most_common(1)[0][0]
    right = first = probability = chance = 0.0
    for probe, answer in zip(probes, answers, strict=True):
        y = model.predict([rows[word.casefold()] for word in probe.words[: probe.position]])
        rivals = [rows[choice.casefold()] for choice in probe.choices] or list(range(len(y)))
        right += int(y[rivals].argmax()) == rivals.index(answer)
        first += int(y.argmax()) == answer
        probability += float(y[answer])
        # Against the whole vocabulary the best blind guess is the answer that is right most often.
        chance += 1 / len(probe.choices) if probe.choices else answer == commonest
    n = len(probes)
    means = {"accuracy": right, "first": first, "chance": chance, "probability": probability}
    return Score(**{name: round(total / n, 4) for name, total in means.items()}, count=n)


def save(model: Model) -> None:
    """Write the weights, and the card into the model's JSON beside them."""
    assert model.head.bias is not None  # every head that `assemble` makes has one
    tensors = named(model.rnn, model.embedding, model.head.weight, model.head.bias)
    if RECIPES[model.name].half:
        tensors = {key: value.half() for key, value in tensors.items()}
    (WEIGHTS / f"{model.name}-{model.cell}.safetensors").write_bytes(safetensors.save(tensors))
    save_card(model)


def save_card(model: Model) -> None:
    """Write the card into the model's JSON; the weights and the other cells' cards stay as they are."""
    path = WEIGHTS / f"{model.name}.json"
    cards = json.loads(path.read_text("utf-8"))["cards"] if path.exists() else {}
    probe, everyday = model.card.first_word, model.card.everyday
    cards[model.cell] = {
        **vars(model.card),
        "scores": {family: asdict(score) for family, score in model.card.scores.items()},
        "first_word": None if probe is None else asdict(probe),
        "everyday": None if everyday is None else {**vars(everyday), "losses": dict(everyday.losses)},
    }
    data = {
        "words": model.vocabulary.words,
        "cards": {c: cards[c] for c in CELLS if c in cards},
    }
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")


def initialisation(cell: str) -> str:
    """How `initial` starts a cell, for its card."""
    start = "uniform in +-1/sqrt(H)"
    if CELLS[cell].memory is None:
        return start
    gate, sign = CELLS[cell].keeping
    gate_name = {"f": "forget", "z": "update"}.get(gate, gate)
    return f"{start}, {gate_name} bias {sign}" + (f" (1 - {gate} keeps)" if sign < 0 else "")


def initial(cell: str, V: int, recipe: Recipe) -> tuple[Layer, Tensor, Tensor, Tensor]:
    """Fresh parameters: rnn, embedding, the head's weight and bias.

    Those of the rnn are as torch would draw them, with the gate that keeps opened by a bias of 1.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    H = recipe.hidden_size
    rnn = build(cell, recipe.embedding_size, H, recipe.num_layers)
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.uniform_(-1 / sqrt(H), 1 / sqrt(H), generator=generator)
    if CELLS[cell].memory:
        rnn = with_forget_bias(rnn, 1.0)
    embedding = torch.randn(V, recipe.embedding_size, generator=generator).requires_grad_()
    weight = (torch.rand(V, H, generator=generator) * 2 - 1).div_(sqrt(H)).requires_grad_()
    return rnn, embedding, weight, torch.zeros(V, requires_grad=True)


def _pad(rows: Sequence[Tensor]) -> Tensor:
    return nn.utils.rnn.pad_sequence(list(rows), batch_first=False, padding_value=PADDING)


def _batches(rows: list[Tensor], recipe: Recipe) -> Iterator[Tensor]:
    """Batches (T, B) of token indices, padded with -1; each pass over the data is in a new order."""
    generator = torch.Generator().manual_seed(recipe.seed + 1)
    if recipe.alike:
        for places in of_one_length([len(row) for row in rows], recipe.batch_size, recipe.steps, generator):
            yield torch.stack([rows[at] for at in places], 1)
        return
    order: list[int] = []
    for _ in range(recipe.steps):
        if len(order) < recipe.batch_size:
            order = torch.randperm(len(rows), generator=generator).tolist()
        batch, order = order[: recipe.batch_size], order[recipe.batch_size :]
        yield _pad([rows[i] for i in batch])


def _states(rnn: Layer, embedding: Tensor, inputs: Tensor) -> Tensor:
    """h after each token but the last, (T - 1, B, H)."""
    h: Tensor = rnn(embedding[inputs[:-1].clamp(min=0)])[0]
    return h


def _loss(h: Tensor, weight: Tensor, bias: Tensor, tokens: Tensor, rivals: int, generator: Generator) -> Tensor:
    """Mean cross-entropy, nats per token, of tokens (T, B) predicted from the states before them (T - 1, B, H).

    The first token counts too: it is predicted from h_0 = 0, so from the bias of the head alone. What has no row of
    its own is not predicted. With `rivals` the sum over all words is estimated: the batch's own words, and so many
    drawn from the others, each counted for all of those that were not drawn.
    """
    targets = tokens.masked_fill(tokens == 0, PADDING)
    if rivals:
        own = targets[targets != PADDING].unique()
        others = torch.ones(len(weight), dtype=torch.bool).index_fill(0, own, value=False).nonzero()[:, 0]
        sample = others[torch.randperm(len(others), generator=generator)[:rivals]]
        stand_for = torch.zeros(len(own) + len(sample))
        stand_for[len(own) :] = log(len(others) / max(1, len(sample)))
        rows = torch.cat([own, sample])
        weight, bias = weight[rows], bias[rows] + stand_for
        targets = torch.where(targets == PADDING, PADDING, torch.searchsorted(own, targets.contiguous()))
    logits = torch.cat([bias.expand(1, tokens.shape[1], -1), h @ weight.T + bias])
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PADDING)
