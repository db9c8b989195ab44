"""Declarations as they come: asked or spontaneous, once or twice, in time or late."""

from uuid import UUID

import pytest
from tests.unit.circuits.benefits.played import (
    ACME,
    OFFICE,
    OTHER,
    SUPPRESSING,
    Played,
    consulted,
    declared,
    dimona,
)

from kruispunt.circuits import benefits as b
from kruispunt.circuits import told

NSSO = "0000000097"


def declare(played: Played, **changes: object) -> tuple[b.Action, ...]:
    content = {
        "request": played.case.requests[0].id,
        "employer": b.Enterprise(cbe=ACME),
        "means": b.Means.ONLINE,
        **changes,
    }
    return played.take(b.DeclarationReceived, **content)


@pytest.mark.parametrize("means", list(b.Means))
def test_r_free_channel_takes_a_declaration_however_it_comes(means: b.Means) -> None:
    """R-FREE-CHANNEL, 05/022 §3, §5(4)-5(5)."""
    played = consulted()

    declare(played, means=means)

    assert played.case.requests[0].standing is b.Standing.ANSWERED


def test_p_ground_of_a_declaration_is_that_none_is_required() -> None:
    """P-GROUND, 05/022 §2.1."""
    played = consulted()
    declare(played)

    last = told(played.case.id, played.events)[-1]

    assert (last.ground, last.paragraph.split(",")[0]) == ("not_required", "05/022 §2.1")


def test_r_spontaneous_declaration_before_asking_saves_the_request() -> None:
    """R-SPONTANEOUS, 05/022 §4."""
    played = declared()

    declare_first = b.DeclarationReceived
    played.take(declare_first, request=None, employer=b.Enterprise(cbe=ACME), means=b.Means.BATCH)
    played.answer({})

    assert played.of(b.SendRequest) == []
    assert played.case.requests[0].standing is b.Standing.ANSWERED


def test_r_spontaneous_declaration_settles_a_suppressed_request() -> None:
    """R-SPONTANEOUS, 05/022 §4, §23."""
    played = consulted(SUPPRESSING)

    declare(played, request=None, means=b.Means.BATCH)

    assert played.case.requests[0].standing is b.Standing.ANSWERED


def test_r_spontaneous_declaration_of_an_unknown_employer_is_told_once() -> None:
    """R-SPONTANEOUS, 05/022 §4."""
    played = consulted()

    for _ in range(2):
        declare(played, request=None, employer=b.Enterprise(cbe=OTHER))

    assert played.matters() == [b.Matter.DECLARATION_UNASKED]


@pytest.mark.parametrize(
    ("employer", "declarant"),
    [
        (b.Enterprise(cbe=OTHER, nsso=NSSO), b.Enterprise(cbe=OTHER)),
        (b.Enterprise(cbe=OTHER, nsso=NSSO), None),
        (b.Enterprise(cbe=ACME, nsso="0000000198"), b.Enterprise(cbe=ACME)),
        (b.Enterprise(cbe=ACME), b.Enterprise(cbe=OTHER)),
        (b.Enterprise(nsso=NSSO), b.Enterprise(cbe=OTHER)),
    ],
    ids=str,
)
@pytest.mark.parametrize("asked_first", [True, False])
def test_r_spontaneous_declaration_of_who_is_not_the_employer_answers_nothing(
    employer: b.Enterprise, declarant: b.Enterprise | None, *, asked_first: bool
) -> None:
    """R-SPONTANEOUS, R-GENERIC, 05/022 §4, §23: also where it takes the employer's number."""
    played = declared()
    own = {"request": None, "employer": employer, "means": b.Means.BATCH, "declarant": declarant}
    known: dict[b.Role, b.Rows] = {b.Role.DIMONA: ({**dimona(), "nsso_number": NSSO},)}
    if asked_first:
        played.answer(known)
    played.take(b.DeclarationReceived, **own)
    played.answer(known)

    assert played.case.requests[0].employer == b.Enterprise(cbe=ACME, nsso=NSSO)
    assert played.case.requests[0].standing is b.Standing.SENT
    assert played.matters() == [b.Matter.DECLARATION_UNASKED]


@pytest.mark.parametrize("declarant", [ACME, OFFICE])
@pytest.mark.parametrize("number", [{"cbe": ACME}, {"nsso": NSSO}, {"cbe": ACME, "nsso": NSSO}])
def test_r_spontaneous_declaration_of_employer_or_mandatary_answers(
    number: dict[str, str], declarant: str
) -> None:
    """R-SPONTANEOUS, R-GENERIC, 05/022 §4, §23: by either number of the employer."""
    played = consulted({**SUPPRESSING, b.Role.DIMONA: ({**dimona(), "nsso_number": NSSO},)})

    employer, by = b.Enterprise(**number), b.Enterprise(cbe=declarant)
    declare(played, request=None, employer=employer, declarant=by)

    assert played.case.requests[0].standing is b.Standing.ANSWERED


def test_r_spontaneous_declaration_that_corrects_an_earlier_one_is_told() -> None:
    """R-SPONTANEOUS, 05/022 §4."""
    played = declared()
    for hours in ("38.00", "38.00", "19.00"):
        played.take(
            b.DeclarationReceived,
            request=None,
            employer=b.Enterprise(cbe=ACME),
            means=b.Means.BATCH,
            content={"hours": hours},
        )

    assert played.matters() == [b.Matter.DECLARATION_UNASKED, b.Matter.CONTRADICTION]


def test_r_spontaneous_declaration_that_comes_again_by_its_reference_is_the_same() -> None:
    """R-SPONTANEOUS, 05/022 §4."""
    played = declared()
    content = {"hours": "38.00"}
    own = {"request": None, "employer": b.Enterprise(cbe=ACME), "means": b.Means.BATCH}
    played.take(b.DeclarationReceived, **own, content=content)
    played.answer({})
    before = played.case

    declare(played, content=content)

    assert played.case == before


def test_the_same_declaration_twice_is_one_and_another_one_is_told() -> None:
    played = consulted()
    declare(played, content={"hours": "38.00"})
    before = played.case

    declare(played, content={"hours": "38.00"})
    assert played.case == before
    declare(played, content={"hours": "19.00"})

    assert played.matters() == [b.Matter.CONTRADICTION]


def test_a_declaration_under_an_unknown_reference_changes_nothing() -> None:
    played = consulted()
    before = played.case

    declare(played, request=UUID(int=5))

    assert played.case == before


def test_after_the_reminders_a_clerk_is_asked_and_a_late_answer_still_counts() -> None:
    """05/022 §4, §23."""
    played = consulted()
    played.pass_(b.Delay.DECLARATION)
    assert [one.reminder for one in played.of(b.SendRequest)] == [False, True]

    played.pass_(b.Delay.DECLARATION)
    assert {b.Party.CLERK, b.Party.EMPLOYER} <= played.parties()
    declare(played)

    assert b.Party.CLERK not in played.parties()
