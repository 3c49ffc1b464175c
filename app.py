"""The app: `streamlit run app.py`. Page settings, the language and the navigation; the pages do the rest.

Streamlit reads this file in two ways: as a module, once, when the server starts, for `app`, which says what the server
answers; and as `__main__` for every run of a session.
"""

import os

# First of all, since numpy's and torch's thread pools read it when they are loaded, and never again: their work here is
# so small that a second thread only waits for the first, on a processor that the other visitors need.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import streamlit as st

from rnnviz.ui.host.error_box import failed
from rnnviz.ui.host.internals import one_navigation
from rnnviz.ui.host.server import middleware, open_browser


def run() -> None:
    """One run of a session."""
    from rnnviz.lessons import LESSONS
    from rnnviz.ui.host import missing_page
    from rnnviz.ui.page.header import style
    from rnnviz.ui.text.prose import speaker
    from rnnviz.ui.url.state import open_app

    st.set_page_config(page_icon="🔁", layout="wide")
    state = open_app()
    say = speaker(state["lang"])
    pages = [
        st.Page(
            lesson.file,
            title=say(f"{lesson.name}.title"),
            url_path=lesson.address,
            default=not lesson.address,
            help=say(f"{lesson.name}.summary") if lesson.address else None,
        )
        for lesson in LESSONS.values()
    ]
    if address := missing_page.missing_address([page.url_path for page in pages]):
        pages.append(st.Page(missing_page.page, title=say("unknown.title"), url_path=address, visibility="hidden"))
    page = st.navigation(pages, position="top")
    style(state)
    page.run()


if __name__ == "__main__":
    run()
else:
    one_navigation()
    app = st.App(__file__, middleware=middleware(), lifespan=open_browser, on_script_error=failed)
