"""The first schema: runs, people, deliveries, meters and the ledger with its guards."""

from __future__ import annotations

import hashlib

from alembic import op
from sqlalchemy import text

revision = "0001"
down_revision = None

SQLITE_TABLES = [
    r"""CREATE TABLE accounts (
    surface TEXT NOT NULL,
    team TEXT NOT NULL,
    user_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (surface, team, user_id)
)""",
    r"""CREATE INDEX accounts_by_person ON accounts (person_id)""",
    r"""CREATE TABLE approvals (
    id INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    person_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT approvals_once UNIQUE (run_id, digest, person_id)
)""",
    r"""CREATE TABLE charges (
    id INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    what TEXT NOT NULL,
    micro_usd INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (id)
)""",
    r"""CREATE INDEX charges_by_run ON charges (run_id)""",
    r"""CREATE INDEX charges_by_time ON charges (at_us)""",
    r"""CREATE TABLE deliveries (
    id INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    run_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    surface TEXT NOT NULL,
    team TEXT NOT NULL,
    channel TEXT NOT NULL,
    thread TEXT NOT NULL,
    wanted INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    message TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at_us INTEGER NOT NULL,
    problem TEXT NOT NULL,
    given_up INTEGER NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until_us INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE ("key")
)""",
    r"""CREATE INDEX deliveries_by_message ON deliveries (channel, message) WHERE message <> ''""",
    r"""CREATE INDEX deliveries_by_run ON deliveries (run_id)""",
    r"""CREATE INDEX deliveries_due ON deliveries (next_attempt_at_us) WHERE wanted > sent AND given_up = 0""",
    r"""CREATE TABLE digest_posts (
    channel TEXT NOT NULL,
    local_date TEXT NOT NULL,
    PRIMARY KEY (channel, local_date)
)""",
    r"""CREATE TABLE ledger_bodies (
    seq INTEGER NOT NULL,
    part TEXT NOT NULL,
    salt BLOB NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (seq, part)
)""",
    r"""CREATE TABLE ledger_checkpoints (
    size INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (size)
)""",
    r"""CREATE TABLE ledger_entries (
    seq INTEGER NOT NULL,
    leaf TEXT NOT NULL,
    hash BLOB NOT NULL,
    kind TEXT GENERATED ALWAYS AS (json_extract(leaf, '$.kind')) STORED,
    run_id TEXT GENERATED ALWAYS AS (json_extract(leaf, '$.run')) STORED,
    actor TEXT GENERATED ALWAYS AS (json_extract(leaf, '$.actor')) STORED,
    at TEXT GENERATED ALWAYS AS (json_extract(leaf, '$.at')) STORED,
    PRIMARY KEY (seq)
)""",
    r"""CREATE INDEX ledger_by_kind ON ledger_entries (kind, seq)""",
    r"""CREATE INDEX ledger_by_run ON ledger_entries (run_id, seq) WHERE run_id <> ''""",
    r"""CREATE TABLE ledger_head (
    id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    last BLOB NOT NULL,
    frontier BLOB NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ledger_head_is_one CHECK (id = 1)
)""",
    r"""CREATE TABLE people (
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (id)
)""",
    r"""CREATE TABLE runs (
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
    PRIMARY KEY (number)
)""",
    r"""CREATE INDEX runs_asking_by_place ON runs (channel, thread) WHERE status = 'asking'""",
    r"""CREATE INDEX runs_by_expiry ON runs (expires_at_us) WHERE expires_at_us IS NOT NULL""",
    r"""CREATE INDEX runs_by_person ON runs (person_id, number)""",
    r"""CREATE INDEX runs_by_settling ON runs (settled_at_us) WHERE settled_at_us IS NOT NULL""",
    r"""CREATE INDEX runs_by_status ON runs (status, number)""",
    r"""CREATE INDEX runs_open_by_person ON runs (person_id, number) WHERE settled_at_us IS NULL""",
    r"""CREATE TABLE seen_events (
    "key" TEXT NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY ("key")
)""",
    r"""CREATE TABLE sequences (
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (name)
)""",
    r"""CREATE TABLE steps (
    run_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run_id, step)
)""",
]

SQLITE_GUARDS = [
    r"""CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'ledger_entries is append-only'); END""",
    r"""CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries BEGIN SELECT RAISE(ABORT, 'ledger_entries is append-only'); END""",
    r"""CREATE TRIGGER ledger_checkpoints_no_update BEFORE UPDATE ON ledger_checkpoints BEGIN SELECT RAISE(ABORT, 'ledger_checkpoints is append-only'); END""",
    r"""CREATE TRIGGER ledger_checkpoints_no_delete BEFORE DELETE ON ledger_checkpoints BEGIN SELECT RAISE(ABORT, 'ledger_checkpoints is append-only'); END""",
    r"""CREATE TRIGGER ledger_bodies_no_replace BEFORE INSERT ON ledger_bodies WHEN EXISTS (SELECT 1 FROM ledger_bodies WHERE seq = NEW.seq AND part = NEW.part) BEGIN SELECT RAISE(ABORT, 'ledger_bodies is append-only'); END""",
    r"""CREATE TRIGGER ledger_checkpoints_no_replace BEFORE INSERT ON ledger_checkpoints WHEN EXISTS (SELECT 1 FROM ledger_checkpoints WHERE size = NEW.size) BEGIN SELECT RAISE(ABORT, 'ledger_checkpoints is append-only'); END""",
    r"""CREATE TRIGGER ledger_entries_dense BEFORE INSERT ON ledger_entries WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger_entries) BEGIN SELECT RAISE(ABORT, 'the next entry of the ledger has another number'); END""",
    r"""CREATE TRIGGER ledger_bodies_no_update BEFORE UPDATE ON ledger_bodies BEGIN SELECT RAISE(ABORT, 'ledger_bodies is append-only'); END""",
    r"""CREATE TRIGGER ledger_bodies_erasure BEFORE DELETE ON ledger_bodies WHEN NOT EXISTS (SELECT 1 FROM ledger_entries WHERE kind = 'redaction' AND json_extract(leaf, '$.data.seq') = OLD.seq AND json_extract(leaf, '$.data.part') = OLD.part) BEGIN SELECT RAISE(ABORT, 'a sensitive part is erased by a redaction entry only'); END""",
    r"""CREATE TRIGGER ledger_head_no_insert BEFORE INSERT ON ledger_head BEGIN SELECT RAISE(ABORT, 'the ledger has one head'); END""",
    r"""CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head BEGIN SELECT RAISE(ABORT, 'the ledger has one head'); END""",
    r"""CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head WHEN NEW.size <= OLD.size BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END""",
]

POSTGRESQL_TABLES = [
    r"""CREATE TABLE accounts (
    surface TEXT NOT NULL,
    team TEXT NOT NULL,
    user_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (surface, team, user_id)
)""",
    r"""CREATE INDEX accounts_by_person ON accounts (person_id)""",
    r"""CREATE TABLE approvals (
    id BIGSERIAL NOT NULL,
    run_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    person_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT approvals_once UNIQUE (run_id, digest, person_id)
)""",
    r"""CREATE TABLE charges (
    id BIGSERIAL NOT NULL,
    run_id TEXT NOT NULL,
    what TEXT NOT NULL,
    micro_usd BIGINT NOT NULL,
    calls INTEGER NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (id)
)""",
    r"""CREATE INDEX charges_by_run ON charges (run_id)""",
    r"""CREATE INDEX charges_by_time ON charges (at_us)""",
    r"""CREATE TABLE deliveries (
    id BIGSERIAL NOT NULL,
    key TEXT NOT NULL,
    run_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    surface TEXT NOT NULL,
    team TEXT NOT NULL,
    channel TEXT NOT NULL,
    thread TEXT NOT NULL,
    wanted INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    message TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at_us BIGINT NOT NULL,
    problem TEXT NOT NULL,
    given_up INTEGER NOT NULL,
    claimed_by TEXT NOT NULL,
    claimed_until_us BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (key)
)""",
    r"""CREATE INDEX deliveries_by_message ON deliveries (channel, message) WHERE message <> ''""",
    r"""CREATE INDEX deliveries_by_run ON deliveries (run_id)""",
    r"""CREATE INDEX deliveries_due ON deliveries (next_attempt_at_us) WHERE wanted > sent AND given_up = 0""",
    r"""CREATE TABLE digest_posts (
    channel TEXT NOT NULL,
    local_date TEXT NOT NULL,
    PRIMARY KEY (channel, local_date)
)""",
    r"""CREATE TABLE ledger_bodies (
    seq BIGINT NOT NULL,
    part TEXT NOT NULL,
    salt BYTEA NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (seq, part)
)""",
    r"""CREATE TABLE ledger_checkpoints (
    size BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (size)
)""",
    r"""CREATE TABLE ledger_entries (
    seq BIGINT NOT NULL,
    leaf TEXT NOT NULL,
    hash BYTEA NOT NULL,
    kind TEXT GENERATED ALWAYS AS ((replace(leaf, '\u0000', '\u0001'))::json ->> 'kind') STORED,
    run_id TEXT GENERATED ALWAYS AS ((replace(leaf, '\u0000', '\u0001'))::json ->> 'run') STORED,
    actor TEXT GENERATED ALWAYS AS ((replace(leaf, '\u0000', '\u0001'))::json ->> 'actor') STORED,
    at TEXT GENERATED ALWAYS AS ((replace(leaf, '\u0000', '\u0001'))::json ->> 'at') STORED,
    PRIMARY KEY (seq)
)""",
    r"""CREATE INDEX ledger_by_kind ON ledger_entries (kind, seq)""",
    r"""CREATE INDEX ledger_by_run ON ledger_entries (run_id, seq) WHERE run_id <> ''""",
    r"""CREATE TABLE ledger_head (
    id INTEGER NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    last BYTEA NOT NULL,
    frontier BYTEA NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ledger_head_is_one CHECK (id = 1)
)""",
    r"""CREATE TABLE people (
    id TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (id)
)""",
    r"""CREATE TABLE runs (
    number BIGINT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    person_id TEXT NOT NULL,
    surface TEXT NOT NULL,
    team TEXT NOT NULL,
    channel TEXT NOT NULL,
    thread TEXT NOT NULL,
    expires_at_us BIGINT,
    settled_at_us BIGINT,
    claimed_by TEXT DEFAULT '' NOT NULL,
    claimed_until_us BIGINT DEFAULT 0 NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (number)
)""",
    r"""CREATE INDEX runs_asking_by_place ON runs (channel, thread) WHERE status = 'asking'""",
    r"""CREATE INDEX runs_by_expiry ON runs (expires_at_us) WHERE expires_at_us IS NOT NULL""",
    r"""CREATE INDEX runs_by_person ON runs (person_id, number)""",
    r"""CREATE INDEX runs_by_settling ON runs (settled_at_us) WHERE settled_at_us IS NOT NULL""",
    r"""CREATE INDEX runs_by_status ON runs (status, number)""",
    r"""CREATE INDEX runs_open_by_person ON runs (person_id, number) WHERE settled_at_us IS NULL""",
    r"""CREATE TABLE seen_events (
    key TEXT NOT NULL,
    run_id TEXT NOT NULL,
    PRIMARY KEY (key)
)""",
    r"""CREATE TABLE sequences (
    name TEXT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (name)
)""",
    r"""CREATE TABLE steps (
    run_id TEXT NOT NULL,
    step INTEGER NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (run_id, step)
)""",
]

POSTGRESQL_GUARDS = [
    r"""CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only',
    ERRCODE = 'integrity_constraint_violation';
END $$""",
    r"""CREATE FUNCTION ledger_check_dense() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger_entries) THEN
    RAISE EXCEPTION 'the next entry of the ledger has another number' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE FUNCTION ledger_check_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM ledger_entries WHERE kind = 'redaction'
    AND replace(leaf, '\u0000', '\u0001')::json #>> '{data,seq}' = OLD.seq::text
    AND replace(leaf, '\u0000', '\u0001')::json #>> '{data,part}' = OLD.part
  ) THEN
    RAISE EXCEPTION 'a sensitive part is erased by a redaction entry only' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$""",
    r"""CREATE FUNCTION ledger_check_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.size <= OLD.size THEN
    RAISE EXCEPTION 'the ledger only grows' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$""",
    r"""CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_checkpoints_no_update BEFORE UPDATE ON ledger_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_checkpoints_no_delete BEFORE DELETE ON ledger_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_checkpoints_no_truncate BEFORE TRUNCATE ON ledger_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_bodies_no_update BEFORE UPDATE ON ledger_bodies FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_bodies_no_truncate BEFORE TRUNCATE ON ledger_bodies FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_head_no_truncate BEFORE TRUNCATE ON ledger_head FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()""",
    r"""CREATE TRIGGER ledger_entries_dense BEFORE INSERT ON ledger_entries FOR EACH ROW EXECUTE FUNCTION ledger_check_dense()""",
    r"""CREATE TRIGGER ledger_bodies_erasure BEFORE DELETE ON ledger_bodies FOR EACH ROW EXECUTE FUNCTION ledger_check_erasure()""",
    r"""CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head FOR EACH ROW EXECUTE FUNCTION ledger_check_grows()""",
]


def upgrade() -> None:
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    for statement in SQLITE_TABLES if is_sqlite else POSTGRESQL_TABLES:
        connection.exec_driver_sql(statement)
    connection.execute(
        text("INSERT INTO sequences (name, value) VALUES ('run', 1000), ('person', 1000)")
    )
    connection.execute(
        text(
            "INSERT INTO ledger_head (id, size, root, last, frontier) "
            "VALUES (1, 0, :root, :last, :frontier)"
        ),
        {"root": hashlib.sha256(b"").digest(), "last": bytes(32), "frontier": b""},
    )
    for statement in SQLITE_GUARDS if is_sqlite else POSTGRESQL_GUARDS:
        connection.exec_driver_sql(statement)
