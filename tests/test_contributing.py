"""What CONTRIBUTING.md and the glossary point to is there, and what a commit is checked for is what CI checks first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rnnviz.lessons import LESSONS
from rnnviz.words import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
# The rooms of charts that are a page's; the others draw for them.
ROOMS = ("stage", "training", "lab")
# A path of this repository in backticks; `<name>` stands for any.
NAMED = re.compile(r"`((?:[\w.<>*-]+/)+[\w.<>*-]*|[\w-]+\.(?:py|md|toml)|\.[\w-]+\.yaml)`")
# By title, its steps; each names the files of it.
RECIPES = {
    "A cell": 3,
    "A lesson": 5,
    "A language of the pages": 2,
    "A task": 3,
    "A task of pairs": 5,
    "A series of numbers": 2,
    "A panel of a chart": 2,
    "A layout of the stage": 2,
    "A colour": 2,
    "An optimiser": 2,
    "A kind of file": 2,
    "A value of a link": 2,
}


def named(text: str) -> list[str]:
    """The paths in a text, and those whose first folder the repository does not have left out (`origin/main`)."""
    return [path for path in NAMED.findall(text) if "/" not in path or (ROOT / path.split("/")[0]).exists()]


def recipe(title: str) -> str:
    return GUIDE.partition(f"\n### {title}\n")[2].partition("\n### ")[0]


@pytest.mark.parametrize("path", sorted({*named(GUIDE), *named(GLOSSARY)}))
def test_every_file_that_is_named_is_there(path: str) -> None:
    """For every room and every language; a `<name>` may be that of any."""
    for room in ROOMS:
        for language in LANGUAGES:
            said = path.replace("<room>", room).replace("<language>", language)
            assert list(ROOT.glob(re.sub(r"<\w+>", "*", said))), said


@pytest.mark.parametrize("room", ROOMS)
def test_the_guide_says_which_rooms_there_are(room: str) -> None:
    assert f"`{room}`" in recipe("A panel of a chart")


@pytest.mark.parametrize("text", ["title", "summary", "question"])
def test_the_guide_names_the_texts_that_a_lesson_must_have(text: str) -> None:
    assert f"`{text}`" in recipe("A lesson")
    for language in LANGUAGES:
        assert all(f"{lesson}.{text}" in catalogue(language) for lesson in LESSONS if lesson != "home")


@pytest.mark.parametrize(("title", "steps"), RECIPES.items())
def test_every_recipe_names_the_files_of_each_step(title: str, steps: int) -> None:
    found = re.findall(r"^\d+\. .*(?:\n   .*)*", recipe(title), re.MULTILINE)
    assert len(found) == steps
    assert all(named(step) for step in found)


def test_the_recipes_are_those_of_the_guide() -> None:
    titles = re.findall(r"^### (.+)$", GUIDE, re.MULTILINE)
    assert titles == list(RECIPES)


def test_the_words_are_in_order_and_each_has_a_place() -> None:
    rows = [line.strip("|").split("|") for line in GLOSSARY.splitlines() if line.startswith("|")][2:]
    words = [word.strip() for word, _, _ in rows]
    assert words == sorted(set(words))
    assert all(named(place) for _, _, place in rows)


def test_a_commit_is_checked_for_what_ci_checks_first() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"entry: \.venv-test/bin/(.+)", hooks)
    script = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    stages = re.findall(r'^stage "(?:ruff|mypy).*" "\$venv/bin/(\w+)"(.*)$', script, re.MULTILINE)
    assert entries == [f"{tool}{options}".removesuffix(" .") for tool, options in stages]
    assert re.findall(r"repo: (.+)", hooks) == ["local"], "nothing is fetched"
