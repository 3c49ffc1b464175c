"""What a page needs of the document around it: its language, for whoever reads aloud; the keys for the stage after
Enter in a line of text and after a press of the pointer on a choice; the tips of its charts by a tap; and after a press
that changes the picture, the picture in view."""

import streamlit as st

from rnnviz.ui.first.pictures import FRAME
from rnnviz.ui.host.internals import CHOICE, FIELD, MAIN, MENU, MENU_SHUT, OPENED, OPENER, PAGES
from rnnviz.ui.place.bridge import SHOW
from rnnviz.ui.place.tips import TIPS

OVERLAID = 768  # px, the widest window in which Streamlit lays its menu over the page
TERM = f"{MAIN} a[href*='glossary'][href*='#']"  # a link of `rnnviz.ui.text.glossary`
TRIED = "[class*='st-key-'][class*='_try_']"  # what there is to try
# An input method takes the Enter that ends a syllable.
# A press on a link to another page closes an open popover. Streamlit would tell the server so after the page has
# changed, in the name of the page before, which would come back with nothing of what was chosen. So it closes first.
_JS = f"""
{TIPS}
{SHOW}
let heard = false;

export default function ({{data}}) {{
  document.documentElement.lang = data.lang;
  if (heard) return;
  heard = true;
  tips();
  document.addEventListener('keydown', event => {{
    const field = event.target;
    if (event.key !== 'Enter' || event.isComposing || !field.matches?.("{FIELD} input")) return;
    setTimeout(() => field.blur());
  }});
  // Who has come to a choice by Tab goes on with its arrows: only a press of the pointer gives the keys back.
  document.addEventListener('click', event => {{
    const choice = event.target.closest?.("{CHOICE}");
    if (!choice || !event.detail) return;
    setTimeout(() => choice.contains(document.activeElement) && document.activeElement.blur());
  }}, true);
  document.addEventListener('click', event => {{
    if (!event.target.closest?.("{TRIED} button")) return;
    show(() => document.querySelector("{FRAME}"), 0.5);
  }});
  // The menu of a phone lies over the page that was chosen in it.
  document.addEventListener('click', event => {{
    if (innerWidth > {OVERLAID} || !event.target.closest?.("{MENU} a[href]")) return;
    setTimeout(() => document.querySelector("{MENU_SHUT}")?.click());
  }});
  // Streamlit opens a link in a text in a new tab. A term of the glossary opens in this one, by the menu's own link:
  // the app is not loaded anew, so that a training run and what was guessed stay, and "back" leads back.
  document.addEventListener('click', event => {{
    const term = event.target.closest?.("{TERM}");
    if (!term || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const {{pathname, hash}} = new URL(term.href);
    const page = [...document.querySelectorAll("{PAGES}")].find(link => new URL(link.href).pathname === pathname);
    if (!page) return;
    event.preventDefault();
    page.click();
    let tries = 100;
    const look = () => setTimeout(() => {{
      const heading = document.getElementById(hash.slice(1));
      if (heading) heading.scrollIntoView();
      else if (tries--) look();
    }}, 100);
    look();
  }});
  document.addEventListener('click', event => {{
    const link = event.target.closest?.("a[href]"), open = document.querySelector("{OPENED}");
    if (!link || !open || open.contains(link) || link.origin !== location.origin) return;
    if (!event.isTrusted || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    document.querySelector("{OPENER}")?.click();
    let tries = 40;
    const go = () => setTimeout(() => document.querySelector("{OPENED}") && tries-- ? go() : link.click(), 50);
    go();
  }}, true);
}}
"""
_component = st.components.v2.component("rnnviz_document", js=_JS)


def document(language: str) -> None:
    """Bring the document up to date.     language: of the page, as in `LANGUAGES`."""
    _component(key="document_unseen", data={"lang": language})
