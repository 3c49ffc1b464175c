"""A character model (after Sutskever, Martens & Hinton 2011): predict the next character of a pasted text.

Training reads windows of the first nine tenths; the last tenth is unseen. At most `CHARACTERS` kinds are told apart,
the commonest; the rest, and what only the unseen part has, is read as one kind, shown as □. A text may be the
name of a language of the project's own grammar (`rnnviz.tasks.grammar.sentences`), whose sentences are read then; an
empty one is English.

Deviation from the paper: the usual cells, one-hot characters, windows that each start from a zero state.
"""

from collections import Counter
from functools import lru_cache

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from rnnviz.tasks.grammar.sentences import GRAMMARS, sentences
from rnnviz.tasks.task import Batch, Task, accuracy, blind

CHARACTERS = 120
SHORTEST_TEXT = 120
OTHER = "□"


@lru_cache(maxsize=32)
def characters_task(text: str) -> Task:
    """The task of reading this text, or the sentences of a language by its name in `GRAMMARS`. Raises `ValueError` for
    a text that is too short to be split."""
    if not text or text in GRAMMARS:
        text = " ".join(" ".join(s.words) for s in sentences(text or "en", 300, seed=0))
    if len(text) < SHORTEST_TEXT:
        raise ValueError(f"the text has {len(text)} characters; accepted: at least {SHORTEST_TEXT}")
    split = len(text) * 9 // 10
    common = sorted(c for c, _ in Counter(text[:split]).most_common(CHARACTERS - 1) if c != OTHER)
    kinds = (*common, OTHER)
    place = {c: i for i, c in enumerate(kinds)}
    codes = torch.tensor([place.get(c, len(common)) for c in text])
    training_part, unseen = codes[:split], codes[split:]

    def make(generator: Generator, batch_size: int, length: int, held_out: bool) -> Batch:
        windows = (unseen if held_out else training_part).unfold(0, length + 1, 1)
        rows: Tensor = windows[torch.randint(0, len(windows), (batch_size,), generator=generator)].T
        return Batch(x=F.one_hot(rows[:-1], len(kinds)).float(), y=rows[1:])

    commonest = float(training_part.bincount().max()) / len(training_part)
    baseline = blind(training_part[:-1, None], training_part[1:, None])
    return Task(
        name="characters",
        title="Your own text",
        source="after Sutskever, Martens & Hinton 2011",
        inputs=kinds,
        outputs=kinds,
        loss="cross entropy",
        shortest=2,
        longest=min(200, len(unseen) - 1),
        steps=lambda length: length,
        loss_from=lambda length: 0,
        make=make,
        baseline=lambda length: baseline,
        chance=commonest,
        measure=accuracy,
        pool=True,
    )
