"""One HTTP listener for every surface that is spoken to by HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from bot.surfaces.errors import SurfaceError

STOP_SECONDS = 3.0  # open HTTP requests when we stop


class Listener:
    """Listens at one address for the routes of all surfaces. Lives on the loop that started it."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._runner: web.AppRunner | None = None

    async def start(self, routes: Iterable[web.RouteDef]) -> None:
        """Takes requests from now on. Raises SurfaceError where the address cannot be had."""
        application = web.Application()
        application.add_routes(routes)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            raise SurfaceError(
                f"nothing can listen at {self._host}:{self._port} ({error.strerror or error});"
                " stop what does, or set ASSENT_HTTP_HOST and ASSENT_HTTP_PORT",
                "no_address",
            ) from error
        self._runner = runner

    async def close(self) -> None:
        """Takes nothing more; what is being answered has STOP_SECONDS."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def address(self) -> str:
        """ "http://127.0.0.1:3978" with the port really taken; empty before it listens."""
        if self._runner is None or not self._runner.addresses:
            return ""
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
