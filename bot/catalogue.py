"""What can be done, by whom and where: the bundle that is in force, joined with the connectors.

Everything a run may touch is looked up here, so what is not in the catalogue does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot import systems
from bot.joint.names import workflows_of
from bot.joint.workflow import resolve
from connectors.credentials import Credential
from connectors.errors import Rejected, Unavailable
from connectors.opening import identified, opened
from connectors.operation import Connector, Finder, Identity, Operation
from connectors.secrets.resolving import Secrets
from policies.bundle import LEVELS, Bundle, load
from policies.check import Checked, check
from policies.engine import LEVEL_READ_ONLY, Engine
from policies.findings import BundleError
from policies.settings_file import Channel, Connection
from policies.workflow import Workflow
from store.model.person import Surface
from store.model.request import Place

CHANNEL_UNKNOWN = "unlisted"  # the fact request.channel for a channel that the bundle does not list
CHANNEL_DIRECT = "direct"  # and for a direct message: approvers could not see the card there
# How the ids of conversations with one person begin.
_DIRECT: Mapping[Surface, str] = {"slack": "D", "teams": "a:"}

SCOPE_WRITES = ":write"  # ends every scope that changes something, as connectors name them


Over = Callable[[Connector], Connector]


class NotInCatalogueError(Rejected):
    """A plan names something that this bundle or its connectors do not have."""


class ReadOnlyError(Rejected):
    """A workflow of L1 asks for a session that can write. There is none."""


class Catalogue:
    """One bundle in force in one environment. Immutable: another bundle is another catalogue."""

    def __init__(
        self,
        bundle: Bundle,
        environment: str,
        environ: Mapping[str, str],
        over: Over | None = None,
    ) -> None:
        """`over` gives for each connector the one that is called in its place: one whose sessions
        open elsewhere, at a desk with a clock of its own."""
        if environment not in bundle.settings.environments:
            known = ", ".join(sorted(bundle.settings.environments))
            raise NotInCatalogueError(
                f"the bundle has no environment {environment}; it has {known}"
            )
        self.bundle, self.environment = bundle, environment
        self._environ = environ
        self._secrets = Secrets(environ)
        installed = systems.reached(bundle)
        reached = tuple(map(over, installed)) if over else installed
        self._connectors = {connector.name: connector for connector in reached}
        self._operations = {o.name: o for connector in reached for o in connector.operations}
        self.finders: Mapping[str, Finder] = {
            f.name: f for connector in reached for f in connector.finders
        }
        self._owner = {
            **{o.name: connector for connector in reached for o in connector.operations},
            **{f.name: connector for connector in reached for f in connector.finders},
        }
        self.policy = Engine(bundle, fact_types(reached))
        self.workflows: Mapping[str, Workflow] = bundle.workflows
        self._channels = {
            channel_id: name
            for name, channel in bundle.settings.channels.items()
            for channel_id in channel.ids
        }

    @property
    def bundle_version(self) -> str:
        return self.bundle.version

    @property
    def bundle_digest(self) -> str:
        """The bundle's content as it is in force here: an approval given in one environment is none
        in another."""
        return f"{self.bundle.digest}@{self.environment}"

    def operation(self, name: str) -> Operation[Any]:
        """An operation by its name; raises NotInCatalogueError."""
        try:
            return self._operations[name]
        except KeyError:
            raise NotInCatalogueError(f"no connector offers the operation {name}") from None

    def workflow(self, name: str) -> Workflow | None:
        """The workflow of a run: one that the bundle declares, or the joint one of several. None
        where the bundle has it, or one of its parts, no more."""
        return resolve(name, self.workflows)

    def resolved(self, name: str) -> Workflow:
        """As `workflow`; raises NotInCatalogueError."""
        found = self.workflow(name)
        if found is None:
            raise NotInCatalogueError(self.gone(name))
        return found

    def gone(self, name: str) -> str:
        """One sentence on the workflow, or the parts of a joint one, that the bundle lacks."""
        lost = [each for each in workflows_of(name) if each not in self.workflows] or [name]
        return f"The bundle has no workflow {' and no workflow '.join(lost)} any more."

    def level(self, workflow: str) -> int:
        """The highest level that a workflow may earn here, 1 to 4: as its file and the environment
        permit. What it has earned is in the store; see bot/autonomy/levels.py. Raises
        NotInCatalogueError."""
        cap = self.bundle.autonomy_caps[self.environment]
        return min(LEVELS[self.resolved(workflow).autonomy], cap)

    def channel_name(self, place: Place) -> str:
        """The bundle's name for a channel, or what stands for one that it does not list."""
        if place.channel.startswith(_DIRECT[place.surface]):
            return CHANNEL_DIRECT
        return self._channels.get(place.channel, CHANNEL_UNKNOWN)

    def channel(self, name: str) -> Channel | None:
        """A channel that the bundle lists."""
        return self.bundle.settings.channels.get(name)

    def local_day(self, place: Place, at: datetime) -> date:
        """The day at a moment where a channel is; elsewhere that of the report."""
        channel = self.channel(self.channel_name(place))
        zone = (channel or self.bundle.settings.digest).time_zone
        return at.astimezone(ZoneInfo(zone)).date()

    def workflows_in(self, place: Place) -> tuple[Workflow, ...]:
        """What may be asked in a place. In a direct message all that the bundle has, because what
        is not understood there should be explained; policy denies the rest."""
        channel = self.bundle.settings.channels.get(self.channel_name(place))
        names = channel.workflows if channel else tuple(self.workflows)
        return tuple(self.workflows[name] for name in names)

    @contextmanager
    def session(self, workflow: str, name: str, *, is_write: bool) -> Iterator[Any]:
        """A session for one call, limited to the service account that the bundle names.

        A session for reading carries no scope that writes, whatever its account holds; one for
        writing uses the workflow's own connection and no other, and a workflow of L1 gets none:
        raises ReadOnlyError.
        """
        connector = self._owner[name]
        if is_write:
            connection = self._writer(workflow, name)
            credential = self._credential(connection)
        else:
            connection = self._reader(connector.name, workflow)
            credential = _without_writing(self._credential(connection))
        with (
            self._rotated(connection, credential),
            opened(connector, credential) as session,
        ):
            yield session

    def connections(self) -> tuple[str, ...]:
        """The names of the bundle's connections of this environment."""
        declared = self.bundle.settings.connections.items()
        return tuple(name for name, each in declared if each.environment == self.environment)

    def has_address(self, connection_name: str) -> bool:
        """Whether the environment says where a connection's system answers."""
        return bool(
            self._environ.get(self.bundle.settings.connections[connection_name].address_env)
        )

    def identify(self, connection_name: str) -> Identity:
        """Who a connection's account is, as the system says, in a session that cannot write. Raises
        the connectors' errors, OtherIdentityError where the bundle says otherwise."""
        connection = self.bundle.settings.connections[connection_name]
        connector = self._connectors[connection.connector]
        credential = _without_writing(self._credential(connection))
        with (
            self._rotated(connection, credential),
            opened(connector, credential) as session,
        ):
            return identified(connector, credential, session)

    @contextmanager
    def _rotated(self, connection: Connection, credential: Credential) -> Iterator[None]:
        """A secret that the system refuses, and that its keeper has replaced meanwhile, is a reason
        to call again, not to give up."""
        try:
            yield
        except Rejected as refused:
            if not refused.is_secret_refused or not connection.secret:
                raise
            if not self._secrets.is_renewed(connection.secret, credential.secret):
                raise
            raise Unavailable(
                f"The secret of the account {connection.account} was replaced meanwhile.",
                next_step="Nothing was written; it is asked again with the new one.",
                retry_after_seconds=0,
            ) from None

    def _reader(self, connector: str, workflow: str) -> Connection:
        found = reader(self.bundle, workflow, connector, self.environment)
        if found is None:
            raise NotInCatalogueError(
                f"the bundle has no connection to {connector} in {self.environment} to read with"
            )
        return found

    def _writer(self, workflow: str, operation: str) -> Connection:
        if workflow in self.workflows and self.level(workflow) <= LEVEL_READ_ONLY:
            raise ReadOnlyError(
                f"The workflow {workflow} is L1 in {self.environment}: it reads and drafts, and"
                " there is no session in which it could write.",
                next_step="Nothing was written. Whoever owns the bundle raises its autonomy.",
            )
        found = writer(self.bundle, workflow, operation, self.environment)
        if found is None:
            connector, scopes = self._owner[operation].name, self.operation(operation).scopes
            raise NotInCatalogueError(
                f"workflow {workflow} has no connection to {connector} in {self.environment} with"
                f" {', '.join(sorted(scopes))}"
            )
        return found

    def _credential(self, connection: Connection) -> Credential:
        return Credential(
            account=connection.account,
            environment=connection.environment,
            scopes=frozenset(connection.scopes),
            address=self._environ.get(connection.address_env, ""),
            secret=self._secrets.resolve(connection.secret) if connection.secret else "",
        )


def reader(bundle: Bundle, workflow: str, connector: str, environment: str) -> Connection | None:
    """The connection that a workflow reads a system with: one that cannot write, before its own."""
    own = bundle.settings.workflows.get(workflow, ())
    usable = [
        connection
        for name, connection in bundle.settings.connections.items()
        if connection.connector == connector
        and connection.environment == environment
        and (name in own or not _can_write(connection))
    ]
    return min(usable, key=_can_write, default=None)


def writer(bundle: Bundle, workflow: str, operation: str, environment: str) -> Connection | None:
    """The workflow's own connection that may perform an operation; None where it has none."""
    connector, declared = systems.operation(bundle, operation)
    for name in bundle.settings.workflows.get(workflow, ()):
        connection = bundle.settings.connections[name]
        if (
            connection.connector == connector.name
            and connection.environment == environment
            and declared.scopes <= set(connection.scopes)
        ):
            return connection
    return None


def fact_types(connectors: Iterable[Connector]) -> dict[str, Mapping[str, Any]]:
    """What every operation of these connectors tells policy, by the operation's name."""
    return {o.name: o.fact_types for each in connectors for o in each.operations}


def finder_types(connectors: Iterable[Connector]) -> dict[str, Mapping[str, Any]]:
    """The fields of the records that every finder of these finds, by the finder's name."""
    return {f.name: f.field_types for each in connectors for f in each.finders}


def loaded(folder: Path) -> Bundle:
    """The bundle of a folder over the connectors that it reaches. Raises BundleError."""
    reached = systems.reached_from(folder)
    return load(folder, fact_types(reached), finder_types(reached))


def examined(folder: Path) -> Checked:
    """The whole check of a bundle's folder over the connectors that it reaches."""
    try:
        reached = systems.reached_from(folder)
    except BundleError as error:
        return Checked(None, error.findings)
    return check(folder, fact_types(reached), finder_types(reached))


def load_catalogue(folder: Path, environment: str, environ: Mapping[str, str]) -> Catalogue:
    """The catalogue of a bundle folder. Raises BundleError with every finding."""
    return Catalogue(loaded(folder), environment, environ)


def _can_write(connection: Connection) -> bool:
    return any(map(writes, connection.scopes))


def _without_writing(credential: Credential) -> Credential:
    """The same account, able to read alone: the system itself refuses the rest."""
    return replace(credential, scopes=frozenset(s for s in credential.scopes if not writes(s)))


def writes(scope: str) -> bool:
    """Whether a scope changes something."""
    return scope.endswith(SCOPE_WRITES)
