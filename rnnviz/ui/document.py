"""What a page needs of the document around it: its language, for whoever reads aloud, and after Enter in a line of text
the keys for the stage."""

import streamlit as st

from rnnviz.ui.host.internals import FIELD

# An input method takes the Enter that ends a syllable.
_JS = f"""
let heard = false;

export default function ({{data}}) {{
  document.documentElement.lang = data.lang;
  if (heard) return;
  heard = true;
  document.addEventListener('keydown', event => {{
    const field = event.target;
    if (event.key !== 'Enter' || event.isComposing || !field.matches?.("{FIELD} input")) return;
    setTimeout(() => field.blur());
  }});
}}
"""
_component = st.components.v2.component("rnnviz_document", js=_JS)


def document(language: str) -> None:
    """Bring the document up to date.     language: of the page, as in `LANGUAGES`."""
    _component(key="document_unseen", data={"lang": language})
