"""What may not stand in a declared statement, and what a declaration may not leave open."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.declared.kinds import UndeclarableError
from connectors.operation import Snapshot
from connectors.sql import example
from connectors.sql.declaration import SqlDeclaration
from connectors.sql.declare import declare
from connectors.sql.statements import StatementError, take_apart

REFUSED = (
    "SELECT phone FROM customers WHERE id = :id; DROP TABLE customers",
    "SELECT phone FROM customers",
    "SELECT * FROM customers WHERE id = :id",
    "SELECT pg_sleep(9) FROM customers WHERE id = :id",
    "SELECT phone AS p FROM customers WHERE id = :id",
    "SELECT phone FROM customers WHERE id = :id OR 1 = 1",
    "SELECT phone FROM customers WHERE id = :id UNION SELECT secret FROM vault",
    "SELECT phone FROM customers, vault WHERE id = :id",
    "SELECT phone FROM (SELECT 1) AS x WHERE id = :id",
    "SELECT phone FROM customers WHERE id = (SELECT secret FROM vault)",
    "SELECT phone FROM customers WHERE id = :id FOR UPDATE",
    "SELECT phone FROM customers WHERE id = :id LIMIT 1",
    "SELECT phone FROM customers WHERE id LIKE :id",
    "SELECT phone FROM customers WHERE id = :id -- AND version = 1",
    "WITH x AS (DELETE FROM customers RETURNING id) SELECT id FROM x WHERE id = :id",
    "UPDATE customers SET phone = :phone",
    "UPDATE customers SET phone = :phone WHERE id = :id RETURNING secret",
    "UPDATE customers SET phone = (SELECT secret FROM vault) WHERE id = :id",
    "UPDATE customers SET phone = phone || :phone WHERE id = :id",
    "UPDATE customers SET credit = version + 1 WHERE id = :id",
    "UPDATE customers SET phone = :a, phone = :b WHERE id = :id",
    "UPDATE customers SET phone = :phone FROM vault WHERE id = :id",
    "UPDATE customers SET phone = 1.5 WHERE id = :id",
    "INSERT INTO customers (id) VALUES (:a), (:b)",
    "INSERT INTO customers SELECT * FROM vault",
    "INSERT INTO customers (id) VALUES (:id) ON CONFLICT (id) DO UPDATE SET phone = 'x'",
    "DELETE FROM customers",
    "DROP TABLE customers",
    "GRANT ALL ON customers TO public",
    "COPY customers FROM PROGRAM 'id'",
    "ATTACH DATABASE 'x' AS y",
    "CALL burn()",
    "SELECT '",
    "",
    "(" * 5_000,
)


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:60])
def test_a_statement_that_does_more_than_one_row_of_one_table_is_refused(text, database):
    with pytest.raises(StatementError):
        take_apart(text, database)


def changed(operation, **changes):
    tree = example.declaration("postgresql").model_dump(exclude_none=True)
    tree["operations"][operation] |= changes
    tree["operations"] = {operation: tree["operations"][operation]}
    return SqlDeclaration.model_validate(tree)


WRITE = "UPDATE customers SET phone = :phone, version = version + 1 WHERE id = :customer"
LOOSE = (
    ({"read": "SELECT phone, plan, credit, version FROM vault WHERE id = :customer"}, "vault"),
    ({"read": "SELECT phone, secret FROM customers WHERE id = :customer"}, "secret"),
    ({"read": "SELECT phone, plan, credit, version FROM customers WHERE plan = 'gold'"}, "one row"),
    ({"write": WRITE}, "must compare version"),
    ({"write": f"{WRITE} AND version = 3"}, "must compare version"),
    ({"write": f"{WRITE} AND version = :before_version AND secret = 1"}, "secret"),
    ({"write": WRITE.replace("phone = :phone", "phone = :fone")}, "fone"),
    (
        {
            "write": "UPDATE customers SET secret = :phone, version = version + 1"
            " WHERE id = :customer AND version = :before_version"
        },
        "secret",
    ),
    (
        {
            "write": "UPDATE customers SET phone = :phone WHERE id = :customer"
            " AND version = :before_version"
        },
        "raise the version",
    ),
    (
        {
            "write": "UPDATE customers SET phone = :phone, version = version + 1 WHERE"
            " phone = :phone AND version = :before_version"
        },
        "one row",
    ),
    ({"write": "DELETE FROM customers WHERE id = :customer"}, "DELETE"),
    (
        {
            "undo": "UPDATE customers SET phone = 'x', version = version + 1"
            " WHERE id = :customer AND version = :after_version"
        },
        ":before_phone",
    ),
    ({"undo": "DELETE FROM customers WHERE id = :customer"}, "UPDATE"),
    ({"columns": {"phone": "int", "plan": "text", "credit": "int", "version": "int"}}, "phone"),
    ({"resource": "customer {name}"}, "no parameter 'name'"),
    ({"key": {"id": "nobody"}}, "nobody"),
)


@pytest.mark.parametrize(("changes", "said"), LOOSE, ids=lambda value: str(value)[:70])
def test_an_operation_that_leaves_something_open_is_refused_with_its_place(changes, said):
    with pytest.raises(UndeclarableError) as refused:
        declare(changed("set_phone", **changes), {})
    problems = refused.value.problems
    assert any(said in problem.message for problem in problems), problems
    assert all(problem.place[:2] == ("operations", "set_phone") for problem in problems)


def test_a_nullable_column_is_compared_so_that_null_matches():
    loose = (
        "UPDATE customers SET status = :status, nickname = :nickname WHERE id = :customer"
        " AND status = :before_status AND nickname = :before_nickname"
    )
    with pytest.raises(UndeclarableError, match="IS NOT DISTINCT FROM"):
        declare(changed("set_status", write=loose), {})


def test_undo_or_the_reason_why_there_is_none():
    for changes in ({"irreversible": "it is told"}, {"undo": None}):
        with pytest.raises(ValidationError, match="either undo, or irreversible"):
            changed("set_phone", **changes)


def test_what_may_be_left_out_is_for_policy_alone():
    tree = example.declaration("sqlite").model_dump()
    block = tree["operations"]["block"]
    block["params"]["ticket"] = {"type": "id", "is_optional": True}
    connector = declare(SqlDeclaration.model_validate(tree), {})
    operation = next(o for o in connector.operations if o.name == "crm.block")
    left_out = operation.params(customer="c-1", credit=0)
    before = Snapshot("crm", "customer c-1", "3", {"is_blocked": False, "credit": 1})
    assert operation.facts(left_out, before)["given.ticket"] == ""
    named = operation.params(customer="c-1", credit=0, ticket="T-1")
    assert operation.facts(named, before)["given.ticket"] == "T-1"
    block["resource"] = "customer {ticket}"
    block["write"] = block["write"].replace(":credit", ":ticket")
    with pytest.raises(UndeclarableError) as caught:
        declare(SqlDeclaration.model_validate(tree), {})
    assert {p.place[2] for p in caught.value.problems} == {"resource", "write"}
