"""A branch's protection as plain settings, and the request that makes settings of them again.

GitHub replaces a protection as a whole ("overwrites"), so whatever is not to change is sent as it
was read. Signed commits are another setting of GitHub's, which this leaves alone:
https://docs.github.com/en/rest/branches/branch-protection#update-branch-protection
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.operation import Value

ANY_APP = -1  # left out, GitHub would bind the check to whichever app reported it last

UNPROTECTED: Mapping[str, Value] = {
    "is_protected": False,
    "pull_request": "not_required",
    "approvals": 0,
    "code_owners": "not_required",
    "last_push_approval": "not_required",
    "stale_approvals": "kept",
    "dismissal": None,
    "bypass": None,
    "checks": [],
    "checks_required": False,
    "up_to_date": "not_required",
    "admins": "exempt",
    "pushers": None,
    "force_pushes": "allowed",
    "deletions": "allowed",
    "linear_history": "not_required",
    "conversations": "not_required",
    "new_branches": "allowed",
    "lock": "open",
    "fork_syncing": "refused",
}


def fields_of(said: Mapping[str, Any]) -> dict[str, Value]:
    """The settings of a protection as GitHub says it."""
    reviews = said.get("required_pull_request_reviews")
    checks = said.get("required_status_checks")
    return {
        "is_protected": True,
        "pull_request": _required(reviews is not None),
        "approvals": int((reviews or {}).get("required_approving_review_count") or 0),
        "code_owners": _required((reviews or {}).get("require_code_owner_reviews")),
        "last_push_approval": _required((reviews or {}).get("require_last_push_approval")),
        "stale_approvals": "dismissed" if (reviews or {}).get("dismiss_stale_reviews") else "kept",
        "dismissal": _actors((reviews or {}).get("dismissal_restrictions")),
        "bypass": _actors((reviews or {}).get("bypass_pull_request_allowances")),
        "checks": _checks(checks or {}),
        "checks_required": checks is not None,
        "up_to_date": _required((checks or {}).get("strict")),
        "admins": "included" if _is_on(said, "enforce_admins") else "exempt",
        "pushers": _actors(said.get("restrictions")),
        "force_pushes": "allowed" if _is_on(said, "allow_force_pushes") else "refused",
        "deletions": "allowed" if _is_on(said, "allow_deletions") else "refused",
        "linear_history": _required(_is_on(said, "required_linear_history")),
        "conversations": _required(_is_on(said, "required_conversation_resolution")),
        "new_branches": "refused" if _is_on(said, "block_creations") else "allowed",
        "lock": "locked" if _is_on(said, "lock_branch") else "open",
        "fork_syncing": "allowed" if _is_on(said, "allow_fork_syncing") else "refused",
    }


def body_of(fields: Mapping[str, Value]) -> dict[str, Any]:
    """The request that makes a protection of these settings."""
    return {
        "required_status_checks": _checks_body(fields),
        "enforce_admins": fields["admins"] == "included",
        "required_pull_request_reviews": _reviews_body(fields),
        "restrictions": fields["pushers"],
        "required_linear_history": fields["linear_history"] == "required",
        "allow_force_pushes": fields["force_pushes"] == "allowed",
        "allow_deletions": fields["deletions"] == "allowed",
        "required_conversation_resolution": fields["conversations"] == "required",
        "block_creations": fields["new_branches"] == "refused",
        "lock_branch": fields["lock"] == "locked",
        "allow_fork_syncing": fields["fork_syncing"] == "allowed",
    }


def is_weaker(before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    """Whether any setting protects less than it did."""
    strict = {
        "pull_request": "required",
        "admins": "included",
        "force_pushes": "refused",
        "deletions": "refused",
    }
    return bool(after["approvals"] < before["approvals"]) or any(
        before[name] == value != after[name] for name, value in strict.items()
    )


def _reviews_body(fields: Mapping[str, Value]) -> dict[str, Any] | None:
    if fields["pull_request"] != "required":
        return None
    body: dict[str, Any] = {
        "required_approving_review_count": fields["approvals"],
        "dismiss_stale_reviews": fields["stale_approvals"] == "dismissed",
        "require_code_owner_reviews": fields["code_owners"] == "required",
        "require_last_push_approval": fields["last_push_approval"] == "required",
    }
    if fields["dismissal"] is not None:
        body["dismissal_restrictions"] = fields["dismissal"]
    if fields["bypass"] is not None:
        body["bypass_pull_request_allowances"] = fields["bypass"]
    return body


def _checks_body(fields: Mapping[str, Value]) -> dict[str, Any] | None:
    if not fields["checks_required"]:
        return None
    checks = [
        {"context": each["name"], "app_id": ANY_APP if each["app"] is None else int(each["app"])}
        for each in fields["checks"]
    ]
    return {"strict": fields["up_to_date"] == "required", "checks": checks}


def _checks(said: Mapping[str, Any]) -> list[Value]:
    found = [
        {"name": str(each["context"]), "app": each.get("app_id")}
        for each in said.get("checks") or [{"context": c} for c in said.get("contexts") or []]
    ]
    return sorted(found, key=lambda check: str(check["name"]))


def _actors(said: Mapping[str, Any] | None) -> Value:
    """People, teams and apps by the names that a request takes; None where nothing is limited."""
    if said is None:
        return None
    return {
        "users": sorted(str(each["login"]) for each in said.get("users") or ()),
        "teams": sorted(str(each["slug"]) for each in said.get("teams") or ()),
        "apps": sorted(str(each["slug"]) for each in said.get("apps") or ()),
    }


def _required(is_required: object) -> str:
    return "required" if is_required else "not_required"


def _is_on(said: Mapping[str, Any], name: str) -> bool:
    return bool((said.get(name) or {}).get("enabled"))
