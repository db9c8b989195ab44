"""Letters on paper: to the address that the insurer has of its member, or to nobody."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.unit.circuits.benefits.played import (
    DECLARED_AT,
    PERSON,
    SUCCESSOR,
    Played,
    choice,
    consulted,
    declared,
    owner,
)
from tests.unit.circuits.letters.printed import text_of

from kruispunt.circuits import Member, OnPaper, Sent, Task, Wanted
from kruispunt.circuits import benefits as b
from kruispunt.circuits.letters import Letters, read_wordings
from kruispunt.circuits.sending import Addressee, keep_letter
from kruispunt.vocabulary import Ssin

HOME = Addressee(name="Jeanne Janssens", lines=("Rue Haute 7", "4700 Eupen"))


@dataclass
class Known:
    """A register with at most one member."""

    member: Member | None
    number: Ssin

    async def find(self, person: Ssin) -> Member | None:
        return self.member if person == self.number else None


async def sent(
    played: Played, task: Task, folder: Path, member: Member | None, *, number: Ssin = PERSON
) -> Sent:
    printer = OnPaper(
        folder=folder,
        printer=Letters(wordings=read_wordings()),
        members=Known(member, number),
        now=lambda: DECLARED_AT,
    )
    return await printer.send(Wanted(case=played.case.id, task=task), played.case)


def window(folder: Path, task: Task) -> list[str]:
    """The lines from the addressee's name on."""
    lines = text_of((folder / f"{task.id}.pdf").read_bytes()).splitlines()
    return lines[lines.index(HOME.name) :][:3]


def printed(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def fallen_back(**changes: Any) -> Played:
    """Nobody knows the employer's address: the request goes through the insured person."""
    sources = {
        b.Role.ROUTING: (choice(channel="PAPER"),),
        b.Role.EMPLOYER: (owner(address=None),),
    }
    return consulted(sources, **changes)


async def test_r_holder_sheet_bears_name_and_address_of_the_member_in_its_language(
    tmp_path: Path,
) -> None:
    """R-HOLDER-SHEET, 05/022 §5(2)."""
    played = declared()
    task = played.one(b.SendHolderSheet)

    done = await sent(played, task, tmp_path, Member(to=HOME, language="fr"))

    assert isinstance(done.event, b.HolderSheetSent)
    assert window(tmp_path, task) == [HOME.name, *HOME.lines]
    assert "Feuille de renseignements" in text_of((tmp_path / f"{task.id}.pdf").read_bytes())


async def test_r_paper_fallback_bears_name_and_address_of_the_member(tmp_path: Path) -> None:
    """R-PAPER-FALLBACK, 05/022 §5(4)."""
    played = fallen_back()
    task = played.one(b.SendRequest)
    assert task.medium is b.Medium.PAPER_INSURED

    done = await sent(played, task, tmp_path, Member(to=HOME))

    assert isinstance(done.event, b.LetterSent)
    assert window(tmp_path, task) == [HOME.name, *HOME.lines]


async def test_a_sheet_that_can_reach_nobody_is_not_printed_and_a_clerk_is_asked(
    tmp_path: Path,
) -> None:
    played = declared()

    done = await sent(played, played.one(b.SendHolderSheet), tmp_path, None)
    assert isinstance(done.event, b.Event)
    played.hear(done.event)

    assert printed(tmp_path) == []
    assert not played.case.holder.posted
    assert played.last(b.TellClerk).matter is b.Matter.HOLDER_SHEET_UNDELIVERABLE


async def test_a_request_that_can_reach_nobody_is_not_printed_and_a_clerk_is_asked(
    tmp_path: Path,
) -> None:
    played = fallen_back()

    done = await sent(played, played.one(b.SendRequest), tmp_path, None)
    assert isinstance(done.event, b.Event)
    played.hear(done.event)

    assert printed(tmp_path) == []
    assert played.last(b.TellClerk).matter is b.Matter.LETTER_UNDELIVERABLE
    assert b.Party.CLERK in played.parties()


async def test_a_letter_goes_to_the_number_that_the_person_has_now(tmp_path: Path) -> None:
    played = declared()
    task = played.one(b.SendHolderSheet)
    played.take(b.NumberReplaced, successor=SUCCESSOR)

    done = await sent(played, task, tmp_path, Member(to=HOME), number=SUCCESSOR)

    assert isinstance(done.event, b.HolderSheetSent)


async def test_two_printers_of_one_letter_leave_each_other_s_draft_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one prints the same letter whole while this one is in the middle of it."""
    played = declared()
    task, member = played.one(b.SendHolderSheet), Member(to=HOME)
    await sent(played, task, tmp_path, member)
    (letter,) = printed(tmp_path)
    whole = letter.read_bytes()
    letter.unlink()
    sync, depth = os.fsync, [0]

    def in_the_middle(descriptor: int) -> None:
        depth[0] += 1
        if depth[0] == 1:
            keep_letter(letter, whole)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", in_the_middle)
    keep_letter(letter, whole)

    assert printed(tmp_path) == [letter]
    assert letter.read_bytes() == whole
    assert letter.stat().st_mode & 0o077 == 0
