"""Sentences of a small grammar, English and Korean, for a word-level language model that predicts the next word.

Every sentence belongs to a family that shows one thing a memory is for, and carries a probe: the one word that
earlier words decide, with the rivals that would be right after another beginning.

family       what decides the probed word
be           the subject (and "yesterday"): I am, you are, she was; Korean: the speech level of the first word
agreement    a noun several words back, past an attractor of the other number; Korean: the honorific subject
negation     "not" together with the adjective, an exclusive or: not good, hated; not bad, loved
order        which of two animals came first: the same words in another order end otherwise
recall       the first word decides the last one of a sentence of 3 to 17 tokens
memory       the same with 20 to 35 tokens

Only `random.Random.random()` is drawn from, whose sequence Python promises to keep for a given seed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TypeVar
from zlib import crc32

FAMILIES = ("be", "agreement", "negation", "order", "recall", "memory")
LANGUAGES = ("en", "ko")
END = "."
# A family's share of a mixed draw.
SHARES = {"be": 0.12, "agreement": 0.14, "negation": 0.14, "order": 0.2, "recall": 0.22, "memory": 0.18}

T = TypeVar("T")


@dataclass(frozen=True)
class Sentence:
    """`words[probe]` is decided by `words[:probe]`; `choices` are it and its rivals.

    `key` is the combination that is held out as a whole: sentences that share a key are all seen or all unseen.
    """

    words: tuple[str, ...]
    family: str
    probe: int
    choices: tuple[str, ...]
    key: str

    @property
    def unseen(self) -> bool:
        """Whether training leaves this sentence out: one key in five, by a checksum, the same on every machine."""
        # The "d" is a salt: with it every family, however few its keys, has about a fifth of them held out.
        return crc32(f"d{self.key}".encode()) % 5 == 0


def sentences(
    language: str, count: int, *, seed: int, unseen: bool = False, family: str | None = None
) -> list[Sentence]:
    """`count` sentences of one family, or of all in their `SHARES`; either only seen keys or only unseen ones."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r}: one of {', '.join(LANGUAGES)} is accepted")
    if family is not None and family not in FAMILIES:
        raise ValueError(f"family {family!r}: one of {', '.join(FAMILIES)} is accepted")
    rng = Random(seed)
    found: list[Sentence] = []
    while len(found) < count:
        name = family or _family(rng)
        sentence = _GRAMMAR[language, name](rng)
        if sentence.unseen == unseen:
            found.append(sentence)
    return found


@cache
def words(language: str) -> tuple[str, ...]:
    """Every word the grammar writes, sorted."""
    return tuple(sorted({w for f in FAMILIES for s in sentences(language, 3000, seed=0, family=f) for w in s.words}))


def _family(rng: Random) -> str:
    u = rng.random()
    for name, share in SHARES.items():
        if u < share:
            return name
        u -= share
    return FAMILIES[-1]


# The key of the few shortest recall sentences: there are too few to hold any out, so none is.
_SHORTEST = "shortest"


def _pick(rng: Random, items: Sequence[T]) -> T:
    return items[int(rng.random() * len(items))]


def _write(family: str, text: str, choices: Sequence[str], *key: str) -> Sentence:
    """A sentence from text in which the probed word carries a leading star. Without a key, the text is the key."""
    marked = text.split()
    probe = next(i for i, word in enumerate(marked) if word.startswith("*"))
    return Sentence(tuple(w.lstrip("*") for w in marked), family, probe, tuple(choices), " ".join(key) or text)


# English

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


def _en_be(rng: Random) -> Sentence:
    when = _pick(rng, ("", "", "now", "yesterday"))
    subject = _pick(rng, tuple(_BE))
    verb = _BE[subject][when == "yesterday"]
    plural = subject in ("we", "they")
    nouns = _PEOPLE if plural else _A_PERSON[subject] * 2 + _A_JOB
    what = _pick(rng, _MOODS) if rng.random() < 0.25 else _pick(rng, nouns)
    negated = "not" if rng.random() < 0.15 else ""
    choices = ("was", "were") if when == "yesterday" else ("am", "are", "is")
    return _write("be", f"{when} {subject} *{verb} {negated} {what} {END}", choices, when, subject, what)


def _en_agreement(rng: Random) -> Sentence:
    head = int(rng.random() * len(_NUMBERED))
    plural, other = rng.random() < 0.5, rng.random() < 0.5
    noun, attractor = _NUMBERED[head][plural], _pick(rng, _NUMBERED)[other]
    person = head >= 6
    if person and rng.random() < 0.6:
        between = f"who {'like' if plural else 'likes'} the {attractor}"
    else:
        between = f"{_pick(rng, _NEAR)} the {attractor}"
    if rng.random() < 0.25:
        between += f" {_pick(rng, _NEAR)} the {_pick(rng, _NUMBERED[:6])[rng.random() < 0.5]}"
    verb = "are" if plural else "is"
    look = _pick(rng, _MOODS if person else _LOOKS)
    return _write("agreement", f"the {noun} {between} *{verb} {look} {END}", ("is", "are"), noun, attractor)


def _en_negation(rng: Random) -> Sentence:
    thing, good, negated = _pick(rng, _JUDGED), rng.random() < 0.5, rng.random() < 0.5
    adjective = _pick(rng, _PRAISE if good else _BLAME)
    who, yes, no, it = _pick(rng, _VERDICTS)
    how = f"{'not ' if negated else ''}{'very ' if rng.random() < 0.3 else ''}{adjective}"
    verdict = yes if good != negated else no
    text = f"the {thing} was {how} so {who} *{verdict} {it} {END}"
    return _write("negation", text, (yes, no), thing, str(negated), adjective)


def _en_order(rng: Random) -> Sentence:
    first = _pick(rng, _ANIMALS)
    second = _pick(rng, [a for a in _ANIMALS if a != first])
    verb = _pick(rng, ("chased", "followed"))
    rest = f"so the *{second} ran away" if rng.random() < 0.5 else f"because the *{first} was hungry"
    return _write("order", f"the {first} {verb} the {second} {rest} {END}", (first, second), first, second)


def _en_clause(rng: Random) -> str:
    place = _pick(rng, ("park", "shop", "house"))
    kind = int(rng.random() * 6)
    if kind == 5:
        return f"we {_pick(rng, ('slept', 'sang', 'rested'))} ,"
    if kind == 4:
        return f"we ate {_pick(rng, ('bread', 'apples'))} ,"
    if kind == 0:
        return f"we walked to the {place} ,"
    if kind == 1:
        return f"we saw the {_pick(rng, _ANIMALS)} near the {place} ,"
    if kind == 2:
        return f"we bought {_pick(rng, ('bread', 'apples'))} at the {_pick(rng, ('shop', 'market'))} ,"
    return f"we read the book in the {place} ,"


def _en_recall(rng: Random) -> Sentence:
    if rng.random() < 0.5:
        return _en_season(rng, "recall", 3, 8)
    season = _pick(rng, tuple(_SEASONS))
    between = _pick(rng, ("was", "came and it was", "came , and every day was"))
    return _write("recall", f"{season} {between} *{_SEASONS[season]} {END}", tuple(_SEASONS.values()), _SHORTEST)


def _en_memory(rng: Random) -> Sentence:
    return _en_season(rng, "memory", 11, 26)


def _en_season(rng: Random, family: str, least: int, most: int) -> Sentence:
    season = _pick(rng, tuple(_SEASONS))
    text = f"{season} came , {_filler(rng, _en_clause, least, most)} and every day was *{_SEASONS[season]} {END}"
    return _write(family, text, tuple(_SEASONS.values()))


def _filler(rng: Random, clause: Callable[[Random], str], least: int, most: int) -> str:
    """Clauses of `least` to `most` words in all, the length drawn first so that long ones are as common as short."""
    while True:
        wanted = least + int(rng.random() * (most - least + 1))
        clauses: list[str] = []
        while len(" ".join(clauses).split()) < wanted:
            clauses.append(_pick_other(rng, clause, clauses[-1:]))
        if len(text := " ".join(clauses).split()) <= most:
            return " ".join(text)


def _pick_other(rng: Random, clause: Callable[[Random], str], last: Sequence[str]) -> str:
    """A clause that does not repeat the one before it."""
    while (text := clause(rng)) in last:
        pass
    return text


# Korean: an eojeol, what stands between two spaces, is a word

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
_KO_JUDGED = ("영화가", "책이", "노래가", "게임이")
_KO_PRAISE = (("재미있어서", "재미있지"), ("좋아서", "좋지"))
_KO_BLAME = (("지루해서", "지루하지"), ("시시해서", "시시하지"))
_KO_VERDICTS = (("모두", "웃었다", "나갔다"), ("우리는", "좋아했다", "싫어했다"))
_KO_ANIMALS = (
    ("개가", "개를"),
    ("고양이가", "고양이를"),
    ("여우가", "여우를"),
    ("소가", "소를"),
    ("쥐가", "쥐를"),
    ("곰이", "곰을"),
)
_KO_SEASONS = {"봄에는": "따뜻했다", "여름에는": "더웠다", "가을에는": "시원했다", "겨울에는": "추웠다"}


def _ko_be(rng: Random) -> Sentence:
    subject = _pick(rng, tuple(_LEVEL))
    level = _LEVEL[subject]
    skip = {"그는": "소녀", "그녀는": "소년"}.get(subject)
    noun = _pick(rng, [n for n in _COPULA if n != skip])
    middle = f"{_pick(rng, ('', '', '이제'))} {_pick(rng, ('', '착한', '아주 착한', '작은'))}"
    if rng.random() < 0.4:
        return _write(
            "be", f"{subject} {middle} {_COPULA[noun][3]} *{_IS_NOT[level]} {END}", _IS_NOT, subject, noun, "안"
        )
    return _write(
        "be", f"{subject} {middle} *{_COPULA[noun][level]} {END}", _COPULA[noun][:3], subject, noun, middle.strip()
    )


def _ko_agreement(rng: Random) -> Sentence:
    honoured = rng.random() < 0.5
    subject = _pick(rng, _HONOURED if honoured else _PLAIN)
    thing, plain, honorific, _ = _pick(rng, _DEEDS)
    before = ""
    if rng.random() < 0.4:  # a relative clause whose own subject is of the other level
        before = f"{_pick(rng, _PLAIN)} 좋아하는" if honoured else f"{_pick(rng, _HONOURED)} 좋아하시는"
    middle = f"{_pick(rng, ('', *_TIMES))} {_pick(rng, ('', *_PLACES))}"
    verb = honorific if honoured else plain
    text = f"{before} {subject} {middle} {thing} *{verb} {END}"
    return _write("agreement", text, (plain, honorific), subject, thing)


def _ko_negation(rng: Random) -> Sentence:
    thing, good = _pick(rng, _KO_JUDGED), rng.random() < 0.5
    because, stem = _pick(rng, _KO_PRAISE if good else _KO_BLAME)
    how, negated = _pick(rng, ((because, False), (f"{stem} 않아서", True)))
    if because != "재미있어서" and rng.random() < 0.25:  # "안 재미있다" is said, but seldom written
        how, negated = f"안 {because}", True
    who, yes, no = _pick(rng, _KO_VERDICTS)
    text = f"{thing} {how} {who} *{yes if good != negated else no} {END}"
    return _write("negation", text, (yes, no), thing, how)


def _ko_order(rng: Random) -> Sentence:
    first = _pick(rng, _KO_ANIMALS)
    second = _pick(rng, [a for a in _KO_ANIMALS if a != first])
    kind = int(rng.random() * 4)
    if kind == 0:
        text = f"{first[0]} 온 뒤에 {second[0]} 와서 *{first[0]} 먼저 먹었다"
    elif kind == 1:
        text = f"{first[0]} {second[1]} 쫓아갔지만 *{first[0]} 넘어졌다"
    else:  # the particles say who chases whom, whichever stands first
        pair = (first[0], second[1]) if kind == 2 else (second[1], first[0])
        text = f"{' '.join(pair)} 쫓아가서 *{second[0]} 도망쳤다"
    return _write("order", f"{text} {END}", (first[0], second[0]), first[0], second[0])


def _ko_clause(rng: Random) -> str:
    thing, *_, verb = _pick(rng, _DEEDS)
    return f"{_pick(rng, ('', *_TIMES))} {_pick(rng, ('', *_PLACES))} {thing} {verb}"


def _ko_recall(rng: Random) -> Sentence:
    if rng.random() < 0.5:
        return _ko_season(rng, "recall", 2, 8)
    season = _pick(rng, tuple(_KO_SEASONS))
    between = _pick(rng, ("", "날씨가", "매일 날씨가"))
    return _write("recall", f"{season} {between} *{_KO_SEASONS[season]} {END}", tuple(_KO_SEASONS.values()), _SHORTEST)


def _ko_memory(rng: Random) -> Sentence:
    return _ko_season(rng, "memory", 14, 29)


def _ko_season(rng: Random, family: str, least: int, most: int) -> Sentence:
    season = _pick(rng, tuple(_KO_SEASONS))
    text = f"{season} {_filler(rng, _ko_clause, least, most)} 놀았는데 매일 날씨가 *{_KO_SEASONS[season]} {END}"
    return _write(family, text, tuple(_KO_SEASONS.values()))


_GRAMMAR: dict[tuple[str, str], Callable[[Random], Sentence]] = {
    ("en", "be"): _en_be,
    ("en", "agreement"): _en_agreement,
    ("en", "negation"): _en_negation,
    ("en", "order"): _en_order,
    ("en", "recall"): _en_recall,
    ("en", "memory"): _en_memory,
    ("ko", "be"): _ko_be,
    ("ko", "agreement"): _ko_agreement,
    ("ko", "negation"): _ko_negation,
    ("ko", "order"): _ko_order,
    ("ko", "recall"): _ko_recall,
    ("ko", "memory"): _ko_memory,
}
