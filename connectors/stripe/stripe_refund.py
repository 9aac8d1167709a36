"""`stripe.refund`: give back a part or all of a charge. Stripe takes no refund back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.errors import Conflict, Rejected
from connectors.money import Money, format_money, money
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
from connectors.stripe import charges
from connectors.stripe.amounts import to_stripe, unpayable
from connectors.stripe.charges import ChargeId
from connectors.stripe.session import Session, idempotency_key
from connectors.text import Line
from connectors.wire import Call

NAME = "stripe.refund"
READ_SCOPES = charges.READ_SCOPES | {"refunds:read"}
SCOPES = READ_SCOPES | {"refunds:write"}
MARK, VERSION = "assent_call", "assent_version"  # in the refund's metadata
PAGE_REFUNDS = 100  # Stripe's own bound of a page
PAGES_MAX = 10  # a charge with a thousand refunds is not looked through further
FAILED = frozenset({"failed", "canceled"})


class RefundParams(Params):
    """Which charge, how much of it, and why."""

    charge: ChargeId
    amount: Money
    reason: Line


def read(session: Session, params: RefundParams) -> Snapshot:
    """The charge, with what has gone back of it."""
    session.require(READ_SCOPES)
    return charges.load(session, params.charge)


def preview(params: RefundParams, before: Snapshot) -> Mapping[str, Value]:
    """The charge after the refund. Rejected for what it cannot give back."""
    amount, about = params.amount, before.about
    _refuse_amount(amount, before)
    if about["is_disputed"]:
        raise Rejected(
            f"The {before.resource} is disputed, so Stripe refunds nothing of it.",
            next_step="Answer the dispute in Stripe's dashboard.",
        )
    if amount.minor > about["refundable"]["minor"]:
        left = format_money(about["refundable"]["minor"], amount.currency)
        raise Rejected(
            f"{amount} is more than the {left} that can be refunded of {before.resource}.",
            next_step=f"Refund at most {left}.",
        )
    if not about["is_captured"] and amount.minor != about["paid"]["minor"]:
        raise Rejected(
            f"The {before.resource} is not captured yet, so a part of it cannot be refunded.",
            next_step="Capture less, or refund all of it.",
        )
    paid_minor = about["paid"]["minor"]
    refunded_minor = before.fields["refunded"]["minor"] + amount.minor
    return {
        "refunded": money(refunded_minor, amount.currency),
        "status": charges.status_of(paid_minor, refunded_minor, "succeeded"),
    }


def facts(params: RefundParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges a refund on."""
    about = before.about
    return {
        "refund.amount_minor": params.amount.minor,
        "refund.currency": params.amount.currency,
        "charge.currency": about["paid"]["currency"],
        "charge.paid_minor": about["paid"]["minor"],
        "charge.refundable_minor": about["refundable"]["minor"],
        "charge.status": before.fields["status"],
        "charge.is_disputed": about["is_disputed"],
        "charge.created_at": about["created_at"],
        "charge.order": about["order"],
        "customer.id": about["customer"],
    }


def execute(session: Session, params: RefundParams, before: Snapshot, key: str) -> Result:
    """One refund, if the charge is as it was read; Stripe itself refuses more than was paid."""
    session.require(SCOPES)
    if (known := _known(session, params, key)) is not None:
        return known
    live = charges.load(session, params.charge)
    if (live.fields, live.version) != (before.fields, before.version):
        if (known := _known(session, params, key)) is not None:  # by the same call, just now
            return known
        raise Conflict(
            f"The {live.resource} is not as it was read: "
            f"{format_money(live.fields['refunded']['minor'], params.amount.currency)} went back.",
            next_step="Nothing was written; read it again and look at the new difference.",
        )
    after = preview(params, live)
    version = charges.version_of(live.about["paid"]["minor"], after["refunded"]["minor"])
    mark = idempotency_key(session, NAME, key)
    refund = session.ask(
        Call(f"a refund of charge {params.charge}", is_write=True, scope="refunds:write"),
        lambda client: client.v1.refunds.create(
            {
                "charge": params.charge,
                "amount": to_stripe(params.amount.minor, params.amount.currency),
                "metadata": {MARK: mark, VERSION: version, "reason": params.reason},
            },
            {"idempotency_key": mark},
        ),
    )
    _refuse_failed(params, refund)
    return Result(refund["id"], version, is_replay=refund["is_replay"])


def lookup(session: Session, params: RefundParams, key: str) -> Result | None:
    """The refund that carries the key's mark."""
    session.require(READ_SCOPES)
    return _known(session, params, key)


def undo(_params: RefundParams, _now: Snapshot) -> Reversible | Irreversible:
    """Stripe takes back no refund that it accepted; a new charge needs the customer."""
    return Irreversible("Stripe does not take a refund back")


def compensate(
    session: Session, params: RefundParams, _before: Snapshot, result: Result, _key: str
) -> Result:
    """Always Rejected."""
    session.require(SCOPES)
    raise Rejected(
        f"Stripe does not take back the refund {result.reference} of charge {params.charge}.",
        next_step="Ask the customer to pay again, if it was wrong.",
    )


def _refuse_amount(amount: Money, before: Snapshot) -> None:
    currency = before.about["paid"]["currency"]
    if amount.currency != currency:
        raise Rejected(
            f"The {before.resource} is in {currency}, the refund in {amount.currency}.",
            next_step=f"Give the amount in {currency}.",
        )
    if amount.minor <= 0:
        raise Rejected(
            f"A refund of {amount} is not possible.", next_step="Give an amount above zero."
        )
    if why := unpayable(amount.minor, currency):
        raise Rejected(f"A refund of {amount} is not possible: {why}.", next_step="Round it.")


def _refuse_failed(params: RefundParams, refund: Mapping[str, Any]) -> None:
    """A refund may fail days later, at the customer's bank: then nothing went back."""
    if refund.get("status") in FAILED:
        raise Rejected(
            f"Stripe could not refund charge {params.charge}: the refund {refund['id']} failed.",
            next_step="Nothing went back; look at the charge in Stripe's dashboard.",
        )


def _known(session: Session, params: RefundParams, key: str) -> Result | None:
    """What was written under the key. Rejected where that was another amount."""
    mark = idempotency_key(session, NAME, key)
    for refund in _refunds(session, params.charge):
        metadata = refund.get("metadata") or {}
        if metadata.get(MARK) != mark:
            continue
        _refuse_failed(params, refund)
        if refund["amount"] != to_stripe(params.amount.minor, params.amount.currency):
            raise Rejected(
                f"The key of this call was used for the refund {refund['id']} of another amount.",
                next_step="Nothing was written; ask anew.",
            )
        return Result(refund["id"], str(metadata.get(VERSION, "")), is_replay=True)
    return None


def _refunds(session: Session, charge_id: str) -> Iterator[Mapping[str, Any]]:
    """The charge's refunds, newest first, page by page."""
    call = Call(f"the refunds of charge {charge_id}", is_write=False, scope="refunds:read")
    after: dict[str, Any] = {}
    for _ in range(PAGES_MAX):
        wanted = {"charge": charge_id, "limit": PAGE_REFUNDS, **after}
        page = session.ask(call, lambda client, wanted=wanted: client.v1.refunds.list(wanted))  # type: ignore[misc]
        yield from page["data"]
        if not page["has_more"] or not page["data"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}
    raise Rejected(
        f"The charge {charge_id} has more than {PAGE_REFUNDS * PAGES_MAX:,} refunds.",
        next_step="Refund it in Stripe's dashboard.",
    )


OPERATION = Operation(
    name=NAME,
    title="Refund a charge",
    system=charges.SYSTEM,
    params=RefundParams,
    scopes=SCOPES,
    fact_types={
        "refund.amount_minor": "int",
        "refund.currency": "string",
        "charge.currency": "string",
        "charge.paid_minor": "int",
        "charge.refundable_minor": "int",
        "charge.status": "string",
        "charge.is_disputed": "bool",
        "charge.created_at": "timestamp",
        "charge.order": "string",
        "customer.id": "string",
    },
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=Guard("re-read", "what of the charge has gone back"),
    remembers="key",
)
