"""What an extra lacks is known from what Assent's own distribution declares."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

import pytest

from connectors import extras


@pytest.fixture(autouse=True)
def _declared(monkeypatch):
    declared = [
        "click<9,>=8.5",
        'pydantic<3,>=2.14; extra == "here"',
        "no-such-distribution>=1; extra == 'gone'",
        'pydantic>=2; python_version >= "3.11" and extra == "gone"',
    ]
    monkeypatch.setattr(extras, "requires", lambda _: declared)
    extras._of_extra.cache_clear()
    yield
    extras._of_extra.cache_clear()


def test_what_is_missing_is_named():
    assert extras.lacking("here") == ()
    assert extras.lacking("gone") == ("no-such-distribution",)
    assert extras.lacking("") == ()
    assert extras.lacking("unknown") == ()


def test_a_checkout_that_is_not_installed_declares_nothing(monkeypatch):
    def missing(_):
        raise PackageNotFoundError("assent")

    monkeypatch.setattr(extras, "requires", missing)
    extras._of_extra.cache_clear()
    assert extras.lacking("gone") == ()


def test_the_refusal_says_the_command():
    assert "pip install 'assent[stripe]'" in str(extras.not_installed("Stripe", "stripe"))
