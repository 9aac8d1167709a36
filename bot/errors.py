"""Which errors are the operator's to mend, and so are shown as a sentence."""

from __future__ import annotations

_EXPECTED = frozenset(
    {
        "SettingsError",
        "ClientError",
        "StoreError",
        "BundleError",
        "ConnectorError",
        "CommandError",
        "SurfaceError",
    }
)


class CommandError(Exception):
    """A command cannot do what it was asked; the message says what to do instead."""


def is_expected(error: BaseException) -> bool:
    """Whether an error is meant for people; by name, so that nothing is imported for it."""
    return any(kind.__name__ in _EXPECTED for kind in type(error).__mro__)
