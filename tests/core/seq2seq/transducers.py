"""Small encoders and decoders with drawn weights, as PyTorch's own modules and as the project runs them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from rnnviz.core.cells import CELLS
from rnnviz.core.seq2seq.attention import MECHANISMS, Attention
from rnnviz.core.seq2seq.transduce import Seq2Seq, read, write
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.weights import cell_weights

H, E, ROWS, V = 6, 5, 9, 7
WORDS = ("", *"abcdef")


class Plain(nn.Module):
    """The same in PyTorch's own terms: modules and their forwards, step by step over a target."""

    def __init__(self, attention: Attention, seed: int, dtype: torch.dtype = torch.float64) -> None:
        super().__init__()
        self.kind = attention.name
        self.source, self.target = nn.Embedding(ROWS, E), nn.Embedding(V, E)
        self.encoder, self.decoder = nn.GRU(E, H), nn.GRUCell(E, H)
        self.query, self.key = nn.Linear(H, H, bias=False), nn.Linear(H, H)
        self.score = nn.Linear(H, 1, bias=False)
        self.combine, self.out = nn.Linear(2 * H, H), nn.Linear(H, V)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator))
        self.to(dtype)

    def forward(self, source: Tensor, fed: Tensor, bridge: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Distributions (U, V) and shares (U, S) of source rows (S,) and fed rows (U,)."""
        memory, last = self.encoder(self.source(source))
        state = last if bridge is None else bridge[None]
        ys, shares = [], []
        for row in fed:
            state = self.decoder(self.target(row)[None], state)
            top = state
            if self.kind != "none":
                if self.kind == "additive":
                    scores = self.score(torch.tanh(self.query(state) + self.key(memory)))[:, 0]
                else:
                    scores = F.bilinear(memory, state.expand(len(memory), -1), self.query.weight[None])[:, 0]
                shares.append(F.softmax(scores, 0))
                top = torch.tanh(self.combine(torch.cat([(shares[-1][:, None] * memory).sum(0)[None], state], 1)))
            ys.append(F.softmax(self.out(top)[0], 0))
        return torch.stack(ys), torch.stack(shares) if shares else torch.zeros(0)


def both(attention: Attention, seed: int = 0) -> tuple[Plain, Seq2Seq]:
    plain = Plain(attention, seed).requires_grad_(False)
    decoder = nn.GRU(E, H).double()
    decoder.load_state_dict({f"{name}_l0": value for name, value in plain.decoder.state_dict().items()})
    named = {
        "W_q": plain.query.weight,
        "W_k": plain.key.weight,
        "b_e": plain.key.bias,
        "v_e": plain.score.weight[0],
        "W_c": plain.combine.weight,
        "b_c": plain.combine.bias,
        "W_y": plain.out.weight,
        "b_y": plain.out.bias,
    }
    gru = CELLS["gru"]
    model = Seq2Seq(
        cell=gru,
        encoder=cell_weights(plain.encoder, gru),
        decoder=cell_weights(decoder, gru),
        attention=attention,
        weights={name: named[name].detach() for name in attention.shapes},
        source=plain.source.weight.detach(),
        target=plain.target.weight.detach(),
        words=WORDS,
    )
    return plain, model


def transduced(
    attention: str = "additive",
    rows: Sequence[int] = (1, 2, 3, 4),
    target: Sequence[int] | None = (1, 2),
    seed: int = 0,
) -> Transduction:
    """A source of these rows, called `a`, `b` ..., and what is written of it while the target is fed."""
    _, model = both(MECHANISMS[attention], seed)
    tokens = [chr(ord("a") + row) for row in rows]
    return write(model, read(model, rows, tokens), target=target, limit=6)


def log_probability(written: Transduction, rows: Sequence[int]) -> float:
    """How likely the model finds a text whose rows it was fed, in nats.     rows: with the end, U of them."""
    if len(rows) != len(written):
        raise ValueError(f"{len(rows)} rows for {len(written)} steps; accepted: as many")
    p = written.y[np.arange(len(rows)), list(rows)].astype(float)
    return float(np.log(p).sum()) if (p > 0).all() else -inf
