"""A Streamlit page with one Altair chart and nothing else: what `benchmarks.opening` compares the pages with."""

import altair as alt
import streamlit as st

st.altair_chart(alt.Chart(alt.Data(values=[{"x": 1, "y": 2}, {"x": 2, "y": 1}])).mark_line().encode(x="x:Q", y="y:Q"))
