"""The keys that the Bot Framework signs with: fetched apart from requests where it can be, kept
while its host is away, and looked for anew, not too often, when a token names an unknown one."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from bot.surfaces.teams_fetch import FetchError, SingleFlight, fetch
from store.model.values import Json

FRESH_SECONDS = 86_400.0  # Microsoft's documentation of authentication: look at least daily
FETCHES_AT_ONCE_MAX = 3  # ours; unknown key ids make no more fetches in a row than that,
REFETCH_SECONDS = 10.0  # and then one in this time, however many of them are named
KEYS_MAX = 200  # ours; the Bot Framework publishes about 20
KEY_BITS_MIN = 2_048  # NIST SP 800-131A: smaller RSA keys are broken in reach

LOGGER = logging.getLogger(__name__)


class KeysAwayError(Exception):
    """Whether a token is genuine cannot be said now: the keys are not to be had. HTTP 503."""


@dataclass(frozen=True)
class SigningKey:
    """A public key and the channels that it may sign for; none named: every channel."""

    key: RSAPublicKey
    endorsements: frozenset[str]


class SigningKeys:
    """The keys by id. Nothing is fetched before the first request."""

    def __init__(self, metadata_url: str, refetch_seconds: float = REFETCH_SECONDS) -> None:
        self._metadata_url = metadata_url
        self._refetch_seconds = refetch_seconds
        self._keys: dict[str, SigningKey] = {}
        self._fresh_until = float("-inf")
        self._fetches_left, self._counted_at = float(FETCHES_AT_ONCE_MAX), float("-inf")
        self._has_failed = False
        self._fetching = SingleFlight(self._fetch)

    async def key(self, key_id: str) -> SigningKey | None:
        """The key of an id, None where there is no such key.

        A known key is never waited for. Raises KeysAwayError where an unknown one could not be
        looked for.
        """
        known = self._keys.get(key_id)
        if known is not None:
            if asyncio.get_running_loop().time() >= self._fresh_until and self._may_fetch():
                self._fetching.start()
            return known
        if not self._fetching.is_busy and not self._may_fetch():
            raise KeysAwayError("the keys of the Bot Framework were looked for a moment ago")
        await self._fetching.join()
        if key_id not in self._keys and self._has_failed:
            raise KeysAwayError("the keys of the Bot Framework cannot be fetched now")
        return self._keys.get(key_id)

    async def close(self) -> None:
        """Ends a fetch that is under way."""
        await self._fetching.close()

    def _may_fetch(self) -> bool:
        now = asyncio.get_running_loop().time()
        earned = (now - self._counted_at) / self._refetch_seconds
        self._fetches_left = min(float(FETCHES_AT_ONCE_MAX), self._fetches_left + earned)
        self._counted_at = now
        return self._fetches_left >= 1.0

    async def _fetch(self) -> None:
        self._fetches_left -= 1.0
        try:
            self._keys = await _published(self._metadata_url)
            self._fresh_until = asyncio.get_running_loop().time() + FRESH_SECONDS
            self._has_failed = False
        except FetchError as error:
            self._has_failed = True
            LOGGER.warning(
                "the keys of the Bot Framework could not be fetched: %s; tokens of the %d known "
                "keys are still taken", error, len(self._keys),
            )  # fmt: skip


async def _published(metadata_url: str) -> dict[str, SigningKey]:
    metadata = await _document(metadata_url)
    address = metadata.get("jwks_uri")
    if not isinstance(address, str) or not _is_as_safe(address, metadata_url):
        raise FetchError(f"{metadata_url} names no safe jwks_uri")
    listed = (await _document(address)).get("keys")
    if not isinstance(listed, list):
        raise FetchError(f"{address} lists no keys")
    keys = dict(filter(None, map(_read, listed[:KEYS_MAX])))
    if not keys:
        raise FetchError(f"{address} lists no key that can be used")
    return keys


async def _document(url: str) -> dict[str, Json]:
    status, document = await fetch(url)
    if status != 200:
        raise FetchError(f"{url} answered HTTP {status}")
    return document


def _is_as_safe(address: str, metadata_url: str) -> bool:
    """Encrypted, or on this very host and port, as the metadata itself is in a local workspace."""
    try:
        found, known = urlsplit(address), urlsplit(metadata_url)
    except ValueError:
        return False
    return found.scheme == "https" or (found.scheme, found.netloc) == (known.scheme, known.netloc)


def _read(listed: Json) -> tuple[str, SigningKey] | None:
    """A published key, None for one that is of no use: another kind, too short, malformed."""
    if not isinstance(listed, dict) or listed.get("kty") != "RSA":
        return None
    key_id, endorsements = listed.get("kid"), listed.get("endorsements") or []
    if not isinstance(key_id, str) or not isinstance(endorsements, list):
        return None
    try:
        key = RSAAlgorithm.from_jwk({name: listed[name] for name in ("kty", "n", "e")})
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_BITS_MIN:
        return None
    return key_id, SigningKey(key, frozenset(map(str, endorsements)))
