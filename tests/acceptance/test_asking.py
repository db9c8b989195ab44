"""An insurer asks its node about a person, and gets what the law gives: no more, no less."""

import asyncio
from uuid import UUID

import pytest
from tests.acceptance.standing import House, a_message

from kruispunt.client import AskFailed, AskRefused, AskReply, ProblemBody
from kruispunt.vocabulary import InstitutionCode, Ssin

ASR = "asr-benefits"
REIMBURSEMENT = "increased-reimbursement-request"
DIMONA = ["ssin", "employer_cbe", "nsso_number", "service_begin_date", "service_end_date"]
EMPLOYMENT = [
    "nsso_number",
    "cbe_number",
    "ssin",
    "joint_committee_number",
    "employment_begin_date",
    "employment_end_date",
    "mean_weekly_hours_reference_s",
    "mean_weekly_hours_worker_q",
]
STORIES = [
    ("full-time", {"rsz_known": True, "unemployment_known": False}),
    ("unemployed", {"rsz_known": True, "unemployment_known": True}),
    ("never-worked", {"rsz_known": False, "unemployment_known": False}),
]


async def ask(
    house: House,
    story: str,
    flow: str = "L609",
    *,
    by: InstitutionCode | None = None,
    purpose: str = ASR,
    ssin: Ssin | None = None,
    message: UUID | None = None,
) -> AskReply:
    person = house.persons[story]
    async with house.client(by) as client:
        return await client.ask(
            flow,
            ssin=ssin or person.ssin,
            purpose=purpose,
            begin=person.begin,
            until=person.until,
            message_id=message or a_message(),
        )


async def refusal(
    house: House,
    story: str,
    flow: str = "L609",
    *,
    by: InstitutionCode | None = None,
    purpose: str = ASR,
) -> ProblemBody:
    with pytest.raises(AskRefused) as refused:
        await ask(house, story, flow, by=by, purpose=purpose)
    assert refused.value.problem.status == 403
    return refused.value.problem


@pytest.mark.parametrize(("story", "row"), STORIES)
async def test_who_is_known_where_is_told_in_two_words(
    house: House, story: str, row: dict[str, bool]
):
    answer = await ask(house, story)

    assert answer.outcome == "given"
    assert answer.rows == [row]
    assert answer.withheld == []
    assert answer.ground.deliberation == "05/022"


async def test_the_employer_is_told_and_the_rest_of_the_declaration_stays_behind(house: House):
    answer = await ask(house, "full-time", "dimona.consult")

    assert answer.fields == DIMONA
    assert [*answer.rows[0]] == DIMONA
    assert answer.rows[0]["ssin"] == house.persons["full-time"].ssin.digits
    withheld = [one.field for one in answer.withheld]
    assert withheld == ["dimona_period_id", "worker_type", "joint_committee"]
    assert all(one.reason and one.paragraph is not None for one in answer.withheld)


async def test_eight_fields_of_the_employment_are_given_and_five_are_not(house: House):
    answer = await ask(house, "part-time", "employment.consult")

    (row,) = answer.rows
    worker, reference = row["mean_weekly_hours_worker_q"], row["mean_weekly_hours_reference_s"]
    assert [*row] == EMPLOYMENT
    assert isinstance(worker, str)
    assert isinstance(reference, str)
    assert float(worker) < float(reference)
    assert len(answer.withheld) == 5


async def test_what_is_given_is_what_the_source_holds(house: House):
    number = house.persons["full-time"].ssin.number
    query = """select joint_committee_number, cbe_number, employment_begin_date::text as begin,
        mean_weekly_hours_worker_q::text as worker from rsz.employment where ssin = $1"""

    (row,) = (await ask(house, "full-time", "employment.consult")).rows

    held = await house.fetch(house.station, query, number)
    names = EMPLOYMENT[3], EMPLOYMENT[1], EMPLOYMENT[4], EMPLOYMENT[7]
    assert tuple(row[name] for name in names) in [tuple(one.values()) for one in held]


async def test_someone_who_never_worked_is_an_empty_answer_that_does_not_say_why(house: House):
    answer = await ask(house, "never-worked", "dimona.consult")

    assert answer.outcome == "empty"
    assert answer.rows == []
    assert answer.fields == DIMONA


@pytest.mark.parametrize("story", ["changed-insurer", "bis", "part-time-and-unemployed"])
async def test_other_members_are_answered_too(house: House, story: str):
    assert (await ask(house, story, "employment.consult")).outcome == "given"


async def test_no_clause_gives_the_employment_for_increased_reimbursement(house: House):
    problem = await refusal(house, "full-time", "employment.consult", purpose=REIMBURSEMENT)

    assert problem.reason == "no-clause"


async def test_a_replaced_number_is_told_with_its_successor_who_is_then_answered(house: House):
    successor = house.persons["replaced"].successor
    assert successor is not None

    problem = await refusal(house, "replaced")
    answer = await ask(house, "replaced", ssin=successor)

    assert (problem.reason, problem.replaced_by) == ("number-replaced", successor.digits)
    assert answer.outcome == "given"


async def test_a_cancelled_number_is_told_to_who_has_a_file(house: House):
    assert (await refusal(house, "cancelled")).reason == "number-cancelled"


async def test_about_the_last_days_of_someone_who_died_one_may_ask(house: House):
    assert (await ask(house, "deceased")).outcome == "given"


async def test_reasons_about_a_person_are_the_same_words(house: House):
    problems = [
        await refusal(house, "unknown"),
        await refusal(house, "not-insured"),
        await refusal(house, "other-member"),
        await refusal(house, "before-membership"),
        await refusal(house, "full-time", by=house.other),
    ]

    words = {
        (one.type, one.title, one.detail, one.reason, one.issues, one.replaced_by)
        for one in problems
    }
    assert len(words) == 1
    assert problems[0].reason == "no-file"
    assert len({one.ticket for one in problems}) == len(problems)


async def test_many_who_ask_at_once_are_each_answered_about_their_own_person(house: House):
    told = ["full-time", "unemployed", "never-worked", "full-time"] * 8

    answers = await asyncio.gather(*(ask(house, story) for story in told))

    expected = dict(STORIES)
    assert [one.rows for one in answers] == [[expected[story]] for story in told]
    assert len({one.ticket for one in answers}) == len(told)


async def test_a_flow_that_is_answered_by_mail_gives_no_answer_at_once(house: House):
    with pytest.raises(AskFailed):
        await ask(house, "full-time", "L500")
