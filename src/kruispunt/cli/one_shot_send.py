"""`kruispunt one-shot send`: a part of the file, from a file on disk to the seat it goes to."""

import asyncio
import sys
from pathlib import Path
from time import monotonic
from typing import Annotated, Final
from uuid import UUID

import msgspec
from cyclopts import Parameter
from cyclopts.validators import Number

from kruispunt.circuits import one_shot
from kruispunt.cli.clock import now
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.one_shot_file import AWAY, WRONG, At, Json, State, read_file, say
from kruispunt.cli.one_shot_part import Away, Refused, Sending
from kruispunt.cli.one_shot_seat import CannotSend, mailbox_of, part_of
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import MOST_PERSONS
from kruispunt.vocabulary import InstitutionCode, Problem
from kruispunt.web import Http, KeyRingFile, KeyWrong

REFUSED: Final = 3
SENT_BEFORE: Final = 4
QUIET_S: Final = 2.0


class SentRow(msgspec.Struct, frozen=True, rename="camel"):
    """What was sent, as `one-shot send --json` tells it."""

    file: UUID
    part: UUID
    persons: int
    batches: int
    sent: int
    seconds: float


def send(
    file: Annotated[Path, Parameter(help="CSV: ssin, transition_date, daily_amount; then `end`.")],
    /,
    *,
    at: At,
    as_file: Annotated[UUID | None, Parameter(name="--file", help="Id of the whole file.")] = None,
    batch: Annotated[
        int, Parameter(help="Persons in one mail.", validator=Number(gte=1, lte=MOST_PERSONS))
    ] = MOST_PERSONS,
    patience: Annotated[float, Parameter(help="Seconds to try while the seat is away.")] = 60.0,
    json: Json = False,
    state: State = None,
) -> int:
    """Send an institution's part of the one-time file to the seat that it stands behind.

    The file is read whole first: where a line breaks a rule, nothing is sent. Sending the same
    file again, in mails as large, goes on where it was cut off and sends nobody twice; another one
    is refused.

    Exit codes: 0 all is at the seat, durably; 1 the seat is away: send again; 2 the file or the
    institution is wrong, nothing was sent; 3 the seat refused a batch; 4 another file was sent.
    """
    began = monotonic()
    try:
        records = read_file(file)
        house = open_house(state)
        part = part_of(house, records, file=as_file, most=batch)
        sent = asyncio.run(_send(house, InstitutionCode(at), part, patience, quiet=json))
    except (one_shot.WrongFile, CannotSend, OSError, KeyWrong) as wrong:
        return say(wrong, WRONG)
    except Refused as refused:
        return say(str(refused), SENT_BEFORE if refused.was_sent else REFUSED)
    except (Away, StartFailed, Problem) as away:
        return say(f"{away}; send it again to go on", AWAY)
    row = SentRow(
        part.file, part.id, len(records), len(part.batches), sent, round(monotonic() - began, 2)
    )
    if json:
        print(msgspec.json.encode(row).decode())
    else:
        print(f"{row.persons} persons in {row.batches} batches are sent, file {row.file}")
    return 0


async def _send(
    house: House, code: InstitutionCode, part: one_shot.Part, patience_s: float, *, quiet: bool
) -> int:
    last = monotonic()

    def tell(done: int) -> None:
        nonlocal last
        if not quiet and monotonic() - last > QUIET_S:
            last = monotonic()
            print(f"{done} of {len(part.batches)} batches", file=sys.stderr)

    async with attach_or_start(house.place.state), await Http.open() as http:
        sending = Sending(
            mailbox=mailbox_of(house, code, http),
            part=part,
            ring=KeyRingFile.open(house.place.home(code).ring),
            now=now,
            patience_s=patience_s,
            tell=tell,
        )
        await sending.run()
    return sending.done
