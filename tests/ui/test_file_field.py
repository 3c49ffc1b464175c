"""What a field for a file sends is checked before it is heard: a page may be sent anything in its name."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as hst

from rnnviz.ui.controls import file_field

MOST = 100
anything = hst.recursive(
    hst.none() | hst.booleans() | hst.integers() | hst.floats() | hst.text(max_size=8),
    lambda inner: hst.lists(inner, max_size=3) | hst.dictionaries(hst.sampled_from(("size", "bytes", "name")), inner),
)


def heard_of(value: Any) -> list[tuple[bytes | int, str]]:
    """What is heard of it, and under which name."""
    heard: list[tuple[bytes | int, str]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "session_state", {"field": {"file": value}})
        patch.setattr(file_field, "_component", lambda **given: given["on_file_change"]())
        file_field.file_field("label", "field", ".csv", MOST, lambda *said: heard.append(said))
    return heard


def sent(value: Any) -> list[bytes | int]:
    return [content for content, _ in heard_of(value)]


@given(hst.text())
def test_a_file_is_called_what_it_is_called_up_to_some_length(name: str) -> None:
    assert heard_of({"size": 3, "name": name}) == [(MOST + 1, name[: file_field.NAME])]


@given(hst.binary(max_size=2 * MOST))
def test_a_file_is_heard_as_it_is_and_a_larger_one_by_its_size(content: bytes) -> None:
    value = {"size": len(content), "bytes": base64.b64encode(content).decode()}
    assert sent(value) == [content if len(content) <= MOST else len(content)]


def test_of_a_file_that_is_not_sent_the_size_is_heard_and_never_one_that_would_do() -> None:
    assert sent({"size": 1_000_000}) == [1_000_000]
    assert sent({"size": 3}) == [MOST + 1]


@given(anything)
def test_anything_else_is_heard_as_nothing_or_as_too_large(value: Any) -> None:
    assert all(isinstance(one, bytes) or one > MOST for one in sent(value))
