"""Declared finders: what may be declared, what is found, and that nothing is guessed."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from pydantic import ValidationError

from connectors.declared.found import numbers, words
from connectors.declared.kinds import UndeclarableError
from connectors.errors import Rejected
from connectors.opening import opened
from connectors.sql import example
from connectors.sql.conformance import SQLITE
from connectors.sql.declaration import SqlDeclaration
from connectors.sql.declare import declare

READ = "SELECT id, nickname, plan, credit, currency, is_blocked FROM customer_list"


@pytest.fixture
def address(tmp_path):
    return SQLITE.fresh(tmp_path)


def run(address, statement):
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute(statement)


def find(address, said, name="crm.find_customers"):
    connector = example.connector("sqlite")
    finder = next(f for f in connector.finders if f.name == name)
    with opened(connector, SQLITE.reader(address)) as session:
        return finder.find(session, said)


def declared(**changes):
    tree = example.declaration("sqlite").model_dump()
    tree["finders"]["find_customers"] |= changes
    return SqlDeclaration.model_validate(tree)


def problems(**changes):
    with pytest.raises(UndeclarableError) as caught:
        declare(declared(**changes), {})
    return [(p.place, p.message) for p in caught.value.problems]


def test_a_finder_that_could_tell_only_one_of_several_is_refused():
    with pytest.raises(ValidationError, match="records_max"):
        declared(records_max=1)
    assert declared(records_max=2).finders["find_customers"].records_max == 2


REFUSED = (
    "UPDATE customer_list SET plan = 'gold' WHERE id = 'c-1'",
    f"{READ}; DROP TABLE customers",
    f"{READ} LIMIT 1",
    f"{READ} WHERE id = :found OR 1 = 1",
    f"{READ} WHERE id = :found",
    f"{READ} WHERE secret = 'x'",
    f"{READ} ORDER BY secret",
    f"{READ} ORDER BY (SELECT secret FROM vault)",
    f"{READ} GROUP BY id",
    f"{READ} JOIN vault ON 1 = 1",
    f"{READ} UNION SELECT secret, '', '', 1, 'USD', false FROM vault",
    READ.replace("plan", "upper(plan)"),
    READ.replace("plan, ", ""),
    READ.replace("plan", "*"),
    READ.replace("SELECT", "SELECT DISTINCT"),
)


@pytest.mark.parametrize("read", REFUSED, ids=lambda text: text[:90])
def test_a_finder_reads_the_declared_columns_of_one_table_and_no_more(read):
    assert [place[:3] for place, _ in problems(read=read)] == [
        ("finders", "find_customers", "read")
    ]


def test_what_a_finder_may_not_leave_open_is_said_with_its_place():
    fields = {"id": "int", "plan": "bool?", "credit": {"minor": "credit", "currency": "plan"}}
    found = problems(
        id="id",
        label="{name}",
        fields=fields,
        read="SELECT id, plan, credit FROM customer_list",
        found_by=({"column": "id", "looks_like": "c-#"},),
    )
    assert {place[2:] for place, _ in found} == {
        ("label",), ("id",), ("fields", "plan"), ("fields", "credit"), ("found_by", 0),
    }  # fmt: skip


def test_a_number_means_that_record_or_none_and_never_one_that_is_like_it(address):
    run(address, "UPDATE customers SET nickname = 'c-9' WHERE id = 'c-2'")
    assert [r.id for r in find(address, "is it C-1?")] == ["c-1"]
    assert [r.id for r in find(address, "1")] == ["c-1"]
    assert find(address, "c-9") == ()
    assert find(address, "c-11") == find(address, "xc-1") == find(address, "c-1-2") == ()


def test_a_description_means_the_records_in_which_every_word_stands_whole(address):
    assert [r.id for r in find(address, "BO")] == ["c-2"]
    assert find(address, "B") == find(address, "Bo Lind") == find(address, "%") == ()
    run(address, "UPDATE customers SET nickname = 'Bo (Lind)' WHERE id = 'c-1'")
    assert [r.id for r in find(address, "bo")] == ["c-2"]  # called exactly so
    run(address, "UPDATE customers SET nickname = 'Bo (Kim)' WHERE id = 'c-2'")
    assert [r.id for r in find(address, "bo")] == ["c-1", "c-2"]  # in the order of the statement
    assert [r.id for r in find(address, "lind, bo")] == ["c-1"]


def test_fields_have_their_types_and_a_column_that_is_empty_is_an_empty_text(address):
    record = find(address, "c-1")[0]
    assert record.fields == {
        "id": "c-1", "nickname": "", "plan": "gold", "is_blocked": False,
        "credit": {"minor": 1200, "currency": "USD"},
    }  # fmt: skip
    assert (record.kind, record.label) == ("customer", "c-1 (gold, $12.00)")


def test_more_records_than_a_person_can_choose_from_are_not_answered(address):
    for number in range(10, 40):
        run(address, f"INSERT INTO contacts VALUES ('k-{number}', 'Kim Park', NULL)")
    assert len(find(address, "Kim Park", "crm.find_contacts")) == 5


def test_what_may_mean_more_records_than_are_compared_is_refused_and_not_cut(address):
    with closing(sqlite3.connect(address.removeprefix("sqlite:///"))) as connection, connection:
        names = ["Art House", *(f"Smartix {number}" for number in range(198)), "Art Depot"]
        rows = [(f"k-{number}", name) for number, name in enumerate(names, start=100)]
        connection.executemany("INSERT INTO contacts VALUES (?, ?, NULL)", rows)
    said = ("art", "crm.find_contacts")
    assert [r.fields["id"] for r in find(address, *said)] == ["k-100", "k-299"]
    run(address, "INSERT INTO contacts VALUES ('k-400', 'Art Barn', NULL)")
    with pytest.raises(Rejected, match=r"more than 200 .* too many") as caught:
        find(address, *said)
    assert "number" in caught.value.next_step
    assert [r.id for r in find(address, "Art Barn", said[1])] == ["k-400"]


def test_more_words_than_are_compared_describe_nothing(address):
    run(address, "INSERT INTO contacts VALUES ('k-8', 'a b c d e f g h', NULL)")
    assert [r.id for r in find(address, "h g f e d c b a", "crm.find_contacts")] == ["k-8"]
    assert find(address, "a b c d e f g h not this one", "crm.find_contacts") == ()
    assert words("a" * 500) == ("a" * 500,)
    assert words("a" * 501) == ()


def test_money_without_a_currency_is_no_money(address):
    run(address, "DROP VIEW customer_list")
    run(address, "CREATE VIEW customer_list AS SELECT *, '' AS currency FROM customers")
    with pytest.raises(Rejected, match="is no currency"):
        find(address, "c-1")


def test_a_number_is_spelled_as_its_shape_is():
    assert numbers("inv-2041 and INV-2042!", "INV-#", is_first=False) == ("INV-2041", "INV-2042")
    assert numbers(" #2041 ", "INV-#", is_first=True) == ("INV-2041",)
    assert numbers("2041", "PMT-#", is_first=False) == ()
    assert numbers(f"{'x' * 493} INV-2041", "INV-#", is_first=True) == ()  # cut to INV-20
    assert numbers("INV-" + "9" * 40_000, "INV-#", is_first=True) == ()
