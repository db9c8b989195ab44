"""Who sits where: an institution's place in a network, its keys, and this process's clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kruispunt.cli.meters import Meters
from kruispunt.cli.network import Network
from kruispunt.cli.place import Place
from kruispunt.cli.settings import Settings
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import KeyRingFile, SigningKeyFile, TellRequest, tell_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Chair:
    """Who sits where: an institution's place in a network, its keys, and this process's clock."""

    code: InstitutionCode
    place: Place
    network: Network
    settings: Settings
    key: SigningKeyFile
    ring: KeyRingFile
    meters: Meters
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    @property
    def url(self) -> str:
        return self.place.addresses()[self.code]


def take_chair(
    code: InstitutionCode,
    *,
    place: Place,
    network: Network,
    settings: Settings,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
    worker: str = "",
    tell: TellRequest = tell_request,
) -> Chair:
    """Read the keys of an institution that `prepare` made.

    `worker`: the name of this process; `tell`: who tells the log of each request.
    """
    home = place.home(code)
    return Chair(
        code=code,
        place=place,
        network=network,
        settings=settings,
        key=SigningKeyFile.open(home.key, now=now),
        ring=KeyRingFile.open(home.ring),
        meters=Meters(code, worker=worker or code.lower(), now=now, tell=tell),
        now=now,
        random_bytes=random_bytes,
    )
