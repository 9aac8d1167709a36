"""A bundle that declares a system: its operations stand beside those of installed connectors."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.bundle.reach import out_of_reach
from bot.catalogue import Catalogue, examined, loaded
from bot.settings import BUNDLE_SHIPPED
from connectors.errors import Rejected
from connectors.opening import OtherIdentityError
from connectors.sql import example
from policies.findings import BundleError

pytestmark = pytest.mark.slow

CRM = """\
system: crm
connector: sql
title: Customer records
database: sqlite
operations:
  set_phone:
    title: Change a customer's phone number
    resource: customer {customer}
    params:
      customer: {type: id}
      phone: {type: line}
    table: customers
    key: {id: customer}
    columns: {phone: text, plan: text, version: int}
    version: version
    read: SELECT phone, plan, version FROM customers WHERE id = :customer
    write: >-
      UPDATE customers SET phone = :phone, version = version + 1
      WHERE id = :customer AND version = :before_version
    irreversible: the customer is told at once
"""
CONNECTION = """\
connections:
  crm:
    connector: crm
    environment: sandbox
    account: crm.db
    scopes: ["crm:read", "crm:write"]
    address_env: ASSENT_CRM_ADDRESS
"""
WORKFLOW = """\
workflow: change-phone
title: Change a phone number
why: Reach a customer under a new number.
owner: support-operations
autonomy: L2
slots:
  customer: {type: text, characters_max: 40, ask: "Which customer?"}
  phone: {type: text, characters_max: 40, ask: "Which number?"}
verbs: ["change ... phone"]
understands: ["set the phone of customer {customer} to {phone}"]
steps:
  - phone: {use: crm.set_phone, with: {customer: "{customer}", phone: "{phone}"}}
approval_minutes: 240
budget: {tool_calls: 30, wall_clock_seconds: 120, spend_usd: "0.20"}
outcome: {unit: number changed, price_usd: "0.30"}
baseline: {minutes: 5, measured: "2026-10", touches: 2}
reject_reasons: [wrong customer]
examples:
  - say: "set the phone of customer c-1 to +1 555 0199"
    plan: [crm.set_phone]
"""
POLICY = """\
policy: phones
applies_to: [crm.set_phone]
rules:
  - id: allow-phone
    effect: allow
    all:
      requester in support: "'support' in requester.roles"
      a paying customer: "record.plan == 'gold'"
    because: "people in support may change the numbers of paying customers"
"""


@pytest.fixture
def folder(tmp_path):
    copy = tmp_path / "desk"
    shutil.copytree(BUNDLE_SHIPPED, copy)
    (copy / "systems").mkdir()
    write(copy, "systems/crm.yml", CRM)
    write(copy, "workflows/change-phone.yml", WORKFLOW)
    write(copy, "policies/phones.yml", POLICY)
    settings = (copy / "bundle.yml").read_text()
    settings = settings.replace("connections:\n", CONNECTION, 1)
    settings = settings.replace("\nworkflows:\n", "\nworkflows:\n  change-phone: [crm]\n")
    write(copy, "bundle.yml", settings)
    return copy


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)


def findings(folder):
    with pytest.raises(BundleError) as refused:
        loaded(folder)
    return [str(finding) for finding in refused.value.findings]


def test_a_declared_operation_is_planned_judged_and_written_as_any_other(folder, tmp_path):
    path = tmp_path / "crm.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(example.TABLES + example.ROWS)
    bundle = loaded(folder)
    assert out_of_reach(bundle) == ()
    catalogue = Catalogue(bundle, "sandbox", {"ASSENT_CRM_ADDRESS": f"sqlite:///{path}"})
    operation = catalogue.operation("crm.set_phone")
    params = operation.params.model_validate({"customer": "c-1", "phone": "+1 555 0199"})
    with catalogue.session("change-phone", "crm.set_phone", is_write=False) as session:
        before = operation.read(session, params)
        with pytest.raises(Rejected, match="crm:write"):
            operation.execute(session, params, before, "R-1/1")
    assert operation.facts(params, before)["record.plan"] == "gold"
    with catalogue.session("change-phone", "crm.set_phone", is_write=True) as session:
        operation.execute(session, params, before, "R-1/1")
        assert operation.read(session, params).fields == {"phone": "+1 555 0199"}
    assert catalogue.identify("crm").account == "crm.db"


def test_another_file_under_the_connections_name_opens_nothing(folder, tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(example.TABLES)
    catalogue = Catalogue(loaded(folder), "sandbox", {"ASSENT_CRM_ADDRESS": f"sqlite:///{path}"})
    with (
        pytest.raises(OtherIdentityError),
        catalogue.session("change-phone", "crm.set_phone", is_write=False),
    ):
        pass


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("connector: sql", "connector: cobol", "systems/crm.yml:2:12: no kind of system cobol"),
        ("database: sqlite", "databse: sqlite", "systems/crm.yml:4:1: unknown key 'databse'"),
        ("AND version", "OR version", "systems/crm.yml:17:12: WHERE holds"),
        ("FROM customers WHERE", "FROM vault WHERE", "systems/crm.yml:16:11: is about vault"),
        ("type: line", "type: blob", "systems/crm.yml:11:"),
        ("system: crm", "system: desk", "systems/desk.yml:1:9: desk is a connector that Assent"),
    ],
)
def test_what_cannot_be_made_is_said_with_its_place(folder, old, new, said):
    text = CRM.replace(old, new)
    (folder / "systems" / "crm.yml").unlink()
    write(folder, f"systems/{text.split()[1]}.yml", text)
    assert any(finding.startswith(said) for finding in findings(folder)), findings(folder)
    assert examined(folder).bundle is None


def test_a_system_cannot_take_the_name_of_another_operation(folder):
    (folder / "systems" / "crm.yml").unlink()
    write(
        folder,
        "systems/payments.yml",
        CRM.replace("system: crm", "system: payments").replace("set_phone:", "refund:"),
    )
    assert any("Assent has payments.refund already" in finding for finding in findings(folder))


def test_the_facts_of_a_declared_operation_are_its_declarations(folder):
    write(folder, "policies/phones.yml", POLICY.replace("record.plan", "record.plane"))
    assert any("record.plane" in finding for finding in findings(folder))
