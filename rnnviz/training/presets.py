"""Runs named for what they show, and pairs that differ in one thing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnviz.training.config import Config

_RNN = Config(task="adding", cell="rnn", length=100, learning_rate=0.003, clipping="norm", clip_at=1.0)
_LSTM = replace(_RNN, cell="lstm")

PRESETS: dict[str, Config] = {
    # Dark within some 30 steps of the end; the loss stays at the baseline.
    "vanishes": _RNN,
    # ReLU and a largest eigenvalue of 2.5: the gradient grows 10^14 times in 40 steps and is clipped to 1.
    # Without clipping the loss is NaN within a few iterations.
    "explodes": replace(
        _RNN,
        cell="rnn_relu",
        length=40,
        initialisation="spectral radius",
        spectral_radius=2.5,
        optimiser="sgd",
        learning_rate=0.01,
    ),
    "lstm-vanishes-too": _LSTM,
    "forget-bias-opens-the-path": replace(_LSTM, forget_bias=3.0),
    # Both symbols stand at least 20 steps back, and nothing carries them by chance: with seed 0 it is at chance still
    # after 1200 iterations, and all the way back right every time by 200. (A sum of the adding problem is learned even
    # truncated at 10: the state happens to carry it.)
    "truncation-cannot-see-that-far": replace(
        _LSTM, task="order", length=50, forget_bias=1.0, truncation=10, learning_rate=0.01
    ),
}


@dataclass(frozen=True)
class Pair:
    """Two runs with the same seed and batches. changed: the settings in which they differ; all else is the same."""

    a: Config
    b: Config
    changed: tuple[str, ...]

    @property
    def fixed(self) -> tuple[str, ...]:
        """What is the pair's own and not for a visitor to set: only an LSTM has a forget bias to compare."""
        return (*self.changed, "cell") if "forget_bias" in self.changed else self.changed


def _pair(base: Config, a: dict[str, str | float], b: dict[str, str | float]) -> Pair:
    return Pair(replace(base, **a), replace(base, **b), tuple(a | b))  # type: ignore[arg-type]


PAIRS: dict[str, Pair] = {
    "rnn-lstm": _pair(replace(_LSTM, length=50, forget_bias=1.0), {"cell": "rnn"}, {"cell": "lstm"}),
    "forget-bias": _pair(_LSTM, {}, {"forget_bias": 3.0}),  # the loss falls after 1400 iterations
    "clipping": _pair(PRESETS["explodes"], {"clipping": "none"}, {"clipping": "norm"}),
    "truncation": _pair(PRESETS["truncation-cannot-see-that-far"], {"truncation": 10}, {"truncation": 0}),
    # The orthogonal start is right every time by iteration 1000, the default at chance still.
    "initialisation": _pair(
        replace(_RNN, task="order", length=50, learning_rate=0.001),
        {"initialisation": "default"},
        {"initialisation": "orthogonal"},
    ),
    "activation": _pair(replace(_RNN, length=50), {"cell": "rnn"}, {"cell": "rnn_relu"}),
}
