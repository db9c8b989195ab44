"""The node stands between insurers and hub: it knows who asks, and the hub never hears it."""

import re
from collections.abc import Mapping

from tests.acceptance.standing import House, a_message, problem_of
from tests.acceptance.test_asking import ask, refusal

from kruispunt.client import AskRefused

TEXT_COLUMNS = """
select table_schema, table_name, column_name from information_schema.columns
where table_schema in ('audit', 'exchange', 'directory', 'identity')
    and data_type in ('text', 'character varying', 'json', 'jsonb')
"""


async def counts(house: House) -> tuple[int, int, int]:
    """Entries at the node, entries at the hub, looks at the station."""
    return await house.entries(house.node), await house.entries(house.hub), await house.looks()


async def test_every_entry_stands_for_one_exchange_and_every_look_for_one_grant(house: House):
    node, hub, station = await counts(house)

    for story in ("full-time", "never-worked", "unknown", "other-member", "replaced"):
        try:
            await ask(house, story, "dimona.consult")
        except AskRefused:
            continue

    after = await counts(house)
    # Five are asked; two of them are no member's and stop here. The station hears of one, and of
    # nobody for the one who never worked.
    assert [now - before for now, before in zip(after, (node, hub, station), strict=True)] == [
        5,
        3,
        2,
    ]
    latest = "select ssin is null as blank from station.look order by at desc limit 2"
    rows = await house.fetch(house.station, latest)
    assert {row["blank"] for row in rows} == {False, True}


async def test_another_insurers_member_is_refused_here_and_the_hub_never_hears_of_it(house: House):
    node, hub, station = await counts(house)
    number = house.persons["full-time"].ssin.number
    at_hub = await house.fetch(
        house.hub, "select count(*) as n from audit.decision where ssin = $1", number
    )

    problem = await refusal(house, "full-time", "dimona.consult", by=house.other)

    assert problem.reason == "no-file"
    assert await counts(house) == (node + 1, hub, station)
    again = await house.fetch(
        house.hub, "select count(*) as n from audit.decision where ssin = $1", number
    )
    assert again == at_hub
    (entry,) = await house.fetch(
        house.node, "select reason from audit.decision where id = $1", problem.ticket
    )
    assert entry["reason"] == 4


async def test_the_ticket_of_the_node_joins_both_trails(house: House):
    answer = await ask(house, "full-time", "dimona.consult")

    (here,) = await house.fetch(
        house.node,
        "select t.content from audit.decision d join audit.term t on t.id = d.consumer"
        " where d.id = $1",
        answer.ticket,
    )
    (there,) = await house.fetch(
        house.hub,
        "select t.content, d.id from audit.decision d join audit.term t on t.id = d.consumer"
        " where d.message_id = $1",
        answer.ticket,
    )
    (look,) = await house.fetch(
        house.station, "select entry from station.look where entry = $1", there["id"]
    )
    assert (here["content"], there["content"]) == (house.insurer, house.node)
    assert look["entry"] == there["id"]


async def test_no_text_in_the_database_of_the_hub_names_an_insurer(house: House):
    body = house.body(
        ticket=f"{house.insurer}-7", user=house.insurer, role=house.insurer, fileReference="CM 8"
    )
    reply = await house.ask_raw(house.request(body))
    members = house.network.members(house.network.nodes[0])
    named = re.compile(rf"(?<!\w)({'|'.join(members)})(?!\w)")

    found = [
        (column["table_name"], column["column_name"], value)
        for column in await house.fetch(house.hub, TEXT_COLUMNS)
        for value in await values(house, column)
        if named.search(value)
    ]

    assert reply.status == 200
    assert house.insurer in members
    assert found == []


async def values(house: House, column: Mapping[str, object]) -> list[str]:
    schema, table, name = column.values()
    query = f'select distinct "{name}" as v from {schema}."{table}" where "{name}" is not null'
    return [str(row["v"]) for row in await house.fetch(house.hub, query)]


async def test_no_log_of_the_hub_names_an_insurer(house: House):
    await ask(house, "full-time")
    members = house.network.members(house.network.nodes[0])
    named = re.compile(rf"(?<!\w)({'|'.join(members)})(?!\w)")

    logs = {name: text for name, text in house.logs().items() if name.startswith("ksz")}

    assert len(logs) == len(house.workers())
    assert [name for name, text in logs.items() if named.search(text)] == []


async def test_an_insurer_that_asks_the_hub_itself_is_not_known_there(house: House):
    before = await house.entries(house.hub)

    reply = await house.ask_raw(house.request(to=house.hub, by=house.insurer))

    problem = problem_of(reply)
    assert reply.status == 401
    assert problem.type == "urn:problem-type:belgif:invalidAccessToken"
    assert problem.detail == "keyid: the key is unknown"
    assert await house.entries(house.hub) == before


async def test_a_question_to_the_node_can_not_be_played_to_the_hub(house: House):
    sent = house.request(house.body())
    elsewhere = house.request(house.body(), to=house.hub, headers=sent.headers)

    assert (await house.ask_raw(elsewhere)).status == 401


async def test_a_station_has_no_clause_at_the_hub(house: House):
    reply = await house.ask_raw(house.request(to=house.hub, by=house.station))

    assert (reply.status, problem_of(reply).reason) == (403, "no-clause")


async def test_the_node_itself_may_ask_the_hub_and_is_held_to_the_same_law(house: House):
    message = a_message()

    granted = await house.ask_raw(
        house.request(house.body(messageId=str(message)), to=house.hub, by=house.node)
    )
    refused = await house.ask_raw(
        house.request(house.body("not-insured"), to=house.hub, by=house.node)
    )

    assert (granted.status, refused.status) == (200, 403)
    assert await house.ending(house.hub, message) == "given"


async def test_a_refusal_of_the_hub_stands_in_the_trail_of_the_node(house: House):
    message = a_message()

    reply = await house.ask_raw(house.request(house.body("replaced", messageId=str(message))))

    assert reply.status == 403
    assert await house.ending(house.node, message) == "refused-upstream"


async def test_an_institution_that_is_not_behind_the_node_is_not_known_there(house: House):
    reply = await house.ask_raw(house.request(by=house.station))

    assert (reply.status, problem_of(reply).detail) == (401, "keyid: the key is unknown")
