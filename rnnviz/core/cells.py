"""The recurrent cells, each declared once: `rnnviz.core.cell` says what a declaration holds and what follows from it.

Conventions are PyTorch's: two biases per block (`b_xf` is its `bias_ih`, `b_hf` its `bias_hh`), block order i, f, g, o
(LSTM) and r, z, n (GRU), and for the GRU `h' = (1 - z) * n + z * h` with the reset gate applied after the matrix
product. Cells that PyTorch lacks follow it: a peephole LSTM has the LSTM's blocks and the vectors `p_i`, `p_f`, `p_o`
beside them; the minimal gated unit has the blocks f, n, and keeps with `1 - f` as its authors write it:
`h' = (1 - f) * h + f * n`.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import replace

from rnnviz.core.cell import Cell, Op, OpKind, Role, latex_symbol


def _affine(gate: str, total: str) -> tuple[Op, Op, Op]:
    """`total = W_x x_t + b_x + W_h h_{t-1} + b_h` for one block, in three operations."""
    return (
        Op(f"x{gate}", Role.INPUT, "matvec", (f"W_x{gate}", "x"), rf"W_{{x{gate}}}\,x_t"),
        Op(f"h{gate}", Role.RECURRENT, "matvec", (f"W_h{gate}", "h_prev"), rf"W_{{h{gate}}}\,h_{{t-1}}"),
        Op(total, Role.SUM, "add", (f"x{gate}", f"b_x{gate}", f"h{gate}", f"b_h{gate}"), latex_symbol(total)),
    )


def _gate(gate: str) -> tuple[Op, ...]:
    return (*_affine(gate, f"a_{gate}"), Op(gate, Role.GATE, "sigmoid", (f"a_{gate}",), f"{gate}_t"))


def _peephole(gate: str, state: str) -> tuple[Op, ...]:
    """A gate that sees the memory too: `c_prev` before it is written, `c` after."""
    x, h, total, squash = _gate(gate)
    peep = Op(f"c{gate}", Role.MEMORY, "hadamard", (f"p_{gate}", state), rf"p_{{{gate}}} \odot {latex_symbol(state)}")
    return x, h, peep, replace(total, reads=(*total.reads, peep.name)), squash


def _vanilla(name: str, title: str, squash: OpKind, module: tuple[str, ...] = ()) -> Cell:
    return Cell(
        name=name,
        title=title,
        blocks=("h",),
        states=("h",),
        quantities=("a", "h"),
        ops=(*_affine("h", "a"), Op("h", Role.STATE, squash, ("a",), "h_t")),
        source="Elman 1990, Finding structure in time",
        module=module,
    )


LSTM = Cell(
    name="lstm",
    title="LSTM",
    blocks=("i", "f", "g", "o"),
    states=("h", "c"),
    quantities=("i", "f", "g", "o", "c", "h"),
    ops=(
        *_gate("i"),
        *_gate("f"),
        *_affine("g", "a_g"),
        Op("g", Role.CANDIDATE, "tanh", ("a_g",), "g_t"),
        *_gate("o"),
        Op("keep", Role.MEMORY, "hadamard", ("f", "c_prev"), r"f_t \odot c_{t-1}"),
        Op("write", Role.MEMORY, "hadamard", ("i", "g"), r"i_t \odot g_t"),
        Op("c", Role.MEMORY, "add", ("keep", "write"), "c_t"),
        Op("tanh_c", Role.STATE, "tanh", ("c",), r"\tanh(c_t)"),
        Op("h", Role.STATE, "hadamard", ("o", "tanh_c"), "h_t"),
    ),
    source="Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000",
    module=("LSTM",),
)

GRU = Cell(
    name="gru",
    title="GRU",
    blocks=("r", "z", "n"),
    states=("h",),
    quantities=("r", "z", "n", "h"),
    ops=(
        *_gate("r"),
        *_gate("z"),
        Op("xn", Role.INPUT, "matvec", ("W_xn", "x"), r"W_{xn}\,x_t"),
        Op("hn", Role.RECURRENT, "matvec", ("W_hn", "h_prev"), r"W_{hn}\,h_{t-1}"),
        Op("s_n", Role.RECURRENT, "add", ("hn", "b_hn"), "s_n"),
        Op("reset", Role.RECURRENT, "hadamard", ("r", "s_n"), r"r_t \odot s_n"),
        Op("a_n", Role.SUM, "add", ("xn", "b_xn", "reset"), "a_n"),
        Op("n", Role.CANDIDATE, "tanh", ("a_n",), "n_t"),
        Op("u", Role.GATE, "one_minus", ("z",), "1 - z_t"),
        Op("write", Role.STATE, "hadamard", ("u", "n"), r"(1 - z_t) \odot n_t"),
        Op("keep", Role.STATE, "hadamard", ("z", "h_prev"), r"z_t \odot h_{t-1}"),
        Op("h", Role.STATE, "add", ("write", "keep"), "h_t"),
    ),
    source="Cho et al. 2014, as PyTorch and cuDNN compute it",
    module=("GRU",),
)

PEEPHOLE = Cell(
    name="peephole",
    title="Peephole LSTM",
    blocks=LSTM.blocks,
    states=LSTM.states,
    quantities=("i", "f", "g", "c", "o", "h"),
    ops=(
        *_peephole("i", "c_prev"),
        *_peephole("f", "c_prev"),
        *_affine("g", "a_g"),
        *map(LSTM.op, ("g", "keep", "write", "c")),
        *_peephole("o", "c"),
        *map(LSTM.op, ("tanh_c", "h")),
    ),
    source="Gers & Schmidhuber 2000, Recurrent nets that time and count; Gers, Schraudolph & Schmidhuber 2002",
)

MGU = Cell(
    name="mgu",
    title="MGU",
    blocks=("f", "n"),
    states=("h",),
    quantities=("f", "n", "h"),
    ops=(
        *_gate("f"),
        Op("seen", Role.RECURRENT, "hadamard", ("f", "h_prev"), r"f_t \odot h_{t-1}"),
        Op("xn", Role.INPUT, "matvec", ("W_xn", "x"), r"W_{xn}\,x_t"),
        Op("hn", Role.RECURRENT, "matvec", ("W_hn", "seen"), r"W_{hn}\,(f_t \odot h_{t-1})"),
        Op("a_n", Role.SUM, "add", ("xn", "b_xn", "hn", "b_hn"), "a_n"),
        Op("n", Role.CANDIDATE, "tanh", ("a_n",), "n_t"),
        Op("u", Role.GATE, "one_minus", ("f",), "1 - f_t"),
        Op("keep", Role.STATE, "hadamard", ("u", "h_prev"), r"(1 - f_t) \odot h_{t-1}"),
        Op("write", Role.STATE, "hadamard", ("f", "n"), r"f_t \odot n_t"),
        Op("h", Role.STATE, "add", ("keep", "write"), "h_t"),
    ),
    source="Zhou, Wu, Zhang & Zhou 2016, Minimal gated unit for recurrent neural networks",
)

CELLS: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        _vanilla("rnn", "RNN", "tanh", ("RNN", "tanh")),
        _vanilla("rnn_relu", "RNN (ReLU)", "relu", ("RNN", "relu")),
        _vanilla("rnn_sigmoid", "RNN (sigmoid)", "sigmoid"),
        LSTM,
        GRU,
        PEEPHOLE,
        MGU,
    )
}

# `torch.nn.LSTM` with `proj_size`: as long as c is, m is; h is as long as `W_hr` makes it.
PROJECTED = replace(
    LSTM,
    name="lstm_projected",
    title="LSTM with projection",
    quantities=("i", "f", "g", "o", "c", "m", "h"),
    ops=(
        *LSTM.ops[:-1],
        Op("m", Role.STATE, "hadamard", ("o", "tanh_c"), "m_t"),
        Op("h", Role.STATE, "matvec", ("W_hr", "m"), "h_t"),
    ),
    source="Sak, Senior & Beaufays 2014, Long short-term memory recurrent neural network architectures",
    module=(),
    projection="W_hr",
)

# h_t = a_t: what a recurrence does without squashing. `add` of one term is the term.
LINEAR = _vanilla("rnn_linear", "RNN (linear)", "add")
# What the gradient lab makes to order: this one and every declared cell, one that is declared later too.
LAB_CELLS: Mapping[str, Cell] = ChainMap({LINEAR.name: LINEAR}, CELLS)

# What turns a state into a distribution over outputs; run by the same machinery as a cell. The literature often calls
# the logits z_t or o_t, but those are gates here, and a symbol means one thing.
READOUT = (
    Op("hy", Role.OUTPUT, "matvec", ("W_hy", "h"), r"W_{hy}\,h_t"),
    Op("logits", Role.OUTPUT, "add", ("hy", "b_y"), r"\ell_t"),
    Op("y", Role.OUTPUT, "softmax", ("logits",), "y_t"),
)
