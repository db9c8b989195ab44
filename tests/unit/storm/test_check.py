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
    window = Window(fault=fault, began=0.0, began_at=NOON, ended=10.0, over=10.0)
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
    "every look has its outcome": lambda: with_trail(outcomes=a_trail().outcomes[:1]),
    "every outcome has its look": lambda: with_trail(
        entries=[an_entry(1), replace(an_entry(2), reason=4)]
    ),
    "every entry waits for the tree": lambda: with_trail(leaves=leaves(1)),
    "every answer fits its outcome": lambda: with_kept(given=False, rows=0),
    "entries keep their order": lambda: with_trail(
        leaves=[replace(leaf, seq=100 - leaf.seq) for leaf in leaves(1, 2)]
    ),
    "nothing stands in an answer that should not": lambda: with_kept(faults=["a field too many"]),
    "nothing fails but by its fault": lambda: with_kept(status=500, entry=None),
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


GRANT = "every look has its outcome"


def with_open_grant(*, heard: bool, **changes: object) -> Evidence:
    """The second grant has no outcome; its answer was heard, or nobody knows of it."""
    house = with_trail(outcomes=a_trail().outcomes[:1], leaves=leaves(1, 2)[:3])
    kept = [a_kept(1), a_kept(2)] if heard else [a_kept(1)]
    window = a_window(loses=frozenset({HUB}))
    for name, value in changes.items():
        setattr(window, name, value)
    return replace(house, kept=kept, windows=[window])


def test_a_grant_without_outcome_is_excused_where_its_process_died_and_nowhere_else():
    excused = with_open_grant(heard=True)

    assert open_grants(excused.trails[HUB]) == [an_id(2)]
    assert GRANT not in rules(excused)
    assert GRANT in rules(with_open_grant(heard=True, loses=frozenset({"NODE"})))
    assert GRANT in rules(with_open_grant(heard=True, skipped="no room to be made"))


@pytest.mark.parametrize(
    ("began", "over", "held"),
    [(3.0, 9.0, True), (3.6, 9.0, False), (0.0, 2.0, True), (0.0, 1.9, False)],
)
def test_an_answer_given_well_before_a_fault_or_asked_after_it_has_an_outcome(
    began: float, over: float, held: bool
):
    """The question was asked at 2 s and answered at 2.5 s."""
    evidence = with_open_grant(heard=True, began=began, over=over)

    assert (GRANT not in rules(evidence)) is held
    assert ("every answer fits its outcome" not in rules(evidence)) is held


@pytest.mark.parametrize(
    ("began", "ended", "held"), [(3, 9, True), (4, 9, False), (-9, 0, True), (-9, -1, False)]
)
def test_a_grant_of_which_nothing_was_heard_is_excused_for_the_time_limit_of_its_flow(
    began: int, ended: int, held: bool
):
    evidence = with_open_grant(
        heard=False,
        began_at=NOON + timedelta(seconds=began),
        ended_at=NOON + timedelta(seconds=ended),
    )

    assert (GRANT not in rules(evidence)) is held


def test_the_time_limit_is_that_of_the_flow():
    evidence = with_open_grant(heard=False, began_at=NOON + timedelta(seconds=9))

    assert GRANT in rules(evidence)
    assert GRANT not in rules(replace(evidence, limits={"": 8.0}))


def test_an_entry_under_a_clock_put_forward_is_excused_by_when_it_truly_was():
    died = a_window(loses=frozenset({HUB}), began_at=NOON - timedelta(seconds=3598))
    died.ended_at = died.began_at + timedelta(seconds=1)
    jumped = a_window(
        "clock-hub-on-1-h", began_at=NOON - timedelta(seconds=3605), shifts={HUB: 3600}
    )
    still = with_open_grant(heard=False)

    assert GRANT in rules(replace(still, windows=[died]))
    assert GRANT not in rules(replace(still, windows=[died, jumped]))
    jumped.ended_at = NOON - timedelta(seconds=3601)
    assert GRANT in rules(replace(still, windows=[died, jumped]))


FITS = "every answer fits its outcome"


def a_look_at_nobody(*outcomes: Outcome, status: int = 200) -> Evidence:
    """A refusal for the supplier's sake, and what is written of its look at nobody."""
    trail = SeatTrail(seat=HUB, entries=[replace(an_entry(1), reason=9)], outcomes=outcomes)
    return a_house(kept=[a_kept(1, status=status, rows=0, given=False)], trail=trail)


def test_a_look_at_nobody_has_an_outcome_as_a_grant_has():
    ended = a_look_at_nobody(Outcome(entry=an_id(1), ending="empty"))
    still = a_look_at_nobody()
    died = replace(still, windows=[a_window(loses=frozenset({HUB}))])

    assert not {GRANT, FITS, "every outcome has its look"} & rules(ended)
    assert {GRANT, FITS} <= rules(still)
    assert not {GRANT, FITS} & rules(died)
    assert open_grants(still.trails[HUB]) == [], "nothing may have been given by it"


@pytest.mark.parametrize(
    ("status", "ending"), [(200, "given"), (200, "failed"), (503, "empty"), (503, "given")]
)
def test_an_outcome_of_a_look_at_nobody_that_was_told_otherwise_is_found(status: int, ending: str):
    told = a_look_at_nobody(Outcome(entry=an_id(1), ending=ending), status=status)

    assert FITS in rules(told)


@pytest.mark.parametrize(
    ("reason", "status", "rows", "held"),
    [
        (9, 200, 0, True),
        (9, 200, 1, False),
        (9, 403, 0, False),
        (9, 503, 0, True),
        (4, 403, 0, True),
        (4, 200, 0, False),
        (4, 503, 0, False),
    ],
)
def test_a_refusal_is_told_as_its_reason_may_be(reason: int, status: int, rows: int, held: bool):
    ending = {200: "empty", 503: "failed"}.get(status, "refused-upstream")
    outcomes = [Outcome(entry=an_id(1), ending=ending)] if reason == 9 else []
    trail = SeatTrail(seat=HUB, entries=[replace(an_entry(1), reason=reason)], outcomes=outcomes)
    kept = a_kept(1, status=status, rows=rows, given=bool(rows))

    assert (FITS not in rules(a_house(kept=[kept], trail=trail))) is held


@pytest.mark.parametrize(
    ("status", "ending", "held"),
    [(503, "failed", True), (503, "given", False), (403, "given", False), (200, "failed", False)],
)
def test_what_came_is_what_is_written(status: int, ending: str, held: bool):
    outcomes = [Outcome(entry=an_id(1), ending=ending, shown=1)]
    trail = replace(a_trail(), outcomes=outcomes)

    assert (FITS not in rules(a_house(kept=[a_kept(1, status=status)], trail=trail))) is held


def test_a_failure_under_no_entry_is_told():
    assert FITS in rules(with_kept(status=503, entry=an_id(99)))


def a_set(*messages: int) -> Evidence:
    """Two entries under one nonce, and a set in which these messages were asked."""
    entries = [an_entry(1), replace(an_entry(2), nonce=bytes([1]))]
    kept = [a_kept(1), a_kept(2, nonce=bytes([1]))]
    asked = [a_kept(9, nonce=bytes([1]), message=an_id(n), many=True, status=0) for n in messages]
    return a_house(kept=[*kept, *asked], trail=replace(a_trail(), entries=entries))


def test_the_questions_of_a_set_share_a_nonce_and_no_other_may_have_it():
    assert "no nonce is won twice" not in rules(a_set(101, 102))
    assert "no nonce is won twice" in rules(a_set(101))
    twice = a_set(101, 102)
    trail = replace(twice.trails[HUB], entries=[*twice.trails[HUB].entries, an_entry(1)])
    assert "no nonce is won twice" in rules(replace(twice, trails={HUB: trail}))


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

    told = [
        f.what for f in check(a_house(kept=kept)) if f.rule == "nothing fails but by its fault"
    ]

    assert len(told) == 6
    assert told[-1] == "and 14 more like this"
