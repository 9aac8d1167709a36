"""What is to be taken back by itself, and when."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = [
    """CREATE TABLE endings (
    run_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    subject TEXT NOT NULL,
    due_at_us INTEGER NOT NULL,
    next_at_us INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (run_id, step)
)""",
    """CREATE INDEX endings_by_time ON endings (status, next_at_us)""",
    """CREATE INDEX endings_by_subject ON endings (subject, status)""",
]


def upgrade() -> None:
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    for statement in TABLES:
        ddl = statement if is_sqlite else statement.replace("_us INTEGER", "_us BIGINT")
        connection.exec_driver_sql(ddl)
