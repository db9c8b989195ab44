"""The stories of increased reimbursement: inquiries that are really run (05/022 §2.2, §6).

On request with a question to the payment institutions, on request without one, and on the
insurer's own initiative through a file of members, as `case apply` and `case inquire` do.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from kruispunt.cli.case_desk import cases_at, until_people
from kruispunt.cli.case_inquire import Member, Opened, look_at
from kruispunt.cli.clients import new_message
from kruispunt.cli.clock import now
from kruispunt.cli.compose import House
from kruispunt.cli.inquire_run import open_run
from kruispunt.cli.story import Noted
from kruispunt.cli.story_case import CaseTold
from kruispunt.cli.story_trail import Trails
from kruispunt.client import (
    ApplicationBody,
    CaseClient,
    CaseReply,
    CaseRequest,
    IncomeBody,
    OwnFilesBody,
)
from kruispunt.law import Flow, Supply
from kruispunt.people import Example
from kruispunt.vocabulary import FlowId, InstitutionCode
from kruispunt.web import Http

WAIT_S: Final = 20.0
MUCH: Final = 90_000_00
"""A gross taxable income of a year that leaves no doubt, in cents."""

LONG: Final = timedelta(days=200)
"""For so long somebody lives alone and is unemployed: longer than the three months asked."""

DECIDED: Final = frozenset({"granted", "not-granted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomeTeller:
    """Runs inquiries into incomes of one insurer; nobody has to act in them but the network."""

    house: House
    seat: InstitutionCode
    examples: Mapping[str, Example]
    today: date
    http: Http
    trails: Trails

    async def tell(self) -> AsyncGenerator[CaseTold]:
        """Each inquiry once it was decided; those that nobody fits are passed over."""
        jobless = self.examples.get("unemployed")
        if jobless is None:
            return
        yield await self._asked(jobless)
        yield await self._not_needed(jobless)
        yield await self._own_initiative(jobless)

    async def _asked(self, person: Example) -> CaseTold:
        since = now()
        told = await self._apply(person, ApplicationBody(has_unemployment=True))
        return await self._told(
            "Somebody unemployed applies: whoever pays the benefits is asked, and decides it.",
            "Nobody has to bring a paper from the payment institution any more. Of its answer six "
            "fields are kept: those that a rule looks at (§6, §7.6, §40).",
            told,
            trail=await self._trail(person, since),
            asked=True,
        )

    async def _not_needed(self, person: Example) -> CaseTold:
        since = now()
        body = ApplicationBody(has_unemployment=True, incomes=(IncomeBody(taxed_cents=MUCH),))
        told = await self._apply(person, body)
        return await self._told(
            "The same application with an income above the ceiling: nobody is asked.",
            "No answer could decide otherwise, so the question would have no purpose. The amount "
            "of the ceiling is that of the lawbook on the day (§2.2).",
            told,
            trail=await self._trail(person, since),
            asked=False,
        )

    async def _own_initiative(self, person: Example) -> CaseTold:
        since, cases = now(), self._own()
        long_ago = self.today - LONG
        alone = OwnFilesBody(
            single_since=long_ago, replaced_by="unemployment", replaced_since=long_ago
        )
        members = [
            Member(ssin=person.ssin.digits, own_files=alone),
            *(
                Member(ssin=one.ssin.digits, own_files=files)
                for story, files in (
                    ("full-time", OwnFilesBody()),
                    ("part-time", OwnFilesBody(has_right=True)),
                )
                if (one := self.examples.get(story)) is not None
            ),
        ]
        opened = await self._inquire(cases, members)
        (first, *_) = opened
        assert first.case is not None, "the first line is of a member whom nobody looks at now"
        told = await self._decided(cases, await cases.find(first.case))
        told_run = await self._told(
            "The insurer looks by itself through a file of its members: one is asked about.",
            "Since 1 October 2024 nobody has to apply (§6(2)). What the insurer's own files "
            "exclude ends there: who has the right already, or is in no target group. This is the "
            "case of line 1.",
            told,
            trail=await self._trail(person, since),
            asked=True,
        )
        told_run.run = list(opened)
        told_run.faults += [f"line {one.line}: {one.wrong}" for one in opened if one.wrong]
        told_run.faults += [
            f"expected line {one.line} to end without a question, found {one.unemployment}"
            for one in opened[1:]
            if one.unemployment != "not-needed"
        ]
        return told_run

    async def _inquire(self, cases: CaseClient, members: Sequence[Member]) -> list[Opened]:
        """What `case inquire FILE` does, with a file that is thrown away after it."""
        with TemporaryDirectory(dir=self.house.place.state) as folder:
            path = Path(folder) / "members.jsonl"
            content = b"".join(msgspec.json.encode(one) + b"\n" for one in members)
            path.write_bytes(content)
            digest = sha256(content).hexdigest()
            with (
                path.open("rb") as file,
                open_run(path, digest=digest, fresh=new_message(), today=self.today) as run,
            ):
                return [one async for some in look_at(cases, run, file) for one in some]

    async def _apply(self, person: Example, body: ApplicationBody) -> CaseReply:
        cases = self._own()
        request = CaseRequest(id=new_message(), ssin=person.ssin.digits, application=body)
        return await self._decided(cases, await cases.start(request))

    async def _decided(self, cases: CaseClient, told: CaseReply) -> CaseReply:
        await until_people(cases, told, wait_s=WAIT_S)
        return await cases.find(told.head.case)

    async def _trail(self, person: Example, since: datetime) -> Sequence[Noted]:
        return await self.trails.passed(person.ssin, self._flow, since=since)

    @property
    def _flow(self) -> FlowId:
        """The flow that payment institutions answer by mail."""
        flows: list[Flow] = list(self.house.network.lawbook.flows.values())
        return next(one.id for one in flows if one.supply is Supply.BY_DIRECTORY)

    @property
    def _way(self) -> set[InstitutionCode]:
        """The seats between insurer and payment institutions; other nodes hear nothing."""
        network = self.house.network
        ahead, payers = network.node_of(self.seat), {one.node for one in network.collectors}
        return {network.hub, *payers, *(() if ahead is None else (ahead.institution,))}

    async def _told(
        self, title: str, why: str, case: CaseReply, *, trail: Sequence[Noted], asked: bool
    ) -> CaseTold:
        faults = list[str]()
        if case.head.ending not in DECIDED:
            faults.append(f"expected a decision, found {case.head.ending or case.head.stage}")
        if asked and not case.head.unemployment.startswith("complete"):
            faults.append(f"expected every answer, found {case.head.unemployment}")
        if asked and {one.at for one in trail} != self._way:
            faults.append("expected entries in every trail on the way")
        if not asked and (trail or case.head.unemployment != "not-needed"):
            faults.append("expected no question, and no entry in any trail")
        return CaseTold(title=title, why=why, case=case, trail=list(trail), faults=faults)

    def _own(self) -> CaseClient:
        return cases_at(self.house, self.seat, http=self.http)
