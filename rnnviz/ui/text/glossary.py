"""The terms that the glossary explains, and links to it from the sentences of a page.

In a text `[hidden state](hidden_state)` marks a term. The first sentence of a page that marks it links it, with what it
means as the tooltip; in every later one it is plain text.
"""

import re
from collections.abc import Mapping

from rnnviz.words.sentence import Sentence

TERMS = {
    "token": "step",
    "embedding": "rolled",
    "time_step": "step",
    "hidden_state": "step",
    "cell_state": "gates",
    "gate": "gates",
    "loss": "train",
    "nat": "step",
    "iteration": "train",
    "seed": "train",
    "unseen": "train",
    "bptt": "rolled",
    "truncation": "lab",
    "clipping": "lab",
    "norm": "train",
    "jacobian": "lab",
    "singular_value": "lab",
    "spectral_radius": "lab",
    "encoder": "attention",
    "decoder": "attention",
    "attention": "attention",
}
"""By name: the lesson that shows it."""

MARKED = re.compile(r"\[([^\]]+)\]\((\w+)\)")


def anchor(term: str) -> str:
    """Of its heading on the page of the glossary."""
    return term.replace("_", "-")


def link(sentence: Sentence, key: str, language: str, catalogue: Mapping[str, str], links: dict[str, str]) -> Sentence:
    """A sentence with its marks as links, or as plain text where another sentence of the page has the link.

    catalogue: of the language.     links: per term the key of the sentence that links it, which grows.
    Raises `KeyError` for a term that is none.
    """

    def shown(mark: re.Match[str]) -> str:
        text, term = mark[1], mark[2]
        if links.setdefault(term, key) != key:
            return text
        return f'[{text}](glossary?lang={language}#{anchor(term)} "{catalogue[f"meaning.{term}"]}")'

    return Sentence(MARKED.sub(shown, sentence))
