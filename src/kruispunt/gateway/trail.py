"""The published tree at the door: for anyone, unsigned, and kept by any cache in between."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kruispunt.vocabulary import NotFound
from kruispunt.web import HttpReply, Request, Route

CHECKPOINT_PATH: Final = "/v1/trail/checkpoint"
EXPIRED_PATH: Final = "/v1/trail/expired"
TILE_PATH: Final = "/v1/trail/tile/"

_FRESH: Final = {"content-type": "text/plain; charset=utf-8", "cache-control": "max-age=1"}
_FOR_EVER: Final = {
    "content-type": "application/octet-stream",
    "cache-control": "public, max-age=31536000, immutable",
}

Find = Callable[[str], bytes | None]
"""The bytes of a published file; None: there is none of that name."""


@dataclass(frozen=True, slots=True)
class TrailDoor:
    """Gives what was published, and nothing else."""

    find: Find

    @property
    def routes(self) -> list[Route]:
        """What a door adds to its table."""
        return [
            Route(method="GET", template=CHECKPOINT_PATH, handler=self.checkpoint),
            Route(method="GET", template=EXPIRED_PATH, handler=self.expired),
            Route(method="GET", template=TILE_PATH + "{path...}", handler=self.tile),
        ]

    async def checkpoint(self, _request: Request) -> HttpReply:
        """The signed size and root of the tree."""
        return self._reply("checkpoint", headers=_FRESH)

    async def expired(self, _request: Request) -> HttpReply:
        """What is gone because its time was over, signed."""
        return self._reply("expired", headers=_FRESH)

    async def tile(self, request: Request) -> HttpReply:
        """A tile, or the data of its leaves."""
        return self._reply(f"tile/{request.argument}", headers=_FOR_EVER)

    def _reply(self, name: str, *, headers: dict[str, str]) -> HttpReply:
        found = self.find(name)
        if found is None:
            raise NotFound("nothing of that name is published")
        return HttpReply(status=200, headers=headers, body=found)
