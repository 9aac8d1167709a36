"""An upgraded schema equals a fresh one, down to the guards' text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text

from store import schema
from store.database import Database


def test_newest_migration_is_the_codes_version() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.HEAD]


def sqlite_schema(tx: Connection) -> dict[str, str]:
    rows = tx.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {
        row.name: re.sub(r"\s+", " ", row.sql).replace(" ,", ",")
        for row in rows
        if row.name != schema.VERSION_TABLE
    }


def test_upgraded_sqlite_equals_a_fresh_one(tmp_path: Path) -> None:
    upgraded, fresh = (Database(f"sqlite:///{tmp_path}/{name}.db") for name in ("a", "b"))
    upgraded.migrate()
    with fresh.begin() as tx:
        schema.create(tx)
        expected = sqlite_schema(tx)
    with upgraded.begin() as tx:
        assert sqlite_schema(tx) == expected
    assert len(expected) > 30
    upgraded.close()
    fresh.close()


POSTGRESQL_SCHEMA = """
SELECT 'column', c.relname || '.' || a.attname,
  format_type(a.atttypid, a.atttypmod) || a.attnotnull::text || a.attgenerated::text
  || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
"""


def postgresql_schema(tx: Connection) -> set[tuple[object, ...]]:
    return {
        tuple(row)
        for row in tx.execute(text(POSTGRESQL_SCHEMA))
        if not row[1].startswith(schema.VERSION_TABLE)
    }


@pytest.mark.slow
def test_upgraded_postgresql_equals_a_fresh_one(postgresql_url: str) -> None:
    upgraded = Database(postgresql_url)
    upgraded.migrate()
    with upgraded.begin() as tx:
        found = postgresql_schema(tx)
    upgraded.close()
    url = make_url(postgresql_url)
    name = f"{url.database}_fresh"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as cx:
        cx.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    fresh = create_engine(url.set(database=name))
    with fresh.begin() as tx:
        schema.create(tx)
        expected = postgresql_schema(tx)
    fresh.dispose()
    assert found == expected
    assert len(expected) > 80
