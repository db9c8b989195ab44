"""Hours, joint committees, and the L500 with its answers."""

from uuid import UUID

import msgspec
import pytest
from tests.unit.circuits.benefits.played import (
    LAWBOOK,
    RISK_ON,
    RULES,
    SUCCESSOR,
    Played,
    consulted,
    declared,
    employment,
    reference,
    unemployed,
)

from kruispunt.circuits import benefits as b
from kruispunt.circuits.benefits.hours import Verdict, judge
from kruispunt.circuits.benefits.reading import read
from kruispunt.vocabulary import Reason

STOPPING = msgspec.structs.replace(RULES, forcing=(), stopping=("124",))


def verdict(*rows: dict[str, b.Cell], rules: b.Rules = RULES) -> Verdict:
    facts = read(b.Facts(), b.Role.EMPLOYMENT, rows)
    return judge(facts.employments, RISK_ON, rules)


def asked(**changes: object) -> Played:
    """A part-timer of whom the L500 was accepted."""
    played = unemployed(employment("19.00"), **changes)
    played.take(b.UnemploymentAccepted, action=played.one(b.AskUnemployment).id, ticket="T")
    return played


def test_r_qs_full_time_sends_no_message_ever() -> None:
    """R-QS, 05/022 §19; acceptance case 1: Q = S = 38 with unemployment known."""
    played = unemployed(employment("38.00", "38.00"))

    assert played.of(b.AskUnemployment) == []
    assert played.case.unemployment.state is b.Replies.NOT_NEEDED


def test_r_qs_part_time_with_two_payment_institutions_has_two_answers() -> None:
    """R-QS, R-L500, R-COUNT, 05/022 §5(6)-5(11), §19; acceptance case 2."""
    played = asked()
    ask = played.one(b.AskUnemployment).id

    played.take(b.UnemploymentCounted, action=ask, count=2)
    assert played.case.unemployment.state is b.Replies.INTERMEDIATE
    played.take(b.UnemploymentAnswered, action=ask, place=1, rows=({"scale_code": "A"},))
    assert played.case.unemployment.state is b.Replies.PARTIAL
    played.take(b.UnemploymentAnswered, action=ask, place=2, rows=({"scale_code": "B"},))

    assert played.case.unemployment.state is b.Replies.COMPLETE
    assert b.Party.PAYMENT_INSTITUTIONS not in played.parties()


@pytest.mark.parametrize(
    ("q", "s", "expected"),
    [
        ("38.00", "38.00", Verdict.FULL_TIME),
        ("38.01", "38.00", Verdict.FULL_TIME),
        ("37.99", "38.00", Verdict.PART_TIME),
        ("0.00", "38.00", Verdict.PART_TIME),
        ("19.00", "0.00", Verdict.UNDETERMINED),
        ("19.00", None, Verdict.UNDETERMINED),
        (None, "38.00", Verdict.UNDETERMINED),
        ("NaN", "38.00", Verdict.UNDETERMINED),
        ("0.1", "0.10", Verdict.FULL_TIME),
    ],
)
def test_r_qs_compares_exactly(q: str | None, s: str | None, expected: Verdict) -> None:
    """R-QS, 05/022 §18-19: as decimals, above one is as one, unknown is flagged."""
    assert verdict(employment(q, s)) is expected


def test_r_qs_one_full_time_employment_among_several_stops_routing() -> None:
    """R-QS, 05/022 §19."""
    half, full, little = (employment(q, cbe_number=q) for q in ("19.00", "38.00", "10.00"))

    assert verdict(half, full) is Verdict.FULL_TIME
    assert verdict(half, little) is Verdict.PART_TIME


def test_r_qs_without_employment_on_the_day_of_the_risk_is_routed() -> None:
    """R-QS, 05/022 §19."""
    before = employment("38.00", employment_end_date="2025-03-02")

    assert verdict(before) is Verdict.NO_EMPLOYMENT
    assert len(unemployed(before).of(b.AskUnemployment)) == 1


def test_r_qs_undetermined_hours_are_routed_and_told() -> None:
    """R-QS, 05/022 §19."""
    played = unemployed(employment(None))

    assert len(played.of(b.AskUnemployment)) == 1
    assert b.Matter.HOURS_UNDETERMINED in played.matters()


@pytest.mark.parametrize("committee", ["327", "327.01"])
def test_r_jc_327_forces_routing_of_a_full_time_worker(committee: str) -> None:
    """R-JC, 05/022 §19, §38: sheltered workshops, also their sub-committees."""
    played = unemployed(employment("38.00", committee=committee))

    assert played.one(b.AskUnemployment).flow == "L500"


def test_r_jc_can_stop_routing_of_a_part_timer() -> None:
    """R-JC, 05/022 §19: it takes precedence over hours in the other direction too."""
    assert verdict(employment("19.00", committee="124"), rules=STOPPING) is Verdict.STOPPED
    assert verdict(employment("19.00", committee="124")) is Verdict.PART_TIME


def test_r_jc_stands_among_the_facts_as_on_the_day_of_the_risk() -> None:
    """R-JC, 05/022 §19: dated in the lawbook, and kept in the case."""
    assert RULES.forcing == ("327",)
    assert declared().case.rules == RULES
    assert RULES.law == LAWBOOK.digest


def test_r_jc_has_no_effect_where_unemployment_is_not_known() -> None:
    """R-JC, 05/022 §11, §19: precedence over hours, not over F2b."""
    played = consulted({b.Role.EMPLOYMENT: (employment("38.00", committee="327"),)})

    assert played.of(b.AskUnemployment) == []


@pytest.mark.parametrize(("hours", "asked"), [("38.00", 0), ("19.00", 1)])
def test_r_employment_cut_up_by_quarter_is_judged_as_the_whole_one(hours: str, asked: int) -> None:
    """R-EMPLOYMENT, 05/022 §16: the row of the day counts, and each employment once."""
    quarters = [
        employment(hours, employment_begin_date=begin, employment_end_date=end)
        for begin, end in (
            ("2024-10-01", "2024-12-31"),
            ("2025-01-01", "2025-03-31"),
            ("2025-04-01", None),
        )
    ]
    before = employment("38.00", employment_end_date="2024-09-30")

    whole, cut = unemployed(employment(hours)), unemployed(before, *quarters)

    assert len(cut.of(b.AskUnemployment)) == len(whole.of(b.AskUnemployment)) == asked
    assert cut.case.unemployment.verdict == whole.case.unemployment.verdict


def test_what_paragraph_20_leaves_out_is_nowhere_in_the_case() -> None:
    """05/022 §20; acceptance case 8: no worker code in what the insurer processes."""
    told = employment("19.00", worker_code="495", worker_status="T", curatorship=True)
    played = unemployed(told)

    kept = msgspec.json.encode(played.case) + msgspec.json.encode(played.actions)
    assert b'"495"' not in kept
    assert b"worker_code" not in kept


def test_r_l500_needs_unemployment_in_the_period_of_the_risk() -> None:
    """R-L500, 05/022 §11, §36; acceptance case 5: F2b negative, known at RSZ ever."""
    played = consulted({b.Role.REFERENCE: (reference(rsz=True, unemployed=False),)})

    assert played.of(b.AskUnemployment) == []
    assert len(played.of(b.SendRequest)) == 1


def test_r_l500_goes_to_who_was_never_employed_too() -> None:
    """R-L500, 05/022 §19, §36: no employment, but unemployment known."""
    played = consulted({b.Role.REFERENCE: (reference(rsz=False, unemployed=True),)})

    assert played.roles() == [b.Role.REFERENCE]
    assert len(played.of(b.AskUnemployment)) == 1


def test_r_l500_holds_the_fields_of_its_two_blocks() -> None:
    """R-L500, 05/022 §37."""
    played = unemployed(employment("19.00"), insurability_only=True, card_number="592")

    ask = played.one(b.AskUnemployment)
    assert (ask.risk, ask.about.begin, ask.insurability_only) == ("incapacity", RISK_ON, True)
    assert ask.card_number == "592"


def test_p_l500_fields_are_given_whole_for_benefits_alone() -> None:
    """P-L500-FIELDS, 05/022 §38, §40: holidays and career for the purpose that the case has."""
    given = {
        clause.purpose: set(clause.ground.fields)
        for clause in LAWBOOK.clauses
        if clause.flow == RULES.unemployment
    }

    assert "holiday_days_entitled" in given.pop(RULES.purpose)
    assert all("holiday_days_entitled" not in fields for fields in given.values())


def test_r_direct_l500_is_asked_at_once_but_not_before_l609() -> None:
    """R-DIRECT-L500, 05/022 §11, §37 end: F1 is still needed."""
    played = declared(direct=True)
    assert played.of(b.AskUnemployment) == []

    played.take(b.ConsultationAnswered, action=played.one(b.Consult).id, rows=(reference(),))

    assert played.one(b.AskUnemployment).paragraph == "05/022 §37"
    assert b.Role.EMPLOYMENT not in played.roles()


def test_r_direct_l500_of_who_has_no_file_is_not_asked() -> None:
    """R-DIRECT-L500, 05/022 §11, §37 end."""
    played = declared(direct=True)

    played.take(b.ConsultationRefused, action=played.one(b.Consult).id, reason=Reason.NO_FILE)

    assert played.of(b.AskUnemployment) == []


def test_r_count_of_none_closes_the_l500() -> None:
    """R-COUNT, 05/022 §5(6)(b): n = 0."""
    played = asked()

    played.take(b.UnemploymentCounted, action=played.one(b.AskUnemployment).id, count=0)

    assert played.case.unemployment.state is b.Replies.CLOSED_NO_PAYMENT_INSTITUTION


def test_r_count_may_come_after_an_answer() -> None:
    """R-COUNT, 05/022 §5(6)(b)."""
    played = asked()
    ask = played.one(b.AskUnemployment).id

    played.take(b.UnemploymentAnswered, action=ask, place=1)
    assert played.case.unemployment.state is b.Replies.ACCEPTED
    played.take(b.UnemploymentCounted, action=ask, count=1)

    assert played.case.unemployment.state is b.Replies.COMPLETE


def test_r_count_that_is_another_one_later_is_a_contradiction() -> None:
    """R-COUNT, 05/022 §5(6)(b)."""
    played = asked()
    ask = played.one(b.AskUnemployment).id
    played.take(b.UnemploymentCounted, action=ask, count=2)

    played.take(b.UnemploymentCounted, action=ask, count=1)

    assert played.case.unemployment.expected == 2
    assert played.matters()[-1] is b.Matter.CONTRADICTION


def test_r_count_that_is_lower_than_a_number_that_came_is_a_contradiction() -> None:
    """R-COUNT, 05/022 §5(6)(b): as many are expected as the highest number says."""
    played = asked()
    ask = played.one(b.AskUnemployment).id
    played.take(b.UnemploymentAnswered, action=ask, place=2)

    played.take(b.UnemploymentCounted, action=ask, count=0)

    assert played.case.unemployment.expected == 2
    assert played.case.unemployment.state is b.Replies.PARTIAL
    assert played.matters()[-1] is b.Matter.CONTRADICTION


def test_the_same_answer_twice_is_one_and_another_under_its_number_is_told() -> None:
    """05/022 §5(8)-5(11)."""
    played = asked()
    ask = played.one(b.AskUnemployment).id
    played.take(b.UnemploymentCounted, action=ask, count=2)
    played.take(b.UnemploymentAnswered, action=ask, place=1, rows=({"scale_code": "A"},))
    before = played.case

    played.take(b.UnemploymentAnswered, action=ask, place=1, rows=({"scale_code": "A"},))
    assert played.case == before
    played.take(b.UnemploymentAnswered, action=ask, place=1, rows=({"scale_code": "B"},))

    assert len(played.case.unemployment.parts) == 1
    assert played.matters()[-1] is b.Matter.CONTRADICTION


def test_an_answer_beyond_the_count_is_told_and_not_taken() -> None:
    played = asked()
    ask = played.one(b.AskUnemployment).id
    played.take(b.UnemploymentCounted, action=ask, count=1)

    played.take(b.UnemploymentAnswered, action=ask, place=2)

    assert played.case.unemployment.parts == ()
    assert played.matters()[-1] is b.Matter.CONTRADICTION


def test_one_of_two_payment_institutions_refuses() -> None:
    """05/022 §5(8), §38: counted as an answer, and told."""
    played = asked()
    ask = played.one(b.AskUnemployment).id
    played.take(b.UnemploymentCounted, action=ask, count=2)

    played.take(b.UnemploymentAnswered, action=ask, place=1)
    played.take(b.UnemploymentAnswered, action=ask, place=2, refused="no-file")

    assert played.case.unemployment.state is b.Replies.COMPLETE
    assert b.Matter.UNEMPLOYMENT_PART_REFUSED in played.matters()


def test_missing_answers_time_out_and_late_ones_still_count() -> None:
    """05/022 §5(6)(b)."""
    played = asked()
    ask = played.one(b.AskUnemployment).id
    played.take(b.UnemploymentCounted, action=ask, count=2)
    played.take(b.UnemploymentAnswered, action=ask, place=1)

    played.pass_(b.Delay.UNEMPLOYMENT)
    assert played.case.unemployment.state is b.Replies.TIMED_OUT
    assert b.Party.CLERK in played.parties()
    played.later(days=3)
    played.take(b.UnemploymentAnswered, action=ask, place=2)

    assert played.case.unemployment.state is b.Replies.COMPLETE
    assert b.Party.CLERK not in played.parties()


def test_a_clerk_may_go_on_with_the_answers_there_are_or_ask_anew() -> None:
    def timed_out() -> Played:
        played = asked()
        played.pass_(b.Delay.UNEMPLOYMENT)
        return played

    gone_on, again = timed_out(), timed_out()
    gone_on.take(b.ClerkAnswered, notice=gone_on.last(b.TellClerk).id, answer=b.Answer.GO_ON)
    again.take(b.ClerkAnswered, notice=again.last(b.TellClerk).id, answer=b.Answer.RETRY)

    assert gone_on.case.unemployment.state is b.Replies.GIVEN_UP
    first, second = again.of(b.AskUnemployment)
    assert first.message_id != second.message_id
    assert again.case.unemployment.state is b.Replies.CREATED


def test_a_question_that_was_not_taken_is_asked_again_under_its_message_id() -> None:
    played = unemployed(employment("19.00"))

    played.take(b.UnemploymentFailed, action=played.one(b.AskUnemployment).id)
    played.pass_(b.Delay.RETRY)

    first, second = played.of(b.AskUnemployment)
    assert first.message_id == second.message_id


def test_a_refusal_in_words_ends_the_l500_and_not_the_case() -> None:
    played = unemployed(employment("19.00"))

    played.take(
        b.UnemploymentRefused,
        action=played.one(b.AskUnemployment).id,
        reason=Reason.NOT_YET_IN_FORCE,
    )

    assert played.case.unemployment.state is b.Replies.REFUSED
    assert played.case.stage is b.Stage.OPEN


def test_a_refusal_that_tells_the_new_number_is_asked_anew() -> None:
    played = unemployed(employment("19.00"))

    played.take(
        b.UnemploymentRefused,
        action=played.one(b.AskUnemployment).id,
        reason=Reason.NUMBER_REPLACED,
        successor=SUCCESSOR,
    )

    assert played.last(b.AskUnemployment).person == SUCCESSOR
    assert len(played.of(b.AskUnemployment)) == 2


def test_an_answer_nobody_asked_for_is_told() -> None:
    """R-SPONTANEOUS, 05/022 §4: a payment institution declares on its own initiative."""
    played = consulted()

    played.take(b.UnemploymentAnswered, action=None, place=1)

    assert played.matters() == [b.Matter.UNEMPLOYMENT_UNASKED]


def test_an_answer_to_an_unknown_question_changes_nothing() -> None:
    played = asked()
    before = played.case

    played.take(b.UnemploymentAnswered, action=UUID(int=1), place=1)
    played.take(b.UnemploymentCounted, action=UUID(int=1), count=4)

    assert played.case == before
