"""A page with a text field and one chart of its words, what `benchmarks.typing_text` compares the stage with."""

import altair as alt
import streamlit as st

words = st.text_input("text", "the boy").split()
rows = [{"at": at, "word": word} for at, word in enumerate(words)]
chain = alt.Chart(alt.Data(values=rows)).mark_text().encode(x="at:Q", text="word:N")
length = (
    alt.Chart(alt.Data(values=[{"text": f"t = 1 / {len(words)}"}]), name="caption").mark_text().encode(text="text:N")
)
st.altair_chart(chain + length)
