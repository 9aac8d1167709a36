"""Counters, delegations, earned autonomy; runs found by workflow, by what they ask for and by when
they need attention again."""

from __future__ import annotations

import json
from typing import Any

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"

TABLES = [
    """CREATE TABLE merged_people (
    person_id TEXT NOT NULL,
    into_id TEXT NOT NULL,
    PRIMARY KEY (person_id)
)""",
    """CREATE TABLE declared_accounts (
    surface TEXT NOT NULL,
    user_id TEXT NOT NULL,
    declared TEXT NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (surface, user_id)
)""",
    """CREATE TABLE delegations (
    id TEXT NOT NULL,
    from_id TEXT NOT NULL,
    to_id TEXT NOT NULL,
    ends_at_us INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
)""",
    """CREATE INDEX delegations_by_delegate ON delegations (to_id, ends_at_us)""",
    """CREATE TABLE reservations (
    id INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    counter TEXT NOT NULL,
    subject TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (id)
)""",
    """CREATE INDEX reservations_by_counter ON reservations (counter, subject, at_us)""",
    """CREATE INDEX reservations_by_run ON reservations (run_id)""",
    """CREATE TABLE autonomy_levels (
    id INTEGER NOT NULL,
    workflow TEXT NOT NULL,
    environment TEXT NOT NULL,
    level INTEGER NOT NULL,
    actor TEXT NOT NULL,
    because TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (id)
)""",
    """CREATE INDEX autonomy_levels_by_workflow ON autonomy_levels (workflow, environment, id)""",
    """CREATE TABLE reviews (
    run_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    is_right INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (run_id)
)""",
    """CREATE TABLE bundles_checked (
    digest TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (digest)
)""",
]
RUNS = """CREATE TABLE runs (
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    person_id TEXT NOT NULL,
    surface TEXT NOT NULL,
    team TEXT NOT NULL,
    channel TEXT NOT NULL,
    thread TEXT NOT NULL,
    expires_at_us INTEGER,
    settled_at_us INTEGER,
    claimed_by TEXT DEFAULT '' NOT NULL,
    claimed_until_us INTEGER DEFAULT 0 NOT NULL,
    body TEXT NOT NULL,
    workflow TEXT DEFAULT '' NOT NULL,
    fingerprint TEXT DEFAULT '' NOT NULL,
    attention_at_us INTEGER,
    PRIMARY KEY (number)
)"""
RUNS_INDEXES = [
    """CREATE INDEX runs_asking_by_place ON runs (channel, thread) WHERE status = 'asking'""",
    """CREATE INDEX runs_by_attention ON runs (attention_at_us) WHERE attention_at_us IS NOT NULL""",
    """CREATE INDEX runs_by_expiry ON runs (expires_at_us) WHERE expires_at_us IS NOT NULL""",
    """CREATE INDEX runs_by_fingerprint ON runs (fingerprint, number) WHERE fingerprint <> ''""",
    """CREATE INDEX runs_by_person ON runs (person_id, number)""",
    """CREATE INDEX runs_by_settling ON runs (settled_at_us) WHERE settled_at_us IS NOT NULL""",
    """CREATE INDEX runs_by_status ON runs (status, number)""",
    """CREATE INDEX runs_by_workflow ON runs (workflow, number)""",
    """CREATE INDEX runs_open_by_person ON runs (person_id, number) WHERE settled_at_us IS NULL""",
    """CREATE INDEX runs_waiting_by_place ON runs (channel, thread) WHERE status = 'waiting'""",
]
RUNS_NEW_INDEXES = [
    """CREATE INDEX runs_by_attention ON runs (attention_at_us) WHERE attention_at_us IS NOT NULL""",
    """CREATE INDEX runs_by_fingerprint ON runs (fingerprint, number) WHERE fingerprint <> ''""",
    """CREATE INDEX runs_by_workflow ON runs (workflow, number)""",
    """CREATE INDEX runs_waiting_by_place ON runs (channel, thread) WHERE status = 'waiting'""",
]
RUNS_COLUMNS = (
    "number, version, status, person_id, surface, team, channel, thread, expires_at_us, "
    "settled_at_us, claimed_by, claimed_until_us, body"
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()
    _name_roles_in_the_plural()


def _sqlite() -> None:
    """The table is made anew: an added column would stand elsewhere than in a fresh one."""
    run = op.get_bind().exec_driver_sql
    for statement in TABLES:
        run(statement)
    for index in RUNS_INDEXES:
        if index not in RUNS_NEW_INDEXES:
            run(f"DROP INDEX {index.split()[2]}")
    run("ALTER TABLE runs RENAME TO runs_before")
    run(RUNS)
    run(
        f"INSERT INTO runs ({RUNS_COLUMNS}, workflow) "  # noqa: S608 - constants alone
        f"SELECT {RUNS_COLUMNS}, json_extract(body, '$.workflow') FROM runs_before"
    )
    run("DROP TABLE runs_before")
    for index in RUNS_INDEXES:
        run(index)


def _postgresql() -> None:
    run = op.get_bind().exec_driver_sql
    for statement in TABLES:
        ddl = statement.replace("id INTEGER NOT NULL", "id BIGSERIAL NOT NULL")
        run(ddl.replace("_us INTEGER", "_us BIGINT").replace("_minor INTEGER", "_minor BIGINT"))
    run("ALTER TABLE runs ADD COLUMN workflow TEXT DEFAULT '' NOT NULL")
    run("ALTER TABLE runs ADD COLUMN fingerprint TEXT DEFAULT '' NOT NULL")
    run("ALTER TABLE runs ADD COLUMN attention_at_us BIGINT")
    run("UPDATE runs SET workflow = body::json ->> 'workflow'")
    for index in RUNS_NEW_INDEXES:
        run(index)


def _name_roles_in_the_plural() -> None:
    """A requirement names several roles now. What waits is signed by another digest from here on,
    so its card is drawn again."""
    connection = op.get_bind()
    for number, body in connection.execute(text("SELECT number, body FROM runs")).all():
        parameters = {"number": number, "body": json.dumps(_upgraded(json.loads(body)))}
        connection.execute(text("UPDATE runs SET body = :body WHERE number = :number"), parameters)
    connection.execute(
        text(
            "UPDATE deliveries SET wanted = wanted + 1 WHERE kind = 'card' AND run_id IN "
            "(SELECT 'R-' || number FROM runs WHERE status = 'waiting')"
        )
    )


def _upgraded(value: Any) -> Any:
    if isinstance(value, list):
        return [_upgraded(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"role", "count", "rule", "because"}:
        value = {"roles": [value["role"]], **{k: v for k, v in value.items() if k != "role"}}
    return {key: _upgraded(item) for key, item in value.items()}
