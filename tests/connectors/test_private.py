"""A secret leaves over an encrypted line, or not this machine."""

from __future__ import annotations

import pytest

from connectors.private import origin, private


@pytest.mark.parametrize(
    "address",
    ["https://acme.example", "http://127.0.0.1:80", "http://localhost", "http://[::1]:8080/x?y"],
)
def test_an_encrypted_line_and_this_machine_are_private(address: str) -> None:
    assert private(address) is not None


@pytest.mark.parametrize(
    "address",
    [
        "http://acme.example", "http://127.0.0.1.acme.example", "http://localhost.acme.example",
        "ftp://127.0.0.1", "https://", "https://[", "https://acme.example:port", "acme.example", "",
    ],
)  # fmt: skip
def test_nothing_else_is(address: str) -> None:
    assert private(address) is None
    assert origin(address) is None


@pytest.mark.parametrize(
    "address",
    ["https://me@acme.example", "https://@acme.example", "https://acme.example/path",
     "https://acme.example?a=b", "https://acme.example#a"],
)  # fmt: skip
def test_an_origin_says_nothing_else(address: str) -> None:
    assert private(address) is not None
    assert origin(address) is None


def test_an_origin_has_no_slash_at_its_end() -> None:
    assert origin("https://acme.example:8443/") == "https://acme.example:8443"
