"""The channel service's signing keys: kept over restarts, published as a JWKS, rotated."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.workspace.storage import Storage
from bot.workspace.wire import Json

KEY_BITS = 2048
KEYS_KEPT = 8  # that are not read and verified again: the newest, and those still published


@dataclass(frozen=True)
class SigningKey:
    """A private key under the name that tokens carry as `kid`."""

    kid: str
    private: rsa.RSAPrivateKey

    def published(self) -> Json:
        """The public half, as Bot Framework publishes it."""
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": _base64(numbers.n),
            "e": _base64(numbers.e),
            "endorsements": ["msteams", "webchat", "directline"],
        }


class Keys:
    """The keys; the newest one signs."""

    def __init__(self, storage: Storage, clock: Callable[[], float]) -> None:
        self._storage = storage
        self._clock = clock
        self._current: SigningKey | None = None

    def current(self) -> SigningKey:
        """The key that signs now, made at the first use."""
        if self._current is None:
            row = self._storage.row("SELECT kid, pem FROM teams_keys ORDER BY rowid DESC LIMIT 1")
            self._current = _loaded(str(row[0]), str(row[1])) if row else self._made()
        return self._current

    def published(self) -> Json:
        """The JWKS document."""
        self.current()
        rows = self._storage.rows(
            "SELECT kid, pem FROM teams_keys WHERE is_published = 1 ORDER BY rowid"
        )
        return {"keys": [_loaded(str(kid), str(pem)).published() for kid, pem in rows]}

    def rotate(self, *, is_old_published: bool) -> str:
        """Sign with a new key from now on; its kid. The old ones stay published, or go."""
        if not is_old_published:
            self._storage.run("UPDATE teams_keys SET is_published = 0")
        self._current = self._made()
        return self._current.kid

    def _made(self) -> SigningKey:
        private = rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        kid = secrets.token_urlsafe(20)
        self._storage.run(
            "INSERT INTO teams_keys VALUES (?, ?, 1, ?)", kid, pem.decode(), self._clock()
        )
        return SigningKey(kid, private)


@lru_cache(maxsize=KEYS_KEPT)
def _loaded(kid: str, pem: str) -> SigningKey:
    private = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    return SigningKey(kid, private)


def _base64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
