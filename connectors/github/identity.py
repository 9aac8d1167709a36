"""Who a session is at GitHub: "acme/assent-bot", as GitHub itself says both halves."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.github.answers import Answer
from connectors.github.people import membership
from connectors.github.session import Session, asked_as_app
from connectors.operation import Identity
from connectors.wire import Call, unreadable

# What a classic token's scopes open, as operations name it.
# https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
_ISSUES = frozenset({"issues:read", "issues:write"})
_ADMINISTRATION = frozenset({"administration:read", "administration:write"})
_CLASSIC: Mapping[str, frozenset[str]] = {
    "repo": _ISSUES | _ADMINISTRATION,
    "public_repo": _ISSUES | _ADMINISTRATION,
    "admin:org": frozenset({"members:read", "members:write"}),
    "write:org": frozenset({"members:read", "members:write"}),
    "read:org": frozenset({"members:read"}),
}


def identify(session: Session) -> Identity:
    """The organization and the login ("acme/assent-bot"; an app's is "acme/its-slug[bot]"), as
    GitHub says both; the login alone for who is in no organization. Raises of the tree."""
    if session.installation is not None:
        return _app(session)
    answer = session.get("/user", "the account itself")
    login = _text(session, answer, "login")
    organization = session.organization
    role, is_invited = membership(session, login, organization)
    account = f"{organization}/{login}" if role and not is_invited else login
    return Identity(account, None, _classic(answer))


def _app(session: Session) -> Identity:
    """An app is "its organization/slug[bot]", with the permissions of its installation."""
    assert session.installation is not None
    slug = _text(session, asked_as_app(session, "the app itself", "/app"), "slug")
    path = f"/app/installations/{session.installation.installation_id}"
    answer = asked_as_app(session, "the installation of the app", path)
    try:
        owner = str(answer.body["account"]["login"])
        permissions = dict(answer.body["permissions"])
    except (KeyError, TypeError, ValueError):
        raise unreadable(session.peer, Call("the installation", is_write=False), "no app") from None
    scopes = frozenset(
        f"{name}:{kind}"
        for name, level in permissions.items()
        for kind in ({"read"} if level == "read" else {"read", "write"})
    )
    return Identity(f"{owner}/{slug}[bot]", None, scopes)


def _classic(answer: Answer) -> frozenset[str] | None:
    """The scopes of a classic token; GitHub does not say those of a fine-grained one."""
    said = answer.headers.get("x-oauth-scopes")
    if said is None:
        return None
    named = (scope.strip() for scope in said.split(","))
    return frozenset[str]().union(*(_CLASSIC.get(scope, frozenset()) for scope in named))


def _text(session: Session, answer: Answer, name: str) -> str:
    found = answer.body.get(name) if isinstance(answer.body, dict) else None
    if not isinstance(found, str) or not found:
        raise unreadable(session.peer, Call("the account", is_write=False), f"no {name}")
    return found
