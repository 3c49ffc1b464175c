"""The English sentences: their words, and a family for each thing that a memory is for (`sentences` lists them)."""

from collections.abc import Generator, Iterator

from rnnviz.tasks.grammar.writing import END, Decided, Dice, Family, Remembered, pick

_BE = {
    "I": ("am", "was"),
    "you": ("are", "were"),
    "he": ("is", "was"),
    "she": ("is", "was"),
    "we": ("are", "were"),
    "they": ("are", "were"),
}
_A_PERSON = {"he": ("a boy",), "she": ("a girl",), "I": ("a boy", "a girl"), "you": ("a boy", "a girl")}
_A_JOB = ("a student", "a teacher", "a doctor", "an artist")
_PEOPLE = ("students", "teachers", "boys", "girls")
_MOODS = ("happy", "tired", "hungry")
_NUMBERED = (
    ("key", "keys"),
    ("dog", "dogs"),
    ("cat", "cats"),
    ("house", "houses"),
    ("book", "books"),
    ("door", "doors"),
    ("boy", "boys"),
    ("girl", "girls"),
    ("teacher", "teachers"),
)
_NEAR = ("near", "behind")
_LOOKS = ("old", "new", "big", "small")
_JUDGED = ("film", "book", "song", "game")
_PRAISE = ("good", "great", "fun")
_BLAME = ("bad", "awful", "boring")
_VERDICTS = (("I", "loved", "hated", "it"), ("everyone", "smiled", "left", ""))
_ANIMALS = ("dog", "cat", "fox", "cow", "horse", "mouse")
_SEASONS = {"spring": "warm", "summer": "hot", "autumn": "cool", "winter": "cold"}


def _be(dice: Dice) -> Generator[str, None, Decided]:
    when = pick(dice, ("", "", "now", "yesterday"))
    yield when
    subject = pick(dice, tuple(_BE))
    yield f"{subject} *{_BE[subject][when == 'yesterday']}"
    plural = subject in ("we", "they")
    nouns = _PEOPLE if plural else _A_PERSON[subject] * 2 + _A_JOB
    what = pick(dice, _MOODS) if dice.chance(0.25) else pick(dice, nouns)
    yield f"{'not' if dice.chance(0.15) else ''} {what} {END}"
    return Decided(("was", "were") if when == "yesterday" else ("am", "are", "is"), (when, subject, what))


def _agreement(dice: Dice) -> Generator[str, None, Decided]:
    head = dice.below(len(_NUMBERED))
    plural = dice.chance(0.5)
    noun, person = _NUMBERED[head][plural], head >= 6
    yield f"the {noun}"
    other = dice.chance(0.5)
    attractor = pick(dice, _NUMBERED)[other]
    if person and dice.chance(0.6):
        yield f"who {'like' if plural else 'likes'} the {attractor}"
    else:
        yield f"{pick(dice, _NEAR)} the {attractor}"
    if dice.chance(0.25):
        yield pick(dice, _NEAR)
        place = pick(dice, _NUMBERED[:6])
        yield f"the {place[dice.chance(0.5)]}"
    yield "*are" if plural else "*is"
    yield f"{pick(dice, _MOODS if person else _LOOKS)} {END}"
    return Decided(("is", "are"), (noun, attractor))


def _negation(dice: Dice) -> Generator[str, None, Decided]:
    thing = pick(dice, _JUDGED)
    yield f"the {thing} was"
    good, negated = dice.chance(0.5), dice.chance(0.5)
    adjective = pick(dice, _PRAISE if good else _BLAME)
    who, yes, no, it = pick(dice, _VERDICTS)
    yield "not" if negated else ""
    yield f"{'very' if dice.chance(0.3) else ''} {adjective} so {who} *{yes if good != negated else no} {it} {END}"
    return Decided((yes, no), (thing, str(negated), adjective))


def _order(dice: Dice) -> Generator[str, None, Decided]:
    first = pick(dice, _ANIMALS)
    yield f"the {first}"
    second = pick(dice, [a for a in _ANIMALS if a != first])
    yield f"{pick(dice, ('chased', 'followed'))} the {second}"
    yield f"so the *{second} ran away" if dice.chance(0.5) else f"because the *{first} was hungry"
    yield END
    return Decided((first, second), (first, second))


def _clause(dice: Dice) -> Iterator[str]:
    place = pick(dice, ("park", "shop", "house"))
    kind = dice.below(6)
    if kind == 5:
        yield f"we {pick(dice, ('slept', 'sang', 'rested'))} ,"
    elif kind == 4:
        yield f"we ate {pick(dice, ('bread', 'apples'))} ,"
    elif kind == 0:
        yield f"we walked to the {place} ,"
    elif kind == 1:
        yield f"we saw the {pick(dice, _ANIMALS)} near the {place} ,"
    elif kind == 2:
        goods = pick(dice, ("bread", "apples"))
        yield f"we bought {goods} at the {pick(dice, ('shop', 'market'))} ,"
    else:
        yield f"we read the book in the {place} ,"


def _shortest(dice: Dice) -> Generator[str, None, Decided]:
    season = pick(dice, tuple(_SEASONS))
    yield season
    yield f"{pick(dice, ('was', 'came and it was', 'came , and every day was'))} *{_SEASONS[season]} {END}"
    return Decided(tuple(_SEASONS.values()), ("shortest",))  # too few to hold any out: none is


def _remembered(least: int, most: int) -> Remembered:
    return Remembered(_SEASONS, "came ,", _clause, "and every day was", least, most)


FAMILIES: dict[str, tuple[tuple[float, Family], ...]] = {
    "be": ((1, _be),),
    "agreement": ((1, _agreement),),
    "negation": ((1, _negation),),
    "order": ((1, _order),),
    "recall": ((0.5, _remembered(3, 8)), (0.5, _shortest)),
    "memory": ((1, _remembered(11, 26)),),
}
