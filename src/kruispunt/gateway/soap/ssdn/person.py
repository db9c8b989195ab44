"""A person of the registers in SSDN: who it is, and whether that is who the caller says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kruispunt.gateway.soap.ssdn.reading import read_birth_date, word
from kruispunt.gateway.soap.ssdn.rows import text
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Xml, joined, leaf, node
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import IncompleteDate, Row, name_words

_GENDER: Final[Mapping[str, str]] = {"M": "1", "F": "2"}
_UNKNOWN: Final = "0"
_LANGUAGES: Final = ("nl", "fr", "de")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a caller knows of a person beside the number. Empty: not given."""

    sis_card: str = ""
    identity_card: str = ""
    last_name: str = ""
    first_name: str = ""
    birth_date: IncompleteDate | None = None

    @property
    def is_empty(self) -> bool:
        """True where nothing is given at all."""
        return not (self.sis_card or self.identity_card or self.last_name)

    def all_fit(self, row: Row) -> bool:
        """True where nothing that is given differs from what the register says."""
        return not self.is_empty and all(self._fits(row))

    def one_fits(self, row: Row) -> bool:
        """True where a card, or name and date together, is what the register says."""
        return any(self._fits(row))

    def _fits(self, row: Row) -> list[bool]:
        """For each thing that is given, whether the register says the same."""
        found: list[bool] = []
        if self.sis_card:
            found.append(text(row, "sis_card_number") == self.sis_card)
        if self.identity_card:
            found.append(text(row, "identity_card_number") == self.identity_card)
        if self.last_name:
            found.append(self._is_named(row))
        return found

    def _is_named(self, row: Row) -> bool:
        """Capitals, accents and spaces aside: some clients take them away before they send."""
        first, middle = text(row, "first_name"), text(row, "middle_name")
        given = not self.first_name or _is_one_of(self.first_name, first, first + middle)
        return (
            given
            and _is_one_of(self.last_name, text(row, "last_name"))
            and str(self.birth_date) == text(row, "birth_date")
        )


def read_given(element: Element | None, namespace: str) -> Given | Served:
    """Cards and personal data, as `VerificationData` and `ProofOfAuthentication` hold them."""
    if element is None:
        return Given()
    inside = f"{{{namespace}}}"
    data = element.find(f"{inside}PersonData")
    born = None
    if data is not None:
        born = read_birth_date(word(data, f"{inside}BirthDate"), "BirthDate")
        if isinstance(born, Served):
            return born
    return Given(
        sis_card=word(element, f"{inside}SISCardNumber"),
        identity_card=word(element, f"{inside}IdentityCardNumber"),
        last_name=word(data, f"{inside}LastName"),
        first_name=word(data, f"{inside}FirstName"),
        birth_date=born,
    )


def legal_data(tag: str, row: Row, *, extended: bool) -> Xml:
    """What the registers say of a person: what is always told, and what only of a proven one."""
    return node(
        tag,
        node(
            "ns3:Basic",
            leaf("ns3:SocialSecurityUser", text(row, "ssin")),
            leaf("ns3:LastName", text(row, "last_name")),
            leaf("ns3:FirstName", text(row, "first_name")),
            leaf("ns3:MiddleName", text(row, "middle_name")),
            leaf("ns3:BirthDate", text(row, "birth_date")),
            leaf("ns3:Gender", gender(row)),
            _post(row) or address(row),
        ),
        _extended(row) if extended else NOTHING,
        origin=origin(row),
    )


def address(row: Row) -> Xml:
    """A main residence, with its names in the languages that the register has them in."""
    if not text(row, "country"):
        return NOTHING
    return node(
        "ns3:Address",
        leaf("ns3:CountryCode", text(row, "country")),
        leaf("ns3:MunicipalityCode", text(row, "municipality")),
        _named("ns3:Municipality", row, "municipality"),
        leaf("ns3:PostalCode", text(row, "postal_code")),
        leaf("ns3:StreetCode", text(row, "street_code")),
        _named("ns3:Street", row, "street"),
        leaf("ns3:HouseNumber", text(row, "house_number")),
        leaf("ns3:Box", text(row, "box")),
    )


def gender(row: Row) -> str:
    """Male 1, female 2, and 0 where it is not known."""
    return _GENDER.get(text(row, "sex"), _UNKNOWN)


def origin(row: Row) -> str:
    """Which register a row is from, in its own word."""
    return text(row, "origin")


def _plain(name: str) -> str:
    """A name in one word of plain small letters: empty where it has no letter."""
    return "".join(name_words(name))


def _is_one_of(name: str, *known: str) -> bool:
    """True where a name is one of those known. INVARIANT: one without letters is nobody's."""
    said = _plain(name)
    return said != "" and any(said == _plain(one) for one in known)


def _post(row: Row) -> Xml:
    """An address abroad: what the diplomatic post keeps, as one line."""
    if not text(row, "address_abroad"):
        return NOTHING
    return node(
        "ns3:DiplomaticPost",
        leaf("ns3:CountryCode", text(row, "country")),
        leaf("ns3:Post", text(row, "diplomatic_post")),
        leaf("ns3:AddressPlainText", text(row, "address_abroad")),
    )


def _extended(row: Row) -> Xml:
    return node(
        "ns3:Extended",
        leaf("ns3:CivilState", text(row, "civil_state")),
        leaf("ns3:BirthLocationCode", text(row, "birth_place")),
        _named("ns3:BirthLocation", row, "birth_place"),
        leaf("ns3:DeceaseDate", text(row, "decease_date")),
        leaf("ns3:InscriptionRegister", text(row, "register")),
        leaf("ns3:NationalityCode", text(row, "nationality")),
    )


def _named(tag: str, row: Row, field: str) -> Xml:
    return joined(leaf(tag, text(row, f"{field}_{one}"), lang=one) for one in _LANGUAGES)
