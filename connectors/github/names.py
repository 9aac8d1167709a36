"""GitHub's own names as types of parameters: what it would not accept is refused before asking."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from connectors.text import check_line

LOGIN_CHARACTERS_MAX = 39  # github.com's form for a new account; managed users add "_shortcode"
REPOSITORY_CHARACTERS_MAX = 100
BRANCH_CHARACTERS_MAX = 244  # a ref of 255 bytes without "refs/heads/"
LABEL_CHARACTERS_MAX = 50
LABELS_MAX = 20  # of one call; GitHub itself takes 100 on an issue
ISSUE_NUMBER_MAX = 2**31 - 1
TITLE_CHARACTERS_MAX = 200  # GitHub takes 256


def _check_repository(value: str) -> str:
    name = value.partition("/")[2]
    if name in (".", "..") or name.lower().endswith(".git"):
        raise ValueError("is no name of a repository; write owner/name")
    return value


def _check_branch(value: str) -> str:
    """Git's own rules for a ref (git-check-ref-format): nothing leaves its place in a path."""
    check_line(value)
    parts = value.split("/")
    is_wrong = (
        ".." in value
        or "@{" in value
        or value == "@"
        or value.endswith(".")
        or any(c in " ~^:?*[\\\x7f" for c in value)
        or any(not p or p.startswith(".") or p.endswith(".lock") for p in parts)
    )
    if is_wrong:
        raise ValueError("is no name of a branch; write it as git does, without wildcards")
    return value


def _check_label(value: str) -> str:
    if value != value.strip():
        raise ValueError("begins or ends with a space; remove it")
    return check_line(value)


_PATTERN = r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*"
Login = Annotated[
    str, StringConstraints(min_length=1, max_length=48, pattern=_PATTERN + r"(_[A-Za-z0-9]{1,8})?$")
]
Organization = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LOGIN_CHARACTERS_MAX, pattern=_PATTERN + "$"),
]
TeamSlug = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=r"^[a-z0-9_]+([.-]+[a-z0-9_]+)*$")
]
Repository = Annotated[
    str,
    StringConstraints(
        min_length=3,
        max_length=LOGIN_CHARACTERS_MAX + 1 + REPOSITORY_CHARACTERS_MAX,
        pattern=_PATTERN + r"/[A-Za-z0-9_.-]{1,100}$",
    ),
    AfterValidator(_check_repository),
]
Branch = Annotated[
    str,
    StringConstraints(min_length=1, max_length=BRANCH_CHARACTERS_MAX),
    AfterValidator(_check_branch),
]
Label = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LABEL_CHARACTERS_MAX),
    AfterValidator(_check_label),
]
Labels = Annotated[list[Label], Field(min_length=1, max_length=LABELS_MAX)]
Title = Annotated[
    str,
    StringConstraints(min_length=1, max_length=TITLE_CHARACTERS_MAX),
    AfterValidator(_check_label),
]
IssueNumber = Annotated[int, Field(ge=1, le=ISSUE_NUMBER_MAX)]
