"""A cell's declaration in JSON, and back: a saved trace carries the operations that it was computed by.

A file holds no code: an operation is one of the named kinds, its operands are names, and all that other rooms take for
granted of a cell is checked before one is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from rnnviz.core.archive import entry
from rnnviz.core.cell import STACKS, Cell, Op, OpKind, Role
from rnnviz.core.cells import LAB_CELLS

# The roles and kinds of which a cell may be made; the others are of attention and of the readout.
ROLES = tuple(role.value for role in Role if role not in (Role.OUTPUT, Role.ATTENTION))
KINDS: tuple[OpKind, ...] = ("matvec", "add", "hadamard", "one_minus", "tanh", "sigmoid", "relu")
MOST_BLOCKS, MOST_OPS, MOST_STATES, MOST_LETTERS, MOST_TEXT = 16, 64, 4, 24, 200
# What may be in the LaTeX of a result: letters, signs, and these commands. None of them leads out of the formula.
_COMMANDS = frozenset(
    re.findall(
        r"\w+",
        """tanh sigma odot cdot times circ mathrm mathbf mathit tilde widetilde hat widehat bar overline vec dot prime
        ell sum alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho tau upsilon
        phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega star ast dagger top max min
        exp text""",
    )
)
_LATEX = re.compile(r"(?:\\[A-Za-z]+|\\[,;:! ]|[\w^{}+\-()\[\],.;:=*'/| ])*")


def to_json(cell: Cell) -> dict[str, Any]:
    """All of a cell but its name and its module."""
    return {
        "title": cell.title,
        "blocks": cell.blocks,
        "states": cell.states,
        "quantities": cell.quantities,
        "ops": [[op.name, op.role.value, op.kind, op.reads, op.symbol] for op in cell.ops],
        "source": cell.source,
    }


def from_json(name: str, said: Mapping[str, Any]) -> Cell:
    """The cell of a file. PyTorch's module is its own where it is a declared cell's, operation for operation.

    Raises `ValueError` for what is no declaration and for what no cell may be.
    """
    if extra := said.keys() - {"title", "blocks", "states", "quantities", "ops", "source"}:
        raise ValueError(
            f"declaration holds {', '.join(sorted(extra))[:60]!r} too; accepted: title, blocks, states ..."
        )
    cell = Cell(
        name=name,
        title=entry(said, "title", str),
        blocks=_names(said, "blocks"),
        states=_names(said, "states"),
        quantities=_names(said, "quantities"),
        ops=tuple(map(_op, entry(said, "ops", list)[: MOST_OPS + 1])),
        source=entry(said, "source", str),
    )
    check(cell)
    for declared in LAB_CELLS.values():
        if (declared.blocks, declared.states, declared.ops) == (cell.blocks, cell.states, cell.ops):
            same = replace(cell, module=declared.module)
            return declared if same == declared else same
    return cell


def _names(said: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = entry(said, key, list)
    if not all(isinstance(name, str) for name in names):
        raise ValueError(f"{key} are {names!r:.60}; accepted: names")
    return tuple(names)


def _op(said: Any) -> Op:
    match said:
        case [str(name), str(role), str(kind), [*reads], str(symbol)] if all(isinstance(one, str) for one in reads):
            if role not in [one.value for one in Role] or kind not in get_args(OpKind):
                raise ValueError(
                    f"{name:.40} is {role!r:.40}, {kind!r:.40}; accepted: {_listed(ROLES)}; {_listed(KINDS)}"
                )
            return Op(name, Role(role), kind, tuple(reads), symbol)  # type: ignore[arg-type]  # it is a kind
    raise ValueError(f"ops hold {said!r:.60}; accepted: [name, role, kind, [operands], symbol]")


def check(cell: Cell) -> None:
    """Raises `ValueError` unless every operation can be computed and what is shown of a cell is there."""
    for text, what in ((cell.name, "name"), (cell.title, "title"), (cell.source, "source")):
        if len(text) > MOST_TEXT or not text.isprintable() or (not text and what != "source"):
            raise ValueError(f"{what} of the cell is {text!r:.40}; accepted: at most {MOST_TEXT} printable letters")
    for names, what, most in (
        (cell.blocks, "blocks", MOST_BLOCKS),
        (cell.states, "states", MOST_STATES),
        (cell.quantities, "quantities", MOST_OPS),
        ([op.name for op in cell.ops], "operations", MOST_OPS),
    ):
        _check_names(names, what, most)
    results = [op.name for op in cell.ops]
    if cell.states[0] != "h" or not {*cell.states, *cell.quantities} <= set(results):
        raise ValueError(
            f"states are {_listed(cell.states)} and quantities {_listed(cell.quantities)}; accepted: results of the "
            f"cell's operations, {_listed(results)}, and h the first state"
        )
    if list(cell.quantities) != [name for name in results if name in cell.quantities]:
        raise ValueError(
            f"quantities are {_listed(cell.quantities)}; accepted: in the order in which they are computed"
        )
    known = {f"{state}_prev" for state in cell.states}
    for op in cell.ops:
        _check_op(cell, op, known)
        known.add(op.name)
    _check_memory(cell)
    leading = set(cell.states)
    for op in reversed(cell.ops):
        if op.name not in leading:
            raise ValueError(f"{op.name} leads nowhere; accepted: operations that a later one reads, or a state")
        leading |= set(op.reads)
    for gate in cell.blocks:
        if not cell.of_block(gate):
            raise ValueError(f"no operation reads a weight of block {gate!r}; accepted: blocks that are read")
    _ = cell.input_matrix  # refuses a cell that reads no x


def _check_names(names: Sequence[str], what: str, most: int) -> None:
    if not 1 <= len(names) <= most or len(set(names)) < len(names):
        raise ValueError(f"{what} are {_listed(names)}; accepted: 1 to {most}, each once")
    for name in names:
        if not name.isidentifier() or len(name) > MOST_LETTERS or name == "x" or name.endswith("_prev"):
            raise ValueError(
                f"{what} hold {name!r:.40}; accepted: names of at most {MOST_LETTERS} letters, digits and _, not x and "
                "none that ends in _prev"
            )
        if what == "operations" and name.startswith(tuple(prefix for prefix, _ in STACKS)):
            raise ValueError(f"{name!r} is an operation; accepted: names that do not begin as a weight's do")


def _check_op(cell: Cell, op: Op, known: Collection[str]) -> None:
    """known: the vectors of H numbers that are there before it."""
    weights = {parameter.name: parameter.torch_name for parameter in cell.parameters}
    if op.kind not in KINDS:
        raise ValueError(f"{op.name} is a {op.kind}; accepted in a cell: {_listed(KINDS)}")
    if op.role not in ROLES:
        raise ValueError(f"the role of {op.name} is {op.role.value}; accepted in a cell: {_listed(ROLES)}")
    kinds = [weights.get(name, "vector" if name in known else "x" if name == "x" else "unknown") for name in op.reads]
    if op.kind == "matvec":
        fits = kinds == ["weight_ih", "x"] or (kinds[0] == "weight_hh" and kinds[1] == "vector")
        hint = "W_x of a block and x, or W_h of a block and what was computed before"
    else:
        fits = set(kinds) <= {"vector", "bias_ih", "bias_hh", "weight_ch"}
        hint = "biases, peepholes, previous states and what was computed before"
    if not fits:
        raise ValueError(f"{op.name} = {op.kind}({_listed(op.reads)}); accepted: {hint}")
    commands = re.findall(r"\\([A-Za-z]+)", op.symbol)
    balanced = op.symbol.count("{") == op.symbol.count("}")
    if len(op.symbol) > MOST_TEXT or not (balanced and _LATEX.fullmatch(op.symbol) and {*commands} <= _COMMANDS):
        raise ValueError(
            f"symbol of {op.name} is {op.symbol!r:.60}; accepted: letters, signs and commands such as \\tanh"
        )
    if op.role is Role.GATE and op.kind not in ("sigmoid", "one_minus"):
        raise ValueError(f"gate {op.name} is a {op.kind}; accepted: a sigmoid, or one_minus of a gate")
    if op.role is Role.GATE and op.kind == "one_minus" and not _is_gate(cell, op.reads[0]):
        raise ValueError(f"gate {op.name} is one minus {op.reads[0]}; accepted: one minus a gate")


def _check_memory(cell: Cell) -> None:
    """`keep` and `write` add up to a state, and a gate multiplies its past, where there is a `keep`."""
    names = [op.name for op in cell.ops]
    if "keep" not in names:
        return
    keep = cell.op("keep")
    gate, before = keep.reads if len(keep.reads) == 2 else ("", "")
    state = before.removesuffix("_prev")
    if keep.kind != "hadamard" or not _is_gate(cell, gate) or before not in {f"{name}_prev" for name in cell.states}:
        raise ValueError(
            f"keep = {keep.kind}({_listed(keep.reads)}); accepted: hadamard of a gate and a previous state"
        )
    total = cell.op(state)
    if total.kind != "add" or sorted(total.reads) != ["keep", "write"] or "write" not in names:
        raise ValueError(f"{state} = {total.kind}({_listed(total.reads)}); accepted: add(keep, write), its memory")


def _is_gate(cell: Cell, name: str) -> bool:
    return any(op.name == name and op.role is Role.GATE for op in cell.ops)


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"{name:.24}" for name in list(names)[:12])
