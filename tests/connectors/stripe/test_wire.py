"""What goes over the wire to Stripe, and what becomes of what comes back."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from connectors.conformance.proxy import is_write
from connectors.credentials import Credential
from connectors.errors import Conflict, OutcomeUnknown, Rejected, Unavailable
from connectors.stripe import conformance, stripe_refund, stripe_set_metadata
from connectors.stripe.session import API_VERSION, identify, open_session
from connectors.wire import ANSWER_BYTES_MAX

pytestmark = pytest.mark.slow

REFUND = stripe_refund.OPERATION
KEY = "rk_test_51CanaryCanaryCanary"
CHARGE = {
    "id": "ch_keyboard",
    "object": "charge",
    "amount": 12900,
    "amount_refunded": 0,
    "currency": "usd",
    "status": "succeeded",
    "captured": True,
    "created": 1_790_000_000,
    "metadata": {},
}
NO_REFUNDS = (200, {}, {"object": "list", "data": [], "has_more": False})


def params(minor=4000, charge="ch_keyboard"):
    return REFUND.params.model_validate(
        {
            "charge": charge,
            "amount": {"minor": minor, "currency": "USD"},
            "reason": "arrived damaged",
        }
    )


def credential(address, secret=KEY):
    return Credential("acct_1", "sandbox", conformance.WRITE, address, secret)


def says(refund=None, charge=None):
    return {
        ("GET", "/v1/charges/ch_keyboard"): [charge or (200, {}, CHARGE)],
        ("GET", "/v1/refunds"): [NO_REFUNDS],
        ("POST", "/v1/refunds"): [refund],
    }


def refund_at(address):
    with open_session(credential(address)) as session:
        before = REFUND.read(session, params())
        return REFUND.execute(session, params(), before, "key")


def test_a_write_carries_version_and_key_and_the_secret_is_in_one_header_alone(session, proxy):
    REFUND.execute(session, params(), REFUND.read(session, params()), "run-1:refund")
    (post,) = [each for each in proxy.exchanges() if each.method == "POST"]
    assert post.headers["Stripe-Version"] == API_VERSION
    assert post.headers["Idempotency-Key"].startswith("assent-")
    assert "run-1" not in str(post)
    assert b"amount=4000" in post.body
    assert "telemetry" not in str(post.headers).lower()
    for each in proxy.exchanges():
        assert each.headers["Authorization"] == f"Bearer {conformance.WRITER_KEY}"
        rest = {k: v for k, v in each.headers.items() if k != "Authorization"}
        assert conformance.WRITER_KEY not in f"{rest}{each.path}{each.body}{each.answer}"
    assert conformance.WRITER_KEY not in repr(session)


def test_nobodys_netrc_replaces_the_key(session, proxy, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    REFUND.read(session, params())
    assert proxy.exchanges()[-1].headers["Authorization"] == f"Bearer {conformance.WRITER_KEY}"


@pytest.mark.parametrize("kind", ["time_out_before_write", "unavailable", "rate_limit"])
def test_the_sdk_does_not_ask_again_by_itself(session, proxy, kind):
    before = REFUND.read(session, params())
    proxy.arm(kind, is_write)
    with pytest.raises((OutcomeUnknown, Unavailable)):
        REFUND.execute(session, params(), before, "key")
    assert sum(each.method == "POST" for each in proxy.exchanges()) == 1


def test_a_call_that_hangs_is_given_up_in_time(address, proxy):
    proxy.hang_seconds = 5
    with open_session(conformance.writer(address, ""), read_seconds=0.2) as session:
        before = REFUND.read(session, params())
        proxy.arm("time_out_after_write", is_write)
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            REFUND.execute(session, params(), before, "key")
        assert time.monotonic() - started < 3
        assert REFUND.lookup(session, params(), "key") is not None


def test_permission_lost_between_reading_and_writing_is_said_with_its_scope(session, proxy):
    before = REFUND.read(session, params())
    proxy.arm("lose_permission", is_write)
    with pytest.raises(Rejected, match="refunds:write"):
        REFUND.execute(session, params(), before, "key")
    assert REFUND.read(session, params()) == before


def test_stripe_says_who_it_is_and_that_its_money_is_play(session):
    identity = identify(session)
    assert identity.account == session.account
    assert identity.environment == "sandbox"


def test_live_money_is_production(saying):
    address, _ = saying(
        {
            ("GET", "/v1/account"): [(200, {}, {"id": "acct_9", "object": "account"})],
            ("GET", "/v1/balance"): [(200, {}, {"object": "balance", "livemode": True})],
        }
    )
    with open_session(credential(address)) as session:
        assert identify(session).environment == "production"


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ((200, {}, b"<html>a proxy's page</html>"), OutcomeUnknown, "cannot be read"),
        ((200, {}, b" " * (ANSWER_BYTES_MAX + 1)), OutcomeUnknown, "not known"),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), OutcomeUnknown, "not known"),
        ((500, {}, {"error": {"type": "api_error", "message": "x"}}), OutcomeUnknown, "500"),
        ((503, {}, {"error": {"type": "api_error", "message": "x"}}), Unavailable, "503"),
        (
            (409, {}, {"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}),
            OutcomeUnknown,
            "under the same key",
        ),
        (
            (400, {}, {"error": {"type": "idempotency_error", "message": "other parameters"}}),
            Rejected,
            "another",
        ),
        (
            (402, {}, {"error": {"type": "card_error", "message": f"no {KEY}\u202e\n!"}}),
            Rejected,
            r"\[removed\]",
        ),
        ((200, {}, {"id": "re_1", "object": "refund", "status": "failed"}), Rejected, "failed"),
    ],
)
def test_an_answer_to_a_write_becomes_the_right_error(saying, answer, error, said):
    address, asked = saying(says(answer))
    with pytest.raises(error, match=said) as caught:
        refund_at(address)
    assert asked.count(("POST", "/v1/refunds")) == 1
    assert KEY not in f"{caught.value!r}{caught.value.__cause__!r}"
    assert "\u202e" not in str(caught.value)


def test_a_rate_limit_says_how_long_to_wait(saying):
    busy = (429, {"Retry-After": "7"}, {"error": {"type": "rate_limit_error", "message": "slow"}})
    address, _ = saying(says(busy))
    with pytest.raises(Unavailable) as caught:
        refund_at(address)
    assert caught.value.retry_after_seconds == 7


def test_an_unreadable_answer_to_a_read_wrote_nothing(saying):
    address, _ = saying(says(charge=(200, {}, b"<html>")))
    with pytest.raises(Unavailable, match="cannot be read"):
        refund_at(address)


def test_a_disputed_charge_is_not_refunded(saying):
    address, asked = saying(says(charge=(200, {}, {**CHARGE, "disputed": True})))
    with pytest.raises(Rejected, match="disputed"):
        refund_at(address)
    assert not any(method == "POST" for method, _ in asked)


def test_a_deleted_customer_is_said_to_be_deleted(saying):
    gone = {"id": "cus_acme", "object": "customer", "deleted": True}
    address, _ = saying({("GET", "/v1/customers/cus_acme"): [(200, {}, gone)]})
    note = stripe_set_metadata.SetMetadataParams(customer="cus_acme", key="tier", value="gold")
    with open_session(credential(address)) as session, pytest.raises(Rejected, match="deleted"):
        stripe_set_metadata.read(session, note)


def test_a_refund_in_between_is_a_conflict_that_says_what_went_back(session, address):
    before = REFUND.read(session, params())
    conformance.disturb(address, REFUND.name)
    with pytest.raises(Conflict, match=r"\$1\.00 went back"):
        REFUND.execute(session, params(), before, "key")


def test_stripe_itself_refuses_more_than_was_paid(session, monkeypatch):
    """Somebody was quicker between the last reading and the write."""
    before = REFUND.read(session, params())
    monkeypatch.setattr(stripe_refund, "preview", lambda *_: {"refunded": {"minor": 1}})
    with pytest.raises(Rejected, match="greater than unrefunded"):
        REFUND.execute(session, params(13000), before, "key")
    assert REFUND.read(session, params()) == before


def test_stripe_itself_refuses_the_key_of_another_call(session, monkeypatch):
    before = REFUND.read(session, params())
    REFUND.execute(session, params(), before, "key")
    monkeypatch.setattr(stripe_refund, "_known", lambda *_: None)
    with pytest.raises(Rejected, match="for another one"):
        REFUND.execute(session, params(2000), REFUND.read(session, params()), "key")


def test_plain_http_to_elsewhere_is_refused_before_anything_is_sent():
    with (
        pytest.raises(Rejected, match="not encrypted"),
        open_session(credential("http://api.stripe.com")),
    ):
        pass


def test_without_the_sdk_it_loads_and_says_what_to_install(monkeypatch):
    code = (
        "import sys; sys.modules['stripe'] = None; import connectors.stripe.connector; "
        "assert 'requests' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
    monkeypatch.setitem(sys.modules, "stripe", None)
    with pytest.raises(Rejected) as caught, open_session(credential("https://api.stripe.com")):
        pass
    assert "assent[stripe]" in caught.value.next_step
