"""The last line against secrets in logs: whatever library writes a record, at whatever level, what
this process knows as a secret is taken out of it.

SDKs log requests and answers while somebody looks for a fault; a record is cleaned when it is made,
before any handler has it.
"""

from __future__ import annotations

import base64
import json
import logging
from threading import Lock
from typing import Any
from urllib.parse import quote, quote_plus

from connectors.saying import REMOVED

CHARACTERS_MIN = 6  # of what is taken out; shorter secrets would blot out words
JSON_CHARACTERS_MIN = 30  # of a value in a JSON secret; shorter ones are names and addresses
SECRETS_MAX = 500  # known in one process; the oldest is forgotten first


def hide(secret: str) -> None:
    """From now on this is in no log record: a secret, or a token that was got with one."""
    _HIDDEN.add(secret)


def hidden(text: str) -> str:
    """The text without any secret that this process knows, in any usual encoding."""
    return _HIDDEN.clean(text)


class _Hidden:
    def __init__(self) -> None:
        self._forms: dict[str, tuple[str, ...]] = {}
        self._is_watching = False
        self._lock = Lock()

    def add(self, secret: str) -> None:
        with self._lock:
            for part in _parts(secret):
                if len(part) >= CHARACTERS_MIN:
                    self._forms.pop(part, None)
                    self._forms[part] = _forms(part)
            while len(self._forms) > SECRETS_MAX:
                del self._forms[next(iter(self._forms))]
            if not self._is_watching:
                self._is_watching = True
                _watch()

    def clean(self, text: str) -> str:
        for forms in tuple(self._forms.values()):
            for form in forms:
                if form in text:
                    text = text.replace(form, REMOVED)
        return text


def _parts(secret: str) -> set[str]:
    """A secret with its lines, and where it is JSON, as a service account's key, with the values in
    it that are long enough to be secret themselves."""
    parts = {secret, *secret.splitlines()}
    try:
        fields = json.loads(secret)
    except ValueError:
        return parts
    texts = [v for v in fields.values() if isinstance(v, str)] if isinstance(fields, dict) else []
    lines = {line for text in texts for line in text.splitlines()}
    return {secret, *(line for line in lines if len(line) >= JSON_CHARACTERS_MIN)}


def _forms(secret: str) -> tuple[str, ...]:
    """As it is, as a literal, as addresses and bodies carry it, and in base64 at any place."""
    plain = {secret, repr(secret)[1:-1], quote(secret, safe=""), quote_plus(secret), quote(secret)}
    return (*sorted(plain, key=len, reverse=True), *_base64(secret.encode()))


def _base64(secret: bytes) -> tuple[str, ...]:
    """What stays the same of its base64 whatever stands around it, as in `user:secret`."""
    found = []
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + secret).decode()
        found.append(encoded[(0, 2, 3)[shift] : (shift + len(secret)) * 8 // 6])
    return tuple(form for form in found if len(form) >= CHARACTERS_MIN)


def _watch() -> None:
    made = logging.getLogRecordFactory()

    def make(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = made(*arguments, **named)
        _clean(record)
        return record

    logging.setLogRecordFactory(make)


def _clean(record: logging.LogRecord) -> None:
    try:
        said = record.getMessage()
    except Exception:  # noqa: BLE001 - whoever logs wrongly is told by logging itself
        said = f"{record.msg!r} {record.args!r}"
    if (shown := _HIDDEN.clean(said)) != said:
        record.msg, record.args = shown, ()
    if record.exc_info and record.exc_info[1] is not None:
        text = logging.Formatter().formatException(record.exc_info)
        if (shown := _HIDDEN.clean(text)) != text:
            record.exc_text, record.exc_info = shown, None


_HIDDEN = _Hidden()
