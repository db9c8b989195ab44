"""Who is in the one-time file, and what it says: deliberation 05/022 §7.4, rule by rule.

How it is decided, recorded and passed on stands in `tests/unit/exchange/test_batches.py`.
"""

from dataclasses import fields
from datetime import date, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.circuits.one_shot import (
    LISTED,
    Amount,
    OneShotRecord,
    Paid,
    Part,
    Unreadable,
    days_of_freeze,
    integrate,
    paid_of,
    read_records,
    select,
    whole_file,
    write_records,
)
from kruispunt.law import Side, Supply, read_lawbook
from kruispunt.vocabulary import Period, Ssin, check_digits

LAWBOOK: Final = read_lawbook()
SENT_ON: Final = date(2021, 11, 22)
FREEZE: Final = days_of_freeze(LAWBOOK, on=SENT_ON)
(CLAUSE,) = (one for one in LAWBOOK.clauses if LAWBOOK.flows[one.flow].supply is Supply.FILE)
(CONTROL,) = (one for one in CLAUSE.controls if one.side is Side.SUPPLIER)
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


def dropped(one: Paid) -> tuple[Amount, ...]:
    """The amounts that are sent of a person; none: who is not in the file."""
    record = select(one, FREEZE)
    return () if record is None else record.drops


def test_os_1_the_amount_of_the_first_day_is_kept_to_the_last() -> None:
    """05/022 §7.4, §42: van 1 april 2020 tot en met 30 september 2021, achttien maanden."""
    inside = Amount(begin=date(2020, 8, 1), daily_cents=52_00)

    assert Period.through(date(2020, 4, 1), date(2021, 9, 30)) == FREEZE
    assert dropped(paid(amounts=(BEFORE, inside, DROP, LATER))) == (DROP, LATER)
    assert dropped(paid(amounts=(inside, DROP, LATER))) == (LATER,)
    assert dropped(paid(amounts=(DROP, LATER))) == ()


def test_os_2_one_file_holds_what_would_be_a_message_for_each_drop() -> None:
    """05/022 §44: eenmalige overmaking van een globaal bestand, in delen van elke instelling."""
    flow = CLAUSE.flow
    ranges = (range(1, 50), range(50, 100))
    chosen = [[select(paid(person(n)), FREEZE) for n in each] for each in ranges]

    parts = [
        Part.of(
            [one for one in records if one],
            flow=flow,
            purpose=CLAUSE.purpose,
            consumer=CLAUSE.consumer,
            file=whole_file(flow),
        )
        for records in chosen
    ]

    assert {part.content(0).file for part in parts} == {whole_file(flow)}
    assert [len(part.batches) for part in parts] == [1, 1]
    persons = [one for part in parts for one in part.content(0).persons]
    assert len(persons) == 99
    assert sum(len(one.drops) for part in parts for one in part.batches[0]) == 198


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
    assert (select(one, FREEZE) is not None) is selected


def a_row(**other: object) -> dict[str, object]:
    amounts = [{"begin_date": f"{one.begin}", "daily_amount": "60.00"} for one in (BEFORE, DROP)]
    asked = [{"asked_on": "2020-06-01"}]
    return {"ssin": person().digits, "asked": asked, "amounts": amounts, "told": []} | other


def test_os_5_a_payment_institution_selects_by_what_its_own_tables_say() -> None:
    """05/022 §7.4: geselecteerd door de bevoegde uitbetalingsinstellingen."""
    told = [{"begin_date": "2021-10-01", "daily_amount": "55.5"}]

    found = paid_of(a_row(told=told))

    assert found == paid(
        amounts=(BEFORE, Amount(begin=DROP.begin, daily_cents=60_00)),
        told=frozenset({Amount(begin=DROP.begin, daily_cents=55_50)}),
    )
    assert {name for name in LISTED if "." not in name} == set(a_row())


@pytest.mark.parametrize(
    "wrong",
    [
        {"ssin": "80010100199"},
        {"asked": [{"asked_on": "2020-06-31"}]},
        {"told": [{"begin_date": "2021-10-01", "daily_amount": "55.001"}]},
        {"told": [{"begin_date": "2021-10-01", "daily_amount": "NaN"}]},
        {"amounts": None},
    ],
)
def test_a_row_that_says_what_cannot_be_is_refused_and_tells_no_number(
    wrong: dict[str, object],
) -> None:
    with pytest.raises(Unreadable, match="expected a person") as refused:
        paid_of(a_row(**wrong))

    assert person().digits not in str(refused.value)


def test_os_6_a_record_says_each_next_amount_and_its_day_and_nothing_else() -> None:
    """05/022 §7.4, §43: elk aangepast bedrag en de datum waarop het van toepassing is."""
    rise = Amount(begin=date(2022, 1, 1), daily_cents=58_00)
    less_than_the_rise = Amount(begin=date(2022, 2, 1), daily_cents=57_00)

    found = select(paid(amounts=(LATER, less_than_the_rise, rise, DROP, BEFORE)), FREEZE)

    assert found == OneShotRecord(ssin=person(), drops=(DROP, LATER))
    assert {field.name for field in fields(OneShotRecord)} == {"ssin", "drops"}


AMOUNTS: Final = st.builds(
    Amount,
    begin=st.integers(-700, 900).map(lambda n: date(2021, 10, 1) + timedelta(days=n)),
    daily_cents=st.integers(0, 60_00),
)


@given(st.lists(AMOUNTS, max_size=30), st.sets(AMOUNTS, max_size=3))
def test_whatever_is_selected_is_a_file_that_can_be_sent(
    amounts: list[Amount], told: set[Amount]
) -> None:
    found = select(paid(amounts=tuple(amounts), told=frozenset(told)), FREEZE)
    records = [] if found is None else [found]

    assert list(read_records(write_records(records))) == records
    assert all(one in amounts and one not in told for each in records for one in each.drops)


def test_os_7_the_population_gets_a_quality_of_its_own_without_a_name_of_a_member() -> None:
    """05/022 §7.4: met een daartoe geëigende (nieuwe) hoedanigheidscode."""
    records = [OneShotRecord(ssin=person(n), drops=(DROP,)) for n in (1, 2, 1)]
    (quality,) = CONTROL.qualities

    lines = integrate(records, CONTROL, on=SENT_ON)

    assert [line.ssin for line in lines] == [person(1), person(2)]
    assert {(line.sector, line.quality, line.member) for line in lines} == {(18, quality, None)}
    assert (CONTROL.sector, quality) in LAWBOOK.qualities
    other = [one for one in LAWBOOK.clauses if one is not CLAUSE]
    used = [check for flow in LAWBOOK.flows.values() for check in flow.checks]
    used += [control for one in other for control in one.controls]
    assert quality not in {code for check in used for code in check.qualities}


def test_r_once_amounts_that_an_answer_told_already_are_not_sent_again() -> None:
    """05/022 §7.4: nog niet eerder door middel van het elektronisch bericht L500 overgemaakt."""
    assert dropped(paid(told=frozenset({DROP}))) == (LATER,)
    assert dropped(paid(told=frozenset({DROP, LATER}))) == ()
