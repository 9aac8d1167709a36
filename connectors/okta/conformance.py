"""Okta as a world for the conformance suite."""

from __future__ import annotations

import itertools
from pathlib import Path

from connectors.conformance.behind import Behind
from connectors.conformance.proxy import Proxy, Refusals
from connectors.conformance.serving import TENANT
from connectors.conformance.world import FaultedCall, FaultKind, Sample, Search, World
from connectors.credentials import Credential
from connectors.okta import standin
from connectors.okta.accounts import SCOPES as ACCOUNT_SCOPES
from connectors.okta.memberships import SCOPES as MEMBERSHIP_SCOPES
from connectors.okta.okta_reset_sessions import SCOPES as SESSION_SCOPES
from connectors.okta.standin import ORG, ORGS, Org, group, user
from connectors.opening import opened

DANA, OMAR, IVY, ROOT = (f"00u{name:0>17}" for name in ("dana", "omar", "ivy", "root"))
READERS, ADMINS, EVERYONE = (f"00g{name:0>17}" for name in ("readers", "admins", "everyone"))
WRITER_TOKEN, READER_TOKEN = "00writerQ7n2vYl5cT8x0", "00readerB4m9kRw1pZ6s0"
WRITER, READER = "assent@acme.example", "assent-reader@acme.example"
SCOPES = MEMBERSHIP_SCOPES | ACCOUNT_SCOPES | SESSION_SCOPES

_numbers = itertools.count(1)
_SYSTEMS: Behind[Org] = Behind()


def fresh(_folder: Path) -> str:
    """An organisation of its own in the one stand-in."""
    tenant = str(next(_numbers))
    ORGS[tenant] = made = seeded()
    proxy = Proxy(
        standin.address(),
        Refusals(
            refused=b'{"errorCode":"E0000006","errorSummary":"You do not have permission"}',
            busy=b'{"errorCode":"E0000047","errorSummary":"API call exceeded rate limit"}',
            unavailable=b'{"errorCode":"E0000009","errorSummary":"Internal Server Error"}',
        ),
        headers={TENANT: tenant},
    )
    return _SYSTEMS.put(proxy, made)


def seeded() -> Org:
    """Four people, a group with an application, one of administrators, and the built-in one."""
    tokens = {WRITER_TOKEN: (WRITER, True), READER_TOKEN: (READER, False)}
    made = Org("acme.okta.com", tokens)
    for user_id, login, name, status in (
        (DANA, "dana@acme.example", "Dana Cole", "ACTIVE"),
        (OMAR, "omar@acme.example", "Omar Reyes", "ACTIVE"),
        (IVY, "ivy@acme.example", "Ivy Tran", "SUSPENDED"),
        (ROOT, "root@acme.example", "Root", "ACTIVE"),
        (f"00u{'assent':0>17}", WRITER, "Assent", "ACTIVE"),
        (f"00u{'reader':0>17}", READER, "Assent reader", "ACTIVE"),
    ):
        made.users[user_id] = user(user_id, login, name, status)
    made.groups = {
        READERS: group(READERS, "Billing readers"),
        ADMINS: group(ADMINS, "Administrators"),
        EVERYONE: group(EVERYONE, "Everyone", "BUILT_IN"),
    }
    made.members = {READERS: [OMAR], ADMINS: [OMAR], EVERYONE: [OMAR, IVY, ROOT]}
    made.roles = {ADMINS: ["ORG_ADMIN"], OMAR: ["ORG_ADMIN"], ROOT: ["SUPER_ADMIN"]}
    made.apps = {READERS: ["Billing"]}
    made.events = [("user.session.start", DANA)]
    return made


def org(address: str) -> Org:
    """What the stand-in holds for that system."""
    return _SYSTEMS[address][1]


def proxy(address: str) -> Proxy:
    """The wire of that system."""
    return _SYSTEMS[address][0]


def writer(address: str, _operation: str) -> Credential:
    """The service account that may write."""
    return Credential(f"{ORG}/{WRITER}", "production", SCOPES, address, WRITER_TOKEN)


def reader(address: str) -> Credential:
    """One that Okta lets only read."""
    held = frozenset(each for each in SCOPES if each.endswith(":read"))
    return Credential(f"{ORG}/{READER}", "production", held, address, READER_TOKEN)


def arm(address: str, _name: str, kind: FaultKind, call: FaultedCall) -> None:
    """A write is told by its method."""
    from connectors.okta.connector import CONNECTOR

    with opened(CONNECTOR, writer(address, "")), opened(CONNECTOR, reader(address)):
        """Both are known by now: no call says who asks while the fault is armed."""
    _SYSTEMS.arm(address, _name, kind, call)


def fingerprint(address: str) -> str:
    """All that the organisation holds."""
    return repr(org(address))


def disturb(address: str, operation: str) -> None:
    """Somebody renames the person of the operation's sample."""
    person = WORLD.samples[operation].params["person"]
    profile = org(address).users[person]["profile"]
    profile["login"] = f"renamed-{profile['login']}"


WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=_SYSTEMS.unplug,
    samples={
        "okta.add_to_group": Sample(
            params={"person": DANA, "group": READERS},
            other=None,
            refused=({"person": DANA, "group": EVERYONE},),
        ),
        "okta.remove_from_group": Sample(
            params={"person": OMAR, "group": READERS},
            other=None,
            refused=({"person": OMAR, "group": ADMINS}, {"person": OMAR, "group": EVERYONE}),
        ),
        "okta.suspend": Sample(params={"person": DANA}, other=None, refused=({"person": ROOT},)),
        "okta.restore": Sample(params={"person": IVY}, other=None),
        "okta.reset_sessions": Sample(params={"person": DANA}, other=None, final={"person": DANA}),
    },
    searches={
        "okta.find_people": Search("suspend dana@acme.example", DANA, "Dana Col"),
        "okta.find_groups": Search("the group 'Billing readers'", READERS, "Billing"),
    },
    counterpart="our own stand-in, strict as Okta's reference; reads and writes also against npm"
    " emulate 0.12.2",
    disturb=disturb,
)
