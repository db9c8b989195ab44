"""Keys that end soon are told in time, once a day, and only where nothing takes over."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.unit.web.givens import NOON, a_key, public

from kruispunt.vocabulary import KeyId
from kruispunt.web import (
    KeyRing,
    KeyRingFile,
    PublicKey,
    days_left,
    expiring,
    warning_of_expiry,
    write_ring,
)
from kruispunt.web.key_expiry import ExpiryWarnings

DAY = timedelta(days=1)


def ending(days: float, *, institution: str = "A", key_id: str = "") -> PublicKey:
    key = public(a_key(institution, key_id=key_id))
    return replace(key, not_after=NOON + days * DAY)


@pytest.mark.parametrize(("days", "soon"), [(31, False), (30, True), (0, True), (-5, True)])
def test_a_key_is_soon_to_end_from_thirty_days_before(days: float, soon: bool):
    ring = KeyRing.holding([ending(days)])

    assert bool(expiring(ring, NOON, within=30 * DAY)) is soon
    assert days_left(ring, NOON) == {KeyId("A-1"): days}


def test_a_key_that_another_outlives_is_no_worry():
    ring = KeyRing.holding([ending(3), ending(400, key_id="A-2"), ending(5, institution="B")])

    assert [key.key_id for key in expiring(ring, NOON, within=30 * DAY)] == ["B-1"]
    assert days_left(ring, NOON) == {KeyId("A-2"): 400, KeyId("B-1"): 5}


def test_a_revoked_key_is_no_successor_and_no_worry():
    revoked = replace(ending(400, key_id="A-2"), revoked_at=NOON)

    assert [*days_left(KeyRing.holding([ending(3), revoked]), NOON)] == ["A-1"]
    assert days_left(KeyRing.holding([revoked]), NOON) == {}


def test_each_key_is_told_once_a_day():
    warnings = ExpiryWarnings()
    ring = KeyRing.holding([ending(3), ending(5, institution="B"), ending(99, institution="C")])

    with capture_logs() as told:
        for hours in (0, 1, 5, 24, 25):
            warnings.tell(ring, NOON + timedelta(hours=hours))

    assert [(one["event"], one["key_id"], one["days_left"]) for one in told] == [
        ("key.expires", "A-1", 3.0),
        ("key.expires", "B-1", 5.0),
        ("key.expires", "A-1", 2.0),
        ("key.expires", "B-1", 4.0),
    ]


async def test_a_running_process_tells_at_once_and_follows_the_ring(tmp_path: Path):
    path = tmp_path / "keys.toml"
    write_ring([ending(3)], path)

    with capture_logs() as told:
        ring = KeyRingFile.open(path, every_s=0)
        async with warning_of_expiry(ring, now=lambda: NOON, every_s=0.001):
            await asyncio.sleep(0.01)
            write_ring([ending(3), ending(4, institution="B")], path)
            await asyncio.sleep(0.05)

    assert [one["key_id"] for one in told] == ["A-1", "B-1"]
