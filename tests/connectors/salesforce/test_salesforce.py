"""A field of Salesforce: exact in every type, on the record that was read, in the right org."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.credentials import Credential
from connectors.errors import Conflict, OutcomeUnknown, Rejected, Unavailable
from connectors.opening import OtherIdentityError, forget_identities, opened
from connectors.operation import Reversible
from connectors.salesforce import conformance, records, standin
from connectors.salesforce.connector import CONNECTOR
from connectors.salesforce.ids import full, is_id
from connectors.salesforce.salesforce_find_opportunities import FINDER
from connectors.salesforce.salesforce_find_records import FINDER as RECORDS
from connectors.salesforce.salesforce_set_field import NOT_LISTED, OPERATION, FieldParams
from connectors.salesforce.session import API_VERSION
from connectors.salesforce.soql import holds, quoted, select
from connectors.salesforce.standin_records import DANA
from connectors.salesforce.standin_soql import parsed

pytestmark = pytest.mark.slow

DEAL, UNTOLD = conformance.DEAL, full("0065e0000NoSum1")


@pytest.fixture
def address(tmp_path):
    return conformance.fresh(tmp_path)


@pytest.fixture
def proxy(address):
    return conformance.SYSTEMS[address][0]


@pytest.fixture
def org(address):
    return conformance.SYSTEMS[address][1]


@pytest.fixture
def session(address):
    with opened(CONNECTOR, conformance.writer(address, OPERATION.name)) as session:
        yield session


def params(field="StageName", value="Closed Won", record=DEAL, object_name="Opportunity"):
    return FieldParams(object=object_name, record=record, field=field, value=value)


@pytest.mark.parametrize(
    ("field", "value", "after"),
    [
        ("Amount", "9000", "9000.00"),
        ("Amount", "-0.10", "-0.10"),
        ("Amount", "1234567890123.45", "1234567890123.45"),
        ("Seats__c", "-7", -7),
        ("CloseDate", "2026-11-30", "2026-11-30"),
        ("Regions__c", "AMER; EMEA", "EMEA;AMER"),
        ("IsPrivate", "True", True),
        ("KickOff__c", "2026-12-24T10:00:00+01:00", "2026-12-24T09:00:00Z"),
        (
            "Description",
            "  Zeile eins\n– 二行目 'x' \\ \"y\"\n",
            "Zeile eins\n– 二行目 'x' \\ \"y\"",
        ),
        ("StageName", "Closed Won", "Closed Won"),
    ],
)
def test_each_type_comes_back_as_it_was_predicted_and_is_restored(session, field, value, after):
    asked = params(field, value)
    before = OPERATION.read(session, asked)
    assert OPERATION.preview(asked, before) == {field: after}
    result = OPERATION.execute(session, asked, before, "k")
    assert OPERATION.read(session, asked).fields == {field: after}
    assert isinstance(OPERATION.undo(asked, before), Reversible)
    OPERATION.compensate(session, asked, before, result, "k:undo")
    assert OPERATION.read(session, asked).fields == before.fields


def test_an_empty_field_is_emptied_again(session):
    asked = params("Amount", "5", UNTOLD)
    before = OPERATION.read(session, asked)
    assert before.fields == {"Amount": None}
    result = OPERATION.execute(session, asked, before, "k")
    OPERATION.compensate(session, asked, before, result, "k:undo")
    assert OPERATION.read(session, asked).fields == {"Amount": None}


def test_a_decimal_leaves_with_its_own_digits_and_the_second_that_was_read(session, proxy):
    asked = params("Amount", "0.1")
    OPERATION.execute(session, asked, OPERATION.read(session, asked), "k")
    (write,) = [e for e in proxy.exchanges() if e.method == "PATCH"]
    assert write.body == b'{"Amount": 0.10}'
    assert write.headers["If-Unmodified-Since"] == "Mon, 02 Nov 2026 08:15:30 GMT"
    assert write.path == f"/services/data/v{API_VERSION}/sobjects/Opportunity/{DEAL}"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (params("Secret__c", "x"), "no field Secret__c"),
        (params("NoSuchField", "x"), "no field NoSuchField"),
        (params(record="0015e0000AcmeAA"), "no id of an Opportunity"),
        (params(record=DEAL[:17] + "A"), "no id of an Opportunity"),
        (params(record=full("0065e0000Nobody")), "does not have"),
        (params("Industry", "Retail", full("0015e0000OldAcm"), "Account"), "was merged into"),
        (params("Industry", "Retail", full("0015e0000Delete"), "Account"), "is deleted"),
    ],
)
def test_what_is_not_there_is_said_to_be_so(session, asked, said):
    with pytest.raises(Rejected, match=said):
        OPERATION.read(session, asked)


def test_a_merged_record_names_the_one_that_is_left(session):
    with pytest.raises(Rejected, match=full("0015e0000AcmeAA")):
        OPERATION.read(session, params("Industry", "Retail", full("0015e0000OldAcm"), "Account"))


def test_automation_is_listed_or_said_not_to_be(address, org):
    with opened(CONNECTOR, conformance.reader(address)) as session:
        seen = OPERATION.read(session, params())
    assert seen.about["automation"] == [
        "flow: Tell finance of closed deals",
        "validation rule: Close_date_in_future",
        "trigger: OpportunityRollup",
    ]
    assert OPERATION.facts(params(), seen)["record.automation"] == seen.about["automation"]
    assert OPERATION.undo(params(), seen).note.endswith(
        "not taken back (flow: Tell finance of closed deals, trigger: OpportunityRollup)"
    )


def test_automation_that_may_not_be_seen_is_no_empty_list(session, org):
    org.may_view_setup = False
    seen = OPERATION.read(session, params())
    assert seen.about["automation"] == [NOT_LISTED]
    assert OPERATION.facts(params(), seen)["record.is_automation_known"] is False
    assert "cannot be listed" in OPERATION.undo(params(), seen).note


def test_a_change_between_our_reading_and_our_writing_is_refused_by_salesforce(session, org):
    live = records.load(session, "Opportunity", DEAL, "StageName")
    org.change("Opportunity", DEAL, {"Amount": 1}, DANA)
    with pytest.raises(Conflict):
        records.write(session, live, "Closed Won")
    assert org.records["Opportunity"][DEAL]["StageName"] == "Proposal/Price Quote"


def test_a_value_that_somebody_set_since_is_not_taken_back(session, org):
    before = OPERATION.read(session, params())
    result = OPERATION.execute(session, params(), before, "k")
    org.change("Opportunity", DEAL, {"StageName": "Prospecting"}, DANA)
    with pytest.raises(Rejected, match="Dana Reyes changed StageName since"):
        OPERATION.compensate(session, params(), before, result, "k:undo")


def test_a_token_that_ends_in_the_middle_is_renewed_without_writing_twice(session, org, proxy):
    before = OPERATION.read(session, params())
    org.revoked = org.tokens
    OPERATION.execute(session, params(), before, "k")
    assert org.tokens == 2
    taken = [e for e in proxy.exchanges() if e.method == "PATCH" and e.status == 204]
    assert len(taken) == 1


def test_a_token_that_is_never_accepted_ends_as_a_refused_secret(session, org):
    before = OPERATION.read(session, params())
    org.revoked = 1_000
    with pytest.raises(Rejected, match="does not accept the secret") as caught:
        OPERATION.execute(session, params(), before, "k")
    assert caught.value.is_secret_refused


@pytest.mark.parametrize(("mood", "after_seconds"), [("is_out_of_calls", 900), ("is_locked", 5)])
def test_what_passes_by_itself_is_tried_again_later(session, org, mood, after_seconds):
    before = OPERATION.read(session, params())
    kept = org.fingerprint()
    setattr(org, mood, True)
    with pytest.raises(Unavailable) as caught:
        OPERATION.execute(session, params(), before, "k")
    assert caught.value.retry_after_seconds == after_seconds
    assert org.fingerprint() == kept


def test_a_validation_rule_says_why_in_its_own_words(session):
    asked = params("Description", "forbidden words")
    with pytest.raises(Rejected, match=r"Do not write that\. \(Description\)"):
        OPERATION.execute(session, asked, OPERATION.read(session, asked), "k")


def test_a_write_that_cannot_be_read_back_is_unknown_and_found(session, proxy):
    before = OPERATION.read(session, params())
    asked = iter(range(10))  # the first reading is the one before the write
    proxy.arm("unavailable", lambda m, p: "/query/?" in p and m == "GET" and next(asked) == 1)
    with pytest.raises(OutcomeUnknown, match="took the change"):
        OPERATION.execute(session, params(), before, "k")
    assert OPERATION.lookup(session, params(), "k").is_replay


def test_a_production_org_is_no_sandbox_and_no_other_user_is_let_in(address, org):
    good = conformance.writer(address, OPERATION.name)
    org.is_sandbox = False
    forget_identities()
    with pytest.raises(OtherIdentityError, match="production"), opened(CONNECTOR, good):
        pass
    other = replace(good, account=f"{standin.ORG}/005000000000000AAA")
    with pytest.raises(OtherIdentityError, match="is not its own"), opened(CONNECTOR, other):
        pass


def test_the_secret_is_sent_to_the_sign_in_alone(session, proxy):
    OPERATION.execute(session, params(), OPERATION.read(session, params()), "k")
    asked = [e for e in proxy.exchanges() if not e.path.startswith("/services/oauth2/")]
    assert asked
    for exchange in asked:
        assert exchange.path.startswith(f"/services/data/v{API_VERSION}/")
        said = repr((exchange.path, exchange.headers, exchange.body))
        assert standin.CLIENT_SECRET not in said
        assert "Basic " not in said


@pytest.mark.parametrize(
    "address",
    [
        "",
        "acme.my.salesforce.com",
        "http://acme.my.salesforce.com?client_id=x",
        "https://acme.my.salesforce.com",
        "https://acme.my.salesforce.com?client_id=x&client_secret=y",
        "https://user:word@acme.my.salesforce.com?client_id=x",
        "https://acme.my.salesforce.com/services?client_id=x",
        "https://acme.my.salesforce.com:port?client_id=x",
    ],
)
def test_an_address_that_is_not_understood_opens_nothing(address):
    used = Credential("a/b", "sandbox", frozenset(), address, "secret")
    with pytest.raises(Rejected, match="not understood"), opened(CONNECTOR, used):
        pass


def test_without_its_package_the_connector_says_what_to_install(address, monkeypatch):
    monkeypatch.setitem(sys.modules, "simple_salesforce", None)
    with (
        pytest.raises(Rejected, match=r"pip install 'assent\[salesforce\]'"),
        opened(CONNECTOR, conformance.reader(address)),
    ):
        pass


def test_words_are_never_a_command_nor_a_pattern(session):
    assert [r.id for r in FINDER.find(session, "50%_off' OR Name LIKE '%")] == [
        full("0065e0000Hostil")
    ]
    assert FINDER.find(session, "% _ ' \\") == ()
    by_id = FINDER.find(session, f"set the stage of {DEAL} to Closed Won")
    assert [record.id for record in by_id] == [DEAL]
    assert FINDER.find(session, full("0065e0000Nobody")) == ()


def test_a_customers_name_alone_is_the_account(session):
    acme = full("0015e0000AcmeAA")
    assert [r.id for r in RECORDS.find(session, "ACME")] == [acme]
    assert [r.id for r in RECORDS.find(session, "ACME's keyboards")] == [DEAL]
    assert [r.id for r in RECORDS.find(session, f"account {acme[:15]}")] == [acme]
    assert [r.fields["object"] for r in RECORDS.find(session, "case 1026")] == ["Case"]
    assert RECORDS.find(session, "case 9999") == ()


def test_a_picklists_value_may_be_written_in_any_case(session):
    before = OPERATION.read(session, params(value="closed won"))
    assert OPERATION.preview(params(value="closed won"), before) == {"StageName": "Closed Won"}
    assert OPERATION.facts(params(value="closed won"), before)["record.is_closed"] is False


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_quoted_text_is_one_literal_that_means_itself(text):
    rows = [{"Name": text}, {"Name": f"{text}x"}]
    query = parsed(select(("Name",), "Account", f"Name = {quoted(text)}", rows_max=5))
    assert [row["Name"] for row in query.run(rows)] == [text]
    found = parsed(select(("Name",), "Account", f"Name LIKE {holds(text)}")).run([{"Name": text}])
    assert len(found) == 1


@given(st.from_regex(r"006[A-Za-z0-9]{12}", fullmatch=True))
def test_an_id_is_known_by_its_own_sum(short):
    assert is_id("Opportunity", short)
    assert is_id("Opportunity", full(short))
    assert re.fullmatch(r"[A-Z0-5]{3}", full(short)[15:])
    assert not is_id("Account", full(short))
