"""Secrets at the moment of use: a reference becomes its value for one session.

A variable and a file are looked at every time; what a manager gave is kept a minute and forgotten
at once when a system refuses it. So a secret is rotated without a restart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from connectors.errors import Rejected
from connectors.secrets import aws, file, keyring, vault
from connectors.secrets.hiding import hide
from connectors.secrets.reference import Reference, parse

SECRET_CACHE_SECONDS = 60.0  # how long what a manager gave is used; a rotation overlaps longer

Fetch = Callable[[Reference, Mapping[str, str]], str]
_FETCHED: Mapping[str, Fetch] = {"keyring": keyring.fetch, "aws": aws.fetch, "vault": vault.fetch}


@dataclass(frozen=True)
class _Kept:
    value: str = field(repr=False)
    until: float


class Secrets:
    """The secrets of one process's connections. `environ` are its variables."""

    def __init__(
        self, environ: Mapping[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._environ, self._clock = environ, clock
        self._kept: dict[Reference, _Kept] = {}
        self._lock = Lock()

    def resolve(self, text: str) -> str:
        """The secret of a reference. Raises Rejected where it is not there or not given to us,
        Unavailable where its keeper is away; both name the reference and nothing of the value."""
        reference = _parsed(text)
        kept = self._kept.get(reference)
        if kept is not None and self._clock() < kept.until:
            return kept.value
        value = self._fetch(reference)
        if not value:
            raise Rejected(
                f"The secret {reference} is empty.", next_step="Put the secret there; ask again."
            )
        hide(value)
        if reference.scheme in _FETCHED:
            with self._lock:
                self._kept[reference] = _Kept(value, self._clock() + SECRET_CACHE_SECONDS)
        return value

    def forget(self, text: str) -> None:
        """The next session fetches it anew."""
        with self._lock:
            self._kept.pop(_parsed(text), None)

    def is_renewed(self, text: str, refused: str) -> bool:
        """Whether its keeper gives another value than the one that a system refused."""
        self.forget(text)
        return self.resolve(text) != refused

    def _fetch(self, reference: Reference) -> str:
        if reference.scheme == "env":
            return _variable(reference, self._environ)
        if reference.scheme == "file":
            return file.read(reference)
        return _FETCHED[reference.scheme](reference, self._environ)


def _variable(reference: Reference, environ: Mapping[str, str]) -> str:
    if reference.name not in environ:
        raise Rejected(
            f"The secret {reference} is not there: the variable is not set.",
            next_step="Set it where Assent is started, and start it again.",
        )
    return environ[reference.name]


def _parsed(text: str) -> Reference:
    try:
        return parse(text)
    except ValueError as error:
        raise Rejected(f"A connection's secret {error}.") from None
