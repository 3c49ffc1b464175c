"""The gradient through time read from the fused kernels is what autograd gives through an explicit loop of cells."""

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from rnnviz import CELLS, Recurrent
from rnnviz.training import Config, backwards, flow
from rnnviz.training.model import TaskModel, build

T, B, INPUT = 23, 5, 3
every_cell = pytest.mark.parametrize("cell", CELLS)


def model_of(cell: str, num_layers: int, seed: int = 0) -> TaskModel:
    return build(Config(cell=cell, num_layers=num_layers, hidden_size=7, seed=seed), INPUT, 2)


def data(seed: int = 1) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(T, B, INPUT, generator=generator), torch.randn(T, B, 2, generator=generator)


def loss_of(model: TaskModel, h: Tensor, y: Tensor, first: int) -> Tensor:
    return nn.functional.mse_loss(model.read_out(h[first:]), y[first:])


def explicit(model: TaskModel, x: Tensor, y: Tensor, first: int, truncation: int) -> dict[str, Tensor]:
    """dL/dh_k and dL/dc_k, (L, T, B, H), by `autograd.grad` through PyTorch's single cells, or a `Recurrent` of one
    step where PyTorch has no such cell."""
    rnn, names = model.rnn, model.cell.states
    step_of = _single_cell if isinstance(rnn, nn.RNNBase) else _single_step
    steps = [step_of(rnn, layer) for layer in range(rnn.num_layers)]
    starts = set(range(T % truncation or truncation, T, truncation)) if truncation else set()
    states: list[tuple[Tensor, ...]] = [tuple(torch.zeros(B, 7) for _ in names) for _ in steps]
    kept: list[list[tuple[Tensor, ...]]] = [[] for _ in steps]
    outputs = []
    for k in range(T):
        flowing = x[k]
        for layer, step in enumerate(steps):
            before = tuple(part.detach() for part in states[layer]) if k in starts else states[layer]
            states[layer] = step(flowing, before)
            kept[layer].append(states[layer])
            flowing = states[layer][0]
        outputs.append(flowing)
    loss = loss_of(model, torch.stack(outputs), y, first)
    flat = [part for layer in kept for step in layer for part in step]
    grads = torch.autograd.grad(loss, flat, allow_unused=True, materialize_grads=True)
    whole = torch.stack(grads).view(len(steps), T, len(names), B, 7)
    return {name: whole[:, :, place] for place, name in enumerate(names)}


Step = Callable[[Tensor, tuple[Tensor, ...]], tuple[Tensor, ...]]


def _single_cell(rnn: nn.RNNBase, layer: int) -> Step:
    kind = {nn.RNN: nn.RNNCell, nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell}[type(rnn)]
    options = {"nonlinearity": rnn.nonlinearity} if kind is nn.RNNCell else {}
    cell = kind(INPUT if layer == 0 else 7, 7, **options)
    cell.load_state_dict({n: getattr(rnn, f"{n}_l{layer}").detach() for n in cell.state_dict()})

    def step(x: Tensor, before: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        after = cell(x, before if len(before) == 2 else before[0])
        return after if isinstance(after, tuple) else (after,)

    return step


def _single_step(rnn: Recurrent, layer: int) -> Step:
    return lambda x, before: tuple(kept[0] for kept in rnn.states(layer, x[None], before).values())


def backward(model: TaskModel, loss: Tensor, taps: list[list[flow.Tap]]) -> None:
    flow.gradient(loss, list(model.rnn.parameters()), taps)


def measured(model: TaskModel, taps: list[list[flow.Tap]]) -> dict[str, Tensor]:
    """log10 of the norms by state, (L, T)."""
    rows = backwards.log_norms([backwards.raw(model.rnn, taps)])
    assert rows.last is None
    return {name: torch.from_numpy(norms[0]) for name, norms in rows.every.items()}


def gradients(model: TaskModel, layer: int, tap: flow.Tap) -> dict[str, Tensor]:
    """Of the sequences that a row is about, (T, S, H)."""
    if isinstance(model.rnn, nn.LSTM):
        part = {
            name: tensor[None] for name, tensor in backwards._lstm_part(tap, *flow.affine(model.rnn, layer)).items()
        }
        scale = flow.unit(tap)
        dh, dc, _ = backwards.backwards(**{**part, "direct": part["direct"][:, :, None]})
        return {"h": dh[0, :, 0] / scale, "c": dc[0, :, 0] / scale}
    return flow.total(flow.flowed(model.rnn, layer, tap))


@every_cell
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("truncation", [0, 1, 5])
@pytest.mark.parametrize("first", [0, T - 1])
def test_the_flow_is_the_gradient_through_an_explicit_loop(
    cell: str, num_layers: int, truncation: int, first: int
) -> None:
    model, (x, y) = model_of(cell, num_layers), data()
    taps: list[list[flow.Tap]] = [[] for _ in range(num_layers)]
    backward(model, loss_of(model, flow.forward(model, x, truncation, taps), y, first), taps)
    expected = explicit(model, x, y, first, truncation)
    rows = measured(model, taps)
    assert rows.keys() == expected.keys() == set(model.cell.states)
    for name, gradient in expected.items():
        for layer in range(num_layers):
            found = torch.cat([gradients(model, layer, tap)[name] for tap in taps[layer]])
            known = gradient[layer, :, : found.shape[1]]
            assert found.shape[1] == min(B, flow.SAMPLE)
            assert ((found - known).norm(dim=(1, 2)) <= 1e-5 * known.norm(dim=(1, 2)) + 1e-12).all()
            # The unit: the root mean square over sequences of the norm of each one's own loss's gradient.
            each = (B * known.double()).norm(dim=2).square().mean(1).sqrt()
            torch.testing.assert_close(10 ** rows[name][layer], each, rtol=1e-4, atol=1e-12)


@every_cell
def test_before_a_cut_nothing_flows_and_it_is_exactly_zero(cell: str) -> None:
    model, (x, y) = model_of(cell, 2), data()
    taps: list[list[flow.Tap]] = [[], []]
    backward(model, loss_of(model, flow.forward(model, x, 5, taps), y, T - 1), taps)
    for row in measured(model, taps).values():
        assert (row[:, : T - 5] == -torch.inf).all()
        assert row[:, T - 5 :].isfinite().all()


@every_cell
def test_measuring_changes_neither_the_outputs_nor_the_gradient(cell: str) -> None:
    model, (x, y) = model_of(cell, 2), data()
    plain = flow.forward(model, x)
    torch.testing.assert_close(plain, model.rnn(x)[0])
    taps: list[list[flow.Tap]] = [[], []]
    watched = flow.forward(model, x, 0, taps)
    parameters = [weight for _, weight in model.named()]
    for a, b in zip(
        torch.autograd.grad(loss_of(model, plain, y, 0), parameters),
        flow.gradient(loss_of(model, watched, y, 0), parameters, taps),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("cell", "forget_bias", "least", "most"),
    [
        ("rnn", None, -28, -19),
        ("gru", None, -21, -12),
        ("lstm", None, -22, -18),
        ("lstm", 1.0, -11, -7),
        ("lstm", 3.0, -2.5, 0),
        ("lstm", 5.0, -1.5, 0.5),
    ],
)
def test_a_hundred_steps_back_the_norm_is_what_the_literature_leads_one_to_expect(
    cell: str, forget_bias: float | None, least: float, most: float
) -> None:
    """Orders of magnitude of a default start at hidden size 32, input size 8, with a loss at the last step."""
    model = build(Config(cell=cell, forget_bias=forget_bias), 8, 1)
    x = torch.randn(100, 4, 8, generator=torch.Generator().manual_seed(0))
    taps: list[list[flow.Tap]] = [[]]
    backward(model, flow.forward(model, x, 0, taps)[-1].square().sum(1).mean(), taps)
    assert least < float(measured(model, taps)["h"][0, 0]) < most


@every_cell
def test_jacobians_are_finite_differences_of_a_step(cell: str) -> None:
    model, (x, _) = model_of(cell, 1), data()
    read = x[:, 0]
    state = torch.zeros(len(model.cell.states), 1, 7)
    outputs = []
    for x_t in read:
        (h, *rest) = model.rnn(x_t[None, None], tuple(state[:, None]) if len(state) == 2 else state)
        state = torch.stack([part[0] for part in rest[0]]) if len(state) == 2 else rest[0][0][None]
        outputs.append((h, state))
    ((_, states),) = flow.layers(model, x)
    J = flow.jacobians(model.rnn, 0, read, {name: kept[:, 0] for name, kept in states.items()})
    k, step = 11, 1e-2
    before = outputs[k - 1][1].detach()

    def after(moved: Tensor) -> Tensor:
        _, last = model.rnn(read[k][None, None], tuple(moved[:, None]) if len(moved) == 2 else moved)
        return torch.cat([part.flatten() for part in last] if isinstance(last, tuple) else [last.flatten()])

    for unit in range(before.numel()):
        nudge = torch.zeros(before.numel())
        nudge[unit] = step
        nudge = nudge.view_as(before)
        difference = (after(before + nudge) - after(before - nudge)).detach() / (2 * step)
        torch.testing.assert_close(J[k, :, unit], difference, rtol=2e-2, atol=2e-3)


def test_theory_of_a_linear_cell_is_its_weights_scale() -> None:
    """ReLU units that stay on are linear; W_hh = s I shrinks every direction by s, so growth = bound = log10 s."""
    config = Config(cell="rnn_relu", hidden_size=6, initialisation="identity", num_layers=2)
    model = build(config, 1, 1)
    with torch.no_grad():
        for layer in (0, 1):
            getattr(model.rnn, f"weight_hh_l{layer}").mul_(0.8)
            getattr(model.rnn, f"weight_ih_l{layer}").abs_()
    for theory in flow.theory(model, torch.ones(40, 1)):
        assert theory.growth == pytest.approx(-0.09691, abs=1e-4)
        assert theory.bound == pytest.approx(-0.09691, abs=1e-4)


@every_cell
def test_growth_stays_below_the_textbook_bound(cell: str) -> None:
    """Submultiplicativity; the bound is sampled, so the steps of a constant input are compared, where it settles."""
    for seed in range(5):
        for theory in flow.theory(model_of(cell, 2, seed), torch.ones(80, INPUT)):
            assert theory.growth <= theory.bound + 1e-3


def test_chunks_are_counted_from_the_end() -> None:
    model, (x, _) = model_of("rnn", 1), data()
    taps: list[list[flow.Tap]] = [[]]
    flow.forward(model, x, 5, taps)
    sizes = [len(tap.output) for tap in taps[0]]
    assert sizes == [3, 5, 5, 5, 5]
    assert all(torch.equal(a.output[-1], b.state[0]) for a, b in pairwise(taps[0]))
