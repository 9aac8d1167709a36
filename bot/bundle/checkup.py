"""The connections of a bundle, looked at as `assent doctor` shows them: whether each system
answers, who the account is there, and what it may do against what the workflows need of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot import systems
from bot.bundle.identifying import Asked, ask
from bot.bundle.needed import needed
from bot.catalogue import Catalogue
from connectors.errors import ConnectorError, Rejected
from connectors.extras import lacking
from connectors.opening import OtherIdentityError
from connectors.operation import Identity
from connectors.saying import safe
from connectors.secrets import file
from connectors.secrets.reference import Reference, parse
from policies.settings_file import Connection


@dataclass(frozen=True)
class Checkup:
    """One connection. `granted` is what the system says that the account holds, None where it does
    not say; `errors` keep it from working, `warnings` are to be mended."""

    name: str
    connection: Connection
    is_reachable: bool
    identity: Identity | None
    needed: frozenset[str]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def granted(self) -> frozenset[str] | None:
        return self.identity.scopes if self.identity else None


def checkups(catalogue: Catalogue) -> tuple[Checkup, ...]:
    """Every connection of the catalogue's environment; the systems are asked all at once."""
    needs = needed(catalogue)
    return tuple(_checkup(catalogue, asked, needs) for asked in ask(catalogue))


def _checkup(catalogue: Catalogue, asked: Asked, needs: Mapping[str, frozenset[str]]) -> Checkup:
    connection = catalogue.bundle.settings.connections[asked.connection]
    need = needs[asked.connection]
    return Checkup(
        name=asked.connection,
        connection=connection,
        is_reachable=asked.error is None or _has_answered(asked.error),
        identity=asked.identity,
        needed=need,
        errors=tuple(_errors(catalogue, connection, asked, need)),
        warnings=tuple(_warnings(connection, asked.identity, need)),
    )


def _errors(
    catalogue: Catalogue, connection: Connection, asked: Asked, need: frozenset[str]
) -> Iterator[str]:
    reference = _reference(connection)
    extras = [systems.connector(catalogue.bundle, connection.connector).extra]
    extras += [reference.extra] if reference else []
    missing = [extra for extra in extras if lacking(extra)]
    for extra in missing:
        yield f"{', '.join(lacking(extra))} is not installed; run: pip install 'assent[{extra}]'"
    if asked.error is not None and not missing:
        if not catalogue.has_address(asked.connection):
            yield f"{connection.address_env} is not set: where does {connection.connector} answer?"
        yield str(asked.error)
    granted = asked.identity.scopes if asked.identity else None
    if granted is not None and (absent := need - granted):
        yield f"the account lacks {_listed(absent)}, which its workflows need; have it granted"


def _warnings(
    connection: Connection, identity: Identity | None, need: frozenset[str]
) -> Iterator[str]:
    reference = _reference(connection)
    if reference and reference.scheme == "file" and file.is_readable_by_others(reference):
        yield f"others on this machine may read {reference.name}; run: chmod 600 {reference.name}"
    if not need:
        yield "no workflow uses it here; remove it from bundle.yml, and its account"
        return
    if unused := set(connection.scopes) - need:
        yield f"no workflow needs {_listed(unused)} of it; take it out of bundle.yml"
    granted = identity.scopes if identity else None
    if granted is not None and (more := granted - need):
        yield f"the account holds {_listed(more)} and no workflow needs it; have it revoked"


def _has_answered(error: ConnectorError) -> bool:
    """Whether it was the system itself that said no."""
    is_refused = isinstance(error, Rejected) and error.is_secret_refused
    return is_refused or isinstance(error, OtherIdentityError)


def _reference(connection: Connection) -> Reference | None:
    return parse(connection.secret) if connection.secret else None


def _listed(scopes: set[str] | frozenset[str]) -> str:
    return ", ".join(safe(scope) for scope in sorted(scopes))
