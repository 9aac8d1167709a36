"""What was put on a stage once: a folder that is never written again, with a note of what it is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path

from policies import folder as folders
from policies.bundle import Bundle
from policies.findings import Finding
from policies.revision import RELEASE

STAGES = "bundles"  # below the state folder
RELEASES = "releases"  # below that
NUMBERED = re.compile(r"(\d{4,})-[0-9a-f]+")  # the name of a release: its number, its digest
RULES = "rules"  # the planner of a release on which no model is asked
NAMED_MAX = 5  # files that a refusal names; somebody who looks sees the others


@dataclass(frozen=True)
class Release:
    """What was put on a stage once. `name` is that of its folder, `previous` that of the release
    which the stage had before, empty for its first; `records` are digests of the results of
    evaluations that it rests on. `planner` is whose results they are, "rules" or a model's name,
    empty where none were asked for. `gates` are the suites that it asks of what comes after it,
    None in a note that does not say; `files` the SHA-256 of each file."""

    name: str
    stage: str
    digest: str
    revision: str
    previous: str
    by: str
    at: str
    records: tuple[str, ...] = ()
    planner: str = ""
    gates: tuple[str, ...] | None = None
    files: Mapping[str, str] = field(default_factory=dict)


def write(folder: Path, release: Release) -> None:
    """Leaves the note in the folder, beside what it is of."""
    note = {**asdict(replace(release, files={})), "files": dict(release.files)}
    (folder / RELEASE).write_text(json.dumps(note, indent=1) + "\n")


def read(folder: Path) -> Release | None:
    """The note of a release's folder; None where there is none that can be read."""
    try:
        told = json.loads((folder / RELEASE).read_text())
        gates = told.get("gates")
        lists = {
            "records": tuple(told["records"]),
            "gates": None if gates is None else tuple(gates),
            "files": dict(told.get("files", {})),
        }
        return Release(**{**told, **lists})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file that is part of a bundle, by its name below the folder."""
    found = {}
    for path in islice(sorted(folder.rglob("*")), folders.LOOKED_AT_MAX):
        if path.is_file() and not folders.is_hidden(path, folder):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[path.relative_to(folder).as_posix()] = digest
    return found


def altered(folder: Path, digest: str) -> tuple[Finding, ...]:
    """What of a release was changed after it was made, a finding a file; empty for one that is as
    it was made, and for a folder that is no release. `folder` is no link, `digest` of its content.
    """
    told = read(folder)
    if told is None:
        if _is_place(folder) or (folder / RELEASE).exists():
            return (_finding(RELEASE, "is missing or cannot be read"),)
        return ()
    if told.digest == digest:
        return ()
    now = hashes(folder)
    names = sorted(n for n in {*now, *told.files} if now.get(n) != told.files.get(n))
    if not told.files or not names:
        return (_finding(RELEASE, "has another digest than the files beside it"),)
    return tuple(_finding(name, _change(name, now, told)) for name in names[:NAMED_MAX])


def is_by_rules(folder: Path) -> bool:
    """Whether a folder, no link, is a release that was proven for the rules alone."""
    told = read(folder)
    return told is not None and told.planner == RULES


def as_proven(bundle: Bundle, *, by_rules: bool) -> Bundle:
    """The bundle as it may plan: one that was proven for the rules alone asks no model, whatever
    key there is. Its digest stays."""
    if not by_rules:
        return bundle
    return replace(bundle, settings=bundle.settings.model_copy(update={"planner": None}))


def _is_place(folder: Path) -> bool:
    """Whether releases are kept here, so that one without its note has lost it."""
    places = (folder.parent.parent.name, folder.parent.name)
    return places == (STAGES, RELEASES) and NUMBERED.fullmatch(folder.name) is not None


def _change(name: str, now: Mapping[str, str], told: Release) -> str:
    if name not in told.files:
        return "was added to the release after it was made"
    return "was altered after the release was made" if name in now else "is gone from the release"


def _finding(name: str, what: str) -> Finding:
    message = (
        f"{what}; a release is never written again. Roll the stage back or promote again what was"
        " tested (assent bundle show says what is where)"
    )
    return Finding(name, 0, 0, message)
