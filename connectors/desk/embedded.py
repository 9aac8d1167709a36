"""The desk as Assent ships it: one database file, seeded once, with its keys beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from typing import TypedDict

from connectors.credentials import Credential, Environment
from connectors.desk.access import ACCOUNTS
from connectors.desk.seed import fill
from connectors.errors import Rejected

SECRET_BYTES = 24  # 192 random bits


class _Keys(TypedDict):
    environment: Environment
    secrets: dict[str, str]


def prepare_desk(
    path: str,
    today: date,
    environment: Environment = "sandbox",
    secrets: Mapping[str, str] | None = None,
) -> None:
    """Make the desk at `path` unless it is there: keys first, then the filled database.

    `today` is the UTC date that all seeded dates are relative to. `secrets` are those of the
    accounts, drawn at random where none are given; an existing desk keeps its own. Two processes
    that start at once end with one desk; one that is killed half-way leaves none.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not keys_path(path).exists():
        drawn = {account: token_urlsafe(SECRET_BYTES) for account in ACCOUNTS}
        new = _Keys(environment=environment, secrets={**drawn, **(secrets or {})})
        _place(json.dumps(new).encode(), keys_path(path))
    if target.exists():
        return
    keys = _keys(path)
    with TemporaryDirectory(dir=target.parent, prefix=".desk-") as folder:
        unfinished = Path(folder) / target.name
        unfinished.touch(mode=0o600)
        fill(str(unfinished), today, keys["secrets"], keys["environment"])
        _place(unfinished, target)


def secrets_of(path: str) -> Mapping[str, str]:
    """The secret of each account of the embedded desk."""
    return _keys(path)["secrets"]


def keys_path(path: str) -> Path:
    """Where the embedded desk's secrets are; readable by its owner alone."""
    return Path(path).with_suffix(".keys.json")


def credential(path: str, account: str, expires_at: datetime | None = None) -> Credential:
    """A credential of one of the desk's accounts, with all of its scopes."""
    if account not in ACCOUNTS:
        known = ", ".join(sorted(ACCOUNTS))
        raise Rejected(f"The orders desk has no account {account!r}.", next_step=f"It has {known}.")
    keys = _keys(path)
    return Credential(
        account=account,
        environment=keys["environment"],
        scopes=ACCOUNTS[account],
        address=path,
        secret=keys["secrets"][account],
        expires_at=expires_at,
    )


def _keys(path: str) -> _Keys:
    keys: _Keys = json.loads(keys_path(path).read_text())
    return keys


def _place(source: bytes | Path, target: Path) -> None:
    """Give a finished file its name, all at once; whoever comes first wins."""
    with TemporaryDirectory(dir=target.parent, prefix=".desk-") as folder:
        finished = Path(folder) / "finished"
        if isinstance(source, bytes):
            with os.fdopen(os.open(finished, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(source)
        else:
            source.rename(finished)
        try:
            os.link(finished, target)
        except FileExistsError:
            return
