"""The tables of who pays unemployment benefits, filled for the one-time file (05/022 §7.4)."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from tests.acceptance.standing import House

from kruispunt.circuits.one_shot import Amount
from kruispunt.vocabulary import InstitutionCode, Ssin

AMOUNTS: Final = (
    Amount(begin=date(2021, 10, 1), daily_cents=55_00),
    Amount(begin=date(2022, 4, 1), daily_cents=50_25),
)
"""What is told of each, as STEPS has it."""

EMPTIED: Final = "truncate payment.sheet, payment.told, payment.spell, payment.amount"
PAID: Final = """
insert into payment.spell (ssin, begin_date, full_unemployment_code)
select n, '2019-01-01', 'VW' from unnest($1::bigint[]) as n
"""
STEPS: Final = """
insert into payment.amount
select
    n, step.begin_date, null, step.cause, 1, 'A1', 'A1/0', 'A0', step.daily_cents, 0, false,
    step.daily_cents, step.daily_cents, step.daily_cents
from unnest($1::bigint[]) as n
cross join (
    values
        ('2019-01-01'::date, 'payment', 6000),
        ('2020-09-01', 'period', 5900),
        ('2021-10-01', 'period', 5500),
        ('2022-04-01', 'period', 5025)
) as step (begin_date, cause, daily_cents)
"""
ASKED: Final = """
insert into payment.sheet (ssin, asked_on)
select n, $2::date from unnest($1::bigint[]) as n
"""
SAID: Final = """
insert into payment.told (ssin, asked_on, begin_date, daily_cents)
select n, '2021-02-01'::date, step.begin_date, step.daily_cents
from unnest($1::bigint[]) as n
cross join (values ('2021-10-01'::date, 5500), ('2022-04-01', 5025)) as step (
    begin_date, daily_cents
)
"""


async def fill_tables(
    house: House, code: InstitutionCode, wanted: Sequence[Ssin], others: Sequence[Ssin]
) -> None:
    """Everybody was asked about and is paid; `others` are four who are not in the file.

    Asked about before the freeze, after it, told all before, or with amounts that drop for
    another reason.
    """
    early, late, said, steady = others
    numbers = [one.number for one in (*wanted, *others)]
    dropping = [one.number for one in (*wanted, early, late, said)]
    in_freeze = [one.number for one in (*wanted, said, steady)]
    for statement, *arguments in (
        (EMPTIED,),
        (PAID, numbers),
        (STEPS, dropping),
        (STEPS.replace("'period'", "'family'"), [steady.number]),
        (ASKED, in_freeze, date(2021, 2, 1)),
        (ASKED, [early.number], date(2020, 3, 31)),
        (ASKED, [late.number, wanted[0].number], date(2021, 10, 1)),
        (SAID, [said.number]),
    ):
        await house.fetch(code, statement, *arguments)
