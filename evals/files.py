"""Files that are written whole or not at all, and read only where they are small enough."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from evals.errors import RecordError


def write(path: Path, data: bytes) -> None:
    """Replace a file at once; whoever reads it sees the old or the new one. Makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read(path: Path, bytes_max: int, what: str) -> bytes:
    """A file of at most `bytes_max`. Raises RecordError where there is none, or it is larger."""
    try:
        with path.open("rb") as file:
            data = file.read(bytes_max + 1)
    except OSError as error:
        raise RecordError(f"cannot read {what} {path}: {error.strerror}") from error
    if len(data) > bytes_max:
        raise RecordError(f"{path} is larger than {bytes_max:,} bytes: this is no {what}")
    return data
