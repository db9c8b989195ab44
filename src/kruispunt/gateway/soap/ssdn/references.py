"""ReferenceManager.consult 20050525: which other sectors know a person; L609, online."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kruispunt.gateway.soap.ssdn.asking import Asking, Look, refused, ticket_of
from kruispunt.gateway.soap.ssdn.names import REFERENCE_MANAGER
from kruispunt.gateway.soap.ssdn.reading import read_period, read_ssin, truth, word
from kruispunt.gateway.soap.ssdn.rows import period_of, text
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.ssdn.summary import Detail, no_data
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Days, Xml, joined, leaf, node
from kruispunt.gateway.soap.xml import Element
from kruispunt.law import Lawbook, Terms
from kruispunt.vocabulary import Answer, Period, Quality, Row, Sector

REPERTORY: Final = Look.at("repertory.consult")

_IN: Final = f"{{{REFERENCE_MANAGER}}}"
_NO_NAMES: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceManager:
    """The service. The lawbook has the names of sectors and qualities."""

    shape: Shape
    lawbook: Lawbook
    service: str = "ReferenceManager.consult"
    version: str = "20050525"
    element: str = f"{_IN}ReferenceManagerRequest"

    def faults(self, body: Element) -> tuple[Detail, ...]:
        """What is wrong with the shape of a request."""
        return self.shape.faults(body)

    async def serve(self, body: Element, asking: Asking) -> Served:
        """The lines of other sectors in the requested period.

        Whether the asker has a file is seen in the directory. What it says of its own file, its
        quality and period, decides nothing and stands in the entry.
        """
        criteria = body[0]
        ssin = read_ssin(word(criteria, f"{_IN}RequestedSsin"), "RequestedSsin")
        if isinstance(ssin, Served):
            return ssin
        periods = _periods(criteria)
        if isinstance(periods, Served):
            return periods
        integrated, requested = periods
        told = await asking.look(
            REPERTORY,
            ssin,
            requested,
            file_reference=own_file(word(criteria, f"{_IN}QualityCodeRequestor"), integrated),
        )
        if not isinstance(told, Answer):
            return refused(told)
        described = truth(word(criteria, f"{_IN}FetchDescriptions"), unsaid=False)
        return Served(
            details=() if told.rows else (no_data(),),
            body=self._reply(told.rows, described=described),
            ticket=ticket_of(told),
        )

    def _reply(self, rows: Sequence[Row], *, described: bool) -> Xml:
        days = Days()
        return node(
            "ns3:ReferenceManagerReply",
            node(
                "ns3:ConsultOtherSectorsResult",
                *(self._line(row, days, described=described) for row in rows),
            ),
            xmlns_ns3=REFERENCE_MANAGER,
        )

    def _line(self, row: Row, days: Days, *, described: bool) -> Xml:
        sector = Sector(int(text(row, "sector")))
        quality = Quality(int(text(row, "quality")))
        return node(
            "ns3:Consultation",
            leaf("ns3:Sector", sector),
            leaf("ns3:QualityCode", quality),
            days.period("ns3:Period", period_of(row)),
            self._names(sector, quality) if described else NOTHING,
        )

    def _names(self, sector: Sector, quality: Quality) -> Xml:
        known = self.lawbook.sectors.get(sector)
        kind = self.lawbook.qualities.get((sector, quality)) or self.lawbook.qualities.get(
            (None, quality)
        )
        return joined(
            (
                _in_both("ns3:SectorDescription", known.names if known else _NO_NAMES),
                _in_both("ns3:QualityCodeDescription", kind.names if kind else _NO_NAMES),
            )
        )


def own_file(quality: str, period: Period | None) -> str:
    """What an asker says of its own file, in the words of its reference."""
    if period is None:
        return f"quality {quality}"
    return f"quality {quality}, {period.begin} to {period.last_day or 'no end'}"


def _periods(criteria: Element) -> tuple[Period, Period] | Served:
    read: list[Period] = []
    for name in ("IntegratedPeriod", "RequestedPeriod"):
        element = criteria.find(f"{_IN}{name}")
        assert element is not None, "the schema saw both periods"
        period = read_period(element, name)
        if isinstance(period, Served):
            return period
        read.append(period)
    return read[0], read[1]


def _in_both(tag: str, names: Terms) -> Xml:
    return joined((leaf(f"{tag}Nl", names.get("nl")), leaf(f"{tag}Fr", names.get("fr"))))
