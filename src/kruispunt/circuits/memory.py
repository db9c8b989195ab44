"""Cases and kept answers in memory: the twins of their stores, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from kruispunt.circuits.answers import Kept, ends_page
from kruispunt.circuits.circuit import Task
from kruispunt.circuits.filed import (
    Change,
    Doing,
    Filed,
    Happened,
    Lane,
    Ticket,
    Wanted,
    lane_of,
)
from kruispunt.vocabulary import Mail, Ssin


@dataclass(slots=True, kw_only=True)
class _Job:
    case: UUID
    task: Task
    due_at: datetime
    attempts: int = 0
    done_at: datetime | None = None
    cause: str = ""


@dataclass(slots=True, kw_only=True)
class MemoryFiledCases:
    """Keeps what the store would keep, and loses it all when the process ends."""

    filed: dict[UUID, Filed] = field(default_factory=dict[UUID, Filed])
    happened: dict[UUID, list[Happened]] = field(default_factory=dict[UUID, list[Happened]])
    jobs: dict[UUID, _Job] = field(default_factory=dict[UUID, _Job])
    tickets: dict[str, Ticket] = field(default_factory=dict[str, Ticket])
    persons: dict[Ssin, set[UUID]] = field(default_factory=dict[Ssin, set[UUID]])
    mails: dict[UUID, Mail] = field(default_factory=dict[UUID, Mail])
    leased: dict[UUID, datetime] = field(default_factory=dict[UUID, datetime])

    async def find(self, case: UUID) -> Filed | None:
        return self.filed.get(case)

    async def page(self, after: UUID | None, limit: int, *, open_only: bool) -> list[Filed]:
        found = sorted(self.filed.values(), key=_order, reverse=True)
        if after is not None:
            before = self.filed.get(after)
            found = [one for one in found if before and _order(one) < _order(before)]
        return [one for one in found if not (open_only and one.closed_at)][:limit]

    async def events(self, case: UUID, after_n: int, limit: int) -> list[Happened]:
        return [one for one in self.happened.get(case, []) if one.n > after_n][:limit]

    async def knows(self, case: UUID, event: UUID) -> bool:
        return any(one.event.id == event for one in self.happened.get(case, []))

    async def write(self, change: Change) -> bool:
        case = change.filed.case.id
        stands = self.filed.get(case)
        if (stands.version if stands else 0) != change.before:
            return False
        self.filed[case] = change.filed
        self.leased.pop(case, None)
        self.happened.setdefault(case, []).extend(change.events)
        for task in change.tasks:
            self.jobs.setdefault(task.id, _Job(case=case, task=task, due_at=change.due(task)))
        for word in change.tickets:
            self.tickets.setdefault(word.ticket, word)
        for person in change.persons:
            self.persons.setdefault(person, set()).add(case)
        for action in change.done:
            self._done(action, change.at)
        return True

    async def finish(self, action: UUID, at: datetime, mails: tuple[Mail, ...] = ()) -> None:
        self._done(action, at)
        for mail in mails:
            self.mails.setdefault(mail.id, mail)

    async def about(self, person: Ssin) -> list[Filed]:
        found = [self.filed[case] for case in self.persons.get(person, ())]
        return sorted((one for one in found if not one.closed_at), key=_order, reverse=True)

    async def ticket(self, ticket: str) -> Ticket | None:
        return self.tickets.get(ticket)

    async def action(self, action: UUID) -> Doing | None:
        job = self.jobs.get(action)
        if job is None:
            return None
        return Doing(
            case=job.case,
            task=job.task,
            due_at=job.due_at,
            attempts=job.attempts,
            done_at=job.done_at,
            cause=job.cause,
        )

    async def take(self, lane: Lane, now: datetime, until: datetime, limit: int) -> list[Wanted]:
        undone = [job for job in self.jobs.values() if job.done_at is None]
        due = [job for job in undone if job.due_at <= now and lane_of(job.task) is lane]
        due.sort(key=lambda job: job.due_at)
        for job in due[:limit]:
            job.due_at = until
            job.attempts += 1
        return [Wanted(case=job.case, task=job.task, attempts=job.attempts) for job in due[:limit]]

    async def put_off(self, wanted: Wanted, until: datetime, cause: str) -> None:
        job = self.jobs.get(wanted.task.id)
        if job is not None and job.done_at is None:
            job.due_at = until
            job.cause = cause
            job.attempts = max(job.attempts, wanted.attempts)

    async def take_due(self, now: datetime, until: datetime, limit: int) -> list[UUID]:
        due = [(self._due(one), one.case.id) for one in self.filed.values()]
        found = sorted((at, case) for at, case in due if at is not None and at <= now)[:limit]
        self.leased.update((case, until) for _at, case in found)
        return [case for _at, case in found]

    async def settle_due(self, filed: Filed) -> None:
        self.leased.pop(filed.case.id, None)

    def _due(self, filed: Filed) -> datetime | None:
        return self.leased.get(filed.case.id, filed.next_due)

    def _done(self, action: UUID, at: datetime) -> None:
        job = self.jobs.get(action)
        if job is not None and job.done_at is None:
            job.done_at = at


def _order(filed: Filed) -> tuple[datetime, UUID]:
    return filed.opened_at, filed.case.id


@dataclass(slots=True, kw_only=True)
class MemoryAnswers:
    """Keeps what the store would keep, and loses it all when the process ends."""

    kept: dict[UUID, Kept] = field(default_factory=dict[UUID, Kept])
    count: int = 0

    async def keep(self, kept: Kept) -> None:
        if kept.id not in self.kept:
            self.count += 1
            self.kept[kept.id] = replace(kept, position=self.count)

    async def list(self, after: int, limit: int) -> Sequence[Kept]:
        found: list[Kept] = []
        for one in self.kept.values():
            if one.position > after and not ends_page(found, limit):
                found.append(one)
        return found

    async def take(self, ids: Sequence[UUID]) -> int:
        return sum(self.kept.pop(one, None) is not None for one in ids)

    async def forget(self, before: datetime) -> None:
        self.kept = {key: one for key, one in self.kept.items() if one.came_at >= before}
