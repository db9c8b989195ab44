"""How much waits in a store, counted now and then: who reads metrics waits for no database."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

from kruispunt.circuits import FiledCases, Lane
from kruispunt.cli.meters import Meters
from kruispunt.mailbox import Mailboxes
from kruispunt.vocabulary import Unavailable

COUNT_EVERY_S: Final = 15.0

Labels = tuple[tuple[str, str], ...]
Counts = Mapping[str, Mapping[Labels, float]]
"""What was counted: by metric, then by labels. Sums over everybody: never persons or insurers."""

MAIL: Final = "kruispunt_mail"
MAIL_AGE: Final = "kruispunt_mail_oldest_seconds"
CASES: Final = "kruispunt_cases_open"
ACTIONS: Final = "kruispunt_actions"
TOLD: Final[Mapping[str, str]] = {
    MAIL: "Mail in all mailboxes here, by state.",
    MAIL_AGE: "Since the oldest mail that waits was sent.",
    CASES: "Cases that are open.",
    ACTIONS: "What cases want done and nobody did yet, by lane; put-off: some tried in vain.",
}


@asynccontextmanager
async def counted(
    meters: Meters, count: Callable[[], Awaitable[Counts]], *metrics: str
) -> AsyncGenerator[None]:
    """Have these metrics told while this is open, as they were a moment ago.

    While the store is away they tell what was counted last.
    """
    last: dict[str, Mapping[Labels, float]] = {}

    def reader(name: str) -> None:
        meters.metrics.read(name, TOLD[name], lambda: last.get(name, {}).items())

    for name in metrics:
        reader(name)

    async def forever() -> None:
        while True:
            with suppress(Unavailable):
                last.update(await count())
            await asyncio.sleep(COUNT_EVERY_S)

    counting = asyncio.create_task(forever(), name="count what waits")
    try:
        yield
    finally:
        counting.cancel()
        await asyncio.wait([counting])


def counted_mail(meters: Meters, boxes: Mailboxes) -> Callable[[], Awaitable[Counts]]:
    """What waits in the mailboxes of a seat, over all recipients."""

    async def count() -> Counts:
        found = await boxes.boxes()
        held = sum(one.held for one in found)
        states = {
            "waiting": sum(one.waiting for one in found) - held,
            "held": held,
            "dead": sum(one.dead for one in found),
        }
        oldest = min((one.oldest for one in found if one.oldest), default=None)
        age = (meters.now() - oldest).total_seconds() if oldest else 0.0
        mail: Mapping[Labels, float] = {(("state", name),): n for name, n in states.items()}
        return {MAIL: mail, MAIL_AGE: {(): age}}

    return count


def counted_cases(store: FiledCases) -> Callable[[], Awaitable[Counts]]:
    """How many cases are open, and what they want done."""

    async def count() -> Counts:
        work = await store.work()
        actions: Mapping[Labels, float] = {
            (("lane", lane.value), ("state", state)): counts.get(lane, 0)
            for state, counts in (("undone", work.undone), ("put-off", work.put_off))
            for lane in Lane
        }
        return {CASES: {(): work.open}, ACTIONS: actions}

    return count
