"""Creating, upgrading and checking the schema.

Alembic runs in-process on the caller's transaction, without an ini file or env.py, and only when
the stored version is not this code's: an up-to-date start costs two selects.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from store import guards
from store.errors import SchemaError
from store.tables import metadata

HEAD = "0006"  # the newest file in migrations/versions; a test holds the two together
VERSION_TABLE = "store_version"
MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x41535345  # "ASSE": PostgreSQL's advisory lock for one upgrade at a time


def upgrade(tx: Connection) -> None:
    """Bring the schema to HEAD. Raises SchemaError for a version that this code does not know."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    stored = stored_version(tx)
    if stored == HEAD:
        return
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(MIGRATIONS))
    known = {revision.revision for revision in scripts.walk_revisions()}
    if stored is not None and stored not in known:
        raise SchemaError(
            f"the database's schema is version {stored}, newer than this code, which knows "
            f"{HEAD}; start the newer release, or restore a backup taken before its upgrade"
        )
    with EnvironmentContext(
        Config(), scripts, fn=lambda revision, _context: scripts._upgrade_revs(HEAD, revision)
    ) as environment:
        environment.configure(
            connection=tx, version_table=VERSION_TABLE, transaction_per_migration=False
        )
        environment.run_migrations()


def stored_version(cx: Connection) -> str | None:
    """The version of the schema in the database, None for an empty one."""
    if not inspect(cx).has_table(VERSION_TABLE):
        return None
    found = cx.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return None if found is None else str(found)


def create(tx: Connection) -> None:
    """A fresh schema straight from the tables and guards; tests compare an upgraded one with it."""
    metadata.create_all(tx)
    tx.execute(text("INSERT INTO sequences (name, value) VALUES ('run', 1000), ('person', 1000)"))
    tx.execute(
        text(
            "INSERT INTO ledger_head (id, size, root, last, frontier) "
            "VALUES (1, 0, :root, :last, :frontier)"
        ),
        {"root": hashlib.sha256(b"").digest(), "last": bytes(32), "frontier": b""},
    )
    for statement in guard_statements(tx.dialect.name):
        tx.exec_driver_sql(statement)


def guard_statements(dialect: str) -> list[str]:
    """The DDL of the ledger's guards."""
    if dialect == "sqlite":
        return list(guards.SQLITE.values())
    return [*guards.POSTGRESQL_FUNCTIONS, *guards.POSTGRESQL.values()]


def missing_guards(cx: Connection) -> tuple[str, ...]:
    """Names of the guards that are absent, switched off or not as this code creates them."""
    if cx.dialect.name == "sqlite":
        rows = cx.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        found = {row.name: row.sql for row in rows}
        return tuple(name for name, sql in guards.SQLITE.items() if found.get(name) != sql)
    enabled = set(
        cx.execute(
            text(
                "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') "
                "AND c.relnamespace = current_schema()::regnamespace"
            )
        ).scalars()
    )
    return tuple(name for name in guards.POSTGRESQL if name not in enabled)
