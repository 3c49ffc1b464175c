"""What the builder of expressions writes means what Python means by the same operators: read back by a parser of Vega's
language, computed here, and computed by Vega itself."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.charts.kit import names as kit_names
from rnnviz.charts.kit.expr import Expr, array, datum, expr, fields, fn, names, when
from rnnviz.charts.stage import names as stage_names
from tests.charts.vega import Array, Binary, Call, Choice, Entry, Literal, Member, Name, Object, Tree, Unary, parse

VALUES = {"a": 3.0, "b": -2.0, "c": 0.5, "d": 7.0}
NUMBERS: Mapping[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
ORDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
LOGIC: Mapping[str, Callable[[Any, Any], Any]] = {"&&": operator.and_, "||": operator.or_}
Built = tuple[Expr, Any]  # an expression, and what it is worth


def compute(tree: Tree, known: Mapping[str, Any]) -> Any:
    match tree:
        case Literal(value):
            return value
        case Name(name):
            return known[name]
        case Member(of, name):
            return compute(of, known)[name]
        case Entry(of, at):
            return compute(of, known)[int(compute(at, known))]
        case Unary("-", of):
            return -compute(of, known)
        case Unary("!", of):
            return not compute(of, known)
        case Binary(sign, left, right):
            return {**NUMBERS, **ORDERS, **LOGIC, "/": operator.truediv, "%": math.fmod}[sign](
                compute(left, known), compute(right, known)
            )
        case Choice(test, then, otherwise):
            return compute(then if compute(test, known) else otherwise, known)
        case Call(function, arguments):
            return {"max": max, "abs": abs}[function](*(compute(argument, known) for argument in arguments))
        case Array(entries):
            return [compute(entry, known) for entry in entries]
        case Object(pairs):
            return {key: compute(value, known) for key, value in pairs}
    raise AssertionError(tree)


def joined(kinds: Mapping[str, Callable[[Any, Any], Any]], parts: st.SearchStrategy[Built]) -> st.SearchStrategy[Built]:
    def join(how: Callable[[Any, Any], Any], one: Built, other: Built) -> Built:
        return how(one[0], other[0]), how(one[1], other[1])

    return st.builds(join, st.sampled_from(list(kinds.values())), parts, parts)


def choice(test: Built, then: Built, otherwise: Built) -> Built:
    return when(test[0], then[0], otherwise[0]), then[1] if test[1] else otherwise[1]


def grown(parts: st.SearchStrategy[Built]) -> st.SearchStrategy[Built]:
    tests = joined(ORDERS, parts)
    tests = tests | joined(LOGIC, tests) | tests.map(lambda one: (~one[0], not one[1]))
    return (
        joined(NUMBERS, parts)
        | parts.map(lambda one: (-one[0], -one[1]))
        | parts.map(lambda one: (2 - one[0], 2 - one[1]))
        | parts.map(lambda one: (one[0] / 4, one[1] / 4))
        | st.builds(choice, tests, parts, parts)
        | st.builds(lambda one, other: (fn.max(one[0], other[0]), max(one[1], other[1])), parts, parts)
        | st.builds(lambda one, other: (array(one[0], other[0])[1], other[1]), parts, parts)
        | st.builds(lambda one: (fields({"k": one[0]}).k, one[1]), parts)
    )


LEAVES = st.sampled_from([*((named, VALUES[str(named)]) for named in names("a b c d"))])
NUMBER = st.integers(-9, 9).map(lambda number: (expr(number), number))
BUILT = st.recursive(LEAVES | NUMBER, grown, max_leaves=12)


@given(BUILT)
def test_what_is_written_is_worth_what_python_says(built: Built) -> None:
    written, worth = built
    assert compute(parse(str(written)), VALUES) == worth


@given(st.lists(BUILT, min_size=20, max_size=20))
def test_vega_reads_it_as_the_parser_does(many: list[Built]) -> None:
    transforms = [{"type": "formula", "expr": str(written), "as": f"v{n}"} for n, (written, _) in enumerate(many)]
    signals = [{"name": name, "value": value} for name, value in VALUES.items()]
    texts = [
        {"type": "text", "from": {"data": "one"}, "encode": {"update": {"text": {"signal": f"'=' + datum.v{n}"}}}}
        for n in range(len(many))
    ]
    data = [{"name": "one", "values": [{}], "transform": transforms}]
    svg = vl_convert.vega_to_svg({"width": 10, "height": 10, "signals": signals, "data": data, "marks": texts})
    seen = [float(part.partition("<")[0].replace("−", "-")) for part in svg.split(">=")[1:]]
    assert seen == [float(worth) for _, worth in many]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ((datum.k + 0.5) * names("w")[0], "(datum.k + 0.5)*w"),
        (datum.k + datum.n * 2, "datum.k + datum.n*2"),
        (datum.k * (datum.n / 2), "datum.k*(datum.n/2)"),
        (1 - (datum.k - 1), "1 - (datum.k - 1)"),
        (datum.k & (datum.n & datum.m), "datum.k && datum.n && datum.m"),
        (datum.k & (datum.n | datum.m), "datum.k && (datum.n || datum.m)"),
        (-expr(-2), "-(-2)"),
        (datum.k * -2, "datum.k*-2"),
        (datum["from"], "datum.from"),
        (datum["a b"], "datum['a b']"),
        (fields({"k": 1, "a b": 2}), "{k: 1, 'a b': 2}"),
        (~(datum.k == "a"), "!(datum.k == 'a')"),
        (when(datum.k, 1, 2) + 1, "(datum.k ? 1 : 2) + 1"),
        (when(datum.k, when(datum.n, 1, 2), None), "datum.k ? datum.n ? 1 : 2 : null"),
        (when(when(datum.k, 1, 2), True, False), "(datum.k ? 1 : 2) ? true : false"),
        (expr("a 'text'") + datum.k, "'a \\'text\\'' + datum.k"),
        (Expr("a + b") * 2, "(a + b)*2"),
        (Expr("a.b[c.d]").e * 2, "a.b[c.d].e*2"),
        (Expr(Expr("a")) * 2, "a*2"),
    ],
)
def test_brackets_stand_where_they_are_needed_and_nowhere_else(written: Expr, text: str) -> None:
    assert str(written) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])))
def test_a_text_is_read_as_it_was(written: str) -> None:
    assert compute(parse(str(expr(written))), {}) == written


def test_a_text_is_read_by_vega_as_it_was() -> None:
    written = "a 'b' \"c\" \\ \\' \\\" \\n 가"
    encode = {"update": {"text": {"signal": str(expr(written))}}}
    svg = vl_convert.vega_to_svg({"width": 10, "height": 10, "marks": [{"type": "text", "encode": encode}]})
    assert [node.text for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")] == [written]


def test_a_signal_is_imported_from_where_it_is_declared() -> None:
    assert (str(kit_names.z), str(kit_names.depth), str(stage_names.colW)) == ("z", "depth", "colW")
    with pytest.raises(AttributeError, match="no signal nothing"):
        _ = stage_names.nothing


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(TypeError, match="known in the browser only"):
        bool(datum.k == 1)
    with pytest.raises(TypeError):
        list(datum)
    with pytest.raises(ValueError, match="accepted: finite"):
        expr(math.nan)
    with pytest.raises(TypeError, match="accepted: an expression"):
        expr([1])
