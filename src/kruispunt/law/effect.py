"""Who may see what, one line per field, and what a change of law changes in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kruispunt.law.lawbook import Lawbook
from kruispunt.law.types import Clause, Control


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Sight:
    """One consumer may see one field for one purpose. `until` is the last day of asking."""

    consumer: str
    flow: str
    purpose: str
    field: str
    begin: date
    until: date | None
    members: tuple[str, ...]
    controls: tuple[str, ...]
    clause: str

    @property
    def subject(self) -> tuple[str, str, str, str]:
        """What two lawbooks are compared by: consumer, flow, purpose and field."""
        return self.consumer, self.flow, self.purpose, self.field


class Turn(StrEnum):
    """How a sight turned between two releases."""

    OPENED = "opened"
    CLOSED = "closed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """A subject that is seen otherwise than before."""

    turn: Turn
    before: tuple[Sight, ...]
    after: tuple[Sight, ...]


def sights(lawbook: Lawbook) -> tuple[Sight, ...]:
    """All that the law lets be seen, at any time, in order."""
    return tuple(sorted(sight for clause in lawbook.clauses for sight in _sights(clause)))


def compare(before: Iterable[Sight], after: Iterable[Sight]) -> tuple[Change, ...]:
    """What changed, in order of consumer, flow, purpose and field.

    Another clause that says the same is no change.
    """
    old, new = _by_subject(before), _by_subject(after)
    changes: list[Change] = []
    for subject in sorted(old.keys() | new.keys()):
        was, now = old.get(subject, ()), new.get(subject, ())
        if [_meaning(one) for one in was] != [_meaning(one) for one in now]:
            turn = Turn.OPENED if not was else Turn.CHANGED if now else Turn.CLOSED
            changes.append(Change(turn, was, now))
    return tuple(changes)


def control_code(control: Control) -> str:
    """A control in short: `consumer 11/001 OVERLAP`."""
    qualities = "+".join(f"{quality:03d}" for quality in sorted(control.qualities))
    return f"{control.side} {control.sector}/{qualities} {control.rule}"


def _sights(clause: Clause) -> Iterator[Sight]:
    for field in clause.ground.fields:
        yield Sight(
            consumer=clause.consumer,
            flow=clause.flow,
            purpose=clause.purpose,
            field=field,
            begin=clause.period.begin,
            until=clause.period.last_day,
            members=tuple(sorted(clause.members)),
            controls=tuple(control_code(one) for one in clause.controls),
            clause=clause.id,
        )


def _by_subject(all_sights: Iterable[Sight]) -> dict[tuple[str, ...], tuple[Sight, ...]]:
    found: dict[tuple[str, ...], tuple[Sight, ...]] = {}
    for sight in sorted(all_sights, key=lambda one: (one.subject, one.begin)):
        found[sight.subject] = (*found.get(sight.subject, ()), sight)
    return found


def _meaning(sight: Sight) -> tuple[object, ...]:
    return sight.begin, sight.until, sight.members, sight.controls
