"""A field for a small file. The browser reads it and sends its bytes as a value of the page: the server keeps no file,
and its address for uploads stays shut (`rnnviz.ui.host.server`)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

import streamlit as st

_HTML = '<label class="rnnviz-file"><span></span><input type="file"></label>'
# The label is the button: a browser's own has its words in the browser's language, and says of a file that was taken
# that there is none.
_CSS = """
.rnnviz-file {display: inline-flex; align-items: center; gap: .5em; position: relative; min-height: 2.5rem;
  padding: 0 .75rem; font-size: .875rem; font-family: var(--st-font); color: var(--st-text-color); cursor: pointer;
  background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: .5rem}
.rnnviz-file:hover {border-color: var(--st-primary-color)}
.rnnviz-file::before {content: '↑'; font-weight: 600}
.rnnviz-file input {position: absolute; inset: 0; width: 100%; opacity: 0; cursor: pointer}
.rnnviz-file:has(:focus-visible) {outline: 3px solid var(--st-primary-color); outline-offset: 2px}
"""
_JS = """
export default function ({data, parentElement, setTriggerValue}) {
  const root = parentElement.querySelector('.rnnviz-file'), field = root.querySelector('input');
  root.querySelector('span').textContent = data.label;
  field.accept = data.accepts;
  field.onkeydown = event => { if (event.code === 'Space') event.stopPropagation(); };  // it opens, and plays nothing
  field.onchange = async () => {
    const [file] = field.files;
    if (!file) return;
    if (file.size > data.most) { setTriggerValue('file', {name: file.name, size: file.size}); return; }
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    field.value = '';  // the same file, mended, may be chosen again
    setTriggerValue('file', {name: file.name, size: file.size, bytes: btoa(text)});
  };
}
"""
_component = st.components.v2.component("rnnviz_file", html=_HTML, css=_CSS, js=_JS)


NAME = 80  # characters of a file's name


def file_field(label: str, key: str, accepts: str, most: int, hear: Callable[[bytes | int, str], None]) -> None:
    """A field that takes one file.

    accepts: the endings, as a browser has them, `.csv,.txt`.     most: bytes; of a larger file only the size is sent.
    hear: told the bytes of a file that was chosen, or the size of one that is too large, and what it is called, before
        the page runs again.
    """

    def heard() -> None:
        sent = st.session_state.get(key, {}).get("file")
        try:
            size, name = int(sent["size"]), str(sent.get("name", ""))[:NAME]
            found = base64.b64decode(sent["bytes"], validate=True) if "bytes" in sent else None
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError, binascii.Error):
            return  # not what this page has written
        if found is not None and len(found) <= most:
            hear(found, name)
        else:
            hear(max(size, most + 1), name)

    _component(key=key, data={"label": label, "accepts": accepts, "most": most}, on_file_change=heard)
