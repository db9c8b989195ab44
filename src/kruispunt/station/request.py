"""A request that came by mail, read: whom it is about, what is granted, or why it is none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Protocol
from uuid import UUID

from kruispunt.client import Reader, RequestContent, read_period, read_ssin
from kruispunt.station.source import Key, Source
from kruispunt.vocabulary import ClauseId, FlowId, Mail, MailKind, Malformed, Ssin

_reader: Final = Reader(RequestContent)


class Unanswerable(Exception):
    """A request that this station can never answer; the reason names nobody."""


class Letter(Protocol):
    """A mail with its content; None: it can't be opened."""

    @property
    def mail(self) -> Mail: ...

    @property
    def content(self) -> bytes | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailedRequest:
    """What one mail asks. `entry` is that of the node, under which the look is made."""

    mail: Mail
    entry: UUID
    clause: ClauseId
    part: int
    """Which of the answers to one request of the node this will be, from 1."""

    ssin: Ssin | None
    key: Key
    fields: tuple[str, ...]


def read_request(letter: Letter, sources: Mapping[FlowId, Source]) -> MailedRequest:
    """The request of a mail.

    Raises:
        Unanswerable: it is none, can't be read, or asks what no select here gives.
    """
    mail = letter.mail
    if letter.content is None:
        raise Unanswerable("the content can't be opened")
    source = sources.get(mail.flow)
    if mail.kind is not MailKind.REQUEST or source is None:
        raise Unanswerable("this station answers no such mail")
    try:
        asked = _reader.read(letter.content)
        ssin = None if asked.ssin is None else read_ssin(asked.ssin)
        key = _key(asked, ssin, source)
        entry = UUID(mail.ticket)
    except (Malformed, ValueError):
        raise Unanswerable("the request can't be read") from None
    if source.offer.missing(asked.fields):
        raise Unanswerable("the select does not give a field that was asked for")
    return MailedRequest(
        mail=mail,
        entry=entry,
        clause=ClauseId(asked.ground.clause),
        part=asked.number,
        ssin=ssin,
        key=key,
        fields=asked.fields,
    )


def _key(asked: RequestContent, ssin: Ssin | None, source: Source) -> Key:
    """05/022 §37-38: what is told depends on the day of the risk, not on the days granted."""
    key = Key.of(ssin, read_period(asked.period))
    begin = asked.details.get(source.asked.begin_detail)
    return key if begin is None else replace(key, begin=date.fromisoformat(begin))
