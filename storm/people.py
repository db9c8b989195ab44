"""About whom is asked: people with data, people without, and people whom nobody may ask about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

import polars as pl

from kruispunt.cli.compose import House
from kruispunt.people import Population
from kruispunt.vocabulary import FlowId, InstitutionCode, NumberStatus, PurposeId, Ssin
from storm.ask import Wish, Wishes
from storm.check import DIRECTORY

PURPOSE: Final = PurposeId("asr-benefits")
DATA: Final = ("dimona.consult", "employment.consult")
"""Flows in which everyone who works has rows."""

OTHER: Final = ("personnel.consult", "routing.consult", "uam.consult", "employer.consult")
"""Other flows that the station answers."""

SIZE: Final = 300
LOOK_BACK: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone to ask about, and the insurer that may."""

    ssin: Ssin
    member: InstitutionCode


def wishes(house: House, people: Population, *, chance: Random) -> Wishes:
    """Every kind of question: `data`, `other`, `directory`, `empty` and `refused`."""
    hub, node = house.network.hub, house.network.nodes[0].institution
    insurers = _insurers(house)
    workers = _with_work(people, insurers)
    idle = _without_work(people, insurers)
    nobody = [Ssin.of(number) for number in people.unknown["ssin"].to_list()[:SIZE]]
    begin, until = people.today - LOOK_BACK, people.today - timedelta(days=1)

    def both(who: Person, flow: str, *, data: bool = False) -> Iterator[Wish]:
        for seat, consumer in ((hub, node), (node, who.member)):
            if not _is_given(house, seat=seat, consumer=consumer, flow=flow):
                continue
            yield Wish(
                seat=seat,
                consumer=consumer,
                flow=flow,
                ssin=who.ssin,
                begin=begin,
                until=until,
                purpose=PURPOSE,
                has_data=data,
            )

    strangers = [
        Person(ssin=ssin, member=insurers[n % len(insurers)]) for n, ssin in enumerate(nobody)
    ]
    kinds = {
        "data": [w for who in workers for flow in DATA for w in both(who, flow, data=True)],
        "other": [w for who in workers for flow in OTHER for w in both(who, flow)],
        "directory": [w for who in workers for w in both(who, DIRECTORY)],
        "empty": [w for who in idle for flow in DATA for w in both(who, flow)],
        "refused": [w for who in strangers for flow in DATA for w in both(who, flow)],
    }
    return Wishes(
        kinds={name: tuple(found) for name, found in kinds.items() if found}, chance=chance
    )


def granted(house: House, wish: Wish) -> frozenset[str]:
    """The fields that any clause of the law gives for a wish."""
    law = house.network.lawbook.jurisdiction(wish.seat)
    clauses = law.clauses(
        consumer=wish.consumer, flow=FlowId(wish.flow), purpose=PurposeId(wish.purpose)
    )
    return frozenset(str(field) for clause in clauses for field in clause.ground.fields)


def _is_given(
    house: House, *, seat: InstitutionCode, consumer: InstitutionCode, flow: str
) -> bool:
    """True where the law gives a flow to who asks."""
    law = house.network.lawbook.jurisdiction(seat)
    return bool(law.clauses(consumer=consumer, flow=FlowId(flow), purpose=PURPOSE))


def _insurers(house: House) -> Sequence[InstitutionCode]:
    network = house.network
    node = network.nodes[0]
    law = network.lawbook.jurisdiction(node.institution)
    flow = FlowId(DATA[0])
    return [
        one
        for one in network.members(node)
        if law.clauses(consumer=one, flow=flow, purpose=PURPOSE)
    ]


def _members(people: Population, insurers: Sequence[InstitutionCode]) -> pl.DataFrame:
    """Members of these insurers in the days looked back on, whose numbers were never replaced."""
    begin = people.today - LOOK_BACK
    known = people.numbers.filter(pl.col("status") == NumberStatus.KNOWN.value)
    return (
        people.memberships.filter(
            pl.col("member").is_in(list(insurers))
            & pl.col("end").is_null()
            & (pl.col("begin") <= begin)
        )
        .join(known.select("ssin"), on="ssin", how="semi")
        .unique("ssin")
        .sort("ssin")
    )


def _with_work(people: Population, insurers: Sequence[InstitutionCode]) -> list[Person]:
    """Members who worked in the days looked back on: every flow of `DATA` has rows of them."""
    begin, last = people.today - LOOK_BACK, pl.col("employment_end_date")
    jobs = people.employments.filter(
        (last.is_null() | (last >= begin)) & (pl.col("employment_begin_date") <= begin)
    )
    return _people(_members(people, insurers).join(jobs, on="ssin", how="semi"))


def _without_work(people: Population, insurers: Sequence[InstitutionCode]) -> list[Person]:
    """Members who never worked: their insurer has a file, the supplier has none."""
    return _people(_members(people, insurers).join(people.dimona, on="ssin", how="anti"))


def _people(found: pl.DataFrame) -> list[Person]:
    rows = found.select("ssin", "member").head(SIZE).iter_rows()
    return [Person(ssin=Ssin.of(ssin), member=InstitutionCode(member)) for ssin, member in rows]
