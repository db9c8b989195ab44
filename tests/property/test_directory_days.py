"""Integration and de-integration against the plainest model there is: a set of days per key."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kruispunt.directory import Removal, added, removed
from kruispunt.vocabulary import (
    DirectoryLine,
    InstitutionCode,
    Period,
    Quality,
    Sector,
    Ssin,
)

ANNA, BORIS = Ssin("85073003328"), Ssin("17073003384")
FIRST = date(2031, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(30)]
"""Days that tell periods apart; the last ones stand for all days to come."""

Key = tuple[Ssin, int, int, int, str | None]


@st.composite
def periods(draw: st.DrawFn) -> Period:
    begin = draw(st.integers(0, 20))
    end = draw(st.none() | st.integers(begin + 1, 22))
    return Period(DAYS[begin], None if end is None else DAYS[end])


lines = st.builds(
    DirectoryLine,
    ssin=st.sampled_from((ANNA, BORIS)),
    sector=st.sampled_from((Sector(11), Sector(12))),
    quality=st.sampled_from((Quality(1), Quality(2))),
    period=periods(),
    phase=st.sampled_from((0, 1)),
    member=st.sampled_from((None, InstitutionCode("A"))),
)


def days(kept: Iterable[DirectoryLine]) -> set[tuple[Key, date]]:
    return {(key(line), day) for line in kept for day in DAYS if day in line.period}


def key(line: DirectoryLine) -> Key:
    return (line.ssin, line.sector, line.quality, line.phase, line.member)


def all_added(many: Iterable[DirectoryLine]) -> frozenset[DirectoryLine]:
    kept: frozenset[DirectoryLine] = frozenset()
    for line in many:
        kept = added(kept, line)
    return kept


def apart(kept: Iterable[DirectoryLine]) -> bool:
    """No two lines of one key overlap or touch."""
    ordered = sorted(kept, key=lambda line: (repr(key(line)), line.ssin.digits, line.period.begin))
    return all(
        key(one) != key(other)
        or (one.period.end is not None and one.period.end < other.period.begin)
        for one, other in pairwise(ordered)
    )


@given(many=st.lists(lines, max_size=8))
def test_integration_adds_exactly_the_days_of_the_line(many: list[DirectoryLine]):
    kept = all_added(many)

    assert days(kept) == days(many)
    assert apart(kept)


@given(many=st.lists(lines, max_size=6), order=st.randoms())
def test_the_order_of_integration_does_not_matter(many: list[DirectoryLine], order: object):
    other = list(many)
    order.shuffle(other)  # type: ignore[attr-defined]  hypothesis gives a `random.Random`

    assert all_added(other) == all_added(many)


@st.composite
def removals(draw: st.DrawFn) -> Removal:
    quality = draw(st.none() | st.sampled_from((Quality(1), Quality(2))))
    phase = None if quality is None else draw(st.none() | st.sampled_from((0, 1)))
    period = draw(st.none() | periods())
    one_line = phase is not None and period is not None and draw(st.booleans())
    return Removal(
        ssin=draw(st.sampled_from((ANNA, BORIS))),
        sector=draw(st.sampled_from((Sector(11), Sector(12)))),
        quality=quality,
        phase=phase,
        period=period,
        line_begin=draw(st.sampled_from(DAYS[:20])) if one_line else None,
        member=draw(st.sampled_from((None, InstitutionCode("A")))),
    )


@given(many=st.lists(lines, max_size=8), removal=removals())
def test_de_integration_takes_exactly_the_days_it_names(
    many: list[DirectoryLine], removal: Removal
):
    before = all_added(many)

    after = removed(before, removal)

    concerned = [line for line in before if removal.concerns(line)]
    gone = {
        (name, day)
        for name, day in days(concerned)
        if removal.period is None or day in removal.period
    }
    assert days(after) == days(before) - gone
    assert apart(after)


@given(many=st.lists(lines, max_size=8), removal=removals())
def test_de_integrating_twice_is_de_integrating_once(many: list[DirectoryLine], removal: Removal):
    once = removed(all_added(many), removal)

    twice = removed(once, removal)

    # A line that began on the day named may be gone, and another one may begin there now.
    assert twice == once or removal.line_begin is not None


@given(many=st.lists(lines, max_size=6), line=lines)
def test_integrating_twice_is_integrating_once(many: list[DirectoryLine], line: DirectoryLine):
    once = added(all_added(many), line)

    assert added(once, line) == once
