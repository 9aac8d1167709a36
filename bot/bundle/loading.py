"""A bundle's folder becomes a catalogue that may be put in force: loaded whole, checked whole, its
connections given their secrets. At a start and at every edit alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

import policies
from bot.bundle.reach import out_of_reach
from bot.bundle.release import altered, as_proven, is_by_rules
from bot.catalogue import Catalogue, Opened, fact_types, finder_types
from bot.settings import Settings
from connectors.desk.embedded import credential as desk_credential
from connectors.desk.embedded import prepare_desk
from connectors.errors import ConnectorError
from policies import folder as folders
from policies.bundle import Bundle, load
from policies.check import check
from policies.findings import BundleError, Finding
from policies.revision import content_digest
from store import bundles
from store.database import Database
from store.model import canonical


def load_checked(settings: Settings, db: Database, now: datetime) -> Catalogue:
    """The catalogue of the bundle in the folder. Raises BundleError with every finding of the whole
    check, which is not made again for a content that has passed it under this code."""
    folder = settings.bundle.resolve()  # so that a stage that is turned meanwhile does not matter
    bundle = as_proven(checked(folder, db, now), by_rules=is_by_rules(folder))
    try:
        return connected(settings, bundle)
    except ConnectorError as error:  # no such environment, no such account
        raise BundleError([Finding("bundle.yml", 0, 0, str(error))]) from None


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


def connected(
    settings: Settings, bundle: Bundle, opened: Mapping[str, Opened] = MappingProxyType({})
) -> Catalogue:
    """The bundle over its connections; the embedded desk gives its accounts' secrets itself, unless
    the environment names them. `opened` is the catalogue's."""
    environ = dict(settings.environ)
    for connection in bundle.settings.connections.values():
        if (
            connection.connector == "desk"
            and connection.secret_env
            and connection.environment == settings.environment
            and not environ.get(connection.secret_env)
        ):
            address = environ["ASSENT_DESK_ADDRESS"]
            secret = desk_credential(address, connection.account).secret
            environ[connection.secret_env] = secret
    return Catalogue(bundle, settings.environment, environ, opened)


def _refuse_altered(root: Path, digest: str) -> None:
    if findings := altered(root, digest):
        raise BundleError(findings)


def _checked(folder: Path, db: Database, now: datetime) -> Bundle:
    digest = folders.digest(folder)
    with db.read() as cx:
        is_known = bundles.is_checked(cx, _name(digest))
    if is_known and (bundle := load(folder, fact_types(), finder_types())).digest == digest:
        return bundle  # not another one that was put there in between
    checked = check(folder, fact_types(), finder_types())
    if checked.findings or checked.bundle is None:
        raise BundleError(checked.findings)
    with db.begin() as tx:
        bundles.checked(tx, _name(checked.bundle.digest), now)
    return checked.bundle


def _name(digest: str) -> str:
    """What the store remembers: this content, judged by this code over these connectors."""
    return canonical.digest([digest, _code(), fact_types(), finder_types()])


@cache
def _code() -> str:
    """The digest of the code that checks, the solver that it asks included."""
    folder = Path(policies.__file__ or "").parent
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.py")}
    return content_digest({**files, "z3-solver": version("z3-solver").encode()})
