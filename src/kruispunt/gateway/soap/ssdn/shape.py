"""The shape of a message: its schema, read once, and what is said where a message breaks it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, cast

from lxml import etree

from kruispunt.gateway.soap.ssdn.summary import MOST_DETAILS, Detail, missing, wrong
from kruispunt.gateway.soap.xml import Element

SCHEMAS: Final = Path(__file__).parents[1] / "schemas" / "ssdn"

_BESIDE: Final = (SCHEMAS / "Common.xsd", SCHEMAS / "Classic.xsd")
"""What several of them import."""

_EMPTY: Final = re.compile(r"The value ''|length of '0'|^Element '[^']*': '' is not")
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\( (.*) \)")
_NAME: Final = re.compile(r"(?:\{[^}]*\})?(\w+)")
_DECLARED: Final = "{http://www.w3.org/2001/XMLSchema}element"
_ELEMENT: Final = re.compile(r"^Element '(?:\{[^}]*\})?([^'}]{1,64})'")


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema of ours, by which the bodies of one service are read."""

    schema: etree.XMLSchema
    mandatory: frozenset[str]
    """Names of the elements that it wants."""

    @classmethod
    def read(cls, name: str) -> "Shape":
        """The schema that stands beside the code under this name."""
        path = SCHEMAS / f"{name}.xsd"
        files = [etree.parse(str(one)) for one in (path, *_BESIDE)]
        declared = [element for file in files for element in file.iter(_DECLARED)]
        wanted = {one.get("name", "") for one in declared if one.get("minOccurs") != "0"}
        return cls(etree.XMLSchema(file=str(path)), frozenset(wanted))

    def faults(self, element: Element) -> tuple[Detail, ...]:
        """What is wrong with it: a detail for each mandatory value that is missing or empty.

        Only where none is, one that names the first element that is not as agreed. What was sent
        is never repeated.
        """
        if self.schema.validate(element):
            return ()
        entries = cast("Iterable[etree._LogEntry]", self.schema.error_log)
        log = list(islice(entries, MOST_DETAILS))
        absent = [field for entry in log for field in self._absent(entry.message, element)]
        if absent:
            return tuple(missing(field) for field in dict.fromkeys(absent))
        field = _named(log[0].message) if log else ""
        return (wrong(field, "the message is not as its schema says"),)

    def _absent(self, message: str, root: Element) -> list[str]:
        """The fields that are missing or empty by what the schema says."""
        if _EMPTY.search(message):
            return [_named(message)]
        expected = _EXPECTED.search(message)
        if expected is None:
            return []
        names = [name for name in _NAME.findall(expected[1]) if name in self.mandatory]
        if "Missing child element" in message:
            return names
        # What is not expected stands where another should, which is missing unless it comes later.
        return [name for name in names if root.find(f".//{{*}}{name}") is None]


def _named(message: str) -> str:
    element = _ELEMENT.search(message)
    return element[1] if element else ""
