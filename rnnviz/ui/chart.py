"""A chart of `rnnviz.charts` on a page, so that new numbers change its marks and do not build it again."""

import altair as alt
import pyarrow as pa  # type: ignore[import-untyped]  # Streamlit brings it
import streamlit as st


def draw(chart: alt.LayerChart, key: str, alt_text: str) -> None:
    spec = chart.to_dict()
    spec["datasets"] = {name: pa.Table.from_pylist(rows) for name, rows in spec["datasets"].items()}
    st.vega_lite_chart(spec, key=key, width="stretch", alt=alt_text)
