"""Thousands of histories of a case: wrong, late, double, contradictory and never-coming answers.

Whatever comes, an open case says who must act and by when, nothing goes out twice or without a
ground, what nobody asked for changes nothing, and the stored events give the same case again.
"""

from collections import Counter
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from tests.unit.circuits.benefits.played import (
    ACME,
    CONTACT,
    OFFICE,
    OTHER,
    PERSON,
    RULES,
    SUCCESSOR,
    Played,
    a_risk,
    choice,
    dimona,
    employment,
    owner,
    reference,
    to_office,
    user,
    worker,
)

from kruispunt.circuits import CIRCUITS, replay, told
from kruispunt.circuits import benefits as b
from kruispunt.circuits.declared_risk import wish_of
from kruispunt.vocabulary import Reason

SECRET: Final = "no-ground-names-this"
NOBODY: Final = UUID(int=0)
UNGRANTED: Final = ("worker_code", "curatorship", "mandatary_cbe", "dimona_period_id", "language")

ENTERPRISES = st.sampled_from([ACME, OTHER, OFFICE])
GONE: Final = {"employment_status_at_risk": "OUT_OF_SERVICE", "service_end_date": "2025-02-20"}
ROWS: Final[dict[b.Role, list[dict[str, b.Cell]]]] = {
    b.Role.REFERENCE: [
        reference(rsz=rsz, unemployed=unemployed)
        for rsz in (True, True, False)
        for unemployed in (True, False)
    ],
    b.Role.DIMONA: [
        dimona(),
        dimona(OTHER),
        dimona(ACME, "2015-01-01", "2025-02-20"),
        dimona(OTHER, "2025-04-01"),
    ],
    b.Role.EMPLOYMENT: [
        employment(),
        employment("19.00"),
        employment(None),
        employment(committee="327"),
        employment("19.00", employment_begin_date="2025-06-01"),
    ],
    b.Role.ROUTING: [
        choice(),
        choice(channel="PAPER"),
        choice(request_scope="NON_GENERIC_ONLY"),
        to_office(request_scope="NON_GENERIC_ONLY"),
        to_office(mandate_from="2025-03-20"),
        to_office(mandate_to="2025-03-30"),
        choice(employer_cbe=OTHER, destination_cbe=OTHER),
    ],
    b.Role.UAM: [user(), user(email=None), user(OFFICE, contact_person_id="U2"), user(OTHER)],
    b.Role.PERSONNEL: [worker(), worker(**GONE)],
    b.Role.EMPLOYER: [
        owner(),
        owner(address=None),
        owner(OTHER),
        owner(curator_name="Mr Claes", curator_address="Markt 2"),
    ],
}
WRONG: Final[list[dict[str, b.Cell]]] = [
    {},
    {"rsz_known": "yes"},
    {"employer_cbe": 5},
    {"service_begin_date": "2025-02-30", "employer_cbe": ACME},
    {"channel": "PIGEON", "employer_cbe": ACME, "destination_cbe": ACME, "request_scope": "ALL"},
]
NUMBERS = st.integers(min_value=-1, max_value=3)
LETTERS = st.sampled_from(["A", "B"])


def with_secrets(row: dict[str, b.Cell]) -> dict[str, b.Cell]:
    """A row that tells more than was asked for."""
    return {**row, **dict.fromkeys(UNGRANTED, SECRET)}


class Histories(RuleBasedStateMachine):
    """One case, to which anything happens in any order."""

    heard = Bundle("heard")

    def __init__(self) -> None:
        super().__init__()
        self.played = Played()
        self.renewed = 0
        """How often anybody let something be asked anew: a clerk, or another number."""

    # ── what happens ─────────────────────────────────────────────────────────────────────────────

    @initialize(
        employer=st.sampled_from([None, b.Enterprise(cbe=ACME)]),
        accident=st.sampled_from(list(b.Accident)),
        mini_dmfa=st.booleans(),
        direct=st.booleans(),
        answered=st.sampled_from([True, True, True, False]),
        data=st.data(),
    )
    def declare(self, data: st.DataObject, *, answered: bool, **changes: Any) -> None:
        """Most histories begin with the consultations answered: that is where most is."""
        risk = a_risk(**changes)
        self.played.take(b.RiskDeclared, person=PERSON, risk=risk, contact=CONTACT, rules=RULES)
        if answered:
            drawn = {role: (data.draw(st.sampled_from(rows)),) for role, rows in ROWS.items()}
            self.played.answer(drawn)

    def ids(self, *kinds: type[Any]) -> st.SearchStrategy[UUID]:
        """An action of these kinds, the newest first; sometimes of nobody."""
        found = [one.id for one in self.played.actions if isinstance(one, kinds)]
        return st.sampled_from([*reversed(found), NOBODY])

    def take(self, make: type[Any], **content: Any) -> b.Event:
        """Let it happen; what answers nothing must change nothing."""
        before = self.played.case
        actions = self.played.take(make, **content)
        if NOBODY in content.values():
            assert (self.played.case, actions) == (before, ())
        return self.played.events[-1]

    @rule(target=heard, data=st.data(), several=st.integers(min_value=0, max_value=2))
    def answer(self, data: st.DataObject, several: int) -> b.Event:
        action = data.draw(self.ids(b.Consult))
        role = next(
            (one.role for one in self.played.of(b.Consult) if one.id == action), b.Role.DIMONA
        )
        count = 1 if role is b.Role.REFERENCE else several
        rows = tuple(with_secrets(data.draw(st.sampled_from(ROWS[role]))) for _ in range(count))
        return self.take(b.ConsultationAnswered, action=action, rows=rows)

    @rule()
    def answer_all(self) -> None:
        for one in self.played.open_consults():
            rows = (with_secrets(ROWS[one.role][0]),)
            self.take(b.ConsultationAnswered, action=one.id, rows=rows)

    @rule(target=heard, data=st.data(), row=st.sampled_from(WRONG))
    def answer_wrong(self, data: st.DataObject, row: dict[str, b.Cell]) -> b.Event:
        action = data.draw(self.ids(b.Consult))
        return self.take(b.ConsultationAnswered, action=action, rows=(row, row))

    @rule(target=heard, data=st.data())
    def fail(self, data: st.DataObject) -> b.Event:
        return self.take(b.ConsultationFailed, action=data.draw(self.ids(b.Consult)))

    @rule(
        target=heard,
        data=st.data(),
        reason=st.sampled_from([Reason.NO_CLAUSE, Reason.NO_FILE, Reason.NUMBER_REPLACED]),
    )
    def refuse(self, data: st.DataObject, reason: Reason) -> b.Event:
        successor = SUCCESSOR if reason is Reason.NUMBER_REPLACED else None
        self.renewed += successor is not None
        action = data.draw(self.ids(b.Consult, b.AskUnemployment))
        asks = {one.id for one in self.played.of(b.AskUnemployment)}
        make = b.UnemploymentRefused if action in asks else b.ConsultationRefused
        return self.take(make, action=action, reason=reason, successor=successor)

    @rule(target=heard, data=st.data(), count=NUMBERS)
    def count(self, data: st.DataObject, count: int) -> b.Event:
        action = data.draw(self.ids(b.AskUnemployment))
        return self.take(b.UnemploymentCounted, action=action, count=count)

    @rule(target=heard, data=st.data(), place=NUMBERS, letter=LETTERS, refused=st.booleans())
    def part(self, data: st.DataObject, *, place: int, letter: str, refused: bool) -> b.Event:
        return self.take(
            b.UnemploymentAnswered,
            action=data.draw(self.ids(b.AskUnemployment)),
            place=place,
            rows=({"scale_code": letter, "note": SECRET},),
            refused="no-file" if refused else "",
        )

    @rule(target=heard, data=st.data(), accepted=st.booleans())
    def ticket(self, data: st.DataObject, *, accepted: bool) -> b.Event:
        action = data.draw(self.ids(b.AskUnemployment))
        if accepted:
            return self.take(b.UnemploymentAccepted, action=action, ticket="T")
        return self.take(b.UnemploymentFailed, action=action)

    @rule(
        target=heard,
        data=st.data(),
        make=st.sampled_from(
            [b.RequestDelivered, b.RequestDead, b.LetterSent, b.LetterUndeliverable]
        ),
    )
    def carry(self, data: st.DataObject, make: type[Any]) -> b.Event:
        return self.take(make, action=data.draw(self.ids(b.SendRequest)))

    @rule(
        target=heard,
        data=st.data(),
        make=st.sampled_from(
            [b.HolderSheetSent, b.HolderSheetReturned, b.HolderSheetUndeliverable]
        ),
    )
    def sheet(self, data: st.DataObject, make: type[Any]) -> b.Event:
        return self.take(make, action=data.draw(self.ids(b.SendHolderSheet)))

    @rule(target=heard, data=st.data(), cbe=ENTERPRISES, letter=LETTERS, spontaneous=st.booleans())
    def declaration(
        self, data: st.DataObject, *, cbe: str, letter: str, spontaneous: bool
    ) -> b.Event:
        known = [one.id for one in self.played.case.requests]
        request = None if spontaneous else data.draw(st.sampled_from([*known, NOBODY]))
        return self.take(
            b.DeclarationReceived,
            request=request,
            employer=b.Enterprise(cbe=cbe),
            means=b.Means.ONLINE,
            content={"hours": letter, "note": SECRET},
        )

    @precondition(lambda self: self.played.case.deadlines)
    @rule(target=heard, data=st.data(), early=st.booleans())
    def deadline(self, data: st.DataObject, *, early: bool) -> b.Event:
        key = data.draw(st.sampled_from(sorted(self.played.case.deadlines)))
        before, due_at = self.played.case, self.played.case.deadlines[key].due_at
        is_early = early and self.played.at < due_at
        self.played.at = self.played.at if is_early else max(self.played.at, due_at)
        event = self.take(b.DeadlinePassed, deadline=key)
        assert not is_early or self.played.case == before
        return event

    @rule(target=heard, data=st.data(), answer=st.sampled_from(list(b.Answer)))
    def clerk(self, data: st.DataObject, answer: b.Answer) -> b.Event:
        self.renewed += answer is b.Answer.RETRY
        return self.take(b.ClerkAnswered, notice=data.draw(self.ids(b.TellClerk)), answer=answer)

    @rule(target=heard)
    def replaced(self) -> b.Event:
        self.renewed += 1
        return self.take(b.NumberReplaced, successor=SUCCESSOR)

    @rule(
        target=heard,
        chance=st.integers(0, 9),
        make=st.sampled_from([b.PersonMoved, b.CaseWithdrawn]),
    )
    def leave(self, chance: int, make: type[Any]) -> b.Event:
        if chance:
            return self.take(b.ConsultationFailed, action=NOBODY)
        return self.take(make)

    @rule(event=heard)
    def again(self, event: b.Event) -> None:
        before = self.played.case
        if event.id in before.seen:
            assert self.played.hear(event) == ()
            assert self.played.case == before

    @rule(event=heard)
    def same_under_another_id(self, event: b.Event) -> None:
        self.renewed += isinstance(event, b.ClerkAnswered)
        fresh = UUID(int=1000 + len(self.played.events))
        self.played.hear(msgspec.structs.replace(event, id=fresh, at=self.played.at))

    @rule(hours=st.integers(min_value=0, max_value=2000))
    def time_goes_by(self, hours: int) -> None:
        self.played.at += timedelta(hours=hours)

    # ── what must hold ───────────────────────────────────────────────────────────────────────────

    @invariant()
    def no_open_case_waits_for_nobody(self) -> None:
        case, waited = self.played.case, b.waiting(self.played.case)
        assert bool(waited) == (case.stage is b.Stage.OPEN)
        clerk = any(one.party is b.Party.CLERK for one in waited)
        assert clerk or all(one.due_at is not None for one in waited)

    @invariant()
    def nothing_goes_out_twice(self) -> None:
        played = self.played
        assert len({one.id for one in played.actions}) == len(played.actions)
        assert len(played.of(b.SendHolderSheet)) <= 1
        assert len(played.of(b.Close)) <= 1
        sent = Counter((one.request, one.medium, one.reminder) for one in played.of(b.SendRequest))
        most = 1 + RULES.delays.reminders + self.renewed
        assert all(count <= (most if reminder else 1) for (_, _, reminder), count in sent.items())
        employers = [one.employer.code for one in played.case.requests]
        assert len(employers) == len(set(employers))

    @invariant()
    def questions_are_asked_once_unless_somebody_renews_them(self) -> None:
        played = self.played
        asked = {(one.role, one.message_id) for one in played.of(b.Consult)}
        moved = played.case.left_on is not None
        for role, count in Counter(role for role, _ in asked).items():
            assert count <= 1 + moved + self.renewed, role
        assert len({one.message_id for one in played.of(b.AskUnemployment)}) <= 1 + self.renewed

    @invariant()
    def the_gate_opens_everything_else(self) -> None:
        known = self.played.case.facts.reference
        others = [one for one in self.played.of(b.Consult) if one.role is not b.Role.REFERENCE]
        assert not others or (known is not None and known.rsz_known)

    @invariant()
    def nothing_goes_out_that_no_ground_names(self) -> None:
        assert SECRET.encode() not in msgspec.json.encode(self.played.actions)
        assert SECRET.encode() not in msgspec.json.encode(self.played.case)

    @invariant()
    def the_l500_has_no_more_answers_than_it_expects(self) -> None:
        now = self.played.case.unemployment
        assert now.expected is None or len(now.parts) <= now.expected

    def teardown(self) -> None:
        if self.played.events:
            self.stored_events_give_the_same_case()
            self.everything_comes_to_an_end()
            self.no_open_case_waits_for_nobody()
            self.nothing_goes_out_twice()
            self.stored_events_give_the_same_case()

    def stored_events_give_the_same_case(self) -> None:
        stored = [msgspec.json.encode(one) for one in self.played.events]
        events = [msgspec.json.decode(one, type=b.Event) for one in stored]
        assert replay(CIRCUITS["benefits"], self.played.case.id, events) == self.played.case
        wishes = [wish for step in told(self.played.case.id, events) for wish in step.wishes]
        assert wishes == [wish_of(action) for action in self.played.actions]

    def everything_comes_to_an_end(self) -> None:
        """Nobody answers any more: deadlines pass, a clerk goes on, and the case ends."""
        for _ in range(100):
            case = self.played.case
            if case.stage is b.Stage.CLOSED:
                return
            if case.deadlines:
                key, first = min(case.deadlines.items(), key=lambda one: one[1].due_at)
                self.played.at = max(self.played.at, first.due_at)
                self.take(b.DeadlinePassed, deadline=key)
                continue
            assert case.notices, "open, without a deadline or a clerk"
            notice = next(iter(case.notices))
            self.take(b.ClerkAnswered, notice=notice, answer=b.Answer.GO_ON)
            if self.played.case == case:
                assert case.facts.reference is None, "a clerk can't go on"
                self.take(b.CaseWithdrawn)
        raise AssertionError("the case does not come to an end")


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
