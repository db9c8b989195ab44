"""Which consultations are made, and what comes of their answers."""

import pytest
from tests.unit.circuits.benefits.played import (
    ACME,
    ORDINARY,
    OTHER,
    PERSON,
    RULES,
    SUCCESSOR,
    consulted,
    declared,
    dimona,
    employment,
    reference,
    to_office,
    unemployed,
    worker,
)

from kruispunt.circuits import CIRCUITS, replay
from kruispunt.circuits import benefits as b
from kruispunt.vocabulary import Period, Reason

FIVE = [
    b.Role.DIMONA,
    b.Role.EMPLOYMENT,
    b.Role.ROUTING,
    b.Role.PERSONNEL,
    b.Role.EMPLOYER,
]


def test_r_l609_is_asked_first_and_alone() -> None:
    """R-L609, 05/022 §5(3)(a), §11."""
    played = declared()

    assert played.roles() == [b.Role.REFERENCE]
    assert played.one(b.Consult).flow == "L609"


def test_r_gate_opens_all_consultations_at_once() -> None:
    """R-GATE, 05/022 §5(3)(a), §11: in parallel, and UAM when somebody is to be asked."""
    played = declared()

    played.take(
        b.ConsultationAnswered,
        action=played.one(b.Consult).id,
        rows=(reference(unemployed=True),),
    )

    assert played.roles()[1:] == FIVE
    played.answer({})
    assert played.roles()[6:] == [b.Role.UAM]
    assert len(set(played.roles())) == 7


def test_r_gate_stays_shut_for_who_was_never_known_at_the_office() -> None:
    """R-GATE, 05/022 §5(3)(a): none of the consultations (b) to (g)."""
    played = consulted({b.Role.REFERENCE: (reference(rsz=False),)})

    assert played.roles() == [b.Role.REFERENCE]
    assert played.of(b.AskUnemployment) == []


def test_r_gate_does_not_ask_dimona_for_an_employer_that_is_known() -> None:
    """R-GATE and NG1, 05/022 §5(3)(b), §23."""
    played = consulted(employer=b.Enterprise(cbe=ACME))

    assert b.Role.DIMONA not in played.roles()
    assert played.one(b.SendRequest).to.mailbox == ACME


def test_r_gate_does_not_ask_uam_for_a_suppressed_request() -> None:
    """R-GATE, 05/022 §5(3)(e), §23."""
    played = consulted({b.Role.ROUTING: (to_office(request_scope="NON_GENERIC_ONLY"),)})

    assert b.Role.UAM not in played.roles()


def test_r_l609_block_lets_nothing_be_consulted() -> None:
    """R-L609-BLOCK, 05/022 §11: no file at the insurer, no consultation at all."""
    played = declared()

    reason = Reason.NO_FILE
    played.take(b.ConsultationRefused, action=played.one(b.Consult).id, reason=reason)

    assert played.roles() == [b.Role.REFERENCE]
    assert played.one(b.Close).ending is b.Ending.REFUSED
    assert b.waiting(played.case) == ()


def test_r_l609_shape_is_two_booleans() -> None:
    """R-L609-SHAPE, 05/022 §5(3)(a), §11: anything else is a wrong answer."""
    played = declared()

    played.take(
        b.ConsultationAnswered, action=played.one(b.Consult).id, rows=({"rsz_known": True},)
    )

    assert played.case.facts.reference is None
    assert played.case.consultations[b.Role.REFERENCE].progress is b.Progress.FAILED


def test_r_l609_param_keeps_nothing_of_other_sectors() -> None:
    """R-L609-PARAM, 05/022 §12: even if an answer told more, nothing of it is kept."""
    played = consulted({b.Role.REFERENCE: ({**reference(), "ocmw_known": True},)})

    assert played.case.facts.reference == b.Reference(rsz_known=True, unemployment_known=False)


def test_p_who_names_neither_insurer_nor_payment_institution_in_a_question() -> None:
    """P-WHO, 05/022 §7.4, §11, §33."""
    played = unemployed(employment("19.00"))

    assert set(b.Consult.__struct_fields__) == {
        "id", "paragraph", "role", "flow", "purpose", "person", "about", "message_id",
    }  # fmt: skip
    assert set(b.AskUnemployment.__struct_fields__) == {
        "id", "paragraph", "flow", "purpose", "person", "about", "risk", "message_id",
        "insurability_only", "card_number",
    }  # fmt: skip
    assert b.Part.__struct_fields__ == ("place", "digest", "refused")
    assert played.one(b.AskUnemployment).person == PERSON


def test_p_who_ends_the_case_of_who_went_to_another_insurer() -> None:
    """P-WHO, 05/022 §7.4, §11: nothing more is asked or sent."""
    played = declared()
    asked = played.one(b.Consult)

    played.take(b.PersonMoved)
    late = played.take(b.ConsultationAnswered, action=asked.id, rows=(reference(),))

    assert played.case.ending is b.Ending.MOVED
    assert late == ()


def test_p_purpose_is_that_of_benefits_in_every_question() -> None:
    """P-PURPOSE, 05/022 §7.1, §14, §29."""
    played = unemployed(employment("19.00"))

    assert {one.purpose for one in played.of(b.Consult)} == {"asr-benefits"}
    assert played.one(b.AskUnemployment).purpose == "asr-benefits"


def test_p_case_lives_in_the_events_of_the_insurer() -> None:
    """P-CASE, 05/022 §4, §36: the case follows from its own events and nothing else."""
    played = consulted()

    assert replay(CIRCUITS["benefits"], played.case.id, played.events) == played.case


def test_r_mini_lets_seven_flows_be_asked_and_none_of_them_is_dmfa() -> None:
    """R-MINI, 05/022 §7.1, §23."""
    assert len(b.Role) == 7
    assert sorted(RULES.flows.values()) == [
        "L609", "dimona.consult", "employer.consult", "employment.consult", "personnel.consult",
        "routing.consult", "uam.consult",
    ]  # fmt: skip


def test_r_dimona_takes_the_employers_on_the_day_of_the_risk() -> None:
    """R-DIMONA, 05/022 §13: not one of before, not one of after, and each once."""
    rows = (
        dimona(ACME),
        dimona(ACME, "2025-01-01"),
        dimona(OTHER, "2010-01-01", "2025-03-02"),
        dimona(OTHER, "2025-03-04"),
    )
    played = consulted({b.Role.DIMONA: rows})

    assert [one.employer.cbe for one in played.case.requests] == [ACME]


def test_hours_are_not_asked_where_nothing_can_follow_from_them() -> None:
    """05/022 §10, §19: they serve to know whether the unemployment sector is asked."""
    assert b.Role.EMPLOYMENT not in consulted().roles()


def test_who_had_left_is_asked_about_on_the_last_day_of_service() -> None:
    """NG2, 05/022 §23, §28."""
    played = declared()
    gone = worker(employment_status_at_risk="OUT_OF_SERVICE", service_end_date="2025-02-20")
    while asked := played.open_consults():
        for one in asked:
            before = one.role is b.Role.DIMONA and played.case.left_on is None
            rows = {
                **ORDINARY,
                b.Role.DIMONA: () if before else (dimona(ACME, "2015-01-01", "2025-02-20"),),
                b.Role.PERSONNEL: (gone,),
            }[one.role]
            played.take(b.ConsultationAnswered, action=one.id, rows=rows)

    again = [one for one in played.of(b.Consult) if one.about.begin.isoformat() == "2025-02-20"]
    assert [one.role for one in again] == [
        b.Role.DIMONA,
        b.Role.ROUTING,
        b.Role.EMPLOYER,
        b.Role.UAM,
    ]
    assert again[0].about == Period(again[0].about.begin, again[0].about.begin.replace(day=21))
    assert played.case.requests[0].why == {b.NonGeneric.WORKER_LEFT}
    assert played.one(b.SendRequest).content.worker.service_end_date == "2025-02-20"


def test_who_left_long_ago_has_no_employer() -> None:
    """05/022 §13, §28: how long ago is ours."""
    gone = worker(employment_status_at_risk="OUT_OF_SERVICE", service_end_date="2024-02-20")
    played = consulted({b.Role.DIMONA: (), b.Role.PERSONNEL: (gone,)})

    assert played.case.requests == ()
    assert b.Matter.NO_EMPLOYER in played.matters()


def test_a_failed_consultation_is_asked_again_under_the_same_message() -> None:
    played = declared()
    first = played.one(b.Consult)

    played.take(b.ConsultationFailed, action=first.id, cause="silent")
    played.pass_(b.Delay.RETRY)

    again = played.last(b.Consult)
    assert again.id != first.id
    assert again.message_id == first.message_id == first.id


def test_after_some_attempts_a_clerk_is_asked_and_may_go_on_without() -> None:
    played = declared()
    played.take(b.ConsultationAnswered, action=played.one(b.Consult).id, rows=(reference(),))
    for _ in range(RULES.delays.attempts):
        last = [one for one in played.of(b.Consult) if one.role is b.Role.ROUTING][-1]
        played.take(b.ConsultationFailed, action=last.id)
        if played.case.consultations[b.Role.ROUTING].progress is b.Progress.FAILED:
            played.pass_(b.Delay.RETRY)
    assert b.Party.CLERK in played.parties()

    played.take(b.ClerkAnswered, notice=played.last(b.TellClerk).id, answer=b.Answer.GO_ON)
    played.answer({})

    assert played.one(b.SendRequest).rule == "R-PAPER"


def test_a_clerk_can_not_go_on_without_l609() -> None:
    """R-GATE, 05/022 §11."""
    played = declared()
    for _ in range(RULES.delays.attempts):
        played.take(b.ConsultationFailed, action=played.last(b.Consult).id)
        if played.case.consultations[b.Role.REFERENCE].progress is b.Progress.FAILED:
            played.pass_(b.Delay.RETRY)
    before = played.case

    played.take(b.ClerkAnswered, notice=played.last(b.TellClerk).id, answer=b.Answer.GO_ON)

    assert played.case == before


def test_an_answer_that_never_comes_counts_as_failed() -> None:
    played = declared()

    played.pass_(b.Delay.CONSULTATION)
    played.pass_(b.Delay.RETRY)

    assert played.roles() == [b.Role.REFERENCE, b.Role.REFERENCE]


def test_a_late_failure_of_an_earlier_attempt_is_nothing() -> None:
    played = declared()
    first = played.one(b.Consult)
    played.take(b.ConsultationFailed, action=first.id)
    played.pass_(b.Delay.RETRY)
    before = played.case

    played.take(b.ConsultationFailed, action=first.id)

    assert played.case == before


def test_a_late_answer_counts_and_the_second_one_is_nothing() -> None:
    played = declared()
    first = played.one(b.Consult)
    played.take(b.ConsultationFailed, action=first.id)
    played.pass_(b.Delay.RETRY)

    played.take(b.ConsultationAnswered, action=first.id, rows=(reference(),))
    before = played.case
    played.take(
        b.ConsultationAnswered,
        action=played.of(b.Consult)[1].id,
        rows=(reference(rsz=False),),
    )

    assert played.case == before


@pytest.mark.parametrize(
    "reason", [Reason.NO_CLAUSE, Reason.NO_LONGER_IN_FORCE, Reason.DECEASED_BEFORE]
)
def test_r_l609_block_is_for_a_file_that_is_not_there_and_for_no_other_reason(
    reason: Reason,
) -> None:
    """R-L609-BLOCK, 05/022 §11: of another refusal a clerk says whether to ask again."""
    played = declared()
    played.take(b.ConsultationRefused, action=played.one(b.Consult).id, reason=reason)

    assert played.case.stage is b.Stage.OPEN
    assert played.matters() == [b.Matter.CONSULTATION_REFUSED]
    assert b.Party.CLERK in played.parties()
    notice = played.one(b.TellClerk).id
    played.take(b.ClerkAnswered, notice=notice, answer=b.Answer.RETRY)
    assert played.roles() == [b.Role.REFERENCE, b.Role.REFERENCE]
    assert b.Party.CLERK not in played.parties()


def test_a_refusal_of_one_consultation_is_as_no_rows() -> None:
    """The law changed while the case runs: what it no longer gives is not waited for."""
    played = declared()
    played.take(b.ConsultationAnswered, action=played.one(b.Consult).id, rows=(reference(),))
    routing = next(one for one in played.of(b.Consult) if one.role is b.Role.ROUTING)

    played.take(b.ConsultationRefused, action=routing.id, reason=Reason.NO_LONGER_IN_FORCE)
    played.answer({})

    assert played.one(b.SendRequest).medium is b.Medium.PAPER_EMPLOYER
    assert b.Matter.CONSULTATION_REFUSED in played.matters()


def test_a_replaced_number_is_asked_about_under_the_new_one() -> None:
    played = declared()
    first = played.one(b.Consult)

    played.take(b.NumberReplaced, successor=SUCCESSOR)
    played.take(b.ConsultationAnswered, action=first.id, rows=(reference(rsz=False),))

    assert played.last(b.Consult).person == SUCCESSOR
    assert played.case.facts.reference is None


def test_a_refusal_that_tells_the_new_number_is_followed() -> None:
    played = declared()

    played.take(
        b.ConsultationRefused,
        action=played.one(b.Consult).id,
        reason=Reason.NUMBER_REPLACED,
        successor=SUCCESSOR,
    )

    assert played.last(b.Consult).person == SUCCESSOR
    assert played.case.stage is b.Stage.OPEN


def test_questions_after_a_change_of_law_follow_the_new_rules() -> None:
    played = declared()
    flows = {**RULES.flows, b.Role.ROUTING: RULES.flows[b.Role.UAM]}
    played.take(
        b.RulesChanged,
        rules=b.Rules(
            law=RULES.law,
            purpose=RULES.purpose,
            flows=flows,
            unemployment=RULES.unemployment,
            zone=RULES.zone,
            delays=RULES.delays,
        ),
    )

    played.answer({})

    routing = next(one for one in played.of(b.Consult) if one.role is b.Role.ROUTING)
    assert routing.flow == "uam.consult"
