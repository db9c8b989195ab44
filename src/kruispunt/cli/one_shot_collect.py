"""`kruispunt one-shot collect`: what came of the file, out of the mailbox of an insurer."""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from kruispunt.cli.compose import House, open_house
from kruispunt.cli.one_shot_file import AWAY, WRONG, At, Json, State, say
from kruispunt.cli.one_shot_seat import CannotSend, collect_into, mailbox_of
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import AskFailed
from kruispunt.vocabulary import InstitutionCode, Problem
from kruispunt.web import Http, KeyWrong


def collect(
    *,
    at: At,
    into: Annotated[Path | None, Parameter(help="Folder; else that of the institution.")] = None,
    wait: Annotated[
        int, Parameter(help="End when nothing came for so many seconds, at most 20.")
    ] = 20,
    json: Json = False,
    state: State = None,
) -> int:
    """Take what came of the file out of an institution's mailbox, a CSV file for each batch.

    For an insurer without a circuit: where one runs, it does the same by itself. Mail of another
    kind is left alone, and what is no batch becomes a dead letter.

    Exit codes: 0 taken, also when there was nothing; 1 the node is away; 2 no such institution.
    """
    try:
        persons = asyncio.run(_collect(open_house(state), InstitutionCode(at), into, wait))
    except (CannotSend, OSError, KeyWrong) as wrong:
        return say(wrong, WRONG)
    except (AskFailed, StartFailed, Problem) as away:
        return say(str(away), AWAY)
    print(msgspec.json.encode({"persons": persons}).decode() if json else f"{persons} persons")
    return 0


async def _collect(house: House, code: InstitutionCode, into: Path | None, wait_s: int) -> int:
    folder = into or house.place.home(code).one_shot
    async with attach_or_start(house.place.state), await Http.open() as http:
        return await collect_into(mailbox_of(house, code, http), folder, wait_s=min(wait_s, 20))
