"""The deployment service of stories answers as its document says, and refuses what is not in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from jsonschema import Draft202012Validator

from bot import systems
from connectors.credentials import Credential
from connectors.story import Write
from evals.cases.suite import BUNDLES
from evals.worlds.declared.deploys import ADDRESS, READER, TABLE, WRITER, Deploys

NOW = datetime(2026, 11, 20, 20, 50, tzinfo=UTC)
DOCUMENT = json.loads((BUNDLES / "service" / "systems" / "deploys.json").read_text())


@pytest.fixture
def deploys() -> Deploys:
    system = Deploys()
    system.begin(NOW)
    return system


@pytest.fixture
def client(deploys: Deploys) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=ADDRESS, transport=httpx.MockTransport(deploys._carried)) as made:
        made.headers["Authorization"] = f"Bearer {deploys.secret(f'acme/{WRITER}')}"
        yield made


def test_every_answer_is_as_the_document_says(client: httpx.Client) -> None:
    for path, name in (("/v3/me", "Account"), ("/v3/services", "Services")):
        schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
        Draft202012Validator(schema).validate(client.get(path).json())
    assert len(client.get("/v3/services").json()["services"]) > 5
    assert [s["name"] for s in client.get("/v3/services?q=ledger").json()["services"]] == ["ledger"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", "/v3/services/checkout", {"replicas": True}, 422),
        ("PATCH", "/v3/services/checkout", {"replicas": 5, "region": "x"}, 422),
        ("PATCH", "/v3/services/checkout", {"replicas": 1001}, 422),
        ("PUT", "/v3/services/checkout/restart", {"incident": "two\nlines"}, 422),
        ("PUT", "/v3/services/checkout/restart", {}, 422),
        ("PATCH", "/v3/services/nothing", {"replicas": 5}, 404),
        ("DELETE", "/v3/services/checkout", None, 404),
        ("GET", "/v3/services?page=2", None, 400),
    ],
)
def test_what_the_document_does_not_have_is_refused(
    deploys: Deploys, client: httpx.Client, method: str, path: str, body: object, status: int
) -> None:
    before = deploys.rows()
    said = client.request(method, path, json=body, headers={"If-Match": '"checkout-7"'})
    assert said.status_code == status
    assert deploys.rows() == before


def test_an_account_that_looks_writes_nothing_nor_does_an_old_version(
    deploys: Deploys, client: httpx.Client
) -> None:
    path, before = "/v3/services/checkout", deploys.rows()
    for tag in ("", '"checkout-6"'):
        said = client.patch(path, json={"replicas": 5}, headers={"If-Match": tag})
        assert said.status_code == 412
    for account, status in ((f"acme/{READER}", 403), ("acme/nobody", 401)):
        client.headers["Authorization"] = f"Bearer {deploys.secret(account)}"
        said = client.patch(path, json={"replicas": 5}, headers={"If-Match": '"checkout-7"'})
        assert said.status_code == status
    assert deploys.rows() == before


def test_writes_are_read_off_the_records(deploys: Deploys) -> None:
    before = deploys.rows()
    deploys.change(TABLE, "checkout", {"restarted_for": "INC0010023"})
    deploys.change(TABLE, "search", {"replicas": 7, "is_frozen": True})
    assert list(deploys.writes(before, deploys.rows())) == [
        Write("deploys.restart", {"service": "checkout", "incident": "INC0010023"}),
        Write("deploys.scale", {"service": "search", "replicas": 7}),
        Write("unknown", {"service": "search", "is_frozen": True}),
    ]
    for table, id_, values in (
        (TABLE, "nothing", {}),
        ("x", "checkout", {}),
        (TABLE, "checkout", {"x": 1}),
    ):
        with pytest.raises(LookupError):
            deploys.change(table, id_, values)
    deploys.begin(NOW)
    assert deploys.rows() == before


@pytest.mark.slow
def test_a_session_of_the_connector_asks_within_the_process(deploys: Deploys) -> None:
    connectors = systems.reached_from(BUNDLES / "service")
    connector = next(each for each in connectors if each.name == "deploys")
    credential = Credential(f"acme/{READER}", "sandbox", frozenset({"deploys:read"}), "", "")
    with deploys.open(connector, credential) as session:
        assert connector.identify(session).account == f"acme/{READER}"
        found = connector.finders[0].find(session, "queue of payments")
    assert [record.id for record in found] == ["checkout-worker"]
