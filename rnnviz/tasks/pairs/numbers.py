"""Whole numbers as people write them in English and Korean, into plain digits.

Words, patterns and names are those of the Unicode CLDR (common/rbnf and common/main of `en` and `ko`); digits and 만
mixed, "1만 2304", are of article 44 of the Korean orthography. English goes by thousands and Korean by ten thousands,
and one word of either may come to several zeros. A token is a word of English, a syllable of Korean, a digit or a mark.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from rnnviz.tasks.grammar.writing import Drawn, pick
from rnnviz.tasks.pairs.pair import Pair, PairTask, Words

DIGITS = 8  # of the largest number; the smallest is 1
DECIMALS = 2  # of a number in thousands, millions, 만: as many as say it exactly
LENGTHS = range(1, 20)  # of the sources, in tokens

# Rule-based number formats, as far as numbers of so many digits need them: the number from which on a rule holds, with
# a radix if it is not 10, and its text. In a text << stands for how many times the rule's power of the radix is in the
# number, >> for what remains, == for the number itself, by the set of rules that is named between the two; what is in
# square brackets is left out where nothing remains.
RULES = {
    "cardinal": (
        "1:one 2:two 3:three 4:four 5:five 6:six 7:seven 8:eight 9:nine 10:ten 11:eleven 12:twelve 13:thirteen"
        " 14:fourteen 15:fifteen 16:sixteen 17:seventeen 18:eighteen 19:nineteen 20:twenty[->>] 30:thirty[->>]"
        " 40:forty[->>] 50:fifty[->>] 60:sixty[->>] 70:seventy[->>] 80:eighty[->>] 90:ninety[->>]"
        " 100:<<_hundred[_>>] 1000:<<_thousand[_>>] 1000000:<<_million[_>>]"
    ),
    "verbose": (
        "1:=cardinal= 100:<<_hundred[>and>] 1000:<<_thousand[>and>] 100000/1000:<<_thousand[>commas>]"
        " 1000000:<<_million[>commas>]"
    ),
    "and": "1:_and_=verbose= 100:_=verbose=",
    "commas": "1:_and_=verbose= 100:,_=verbose= 1000:,_<verbose<_thousand[>commas>]",
    "sinokorean": (
        "1:일 2:이 3:삼 4:사 5:오 6:육 7:칠 8:팔 9:구 10:십[>>] 20:<<십[>>] 100:백[>>] 200:<<백[>>] 1000:천[>>]"
        " 2000:<<천[>>] 10000:만[_>>] 20000:<<만[_>>]"
    ),
    "native": (
        "1:하나 2:둘 3:셋 4:넷 5:다섯 6:여섯 7:일곱 8:여덟 9:아홉 10:열[_>>] 20:스물[>>] 30:서른[>>] 40:마흔[>>]"
        " 50:쉰[>>] 60:예순[>>] 70:일흔[>>] 80:여든[>>] 90:아흔[>>]"
    ),
}
NATIVE = range(1, 100)
ROUND = "round"  # the key of 1 to 9, 10, 20, ... and 90,000,000
# What stands behind a number of so many: 12.3K, 12.3 thousand, 1.23만.
SHORT = {1000: "K", 1_000_000: "M"}
LONG = {1000: " thousand", 1_000_000: " million"}
KOREAN = {1000: "천", 10_000: "만"}
# What is counted: so many times all that is smaller and stands before it.
TIMES = {"hundred": 100, "thousand": 1000, "k": 1000, "million": 1_000_000, "m": 1_000_000}
TIMES |= {"십": 10, "백": 100, "천": 1000, "만": 10_000}
_TOKEN = re.compile(r"[a-z]+|\S")


class Rule(NamedTuple):
    """base: the number from which on it holds.     divisor: the largest power of its radix that is not above it."""

    base: int
    divisor: int
    text: str


@cache
def rules(name: str) -> tuple[Rule, ...]:
    """A set of rules, the largest base first."""
    found = []
    for line in RULES[name].split():
        at, text = line.split(":", 1)
        base, radix = (int(number) for number in f"{at}/10".split("/")[:2])
        divisor = 1
        while divisor * radix <= base:
            divisor *= radix
        found.append(Rule(base, divisor, text.replace("_", " ")))
    return tuple(reversed(found))


def spelled(n: int, name: str) -> str:
    """A number in words, by a set of rules."""
    rule = next(rule for rule in rules(name) if rule.base <= n)
    times, rest = divmod(n, rule.divisor)
    text = re.sub(r"\[(.*)\]", r"\1" if rest else "", rule.text)
    numbers = {"<": times, ">": rest, "=": n}
    return re.sub(r"([<>=])(\w*)\1", lambda match: spelled(numbers[match[1]], match[2] or name), text)


def compact(n: int, names: Mapping[int, str]) -> str | None:
    """In parts of the largest unit that is not above it; None where it has none or too many decimals."""
    unit = max((unit for unit in names if unit <= n), default=1)
    if unit == 1 or n * 10**DECIMALS % unit:
        return None
    decimals = str(n % unit * 10**DECIMALS // unit).zfill(DECIMALS).rstrip("0")
    return f"{n // unit}{'.' if decimals else ''}{decimals}{names[unit]}"


def mixed(n: int) -> str | None:
    """Digits by ten thousands, None where there are none."""
    many, rest = divmod(n, 10_000)
    return f"{many}만{f' {rest}' if rest else ''}" if many else None


# Every way to write a number; None where it does not say it exactly.
FORMS: Mapping[str, Callable[[int], str | None]] = {
    "cardinal": lambda n: spelled(n, "cardinal"),
    "verbose": lambda n: spelled(n, "verbose"),
    "grouped": lambda n: f"{n:,}",
    "short": lambda n: compact(n, SHORT),
    "long": lambda n: compact(n, LONG),
    "sinokorean": lambda n: spelled(n, "sinokorean"),
    "native": lambda n: spelled(n, "native") if n in NATIVE else None,
    "korean": lambda n: compact(n, KOREAN),
    "mixed": mixed,
}


def tokens(text: str) -> Words:
    """Words of English, and each other character by itself, without spaces."""
    return tuple(_TOKEN.findall(text.lower()))


def _number(dice: Drawn) -> int:
    """Long ones more often than short ones; of two in five only the first digits are drawn, and zeros follow. Of the
    drawn digits but the first a quarter are zeros."""
    count = 1 + max(dice.below(DIGITS), dice.below(DIGITS))
    told = 1 + dice.below(count) if dice.chance(0.4) else count
    drawn = [1 + dice.below(9), *(max(0, dice.below(12) - 2) for _ in range(told - 1))]
    return int("".join(map(str, drawn)).ljust(count, "0"))


def _draw(dice: Drawn, length: int | None) -> Pair:
    """Each form as often, but of those so long as often as they come; any number that it says.

    The number is the key: one that is held out is not in training in any form. Those of one digit and zeros share a key
    that is in training, since nothing else tells what their names say: 하나 that stood only in 열하나 could be 11.
    """
    forms = tuple(FORMS.values())
    form = pick(dice, forms)
    while True:
        n = _number(dice)
        source = tokens(form(n) or "")
        if source and length in (None, len(source)):
            digits = str(n)
            return Pair(source, tuple(digits), digits if digits[1:].strip("0") else ROUND)
        form = form if length is None else pick(dice, forms)


@cache
def worth() -> Mapping[str, int]:
    """What each name of a number that is not made of others says."""
    found = dict(TIMES)
    for name in ("cardinal", "sinokorean", "native"):
        found |= {rule.text.split("[")[0]: rule.base for rule in rules(name) if "<" not in rule.text}
    return found


@cache
def _pieces() -> re.Pattern[str]:
    names = "|".join(sorted(worth(), key=len, reverse=True))
    return re.compile(rf"(\d[\d,]*(?:\.\d+)?)|({names})|and|[-,]|(.)")


def _value(source: Words) -> Fraction:
    """What a source comes to, if it is written as some form writes it; 0 for what is none at all."""
    parts: list[Fraction] = []
    for digits, name, other in _pieces().findall("".join(source)):
        if other:
            return Fraction(0)
        value = Fraction(digits.replace(",", "") if digits else worth().get(name, 0))
        if name in TIMES:
            smaller = [part for part in parts if part < value]
            parts = [part for part in parts if part >= value]
            value *= sum(smaller) or 1
        parts.append(value)
    return sum(parts, Fraction(0))


def right(source: Words) -> Words | None:
    """The digits of a source; None where no form writes a number so."""
    source = tuple(token.lower() for token in source)
    if len(source) not in LENGTHS or not {*source} <= {*_vocabulary(0)}:
        return None
    n = _value(source)
    if n.denominator > 1 or not 1 <= n < 10**DIGITS:
        return None
    if not any(tokens(form(int(n)) or "") == source for form in FORMS.values()):
        return None
    return tuple(str(int(n)))


@cache
def _vocabulary(side: int) -> Words:
    digits = tuple("0123456789")
    if side:
        return digits
    return tuple(sorted({*digits, *",.-", "and", *(token for name in worth() for token in tokens(name))}))


NUMBERS = PairTask("numbers", ("word", "character"), ("en", "ko"), "", LENGTHS, range(3, 16), _vocabulary, _draw, right)
