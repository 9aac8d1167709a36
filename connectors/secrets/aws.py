"""A secret in AWS Secrets Manager, asked as AWS's SDK finds region and credentials: the machine's
role, its profile or its variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from connectors.errors import Rejected, Unavailable
from connectors.extras import not_installed
from connectors.secrets.reference import Reference
from connectors.wire import CONNECT_SECONDS

if TYPE_CHECKING:
    from botocore.loaders import Loader
    from botocore.session import Session

READ_SECONDS = 10.0  # of one call; Secrets Manager answers within one
ATTEMPTS_MAX = 2  # reading may be repeated
# docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html, "Errors", and
# those of every service. What is none of these may pass: "ThrottlingException", "InternalFailure".
_REFUSALS = frozenset(
    {"AccessDeniedException", "DecryptionFailure", "ExpiredTokenException",
     "InvalidParameterException", "InvalidRequestException", "InvalidSignatureException",
     "ResourceNotFoundException", "UnrecognizedClientException", "ValidationException"}
)  # fmt: skip


def fetch(reference: Reference, environ: Mapping[str, str]) -> str:
    """The secret's text, or the key of its JSON. Raises Rejected, Unavailable."""
    del environ
    try:
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise not_installed("AWS Secrets Manager", reference.extra) from None
    bounds = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS_MAX, "mode": "standard"},
    )
    try:
        client = _session().create_client(
            "secretsmanager", region_name=_region(reference), config=bounds
        )
        answer = client.get_secret_value(SecretId=reference.name)
    except ClientError as error:
        raise _refused(reference, str(error.response.get("Error", {}).get("Code", ""))) from None
    except BotoCoreError as error:
        raise Unavailable(
            f"The secret {reference} cannot be fetched: AWS Secrets Manager cannot be asked"
            f" ({type(error).__name__}).",
            next_step="Check the machine's network, AWS region and AWS credentials.",
        ) from None
    return _part(reference, answer)


def _session() -> Session:
    """A session as it is made anew for each secret, so that the machine's own credentials may
    rotate; only the descriptions of the services are read once."""
    from botocore.session import Session

    made = Session()
    made.register_component("data_loader", _descriptions())
    return made


@cache
def _descriptions() -> Loader:
    from botocore.session import Session

    read: Loader = Session().get_component("data_loader")
    return read


def _region(reference: Reference) -> str | None:
    """That of a secret that is named by its ARN, `arn:aws:secretsmanager:<region>:...`."""
    parts = reference.name.split(":")
    return parts[3] if len(parts) > 3 and parts[0] == "arn" else None


def _refused(reference: Reference, code: str) -> Rejected | Unavailable:
    if code in _REFUSALS:
        return Rejected(
            f"AWS Secrets Manager does not give the secret {reference}: {code}.",
            next_step="Check that it exists in this region and that Assent's role may read it.",
        )
    return Unavailable(
        f"The secret {reference} cannot be fetched: AWS Secrets Manager says {code}.",
        next_step="Ask again later.",
    )


def _part(reference: Reference, answer: Mapping[str, Any]) -> str:
    text = answer.get("SecretString")
    if not isinstance(text, str):
        raise Rejected(
            f"The secret {reference} is binary.", next_step="Store it as text or as JSON."
        )
    if not reference.part:
        return text
    try:
        value = json.loads(text)[reference.part]
    except (ValueError, TypeError, KeyError, IndexError):
        value = None
    if not isinstance(value, str):
        raise Rejected(
            f"The secret {reference} is not there: its JSON has no text {reference.part}.",
            next_step="Correct the key behind #, or store the secret under it.",
        )
    return value
