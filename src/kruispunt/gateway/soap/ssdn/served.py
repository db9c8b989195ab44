"""How one service request ended."""

from dataclasses import dataclass

from kruispunt.gateway.soap.ssdn.summary import Detail
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Xml


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How one service request ended: what is remarked, and its answer where there is one.

    `ticket`: of the first look that was recorded for it; empty: there was none.
    """

    details: tuple[Detail, ...] = ()
    body: Xml = NOTHING
    ticket: str = ""
