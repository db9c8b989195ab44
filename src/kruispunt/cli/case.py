"""`kruispunt case`: cases of an institution, step by step, with who must act now."""

import asyncio
import getpass
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from cyclopts import App, Parameter, validators
from rich.table import Table

from kruispunt.cli.ask_told import WRONG
from kruispunt.cli.case_desk import INTERRUPTED, Desk, at_desk, print_case, read_case, start_case
from kruispunt.cli.case_income import apply
from kruispunt.cli.case_inquire import inquire
from kruispunt.cli.case_options import As, Json, NoAmount, State, Wait, read_cents
from kruispunt.cli.case_page import WIDE, cases_table, head_line, show_now, step_rows
from kruispunt.cli.clients import new_message
from kruispunt.cli.reading import NoSsin, Person, read_ssin_argument
from kruispunt.client import (
    MOST_LISTED,
    AccidentName,
    AnswerName,
    CaseReply,
    CaseRequest,
    ContactBody,
    EnterpriseBody,
    IncomeBody,
    NewsName,
    NewsRequest,
    PeriodBody,
    RiskBody,
    RiskName,
    StepBody,
)

case_app = App(name="case", help="Cases of an institution: open, show, list, follow, tell.")
case_app.command(apply)
case_app.command(inquire)

CaseId = Annotated[str, Parameter(help="The id of the case.")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What an insurer may know of a risk beside its days."""

    accident: Annotated[
        AccidentName, Parameter(help="An accident at work that was refused or is reserved (§23).")
    ] = "none"
    mini_dmfa: Annotated[
        bool, Parameter(negative="", help="Data of the quarter are still missing (05/022 §23).")
    ] = False
    insurability_only: Annotated[
        bool, Parameter(negative="", help="Ask payment institutions that alone (05/022 §37).")
    ] = False
    card: Annotated[
        str | None, Parameter(help="Number of the person's identity card (05/022 §37).")
    ] = None
    language: Annotated[
        Literal["nl", "fr", "de"] | None, Parameter(help="Of the person's letters.")
    ] = None

    def of(
        self, risk: RiskName, period: PeriodBody, employer: str | None, *, direct: bool
    ) -> RiskBody:
        """The risk as it is told to the door."""
        return RiskBody(
            type=risk,
            period=period,
            employer=None if employer is None else EnterpriseBody(cbe=employer),
            direct=direct,
            accident=self.accident,
            mini_dmfa=self.mini_dmfa,
            insurability_only=self.insurability_only,
            card_number=self.card,
            language=self.language,
        )


ORDINARY: Final = Beside()


@case_app.command
def start(
    *,
    risk: Annotated[RiskName, Parameter(help="What was declared.")],
    ssin: Person,
    as_: As,
    begin: Annotated[date, Parameter(help="First day of the risk.")],
    until: Annotated[date | None, Parameter(help="Last day of the risk; none: open.")] = None,
    employer: Annotated[
        str | None, Parameter(help="Enterprise number of the employer, where it is known.")
    ] = None,
    direct: Annotated[
        bool, Parameter(negative="", help="Ask the payment institutions at once (05/022 §37).")
    ] = False,
    beside: Beside = ORDINARY,
    clerk: Annotated[
        str | None, Parameter(help="File manager, first name first; else who runs this.")
    ] = None,
    email: Annotated[str | None, Parameter(help="Where the file manager is reached.")] = None,
    wait: Wait = 10.0,
    json: Json = False,
    state: State = None,
) -> int:
    """Open a case: an insured person declared a risk (05/022 §5(1)). Shows what it did by itself.

    Exit codes: 0 opened; 1 no answer that can be believed, so it may be open; 2 it can't be
    opened: the field that is wrong is named; 3 refused.
    """
    try:
        person = read_ssin_argument(ssin)
    except NoSsin as wrong:
        return _wrong(wrong)
    period = PeriodBody(begin_date=begin, end_date=until)
    request = CaseRequest(
        id=new_message(),
        ssin=person.digits,
        risk=beside.of(risk, period, employer, direct=direct),
        contact=_contact(clerk, email),
    )

    async def work(desk: Desk) -> int:
        return await start_case(desk, request, wait_s=wait)

    return asyncio.run(at_desk(as_, work, state=state, json=json))


@case_app.command
def show(case: CaseId, *, as_: As, json: Json = False, state: State = None) -> int:
    """Show a case: who did what when, how long it took, which paragraph allowed it; who acts now.

    Exit codes: 0 shown; 1 no answer that can be believed; 2 there is no such case; 3 refused.
    """
    return asyncio.run(at_desk(as_, lambda desk: _show(desk, case), state=state, json=json))


@case_app.command(name="list")
def list_(
    *,
    as_: As,
    open_: Annotated[
        bool, Parameter(name="--open", negative="", help="Only those that are open.")
    ] = False,
    limit: Annotated[
        int, Parameter(validator=validators.Number(gte=1, lte=100_000), help="At most so many.")
    ] = 20,
    json: Json = False,
    state: State = None,
) -> int:
    """List cases, the latest opened first, with whom each waits for.

    Exit codes: 0 listed; 1 no answer that can be believed; 2 wrong input; 3 refused.
    """

    async def work(desk: Desk) -> int:
        return await _list(desk, open_only=open_, limit=limit)

    return asyncio.run(at_desk(as_, work, state=state, json=json))


@case_app.command
def follow(
    case: CaseId,
    *,
    as_: As,
    after: Annotated[int, Parameter(help="Begin after this step.")] = 0,
    json: Json = False,
    state: State = None,
) -> int:
    """Follow a case as it happens, until it is closed or you have seen enough (Ctrl-C).

    Exit codes: 0 it is closed; 1 no answer that can be believed; 2 there is no such case;
    3 refused; 130 interrupted.
    """
    try:
        return asyncio.run(
            at_desk(as_, lambda desk: _follow(desk, case, after), state=state, json=json)
        )
    except KeyboardInterrupt:
        return INTERRUPTED


@case_app.command
def tell(
    case: CaseId,
    what: Annotated[NewsName, Parameter(help="What happened.")],
    *,
    as_: As,
    action: Annotated[UUID | None, Parameter(help="What came back, as JSON shows it.")] = None,
    notice: Annotated[UUID | None, Parameter(help="What the clerk answers.")] = None,
    answer: Annotated[AnswerName | None, Parameter(help="What to do about it.")] = None,
    employer: Annotated[str | None, Parameter(help="Who declared, on paper.")] = None,
    request: Annotated[UUID | None, Parameter(help="The request that it answers.")] = None,
    proved: Annotated[
        str | None, Parameter(help="Unemployment benefits of a year that were proved, in euro.")
    ] = None,
    ssin: Person | None = None,
    json: Json = False,
    state: State = None,
) -> int:
    """Tell a case what a clerk knows: a letter came back, a sheet came in, an answer.

    `--ssin -` is the new number of who has another one now.

    Exit codes: 0 told; 1 no answer that can be believed, so it may be told; 2 it can't be said of
    this case: the field that is wrong is named; 3 refused.
    """
    try:
        successor = None if ssin is None else read_ssin_argument(ssin).digits
        income = None if proved is None else IncomeBody(taxed_cents=read_cents(proved))
    except (NoSsin, NoAmount) as wrong:
        return _wrong(wrong)
    news = NewsRequest(
        id=new_message(),
        successor=successor,
        what=what,
        action=action,
        notice=notice,
        answer=answer,
        employer=None if employer is None else EnterpriseBody(cbe=employer),
        request=request,
        proved=income,
    )

    async def work(desk: Desk) -> int:
        return _tell(desk, await desk.cases.hear(read_case(case), news))

    return asyncio.run(at_desk(as_, work, state=state, json=json))


async def _show(desk: Desk, case: str) -> int:
    found = await desk.cases.find(read_case(case))
    while found.more:
        rest = await desk.cases.find(found.head.case, after=found.steps[-1].n)
        found = msgspec.structs.replace(rest, steps=(*found.steps, *rest.steps))
    print_case(desk, found)
    return 0


async def _list(desk: Desk, *, open_only: bool, limit: int) -> int:
    after, left = None, limit
    zone, shown = desk.house.network.zone, 0
    while left > 0:
        page = await desk.cases.list(
            after=after, limit=min(left, MOST_LISTED), open_only=open_only
        )
        if desk.json:
            for head in page.cases:
                print(msgspec.json.encode(head).decode())
        elif page.cases:
            desk.console.print(cases_table(page.cases, zone=zone))
        shown, left, after = shown + len(page.cases), left - len(page.cases), page.next
        if after is None:
            break
    if not shown and not desk.json:
        desk.console.print("no cases")
    return 0


async def _follow(desk: Desk, case: str, after: int) -> int:
    found = await desk.cases.find(read_case(case), after=after)
    if not desk.json:
        desk.console.print(head_line(found.head, zone=desk.house.network.zone))
    steps: AsyncGenerator[StepBody] = desk.cases.follow(found.head.case, after=after)
    async with aclosing(steps):
        async for step in steps:
            if desk.json:
                print(msgspec.json.encode(step).decode(), flush=True)
            else:
                desk.console.print(_one(step, desk))
    return 0


def _one(step: StepBody, desk: Desk) -> Table:
    """One step in columns that stand alike for every step."""
    wide = desk.console.width >= WIDE
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for width in (3, 8, 14):
        table.add_column(width=width)
    table.add_column(overflow="fold", ratio=1)
    table.add_column(width=8, justify="right")
    if wide:
        table.add_column(width=28, overflow="fold")
    for row in step_rows(step, zone=desk.house.network.zone, wide=wide):
        table.add_row(*row)
    return table


def _tell(desk: Desk, told: CaseReply) -> int:
    if desk.json:
        print(msgspec.json.encode(told).decode())
        return 0
    for step in told.steps:
        desk.console.print(_one(step, desk))
    show_now(desk.console, told, zone=desk.house.network.zone)
    return 0


def _contact(clerk: str | None, email: str | None) -> ContactBody:
    """R-CONTACT (05/022 §32): the file manager; without a name, whoever runs this."""
    first, _, last = (clerk or getpass.getuser()).strip().partition(" ")
    return ContactBody(first_name=first or "–", last_name=last.strip() or "–", email=email)


def _wrong(wrong: object) -> int:
    print(wrong, file=sys.stderr)
    return WRONG
