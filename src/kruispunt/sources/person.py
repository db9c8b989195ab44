"""A reply is about the person asked about, in every row: the first thing to see of one."""

from collections.abc import Mapping, Sequence
from typing import Final

from kruispunt.sources.fault import Cause, WrongSource
from kruispunt.vocabulary import Reply, Ssin

PERSON: Final = "ssin"
"""A field of this name always is the person asked about; others' numbers have other names."""


def reply_about(ssin: Ssin, rows: Sequence[Mapping[str, object]]) -> Reply:
    """The rows as a reply about one person.

    Raises:
        WrongSource: a row is about someone else.
    """
    asked = ssin.digits
    if any(row.get(PERSON, asked) != asked for row in rows):
        raise WrongSource(Cause.OTHER_PERSON)
    return Reply(ssin=ssin, rows=tuple(rows))
