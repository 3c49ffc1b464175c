"""Cells that the project does not have, for tests that declare one at run time."""

from __future__ import annotations

from rnnviz.core.cells import Cell, Op, Role, latex_symbol

# Feng et al. 2024, Were RNNs All We Needed?: neither the gate nor the candidate sees h, so neither has a W_h.
MINGRU = Cell(
    name="mingru",
    title="minGRU",
    blocks=("z", "n"),
    states=("h",),
    quantities=("z", "n", "h"),
    ops=(
        Op("xz", Role.INPUT, "matvec", ("W_xz", "x"), r"W_{xz}\,x_t"),
        Op("a_z", Role.SUM, "add", ("xz", "b_xz"), latex_symbol("a_z")),
        Op("z", Role.GATE, "sigmoid", ("a_z",), "z_t"),
        Op("xn", Role.INPUT, "matvec", ("W_xn", "x"), r"W_{xn}\,x_t"),
        Op("n", Role.CANDIDATE, "add", ("xn", "b_xn"), "n_t"),
        Op("u", Role.GATE, "one_minus", ("z",), "1 - z_t"),
        Op("keep", Role.STATE, "hadamard", ("u", "h_prev"), r"(1 - z_t) \odot h_{t-1}"),
        Op("write", Role.STATE, "hadamard", ("z", "n"), r"z_t \odot n_t"),
        Op("h", Role.STATE, "add", ("keep", "write"), "h_t"),
    ),
    source="Feng et al. 2024, Were RNNs All We Needed?",
)


def summing(terms: int) -> Cell:
    """An RNN whose one sum has so many terms, 1 to 8 (9 is refused): W_x x, W_h h, two biases, and h or x again."""
    names = ("xh", "hh", "b_xh", "b_hh", *("h_prev" for _ in range(8)))[:terms]
    products = (
        Op("xh", Role.INPUT, "matvec", ("W_xh", "x"), r"W_{xh}\,x_t"),
        Op("hh", Role.RECURRENT, "matvec", ("W_hh", "h_prev"), r"W_{hh}\,h_{t-1}"),
    )
    return Cell(
        name="summing",
        title="RNN of many terms",
        blocks=("h",),
        states=("h",),
        quantities=("a", "h"),
        ops=(*products[:terms], Op("a", Role.SUM, "add", names, "a_t"), Op("h", Role.STATE, "tanh", ("a",), "h_t")),
        source="none",
    )
