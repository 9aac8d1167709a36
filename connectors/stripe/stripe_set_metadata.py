"""`stripe.set_metadata`: note a value under a key of a customer's metadata."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, StringConstraints

from connectors.errors import Conflict, Rejected
from connectors.operation import (
    Guard,
    Irreversible,
    Operation,
    Params,
    Result,
    Reversible,
    Snapshot,
    Value,
)
from connectors.stripe.charges import SYSTEM
from connectors.stripe.session import Session, idempotency_key
from connectors.text import check_line
from connectors.wire import Call

NAME = "stripe.set_metadata"
READ_SCOPES = frozenset({"customers:read"})
SCOPES = READ_SCOPES | {"customers:write"}
# docs.stripe.com/api/metadata: 50 keys, each of 40 characters, values of 500.
KEYS_MAX = 50
VALUE_CHARACTERS_MAX = 500

CustomerId = Annotated[str, StringConstraints(pattern=r"^cus_[A-Za-z0-9_]{1,60}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
Noted = Annotated[
    str,
    StringConstraints(min_length=1, max_length=VALUE_CHARACTERS_MAX),
    AfterValidator(check_line),
]


class SetMetadataParams(Params):
    """Which customer, under which key, what."""

    customer: CustomerId
    key: Key
    value: Noted


def read(session: Session, params: SetMetadataParams) -> Snapshot:
    """The customer with what stands under the key, "" where nothing does."""
    session.require(READ_SCOPES)
    return _load(session, params)


def preview(params: SetMetadataParams, before: Snapshot) -> Mapping[str, Value]:
    """The value. Rejected where it stands there already, or no key is free."""
    if before.fields["value"] == params.value:
        raise Rejected(
            f"The {before.resource} has this value already.", next_step="There is nothing to do."
        )
    if not before.fields["value"] and before.about["keys"] >= KEYS_MAX:
        raise Rejected(
            f"The {before.resource} has {KEYS_MAX} keys, Stripe's limit.",
            next_step="Use one of those there are.",
        )
    return {"value": params.value}


def facts(params: SetMetadataParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {
        "metadata.key": params.key,
        "metadata.value": params.value,
        "metadata.current": before.fields["value"],
        "customer.id": params.customer,
        "customer.email": before.about["email"],
        "customer.is_delinquent": before.about["is_delinquent"],
    }


def execute(session: Session, params: SetMetadataParams, before: Snapshot, key: str) -> Result:
    """One update, if the value is as it was read; other keys are not touched."""
    session.require(SCOPES)
    preview(params, before)
    live = _load(session, params)
    if live.fields["value"] == params.value:
        return _result(params, params.value, is_replay=True)
    _refuse_changed(live, before)
    preview(params, live)
    return _write(session, params, params.value, key)


def lookup(session: Session, params: SetMetadataParams, _key: str) -> Result | None:
    """Whether the value stands there."""
    session.require(READ_SCOPES)
    if _load(session, params).fields["value"] != params.value:
        return None
    return _result(params, params.value, is_replay=True)


def undo(params: SetMetadataParams, now: Snapshot) -> Reversible | Irreversible:
    """What stood under the key before can be put back, as long as nobody changed it since."""
    del params
    return Reversible(f"as long as {now.resource} is not changed again")


def compensate(
    session: Session, params: SetMetadataParams, before: Snapshot, _result_of: Result, key: str
) -> Result:
    """Puts back what was read; a key that was not there is removed."""
    session.require(SCOPES)
    live, was = _load(session, params), str(before.fields["value"])
    if live.fields["value"] == was:
        return _result(params, was, is_replay=True)
    if live.fields["value"] != params.value:
        raise Conflict(
            f"The {live.resource} was changed since.",
            next_step="Nothing was written; put it right by hand.",
        )
    return _write(session, params, was, key)


def _load(session: Session, params: SetMetadataParams) -> Snapshot:
    call = Call(f"customer {params.customer}", is_write=False, scope="customers:read")
    customer = session.ask(call, lambda client: client.v1.customers.retrieve(params.customer))
    if customer.get("deleted"):
        raise Rejected(
            f"The customer {params.customer} is deleted in Stripe.",
            next_step="Look for the customer's new record there.",
        )
    metadata: Mapping[str, Any] = customer.get("metadata") or {}
    value = str(metadata.get(params.key, ""))
    return Snapshot(
        system=SYSTEM,
        resource=f"customer {params.customer}, metadata {params.key}",
        version=_version(value),
        fields={"value": value},
        about={
            "email": customer.get("email") or "",
            "name": customer.get("name") or "",
            "is_delinquent": bool(customer.get("delinquent")),
            "keys": len(metadata),
        },
    )


def _refuse_changed(live: Snapshot, before: Snapshot) -> None:
    if live.version != before.version:
        raise Conflict(
            f"The {live.resource} is not as it was read.",
            next_step="Nothing was written; read it again and look at the new difference.",
        )


def _write(session: Session, params: SetMetadataParams, value: str, key: str) -> Result:
    answer = session.ask(
        Call(f"customer {params.customer}", is_write=True, scope="customers:write"),
        lambda client: client.v1.customers.update(
            params.customer,
            {"metadata": {params.key: value}},
            {"idempotency_key": idempotency_key(session, NAME, key)},
        ),
    )
    return _result(params, value, is_replay=answer["is_replay"])


def _result(params: SetMetadataParams, value: str, *, is_replay: bool) -> Result:
    return Result(f"{params.customer}/{params.key}", _version(value), is_replay=is_replay)


def _version(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:16]


OPERATION = Operation(
    name=NAME,
    title="Note a value at a customer",
    system=SYSTEM,
    params=SetMetadataParams,
    scopes=SCOPES,
    fact_types={
        "metadata.key": "string",
        "metadata.value": "string",
        "metadata.current": "string",
        "customer.id": "string",
        "customer.email": "string",
        "customer.is_delinquent": "bool",
    },
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=Guard("re-read", "the value under the key"),
    remembers="state",
)
