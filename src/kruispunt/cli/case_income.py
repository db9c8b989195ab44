"""`kruispunt case apply`: somebody applies for increased reimbursement (05/022 §2.2, §6(1))."""

import asyncio
import sys
from datetime import date
from typing import Annotated, Literal

from cyclopts import Parameter, validators

from kruispunt.cli.ask_told import WRONG
from kruispunt.cli.case_desk import Desk, at_desk, start_case
from kruispunt.cli.case_options import As, Json, NoAmount, State, Wait, read_cents
from kruispunt.cli.clients import new_message
from kruispunt.cli.reading import NoSsin, Person, read_ssin_argument
from kruispunt.client import ApplicationBody, CaseRequest, IncomeBody

On = Annotated[date | None, Parameter(help="Day of the application; else today.")]
Household = Annotated[
    int, Parameter(validator=validators.Number(gte=1, lte=99), help="People in the household.")
]
Incomes = Annotated[
    tuple[str, ...],
    Parameter(
        negative="",
        help="A gross taxable income of a year, in euro, without unemployment benefits; several "
        "times where there are several.",
    ),
]


def apply(
    *,
    ssin: Person,
    as_: As,
    on: On = None,
    household: Household = 1,
    basis: Annotated[
        Literal["current", "past-year"], Parameter(help="Which incomes are told.")
    ] = "current",
    income: Incomes = (),
    unemployed: Annotated[
        bool, Parameter(negative="", help="Unemployment benefits count: they are asked.")
    ] = False,
    wait: Wait = 10.0,
    json: Json = False,
    state: State = None,
) -> int:
    """Open an inquiry into incomes: somebody applied for increased reimbursement (05/022 §6(1)).

    Unemployment benefits are asked only where they count and could still decide.

    Exit codes: 0 opened; 1 no answer that can be believed, so it may be open; 2 it can't be
    opened: the field that is wrong is named; 3 refused.
    """
    try:
        request = CaseRequest(
            id=new_message(),
            ssin=read_ssin_argument(ssin).digits,
            application=ApplicationBody(
                on=on,
                household=household,
                basis=basis,
                incomes=tuple(IncomeBody(taxed_cents=read_cents(one)) for one in income),
                has_unemployment=unemployed,
            ),
        )
    except (NoSsin, NoAmount) as wrong:
        print(wrong, file=sys.stderr)
        return WRONG

    async def work(desk: Desk) -> int:
        return await start_case(desk, request, wait_s=wait)

    return asyncio.run(at_desk(as_, work, state=state, json=json))
