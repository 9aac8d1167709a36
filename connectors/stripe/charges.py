"""A charge as Stripe has it, as operations and finders show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import StringConstraints

from connectors.operation import Snapshot
from connectors.stripe.amounts import from_stripe, left
from connectors.stripe.session import Session
from connectors.wire import Call

SYSTEM = "Stripe"
READ_SCOPES = frozenset({"charges:read"})
ORDER = (
    "order_id"  # the key of a charge's metadata that names the order, as Stripe's guides have it
)
ORDER_CHARACTERS_MAX = 60

ChargeId = Annotated[str, StringConstraints(pattern=r"^(ch|py)_[A-Za-z0-9_]{1,60}$")]


def load(session: Session, charge_id: str) -> Snapshot:
    """The charge as it is now."""
    call = Call(f"charge {charge_id}", is_write=False, scope="charges:read")
    return snapshot(session.ask(call, lambda client: client.v1.charges.retrieve(charge_id)))


def snapshot(charge: Mapping[str, Any]) -> Snapshot:
    """Stripe's charge as a snapshot. Stripe has no version of it: what a refund changes is one."""
    currency = charge["currency"]
    paid = from_stripe(charge["amount"], currency)
    refunded = from_stripe(charge["amount_refunded"], currency)
    is_refundable = charge["status"] == "succeeded" and not charge.get("disputed")
    return Snapshot(
        system=SYSTEM,
        resource=f"charge {charge['id']}",
        version=version_of(paid["minor"], refunded["minor"]),
        fields={
            "refunded": refunded,
            "status": status_of(paid["minor"], refunded["minor"], charge["status"]),
        },
        about={
            "paid": paid,
            "refundable": left(paid, refunded) if is_refundable else left(paid, paid),
            "is_disputed": bool(charge.get("disputed")),
            "is_captured": bool(charge.get("captured")),
            "created_at": timestamp(charge["created"]),
            "customer": id_of(charge.get("customer")),
            "order": str((charge.get("metadata") or {}).get(ORDER, ""))[:ORDER_CHARACTERS_MAX],
        },
    )


def version_of(paid_minor: object, refunded_minor: object) -> str:
    """What stands for the version: both sums."""
    return f"{refunded_minor} of {paid_minor}"


def status_of(paid_minor: object, refunded_minor: object, stripe_status: str) -> str:
    """Stripe's status, and for what succeeded how much of it went back."""
    if stripe_status != "succeeded":
        return stripe_status
    if refunded_minor == 0:
        return "paid"
    return "refunded" if refunded_minor == paid_minor else "partly refunded"


def id_of(reference: Any) -> str:
    """Of something that Stripe names by its id, or gives whole, or not at all."""
    if isinstance(reference, Mapping):
        reference = reference.get("id")
    return str(reference or "")


def timestamp(seconds: int) -> str:
    """Stripe's seconds since 1970 as a fact's timestamp."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
