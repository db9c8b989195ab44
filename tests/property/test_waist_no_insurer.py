"""The hub never learns for whom its node asks: nothing there names a member behind it."""

import re
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Final, cast
from unittest.mock import patch

import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from structlog.testing import CapturingLogger
from tests.house import Twin, a_hub, a_key, a_question, a_simulator
from tests.law.inventing import PERSON, a_line, a_number
from tests.property.test_waist_promises import run
from tests.unit.gateway.givens import URL, a_door, a_request, a_ring, call

from kruispunt.audit import encode_outcome
from kruispunt.client import Client
from kruispunt.gateway import Door
from kruispunt.law import Clause, Flow, Side, Supply, read_lawbook
from kruispunt.sources import Upstream
from kruispunt.vocabulary import (
    Answer,
    Entry,
    InstitutionCode,
    NoAnswer,
    NumberStatus,
    Question,
)
from kruispunt.web import Http, HttpReply

LAW: Final = read_lawbook()
CLAUSES: Final = [
    one
    for one in LAW.clauses
    if one.members and LAW.flows[one.flow].supply in (Supply.STATION, Supply.DIRECTORY)
]
NODE: Final = CLAUSES[0].consumer
MEMBERS: Final = sorted(one.code for one in LAW.institutions.values() if one.node == NODE)
NAMES: Final = sorted(
    {*MEMBERS, *(name for code in MEMBERS for name in LAW.institutions[code].names.values())}
)
NAMED: Final = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, NAMES))})(?!\w)", re.IGNORECASE)
NOT_KEPT: Final = re.compile(r"(signature|content-digest|nonce)[^\s]*[:=]\s*\S+")
LEFT: Final = a_number(NumberStatus.LEFT_TO_HUB)


@dataclass
class Wire:
    """The connection from node to hub, and all that went over it."""

    door: Door
    sent: list[str] = field(default_factory=list[str])

    async def post(
        self,
        url: str,
        *,
        body: bytes,
        headers: Mapping[str, str],
        timeout_s: float,
        max_bytes: int,
    ) -> HttpReply:
        plain = {
            name: value
            for name, value in headers.items()
            if name not in ("signature", "signature-input", "content-digest")
        }
        self.sent.append(f"{url} {plain} {headers['signature-input']} {body.decode()}")
        flow = url.rpartition("/")[2]
        request = replace(
            a_request(b""), target=url.removeprefix(URL), argument=flow, headers=headers, body=body
        )
        heard = await call(self.door.app(), request)
        return HttpReply(status=heard.status, headers=heard.headers, body=heard.body)


@dataclass(frozen=True, kw_only=True)
class Network:
    """A node and its hub, both in memory."""

    node: Twin
    hub: Twin
    wire: Wire


def a_network(clause: Clause, *, member: InstitutionCode, at_supplier: bool) -> Network:
    """A member's person is known at the node by name, and at the hub by sector only."""
    own = [one for one in clause.controls if one.side is Side.CONSUMER]
    wanted = clause.controls if at_supplier else own
    pairs = [(one.sector, quality) for one in wanted for quality in one.qualities]
    flow = LAW.flows[clause.flow]
    hub = a_hub(
        lawbook=LAW,
        seat=LAW.hub,
        lines=[a_line(pair) for pair in pairs],
        source=a_simulator(a_row(flow), flow=flow.id),
    )
    door = a_door(hub)
    entrance = replace(door.entrance, ring=a_ring(NODE), offered=frozenset({flow.id}))
    wire = Wire(replace(door, entrance=entrance, key=a_key(LAW.hub)))
    lines = [
        a_line((one.sector, quality), member=member) for one in own for quality in one.qualities
    ]
    node = a_hub(lawbook=LAW, seat=NODE, lines=lines, number=LEFT)
    client = Client(
        URL,
        cast("Http", wire),
        hub=LAW.hub,
        key=a_key(NODE),
        ring=a_ring(LAW.hub),
        now=node.clock,
        random_bytes=node.ledger.random_bytes,
    )
    upstream = replace(node.hub, sources=Upstream(client=client))
    return Network(node=replace(node, hub=upstream), hub=hub, wire=wire)


def a_row(flow: Flow) -> dict[str, object]:
    """A row of whatever types this flow has."""
    known: dict[str, object] = {"ssin": PERSON.digits, "cbe": "0403019261", "nsso": "0123456789"}
    known |= {"date": "2031-01-01", "incomplete_date": "2031-01-00", "quarter": "2031Q1"}
    known |= {"decimal": "38.00", "code": "1", "str": "x"}
    known |= {"incomplete_date": "2031-01-00", "quarter": "2031Q1", "eur": "1.00", "int": 1}
    return {one.name: known.get(one.type.value, True) for one in flow.fields}


def render_call(_logger: object, _name: str, event: MutableMapping[str, object]) -> str:
    return repr(event)


def everything_at(network: Network, log: str) -> Iterator[str]:
    """All that the hub keeps, hears and writes, without bytes of chance."""
    for entry in network.hub.entries:
        yield repr(_readable(entry))
    for data in network.hub.trail.encoded.values():
        yield from _long_names_in(data)
    for outcome in network.hub.trail.outcomes.values():
        yield repr(outcome)
        yield from _long_names_in(encode_outcome(outcome))
    yield from (NOT_KEPT.sub("", sent) for sent in network.wire.sent)
    yield log


def _readable(entry: Entry) -> Entry:
    proof = structs.replace(entry.question.proof, nonce=b"", signature=b"", digest=b"")
    return structs.replace(entry, question=structs.replace(entry.question, proof=proof))


def _long_names_in(data: bytes) -> Iterator[str]:
    """Names that no bytes of chance can hold."""
    yield from (name for name in NAMES if len(name) > 5 and name.encode() in data)


@st.composite
def questions_of(draw: st.DrawFn, member: InstitutionCode, clause: Clause) -> Question:
    own = LAW.institutions[member].names["nl"]
    words = st.sampled_from(["", member, f"{member}-7", f"dossier {own}", own])
    question = a_question(
        message=draw(st.integers(1, 2**64)),
        consumer=member,
        flow=clause.flow,
        purpose=clause.purpose,
        ticket=draw(words),
    )
    return structs.replace(
        question, file_reference=draw(words), user=draw(words), role=draw(words)
    )


@given(
    data=st.data(),
    clause=st.sampled_from(CLAUSES),
    asker=st.sampled_from(MEMBERS),
    owner=st.sampled_from(MEMBERS),
    at_supplier=st.booleans(),
)
@settings(max_examples=120, deadline=None)
def test_nothing_at_the_hub_names_the_insurer_for_whom_its_node_asks(
    data: st.DataObject,
    clause: Clause,
    asker: InstitutionCode,
    owner: InstitutionCode,
    at_supplier: bool,
):
    network = a_network(clause, member=owner, at_supplier=at_supplier)
    question = data.draw(questions_of(asker, clause))
    log = CapturingLogger()

    with patch("kruispunt.web.asgi._log", structlog.wrap_logger(log, processors=[render_call])):
        told = run(network.node.hub.serve(question))

    assert isinstance(told, Answer | NoAnswer)
    found = [NAMED.findall(text) for text in everything_at(network, repr(log.calls))]
    assert not any(found), found
    granted = isinstance(told, Answer)
    assert ("http.request" in repr(log.calls)) is granted
    assert len(network.hub.entries) == len(network.wire.sent) == granted
    assert network.node.entries[0].question.consumer == asker


@given(clause=st.sampled_from(CLAUSES), member=st.sampled_from(MEMBERS))
@settings(max_examples=60, deadline=None)
def test_a_member_is_answered_through_the_node_and_its_ticket_is_that_of_the_node(
    clause: Clause, member: InstitutionCode
):
    if not LAW.institutions[member].active or clause.members.isdisjoint(
        LAW.institutions[member].roles
    ):
        return
    network = a_network(clause, member=member, at_supplier=True)
    question = a_question(consumer=member, flow=clause.flow, purpose=clause.purpose)

    told = run(network.node.hub.serve(question))

    assert isinstance(told, Answer)
    assert tuple(told.rows[0]) == clause.ground.fields
    (above,) = network.hub.entries
    assert above.question.consumer == NODE
    assert above.question.ticket == str(told.ticket)
    assert above.question.message_id == told.ticket


def test_the_search_would_find_a_name():
    for code in MEMBERS:
        told = a_question(consumer=code, ticket=f"{code}-7")
        assert NAMED.search(repr(told))
    assert NAMED.search('"user":"dossier ' + LAW.institutions[MEMBERS[0]].names["nl"] + '"')
