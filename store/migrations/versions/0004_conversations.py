"""Conversations and contacts of surfaces that have no stable addresses."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = [
    """CREATE TABLE conversations (
    surface TEXT NOT NULL,
    id TEXT NOT NULL,
    team TEXT NOT NULL,
    kind TEXT NOT NULL,
    service_url TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT NOT NULL,
    is_gone INTEGER NOT NULL,
    seen_at_us INTEGER NOT NULL,
    PRIMARY KEY (surface, id)
)""",
    """CREATE INDEX conversations_by_sight ON conversations (surface, seen_at_us)""",
    """CREATE INDEX conversations_by_user ON conversations (surface, user_id)"""
    """ WHERE user_id <> ''""",
    """CREATE TABLE contacts (
    surface TEXT NOT NULL,
    conversation TEXT NOT NULL,
    user_id TEXT NOT NULL,
    team TEXT NOT NULL,
    address TEXT NOT NULL,
    service_url TEXT NOT NULL,
    seen_at_us INTEGER NOT NULL,
    PRIMARY KEY (surface, conversation, user_id)
)""",
    """CREATE INDEX contacts_by_sight ON contacts (surface, seen_at_us)""",
    """CREATE INDEX contacts_by_user ON contacts (surface, user_id)""",
]


def upgrade() -> None:
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    for statement in TABLES:
        ddl = statement if is_sqlite else statement.replace("_us INTEGER", "_us BIGINT")
        connection.exec_driver_sql(ddl)
