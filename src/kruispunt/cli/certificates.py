"""`kruispunt key certificate`: client certificates, and an authority of our own to try them."""

import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from kruispunt.cli.clock import now
from kruispunt.cli.compose import open_house
from kruispunt.cli.network import Network
from kruispunt.cli.place import Home, Place
from kruispunt.cli.settings import state_folder
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import (
    Certificate,
    KeyWrong,
    add_certificate,
    fingerprint,
    read_ring,
    revoke_certificate,
)

WRONG: Final = 2
DAYS: Final = 90
AUTHORITY_DAYS: Final = 3650

CLIENT: Final = "client"
SERVER: Final = "server"
SIGNER: Final = "soap"
"""What it is called that a seat signs replies with, over SOAP."""

LEAF: Final = """[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = {name}
O = {organisation}
[extensions]
subjectKeyIdentifier = hash
{extensions}
"""
AUTHORITY: Final = "basicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign,cRLSign"
ENDS: Final = "basicConstraints = critical,CA:false\nauthorityKeyIdentifier = keyid\n"
SIGNS: Final = "keyUsage = critical,digitalSignature\n"

certificate_app: Final = App(
    name="certificate", help="Client certificates, for a proxy with TLS in front."
)

State = Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")]


class NoCertificate(Exception):
    """A certificate could not be made or read; the message says why."""


@certificate_app.command
def make(
    *,
    host: Annotated[
        str, Parameter(help="Name or address by which the proxy is called.")
    ] = "localhost",
    days: Annotated[int, Parameter(help="How long the certificates count.")] = DAYS,
    state: State = None,
) -> int:
    """Make an authority, and certificates for every hub, node and institution, to try it out.

    Hubs and nodes get one more, by which they sign replies over SOAP. Each seat learns the client
    certificates of whom it knows. A real network takes its certificates from an authority that it
    trusts, and uses `know`. Needs the command openssl.

    Exit code: 2, openssl is missing or fails, or nothing was ever started in the state folder.
    """
    try:
        house = open_house(state)
        made = list(_make(house.place, house.network, host=host, days=days))
    except (NoCertificate, OSError, ValueError) as wrong:
        return _wrong(wrong)
    for path in made:
        print(path)
    return 0


@certificate_app.command
def know(
    *,
    at: Annotated[str, Parameter(help="The hub or node that is to believe it.")],
    institution: Annotated[str, Parameter(help="Whose certificate it is.")],
    state: State = None,
) -> int:
    """Read a client certificate (PEM) from standard input, and let its owner come with it.

    Exit code: 2, it is no certificate, or it is known as another institution's.
    """
    home = Place(state=state_folder(os.environ, state)).home(InstitutionCode(at))
    try:
        one = _certificate(sys.stdin.read(), InstitutionCode(institution))
        add_certificate(one, home.certificates)
    except (NoCertificate, OSError, KeyWrong) as wrong:
        return _wrong(wrong)
    print(f"{one.fingerprint} of {institution} in {home.certificates}")
    return 0


@certificate_app.command
def revoke(name: Annotated[str, Parameter(help="Its SHA-256.")], *, state: State = None) -> int:
    """Stop believing a client certificate, at every seat here.

    Exit code: 2, no seat here knows it.
    """
    place, moment = Place(state=state_folder(os.environ, state)), now()
    name = name.replace(":", "").lower()
    try:
        files = [home.certificates for home in place.homes()]
        knowing = [one for one in files if revoke_certificate(name, one, at=moment)]
    except (OSError, KeyWrong) as wrong:
        return _wrong(wrong)
    if not knowing:
        return _wrong(NoCertificate("no seat here knows this certificate"))
    print(f"{name} is revoked at {len(knowing)} seats")
    return 0


def _make(place: Place, network: Network, *, host: str, days: int) -> Iterator[Path]:
    folder = place.state / "authority"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = _Authority(folder / "authority", days=days)
    yield authority.establish()
    seats = [place.home(code) for code in (network.hub, *(n.institution for n in network.nodes))]
    for seat in seats:
        if not seat.key.exists():
            raise NoCertificate(f"{place.state}: no keys here; `kruispunt up` makes them")
        yield authority.issue(seat, SERVER, host)
        yield authority.issue(seat, SIGNER, InstitutionCode(seat.folder.name))
    for home in place.homes():
        code = InstitutionCode(home.folder.name)
        path = authority.issue(home, CLIENT, code)
        one = _certificate(path.read_text("ascii"), code)
        for seat in seats:
            if read_ring(seat.ring).of(code):
                add_certificate(one, seat.certificates)
        yield path


@dataclass(frozen=True, slots=True)
class _Authority:
    """Makes certificates with openssl. Its own key and certificate stand beside each other."""

    path: Path
    days: int

    def establish(self) -> Path:
        """Its certificate; made the first time."""
        made = self.path.with_suffix(".pem")
        if not made.exists():
            words = ("-days", str(AUTHORITY_DAYS))
            self._openssl(self.path, "kruispunt trial authority", AUTHORITY, *words)
        return made

    def issue(self, home: Home, kind: str, name: str) -> Path:
        """A new certificate and its key in the folder of an institution."""
        used = "" if kind == SIGNER else f"extendedKeyUsage = {kind}Auth\n"
        if kind == SERVER:
            used += f"subjectAltName = {'IP' if _is_address(name) else 'DNS'}:{name}\n"
        signed = ("-CA", f"{self.path}.pem", "-CAkey", f"{self.path}.key")
        words = (*signed, "-days", str(self.days))
        made = home.folder / kind
        self._openssl(made, name, ENDS + SIGNS + used, *words)
        return made.with_suffix(".pem")

    def _openssl(self, made: Path, name: str, extensions: str, *words: str) -> None:
        """Make `made.key`, for its owner only, and `made.pem`: whole, or not at all."""
        with tempfile.TemporaryDirectory(dir=made.parent) as draft:
            wish, key, pem = (Path(draft) / one for one in ("wish", "key", "pem"))
            text = LEAF.format(name=name, organisation="kruispunt", extensions=extensions)
            wish.write_text(text, "utf-8")
            files = ["-config", str(wish), "-keyout", str(key), "-out", str(pem)]
            kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
            _run("req", "-x509", *kind, *files, *words)
            key.replace(made.with_suffix(".key"))
            pem.replace(made.with_suffix(".pem"))


def _run(*words: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise NoCertificate("openssl is missing; as root: apt-get install openssl")
    done = subprocess.run(  # noqa: S603 - our own words, no shell
        [program, *words], capture_output=True, text=True, check=False, umask=0o077
    )
    if done.returncode:
        raise NoCertificate(f"openssl: {done.stderr.strip()}")


def _certificate(pem: str, institution: InstitutionCode) -> Certificate:
    try:
        der = ssl.PEM_cert_to_DER_cert(pem)
    except ValueError:
        raise NoCertificate("expected one certificate in PEM") from None
    return Certificate(fingerprint=fingerprint(der), institution=institution)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()


def _wrong(wrong: Exception) -> int:
    print(wrong, file=sys.stderr)
    return WRONG
