"""The desk's own schema. Timestamps are UTC text `2026-11-12T09:30:00Z`, amounts minor units."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()


def _versioned() -> tuple[Column[int], Column[str], Column[str]]:
    """The precondition of every write, and who wrote last."""
    return (
        Column("version", Integer, nullable=False, default=1),
        Column("changed_by", Text, nullable=False),
        Column("changed_at", Text, nullable=False),
    )


customers = Table(
    "customers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("country", Text, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total_minor", Integer, nullable=False),
    Column("placed_at", Text, nullable=False, index=True),
    Column("street", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("country", Text, nullable=False),
    *_versioned(),
    CheckConstraint("status IN ('placed', 'shipped', 'delivered', 'cancelled')"),
)

order_items = Table(
    "order_items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", Text, ForeignKey("orders.id"), nullable=False, index=True),
    Column("product", Text, nullable=False),
    Column("search_text", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price_minor", Integer, nullable=False),
)

payments = Table(
    "payments",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_id", Text, ForeignKey("orders.id"), nullable=False, unique=True),
    Column("currency", Text, nullable=False),
    Column("paid_minor", Integer, nullable=False),
    Column("refunded_minor", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("payout_on", Text, nullable=False),
    *_versioned(),
    CheckConstraint("status IN ('paid', 'partly refunded', 'refunded', 'cancelled')"),
    CheckConstraint("refunded_minor BETWEEN 0 AND paid_minor"),
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("payment_id", Text, ForeignKey("payments.id"), nullable=False, index=True),
    Column("amount_minor", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("reversed_at", Text, nullable=False, default=""),
    CheckConstraint("amount_minor > 0"),
)

credits_ = Table(
    "credits",
    metadata,
    Column("id", Text, primary_key=True),
    Column("customer_id", Text, ForeignKey("customers.id"), nullable=False, index=True),
    Column("amount_minor", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Text, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_id", Text, ForeignKey("orders.id"), nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("status", Text, nullable=False),
    *_versioned(),
    CheckConstraint("status IN ('open', 'pending', 'solved')"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("order_id", Text, ForeignKey("orders.id"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("is_deleted", Integer, nullable=False, default=0),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("environment", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("is_enabled", Integer, nullable=False, default=1),
)

# One row for each write ever made under an idempotency key, stored in the transaction of the write.
writes = Table(
    "writes",
    metadata,
    Column("key", Text, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("params_sha256", Text, nullable=False),
    Column("takes_back", Text, nullable=False),
    Column("reference", Text, nullable=False, unique=True),
    Column("version", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("written_at", Text, nullable=False),
    Column("taken_back_by", Text, nullable=False, default=""),
)

faults = Table(
    "faults",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("call", Text, nullable=False),
    Column("calls_before", Integer, nullable=False),
    Column("calls_left", Integer, nullable=False),
    Column("milliseconds", Integer, nullable=False),
)

Index("refunds_recent", refunds.c.created_at)
