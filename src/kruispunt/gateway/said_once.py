"""A body says each thing once: a name that stands twice could be read in two ways."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Final, cast

import msgspec

from kruispunt.client import MOST_ISSUES, SCHEMA_VIOLATION, canonical
from kruispunt.vocabulary import Issue, Malformed

TWICE: Final = "the field stands there twice"

Pairs = tuple[tuple[str, object], ...]
"""An object as it was written, name by name."""


def check_said_once(sent: bytes, body: msgspec.Struct) -> None:
    """Nothing, where no name stands twice in a body that was read already.

    Our own client writes canonical JSON, which can't say anything twice; others are looked at.

    Raises:
        Malformed: names stand twice, with an issue for each.
    """
    if canonical(body) == sent:
        return
    issues = tuple(_twice(json.loads(sent, object_pairs_hook=tuple), ""))
    if issues:
        raise Malformed("the question is not valid", issues=issues[:MOST_ISSUES])


def _twice(found: object, path: str) -> Iterator[Issue]:
    if isinstance(found, tuple):
        pairs = cast(Pairs, found)
        for name, times in Counter(name for name, _ in pairs).items():
            if times > 1:
                where = f"{path}.{name}".lstrip(".")
                yield Issue(type=SCHEMA_VIOLATION, where="body", name=where, detail=TWICE)
        for name, value in pairs:
            yield from _twice(value, f"{path}.{name}".lstrip("."))
    elif isinstance(found, list):
        for place, value in enumerate(cast(list[object], found)):
            yield from _twice(value, f"{path}[{place}]")
