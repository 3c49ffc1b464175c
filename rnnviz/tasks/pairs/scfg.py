"""Synchronous context-free grammars: each rule writes two languages at once, so a derivation is a pair of sentences.

A rule has one left symbol and a right side for each language; the symbols of the two sides are linked one to one and
may stand in another order (syntax-directed transduction: Aho and Ullman 1969; Chiang, An introduction to synchronous
grammars, 2006). The grammars here have no recursion and no empty side, so each language is finite.

A pair is drawn by length: a rule's chance is its weight among those of its symbol, given that the sentence of one side
has so many words. The same rules parse a sentence of either side, and the derivation found says the other one.
"""

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import accumulate, product
from math import prod
from typing import NamedTuple

from rnnviz.tasks.grammar.writing import Drawn

Words = tuple[str, ...]
_FEW = 64  # so many derivations are kept whole, to be drawn at once
_LINKED = re.compile(r"<(?:([svo]):)?([^>]+)>")


@dataclass(frozen=True, eq=False)
class Rule:
    """`left` becomes `sides[k]` in language k: words, and the places in `parts` of the symbols that are linked.

    roles: a character for each part, what it is in a deed: "s" its subject, "v" its verb, "o" its object, "-" nothing.
    lemma: the word of the dictionary that a rule without parts writes a form of, where it can have a role.
    """

    left: str
    sides: tuple[tuple[str | int, ...], tuple[str | int, ...]]
    parts: tuple[str, ...] = ()
    roles: str = ""
    weight: float = 1.0
    lemma: str = ""

    @cached_property
    def is_transparent(self) -> bool:
        """Whether it writes another symbol for its own and nothing else: a derivation does without a node of it."""
        return self.sides == ((0,), (0,)) and self.roles == "-"


class Node(NamedTuple):
    """A rule of a derivation, and what its parts became.

    head: the first lemma in it, in the order of its rules' parts; "" where it has none.
    words: what it writes in each of the two languages.
    """

    rule: Rule
    parts: tuple["Node", ...]
    head: str
    words: tuple[Words, Words]

    def deeds(self, about: str = "") -> Iterator[Words]:
        """Who does what to whom: the lemmas of subject, verb and object ("" for none), for each verb in it.

        `about` is the lemma that the words around it speak of: what a verb without a subject beside it has as subject,
        and one with a subject beside it, as in "the book that I bought", as object.
        """
        roles = {role: part.head for role, part in zip(self.rule.roles, self.parts, strict=True) if role != "-"}
        if "v" in roles:
            yield roles.get("s", about), roles["v"], roles.get("o", about if "s" in roles else "")
        about = roles.get("s", about)
        for part in self.parts:
            if part.parts:
                yield from part.deeds(about)


def rules(template: str, features: Mapping[str, Iterable[str]]) -> Iterator[Rule]:
    """The rules that `weight left = side | side` stands for: one for each choice of the features that it names.

    `{n}` is what the feature `n` has, alike in the whole template. `<symbol>` is a part, on the first side, and
    `<s:symbol>` one with a role; on the second side `<1>` is the first of them. Raises `ValueError` where that does not
    have each part once.
    """
    names = tuple(dict.fromkeys(re.findall(r"{(\w+)}", template)))
    for values in product(*(tuple(features[name]) for name in names)):
        left, first, second = re.split(r" = | \| ", template.format(**dict(zip(names, values, strict=True))))
        weight, symbol = left.split()
        linked = _LINKED.findall(first)
        places = iter(range(len(linked)))
        sides = (
            tuple(next(places) if word.startswith("<") else word for word in first.split()),
            tuple(int(word.strip("<>")) - 1 if word.startswith("<") else word for word in second.split()),
        )
        if sorted(item for item in sides[1] if isinstance(item, int)) != [*range(len(linked))]:
            raise ValueError(f"{template!r}: the second side must have each part of the first once")
        parts = tuple(part for _, part in linked)
        yield Rule(symbol, sides, parts, "".join(role or "-" for role, _ in linked), float(weight))


def useful(every: Iterable[Rule], start: str) -> tuple[Rule, ...]:
    """The rules that some sentence is written with: features in names combine to symbols that nothing writes, too."""
    kept = tuple(every)
    while True:
        lefts, reached = {rule.left for rule in kept}, {start, *(part for rule in kept for part in rule.parts)}
        fewer = tuple(rule for rule in kept if rule.left in reached and lefts.issuperset(rule.parts))
        if len(fewer) == len(kept):
            return kept
        kept = fewer


_Candidates = Mapping[tuple[str, str], Sequence[tuple[Rule, frozenset[str]]]]


@dataclass(frozen=True, eq=False)
class Grammar:
    """The rules of all symbols, and the symbol of a whole sentence."""

    rules: tuple[Rule, ...]
    start: str
    _by_left: dict[str, list[Rule]] = field(init=False, default_factory=lambda: defaultdict(list))
    _ways: dict[tuple[int, str, int], "_Ways"] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for rule in self.rules:
            self._by_left[rule.left].append(rule)
        missing = {part for rule in self.rules for part in rule.parts} - self._by_left.keys()
        if missing:
            raise ValueError(f"no rule for {', '.join(sorted(missing))}")

    def words(self, side: int) -> Words:
        """Every word of a language, sorted."""
        return self._words[side]

    @cached_property
    def _words(self) -> tuple[Words, Words]:
        return self._words_of(0), self._words_of(1)

    def _words_of(self, side: int) -> Words:
        return tuple(sorted({item for rule in self.rules for item in rule.sides[side] if isinstance(item, str)}))

    def weight(self, side: int, symbol: str, length: int) -> float:
        """The probability that a symbol becomes so many words of a language."""
        return self._ways_of(side, symbol, length).total

    def draw(self, dice: Drawn, side: int, length: int) -> Node:
        """A derivation whose sentence in a language has so many words. Raises `ValueError` where there is none."""
        if not self.weight(side, self.start, length):
            raise ValueError(f"no sentence has {length} words")
        return self._drawn(dice, self._ways_of(side, self.start, length))

    def _drawn(self, dice: Drawn, ways: "_Ways") -> Node:
        option = ways.options[min(bisect(ways.sums, dice.share() * ways.total), len(ways.options) - 1)]
        if isinstance(option, Node):
            return option
        rule, parts = option
        return _node(rule, tuple([self._drawn(dice, part) for part in parts]))

    def _ways_of(self, side: int, symbol: str, length: int) -> "_Ways":
        """How a symbol becomes so many words of a language."""
        key = side, symbol, length
        if (ways := self._ways.get(key)) is None:
            every = self._by_left[symbol]
            options: list[Node | _Open] = []
            weights: list[float] = []
            for rule in every:
                room = length - (len(rule.sides[side]) - len(rule.parts))
                for parts, weight in self._splits(side, rule.parts, room):
                    if rule.is_transparent:
                        options += parts[0].options
                        weights += [rule.weight * own for own in parts[0].weights]
                    elif prod(len(part.nodes) or _FEW + 1 for part in parts) <= _FEW:
                        options += [_node(rule, nodes) for nodes in product(*(part.nodes for part in parts))]
                        weights += [rule.weight * prod(own) for own in product(*(part.weights for part in parts))]
                    else:
                        options.append((rule, parts))
                        weights.append(rule.weight * weight)
            total = sum(rule.weight for rule in every)
            ways = self._ways[key] = _Ways(options, [weight / total for weight in weights])
        return ways

    def _splits(self, side: int, symbols: Words, room: int) -> Iterator[tuple[tuple["_Ways", ...], float]]:
        """Each way to share `room` words among symbols, with its probability."""
        if not symbols:
            if room == 0:
                yield (), 1.0
            return
        first, *others = symbols
        for length in range(1, room - len(others) + 1) if others else [room]:
            if length > 0 and (ways := self._ways_of(side, first, length)).options:
                for rest, weight in self._splits(side, tuple(others), room - length):
                    yield (ways, *rest), ways.total * weight

    def parses(self, side: int, words: Words) -> list[Node]:
        """Every derivation of a sentence."""
        return [node for end, node in _Parser(self, side, words).nodes(self.start, 0) if end == len(words)]

    @cached_property
    def candidates(self) -> tuple[_Candidates, _Candidates]:
        """For each language, by symbol and word: the rules of the symbol that may write something that begins so, each
        with the words that it never does without."""
        return self._candidates(0), self._candidates(1)

    def _candidates(self, side: int) -> _Candidates:
        @cache
        def first(symbol: str) -> frozenset[str]:
            return frozenset().union(*(first_of(rule) for rule in self._by_left[symbol]))

        def first_of(rule: Rule) -> frozenset[str]:
            item = rule.sides[side][0]
            return frozenset((item,)) if isinstance(item, str) else first(rule.parts[item])

        @cache
        def needed(symbol: str) -> frozenset[str]:
            return frozenset.intersection(*(needed_of(rule) for rule in self._by_left[symbol]))

        def needed_of(rule: Rule) -> frozenset[str]:
            own = frozenset(item for item in rule.sides[side] if isinstance(item, str))
            return own.union(*map(needed, rule.parts))

        found: dict[tuple[str, str], list[tuple[Rule, frozenset[str]]]] = defaultdict(list)
        for rule in self.rules:
            for word in first_of(rule):
                found[rule.left, word].append((rule, needed_of(rule)))
        return dict(found)


class _Ways:
    """How a symbol becomes so many words of a language.

    options: derivations, where there are few; else rules, each with the ways of its parts. weights: of the options.
    sums: of the weights, up to each option. nodes: the options where all are derivations, else none.
    """

    def __init__(self, options: list["Node | _Open"], weights: list[float]) -> None:
        self.options, self.weights = options, weights
        self.sums = list(accumulate(weights))
        self.total = self.sums[-1] if weights else 0.0
        nodes = [option for option in options if isinstance(option, Node)]
        self.nodes = nodes if len(nodes) == len(options) else []


_Open = tuple[Rule, tuple[_Ways, ...]]


class _Parser:
    """Finds all derivations of one sentence: top down, each symbol at each place once."""

    def __init__(self, grammar: Grammar, side: int, words: Words) -> None:
        self._candidates, self._side, self._words = grammar.candidates[side], side, words
        self._present = frozenset(words)
        self._known: dict[tuple[str, int], list[tuple[int, Node]]] = {}

    def nodes(self, symbol: str, at: int) -> list[tuple[int, Node]]:
        """What a symbol may have written from a place on, each with the place where it ends."""
        if at == len(self._words):
            return []
        if (found := self._known.get((symbol, at))) is None:
            candidates = self._candidates.get((symbol, self._words[at]), ())
            fit = (rule for rule, needed in candidates if needed <= self._present)
            found = self._known[symbol, at] = [one for rule in fit for one in self._matches(rule, at)]
        return found

    def _matches(self, rule: Rule, at: int) -> Iterator[tuple[int, Node]]:
        states: list[tuple[int, dict[int, Node]]] = [(at, {})]
        for item in rule.sides[self._side]:
            if isinstance(item, str):
                states = [(end + 1, got) for end, got in states if self._words[end : end + 1] == (item,)]
            else:
                symbol = rule.parts[item]
                states = [(stop, {**got, item: node}) for end, got in states for stop, node in self.nodes(symbol, end)]
        for end, got in states:
            yield end, got[0] if rule.is_transparent else _node(rule, tuple(got[k] for k in range(len(rule.parts))))


def _node(rule: Rule, parts: tuple[Node, ...]) -> Node:
    head = rule.lemma
    for part in parts:
        head = head or part.head
    return Node(rule, parts, head, (_written(rule, parts, 0), _written(rule, parts, 1)))


def _written(rule: Rule, parts: tuple[Node, ...], side: int) -> Words:
    words: list[str] = []
    for item in rule.sides[side]:
        if isinstance(item, str):
            words.append(item)
        else:
            words += parts[item].words[side]
    return tuple(words)
