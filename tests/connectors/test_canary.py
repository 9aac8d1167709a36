"""No secret leaves by any way but the one that it is for: every operation and every finder of every
connector, in good order and under every fault, and everything that was said, raised or logged.

The secrets are those that each world hands out. They are made known as a session makes them known,
by `hide`, and the SDKs' own debug logs are on.
"""

from __future__ import annotations

import logging
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle
from typing import Any, get_args
from urllib.parse import quote

import pytest

from connectors import registry
from connectors.conformance.case import Case
from connectors.conformance.world import FaultKind, World, world
from connectors.credentials import Credential
from connectors.declared.kinds import kinds
from connectors.errors import ConnectorError
from connectors.opening import opened
from connectors.operation import Connector, Result
from connectors.saying import safe
from connectors.secrets.hiding import hide

CANARY_CHARACTERS_MIN = 8  # of a secret, or of a line of one, that is looked for


@dataclass
class Witness:
    """Everything that came out of a connector, and the secrets that must not be in it."""

    secrets: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    errors: list[ConnectorError] = field(default_factory=list)

    def knows(self, credential: Credential) -> Credential:
        """A credential that a session is opened with from now on."""
        for part in {credential.secret, *credential.secret.splitlines()}:
            if len(part) >= CANARY_CHARACTERS_MIN:
                self.secrets.add(part)
        hide(credential.secret)
        self.sees(credential)
        return credential

    def sees(self, *values: object) -> None:
        self.said += [form for value in values for form in (repr(value), str(value))]

    def raised(self, error: Exception) -> None:
        """As a log, a card and a debugger would show it."""
        self.said += ["".join(traceback.format_exception(error)), repr(error), repr(vars(error))]
        self.said += [repr(error.__cause__), repr(getattr(error, "args", ()))]
        if isinstance(error, ConnectorError):
            self.errors.append(error)

    def tries(self, act: Callable[[], object]) -> Any:
        """What the call returned; what it raised is kept."""
        try:
            value = act()
        except Exception as error:
            self.raised(error)
            return None
        self.sees(value)
        return value

    def leaks(self) -> list[str]:
        """What was said with a secret in it, in any usual encoding."""
        forms = {form for secret in self.secrets for form in _forms(secret)}
        return [text[:400] for text in self.said if any(form in text for form in forms)]


def _forms(secret: str) -> set[str]:
    encoded = b64encode(secret.encode()).decode().rstrip("=")
    return {secret, quote(secret, safe=""), repr(secret)[1:-1], encoded}


@pytest.fixture
def witness(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[Witness]:
    """Judged at the end, with every log record of every logger and both streams."""
    seen = Witness()
    with _everything_is_logged(caplog):
        yield seen
    streams = capfd.readouterr()
    seen.said += [record.getMessage() for record in caplog.records]
    seen.said += [caplog.text, streams.out, streams.err]
    assert seen.leaks() == []


@contextmanager
def _everything_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """DEBUG everywhere, whatever a library has set for itself."""
    names = [name for name in logging.root.manager.loggerDict if not name.startswith("faker")]
    loggers = [logging.getLogger(name) for name in names]
    levels = [(each, each.level) for each in loggers]
    for each in loggers:
        each.setLevel(logging.NOTSET)
    with caplog.at_level(logging.DEBUG):
        yield
    for each, level in levels:
        each.setLevel(level)


def worlds() -> Iterator[tuple[str, Connector, World]]:
    """Those of the connectors, and those in which declared systems are tried."""
    for name in registry.connector_names():
        yield name, registry.connector(name), world(name)
    for kind in filter(_has_worlds, kinds()):  # that each has some is test_declared_conformance's
        for name, (connector, its_world) in (
            import_module(f"connectors.{kind}.conformance").worlds().items()
        ):
            if not its_world.counterpart.startswith("SQLite"):  # a file has no secret
                yield f"{kind}: {name}", connector, its_world


def _has_worlds(kind: str) -> bool:
    return find_spec(f"connectors.{kind}.conformance") is not None


_WORLDS = tuple(worlds())


def every(of: Callable[[Connector], tuple[Any, ...]]) -> list[Any]:
    return [
        pytest.param(
            connector,
            entry,
            its_world,
            marks=() if name == "desk" else (pytest.mark.slow,),
            id=f"{name}-{entry.name}",
        )
        for name, connector, its_world in _WORLDS
        for entry in of(connector)
    ]


@pytest.mark.parametrize(("connector", "operation", "its_world"), every(lambda c: c.operations))
def test_an_operation_says_no_secret(connector, operation, its_world, tmp_path, witness):
    name = operation.name
    case = Case(connector, operation, its_world, its_world.fresh(tmp_path))
    good = witness.knows(case.writer())
    witness.knows(its_world.reader(case.address))
    assert witness.secrets or not good.secret, "too short a secret to be looked for"
    params = case.params
    before = witness.tries(lambda: case.read(params))
    assert before is not None, witness.said[-5:]
    result = witness.tries(lambda: case.execute(params, before, "one"))
    witness.tries(lambda: case.lookup(params, "one"))
    given = result or Result("never-was", before.version)
    witness.tries(lambda: case.compensate(params, before, given, "one-back"))
    _open(connector, good, witness)
    calls = cycle(
        (
            ("read", lambda: case.read(params)),
            ("execute", lambda: case.execute(params, before, "two")),
            ("lookup", lambda: case.lookup(params, "two")),
        )
    )
    for kind in get_args(FaultKind):
        call, act = next(calls)
        its_world.arm(case.address, name, kind, call)
        witness.tries(act)
    for bad in _bad(good):
        with_bad = replace(case, world=replace(its_world, reader=lambda _, bad=bad: bad))
        witness.tries(lambda with_bad=with_bad: with_bad.read(params))
    its_world.unplug(case.address)
    witness.tries(lambda: case.read(params))
    witness.tries(lambda: case.execute(params, before, "three"))
    assert len(witness.errors) > 3, "nothing went wrong, so nothing was tried"


@pytest.mark.parametrize(("connector", "finder", "its_world"), every(lambda c: c.finders))
def test_a_finder_says_no_secret(connector, finder, its_world, tmp_path, witness):
    name = finder.name
    address = its_world.fresh(tmp_path)
    reader = witness.knows(its_world.reader(address))
    assert witness.secrets or not reader.secret, "too short a secret to be looked for"
    words = its_world.searches[name].words

    def find(credential: Credential = reader) -> object:
        with opened(connector, credential) as session:
            witness.sees(session)
            return finder.find(session, words)

    assert witness.tries(find), witness.said[-5:]
    for kind in get_args(FaultKind):
        its_world.arm(address, name, kind, "find")
        witness.tries(find)
    for bad in _bad(reader):
        witness.tries(lambda bad=bad: find(bad))
    its_world.unplug(address)
    witness.tries(find)
    assert len(witness.errors) > 3, "nothing went wrong, so nothing was tried"


def _open(connector: Connector, credential: Credential, witness: Witness) -> None:
    with opened(connector, credential) as session:
        witness.sees(session, connector.identify(session))


def _bad(good: Credential) -> tuple[Credential, ...]:
    other = "sandbox" if good.environment == "production" else "production"
    return (
        replace(good, secret=f"{good.secret}x"),
        replace(good, account="nobody"),
        replace(good, environment=other),
        replace(good, address=f"{good.address}/nowhere"),
        replace(good, scopes=frozenset()),
    )


@pytest.mark.parametrize("wrapped", ["{}", "https://x.example/?k={}", "'{}'"])
def test_a_leak_would_be_seen(wrapped):
    secret = "a+secret/with=signs"
    witness = Witness()
    witness.knows(Credential("a", "sandbox", frozenset(), "", secret))
    assert witness.leaks() == []
    for text in (secret, quote(secret, safe=""), b64encode(secret.encode()).decode()):
        witness.said = [wrapped.format(text)]
        assert witness.leaks() != []
    witness.said = []
    witness.raised(ValueError(secret))
    assert witness.leaks() != []
    assert safe(secret, (secret,)) == "[removed]"
