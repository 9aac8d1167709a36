"""Files put where nothing is: all of them, or none. What is there already is never written over."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from bot.errors import CommandError

NAMED_MAX = 5  # of the files that are in the way


# What a file holds and what it shall hold, by its path: it is edited where it still holds that.
Edits = Mapping[str, tuple[str, str]]
NO_EDITS: Edits = MappingProxyType({})


def place(root: Path, files: Mapping[str, str], edits: Edits = NO_EDITS) -> None:
    """Writes each file under the root by its relative path, and edits one that is there.

    Everything is written beside the root's files first and then moved into place, the edited file
    last; whatever goes wrong on the way is taken back. Raises CommandError that names what is in
    the way.
    """
    assert len(edits) <= 1, "of two files one could be edited and the other not"
    _refuse_what_is_there(root, files)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".assent-new-", dir=root) as made:
            for name, text in {**files, **{n: after for n, (_, after) in edits.items()}}.items():
                path = Path(made) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            _move(Path(made), root, files, edits)
    except OSError as error:
        raise CommandError(
            f"{error.filename or root} cannot be written: {error.strerror}; nothing was kept."
        ) from None


def _refuse_what_is_there(root: Path, files: Mapping[str, str]) -> None:
    """A file in the way, or a link that leads a folder of ours to somewhere else."""
    taken = [name for name in files if os.path.lexists(root / name)]
    if taken:
        more = f" and {len(taken) - NAMED_MAX} more" if len(taken) > NAMED_MAX else ""
        raise CommandError(
            f"In {root} there is {', '.join(taken[:NAMED_MAX])}{more} already. Nothing was"
            " written; take another name, or move it away first."
        )
    inside = root.resolve()
    for name in files:
        if not (root / name).parent.resolve().is_relative_to(inside):
            raise CommandError(f"{name} would be written outside {root}. Nothing was written.")


def _move(made: Path, root: Path, files: Mapping[str, str], edits: Edits) -> None:
    placed: list[Path] = []
    folders: list[Path] = []
    try:
        for name in files:
            target = root / name
            folders += _new_folders(target.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(made / name, target)  # unlike a rename, it fails where something is by now
            placed.append(target)
        for name, (before, _) in edits.items():
            target = root / name
            if target.read_text(encoding="utf-8") != before:
                raise CommandError(
                    f"{target} was changed meanwhile. Nothing was written; try again."
                )
            shutil.copymode(target, made / name)
            (made / name).replace(target)
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
        for folder in reversed(folders):
            if folder.is_dir() and not any(folder.iterdir()):
                shutil.rmtree(folder)
        raise


def _new_folders(folder: Path) -> list[Path]:
    """The folders on the way that are not there yet, the outermost first."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    return missing[::-1]
