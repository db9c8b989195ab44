"""What is said of open grants, to machines and to people, is held against the trail."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
import pytest
from storm.listed import Listed
from storm.shown import wrongly_shown

ENTRY, OTHER = UUID(int=1), UUID(int=2)
Look = Mapping[str, str | None]

OPEN: Look = {"decision": "granted", "outcome": None}
GIVEN: Look = {"decision": "granted", "outcome": "given"}
PAGE = "may have been given"


def listed(one: Look, other: Look, page: str) -> Listed:
    looks = [{"ticket": str(ENTRY), **one}, {"ticket": str(OTHER), **other}]
    return Listed(json=msgspec.json.encode(looks).decode(), page=page)


@pytest.mark.parametrize(
    ("one", "other", "page", "held"),
    [
        (OPEN, GIVEN, f"| {PAGE} | given |", True),
        (OPEN, OPEN, f"| {PAGE} | {PAGE} |", True),
        (OPEN, OPEN, f"| {PAGE} | given |", False),
        (OPEN, GIVEN, f"| {PAGE} | {PAGE} |", False),
        (OPEN, GIVEN, "you may look; given", False),
        (GIVEN, OPEN, f"| {PAGE} |", False),
        ({"decision": "refused", "outcome": None}, GIVEN, "", False),
    ],
)
def test_an_open_grant_is_said_to_be_open_and_no_other(
    one: Look, other: Look, page: str, held: bool
):
    assert (not list(wrongly_shown({ENTRY}, listed(one, other, page)))) is held


def test_an_open_grant_that_is_not_listed_is_told():
    (what,) = wrongly_shown({UUID(int=3)}, listed(GIVEN, GIVEN, ""))

    assert str(UUID(int=3)) in what


def test_a_command_that_says_nothing_is_told():
    assert list(wrongly_shown({ENTRY}, Listed(json="", page="")))
