"""What is added as files alone is found: a lesson is a folder and its file in pages/, a language is its files of text
and one entry. Each is added to a copy of the app, and opened there in a process of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rnnviz.lessons import LESSONS
from rnnviz.words import files

ROOT = Path(__file__).resolve().parents[2]
LESSON = {
    "rnnviz/lessons/hello/__init__.py": """
from rnnviz.lessons.hello.parameters import PARAMETERS
from rnnviz.ui.page.lessons import Lesson

LESSON = Lesson("hello", 15, "say-hello", PARAMETERS)
""",
    "rnnviz/lessons/hello/parameters.py": """
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.parameters import Param

PARAMETERS = (Param("times", Whole(1, 3), lambda _: 1),)
""",
    "rnnviz/lessons/hello/page.py": """
import streamlit as st

from rnnviz.ui.page.header import header
from rnnviz.ui.controls.number import number
from rnnviz.ui.text.prose import speaker
from rnnviz.ui.url.state import open_page


def page() -> None:
    state = open_page("hello")
    say = speaker(state["lang"])
    header(say("hello.title"), state, say)
    number(say("hello.times"), "times", state)
    st.markdown(say("hello.hello") * state["times"])
""",
    "pages/say-hello.py": "from rnnviz.lessons.hello.page import page\n\npage()\n",
}
TEXTS = {
    "en": ("Say hello", "A greeting.", "How often is enough?", "Times", "Hello!"),
    "ko": ("인사하기", "인사입니다.", "몇 번이면 될까요?", "횟수", "안녕!"),
}
OPEN_LESSON = """
from streamlit.testing.v1 import AppTest
from rnnviz.lessons import LESSONS

assert list(LESSONS)[:3] == ["home", "step", "hello"]
for locale, title, question, greeting in (
    ("en", "Say hello", "How often is enough?", "Hello!"),
    ("ko", "인사하기", "몇 번이면 될까요?", "안녕!"),
):
    at = AppTest.from_file("app.py", default_timeout=120)
    at.context = {"locale": locale, "url": "https://class.example", "theme": "light"}
    at.run()
    assert not at.exception, at.exception
    assert question in [caption.value for caption in at.caption], "the home page lists it"
    at.query_params["times"] = "2"
    at.switch_page("pages/say-hello.py").run()
    assert not at.exception, at.exception
    assert (at.title[0].value, at.markdown[0].value) == (title, 2 * greeting)
    field = at.number_input(key="hello_times")
    assert (field.min, field.max, field.value) == (1, 3, 2), "one bound for the link and the field"
    field.set_value(3).run()
    assert at.query_params["times"] == "3"
    away = AppTest.from_file("app.py", default_timeout=120).run()
    away.query_params["times"] = "4"
    assert "4" in away.switch_page("pages/say-hello.py").run().warning[0].value
print("opened")
"""
OPEN_LANGUAGE = """
from streamlit.testing.v1 import AppTest
from rnnviz.lessons import LESSONS
from rnnviz.words import catalogue

said = catalogue("xx")
for asked in ({"locale": "xx-XX"}, {"locale": "ko-KR", "lang": "xx"}):
    for lesson in LESSONS.values():
        at = AppTest.from_file("app.py", default_timeout=120)
        at.context = {"locale": asked["locale"], "url": "https://class.example", "theme": "light"}
        values = {"lang": asked["lang"]} if "lang" in asked else {}
        at.query_params.update(values)
        at.run()
        if lesson.address:
            at.query_params.update(values)
            at.switch_page(lesson.file).run()
        assert not at.exception, (lesson.name, at.exception)
        title = said["home.headline" if lesson.name == "home" else f"{lesson.name}.title"]
        assert (at.title[0].value, len(at.warning)) == (title, 0), lesson.name
        if asked["locale"] != "xx-XX":
            break  # a link decides as the browser does
assert at.segmented_control(key="home_lang").options == ["English", "한국어", "Êxxö"]
print("opened")
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Of what the app runs on."""
    for name in ("rnnviz", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", tmp_path)
    return tmp_path


def accented(text: str) -> str:
    """A file of texts as nobody has written it: every vowel with an accent, placeholders, terms and names left."""

    def of_line(line: str) -> str:
        name, equals, sentence = line.partition(" = ")
        changed = re.sub(
            r"\{[^}]*\}|\]\(\w+\)|\\.|[aeo]", lambda m: {"a": "â", "e": "ê", "o": "ö"}.get(m[0], m[0]), sentence
        )
        return name + equals + changed

    return "\n".join(map(of_line, text.splitlines())) + "\n"


def run(code: str, folder: Path) -> str:
    """What the code prints, run in a folder. Its own process, because a process finds lessons and languages once."""
    made = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_a_new_lesson_is_a_folder_and_its_file_in_pages(copy: Path) -> None:
    (copy / "rnnviz/lessons/hello").mkdir()
    for name, source in LESSON.items():
        (copy / name).write_text(source, encoding="utf-8")
    for language, sentences in TEXTS.items():
        keys = ("title", "summary", "question", "times", "hello")
        lines = [f'{key} = "{sentence}"' for key, sentence in zip(keys, sentences, strict=True)]
        text = "\n".join(["[hello]", *lines])
        (copy / f"rnnviz/lessons/hello/{language}.toml").write_text(text, encoding="utf-8")
    assert run(OPEN_LESSON, copy).split() == ["opened"]


@pytest.mark.slow
def test_a_new_language_is_its_files_and_one_entry(copy: Path) -> None:
    """It needs no model of its own, and every page opens in it."""
    for file in files("en"):
        path = copy / file.relative_to(ROOT)
        path.with_stem("xx").write_text(accented(path.read_text("utf-8")), encoding="utf-8")
    words = copy / "rnnviz/words/__init__.py"
    entry = '"ko": "한국어"'
    assert entry in words.read_text("utf-8")
    words.write_text(words.read_text("utf-8").replace(entry, f'{entry}, "xx": "Êxxö"'), encoding="utf-8")
    assert run(OPEN_LANGUAGE, copy).split() == ["opened"]


def test_every_folder_of_a_lesson_is_a_lesson() -> None:
    folders = {file.parent.name for file in (ROOT / "rnnviz/lessons").glob("*/*.py")}
    assert folders == set(LESSONS)
    assert all(lesson.name == name for name, lesson in LESSONS.items())


def test_addresses_and_places_are_each_of_one_lesson() -> None:
    assert len({lesson.address for lesson in LESSONS.values()}) == len(LESSONS)
    places = [lesson.place for lesson in LESSONS.values()]
    assert places == sorted(set(places))


def test_finding_the_lessons_loads_neither_torch_nor_altair() -> None:
    code = "import sys, rnnviz.lessons; print([name for name in ('torch', 'altair') if name in sys.modules])"
    assert run(code, ROOT).strip() == "[]"
