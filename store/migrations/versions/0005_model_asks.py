"""Asks of a model that have no answer yet, what of a charge is only the most that it can be, and
runs found by their thread."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = [
    """CREATE TABLE model_asks (
    id INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    meter TEXT NOT NULL,
    model TEXT NOT NULL,
    micro_usd INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (id)
)""",
    """CREATE INDEX model_asks_by_owner ON model_asks (owner)""",
    """CREATE INDEX model_asks_by_run ON model_asks (run_id)""",
    """CREATE INDEX runs_by_thread ON runs (channel, thread, number) WHERE thread <> ''""",
]
CHARGES = """CREATE TABLE charges (
    id INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    what TEXT NOT NULL,
    micro_usd INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    estimate_micro_usd INTEGER DEFAULT 0 NOT NULL,
    PRIMARY KEY (id)
)"""
CHARGES_INDEXES = [
    """CREATE INDEX charges_by_run ON charges (run_id)""",
    """CREATE INDEX charges_by_time ON charges (at_us)""",
]
CHARGES_COLUMNS = "id, run_id, what, micro_usd, calls, at_us"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    """The table of charges is made anew: an added column would stand elsewhere than in a fresh
    one."""
    run = op.get_bind().exec_driver_sql
    for statement in TABLES:
        run(statement)
    for index in CHARGES_INDEXES:
        run(f"DROP INDEX {index.split()[2]}")
    run("ALTER TABLE charges RENAME TO charges_before")
    run(CHARGES)
    run(
        f"INSERT INTO charges ({CHARGES_COLUMNS}) "  # noqa: S608 - constants alone
        f"SELECT {CHARGES_COLUMNS} FROM charges_before"
    )
    run("DROP TABLE charges_before")
    for index in CHARGES_INDEXES:
        run(index)


def _postgresql() -> None:
    run = op.get_bind().exec_driver_sql
    for statement in TABLES:
        ddl = statement.replace("id INTEGER NOT NULL", "id BIGSERIAL NOT NULL")
        run(ddl.replace("_us INTEGER", "_us BIGINT").replace("_usd INTEGER", "_usd BIGINT"))
    run("ALTER TABLE charges ADD COLUMN estimate_micro_usd BIGINT DEFAULT 0 NOT NULL")
