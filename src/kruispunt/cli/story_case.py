"""The stories of the circuit: cases that are really run, from declared risk to last answer.

A first employer has no mailbox at the insurer yet and is asked on paper; then it gets a key, is
asked in its mailbox, and answers online (05/022 §5(4)-5(5)). The third case asks the payment
institutions too (§5(6)-5(11)).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from kruispunt.circuits import Requested
from kruispunt.cli.case_desk import cases_at, until_people
from kruispunt.cli.case_inquire import Opened
from kruispunt.cli.clients import new_message
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House
from kruispunt.cli.story import Noted
from kruispunt.cli.story_key import extra_key
from kruispunt.client import (
    CaseClient,
    CaseReply,
    CaseRequest,
    ContactBody,
    DeclarationRequest,
    DoneBody,
    EnterpriseBody,
    Mailbox,
    NewsRequest,
    PeriodBody,
    RiskBody,
)
from kruispunt.people import Example
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Http, KeyRingFile, SigningKeyFile

WAIT_S: Final = 20.0
RISK_DAYS: Final = 6
"""How many days ago the risk began."""

BELIEVED_S: Final = 1.0
"""After so long every process believes a key that was made."""

CONTACT: Final = ContactBody(
    first_name="An", last_name="Peeters", email="an.peeters@insurer.example"
)
RiskHere = Literal["incapacity", "paternity-or-birth-leave"]


class CaseTold(msgspec.Struct, kw_only=True):
    """One case of a demonstration, as it stood at the end. `faults`: what went otherwise."""

    title: str = msgspec.field(name="title")
    why: str
    case: CaseReply
    run: list[Opened] = []
    """Of a run through a file of members: what each line came to."""

    trail: list[Noted] = []
    """What the trails say of its question by mail, hop by hop, where they are told."""

    faults: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTeller:
    """Runs cases of one insurer, and plays the people who have to act in them."""

    house: House
    seat: InstitutionCode
    examples: Mapping[str, Example]
    today: date
    http: Http

    async def tell(self) -> AsyncGenerator[CaseTold]:
        """Each case once all has happened that can; those that nobody fits are passed over."""
        worker = self.examples.get("routed-to-employer") or self.examples.get("full-time")
        if worker is None:
            return
        yield (first := await self._on_paper(worker))
        number = next((one.to for one in _wants(first.case, "send-request") if one.to), "")
        if number:
            yield await self._online(worker, InstitutionCode(number))
        two, one = map(self.examples.get, ("two-payers", "part-time-and-unemployed"))
        if two is not None:
            yield await self._unemployed(two, begin=two.begin)
        elif one is not None:
            yield await self._unemployed(one, begin=self._usual)

    async def _on_paper(self, worker: Example) -> CaseTold:
        told = await self._open(worker, "incapacity")
        told = await self._hear(told, _sheet_back(told))
        requests = {one.request for one in _wants(told, "send-request")}
        if not requests:
            return _told(
                "Ill, and who declares for the employer sees it in the payroll: nothing is asked.",
                "Who wants no generic request is waited for: it declares by itself (§23).",
                told,
                ending=None,
            )
        for request in requests:
            employer = _employer(told)
            paper = NewsRequest(
                id=new_message(), what="declaration-received", request=request, employer=employer
            )
            told = await self._hear(told, paper)
        return _told(
            "Ill, and the employer has no mailbox here: what is known is printed on the letter.",
            "Who did not choose to be asked electronically, or can't be, is asked by post; the "
            "holder sheet always goes on paper to the insured person, and comes back.",
            told,
            ending="done",
        )

    async def _online(self, worker: Example, number: InstitutionCode) -> CaseTold:
        state = self.house.place.state
        async with extra_key(state, institution=number, believed_by=self.seat) as key:
            await key.make()
            await asyncio.sleep(BELIEVED_S)
            told = await self._open(worker, "paternity-or-birth-leave")
            await self._answer_mail(
                number, cases_at(self.house, self.seat, http=self.http, key=key.path)
            )
            told = await self._hear(told, _sheet_back(told))
        return _told(
            "Now the employer has a key: the request waits sealed in its mailbox, and it answers.",
            "Its own declaration needs no deliberation (05/022 §2.1): the ground is not_required.",
            told,
            ending="done",
        )

    @property
    def _usual(self) -> date:
        return self.today - timedelta(days=RISK_DAYS)

    async def _unemployed(self, worker: Example, *, begin: date) -> CaseTold:
        told = await self._open(worker, "incapacity", begin=begin)
        return _told(
            "Part time, and known as unemployed: payment institutions are asked as well.",
            "The hub tells how many were asked, and neither it nor the insurer hears which.",
            told,
            ending="",
        )

    async def _open(
        self, worker: Example, risk: RiskHere, *, begin: date | None = None
    ) -> CaseReply:
        cases, begin = self._own(), begin or self._usual
        told = await cases.start(
            CaseRequest(
                id=new_message(),
                ssin=worker.ssin.digits,
                risk=RiskBody(type=risk, period=PeriodBody(begin_date=begin)),
                contact=CONTACT,
            )
        )
        await until_people(cases, told, wait_s=WAIT_S)
        return await self._settled(cases, told)

    async def _settled(self, cases: CaseClient, told: CaseReply) -> CaseReply:
        """The case once its letters are with the post too."""
        posted = 0
        for _ in range(int(WAIT_S * 5)):
            told = await cases.find(told.head.case)
            posted = sum(step.what in {"holder-sheet-sent", "letter-sent"} for step in told.steps)
            if posted >= _letters(told):
                break
            await asyncio.sleep(0.2)
        return told

    async def _answer_mail(self, number: InstitutionCode, cases: CaseClient) -> None:
        """Take the requests out of the mailbox, and answer each online."""
        home, by = self.house.place.home(self.seat), cases.by
        key = by.key
        assert isinstance(key, SigningKeyFile), f"{number} signs with a file"
        mailbox = Mailbox(
            url=cases.url,
            seat=self.seat,
            http=self.http,
            key=key,
            ring=KeyRingFile.open(home.ring),
            now=now,
            random_bytes=random_bytes,
        )
        polled = await mailbox.poll(wait_s=5)
        for letter in polled.letters:
            if letter.content is not None:
                asked = msgspec.json.decode(letter.content, type=Requested)
                declaration = DeclarationRequest(
                    id=new_message(), request=asked.request, content={"last_day_worked": None}
                )
                await mailbox.acknowledge([letter.mail.id])
                await cases.declare(declaration)

    async def _hear(self, told: CaseReply, news: NewsRequest) -> CaseReply:
        cases = self._own()
        await cases.hear(told.head.case, news)
        return await cases.find(told.head.case)

    def _own(self) -> CaseClient:
        return cases_at(self.house, self.seat, http=self.http)


def _told(title: str, why: str, case: CaseReply, *, ending: str | None) -> CaseTold:
    """`ending`: how it must end; empty: not at all, with every answer; None: it waits."""
    faults: list[str] = []
    if ending and case.head.ending != ending:
        faults.append(f"expected it to end {ending}, found {case.head.ending or case.head.stage}")
    if ending == "" and not case.head.unemployment.startswith("complete"):
        faults.append(f"expected every answer, found {case.head.unemployment}")
    return CaseTold(title=title, why=why, case=case, faults=faults)


def _wants(told: CaseReply, what: str) -> list[DoneBody]:
    return [one for step in told.steps for one in step.wants if one.what == what]


def _letters(told: CaseReply) -> int:
    paper = [one for one in _wants(told, "send-request") if one.about.startswith("paper")]
    return len(paper) + len(_wants(told, "send-holder-sheet"))


def _sheet_back(told: CaseReply) -> NewsRequest:
    (sheet,) = _wants(told, "send-holder-sheet")
    return NewsRequest(id=new_message(), what="holder-sheet-returned", action=sheet.id)


def _employer(told: CaseReply) -> EnterpriseBody:
    """Whose declaration is waited for, as the case names it."""
    number = next((one.number for one in told.head.waiting_for if one.number), "")
    return EnterpriseBody(cbe=number or next(one.to for one in _wants(told, "send-request")))
