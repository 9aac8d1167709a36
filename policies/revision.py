"""Which revision of a bundle is loaded: its content digest, and git's name for it if any."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from store.model import canonical

UNVERSIONED = "unversioned"
DIRTY = "dirty"
UNCOMMITTED = (UNVERSIONED, DIRTY)
GIT_TIMEOUT_SECONDS = 5
SHA_CHARACTERS = 7
RELEASE = ".release.json"  # in a folder that a promotion made: what it was made of


def content_digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the canonical list of relative names and their contents' SHA-256, 64 digits."""
    listing = [[name, hashlib.sha256(files[name]).hexdigest()] for name in sorted(files)]
    return canonical.digest(listing)


def revision(folder: Path, content: str) -> str:
    """The last commit that touched the folder ("5fdc2e3"). What was not committed as it stands has
    the beginning of its content digest behind it ("5fdc2e3-dirty-9c41f2a", "unversioned-9c41f2a"):
    two edits never have one name."""
    if released := _released(folder, content):
        return released
    sha = _commit(folder)
    return f"{sha}-{content[:SHA_CHARACTERS]}" if sha.endswith(UNCOMMITTED) else sha


def _released(folder: Path, content: str) -> str:
    """The name that a release's content had where it came from; empty where this is none."""
    try:
        told = json.loads((folder / RELEASE).read_text())
        is_it = told["digest"] == content
        return str(told["revision"]) if is_it else ""
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def _commit(folder: Path) -> str:
    git = shutil.which("git")
    if git is None:
        return UNVERSIONED
    sha = _git(git, folder, "log", "-1", f"--abbrev={SHA_CHARACTERS}", "--format=%h", "--", ".")
    changed = _git(git, folder, "status", "--porcelain", "--", ".")
    if not sha or changed is None:
        return UNVERSIONED
    return f"{sha}-{DIRTY}" if changed else sha


def _git(git: str, folder: Path, *arguments: str) -> str | None:
    """The trimmed output, None where git refuses: no repository, no commit, another owner."""
    quiet = ("-c", "core.fsmonitor=false", "-c", "log.showSignature=false")  # each runs a program
    command = [git, *quiet, "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments, no shell
            command,
            capture_output=True,
            timeout=GIT_TIMEOUT_SECONDS,
            check=True,
            text=True,
            env=environment(),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def environment() -> dict[str, str]:
    """The environment of git: without our settings, some of which are secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")}
