"""Items of a register as groups of information: each row a type, written as clients read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from kruispunt.gateway.soap.soa.common_v3 import put
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import FieldName, Row, Ssin, Value

RN25: Final = "http://www.ibz.rrn.fgov.be/XSD/xm25/rn25Schema"
LANGUAGES: Final = ("fr", "nl", "de")
"""In this order where the language that was asked for has no words."""

MOST_PARENTS: Final = 2
_SPEAKS: Final[Mapping[str, str]] = {"fr": "1", "nl": "2", "de": "2"}
_NO_FUSION: Final = "0"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a register, in one language."""

    row: Row
    language: str

    def said(self, name: str) -> str:
        """The value of a field; empty where it is not known or not given."""
        value: Value = self.row.get(FieldName(name))
        return "" if value is None else str(value)

    def worded(self, name: str) -> str:
        """The words of a field that has some in each language."""
        for language in (self.language, *LANGUAGES):
            if words := self.said(f"{name}_{language}"):
                return words
        return ""


Write = Callable[[Element, Sequence[Item]], None]
"""Writes items into the element of one: one item, or all where they stand together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Where items of one type stand: `inside` this, each in an element of this `name`.

    `inside` empty: there is one at most, and it stands alone. Each says since when and until when.
    """

    inside: str
    name: str
    write: Write
    together: bool = False
    """All items of the type in one element."""


def write_groups(parent: Element, rows: Sequence[Row], language: str) -> None:
    """The rows by their types, in the order of the types; within one, as the register has them.

    A type that has no place here is left out.
    """
    items = [Item(row, language) for row in rows]
    whole = etree.SubElement(parent, "rrn_it_implicit", nsmap={"r": RN25})
    for kind, group in GROUPS.items():
        found = [item for item in items if item.said("information_type") == kind]
        if not found:
            continue
        inside = _put(whole, group.inside) if group.inside else whole
        parts = [found] if group.together else [[item] for item in found]
        for part in parts if group.inside else parts[:1]:
            one = _put(inside, group.name)
            one.set("Type", kind)
            one.set("Structure", part[0].said("structure"))
            _dates(one, part[0])
            group.write(one, part)


def _dates(parent: Element, item: Item) -> None:
    for name, element in (("begin_date", "Date"), ("end_date", "DelDate")):
        if said := item.said(name):
            _date(parent, element, said)


def _date(parent: Element, name: str, said: str) -> None:
    written = _put(parent, name)
    year, month, day = said.split("-")
    for part, text in (("Century", year[:2]), ("Year", year[2:])):
        _put(written, part, text)
    for part, text in (("Month", month), ("Day", day)):
        if text != "00":
            _put(written, part, text)


def _number(parent: Element, items: Sequence[Item]) -> None:
    _person(parent, items[0].said("number"))


def _person(parent: Element, digits: str) -> None:
    """A number, and what its digits tell."""
    if not digits:
        return
    written = _put(parent, "NationalNumber")
    _put(written, "NationalNumber", digits)
    ssin = Ssin(digits)
    _date(written, "Date", str(ssin.birth_date))
    if ssin.sex:
        _put(written, "Sex", "1" if ssin.sex == "male" else "2")


def _residence(parent: Element, items: Sequence[Item]) -> None:
    _item(parent, "Residence", items[0])
    _put(parent, "Fusion", _NO_FUSION)
    _put(parent, "Language", _SPEAKS[items[0].language])


def _name(parent: Element, items: Sequence[Item]) -> None:
    (item,) = items
    written = _put(parent, "Name")
    _coded(written, "LastName", "", item.said("last_name"))
    others = item.said("middle_name").split()
    for first in filter(None, (item.said("first_name"), *others)):
        _coded(written, "FirstName", "", first)


def _address(parent: Element, items: Sequence[Item]) -> None:
    (item,) = items
    written = _put(parent, "Address")
    _put(written, "ZipCode", item.said("postal_code"))
    _coded(written, "Street", item.said("street_code"), item.worded("street"))
    _put(written, "HouseNumber", item.said("house_number"))
    if box := item.said("box"):
        _put(written, "Box", box)


def _abroad(parent: Element, items: Sequence[Item]) -> None:
    _item(_put(parent, "Address"), "Territory", items[0])


def _nationality(parent: Element, items: Sequence[Item]) -> None:
    _item(parent, "Nationality", items[0])


def _birth_place(parent: Element, items: Sequence[Item]) -> None:
    (item,) = items
    if not item.said("begin_date") and (born := item.said("birth_date")):
        _date(parent, "Date", born)
    if number := item.said("number"):
        _put(parent, "ActNumber", number)
    _item(parent, "Place1", item)


def _filiation(parent: Element, items: Sequence[Item]) -> None:
    _item(parent, "FiliationType", items[0])
    for place, item in enumerate(items[:MOST_PARENTS], start=1):
        _person(_put(parent, f"Parent{place}"), item.said("related_ssin"))


def _civil_state(parent: Element, items: Sequence[Item]) -> None:
    (item,) = items
    _item(parent, "CivilState", item)
    if item.said("related_ssin"):
        _person(_put(parent, "Spouse"), item.said("related_ssin"))


def _family_role(parent: Element, items: Sequence[Item]) -> None:
    (item,) = items
    _coded(parent, "FamilyRole", item.said("relationship"), item.worded("text"))
    _person(parent, item.said("related_ssin"))


def _card(parent: Element, items: Sequence[Item]) -> None:
    (item,) = items
    _item(parent, "TypeOfCard", item)
    _put(parent, "CardNumber", item.said("number"))


def _nothing(_parent: Element, _items: Sequence[Item]) -> None:
    """The date is all there is."""


GROUPS: Final[Mapping[str, Group]] = {
    "000": Group(inside="", name="NationalNumber", write=_number),
    "001": Group(inside="FileOwner", name="Residences", write=_residence),
    "010": Group(inside="Names", name="Name", write=_name),
    "020": Group(inside="LegalMainAddresses", name="LegalMainAddress", write=_address),
    "022": Group(inside="ResidenceAbroad", name="ResidenceAbroad", write=_abroad),
    "031": Group(inside="Nationalities", name="Nationality", write=_nationality),
    "100": Group(inside="", name="BirthPlace", write=_birth_place),
    "110": Group(inside="Filiations", name="Filiation", write=_filiation, together=True),
    "120": Group(inside="CivilStates", name="CivilState", write=_civil_state),
    "140": Group(inside="FamilyMembers", name="FamilyMember", write=_family_role),
    "141": Group(inside="HeadOfFamily", name="HeadOfFamily", write=_family_role),
    "195": Group(inside="IdentityCards", name="IdentityCard", write=_card),
    "253": Group(inside="", name="CreationDate", write=_nothing),
    "254": Group(inside="", name="LastUpdateDate", write=_nothing),
}
"""By type, in the order of the schema."""


def _item(parent: Element, name: str, item: Item) -> None:
    """What the item is, by its own code and words."""
    _coded(parent, name, item.said("code"), item.worded("text"))


def _coded(parent: Element, name: str, code: str, label: str) -> None:
    written = _put(parent, name)
    if code:
        _put(written, "Code", code)
    if label:
        _put(written, "Label", label)


def _put(parent: Element, name: str, text: str | None = None) -> Element:
    """A child in the register's own namespace."""
    return put(parent, f"{{{RN25}}}{name}", text)
