"""Pretrained networks of packages that ship their weights; each is left out where its package is not installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnnviz import CELLS, Trace, capture, record

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning")


def folder(package: str) -> Path:
    """Of an installed package, which is not imported: it may ask for others that are of no use here."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"{package} is not installed")
    return Path(spec.origin).parent


def module_at(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def of_state_dict(module: nn.Module, state: dict[str, Tensor], prefix: str) -> nn.Module:
    module.load_state_dict({name.removeprefix(prefix): w for name, w in state.items() if name.startswith(prefix)})
    return module.eval()


def assert_is_what_it_computes(module: nn.Module, x: Tensor) -> None:
    """x: a batch as the module takes it."""
    with torch.no_grad():
        output = module(x)[0]
    columns = output if module.batch_first else output.transpose(0, 1)
    for trace, expected in zip(record(module, x), columns, strict=True):
        np.testing.assert_allclose(trace.output, expected, atol=2e-5)


def test_silero_vad() -> None:
    script = torch.jit.load(folder("silero_vad") / "data" / "silero_vad.jit", map_location="cpu")
    for name in ("_model", "_model_8k"):
        cell = getattr(script, name).decoder.rnn
        x = normal(40, 128)
        trace, state, h = record(cell, x), None, []
        with torch.no_grad():
            for x_t in x:
                state = cell(x_t[None], state)
                h.append(state[0][0])
        assert isinstance(trace, Trace)
        assert trace.hidden_size == 128
        np.testing.assert_allclose(trace["h"][0], torch.stack(h), atol=2e-5)


def test_resemblyzer() -> None:
    file = folder("resemblyzer") / "pretrained.pt"
    state = torch.load(file, map_location="cpu", weights_only=True)["model_state"]
    assert_is_what_it_computes(of_state_dict(nn.LSTM(40, 256, 3, batch_first=True), state, "lstm."), normal(4, 160, 40))


def test_g2p_en() -> None:
    """Weights as arrays, against the formulas that the package itself has, in NumPy."""
    shipped = np.load(folder("g2p_en") / "checkpoint20.npz")
    for part in ("enc", "dec"):
        stacks = {name: shipped[f"{part}_{name}"] for name in ("w_ih", "w_hh", "b_ih", "b_hh")}
        letters = {"w_ih": "W_x", "w_hh": "W_h", "b_ih": "b_x", "b_hh": "b_h"}
        weights = {
            letters[name] + gate: array
            for name, stack in stacks.items()
            for gate, array in zip("rzn", np.split(stack, 3), strict=True)
        }
        x = normal(12, stacks["w_ih"].shape[1]).numpy()
        h, expected = np.zeros(stacks["w_hh"].shape[1], np.float32), []
        for x_t in x:
            from_x = np.split(stacks["w_ih"] @ x_t + stacks["b_ih"], 3)
            from_h = np.split(stacks["w_hh"] @ h + stacks["b_hh"], 3)
            r, z = (1 / (1 + np.exp(-from_x[k] - from_h[k])) for k in range(2))
            n = np.tanh(from_x[2] + r * from_h[2])
            h = (1 - z) * n + z * h
            expected.append(h)
        np.testing.assert_allclose(record(CELLS["gru"], x, weights=weights)["h"][0], expected, atol=2e-5)


def test_g2p_fa() -> None:
    """Its decoder runs its layers word by word."""
    folder("g2p_fa")
    from g2p_fa import G2P_Fa
    from g2p_fa.utils import IPA2tensor, word2tensor

    model = G2P_Fa().model.eval()
    word, start = word2tensor("سلام").unsqueeze(1), IPA2tensor("b").unsqueeze(1)
    states: list[Any] = []
    handles = [
        part.rnn.register_forward_hook(lambda *call: states.append(call)) for part in (model.encoder, model.decoder)
    ]
    captured = capture(model, word, start, 0)
    for handle in handles:
        handle.remove()
    encoder, decoder = captured["encoder.rnn"][0], captured["decoder.rnn"][0]
    np.testing.assert_allclose(encoder.output, states[0][2][0][:, 0].detach(), atol=2e-5)
    written = torch.cat([output[0] for _, _, output in states[1:]])
    np.testing.assert_allclose(decoder.output, written[:, 0].detach(), atol=2e-5)
    np.testing.assert_allclose(decoder.initial["c"], encoder["c"][:, -1], atol=2e-5)
    assert len(decoder) == len(start) - 1


def test_beatnet() -> None:
    place = folder("BeatNet")
    model = module_at(place / "model.py").BDA(272, 150, 2, "cpu")
    model.load_state_dict(torch.load(place / "models" / "model_1_weights.pt", map_location="cpu", weights_only=True))
    model.eval()
    with torch.no_grad():
        captured = capture(model, normal(1, 60, 272))
        trace = captured["lstm"][0]
        expected = model.linear(torch.from_numpy(trace.output)).T
    torch.testing.assert_close(captured.output[0], expected, atol=2e-5, rtol=0)


def test_legere() -> None:
    place = folder("legere")
    from importlib import import_module

    try:
        model = import_module("legere.model").build_model()
    except ImportError as missing:
        pytest.skip(str(missing))
    loaded = torch.load(place / "data" / "model.pt", map_location="cpu", weights_only=True)
    state = loaded.get("state_dict", loaded.get("model", loaded))
    model.load_state_dict(state)
    model.eval()
    with torch.no_grad():
        captured = capture(model, normal(3, 1, 32, 160))
        for trace, logits in zip(captured["rnn"], captured.output, strict=True):
            torch.testing.assert_close(model.head(torch.from_numpy(trace.output)), logits, atol=1e-4, rtol=0)


def test_nano_ocr() -> None:
    file = folder("nano_ocr") / "model" / "nano_ocr_ftr.pth"
    state = torch.load(file, map_location="cpu", weights_only=True)
    assert_is_what_it_computes(of_state_dict(nn.LSTM(512, 256, bidirectional=True), state, "rnn."), normal(80, 3, 512))
