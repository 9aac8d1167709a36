"""AWS IAM Identity Center as a world for the conformance suite: moto's server, made stricter."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from connectors.aws_identity import counterpart
from connectors.aws_identity.counterpart import ACCOUNT, KEYS, REGION
from connectors.conformance.proxy import Proxy, Refusals
from connectors.conformance.world import FaultedCall, FaultKind, Sample, Search, World
from connectors.credentials import Credential
from connectors.opening import opened
from connectors.operation import Connector

SCOPES_READ = frozenset({"people:read", "groups:read", "assignments:read"})
DANA = "11111111-1111-4111-8111-111111111111"
OMAR = "22222222-2222-4222-8222-222222222222"
READERS = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
ADMINS = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
_WRITER, _READER = KEYS

_numbers = itertools.count(1)
_PROXIES: dict[str, Proxy] = {}


def fresh(_folder: Path) -> str:
    """A store of its own in the one server: two people, a group, and one of administrators."""
    store = f"d-{next(_numbers):010x}"
    proxy = Proxy(
        counterpart.address(),
        Refusals(
            refused=b'{"__type":"AccessDeniedException","Message":"not authorized"}',
            busy=b'{"__type":"ThrottlingException","Message":"Rate exceeded"}',
            unavailable=b'{"__type":"ServiceUnavailable","Message":"try again"}',
            content_type="application/x-amz-json-1.1",
        ),
    )
    seed(store)
    address = f"{proxy.address}/{REGION}/{store}"
    _PROXIES[address] = proxy
    return address


def seed(store: str) -> None:
    """The records, under ids that are always the same."""
    from moto.identitystore.models import Group, IdentityStoreData

    data = IdentityStoreData()
    for person_id, login, name in ((DANA, "dana", "Dana Cole"), (OMAR, "omar", "Omar Reyes")):
        data.users[person_id] = user(store, person_id, login, name)
    for group_id, name in ((READERS, "Billing readers"), (ADMINS, "Administrators")):
        data.groups[group_id] = Group(group_id, name, [], "", store)
    for group, person in ((READERS, OMAR), (ADMINS, OMAR)):
        membership = f"{group[:8]}-{person[9:]}"
        data.group_memberships[membership] = {
            "IdentityStoreId": store,
            "MembershipId": membership,
            "GroupId": group,
            "MemberId": {"UserId": person},
        }
    counterpart.stores()[store] = data
    _assign(store)


def user(store: str, person_id: str, login: str, name: str) -> Any:
    """One of moto's users."""
    from moto.identitystore.models import User

    emails = [{"Value": f"{login}@acme.example", "Type": "work"}]
    return User(person_id, store, login, None, name, "", "", emails, [], [], "", "", "", "", "")


def writer(address: str, _operation: str) -> Credential:
    """The role that may write memberships."""
    return _credential(address, _WRITER, SCOPES_READ | {"memberships:write"},
                       f"arn:aws:sts::{ACCOUNT}:assumed-role/assent")  # fmt: skip


def reader(address: str) -> Credential:
    """The user that AWS lets only read."""
    return _credential(address, _READER, SCOPES_READ, KEYS[_READER].arn)


def arm(address: str, name: str, kind: FaultKind, call: FaultedCall) -> None:
    """Every action of AWS is a POST: a write is told by what comes after the reads before it."""
    is_write = call in ("execute", "compensate")
    with opened(_connector(), writer(address, name)), opened(_connector(), reader(address)):
        """Both are known by now: no call says who asks while the fault is armed."""
    _PROXIES[address].arm(kind, _after_reads(READS_BEFORE_WRITE if is_write else 0))


def _connector() -> Connector:
    from connectors.aws_identity.connector import CONNECTOR

    return CONNECTOR


def _after_reads(reads: int) -> Any:
    left = itertools.count()
    return lambda _method, _path: next(left) >= reads


READS_BEFORE_WRITE = 6  # of a membership whose group has no assignments


def fingerprint(address: str) -> str:
    """All that the store holds."""
    data = counterpart.stores()[_store(address)]
    return repr((data.users, data.groups, sorted(map(repr, data.group_memberships.values()))))


def unplug(address: str) -> None:
    """Nobody answers any more."""
    _PROXIES[address].unplug()


def disturb(address: str, _operation: str) -> None:
    """Somebody renames the group."""
    groups = counterpart.stores()[_store(address)].groups
    groups[READERS] = groups[READERS]._replace(DisplayName="Billing writers")


def proxy(address: str) -> Proxy:
    """The wire of that system."""
    return _PROXIES[address]


def _store(address: str) -> str:
    return address.rpartition("/")[2]


def _credential(address: str, key: str, scopes: frozenset[str], arn: str) -> Credential:
    secret = f"{key}:{KEYS[key].secret}"
    return Credential(arn, "production", scopes, address, secret)


def _assign(store: str) -> None:
    """The administrators hold AdministratorAccess in the account."""
    from moto.ssoadmin.models import AccountAssignment, Instance, ManagedPolicy, PermissionSet

    sso = counterpart.sso()
    instance = Instance(ACCOUNT, REGION)
    instance.identity_store_id = store
    held = PermissionSet("Administrator", "", instance.instance_arn, "PT1H", "", [])
    held.managed_policies.append(
        ManagedPolicy("arn:aws:iam::aws:policy/AdministratorAccess", "AdministratorAccess")
    )
    sso.instances = [*sso.instances[-INSTANCES_MAX:], instance]
    sso.permission_sets.append(held)
    sso.account_assignments = [
        *sso.account_assignments[-INSTANCES_MAX:],
        AccountAssignment(
            instance.instance_arn, ACCOUNT, "AWS_ACCOUNT", held.permission_set_arn, "GROUP", ADMINS
        ),
    ]


INSTANCES_MAX = 40  # kept of what worlds made; the systems of older ones are closed

WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=unplug,
    samples={
        "aws_identity.add_to_group": Sample(params={"person": DANA, "group": READERS}, other=None),
        "aws_identity.remove_from_group": Sample(
            params={"person": OMAR, "group": READERS},
            other=None,
            refused=({"person": OMAR, "group": ADMINS},),
        ),
    },
    searches={
        "aws_identity.find_people": Search("dana@acme.example", DANA, "Dana"),
        "aws_identity.find_groups": Search("the group 'Billing readers'", READERS, "Billing"),
    },
    counterpart="PyPI moto 5.2.5, with AWS's signatures, permissions and duplicates checked",
    disturb=disturb,
    says_environment=False,
    unproven={
        "check_undo_is_honest": "every write of it can be taken back",
    },
)
