"""The app: `streamlit run app.py`. Page settings, the language and the navigation; the pages do the rest."""

import os

import streamlit as st

from rnnviz.ui.header import style
from rnnviz.ui.prose import speaker
from rnnviz.ui.state import open_app

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: with small models its threads only fight each other
st.set_page_config(page_icon="🔁", layout="wide")
state = open_app()
say = speaker(state["lang"])
page = st.navigation(
    [
        st.Page("pages/home.py", title=say("home.title"), url_path="", default=True),
        st.Page("pages/step-through.py", title=say("step.title"), url_path="step-through", help=say("step.summary")),
        st.Page(
            "pages/rolled-unrolled.py",
            title=say("rolled.title"),
            url_path="rolled-unrolled",
            help=say("rolled.summary"),
        ),
        st.Page(
            "pages/watch-the-gates.py",
            title=say("gates.title"),
            url_path="watch-the-gates",
            help=say("gates.summary"),
        ),
        st.Page("pages/train-live.py", title=say("train.title"), url_path="train-live", help=say("train.summary")),
        st.Page("pages/gradient-lab.py", title=say("lab.title"), url_path="gradient-lab", help=say("lab.summary")),
    ],
    position="top",
)
style(state)
page.run()
