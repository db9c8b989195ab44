"""What may be said in which weather: in calm nothing fails, in a storm what it can cause."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from storm.allowed import REST_S, allowed, by_fault
from storm.campaign import ALL
from storm.kept import Kept, Window

LASTS_S = 3.0


def a_kept(status: int = 0, *, kind: str = "load", began: float = 2.0, ended: float = 2.5) -> Kept:
    kept = Kept(seat="HUB", flow="work", consumer="NODE", message=UUID(int=1), nonce=b"")
    kept.kind, kept.status, kept.began, kept.ended = kind, status, began, ended
    return kept


def a_window(fault: str, *, began: float = 0.0, over: float = 10.0) -> Window:
    return Window(fault=fault, began=began, began_at=datetime.now(UTC), ended=over, over=over)


def test_every_fault_says_what_it_can_cause():
    assert {status for name in ALL for status in by_fault(name)} == {401, 502, 503}
    with pytest.raises(KeyError):
        by_fault("kill-nobody")


@pytest.mark.parametrize("status", [0, 400, 401, 404, 409, 413, 429, 500, 502, 503])
def test_in_calm_weather_nothing_fails(status: int):
    assert status not in allowed(a_kept(), [], lasts_s=LASTS_S)


def test_only_a_repeat_may_be_told_to_wait_for_its_first_time():
    assert 409 in allowed(a_kept(kind="repeated"), [], lasts_s=LASTS_S)
    assert 409 not in allowed(a_kept(kind="load"), [a_window("kill-hub")], lasts_s=LASTS_S)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("kill-hub", {503}),
        ("disk-full", {503}),
        ("asked-twice", set[int]()),
        ("replayed", set[int]()),
        ("lie-wrong-type", {502}),
        ("lie-extra-field", set[int]()),
        ("lie-cut-short", {502, 503}),
        ("clock-hub-on-a-month", {401, 502}),
        ("clock-station-back-1-h", {502}),
    ],
)
def test_during_a_fault_it_fails_as_this_one_can_cause(fault: str, found: set[int]):
    assert allowed(a_kept(), [a_window(fault)], lasts_s=LASTS_S) == {200, 403} | found


@pytest.mark.parametrize(
    ("began", "ended", "held"),
    [
        (-2.0, -1.0, False),
        (-2.0, 0.5, True),
        (9.0, 14.0, True),
        (12.9, 14.0, True),
        (13.1 + REST_S, 20.0, False),
    ],
)
def test_a_fault_lasts_until_what_was_asked_in_it_has_ended(
    began: float, ended: float, held: bool
):
    found = allowed(a_kept(began=began, ended=ended), [a_window("kill-hub")], lasts_s=LASTS_S)

    assert (503 in found) is held


def test_after_that_whoever_was_silent_may_be_left_alone_and_nobody_is_wrong():
    later = a_kept(began=13.5, ended=13.6)

    assert 503 in allowed(later, [a_window("stop-station")], lasts_s=LASTS_S)
    assert 502 not in allowed(later, [a_window("lie-unsigned")], lasts_s=LASTS_S)
    assert allowed(later, [a_window("lie-cut-short")], lasts_s=LASTS_S) == {200, 403, 503}


def test_what_was_not_done_causes_nothing():
    skipped = a_window("disk-full")
    skipped.skipped = "no room to be made"

    assert allowed(a_kept(), [skipped], lasts_s=LASTS_S) == {200, 403}
