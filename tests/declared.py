"""Cells that the project does not have, for tests that declare one at run time."""

from __future__ import annotations

from rnnviz.core.cell import Cell, Op, Role, latex_symbol

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


def _affine(gate: str) -> tuple[Op, Op, Op]:
    reads = (f"x{gate}", f"b_x{gate}", f"h{gate}", f"b_h{gate}")
    return (
        Op(f"x{gate}", Role.INPUT, "matvec", (f"W_x{gate}", "x"), rf"W_{{x{gate}}}\,x_t"),
        Op(f"h{gate}", Role.RECURRENT, "matvec", (f"W_h{gate}", "h_prev"), rf"W_{{h{gate}}}\,h_{{t-1}}"),
        Op(f"a_{gate}", Role.SUM, "add", reads, latex_symbol(f"a_{gate}")),
    )


# Greff et al. 2017, LSTM: A Search Space Odyssey, "CIFG": an LSTM that forgets as much as it writes. Its output gate is
# called e here, a letter of no other cell.
COUPLED = Cell(
    name="coupled",
    title="Coupled LSTM",
    blocks=("i", "g", "e"),
    states=("h", "c"),
    quantities=("i", "g", "e", "c", "h"),
    ops=(
        *_affine("i"),
        Op("i", Role.GATE, "sigmoid", ("a_i",), "i_t"),
        *_affine("g"),
        Op("g", Role.CANDIDATE, "tanh", ("a_g",), "g_t"),
        *_affine("e"),
        Op("e", Role.GATE, "sigmoid", ("a_e",), "e_t"),
        Op("u", Role.GATE, "one_minus", ("i",), "1 - i_t"),
        Op("keep", Role.MEMORY, "hadamard", ("u", "c_prev"), r"(1 - i_t) \odot c_{t-1}"),
        Op("write", Role.MEMORY, "hadamard", ("i", "g"), r"i_t \odot g_t"),
        Op("c", Role.MEMORY, "add", ("keep", "write"), "c_t"),
        Op("tanh_c", Role.STATE, "tanh", ("c",), r"\tanh(c_t)"),
        Op("h", Role.STATE, "hadamard", ("e", "tanh_c"), "h_t"),
    ),
    source="Greff et al. 2017, LSTM: A Search Space Odyssey",
)
DECLARED = (MINGRU, COUPLED)
# The words of a new gate: what it is called and what it means.
WORDS = {
    "stage.op.e": "gate that shows",
    "gates.means_e": "The gate *e* decides how much of the memory is shown.",
}
