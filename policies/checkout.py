"""A bundle's folder as it was at a git revision, put into another folder. Bounded: nothing is
checked out that a bundle may not hold, no filter or hook of the repository runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from policies import revision
from policies.bundle import FILES_MAX
from policies.document import BYTES_MAX
from policies.revision import GIT_TIMEOUT_SECONDS

REVISION_MAX = 200  # characters of a revision's name

# What git says of one file: mode, type, name of the content, bytes, path.
_LISTED = re.compile(rb"(\d{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-)\t(.+)", re.DOTALL)
_PLAIN_MODES = {b"100644", b"100755"}


class CheckoutError(Exception):
    """There is no such revision of the folder, or it holds what no bundle may hold."""


@dataclass(frozen=True)
class _File:
    name: str
    content: str


def check_out(folder: Path, revision: str, into: Path) -> str:
    """Writes the folder as of a revision into an empty one; the commit's name, 40 digits or more.

    Raises CheckoutError with a sentence.
    """
    if not revision or len(revision) > REVISION_MAX or not revision.isprintable():
        raise CheckoutError(f"{revision[:REVISION_MAX]!r} is not the name of a git revision")
    wanted = f"{revision}^{{commit}}"
    try:
        said = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
    except CheckoutError:
        message = f"{folder} has no git revision {revision}; name one, or a folder"
        raise CheckoutError(message) from None
    commit = said.decode().strip()
    files = _files(_git(folder, "ls-tree", "-r", "-l", "-z", commit, "--", "."), revision)
    if not files:
        raise CheckoutError(f"{folder} was not there yet at {revision}")
    for file in files:
        path = into / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_git(folder, "cat-file", "blob", file.content))
    return commit


def _files(listing: bytes, revision: str) -> list[_File]:
    lines = [line for line in listing.split(b"\0") if line]
    if len(lines) > FILES_MAX:
        raise CheckoutError(f"{len(lines)} files at {revision}; a bundle may have {FILES_MAX}")
    return [_file(line, revision) for line in lines]


def _file(line: bytes, revision: str) -> _File:
    found = _LISTED.fullmatch(line)
    assert found, "git lists files as it says it does"
    mode, _, content, size, path = found.groups()
    name = path.decode(errors="replace")
    if mode not in _PLAIN_MODES or {"..", "."} & set(PurePosixPath(name).parts):
        raise CheckoutError(f"{name!r} at {revision} is a link or no plain file")
    if int(size) > BYTES_MAX:
        raise CheckoutError(f"{name!r} at {revision} is larger than {BYTES_MAX:,} bytes")
    return _File(name, content.decode())


def _git(folder: Path, *arguments: str) -> bytes:
    git = shutil.which("git")
    if git is None:
        raise CheckoutError("git is not installed here; name folders instead of revisions")
    command = [git, "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands, no shell; names come after a mark
            command,
            capture_output=True,
            timeout=GIT_TIMEOUT_SECONDS,
            check=True,
            env=revision.environment(),
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip() or "git refuses"
        raise CheckoutError(f"{folder}: {said[:300]}") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise CheckoutError(f"{folder}: git did not answer: {error}") from None
    return done.stdout
