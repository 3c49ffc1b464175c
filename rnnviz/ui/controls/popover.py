"""A popover whose content is drawn while it is open, and only then.

It saves work, and it keeps values: a browser does not mount a widget in a closed popover, and would later report the
widget's default in place of the value that a link had set.
"""

import streamlit as st

from rnnviz.ui.host.internals import Popover


def lazy_popover(label: str, key: str, *, help: str, icon: str | None = None) -> Popover:
    return st.popover(label, help=help, icon=icon, key=key, on_change="rerun")
