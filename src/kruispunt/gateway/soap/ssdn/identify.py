"""OCMWCPASIdentifyPerson 20050930: who somebody is, by number or by what the person is called."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from kruispunt.gateway.soap.reasons import (
    MISMATCH,
    PHONETIC_IGNORED,
    TOLERANCE_NEEDED,
    VALIDATED,
)
from kruispunt.gateway.soap.ssdn.asking import Asking, Look, Told, refused, ticket_of
from kruispunt.gateway.soap.ssdn.names import IDENTIFY_PERSON
from kruispunt.gateway.soap.ssdn.person import Given, legal_data, read_given
from kruispunt.gateway.soap.ssdn.reading import number, read_birth_date, read_ssin, word
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.ssdn.summary import Detail, missing, no_data
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Xml, node
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import NOBODY, Answer, Details, IncompleteDate, Problem, Ssin

IDENTIFY: Final = Look.at("person.identify")
SEARCH: Final = Look.at("person.search")
MOST: Final = 80
"""How many persons a search shows where it says nothing."""

IGNORED: Final = Detail(
    what=PHONETIC_IGNORED, words="a number was given: the phonetic criteria are ignored"
)
TOLERANCE: Final = Detail(
    what=TOLERANCE_NEEDED,
    words="a date of birth that is not complete needs a tolerance",
    fields=(("Tolerance", ""),),
)
PROVEN: Final = Detail(what=VALIDATED, words="the identity of the person is validated")
OTHER: Final = Detail(what=MISMATCH, words="what was given to verify is not what the register has")

_IN: Final = f"{{{IDENTIFY_PERSON}}}"
_SEX: Final = {"1": "M", "2": "F"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a searched person is called, and born when.

    `tolerance` is in days, months or years: whatever the date of birth is exact to.
    """

    last_name: str
    birth_date: IncompleteDate
    first_name: str = ""
    middle_name: str = ""
    sex: str = ""
    tolerance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyPerson:
    """The service."""

    shape: Shape
    service: str = "OCMWCPASIdentifyPerson"
    version: str = "20050930"
    element: str = f"{_IN}IdentifyPersonRequest"

    def faults(self, body: Element) -> tuple[Detail, ...]:
        """What is wrong with the shape of a request."""
        return self.shape.faults(body)

    async def serve(self, body: Element, asking: Asking) -> Served:
        """By number where one is given, else by name."""
        criteria = body.find(f"{_IN}SearchCriteria")
        phonetic = None if criteria is None else criteria.find(f"{_IN}PhoneticCriteria")
        number_ = word(criteria, f"{_IN}SSIN")
        if number_:
            given = read_given(body.find(f"{_IN}VerificationData"), IDENTIFY_PERSON)
            if isinstance(given, Served):
                return given
            return await self._by_number(number_, given, asking, warned=phonetic is not None)
        if phonetic is None:
            return Served(details=(missing("SSIN"),))
        found = _criteria(phonetic)
        if isinstance(found, Served):
            return found
        return await _by_name(found, number(word(phonetic, f"{_IN}Maximum")) or MOST, asking)

    async def _by_number(
        self, digits: str, given: Given, asking: Asking, *, warned: bool
    ) -> Served:
        ssin = read_ssin(digits, "SSIN")
        if isinstance(ssin, Served):
            return ssin
        told = await asking.look(IDENTIFY, ssin, asking.today)
        if not isinstance(told, Answer):
            return refused(told)
        ignored = (IGNORED,) if warned else ()
        if not told.rows:
            return Served(details=(*ignored, no_data()), body=_results([]), ticket=ticket_of(told))
        (row,) = told.rows
        fits = given.all_fit(row)
        person = legal_data("ns3:LimitedLegalData", row, extended=fits)
        return Served(
            details=(*ignored, *_verified(given, fits=fits)),
            body=_results([person]),
            ticket=ticket_of(told),
        )


async def _by_name(criteria: Criteria, most: int, asking: Asking) -> Served:
    """The search is a question itself, about nobody: decided, and with an entry before it runs.

    Whoever is found is shown by a look of its own, or left out: nobody hears of that.
    """
    told = await asking.look(SEARCH, NOBODY, asking.today, details=_details(criteria, most))
    if not isinstance(told, Answer):
        return refused(told)
    persons = [Ssin(str(value)) for row in told.rows for value in row.values()]
    served = await _show(persons[:most], asking)
    return replace(served, ticket=ticket_of(told))


def _details(criteria: Criteria, most: int) -> Details:
    said = {
        "last_name": criteria.last_name,
        "first_name": criteria.first_name,
        "middle_name": criteria.middle_name,
        "birth_date": str(criteria.birth_date),
        "sex": criteria.sex,
        "tolerance": str(criteria.tolerance),
        "maximum": str(most),
    }
    return tuple(sorted((name, value) for name, value in said.items() if value))


async def _show(persons: Sequence[Ssin], asking: Asking) -> Served:
    if not persons:
        return Served(details=(no_data(),), body=_results([]))
    return _shown(await asking.look_at_many(IDENTIFY, persons, asking.today))


def _shown(looks: Sequence[Told]) -> Served:
    """Who may be shown. A look that failed fails the search: it would tell too few persons."""
    failed = next((told for told in looks if isinstance(told, Problem)), None)
    if failed is not None:
        return refused(failed)
    shown = [
        legal_data("ns3:LimitedLegalData", row, extended=False)
        for told in looks
        if isinstance(told, Answer)
        for row in told.rows
    ]
    ticket = next((ticket for told in looks if (ticket := ticket_of(told))), "")
    details = () if shown else (no_data(),)
    return Served(details=details, body=_results(shown), ticket=ticket)


def _criteria(element: Element) -> Criteria | Served:
    born = read_birth_date(word(element, f"{_IN}BirthDate"), "BirthDate")
    if isinstance(born, Served):
        return born
    tolerance = number(word(element, f"{_IN}Tolerance"))
    if tolerance is None and not (born.month and born.day):
        return Served(details=(TOLERANCE,))
    return Criteria(
        last_name=word(element, f"{_IN}LastName"),
        first_name=word(element, f"{_IN}FirstName"),
        middle_name=word(element, f"{_IN}MiddleName"),
        birth_date=born,
        sex=_SEX.get(word(element, f"{_IN}Gender"), ""),
        tolerance=tolerance or 0,
    )


def _verified(given: Given, *, fits: bool) -> tuple[Detail, ...]:
    if given.is_empty:
        return ()
    return (PROVEN if fits else OTHER,)


def _results(persons: Sequence[Xml]) -> Xml:
    return node(
        "ns3:IdentifyPersonReply",
        node("ns3:SearchResults", *persons) if persons else NOTHING,
        xmlns_ns3=IDENTIFY_PERSON,
    )
