"""Stages: named places of a bundle on its way to people, such as staging and production.

    STATE/bundles/releases/0007-9c41f2a/    what was put on a stage once; never written again
    STATE/bundles/production                a link to the release that the stage has now

A bot whose ASSENT_BUNDLE is such a link follows it within seconds. Turning a stage to another
release is one rename: it has the one or the other, at every instant. Each release remembers the one
that its stage had before it, so rolling back is turning the link back.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from bot.errors import CommandError
from policies import folder as folders
from policies.revision import RELEASE, SHA_CHARACTERS

RELEASES = "releases"
STAGE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_NUMBER = re.compile(r"(\d{4,})-[0-9a-f]+")


@dataclass(frozen=True)
class Release:
    """What was put on a stage once. `name` is that of its folder, `previous` that of the release
    which the stage had before, empty for its first; `records` are digests of the results of
    evaluations that it rests on."""

    name: str
    stage: str
    digest: str
    revision: str
    previous: str
    by: str
    at: str
    records: tuple[str, ...] = ()


class Stages:
    """The stages below one state folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "bundles"
        self._releases = self._folder / RELEASES

    def path(self, stage: str) -> Path:
        """Where a bot finds the stage's bundle."""
        return self._folder / stage

    def names(self) -> tuple[str, ...]:
        """Every stage that has a release."""
        if not self._folder.is_dir():
            return ()
        return tuple(sorted(each.name for each in self._folder.iterdir() if each.is_symlink()))

    def current(self, stage: str) -> Release | None:
        """The release that a stage has now. Raises CommandError where what is there was altered."""
        link = self.path(stage)
        return self.release(link.resolve().name) if link.is_symlink() else None

    def release(self, name: str) -> Release:
        """A release by its name. Raises CommandError for one that is gone or altered."""
        folder = self._releases / name
        try:
            told = json.loads((folder / RELEASE).read_text())
            found = Release(**{**told, "records": tuple(told["records"])})
        except (OSError, ValueError, TypeError, KeyError):
            raise CommandError(
                f"{folder} is no release; put a bundle on the stage anew with assent bundle stage"
            ) from None
        if folders.digest(folder) != found.digest:
            raise CommandError(
                f"the release {name} was altered after it was made: {folder} does not hold what its"
                " digest says. Promote again what was tested"
            )
        return found

    def prepare(
        self,
        source: Path,
        stage: str,
        revision: str,
        by: str,
        at: datetime,
        records: tuple[str, ...] = (),
    ) -> Release:
        """A new release with the content of a folder, on no stage yet."""
        before = self.current(stage) if self.path(stage).is_symlink() else None
        self._releases.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = Path(mkdtemp(dir=self._folder, prefix=".release-"))
        try:
            _copy(source, unfinished)
            digest = folders.digest(unfinished)
            name = f"{self._next_number():04}-{digest[:SHA_CHARACTERS]}"
            previous = before.name if before else ""
            moment = at.isoformat(timespec="seconds")
            made = Release(name, stage, digest, revision, previous, by, moment, records)
            (unfinished / RELEASE).write_text(json.dumps(asdict(made), indent=1) + "\n")
            unfinished.chmod(0o700)
            unfinished.rename(self._releases / name)
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

    def _next_number(self) -> int:
        taken = [int(m[1]) for p in self._releases.iterdir() if (m := _NUMBER.fullmatch(p.name))]
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
