"""Small JSON documents of Microsoft's, fetched without blocking, bounded in time and size; and
one fetch at a time, whoever asks for it meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Generic, TypeVar

import aiohttp

from store.model.values import Json

FETCH_SECONDS_MAX = 5.0  # ours; half of what an invoke may take
DOCUMENT_BYTES_MAX = 1024 * 1024  # ours; the keys of the Bot Framework are about 60 KB

T = TypeVar("T")


class FetchError(Exception):
    """A document could not be had. The message names its address, never what was sent."""


async def fetch(url: str, form: Mapping[str, str] | None = None) -> tuple[int, dict[str, Json]]:
    """Status and JSON object of an answer to GET, or to POST of a form. Redirects are not followed.

    Raises FetchError where there is no answer in time, or none that is a JSON object.
    """
    try:
        async with (
            asyncio.timeout(FETCH_SECONDS_MAX),
            aiohttp.ClientSession() as session,
            session.request(
                "GET" if form is None else "POST", url, data=form, allow_redirects=False
            ) as answer,
        ):
            raw = await read_bounded(answer.content, DOCUMENT_BYTES_MAX)
            value = json.loads(raw)
    except TimeoutError as error:
        raise FetchError(f"{url} did not answer within {FETCH_SECONDS_MAX:g} s") from error
    except (aiohttp.ClientError, OSError) as error:
        raise FetchError(f"{url} cannot be reached: {type(error).__name__}") from error
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{url} answered with something unreadable") from error
    if not isinstance(value, dict):
        raise FetchError(f"{url} answered with something unreadable")
    return answer.status, value


async def read_bounded(content: aiohttp.StreamReader, bytes_max: int) -> bytes:
    """The whole of a body. Raises ValueError for one of more bytes."""
    raw = bytearray()
    while chunk := await content.read(bytes_max + 1 - len(raw)):
        raw += chunk
        if len(raw) > bytes_max:
            raise ValueError(f"more than {bytes_max:,} bytes")
    return bytes(raw)


class SingleFlight(Generic[T]):
    """Runs one piece of work at a time; all who ask meanwhile share its outcome."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._task: asyncio.Task[T] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether work is under way."""
        return self._task is not None and not self._task.done()

    def start(self) -> asyncio.Task[T]:
        """The work under way, begun now if none is. It goes on when an asker goes away."""
        if self._task is None or not self.is_busy:
            self._task = asyncio.create_task(self._work())
            self._task.add_done_callback(_seen)
        return self._task

    async def join(self) -> T:
        """The outcome of the work under way, begun now if none is."""
        return await asyncio.shield(self.start())

    async def close(self) -> None:
        """Ends what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def _seen(task: asyncio.Task[Any]) -> None:
    """Marks a failure as seen: nobody may be waiting for it any more."""
    if not task.cancelled():
        task.exception()
