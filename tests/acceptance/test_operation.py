"""Who runs the network sees how it is, and learns nothing about anyone."""

import asyncio
from collections.abc import Mapping

import msgspec
from tests.acceptance.standing import ELEVEN, House, a_message
from tests.acceptance.test_asking import ask

from kruispunt.cli.network import read_network
from kruispunt.law import read_lawbook
from kruispunt.web import Http, HttpReply

TRACE = "0af7651916cd43dd8448eb2100000001"
PARTS = {"station": {"log"}, "circuit": {"database"}, "collector": {"database"}}
"""What a process that is no seat says of itself, by its kind."""
"""Its last digits are small: every process samples it at any rate."""


def targets(house: House) -> Mapping[str, str]:
    """Where each process tells its metrics, as Prometheus finds them."""
    groups = msgspec.json.decode(house.place.metrics_file.read_bytes())
    return {group["labels"]["process"]: group["targets"][0] for group in groups}


async def get(address: str, path: str) -> HttpReply:
    async with await Http.open() as http:
        return await http.get(f"http://{address}{path}", headers={}, timeout_s=10, max_bytes=2**20)


async def metrics(house: House, process: str) -> str:
    reply = await get(targets(house)[process], "/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    return reply.body.decode()


async def counted(house: House, line: str) -> float:
    """The sum of all series of that beginning, over the processes of the hub."""
    texts = [await metrics(house, note.name) for note in house.workers()]
    lines = [row for text in texts for row in text.splitlines()]
    return sum(float(row.rpartition(" ")[2]) for row in lines if row.startswith(line))


def told(house: House, event: str) -> list[Mapping[str, object]]:
    """Log lines of one event, of all processes."""
    lines = [line for text in house.logs().values() for line in text.splitlines()]
    found = [msgspec.json.decode(line) for line in lines if line.startswith("{")]
    return [line for line in found if line.get("event") == event]


async def test_every_process_says_how_each_part_of_it_is(house: House):
    for name, address in targets(house).items():
        reply = await get(address, "/health")

        health = msgspec.json.decode(reply.body)
        assert reply.status == 200, name
        assert health["status"] in ("UP", "DEGRADED")
        wanted = PARTS.get(name.rpartition("-")[2], {"database", "trail", "keys", "disk"})
        assert wanted <= set(health["details"]), name


async def test_the_doors_for_everyone_do_not_tell_metrics(house: House):
    for code in (house.hub, house.node, house.station):
        reply = await get(house.url(code).removeprefix("http://"), "/metrics")

        assert reply.status == 404


async def test_a_question_is_counted_by_flow_and_what_came_of_it(house: House):
    before = await counted(house, "kruispunt_looks_ended_total")

    await ask(house, "full-time", "dimona.consult")

    assert await counted(house, "kruispunt_looks_ended_total") == before + 1
    names = [await metrics(house, note.name) for note in house.workers()]
    assert any('flow="dimona.consult",ending="given",cause=""' in text for text in names)
    assert await counted(house, 'kruispunt_stage_milliseconds_count{seat="KSZ"') > 0


async def test_metrics_name_no_person_and_at_the_hub_no_insurer(house: House):
    insurers = read_network(read_lawbook(), None).members(house.network.nodes[0])
    for name in targets(house):
        text = await metrics(house, name)

        assert not ELEVEN.search(text.replace("_total", " ")), name
        if name.startswith(house.hub.lower()) or name.endswith("-station"):
            assert not [code for code in insurers if f'"{code}' in text], name


async def test_a_trace_is_told_by_node_hub_and_station(house: House):
    sent = house.request(
        house.body(messageId=str(a_message())),
        flow="dimona.consult",
        headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-00"},
    )

    reply = await house.ask_raw(sent)

    assert reply.status in (200, 403)
    spans: list[Mapping[str, object]] = []
    for _ in range(100):
        spans = [line for line in told(house, "span") if line["trace"] == TRACE]
        if len([span for span in spans if str(span["name"]).startswith("/v1/")]) >= 3:
            break
        await asyncio.sleep(0.05)
    own = {span["span"]: span for span in spans}
    (station,) = [span for span in spans if span["name"] == "/v1/answer/{flow}"]
    hub = own[station["parent"]]
    node = own[hub["parent"]]
    assert (hub["name"], node["name"]) == ("/v1/ask/{flow}", "/v1/ask/{flow}")
    assert node["parent"] == "b7ad6b7169203331"
    assert {"settle", "facts", "commit", "source"} <= {span["name"] for span in spans}
