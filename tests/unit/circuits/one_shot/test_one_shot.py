"""The one-time file after the freeze keeps deliberation 05/022 §7.4, rule by rule."""

from dataclasses import fields
from datetime import date
from typing import Final
from uuid import UUID

import pytest

from kruispunt.circuits.one_shot import (
    Amount,
    Freeze,
    OneShotRecord,
    Paid,
    bundle,
    frozen_cents,
    integrate,
    select,
)
from kruispunt.law import ParameterId, read_lawbook
from kruispunt.vocabulary import (
    FlowId,
    Period,
    Sector,
    Ssin,
    check_digits,
)

LAWBOOK: Final = read_lawbook()
SENT_ON: Final = date(2021, 11, 22)
FREEZE: Final = Freeze.of(LAWBOOK, on=SENT_ON)
FILE: Final = UUID(int=7)
BEFORE: Final = Amount(begin=date(2020, 1, 1), daily_cents=60_00)
DROP: Final = Amount(begin=date(2021, 10, 1), daily_cents=55_00)
LATER: Final = Amount(begin=date(2022, 4, 1), daily_cents=50_00)


def person(counter: int = 1) -> Ssin:
    head = 800101000 + counter
    return Ssin(f"{head}{check_digits(head):02d}")


def paid(
    ssin: Ssin | None = None,
    *,
    asked_on: tuple[date, ...] = (date(2020, 6, 1),),
    amounts: tuple[Amount, ...] = (BEFORE, DROP, LATER),
    told: frozenset[Amount] = frozenset(),
) -> Paid:
    return Paid(ssin=ssin or person(), asked_on=asked_on, amounts=amounts, told=told)


def record(ssin: Ssin | None = None) -> OneShotRecord:
    return OneShotRecord(ssin=ssin or person(), drops=(DROP, LATER))


def test_os_1_the_amount_of_the_first_day_is_kept_to_the_last() -> None:
    """05/022 §7.4, §42: van 1 april 2020 tot en met 30 september 2021, achttien maanden."""
    dropped_inside = Amount(begin=date(2020, 8, 1), daily_cents=1_00)

    assert FREEZE.days == Period.through(date(2020, 4, 1), date(2021, 9, 30))
    assert frozen_cents(paid(amounts=(BEFORE, dropped_inside, LATER)), FREEZE) == 60_00
    assert frozen_cents(paid(amounts=(dropped_inside, LATER)), FREEZE) == 1_00
    assert frozen_cents(paid(amounts=(DROP,)), FREEZE) is None
    assert list(select([paid(amounts=(DROP,))], FREEZE)) == []
    (found,) = select([paid(amounts=(BEFORE, dropped_inside, LATER))], FREEZE)
    assert found.drops == (LATER,)


def test_os_2_one_file_holds_what_would_be_a_message_for_each_drop() -> None:
    """05/022 §44: eenmalige overmaking van een globaal bestand."""
    parts = [
        list(select([paid(person(n)) for n in range(1, 50)], FREEZE)),
        list(select([paid(person(n)) for n in range(50, 100)], FREEZE)),
    ]

    file = bundle(FILE, parts)

    assert len(file.records) == 99
    assert sum(len(one.drops) for one in file.records) == 198


def test_os_3_the_file_is_about_the_first_of_october() -> None:
    """05/022 §7.4: risico's die op 1 oktober 2021 nog steeds actueel zijn."""
    current_on = LAWBOOK.parameters[ParameterId("degressivity-freeze.current-on")]

    assert current_on.day_on(SENT_ON) == LAWBOOK.flows[FlowId("degressivity.file")].about
    assert current_on.day_on(SENT_ON) == date(2021, 10, 1)


@pytest.mark.parametrize(
    ("one", "selected"),
    [
        (paid(asked_on=(date(2020, 4, 1),)), True),
        (paid(asked_on=(date(2021, 9, 30),)), True),
        (paid(asked_on=(date(2020, 3, 31), date(2021, 10, 1))), False),
        (paid(asked_on=()), False),
        (paid(amounts=(BEFORE,)), False),
        (paid(amounts=(BEFORE, Amount(begin=date(2021, 10, 1), daily_cents=60_00))), False),
    ],
)
def test_os_4_only_who_was_asked_about_in_the_freeze_and_drops_after_it(
    one: Paid, selected: bool
) -> None:
    """05/022 §7.4: reeds een L500 tijdens de bevriezing, en een wijziging door de deblokking."""
    assert bool(list(select([one], FREEZE))) is selected


def test_os_5_a_payment_institution_selects_by_what_it_knows_itself() -> None:
    """05/022 §7.4: geselecteerd door de bevoegde uitbetalingsinstellingen."""
    known = {field.name for field in fields(Paid)}

    assert known == {"ssin", "asked_on", "amounts", "told"}


def test_os_6_a_record_says_each_next_amount_and_its_day_and_nothing_else() -> None:
    """05/022 §7.4, §43: elk aangepast bedrag en de datum waarop het van toepassing is."""
    rise = Amount(begin=date(2022, 1, 1), daily_cents=58_00)

    (found,) = select([paid(amounts=(LATER, rise, DROP, BEFORE))], FREEZE)

    assert found == OneShotRecord(ssin=person(), drops=(DROP, LATER))
    assert {field.name for field in fields(OneShotRecord)} == {"ssin", "drops"}


def test_os_7_the_population_gets_a_quality_of_its_own_without_a_name_of_a_member() -> None:
    """05/022 §7.4: met een daartoe geëigende (nieuwe) hoedanigheidscode."""
    file = bundle(FILE, [[record(person(1)), record(person(2))], [record(person(1))]])

    lines = integrate(file, FREEZE, sector=Sector(18), on=SENT_ON)

    assert [line.ssin for line in lines] == [person(1), person(2)]
    assert {(line.sector, line.quality, line.member) for line in lines} == {
        (18, FREEZE.population, None)
    }
    assert (Sector(18), FREEZE.population) in LAWBOOK.qualities
    used = [check for flow in LAWBOOK.flows.values() for check in flow.checks]
    assert FREEZE.population not in {quality for check in used for quality in check.qualities}


def test_r_once_amounts_that_an_answer_told_already_are_not_sent_again() -> None:
    """05/022 §7.4: nog niet eerder door middel van het elektronisch bericht L500 overgemaakt."""
    (rest,) = select([paid(told=frozenset({DROP}))], FREEZE)

    assert rest.drops == (LATER,)
    assert list(select([paid(told=frozenset({DROP, LATER}))], FREEZE)) == []
