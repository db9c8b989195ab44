"""The checker of a campaign: it is silent about a house that held, and shouts at each fault."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from storm.check import Evidence, check, open_grants
from storm.kept import Kept, Window
from storm.trail import Asked, Entry, Leaf, Look, Outcome, SeatTrail

HUB = "HUB"
NOON = datetime(2031, 6, 15, 10, tzinfo=UTC)
PERSON = 85073003328


def an_id(n: int) -> UUID:
    return UUID(int=n)


def a_kept(n: int = 1, **changes: object) -> Kept:
    """A question that was answered with one row."""
    kept = Kept(seat=HUB, flow="work", consumer="NODE", message=an_id(100 + n), nonce=bytes([n]))
    kept.began, kept.ended, kept.status = float(n), n + 0.5, 200
    kept.given, kept.rows, kept.entry, kept.leaf = True, 1, an_id(n), bytes([n])
    for name, value in changes.items():
        setattr(kept, name, value)
    return kept


def an_entry(n: int = 1) -> Entry:
    return Entry(
        id=an_id(n),
        message=an_id(100 + n),
        consumer="NODE",
        nonce=bytes([n]),
        ssin=PERSON,
        reason=0,
        recorded_at=NOON,
    )


def leaves(*numbers: int) -> list[Leaf]:
    """Two leaves for each entry: of its decision, and of its outcome."""
    found = [Leaf(seq=2 * n, kind=1, entry=an_id(n), leaf=bytes([n])) for n in numbers]
    return found + [
        Leaf(seq=2 * n + 1, kind=2, entry=an_id(n), leaf=bytes([200 + n])) for n in numbers
    ]


def a_house(*, kept: list[Kept] | None = None, trail: SeatTrail | None = None) -> Evidence:
    """Two questions, both answered, both written down."""
    return Evidence(
        kept=[a_kept(1), a_kept(2)] if kept is None else kept,
        trails={HUB: trail or a_trail()},
        hub=HUB,
        looks=[Look(entry=an_id(1), ssin=PERSON), Look(entry=an_id(2), ssin=PERSON)],
        asked=Asked(entries=[an_id(1), an_id(2)], twice=[401]),
    )


def a_trail() -> SeatTrail:
    return SeatTrail(
        seat=HUB,
        entries=[an_entry(1), an_entry(2)],
        outcomes=[Outcome(entry=an_id(n), ending="given", shown=1) for n in (1, 2)],
        leaves=leaves(1, 2),
    )


def rules(evidence: Evidence) -> set[str]:
    return {finding.rule for finding in check(evidence)}


def a_window(fault: str = "kill-hub", **changes: object) -> Window:
    window = Window(fault=fault, began=0.0, began_at=NOON, ended=10.0)
    window.ended_at = NOON + timedelta(seconds=10)
    for name, value in changes.items():
        setattr(window, name, value)
    return window


def test_nothing_is_said_of_a_house_that_held():
    assert check(a_house()) == []


def without_entry() -> Evidence:
    trail = replace(a_trail(), entries=[an_entry(1)], outcomes=a_trail().outcomes[:1])
    house = a_house(trail=replace(trail, leaves=leaves(1)))
    return replace(house, looks=house.looks[:1], asked=Asked(entries=[an_id(1)]))


def with_trail(**changes: object) -> Evidence:
    trail = a_trail()
    for name, value in changes.items():
        trail = replace(trail, **{name: value})
    return a_house(trail=trail)


def with_kept(**changes: object) -> Evidence:
    return a_house(kept=[a_kept(1), a_kept(2, **changes)])


WRONG: dict[str, Callable[[], Evidence]] = {
    "every answer has its entry": without_entry,
    "every receipt fits its leaf": lambda: with_kept(leaf=b"other"),
    "no nonce is won twice": lambda: with_trail(
        entries=[an_entry(1), replace(an_entry(2), nonce=bytes([1]))]
    ),
    "no message is won twice": lambda: with_trail(
        entries=[an_entry(1), replace(an_entry(2), message=an_id(101))]
    ),
    "no message is answered first twice": lambda: with_kept(message=an_id(101)),
    "every entry stands once": lambda: with_trail(entries=[an_entry(1), an_entry(2), an_entry(2)]),
    "every grant has its outcome": lambda: with_trail(outcomes=a_trail().outcomes[:1]),
    "every outcome has its grant": lambda: with_trail(
        entries=[an_entry(1), replace(an_entry(2), reason=4)]
    ),
    "every entry waits for the tree": lambda: with_trail(leaves=leaves(1)),
    "every answer fits its outcome": lambda: with_kept(given=False, rows=0),
    "entries keep their order": lambda: with_trail(
        leaves=[replace(leaf, seq=100 - leaf.seq) for leaf in leaves(1, 2)]
    ),
    "nothing stands in an answer that should not": lambda: with_kept(faults=["a field too many"]),
    "every failure is clear": lambda: with_kept(status=500, entry=None),
    "nothing is lost but with its process": lambda: with_kept(status=0, entry=None),
    "nothing is answered again by its bytes": lambda: with_kept(kind="replayed"),
    "nothing is made of half a message": lambda: with_kept(kind="truncated", status=0),
    "every look has its entry": lambda: replace(
        a_house(), looks=[Look(entry=an_id(9), ssin=PERSON)]
    ),
    "no station answers twice": lambda: replace(a_house(), asked=Asked(twice=[200])),
    "other flows are answered": lambda: replace(
        with_kept(flow="L609", status=503, entry=None), windows=[a_window("stop-station")]
    ),
    "every lie is caught": lambda: replace(
        with_kept(asked_data=True), windows=[a_window("lie-unsigned", began=1.9)]
    ),
}


@pytest.mark.parametrize("rule", WRONG)
def test_the_checker_shouts(rule: str):
    assert rule in rules(WRONG[rule]())


def test_a_grant_without_outcome_is_excused_where_its_process_died_and_nowhere_else():
    still = with_trail(outcomes=a_trail().outcomes[:1], leaves=leaves(1, 2)[:3])
    excused = replace(still, windows=[a_window(loses=frozenset({HUB}))])
    elsewhere = replace(still, windows=[a_window(loses=frozenset({"NODE"}))])
    later = NOON + timedelta(minutes=1)
    long_after = replace(still, windows=[a_window(loses=frozenset({HUB}), began_at=later)])

    assert open_grants(still.trails[HUB]) == [an_id(2)]
    assert "every grant has its outcome" not in rules(excused)
    assert "every grant has its outcome" in rules(elsewhere)
    assert "every grant has its outcome" in rules(long_after)


@pytest.mark.parametrize(
    ("fault", "began", "held"),
    [("kill-hub", 2.0, True), ("kill-hub", 3.0, False), ("stop-station", 2.0, False)],
)
def test_an_answer_may_be_lost_with_its_process_and_nothing_else(
    fault: str, began: float, held: bool
):
    lost = with_kept(status=0, entry=None)
    evidence = replace(lost, windows=[a_window(fault, began=began)])

    assert ("nothing is lost but with its process" not in rules(evidence)) is held


def test_a_source_asked_under_no_entry_is_told():
    asked = replace(a_house(), asked=Asked(entries=[an_id(7)]))

    assert "every look has its entry" in rules(asked)


@pytest.mark.parametrize(
    ("reason", "ssin", "held"),
    [(0, PERSON, True), (0, None, False), (9, None, True), (9, PERSON, False), (4, None, False)],
)
def test_a_look_is_at_whom_was_granted_and_under_a_refusal_at_nobody(
    reason: int, ssin: int | None, held: bool
):
    trail = SeatTrail(seat=HUB, entries=[replace(an_entry(1), reason=reason)])
    evidence = Evidence(
        kept=[], trails={HUB: trail}, hub=HUB, looks=[Look(entry=an_id(1), ssin=ssin)]
    )

    assert ("every look has its entry" not in rules(evidence)) is held


def test_a_lie_must_fail_by_its_own_cause():
    kept = a_kept(1, status=502, asked_data=True, given=None)
    trail = a_trail()

    def told(cause: str) -> Evidence:
        outcomes = [Outcome(entry=an_id(1), ending="failed", cause=cause), trail.outcomes[1]]
        house = a_house(kept=[kept], trail=replace(trail, outcomes=outcomes))
        return replace(house, windows=[a_window("lie-unsigned")])

    assert check(told("unsigned")) == []
    assert "every lie is caught" in rules(told("wrong-shape"))


def test_many_of_one_kind_are_counted_and_not_all_told():
    kept = [a_kept(n, status=500, entry=None) for n in range(1, 20)]

    told = [f.what for f in check(a_house(kept=kept)) if f.rule == "every failure is clear"]

    assert len(told) == 6
    assert told[-1] == "and 14 more like this"
