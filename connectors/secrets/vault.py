"""A secret in HashiCorp Vault, key/value engine version 2. Asked with VAULT_ADDR and VAULT_TOKEN or
the file that Vault Agent writes (VAULT_TOKEN_FILE); VAULT_NAMESPACE and VAULT_CACERT as usual.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.errors import Rejected, Unavailable
from connectors.extras import not_installed
from connectors.secrets.hiding import hide
from connectors.secrets.reference import Reference

ANSWER_SECONDS = 10.0  # of one call; Vault answers within one


def fetch(reference: Reference, environ: Mapping[str, str]) -> str:
    """The field of the newest version. Raises Rejected, Unavailable."""
    try:
        import hvac
        import hvac.exceptions
        from requests import RequestException
    except ImportError:
        raise not_installed("Vault", reference.extra) from None
    refusals = (
        hvac.exceptions.Forbidden,
        hvac.exceptions.Unauthorized,
        hvac.exceptions.InvalidPath,
        hvac.exceptions.InvalidRequest,
    )
    try:
        client = hvac.Client(
            url=_needed(reference, environ, "VAULT_ADDR"),
            token=_token(reference, environ),
            namespace=environ.get("VAULT_NAMESPACE") or None,
            verify=environ.get("VAULT_CACERT") or True,
            timeout=ANSWER_SECONDS,
            allow_redirects=False,  # the token goes to nobody else
        )
        answer = client.secrets.kv.v2.read_secret_version(
            path=reference.name, mount_point=reference.mount, raise_on_deleted_version=True
        )
    except refusals as error:
        raise Rejected(
            f"Vault does not give the secret {reference}: {type(error).__name__}.",
            next_step="Check that it exists and that the policy of Assent's token reads it.",
        ) from None
    except (hvac.exceptions.VaultError, RequestException, ValueError) as error:
        raise Unavailable(
            f"The secret {reference} cannot be fetched: Vault cannot be asked"
            f" ({type(error).__name__}).",
            next_step="Check VAULT_ADDR and whether Vault is unsealed; ask again later.",
        ) from None
    return _field(reference, answer)


def _field(reference: Reference, answer: Any) -> str:
    try:
        fields = answer["data"]["data"]
    except (KeyError, TypeError):
        raise Unavailable(
            f"The secret {reference} cannot be fetched: what answers is no active Vault.",
            next_step="Check VAULT_ADDR: redirections are not followed.",
        ) from None
    value = fields.get(reference.part) if isinstance(fields, Mapping) else None
    if not isinstance(value, str):
        raise Rejected(
            f"The secret {reference} is not there: it has no text in the field {reference.part}.",
            next_step="Correct the field behind #, or store the secret in it.",
        )
    return value


def _token(reference: Reference, environ: Mapping[str, str]) -> str:
    path = environ.get("VAULT_TOKEN_FILE")
    if not path:
        token = _needed(reference, environ, "VAULT_TOKEN")
    else:
        try:
            token = Path(path).read_text().strip()
        except (OSError, ValueError):
            raise Unavailable(
                f"The secret {reference} cannot be fetched: there is no token in VAULT_TOKEN_FILE.",
                next_step="Check that Vault Agent runs and writes it.",
            ) from None
    hide(token)
    return token


def _needed(reference: Reference, environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise Rejected(
            f"The secret {reference} cannot be fetched: {name} is not set.",
            next_step="Set it where Assent is started, and start it again.",
        )
    return value
