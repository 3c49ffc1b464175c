"""From any text to tokens of a closed vocabulary, and back. No torch here.

Nothing that can be seen is dropped: what the model does not know keeps its own text and gets the index of `<unk>`.
Characters that show nothing (control and format characters, such as a byte order mark) only separate, unless they
stand inside a cluster (an emoji joined of several).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from unicodedata import category, normalize

UNKNOWN = "<unk>"
# The end of a name, for models that read characters; whatever spacing a person types is this token too.
BOUNDARY = "␣"
GAP = "_"
CLOSING = frozenset(".,!?;:)]}…。、")
JOINER = "\u200d"
# How many tokens a model reads at once: as many as a stage can show.
TOKEN_LIMIT = 40


@dataclass(frozen=True)
class Token:
    """One token as typed. `index` is its row in the model; a gap has the index of `<unk>` until a model fills it."""

    text: str
    index: int
    known: bool
    gap: bool = False


def targets(tokens: Sequence[Token]) -> tuple[int | None, ...]:
    """Per token the index of the one that really follows.

    None after the last one, and where what follows is unknown or a gap (there a model would be compared with itself).
    """
    return (*(after.index if after.known and not after.gap else None for after in tokens[1:]), None)


@dataclass(frozen=True)
class Vocabulary:
    """`words[0]` is `<unk>`. kind: "word" (spaces and punctuation separate) or "char" (each character is a token)."""

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

    def tokenize(self, text: str) -> tuple[Token, ...]:
        """The tokens of any text (it is brought to Unicode's composed form, NFC, first); empty for empty text."""
        clean = normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
        pieces = _characters(clean) if self.kind == "char" else _words(clean)
        return tuple(self._token(piece) for piece in pieces)

    def _token(self, text: str) -> Token:
        if text.strip(GAP) == "":
            return Token(text, 0, known=False, gap=True)
        index = self.indices.get(_fold(text), 0)
        return Token(text, index, known=index > 0)

    def join(self, texts: Iterable[str]) -> str:
        """Running text of tokens: no space before closing punctuation; names of a "char" model stand apart."""
        if self.kind == "char":
            return "".join(texts).replace(BOUNDARY, " ").strip()
        joined = ""
        for text in texts:
            joined += text if not joined or text in CLOSING else f" {text}"
        return joined


def _fold(text: str) -> str:
    return "".join(c for c in text.casefold() if category(c) != "Cf")


def _clusters(text: str) -> list[str]:
    """Characters as a person counts them: marks, variation selectors and joined emoji stay with what they change."""
    found: list[str] = []
    for c in text:
        joins = category(c) in ("Mn", "Me", "Mc") or c == JOINER or (found and found[-1].endswith(JOINER))
        if joins and found and _kind(found[-1]) not in "sz":
            found[-1] += c
        else:
            found.append(c)
    return found


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
    found: list[str] = []
    for cluster in _clusters(text):
        kind = _kind(cluster)
        if kind not in "sz":
            found.append(cluster)
        elif kind == "s" and found and found[-1] != BOUNDARY:
            found.append(BOUNDARY)
    if found and found[-1] == BOUNDARY and not text.rstrip().endswith(BOUNDARY):
        found.pop()  # spacing after the last character is a slip of the thumb, not the end of a name
    return found
