"""What the law let be seen at each release: small files under `law/released/`, never changed."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from kruispunt.law.effect import Sight, sights
from kruispunt.law.faults import Fault, LawWrong
from kruispunt.law.lawbook import Lawbook
from kruispunt.vocabulary import UNREADABLE, LawDigest

VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Who could see what at a release; before the first one nobody saw anything."""

    version: str
    lawbook: LawDigest
    sights: tuple[Sight, ...]


def last_release(folder: Path) -> Release:
    """The release with the highest version under `released/` of a law folder.

    Raises:
        LawWrong: the file of that release cannot be read.
    """
    found = {
        tuple(map(int, match.groups())): path
        for path in (folder / "released").glob("*.json")
        if (match := VERSION.match(path.stem))
    }
    if not found:
        return Release(version="0.0.0", lawbook=LawDigest(""), sights=())
    path = found[max(found)]
    try:
        return msgspec.json.decode(path.read_bytes(), type=Release)
    except UNREADABLE as wrong:
        raise LawWrong([Fault(f"released/{path.name}", "$", str(wrong))]) from wrong


def write_release(lawbook: Lawbook, version: str, folder: Path) -> Path:
    """Write down what a lawbook lets be seen, under the version that is released.

    Raises:
        ValueError: not a version, or released before.
    """
    if not VERSION.match(version):
        raise ValueError(f"expected a version such as 1.2.3, found {version!r}")
    path = folder / "released" / f"{version}.json"
    if path.exists():
        raise ValueError(f"version {version} was released before")
    path.parent.mkdir(exist_ok=True)
    release = Release(version=version, lawbook=lawbook.digest, sights=sights(lawbook))
    path.write_bytes(msgspec.json.format(msgspec.json.encode(release), indent=1) + b"\n")
    return path
