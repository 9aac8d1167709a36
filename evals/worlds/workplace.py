"""Where worlds are: folders in memory, gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

MEMORY = Path("/dev/shm")  # noqa: S108 - a fresh folder in it; a disk does as well, only slower


@contextmanager
def workplace(root: Path | None = None) -> Iterator[Path]:
    """A folder for worlds, in memory where there is no `root`."""
    where = root or (MEMORY if MEMORY.is_dir() else None)
    with TemporaryDirectory(dir=where, prefix="assent-eval-") as folder:
        yield Path(folder)
