"""The tables as this code wants them; migrations/ leads there from any older version.

Times are integers: microseconds since 1970 in UTC, so that both databases compare and index them
alike. The ledger's columns for search are generated from the leaf: what is shown cannot part from
what is hashed.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store.ledger_tables import Big, ledger_tables

metadata = MetaData()


sequences = Table(
    "sequences",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Big, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("number", Big, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("surface", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("expires_at_us", Big),
    Column("settled_at_us", Big),
    Column("claimed_by", Text, nullable=False, server_default=""),
    Column("claimed_until_us", Big, nullable=False, server_default=text("0")),
    Column("body", Text, nullable=False),
    Column("workflow", Text, nullable=False, server_default=""),
    Column("fingerprint", Text, nullable=False, server_default=""),
    Column("attention_at_us", Big),
    Index("runs_by_status", "status", "number"),
    Index("runs_by_person", "person_id", "number"),
    Index(
        "runs_open_by_person",
        "person_id",
        "number",
        sqlite_where=text("settled_at_us IS NULL"),
        postgresql_where=text("settled_at_us IS NULL"),
    ),
    Index(
        "runs_by_expiry",
        "expires_at_us",
        sqlite_where=text("expires_at_us IS NOT NULL"),
        postgresql_where=text("expires_at_us IS NOT NULL"),
    ),
    Index(
        "runs_by_settling",
        "settled_at_us",
        sqlite_where=text("settled_at_us IS NOT NULL"),
        postgresql_where=text("settled_at_us IS NOT NULL"),
    ),
    Index(
        "runs_asking_by_place",
        "channel",
        "thread",
        sqlite_where=text("status = 'asking'"),
        postgresql_where=text("status = 'asking'"),
    ),
    Index(
        "runs_by_attention",
        "attention_at_us",
        sqlite_where=text("attention_at_us IS NOT NULL"),
        postgresql_where=text("attention_at_us IS NOT NULL"),
    ),
    Index(
        "runs_by_fingerprint",
        "fingerprint",
        "number",
        sqlite_where=text("fingerprint <> ''"),
        postgresql_where=text("fingerprint <> ''"),
    ),
    Index("runs_by_workflow", "workflow", "number"),
    Index(
        "runs_waiting_by_place",
        "channel",
        "thread",
        sqlite_where=text("status = 'waiting'"),
        postgresql_where=text("status = 'waiting'"),
    ),
    Index(
        "runs_by_thread",
        "channel",
        "thread",
        "number",
        sqlite_where=text("thread <> ''"),
        postgresql_where=text("thread <> ''"),
    ),
)

seen_events = Table(
    "seen_events",
    metadata,
    Column("key", Text, primary_key=True),
    Column("run_id", Text, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("run_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("run_id", "digest", "person_id", name="approvals_once"),
)

steps = Table(
    "steps",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("status", Text, nullable=False),
    Column("body", Text, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("surface", Text, primary_key=True),
    Column("team", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("accounts_by_person", "person_id"),
)

merged_people = Table(
    "merged_people",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("into_id", Text, nullable=False),
)

declared_accounts = Table(
    "declared_accounts",
    metadata,
    Column("surface", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("declared", Text, nullable=False),
    Column("person_id", Text, nullable=False),
)

delegations = Table(
    "delegations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("from_id", Text, nullable=False),
    Column("to_id", Text, nullable=False),
    Column("ends_at_us", Big, nullable=False),
    Column("body", Text, nullable=False),
    Index("delegations_by_delegate", "to_id", "ends_at_us"),
)

reservations = Table(
    "reservations",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("run_id", Text, nullable=False),
    Column("counter", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount_minor", Big, nullable=False),
    Column("at_us", Big, nullable=False),
    Index("reservations_by_counter", "counter", "subject", "at_us"),
    Index("reservations_by_run", "run_id"),
)

autonomy_levels = Table(
    "autonomy_levels",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("workflow", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("at_us", Big, nullable=False),
    Index("autonomy_levels_by_workflow", "workflow", "environment", "id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("is_right", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at_us", Big, nullable=False),
)

bundles_checked = Table(
    "bundles_checked",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("at_us", Big, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("run_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("surface", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at_us", Big, nullable=False),
    Column("problem", Text, nullable=False),
    Column("given_up", Integer, nullable=False),
    Column("claimed_by", Text, nullable=False),
    Column("claimed_until_us", Big, nullable=False),
    Index("deliveries_by_run", "run_id"),
    Index(
        "deliveries_by_message",
        "channel",
        "message",
        sqlite_where=text("message <> ''"),
        postgresql_where=text("message <> ''"),
    ),
    Index(
        "deliveries_due",
        "next_attempt_at_us",
        sqlite_where=text("wanted > sent AND given_up = 0"),
        postgresql_where=text("wanted > sent AND given_up = 0"),
    ),
)

charges = Table(
    "charges",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("run_id", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("micro_usd", Big, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("at_us", Big, nullable=False),
    Column("estimate_micro_usd", Big, nullable=False, server_default=text("0")),
    Index("charges_by_run", "run_id"),
    Index("charges_by_time", "at_us"),
)

model_asks = Table(
    "model_asks",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=True),
    Column("run_id", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("meter", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("micro_usd", Big, nullable=False),
    Column("at_us", Big, nullable=False),
    Index("model_asks_by_owner", "owner"),
    Index("model_asks_by_run", "run_id"),
)

executors = Table(
    "executors",
    metadata,
    Column("id", Text, primary_key=True),
    Column("seen_at_us", Big, nullable=False),
)

digest_posts = Table(
    "digest_posts",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("local_date", Text, primary_key=True),
)

endings = Table(
    "endings",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("due_at_us", Big, nullable=False),
    Column("next_at_us", Big, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Index("endings_by_time", "status", "next_at_us"),
    Index("endings_by_subject", "subject", "status"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("surface", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("service_url", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("is_gone", Integer, nullable=False),
    Column("seen_at_us", Big, nullable=False),
    Index("conversations_by_sight", "surface", "seen_at_us"),
    Index(
        "conversations_by_user",
        "surface",
        "user_id",
        sqlite_where=text("user_id <> ''"),
        postgresql_where=text("user_id <> ''"),
    ),
)

contacts = Table(
    "contacts",
    metadata,
    Column("surface", Text, primary_key=True),
    Column("conversation", Text, primary_key=True),
    Column("user_id", Text, primary_key=True),
    Column("team", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("service_url", Text, nullable=False),
    Column("seen_at_us", Big, nullable=False),
    Index("contacts_by_sight", "surface", "seen_at_us"),
    Index("contacts_by_user", "surface", "user_id"),
)

LEDGER = ledger_tables(metadata)
