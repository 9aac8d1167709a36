"""ServiceNow as it is: lenient queries, merged and closed incidents, rules, limits, pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Conflict, OutcomeUnknown, Rejected, Unavailable
from connectors.opening import forget_identities
from connectors.operation import Irreversible, Result
from connectors.servicenow.queries import is_plain, plain_part, words
from connectors.servicenow.standin import seed

pytestmark = pytest.mark.slow

RESOLVE = {
    "incident": "INC0000002", "close_code": "Solution provided", "close_notes": "Restarted it.",
}  # fmt: skip
CREATE = {
    "caller": "Mia@acme.example", "short_description": "Door ^ 4: javascript:alert(1) stuck",
    "description": "It is open.", "urgency": "2", "impact": "3",
}  # fmt: skip


def writes(now):
    return [e for e in now.proxy.exchanges() if e.method != "GET"]


@pytest.mark.parametrize(
    "secret",
    ["standInAccessTokenOfTheBot0123456789", "oauth:assent-client:stand-in-client-secret-9"],
)
def test_a_token_and_a_client_are_whom_the_instance_says(now, secret):
    with now.session(secret=secret) as session:
        assert session.user == "assent-bot"
    last = now.proxy.exchanges()[-1]
    assert last.headers["Authorization"] == "Bearer standInAccessTokenOfTheBot0123456789"


@pytest.mark.parametrize(
    "secret", ["oauth:assent-client:wrong-wrong", "viewer:stand-in-Passw0rd-2", "x:y", "nothing"]
)
def test_a_wrong_client_and_anothers_password_open_nothing(now, secret):
    with pytest.raises(Rejected) as caught, now.session(secret=secret):
        pass
    assert "wrong-wrong" not in str(caught.value)
    assert "Passw0rd" not in str(caught.value)


def test_an_instance_that_ignores_the_question_names_nobody(now):
    forget_identities()
    now.instance.is_lenient = True
    with pytest.raises(Unavailable, match="who this is"), now.session():
        pass
    now.instance.tables["sys_user"] = {
        k: v for k, v in now.instance.tables["sys_user"].items() if v["user_name"] == "assent-bot"
    }
    with pytest.raises(Unavailable, match="who this is"), now.session():
        pass


def test_an_instance_without_the_filter_is_asked_by_the_documented_expression(now):
    forget_identities()
    now.instance.has_filters = False
    with now.session() as session:
        assert session.user == "assent-bot"
    forget_identities()
    with pytest.raises(Rejected, match="viewer"), now.session(secret="viewer:stand-in-Passw0rd-2"):
        pass


def test_a_lenient_instance_finds_nothing_that_was_not_meant(now):
    now.do("servicenow.create_incident", **CREATE)
    now.instance.is_lenient = True
    assert now.find("INC9999999") == []
    assert now.find("helicopter") == []
    operation, params = now.typed(
        "servicenow.resolve_incident", **{**RESOLVE, "incident": "INC0009999"}
    )
    with now.session() as session, pytest.raises(Rejected, match="have incident INC0009999"):
        operation.read(session, params)
    operation, params = now.typed(
        "servicenow.create_incident", **{**CREATE, "caller": "nobody@acme.example"}
    )
    with now.session() as session:
        assert operation.lookup(session, params, "another key") is None
        before = operation.read(session, params)
    with pytest.raises(Rejected, match="no active person"):
        operation.preview(params, before)


def test_a_merged_incident_names_the_one_that_it_became(now):
    with pytest.raises(Rejected, match="merged into INC0000001"):
        now.do("servicenow.update_incident", incident="INC0000004", field="urgency", value="1")
    assert writes(now) == []


def test_an_incident_that_is_merged_between_reading_and_writing_is_not_written(now):
    operation, params = now.typed("servicenow.resolve_incident", **RESOLVE)
    with now.session() as session:
        before = operation.read(session, params)
        now.instance.touch("INC0000002", state="6", close_code="Duplicate", close_notes="x",
                           parent_incident=seed.sys_id("INC1"))  # fmt: skip
        with pytest.raises(Rejected, match="merged"):
            operation.execute(session, params, before, "key")


def test_a_deleted_incident_and_two_of_one_number_are_refused(now):
    operation, params = now.typed("servicenow.resolve_incident", **RESOLVE)
    with now.session() as session:
        before = operation.read(session, params)
        kept = now.instance.tables["incident"].pop(now.row("INC0000002")["sys_id"])
        with pytest.raises(Rejected, match="does not have incident INC0000002"):
            operation.execute(session, params, before, "key")
        now.instance.tables["incident"] |= {"a" * 32: kept, "b" * 32: dict(kept)}
        with pytest.raises(Rejected, match="several incidents"):
            operation.execute(session, params, before, "key")


def test_resolving_and_reopening_restores_the_hold_and_its_reason(now):
    operation, params, before, result = now.do("servicenow.resolve_incident", **RESOLVE)
    assert now.row("INC0000002")["state"] == "6"
    assert before.fields["hold_reason"] == "Awaiting Change"
    with now.session() as session:
        operation.compensate(session, params, before, result, "undo")
    row = now.row("INC0000002")
    assert (row["state"], row["hold_reason"], row["close_notes"]) == ("3", "5", "")


def test_one_that_was_closed_meanwhile_is_final(now):
    operation, params, before, result = now.do("servicenow.resolve_incident", **RESOLVE)
    now.instance.touch("INC0000002", state="7")
    with now.session() as session:
        after = operation.read(session, params)
        assert isinstance(operation.undo(params, after), Irreversible)
        with pytest.raises(Rejected):
            operation.compensate(session, params, before, result, "undo")


def test_a_rule_about_values_is_no_matter_of_permission(now):
    now.instance.touch("INC0000002", caller_id="")
    with pytest.raises(Rejected, match=r"refuses this on incident INC0000002.*Caller") as caught:
        now.do("servicenow.update_incident", incident="INC0000002", field="urgency", value="1")
    assert "permit" not in str(caught.value)


def test_permission_that_is_lost_writes_nothing(now):
    operation, params = now.typed("servicenow.resolve_incident", **RESOLVE)
    with now.session() as session:
        before = operation.read(session, params)
        now.instance.writers.clear()
        with pytest.raises(Rejected, match=r"incidents:write on incident INC0000002.*ACL"):
            operation.execute(session, params, before, "key")
    assert now.row("INC0000002")["state"] == "3"


def test_any_change_by_somebody_else_conflicts(now):
    operation, params = now.typed("servicenow.resolve_incident", **RESOLVE)
    with now.session() as session:
        before = operation.read(session, params)
        now.instance.touch("INC0000002", description="More.")
        with pytest.raises(Conflict, match="modification 5, it was read at 4"):
            operation.execute(session, params, before, "key")


def test_people_of_one_name_are_told_apart(now):
    twin = seed.user("jo2", "Jo Park")
    now.instance.tables["sys_user"][twin["sys_id"]] = twin
    set_to = {"incident": "INC0000001", "field": "assigned_to"}
    now.do("servicenow.update_incident", value="jo@acme.example", **set_to)
    operation, params, before, result = now.do(
        "servicenow.update_incident", value="JO2@acme.example", **set_to
    )
    assert not result.is_replay
    assert now.row("INC0000001")["assigned_to"] == twin["sys_id"]
    assert operation.facts(params, before)["target.email"] == "jo2@acme.example"
    assert operation.facts(params, before)["incident.assignee_email"] == "jo@acme.example"


def test_a_group_is_set_by_its_name_and_put_back(now):
    operation, params, before, result = now.do(
        "servicenow.update_incident", incident="INC0000001", field="assignment_group",
        value="Network",
    )  # fmt: skip
    assert now.row("INC0000001")["assignment_group"] == seed.sys_id("g1")
    with now.session() as session:
        operation.compensate(session, params, before, result, "undo")
    assert now.row("INC0000001")["assignment_group"] == ""


def test_hostile_words_of_an_incident_never_reach_a_query(now):
    operation, params, _, result = now.do("servicenow.create_incident", **CREATE)
    row = now.row(result.reference)
    assert row["short_description"] == CREATE["short_description"]
    assert row["correlation_id"].startswith("assent-")
    with now.session() as session:
        found = operation.lookup(session, params, "key")
    assert found == replace(result, is_replay=True)
    asked = [unquote(e.path) for e in now.proxy.exchanges() if "/incident" in e.path]
    assert asked
    assert not any("javascript:" in path for path in asked)


def test_an_incident_that_somebody_began_is_not_canceled(now):
    operation, params, before, result = now.do("servicenow.create_incident", **CREATE)
    now.instance.touch(result.reference, assigned_to=seed.sys_id("jo"))
    with now.session() as session, pytest.raises(Rejected, match="no longer be taken back"):
        operation.compensate(session, params, before, result, "undo")


def test_the_incidents_of_others_are_not_canceled(now):
    operation, params, before, _ = now.do("servicenow.create_incident", **CREATE)
    with now.session() as session, pytest.raises(Rejected, match="no such incident"):
        operation.compensate(session, params, before, Result("INC0000001", ""), "undo")
    assert now.row("INC0000001")["state"] == "2"


def test_lists_are_read_by_the_instances_own_links_which_keep_the_secret_here(now):
    for index in range(7):
        now.do("servicenow.create_incident", f"k{index}",
               **{**CREATE, "short_description": "Lamp", "description": f"No {index}"})  # fmt: skip
    now.instance.page_max = 3
    operation, params = now.typed("servicenow.create_incident",
                                  **{**CREATE, "short_description": "Lamp"})  # fmt: skip
    with now.session() as session:
        assert operation.read(session, params).fields["open_incidents"] == 7
    assert sum("sysparm_offset" in e.path for e in now.proxy.exchanges()) == 2


def test_a_rate_limit_says_how_long(now):
    operation, params = now.typed("servicenow.resolve_incident", **RESOLVE)
    reset = str(int((datetime.now(UTC) + timedelta(seconds=50)).timestamp()))
    for headers, least, most in (
        ({"Retry-After": "9"}, 9, 9),
        ({"X-RateLimit-Limit": "10", "X-RateLimit-Reset": reset}, 40, 51),
    ):
        with now.session() as session:
            now.instance.busy_headers = headers
            with pytest.raises(Unavailable) as caught:
                operation.read(session, params)
            now.instance.busy_headers = None
        assert least <= (caught.value.retry_after_seconds or -1) <= most


def test_an_instance_that_hibernates_is_away_and_a_write_to_it_unknown(now, monkeypatch):
    from connectors.conformance.in_a_thread import Answer
    from connectors.servicenow.standin import server

    operation, params = now.typed("servicenow.resolve_incident", **RESOLVE)
    with now.session() as session:
        before = operation.read(session, params)
        asleep = Answer(200, "<html>Your instance is hibernating</html>")
        real = server._table
        monkeypatch.setattr(
            server, "_table", lambda i, r: real(i, r) if r.method == "GET" else asleep
        )
        with pytest.raises(OutcomeUnknown, match="cannot be read"):
            operation.execute(session, params, before, "key")
        monkeypatch.setattr(server, "_table", lambda *_: asleep)
        with pytest.raises(Unavailable):
            operation.read(session, params)


def test_the_version_is_pinned_and_a_refused_write_is_not_repeated(now):
    now.proxy.arm("unavailable", lambda method, _path: method == "PATCH", times=9)
    with pytest.raises(Unavailable):
        now.do("servicenow.resolve_incident", **RESOLVE)
    assert len(writes(now)) == 1
    assert all(e.path.startswith("/api/now/v2/table/") for e in now.proxy.exchanges())


def test_numbers_and_addresses_are_exact(now):
    found = seed.sys_id("INC1")
    here = now.proxy.address
    for said in ("INC0000001", "inc0000001!", f"{here}/incident.do?sys_id={found}",
                 f"{here}/nav_to.do?uri=incident.do%3Fsys_id%3D{found}"):  # fmt: skip
        assert now.find(said) == ["INC0000001"], said
    for said in (f"https://other.service-now.com/incident.do?sys_id={found}", "INC0000099 VPN",
                 "https://other.service-now.com/INC0000001"):  # fmt: skip
        assert now.find(said) == [], said


@pytest.mark.parametrize(
    "address",
    ["http://acme.service-now.com", "https://a@acme.service-now.com", "https://x.com/api", "acme"],
)
def test_a_secret_goes_to_an_instance_alone(now, address):
    with (
        pytest.raises(Rejected, match="not that of a ServiceNow instance"),
        now.session(address=address),
    ):
        pass


@given(st.text(max_size=80))
def test_nothing_that_a_query_understands_is_left_of_a_text(text):
    for part in (plain_part(text), *words(text)):
        assert not set(part) & set("^=,:!<>\n\r\x00")
        assert part == "" or is_plain(part)
