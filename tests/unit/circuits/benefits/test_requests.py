"""To whom a declaration is asked, how, and what comes of it."""

from datetime import date

import pytest
from tests.unit.circuits.benefits.played import (
    ACME,
    CONTACT,
    OFFICE,
    OTHER,
    SUPPRESSING,
    choice,
    consulted,
    dimona,
    owner,
    reference,
    to_office,
    user,
    worker,
)

from kruispunt.circuits import benefits as b
from kruispunt.circuits import told
from kruispunt.circuits.benefits.destination import Route, is_wished
from kruispunt.vocabulary import Period

PAPER = {b.Role.ROUTING: (choice(channel="PAPER"),)}


def test_r_request_first_asks_in_advance() -> None:
    """R-REQUEST-FIRST, 05/022 §4: nobody declared yet, and the request is out."""
    played = consulted()

    assert played.case.requests[0].standing is b.Standing.SENT


def test_r_elec_goes_to_the_address_that_was_given() -> None:
    """R-ELEC, 05/022 §5(5), §22, §24-25."""
    sent = consulted().one(b.SendRequest)

    assert (sent.medium, sent.rule) == (b.Medium.ELECTRONIC, "R-ELEC")
    assert sent.to == b.Address(mailbox=ACME, email="asr@acme.example", name="Acme")


def test_r_elec_holds_exactly_the_five_parts_of_the_request() -> None:
    """R-ELEC, 05/022 §5(5), §28, §35."""
    assert set(b.Content.__struct_fields__) == {
        "worker", "employer", "declaration_type", "risk_period", "contact_person",
    }  # fmt: skip
    assert set(b.Worker.__struct_fields__) == {
        "ssin", "last_name", "first_name", "second_name_initial", "birth_date",
        "birth_municipality", "birth_country", "sex", "nationality", "employment_status_at_risk",
        "service_end_date",
    }  # fmt: skip
    assert consulted().one(b.SendRequest).content.risk_period == Period(date(2025, 3, 3))


def test_r_contact_names_the_file_manager() -> None:
    """R-CONTACT, 05/022 §32."""
    assert consulted().one(b.SendRequest).content.contact_person == CONTACT


def test_r_contact_only_has_seven_fields() -> None:
    """R-CONTACT-ONLY, 05/022 §7.2, §35."""
    assert b.Contact.__struct_fields__ == (
        "last_name", "first_name", "address", "email", "phone", "mobile", "fax",
    )  # fmt: skip


@pytest.mark.parametrize("channel", ["ELECTRONIC", "PAPER"])
def test_r_art9_is_told_of_every_request_that_goes_out_and_of_nothing_else(channel: str) -> None:
    """R-ART9, R-ART9-BASIS, 05/022 §32-33."""
    played = consulted({b.Role.ROUTING: (choice(channel=channel),)})
    played.pass_(b.Delay.DECLARATION)

    wishes = [wish for step in told(played.case.id, played.events) for wish in step.wishes]
    marked = [wish.what for wish in wishes if wish.sensitivity == "belief_art9"]
    assert marked == ["send-request", "send-request"]
    assert all(wish.sensitivity == "" for wish in wishes if wish.what != "send-request")


def test_r_art9_basis_stands_beside_the_fields_it_allows() -> None:
    """R-ART9-BASIS, 05/022 §33: art. 9(2)(b)."""
    assert "art. 9(2)(b)" in (b.Contact.__doc__ or "")


def test_r_enrich_tells_a_preset_employer_nothing_of_another_employment() -> None:
    """R-ENRICH, NG1, 05/022 §28, §30: no Dimona says of which employer the row is."""
    elsewhere = worker(employment_status_at_risk="OUT_OF_SERVICE", service_end_date="2019-06-30")
    played = consulted({b.Role.PERSONNEL: (elsewhere,)}, employer=b.Enterprise(cbe=ACME))

    told = played.one(b.SendRequest).content.worker
    assert told.last_name == "Janssens"
    assert (told.employment_status_at_risk, told.service_end_date) == (None, None)


def test_r_enrich_fills_in_what_is_known() -> None:
    """R-ENRICH, 05/022 §25-26, §28, §30."""
    sent = consulted().one(b.SendRequest)

    assert sent.content.worker.last_name == "Janssens"
    assert sent.prefilled is not None
    assert sent.prefilled.contact_person_id == "U1"


def test_r_enrich_gives_a_destination_nothing_of_another() -> None:
    """R-ENRICH, 05/022 §26: only what is its own."""
    sources = {
        b.Role.ROUTING: (to_office(),),
        b.Role.UAM: (user(ACME), user(OFFICE, contact_person_id="U9", email="o@o.example")),
    }

    sent = consulted(sources).one(b.SendRequest)

    assert sent.prefilled is not None
    assert (sent.to.mailbox, sent.prefilled.contact_person_id) == (OFFICE, "U9")


def test_a_worker_without_personnel_file_is_a_number() -> None:
    """05/022 §28: the original request has the number alone."""
    sent = consulted({b.Role.PERSONNEL: ()}).one(b.SendRequest)

    assert sent.content.worker == b.Worker(ssin=sent.content.worker.ssin)
    assert len(sent.content.worker.ssin) == 11


def test_r_dest_asks_every_employer() -> None:
    """R-DEST, 05/022 §5(3) end: both get a request, each by its own choice."""
    sources = {
        b.Role.DIMONA: (dimona(ACME), dimona(OTHER)),
        b.Role.ROUTING: (choice(),),
        b.Role.EMPLOYER: (owner(ACME), owner(OTHER)),
    }

    sent = consulted(sources).of(b.SendRequest)

    assert [(one.medium, one.content.employer and one.content.employer.cbe_number) for one in sent
    ] == [(b.Medium.ELECTRONIC, ACME), (b.Medium.PAPER_EMPLOYER, OTHER)]  # fmt: skip


def test_r_uam_gives_the_address_and_the_first_user_who_has_one() -> None:
    """R-UAM, 05/022 §24-25."""
    users = (
        user(contact_person_id="U3", email="third@acme.example"),
        user(contact_person_id="U1", email=None),
        user(contact_person_id="U2", email="second@acme.example"),
        user(contact_person_id="U0", channel_type="PAPER"),
    )

    assert consulted({b.Role.UAM: users}).one(b.SendRequest).to.email == "second@acme.example"


@pytest.mark.parametrize("generic", [True, False])
@pytest.mark.parametrize("scope", ["ALL", "NON_GENERIC_ONLY"])
@pytest.mark.parametrize("channel", ["ELECTRONIC", "PAPER"])
def test_r_route_follows_the_decision_table(scope: str, channel: str, *, generic: bool) -> None:
    """R-ROUTE, 05/022 §5, §21-25: scope, kind of request and channel give the way."""
    chosen = choice(channel=channel, request_scope=scope)

    played = consulted({b.Role.ROUTING: (chosen,)}, mini_dmfa=not generic)

    electronic, paper = [b.Medium.ELECTRONIC], [b.Medium.PAPER_EMPLOYER]
    suppressed = scope == "NON_GENERIC_ONLY" and generic
    sent = electronic if channel == "ELECTRONIC" else paper
    assert [one.medium for one in played.of(b.SendRequest)] == ([] if suppressed else sent)


def test_r_route_dest_is_the_employer_or_its_mandatary() -> None:
    """R-ROUTE-DEST, 05/022 §22."""
    sources = {b.Role.ROUTING: (to_office(),), b.Role.UAM: (user(OFFICE),)}

    played = consulted(sources)

    assert played.one(b.SendRequest).to.mailbox == OFFICE
    assert b.Party.MANDATARY in played.parties()


def test_r_route_data_is_administrative() -> None:
    """R-ROUTE-DATA, 05/022 §21: nothing about the worker is kept of it."""
    told = choice(ssin="x", last_name="y")

    kept = consulted({b.Role.ROUTING: (told,)}).case.facts.choices[0]

    assert kept.__struct_fields__ == (
        "employer", "destination", "name", "electronic", "everything", "valid", "mandate",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("everything", "generic", "wished"),
    [(True, True, True), (True, False, True), (False, True, False), (False, False, True)],
)
def test_r_scope_wishes_all_or_the_non_generic(
    *, everything: bool, generic: bool, wished: bool
) -> None:
    """R-SCOPE, 05/022 §23."""
    acme = b.Enterprise(cbe=ACME)
    route = Route(employer=acme, destination=acme, everything=everything)
    why = frozenset[b.NonGeneric]() if generic else frozenset({b.NonGeneric.MINI_DMFA})

    assert is_wished(route, why) is wished


def test_r_generic_is_not_sent_and_awaits_a_spontaneous_declaration() -> None:
    """R-GENERIC, R-ROUTE, 05/022 §23; acceptance case 6."""
    played = consulted(SUPPRESSING)

    assert played.of(b.SendRequest) == []
    assert played.case.requests[0].standing is b.Standing.SUPPRESSED
    assert b.Party.MANDATARY in played.parties()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"employer": b.Enterprise(cbe=ACME)}, b.NonGeneric.EMPLOYER_PRESET),
        ({"mini_dmfa": True}, b.NonGeneric.MINI_DMFA),
        ({"accident": b.Accident.REFUSED}, b.NonGeneric.WORK_ACCIDENT),
        ({"accident": b.Accident.UNDER_RESERVATION}, b.NonGeneric.WORK_ACCIDENT),
    ],
)
def test_r_generic_does_not_hold_for_what_the_insurer_knows(
    changes: dict[str, object], code: b.NonGeneric
) -> None:
    """NG1, NG4 and NG5, 05/022 §23; acceptance case 6: each is sent."""
    played = consulted(SUPPRESSING, **changes)

    assert played.case.requests[0].why == {code}
    assert played.one(b.SendRequest).to.mailbox == OFFICE


def test_r_generic_does_not_hold_for_a_worker_who_left() -> None:
    """NG2, 05/022 §23, §28; acceptance case 6."""
    gone = worker(employment_status_at_risk="OUT_OF_SERVICE")

    played = consulted({**SUPPRESSING, b.Role.PERSONNEL: (gone,)})

    assert played.case.requests[0].why == {b.NonGeneric.WORKER_LEFT}
    assert len(played.of(b.SendRequest)) == 1


def test_r_generic_does_not_hold_for_a_reminder() -> None:
    """NG3, 05/022 §23; acceptance case 6: then UAM is consulted, and it is sent."""
    played = consulted(SUPPRESSING)

    played.pass_(b.Delay.DECLARATION)
    played.answer(SUPPRESSING)

    assert played.roles()[-1] is b.Role.UAM
    assert played.one(b.SendRequest).reminder
    assert played.case.requests[0].why == {b.NonGeneric.REMINDER}


def test_r_mini_dmfa_is_asked_of_the_employer() -> None:
    """R-MINI-DMFA, 05/022 §23: as part of the declaration, not from a database."""
    sent = consulted(mini_dmfa=True).one(b.SendRequest)

    assert sent.content.declaration_type.mini_dmfa


def test_r_paper_goes_to_the_employer_and_not_through_the_insured_person() -> None:
    """R-PAPER, 05/022 §5(4)."""
    sent = consulted(PAPER).one(b.SendRequest)

    assert (sent.medium, sent.rule) == (b.Medium.PAPER_EMPLOYER, "R-PAPER")
    assert sent.to.postal == "Nijverheidslaan 5, 9000 Gent"
    assert sent.language == "NL"


def test_r_paper_is_for_who_made_no_choice() -> None:
    """R-PAPER, R-ROUTE, 05/022 §5(4), §22: no entry in the RoutingModule."""
    assert consulted({b.Role.ROUTING: ()}).one(b.SendRequest).medium is b.Medium.PAPER_EMPLOYER


def test_r_paper_fallback_without_an_address() -> None:
    """R-PAPER-FALLBACK, 05/022 §5(4); acceptance case 7."""
    sent = consulted({**PAPER, b.Role.EMPLOYER: (owner(address=None),)}).one(b.SendRequest)

    assert (sent.medium, sent.rule) == (b.Medium.PAPER_INSURED, "R-PAPER-FALLBACK")
    assert sent.to == b.Address()
    assert sent.prefilled is None


def test_r_paper_fallback_when_the_address_was_found_wrong() -> None:
    """R-PAPER-FALLBACK, 05/022 §5(4); acceptance case 7."""
    played = consulted(PAPER)

    played.take(b.LetterUndeliverable, action=played.one(b.SendRequest).id)

    first, second = played.of(b.SendRequest)
    assert second.medium is b.Medium.PAPER_INSURED
    assert first.request == second.request
    assert b.Party.INSURED_PERSON in played.parties()


def test_r_paper_fallback_that_fails_too_is_a_clerk_s() -> None:
    """R-PAPER-FALLBACK, 05/022 §5(4)."""
    played = consulted(PAPER)
    played.take(b.LetterUndeliverable, action=played.last(b.SendRequest).id)

    played.take(b.LetterUndeliverable, action=played.last(b.SendRequest).id)

    assert len(played.of(b.SendRequest)) == 2
    assert b.Party.CLERK in played.parties()


def test_r_channel_conflict_goes_on_paper() -> None:
    """R-CHANNEL-CONFLICT, 05/022 §21-25: electronic was chosen, no address is known."""
    sent = consulted({b.Role.UAM: (user(email=None),)}).one(b.SendRequest)

    assert (sent.medium, sent.rule) == (b.Medium.PAPER_EMPLOYER, "R-CHANNEL-CONFLICT")


def test_an_electronic_request_that_can_t_be_delivered_goes_on_paper() -> None:
    """05/022 §5(4)-5(5)."""
    played = consulted()

    played.take(b.RequestDead, action=played.one(b.SendRequest).id)

    assert played.last(b.SendRequest).medium is b.Medium.PAPER_EMPLOYER
    assert not played.last(b.SendRequest).reminder


@pytest.mark.parametrize(
    "lapsed",
    [{"mandate_to": "2025-03-04"}, {"mandate_from": "2025-03-06"}, {"mandate_from": None}],
)
def test_r_mandate_must_be_in_force_on_the_day_of_sending(lapsed: dict[str, str | None]) -> None:
    """R-MANDATE, 05/022 §22: else the employer itself."""
    sources = {b.Role.ROUTING: (to_office(**lapsed),), b.Role.UAM: (user(OFFICE), user(ACME))}

    sent = consulted(sources).one(b.SendRequest)

    assert sent.medium is b.Medium.PAPER_EMPLOYER
    assert sent.to.name == "Acme"


def test_r_mandate_is_looked_at_again_for_a_reminder() -> None:
    """R-MANDATE, 05/022 §22."""
    sources = {
        b.Role.ROUTING: (to_office(mandate_to="2025-03-20"),),
        b.Role.UAM: (user(OFFICE),),
    }
    played = consulted(sources)
    assert played.one(b.SendRequest).to.mailbox == OFFICE

    played.pass_(b.Delay.DECLARATION)

    assert played.last(b.SendRequest).medium is b.Medium.PAPER_EMPLOYER


@pytest.mark.parametrize("choices", [(choice(),), (choice(channel="PAPER"),), (to_office(),)])
def test_r_curator_has_its_address_before_any_other(choices: b.Rows) -> None:
    """R-CURATOR, 05/022 §31."""
    curated = owner(curator_name="Mr Claes", curator_address="Markt 2, 9000 Gent")

    sent = consulted({b.Role.ROUTING: choices, b.Role.EMPLOYER: (curated,)}).one(b.SendRequest)

    assert sent.to == b.Address(name="Mr Claes", postal="Markt 2, 9000 Gent")
    assert sent.rule == "R-CURATOR"


def test_r_channel_is_the_last_choice_that_is_valid() -> None:
    """R-CHANNEL, 05/022 §22."""
    choices = (
        choice(channel="PAPER", valid_to="2024-12-31"),
        choice(channel="ELECTRONIC", valid_from="2025-01-01", valid_to="2025-03-31"),
        choice(channel="PAPER", valid_from="2025-04-01"),
    )

    assert consulted({b.Role.ROUTING: choices}).one(b.SendRequest).rule == "R-ELEC"


def test_arrivals_are_written_down_once() -> None:
    played = consulted()
    sent = played.one(b.SendRequest).id

    played.take(b.LetterSent, action=sent)
    assert played.case.requests[0].sent[0].arrived is None
    played.take(b.RequestDelivered, action=sent)

    assert played.case.requests[0].sent[0].arrived is True


def test_nobody_is_asked_where_the_office_does_not_know_the_person() -> None:
    """05/022 §5(3)(a)."""
    assert consulted({b.Role.REFERENCE: (reference(rsz=False),)}).case.requests == ()
