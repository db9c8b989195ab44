"""The schema of a flow: request and reply of its operation, from its fields and details alone."""

import re
from collections.abc import Mapping
from typing import Final

from lxml import etree

from kruispunt.gateway.soap.soa.common_v3 import COMMON
from kruispunt.gateway.soap.soa.described import XSD, Described, own_schema
from kruispunt.gateway.soap.xml import Element
from kruispunt.law import Detail, Field, Flow, Lawbook, Supply, ValueType
from kruispunt.vocabulary import FlowId

OPERATION: Final = "consult"
REQUEST: Final = "consultRequest"
RESPONSE: Final = "consultResponse"
FAULT: Final = "consultFault"
_WORD_ENDS: Final = re.compile(r"[^A-Za-z0-9]+")

TYPES: Final[Mapping[ValueType, str]] = {
    ValueType.STR: "xs:string",
    ValueType.CODE: "xs:string",
    ValueType.BOOL: "xs:boolean",
    ValueType.INT: "xs:long",
    ValueType.DECIMAL: "xs:decimal",
    ValueType.EUR: "xs:decimal",
    ValueType.DATE: "xs:date",
    ValueType.INCOMPLETE_DATE: "c:IncompleteDateType",
    ValueType.QUARTER: "c:YearQuarterType",
    ValueType.SSIN: "c:SsinType",
    ValueType.OTHER_SSIN: "c:SsinType",
    ValueType.CBE: "c:EnterpriseNumberType",
    ValueType.NSSO: "c:NssoNumberType",
}
"""A group repeats, so it comes by mail: no flow with one is answered here."""


def offered(lawbook: Lawbook) -> list[Flow]:
    """The flows that are answered at once about one person, in the order of their names."""
    found = (
        flow
        for flow in lawbook.flows.values()
        if flow.supply in (Supply.STATION, Supply.DIRECTORY)
        and all(field.type in TYPES for field in flow.fields)
    )
    return sorted(found, key=lambda flow: flow.id)


def space_of(flow: FlowId) -> str:
    """The namespace of a flow's service: our own."""
    return f"urn:kruispunt:soap:{flow}:v1"


def described(flow: Flow) -> Described:
    """The service of a flow."""
    return Described(
        name="".join(w[:1].upper() + w[1:] for w in _WORD_ENDS.split(flow.id)),
        space=space_of(flow.id),
        operation=OPERATION,
        action=f"{space_of(flow.id)}:{OPERATION}",
        request=REQUEST,
        response=RESPONSE,
        fault=FAULT,
        schemas=(own_schema("CommonV3.xsd"), own_schema("ConsultV1.xsd"), _schema(flow)),
        words=f"{flow.titles['en']} / {flow.titles['nl']} ({flow.paragraph})",
    )


CONSULT: Final = "urn:kruispunt:soap:consult:v1"
"""What the services of all flows have in common beyond CommonV3."""


def _schema(flow: Flow) -> bytes:
    space = space_of(flow.id)
    root = etree.Element(
        _xs("schema"),
        {
            "targetNamespace": space,
            "elementFormDefault": "unqualified",
            "attributeFormDefault": "unqualified",
        },
        nsmap={"xs": XSD, "c": COMMON, "k": CONSULT, "tns": space},
    )
    for imported in (COMMON, CONSULT):
        etree.SubElement(root, _xs("import"), {"namespace": imported})
    for name, kind in ((REQUEST, "tns:RequestType"), (RESPONSE, "tns:ResponseType")):
        etree.SubElement(root, _xs("element"), {"name": name, "type": kind})
    etree.SubElement(root, _xs("element"), {"name": FAULT, "type": "c:CBSSFaultType"})
    _request(root)
    _response(root)
    _criteria(root, flow, "CriteriaType", "c:SsinType")
    _criteria(root, flow, "CriteriaEchoType", "c:SsinEchoType")
    if flow.details:
        _details(root, flow)
    _result(root)
    row = _sequence(root, "RowType")
    for field in flow.fields:
        _field(row, field)
    return etree.tostring(root)


def _request(root: Element) -> None:
    fields = _sequence(root, "RequestType")
    _element(fields, "informationCustomer", "c:InformationCustomerType")
    _element(fields, "informationCBSS", "c:InformationCBSSType", least=0)
    _element(fields, "legalContext", "c:LegalContextType")
    _element(fields, "criteria", "tns:CriteriaType")


def _response(root: Element) -> None:
    fields = _sequence(root, "ResponseType")
    _element(fields, "informationCustomer", "c:InformationCustomerType")
    _element(fields, "informationCBSS", "c:InformationCBSSType")
    _element(fields, "legalContext", "c:LegalContextType")
    _element(fields, "criteria", "tns:CriteriaEchoType")
    _element(fields, "status", "c:StatusType")
    _element(fields, "result", "tns:ResultType", least=0)
    _element(fields, "receipt", "k:ReceiptType", least=0)


def _criteria(root: Element, flow: Flow, name: str, ssin: str) -> None:
    fields = _sequence(root, name)
    _element(fields, "ssin", ssin)
    _element(fields, "period", "k:PeriodType")
    if flow.details:
        least = int(any(one.required for one in flow.details))
        _element(fields, "details", "tns:DetailsType", least=least)


def _details(root: Element, flow: Flow) -> None:
    fields = _sequence(root, "DetailsType")
    for detail in flow.details:
        kind = TYPES[detail.type] if detail.type is not ValueType.CODE else None
        one = _element(fields, detail.name, kind, least=int(detail.required))
        _say(one, f"{detail.said} ({detail.paragraph})")
        if kind is None:
            _one_of(one, detail)


def _one_of(element: Element, detail: Detail) -> None:
    simple = etree.SubElement(element, _xs("simpleType"))
    bounds = etree.SubElement(simple, _xs("restriction"), {"base": "xs:string"})
    for value in detail.values:
        etree.SubElement(bounds, _xs("enumeration"), {"value": value})


def _result(root: Element) -> None:
    fields = _sequence(root, "ResultType")
    _element(fields, "period", "k:PeriodType", least=0)
    _element(fields, "ground", "k:GroundType")
    _element(fields, "row", "tns:RowType", least=0, many=True)
    _element(fields, "withheld", "k:WithheldType", least=0, many=True)


def _field(row: Element, field: Field) -> None:
    """Any field may be missing: it is not known, or not given, and then stands in `withheld`."""
    bounded = field.max_length and TYPES[field.type] == "xs:string"
    kind = None if bounded or field.digits else TYPES[field.type]
    one = _element(row, field.name, kind, least=0)
    _say(one, f"{field.terms['en']} ({field.terms['nl']}; {field.paragraph})")
    if kind is None:
        simple = etree.SubElement(one, _xs("simpleType"))
        base = {"base": TYPES[field.type]}
        bounds = etree.SubElement(simple, _xs("restriction"), base)
        for name, value in _bounds(field):
            etree.SubElement(bounds, _xs(name), {"value": str(value)})


def _bounds(field: Field) -> list[tuple[str, int]]:
    if field.digits:
        total, behind = field.digits
        return [("totalDigits", total), ("fractionDigits", behind)]
    return [("maxLength", field.max_length)]


def _sequence(root: Element, name: str) -> Element:
    kind = etree.SubElement(root, _xs("complexType"), {"name": name})
    return etree.SubElement(kind, _xs("sequence"))


def _element(
    parent: Element, name: str, kind: str | None, *, least: int = 1, many: bool = False
) -> Element:
    says = {"name": name}
    if kind is not None:
        says["type"] = kind
    if least == 0:
        says["minOccurs"] = "0"
    if many:
        says["maxOccurs"] = "unbounded"
    return etree.SubElement(parent, _xs("element"), says)


def _say(element: Element, words: str) -> None:
    note = etree.SubElement(element, _xs("annotation"))
    etree.SubElement(note, _xs("documentation")).text = words


def _xs(name: str) -> str:
    return f"{{{XSD}}}{name}"
