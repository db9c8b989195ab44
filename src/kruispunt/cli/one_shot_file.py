"""What the commands of the one-time file share: the file, its clause, the mailbox of who sends."""

import sys
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from kruispunt.circuits import one_shot
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House
from kruispunt.client import Mailbox
from kruispunt.law import Clause, Flow, Lawbook, Supply
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Http, KeyRingFile, SigningKeyFile

AWAY: Final = 1
WRONG: Final = 2

At = Annotated[str, Parameter(help="Whose keys, mailbox or seat.")]
State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]
Json = Annotated[bool, Parameter(negative="", help="One JSON object.")]


class CannotSend(ValueError):
    """This institution sends or takes no such file here."""


def say(why: str, code: int) -> int:
    print(why, file=sys.stderr)
    return code


def read_file(path: Path) -> list[one_shot.OneShotRecord]:
    """Every person of a file whose every line keeps the rules.

    Raises:
        one_shot.WrongFile: the first line that does not.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            records = list(one_shot.read_records(lines))
    except UnicodeDecodeError:
        raise one_shot.WrongFile(1, "expected text in UTF-8") from None
    if not records:
        raise one_shot.WrongFile(2, "expected at least one person")
    return records


def find_clause(lawbook: Lawbook) -> tuple[Flow, Clause]:
    """The one leave to send a file, and its flow.

    Raises:
        CannotSend: the law gives none, or more than one.
    """
    found = [
        (flow, clause)
        for clause in lawbook.clauses
        if (flow := lawbook.flows[clause.flow]).supply is Supply.FILE
    ]
    if len(found) != 1:
        raise CannotSend(f"expected one clause for a one-time file, found {len(found)}")
    return found[0]


def mailbox_of(house: House, code: InstitutionCode, http: Http) -> Mailbox:
    """The mailbox of an institution at its node.

    Raises:
        CannotSend: it stands behind no node of this network, or has no key here.
    """
    node, home = house.network.node_of(code), house.place.home(code)
    if node is None or not home.key.exists():
        raise CannotSend(f"expected an institution behind a node of this network, found {code}")
    return Mailbox(
        url=house.place.addresses()[node.institution],
        seat=node.institution,
        http=http,
        key=SigningKeyFile.open(home.key, now=now),
        ring=KeyRingFile.open(home.ring),
        now=now,
        random_bytes=random_bytes,
    )
