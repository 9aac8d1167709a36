"""A bundle's folder becomes a catalogue that may be put in force: loaded whole, checked whole, its
connections given their secrets. At a start and at every edit alike."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import policies
from bot.bundle.identifying import not_themselves
from bot.bundle.reach import out_of_reach
from bot.bundle.release import altered, as_proven, is_by_rules
from bot.catalogue import Catalogue, Over, examined, fact_types, finder_types, loaded
from bot.settings import Settings, is_for_connections
from bot.systems import reached, reached_from
from connectors.desk.embedded import credential as desk_credential
from connectors.desk.embedded import prepare_desk
from connectors.errors import ConnectorError
from connectors.operation import Connector
from policies import folder as folders
from policies.bundle import Bundle
from policies.findings import BundleError, Finding
from policies.revision import content_digest
from store import bundles
from store.database import Database
from store.model import canonical


def load_checked(settings: Settings, db: Database, now: datetime) -> Catalogue:
    """The catalogue of the bundle in the folder. Raises BundleError with every finding of the whole
    check, which is not made again for a content that has passed it under this code; and with one
    for each connection whose account is not the one that it says."""
    folder = settings.bundle.resolve()  # so that a stage that is turned meanwhile does not matter
    bundle = as_proven(checked(folder, db, now), by_rules=is_by_rules(folder))
    try:
        catalogue = connected(settings, bundle)
    except ConnectorError as error:  # no such environment, no such account
        raise BundleError([Finding("bundle.yml", 0, 0, str(error))]) from None
    if findings := not_themselves(catalogue):
        raise BundleError(findings)
    return catalogue


def checked(folder: Path, db: Database, now: datetime) -> Bundle:
    """The bundle of a folder, whole and in reach of its connections; of a release, only as it was
    made. Raises BundleError."""
    root = folder.resolve()
    try:
        _refuse_altered(root, folders.digest(root))
        bundle = _checked(root, db, now)
        _refuse_altered(root, bundle.digest)  # and not another one that was put there in between
    except OSError as error:
        message = f"cannot be read: {error.strerror}; Assent needs to read every file of it"
        raise BundleError([Finding(str(error.filename or folder), 0, 0, message)]) from None
    if findings := out_of_reach(bundle):
        raise BundleError(findings)
    return bundle


def prepare(settings: Settings, now: datetime) -> None:
    """The embedded desk of a sandbox, made once: one that is gone later is away, not made anew."""
    made = settings.state / "desk.made"
    if settings.environment == "sandbox" and not made.exists():
        prepare_desk(settings.environ["ASSENT_DESK_ADDRESS"], now.date(), "sandbox")
        made.touch()


def connected(settings: Settings, bundle: Bundle, over: Over | None = None) -> Catalogue:
    """The bundle over its connections; the embedded desk gives its accounts' secrets itself, unless
    the environment names them. `over` is the catalogue's."""
    environ = {name: v for name, v in settings.environ.items() if is_for_connections(name)}
    for connection in bundle.settings.connections.values():
        scheme, _, variable = (connection.secret or "").partition(":")
        if (
            connection.connector == "desk"
            and scheme == "env"
            and connection.environment == settings.environment
            and not environ.get(variable)
        ):
            address = environ["ASSENT_DESK_ADDRESS"]
            environ[variable] = desk_credential(address, connection.account).secret
    return Catalogue(bundle, settings.environment, environ, over)


def _refuse_altered(root: Path, digest: str) -> None:
    if findings := altered(root, digest):
        raise BundleError(findings)


def _checked(folder: Path, db: Database, now: datetime) -> Bundle:
    digest = folders.digest(folder)
    with db.read() as cx:
        is_known = bundles.is_checked(cx, _name(digest, reached_from(folder)))
    if is_known and (bundle := loaded(folder)).digest == digest:
        return bundle  # not another one that was put there in between
    checked = examined(folder)
    if checked.findings or checked.bundle is None:
        raise BundleError(checked.findings)
    with db.begin() as tx:
        name = _name(checked.bundle.digest, reached(checked.bundle))
        bundles.checked(tx, name, now)
    return checked.bundle


def _name(digest: str, offered: tuple[Connector, ...]) -> str:
    """What the store remembers: this content, judged by this code over these connectors."""
    return canonical.digest([digest, _code(), fact_types(offered), finder_types(offered)])


@cache
def _code() -> str:
    """The digest of the code that checks, the solver that it asks included."""
    folder = Path(policies.__file__ or "").parent
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.py")}
    return content_digest({**files, "z3-solver": version("z3-solver").encode()})
