"""One question over classic XML and over REST: who a person is, asked by a centre at its node.

Rounds alternate, so that what else the machine does falls on both. CPU is told of every process:
the node's is of the door that is compared, the others' are the same for both.
"""

import asyncio
import tempfile
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final
from xml.sax.saxutils import escape

import polars as pl

from bench.asks import Chance, Door, signed, written
from bench.cpu import Used
from bench.figures import Figure
from bench.house import DATABASE, GIVEN, Running, running, write_settings
from bench.legs import LINGER_S, LOAD, OK, generate
from bench.load import Job, Told
from bench.opened import state_folder
from bench.page import tell
from bench.whom import chosen
from kruispunt.cli.clock import now, random_bytes
from kruispunt.client import AskRequest, PeriodBody, canonical
from kruispunt.people import Population
from kruispunt.vocabulary import EnterpriseNumber, FlowId, InstitutionCode, Ssin, check_digits
from kruispunt.web import Caller, add_caller, hash_password, new_password, read_key

Figures = dict[str, Figure]

NODE: Final = InstitutionCode("PODMI")
SUPPLIER: Final = InstitutionCode("RR")
FLOW: Final = FlowId("person.identify")
PURPOSE: Final = "pcsa-social-inquiry"
ENTERPRISE: Final = EnterpriseNumber(f"02074512{97 - 2074512 % 97:02d}").digits
CLERK: Final = f"000000001{check_digits(1):02d}"
AT_ONCE: Final = 64
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
CONNECTOR: Final = "http://ksz-bcss.fgov.be/connectors/WebServiceConnector"
ROOT: Final = "http://www.ksz-bcss.fgov.be/XSD/SSDN"


class WireFailed(RuntimeError):
    """Answers were missing, or held no person: figures of them would mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseSize:
    """People of the house, questions of each load, and how often each way is taken."""

    people: int
    warm: int
    asked: int
    rounds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One load: what it took, and the CPU of each process for one answer, in µs."""

    per_second: float
    cpu_us: Mapping[str, float]

    @property
    def all_us(self) -> float:
        """All but the load generator."""
        return sum(us for name, us in self.cpu_us.items() if name != LOAD)


async def house_figures(size: HouseSize, state: Path | None) -> tuple[Figures, str]:
    """What both ways cost in a house that runs, and the version of its server."""
    async with state_folder(state) as folder:
        write_settings(folder, workers=1, front={})
        async with running(folder, tell=tell) as place:
            today, rows = await chosen(
                place.house, "identified", _registered, people=size.people, tell=tell
            )
            persons = [Ssin.of(number) for number in rows["ssin"]]
            with tempfile.TemporaryDirectory(prefix="kruispunt-wire-") as loads:
                ways = _Ways(place=place, today=today, folder=Path(loads), persons=persons)
                figures = await _compared(ways, size)
            return {"people": size.people, **figures}, await place.postgres_version()


def _registered(people: Population) -> pl.DataFrame:
    """Persons whom a register knows, in an order by chance."""
    known = people.registered.persons.filter(pl.col("decease_date").is_null())
    return known.select("ssin").sort("ssin").sample(fraction=1.0, shuffle=True, seed=1)


async def _compared(ways: "_Ways", size: HouseSize) -> Figures:
    password = ways.known()
    makers: dict[str, Callable[[Ssin], bytes]] = {
        "rest": ways.rest,
        "ssdn": partial(ways.ssdn, password=password),
    }
    legs: dict[str, list[Leg]] = {name: [] for name in makers}
    for name, make in makers.items():
        tell(f"warming up over {name}")
        await ways.load(make, 1, at_once=1)
        await ways.load(make, size.warm, at_once=AT_ONCE)
    for turn in range(size.rounds):
        for name, make in makers.items():
            tell(f"{size.asked} questions over {name}, round {turn + 1} of {size.rounds}")
            legs[name].append(await ways.load(make, size.asked, at_once=AT_ONCE))
    pairs = list(zip(legs["ssdn"], legs["rest"], strict=True))
    return {
        "ssdn_over_rest_cpu": round(
            median(a.cpu_us["node"] / b.cpu_us["node"] for a, b in pairs), 3
        ),
        "ssdn_over_rest_cpu_all": round(median(a.all_us / b.all_us for a, b in pairs), 3),
        **{
            f"{name}_per_second": round(median(leg.per_second for leg in found), 1)
            for name, found in legs.items()
        },
        **{
            f"{name}_{part}_cpu_us": round(median(leg.cpu_us[part] for leg in found), 1)
            for name, found in legs.items()
            for part in found[0].cpu_us
        },
        "asked": size.asked * size.rounds,
    }


@dataclass(slots=True, kw_only=True)
class _Ways:
    """Two ways to ask the same, and what each process uses for it."""

    place: Running
    today: date
    folder: Path
    persons: Sequence[Ssin]
    loads: int = 0
    asked: int = 0

    @property
    def centre(self) -> InstitutionCode:
        network = self.place.house.network
        (node,) = (one for one in network.nodes if one.institution == NODE)
        return network.members(node)[0]

    @property
    def url(self) -> str:
        return self.place.url(NODE)

    def known(self) -> str:
        """The password by which the centre comes from now on."""
        password = new_password(random_bytes)
        one = Caller(
            enterprise=ENTERPRISE,
            institution=self.centre,
            sector=17,
            institution_type=1,
            password=hash_password(password, salt=random_bytes(16)),
        )
        add_caller(one, self.place.house.place.home(NODE).callers)
        return password

    def rest(self, person: Ssin) -> bytes:
        """The question as a client of ours asks it, signed."""
        chance = Chance(now=now, random_bytes=random_bytes)
        door = Door.of_seat(self.url, FLOW, read_key(self.place.house.place.home(self.centre).key))
        body = canonical(
            AskRequest(
                message_id=chance.new_id(),
                purpose=PURPOSE,
                ssin=person.digits,
                period=PeriodBody(begin_date=self.today, end_date=self.today),
            )
        )
        return written(door, body, signed(door, body, chance))

    def ssdn(self, person: Ssin, *, password: str) -> bytes:
        """The question as clients of classic XML ask it, with a password."""
        body = envelope([person])
        pair = b64encode(f"E{ENTERPRISE}:{password}".encode()).decode()
        head = (
            f"POST /soap/ssdn HTTP/1.1\r\nhost: {self.url.rpartition('/')[2]}\r\n"
            f"content-type: text/xml; charset=utf-8\r\nauthorization: Basic {pair}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def load(self, make: Callable[[Ssin], bytes], size: int, *, at_once: int) -> Leg:
        """Ask about the next persons, and count what was given.

        Raises:
            WireFailed: not every question was answered with a person.
        """
        requests = [make(one) for one in self._next(size)]
        given, before = await self.place.count(NODE, GIVEN), self._used()
        port = int(self.url.rpartition(":")[2])
        self.loads += 1
        job = Job(port=port, at_once=at_once)
        told = await generate(job, requests, folder=self.folder, name=f"{self.loads}")
        await asyncio.sleep(LINGER_S)
        after = self._used()
        await self._answered(told, size, given)
        cpu = {name: after[name].since(before[name]) / size / 1e3 for name in after}
        cpu_us = {**cpu, LOAD: told.cpu_ns / size / 1e3}
        return Leg(per_second=size / told.seconds, cpu_us=cpu_us)

    async def _answered(self, told: Told, size: int, given: int) -> None:
        fresh = await self.place.count(NODE, GIVEN) - given
        if told.statuses != {OK: size} or fresh != size:
            raise WireFailed(f"expected {size} persons, found {fresh}, {told.statuses}")

    def _used(self) -> Mapping[str, Used]:
        groups = {"node": NODE, "hub": self.place.hub, "station": SUPPLIER}
        found = self.place.used(groups)
        return {name: found[name] for name in (*groups, DATABASE)}

    def _next(self, size: int) -> list[Ssin]:
        begin = self.asked
        self.asked += size
        return [self.persons[n % len(self.persons)] for n in range(begin, begin + size)]


def envelope(persons: Sequence[Ssin]) -> bytes:
    """The envelope that asks who these persons are, one request for each."""
    asked = "".join(
        "<ServiceRequest><ServiceId>OCMWCPASIdentifyPerson</ServiceId><Version>20050930</Version>"
        f'<p:IdentifyPersonRequest xmlns:p="{ROOT}/OCMW_CPAS/IdentifyPerson"><p:SearchCriteria>'
        f"<p:SSIN>{person.digits}</p:SSIN></p:SearchCriteria></p:IdentifyPersonRequest>"
        "</ServiceRequest>"
        for person in persons
    )
    inner = (
        f'<SSDNRequest xmlns="{ROOT}/Service"><RequestContext><AuthorizedUser>'
        f"<UserID>{CLERK}</UserID><Email>desk@ocmw.example</Email><OrgUnit>{ENTERPRISE}</OrgUnit>"
        "<MatrixID>17</MatrixID><MatrixSubID>1</MatrixSubID></AuthorizedUser>"
        f"<Message><Reference>630230001</Reference></Message></RequestContext>{asked}</SSDNRequest>"
    )
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><c:xmlString xmlns:c="{CONNECTOR}">'
        f"{escape(inner)}</c:xmlString></s:Body></s:Envelope>"
    ).encode()
