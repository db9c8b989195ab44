"""What a case sends: requests into the mailbox of an employer or mandatary, letters on paper.

R-ELEC (05/022 §5(5)): electronic where the destination chose so. R-PAPER (§5(4)): else by post.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kruispunt.circuits.asking import event_id
from kruispunt.circuits.benefits import (
    Case,
    Contact,
    Content,
    Event,
    HolderSheetSent,
    HolderSheetUndeliverable,
    LetterSent,
    LetterUndeliverable,
    Medium,
    Prefilled,
    RequestDead,
    SendHolderSheet,
    SendRequest,
    tag_of,
)
from kruispunt.circuits.executor import Sent
from kruispunt.circuits.filed import Task, Wanted
from kruispunt.client import canonical
from kruispunt.vocabulary import FlowId, InstitutionCode, Mail, MailKind, Ssin, person_hash
from kruispunt.web import KeyWrong, Ring, seal_for, sealing_key


class Requested(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What an employer or mandatary is asked (§5(5)), with what is known filled in (§26, §30)."""

    request: UUID
    """The reference that the declaration quotes."""

    content: Content
    prefilled: Prefilled | None = None
    reminder: bool = False
    language: str | None = None
    paragraph: str = ""
    sensitivity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Electronic:
    """Puts requests in mailboxes of this institution, which their recipients empty.

    `secret` keys the hash that keeps mail about one person in order, and says nothing.
    """

    ring: Ring
    secret: bytes
    now: Callable[[], datetime]

    async def send(self, wanted: Wanted, case: Case) -> Sent:
        """The mail to put; where nobody could open it, the request is dead."""
        task = wanted.task
        assert isinstance(task, SendRequest), "only requests are electronic"
        now, to = self.now(), task.to.mailbox or ""
        try:
            key = sealing_key(self.ring, InstitutionCode(to), now=int(now.timestamp()))
            sealed = seal_for(key, _content(task))
        except KeyWrong:
            return Sent(event=_dead(task, now))
        assert case.person, "an open case is about somebody"
        mail = Mail(
            id=task.id,
            recipient=to,
            kind=MailKind.REQUEST,
            flow=FlowId(tag_of(task)),  # no flow of the network: it goes there directly (§5(5))
            ticket=str(task.request),
            person=person_hash(case.person, secret=self.secret),
            sealed=sealed,
            sealed_for=key.key_id,
            sent_at=now,
        )
        return Sent(mail=(mail,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom a letter is posted to: a name, and the lines of an address."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Where letters reach a member, and in which language."""

    to: Addressee
    language: str | None = None


class Members(Protocol):
    """What an institution knows of its own members, and nobody else does."""

    async def find(self, person: Ssin, /) -> Member | None:
        """None: no letter can reach this person.

        Raises:
            Unavailable: the register is away now.
        """
        ...


class Printer(Protocol):
    """Makes a letter of a task, as PDF in the task's language, dated `on`."""

    def request(self, task: SendRequest, /, *, to: Addressee | None, on: date) -> bytes:
        """R-PAPER; `to` None: to the enterprise itself, at the address that the task has."""
        ...

    def holder_sheet(
        self, task: SendHolderSheet, /, *, to: Addressee, contact: Contact, on: date
    ) -> bytes:
        """R-HOLDER-SHEET."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPaper:
    """Prints letters into a folder that only its owner may read, for the post to fetch.

    A letter is printed once: the file that stands is the one that is posted.
    """

    folder: Path
    printer: Printer
    members: Members
    now: Callable[[], datetime]

    async def send(self, wanted: Wanted, case: Case) -> Sent:
        """Print what is not printed yet; the file is durable then.

        Where the insured person has no address, nothing is printed: it is as if the post brought
        it back, and a clerk is asked.
        """
        task, now = wanted.task, self.now()
        letter = self.folder / f"{task.id}.pdf"
        if not letter.exists():
            assert case.rules, "an open case has rules"
            content = await self._print(wanted, case, on=case.rules.day(now))
            if content is None:
                return Sent(event=_unreachable(task, now))
            keep_letter(letter, content)
        if isinstance(task, SendHolderSheet):
            posted = event_id(task.id, "posted")
            return Sent(event=HolderSheetSent(id=posted, at=now, action=task.id))
        return Sent(event=LetterSent(id=event_id(task.id, "posted"), at=now, action=task.id))

    async def _print(self, wanted: Wanted, case: Case, *, on: date) -> bytes | None:
        """R-HOLDER-SHEET, R-PAPER, R-PAPER-FALLBACK (§5(2), §5(4)); None: nobody to post it to."""
        task = wanted.task
        if isinstance(task, SendRequest) and task.medium is Medium.PAPER_EMPLOYER:
            return self.printer.request(task, to=None, on=on)
        assert isinstance(task, SendHolderSheet | SendRequest), "questions are not printed"
        assert case.person, "an open case is about somebody"
        member = await self.members.find(case.person)
        if member is None:
            return None
        task = replace(task, language=task.language or member.language)
        if isinstance(task, SendRequest):
            return self.printer.request(task, to=member.to, on=on)
        return self.printer.holder_sheet(task, to=member.to, contact=_contact(case), on=on)


def _content(task: SendRequest) -> bytes:
    return canonical(
        Requested(
            request=task.request,
            content=task.content,
            prefilled=task.prefilled,
            reminder=task.reminder,
            language=task.language,
            paragraph=task.paragraph,
            sensitivity=task.sensitivity,
        )
    )


def _dead(task: SendRequest, now: datetime) -> RequestDead:
    cause = "the destination has no key to seal to"
    return RequestDead(id=event_id(task.id, "dead"), at=now, action=task.id, cause=cause)


def _unreachable(task: Task, now: datetime) -> Event:
    made = HolderSheetUndeliverable if isinstance(task, SendHolderSheet) else LetterUndeliverable
    return made(id=event_id(task.id, "unreachable"), at=now, action=task.id)


def _contact(case: Case) -> Contact:
    assert case.contact, "an open case has a contact"
    return case.contact


def keep_letter(letter: Path, content: bytes) -> None:
    """Write a file that only its owner may read; it stands whole and durable, or not at all."""
    letter.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # INVARIANT: a draft is one printer's own, since another may print the same letter meanwhile.
    descriptor, name = tempfile.mkstemp(prefix=letter.stem, suffix=".draft", dir=letter.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(letter)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(letter.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
