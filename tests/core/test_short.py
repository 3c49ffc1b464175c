"""What a notebook prints of a dataclass fits on a line, whatever it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.short import ROOM, short_repr


@dataclass(frozen=True)
class Thing:
    value: Any
    hidden: int = field(default=1, repr=False)

    __repr__ = short_repr


VALUES = st.recursive(
    st.none() | st.integers() | st.text() | st.binary() | st.floats() | st.integers(0, 400).map(range),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(max_size=5), inner),
)


@given(VALUES)
def test_it_is_what_python_writes_where_that_is_short_and_else_a_type_and_a_length(value: Any) -> None:
    written = repr(Thing(value))
    assert len(written) <= len("Thing(value=)") + 2 * ROOM
    assert "hidden" not in written
    if (
        len(repr(value)) <= ROOM
        and not isinstance(value, dict)
        and not (hasattr(value, "__len__") and len(value) > ROOM)
    ):
        assert written == f"Thing(value={value!r})"


@given(st.lists(st.integers(0, 5), max_size=4))
def test_of_an_array_it_has_the_type_and_the_shape(shape: list[int]) -> None:
    assert repr(Thing(np.zeros(shape, np.float32))) == f"Thing(value=<float32 {tuple(shape)}>)"
