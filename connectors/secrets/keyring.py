"""A secret in the keyring of the machine's user: Keychain, Secret Service, Credential Locker."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import Rejected, Unavailable
from connectors.extras import not_installed
from connectors.secrets.reference import Reference


def fetch(reference: Reference, environ: Mapping[str, str]) -> str:
    """The password of the service and user. Raises Rejected, Unavailable."""
    del environ
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise not_installed("the keyring", reference.extra) from None
    try:
        secret = keyring.get_password(reference.name, reference.part)
    except keyring.errors.KeyringError as error:
        raise Unavailable(
            f"The secret {reference} cannot be fetched: the keyring is locked or not there"
            f" ({type(error).__name__}).",
            next_step="Unlock the keyring of the user that runs Assent.",
        ) from None
    if secret is None:
        raise Rejected(
            f"The secret {reference} is not in the keyring.",
            next_step=f"Put it there: keyring set {reference.name} {reference.part}",
        )
    return secret
