"""Alembic's folder: one file a schema version, run in-process by `store.schema`."""
