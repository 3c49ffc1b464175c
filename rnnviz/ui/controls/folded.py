"""What can wait, behind a button on a phone, where the picture comes first; on a wider page it stands open, and there
is no button. The browser alone decides: a server does not know how wide a page is."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

_HTML = '<button type="button" class="rnnviz-fold" aria-expanded="false"></button>'
# Without a box of its own, so that what is in it stands in the row around it, open or not.
_CSS = """
[class*='st-key-'][class*='_folds'], div:has(> [class*='st-key-'][class*='_folds']) {display: contents}
[class*='_folds'] > div:has(.rnnviz-fold) {display: none}
.rnnviz-fold {min-height: 2.25rem; padding: 0 .6rem; font: inherit; font-size: .875rem; color: var(--st-text-color);
  font-family: var(--st-font); background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: .5rem; cursor: pointer; white-space: nowrap}
.rnnviz-fold::after {content: '▾'; margin-left: .4rem}
.rnnviz-fold[aria-expanded=true]::after {content: '▴'}
@media (max-width: 640px) {
  [class*='_folds'] > div:has(.rnnviz-fold) {display: block; width: auto; flex: none}
  [class*='_folds']:has(.rnnviz-fold[aria-expanded=false]) > div:not(:has(.rnnviz-fold)) {display: none}
}
"""
_JS = """
export default function ({data, parentElement}) {
  const button = parentElement.querySelector('.rnnviz-fold');
  if (button.textContent !== data.label) button.textContent = data.label;
  button.onclick = () => button.setAttribute('aria-expanded', button.getAttribute('aria-expanded') === 'false');
}
"""
_component = st.components.v2.component("rnnviz_fold", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


@contextmanager
def folded(label: str, key: str, *, horizontal: bool = True) -> Iterator[None]:
    """Controls that a phone shows only after a press on a button with this label.

    horizontal: whether they stand in a row of controls, or are rows themselves.
    """
    with st.container(key=f"{key}_folds", horizontal=horizontal):
        _component(key=f"{key}_fold", data={"label": label}, width="content")
        yield
