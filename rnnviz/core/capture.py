"""Runs any model once and gives a trace for every recurrent part of it, where it stands, of what it really read.

    captured = rnnviz.capture(tagger, words)    # runs tagger(words)
    captured["encoder.rnn"]                     # a trace, or traces of a batch, by the name in model.named_modules()

Hooks listen to what each part is given; it is recorded afterwards. Calls of one step, of an `nn.LSTMCell` and its like
or of a layer that a decoder runs word by word, are put together to the loop that they are part of: a call goes on where
one before it ended, if it is given the state that that one returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from rnnviz.core.calls import Listener, Recording
from rnnviz.core.modules import is_recurrent
from rnnviz.core.refusal import required

SCRIPT = "TorchScript lets nobody listen to its modules; rnnviz.record(model.part, x) takes such a part itself"


@dataclass(frozen=True, eq=False, repr=False)
class Captured(Mapping[str, Any]):
    """What a model's recurrent parts computed in one run, by their names in `model.named_modules()`.

    `captured["rnn"]` is a `Trace`, or `Traces` where a batch was read; of a part that ran several times, `calls["rnn"]`
    has one of them for each time.

    output: what the model returned.     calls: of each part that ran, its recordings, in the order of running.
    passed_over: the recurrent parts that are not among them, by name, each with the reason.
    """

    output: Any
    calls: Mapping[str, tuple[Recording, ...]]
    passed_over: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        if name not in self.calls:
            told = f" ({self.passed_over[name]})" if name in self.passed_over else ""
            raise KeyError(f"nothing is captured of {name!r}{told}; accepted: {', '.join(map(repr, self.calls))}")
        first, *others = self.calls[name]
        if others:
            raise KeyError(f"{name!r} ran {len(others) + 1} times; accepted: .calls[{name!r}][0], and so on")
        return first

    def __iter__(self) -> Iterator[str]:
        return iter(self.calls)

    def __len__(self) -> int:
        return len(self.calls)

    def __repr__(self) -> str:
        parts = [
            f"{name!r}: {recordings[0]!r}" + f" and {len(recordings) - 1} more" * (len(recordings) > 1)
            for name, recordings in self.calls.items()
        ]
        missing = [f"without {', '.join(map(repr, self.passed_over))}"] * bool(self.passed_over)
        return f"<Captured {'; '.join(parts + missing)}>"


def capture(model: nn.Module, /, *inputs: Any, **kwargs: Any) -> Captured:
    """Run `model(*inputs, **kwargs)` once, as it is, and record every recurrent part that runs in it.

    model: any module; its mode, its hooks and the random state are left as they are, but for what it draws itself. It
        computes a gradient where one is asked for: call this under `torch.no_grad()` to save its memory.
        Recurrent parts are what `record` takes, but for TorchScript's: PyTorch's layers, `rnnviz.Recurrent`, loops over
        `nn.LSTMCell` and its like, dynamically quantized ones.

    Each trace has the input and the initial state that the part was given, and the weights that it had then. Where a
    part's own result differs from it, as with dropout between layers, or a forward hook of the part changed it
    afterwards, its `notes` say so.

    Raises `TypeError` for what is no module, `ValueError` where no recurrent part can be recorded, and what the model
    raises.
    """
    required(model, nn.Module, "model", "a torch.nn.Module")
    listeners = {name: Listener(module) for name, module in model.named_modules() if is_recurrent(module)}
    handles = []
    try:
        for listener in listeners.values():
            if isinstance(listener.module, torch.jit.ScriptModule):
                listener.reason = SCRIPT
                continue
            first = listener.module.register_forward_hook(listener.hook, prepend=True, with_kwargs=True)
            handles += [first, listener.module.register_forward_hook(listener.last_hook)]
        output = model(*inputs, **kwargs)
    finally:
        for handle in handles:
            handle.remove()
    calls = {
        name: tuple(call.recording() for call in listener.calls)
        for name, listener in listeners.items()
        if listener.calls
    }
    passed_over = {name: listener.reason for name, listener in listeners.items() if not listener.calls}
    if not calls:
        told = "; ".join(f"{name!r}: {reason}" for name, reason in passed_over.items())
        raise ValueError(
            f"model has no recurrent part that could be recorded{': ' * bool(told)}{told}; accepted: a model that "
            "calls an nn.RNN, nn.LSTM, nn.GRU, one of their cells or a rnnviz.Recurrent as a module"
        )
    return Captured(output, calls, passed_over)
