"""What `decide` gives and refuses, reason by reason."""

from datetime import date, timedelta

import pytest
from msgspec import structs
from tests.law.inventing import (
    ABOUT,
    ASKED_ON,
    BOTH_FILES,
    FIELDS,
    FILE,
    FLOW,
    FUND,
    HUB,
    NODE,
    OTHER_FUND,
    PURPOSE,
    SUCCESSOR,
    SUPPLIED,
    a_check,
    a_clause,
    a_control,
    a_flow,
    a_lawbook,
    a_line,
    a_number,
    a_question,
    facts_of,
    settle,
)

from kruispunt.authorisation import check_directory, decide, try_case
from kruispunt.law import Case, CaseLine, Jurisdiction, PeriodRule
from kruispunt.vocabulary import (
    ClauseId,
    Decision,
    DirectoryLine,
    Facts,
    FlowId,
    Grant,
    InstitutionCode,
    NumberStatus,
    Period,
    PurposeId,
    Quality,
    Question,
    Reason,
    Refusal,
    Sector,
)

DAY = timedelta(days=1)


def decided(
    facts: Facts,
    *,
    question: Question | None = None,
    at: Jurisdiction | None = None,
) -> Decision:
    asked = question or a_question()
    return decide(settle(asked, facts), facts, at or a_lawbook().jurisdiction(HUB))


def reason_of(decision: Decision) -> Reason | None:
    return decision.reason if isinstance(decision, Refusal) else None


def test_a_grant_gives_the_fields_of_the_clause_and_tells_what_is_withheld() -> None:
    decision = decided(facts_of(*BOTH_FILES))

    assert isinstance(decision, Grant)
    assert decision.fields == FIELDS[:2]
    assert [(one.field, one.reason) for one in decision.withheld] == [("income", "not-named")]


@pytest.mark.parametrize(
    "question",
    [
        a_question(consumer=InstitutionCode("nobody")),
        a_question(consumer=FUND),
        a_question(flow=FlowId("another")),
        a_question(purpose=PurposeId("curiosity")),
    ],
)
def test_without_a_clause_nothing_is_given(question: Question) -> None:
    assert decided(facts_of(*BOTH_FILES), question=question) == Refusal(reason=Reason.NO_CLAUSE)


def test_a_clause_holds_from_its_first_day_to_its_last() -> None:
    first, last = date(2031, 6, 1), date(2031, 6, 30)
    later = a_clause("later", begin=date(2032, 1, 1))
    hub = a_lawbook(a_clause(begin=first, end=last + DAY), later).jurisdiction(HUB)

    found = {
        day: reason_of(decided(facts_of(*BOTH_FILES), question=a_question(asked_on=day), at=hub))
        for day in (first - DAY, first, last, last + DAY)
    }

    assert found == {
        first - DAY: Reason.NOT_YET_IN_FORCE,
        first: None,
        last: None,
        last + DAY: Reason.NO_LONGER_IN_FORCE,
    }


@pytest.mark.parametrize(
    ("rule", "period", "stands"),
    [
        (PeriodRule.NOW, Period(ASKED_ON, ASKED_ON + DAY), True),
        (PeriodRule.NOW, Period(ASKED_ON + DAY), False),
        (PeriodRule.NOW, Period(date(2000, 1, 1), ASKED_ON), False),
        (PeriodRule.OVERLAP, Period(date(2000, 1, 1), ABOUT.begin), False),
        (PeriodRule.OVERLAP, Period(date(2000, 1, 1), ABOUT.begin + DAY), True),
        (PeriodRule.OVERLAP, Period(date(2031, 3, 31)), True),
        (PeriodRule.OVERLAP, Period(date(2031, 4, 1)), False),
        (PeriodRule.EVER, Period(date(1970, 1, 1), date(1970, 1, 2)), True),
    ],
)
def test_a_line_counts_by_the_rule_of_its_control(
    rule: PeriodRule, period: Period, stands: bool
) -> None:
    hub = a_lawbook(a_clause(controls=[a_control(rule=rule)])).jurisdiction(HUB)

    decision = decided(facts_of(a_line(FILE, period)), at=hub)

    assert reason_of(decision) is (None if stands else Reason.NO_FILE)


@pytest.mark.parametrize("of", [(Sector(5), Quality(2)), (Sector(6), Quality(1))])
def test_a_line_of_another_sector_or_quality_does_not_count(of: tuple[Sector, Quality]) -> None:
    lines: tuple[DirectoryLine, ...] = (a_line(of), a_line(SUPPLIED))

    assert reason_of(decided(facts_of(*lines))) is Reason.NO_FILE


def test_every_control_must_hold_not_just_one() -> None:
    second = a_control(of=(Sector(5), Quality(2)))
    hub = a_lawbook(a_clause(controls=[a_control(), second])).jurisdiction(HUB)

    assert reason_of(decided(facts_of(a_line()), at=hub)) is Reason.NO_FILE


@pytest.mark.parametrize(
    ("status", "with_file", "reason"),
    [
        (NumberStatus.UNKNOWN, True, Reason.NUMBER_UNKNOWN),
        (NumberStatus.UNKNOWN, False, Reason.NUMBER_UNKNOWN),
        (NumberStatus.REPLACED, True, Reason.NUMBER_REPLACED),
        (NumberStatus.REPLACED, False, Reason.NO_FILE),
        (NumberStatus.CANCELLED, True, Reason.NUMBER_CANCELLED),
        (NumberStatus.CANCELLED, False, Reason.NO_FILE),
        (NumberStatus.LEFT_TO_HUB, True, Reason.NUMBER_UNKNOWN),
    ],
)
def test_a_number_is_told_only_to_who_has_a_file(
    status: NumberStatus, with_file: bool, reason: Reason
) -> None:
    lines = (a_line(),) if with_file else ()

    decision = decided(facts_of(*lines, number=a_number(status)))

    assert isinstance(decision, Refusal)
    assert decision.reason is reason
    assert decision.ground is not None
    replaced = reason is Reason.NUMBER_REPLACED
    assert decision.successor == (SUCCESSOR if replaced else None)


@pytest.mark.parametrize(
    ("deceased_on", "reason"),
    [
        (ABOUT.begin - DAY, Reason.DECEASED_BEFORE),
        (ABOUT.begin, None),
        (ABOUT.begin + DAY, None),
        (None, None),
    ],
)
def test_days_of_life_may_be_asked_about(deceased_on: date | None, reason: Reason | None) -> None:
    number = a_number(NumberStatus.DECEASED, deceased_on=deceased_on)

    assert reason_of(decided(facts_of(*BOTH_FILES, number=number))) is reason


def test_the_suppliers_file_comes_last_and_keeps_its_ground() -> None:
    decision = decided(facts_of(a_line()))

    assert isinstance(decision, Refusal)
    assert decision.reason is Reason.NO_FILE_AT_SUPPLIER
    assert decision.ground == a_clause().ground


@pytest.mark.parametrize(
    ("files", "about"),
    [
        ([ABOUT], None),
        ([Period(ABOUT.begin - DAY)], None),
        ([Period(ABOUT.begin - DAY, ABOUT.begin + DAY)], Period(ABOUT.begin, ABOUT.begin + DAY)),
        ([Period(ABOUT.begin + DAY)], Period(ABOUT.begin + DAY, ABOUT.end)),
        (
            [Period(ABOUT.begin - DAY, ABOUT.begin + DAY), Period(ABOUT.begin + 2 * DAY)],
            Period(ABOUT.begin, ABOUT.begin + DAY),
        ),
        ([Period(ABOUT.begin - DAY, ABOUT.begin + DAY), Period(ABOUT.begin + DAY)], ABOUT),
    ],
)
def test_a_file_gives_leave_for_the_days_that_it_covers_and_no_others(
    files: list[Period], about: Period | None
) -> None:
    lines = [structs.replace(a_line(), period=period) for period in files]
    supplier = [line for line in BOTH_FILES if line.sector != a_line().sector]

    granted = decided(facts_of(*lines, *supplier))
    hidden = decided(facts_of(*lines))

    assert isinstance(granted, Grant)
    assert granted.about == about
    assert isinstance(hidden, Refusal)
    assert hidden.reason is Reason.NO_FILE_AT_SUPPLIER
    assert hidden.about == about


def test_an_insurer_that_a_person_left_learns_nothing_of_what_came_after() -> None:
    left = Period(ABOUT.begin - 10 * DAY, ABOUT.begin + DAY)
    node = a_lawbook().jurisdiction(NODE)
    line = structs.replace(a_line(member=FUND), period=left)
    facts = facts_of(line, number=a_number(NumberStatus.LEFT_TO_HUB))
    question = a_question(consumer=FUND, about=Period(ABOUT.begin))

    granted = decided(facts, question=question, at=node)

    assert isinstance(granted, Grant)
    assert granted.about == Period(ABOUT.begin, ABOUT.begin + DAY)


def test_a_node_leaves_the_number_and_the_supplier_to_its_hub() -> None:
    node = a_lawbook().jurisdiction(NODE)
    facts = facts_of(a_line(member=FUND), number=a_number(NumberStatus.LEFT_TO_HUB))

    own = decided(facts, question=a_question(consumer=FUND), at=node)
    others = decided(facts, question=a_question(consumer=OTHER_FUND), at=node)

    assert isinstance(own, Grant)
    assert reason_of(others) is Reason.NO_FILE


def test_the_directory_answers_each_check_with_one_boolean() -> None:
    flow = a_flow(
        checks=[
            a_check(FIELDS[0], of=FILE),
            a_check(FIELDS[1], of=SUPPLIED, rule=PeriodRule.EVER),
            a_check(FIELDS[2], of=SUPPLIED, rule=PeriodRule.NOW),
        ]
    )

    answer = check_directory(flow, a_question(), facts_of(*BOTH_FILES))

    assert answer == {FIELDS[0]: True, FIELDS[1]: True, FIELDS[2]: False}


def a_case(**changes: object) -> Case:
    given: dict[str, object] = {
        "name": "a case",
        "file": "a.cases.toml",
        "clause": ClauseId("clause"),
        "seat": HUB,
        "consumer": NODE,
        "flow": FLOW,
        "purpose": PURPOSE,
        "asked_on": ASKED_ON,
        "about": ABOUT,
        "number": NumberStatus.KNOWN,
        "deceased_on": None,
        "lines": tuple(
            CaseLine(sector=of[0], quality=of[1], period=ABOUT, member=None)
            for of in (FILE, SUPPLIED)
        ),
        "refusal": None,
    }
    return Case(**{**given, **changes})  # pyright: ignore[reportArgumentType]  any part may change


def test_a_case_that_holds_differs_in_nothing() -> None:
    case = a_case(fields=FIELDS[:2], withheld={FIELDS[2]: "not-named"}, answer={})

    assert try_case(case, a_lawbook()).differences == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"refusal": Reason.NO_FILE}, "expected no-file, found a grant"),
        ({"lines": ()}, "expected a grant, found no-file"),
        ({"lines": (), "refusal": Reason.NO_CLAUSE}, "expected no-clause, found no-file"),
        ({"clause": ClauseId("other")}, "expected clause other, found clause"),
        ({"fields": FIELDS}, "expected fields "),
        ({"withheld": {}}, "expected withheld {}, found "),
        ({"answer": {FIELDS[0]: True}}, "expected the answer "),
        ({"number": NumberStatus.REPLACED}, "expected a grant, found number-replaced"),
    ],
)
def test_a_case_that_does_not_hold_says_where(changes: dict[str, object], told: str) -> None:
    (difference,) = try_case(a_case(**changes), a_lawbook()).differences

    assert difference.startswith(told)
