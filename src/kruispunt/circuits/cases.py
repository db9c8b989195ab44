"""Cases as their institution runs them: begun, moved on by events, looked at, followed.

What happens to a case is durable, with all that follows from it, before anything of it is done.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from msgspec import structs

from kruispunt.circuits.at_hand import AtHand
from kruispunt.circuits.benefits import DeadlinePassed, SendRequest, Stage, UnemploymentAccepted
from kruispunt.circuits.circuit import (
    Action,
    Circuit,
    Event,
    Opening,
    Request,
    RulesOn,
    State,
    Task,
)
from kruispunt.circuits.desk import Desk
from kruispunt.circuits.filed import (
    MOST_EVENTS,
    CaseStore,
    Change,
    Filed,
    Happened,
    Lane,
    Ticket,
    Wanted,
    first_due,
    lane_of,
    tasks_of,
)
from kruispunt.circuits.followers import Followers
from kruispunt.circuits.kinds import CIRCUITS, opened_by
from kruispunt.vocabulary import NotFound, SameMessageOtherContent, Ssin, Unavailable

ATTEMPTS: Final = 8
LOOK_EVERY_S: Final = 2.0
LEASE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """An event that waits to happen, and who waits for it. `done`: the action that it answers."""

    event: Event
    waiter: asyncio.Future[State]
    done: UUID | None = None


@dataclass(slots=True, kw_only=True)
class _Line:
    """What waits to happen to one case; `task` works on it."""

    news: list[_News] = field(default_factory=list[_News])
    task: asyncio.Task[None] | None = None


def case_of(opening: Opening) -> UUID:
    """The case that a declaration opens: the same declaration, the same case."""
    return uuid5(opening.id, "case")


class Cases:
    """The cases of one institution, as one process has them.

    What comes to one case while it is being written waits, and then happens together, in the
    order in which it came: one commit. Several processes may do so on one store; who is late
    reads again.
    """

    def __init__(
        self,
        *,
        store: CaseStore,
        desk: Desk,
        now: Callable[[], datetime],
        lease: timedelta = LEASE,
        followers: Followers | None = None,
        law: RulesOn | None = None,
    ) -> None:
        """`lease`: how long what lies on the desk is left to this process.

        `law`: what runs now. A case meets it when something happens to it next, so that a new
        lawbook touches no case by itself; None: each case keeps the law it was opened under.
        """
        self.store = store
        self.desk = desk
        self.followers = followers or Followers()
        self._now = now
        self._lease = lease
        self._law = law
        self._lines: dict[UUID, _Line] = {}
        self._hot = AtHand()
        self.followers.heard, self.followers.missed = self._hot.heard, self._hot.missed

    async def start(self, opening: Opening) -> UUID:
        """Open a case. The same declaration again is the same case, and nothing more happens.

        Raises:
            SameMessageOtherContent: the id of the declaration was used for another.
            Unavailable: the store is away; asking again with the same id is safe.
        """
        case = case_of(opening)
        await self.add(case, opening)
        first = await self.store.events(case, 0, 1)
        if not first or not _same(first[0].event, opening):
            raise SameMessageOtherContent
        return case

    async def add(self, case: UUID, event: Event, *, done: UUID | None = None) -> State:
        """The case after an event, which is durable then. What happened before changes nothing.

        `done`: the action that is done with it.

        Raises:
            NotFound: there is no such case.
            Unavailable: the store is away, or too many change this case. Adding the event again is
                safe: it has an id of its own.
        """
        waiter: asyncio.Future[State] = asyncio.get_running_loop().create_future()
        line = self._lines.setdefault(case, _Line())
        line.news.append(_News(event=event, waiter=waiter, done=done))
        if line.task is None:
            line.task = asyncio.create_task(self._work(case, line), name="case")
        return await waiter

    async def find(self, case: UUID) -> Filed | None:
        """The case as it is now; None: there is none."""
        return await self.store.find(case)

    async def at_hand(self, case: UUID) -> Filed | None:
        """The case as this process last wrote it, without a look; else as it is now.

        What another process added since may be missing.
        """
        return self._hot.get(case) or await self.store.find(case)

    async def events(self, case: UUID, after_n: int = 0, limit: int = 100) -> list[Happened]:
        """What happened in a case after its event with this number, in order."""
        return await self.store.events(case, after_n, limit)

    async def list(
        self, after: UUID | None = None, limit: int = 50, *, open_only: bool = False
    ) -> Sequence[Filed]:
        """Cases, the latest opened first; `after`: the last one of the page before."""
        return await self.store.page(after, limit, open_only=open_only)

    async def follow(self, case: UUID, after_n: int = 0) -> AsyncGenerator[Happened]:
        """Every event after the one with this number, as it happens; ends when the case is closed.

        Raises:
            NotFound: there is no such case.
        """
        with self.followers.joined(case) as bell:
            while True:
                # INVARIANT: the bell is silenced before looking, so what comes meanwhile rings it.
                bell.clear()
                filed = await self.store.find(case)
                if filed is None:
                    raise NotFound("no such case")
                for one in await self.store.events(case, after_n, MOST_EVENTS):
                    after_n = one.n
                    yield one
                if after_n >= filed.version:
                    if filed.closed_at is not None:
                        return
                    await _ringing(bell)

    async def _work(self, case: UUID, line: _Line) -> None:
        """Let happen what waits, until nothing does; who waits is told, whatever comes of it."""
        while line.news:
            news, line.news = line.news, []
            (told,) = await asyncio.gather(self._happen(case, news), return_exceptions=True)
            if isinstance(told, BaseException):
                self._hot.drop(case)
            for one in news:
                _tell(one.waiter, told)
        del self._lines[case]

    async def _happen(self, case: UUID, news: Sequence[_News]) -> State:
        filed = self._hot.get(case)
        if filed is None and opened_by(news[0].event) is None:
            filed, at_hand = await self.store.find(case), False
        else:  # what opens a case mostly is new; where it is not, the store says so
            at_hand = True
        for _ in range(ATTEMPTS):
            turn = await self._turn(filed or _opening(case, news[0].event), news)
            if turn is None and not at_hand:
                assert filed is not None, "an opening is never nothing"
                await self._finish(news)
                self._hot.keep(filed)
                return filed.case
            if turn is not None and await self._write(turn):
                self._hot.keep(turn.filed)
                self.followers.ring(case)
                return turn.filed.case
            # INVARIANT: only what the store has now says that nothing happened: another process
            # may have added since what these events speak of.
            self._hot.drop(case)
            filed, at_hand = await self.store.find(case), False
        raise Unavailable("too many change this case", retry_after_s=1)

    async def _turn(self, filed: Filed, news: Sequence[_News]) -> Change | None:
        """What these events make of the case; None: nothing."""
        now, state, circuit = self._now(), filed.case, CIRCUITS[filed.kind]
        happened: list[Happened] = []
        actions: list[Action] = []
        persons: list[Ssin] = []
        met = self._law_met(circuit, filed, now)
        if met is not None:
            state, wanted = circuit.advance(state, met)
            actions += wanted
            happened.append(Happened(n=filed.version + 1, event=met))
        for event in (circuit.keep(one.event) for one in news):
            after, wanted = circuit.advance(state, event)
            if after is state and await self._is_old(filed, happened, event):
                continue
            state = after
            happened.append(Happened(n=filed.version + len(happened) + 1, event=event))
            actions += wanted
            persons += [state.person] if state.person else []
        if len(happened) == (met is not None):
            return None
        tasks = tasks_of(tuple(actions))
        return Change(
            filed=_turned(filed, state, happened[-1].n, now),
            before=filed.version,
            at=now,
            due_at=now,
            events=tuple(happened),
            tasks=tasks,
            tickets=(*_told_by(filed.case.id, happened), *_told_to(filed.case.id, tasks)),
            done=tuple(one.done for one in news if one.done),
            persons=tuple(dict.fromkeys(one for one in persons if one != filed.case.person)),
        )

    def _law_met(self, circuit: Circuit, filed: Filed, now: datetime) -> Event | None:
        """The law that runs now, where this case does not know it; it goes before what happens."""
        if self._law is None:
            return None
        told = uuid5(filed.case.id, f"rules {filed.version}")
        return circuit.meet(filed.case, self._law, told, now)

    async def _is_old(self, filed: Filed, happened: Sequence[Happened], event: Event) -> bool:
        """True where an event that changes nothing is not worth keeping: it stands already."""
        if isinstance(event, DeadlinePassed) or event.id in filed.case.seen:
            return True
        if any(one.event.id == event.id for one in happened):
            return True
        return filed.version > 0 and await self.store.knows(filed.case.id, event.id)

    async def _write(self, change: Change) -> bool:
        """Commit a change; its questions lie on the desk then; all else is due for a sweep."""
        tasks = [one for one in change.tasks if lane_of(one) is Lane.NETWORK]
        count = len(tasks)
        here = self.desk.promise(count)
        if here:
            change = replace(change, due_at=change.at + self._lease)
        stands = False
        if change.before:
            self._hot.turns(change.filed.case.id)
        try:
            stands = await self.store.write(change)
        finally:
            if here and not stands:
                self.desk.take_back(count)
        if here and stands:
            case = change.filed.case.id
            self.desk.put(*(Wanted(case=case, task=task) for task in tasks))
        return stands

    async def _finish(self, news: Sequence[_News]) -> None:
        """What was done is done, although it changed nothing."""
        for one in news:
            if one.done is not None:
                await self.store.finish(one.done, self._now())


def _opening(case: UUID, event: Event) -> Filed:
    """A case before its first event.

    Raises:
        NotFound: it is not what opens a case.
    """
    circuit = opened_by(event)
    if circuit is None:
        raise NotFound("no such case")
    return Filed(case=circuit.new(case), kind=circuit.kind, version=0, opened_at=event.at)


def _turned(filed: Filed, state: State, version: int, now: datetime) -> Filed:
    closed = now if state.stage is Stage.CLOSED else None
    return replace(
        filed,
        case=state,
        version=version,
        closed_at=filed.closed_at or closed,
        next_due=first_due(state),
    )


def _told_by(case: UUID, happened: Sequence[Happened]) -> Iterator[Ticket]:
    """Words that the network gave for what it will say later."""
    for one in happened:
        if isinstance(one.event, UnemploymentAccepted):
            yield Ticket(ticket=one.event.ticket, case=case, action=one.event.action)


def _told_to(case: UUID, tasks: Sequence[Task]) -> Iterator[Ticket]:
    """Words that we give, under which others answer: they may do so before we know anything."""
    for task in tasks:
        if isinstance(task, Request):
            yield Ticket(ticket=str(task.message_id), case=case, action=task.id)
        elif isinstance(task, SendRequest):
            yield Ticket(ticket=str(task.request), case=case, action=task.id)


def _same(first: Event, opening: Opening) -> bool:
    """True where a case was opened by this declaration, whenever it came and by whatever law."""
    if not isinstance(first, Opening):
        return False
    return opening == structs.replace(first, at=opening.at, rules=opening.rules)


def _tell(waiter: asyncio.Future[State], told: State | BaseException) -> None:
    if waiter.done():
        return
    if isinstance(told, BaseException):
        waiter.set_exception(told)
    else:
        waiter.set_result(told)


async def _ringing(bell: asyncio.Event) -> None:
    """Wait for the bell, but not for ever: what another process does may not be heard."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_EVERY_S):
            await bell.wait()
