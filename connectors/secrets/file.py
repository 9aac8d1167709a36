"""A secret in a file: the content without the line break at its end, read for every session."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from connectors.errors import Rejected
from connectors.secrets.reference import Reference

BYTES_MAX = 64 * 1024  # a service account's JSON key has three thousand
READABLE_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH


def read(reference: Reference) -> str:
    """The secret. Raises Rejected naming the file and what the machine says of it."""
    try:
        descriptor = os.open(reference.name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _refused(reference, error.strerror or type(error).__name__) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _refused(reference, "it is no plain file")
        data = os.read(descriptor, BYTES_MAX + 1)
    except OSError as error:
        raise _refused(reference, error.strerror or type(error).__name__) from None
    finally:
        os.close(descriptor)
    if len(data) > BYTES_MAX:
        raise _refused(reference, f"it has more than {BYTES_MAX:,} bytes")
    try:
        return data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise _refused(reference, "it is not UTF-8") from None


def is_readable_by_others(reference: Reference) -> bool:
    """Whether the group or everybody may read the file; false where there is none."""
    try:
        return bool(Path(reference.name).stat().st_mode & READABLE_BY_OTHERS)
    except OSError:
        return False


def _refused(reference: Reference, why: str) -> Rejected:
    return Rejected(
        f"The secret {reference} cannot be read: {why}.",
        next_step="Put the secret there, readable by Assent's user alone.",
    )
