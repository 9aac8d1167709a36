"""GitHub as a world for the conformance suite."""

from __future__ import annotations

import hashlib
import itertools
import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from connectors.conformance.loopback import TENANT
from connectors.conformance.node import NodeServer, served
from connectors.conformance.proxy import Belongs, Proxy, Refusals, is_read, is_write
from connectors.conformance.world import FaultedCall, FaultKind, Sample, Search, World
from connectors.credentials import Credential
from connectors.github.standin import (
    NAME,
    ORGANIZATION,
    PEOPLE,
    TOKENS,
    StandIn,
    Tenant,
    token_of,
)

WRITER_TOKEN = "github_pat_11WriterOfTheConformanceWorld"  # noqa: S105 - opens our own stand-in
READER_TOKEN = "github_pat_11ReaderOfTheConformanceWorld"  # noqa: S105 - the same
READ = frozenset({"members:read", "issues:read", "administration:read"})
WRITE = READ | {"members:write", "issues:write", "administration:write"}
REPOSITORY = f"{ORGANIZATION}/{NAME}"
TEAM = f"{NAME}-admins"
REFUSALS = Refusals(
    refused=b'{"message": "Resource not accessible by personal access token"}',
    busy=b'{"message": "You have exceeded a secondary rate limit."}',
    unavailable=b'{"message": "Service unavailable"}',
)

PROXIES: dict[str, tuple[Proxy, Tenant]] = {}
_numbers = itertools.count(1)


@cache
def standin() -> StandIn:
    """What stands before emulate; both run as long as the process."""
    tokens = {
        token_of(login, index): {"login": login} for login in PEOPLE for index in range(TOKENS)
    }
    users = [{"login": login, "name": f"{login.split('-')[0].title()} Lee"} for login in PEOPLE]
    members = [{"login": login, "role": role} for login, role in PEOPLE.items() if role]
    seed = {
        "tokens": tokens,
        "github": {"users": users, "orgs": [{"login": ORGANIZATION, "members": members}]},
    }
    file = Path(mkdtemp(prefix="assent-github-")) / "seed.json"
    file.write_text(json.dumps(seed))
    arguments = ("--service", "github", "--port", "{port}", "--seed", str(file))
    return StandIn(served(NodeServer("emulate", arguments=arguments)))


def fresh(folder: Path) -> str:
    """A repository with two labels, an open and a closed issue, a collaborator and a protected
    branch, a team of two, and a proxy of its own."""
    del folder
    front = standin()
    tenant = Tenant(
        next(_numbers),
        {WRITER_TOKEN: "assent-bot", READER_TOKEN: "assent-reader"},
        frozenset({"assent-reader"}),
    )
    front.tenants[str(tenant.number)] = tenant
    repo, team = f"/repos/{REPOSITORY}", f"/orgs/{ORGANIZATION}/teams/{TEAM}"
    for method, path, body in (
        ("POST", f"/orgs/{ORGANIZATION}/repos", {"name": NAME, "auto_init": True}),
        ("POST", f"{repo}/labels", {"name": "bug", "color": "d73a4a"}),
        ("POST", f"{repo}/labels", {"name": "Urgent", "color": "b60205"}),
        ("POST", f"{repo}/issues", {"title": "Ledger rounds twice", "labels": ["bug"]}),
        ("POST", f"{repo}/issues", {"title": "Old receipts vanish"}),
        ("PATCH", f"{repo}/issues/2", {"state": "closed", "state_reason": "completed"}),
        ("PUT", f"{repo}/collaborators/kim-contractor", {"permission": "pull"}),
        ("POST", f"/orgs/{ORGANIZATION}/teams", {"name": TEAM}),
        ("PUT", f"{team}/memberships/lee-owner", {"role": "maintainer"}),
        ("PUT", f"{team}/memberships/assent-reader", {"role": "member"}),
    ):
        status, _, said = front.call(tenant, method, path, body)
        assert status < 300, (path, status, said)
    proxy = Proxy(front.address, REFUSALS, headers={TENANT: str(tenant.number)})
    PROXIES[proxy.address] = proxy, tenant
    return proxy.address


def writer(address: str, operation: str) -> Credential:
    """The account that may write."""
    del operation
    account = f"{ORGANIZATION}/assent-bot"
    return Credential(account, "production", WRITE, address, WRITER_TOKEN)


def reader(address: str) -> Credential:
    """Another account, with a token that may read alone."""
    account = f"{ORGANIZATION}/assent-reader"
    return Credential(account, "production", READ, address, READER_TOKEN)


def arm(address: str, name: str, kind: FaultKind, call: FaultedCall) -> None:
    """The next request of that call suffers."""
    del name
    calls: dict[FaultedCall, Belongs] = {"execute": is_write, "compensate": is_write}
    PROXIES[address][0].arm(kind, calls.get(call, is_read))


def fingerprint(address: str) -> str:
    """Over all that an operation could change, asked of emulate itself."""
    tenant = PROXIES[address][1]
    repo, team = f"/repos/{REPOSITORY}", f"/orgs/{ORGANIZATION}/teams/{TEAM}"
    held = [
        standin().call(tenant, "GET", path)[2]
        for path in (
            f"{repo}/issues?state=all&per_page=100",
            f"{repo}/labels",
            f"{repo}/collaborators/kim-contractor/permission",
            f"{repo}/branches/main/protection",
            f"{team}/members",
            f"{team}/members?role=maintainer",
        )
    ]
    return hashlib.sha256(
        json.dumps([held, tenant.invitations, tenant.members]).encode()
    ).hexdigest()


def unplug(address: str) -> None:
    """Nobody answers any more."""
    PROXIES[address][0].unplug()


def disturb(address: str, operation: str) -> None:
    """Somebody else, at GitHub's own pages."""
    repo, team = f"/repos/{REPOSITORY}", f"/orgs/{ORGANIZATION}/teams/{TEAM}"
    others = {
        "github.add_team_member": ("PUT", f"{team}/memberships/maya-ops", {"role": "maintainer"}),
        "github.remove_team_member": (
            "PUT", f"{team}/memberships/assent-reader", {"role": "maintainer"},
        ),
        "github.set_repository_role": (
            "PUT", f"{repo}/collaborators/kim-contractor", {"permission": "maintain"},
        ),
        "github.create_issue": ("POST", f"{repo}/issues", {"title": _issue["title"]}),
        "github.set_labels": ("PUT", f"{repo}/issues/1/labels", {"labels": []}),
        "github.set_issue_state": (
            "PATCH", f"{repo}/issues/1", {"state": "closed", "state_reason": "not_planned"},
        ),
        "github.protect_branch": (
            "PUT", f"{repo}/branches/main/protection", {"required_linear_history": True},
        ),
    }  # fmt: skip
    tenant = PROXIES[address][1]
    if operation == "github.remove_from_organization":
        tenant.members["maya-ops"] = "admin"
        return
    method, path, body = others[operation]
    made = standin().call(tenant, method, path, body, "lee-owner")[2]
    if operation == "github.create_issue":
        standin().call(tenant, "PATCH", f"{path}/{made['number']}", {"state": "closed"})


_member = {"organization": ORGANIZATION, "team": TEAM, "login": "maya-ops"}
_leaving = {"organization": ORGANIZATION, "login": "maya-ops"}
_role = {"repository": REPOSITORY, "login": "kim-contractor"}
_issue = {
    "repository": REPOSITORY,
    "title": "Refunds are booked twice",
    "body": "Since Monday each refund appears twice.\n\nSee the report.",
}
_labelled = {"repository": REPOSITORY, "issue": 1}
_branch = {
    "repository": REPOSITORY,
    "branch": "main",
    "approvals": 2,
    "admins": "included",
    "force_pushes": "refused",
    "deletions": "refused",
}

WORLD = World(
    fresh=fresh,
    writer=writer,
    reader=reader,
    arm=arm,
    fingerprint=fingerprint,
    unplug=unplug,
    samples={
        "github.add_team_member": Sample(
            params={**_member, "role": "member"}, other={**_member, "role": "maintainer"}
        ),
        "github.remove_team_member": Sample(
            params={**_member, "login": "assent-reader"}, other=None
        ),
        "github.remove_from_organization": Sample(params=_leaving, other=None, final=_leaving),
        "github.set_repository_role": Sample(
            params={**_role, "role": "write"},
            other={**_role, "role": "triage"},
            refused=({**_role, "login": "lee-owner", "role": "read"},),
        ),
        "github.create_issue": Sample(
            params=_issue,
            other={**_issue, "body": "Another text."},
            refused=(
                {**_issue, "title": "Ledger rounds twice"},
                {**_issue, "labels": ["nonsense"]},
            ),
        ),
        "github.set_labels": Sample(
            params={**_labelled, "labels": ["Urgent", "bug"]},
            other={**_labelled, "labels": ["Urgent"]},
            refused=({**_labelled, "labels": ["bug", "nonsense"]},),
        ),
        "github.set_issue_state": Sample(
            params={**_labelled, "state": "completed"}, other={**_labelled, "state": "not_planned"}
        ),
        "github.protect_branch": Sample(params=_branch, other={**_branch, "approvals": 1}),
    },
    searches={
        "github.find_issues": Search(
            "ledger rounds twice", f"{REPOSITORY}#1", "ledger rounds thrice"
        ),
        "github.find_people": Search("@maya-ops", "maya-ops", "Maya Lee"),
    },
    counterpart=(
        "npm emulate 0.12.2 for teams, issues, labels, branches and the search; our own stand-in"
        " for tokens and what they permit, and for who is in the organization"
    ),
    against={
        "github.remove_from_organization": (
            "our own stand-in, strict as GitHub's reference: emulate has no such memberships"
        ),
        "github.set_repository_role": (
            "npm emulate 0.12.2 for collaborators from outside; our own stand-in for invitations"
        ),
    },
    disturb=disturb,
    says_environment=False,
)
