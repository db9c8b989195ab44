"""`kruispunt audit`: read the trail as an auditor does, with the exact reason of each decision."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

import msgspec
from cyclopts import App, Parameter, validators
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kruispunt.audit import (
    AtMachine,
    MasterKeyWrong,
    Seen,
    Shredded,
    Tampered,
    seen_by_auditor,
)
from kruispunt.cli.operator import NO_REASON, Why, open_desk
from kruispunt.cli.reading import NoSsin, Person, read_ssin_argument
from kruispunt.cli.supervisor import StartFailed
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import Ending, InstitutionCode, Problem, ProofKind, Ssin

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2
UNREADABLE: Final = 3

audit_app: Final = App(name="audit", help="The trail: who looked at whom, when and why.")


for command in ("prove", "check"):
    audit_app.command(f"kruispunt.cli.prove:{command}", name=command)
for command in ("verify", "replay", "person", "witness", "seal", "expire"):
    audit_app.command(f"kruispunt.cli.{command}:{command}", name=command)


class Shown(msgspec.Struct, frozen=True, rename="camel"):
    """A look as it is printed for machines. `end` is the last day asked about, null: open."""

    ticket: UUID
    their_ticket: str
    consumer: str
    user: str
    role: str
    flow: str
    ssin: str
    begin: date
    end: date | None
    asked_on: date
    sent_at: datetime | None
    received_at: datetime
    recorded_at: datetime
    purpose: str
    file_reference: str
    clause: str
    deliberation: str
    paragraph: str
    decision: str
    reason: str | None
    fields: tuple[str, ...]
    withheld: tuple[str, ...]
    outcome: str | None
    rows: int | None
    cause: str
    repeats: UUID | None
    lawbook: str
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    ssin: Ssin
    at: InstitutionCode
    limit: int
    state: Path | None
    why: str


@audit_app.command(name="list")
def list_(
    *,
    ssin: Person,
    at: Annotated[str | None, Parameter(help="Whose trail: the hub (default) or a node.")] = None,
    limit: Annotated[
        int,
        Parameter(
            help="At most so many looks, the latest.",
            validator=validators.Number(gte=1, lte=10_000),
        ),
    ] = 100,
    why: Why = NO_REASON,
    json: Annotated[bool, Parameter(negative="", help="One JSON array.")] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """List the looks at a person, latest first: who, what, when, why, and what came of it.

    Your look is an entry itself, by the name of your account; if that can't be written, nothing
    is shown.

    Exit codes: 0 listed, also when there are none; 1 the database is not there; 2 wrong input;
    3 the trail stands there and can't be read: a key is gone or other, or a row was changed.
    """
    try:
        hub = InstitutionCode(at) if at is not None else read_lawbook().hub
        asked = _Asked(ssin=read_ssin_argument(ssin), at=hub, limit=limit, state=state, why=why)
        looks = asyncio.run(_looks(asked))
    except NoSsin as wrong:
        return _say(wrong, code=WRONG)
    except FileNotFoundError:
        return _say(f"expected an institution with a trail here, found {at}", code=WRONG)
    except (MasterKeyWrong, Shredded, Tampered) as unreadable:
        return _say(unreadable, code=UNREADABLE)
    except (Problem, StartFailed) as away:
        return _say(str(away) or "the database is not there", code=AWAY)
    if json:
        print(msgspec.json.encode([_shown(look) for look in looks]).decode())
    else:
        _show(looks)
    return DONE


async def _looks(asked: _Asked) -> list[Seen]:
    async with open_desk(asked.state, asked.at, why=asked.why) as desk:
        await desk.operator.look(asked.ssin, AtMachine.LIST, limit=asked.limit)
        looks = await desk.reader.looks(asked.ssin, limit=asked.limit)
    return [seen_by_auditor(look) for look in looks]


def _shown(seen: Seen) -> Shown:
    return Shown(
        ticket=seen.ticket,
        their_ticket=seen.their_ticket,
        consumer=seen.consumer,
        user=seen.user,
        role=seen.role,
        flow=seen.flow,
        ssin=seen.ssin.digits,
        begin=seen.about.begin,
        end=seen.about.last_day,
        asked_on=seen.asked_on,
        sent_at=seen.sent_at,
        received_at=seen.received_at,
        recorded_at=seen.recorded_at,
        purpose=seen.purpose,
        file_reference=seen.file_reference,
        clause=seen.clause,
        deliberation=seen.deliberation,
        paragraph=seen.paragraph,
        decision="granted" if seen.granted else "refused",
        reason=None if seen.reason is None else seen.reason.value,
        fields=seen.fields,
        withheld=tuple(withheld.field for withheld in seen.withheld),
        outcome=None if seen.ending is None else seen.ending.value,
        rows=seen.shown,
        cause=seen.cause,
        repeats=seen.repeats,
        lawbook=seen.lawbook,
        proof=seen.proof.value,
    )


def _show(looks: Sequence[Seen]) -> None:
    console = Console(highlight=False)
    if not looks:
        console.print("nobody looked")
        return
    table = Table(header_style="bold")
    for name in ("when", "who", "what", "why", "decision", "outcome"):
        table.add_column(name, overflow="fold")
    for seen in looks:
        cells = (_when(seen), _who(seen), _what(seen), _why(seen))
        table.add_row(*cells, _decision(seen), _outcome(seen), end_section=True)
    console.print(table)


def _when(seen: Seen) -> str:
    return f"{seen.recorded_at:%Y-%m-%d}\n{seen.recorded_at:%H:%M:%S}Z"


def _who(seen: Seen) -> str:
    signed = seen.proof is ProofKind.HTTP_SIGNATURE
    words = (seen.consumer, seen.user, seen.role, "" if signed else f"by {seen.proof.value}")
    return "\n".join(escape(word) for word in words if word)


def _what(seen: Seen) -> str:
    last = "…" if seen.about.last_day is None else seen.about.last_day
    again = "\nthe same message again" if seen.repeats is not None else ""
    return f"{escape(seen.flow)}\n[dim]{seen.about.begin} – {last}[/dim]{again}"


def _why(seen: Seen) -> str:
    ground = f"{seen.deliberation} {seen.paragraph}" if seen.clause else "no clause"
    file = f"\n[dim]{escape(seen.file_reference)}[/dim]" if seen.file_reference else ""
    return f"{escape(seen.purpose)}\n{escape(ground)}{file}"


def _decision(seen: Seen) -> str:
    if seen.reason is not None:
        return f"[red]refused[/red]\n{seen.reason.value}"
    withheld = f"\n[dim]{len(seen.withheld)} withheld[/dim]" if seen.withheld else ""
    return f"[green]granted[/green]\n{len(seen.fields)} fields{withheld}"


def _outcome(seen: Seen) -> str:
    if seen.ending is None:
        return "[yellow]may have been given[/yellow]" if seen.granted else "–"
    if seen.ending is Ending.GIVEN:
        return f"given\n{seen.shown} row{'' if seen.shown == 1 else 's'}"
    return f"{seen.ending.value}\n[dim]{escape(seen.cause)}[/dim]".rstrip()


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr)
    return code
