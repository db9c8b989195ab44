"""XMLite 20051206: classic messages in XML, which are a prefix and a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from lxml import etree

from kruispunt.gateway.soap.ssdn.asking import Asking, Told, ticket_of
from kruispunt.gateway.soap.ssdn.names import CLASSIC, MESSAGE
from kruispunt.gateway.soap.ssdn.prefix import Prefix, code_of, read_prefix
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.ssdn.summary import Detail, missing, no_data, told
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Xml, leaf, node
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Answer, Forbidden

_IN: Final = f"{{{MESSAGE}}}"
_FORM: Final = f"{{{CLASSIC}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What came of a form: what was told, and the form of the answer where there is data."""

    told: Told
    form: Xml = NOTHING


class Form(Protocol):
    """One kind of classic message."""

    @property
    def code(self) -> str:
        """Its code, which is the name of its element too."""
        ...

    async def fill(self, request: Element, prefix: Prefix, asking: Asking) -> Filled | Served:
        """What its request is answered, or what is wrong with it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class XmLite:
    """The service, with the forms that it knows."""

    shape: Shape
    forms: Sequence[Form]
    service: str = "XMLite"
    version: str = "20051206"
    element: str = f"{_IN}Message"

    def faults(self, body: Element) -> tuple[Detail, ...]:
        """What is wrong with the shape of a request."""
        return self.shape.faults(body)

    async def serve(self, body: Element, asking: Asking) -> Served:
        """The answer under the prefix that came, with its return code."""
        element = body.find(f"{_IN}Data/{_IN}XML/{_FORM}*")
        request = None if element is None else element.find(f"{_FORM}Request")
        if element is None or request is None:
            return Served(details=(missing("Request"),))
        code = etree.QName(element).localname
        form = next(one for one in self.forms if one.code == code)
        prefix = read_prefix(body.findtext(f"{_IN}Header/{_IN}ClassicPrefix") or "", code)
        if isinstance(prefix, Served):
            return prefix
        if not _is_of(prefix, asking):
            return _answered(Filled(told=Forbidden("the prefix names another sender")), prefix)
        filled = await form.fill(request, prefix, asking)
        return filled if isinstance(filled, Served) else _answered(filled, prefix)


def classic(code: str, *inside: Xml) -> Xml:
    """The form of an answer."""
    return node(f"ns4:{code}", *inside, xmlns_ns4=CLASSIC, processType="L", version="001")


def _is_of(prefix: Prefix, asking: Asking) -> bool:
    caller = asking.caller
    return _same(prefix.sector, caller.sector) and _same(
        prefix.institution_type, caller.institution_type
    )


def _same(said: str, known: int | None) -> bool:
    return not said.strip() or (said.isdecimal() and int(said) == known)


def _answered(filled: Filled, prefix: Prefix) -> Served:
    """A refusal has its prefix too, without data: there stands the classic return code."""
    data = NOTHING
    details: tuple[Detail, ...] = ()
    if not isinstance(filled.told, Answer):
        details = (told(filled.told),)
    elif filled.form == NOTHING:
        details = (no_data(),)
    else:
        data = node("ns3:Data", node("ns3:XML", filled.form))
    header = node("ns3:Header", leaf("ns3:ClassicPrefix", prefix.returned(code_of(filled.told))))
    return Served(
        details=details,
        body=node("ns3:Message", header, data, xmlns_ns3=MESSAGE),
        ticket=ticket_of(filled.told),
    )
