"""Charges, refunds and customers of one Stripe account, in this process.

The conformance suite runs against a counterpart that is not ours; this is for stories, and refuses
as Stripe's API reference (docs.stripe.com/api, errors and idempotent requests, read 2026-11) says:
what a refund cannot give back, parameters that there are not, a key that is used for another call.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, dict[str, str], dict[str, Any]]
Record = dict[str, Any]

LIMIT, LIMIT_MAX = 10, 100  # of a page, where none is asked for and at most
KEYS_MAX, KEY_CHARACTERS_MAX, VALUE_CHARACTERS_MAX = 50, 40, 500  # of metadata
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
_METADATA = re.compile(r"metadata\[([^\]]+)\]")
_TAKEN = {
    "charges": frozenset({"description"}),
    "customers": frozenset({"description", "email", "name"}),
}
_REUSED = (
    "Keys for idempotent requests can only be used with the same parameters they were first used"
    " with. Try using a key other than the one of this request."
)


class RefusedError(Exception):
    """An answer that is no success. What Stripe refuses before it begins, it does not remember."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str = "",
        kind: str = "",
        begun: bool = False,
    ) -> None:
        super().__init__(message)
        error = {"type": kind or "invalid_request_error", "message": message}
        self.answer: Answer = (status, {}, {"error": {**error, **({"code": code} if code else {})}})
        self.is_begun = begun


@dataclass
class Book:
    """All that an account has, newest last. `now` is in seconds since 1970."""

    now: Callable[[], int]
    charges: dict[str, Record] = field(default_factory=dict)
    refunds: dict[str, Record] = field(default_factory=dict)
    customers: dict[str, Record] = field(default_factory=dict)
    _answers: dict[str, tuple[str, Answer]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def call(self, method: str, target: str, body: str, key: str) -> Answer:
        """The answer to one request; a key that is known gets the one that it got."""
        asked = f"{method} {target}\n{body}"
        if method == "POST" and key in self._answers:
            known, answer = self._answers[key]
            if known != asked:
                return RefusedError(_REUSED, kind="idempotency_error").answer
            return answer[0], {"Idempotent-Replayed": "true"}, answer[2]
        try:
            parts = urlsplit(target)
            found = self._asked(method, parts.path, dict(parse_qsl(parts.query)), body)
            answer, is_kept = (200, {}, found), True
        except RefusedError as refused:
            answer, is_kept = refused.answer, refused.is_begun
        if method == "POST" and key and is_kept:
            self._answers[key] = asked, answer
        return answer

    def _asked(self, method: str, path: str, query: Mapping[str, str], body: str) -> Record:
        kind, _, id_ = path.removeprefix("/v1/").partition("/")
        if kind not in ("charges", "refunds", "customers"):
            raise RefusedError(f"Unrecognized request URL ({method}: {path}).", status=404)
        if method == "GET":
            return self._one(kind, id_) if id_ else self._list(kind, query)
        sent = dict(parse_qsl(body, keep_blank_values=True))
        if kind == "refunds" and not id_:
            return self._refund(sent)
        if kind in _TAKEN and id_:
            return self._update(kind, id_, sent)
        raise RefusedError(f"Unrecognized request URL ({method}: {path}).", status=404)

    def _one(self, kind: str, id_: str) -> Record:
        held: Mapping[str, Record] = getattr(self, kind)
        if id_ not in held:
            message = f"No such {kind[:-1]}: '{id_}'"
            raise RefusedError(message, status=404, code="resource_missing")
        if held[id_].get("deleted"):
            return {"id": id_, "object": kind[:-1], "deleted": True}
        return _copy(held[id_])

    def _list(self, kind: str, query: Mapping[str, str]) -> Record:
        filters = {"charges": {"customer"}, "refunds": {"charge"}, "customers": {"email"}}[kind]
        _refuse_unknown(query, {*filters, "limit", "starting_after"})
        limit = _integer(query.get("limit", str(LIMIT)))
        if not 1 <= limit <= LIMIT_MAX:
            raise RefusedError(f"This value must be between 1 and {LIMIT_MAX}.")
        held: dict[str, Record] = getattr(self, kind)
        found = [
            each
            for each in reversed(held.values())
            if not each.get("deleted") and all(each[n] == query[n] for n in filters & query.keys())
        ]
        if after := query.get("starting_after"):
            self._one(kind, after)
            found = found[[each["id"] for each in found].index(after) + 1 :]
        data = [_copy(each) for each in found[:limit]]
        return {"object": "list", "data": data, "has_more": len(found) > limit}

    def _refund(self, sent: Mapping[str, str]) -> Record:
        metadata = _metadata(sent)
        _refuse_unknown(sent, {"charge", "amount", "reason", *_names(sent)})
        if "charge" not in sent:
            raise RefusedError("One of these is needed: payment_intent or charge.")
        if sent.get("reason", REASONS[0]) not in REASONS:
            raise RefusedError(f"Invalid reason: must be one of {', '.join(REASONS)}")
        self._one("charges", sent["charge"])
        charge = self.charges[sent["charge"]]
        left = charge["amount"] - charge["amount_refunded"]
        amount = _integer(sent["amount"]) if "amount" in sent else left
        if "amount" in sent and amount < 1:
            raise RefusedError("This value must be greater than or equal to 1.")
        _refuse_refund(charge, amount, left)
        refund = {
            "id": f"re_{next(self._numbers):06d}",
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": self.now(),
            "currency": charge["currency"],
            "metadata": metadata,
            "reason": sent.get("reason"),
            "status": "succeeded",
        }
        self.refunds[str(refund["id"])] = refund
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        return _copy(refund)

    def _update(self, kind: str, id_: str, sent: Mapping[str, str]) -> Record:
        changed = _metadata(sent)
        _refuse_unknown(sent, {*_TAKEN[kind], *_names(sent)})
        if self._one(kind, id_).get("deleted"):
            message = f"No such {kind[:-1]}: '{id_}'"
            raise RefusedError(message, status=404, code="resource_missing")
        record: Record = getattr(self, kind)[id_]
        merged = {**record["metadata"], **changed}
        kept = {name: value for name, value in merged.items() if value}
        if len(kept) > KEYS_MAX:
            raise RefusedError(f"Metadata can have up to {KEYS_MAX} keys.")
        record.update({name: sent[name] for name in _TAKEN[kind] & sent.keys()}, metadata=kept)
        return _copy(record)


def _refuse_refund(charge: Record, amount: int, left: int) -> None:
    """What Stripe says of a charge that cannot give it back."""
    name = f"Charge {charge['id']}"
    if charge["status"] != "succeeded":
        message = f"{name} is not refundable: it is {charge['status']}."
        raise RefusedError(message, code="charge_not_refundable", begun=True)
    if charge["disputed"]:
        message = f"{name} has been charged back; cannot issue a refund."
        raise RefusedError(message, code="charge_disputed", begun=True)
    if left == 0:
        message = f"{name} has already been refunded."
        raise RefusedError(message, code="charge_already_refunded", begun=True)
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise RefusedError(message, begun=True)
    if not charge["captured"] and amount != left:
        raise RefusedError("You cannot partially refund an uncaptured charge.", begun=True)


def _refuse_unknown(sent: Mapping[str, str], known: set[str]) -> None:
    if unknown := sorted(sent.keys() - known):
        raise RefusedError(f"Received unknown parameter: {unknown[0]}", code="parameter_unknown")


def _names(sent: Mapping[str, str]) -> set[str]:
    return {name for name in sent if _METADATA.fullmatch(name)}


def _metadata(sent: Mapping[str, str]) -> dict[str, str]:
    found = {m[1]: value for name, value in sent.items() if (m := _METADATA.fullmatch(name))}
    for name, value in found.items():
        if len(name) > KEY_CHARACTERS_MAX or len(value) > VALUE_CHARACTERS_MAX:
            raise RefusedError(f"Metadata {name[:KEY_CHARACTERS_MAX]} is too long.")
    return found


def _integer(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,15}", text):
        raise RefusedError(f"Invalid integer: {text[:20]}", code="parameter_invalid_integer")
    return int(text)


def _copy(record: Record) -> Record:
    return {**record, "metadata": dict(record["metadata"])}
