"""`jira.comment`: comment on an issue.

The comment carries Assent's key as an entity property of its own. Taking it back deletes it; the
issue is marked with the key of that first, so that a lost answer is found: marked, and gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors import wire
from connectors.errors import Rejected
from connectors.jira import adf, issues
from connectors.jira.edit import GUARD, check_unchanged, is_changed, never_was, version_after
from connectors.jira.issues import IssueKey
from connectors.jira.marks import Mark, check_same, digest, mark_name, read_mark
from connectors.jira.session import SYSTEM, Session, segment
from connectors.operation import (
    Irreversible,
    Operation,
    Params,
    Result,
    Reversible,
    Snapshot,
    Value,
)
from connectors.text import Text
from connectors.wire import Call

SCOPES = issues.READ_SCOPES | {"comments:write"}
COMMENTS_MAX = 100  # newest of an issue among which ours is looked for
PROPERTY = "assent"
TAKING_BACK = ("DELETE_OWN_COMMENTS", "EDIT_ISSUES")  # the second to mark the issue before

Body = Mapping[str, Any]


class CommentParams(Params):
    """Which issue, and what to say. Everybody who sees the issue sees it."""

    issue: IssueKey
    text: Text


def read(session: Session, params: CommentParams) -> Snapshot:
    """The issue with the number of its comments and the newest of them."""
    session.require(issues.READ_SCOPES)
    shown = _show(session, params)
    return replace(shown, about={**shown.about, "lacks": _lacks(session, params.issue)})


def preview(params: CommentParams, before: Snapshot) -> Mapping[str, Value]:
    """One comment more."""
    after = {"comments": before.fields["comments"] + 1, "last_comment": params.text}
    return issues.changes(before, after)


def facts(_params: CommentParams, before: Snapshot) -> Mapping[str, Value]:
    """What policy judges it on."""
    return {**issues.facts(before), "issue.comments": before.fields["comments"]}


def undo(_params: CommentParams, now: Snapshot) -> Reversible | Irreversible:
    """A comment can be deleted by whom Jira lets; who was notified of it has read it."""
    if now.about["lacks"]:
        return Irreversible(f"the account lacks {' and '.join(now.about['lacks'])} in Jira")
    return Reversible("the comment is deleted again; who got it by mail keeps that")


def execute(session: Session, params: CommentParams, before: Snapshot, key: str) -> Result:
    """One comment under `key`. Conflict where the issue is not as `before` has it."""
    session.require(SCOPES)
    if (earlier := _find(session, params, key)) is not None:
        return earlier
    live = _show(session, params)
    if is_changed(live, before) and (earlier := _find(session, params, key)) is not None:
        return earlier  # the same call, at the same moment
    check_unchanged(live, before)
    mark = Mark("jira.comment", digest(params), {}, {})
    call = Call(f"a comment on issue {params.issue}", is_write=True, scope="comments:write")
    body = {
        "body": adf.document(params.text),
        "properties": [{"key": PROPERTY, "value": _property(mark, key)}],
    }
    said = session.send("POST", f"issue/{segment(params.issue)}/comment", call, body)
    if not isinstance(said, Mapping) or not said.get("id"):
        raise wire.unreadable(session.peer, call, "no comment")
    return Result(str(said["id"]), version_after(session, params.issue))


def lookup(session: Session, params: CommentParams, key: str) -> Result | None:
    """The comment under `key`, or its having been taken back under it."""
    session.require(issues.READ_SCOPES)
    return _find(session, params, key)


def compensate(
    session: Session, params: CommentParams, before: Snapshot, result: Result, key: str
) -> Result:
    """Delete the comment, once."""
    del before
    session.require(SCOPES)
    reference, name = result.reference, mark_name(key)
    issue = issues.load(session, params.issue, marks=(name,))
    comment = _comment(session, params.issue, reference)
    if (earlier := issue.marks.get(name)) is not None:
        check_same(earlier, "jira.comment", params, takes_back=reference)
        if comment is None:
            return Result(name, issue.version, is_replay=True)
    if comment is None:
        raise never_was(reference)
    _check_ours(session, params, comment, reference, name)
    if lacks := _lacks(session, params.issue):
        raise Rejected(
            f"The comment cannot be deleted: the account lacks {' and '.join(lacks)} in Jira.",
            next_step="Nothing was deleted; grant it, or delete the comment by hand.",
        )
    if earlier is None:
        _announce(session, params, reference, name)
    call = Call(f"a comment on issue {params.issue}", is_write=True, scope="comments:write")
    path = f"issue/{segment(params.issue)}/comment/{segment(reference)}"
    session.send("DELETE", path, call, {})
    return Result(name, version_after(session, params.issue))


def _show(session: Session, params: CommentParams) -> Snapshot:
    issue = issues.load(session, params.issue)
    page = _page(session, params.issue, 1)
    newest = next(iter(issues.objects(page["comments"])), None)
    last = adf.plain(newest.get("body")) if newest else ""
    return issue.snapshot({"comments": issues.count(page.get("total")), "last_comment": last}, {})


def _lacks(session: Session, key: str) -> list[str]:
    """Which of Jira's permissions the account lacks to take a comment on the issue back."""
    call = Call(f"issue {key}", is_write=False, scope="issues:read")
    asked = {"issueKey": key, "permissions": ",".join(TAKING_BACK)}
    body = session.get("mypermissions", call, asked)
    held = issues.part(body if isinstance(body, Mapping) else {}, "permissions")
    return [p for p in TAKING_BACK if issues.part(held, p).get("havePermission") is not True]


def _find(session: Session, params: CommentParams, key: str) -> Result | None:
    name = mark_name(key)
    issue = issues.load(session, params.issue, marks=(name,))
    if (back := issue.marks.get(name)) is not None:
        check_same(back, "jira.comment", params, takes_back=None)
        is_gone = _comment(session, params.issue, back.takes_back) is None
        return Result(name, issue.version, is_replay=True) if is_gone else None
    for comment in issues.objects(_page(session, params.issue, COMMENTS_MAX)["comments"]):
        if not _may_be_ours(session, params, comment):
            continue
        reference = issues.text(comment.get("id"))
        if _mark_of(session, reference) == (digest(params), name):
            return Result(reference, issue.version, is_replay=True)
    return None


def _may_be_ours(session: Session, params: CommentParams, comment: Body) -> bool:
    author = issues.part(comment, "author").get("accountId")
    return author == session.account_id and adf.plain(comment.get("body")) == params.text


def _check_ours(
    session: Session, params: CommentParams, comment: Body, reference: str, name: str
) -> None:
    """Raises Rejected unless the comment is as Assent wrote it, under another key than this."""
    marked = _mark_of(session, reference)
    if marked is None or marked[0] != digest(params):
        raise never_was(reference)
    if marked[1] == name:
        raise Rejected(
            "This key was used for the comment itself.",
            next_step="Nothing was deleted; taking back needs a key of its own.",
        )
    if not _may_be_ours(session, params, comment):
        raise Rejected(
            "The comment can no longer be taken back: somebody changed it since.",
            next_step="Nothing was deleted; look at it in Jira.",
        )


def _announce(session: Session, params: CommentParams, reference: str, name: str) -> None:
    """Marks the issue with the key of the taking back; the deletion itself can carry nothing."""
    mark = Mark("jira.comment", digest(params), {}, {}, takes_back=reference)
    call = Call(f"issue {params.issue}", is_write=True, scope="comments:write")
    path = f"issue/{segment(params.issue)}/properties/{segment(name)}"
    session.send("PUT", path, call, mark.as_property(name)["value"])


def _page(session: Session, key: str, maximum: int) -> Body:
    """The newest comments, with how many there are."""
    call = Call(f"the comments of issue {key}", is_write=False, scope="issues:read")
    asked = {"orderBy": "-created", "maxResults": maximum}
    body = session.get(f"issue/{segment(key)}/comment", call, asked)
    if not isinstance(body, Mapping) or not isinstance(body.get("comments"), list):
        raise wire.unreadable(session.peer, call, "no comments")
    return body


def _comment(session: Session, key: str, reference: str) -> Body | None:
    if not (reference.isascii() and reference.isdigit()):
        return None
    call = Call(f"a comment on issue {key}", is_write=False, scope="issues:read")
    found = session.find(f"issue/{segment(key)}/comment/{reference}", call)
    if found is not None and not isinstance(found, Mapping):
        raise wire.unreadable(session.peer, call, "no comment")
    return found


def _property(mark: Mark, key: str) -> Mapping[str, Value]:
    name = mark_name(key)
    value: Mapping[str, Value] = mark.as_property(name)["value"]
    return {**value, "name": name}


def _mark_of(session: Session, reference: str) -> tuple[str, str] | None:
    """What the comment's own mark says: the parameters' digest and the name made of the key."""
    call = Call("a comment's mark", is_write=False, scope="issues:read")
    body = session.find(f"comment/{segment(reference)}/properties/{PROPERTY}", call)
    value = issues.part(body if isinstance(body, Mapping) else {}, "value")
    mark = read_mark(value)
    return None if mark is None else (mark.params_sha256, issues.text(value.get("name")))


OPERATION = Operation(
    name="jira.comment",
    title="Comment on an issue",
    system=SYSTEM,
    params=CommentParams,
    scopes=SCOPES,
    fact_types={**issues.FACT_TYPES, "issue.comments": "int"},
    read=read,
    preview=preview,
    facts=facts,
    execute=execute,
    lookup=lookup,
    undo=undo,
    compensate=compensate,
    guard=GUARD,
    remembers="mark",
)
