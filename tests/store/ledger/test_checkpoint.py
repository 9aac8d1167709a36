"""Checkpoints in the C2SP formats, and the care taken of the key."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from store.errors import LedgerError
from store.ledger import merkle
from store.ledger.checkpoint import (
    Checkpoint,
    Signer,
    decode,
    key_id,
    open_note,
    open_signer,
    read_verifier_key,
    verifier_key,
)

# The example of golang.org/x/mod/sumdb/note, which C2SP signed-note is the specification of.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
GO_SIGNATURE = (
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)


@pytest.fixture
def signer() -> Signer:
    return Signer("assent", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def note(signer: Signer, size: int = 41) -> str:
    return signer.sign(Checkpoint(signer.origin, size, merkle.leaf_hash(b"x")))


def test_published_example_is_understood() -> None:
    name, key = read_verifier_key(GO_KEY)
    assert name == "PeterNeumann"
    signature = decode(GO_SIGNATURE)
    assert signature[:4] == key_id(name, key)
    key.verify(signature[4:], GO_TEXT.encode())


def test_signed_note_has_the_published_shape(signer: Signer) -> None:
    lines = note(signer).split("\n")
    assert lines[:2] == ["assent", "41"]
    assert base64.b64decode(lines[2]) == merkle.leaf_hash(b"x")
    assert lines[3] == ""
    assert lines[4].startswith("— assent ")
    assert lines[5:] == [""]
    assert open_note(note(signer), "assent", signer.public_key).size == 41


def test_verifier_key_survives_writing_down(signer: Signer) -> None:
    name, key = read_verifier_key(verifier_key("assent", signer.public_key) + "\n")
    assert (name, key.public_bytes_raw()) == ("assent", signer.public_key.public_bytes_raw())
    for wrong in ("", "assent", "assent+00000000+AA==", GO_KEY.replace("c74f", "c74e")):
        with pytest.raises(LedgerError):
            read_verifier_key(wrong)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("41", "42"),
        lambda text: text.replace("\n41\n", "\n041\n"),
        lambda text: text.replace("\n41\n", "\n-1\n"),
        lambda text: text.replace("\n41\n", "\n४१\n"),
        lambda text: text.replace("assent\n41", "other\n41"),
        lambda text: text.replace("— ", "- "),
        lambda text: text.replace("\n\n", "\nextension\n\n"),
        lambda text: text[:-20] + "\n",
        lambda text: "",
        lambda text: text.split("\n\n")[0],
        lambda text: text + "x" * 20_000,
        lambda text: text.replace("=", "", 1),
    ],
)
def test_altered_note_is_refused(signer: Signer, change: object) -> None:
    with pytest.raises(LedgerError):
        open_note(change(note(signer)), "assent", signer.public_key)  # type: ignore[operator]


def test_note_of_another_key_is_refused(signer: Signer) -> None:
    with pytest.raises(LedgerError, match="no signature"):
        open_note(note(signer), "assent", Ed25519PrivateKey.generate().public_key())


def test_second_signature_by_somebody_else_does_no_harm(signer: Signer) -> None:
    other = Signer("witness", Ed25519PrivateKey.generate())
    cosigned = note(signer) + other.sign(Checkpoint("witness", 1, bytes(32))).split("\n\n")[1]
    assert open_note(cosigned, "assent", signer.public_key).size == 41


def test_base64_with_stray_bits_is_refused() -> None:
    assert decode("AAA=") == b"\0\0"
    for stray in ("AAB=", "AAA", "AA A=", "AAA=\n", "é"):
        with pytest.raises(LedgerError):
            decode(stray)


def test_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    first = open_signer(path, "assent")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = open_signer(path, "assent")
    assert again.public_key.public_bytes_raw() == first.public_key.public_bytes_raw()
    path.chmod(0o640)
    with pytest.raises(LedgerError, match="others may read"):
        open_signer(path, "assent")
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(LedgerError, match="no Ed25519 key"):
        open_signer(path, "assent")
    with pytest.raises(LedgerError, match="origin"):
        open_signer(path, "two words")
