"""`jira.find_issues`: issues from a person's words: keys, an address, or words of the summary."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from connectors.jira import issues, searching
from connectors.jira.issues import Issue
from connectors.jira.jql import quoted, words
from connectors.jira.session import SYSTEM, Session
from connectors.operation import Finder, Record

RECORDS_MAX = 5
WORDS_CHARACTERS_MAX = 500  # of what a person wrote; the rest is not looked at
WORDS_MAX = 8  # words that narrow the search
LABEL_CHARACTERS_MAX = 80

_KEY = re.compile(r"(?<![\w-])[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,8}(?![\w-])")
_KEY_ALONE = re.compile(r"\W*([A-Za-z][A-Za-z0-9_]{1,19}-[1-9][0-9]{0,8})\W*")
_URL = re.compile(r"https?://[^\s<>|\"']+")
_STOP_WORDS = frozenset(
    {"a", "an", "and", "by", "for", "from", "in", "is", "it", "issue", "issues", "my", "of", "on",
     "or", "our", "the", "ticket", "tickets", "to", "with"}
)  # fmt: skip


def find(session: Session, said: str) -> tuple[Record, ...]:
    """The matching issues, the last changed first; a key never falls back to likeness."""
    session.require(issues.READ_SCOPES)
    said = said[:WORDS_CHARACTERS_MAX]
    site = session.account.partition("/")[0]
    addresses = _URL.findall(said)
    if any(urlsplit(_safe_url(a)).hostname != site for a in addresses):
        return ()  # another's Jira, or none
    if keys := _keys(said):
        found = searching.by_key(session, keys[:RECORDS_MAX])
    else:
        wanted = [w for w in words(said).split() if w not in _STOP_WORDS][:WORDS_MAX]
        if not wanted:
            return ()
        query = f"summary ~ {quoted(' '.join(wanted))} ORDER BY updated DESC"
        found = searching.search(session, query, issues_max=RECORDS_MAX)
    return tuple(_record(issue, site) for issue in found[:RECORDS_MAX])


def _keys(said: str) -> list[str]:
    if alone := _KEY_ALONE.fullmatch(said):
        return [alone[1].upper()]
    return list(dict.fromkeys(_KEY.findall(said)))


def _safe_url(address: str) -> str:
    """An address that can be taken apart: brackets of no IPv6 host cannot."""
    return address.replace("[", "").replace("]", "")


def _record(issue: Issue, site: str) -> Record:
    about = issue.about()
    label = f"{issue.key} {about['summary']} ({about['status']})"
    if len(label) > LABEL_CHARACTERS_MAX:
        label = label[: LABEL_CHARACTERS_MAX - 1] + "…"
    shown = ("project", "type", "summary", "status", "status_category", "priority", "assignee",
             "assignee_name", "reporter_email")  # fmt: skip
    fields = {"key": issue.key, "url": f"https://{site}/browse/{issue.key}"}
    return Record("issue", issue.key, label, fields | {name: about[name] for name in shown})


FINDER = Finder(
    name="jira.find_issues",
    title="Find issues",
    system=SYSTEM,
    scopes=issues.READ_SCOPES,
    field_types={
        "key": "string",
        "url": "string",
        "project": "string",
        "type": "string",
        "summary": "string",
        "status": "string",
        "status_category": "string",
        "priority": "string",
        "assignee": "string",
        "assignee_name": "string",
        "reporter_email": "string",
    },
    find=find,
    records_max=RECORDS_MAX,
)
