"""How the shapes' models are trained: AdamW on what is asked, and nothing where it is not; one recurrent layer.

Every random number comes from a generator made from the seed, and one thread keeps the order of every sum: the same
seed gives the same bits on the same machine and torch version.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from math import sqrt

import torch
from safetensors import torch as safetensors
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from rnnviz.core.cells import CELLS
from rnnviz.core.network import Layer, build, with_forget_bias
from rnnviz.zoo.catalogue import CELL_NAMES
from rnnviz.zoo.shapes.catalogue import WEIGHTS, ShapeCard, Shipped
from rnnviz.zoo.shapes.drawing import SIDE
from rnnviz.zoo.shapes.examples import NOT_ASKED, SEEDS, Examples, Task, task
from rnnviz.zoo.shapes.model import LOOPLESS, WITHOUT_LOOP, ShapeModel, assemble
from rnnviz.zoo.shapes.sources import SOURCES

CLIP_NORM = 1.0
SHIFT = 2  # pixels by which a drawing is moved at the most
BEGINNING, PLAIN = 8, 5  # steps of a text in which a failure is looked for, and tokens that it has at the least
UNKNOWN_SHARE = 0.05  # of input words that are read as <unk>, so that its embedding means "some word"


@dataclass(frozen=True)
class Recipe:
    """Sizes and schedule."""

    cell: str = "gru"
    width: int = 8  # numbers that a step reads
    hidden_size: int = 24
    steps: int = 600
    batch_size: int = 32
    learning_rate: float = 0.01
    dropout: float = 0.0
    decay: float = 0.01
    half: bool = False  # whether the weights are rounded to 16 bits, as they ship then


_DRAWING = Recipe(width=12, hidden_size=64, steps=3000, batch_size=64, learning_rate=0.004, dropout=0.4, decay=0.1)
RECIPES = {
    "sentiment-en": Recipe(width=24, hidden_size=32, steps=800, learning_rate=0.005, dropout=0.5, decay=0.1),
    "sentiment-ko": Recipe(steps=600),
    "pressure": Recipe("rnn", width=3, hidden_size=8, steps=300, decay=0.1),
    "vowels": Recipe(width=12, hidden_size=24, steps=900, dropout=0.2),
    "drawing-en": _DRAWING,
    "drawing-ko": _DRAWING,
}
for _cell in CELL_NAMES:
    _tags = Recipe(_cell, width=16, hidden_size=48, steps=3000, half=True)
    RECIPES |= {
        f"tags-en-{_cell}": replace(_tags, dropout=0.1),
        f"tags-ko-{_cell}": replace(_tags, dropout=0.3, learning_rate=0.005),
    }


class _Parts(nn.Module):
    """The parameters of a model while it learns."""

    def __init__(self, name: str, what: Task, recipe: Recipe, generator: Generator) -> None:
        super().__init__()
        H = recipe.hidden_size
        rnn = build(recipe.cell, recipe.width, H)
        with torch.no_grad():
            for parameter in rnn.parameters():
                parameter.uniform_(-1 / sqrt(H), 1 / sqrt(H), generator=generator)
        self.rnn: Layer = with_forget_bias(rnn, 1.0) if CELLS[recipe.cell].memory else rnn
        self.loop = name not in WITHOUT_LOOP
        if not self.loop:
            for key in LOOPLESS:
                nn.init.zeros_(getattr(self.rnn, key).requires_grad_(False))
        self.embedding = None
        if what.inputs:
            self.embedding = nn.Parameter(torch.randn(len(what.inputs), recipe.width, generator=generator) / 2)
        V = len(what.outputs)
        self.weight = nn.Parameter((torch.rand(V, H, generator=generator) * 2 - 1) / sqrt(H))
        self.bias = nn.Parameter(torch.zeros(V))
        self.start_weight = self.start_bias = None
        if what.seen.start is not None:
            S = what.seen.start.shape[1]
            self.start_weight = nn.Parameter((torch.rand(H, S, generator=generator) * 2 - 1) / sqrt(S))
            self.start_bias = nn.Parameter(torch.zeros(H))
        self.dropout = recipe.dropout

    def drop(self, x: Tensor, generator: Generator | None) -> Tensor:
        """Some of the numbers put to zero and the rest enlarged, while it learns (a generator is given)."""
        if generator is None or not self.dropout:
            return x
        mask = torch.rand(x.shape, generator=generator) >= self.dropout
        return x * mask / (1 - self.dropout)

    def forward(self, x: Tensor, start: Tensor | None, generator: Generator | None = None) -> Tensor:
        """Logits (T, B, V) of what is read, (T, B) rows or (T, B, width) numbers, from what is seen first, (B, S)."""
        if self.embedding is not None:
            if generator is not None:
                x = x.masked_fill((torch.rand(x.shape, generator=generator) < UNKNOWN_SHARE) & (x > 1), 0)
            x = self.embedding[x]
        state = None
        if start is not None:
            assert self.start_weight is not None, "a start is given to a model that has weights for it"
            state = torch.tanh(F.linear(self.drop(start, generator), self.start_weight, self.start_bias))[None]
        h, _ = self.rnn(self.drop(x, generator), state)
        return F.linear(self.drop(h, generator), self.weight, self.bias)

    def tensors(self) -> dict[str, Tensor]:
        """By the names under which they ship."""
        parameters = {"head.weight": self.weight, "head.bias": self.bias, "embedding": self.embedding}
        parameters |= {"start.weight": self.start_weight, "start.bias": self.start_bias}
        parameters |= {f"rnn.{key}": p for key, p in self.rnn.named_parameters() if self.loop or key not in LOOPLESS}
        return {key: value.detach().clone().contiguous() for key, value in parameters.items() if value is not None}


def _pad(examples: Examples, places: list[int]) -> tuple[Tensor, Tensor, Tensor | None]:
    """A batch: what is read, what is asked (T, B), and what is seen first."""
    pad = nn.utils.rnn.pad_sequence
    x = pad([examples.x[i] for i in places])
    y = pad([examples.y[i] for i in places], padding_value=NOT_ASKED)
    return x, y, None if examples.start is None else examples.start[places]


def _moved(start: Tensor, generator: Generator) -> Tensor:
    """Drawings (B, S), half of them turned around and each moved by up to `SHIFT` pixels."""
    pictures = start.view(-1, SIDE, SIDE)
    mirror = torch.rand(len(pictures), generator=generator) < 0.5
    pictures = torch.where(mirror[:, None, None], pictures.flip(-1), pictures)
    wide = F.pad(pictures, (SHIFT,) * 4)
    places = torch.randint(0, 2 * SHIFT + 1, (len(pictures), 2), generator=generator).tolist()
    cut = [one[r : r + SIDE, c : c + SIDE] for one, (r, c) in zip(wide, places, strict=True)]
    return torch.stack(cut).flatten(1)


def _batches(
    examples: Examples, recipe: Recipe, generator: Generator
) -> Iterator[tuple[Tensor, Tensor, Tensor | None]]:
    order: list[int] = []
    for _ in range(recipe.steps):
        if len(order) < recipe.batch_size:
            order = torch.randperm(len(examples), generator=generator).tolist()
        places, order = order[: recipe.batch_size], order[recipe.batch_size :]
        x, y, start = _pad(examples, places)
        yield x, y, None if start is None else _moved(start, generator)


def fit(name: str, what: Task, seed: int) -> dict[str, Tensor]:
    """The tensors of a model trained from a seed."""
    recipe, generator = RECIPES[name], Generator().manual_seed(seed)
    parts = _Parts(name, what, recipe, generator)
    learning = [p for p in parts.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(learning, lr=recipe.learning_rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        adam, recipe.learning_rate, total_steps=recipe.steps + 1, pct_start=0.1
    )
    for x, y, start in _batches(what.seen, recipe, generator):
        logits = parts(x, start, generator)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=NOT_ASKED)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learning, CLIP_NORM)
        adam.step()
        schedule.step()
    tensors = parts.tensors()
    return {key: tensor.half().float() for key, tensor in tensors.items()} if recipe.half else tensors


@torch.no_grad()
def answered(model: ShapeModel, examples: Examples) -> Tensor:
    """(T, B): the class that is the first choice after each step, of sequences padded to one length."""
    x = nn.utils.rnn.pad_sequence(list(examples.x))
    numbers = model.embedding[x] if model.embedding is not None else x
    return F.linear(model.rnn(numbers)[0], model.head.weight, model.head.bias).argmax(-1)


def right(model: ShapeModel, examples: Examples) -> list[bool]:
    """Of each example whether it is answered rightly: every step that is asked, or, where a word is spelled from what
    is seen, the whole word that the model writes by itself. Where each step is an answer of its own, of each of those
    that count."""
    if examples.start is not None:
        return [
            model.spell(start) == [int(k) for k in y[:-1]] for start, y in zip(examples.start, examples.y, strict=True)
        ]
    y, best = _pad(examples, list(range(len(examples))))[1], answered(model, examples)
    if examples.counted is not None:
        return (best == y)[torch.isin(y, torch.tensor(examples.counted))].tolist()
    return ((best == y) | (y == NOT_ASKED)).all(0).tolist()


def blind(what: Task) -> float:
    """How often the best guess without memory is right: the commonest answer after the last thing read alone, where it
    is one of a list; after numbers, or from nothing but a first state, the commonest answer."""

    def asked(examples: Examples) -> Iterator[tuple[int, tuple[int, ...]]]:
        """What was read last, and what is right."""
        for x, y in zip(examples.x, examples.y, strict=True):
            if examples.counted is not None:
                pairs = zip(x.tolist(), y.tolist(), strict=True)
                yield from ((row, (k,)) for row, k in pairs if k in examples.counted)
            else:
                last = int(x[-1]) if what.inputs and examples.start is None else 0
                yield last, tuple(y[y != NOT_ASKED].tolist())

    counts: dict[int, Counter[tuple[int, ...]]] = {}
    for key, answer in asked(what.seen):
        counts.setdefault(key, Counter())[answer] += 1
    every = sum(counts.values(), Counter[tuple[int, ...]]())
    found = [counts.get(key, every).most_common(1)[0][0] == answer for key, answer in asked(what.unseen)]
    return sum(found) / len(found)


def without_order(what: Task) -> float | None:
    """How often naive Bayes is right, which counts the words and knows no order; None where no words are classed."""
    if not what.inputs or what.seen.start is not None or what.seen.counted is not None:
        return None
    V, K = len(what.inputs), len(what.outputs)
    counts, classes = torch.ones(K, V), torch.zeros(K)
    for x, y in zip(what.seen.x, what.seen.y, strict=True):
        counts[int(y[-1])].index_add_(0, x, torch.ones(len(x)))
        classes[int(y[-1])] += 1
    scores = (counts / counts.sum(1, keepdim=True)).log()
    best = [int((scores[:, x].sum(1) + (classes / classes.sum()).log()).argmax()) for x in what.unseen.x]
    return sum(k == int(y[-1]) for k, y in zip(best, what.unseen.y, strict=True)) / len(best)


def train(name: str) -> ShapeModel:
    """Train a model from each of `SEEDS`, measure each on what is held out, and return the first with its card; nothing
    is written."""
    torch.set_num_threads(1)
    what, recipe, source = task(name), RECIPES[name], SOURCES[name]
    card = ShapeCard(
        name=name,
        cell=recipe.cell,
        task=what.task,
        data=source.what,
        licence=source.licence,
        width=recipe.width,
        hidden_size=recipe.hidden_size,
        parameters=0,
        seed=SEEDS[0],
        steps=recipe.steps,
        batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        dropout=recipe.dropout,
        decay=recipe.decay,
        seconds=0.0,
        torch=torch.__version__,
        command=f"python -m rnnviz.zoo train {name}",
        count=0,
        score=0.0,
        scores=(),
        blind=round(blind(what), 4),
        without_order=None if (share := without_order(what)) is None else round(share, 4),
        failure=("", "", ""),
    )
    about = Shipped(card, what.inputs, what.outputs, what.scale, what.samples)
    models, seconds = [], []
    for seed in SEEDS:
        began = time.perf_counter()
        models.append(assemble(fit(name, what, seed), about))
        seconds.append(time.perf_counter() - began)
    answers = [right(model, what.unseen) for model in models]
    scores = tuple(round(sum(is_right) / len(is_right), 4) for is_right in answers)
    first = models[0]
    failure, failed_at = _wrong_step(first, what) if what.seen.counted else (_failure(first, what, answers[0]), 0)
    card = replace(
        card,
        parameters=_count(first),
        seconds=round(seconds[0], 1),
        count=len(answers[0]),
        score=scores[0],
        scores=scores,
        failure=failure,
        failed_at=failed_at,
    )
    return replace(first, shipped=replace(about, card=card))


def _count(model: ShapeModel) -> int:
    return sum(tensor.numel() for tensor in named(model).values())


def named(model: ShapeModel) -> dict[str, Tensor]:
    """Its tensors by the names under which they ship."""
    loop = model.card.name not in WITHOUT_LOOP
    tensors: dict[str, Tensor] = {
        f"rnn.{key}": p for key, p in model.rnn.named_parameters() if loop or key not in LOOPLESS
    }
    for key, head in (("head", model.head), ("start", model.start)):
        if head is not None and head.bias is not None:
            tensors |= {f"{key}.weight": head.weight, f"{key}.bias": head.bias}
    return {**tensors, **({} if model.embedding is None else {"embedding": model.embedding})}


def _failure(model: ShapeModel, what: Task, answers: list[bool]) -> tuple[str, str, str]:
    """An example that is answered wrongly: of those held out the shortest, one with a "not" before any other; where all
    are right, the first of those that lie beyond the data. Empty where none is wrong."""
    if wrong := [i for i, is_right in enumerate(answers) if not is_right]:
        i = min(wrong, key=lambda i: ("not" not in what.texts[i].casefold().split(), len(what.unseen.x[i]), i))
        x, text = what.unseen.x[i], what.texts[i]
        if what.unseen.start is not None:
            letters = [what.outputs[k] for k in model.spell(what.unseen.start[i])]
            return text, text, "".join(letters)
        return text, what.outputs[int(what.unseen.y[i][-1])], _said(model, x)
    for text, right in what.beyond:
        if (answer := _said(model, [what.inputs.index(word) for word in text.split()])) != right:
            return text, right, answer
    return "", "", ""


def _wrong_step(model: ShapeModel, what: Task) -> tuple[tuple[str, str, str], int]:
    """A step that is answered wrongly and that no reader from left to right could always answer rightly: what was read
    up to there begins texts seen in training with either answer. Of such held-out texts, without anything unknown,
    right at every other step and of `PLAIN` tokens or more, the one whose rarer answer is commonest there, then the
    shortest; with the step, from 1."""
    endings: dict[tuple[int, ...], Counter[int]] = {}
    for x, y in zip(what.seen.x, what.seen.y, strict=True):
        rows = tuple(x.tolist())
        for t, k in enumerate(y.tolist()[:BEGINNING]):
            if k != NOT_ASKED:
                endings.setdefault(rows[: t + 1], Counter())[k] += 1
    best = answered(model, what.unseen)
    found = []
    for i, (x, y) in enumerate(zip(what.unseen.x, what.unseen.y, strict=True)):
        wrong = ((best[: len(y), i] != y) & (y != NOT_ASKED)).nonzero()[:, 0].tolist()
        if len(wrong) == 1 and wrong[0] < BEGINNING and x.all() and len(x) >= PLAIN:
            t = wrong[0]
            told = endings.get(tuple(x[: t + 1].tolist()), Counter())
            if rarer := min(told[int(best[t, i])], told[int(y[t])]):
                found.append((-rarer, len(y), i, t))
    if not found:
        return ("", "", ""), 0
    _, _, i, t = min(found)
    return (what.texts[i], what.outputs[int(what.unseen.y[i][t])], what.outputs[int(best[t, i])]), t + 1


def _said(model: ShapeModel, x: Sequence[int] | Tensor) -> str:
    """What a model answers after the last step."""
    result = model.read(x, [""] * len(x))
    assert result.readout is not None, "each of them has a head"
    return result.words[int(result.readout.y[-1].argmax())]


def save(model: ShapeModel) -> None:
    """Write the weights, and beside them the card with what it reads and answers."""
    about = model.shipped
    tensors = named(model)
    if RECIPES[about.card.name].half:
        tensors = {key: tensor.half() for key, tensor in tensors.items()}
    (WEIGHTS / f"{about.card.name}.safetensors").write_bytes(safetensors.save(tensors))
    data = {
        "card": asdict(about.card),
        "inputs": about.inputs,
        "outputs": about.outputs,
        "scale": about.scale,
        "samples": about.samples,
    }
    text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    (WEIGHTS / f"{about.card.name}.json").write_text(text, "utf-8")
