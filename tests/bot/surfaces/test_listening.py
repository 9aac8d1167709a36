"""One listener for all surfaces: it answers each route, and says what to do where it cannot."""

from __future__ import annotations

import aiohttp
import pytest
from aiohttp import web

from bot.surfaces.errors import SurfaceError
from bot.surfaces.listening import Listener


def said(text: str):
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=text)

    return answer


async def test_routes_of_several_surfaces_are_answered_at_one_address():
    listener = Listener("127.0.0.1", 0)
    assert listener.address == ""
    await listener.start([web.get("/one", said("1")), web.get("/two", said("2"))])
    async with aiohttp.ClientSession() as session:
        for path, text in (("/one", "1"), ("/two", "2")):
            async with session.get(listener.address + path) as answer:
                assert await answer.text() == text
        async with session.get(listener.address + "/three") as answer:
            assert answer.status == 404
        address = listener.address
        await listener.close()
        with pytest.raises(aiohttp.ClientError):
            await session.get(address + "/one")
    assert listener.address == ""


async def test_an_address_that_is_taken_is_said_with_the_setting_to_change():
    first = Listener("127.0.0.1", 0)
    await first.start([web.get("/", said(""))])
    port = int(first.address.rpartition(":")[2])
    second = Listener("127.0.0.1", port)
    with pytest.raises(SurfaceError, match=f"127.0.0.1:{port}.*ASSENT_HTTP_PORT"):
        await second.start([web.get("/", said(""))])
    await second.close()  # closing what never listened is nothing
    await first.close()


async def test_what_is_being_answered_when_it_closes_is_still_answered():
    import asyncio

    under_way = asyncio.Event()

    async def slowly(request: web.Request) -> web.Response:
        under_way.set()
        await asyncio.sleep(0.2)
        return web.Response(text="done")

    listener = Listener("127.0.0.1", 0)
    await listener.start([web.get("/", slowly)])
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(listener.address))
        await under_way.wait()
        await listener.close()
        async with await asking as answer:
            assert await answer.text() == "done"
