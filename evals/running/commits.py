"""Files as they stood at a commit, read out of git's objects: nothing is checked out, and nothing
that a repository's configuration names (hooks, monitors, filters, pagers, signature programs) runs.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.settings import SECRETS
from evals.errors import ArtefactError

GIT_SECONDS = 30.0  # for one question; the slowest lists the objects of a large repository
SHA_CHARACTERS_MIN = 6  # fewer name another commit soon
FILES_MAX = 5_000  # of one artefact; the largest shipped one has some hundred
FILE_BYTES_MAX = 4 * 1024 * 1024
SHOWN_MAX = 3  # commits that an ambiguous name is said to mean

_SHA = re.compile(r"[0-9a-f]{1,64}")
_TAG = re.compile(r"(?!.*(\.\.|//|@\{))[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}(?<![./])")
_PLAIN_FILES = frozenset({"100644", "100755", "100664"})


@dataclass(frozen=True)
class Repository:
    """The repository that a folder stands in."""

    git: str
    top: Path

    @classmethod
    def of(cls, folder: Path) -> Repository:
        """Raises ArtefactError where there is no git, or the folder is in no repository."""
        git = shutil.which("git")
        if git is None:
            raise ArtefactError(
                "git is not installed, and artefacts of a commit or a tag are read with it; "
                "install git, or name KIND@working"
            )
        done = _run([git, "-C", str(folder), "rev-parse", "--show-toplevel"], b"")
        if done.returncode != 0:
            raise ArtefactError(
                f"{folder} is in no git repository that may be read ({_why(done)}); "
                "run from a checkout of it, or name KIND@working"
            )
        return cls(git, Path(os.fsdecode(done.stdout).rstrip("\n")))

    def commit(self, sha: str) -> str:
        """The whole name of the commit that begins so. A branch or tag named like it is not meant.

        Raises ArtefactError for none, for several, and for what is no beginning of a name.
        """
        if not _SHA.fullmatch(sha) or len(sha) < SHA_CHARACTERS_MIN:
            raise ArtefactError(
                f"{sha!r} is no sha: write at least {SHA_CHARACTERS_MIN} of its digits 0-9, a-f"
            )
        named = self._text("rev-parse", f"--disambiguate={sha}").split()
        kinds = self._text("cat-file", "--batch-check", stdin="\n".join(named)) if named else ""
        rows = [line.split() for line in kinds.splitlines()]
        commits = [name for name, kind, *_ in rows if kind == "commit"]
        if len(commits) > 1:
            several = ", ".join(name[: len(sha) + 4] for name in commits[:SHOWN_MAX])
            raise ArtefactError(
                f"{sha} begins {len(commits)} commits of {self.top} ({several}); write more digits"
            )
        if not commits:
            raise ArtefactError(f"{self.top} has no commit {sha}; {self._hint()}")
        return commits[0]

    def tagged(self, tag: str) -> str:
        """The commit that a tag names. Raises ArtefactError where there is no such tag."""
        if not _TAG.fullmatch(tag):
            raise ArtefactError(f"{tag!r} is no name of a tag; `git tag` lists those there are")
        name = f"refs/tags/{tag}^{{commit}}"
        done = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        if done.returncode != 0:
            raise ArtefactError(f"{self.top} has no tag {tag} of a commit; {self._hint()}")
        return done.stdout.decode().strip()

    def files(self, commit: str, folder: Path) -> dict[str, bytes]:
        """Every file that was below a folder of the working tree, by its name below it.

        Raises ArtefactError where it was not there then, or holds what is no plain file.
        """
        below = folder.resolve().relative_to(self.top.resolve()).as_posix()
        listed = self._bytes("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", f"{below}/")
        entries = [_entry(row) for row in listed.split(b"\0") if row]
        if not entries:
            raise ArtefactError(f"there was no {below} at {commit[:12]}; name a later commit")
        if len(entries) > FILES_MAX:
            raise ArtefactError(
                f"{below} had {len(entries):,} files at {commit[:12]}; "
                f"at most {FILES_MAX:,} are read"
            )
        for entry in entries:
            if entry.mode not in _PLAIN_FILES or entry.bytes > FILE_BYTES_MAX:
                raise ArtefactError(
                    f"{entry.path} was no plain file of at most {FILE_BYTES_MAX:,} bytes "
                    f"at {commit[:12]}; it cannot be run"
                )
        contents = self._contents([entry.name for entry in entries])
        paths = (PurePosixPath(entry.path).relative_to(below).as_posix() for entry in entries)
        return dict(zip(paths, contents, strict=True))

    def _contents(self, names: Sequence[str]) -> list[bytes]:
        """The content of blobs, in their order."""
        told = self._bytes("cat-file", "--batch", stdin="\n".join(names))
        found, at = [], 0
        for name in names:
            head_end = told.index(b"\n", at)
            head = told[at:head_end].decode().split()
            if head[:2] != [name, "blob"]:
                raise ArtefactError(f"git has lost the file {name}; {self._hint()}")
            begin = head_end + 1
            found.append(told[begin : begin + int(head[2])])
            at = begin + int(head[2]) + 1
        return found

    def _hint(self) -> str:
        shallow = self._ask("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
        if shallow:
            return "this clone is shallow: fetch its whole history (git fetch --unshallow --tags)"
        return "look it up with `git log`, or fetch it first"

    def _text(self, *arguments: str, stdin: str = "") -> str:
        return self._bytes(*arguments, stdin=stdin).decode(errors="replace")

    def _bytes(self, *arguments: str, stdin: str = "") -> bytes:
        done = self._ask(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise ArtefactError(f"git {arguments[0]} failed in {self.top}: {_why(done)}")
        return done.stdout

    def _ask(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[bytes]:
        said = f"{stdin}\n".encode() if stdin else b""
        return _run([self.git, "-C", str(self.top), *arguments], said)


@dataclass(frozen=True)
class _Entry:
    mode: str
    name: str
    bytes: int
    path: str


def _entry(row: bytes) -> _Entry:
    head, _, path = row.partition(b"\t")
    mode, _, name, size = head.decode().split()
    return _Entry(mode, name, int(size) if size.isdigit() else 0, os.fsdecode(path))


def _run(command: Sequence[str], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
    git, *arguments = command
    # Only object reading follows, which asks no monitor; the switch is for whoever adds to it.
    quiet = (
        "--no-pager",
        "--no-replace-objects",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
    )
    try:
        return subprocess.run(  # noqa: S603 - fixed arguments, no shell
            [git, *quiet, *arguments],
            input=stdin,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
            env=_environment(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ArtefactError(f"git did not answer: {error}") from error


def _environment() -> dict[str, str]:
    """Without our settings, some of which are secrets, and without another repository's: inside a
    hook git's own variables name one. Objects that are not here are not fetched."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("ASSENT_", "GIT_"))}
    return kept | {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


def _why(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode(errors="replace").split("\n")
    return next((line.removeprefix("fatal: ") for line in lines if line), "it says nothing")


def secrets_held() -> tuple[str, ...]:
    """The settings with secrets that the shell holds, which whatever it starts could read."""
    return tuple(sorted(name for name in SECRETS if os.environ.get(name)))
