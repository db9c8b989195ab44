"""A bare Python proxy on our own server and client: what crossing costs when nothing is done.

`python -m bench.proxy URL` passes calls on to the station at URL, and the answers back: no check,
no decision, no entry, no log line. It prints its port, and ends on SIGTERM.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import uvloop

from kruispunt.client import ANSWER_PATH
from kruispunt.web import Address, App, Http, HttpReply, Request, Route, Server, configure_log

PASSED_ON = ("content-type", "content-digest", "signature-input", "signature")
TIMEOUT_S = 2.0
MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Passes on whatever comes, signed by someone else."""

    http: Http
    to: str

    async def pass_on(self, request: Request) -> HttpReply:
        reply = await self.http.post(
            self.to + request.target,
            body=request.body,
            headers=_kept(request.headers),
            timeout_s=TIMEOUT_S,
            max_bytes=MAX_BYTES,
        )
        return HttpReply(status=reply.status, headers=_kept(reply.headers), body=reply.body)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in PASSED_ON if name in headers}


async def _serve(to: str) -> None:
    async with await Http.open() as http:
        proxy = Proxy(http=http, to=to)
        route = Route(method="POST", template=ANSWER_PATH + "{flow}", handler=proxy.pass_on)
        server = Server(App([route], random_bytes=os.urandom), Address())
        print(server.port, flush=True)
        await server.run()


def main() -> None:
    configure_log(now=lambda: datetime.now(UTC), level="warning")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(sys.argv[1]))


if __name__ == "__main__":
    main()
