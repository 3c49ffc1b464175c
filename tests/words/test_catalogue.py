"""The sentences of the pages: complete in both languages, all used, and the only ones on a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnviz.lessons import LESSONS
from rnnviz.words import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "rnnviz").rglob("*.py"))]
DRAWN = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "rnnviz/ui").rglob("*.py"))]
DRAWN += sorted((ROOT / "rnnviz/lessons").rglob("*.py"))
# Arguments of st.* that a person reads.
READ = {"label", "body", "help", "placeholder", "title", "text", "alt", "summary"}
HANGUL = re.compile("[가-힣]")


def mentioned() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every string in the sources, and every f-string as a pattern whose groups are its expressions."""
    texts = {f"{name}.{said}" for name in LESSONS for said in ("title", "summary", "question", "why")}
    patterns: list[re.Pattern[str]] = []
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            elif isinstance(node, ast.JoinedStr) and node.values:
                parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else r"([\w -]+)" for v in node.values]
                patterns.append(re.compile("".join(parts)))
    return texts, patterns


def said(file: Path) -> Iterator[tuple[int, str]]:
    """Line and key of every `say("...")`."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(key)), *_]):
                yield node.lineno, key


UNREAD = (
    "st.html",
    "st.query_params.get",
    "st.get_option",
    "st.components.v2.component",
)  # what takes a name that nobody reads


def spoken_literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of every literal with letters that goes straight to something a person reads on the page."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("st.")):
            continue
        name = ast.unparse(node.func)
        if name in UNREAD or name.startswith(("st.session_state", "st.context")):
            continue
        first = node.args[:1] if name not in ("st.Page", "st.page_link", "st.columns", "st.grid") else []
        for argument in [*first, *(k.value for k in node.keywords if k.arg in READ)]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                if any(c.isalpha() for c in argument.value):
                    yield node.lineno, argument.value
            elif isinstance(argument, ast.JoinedStr):
                written = "".join(str(v.value) for v in argument.values if isinstance(v, ast.Constant))
                if any(c.isalpha() for c in written):
                    yield node.lineno, written


def test_every_language_has_the_same_keys() -> None:
    english, *others = (set(catalogue(language)) for language in LANGUAGES)
    for other in others:
        assert english == other, f"missing {english - other}, left over {other - english}"


def test_every_language_fills_the_same_placeholders() -> None:
    english, *others = (
        {key: sentence.names for key, sentence in catalogue(language).items()} for language in LANGUAGES
    )
    for other in others:
        assert other == english


def test_every_korean_sentence_is_korean() -> None:
    """A sentence without Hangul is one that was not translated, unless it holds nothing but symbols and names."""
    names = re.compile(r"\{[^}]*\}|RNN|LSTM|GRU|MGU|tanh|ReLU|SGD|RMSprop|Adam|PyTorch|NumPy|CSV|NPZ|[^A-Za-z가-힣]")
    left = [key for key, sentence in catalogue("ko").items() if not HANGUL.search(sentence) and names.sub("", sentence)]
    assert left == []


def test_no_english_sentence_holds_korean() -> None:
    """Except where it says what a Korean text shows."""
    held = [key for key, sentence in catalogue("en").items() if HANGUL.search(sentence)]
    assert [key for key in held if not re.match(r"model\.\w+-ko\.", key)] == []


def test_every_sentence_is_used() -> None:
    """A key is written out, or an f-string makes it of parts that are written out."""
    texts, patterns = mentioned()
    patterns = [p for p in patterns if re.match(r"\w+\\?\.|\w+_", p.pattern)]

    def written(text: str) -> bool:
        found = (pattern.fullmatch(text) for pattern in patterns)
        return text in texts or any(match and all(map(written, match.groups())) for match in found)

    assert [key for key in catalogue("en") if not written(key)] == []


@pytest.mark.parametrize("file", DRAWN, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_sentence_that_is_asked_for_exists(file: Path) -> None:
    assert [(line, key) for line, key in said(file) if key not in catalogue("en")] == []


@pytest.mark.parametrize("file", DRAWN, ids=lambda file: str(file.relative_to(ROOT)))
def test_pages_say_nothing_that_is_not_in_the_catalogue(file: Path) -> None:
    assert list(spoken_literals(ast.parse(file.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "source", ['st.title("Hello")', 'st.button(say("a"), help="more")', 'st.markdown(f"{n} steps")']
)
def test_a_literal_on_a_page_is_recognised(source: str) -> None:
    assert list(spoken_literals(ast.parse(source)))


@pytest.mark.parametrize("source", ['st.title(say("a.b"))', 'st.button(say("a"), key="b", icon=":material/c:")'])
def test_keys_and_icons_are_not_literals(source: str) -> None:
    assert not list(spoken_literals(ast.parse(source)))


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="en, ko"):
        catalogue("fr")
