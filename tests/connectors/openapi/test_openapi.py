"""What a document, a declaration and an interface may try, and what comes of it."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest

from connectors import wire
from connectors.conformance.case import Case
from connectors.conformance.in_a_thread import TENANT_HEADER, Answer, InAThread
from connectors.conformance.proxy import Proxy, Refusals
from connectors.declared.kinds import UndeclarableError
from connectors.errors import Rejected, Unavailable
from connectors.openapi import document, example
from connectors.openapi.conformance import SYSTEMS, WORLD, reader
from connectors.openapi.declaration import OpenapiDeclaration
from connectors.openapi.declare import declare
from connectors.openapi.document import DocumentError

pytestmark = pytest.mark.slow


def case(name, tmp_path):
    connector = example.connector()
    operation = next(o for o in connector.operations if o.name == f"accounts.{name}")
    return Case(connector, operation, WORLD, WORLD.fresh(tmp_path))


def declared(change_document=lambda d: None, change=lambda d: None):
    tree, declaration = copy.deepcopy(example.DOCUMENT), copy.deepcopy(example.DECLARATION)
    declaration["operations"] = {"set_phone": declaration["operations"]["set_phone"]}
    change_document(tree)
    change(declaration["operations"]["set_phone"])
    return declare(
        OpenapiDeclaration.model_validate(declaration),
        {"accounts.json": json.dumps(tree).encode()},
    )


@pytest.mark.parametrize(
    "reference", ["http://127.0.0.1:1/x.json", "file:///etc/passwd", "other.json#/x", "//h/x"]
)
def test_a_document_that_refers_elsewhere_is_refused_before_anything_is_fetched(reference):
    def change(tree):
        tree["components"]["schemas"]["Customer"] = {"$ref": reference}

    with pytest.raises(UndeclarableError, match="refers to what is not in it"):
        declared(change)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{", b'{"openapi": "2.0"}', b'{"openapi": "3.1.0"}',
        b'{"openapi": "3.1.0", "info": NaN}', b"[" * 100_000,
        json.dumps({**example.DOCUMENT, "paths": {"/a": {"get": {"responses": 1}}}}).encode(),
    ],
    ids=lambda data: data[:40],
)  # fmt: skip
def test_what_is_no_document_is_refused(data):
    with pytest.raises(DocumentError):
        document.read(data)


def test_references_in_a_circle_end():
    def change(tree):
        tree["components"]["schemas"]["Customer"] = {"$ref": "#/components/schemas/Customer"}

    with pytest.raises(UndeclarableError):
        declared(change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda o: o.update(read="changeCustomer"), "must be a GET"),
        (lambda o: o.update(write="getCustomer"), "is a GET"),
        (lambda o: o.update(read="nothing"), "0 operations 'nothing'"),
        (lambda o: o.update(path={}), "nothing for customerId"),
        (lambda o: o["path"].update(customerId="{phone}"), "declared as path.NAME"),
        (lambda o: o["path"].update(customerId="c-1"), "declared as path.NAME"),
        (lambda o: o["body"].update(secret="x"), "declares nothing at /secret"),
        (lambda o: o["fields"]["phone"].update(at="/fax"), "declares nothing at /fax"),
        (lambda o: o["fields"]["phone"].update(becomes=7), "is string, and 7 is not"),
        (lambda o: o["compared"].update(plan="/plan"), "not object"),
        (lambda o: o["undo"]["body"].update(phone="{before.fax}"), "no field or parameter"),
        (lambda o: o["params"].update(spare="body.status"), "neither in the path nor in the body"),
        (lambda o: o.update(resource="customer {name}"), "no parameter 'name'"),
    ],
)
def test_a_declaration_that_does_not_fit_its_document_is_refused(change, said):
    with pytest.raises(UndeclarableError, match=said) as refused:
        declared(change=change)
    assert all(p.place[:2] == ("operations", "set_phone") for p in refused.value.problems)


def with_finder(change):
    declaration = copy.deepcopy(example.DECLARATION)
    declaration["operations"] = {"set_phone": declaration["operations"]["set_phone"]}
    change(declaration["finders"]["find_customers"])
    return declare(
        OpenapiDeclaration.model_validate(declaration),
        {"accounts.json": json.dumps(example.DOCUMENT).encode()},
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.update(read="getCustomer"), "whose path has no parameters"),
        (lambda f: f.update(read="changeCustomer"), "must be a GET"),
        (lambda f: f.update(items="/rows"), "declares nothing at /rows"),
        (lambda f: f.update(items=None), "no list at the top"),
        (lambda f: f["fields"].update(fax="/fax"), "declares nothing at /fax"),
        (lambda f: f["fields"].update(plan="/plan"), "not object"),
        (lambda f: f["query"].update(page=1), "no query page"),
        (lambda f: f["query"].update(q="{name}"), "stands for nothing"),
        (lambda f: f.update(found_by=({"field": "seats"},)), "no field that is a text"),
        (lambda f: f.update(id="seats"), "an id is a text"),
        (lambda f: f.update(label="{phone}"), "no field 'phone'"),
    ],
)
def test_a_finder_that_does_not_fit_its_document_is_refused(change, said):
    with pytest.raises(UndeclarableError, match=said) as refused:
        with_finder(change)
    assert all(p.place[:2] == ("finders", "find_customers") for p in refused.value.problems)


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("acme corp", ["c-1"]),  # called exactly so, before those that hold more words
        ("Acme's", ["c-1", "c-2", "c-12"]),
        ("ACME logistics corp", ["c-2"]),
        ("C-2", ["c-2"]),  # its number, and not c-12
        ("2", ["c-2"]),
        ("c-2 acme corp", ["c-2"]),
        ("c-3 acme corp", []),  # a number that nobody has never falls back to words
        ("acm", []),  # no part of a word
        ("", []),
    ],
)
def test_whom_words_mean(said, ids, tmp_path):
    system = case("set_phone", tmp_path)
    customers = SYSTEMS[system.address][1]
    for id_, name in (("c-2", "Acme Corp Logistics"), ("c-12", "Acme Holding")):
        customers.rows[id_] = {**customers.rows["c-1"], "id": id_, "name": name}
    (finder,) = system.connector.finders
    with system.connector.open(reader(system.address)) as session:
        found = finder.find(session, said)
    assert [record.id for record in found] == ids
    if said == "ACME logistics corp":
        assert found[0].label == "Acme Corp Logistics (c-2, 3 seats)"
        assert found[0].fields["plan"] == ""


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        ({"customers": {}}, Unavailable, "no list stands where it should"),
        ([], Unavailable, "no list stands where it should"),
        ({"customers": [{"id": 7}]}, Unavailable, "/id is not text"),
        ({"customers": [7]}, Unavailable, "/id is not text"),
        ({"customers": [{}] * 501}, Rejected, "more than 500 for one search"),
    ],
)
def test_what_a_list_may_answer(answer, error, said, tmp_path):
    (finder,) = case("set_phone", tmp_path).connector.finders
    address = address_of(InAThread(lambda _, __: Answer(200, answer)))
    with (
        example.connector().open(reader(address)) as session,
        pytest.raises(error, match=said),
    ):
        finder.find(session, "acme")


def test_types_come_from_the_schema(tmp_path):
    seats, phone = case("set_seats", tmp_path), case("set_phone", tmp_path)
    for bad in ({"customer": "../me", "seats": 5}, {"customer": "c-1", "seats": 501}):
        with pytest.raises(ValueError, match=r"seats|customer"):
            seats.typed(bad)
    assert phone.operation.fact_types == {
        "given.customer": "string", "given.phone": "string", "record.phone": "string",
        "record.plan": "string", "record.balance": "string", "record.seats": "int",
    }  # fmt: skip
    facts = phone.operation.facts(phone.params, phone.read(phone.params))
    assert (facts["record.plan"], facts["record.balance"]) == ("", "12.5")


def test_the_servers_of_the_document_are_not_called_and_the_key_is_sent(tmp_path):
    phone = case("set_phone", tmp_path)
    phone.execute(phone.params, phone.read(phone.params), "R-1/2")
    (write,) = [e for e in SYSTEMS[phone.address][0].exchanges() if e.method == "PATCH"]
    sent = {name.lower(): value for name, value in write.headers.items()}
    assert write.path == "/v1/customers/c-1"
    assert json.loads(write.body) == {"phone": "+1 555 0199"}
    assert sent["if-match"] == '"c-1-3"'
    assert len(sent["idempotency-key"]) == 64


def test_what_is_read_again_is_restored(tmp_path):
    seats = case("set_seats", tmp_path)
    before = seats.read(seats.params)
    result = seats.execute(seats.params, before, "do")
    seats.compensate(seats.params, before, result, "undo")
    assert seats.read(seats.params).fields == before.fields


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (Answer(302, {}, {"Location": "http://127.0.0.1:1/"}), Rejected, "does not have"),
        (Answer(200, {"phone": 7}, {"ETag": '"1"'}), Unavailable, "/phone is not text"),
        (Answer(200, [], {"ETag": '"1"'}), Unavailable, "/phone is not text"),
        (Answer(200, {"phone": "x" * 5_000}, {"ETag": '"1"'}), Unavailable, "too long"),
        (Answer(404, {"message": "key=sk_live_12345678"}), Rejected, r"\[removed\]"),
    ],
)
def test_what_an_interface_may_answer(answer, error, said, tmp_path):
    phone = case("set_phone", tmp_path)
    hostile = InAThread(
        lambda _, r: example.handle(example.Customers(), r) if r.path == "/v1/me" else answer
    )
    phone = replace(phone, address=address_of(hostile))
    with pytest.raises(error, match=said):
        phone.read(phone.params)


def test_an_answer_without_end_is_cut(tmp_path, monkeypatch):
    phone = case("set_phone", tmp_path)
    phone.read(phone.params)
    monkeypatch.setattr(wire, "ANSWER_BYTES_MAX", 50)
    with pytest.raises(Unavailable, match="too long"):
        phone.read(phone.params)


@pytest.mark.parametrize(
    "address",
    ["http://db.example/", "ftp://x/", "https://u:p@h/", "https://h/?q=1", "file:///etc", ""],
)
def test_an_address_is_one_of_an_interface(address, tmp_path):
    phone = case("set_phone", tmp_path)
    with (
        pytest.raises(Rejected, match="none of an HTTP interface"),
        phone.connector.open(replace(reader(phone.address), address=address)),
    ):
        pass


def address_of(server):
    tenant = server.add(example.Customers())
    proxy = Proxy(server.url, Refusals(), headers={TENANT_HEADER: tenant})
    SYSTEMS[proxy.address] = (proxy, example.Customers())
    return proxy.address
