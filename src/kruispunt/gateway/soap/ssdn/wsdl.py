"""What describes `sendXML`, with our own address, and the schemas of what its strings hold."""

from typing import Final
from xml.sax.saxutils import escape

from kruispunt.gateway.soap.ssdn.shape import SCHEMAS

NAMES: Final = (
    "Common",
    "Service",
    "IdentifyPerson",
    "ManageAccess",
    "PerformInvestigation",
    "ReferenceManager",
    "HealthInsurance",
    "Message",
    "Classic",
)
"""The schemas, in the order of their numbers: `?xsd=1` is the first."""

_NUMBERS: Final = frozenset(str(number) for number in range(1, len(NAMES) + 1))
_FILES: Final = {f"{name}.xsd": number for number, name in enumerate(NAMES, start=1)}


def describe(name: str, address: str) -> bytes | None:
    """The WSDL for `wsdl`, a schema for `xsd=N`; None: there is no such."""
    place = escape(address, {'"': "&quot;"})
    if name == "wsdl":
        return _text("sendXML.wsdl").replace("{address}", place).encode()
    kind, _, number = name.partition("=")
    if kind != "xsd" or number not in _NUMBERS:
        return None
    text = _text(f"{NAMES[int(number) - 1]}.xsd")
    for file, other in _FILES.items():
        text = text.replace(f'schemaLocation="{file}"', f'schemaLocation="{place}?xsd={other}"')
    return text.encode()


def _text(file: str) -> str:
    return (SCHEMAS / file).read_text(encoding="utf-8")
