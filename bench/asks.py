"""Questions ready to be sent: signed as an institution signs, written as HTTP, one use each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import polars as pl

from kruispunt.client import (
    ANSWER_PATH,
    ANSWER_TAG,
    ASK_PATH,
    ASK_TAG,
    AskRequest,
    LookBody,
    PeriodBody,
    StationRequest,
    canonical,
)
from kruispunt.people import Population
from kruispunt.vocabulary import FlowId, InstitutionCode, NumberStatus, Ssin
from kruispunt.web import SigningKey, sign_request

LIFE_S = 290
LOOK_BACK = timedelta(days=60)
DEADLINE_MS = 2000
MOST = 200_000
"""Persons to ask about: more than a run asks, and they fit in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone to ask about, and the insurer that may."""

    ssin: Ssin
    member: InstitutionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """The clock and the chance that questions need."""

    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    def new_id(self) -> UUID:
        return UUID(bytes=self.random_bytes(16), version=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where questions of one flow are sent, and who signs them."""

    url: str
    path: str
    tag: str
    key: SigningKey

    @classmethod
    def of_seat(cls, url: str, flow: FlowId, key: SigningKey) -> "Door":
        """The door of a hub or node."""
        return cls(url=url, path=ASK_PATH + flow, tag=ASK_TAG, key=key)

    @classmethod
    def of_station(cls, url: str, flow: FlowId, key: SigningKey) -> "Door":
        """The door of a station."""
        return cls(url=url, path=ANSWER_PATH + flow, tag=ANSWER_TAG, key=key)

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    def signed_by(self, key: SigningKey) -> "Door":
        """The same door, asked by someone else."""
        return replace(self, key=key)


def people_with_work(
    people: Population, insurers: Sequence[InstitutionCode], *, seed: int = 1
) -> pl.DataFrame:
    """Members of these insurers who worked in the days looked back on, in an order by chance:
    number and insurer, of `MOST` of them at most, spread over the whole population.

    Their numbers were never replaced or cancelled and they are alive: every question is granted,
    and every answer holds rows.
    """
    begin = people.today - LOOK_BACK
    known = people.numbers.filter(pl.col("status") == NumberStatus.KNOWN.value).select("ssin")
    last = pl.col("employment_end_date")
    jobs = people.employments.filter(
        (last.is_null() | (last >= begin)) & (pl.col("employment_begin_date") <= people.today)
    ).select("ssin")
    members = people.memberships.filter(
        pl.col("member").is_in(list(insurers))
        & pl.col("end").is_null()
        & (pl.col("begin") <= begin)
    ).select("ssin", "member")
    found = members.join(known, on="ssin", how="semi").join(jobs, on="ssin", how="semi")
    ordered = found.unique("ssin").sort("ssin")
    return ordered.sample(fraction=1.0, shuffle=True, seed=seed).head(MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Builder:
    """Builds questions about the days up to `today`; each has its own message id and nonce."""

    purpose: str
    today: date
    chance: Chance

    def ask(self, person: Person) -> bytes:
        """The body of a question to a hub or node."""
        return canonical(
            AskRequest(
                message_id=self.chance.new_id(),
                purpose=self.purpose,
                ssin=person.ssin.digits,
                period=self._period(),
            )
        )

    def call(self, person: Person, *, flow: str, clause: str, fields: tuple[str, ...]) -> bytes:
        """The body of a hub's question to a station."""
        return canonical(
            StationRequest(
                flow=flow,
                deadline_ms=DEADLINE_MS,
                looks=(
                    LookBody(
                        entry=self.chance.new_id(),
                        ssin=person.ssin.digits,
                        period=self._period(),
                        fields=fields,
                        clause=clause,
                    ),
                ),
            )
        )

    def _period(self) -> PeriodBody:
        return PeriodBody(begin_date=self.today - LOOK_BACK, end_date=self.today)


def signed(door: Door, body: bytes, chance: Chance, *, age_s: int = 0) -> dict[str, str]:
    """The three headers that sign a body for a door, as of `age_s` seconds ago."""
    created = int(chance.now().timestamp()) - age_s
    return sign_request(
        door.key,
        method="POST",
        target_uri=door.url + door.path,
        body=body,
        created=created,
        expires=created + LIFE_S,
        nonce=chance.random_bytes(16),
        tag=door.tag,
    )


def written(door: Door, body: bytes, headers: dict[str, str]) -> bytes:
    """A whole request as it goes over the wire."""
    lines = [
        f"POST {door.path} HTTP/1.1",
        f"host: {urlsplit(door.url).netloc}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
