"""A demonstration that is wrong says so: law, trail and story are each held against it."""

from datetime import date

import msgspec
import pytest

from kruispunt.authorisation import find_clause
from kruispunt.cli.network import Network, read_network
from kruispunt.cli.story import NOTHING, Exchange, Noted, Story
from kruispunt.cli.story_check import faults
from kruispunt.law import Clause, read_lawbook
from kruispunt.vocabulary import FlowId, InstitutionCode, PurposeId

TODAY = date(2026, 3, 2)
ASKS, NODE, HUB = InstitutionCode("CM"), InstitutionCode("NIC"), InstitutionCode("KSZ")
FLOW, PURPOSE = "dimona.consult", "asr-benefits"


@pytest.fixture(scope="module")
def network() -> Network:
    return read_network(read_lawbook())


@pytest.fixture(scope="module")
def clause(network: Network) -> Clause:
    found = find_clause(
        network.lawbook.jurisdiction(NODE),
        consumer=ASKS,
        flow=FlowId(FLOW),
        purpose=PurposeId(PURPOSE),
        asked_on=TODAY,
    )
    assert isinstance(found, Clause)
    return found


def a_story(**changes: object) -> Story:
    story = Story(title="x", person="x", flow=FLOW, purpose=PURPOSE, expect="granted")
    return msgspec.structs.replace(story, **changes)


def a_look(at: InstitutionCode, **changes: object) -> Noted:
    consumer = ASKS if at == NODE else NODE
    look = Noted(at=at, consumer=consumer, granted=True, outcome="given", rows=1)
    return msgspec.structs.replace(look, **changes)


def a_refusal(at: InstitutionCode, reason: str) -> Noted:
    return a_look(at, granted=False, reason=reason, outcome=None, rows=None)


def an_answer(given: Clause, **changes: object) -> Exchange:
    fields: list[str] = [*given.ground.fields]
    told = Exchange(
        title="x",
        flow=FLOW,
        consumer=ASKS,
        ssin="",
        outcome="granted",
        status=200,
        clause=given.id,
        fields=fields,
        withheld=[one.field for one in given.ground.withheld],
        rows=[dict.fromkeys(fields)],
        trail=[a_look(NODE), a_look(HUB)],
    )
    return msgspec.structs.replace(told, **changes)


def a_failure(status: int, *trail: Noted, **changes: object) -> Exchange:
    told = Exchange(title="x", flow=FLOW, consumer=ASKS, ssin="", outcome="failed")
    return msgspec.structs.replace(told, status=status, trail=list(trail), **changes)


def found(story: Story, exchange: Exchange, network: Network) -> list[str]:
    return list(faults(story, exchange, network=network, asked_on=TODAY))


def test_an_answer_with_the_fields_of_the_clause_and_an_entry_in_both_trails_is_right(
    network: Network, clause: Clause
):
    assert found(a_story(), an_answer(clause), network) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"clause": "other"}, "expected ground"),
        ({"fields": ["ssin"], "rows": [{"ssin": None}]}, "not those of the clause"),
        ({"rows": [{"ssin": None, "worker_type": "BCW"}]}, "other fields than the clause gives"),
        ({"withheld": []}, "withheld are not those"),
        ({"repeated": True}, "expected repeated False"),
        ({"status": 201}, "expected status 200"),
    ],
)
def test_an_answer_that_is_not_the_law_s_is_a_fault(
    network: Network, clause: Clause, change: dict[str, object], told: str
):
    assert told in "; ".join(found(a_story(), an_answer(clause, **change), network))


@pytest.mark.parametrize(
    ("trail", "told"),
    [
        ([], "found none"),
        ([a_look(NODE), a_look(HUB, outcome=None)], "says otherwise"),
        ([a_look(NODE), a_look(HUB, rows=7)], "says otherwise"),
        ([a_look(NODE, outcome="empty"), a_look(HUB)], "says otherwise"),
        ([a_look(NODE), a_look(HUB), a_look(HUB)], "one new entry in each"),
        ([a_look(NODE), a_look(HUB, consumer=ASKS)], "names who stands behind the node"),
    ],
)
def test_an_answer_without_its_entries_is_a_fault(
    network: Network, clause: Clause, trail: list[Noted], told: str
):
    assert told in "; ".join(found(a_story(), an_answer(clause, trail=trail), network))


def test_a_refusal_is_right_where_the_trail_has_the_reason_that_may_be_told_so(network: Network):
    story = a_story(expect="refused", reason="no-file", trail="number-unknown")
    refused = Exchange(
        title="x",
        flow=FLOW,
        consumer=NODE,
        ssin="",
        outcome="refused",
        status=403,
        reason="no-file",
        trail=[a_refusal(HUB, "number-unknown")],
    )

    assert found(story, refused, network) == []
    refused.reason = "number-unknown"
    assert "says otherwise" in "; ".join(found(story, refused, network))


def test_a_refusal_by_purpose_is_held_against_the_law(network: Network):
    refused = Exchange(
        title="x",
        flow=FLOW,
        consumer=ASKS,
        ssin="",
        outcome="refused",
        status=403,
        reason="no-clause",
        trail=[a_refusal(NODE, "no-clause")],
    )
    other = a_story(expect="refused", purpose="increased-reimbursement-request")

    assert found(other, refused, network) == []
    assert "the law has the clause" in "; ".join(found(a_story(), refused, network))


def test_an_empty_answer_hides_the_supplier_s_control_and_the_trail_has_it(
    network: Network, clause: Clause
):
    story = a_story(expect="empty", trail="no-file-at-supplier")
    hidden = a_refusal(HUB, "no-file-at-supplier")
    ended = msgspec.structs.replace(hidden, outcome="empty")
    trail = [a_look(NODE, outcome="empty", rows=0), ended]
    told = an_answer(clause, outcome="empty", rows=[], trail=trail)

    assert found(story, told, network) == []
    for wrong in (hidden, a_refusal(HUB, "no-file")):
        told.trail = [trail[0], wrong]
        assert found(story, told, network) != []


@pytest.mark.parametrize(
    ("status", "cause"), [(503, "no-answer"), (502, "other-person"), (502, "wrong-type")]
)
def test_a_broken_source_is_right_only_with_its_cause_in_the_trail(
    network: Network, status: int, cause: str
):
    story = a_story(expect="failed", status=status, trail=cause)
    at_node = a_look(NODE, outcome="failed", cause="upstream", rows=0)
    at_hub = a_look(HUB, outcome="failed", cause=cause, rows=0)

    assert found(story, a_failure(status, at_node, at_hub), network) == []
    for wrong in (
        a_failure(500, at_node, at_hub),
        a_failure(status, at_node, msgspec.structs.replace(at_hub, cause="busy")),
        a_failure(status, at_node, a_look(HUB)),
        a_failure(status),
    ):
        assert found(story, wrong, network) != []


def test_a_question_that_was_turned_away_leaves_no_entry(network: Network):
    story = a_story(expect="failed", status=401, reason="keyid: the key is revoked", trail=NOTHING)
    away = a_failure(401, reason="invalid signature", detail="keyid: the key is revoked")

    assert found(story, away, network) == []
    assert "expected nothing" in "; ".join(
        found(story, msgspec.structs.replace(away, trail=[a_look(NODE)]), network)
    )
    other = msgspec.structs.replace(away, detail="keyid: the key is unknown")
    assert "expected reason" in "; ".join(found(story, other, network))
    assert "expected failed, found granted" in "; ".join(
        found(story, msgspec.structs.replace(away, outcome="granted"), network)
    )
