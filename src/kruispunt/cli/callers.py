"""`kruispunt key caller`: who may come over SOAP with a password, and by which numbers."""

import os
import sys
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.place import Place
from kruispunt.cli.settings import state_folder
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import (
    Caller,
    KeyWrong,
    add_caller,
    hash_password,
    new_password,
    read_callers,
    revoke_caller,
)

WRONG: Final = 2

caller_app: Final = App(
    name="caller", help="Callers over SOAP: enterprise numbers, sectors, passwords."
)

State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]
Seat = Annotated[str, Parameter(help="The hub or node at which it comes.")]


@caller_app.command
def add(
    *,
    at: Seat,
    institution: Annotated[str, Parameter(help="Whose number it is.")],
    enterprise: Annotated[str, Parameter(help="Its enterprise number, 10 digits.")],
    sector: Annotated[
        int | None, Parameter(help="Its sector, where the law says several.")
    ] = None,
    institution_type: Annotated[int | None, Parameter(help="Its type inside the sector.")] = None,
    password: Annotated[
        bool, Parameter(help="Make a password, printed once; without, it comes by certificate.")
    ] = True,
    state: State = None,
) -> int:
    """Let an institution come over SOAP as this enterprise; said again, it gets a new password.

    What is kept of the password is its scrypt, in a file that only its owner may read.

    Exit code: 2, a number is wrong or another institution's, or there is no such seat here.
    """
    home = Place(state=state_folder(os.environ, state)).home(InstitutionCode(at))
    made = new_password(random_bytes) if password else ""
    try:
        kept = hash_password(made, salt=random_bytes(16)) if made else ""
        one = Caller(
            enterprise=enterprise,
            institution=InstitutionCode(institution),
            sector=sector,
            institution_type=institution_type,
            password=kept,
        )
        add_caller(one, home.callers)
    except (OSError, KeyWrong, ValueError) as wrong:
        return _wrong(wrong)
    print(f"{one.user} {made}" if made else one.user)
    return 0


@caller_app.command(name="list")
def list_(*, at: Seat, state: State = None) -> int:
    """List the callers of a seat: user, institution, sector, type, and how they come.

    Exit code: 2, the file can't be read.
    """
    home = Place(state=state_folder(os.environ, state)).home(InstitutionCode(at))
    try:
        callers = read_callers(home.callers)
    except (OSError, KeyWrong) as wrong:
        return _wrong(wrong)
    for one in callers.values():
        how = "password" if one.password else "certificate"
        how = how if one.counts(now()) else "revoked"
        print(one.user, one.institution, one.sector or "-", one.institution_type or "-", how)
    return 0


@caller_app.command
def revoke(
    enterprise: Annotated[str, Parameter(help="Its enterprise number.")], *, state: State = None
) -> int:
    """Stop believing a caller and forget its password, at every seat here.

    Exit code: 2, no seat here knows it.
    """
    place, moment = Place(state=state_folder(os.environ, state)), now()
    try:
        files = [home.callers for home in place.homes()]
        knowing = [one for one in files if revoke_caller(enterprise, one, at=moment)]
    except (OSError, KeyWrong) as wrong:
        return _wrong(wrong)
    if not knowing:
        return _wrong(KeyWrong("no seat here knows this caller"))
    print(f"{enterprise} is revoked at {len(knowing)} seats")
    return 0


def _wrong(wrong: Exception) -> int:
    print(wrong, file=sys.stderr)
    return WRONG
