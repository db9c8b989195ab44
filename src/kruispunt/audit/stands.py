"""What stands in a row held against what the law says of it now, part by part."""

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from asyncpg import Record
from msgspec import json

from kruispunt.audit.form import GroundForm, decode_ground
from kruispunt.audit.replayed import Differs
from kruispunt.audit.row import ENDINGS, REASONS
from kruispunt.vocabulary import Ending, day_of_asking

GRANTED: Final = 0
_REASON: Final = {number: reason for reason, number in REASONS.items()}
_ENDING: Final = {number: ending for ending, number in ENDINGS.items()}
_AT_NOBODY: Final = (Ending.EMPTY, Ending.FAILED, Ending.CANCELLED, Ending.FORWARDED)
_WITH_CAUSE: Final = (Ending.FAILED, Ending.REFUSED_UPSTREAM)

Pair = tuple[Differs, str, str]
"""In what two decisions differ: what stands, and what is said now."""


def reasons(stood: int, again: int) -> list[Pair]:
    """Granted, or refused for which reason."""
    return [] if stood == again else [(Differs.REASON, _said(stood), _said(again))]


def _said(reason: int) -> str:
    known = _REASON.get(reason)
    if known is not None:
        return known.value
    return "granted" if reason == GRANTED else f"no reason: {reason}"


def grounds(stood: bytes, again: bytes) -> list[Pair]:
    """Two grounds, encoded; `stood` empty: its term is none."""
    if stood == again:
        return []
    if not stood:
        return [(Differs.GROUND, "no ground: its term is wrong", _name(decode_ground(again)))]
    one, other = decode_ground(stood), decode_ground(again)
    pairs: list[Pair] = [(Differs.GROUND, _name(one), _name(other))]
    if one is not None and other is not None:
        pairs.append((Differs.FIELDS, ", ".join(one.fields), ", ".join(other.fields)))
        pairs.append((Differs.WITHHELD, _withheld(one), _withheld(other)))
    found = [pair for pair in pairs if pair[1] != pair[2]]
    # Parts that read alike may be cut otherwise: two fields, or one with a comma in its name.
    return found or [(Differs.GROUND, _whole(one), _whole(other))]


def successors(stood: int | None, again: int | None) -> list[Pair]:
    """Two numbers that replaced one, without saying either."""
    if stood == again:
        return []
    stands = "none" if stood is None else "another number"
    return [(Differs.SUCCESSOR, stands, "none" if again is None else "the one in the facts")]


def days(row: Record, zone: ZoneInfo) -> list[Pair]:
    """The day of asking is that on which the question was received, where the seat stands.

    That of a repeat is the day of its first time, which another row tells.
    """
    day = day_of_asking(row["received_at"], zone)
    if row["repeats"] is not None or day == row["asked_on"]:
        return []
    return [(Differs.ASKED_ON, row["asked_on"].isoformat(), day.isoformat())]


def ended_well(row: Record, reason: int, *, at_node: bool) -> bool:
    """True where nothing is written of what came of a decision, or what can have come of it."""
    ending = row["ending"]
    if ending is None:
        return True
    shown, caused = row["shown"], bool(row["cause"])
    return shown >= 0 and (reason, ending, shown > 0, caused) in _FITS[at_node]


def endings(row: Record, reason: int, *, at_node: bool) -> list[Pair]:
    """What came of a look, where a decision for this reason can't have come to that."""
    if ended_well(row, reason, at_node=at_node):
        return []
    number, cause = row["ending"], row["cause"]
    name = _ENDING[number].value if number in _ENDING else f"no ending: {number}"
    stands = f"{name}, {row['shown']} shown{f', {cause}' if cause else ''}"
    return [(Differs.OUTCOME, stands, _listed(_may_end(reason, at_node=at_node)))]


def _may_end(reason: int, *, at_node: bool) -> tuple[Ending, ...]:
    """How a look may end; none: nobody was asked anything."""
    if reason == GRANTED:
        return tuple(e for e in Ending if at_node or e is not Ending.REFUSED_UPSTREAM)
    return _AT_NOBODY if _REASON[reason].told is None else ()


def _may_show(ending: Ending, reason: int) -> tuple[bool, ...]:
    """Whether rows may be shown: of what is forwarded, as many as answers will come, or none."""
    if ending is Ending.FORWARDED:
        return (True, False) if reason == GRANTED else (False,)
    return (ending is Ending.GIVEN,)


_FITS: Final = tuple(
    frozenset(
        (reason, ENDINGS[ending], shown, ending in _WITH_CAUSE)
        for reason in (GRANTED, *_REASON)
        for ending in _may_end(reason, at_node=at_node)
        for shown in _may_show(ending, reason)
    )
    for at_node in (False, True)
)
"""Reason, ending, whether rows were shown, whether there is a cause: at a hub, and at a node."""


def _listed(may: Iterable[Ending]) -> str:
    words = ", ".join(ending.value for ending in may)
    return f"{words}: rows where given, a cause where failed" if words else "no outcome"


def _name(ground: GroundForm | None) -> str:
    return (
        "none" if ground is None else f"{ground.deliberation} {ground.paragraph} {ground.clause}"
    )


def _withheld(ground: GroundForm) -> str:
    return ", ".join(f"{one.field} ({one.reason} {one.paragraph})" for one in ground.withheld)


def _whole(ground: GroundForm | None) -> str:
    return json.encode(ground).decode()
