"""The Korean sentences: their words, and a family for each thing that a memory is for (`sentences` lists them).

An eojeol, what stands between two spaces, is a word.
"""

from collections.abc import Generator, Iterator

from rnnviz.tasks.grammar.writing import END, Decided, Dice, Family, Remembered, pick

_LEVEL = {"나는": 0, "너는": 0, "저는": 1, "그는": 2, "그녀는": 2}  # 해체, 합쇼체, 해라체
_COPULA = {
    "소년": ("소년이야", "소년입니다", "소년이다", "소년이"),
    "소녀": ("소녀야", "소녀입니다", "소녀다", "소녀가"),
    "학생": ("학생이야", "학생입니다", "학생이다", "학생이"),
    "의사": ("의사야", "의사입니다", "의사다", "의사가"),
}
_IS_NOT = ("아니야", "아닙니다", "아니다")
_HONOURED = ("할머니께서", "할아버지께서", "선생님께서")
_PLAIN = ("동생이", "형이", "아이가", "친구가")
_DEEDS = (  # object, plain, honorific, with -고
    ("책을", "읽는다", "읽으신다", "읽고"),
    ("밥을", "먹는다", "드신다", "먹고"),
    ("사과를", "산다", "사신다", "사고"),
    ("영화를", "본다", "보신다", "보고"),
    ("노래를", "부른다", "부르신다", "부르고"),
)
_TIMES = ("아침에", "저녁에")
_PLACES = ("집에서", "공원에서", "시장에서")
_JUDGED = ("영화가", "책이", "노래가", "게임이")
_PRAISE = (("재미있어서", "재미있지"), ("좋아서", "좋지"))
_BLAME = (("지루해서", "지루하지"), ("시시해서", "시시하지"))
_VERDICTS = (("모두", "웃었다", "나갔다"), ("우리는", "좋아했다", "싫어했다"))
_ANIMALS = (
    ("개가", "개를"),
    ("고양이가", "고양이를"),
    ("여우가", "여우를"),
    ("소가", "소를"),
    ("쥐가", "쥐를"),
    ("곰이", "곰을"),
)
_SEASONS = {"봄에는": "따뜻했다", "여름에는": "더웠다", "가을에는": "시원했다", "겨울에는": "추웠다"}


def _be(dice: Dice) -> Generator[str, None, Decided]:
    subject = pick(dice, tuple(_LEVEL))
    yield subject
    level = _LEVEL[subject]
    skip = {"그는": "소녀", "그녀는": "소년"}.get(subject)
    noun = pick(dice, [n for n in _COPULA if n != skip])
    now, how = pick(dice, ("", "", "이제")), pick(dice, ("", "착한", "아주 착한", "작은"))
    middle = f"{now} {how}"
    yield middle
    if dice.chance(0.4):
        yield f"{_COPULA[noun][3]} *{_IS_NOT[level]} {END}"
        return Decided(_IS_NOT, (subject, noun, "안"))
    yield f"*{_COPULA[noun][level]} {END}"
    return Decided(_COPULA[noun][:3], (subject, noun, middle.strip()))


def _agreement(dice: Dice) -> Generator[str, None, Decided]:
    honoured = dice.chance(0.5)
    subject = pick(dice, _HONOURED if honoured else _PLAIN)
    thing, plain, honorific, _ = pick(dice, _DEEDS)
    if dice.chance(0.4):  # a relative clause whose own subject is of the other level
        yield f"{pick(dice, _PLAIN)} 좋아하는" if honoured else f"{pick(dice, _HONOURED)} 좋아하시는"
    yield subject
    yield pick(dice, ("", *_TIMES))
    yield pick(dice, ("", *_PLACES))
    yield f"{thing} *{honorific if honoured else plain} {END}"
    return Decided((plain, honorific), (subject, thing))


def _negation(dice: Dice) -> Generator[str, None, Decided]:
    thing = pick(dice, _JUDGED)
    yield thing
    good = dice.chance(0.5)
    because, stem = pick(dice, _PRAISE if good else _BLAME)
    how, negated = pick(dice, ((because, False), (f"{stem} 않아서", True)))
    if because != "재미있어서" and dice.chance(0.25):  # "안 재미있다" is said, but seldom written
        how, negated = f"안 {because}", True
    yield how
    who, yes, no = pick(dice, _VERDICTS)
    yield f"{who} *{yes if good != negated else no} {END}"
    return Decided((yes, no), (thing, how))


def _order(dice: Dice) -> Generator[str, None, Decided]:
    first = pick(dice, _ANIMALS)
    second = pick(dice, [a for a in _ANIMALS if a != first])
    kind = dice.below(4)
    if kind == 0:
        yield f"{first[0]} 온 뒤에 {second[0]} 와서 *{first[0]} 먼저 먹었다"
    elif kind == 1:
        yield f"{first[0]} {second[1]} 쫓아갔지만 *{first[0]} 넘어졌다"
    else:  # the particles say who chases whom, whichever stands first
        pair = (first[0], second[1]) if kind == 2 else (second[1], first[0])
        yield f"{' '.join(pair)} 쫓아가서 *{second[0]} 도망쳤다"
    yield END
    return Decided((first[0], second[0]), (first[0], second[0]))


def _clause(dice: Dice) -> Iterator[str]:
    thing, *_, verb = pick(dice, _DEEDS)
    yield pick(dice, ("", *_TIMES))
    yield pick(dice, ("", *_PLACES))
    yield f"{thing} {verb}"


def _shortest(dice: Dice) -> Generator[str, None, Decided]:
    season = pick(dice, tuple(_SEASONS))
    yield season
    yield f"{pick(dice, ('', '날씨가', '매일 날씨가'))} *{_SEASONS[season]} {END}"
    return Decided(tuple(_SEASONS.values()), ("shortest",))  # too few to hold any out: none is


def _remembered(least: int, most: int) -> Remembered:
    return Remembered(_SEASONS, "", _clause, "놀았는데 매일 날씨가", least, most)


FAMILIES: dict[str, tuple[tuple[float, Family], ...]] = {
    "be": ((1, _be),),
    "agreement": ((1, _agreement),),
    "negation": ((1, _negation),),
    "order": ((1, _order),),
    "recall": ((0.5, _remembered(2, 8)), (0.5, _shortest)),
    "memory": ((1, _remembered(14, 29)),),
}
