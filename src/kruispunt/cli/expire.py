"""`kruispunt audit expire`: end the months that need be kept no longer, for ever."""

import asyncio
import os
import pwd
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from kruispunt.audit import (
    HistoryChanged,
    MasterKeyWrong,
    NotExpired,
    Plan,
    Reader,
    Retention,
    Tampered,
    Verification,
    read_master_key,
)
from kruispunt.cli.clock import now
from kruispunt.cli.compose import open_house, open_institution
from kruispunt.cli.supervisor import StartFailed
from kruispunt.client import ProofWrong, origin_of, proven, proven_expired, read_public
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import InstitutionCode, Problem
from kruispunt.web import KeyWrong, SigningKeyFile, WrongNote

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2
NOT_DONE: Final = 3

MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class ShownPlan(msgspec.Struct, frozen=True, rename="camel"):
    """What is gone, or would be, as it is printed for machines."""

    before: str
    months: tuple[str, ...]
    decisions: int
    outcomes: int
    readings: int
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    code: InstitutionCode
    before: date | None
    state: Path | None
    dry_run: bool
    yes: bool


def expire(
    *,
    before: Annotated[
        str | None, Parameter(help="The first month to keep, as 2031-06; else by the settings.")
    ] = None,
    dry_run: Annotated[bool, Parameter(negative="", help="Say what would be gone.")] = False,
    yes: Annotated[bool, Parameter(negative="", help="Do not ask.")] = False,
    at: Annotated[str | None, Parameter(help="Whose trail: the hub (default) or a node.")] = None,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """End months whose time is over: rows dropped, keys shredded, a signed note published.

    It can't be undone. The trail is verified first, and nothing is done where it has faults.
    Leaves and their places stay, so what was proven stays proven. Processes that read such months
    before should be started again: they may still remember a key. What was cut off half-way, the
    same command ends.

    Exit codes: 0 done, or nothing was due; 1 the database is not there or in use; 2 wrong input;
    3 not done: such months are to be kept, the trail has faults, or nobody said yes.
    """
    try:
        code = InstitutionCode(at) if at is not None else read_lawbook().hub
        asked = _Asked(code=code, before=_month(before), state=state, dry_run=dry_run, yes=yes)
        plan, done = asyncio.run(_expire(asked))
    except FileNotFoundError as wrong:
        return _say(f"not found: {wrong}", code=WRONG)
    except (ValueError, KeyWrong, MasterKeyWrong) as wrong:
        return _say(wrong, code=WRONG)
    except (NotExpired, ProofWrong, HistoryChanged, WrongNote, Tampered) as wrong:
        return _say(wrong, code=NOT_DONE)
    except (Problem, StartFailed) as away:
        return _say(str(away) or "the database is not there, or in use", code=AWAY)
    if json:
        print(msgspec.json.encode(_shown(plan, done=done)).decode())
    else:
        print(f"{'gone' if done else 'would be gone'}: {_words(plan)}")
    return DONE if done or dry_run or not plan.months else NOT_DONE


async def _expire(asked: _Asked) -> tuple[Plan, bool]:
    house = open_house(asked.state)
    home, published = house.place.home(asked.code), house.place.published(asked.code)
    async with open_institution(asked.state, asked.code) as database:
        retention = Retention(
            database=database,
            published=published,
            signer=SigningKeyFile.open(home.key, now=now),
            origin=origin_of(asked.code),
            now=now,
            keep_years=house.settings.trail.keep_years,
        )
        plan = await retention.plan(asked.before)
        if asked.dry_run:
            return plan, False
        if not plan.months:
            await retention.finish()
            return plan, False
        note, gone, keys = published.note(), published.expired(), read_public(home.public)
        if note is None:
            raise HistoryChanged("no checkpoint is published here")
        found = await Verification(
            reader=Reader.over(database, master=read_master_key(home.master)),
            published=published,
            checkpoint=proven(note, keys).checkpoint,
            expired=None if gone is None else proven_expired(gone, keys),
            ending=plan.before,
        ).run()
        if found.faulty:
            raise NotExpired(f"the trail has {found.faulty} faults: see `audit verify`")
        if not asked.yes and not await asyncio.to_thread(_agreed, plan):
            raise NotExpired("nothing was done")
        await retention.expire(plan, found, asked_by=_who())
        return plan, True


def _agreed(plan: Plan) -> bool:
    """True where a person at a terminal writes the month; without a terminal nobody agrees."""
    if not sys.stdin.isatty():
        print("say --yes where nobody can be asked", file=sys.stderr)
        return False
    before = f"{plan.before:%Y-%m}"
    print(f"gone for ever: {_words(plan)}", file=sys.stderr)
    print(f"write {before} to go on: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == before


def _who() -> str:
    """Under which account of the machine it was done."""
    with suppress(KeyError):
        return pwd.getpwuid(os.getuid()).pw_name
    return str(os.getuid())


def _month(text: str | None) -> date | None:
    if text is None:
        return None
    if MONTH.fullmatch(text) is None:
        raise ValueError(f"expected a month as 2031-06, found {text}")
    return date.fromisoformat(f"{text}-01")


def _words(plan: Plan) -> str:
    counted = f"{plan.decisions} decisions, {plan.outcomes} outcomes"
    counted += f", {plan.readings} readings" if plan.readings else ""
    return f"{len(plan.months)} months before {plan.before:%Y-%m}, {counted}"


def _shown(plan: Plan, *, done: bool) -> ShownPlan:
    return ShownPlan(
        before=f"{plan.before:%Y-%m}",
        months=tuple(f"{month:%Y-%m}" for month in plan.months),
        decisions=plan.decisions,
        outcomes=plan.outcomes,
        readings=plan.readings,
        done=done,
    )


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr)
    return code
