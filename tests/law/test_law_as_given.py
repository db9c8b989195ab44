"""The lawbook says what the deliberation says, where a number in a file could slip."""

import time
from datetime import date

import pytest

from kruispunt.authorisation import find_clause
from kruispunt.law import Clause, PeriodRule, Side, Supply, read_law, read_lawbook
from kruispunt.vocabulary import FieldName, FlowId, InstitutionCode, PurposeId, Reason, SourceId

LAWBOOK = read_law().lawbook
NIC = InstitutionCode("NIC")
EX_OFFICIO = PurposeId("increased-reimbursement-ex-officio")
REQUEST = PurposeId("increased-reimbursement-request")
OF_05_022 = LAWBOOK.deliberations["05/022"].clauses
OF_CENTRES = LAWBOOK.deliberations["pcsa-assumed"].clauses
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


SECTION_28 = {
    "ssin",
    "last_name",
    "first_name",
    "second_name_initial",
    "birth_date",
    "birth_municipality",
    "birth_country",
    "sex",
    "nationality",
    "employment_status_at_risk",
    "service_end_date",
}
SECTION_25 = {
    "contact_person_id",
    "mobile_number",
    "phone_number",
    "fax_number",
    "email",
    "capacity",
    "channel_type",
    "local_manager_id",
    "cbe_number",
    "enterprise_language",
}


@pytest.mark.parametrize(
    ("flow", "named", "withheld"),
    [
        (
            "personnel.consult",
            SECTION_28,
            dict.fromkeys(
                (
                    "employer_cbe",
                    "nsso_number",
                    "service_begin_date",
                    "dimona_period_id",
                    "worker_type",
                    "joint_committee",
                ),
                "not-named",
            ),
        ),
        ("uam.consult", SECTION_25, {}),
        (
            "employer.consult",
            {
                "cbe_number",
                "nsso_number",
                "employer_category",
                "denomination",
                "address",
                "quarter",
                "active_in_quarter",
                "curator_id",
                "curator_name",
                "curator_address",
            },
            {"language": "not-needed-for-purpose", "provisional_number": "not-named"},
        ),
        (
            "routing.consult",
            {
                "employer_cbe",
                "destination_cbe",
                "destination_nsso_number",
                "destination_name",
                "destination_type",
                "mandate_from",
                "mandate_to",
                "channel",
                "request_scope",
                "valid_from",
                "valid_to",
            },
            {"mandatary_cbe": "not-needed-for-purpose"},
        ),
    ],
)
def test_each_consultation_gives_what_its_paragraphs_name_and_says_why_the_rest_stays(
    flow: str, named: set[str], withheld: dict[str, str]
) -> None:
    ground = the_clause(flow).ground

    assert set(ground.fields) == named
    assert {one.field: one.reason for one in ground.withheld} == withheld
    assert named | set(withheld) == {field.name for field in LAWBOOK.flows[FlowId(flow)].fields}


def test_only_l500_serves_increased_reimbursement() -> None:
    served = {(one.flow, one.purpose) for one in OF_05_022}
    flows = {flow for flow, purpose in served if purpose == "asr-benefits"}

    assert {flow for flow, purpose in served if purpose != "asr-benefits"} == {"L500"}
    assert flows == {one.flow for one in OF_05_022}


@pytest.mark.parametrize(
    ("flow", "qualities"),
    [
        ("dimona.consult", {30}),
        ("employment.consult", {10}),
        ("routing.consult", {10, 30}),
        ("uam.consult", {10, 30}),
        ("personnel.consult", {30}),
        ("employer.consult", {10, 30}),
    ],
)
def test_the_office_is_consulted_only_about_who_was_ever_known_there(
    flow: str, qualities: set[int]
) -> None:
    [control] = [one for one in the_clause(flow).controls if one.side is Side.SUPPLIER]

    assert (control.sector, set(control.qualities)) == (12, qualities)
    assert control.rule is PeriodRule.EVER


@pytest.mark.parametrize("flow", ["dimona.consult", "personnel.consult"])
def test_a_ground_that_stands_in_another_deliberation_says_so(flow: str) -> None:
    assert "02/110" in the_clause(flow).assumption


def test_who_can_be_reached_where_is_marked_as_contact_data() -> None:
    source = LAWBOOK.sources[SourceId("RSZ_UAM")]

    marked = {name for name, one in source.fields.items() if one.sensitivity == "contact"}
    assert marked == {"mobile_number", "phone_number", "fax_number", "email"}


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
    for flow in {one.flow for one in OF_05_022}:
        assert node.clauses(
            consumer=InstitutionCode(code), flow=flow, purpose=PurposeId("asr-benefits")
        )


def test_every_clause_controls_the_file_at_an_insurer() -> None:
    for clause in OF_05_022:
        pairs = {(one.side, one.sector, tuple(one.qualities)) for one in clause.controls}
        assert ("consumer", 11, (1,)) in pairs


def test_the_directory_answers_insurers_by_booleans_and_centres_by_lines() -> None:
    answered = [one for one in LAWBOOK.flows.values() if one.supply is Supply.DIRECTORY]

    assert [one.id for one in answered if one.checks] == ["L609"]
    assert [one.id for one in answered if one.shows] == ["repertory.consult"]


def test_every_clause_for_centres_says_that_it_is_an_assumption() -> None:
    for clause in OF_CENTRES:
        assert clause.assumption
        assert clause.members == {"pcsa"}
        assert clause.ground.paragraph == "assumption"


def test_only_finding_a_person_and_bringing_a_file_need_no_file_of_a_centre() -> None:
    free = {
        one.flow
        for one in OF_CENTRES
        if not any(control.side is Side.CONSUMER for control in one.controls)
    }

    assert free == {"person.identify", "person.search", "repertory.integrate"}
    assert {
        control.sector
        for one in OF_CENTRES
        for control in one.controls
        if control.side is Side.CONSUMER
    } == {17}


def test_no_line_that_tells_of_health_and_none_of_the_centres_is_shown() -> None:
    flow = LAWBOOK.flows[FlowId("repertory.consult")]
    shown = {(kind.sector, quality) for kind in flow.shows for quality in kind.qualities}

    assert not shown & {(1, 10), (6, 10), (11, 2), (16, 3), (16, 5)}
    assert 17 not in {sector for sector, _ in shown}


def test_at_which_institution_someone_is_insured_is_kept_from_centres() -> None:
    [clause] = [one for one in OF_CENTRES if one.flow == "insurability.consult"]

    assert {one.field for one in clause.ground.withheld} == {
        "insurer_number",
        "registration_number",
    }


def test_whoever_identifies_a_person_gets_no_numbers_of_cards_for_they_are_proof() -> None:
    cards = {"identity_card_number", "sis_card_number"}
    clauses = [one for made in LAWBOOK.deliberations.values() for one in made.clauses]
    [identify] = [one for one in OF_CENTRES if one.flow == "person.identify"]

    assert not any(cards & set(one.ground.fields) for one in clauses)
    assert {one.field for one in identify.ground.withheld} == cards


@pytest.mark.parametrize("code", ["OCMW-44021", "OCMW-62063", "OCMW-63023"])
def test_every_centre_of_the_network_may_ask_its_node(code: str) -> None:
    node = LAWBOOK.jurisdiction(InstitutionCode("PODMI"))

    for clause in OF_CENTRES:
        assert node.clauses(
            consumer=InstitutionCode(code), flow=clause.flow, purpose=clause.purpose
        )


def test_the_names_that_clients_have_for_a_purpose_find_it() -> None:
    named = {
        one: purpose.id for purpose in LAWBOOK.purposes.values() for one in purpose.legal_contexts
    }

    assert named["PCSA:SOCIAL_INQUIRY"] == named["SOCIAL_INVESTIGATION_OF_PCSA"]
    assert named["PCSA:SOCIAL_INQUIRY"] == "pcsa-social-inquiry"


def test_the_lawbook_is_read_well_under_half_a_second() -> None:
    started = time.perf_counter()
    read_lawbook()

    assert time.perf_counter() - started < 0.5
