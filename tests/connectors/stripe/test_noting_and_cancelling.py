"""A value noted at a customer and taken back; a payment cancelled once and for all."""

from __future__ import annotations

import pytest

from connectors.errors import Conflict, Rejected
from connectors.stripe import conformance, stripe_cancel_payment, stripe_set_metadata
from connectors.stripe.stripe_set_metadata import KEYS_MAX

pytestmark = pytest.mark.slow

NOTE, CANCEL = stripe_set_metadata.OPERATION, stripe_cancel_payment.OPERATION


def note(key="region", value="emea"):
    return NOTE.params.model_validate({"customer": "cus_acme", "key": key, "value": value})


def metadata(address):
    tenant = conformance.PROXIES[address][1]
    return conformance.standin().call(tenant, "GET", "/v1/customers/cus_acme")[2]["metadata"]


def test_other_keys_stay_and_a_new_key_is_removed_again(session, address):
    before = NOTE.read(session, note())
    result = NOTE.execute(session, note(), before, "key")
    assert metadata(address) == {"tier": "gold", "region": "emea"}
    NOTE.compensate(session, note(), before, result, "key:undo")
    assert metadata(address) == {"tier": "gold"}


def test_what_somebody_else_wrote_since_is_not_taken_back(session, address):
    before = NOTE.read(session, note("tier", "platinum"))
    result = NOTE.execute(session, note("tier", "platinum"), before, "key")
    conformance.disturb(address, NOTE.name)
    with pytest.raises(Conflict, match="changed since"):
        NOTE.compensate(session, note("tier", "platinum"), before, result, "key:undo")
    assert metadata(address) == {"tier": "silver"}


def test_stripes_bound_of_keys_is_said_before_anything_is_sent(session):
    before = NOTE.read(session, note())
    full = {**before.about, "keys": KEYS_MAX}
    with pytest.raises(Rejected, match="50 keys"):
        NOTE.preview(note(), type(before)(**{**vars(before), "about": full}))


@pytest.mark.parametrize("key", ["a[b]", "", "x" * 41, "with space", "[0]"])
def test_keys_that_stripe_reads_otherwise_are_no_keys(key):
    with pytest.raises(ValueError):
        note(key)


def cancel(reason="duplicate", payment="pi_open"):
    return CANCEL.params.model_validate({"payment": payment, "reason": reason})


def test_what_was_held_is_let_go(session, address):
    before = CANCEL.read(session, cancel())
    assert before.about["held"] == {"minor": 4200, "currency": "USD"}
    result = CANCEL.execute(session, cancel(), before, "key")
    after = CANCEL.read(session, cancel())
    assert (after.fields["status"], after.about["held"]["minor"]) == ("canceled", 0)
    assert CANCEL.lookup(session, cancel(), "key").reference == result.reference
    assert CANCEL.lookup(session, cancel("abandoned"), "key") is None


def test_stripe_itself_refuses_to_cancel_what_was_made_meanwhile(session, address, monkeypatch):
    before = CANCEL.read(session, cancel())
    conformance.PROXIES[address][1].payments["pi_open"]["status"] = "succeeded"
    with pytest.raises(Conflict):
        CANCEL.execute(session, cancel(), before, "key")
    monkeypatch.setattr(stripe_cancel_payment, "_version", lambda _payment: before.version)
    with pytest.raises(Rejected, match="status is succeeded"):
        CANCEL.execute(session, cancel(), before, "key")


def test_a_payment_that_is_made_is_refunded_instead(session):
    with pytest.raises(Rejected, match="succeeded") as caught:
        CANCEL.preview(cancel(), CANCEL.read(session, cancel(payment="pi_made")))
    assert "Refund" in caught.value.next_step
