"""A bundle's folder seen from outside: has anything changed, and what does it say now. Nothing is
judged here, and nothing that is found raises: a folder may change while it is looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from policies.document import BYTES_MAX
from policies.revision import content_digest

LOOKED_AT_MAX = 1_000  # files of one look; a bundle may have 200, so more is refused anyway

# Name, size, inode, and when content and entry changed, in nanoseconds: a content that was put back
# with its old time still has a new entry.
Glance = tuple[tuple[str, int, int, int, int], ...]


def glance(folder: Path) -> Glance:
    """What a look at the names tells; equal as long as nobody writes. Empty without a folder."""
    return tuple(
        (name, at.st_size, at.st_ino, at.st_mtime_ns, at.st_ctime_ns)
        for name, path in _files(folder)
        if (at := _stat(path)) is not None
    )


def digest(folder: Path) -> str:
    """The digest of the content, as a bundle that is loaded from it has it.

    A file that cannot be read, or is larger than a bundle's may be, stands with its problem or its
    size alone: such a folder is no bundle, and its digest only tells it from others.
    """
    return content_digest({name: _content(path) for name, path in _files(folder)})


def is_hidden(path: Path, folder: Path) -> bool:
    """Whether a path is none of a bundle's: what begins with a dot, such as an editor's swap."""
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    try:
        found = list(islice(_plain(folder), LOOKED_AT_MAX))
    except OSError:  # a folder below was taken away meanwhile: the next look sees what is left
        return
    yield from sorted((path.relative_to(folder).as_posix(), path) for path in found)


def _plain(folder: Path) -> Iterator[Path]:
    return (p for p in folder.rglob("*") if not is_hidden(p, folder) and not p.is_dir())


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _content(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size <= BYTES_MAX:
            return path.read_bytes()
        return f"not read: {path.lstat().st_size} bytes".encode()
    except OSError as error:
        return f"not read: {error.errno}".encode()
