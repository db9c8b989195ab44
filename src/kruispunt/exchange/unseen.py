"""What law keeps from the person whom it is about: which looks, and on which ground."""

from collections.abc import Sequence
from dataclasses import dataclass

from kruispunt.audit import Hidden
from kruispunt.law import Lawbook, Terms, Unseen
from kruispunt.vocabulary import InstitutionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Looks that are not shown: how many, and by which line of the law."""

    id: str
    titles: Terms
    paragraph: str
    looks: int


def hidden_by(lawbook: Lawbook) -> Hidden:
    """The law's unseen looks, as consumers and purposes."""
    roles = {role for one in lawbook.unseen for role in one.institutions}
    return Hidden(
        consumers=frozenset(
            one.code for one in lawbook.institutions.values() if not one.roles.isdisjoint(roles)
        ),
        purposes=frozenset(purpose for one in lawbook.unseen for purpose in one.purposes),
    )


def kept_by(lawbook: Lawbook, unseen: Sequence[tuple[str, str, int]]) -> tuple[Kept, ...]:
    """Hidden looks, told as consumer, purpose and number, by the line of the law that hides them.

    Each is counted once, by the first line that does.
    """
    counted: dict[str, int] = {}
    for consumer, purpose, looks in unseen:
        line = next(one for one in lawbook.unseen if _is_of(lawbook, one, consumer, purpose))
        counted[line.id] = counted.get(line.id, 0) + looks
    return tuple(
        Kept(id=one.id, titles=one.titles, paragraph=one.paragraph, looks=counted[one.id])
        for one in lawbook.unseen
        if one.id in counted
    )


def _is_of(lawbook: Lawbook, line: Unseen, consumer: str, purpose: str) -> bool:
    known = lawbook.institutions.get(InstitutionCode(consumer))
    by_role = known is not None and not known.roles.isdisjoint(line.institutions)
    return by_role or purpose in line.purposes
