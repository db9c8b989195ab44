"""L950: the personnel file, some relations at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kruispunt.gateway.soap.ssdn.asking import Asking, Look
from kruispunt.gateway.soap.ssdn.names import CLASSIC
from kruispunt.gateway.soap.ssdn.person import gender
from kruispunt.gateway.soap.ssdn.prefix import Prefix
from kruispunt.gateway.soap.ssdn.reading import number, read_period, read_ssin, word
from kruispunt.gateway.soap.ssdn.references import own_file
from kruispunt.gateway.soap.ssdn.rows import text
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.summary import missing, wrong
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Xml, leaf, node
from kruispunt.gateway.soap.ssdn.xmlite import Filled, classic
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Answer, Period, Row

PERSONNEL: Final = Look.at("personnel.consult")
MOST: Final = 100
"""Relations in one answer; the classic clients ask for 32."""

IN, OUT = "1", "2"
"""What was last declared of a relation: its begin, or its end (assumption: as its dates say)."""

_IN: Final = f"{{{CLASSIC}}}"
_DAY: Final = "%Y%m%d"
_DAYS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which relations are asked: from this line on, so many at most, of this period."""

    about: Period
    first: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonnelFile:
    """The form. Each page is a question of its own: no answer is kept between two.

    Whether active workers and cancelled contracts are asked changes nothing: all relations of the
    period are told, and none that was cancelled is in the source (assumption).
    """

    code: str = "L950"

    async def fill(self, request: Element, prefix: Prefix, asking: Asking) -> Filled | Served:
        """The relations that touch the period, the earliest first."""
        digits = word(request, f"{_IN}NaturalPerson/{_IN}INSS")
        if prefix.ssin not in ("", digits):
            return Served(details=(wrong("ClassicPrefix", "not the person of the request"),))
        ssin = read_ssin(digits, "INSS")
        if isinstance(ssin, Served):
            return ssin
        page = _page(request)
        if isinstance(page, Served):
            return page
        file = own_file(prefix.quality, prefix.period("integrated")) if prefix.quality else ""
        told = await asking.look(PERSONNEL, ssin, page.about, file_reference=file)
        if not isinstance(told, Answer) or not told.rows:
            return Filled(told=told)
        return Filled(told=told, form=_answer(sorted(told.rows, key=_rank), page))


def _page(request: Element) -> Page | Served:
    """A page after the first names its ticket, which is the period: clients leave that out."""
    period = request.find(f"{_IN}SearchPeriod")
    scrolling = request.find(f"{_IN}Scrolling")
    if period is not None:
        about = read_period(period, "SearchPeriod")
    elif scrolling is not None:
        about = _of_ticket(word(scrolling, f"{_IN}Ticket"))
    else:
        about = Served(details=(missing("SearchPeriod"),))
    if isinstance(about, Served):
        return about
    most = number(word(request, f"{_IN}NbrOfAnswer")) or MOST
    first = number(word(scrolling, f"{_IN}FirstLineNbr")) or 1
    return Page(about=about, first=first, most=min(most, MOST))


def _of_ticket(ticket: str) -> Period | Served:
    begin, last = ticket[:_DAYS], ticket[_DAYS:]
    try:
        if len(last) not in (0, _DAYS):
            raise ValueError("expected one day or two")
        return Period.through(_day(begin), _day(last) if last else None)
    except ValueError:
        return Served(details=(wrong("Ticket", "not the ticket of a page before"),))


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _ticket(about: Period) -> str:
    last = about.last_day
    return about.begin.strftime(_DAY) + (last.strftime(_DAY) if last else "")


def _rank(row: Row) -> tuple[str, str]:
    return text(row, "service_begin_date"), text(row, "dimona_period_id")


def _answer(rows: Sequence[Row], page: Page) -> Xml:
    shown = rows[page.first - 1 : page.first - 1 + page.most]
    following = page.first + len(shown)
    return classic(
        "L950",
        node(
            "ns4:AnswerOK",
            node(
                "ns4:Reference",
                leaf("ns4:NbrOfAvailableAnswer", len(rows)),
                leaf("ns4:NbrOfIncludedAnswer", len(shown)),
                _next(following, page) if shown and following <= len(rows) else NOTHING,
            ),
            *map(_activity, shown),
        ),
    )


def _next(line: int, page: Page) -> Xml:
    return node(
        "ns4:NextScrolling",
        leaf("ns4:FirstLineNbr", line),
        leaf("ns4:Ticket", _ticket(page.about)),
    )


def _activity(row: Row) -> Xml:
    return node(
        "ns4:Activity",
        node(
            "ns4:Employer",
            node(
                "ns4:FirmID",
                leaf("ns4:NLOSSRegistrationNbr", text(row, "nsso_number")),
                leaf("ns4:CompanyID", text(row, "employer_cbe")),
            ),
        ),
        node(
            "ns4:NaturalPerson",
            leaf("ns4:INSS", text(row, "ssin")),
            leaf("ns4:Name", text(row, "last_name")),
            leaf("ns4:FirstName", text(row, "first_name")),
            leaf("ns4:BirthDate", text(row, "birth_date")),
            leaf("ns4:Sex", gender(row)),
            leaf("ns4:NationalityCode", text(row, "nationality")),
        ),
        _worker(row),
    )


def _worker(row: Row) -> Xml:
    end = text(row, "service_end_date")
    return node(
        "ns4:Worker",
        node(
            "ns4:OccupationPeriod",
            leaf("ns4:BeginDate", text(row, "service_begin_date")),
            leaf("ns4:EndDate", end),
        ),
        leaf("ns4:JointCommissionNbr", text(row, "joint_committee")),
        leaf("ns4:KindOfWorker", text(row, "worker_type")),
        leaf("ns4:DimonaNbr", text(row, "dimona_period_id")),
        leaf("ns4:LastDimonaAction", OUT if end else IN),
    )
