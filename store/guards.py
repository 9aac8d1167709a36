"""Triggers by which the database itself refuses to change what the ledger has recorded.

Whoever holds the file can drop them: they stop mistakes and injected statements, the hashes and
the signed checkpoints find the rest.
"""

from __future__ import annotations

APPEND_ONLY = ("ledger_entries", "ledger_checkpoints")

_DENSE = "the next entry of the ledger has another number"
_ERASURE = "a sensitive part is erased by a redaction entry only"


def _sqlite(name: str, when: str, table: str, condition: str, why: str) -> tuple[str, str]:
    where = f" WHEN {condition}" if condition else ""
    return name, (
        f"CREATE TRIGGER {name} BEFORE {when} ON {table}{where} "
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


_REDACTED_SQLITE = (
    "NOT EXISTS (SELECT 1 FROM ledger_entries WHERE kind = 'redaction' "
    "AND json_extract(leaf, '$.data.seq') = OLD.seq "
    "AND json_extract(leaf, '$.data.part') = OLD.part)"
)

SQLITE: dict[str, str] = dict(
    [
        _sqlite(f"{table}_no_{verb}", verb.upper(), table, "", f"{table} is append-only")
        for table in APPEND_ONLY
        for verb in ("update", "delete")
    ]
    + [
        # REPLACE deletes without firing a delete trigger, so inserting over a row is refused too.
        _sqlite(
            f"{table}_no_replace", "INSERT", table, f"EXISTS ({same})", f"{table} is append-only"
        )
        for table, same in {
            "ledger_bodies": (
                "SELECT 1 FROM ledger_bodies WHERE seq = NEW.seq AND part = NEW.part"
            ),
            "ledger_checkpoints": "SELECT 1 FROM ledger_checkpoints WHERE size = NEW.size",
        }.items()
    ]
    + [
        _sqlite(
            "ledger_entries_dense",
            "INSERT",
            "ledger_entries",
            "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger_entries)",
            _DENSE,
        ),
        _sqlite(
            "ledger_bodies_no_update", "UPDATE", "ledger_bodies", "", "ledger_bodies is append-only"
        ),
        _sqlite("ledger_bodies_erasure", "DELETE", "ledger_bodies", _REDACTED_SQLITE, _ERASURE),
        _sqlite("ledger_head_no_insert", "INSERT", "ledger_head", "", "the ledger has one head"),
        _sqlite("ledger_head_no_delete", "DELETE", "ledger_head", "", "the ledger has one head"),
        _sqlite(
            "ledger_head_grows",
            "UPDATE",
            "ledger_head",
            "NEW.size <= OLD.size",
            "the ledger only grows",
        ),
    ]
)

_REFUSE = """CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only',
    ERRCODE = 'integrity_constraint_violation';
END $$"""

_CHECK_DENSE = f"""CREATE FUNCTION ledger_check_dense() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger_entries) THEN
    RAISE EXCEPTION '{_DENSE}' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$"""  # noqa: S608 - constants alone

_CHECK_ERASURE = f"""CREATE FUNCTION ledger_check_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM ledger_entries WHERE kind = 'redaction'
    AND replace(leaf, '\\u0000', '\\u0001')::json #>> '{{data,seq}}' = OLD.seq::text
    AND replace(leaf, '\\u0000', '\\u0001')::json #>> '{{data,part}}' = OLD.part
  ) THEN
    RAISE EXCEPTION '{_ERASURE}' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$"""  # noqa: S608 - constants alone

_CHECK_GROWS = """CREATE FUNCTION ledger_check_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.size <= OLD.size THEN
    RAISE EXCEPTION 'the ledger only grows' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$"""

POSTGRESQL_FUNCTIONS = (_REFUSE, _CHECK_DENSE, _CHECK_ERASURE, _CHECK_GROWS)


def _refusals() -> dict[str, str]:
    triggers = {}
    for table, verbs in {
        "ledger_entries": ("update", "delete", "truncate"),
        "ledger_checkpoints": ("update", "delete", "truncate"),
        "ledger_bodies": ("update", "truncate"),
        "ledger_head": ("delete", "truncate"),
    }.items():
        for verb in verbs:
            name = f"{table}_no_{verb}"
            triggers[name] = (
                f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
            )
    return triggers


POSTGRESQL: dict[str, str] = _refusals() | {
    "ledger_entries_dense": "CREATE TRIGGER ledger_entries_dense BEFORE INSERT ON ledger_entries "
    "FOR EACH ROW EXECUTE FUNCTION ledger_check_dense()",
    "ledger_bodies_erasure": "CREATE TRIGGER ledger_bodies_erasure BEFORE DELETE ON ledger_bodies "
    "FOR EACH ROW EXECUTE FUNCTION ledger_check_erasure()",
    "ledger_head_grows": "CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head "
    "FOR EACH ROW EXECUTE FUNCTION ledger_check_grows()",
}
