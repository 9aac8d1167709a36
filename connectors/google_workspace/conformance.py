"""Google Workspace as a world for the conformance suite."""

from __future__ import annotations

import itertools
from pathlib import Path

from connectors.conformance.behind import Behind
from connectors.conformance.proxy import Proxy, Refusals
from connectors.conformance.serving import TENANT
from connectors.conformance.world import FaultedCall, FaultKind, Sample, Search, World
from connectors.credentials import Credential
from connectors.google_workspace import standin
from connectors.google_workspace.accounts import SCOPES as ACCOUNT_SCOPES
from connectors.google_workspace.google_workspace_reset_sessions import SCOPES as SESSION_SCOPES
from connectors.google_workspace.memberships import SCOPES as MEMBERSHIP_SCOPES
from connectors.google_workspace.standin import CUSTOMER, DOMAINS, Domain, key_file, user
from connectors.opening import opened

DANA, OMAR, IVY, ROOT, SELF, OLGA = (f"1{number:020d}" for number in range(1, 7))
READERS, ADMINS = "01readers0000aa", "01admins00000bb"
WRITER_KEY, READER_KEY = "assent@p.iam.example", "assent-reader@p.iam.example"
ADMIN = "assent@acme.example"
SCOPES = MEMBERSHIP_SCOPES | ACCOUNT_SCOPES | SESSION_SCOPES

_numbers = itertools.count(1)
_SYSTEMS: Behind[Domain] = Behind()


def fresh(_folder: Path) -> str:
    """A customer of its own in the one stand-in."""
    tenant = str(next(_numbers))
    DOMAINS[tenant] = made = seeded()
    proxy = Proxy(
        standin.address(),
        Refusals(
            refused=b'{"error":{"code":403,"message":"Not Authorized","errors":[]}}',
            busy=b'{"error":{"code":429,"message":"Quota exceeded","errors":[]}}',
            unavailable=b'{"error":{"code":503,"message":"Backend Error","errors":[]}}',
        ),
        headers={TENANT: tenant},
    )
    return _SYSTEMS.put(proxy, made)


def seeded() -> Domain:
    """Six people, a group, and one that administers."""
    read = frozenset(each for each in standin.ALL_SCOPES if each.endswith(".readonly"))
    made = Domain({WRITER_KEY: (ADMIN, standin.ALL_SCOPES), READER_KEY: (ADMIN, read)})
    for made_user in (
        user(DANA, "dana@acme.example", "Dana Cole", aliases=["d.cole@acme.example"]),
        user(OMAR, "omar@acme.example", "Omar Reyes", isDelegatedAdmin=True),
        user(IVY, "ivy@acme.example", "Ivy Tran", suspended=True, suspensionReason="ADMIN"),
        user(ROOT, "root@acme.example", "Root", isAdmin=True),
        user(SELF, ADMIN, "Assent", isDelegatedAdmin=True),
        user(OLGA, "olga@acme.example", "Olga Lind", archived=True),
    ):
        made.users[made_user["id"]] = made_user
    for group_id, email, name in (
        (READERS, "billing-readers@acme.example", "Billing readers"),
        (ADMINS, "admins@acme.example", "Administrators"),
    ):
        made.groups[group_id] = {"id": group_id, "email": email, "name": name}
    made.members = {READERS: {ROOT: "OWNER", OMAR: "MANAGER"}, ADMINS: {OMAR: "MEMBER"}}
    made.assigned = [ADMINS, ROOT]
    return made


def domain(address: str) -> Domain:
    """What the stand-in holds for that system."""
    return _SYSTEMS[address][1]


def proxy(address: str) -> Proxy:
    """The wire of that system."""
    return _SYSTEMS[address][0]


def writer(address: str, _operation: str) -> Credential:
    """The service account to which everything needed is delegated."""
    return Credential(f"{CUSTOMER}/{ADMIN}", "production", SCOPES, address, key_file(WRITER_KEY))


def reader(address: str) -> Credential:
    """One to which only reading is."""
    held = frozenset(each for each in SCOPES if each.endswith(":read"))
    return Credential(f"{CUSTOMER}/{ADMIN}", "production", held, address, key_file(READER_KEY))


def arm(address: str, _name: str, kind: FaultKind, call: FaultedCall) -> None:
    """A write is told by its method; giving a token is none, though it is a POST."""
    from connectors.google_workspace.connector import CONNECTOR

    with opened(CONNECTOR, writer(address, "")), opened(CONNECTOR, reader(address)):
        """Both are known by now: no call says who asks while the fault is armed."""
    wants_write = call in ("execute", "compensate")

    def belongs(method: str, path: str) -> bool:
        return path != "/token" and (method != "GET") is wants_write

    _SYSTEMS[address][0].arm(kind, belongs)


def fingerprint(address: str) -> str:
    """All that the customer holds."""
    return repr(domain(address))


def disturb(address: str, operation: str) -> None:
    """Somebody renames the person of the operation's sample."""
    person = WORLD.samples[operation].params["person"]
    domain(address).users[person]["primaryEmail"] = "renamed@acme.example"


WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=_SYSTEMS.unplug,
    samples={
        "google_workspace.add_to_group": Sample(
            params={"person": DANA, "group": READERS}, other=None
        ),
        "google_workspace.remove_from_group": Sample(
            params={"person": OMAR, "group": READERS},
            other=None,
            refused=({"person": OMAR, "group": ADMINS}, {"person": ROOT, "group": READERS}),
        ),
        "google_workspace.suspend": Sample(
            params={"person": DANA},
            other=None,
            refused=({"person": ROOT}, {"person": SELF}),
        ),
        "google_workspace.restore": Sample(params={"person": IVY}, other=None),
        "google_workspace.reset_sessions": Sample(
            params={"person": DANA}, other=None, refused=({"person": OLGA},), final={"person": DANA}
        ),
    },
    searches={
        "google_workspace.find_people": Search("suspend dana@acme.example", DANA, "Dana Cole"),
        "google_workspace.find_groups": Search("the group 'Billing readers'", READERS, "Billing"),
    },
    counterpart="our own stand-in, strict as Google's reference; no package serves this API",
    disturb=disturb,
    says_environment=False,
)
