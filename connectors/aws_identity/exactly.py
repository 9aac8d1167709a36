"""Ids of the identity store by what is unique there: never by what merely looks alike."""

from __future__ import annotations

import re
from typing import Literal

from connectors.aws_identity.session import Session
from connectors.exact_words import MATCHES_MAX, WORDS_CHARACTERS_MAX
from connectors.wire import Call

# API reference, ResourceId.
_ID = re.compile(
    r"(?<![\w-])(?:[0-9a-f]{10}-)?[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}(?![\w-])"
)
Kind = Literal["user", "group"]


def ids_in(words: str) -> tuple[str, ...]:
    """The ids that a person wrote."""
    found = dict.fromkeys(_ID.findall(words[:WORDS_CHARACTERS_MAX]))
    return tuple(found)[:MATCHES_MAX]


def first(session: Session, kind: Kind, path: str, value: str) -> str:
    """The id of the one user or group whose unique attribute `path` has this value, "" where there
    is none; `path` "id" asks whether that id exists."""
    call = Call(f"the {kind} {value}", is_write=False,
                scope="people:read" if kind == "user" else "groups:read")  # fmt: skip
    action, key = (
        (f"describe_{kind}", {f"{kind.title()}Id": value})
        if path == "id"
        else (f"get_{kind}_id", {"AlternateIdentifier": _unique(path, value)})
    )
    return session.found(
        "identitystore", action, call, f"{kind.title()}Id",
        IdentityStoreId=session.place.store, **key,
    )  # fmt: skip


def _unique(path: str, value: str) -> dict[str, dict[str, str]]:
    return {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}
