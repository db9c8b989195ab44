"""`kruispunt wire check`: a smoke test of a SOAP door, for whoever is about to use it."""

import asyncio
import ssl
import sys
from collections.abc import Sequence
from dataclasses import replace
from getpass import getpass
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import msgspec
from cyclopts import App, Parameter

from kruispunt.cli.soap import is_loopback
from kruispunt.cli.wire_checks import ALWAYS, Check, Credentials, Result, WireDoor
from kruispunt.gateway import wsdl_files
from kruispunt.law import read_lawbook
from kruispunt.web import Http, HttpSilent

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2
FAULTY: Final = 3

wire_app: Final = App(name="wire", help="The SOAP door of a hub or node, seen from outside.")


Services = Annotated[
    Sequence[str],
    Parameter(
        negative="", help="A service that has to be there; else all that the law knows are tried."
    ),
]


class WrongInput(Exception):
    """What was given does not fit together, or can't be read; the message says what."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen at an address."""

    url: str
    right: bool
    checks: list[Check]


@wire_app.command
def check(
    url: Annotated[str, Parameter(help="Address of the seat, without `/soap/`.")],
    *,
    user: Annotated[
        str | None, Parameter(help="Come with a password, as `E` and an enterprise number.")
    ] = None,
    password_file: Annotated[
        Path | None,
        Parameter(help="Where its password stands; else it is read from standard input."),
    ] = None,
    cert: Annotated[Path | None, Parameter(help="Client certificate (PEM), with `--key`.")] = None,
    key: Annotated[Path | None, Parameter(help="Its private key (PEM).")] = None,
    authority: Annotated[
        Path | None, Parameter(help="Whom to trust over https (PEM); else as the system says.")
    ] = None,
    sector: Annotated[int | None, Parameter(help="Your sector: MatrixID of classic XML.")] = None,
    institution_type: Annotated[
        int | None, Parameter(help="Your type inside the sector: MatrixSubID.")
    ] = None,
    service: Services = (),
    json: Annotated[bool, Parameter(negative="", help="JSON instead of a table.")] = False,
) -> int:
    """Look at the SOAP door of a seat as a client would. No person is asked about.

    Looked at are the WSDL of each service: whether it parses and names this address; a test
    message: whether it comes back and as whom you were proven; and an envelope of classic XML for
    a version that no service has: whether it is told the documented code. Without a proof, or
    without your sector, the checks that need them are skipped.

    Exit codes: 0 all is as it should be; 1 nobody answers at the address; 2 wrong input; 3 the
    door answers, and something is not as it should be.
    """
    try:
        address = _address(url, with_password=user is not None)
        tls = _tls(cert, key, authority)
        password = _password(password_file) if user else ""
        known = _known_by(user or "", password, certificate=cert is not None)
        credentials = replace(known, sector=sector, institution_type=institution_type)
    except (OSError, WrongInput) as wrong:
        return _say(str(wrong), WRONG)
    try:
        checks = asyncio.run(_looked(address, credentials, tls, service))
    except HttpSilent as away:
        return _say(f"{address}: {away}", AWAY)
    right = all(one.result is not Result.WRONG for one in checks)
    _tell(Told(url=address, right=right, checks=checks), json=json)
    return DONE if right else FAULTY


async def _looked(
    url: str, credentials: Credentials, tls: ssl.SSLContext | None, named: Sequence[str]
) -> list[Check]:
    services = tuple(dict.fromkeys((*ALWAYS, *(named or _known()))))
    async with await Http.open(tls=tls) as http:
        door = WireDoor(http=http, url=url, credentials=credentials)
        return await door.checks(services, named=bool(named))


def _known_by(user: str, password: str, *, certificate: bool) -> Credentials:
    enterprise = user.removeprefix("E")
    return Credentials(
        user=user, password=password, certificate=certificate, enterprise=enterprise
    )


def _known() -> list[str]:
    """The services that the law lets a door offer."""
    files = wsdl_files(read_lawbook(), base_url="")
    return [name.removesuffix(".wsdl") for name, _ in files]


def _address(url: str, *, with_password: bool) -> str:
    found = urlsplit(url)
    if found.scheme not in ("http", "https") or not found.hostname or found.query:
        raise WrongInput("expected an address of http or https")
    if with_password and found.scheme == "http" and not is_loopback(url):
        raise WrongInput("expected https: a password goes in the clear on this machine alone")
    return url.rstrip("/").removesuffix("/soap")


def _tls(cert: Path | None, key: Path | None, authority: Path | None) -> ssl.SSLContext | None:
    """Whom to trust, and our certificate; None: as the system says, and none."""
    if (cert is None) != (key is None):
        raise WrongInput("expected --cert and --key together")
    if cert is None and authority is None:
        return None
    try:
        tls = ssl.create_default_context(cafile=authority)
        if cert is not None:
            tls.load_cert_chain(cert, key)
    except ssl.SSLError:
        raise WrongInput("expected certificates and a key that belong together, as PEM") from None
    return tls


def _password(file: Path | None) -> str:
    """The password, from a file or standard input: never from the command line."""
    if file is not None:
        return file.read_text("utf-8").strip()
    return (getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()


def _tell(told: Told, *, json: bool) -> None:
    if json:
        print(msgspec.json.encode(told).decode())
        return
    width = max(len(one.name) for one in told.checks)
    for one in told.checks:
        print(f"{one.result:<8} {one.name:<{width}}  {one.told}")


def _say(words: str, code: int) -> int:
    print(words, file=sys.stderr)
    return code
