"""From any text to tokens of a closed vocabulary, and back. No torch here.

Nothing that can be seen is dropped: what the model does not know keeps its own text and gets the index of `<unk>`.
Characters that show nothing (control and format characters, such as a byte order mark) only separate, unless they
stand inside a cluster (an emoji joined of several).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from unicodedata import category, normalize

from rnnviz.core.wholes import Whole, of_letters, words

UNKNOWN = "<unk>"
# The end of a name, for models that read characters; whatever spacing a person types is this token too.
BOUNDARY = "␣"
GAP = "_"
CLOSING = frozenset(".,!?;:)]}…。、")
JOINER = "\u200d"
DIGITS = "0123456789"
# The syllables of Korean numerals up to ten thousands, Sino-Korean and native.
NUMERALS = "일이삼사오육칠팔구십백천만하나둘셋넷다섯여덟곱아홉열스물서른마흔쉰예순든"
# The jamo of Unicode's syllables in their order, as a keyboard types them (Hangul compatibility jamo).
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
JAMO = "".join(sorted({*INITIALS, *VOWELS, *FINALS}))
# How many tokens a model reads at once: as many as a stage can show.
TOKEN_LIMIT = 40


@dataclass(frozen=True)
class Token:
    """One token as typed. `index` is its row in the model; a gap has the index of `<unk>` until a model fills it.

    of, part: what it was cut from, where that has no row of its own, and which part of it, from 0.
    letter: whether it is a character of a text, of which a word has several.
    """

    text: str
    index: int
    known: bool
    gap: bool = False
    of: str = ""
    part: int = 0
    letter: bool = False


def targets(tokens: Sequence[Token]) -> tuple[int | None, ...]:
    """Per token the index of the one that really follows.

    None after the last one, and where what follows is unknown or a gap (there a model would be compared with itself).
    """
    return (*(after.index if after.known and not after.gap else None for after in tokens[1:]), None)


def wholes(tokens: Sequence[Token]) -> tuple[Whole, ...]:
    """What the tokens of a text are units of: what was cut into several, and of letters the words."""
    cut = []
    for t, token in enumerate(tokens):
        if token.of and token.part == 0:
            stop = next((k for k in range(t + 1, len(tokens)) if not tokens[k].part), len(tokens))
            cut.append(Whole(t, stop, token.of, "cut"))
    texts = [token.text for token in tokens]
    return (*cut, *(words(texts, cut) if any(token.letter for token in tokens) else of_letters(texts)))


@dataclass(frozen=True)
class Vocabulary:
    """`words[0]` is `<unk>`. kind: "word" (spaces and punctuation separate) or "char" (each character is a token).

    What has no row is cut, where the vocabulary has rows for that: a syllable into its jamo, where all 51 are there; a
    number into its digits, where all ten are; a word before a contraction's end (`'s`) or at a hyphen, where that is
    there. So the list of words alone decides how a text is split.
    """

    words: tuple[str, ...]
    kind: str

    def __post_init__(self) -> None:
        if self.kind not in ("word", "char"):
            raise ValueError(f"kind {self.kind!r}: 'word' and 'char' are accepted")
        if not self.words or self.words[0] != UNKNOWN or len(set(self.words)) != len(self.words):
            raise ValueError(f"words must be distinct and begin with {UNKNOWN}")

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def indices(self) -> dict[str, int]:
        """The row of each word, by its case-folded form."""
        return {_fold(word): i for i, word in enumerate(self.words) if i}

    def row(self, word: str) -> int:
        """Of a word, however it is spelled; that of `<unk>` where it has none."""
        return self.indices.get(_fold(word), 0)

    def tokenize(self, text: str) -> tuple[Token, ...]:
        """The tokens of any text (it is brought to Unicode's composed form, NFC, first); empty for empty text."""
        clean = normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
        pieces = _characters(clean) if self.kind == "char" else _words(clean)
        return tuple(token for piece in pieces for token in self._tokens(piece))

    def _tokens(self, text: str) -> list[Token]:
        letter = self.kind == "char"
        if text.strip(GAP) == "":
            return [Token(text, 0, known=False, gap=True, letter=letter)]
        parts = [text] if _fold(text) in self.indices else self._parts(text)
        whole = text if len(parts) > 1 else ""
        rows = [self.row(part) for part in parts]
        return [
            Token(part, row, row > 0, of=whole, part=k, letter=letter)
            for k, (part, row) in enumerate(zip(parts, rows, strict=True))
        ]

    def _parts(self, text: str) -> list[str]:
        """What a piece without a row is cut into, at least one part; joined they are the piece, but for jamo."""
        if self.kind == "char":
            return jamo(text) if self.indices.keys() >= set(JAMO) else [text]
        parts = [text]
        for places in self._cuts:
            parts = [part for whole in parts for part in ([whole] if _fold(whole) in self.indices else places(whole))]
        return parts

    @cached_property
    def _cuts(self) -> list[Callable[[str], list[str]]]:
        """How an unknown word is cut, coarse cuts first."""
        ends = sorted(
            (word for word in self.indices if re.fullmatch("(?:n|'[a-z])['a-z]*", word) and "'" in word),
            key=len,
            reverse=True,
        )
        cuts: list[Callable[[str], list[str]]] = []
        if "-" in self.indices:
            cuts.append(lambda text: [part for part in re.split("(-)", text) if part])
        if ends:
            any_of = "|".join(end.replace("'", "['’]") for end in ends)
            pattern = re.compile(f"(.+)({any_of})", re.IGNORECASE)
            cuts.append(lambda text: list(match.groups()) if (match := pattern.fullmatch(text)) else [text])
        if self.indices.keys() >= set(DIGITS):
            cuts.append(lambda text: re.findall("[0-9]|[^0-9]+", text))
        if self.indices.keys() >= set(NUMERALS):
            cuts.append(lambda text: re.findall(f"[{NUMERALS}]|[^{NUMERALS}]+", text))
        return cuts

    def join(self, texts: Iterable[str]) -> str:
        """Running text of tokens: no space before closing punctuation; names of a "char" model stand apart."""
        if self.kind == "char":
            return "".join(texts).replace(BOUNDARY, " ").strip()
        line = ""
        for text in texts:
            line += text if not line or text in CLOSING else f" {text}"
        return line


def jamo(syllable: str) -> list[str]:
    """The letters of a Hangul syllable as they are typed, two or three; anything else by itself."""
    place = ord(syllable[0]) - ord("가") if len(syllable) == 1 else -1
    if not 0 <= place < 19 * 21 * 28:
        return [syllable]
    initial, vowel, final = place // 588, place // 28 % 21, place % 28
    return [INITIALS[initial], VOWELS[vowel], *([FINALS[final - 1]] if final else [])]


@lru_cache(maxsize=1 << 16)
def _fold(text: str) -> str:
    return "".join("'" if c == "’" else c for c in text.casefold() if category(c) != "Cf")


def _clusters(text: str) -> list[str]:
    """Characters as a person counts them: marks, variation selectors and joined emoji stay with what they change."""
    if text.isascii():
        return list(text)
    clusters: list[str] = []
    for c in text:
        joins = category(c) in ("Mn", "Me", "Mc") or c == JOINER or (clusters and clusters[-1].endswith(JOINER))
        if joins and clusters and _kind(clusters[-1]) not in "sz":
            clusters[-1] += c
        else:
            clusters.append(c)
    return clusters


@lru_cache(maxsize=1 << 12)
def _kind(cluster: str) -> str:
    """w word, g gap, s space, i inside a word (apostrophe, hyphen), m a punctuation mark, y symbol, z invisible."""
    c = cluster[0]
    group = category(c)
    if c == GAP:
        return "g"
    if c.isspace() or group == "Cc":
        return "s"
    if group == "Cf":
        return "z"
    if c in "'’-":
        return "i"
    if group[0] in "LMN":
        return "w"
    return "m" if group[0] == "P" else "y"


# Over the kinds, one letter a cluster: words, gaps, runs of symbols, and each punctuation mark by itself.
_PIECE = re.compile(r"w(?:[wz]|i(?=w))*|g+|y[yz]*|[mi]")


def _words(text: str) -> list[str]:
    clusters = _clusters(text)
    kinds = "".join(map(_kind, clusters))
    return ["".join(clusters[m.start() : m.end()]) for m in _PIECE.finditer(kinds)]


def _characters(text: str) -> list[str]:
    characters: list[str] = []
    for cluster in _clusters(text):
        kind = _kind(cluster)
        if kind not in "sz":
            characters.append(cluster)
        elif kind == "s" and characters and characters[-1] != BOUNDARY:
            characters.append(BOUNDARY)
    if characters and characters[-1] == BOUNDARY and not text.rstrip().endswith(BOUNDARY):
        characters.pop()  # spacing after the last character is a slip of the thumb, not the end of a name
    return characters
