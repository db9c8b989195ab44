"""A case from its declaration to its end: the holder sheet, who acted, who must act now."""

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest
from tests.unit.circuits.benefits.played import (
    ACME,
    CASE,
    CONTACT,
    DECLARED_AT,
    LAWBOOK,
    PERSON,
    RISK_ON,
    RULES,
    Played,
    a_risk,
    consulted,
    declared,
    employment,
    unemployed,
)

from kruispunt.circuits import CIRCUITS, replay, told
from kruispunt.circuits import benefits as b
from kruispunt.law import NoValue


def finished() -> Played:
    """A part-timer's case to the very end."""
    played = unemployed(employment("19.00"))
    ask = played.one(b.AskUnemployment).id
    sent = played.one(b.SendRequest)
    played.take(b.HolderSheetSent, action=played.one(b.SendHolderSheet).id)
    played.take(b.UnemploymentAccepted, action=ask, ticket="T")
    played.take(b.UnemploymentCounted, action=ask, count=1)
    played.take(b.RequestDelivered, action=sent.id)
    played.take(b.HolderSheetReturned, action=played.one(b.SendHolderSheet).id)
    played.take(b.UnemploymentAnswered, action=ask, place=1, rows=({"scale_code": "A"},))
    played.take(
        b.DeclarationReceived,
        request=sent.request,
        employer=b.Enterprise(cbe=ACME),
        means=b.Means.ONLINE,
    )
    return played


def test_r_holder_sheet_goes_out_with_the_declaration_and_never_again() -> None:
    """R-HOLDER-SHEET, 05/022 §5(2)."""
    played = declared()
    sheet = played.one(b.SendHolderSheet)
    assert sheet.paragraph == "05/022 §5(2)"

    played.take(b.HolderSheetUndeliverable, action=sheet.id)
    played.take(b.ClerkAnswered, notice=played.one(b.TellClerk).id, answer=b.Answer.RETRY)
    played.pass_(b.Delay.HOLDER_SHEET)

    assert len(played.of(b.SendHolderSheet)) == 1
    assert b.Party.CLERK in played.parties()


def test_r_holder_sheet_that_comes_back_late_still_counts() -> None:
    """R-HOLDER-SHEET, 05/022 §5(2)."""
    played = declared()
    played.pass_(b.Delay.HOLDER_SHEET)
    assert b.Party.CLERK in played.parties()

    played.take(b.HolderSheetReturned, action=played.one(b.SendHolderSheet).id)

    assert b.Party.CLERK not in played.parties()


def test_a_clerk_may_go_on_without_the_holder_sheet() -> None:
    played = declared()
    played.pass_(b.Delay.HOLDER_SHEET)

    played.take(b.ClerkAnswered, notice=played.last(b.TellClerk).id, answer=b.Answer.GO_ON)

    assert b.Party.INSURED_PERSON not in played.parties()


def test_a_case_whose_answers_all_came_is_done() -> None:
    """05/022 §5."""
    played = finished()

    assert played.one(b.Close).ending is b.Ending.DONE
    assert b.waiting(played.case) == ()


def test_what_comes_after_the_end_changes_nothing() -> None:
    played = finished()
    before = played.case

    again = played.take(b.HolderSheetReturned, action=played.one(b.SendHolderSheet).id)

    assert (played.case, again) == (before, ())


def test_a_case_that_was_taken_back_waits_for_nobody() -> None:
    played = consulted()

    played.take(b.CaseWithdrawn)

    assert played.case.ending is b.Ending.WITHDRAWN
    assert b.waiting(played.case) == ()


def test_each_step_says_who_acted_what_allowed_it_and_who_must_act_now() -> None:
    played = finished()

    steps = told(CASE, played.events)

    assert len(steps) == len(played.events)
    assert all(one.paragraph.startswith("05/022 §") for one in steps)
    assert (steps[0].party, steps[0].at) == (b.Party.INSURED_PERSON, DECLARED_AT)
    assert [one.party for one in steps[0].waiting_for] == [
        b.Party.NETWORK,
        b.Party.INSURED_PERSON,
    ]
    assert all(one.waiting_for for one in steps[:-1])
    assert [one.ending for one in steps[-2:]] == ["", b.Ending.DONE]
    assert steps[-1].waiting_for == ()
    assert all(one.paragraph for one in played.actions)


def test_who_is_waited_for_has_a_time() -> None:
    played = unemployed(employment("19.00"))

    due = {one.party: one.due_at for one in b.waiting(played.case)}

    assert due == {
        b.Party.INSURED_PERSON: DECLARED_AT + timedelta(days=RULES.delays.holder_days),
        b.Party.EMPLOYER: DECLARED_AT + timedelta(days=RULES.delays.declaration_days),
        b.Party.NETWORK: DECLARED_AT + timedelta(days=RULES.delays.unemployment_days),
    }


def test_payment_institutions_are_waited_for_without_a_name() -> None:
    """P-WHO, 05/022 §7.4, §33."""
    played = unemployed(employment("19.00"))
    played.take(b.UnemploymentCounted, action=played.one(b.AskUnemployment).id, count=2)

    (found,) = [one for one in b.waiting(played.case) if one.party is b.Party.PAYMENT_INSTITUTIONS]

    assert found.enterprise is None


def test_the_same_event_twice_is_one() -> None:
    played = consulted()
    before = played.case

    actions = played.hear(played.events[0])

    assert (played.case, actions) == (before, ())


def test_a_second_risk_is_another_case() -> None:
    played = consulted()
    before = played.case

    played.take(b.RiskDeclared, person=PERSON, risk=a_risk(), contact=CONTACT, rules=RULES)

    assert played.case == before


def test_nothing_happens_to_a_case_before_its_risk_is_declared() -> None:
    played = Played()

    played.take(b.NumberReplaced, successor=PERSON)

    assert played.case == b.Case(id=CASE)


def test_a_deadline_that_is_not_due_changes_nothing() -> None:
    played = declared()
    before = played.case

    played.take(b.DeadlinePassed, deadline=next(iter(before.deadlines)))
    played.take(b.DeadlinePassed, deadline=UUID(int=3))

    assert played.case == before


def test_ids_of_actions_follow_from_the_case_and_a_counter() -> None:
    one, same, other = declared(), declared(), Played(case=b.Case(id=UUID(int=8)))
    other.take(b.RiskDeclared, person=PERSON, risk=a_risk(), contact=CONTACT, rules=RULES)

    assert [action.id for action in one.actions] == [action.id for action in same.actions]
    assert not {action.id for action in one.actions} & {action.id for action in other.actions}
    assert one.actions[0].id == one.case.action_id(0)


def test_a_case_survives_being_stored_in_events_and_as_a_state() -> None:
    played = finished()
    stored = [msgspec.json.encode(one) for one in played.events]

    events = [msgspec.json.decode(one, type=b.Event) for one in stored]

    assert events == played.events
    assert replay(CIRCUITS["benefits"], CASE, events) == played.case
    assert msgspec.json.decode(msgspec.json.encode(played.case), type=b.Case) == played.case


def test_nobody_s_number_is_shown_by_a_case() -> None:
    played = declared()

    assert PERSON.digits not in repr(played.case)


def test_r_versions_there_are_no_rules_before_declarations_could_be_filed() -> None:
    """R-VERSIONS, 05/022 §3: since 1 October 2005."""
    with pytest.raises(NoValue):
        b.rules_of(LAWBOOK, risk_on=RISK_ON, asked_on=date(2005, 9, 30), zone="Europe/Brussels")
    b.rules_of(LAWBOOK, risk_on=RISK_ON, asked_on=date(2005, 10, 1), zone="Europe/Brussels")


@pytest.mark.parametrize("day", [date(2024, 4, 17), date(2024, 10, 1)])
def test_r_versions_that_came_into_force_change_nothing_of_this_circuit(day: date) -> None:
    """R-VERSIONS, 05/022 closing part: the two days brought increased reimbursement, no more."""
    found = LAWBOOK.deliberations["05/022"]
    begun = {one.purpose for one in found.clauses if one.period.begin == day}
    assert day in found.in_force
    assert begun
    assert RULES.purpose not in begun

    before, after = (
        b.rules_of(LAWBOOK, risk_on=RISK_ON, asked_on=one, zone="Europe/Brussels")
        for one in (day - timedelta(days=1), day)
    )
    assert before == after
