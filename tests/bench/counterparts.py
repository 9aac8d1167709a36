"""The systems that the benches call, in a process of their own: what they take is not ours.

`python -m tests.bench.counterparts okta jira` makes a fresh one of each from its world of the
conformance suite, says as one line of JSON where they are, and ends when its input does. The
example of a declared kind is named as a bundle names it ("crm").
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from connectors.conformance.world import World, world
from connectors.credentials import Credential
from connectors.operation import Connector
from connectors.registry import connector

# The examples of declared systems: the kind, and which of its worlds.
DECLARED = {"crm": ("sql", "postgresql"), "accounts": ("openapi", ""), "notes": ("mcp", "")}
RECORDS = 80  # more of whatever can be written once alone
START_SECONDS_MAX = 120.0  # npm installs what lacks before the first start


@dataclass(frozen=True)
class Account:
    """A service account at a system that runs; everything in it is invented."""

    address: str
    account: str
    environment: str
    scopes: tuple[str, ...]
    secret: str

    @property
    def credential(self) -> Credential:
        """As a session takes it."""
        return Credential(**{**asdict(self), "scopes": frozenset(self.scopes)})

    @property
    def reading(self) -> Credential:
        """The same, able to read alone."""
        held = frozenset(s for s in self.scopes if not s.endswith(":write"))
        return replace(self.credential, scopes=held)


def of(name: str) -> tuple[Connector, World]:
    """A connector by the name that a bundle calls it, with its world."""
    if name not in DECLARED:
        return connector(name), world(name)
    kind, variant = DECLARED[name]
    worlds: Mapping[str, tuple[Connector, World]] = import_module(
        f"connectors.{kind}.conformance"
    ).worlds()
    return worlds[variant] if variant else next(iter(worlds.values()))


@contextmanager
def serving(*names: str) -> Iterator[Mapping[str, Account]]:
    """Their accounts by name, while they run."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.counterparts", *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # they talk a lot
        cwd=Path(__file__).parents[2],
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        said: Mapping[str, Mapping[str, Any]] = json.loads(process.stdout.readline())
        yield {n: Account(**{**a, "scopes": tuple(a["scopes"])}) for n, a in said.items()}
    finally:
        process.stdin.close()
        process.wait(START_SECONDS_MAX)


def _made(name: str, folder: Path) -> Account:
    its, made = of(name)
    address = made.fresh(folder)
    _planted(name, address)
    credential = made.writer(address, its.operations[0].name)
    return Account(
        address, credential.account, "sandbox",
        tuple(sorted(credential.scopes)), credential.secret,
    )  # fmt: skip


def _planted(name: str, address: str) -> None:
    if name == "stripe":
        from connectors.stripe import conformance as stripe

        front, tenant = stripe.standin(), stripe.PROXIES[address][1]
        for number in range(RECORDS):
            front.charge(tenant, f"ch_bench{number}_", "cus_acme", amount="5000", currency="usd")
    if name == "okta":
        from connectors.okta.conformance import org
        from connectors.okta.standin import user

        org(address).domain = "acme.oktapreview.com"
        for number in range(RECORDS):
            person = f"00u{f'bench{number}':0>17}"
            made = user(person, f"bench{number}@acme.example", f"Bench {number}", "ACTIVE")
            org(address).users[person] = made


def main() -> None:
    """Serves until the input ends."""
    with tempfile.TemporaryDirectory() as folder:
        found = {}
        for name in sys.argv[1:]:
            (Path(folder) / name).mkdir()
            found[name] = asdict(_made(name, Path(folder) / name))
        print(json.dumps(found), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
