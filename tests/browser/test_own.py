"""A visitor's own network in a browser: a file is opened, named, read and taken to the other lessons; it stays with the
visitor; and a run of Train live comes back as such a file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

from rnnviz.ui.host.internals import LINK
from rnnviz.words import LANGUAGES, catalogue
from tests.browser.harness import CAPTIONS, WAIT, Server, link, settle, visit

WORDS = ("<unk>", "the", "dog", "was", "not", "good")
FIELD = "[data-testid=stMain] [data-testid=stTextInput] input"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = nn.ModuleDict({"emb": nn.Embedding(6, 5), "rnn": nn.GRU(5, 7, 2), "fc": nn.Linear(7, 6)})
    path = tmp_path_factory.mktemp("own") / "my tagger.pt"
    torch.save(net.state_dict(), path)
    (path.parent / "words.txt").write_text("\n".join(WORDS))
    return path


def choose(page: Page, path: Path, field: int = 0) -> None:
    page.locator(".rnnviz-file input").nth(field).set_input_files(path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_is_opened_named_read_and_taken_to_another_lesson(
    language: str, browser: object, server: Server, weights: Path
) -> None:
    say = catalogue(language)
    with visit(browser, server.url(link("/your-own", lang=language))) as seen:
        page = seen.page
        settle(page)
        choose(page, weights)
        expect(page.get_by_text("my tagger.pt").first).to_be_visible(timeout=WAIT)
        page.get_by_role("button", name=say["own.layout"]).click()
        expect(page.get_by_text(say["own.vocabulary"])).to_be_visible(timeout=WAIT)
        choose(page, weights.parent / "words.txt", page.locator(".rnnviz-file input").count() - 1)
        # While the browser still reads the file, the field has to be there to be told.
        expect(page.get_by_placeholder(say["own.read_words"])).to_be_visible(timeout=WAIT)
        page.keyboard.press("Escape")
        settle(page)
        page.fill(FIELD, "the dog was not good")
        page.press(FIELD, "Enter")
        expect(page.locator(CAPTIONS).first).to_contain_text("/ 5", timeout=WAIT)
        settle(page)
        assert "network=" in page.url
        page.locator(LINK).get_by_role("link", name=say["own.in_step"]).click()
        expect(page.get_by_role("heading", name=say["step.title"])).to_be_visible(timeout=WAIT)
        expect(page.get_by_text("my tagger.pt").first).to_be_visible(timeout=WAIT)
        settle(page)
        expect(page.locator(CAPTIONS).first).to_contain_text("/ 5", timeout=WAIT)
        address = page.url
    with visit(browser, address) as other:  # somebody else
        told = say["own.open_first"].partition("{")[0]
        expect(other.page.get_by_text(told).first).to_be_visible(timeout=WAIT)


def test_what_is_no_file_of_weights_says_so_and_the_picture_stays(
    browser: object, server: Server, tmp_path: Path
) -> None:
    wrong = tmp_path / "notes.pt"
    wrong.write_text("these are no weights")
    with visit(browser, server.url(link("/your-own", lang="en"))) as seen:
        settle(seen.page)
        choose(seen.page, wrong)
        told = catalogue("en")["own.refused_file"].partition("(")[0]
        expect(seen.page.get_by_text(told).first).to_be_visible(timeout=WAIT)
        expect(seen.page.locator(CAPTIONS).first).to_contain_text("/ 12")


def test_a_file_of_the_largest_size_is_opened(browser: object, server: Server, tmp_path: Path) -> None:
    path, net = tmp_path / "large.pt", nn.ModuleDict({"rnn": nn.LSTM(128, 128, 4), "fc": nn.Linear(128, 3500)})
    torch.save(net.state_dict(), path)
    assert 3_800_000 < path.stat().st_size < 4_000_000
    with visit(browser, server.url(link("/your-own", lang="en"))) as seen:
        settle(seen.page)
        choose(seen.page, path)
        expect(seen.page.get_by_text("large.pt").first).to_be_visible(timeout=WAIT)
        settle(seen.page)
        expect(seen.page.locator(CAPTIONS).first).to_contain_text("/ 12")
