"""The lines of the gradient lab, run as a person would run them, print what the page shows."""

from __future__ import annotations

import copy
import io
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz import gradient_flow, zoo
from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.gradients.cliff import descend
from rnnviz.core.gradients.flow import flow_of
from rnnviz.core.gradients.lab import Recipe, every_sum, forgetting, last_sum, run_recipe, sample
from rnnviz.core.gradients.squash import saturated
from rnnviz.core.gradients.table import ROWS, honest_table
from rnnviz.core.gradients.truncation import truncations
from rnnviz.snippets.lab import lines

VALUES: dict[str, Any] = {
    "source": "made",
    "model": "words-en",
    "text": "The cat chased the dog.",
    "float": "64",
    "steps": 12,
    "hidden": 6,
    "seed": 3,
    "t": 9,
    "k": 4,
    "net": "rnn",
    "cell": "rnn",
    "init": "default",
    "gain": 1.0,
    "bias": None,
    "radius": None,
    "clip": "none",
    "window": None,
    "windows": "apart",
    "rate": 1.0,
    "norm": 0.1,
    "update": 12,
}
CELLS = tuple(LAB_CELLS)


def printed(part: str, **values: object) -> list[list[str]]:
    """The words of every line that is printed."""
    out, before = io.StringIO(), torch.get_default_dtype()
    try:
        with redirect_stdout(out):
            exec(lines(part, VALUES | values), {})
    finally:
        torch.set_default_dtype(before)
    return [line.split() for line in out.getvalue().strip().splitlines()]


def made(cell: str, **knobs: Any) -> Recipe:
    return Recipe(cell, hidden_size=6, seed=3, **knobs)


@pytest.mark.parametrize("net", zoo.CELL_NAMES)
def test_one_cell_of_the_matrix_made_to_order(net: str) -> None:
    flow = flow_of(run_recipe(made(net), sample(12, 8, 3)), every_sum)
    assert float(printed("matrix", net=net)[0][0]) == pytest.approx(flow.matrix[0, 8, 3], rel=1e-10)
    assert float(printed("matrix", net=net, t=2, k=5)[0][0]) == 0
    narrow = float(printed("matrix", net=net, float="32")[0][0])
    assert narrow == pytest.approx(flow.matrix[0, 8, 3], rel=1e-3)
    assert narrow == float(np.float32(narrow))


@pytest.mark.parametrize("net", zoo.CELL_NAMES)
def test_one_cell_of_the_matrix_of_a_trained_network(net: str) -> None:
    model = zoo.load("words-en", net)
    reading = model.read(VALUES["text"])

    def losses(output: torch.Tensor) -> torch.Tensor:
        logits = output @ model.head.weight.T.double() + model.head.bias.double()
        targets = [int(row.argmax()) if t is None else t for row, t in zip(logits, reading.targets, strict=True)]
        return torch.nn.functional.cross_entropy(logits, torch.tensor(targets), reduction="none")

    for t, k in ((6, 2), (len(reading.x), 1)):
        # In float32 a softmax that is nearly sure loses the digits of its gradient.
        expected = gradient_flow(copy.deepcopy(model.rnn).double(), reading.x.double(), losses).matrix[0, t - 1, k - 1]
        found = float(printed("matrix", source="text", net=net, t=t, k=k)[0][0])
        assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("radius", [None, 1.1])
def test_the_knobs(cell: str, radius: float | None) -> None:
    bias = {"forget_bias": 2.0} if cell in ("lstm", "peephole") else {}
    recipe = made(cell, spectral_radius=radius, input_gain=1.5, initialisation="normal", **bias)
    trace = run_recipe(recipe, sample(12, 8, 3))
    values = {"cell": cell, "radius": radius, "gain": 1.5, "init": "normal", "bias": 2.0, "clip": "0.5"}
    clipped, left, sizes = printed("knobs", **values)
    assert float(left[0]) == pytest.approx(flow_of(trace, last_sum).matrix[0, -1, 0], rel=1e-9)
    (whole,) = truncations(trace, last_sum, [12])
    size = np.sqrt(sum(np.square(part).sum() for part in whole.full.values()))
    assert float(clipped[-1]) == pytest.approx(min(1, 0.5 / size))
    matrix = trace.weights[0][trace.cell.content[1]]
    assert float(sizes[0]) == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max())
    assert float(sizes[1]) == pytest.approx(np.linalg.svd(matrix, compute_uv=False)[0])
    (cut,) = truncations(trace, last_sum, [5])
    shorter, left, _ = printed("knobs", **values, window=5)
    size = np.sqrt(sum(np.square(part).sum() for part in cut.gradients.values()))
    assert float(shorter[-1]) == pytest.approx(min(1, 0.5 / size))
    assert float(left[0]) == 0


@pytest.mark.parametrize("cell", CELLS)
def test_a_truncated_gradient_has_the_angle_and_length_that_are_measured(cell: str) -> None:
    (cut,) = truncations(run_recipe(made(cell), sample(12, 8, 3)), every_sum, [4])
    (angle, _), (share,) = printed("cut", cell=cell, window=4)
    assert float(angle) == pytest.approx(cut.angle, rel=1e-6)
    assert float(share) == pytest.approx(cut.share, rel=1e-9)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("window", [1, 4])
def test_windows_that_overlap_have_theirs(cell: str, window: int) -> None:
    (cut,) = truncations(run_recipe(made(cell), sample(12, 8, 3)), every_sum, [window], overlapping=True)
    (angle, _), (share,) = printed("cut", cell=cell, window=window, windows="overlapping")
    assert float(angle) == pytest.approx(cut.angle, rel=1e-6)
    assert float(share) == pytest.approx(cut.share, rel=1e-9)


@pytest.mark.parametrize("windows", ["apart", "overlapping"])
def test_a_window_over_all_steps_turns_nothing(windows: str) -> None:
    (angle, _), (share,) = printed("cut", window=12, windows=windows)
    assert float(angle) == pytest.approx(0, abs=1e-6)
    assert float(share) == pytest.approx(1)


def test_the_descent_is_at_the_point_of_the_page() -> None:
    path = descend(5.0, -2.3, learning_rate=1.0, updates=12, max_norm=0.1)
    np.testing.assert_allclose([float(v) for v in printed("cliff")[0]], [path.w[-1], path.b[-1]], rtol=1e-5)


@pytest.mark.parametrize("t", [1, 2, 9, 12])
def test_the_first_token_is_lost_as_the_page_shows(t: int) -> None:
    found = {name.lower(): (float(ahead), float(back)) for name, ahead, back in printed("past", t=t)}
    assert found.keys() == set(zoo.CELL_NAMES)
    for cell, values in found.items():
        lost = forgetting(made(cell), sample(12, 8, 3), sample(1, 8, 4)[0])
        assert values == pytest.approx((lost.forward[t - 1], lost.backward[t - 1]), rel=1e-9)


@pytest.mark.parametrize("hidden", [6, 2])
def test_the_table(hidden: int) -> None:
    table = honest_table([3], {name: replace(row, hidden_size=hidden) for name, row in ROWS.items()})
    found = {" ".join(name): float(norm) for *name, norm in printed("table", hidden=hidden)}
    assert tuple(found) == table.rows
    assert list(found.values()) == pytest.approx(table.norms[:, 0, 0].tolist(), rel=1e-9, abs=0)


@pytest.mark.parametrize(("part", "values"), [("past", {}), ("table", {}), ("cut", {"windows": "overlapping"})])
def test_what_is_measured_is_measured_by_torch_alone(part: str, values: dict[str, Any]) -> None:
    """A network made to order is the page's; what is done with it, and all of it where PyTorch has the cell, is not."""
    imports = [line for line in lines(part, VALUES | values).splitlines() if "rnnviz" in line]
    assert imports == (["from rnnviz.core.gradients.lab import Recipe, sample, weights_of"] if part == "cut" else [])


@pytest.mark.parametrize("cell", [name for name in CELLS if name != "rnn_linear"])
def test_the_saturated_units_are_counted_in_torch_alone(cell: str) -> None:
    assert "saturated" not in lines("derivative", VALUES | {"cell": cell})
    for gain in (1.0, 5.0):
        trace = run_recipe(made(cell, input_gain=gain), sample(12, 8, 3))
        for t in (1, 9, 12):
            found = {name: int(count) for name, count in printed("derivative", cell=cell, gain=gain, t=t)}
            assert found == {name: counts[0, t - 1] for name, counts in saturated(trace).items()}
