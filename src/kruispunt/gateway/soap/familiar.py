"""Tags that documents bring again and again: with those alone a document is read where it is.

libxml2 keeps every name that a thread of it ever met: of elements, attributes, prefixes and
namespaces. So who may bring new ones to a thread that stays fills its memory, and each document
would need a thread of its own. What is familiar brings none.
"""

import re
from typing import Final

MOST: Final = 4_096
LONGEST: Final = 512
"""Tags that are kept, and bytes of each: 2 MB at most, and as much again in libxml2."""

_SECTION: Final = b"![CDATA["
_ENTITIES: Final = (b"&lt;", b"&gt;", b"&amp;", b"&quot;", b"&apos;", b"&#")
"""All that may begin with `&` and names nothing."""

_VALUE: Final = rb"""\s+[^\s"'<>=/?]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*')"""
_TAG: Final = re.compile(rb"""(?:[/?]?[^\s"'<>=/?!]+(?:%s)*\s*[/?]?)""" % _VALUE)
"""A whole tag, without a `>` in it: where these bytes follow a `<`, a `>` after them ends it."""


class Familiar:
    """The tags of documents that were taken, byte by byte; never what stands between them.

    INVARIANT: a document that `holds` is true of brings libxml2 no name that it does not have.
    Texts are no names: read with `compact`, the short ones are kept where they stand.
    """

    def __init__(self) -> None:
        self._kept = {b""}

    def holds(self, body: bytes) -> bool:
        """True where nothing in this document is new."""
        if _names_entities(body):
            return False
        new = {piece.partition(b">")[0] for piece in body.split(b"<")} - self._kept
        return not new or all(tag.startswith(_SECTION) for tag in new)

    def add(self, body: bytes) -> None:
        """This document was taken: its tags are familiar from now on.

        Once 4 096 are kept none is added: what is new then stays so.
        """
        kept = self._kept
        for piece in body.split(b"<"):
            tag = piece.partition(b">")[0]
            if tag in kept:
                continue
            if len(kept) < MOST and len(tag) <= LONGEST and _TAG.fullmatch(tag):
                kept.add(tag)


def _names_entities(body: bytes) -> bool:
    left = body.count(b"&")
    for known in _ENTITIES:
        if not left:
            return False
        left -= body.count(known)
    return left > 0
