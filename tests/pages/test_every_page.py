"""What holds for every page, in both languages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnnviz.ui.text.prose import escape
from rnnviz.words import catalogue
from tests.pages.conftest import FILES, Visit, go_back

ROOT = Path(__file__).resolve().parents[2]
TITLES = {name: f"{name}.title" for name in FILES} | {"home": "home.headline"}
HANGUL = re.compile("[가-힣]")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("page", TITLES)
def test_a_page_opens_in_the_language_of_the_browser(page: str, language: str, visit: Visit) -> None:
    at = visit(page, language)
    assert not at.exception
    assert not at.warning
    assert at.title[0].value == catalogue(language)[TITLES[page]]
    assert dict(at.query_params) == {}, "a bare address stays bare"


@pytest.mark.parametrize("page", TITLES)
def test_the_language_can_be_switched_and_stays_in_the_url(page: str, visit: Visit) -> None:
    at = visit(page, "en")
    at.segmented_control(key=f"{page}_lang").set_value("ko").run()
    assert at.title[0].value == catalogue("ko")[TITLES[page]]
    assert at.query_params["lang"] == "ko"
    other = "step" if page == "home" else "home"
    at.switch_page(FILES[other]).run()
    assert at.title[0].value == catalogue("ko")[TITLES[other]]
    assert at.query_params["lang"] == "ko"


# AppTest runs a child page without app.py, which reads the values that hold everywhere: they are tested at home.
def test_back_and_forward_show_what_the_address_says(visit: Visit) -> None:
    at = visit("home", "en")
    at.segmented_control(key="home_lang").set_value("ko").run()
    go_back(at)
    assert at.title[0].value == catalogue("en")["home.headline"], "the bare address follows the browser again"
    assert dict(at.query_params) == {}
    assert at.segmented_control(key="home_lang").value == "en"
    go_back(at, lang="ko", type="large")
    assert at.title[0].value == catalogue("ko")["home.headline"]
    assert "font-size: 130%" in at.html[0].value
    go_back(at, lang="ko")
    assert ":root:root {font-size" not in at.html[0].value


def test_back_takes_a_pages_own_values_from_the_address_too(visit: Visit) -> None:
    at = visit("step", "en")
    at.segmented_control(key="step_cell").set_value("gru").run()
    assert go_back(at).segmented_control(key="step_cell").value == "rnn"
    assert go_back(at, cell="lstm").segmented_control(key="step_cell").value == "lstm"


def test_a_bad_value_that_back_leads_to_is_named_once(visit: Visit) -> None:
    at = go_back(visit("home", "en", lang="ko"), lang="xx")
    assert "xx" in at.warning[0].value
    assert not go_back(at).warning


@pytest.mark.parametrize("page", TITLES)
def test_a_link_decides_the_language_whatever_the_browser_speaks(page: str, visit: Visit) -> None:
    assert visit(page, "en", lang="ko").title[0].value == catalogue("ko")[TITLES[page]]


@pytest.mark.parametrize("page", TITLES)
def test_an_english_page_holds_no_korean_sentence(page: str, visit: Visit) -> None:
    at = visit(page, "en")
    shown = [e.value for kind in (at.markdown, at.caption, at.subheader, at.title) for e in kind]
    shown += [button.label for button in at.button]
    assert [text for text in shown if HANGUL.search(text)] == []


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(("name", "raw"), [("lang", "xx"), ("type", "huge"), ("hide", "text,everything")])
def test_a_bad_value_is_named_and_replaced(name: str, raw: str, language: str, visit: Visit) -> None:
    at = visit("home", language, **{name: raw})
    assert not at.exception
    assert at.title[0].value == catalogue(language)["home.headline"]
    assert catalogue(language)["header.refused"] in at.warning[0].value
    assert escape(raw) in at.warning[0].value
    assert name not in at.query_params


@pytest.mark.parametrize("locale", [None, "", "fr-FR", "zh-Hant-TW"])
def test_another_locale_reads_english(locale: str | None, visit: Visit) -> None:
    at = visit("home", "en")
    at.context["locale"] = locale
    assert at.run().title[0].value == catalogue("en")["home.headline"]


def test_type_is_large_only_when_asked_for(visit: Visit) -> None:
    assert ":root:root {font-size" not in visit("home").html[0].value
    assert "font-size: 130%" in visit("home", type="large").html[0].value


def test_the_home_page_does_not_import_torch() -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        "at = AppTest.from_file('app.py', default_timeout=60).run()\n"
        "assert at.title and not at.exception\n"
        "print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.stdout.split() == ["False"], run.stderr
