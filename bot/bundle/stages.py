"""Stages: named places of a bundle on its way to people, such as staging and production.

    STATE/bundles/releases/0007-9c41f2a/    what was put on a stage once; never written again
    STATE/bundles/production                a link to the release that the stage has now

A bot whose ASSENT_BUNDLE is such a link follows it within seconds. Turning a stage to another
release is one rename: it has the one or the other, at every instant. Each release remembers the one
that its stage had before it, so rolling back is turning the link back.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from bot.bundle import lock
from bot.bundle import release as releases
from bot.bundle.release import NUMBERED, RELEASES, STAGES, Release
from bot.errors import CommandError
from policies import folder as folders
from policies.findings import Finding
from policies.revision import SHA_CHARACTERS

STAGE = re.compile(r"[a-z][a-z0-9-]{0,39}")


class Stages:
    """The stages below one state folder."""

    def __init__(self, state: Path, patience_seconds: float = lock.PATIENCE_SECONDS) -> None:
        self._folder = state / STAGES
        self._releases = self._folder / RELEASES
        self._patience_seconds = patience_seconds

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else moves a bundle meanwhile. Raises CommandError where somebody does long."""
        return lock.alone(self._folder, self._patience_seconds)

    def path(self, stage: str) -> Path:
        """Where a bot finds the stage's bundle."""
        return self._folder / stage

    def names(self) -> tuple[str, ...]:
        """Every stage that has a release."""
        if not self._folder.is_dir():
            return ()
        return tuple(sorted(each.name for each in self._folder.iterdir() if each.is_symlink()))

    def turned_to(self, stage: str) -> str:
        """The name of the release that a stage has now; empty for none."""
        link = self.path(stage)
        return link.resolve().name if link.is_symlink() else ""

    def current(self, stage: str) -> Release | None:
        """The release that a stage has now, as its note tells of it: its files may be altered.
        Raises CommandError where the note is gone."""
        name = self.turned_to(stage)
        return self._told(name) if name else None

    def whole(self, name: str) -> Release:
        """A release by its name. Raises CommandError for one that is gone or altered."""
        told = self._told(name)
        if findings := self.altered(told):
            named = "; ".join(str(finding) for finding in findings)
            raise CommandError(f"the release {name} was altered after it was made: {named}")
        return told

    def altered(self, release: Release) -> tuple[Finding, ...]:
        """What of a release was changed after it was made, a finding a file."""
        folder = self._releases / release.name
        try:
            return releases.altered(folder, folders.digest(folder))
        except OSError as error:
            return (Finding(str(error.filename), 0, 0, f"cannot be read: {error.strerror}"),)

    def prepare(self, source: Path, release: Release) -> Release:
        """A new release with the content of a folder, on no stage yet. Name, digest, files and the
        release before it are found here; the rest is as given."""
        before = self.current(release.stage)
        self._releases.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = Path(mkdtemp(dir=self._folder, prefix=".release-"))
        try:
            _copy(source, unfinished)
            digest = folders.digest(unfinished)
            made = replace(
                release,
                name=f"{self._next_number():04}-{digest[:SHA_CHARACTERS]}",
                digest=digest,
                previous=before.name if before else "",
                files=releases.hashes(unfinished),
            )
            releases.write(unfinished, made)
            unfinished.chmod(0o700)
            unfinished.rename(self._releases / made.name)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return made

    def turn(self, release: Release) -> None:
        """Its stage has this release from now on."""
        link = self.path(release.stage)
        if link.exists() and not link.is_symlink():
            raise CommandError(f"{link} is no stage of mine but a folder of its own; move it away")
        new = link.with_name(f".{link.name}-{os.getpid()}")
        new.unlink(missing_ok=True)
        new.symlink_to(Path(RELEASES) / release.name)
        new.replace(link)

    def _told(self, name: str) -> Release:
        folder = self._releases / name
        told = releases.read(folder)
        if told is None or told.name != name:
            raise CommandError(
                f"{folder} is no release any more: its note is gone or another's. Restore the"
                " folder from a backup; without one, remove by hand the link that leads to it: the"
                " next promotion is a first one then"
            )
        return told

    def _next_number(self) -> int:
        taken = [int(m[1]) for p in self._releases.iterdir() if (m := NUMBERED.fullmatch(p.name))]
        return max(taken, default=0) + 1


def checked_name(stage: str) -> str:
    """A stage's name as people typed it. Raises CommandError."""
    if not STAGE.fullmatch(stage) or stage == RELEASES:
        raise CommandError(
            f"{stage!r} is no stage; a stage is named like staging or production, in small letters"
        )
    return stage


def _copy(source: Path, target: Path) -> None:
    """Everything of a bundle's folder but what is hidden, links followed nowhere."""
    for path in sorted(source.resolve().rglob("*")):
        relative = path.relative_to(source.resolve())
        if folders.is_hidden(path, source.resolve()) or path.is_symlink() or path.is_dir():
            continue
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / relative)
        (target / relative).chmod(0o400)
