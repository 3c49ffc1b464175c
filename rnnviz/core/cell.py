"""What a recurrent cell is: a short program of named operations, and what follows from it. Only the standard library.

From a declaration come the recorded values (`rnnviz.record` runs it), the equations (`Cell.equations`), the diagram
(its edges are what each operation reads), the order of stepping and the tests; so a caption cannot contradict a number.

Names are the field's: `W_xf` multiplies the input for gate f, `W_hf` the previous state. A cell has the weights that
its operations read and no others: a gate that does not see h has no `W_h`. In a cell with gates the operations `keep`
and `write` add up to its memory: c, or h where there is no c.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from math import inf
from typing import Literal

from rnnviz.core.short import short_repr


class Role(StrEnum):
    """What an operation is for. It decides colour and place, never the arithmetic."""

    INPUT = "input"  # W_x x_t: what the input adds
    RECURRENT = "recurrent"  # what the previous state adds
    SUM = "sum"  # a pre-activation
    GATE = "gate"  # in (0, 1): how much passes
    CANDIDATE = "candidate"  # new content, in (-1, 1) where it is squashed
    MEMORY = "memory"  # the LSTM's c, what flows into it, and what gates see of it
    STATE = "state"  # h and what flows into it
    OUTPUT = "output"  # logits and probabilities
    ATTENTION = "attention"  # how much of each state that was read is taken, and what comes of it


# The last four are of attention, where one operand is a table: a row for each token that was read.
OpKind = Literal[
    "matvec", "add", "hadamard", "one_minus", "tanh", "sigmoid", "relu", "softmax", "rows", "dots", "mix", "concat"
]
READS = 8  # the most that one operation may read: as many columns as a stage has room for
# Between which bounds a result of each squashing lies: where it is near one that is finite, it is flat.
BOUNDS: Mapping[OpKind, tuple[float, float]] = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "relu": (0.0, inf)}
# How many operands each kind takes; `add` takes any number up to `READS`.
OPERANDS: Mapping[OpKind, int] = {
    "matvec": 2,
    "hadamard": 2,
    "one_minus": 1,
    "tanh": 1,
    "sigmoid": 1,
    "relu": 1,
    "softmax": 1,
    "rows": 2,  # a matrix and a table: the matrix times each of its rows
    "dots": 2,  # a table and a vector: the dot product with each of its rows
    "mix": 2,  # shares and a table: the sum of its rows, each with its share
    "concat": 2,  # two vectors, end to end
}


@dataclass(frozen=True)
class Op:
    """One operation: `name = kind(*reads)`.

    name: what its result is called in a trace.
    reads: parameters (`W_xh`), `x`, previous states (`h_prev`, `c_prev`) or earlier operations, in argument order.
    symbol: the result in LaTeX.

    Raises `ValueError` for a number of operands that its kind does not take.
    """

    name: str
    role: Role
    kind: OpKind
    reads: tuple[str, ...]
    symbol: str

    def __post_init__(self) -> None:
        least, most = (OPERANDS[self.kind],) * 2 if self.kind in OPERANDS else (1, READS)
        if not least <= len(self.reads) <= most:
            counts = f"{least}" if least == most else f"{least} to {most}"
            raise ValueError(f"{self.name} = {self.kind}(...) reads {len(self.reads)} operands; accepted: {counts}")


# The operands that need brackets when written out inside an operation: `W_hn (r_t * h_{t-1})`, `(1 - z_t) * n_t`.
BRACKETS: Mapping[OpKind, tuple[OpKind, ...]] = {
    "matvec": ("hadamard", "add", "one_minus"),
    "hadamard": ("add", "one_minus"),
    "one_minus": ("add", "one_minus"),
    "rows": ("hadamard", "add", "one_minus"),
    "dots": ("matvec", "rows", "add"),
}


def latex_symbol(name: str) -> str:
    """`W_xh` as `W_{xh}`, `h_prev` as `h_{t-1}`, `x` as `x_t`."""
    if name.endswith("_prev"):
        return f"{name.removesuffix('_prev')}_{{t-1}}"
    stem, _, index = name.partition("_")
    return f"{stem}_{{{index}}}" if index else f"{name}_t"


def plain_symbol(name: str) -> str:
    """The same in plain text, for charts: `W_xh`, `hₜ₋₁`, `xₜ`."""
    if name.endswith("_prev"):
        return name.removesuffix("_prev") + "ₜ₋₁"
    return name if "_" in name else name + "ₜ"


@dataclass(frozen=True)
class Notation:
    """How to write down what operations read and do: in LaTeX, as plain text in a chart, as lines of PyTorch.

    templates: of each kind but `add`, which joins its operands.
    symbol: what a name is written as; the symbol of an operation's result in LaTeX is the operation's own.
    brackets: as `BRACKETS`.
    """

    templates: Mapping[OpKind, str]
    symbol: Callable[[str], str]
    brackets: Mapping[OpKind, tuple[OpKind, ...]] = field(default_factory=lambda: BRACKETS)

    def write(self, kind: OpKind, arguments: tuple[str, ...]) -> str:
        return " + ".join(arguments) if kind == "add" else self.templates[kind].format(*arguments)


LATEX = Notation(
    {
        "matvec": r"{0}\,{1}",
        "hadamard": r"{0} \odot {1}",
        "one_minus": "1 - {0}",
        "tanh": r"\tanh({0})",
        "sigmoid": r"\sigma({0})",
        "relu": r"\mathrm{{ReLU}}({0})",
        "softmax": r"\mathrm{{softmax}}({0})",
        "rows": r"{0}\,{1}",
        "dots": r"{1}^\top {0}",
        "mix": r"\textstyle\sum_j {0}\,{1}",
        "concat": "[{0}; {1}]",
    },
    latex_symbol,
)
PLAIN = Notation(
    {
        "matvec": "{0} {1}",
        "hadamard": "{0} ⊙ {1}",
        "one_minus": "1 − {0}",
        "tanh": "tanh({0})",
        "sigmoid": "σ({0})",
        "relu": "ReLU({0})",
        "softmax": "softmax({0})",
        "rows": "{0} {1}",
        "dots": "{1} · {0}",
        "mix": "Σ {0} {1}",
        "concat": "[{0}; {1}]",
    },
    plain_symbol,
)


# The kinds of weights that a block may have: what their names begin with, and where PyTorch keeps them.
Stack = Literal["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_ch", "weight_hr"]
STACKS: tuple[tuple[str, Stack], ...] = (
    ("W_x", "weight_ih"),
    ("W_h", "weight_hh"),
    ("b_x", "bias_ih"),
    ("b_h", "bias_hh"),
    ("p_", "weight_ch"),
)


@dataclass(frozen=True)
class Parameter:
    """One weight of a cell and where PyTorch keeps it: rows `block * H` to `(block + 1) * H` of `torch_name`.

    PyTorch has no `weight_ch`; it is stacked as a bias is: a number per unit, which multiplies that unit's c.
    """

    name: str  # `W_xf`
    torch_name: Stack
    block: int  # its place among the blocks that have such a weight
    gate: str  # the block it belongs to, `f`

    def shape(self, input_size: int, hidden_size: int, state_size: int | None = None) -> tuple[int, ...]:
        """state_size: how many numbers h has; by default `hidden_size`, as in every cell without a projection."""
        state_size = hidden_size if state_size is None else state_size
        if self.torch_name == "weight_hr":
            return state_size, hidden_size
        width = {"weight_ih": (input_size,), "weight_hh": (state_size,)}.get(self.torch_name, ())
        return (hidden_size, *width)


class Program:
    """Named operations in order, and how they are written: what a cell is, and what attention is (`core.attention`)."""

    ops: tuple[Op, ...]
    quantities: tuple[str, ...]

    @cached_property
    def _by_name(self) -> dict[str, Op]:
        return {op.name: op for op in self.ops}

    def op(self, name: str) -> Op:
        return self._by_name[name]

    def latex(self, op: Op) -> str:
        """The operation as LaTeX, one level deep: `i_t = \\sigma(a_i)`, or only `1 - z_t` where it has no letter."""
        formula = self.written(op, LATEX, self._is_nameless)
        return formula if formula == op.symbol else f"{op.symbol} = {formula}"

    def symbol(self, name: str) -> str:
        """The LaTeX of anything an operation may read."""
        return self._by_name[name].symbol if name in self._by_name else latex_symbol(name)

    def equations(self) -> Iterator[str]:
        """The cell as a textbook writes it, in LaTeX: one equation per quantity, all that leads to it written out."""
        for op in map(self.op, self.quantities):
            yield f"{op.symbol} = {self.written(op, LATEX, self.leads_on)}"

    def leads_on(self, op: Op) -> bool:
        """Whether the literature has no name for a result, which only leads to another."""
        return op.name not in self.quantities

    def _is_nameless(self, op: Op) -> bool:
        """Whether the symbol is the expression itself, as in `1 - z_t`."""
        return op.symbol == self.written(op, LATEX, self._is_nameless)

    def written(self, op: Op, notation: Notation, is_expression: Callable[[Op], bool]) -> str:
        """What is computed; an operand that is an expression is written out, in brackets where need be."""

        def operand(name: str) -> str:
            inner = self._by_name.get(name)
            if inner is None or not is_expression(inner):
                return self.symbol(name) if notation is LATEX else notation.symbol(name)
            text = self.written(inner, notation, is_expression)
            return f"({text})" if inner.kind in notation.brackets.get(op.kind, ()) else text

        return notation.write(op.kind, tuple(map(operand, op.reads)))


@dataclass(frozen=True)
class Cell(Program):
    """A recurrent cell.

    name: its key in `CELLS`.     title: its name on a page.
    blocks: the row blocks of PyTorch's stacked weights, in PyTorch's order; each has those of W_x, W_h, b_x, b_h and p
        that an operation reads: `W_xf`, ... and `p_f`, through which gate f sees c, a weight for each unit.
    states: what is carried to the next step, `h` first.
    quantities: the results that the literature names; the other operations lead to them.
    source: who described it.
    module: the class of `torch.nn` that computes it, and its nonlinearity if it has one: `("RNN", "relu")`; empty for a
        cell that PyTorch lacks, which runs as a loop.
    projection: the matrix that makes h of what its units give, so that h has other numbers than they; empty for none.
    """

    __repr__ = short_repr

    name: str
    title: str
    blocks: tuple[str, ...]
    states: tuple[str, ...]
    quantities: tuple[str, ...]
    ops: tuple[Op, ...]
    source: str
    module: tuple[str, ...] = ()
    projection: str = ""

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its weights: what its operations read of each block; of all blocks, then the peepholes, the projection."""
        operands = {name for op in self.ops for name in op.reads}
        counts: Counter[str] = Counter()
        parameters = []
        for stacks in (STACKS[:-1], STACKS[-1:]):
            for gate in self.blocks:
                for prefix, torch_name in stacks:
                    if prefix + gate in operands:
                        parameters.append(Parameter(prefix + gate, torch_name, counts[torch_name], gate))
                        counts[torch_name] += 1
        if self.projection:
            parameters.append(Parameter(self.projection, "weight_hr", 0, "h"))
        return tuple(parameters)

    def of_block(self, gate: str) -> tuple[str, ...]:
        """The names of the weights of one block: `W_xf W_hf b_xf b_hf`."""
        return tuple(parameter.name for parameter in self.parameters if parameter.gate == gate)

    @property
    def matrices(self) -> tuple[str, ...]:
        """The names of its weights that are matrices, in the order of the declaration: `W_xi W_hi W_xf ...`."""
        return tuple(parameter.name for parameter in self.parameters if parameter.name.startswith("W_"))

    @property
    def input_matrix(self) -> str:
        """The first matrix that reads x, (H, input_size). Raises `ValueError` for a cell without."""
        for parameter in self.parameters:
            if parameter.torch_name == "weight_ih":
                return parameter.name
        raise ValueError(f"{self.title} reads no W_x of its blocks; accepted: a cell that reads x through a matrix")

    @property
    def content(self) -> tuple[str, str]:
        """The result that is new content, and the matrix behind it: `g, W_hg`, `n, W_hn`, without gates `h, W_hh`.

        The matrix is that of the previous state where there is one, else that of the input.
        """
        block = next((op.name for op in self.ops if op.role is Role.CANDIDATE), self.blocks[0])
        own = self.of_block(block) or self.of_block(self.blocks[-1])
        return (block if block in self._by_name else "h"), next((n for n in own if n.startswith("W_h")), own[0])

    @property
    def memory(self) -> tuple[str, str] | None:
        """The state that `keep` and `write` add up to, and what multiplies its past: `c, f`, `h, z` or `h, u`."""
        if "keep" not in self._by_name:
            return None
        gate, before = self.op("keep").reads
        return before.removesuffix("_prev"), gate

    @property
    def required_memory(self) -> tuple[str, str]:
        """The same; raises `ValueError` for a cell without gates."""
        if self.memory is None:
            raise ValueError(f"{self.title} has no gates; accepted: a cell with a memory, such as an LSTM or a GRU")
        return self.memory

    @property
    def keeping(self) -> tuple[str, int]:
        """The gate that keeps the memory, and 1 where it keeps by opening, -1 by closing: `f, -1` where 1 - f keeps.

        Raises `ValueError` for a cell without gates.
        """
        gate = self.op(self.required_memory[1])
        return (gate.reads[0], -1) if gate.kind == "one_minus" else (gate.name, 1)

    @property
    def has_forget_gate(self) -> bool:
        """Whether it keeps its memory as far as a gate f is open: an LSTM, with peepholes or without."""
        return self.memory is not None and self.keeping == ("f", 1)

    @property
    def gates(self) -> tuple[str, ...]:
        """What can be taken hold of, in the order of computing: `i f o`, `r z`; not the nameless 1 - z."""
        return tuple(op.name for op in self.ops if op.role is Role.GATE and op.name in self.quantities)
