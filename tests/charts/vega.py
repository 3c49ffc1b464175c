"""Vega's expression language as trees: a tokenizer, a parser by binding power, and the names that Vega itself knows.

    parse("a ? datum.k + 1 : f(b)")        # Choice(Name("a"), Binary("+", Member(Name("datum"), "k"), ...), Call(...))

It is the part of JavaScript that https://vega.github.io/vega/docs/expressions/ describes, without regular expressions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

NAME = re.compile(r"\w+")
CONSTANTS = frozenset(NAME.findall("NaN E LN2 LN10 LOG2E LOG10E MAX_VALUE MIN_VALUE PI SQRT1_2 SQRT2"))
# What every view has, and what stands in an event's update or filter only.
VIEW = frozenset({"width", "height", "padding", "autosize", "background", "cursor"})
EVENT = frozenset({"event", "item"})
FUNCTIONS = frozenset(
    NAME.findall("""
    isArray isBoolean isDate isDefined isNumber isObject isRegExp isString isValid toBoolean toDate toNumber toString
    if isNaN isFinite abs acos asin atan atan2 ceil clamp cos exp floor hypot log max min pow random round sin sqrt tan
    now datetime date day year quarter month week hours minutes seconds milliseconds time
    extent inrange join lastindexof indexof length peek pluck reverse sequence slice sort span
    lower pad parseFloat parseInt replace split substring trim truncate upper btoa atob
    merge dayFormat format monthFormat timeFormat utcFormat regexp test
    rgb hsl lab hcl luminance contrast scale invert copy domain range bandwidth bandspace gradient
    data indata modify x y xy pinchDistance pinchAngle inScope warn info debug
    """)
)
# How tightly each operator binds; all but `**` from the left.
BINDING = {"||": 1, "&&": 2, "|": 3, "^": 4, "&": 5}
BINDING |= dict.fromkeys(("==", "!=", "===", "!=="), 6) | dict.fromkeys(("<", "<=", ">", ">="), 7)
BINDING |= dict.fromkeys(("<<", ">>", ">>>"), 8) | dict.fromkeys(("+", "-"), 9) | dict.fromkeys(("*", "/", "%"), 10)
TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
  | (?P<name>[A-Za-z_$][\w$]*)
  | (?P<sign>===|!==|>>>|==|!=|<=|>=|<<|>>|&&|\|\||[-+*/%<>!~&|^?:.,()\[\]{}])
  )""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Literal:
    """A number, a text, true, false or null."""

    value: float | str | bool | None


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Member:
    """`of.name`, or `of['name']`."""

    of: Tree
    name: str


@dataclass(frozen=True)
class Entry:
    """`of[at]`."""

    of: Tree
    at: Tree


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True)
class Unary:
    sign: str
    of: Tree


@dataclass(frozen=True)
class Binary:
    sign: str
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Choice:
    """`when ? then : otherwise`."""

    when: Tree
    then: Tree
    otherwise: Tree


@dataclass(frozen=True)
class Array:
    entries: tuple[Tree, ...]


@dataclass(frozen=True)
class Object:
    entries: tuple[tuple[str, Tree], ...]


Tree = Literal | Name | Member | Entry | Call | Unary | Binary | Choice | Array | Object


def parts(tree: Tree) -> tuple[Tree, ...]:
    """What a tree is made of, one level down."""
    match tree:
        case Member(of, _) | Unary(_, of):
            return (of,)
        case Entry(of, at):
            return (of, at)
        case Call(_, arguments):
            return arguments
        case Binary(_, left, right):
            return (left, right)
        case Choice(when, then, otherwise):
            return (when, then, otherwise)
        case Array(entries):
            return entries
        case Object(pairs):
            return tuple(value for _, value in pairs)
    return ()


def walk(tree: Tree) -> Iterator[Tree]:
    yield tree
    for part in parts(tree):
        yield from walk(part)


def parse(expression: str) -> Tree:
    """Raises `SyntaxError` where Vega would."""
    parser = _Parser(expression)
    tree = parser.choice()
    parser.expect("end", "")
    return tree


def tokens(expression: str) -> Iterator[tuple[str, str]]:
    """Kind (number, text, name, sign, end) and characters of each token."""
    at, end = 0, len(expression.rstrip())
    while at < end:
        found = TOKEN.match(expression, at)
        if not found:
            raise SyntaxError(f"no token at {expression[at : at + 20]!r} in {expression!r}")
        yield str(found.lastgroup), found[str(found.lastgroup)]
        at = found.end()
    yield "end", ""


class _Parser:
    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.tokens = list(tokens(expression))
        self.at = 0

    def take(self) -> tuple[str, str]:
        self.at += 1
        return self.tokens[self.at - 1]

    def took(self, sign: str) -> bool:
        if self.tokens[self.at] != ("sign", sign):
            return False
        self.at += 1
        return True

    def expect(self, kind: str, characters: str) -> None:
        if (got := self.take()) != (kind, characters):
            raise SyntaxError(f"{characters or kind!r} expected before {got[1]!r} in {self.expression!r}")

    def choice(self) -> Tree:
        tree = self.binary(0)
        if not self.took("?"):
            return tree
        then = self.choice()
        self.expect("sign", ":")
        return Choice(tree, then, self.choice())

    def binary(self, least: int) -> Tree:
        """A chain of operators that bind more tightly than `least`."""
        left = self.unary()
        while (binding := BINDING.get(self.tokens[self.at][1], 0)) > least and self.tokens[self.at][0] == "sign":
            sign = self.take()[1]
            left = Binary(sign, left, self.binary(binding))
        return left

    def unary(self) -> Tree:
        kind, characters = self.tokens[self.at]
        if kind == "sign" and characters in "-+!~":
            self.at += 1
            return Unary(characters, self.unary())
        return self.postfix(self.primary())

    def postfix(self, tree: Tree) -> Tree:
        while True:
            if self.took("."):
                kind, name = self.take()
                if kind != "name":
                    raise SyntaxError(f"a name expected after '.' in {self.expression!r}")
                tree = Member(tree, name)
            elif self.took("["):
                at = self.choice()
                self.expect("sign", "]")
                key = at.value if isinstance(at, Literal) else None
                tree = Member(tree, key) if isinstance(key, str) else Entry(tree, at)
            elif self.tokens[self.at] == ("sign", "("):
                if not isinstance(tree, Name):
                    raise SyntaxError(f"only functions are called, in {self.expression!r}")
                self.at += 1
                tree = Call(tree.name, tuple(self.entries(")")))
            else:
                return tree

    def primary(self) -> Tree:
        kind, characters = self.take()
        if kind == "number":
            return Literal(float(int(characters, 16)) if characters[:2] in ("0x", "0X") else float(characters))
        if kind == "text":
            return Literal(unquoted(characters))
        if kind == "name":
            words: dict[str, bool | None] = {"true": True, "false": False, "null": None}
            return Literal(words[characters]) if characters in words else Name(characters)
        if characters == "(" and kind == "sign":
            tree = self.choice()
            self.expect("sign", ")")
            return tree
        if characters == "[":
            return Array(tuple(self.entries("]")))
        if characters == "{":
            return self.object()
        raise SyntaxError(f"an expression expected at {characters!r} in {self.expression!r}")

    def entries(self, end: str) -> Iterator[Tree]:
        if self.took(end):
            return
        yield self.choice()
        while self.took(","):
            yield self.choice()
        self.expect("sign", end)

    def object(self) -> Object:
        pairs: list[tuple[str, Tree]] = []
        while not self.took("}"):
            if pairs:
                self.expect("sign", ",")
            kind, key = self.take()
            if kind not in ("name", "text", "number"):
                raise SyntaxError(f"a key expected at {key!r} in {self.expression!r}")
            self.expect("sign", ":")
            pairs.append((unquoted(key) if kind == "text" else key, self.choice()))
        return Object(tuple(pairs))


def unquoted(text: str) -> str:
    """What a text in quotes says."""
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _escape, text[1:-1], flags=re.DOTALL)


def _escape(found: re.Match[str]) -> str:
    sign = found[1]
    return str(json.loads(f'"\\{sign}"')) if sign[0] in "ubfnrt" else sign
