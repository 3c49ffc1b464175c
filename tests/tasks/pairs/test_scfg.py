"""Synchronous grammars: how often each derivation is drawn and what is parsed, against a list of all of them."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest

from rnnviz.tasks.grammar.writing import Drawn
from rnnviz.tasks.pairs import scfg
from rnnviz.tasks.pairs.scfg import Grammar, Rule, rules, useful

# Two languages that differ in order, a symbol that stands for another alone, and one that nothing writes.
SMALL = """
2 S = <s:N.{n}> <V.{n}> | <2> <1>
1 S = <Q> | <1>
1 Q = does <s:N.one> <v:V.many> <o:N.{n}> ? | <2> <3> ka <1>
1 V.{n} = <v:W.{n}> <o:N.many> now | <2> ima <1>
3 V.{n} = <T.{n}> | <1>
1 T.{n} = <v:W.{n}> | <1>
1 W.one = sees | miru
1 W.many = see | miru mo
5 N.one = it | sore
1 N.one = a cat | neko
2 N.many = they | sorera
1 N.many = cats | neko tachi
1 Never = <Nothing> | <1>
"""
FEATURES = {"n": ("one", "many")}
EVERY = tuple(rule for line in SMALL.strip().splitlines() for rule in rules(line, FEATURES))


def grammar() -> Grammar:
    return Grammar(useful(EVERY, "S"), "S")


def derivations(symbol: str) -> Iterator[tuple[float, tuple[str, ...], tuple[str, ...]]]:
    """Each with its probability and what it says, by the rules as they are written."""
    every = [rule for rule in EVERY if rule.left == symbol]
    for rule in every:
        for parts in product(*(list(derivations(part)) for part in rule.parts)):
            chance = rule.weight / sum(other.weight for other in every)
            said = []
            for side in (0, 1):
                words = ((item,) if isinstance(item, str) else parts[item][1 + side] for item in rule.sides[side])
                said.append(tuple(word for some in words for word in some))
            for part in parts:
                chance *= part[0]
            yield chance, said[0], said[1]


@pytest.mark.parametrize("few", [0, 3, 64])
@pytest.mark.parametrize("side", [0, 1])
def test_a_derivation_is_drawn_as_often_as_its_rules_say_among_those_so_long(
    side: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scfg, "_FEW", few)
    every, made, dice = list(derivations("S")), grammar(), Drawn(1)
    assert sum(chance for chance, *_ in every) == pytest.approx(1)
    lengths = {len(said[side]) for _, *said in every}
    for length in range(1, 12):
        alike = Counter()
        for chance, *said in every:
            if len(said[side]) == length:
                alike[tuple(said)] += chance
        total = sum(alike.values())
        assert made.weight(side, "S", length) == pytest.approx(total)
        if length not in lengths:
            with pytest.raises(ValueError, match=f"{length} words"):
                made.draw(dice, side, length)
            continue
        drawn = Counter(made.draw(dice, side, length).words for _ in range(4000))
        assert drawn.keys() == alike.keys()
        for said, chance in alike.items():  # within five standard deviations
            share = chance / total
            assert abs(drawn[said] / 4000 - share) <= 5 * (share * (1 - share) / 4000) ** 0.5 + 1e-12


@pytest.mark.parametrize("side", [0, 1])
def test_a_parse_finds_every_derivation_and_no_other(side: int) -> None:
    made, every = grammar(), Counter((said[0], said[1]) for _, *said in derivations("S"))
    for said, count in every.items():
        found = Counter(node.words for node in made.parses(side, said[side]))
        assert found == {other: n for other, n in every.items() if other[side] == said[side]}
        assert found[said] == count
    words = made.words(side)
    known = {said[side] for said in every}
    for text in product(words, repeat=3):
        assert bool(made.parses(side, text)) == (text in known)
    assert made.parses(side, ()) == []


RELATIVE = """
1 S = <s:NP> <VP> | <1> <2>
1 VP = <v:V> <o:NP> | <2> <1>
1 NP = <The> | <1>
1 The = the <N> | <1>
1 NP = the <s:N> that <Clause> | <2> <1>
1 Clause = <v:V> <o:The> | <2> <1>
1 Clause = <s:Name> <v:V> | <1> <2>
"""
LEMMAS = {"N": ("cat", "fish"), "Name": ("Tom",), "V": ("saw", "ate")}


@pytest.mark.parametrize(
    ("sentence", "deeds"),
    [
        ("the cat saw the fish", ["cat saw fish"]),
        ("the cat that saw the fish ate the fish", ["cat saw fish", "cat ate fish"]),
        ("the cat saw the fish that Tom ate", ["cat saw fish", "Tom ate fish"]),
        ("the fish that Tom saw ate the cat that ate the fish", ["Tom saw fish", "fish ate cat", "cat ate fish"]),
    ],
)
def test_deeds_are_told_of_who_the_words_around_them_speak(sentence: str, deeds: list[str]) -> None:
    every = [rule for line in RELATIVE.strip().splitlines() for rule in rules(line, {})]
    every += [Rule(symbol, ((word,), (word,)), lemma=word) for symbol, said in LEMMAS.items() for word in said]
    (node,) = Grammar(tuple(every), "S").parses(0, tuple(sentence.split()))
    assert sorted(" ".join(deed) for deed in node.deeds()) == sorted(deeds)


@pytest.mark.parametrize("sides", ["<A> <B> | <1>", "<A> | <1> <1>", "<A> | <2>", "<A> | a"])
def test_sides_that_do_not_have_the_same_parts_are_refused(sides: str) -> None:
    with pytest.raises(ValueError, match="each part"):
        list(rules(f"1 S = {sides}", {}))


def test_a_symbol_without_a_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="Nothing"):
        Grammar(EVERY, "S")


def test_rules_that_no_sentence_is_written_with_are_left_out() -> None:
    left = {rule.left for rule in useful(EVERY, "S")}
    assert left == {rule.left for rule in EVERY} - {"Never"}
