"""Everyday sentences as people wrote them, in English and Korean: what the everyday models of the zoo are trained on.

English: messages of two strangers who chat (chitchat-dataset, MIT). Korean: the sentences of a game's Korean catalogue
(Cataclysm: Dark Days Ahead, CC-BY-SA-3.0) and of a corpus for chat bots (chatterbot-corpus, BSD). `packages` says how
they are fetched.

What is cleaned: a message with an address, a link, a name of an account, a long number, format codes, or a word of
abuse, sex or gore is left out whole; a contraction whose apostrophe was lost gets it back; a message that ends without
a mark gets a full stop. Who wrote it is never read.
One conversation or sentence in ten is held out, by a checksum of its text, the same on every machine.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from zlib import crc32

from rnnviz.tasks import packages

SOURCES = {"en": (packages.CHITCHAT,), "ko": (packages.CATACLYSM, packages.CHATTERBOT)}
# Files of another source with small talk, of which the English model was trained on none.
ELSEWHERE = ("botprofile", "conversations", "emotion", "food", "greetings", "health")
HELD_OUT = 10  # one conversation in so many

_PRIVATE = re.compile(
    r"https?:|www\.|\b\w+\.(?:com|org|net|edu)\b|\S@\S|@\w|#\w|\d{5,}|\d{3}[-. ]\d{3,4}", re.IGNORECASE
)
_ABUSE = re.compile(
    r"\b(?:\w*fuck|\w*shit|bitch|cunt|dick|cock(?!tail|roach)|penis|vagina|pussy|boob|tits?\b|porn|slut|whore|nigg|fag|"
    r"rap(?:e|ed|ist|ing)\b|sex|nude|naked|orgasm|erect|masturb|kill|murder|suicid|behead|gore|corpse|nazi|hitler|damn|"
    r"crap|piss|ass(?:es|hole)?\b|bastard|retard|cocaine|heroin|meth\b|stab|terroris|molest|incest)\w*",
    re.IGNORECASE,
)
_HANGUL = re.compile("[가-힣]")
_CODES = re.compile(r"[%<>{}\\|\[\]$#@=_/~^&*+]")
_GORE = re.compile(
    "피[를가로 ]|피투성|혈|시체|시신|좀비|죽|살해|살육|학살|총|탄[약환을이]|칼|도살|내장|인육|고문|자살|썩|구토|토하|"
    "똥|오줌|씨발|씹|병신|새끼|개자식|망할|빌어먹|젠장|지랄|섹스|강간|마약|각성제|뮤타|변이|괴물|찢|베어|뼈|해골|살점|상처|"
    "부상|폭발|폭탄|수류탄|미사일|공격|전투|사격|무기|방사|독성|중독|감염|기생|절단|학대|섹시|나치|놈"
)
_LOST = re.compile(
    r"\b(?:i(?=(?:m|ve)\b)|(?:they|you)(?=re\b)|(?:you|they|could|would|should)(?=ve\b)"
    r"|(?:that|what|he|she|there|here|who|how)(?=s\b)"
    r"|(?:do|does|did|have|has|had|is|are|was|were|ca|could|would|should|wo|ai)n(?=t\b))",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"^[^(].*[.?!]\"?$")
_ENDS = re.compile(r"[.?!…)\"'”’]$")


@dataclass(frozen=True)
class Talk:
    """Messages or sentences that follow one another, as they were written but for what cleaning took."""

    texts: tuple[str, ...]

    @property
    def unseen(self) -> bool:
        """Whether training leaves it out."""
        return crc32("\n".join(self.texts).encode()) % HELD_OUT == 0


@cache
def talks(language: str) -> tuple[Talk, ...]:
    """Every conversation of a language. Raises `FileNotFoundError` where a package was not fetched."""
    if language not in SOURCES:
        raise ValueError(f"language {language!r}: one of {', '.join(SOURCES)} is accepted")
    return tuple(_english() if language == "en" else _korean())


def elsewhere(language: str) -> tuple[list[str], str]:
    """Everyday lines that nobody wrote for this project and that no model was trained on, and what they are."""
    if language == "ko":
        (game,) = packages.read(packages.CATACLYSM).values()
        return [text for text in _entries(game) if _HANGUL.search(text)], "the game's whole catalogue, uncleaned"
    files = packages.read(packages.CHATTERBOT)
    lines = [line for name in ELSEWHERE for line in _lines(files[f"chatterbot_corpus/data/english/{name}.yml"])]
    return lines, f"chatterbot-corpus, English: {', '.join(ELSEWHERE)}"


def cleaned(texts: Iterable[str], pattern: re.Pattern[str]) -> tuple[str, ...]:
    """What may be read of some messages."""
    lines = (" ".join(text.replace("’", "'").split()) for text in texts)
    fit = (text for text in lines if text and not _PRIVATE.search(text) and not pattern.search(text))
    whole = (_LOST.sub(r"\g<0>'", text) for text in fit)
    return tuple(text if _ENDS.search(text) else f"{text}." for text in whole)


def _english() -> Iterator[Talk]:
    (content,) = packages.read(packages.CHITCHAT).values()
    for conversation in json.loads(content).values():
        messages = (message["text"] for turn in conversation["messages"] for message in turn)
        texts = cleaned((text for text in messages if text.isascii()), _ABUSE)
        if texts:
            yield Talk(texts)


def _korean() -> Iterator[Talk]:
    """Each sentence of the game by itself: its catalogue has them in no order of reading. Of the corpus, which answers
    one line in several ways, each line by itself too."""
    (catalogue,) = packages.read(packages.CATACLYSM).values()
    lines = (line.lstrip("*&- ").strip() for text in _entries(catalogue) for line in text.split("\n"))
    sentences = [text for text in lines if _SENTENCE.search(text) and not _CODES.search(text)]
    for name, content in packages.read(packages.CHATTERBOT).items():
        if "/korean/" in name:
            sentences += _lines(content)
    common = dict.fromkeys(text for text in cleaned(sentences, _GORE) if _HANGUL.search(text))
    return (Talk((text,)) for text in common)


def _entries(catalogue: bytes) -> Iterable[str]:
    """What a compiled catalogue of gettext says."""
    texts: dict[object, str] = GNUTranslations(BytesIO(catalogue))._catalog  # type: ignore[attr-defined]  # no other way to all of it
    return texts.values()


def _lines(content: bytes) -> list[str]:
    """The lines of a file of chatterbot-corpus: items of YAML lists of lists, each on one line."""
    matches = (re.match(r"\s*(?:- )+(.*)", line) for line in content.decode("utf-8").splitlines())
    return [match[1].strip("\"' ") for match in matches if match]
