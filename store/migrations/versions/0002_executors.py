"""Which processes execute, and when each was last seen."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = """CREATE TABLE executors (
    id TEXT NOT NULL,
    seen_at_us INTEGER NOT NULL,
    PRIMARY KEY (id)
)"""
POSTGRESQL = SQLITE.replace("INTEGER", "BIGINT")


def upgrade() -> None:
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql(SQLITE if is_sqlite else POSTGRESQL)
