"""A circuit that is killed between any two commits, however often: nothing lost, nothing twice."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.cases_house import LEASE, CaseHouse, a_declaration, of_risk
from tests.contract.circuit_house import Circuit, Says, a_mail, busy, choice, silent

from kruispunt.circuits import CIRCUITS, Change, MemoryFiledCases, Wanted, replay
from kruispunt.circuits import benefits as b
from kruispunt.client import AnswerContent, CountContent, canonical
from kruispunt.vocabulary import Mail, MailKind


class Killed(Exception):
    """The process ends here."""


@dataclass(slots=True, kw_only=True)
class Deadly(MemoryFiledCases):
    """A store whose process is killed at some of its commits: just before, or just after them.

    `kills`: commits that pass until the next kill, and whether it comes after the commit.
    """

    kills: list[tuple[int, bool]] = field(default_factory=list[tuple[int, bool]])
    dead: bool = False

    async def write(self, change: Change) -> bool:
        after = self._count()
        stands = await MemoryFiledCases.write(self, change)
        self._die(after)
        return stands

    async def finish(self, action: UUID, at: datetime, mails: tuple[Mail, ...] = ()) -> None:
        after = self._count()
        await MemoryFiledCases.finish(self, action, at, mails)
        self._die(after)

    async def put_off(self, wanted: Wanted, until: datetime, cause: str) -> None:
        after = self._count()
        await MemoryFiledCases.put_off(self, wanted, until, cause)
        self._die(after)

    def _count(self) -> bool:
        """True where the process dies after this commit."""
        if self.dead:
            raise Killed
        if not self.kills:
            return False
        left, after = self.kills[0]
        if left:
            self.kills[0] = (left - 1, after)
            return False
        self.kills.pop(0)
        self._die(not after)
        return after

    def _die(self, now: bool) -> None:
        if now:
            self.dead = True
            raise Killed


async def lived(circuit: Circuit, store: Deadly, work: Any) -> None:
    """Work until it is done; who is killed is born again, and waits for its lease to end."""
    while True:
        try:
            await work()
        except Killed:
            store.dead = False
            circuit.born_again()
            circuit.house.clock.put_on(seconds=LEASE.total_seconds())
        else:
            return


async def a_life(network: Says, kills: list[tuple[int, bool]]) -> tuple[Circuit, Deadly]:
    """A case from its declaration to its last answer."""
    store = Deadly(kills=list(kills))
    circuit = Circuit(house=CaseHouse(store=store), network=network)

    async def start() -> None:
        await circuit.cases.start(a_declaration())

    async def rest() -> None:
        await circuit.work()

    await lived(circuit, store, start)
    for _ in range(4):
        await lived(circuit, store, rest)
        circuit.house.clock.put_on(seconds=61)
    for message in network.tickets:
        contents = [
            (MailKind.COUNT, CountContent(expected=2)),
            (MailKind.ANSWER, AnswerContent(number=1)),
            (MailKind.ANSWER, AnswerContent(number=2)),
        ]
        for n, (kind, content) in enumerate(contents, start=1):
            mail = a_mail(UUID(int=1000 + n), kind=kind, ticket=str(message))
            circuit.box.put(mail, canonical(content))
    await lived(circuit, store, rest)
    return circuit, store


kills = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=12)
faults = st.lists(st.sampled_from([silent, busy]), max_size=2)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kills=kills, faults=faults, channel=st.sampled_from(["ELECTRONIC", "PAPER"]))
async def test_a_circuit_that_is_killed_anywhere_loses_nothing_and_does_nothing_twice(
    kills: list[tuple[int, bool]], faults: list[Any], channel: str
):
    network = Says()
    network.rows[b.Role.ROUTING] = [choice(channel)]
    network.first["flow.routing"] = [fault() for fault in faults]

    circuit, store = await a_life(network, kills)

    (filed,) = store.filed.values()
    case = of_risk(filed.case)
    happened = store.happened[case.id]
    assert case == replay(CIRCUITS[filed.kind], case.id, [one.event for one in happened])
    assert [one.n for one in happened] == list(range(1, filed.version + 1))
    assert len({one.event.id for one in happened}) == len(happened)
    # One look for each consultation, however often it was asked: always under one id.
    assert sorted(network.looks.values()) == sorted(
        [*(f"flow.{role}" for role in b.Role), "flow.unemployment"]
    )
    assert case.unemployment.state is b.Replies.COMPLETE
    assert circuit.box.letters == {}
    sent = [job.task for job in store.jobs.values() if isinstance(job.task, b.SendRequest)]
    assert len(sent) == len(store.mails) + len(circuit.posted.letters) - 1 == 1
    assert all(job.done_at for job in store.jobs.values())
    waiting = {one.party for one in b.waiting(case)}
    assert waiting == {b.Party.INSURED_PERSON, b.Party.EMPLOYER}
