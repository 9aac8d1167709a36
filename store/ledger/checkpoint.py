"""Signed tree heads in the C2SP formats: tlog-checkpoint inside signed-note, Ed25519.

A checkpoint that left the database (posted in a channel, copied to another volume) is what catches
somebody who rebuilds the whole ledger. It is signed over committed state alone, and only when the
ledger still has the last signed tree as its prefix: the signer refuses a restored backup and a
fork.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, text

from store.errors import LedgerError
from store.ledger import merkle

ALGORITHM_ED25519 = b"\x01"  # C2SP signed-note, "Signature types"
KEY_ID_BYTES = 4
CHECKPOINT_CHARACTERS_MAX = 10_000  # ours have about 200; a person pastes them in
KEY_FILE_BYTES = 32

_HEAD = text("SELECT size, root FROM ledger_head WHERE id = 1")
_HASHES = text("SELECT hash FROM ledger_entries WHERE seq <= :size ORDER BY seq")
_KEEP = text("INSERT INTO ledger_checkpoints (size, note) VALUES (:size, :note)")
_NEWEST = text("SELECT size, note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1")


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: the log's origin, its number of entries, the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> str:
        """The text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class Signer:
    """The key that signs checkpoints of one origin, as in `assent.example.com/ledger`."""

    origin: str
    key: Ed25519PrivateKey

    @property
    def public_key(self) -> Ed25519PublicKey:
        return self.key.public_key()

    def sign(self, checkpoint: Checkpoint) -> str:
        """The signed note."""
        signature = key_id(self.origin, self.public_key) + self.key.sign(checkpoint.body.encode())
        encoded = base64.b64encode(signature).decode()
        return f"{checkpoint.body}\n— {self.origin} {encoded}\n"


def open_signer(path: Path, origin: str) -> Signer:
    """The signer whose key is kept in a file of its owner alone; a new key where there is no file.

    Raises LedgerError for a file that others may read, or that holds no key.
    """
    if not origin or len(origin.split()) != 1 or "+" in origin:
        raise LedgerError(f"{origin!r} cannot be an origin; use a name without blanks and plus")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise LedgerError(
                f"{path}: others may read the ledger's key; chmod 600 it, and replace it if "
                "they did"
            ) from None
        secret = path.read_bytes()
        if len(secret) != KEY_FILE_BYTES:
            raise LedgerError(f"{path} holds no Ed25519 key of {KEY_FILE_BYTES} bytes") from None
        return Signer(origin, Ed25519PrivateKey.from_private_bytes(secret))
    key = Ed25519PrivateKey.generate()
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes_raw())
        file.flush()
        os.fsync(file.fileno())
    return Signer(origin, key)


def sign_head(tx: Connection, signer: Signer, anchored: str = "") -> str:
    """Sign the ledger's head, keep the note beside the ledger, and return it.

    `anchored` is the last checkpoint that left the database. Raises LedgerError when the ledger
    does not continue it, or does not continue the newest one kept. Call it in a unit of work that
    appends nothing, so that what is signed has been committed.
    """
    row = tx.execute(_HEAD).one()
    hashes = [bytes(found) for found in tx.execute(_HASHES, {"size": row.size}).scalars()]
    root = bytes(row.root)
    if len(hashes) != row.size or merkle.root(hashes) != root:
        raise LedgerError("the ledger's entries do not make up its head; verify the ledger")
    kept = tx.execute(_NEWEST).one_or_none()
    for note in filter(None, (anchored, kept.note if kept else "")):
        _require_continued(open_note(note, signer.origin, signer.public_key), hashes)
    signed = signer.sign(Checkpoint(signer.origin, row.size, root))
    if kept is None or kept.size != row.size:
        tx.execute(_KEEP, {"size": row.size, "note": signed})
    return signed


def open_note(note: str, origin: str, public_key: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint in a signed note. Raises LedgerError unless this key signed it as `origin`."""
    if len(note) > CHECKPOINT_CHARACTERS_MAX:
        raise LedgerError("this is longer than any checkpoint; paste the signed note alone")
    body, separator, signatures = note.partition("\n\n")
    lines = body.split("\n")
    if not separator or len(lines) < 3:
        raise LedgerError("this is not a checkpoint: origin, size, root, a blank line, a signature")
    if lines[0] != origin:
        raise LedgerError(f"this is a checkpoint of {lines[0]!r}, not of {origin!r}")
    checkpoint = Checkpoint(origin, _size(lines[1]), decode(lines[2]))
    signed = f"{body}\n".encode()
    prefix = f"— {origin} "
    for line in signatures.splitlines():
        if line.startswith(prefix) and _is_signed(
            line.removeprefix(prefix), signed, origin, public_key
        ):
            return checkpoint
    raise LedgerError(f"no signature of this checkpoint is by the key of {origin!r}")


def key_id(origin: str, public_key: Ed25519PublicKey) -> bytes:
    """The four bytes by which a signature names its key."""
    named = origin.encode() + b"\n" + ALGORITHM_ED25519 + public_key.public_bytes_raw()
    return hashlib.sha256(named).digest()[:KEY_ID_BYTES]


def verifier_key(origin: str, public_key: Ed25519PublicKey) -> str:
    """The public key as auditors write it down: `origin+id+key`."""
    encoded = base64.b64encode(ALGORITHM_ED25519 + public_key.public_bytes_raw()).decode()
    return f"{origin}+{key_id(origin, public_key).hex()}+{encoded}"


def read_verifier_key(written: str) -> tuple[str, Ed25519PublicKey]:
    """Origin and key of a verifier key. Raises LedgerError for any other text."""
    parts = written.strip().split("+", 2)
    if len(parts) == 3:
        raw = decode(parts[2])
        if raw[:1] == ALGORITHM_ED25519 and len(raw) == 1 + KEY_FILE_BYTES:
            public_key = Ed25519PublicKey.from_public_bytes(raw[1:])
            if key_id(parts[0], public_key).hex() == parts[1]:
                return parts[0], public_key
    raise LedgerError("this is no verifier key; it looks like origin+0123abcd+base64")


def decode(encoded: str) -> bytes:
    """Base64 in its one canonical spelling; Python alone would let stray trailing bits pass."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise LedgerError(f"{encoded[:60]!r} is not base64") from error
    if base64.b64encode(raw).decode() != encoded:
        raise LedgerError(f"{encoded[:60]!r} is not base64 as it is written in checkpoints")
    return raw


def _is_signed(encoded: str, signed: bytes, origin: str, public_key: Ed25519PublicKey) -> bool:
    raw = decode(encoded)
    if raw[:KEY_ID_BYTES] != key_id(origin, public_key):
        return False
    try:
        public_key.verify(raw[KEY_ID_BYTES:], signed)
    except InvalidSignature:
        return False
    return True


def _size(written: str) -> int:
    if not written.isascii() or not written.isdecimal() or len(written) > 15:
        raise LedgerError(f"{written[:60]!r} is no number of entries")
    if written != str(int(written)):
        raise LedgerError(f"{written!r} has leading zeros; a checkpoint writes numbers plainly")
    return int(written)


def _require_continued(anchored: Checkpoint, hashes: list[bytes]) -> None:
    if anchored.size > len(hashes):
        raise LedgerError(
            f"the ledger has {len(hashes)} entries, but {anchored.size} were signed before: this "
            "is a restored backup or a cut ledger, and its head is not signed"
        )
    if merkle.root(hashes[: anchored.size]) != anchored.root:
        raise LedgerError(
            f"the first {anchored.size} entries are not those that were signed before: this is a "
            "fork or an edited ledger, and its head is not signed"
        )
