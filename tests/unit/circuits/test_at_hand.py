"""What a process has at hand of its cases is bounded, and goes when another process is heard."""

from datetime import UTC, datetime
from uuid import UUID

from kruispunt.circuits.at_hand import AtHand
from kruispunt.circuits.benefits import Case
from kruispunt.circuits.filed import Filed

MOMENT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))


def a_case(case: UUID, *, closed: bool = False) -> Filed:
    return Filed(
        case=Case(id=case),
        kind="benefits",
        version=1,
        opened_at=MOMENT,
        closed_at=MOMENT if closed else None,
    )


def test_what_was_not_used_for_longest_goes():
    hand = AtHand(most=2)
    for case in (ONE, TWO, ONE, THREE):
        hand.keep(a_case(case))

    assert hand.get(ONE)
    assert hand.get(THREE)
    assert hand.get(TWO) is None


def test_a_case_that_is_closed_is_not_kept():
    hand = AtHand()
    hand.keep(a_case(ONE))
    hand.keep(a_case(ONE, closed=True))

    assert hand.get(ONE) is None


def test_turns_of_our_own_are_heard_as_often_as_they_were_made():
    hand = AtHand()
    hand.turns(ONE)
    hand.turns(ONE)
    hand.keep(a_case(ONE))

    kept: list[bool] = []
    for _ in range(3):
        hand.heard(ONE)
        kept.append(hand.get(ONE) is not None)

    assert kept == [True, True, False]


def test_after_a_silence_what_is_heard_may_be_of_another():
    hand = AtHand()
    hand.turns(ONE)
    hand.keep(a_case(ONE))
    hand.missed()
    hand.heard(ONE)

    assert hand.get(ONE) is None
