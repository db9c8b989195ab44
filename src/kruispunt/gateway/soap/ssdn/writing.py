"""Replies are written as text: clients parse by literal prefixes, which no tree would keep."""

import re
from collections.abc import Iterable
from typing import Final, NewType
from xml.sax.saxutils import escape

from kruispunt.gateway.soap.ssdn.names import COMMON
from kruispunt.vocabulary import Period

Xml = NewType("Xml", str)
"""Text that is well-formed where it stands: only `leaf` and `node` make it."""

NOTHING: Final = Xml("")

_PLAIN: Final = "\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
_NO_XML: Final = re.compile(f"[^{_PLAIN}]")
_SPECIAL: Final = re.compile(f"[&<>]|[^{_PLAIN}]")
_HARMLESS: Final = re.compile(r"[\w.:/-]*", re.ASCII)
_IN_VALUE: Final = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def leaf(tag: str, value: object, **attributes: str) -> Xml:
    """An element that holds a value; nothing where there is none."""
    if value is None or value == "":
        return NOTHING
    text = str(value)
    if _SPECIAL.search(text):
        text = escape(_NO_XML.sub("", text))
    return Xml(f"<{tag}{_written(attributes) if attributes else ''}>{text}</{tag}>")


def node(tag: str, *inside: Xml, **attributes: str) -> Xml:
    """An element that holds others. A keyword `xmlns_p` declares the prefix `p`."""
    held = "".join(inside)
    head = f"{tag}{_written(attributes)}" if attributes else tag
    return Xml(f"<{head}>{held}</{tag}>" if held else f"<{head}/>")


def joined(parts: Iterable[Xml]) -> Xml:
    """Elements one after another."""
    return Xml("".join(parts))


def _written(attributes: dict[str, str]) -> str:
    return "".join(
        [f' {name.replace("_", ":", 1)}="{_quoted(value)}"' for name, value in attributes.items()]
    )


def _quoted(value: str) -> str:
    return value if _HARMLESS.fullmatch(value) else escape(_NO_XML.sub("", value), _IN_VALUE)


class Days:
    """Writes the days of a reply's periods, each under a prefix of its own, counted from `ns4`.

    The network's server does so, and a client was seen that finds the two days of a period by the
    second and third prefix that the period holds.
    """

    def __init__(self) -> None:
        self._last = 3

    def period(self, tag: str, period: Period) -> Xml:
        """A period with its last day, or without."""
        begin = self._day("StartDate", period.begin.isoformat())
        last = period.last_day
        return node(
            tag, begin, NOTHING if last is None else self._day("EndDate", last.isoformat())
        )

    def _day(self, name: str, day: str) -> Xml:
        self._last += 1
        prefix = f"ns{self._last}"
        return leaf(f"{prefix}:{name}", day, **{f"xmlns_{prefix}": COMMON})
