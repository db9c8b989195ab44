"""Looks on their way to a station, alone or together, and what came back for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

import msgspec

from kruispunt.client import (
    FoundBody,
    LookBody,
    LookFault,
    PeriodBody,
    StationReply,
    StationRequest,
    canonical,
)
from kruispunt.sources.fault import Cause, WrongSource
from kruispunt.sources.person import reply_about
from kruispunt.vocabulary import UNREADABLE, Decision, FlowId, Ground, Period, Recorded, Ssin

Rows = tuple[Mapping[str, object], ...]

_read_reply: Final = msgspec.json.Decoder(StationReply).decode
_read_one: Final = msgspec.json.Decoder(FoundBody).decode


class _Apart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reply of which each answer is still to be read."""

    found: list[msgspec.Raw]


_read_apart: Final = msgspec.json.Decoder(_Apart).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one recorded entry asks of a source. `ssin` None: a blank look, about nobody."""

    entry: UUID
    ssin: Ssin | None
    about: Period
    ground: Ground
    until: float
    """When it is given up, on the clock of the event loop."""

    trace: str | None

    @classmethod
    def of(
        cls, recorded: Recorded[Decision], *, ssin: Ssin | None, until: float, trace: str | None
    ) -> Self:
        """The look that this entry allows: at this person, or at nobody.

        Raises:
            ValueError: the entry stands on no ground, so nothing may be asked.
        """
        decision = recorded.decision
        if decision.ground is None:
            raise ValueError("expected an entry with a ground")
        return cls(
            entry=recorded.entry.id,
            ssin=ssin,
            about=decision.about or recorded.entry.question.about,
            ground=decision.ground,
            until=until,
            trace=trace,
        )


def write_request(flow: FlowId, looks: Sequence[Look], *, timeout_s: float) -> bytes:
    """The body that asks all of these at once."""
    bodies = [
        LookBody(
            entry=look.entry,
            ssin=None if look.ssin is None else look.ssin.digits,
            period=PeriodBody.of(look.about),
            fields=look.ground.fields,
            clause=look.ground.clause,
        )
        for look in looks
    ]
    deadline_ms = max(1, int(timeout_s * 1000))
    return canonical(StationRequest(flow=flow, deadline_ms=deadline_ms, looks=tuple(bodies)))


def read_found(body: bytes, looks: Sequence[Look], *, max_rows: int) -> list[Rows | Cause]:
    """What came back for each look, in their order: rows of its person, or what is wrong.

    An answer that is not as agreed harms no other that came with it. A blank look finds no rows.

    Raises:
        WrongSource: the whole body is not as agreed.
    """
    try:
        found: Sequence[FoundBody | Cause] = _read_reply(body).found
    except (msgspec.ValidationError, UnicodeDecodeError):
        found = _one_by_one(body)
    except UNREADABLE:
        raise WrongSource(Cause.NOT_JSON) from None
    if len(found) != len(looks):
        raise WrongSource(Cause.WRONG_SHAPE)
    return [_checked(*pair, max_rows=max_rows) for pair in zip(found, looks, strict=True)]


def _one_by_one(body: bytes) -> list[FoundBody | Cause]:
    try:
        return [_read_alone(raw) for raw in _read_apart(body).found]
    except UNREADABLE:
        raise WrongSource(Cause.WRONG_SHAPE) from None


def _read_alone(raw: msgspec.Raw) -> FoundBody | Cause:
    try:
        return _read_one(raw)
    except UNREADABLE:
        return Cause.WRONG_SHAPE


def _checked(found: FoundBody | Cause, look: Look, *, max_rows: int) -> Rows | Cause:
    if isinstance(found, Cause):
        return found
    asked = None if look.ssin is None else look.ssin.digits
    if found.ssin != asked:
        return Cause.OTHER_PERSON
    if found.fault is not None:
        too_many = found.fault is LookFault.TOO_MANY_ROWS
        return Cause.TOO_MANY_ROWS if too_many else Cause.SOURCE_FAULT
    if len(found.rows) > max_rows:
        return Cause.TOO_MANY_ROWS
    if look.ssin is None:
        return Cause.OTHER_PERSON if found.rows else ()
    try:
        return reply_about(look.ssin, found.rows).rows
    except WrongSource as wrong:
        return wrong.cause
