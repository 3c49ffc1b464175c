"""The ways from a written word back to a word that was read, and how much of a gradient comes along each.

For one step t of the decoder and one word, L = log(y_t[word] / y_t[rival]), the rival being the likeliest other word;
what the decoder was fed before is held. (Of log y_t[word] alone the derivative has 1 - y_t[word] as a factor: it would
tell how sure a network is, and not how far its paths are.) dL/dh_j, how much that feels the encoder's state after token
j, is the sum of three parts:

    alpha    h_j is scored, and mixed into the context, at step t itself: one step, and no chain.
    along    h_j becomes h_k, k > j, along the encoder's chain, and h_k is scored and mixed at step t: k - j steps and
             one more.
    bridge   h_j becomes h_S along the encoder's chain and s_t along the decoder's: S - j steps and t more.

Contexts of earlier steps are on no way: words alone go from one step to the next beside s, and these are held. Without
attention there is the bridge alone. All in float64, from whatever the weights are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.core.gradients.flow import through_time
from rnnviz.core.gradients.pullback import norm
from rnnviz.core.network import run
from rnnviz.core.seq2seq.transduce import EDGE, Seq2Seq, read
from rnnviz.core.trace import Array
from rnnviz.core.weights import Weights

WAYS = ("alpha", "along", "bridge")


@dataclass(frozen=True, eq=False)
class Ways:
    """The parts of dL/dh_j for every source token j.

    alpha, along, bridge: each (S, H); zeros where there is no such way.
    log_odds: L, in nats.     rival: the row of the likeliest other word.     p: y_t[word].
    step: t, from 1.     asks: whether there is attention.
    """

    alpha: Array
    along: Array
    bridge: Array
    log_odds: float
    rival: int
    p: float
    step: int
    asks: bool

    @property
    def total(self) -> Array:
        """dL/dh_j, (S, H)."""
        return self.alpha + self.along + self.bridge

    def norms(self, way: str) -> Array:
        """The 2-norm of one of `WAYS` for each source token, (S,)."""
        return norm(getattr(self, way))

    def steps(self, way: str) -> NDArray[np.int_]:
        """How many steps each way has at the least, from the state of each source token to the context or the state
        that the word is written from, (S,); 0 where there is no such way."""
        back = np.arange(len(self.alpha))[::-1]  # tokens from j to the last one
        if way == "bridge":
            return back + self.step
        if not self.asks:
            return np.zeros_like(back)
        return np.ones_like(back) if way == "alpha" else np.where(back > 0, 2, 0)


def ways_back(model: Seq2Seq, source: Sequence[int], target: Sequence[int], step: int, word: int) -> Ways:
    """From the word in row `word`, written at `step`, back to every token of a source.

    source: rows that are read.     target: rows that are fed after the begin, one fewer than `step` at the least.
    step: from 1.     Raises `ValueError` for a step that these do not reach, and for a row that is none.
    """
    if not 1 <= step <= len(target) + 1:
        raise ValueError(f"step is {step}; accepted: 1 to {len(target) + 1}")
    if not 0 <= word < len(model.words):
        raise ValueError(f"word is {word}; accepted: 0 to {len(model.words) - 1}")
    model = _in_double(model)
    trace = read(model, source, [""] * len(source))
    states = np.array(trace["h"][0])  # (S, H)
    with torch.enable_grad(), torch.inference_mode(False):
        memory, bridge = (torch.tensor(part, requires_grad=True) for part in (states, states[-1]))
        state = bridge
        for row in (EDGE, *target)[:step]:
            state = run(model.cell.ops, {**model.decoder, "x": model.target[row], "h_prev": state})["h"]
        asked = run(model.attention.ops, {**model.weights, "s": state, "h_j": memory})
        logits = asked["logits"]
        others = logits.detach().nan_to_num(nan=-torch.inf).index_fill(0, torch.tensor(word), -torch.inf)
        rival = int(others.argmax())
        log_odds = logits[word] - logits[rival]
        into_memory, into_bridge = torch.autograd.grad(log_odds, [memory, bridge], allow_unused=True)
    alpha = np.zeros_like(states) if into_memory is None else into_memory.numpy()
    # Each of these is a loss of its own: what is small beside another is not rounded away with it.
    S = len(states)
    direct = np.zeros((S + 1, *states.shape))
    direct[np.arange(S), np.arange(S)] = alpha
    direct[S, -1] = into_bridge.numpy()
    arrived = through_time(trace, 0, direct).states["h"]
    arrived[np.arange(S), np.arange(S)] = 0  # what went through alpha alone
    return Ways(
        alpha,
        arrived[:S].sum(0),
        arrived[S],
        float(log_odds.detach()),
        rival,
        float(asked["y"][word].detach()),
        step,
        model.attention.asks,
    )


def _in_double(model: Seq2Seq) -> Seq2Seq:
    def double(weights: Weights) -> dict[str, Tensor]:
        return {name: weight.double() for name, weight in weights.items()}

    return replace(
        model,
        encoder=double(model.encoder),
        decoder=double(model.decoder),
        weights=double(model.weights),
        source=model.source.double(),
        target=model.target.double(),
    )
