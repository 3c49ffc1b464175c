"""A window cuts the paths that PyTorch's own `detach` cuts, and the angle is between the gradients that remain."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz import CELLS, gradient_flow, record
from rnnviz.core.gradients.truncation import truncations
from tests.core.modules import HIDDEN, INPUT, KINDS, network, normal


def losses(output: Tensor) -> Tensor:
    return output.sin().sum(1)


def as_pytorch_trains(module: nn.RNNBase, x: Tensor, window: int) -> dict[str, Tensor]:
    """The usual loop over chunks: run one, add its gradient, detach the state."""
    module.zero_grad()
    state = None
    for chunk in x.split(window):
        output, state = module(chunk, state)
        losses(output).sum().backward()
        state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
    return {name: parameter.grad for name, parameter in module.named_parameters()}


@pytest.mark.parametrize("kind", KINDS)
@given(steps=st.integers(1, 14), window=st.integers(1, 16), seed=st.integers(0, 9999))
@settings(max_examples=25)
def test_the_truncated_gradient_is_that_of_the_usual_training_loop(
    kind: str, steps: int, window: int, seed: int
) -> None:
    module, x = network(kind, seed), normal(steps, INPUT, seed=seed)
    (cut,) = truncations(record(module, x), losses, [window])
    expected, full = as_pytorch_trains(module, x, window), as_pytorch_trains(module, x, steps)
    order = [(p.name, f"{p.torch_name}_l0", p.block) for p in CELLS[kind].parameters]
    for name, torch_name, block in order:
        rows = slice(block * HIDDEN, (block + 1) * HIDDEN)
        np.testing.assert_allclose(cut.gradients[name], expected[torch_name][rows], rtol=1e-9, atol=1e-12)
    a, b = (torch.cat([part.flatten() for part in parts.values()]) for parts in (expected, full))
    if b.norm() > 0:
        assert np.cos(np.radians(cut.angle)) == pytest.approx((a @ b / a.norm() / b.norm()).item(), abs=1e-9)
        assert cut.share == pytest.approx((a.norm() / b.norm()).item())


@pytest.mark.parametrize("window", [1, 3, 4, 10])
def test_the_kept_paths_are_those_that_autograd_still_finds(window: int) -> None:
    module, x = network("gru"), normal(10, INPUT)
    (cut,) = truncations(record(module, x), losses, [window])
    cell = nn.GRUCell(INPUT, HIDDEN, dtype=torch.float64)
    cell.load_state_dict({name: getattr(module, f"{name}_l0").detach() for name in cell.state_dict()})
    full, states, h = gradient_flow(module, x, losses).gradients[0], [], torch.zeros(HIDDEN, dtype=torch.float64)
    for t in range(10):
        h = cell(x[t], h.detach() if t % window == 0 else h)
        states.append(h)
    for t in range(10):
        parts = torch.autograd.grad(
            losses(states[t][None])[0], states, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        assert [bool(part.any()) for part in parts] == cut.kept[t].tolist()
        np.testing.assert_allclose(torch.stack(parts), np.where(cut.kept[t, :, None], full[t], 0), rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@given(steps=st.integers(1, 12), window=st.integers(1, 14), seed=st.integers(0, 9999))
@settings(max_examples=15)
def test_where_windows_overlap_each_loss_has_a_run_of_its_own(kind: str, steps: int, window: int, seed: int) -> None:
    """PyTorch's module over the last steps of each loss, from the detached state that the whole run had before."""
    module, x = network(kind, seed), normal(steps, INPUT, seed=seed)
    (cut,) = truncations(record(module, x), losses, [window], overlapping=True)
    module.zero_grad()
    for t in range(steps):
        first, state = max(0, t - window + 1), None
        if first:
            _, state = module(x[:first])
            state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        output, _ = module(x[first : t + 1], state)
        losses(output)[-1].backward()
    found = np.concatenate([part.ravel() for part in cut.gradients.values()])
    expected = np.concatenate([parameter.grad.numpy().ravel() for parameter in module.parameters()])
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(expected), rel=1e-9)
    assert np.sort(found) == pytest.approx(np.sort(expected), rel=1e-9, abs=1e-12)
    assert (cut.kept == (np.tri(steps, dtype=bool) & ~np.tri(steps, k=-window, dtype=bool))).all()


@pytest.mark.parametrize("overlapping", [False, True])
def test_a_window_as_long_as_the_sequence_cuts_nothing(overlapping: bool) -> None:
    for cut in truncations(record(network("lstm"), normal(6, INPUT)), losses, [6, 60], overlapping=overlapping):
        rounding = 1e-9 if overlapping else 0  # its sum has another order
        assert cut.angle == pytest.approx(0, abs=rounding)
        assert cut.share == pytest.approx(1, rel=rounding)
        assert (cut.kept == np.tri(6, dtype=bool)).all()


def test_windows_are_answered_in_order_and_a_recurrent_matrix_cut_at_every_step_still_reads_the_states() -> None:
    one, three = truncations(record(network("rnn"), normal(6, INPUT)), losses, [1, 3])
    assert (one.window, three.window) == (1, 3)
    assert np.abs(one.gradients["W_hh"]).max() > 0
    assert one.angle > three.angle > 0


def test_more_than_one_row_and_no_window_are_refused() -> None:
    x = normal(5, INPUT)
    with pytest.raises(ValueError, match="2 layers and 1 directions; accepted: one of each"):
        truncations(record(network("rnn", num_layers=2), x), losses, [2])
    with pytest.raises(ValueError, match="window is 0; accepted: at least 1"):
        truncations(record(network("rnn"), x), losses, [2, 0])
