"""`github.protect_branch`: approvals before merging, and who may do without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from connectors.github import repositories
from connectors.github.names import Branch, Repository
from connectors.github.protection import UNPROTECTED, body_of, fields_of, is_weaker
from connectors.github.session import SYSTEM, Session, part
from connectors.github.state import LAG_SECONDS, changes, snapshot, state
from connectors.operation import Guard, Irreversible, Operation, Params, Reversible, Snapshot, Value

READ_SCOPE = "administration:read"
WRITE_SCOPE = "administration:write"
READ_SCOPES = frozenset({READ_SCOPE})
SCOPES = READ_SCOPES | {WRITE_SCOPE}
APPROVALS_MAX = 6  # GitHub's own bound


class BranchParams(Params):
    """Which branch, and what is required of it; every other setting stays as it is."""

    repository: Repository
    branch: Branch
    approvals: Annotated[int, Field(ge=0, le=APPROVALS_MAX)]
    admins: Literal["included", "exempt"]
    force_pushes: Literal["refused", "allowed"]
    deletions: Literal["refused", "allowed"]


def load(session: Session, params: BranchParams) -> Snapshot:
    """The branch's protection, setting by setting; rules of a ruleset are no part of it."""
    repo = repositories.load(session, params.repository, READ_SCOPE)
    resource = f"branch {params.branch} of {repo.name}"
    path = f"/repos/{repo.name}/branches/{part(params.branch)}"
    branch = session.get(path, resource, READ_SCOPE).body
    found = None
    with session.understood(resource):
        is_protected = bool(branch["protected"])
    if is_protected:
        found = session.find(
            f"{path}/protection", f"protection of {resource}", READ_SCOPE, "branch not protected"
        )  # protected by a ruleset alone; any other 404 is a right that lacks
    with session.understood(f"protection of {resource}"):
        fields = dict(UNPROTECTED) if found is None else fields_of(found.body)
    is_default = params.branch == repo.default_branch
    return snapshot(resource, fields, {**repo.about, "branch_is_default": is_default})


def preview(params: BranchParams, before: Snapshot) -> Mapping[str, Value]:
    """The settings that change. An approval is given on a pull request, so that is required too."""
    is_required = params.approvals > 0 or before.fields["pull_request"] == "required"
    wanted = {
        "is_protected": True,
        "pull_request": "required" if is_required else "not_required",
        "approvals": params.approvals,
        "admins": params.admins,
        "force_pushes": params.force_pushes,
        "deletions": params.deletions,
    }
    changed = changes(before, wanted)
    if changed:
        repositories.refuse_archived(before.resource, before.about)
    return changed


def facts(params: BranchParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    after = {
        **before.fields,
        "approvals": params.approvals,
        "admins": params.admins,
        "force_pushes": params.force_pushes,
        "deletions": params.deletions,
    }
    return {
        "branch.is_default": before.about["branch_is_default"],
        "branch.is_protected": before.fields["is_protected"],
        "protection.is_weaker": is_weaker(before.fields, after),
        "protection.approvals": params.approvals,
        "repository.name": before.about["repository"],
        "repository.is_private": before.about["repository_is_private"],
        "repository.is_archived": before.about["repository_is_archived"],
    }


def undo(_params: BranchParams, _now: Snapshot) -> Reversible | Irreversible:
    """The earlier settings can be set again."""
    return Reversible("the earlier protection comes back, while nobody else changes it")


def apply(
    session: Session, params: BranchParams, live: Snapshot, after: Mapping[str, Value]
) -> None:
    """The whole protection in one call."""
    path = f"/repos/{params.repository}/branches/{part(params.branch)}/protection"
    if after["is_protected"]:
        session.write("PUT", path, live.resource, WRITE_SCOPE, body_of(after))
    else:
        session.write("DELETE", path, live.resource, WRITE_SCOPE)


_state = state(READ_SCOPES, SCOPES, load, preview, apply)

OPERATION = Operation(
    name="github.protect_branch",
    title="Protect a branch",
    system=SYSTEM,
    params=BranchParams,
    scopes=SCOPES,
    fact_types={
        "branch.is_default": "bool",
        "branch.is_protected": "bool",
        "protection.is_weaker": "bool",
        "protection.approvals": "int",
        "repository.name": "string",
        "repository.is_private": "bool",
        "repository.is_archived": "bool",
    },
    read=_state.read,
    preview=preview,
    facts=facts,
    execute=_state.execute,
    lookup=_state.lookup,
    undo=undo,
    compensate=_state.compensate,
    guard=Guard("re-read", "every setting of the protection"),
    remembers="state",
    lag_seconds=LAG_SECONDS,
)
