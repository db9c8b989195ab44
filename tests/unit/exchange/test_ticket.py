from datetime import UTC, datetime, timedelta
from random import Random
from uuid import RFC_4122

from hypothesis import example, given
from hypothesis import strategies as st

from kruispunt.exchange import new_ticket

MILLISECOND = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEGIN = datetime(1971, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=80_000)).map(lambda since: BEGIN + since)


@given(at=moments, seed=st.integers())
def test_a_ticket_is_a_uuid_of_version_7(at: datetime, seed: int):
    ticket = new_ticket(at, Random(seed).randbytes)

    assert (ticket.version, ticket.variant) == (7, RFC_4122)
    assert EPOCH + (ticket.int >> 80) * MILLISECOND <= at
    assert at < EPOCH + ((ticket.int >> 80) + 1) * MILLISECOND


@example(at=datetime(1974, 4, 4, tzinfo=UTC), seed=0)  # a float would lose this millisecond
@given(at=moments, seed=st.integers())
def test_a_later_ticket_sorts_after_an_earlier_one(at: datetime, seed: int):
    dice = Random(seed).randbytes

    earlier, later = new_ticket(at, dice), new_ticket(at + MILLISECOND, dice)

    assert earlier < later
    assert earlier.bytes < later.bytes


def test_every_bit_of_chance_shows_and_no_other():
    at = datetime(2031, 6, 15, tzinfo=UTC)

    none, all_ = new_ticket(at, bytes), new_ticket(at, lambda n: b"\xff" * n)

    assert (none.int ^ all_.int).bit_count() == 74
    assert str(none).endswith("-7000-8000-000000000000")
    assert str(all_).endswith("-7fff-bfff-ffffffffffff")


def test_ten_thousand_tickets_of_one_moment_are_all_different():
    at, dice = datetime(2031, 6, 15, tzinfo=UTC), Random(7).randbytes

    tickets = {new_ticket(at, dice) for _ in range(10_000)}

    assert len(tickets) == 10_000
