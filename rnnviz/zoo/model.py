"""A trained language model: an embedding, recurrent layers and a head, read from checked safetensors.

Before the first token the state is h_0 = 0, so the prediction there is softmax(b_y): training teaches `b_y` the
distribution of first words, and no start token is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import inf
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from rnnviz.core.network import Layer, build
from rnnviz.core.record import Head
from rnnviz.zoo.catalogue import WEIGHTS, Card, shipped
from rnnviz.zoo.vocabulary import BOUNDARY, TOKEN_LIMIT, Token, Vocabulary, targets

GENERATE_LIMIT = 200
# After one of these a generated text is whole; after a space only where a model knows none of them, as in names.
ENDS = frozenset(".?!")


@dataclass(frozen=True)
class Reading:
    """A text as a model reads it. x: (T, E), the embeddings. targets: as `vocabulary.targets` gives them."""

    tokens: tuple[Token, ...]
    x: Tensor
    targets: tuple[int | None, ...]


@dataclass(frozen=True)
class Model:
    """embedding: (V, E). rnn: its layers, over (T, E), in eval mode. head: (V, H)."""

    name: str
    cell: str
    rnn: Layer
    embedding: Tensor
    head: Head
    vocabulary: Vocabulary
    card: Card

    def read(self, text: str, limit: int = TOKEN_LIMIT) -> Reading:
        """Tokens, embeddings and targets of a text. A gap becomes the word that the model itself expects there.

        Raises `ValueError` for a text without tokens and for one of more than `limit` tokens.
        """
        tokens = list(self.vocabulary.tokenize(text))
        if not tokens:
            raise ValueError("the text is empty: type at least one word")
        if len(tokens) > limit:
            raise ValueError(f"the text has {len(tokens)} tokens and at most {limit} are accepted")
        for t, token in enumerate(tokens):
            if token.gap:
                best = int(self.predict([before.index for before in tokens[:t]])[1:].argmax()) + 1
                tokens[t] = replace(token, text=self.vocabulary.words[best], index=best, known=True)
        x = self.embedding[[token.index for token in tokens]]
        return Reading(tuple(tokens), x, targets(tokens))

    def generate(
        self, prompt: str, length: int, *, seed: int, temperature: float = 1.0, limit: int = TOKEN_LIMIT
    ) -> str:
        """The prompt and up to `length` drawn tokens; it stops after the end of the sentence or name.

        The draw is from softmax(log y / temperature) without `<unk>`; the same seed gives the same text, and the
        global random state is neither read nor moved. The prompt may be empty. Raises `ValueError` for a length
        outside 1..200, a temperature that is not positive and finite, and a prompt of more than `limit` tokens.
        """
        if not 1 <= length <= GENERATE_LIMIT:
            raise ValueError(f"length is {length}: 1 to {GENERATE_LIMIT} is accepted")
        if not 0 < temperature < inf:
            raise ValueError(f"temperature is {temperature}: a finite number above 0 is accepted")
        generator = torch.Generator().manual_seed(seed)
        tokens = self.read(prompt, limit).tokens if self.vocabulary.tokenize(prompt) else ()
        texts, indices = [token.text for token in tokens], [token.index for token in tokens]
        ends = ENDS.intersection(self.vocabulary.words) or {BOUNDARY}
        for _ in range(length):
            log_y = self.predict(indices)[1:].double().log()
            y = torch.softmax((log_y - log_y.max()) / temperature, 0)  # the best at 0: no temperature overflows it
            if not indices:  # an end is no beginning, though the bias gives it a small share
                y[[i - 1 for i, word in enumerate(self.vocabulary.words) if word in {*ends, BOUNDARY}]] = 0
            row = int(torch.multinomial(y, 1, generator=generator)) + 1
            indices.append(row)
            texts.append(self.vocabulary.words[row])
            if texts[-1] in ends:
                break
        return self.vocabulary.join(texts)

    @torch.no_grad()
    def predict(self, indices: list[int]) -> Tensor:
        """The distribution (V,) of the token after these; of the first token when there are none."""
        state = self.rnn(self.embedding[indices])[0][-1] if indices else torch.zeros(self.rnn.hidden_size)
        return torch.softmax(nn.functional.linear(state, self.head.weight, self.head.bias), 0)


@cache
def load(name: str, cell: str) -> Model:
    """The shipped model; raises `ValueError` for an unknown name or cell and for weights that do not fit the card."""
    vocabulary, cards = shipped(name)
    if cell not in cards:
        raise ValueError(f"no cell {cell!r} for {name}: {', '.join(cards)}")
    tensors = read_weights(WEIGHTS / f"{name}-{cell}.safetensors")
    return assemble(tensors, vocabulary, cards[cell])


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file; raises `ValueError` when it is none."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"{path.name} is no readable safetensors file: {error}") from error


def checked(tensors: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]], where: str) -> dict[str, Tensor]:
    """The tensors as float32; raises `ValueError`, which begins with `where`, unless these are all and finite."""
    if missing := sorted(shapes.keys() - tensors.keys()):
        raise ValueError(f"{where}: missing {', '.join(missing)}")
    if extra := sorted(tensors.keys() - shapes.keys()):
        raise ValueError(f"{where}: unexpected {', '.join(extra)}")
    for key, shape in shapes.items():
        if tuple(tensors[key].shape) != shape:
            raise ValueError(f"{where}: {key} is {tuple(tensors[key].shape)} and should be {shape}")
        if tensors[key].dtype not in (torch.float32, torch.float16):
            raise ValueError(f"{where}: {key} is {tensors[key].dtype} and should be torch.float32 or torch.float16")
        if not tensors[key].isfinite().all():
            raise ValueError(f"{where}: {key} holds NaN or infinity")
    return {key: value.float() for key, value in tensors.items()}


def assemble(tensors: Mapping[str, Tensor], vocabulary: Vocabulary, card: Card) -> Model:
    """A model from tensors, once their names, shapes, types and values are what the card asks for."""
    rnn = build(card.cell, card.embedding_size, card.hidden_size, card.num_layers)
    V, E, H = len(vocabulary), card.embedding_size, card.hidden_size
    shapes = {"embedding": (V, E), "head.weight": (V, H), "head.bias": (V,)}
    shapes |= {f"rnn.{key}": tuple(value.shape) for key, value in rnn.state_dict().items()}
    tensors = checked(tensors, shapes, f"weights of {card.model}-{card.cell}")
    rnn.load_state_dict({key.removeprefix("rnn."): tensors[key] for key in shapes if key.startswith("rnn.")})
    head = Head(tensors["head.weight"], tensors["head.bias"])
    network = rnn.eval().requires_grad_(False)
    return Model(card.model, card.cell, network, tensors["embedding"], head, vocabulary, card)
