"""Real names and words to read letter by letter (English) or syllable by syllable (Korean, Hangul).

Sources, both installed only to train (`requirements-dev.txt`), never at run time:
  Faker (MIT licence): given names and surnames of the US, Britain and Ireland; Korean given names and surnames
  Babel (BSD-3-Clause), which carries CLDR (Unicode-3.0 licence): Korean names of countries and languages

family      what it is                              what there is to learn
given       English given names                     letters follow letters: q brings u, -son, -ella
surname     English surnames
person      Korean surname + given name, 3 or more  a surname comes first; 민 then 준, 서 or 지
country     Korean names of countries               아르헨 brings 티나
language    Korean names of languages               the same stem goes on to 어
"""

import re
from bisect import bisect
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, product
from random import Random
from zlib import crc32

FAMILIES = {"en": ("given", "surname"), "ko": ("person", "country", "language")}
# Every family is drawn this often, whatever its size.
_SHARES = {"given": 0.5, "surname": 0.5, "person": 0.5, "country": 0.25, "language": 0.25}
# A syllable in fewer countries and languages than this cannot be learned: words that hold one are left out.
_LEAST_WORDS = 3


@dataclass(frozen=True)
class Word:
    """text: lower-case letters or Hangul syllables. weight: how often it is drawn among all words (sum 1)."""

    text: str
    family: str
    weight: float

    @property
    def unseen(self) -> bool:
        """Whether training leaves this word out: one in ten, by a checksum, the same on every machine."""
        return crc32(self.text.encode()) % 10 == 0


@cache
def words(language: str) -> tuple[Word, ...]:
    """Every word of a language. Raises `ImportError` when Faker or Babel is not installed."""
    if language not in FAMILIES:
        raise ValueError(f"language {language!r}: one of {', '.join(FAMILIES)} is accepted")
    try:
        import babel  # noqa: F401
        import faker  # noqa: F401
    except ImportError as error:
        raise ImportError("the names come from Faker and Babel: pip install -r requirements-dev.txt") from error
    return tuple(word for family in FAMILIES[language] for word in _SOURCES[family]())


def draw(language: str, count: int, *, seed: int, unseen: bool = False, family: str | None = None) -> list[Word]:
    """`count` words by their weights, of one family or all; either only seen words or only unseen ones."""
    pool = [w for w in words(language) if w.unseen == unseen and family in (None, w.family)]
    rng, edges = Random(seed), list(accumulate(w.weight for w in pool))
    return [pool[min(bisect(edges, rng.random() * edges[-1]), len(pool) - 1)] for _ in range(count)]


def _weighted(family: str, counts: dict[str, float]) -> list[Word]:
    total = sum(counts.values())
    return [Word(text, family, _SHARES[family] * n / total) for text, n in sorted(counts.items())]


def _letters(family: str, names: set[str]) -> list[Word]:
    return _weighted(family, {name.lower(): 1.0 for name in names if re.fullmatch("[A-Za-z]{2,12}", name)})


def _given() -> list[Word]:
    from faker.providers.person import en_GB, en_IE, en_US

    return _letters("given", {name for place in (en_US, en_GB, en_IE) for name in place.Provider.first_names})


def _surname() -> list[Word]:
    from faker.providers.person import en_GB, en_IE, en_US

    return _letters("surname", {name for place in (en_US, en_GB, en_IE) for name in place.Provider.last_names})


def _person() -> list[Word]:
    from faker.providers.person.ko_KR import Provider

    pairs = product(Provider.last_names.items(), Provider.first_names.items())
    return _weighted("person", {last + first: n * m for (last, n), (first, m) in pairs})


@cache
def _cldr() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Korean names of countries and of languages, Hangul only, without words that hold a rare syllable."""
    from babel import Locale

    korean = Locale.parse("ko")
    lists = [
        {name for name in names.values() if re.fullmatch("[가-힣]{2,8}", name)}
        for names in (korean.territories, korean.languages)
    ]
    letters = [set(word) for words in lists for word in words]
    common = {c for word in letters for c in word if sum(c in other for other in letters) >= _LEAST_WORDS}
    countries, languages = (tuple(sorted(word for word in words if set(word) <= common)) for words in lists)
    return countries, languages


def _country() -> list[Word]:
    return _weighted("country", dict.fromkeys(_cldr()[0], 1.0))


def _language() -> list[Word]:
    return _weighted("language", dict.fromkeys(_cldr()[1], 1.0))


_SOURCES = {
    "given": _given,
    "surname": _surname,
    "person": _person,
    "country": _country,
    "language": _language,
}
