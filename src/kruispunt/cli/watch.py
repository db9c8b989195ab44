"""The private door of a process: its metrics and its health, for who watches it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

from kruispunt.cli.meters import Meters
from kruispunt.web import MEDIA_TYPE, Address, App, HttpReply, Limits, Request, Route, Server

METRICS: Final = "/metrics"


def watch_address(host: str, *, fd: int | None, port: int | None) -> Address | None:
    """Where the private door is, None where neither socket nor port was given."""
    if fd is None and port is None:
        return None
    return Address(host=host, port=port or 0, fd=fd)


def watch_app(app: App, meters: Meters, *, random_bytes: Callable[[int], bytes]) -> App:
    """What stands beside a door: metrics, and the health that the door tells too."""

    async def tell(_request: Request) -> HttpReply:
        return HttpReply(
            status=200, headers={"content-type": MEDIA_TYPE}, body=meters.metrics.text()
        )

    route = Route(method="GET", template=METRICS, handler=tell)
    few = Limits(connections=64)
    return App([route], random_bytes=random_bytes, health=app.feel, limits=few)


@asynccontextmanager
async def watching(
    app: App, meters: Meters, address: Address | None, *, random_bytes: Callable[[int], bytes]
) -> AsyncGenerator[None]:
    """Serve the private door while the other one is served; without an address: do not."""
    if address is None:
        yield
        return
    server = Server(watch_app(app, meters, random_bytes=random_bytes), address)
    serving = asyncio.create_task(server.run(signals=False), name="watch")
    try:
        yield
    finally:
        server.stop()
        await serving
