"""Files that are written whole or not at all, read only where they are small enough, and believed
only where they are what they should be."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from evals.errors import RecordError

M = TypeVar("M", bound=BaseModel)


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


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Replace a file by lines, as `write` does."""
    write(path, "".join(f"{line}\n" for line in lines).encode())


def parsed(kind: type[M], data: bytes, where: str | Path, what: str, then: str) -> M:
    """The value in a file's text, or in one line of it. Raises RecordError: `where` is no `what`,
    what is wrong first, and what to do `then`."""
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise RecordError(f"{where} is no {what}: {place}: {first['msg']}; {then}") from error
