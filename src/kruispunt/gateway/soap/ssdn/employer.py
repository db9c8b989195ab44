"""A701: an employer of the employer directory, as somebody's employer."""

from dataclasses import dataclass
from typing import Final

from kruispunt.gateway.soap.ssdn.asking import Asking, Look
from kruispunt.gateway.soap.ssdn.names import CLASSIC
from kruispunt.gateway.soap.ssdn.prefix import Prefix
from kruispunt.gateway.soap.ssdn.reading import read_ssin, word
from kruispunt.gateway.soap.ssdn.references import own_file
from kruispunt.gateway.soap.ssdn.rows import text, until
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Xml, leaf, node
from kruispunt.gateway.soap.ssdn.xmlite import Filled, classic
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Answer, Forbidden, Row

EMPLOYER: Final = Look.at("employer.consult")

_IN: Final = f"{{{CLASSIC}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerDirectory:
    """The form. The flow behind it is about a person, whose employers it tells.

    So the prefix has to name the person; where it leaves that blank, as classic clients do, no
    ground gives the answer, and it is refused.
    """

    code: str = "A701"

    async def fill(self, request: Element, prefix: Prefix, asking: Asking) -> Filled | Served:
        """The employer with this number, if the person worked there."""
        asked = word(request, f"{_IN}Employer/{_IN}FirmID/{_IN}NLOSSRegistrationNbr")
        if not prefix.ssin:
            return Filled(told=Forbidden("an employer is only told as that of a person"))
        ssin = read_ssin(prefix.ssin, "ClassicPrefix")
        if isinstance(ssin, Served):
            return ssin
        about = prefix.period("requested") or until(asking.today)
        file = own_file(prefix.quality, prefix.period("integrated")) if prefix.quality else ""
        told = await asking.look(EMPLOYER, ssin, about, file_reference=file)
        if not isinstance(told, Answer):
            return Filled(told=told)
        found = (row for row in told.rows if _number(text(row, "nsso_number")) == int(asked))
        row = next(found, None)
        return Filled(told=told, form=NOTHING if row is None else _attestation(row))


def _number(digits: str) -> int | None:
    return int(digits) if digits.isdecimal() else None


def _attestation(row: Row) -> Xml:
    name = leaf("ns4:Name", text(row, "denomination"))
    return classic(
        "A701",
        node(
            "ns4:Attestation",
            node(
                "ns4:Employer",
                node(
                    "ns4:FirmID",
                    leaf("ns4:NLOSSRegistrationNbr", text(row, "nsso_number")),
                    leaf("ns4:CompanyID", text(row, "cbe_number")),
                ),
                node("ns4:RegisteredOffice", name) if name else NOTHING,
            ),
        ),
    )
