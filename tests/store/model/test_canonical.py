"""Canonical JSON against an independent implementation of RFC 8785."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from store.model import canonical

INT_MAX = 2**53 - 1
texts = st.text(st.characters(exclude_categories=["Cs"]))
keys = st.text(st.characters(max_codepoint=127))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-INT_MAX, INT_MAX) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_text_is_that_of_rfc_8785(value: object) -> None:
    assert canonical.encode(value).encode() == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(values)
def test_text_reads_back_as_the_value(value: object) -> None:
    assert json.loads(canonical.encode(value)) == value


@pytest.mark.parametrize(
    "value",
    [0.5, float("nan"), 2**53, -(2**53), {"ü": 1}, {1: 1}, "\ud800", {"a": {"b": object()}}, b"x"],
)
def test_value_without_one_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical.encode(value)


def test_nesting_is_bounded() -> None:
    value: object = 1
    for _ in range(canonical.DEPTH_MAX):
        value = [value]
    canonical.encode(value)
    with pytest.raises(ValueError, match="nested deeper"):
        canonical.encode([value])
