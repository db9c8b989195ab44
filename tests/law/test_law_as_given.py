"""The lawbook says what the deliberation says, where a number in a file could slip."""

import time
from datetime import date

import pytest

from kruispunt.authorisation import find_clause
from kruispunt.law import Clause, Supply, read_law, read_lawbook
from kruispunt.vocabulary import FieldName, FlowId, InstitutionCode, PurposeId, Reason

LAWBOOK = read_law().lawbook
NIC = InstitutionCode("NIC")
EX_OFFICIO = PurposeId("increased-reimbursement-ex-officio")
REQUEST = PurposeId("increased-reimbursement-request")
INSURERS = ("CM", "LNZ", "SOLIDARIS", "LLM", "MLOZ", "HZIV")


def the_clause(flow: str, purpose: str = "asr-benefits") -> Clause:
    (clause,) = LAWBOOK.jurisdiction(LAWBOOK.hub).clauses(
        consumer=NIC, flow=FlowId(flow), purpose=PurposeId(purpose)
    )
    return clause


def test_employment_gives_exactly_what_paragraph_20_names() -> None:
    ground = the_clause("employment.consult").ground

    assert set(ground.fields) == {
        "nsso_number",
        "cbe_number",
        "ssin",
        "joint_committee_number",
        "employment_begin_date",
        "employment_end_date",
        "mean_weekly_hours_reference_s",
        "mean_weekly_hours_worker_q",
    }
    assert {one.field: one.reason for one in ground.withheld} == {
        "nsso_number_origin": "not-named",
        "employer_category": "technical-extension",
        "worker_code": "technical-extension",
        "curatorship": "technical-extension",
        "worker_status": "technical-extension",
    }


@pytest.mark.parametrize(
    ("purpose", "day", "found"),
    [
        (EX_OFFICIO, date(2024, 9, 30), Reason.NOT_YET_IN_FORCE),
        (EX_OFFICIO, date(2024, 10, 1), None),
        (REQUEST, date(2024, 4, 16), Reason.NOT_YET_IN_FORCE),
        (REQUEST, date(2024, 4, 17), None),
    ],
)
def test_increased_reimbursement_begins_on_its_day(
    purpose: PurposeId, day: date, found: Reason | None
) -> None:
    clause = find_clause(
        LAWBOOK.jurisdiction(LAWBOOK.hub),
        consumer=NIC,
        flow=FlowId("L500"),
        purpose=purpose,
        asked_on=day,
    )

    assert (clause if isinstance(clause, Reason) else None) is found


@pytest.mark.parametrize("purpose", [EX_OFFICIO, REQUEST])
def test_holidays_and_career_are_for_benefits_only(purpose: PurposeId) -> None:
    given = the_clause("L500", purpose).ground.fields

    assert not {name for name in given if name.startswith(("holiday", "career"))}
    assert FieldName("daily_amount") in given
    assert len(the_clause("L500").ground.fields) == len(LAWBOOK.flows[FlowId("L500")].fields)


@pytest.mark.parametrize("code", INSURERS)
def test_every_insurer_of_benefits_may_ask_its_node(code: str) -> None:
    node = LAWBOOK.jurisdiction(NIC)

    assert node.is_node
    for flow in ("L609", "dimona.consult", "employment.consult", "L500"):
        assert node.clauses(
            consumer=InstitutionCode(code), flow=FlowId(flow), purpose=PurposeId("asr-benefits")
        )


def test_every_clause_controls_the_file_at_an_insurer() -> None:
    for clause in LAWBOOK.clauses:
        pairs = {(one.side, one.sector, tuple(one.qualities)) for one in clause.controls}
        assert ("consumer", 11, (1,)) in pairs


def test_only_l609_is_answered_by_the_directory() -> None:
    flows = LAWBOOK.flows.values()

    assert [one.id for one in flows if one.supply is Supply.DIRECTORY] == ["L609"]


def test_the_lawbook_is_read_well_under_half_a_second() -> None:
    started = time.perf_counter()
    read_lawbook()

    assert time.perf_counter() - started < 0.5
