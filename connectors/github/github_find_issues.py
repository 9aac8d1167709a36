"""`github.find_issues`: issues from a person's words: number with repository, address, or title.

A title is looked for with GitHub's search, whose index is seconds to minutes behind: an issue just
opened may not be found by its words yet; by its number it is.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from connectors.github import issues
from connectors.github.issues import READ_SCOPE, Issue
from connectors.github.session import SYSTEM, Session
from connectors.operation import Finder, Record
from connectors.saying import safe

SCOPES = frozenset({READ_SCOPE})
RECORDS_MAX = 5
WORDS_CHARACTERS_MAX = 500  # of what a person wrote; the rest is not looked at
WORDS_MAX = 8  # words that narrow the search; GitHub takes 256 characters in all
WORD_CHARACTERS_MAX = 24
SEARCHED_MAX = 20  # of GitHub's likenesses, each looked at again
LABEL_CHARACTERS_MAX = 80

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?"
_REPOSITORY = r"[A-Za-z0-9_.-]{1,100}"
_NUMBERED = re.compile(rf"(?<![\w./-])(?:({_NAME})/)?({_REPOSITORY})#([0-9]{{1,9}})\b")
_ADDRESS = re.compile(
    rf"https?://([^/\s]{{1,255}})/({_NAME})/({_REPOSITORY})/(?:issues|pull)/([0-9]{{1,9}})\b"
)
_BARE = re.compile(r"(?<![\w/])#[0-9]+\b")
_STOP_WORDS = frozenset(
    "a an and as at by close for from in is issue issues it of on or please reopen s that the this "  # noqa: SIM905 - reads best as prose
    "titled to with".split()
)


def find(session: Session, words: str) -> tuple[Record, ...]:
    """The matching issues. A number without its repository names none, and an exact number never
    falls back to likeness."""
    session.require(SCOPES)
    words = words[:WORDS_CHARACTERS_MAX]
    exact = _exact(session, words)
    if "://" in words or _BARE.search(words) or _NUMBERED.search(words):
        found = (_one(session, repository, number) for repository, number in exact[:RECORDS_MAX])
        return tuple(record for record in found if record is not None)
    return _titled(session, _words(words))


def _exact(session: Session, words: str) -> list[tuple[str, int]]:
    """Repository and number wherever both are said, of the account's organization alone."""
    here = _web_host(session)
    found = [
        (f"{m[2]}/{m[3]}", int(m[4])) for m in _ADDRESS.finditer(words) if m[1].lower() == here
    ]
    found += [
        (f"{m[1] or session.organization}/{m[2]}", int(m[3]))
        for m in _NUMBERED.finditer(words)
        if m[1] or session.organization
    ]
    organization = session.organization.lower()
    return [
        each
        for each in dict.fromkeys(found)
        if not organization or each[0].partition("/")[0].lower() == organization
    ]


def _web_host(session: Session) -> str:
    return (urlsplit(session.address).hostname or "").removeprefix("api.").lower()


def _one(session: Session, repository: str, number: int) -> Record | None:
    subject = issues.resource_of(repository, number)
    answer = session.find(f"/repos/{repository}/issues/{number}", subject, READ_SCOPE)
    if answer is None:
        return None
    return _record(repository, issues.parsed(session, answer.body, subject))


def _titled(session: Session, wanted: list[str]) -> tuple[Record, ...]:
    if not wanted:
        return ()
    owner = session.organization or session.account
    kind = "org" if session.organization else "user"
    query = f"is:issue {kind}:{owner} in:title {' '.join(wanted)}"
    asked = {"q": query, "per_page": str(SEARCHED_MAX), "sort": "updated"}
    body = session.get("/search/issues", f"issues of {owner}", READ_SCOPE, asked).body
    items = body.get("items") if isinstance(body, dict) else None
    found = []
    for item in items if isinstance(items, list) else []:
        issue = issues.parsed(session, item, "an issue")
        title = set(_words(issue.title, is_whole=True))
        repository = str(item.get("repository_url")).partition("/repos/")[2]
        if all(any(t.startswith(w) for t in title) for w in wanted) and repository:
            found.append(_record(repository, issue))
    return tuple(found[:RECORDS_MAX])


def _words(text: str, *, is_whole: bool = False) -> list[str]:
    """Letters and digits in lower case alone: nothing that GitHub's search takes for more."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("'s", "").replace("’s", "")
    found = [w[:WORD_CHARACTERS_MAX] for w in re.findall(r"[^\W_]+", plain)]
    if is_whole:
        return found
    return [w for w in dict.fromkeys(found) if w not in _STOP_WORDS][:WORDS_MAX]


def _record(repository: str, issue: Issue) -> Record:
    label = safe(f"{repository}#{issue.number} ({issue.state}) {issue.title}")
    return Record(
        kind="issue",
        id=f"{repository}#{issue.number}",
        label=label
        if len(label) <= LABEL_CHARACTERS_MAX
        else label[: LABEL_CHARACTERS_MAX - 1] + "…",
        fields={
            "repository": repository,
            "number": issue.number,
            "title": issue.title,
            "state": issue.state,
            "author": issue.author,
            "url": issue.url,
            "is_pull_request": issue.is_pull_request,
        },
    )


FINDER = Finder(
    name="github.find_issues",
    title="Find issues",
    system=SYSTEM,
    scopes=SCOPES,
    field_types={
        "repository": "string",
        "number": "int",
        "title": "string",
        "state": "string",
        "author": "string",
        "url": "string",
        "is_pull_request": "bool",
    },
    find=find,
    records_max=RECORDS_MAX,
)
