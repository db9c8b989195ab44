"""Requests that died in a mailbox without their case knowing: never fetched, or told too late."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog

from kruispunt.circuits import Cases, event_id
from kruispunt.circuits import benefits as b
from kruispunt.mailbox import DeadLetter
from kruispunt.vocabulary import Problem

LOG: Final = structlog.get_logger(__name__)
LOOK_EVERY_S: Final = 300.0
MOST: Final = 1000


class Buried(Protocol):
    """Mailboxes that know their dead letters: `Mailboxes` are."""

    async def dead_requests(
        self, after: DeadLetter | None = None, *, limit: int = 100
    ) -> list[DeadLetter]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadRequests:
    """Tells cases of the requests that died, each once, whoever buried them.

    Mail that nobody fetches ends with its days; then the case goes another way (05/022 §5(4)).
    """

    boxes: Buried
    cases: Cases
    now: Callable[[], datetime]
    most: int = MOST
    """Of a page."""

    async def once(self) -> None:
        """Look at all dead requests, page by page. What a case knows already changes nothing.

        One that can't be told holds no other up, and is looked at again the next time.

        Raises:
            Unavailable: the store is away; the next time makes up for it.
        """
        page = await self.boxes.dead_requests(limit=self.most)
        while page:
            for one in page:
                # The one way to hear of any fault without ending the pass.
                (came,) = await asyncio.gather(self._tell(one), return_exceptions=True)
                if isinstance(came, Problem):
                    LOG.warning("circuit.dead_later", why=type(came).__name__)
                elif isinstance(came, BaseException):
                    LOG.error("circuit.dead_not_told", mail=str(one.id), exc_info=came)
            page = await self.boxes.dead_requests(page[-1], limit=self.most)

    async def forever(self) -> None:
        """Look now and then."""
        while True:
            (came,) = await asyncio.gather(self.once(), return_exceptions=True)
            if isinstance(came, Problem):
                LOG.warning("circuit.dead_away", why=type(came).__name__)
            elif isinstance(came, BaseException):
                LOG.error("circuit.dead_failed", exc_info=came)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _tell(self, one: DeadLetter) -> None:
        doing = await self.cases.store.action(one.id)
        if doing is None:
            return
        event = b.RequestDead(
            id=event_id(one.id, "dead"), at=self.now(), action=one.id, cause=one.reason
        )
        await self.cases.add(doing.case, event)
