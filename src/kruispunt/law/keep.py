"""Lawbooks by digest: the canonical form, and the folder where old lawbooks are kept for ever.

The form is frozen: fields are added at the end with a default, never reordered or reused. Law
files are read into it, so the order of files, spaces and comments never change a digest; cases
and provenance are not part of it, since they decide nothing.

Trust: a kept file is believed only when its content has the digest that names it.
"""

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec

from kruispunt.law.faults import Fault, LawWrong
from kruispunt.law.lawbook import Lawbook
from kruispunt.law.parameter import Parameter
from kruispunt.law.types import (
    Deliberation,
    Flow,
    Institution,
    NetworkKind,
    Purpose,
    QualityName,
    SectorName,
    Source,
    Terms,
    TrailReader,
    Unseen,
)
from kruispunt.vocabulary import UNREADABLE, LawDigest

FORM: Final = "kruispunt/lawbook/v1"
DIGEST: Final = re.compile(r"[0-9a-f]{64}\Z")

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Canon:
    """The content of a lawbook, every list in the order of its keys."""

    form: str = FORM
    institutions: tuple[Institution, ...]
    sectors: tuple[SectorName, ...]
    qualities: tuple[QualityName, ...]
    sources: tuple[Source, ...]
    flows: tuple[Flow, ...]
    purposes: tuple[Purpose, ...]
    withholding: dict[str, Terms]
    deliberations: tuple[Deliberation, ...]
    readers: tuple[TrailReader, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    parameters: tuple[Parameter, ...] = ()


def bind(canon: Canon) -> Lawbook:
    """Index checked content and give it its digest."""
    return _index(canon, _digest(_encode(canon)))


def keep_lawbook(lawbook: Lawbook, folder: Path) -> Path:
    """Keep a lawbook as `<digest>.json`, whole or not at all. Keeping it again changes nothing."""
    path = folder / f"{lawbook.digest}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{lawbook.digest}.{os.getpid()}"
        fresh.write_bytes(_encode(_canon(lawbook)))
        fresh.replace(path)
    return path


def find_lawbook(digest: LawDigest, folder: Path) -> Lawbook:
    """Find an old lawbook again, to decide as was decided under it.

    Raises:
        FileNotFoundError: no lawbook with this digest is kept.
        LawWrong: what is kept under this digest is something else.
    """
    path = folder / f"{digest}.json"
    if not DIGEST.match(digest) or not path.is_file():
        raise FileNotFoundError(f"no lawbook with digest {digest!r} is kept")
    data = path.read_bytes()
    if (found := _digest(data)) != digest:
        raise LawWrong([Fault(path.name, "$", f"expected digest {digest}, found {found}")])
    try:
        return _index(msgspec.json.decode(data, type=Canon), digest)
    except UNREADABLE as wrong:
        raise LawWrong([Fault(path.name, "$", str(wrong))]) from wrong


def _digest(data: bytes) -> LawDigest:
    return LawDigest(sha256(data).hexdigest())


def _encode(canon: Canon) -> bytes:
    return msgspec.json.encode(canon, order="deterministic")


def _canon(lawbook: Lawbook) -> Canon:
    return Canon(
        institutions=tuple(lawbook.institutions.values()),
        sectors=tuple(lawbook.sectors.values()),
        qualities=tuple(lawbook.qualities.values()),
        sources=tuple(lawbook.sources.values()),
        flows=tuple(lawbook.flows.values()),
        purposes=tuple(lawbook.purposes.values()),
        withholding=dict(lawbook.withholding),
        deliberations=tuple(lawbook.deliberations.values()),
        readers=lawbook.readers,
        unseen=lawbook.unseen,
        parameters=tuple(lawbook.parameters.values()),
    )


def _index(canon: Canon, digest: LawDigest) -> Lawbook:
    hubs = [one.code for one in canon.institutions if one.kind is NetworkKind.INTEGRATOR]
    return Lawbook(
        digest=digest,
        hub=hubs[0],
        institutions=_fixed({one.code: one for one in canon.institutions}),
        sectors=_fixed({one.sector: one for one in canon.sectors}),
        qualities=_fixed({(one.sector, one.quality): one for one in canon.qualities}),
        sources=_fixed({one.id: one for one in canon.sources}),
        flows=_fixed({one.id: one for one in canon.flows}),
        purposes=_fixed({one.id: one for one in canon.purposes}),
        withholding=_fixed(canon.withholding),
        deliberations=_fixed({one.id: one for one in canon.deliberations}),
        clauses=tuple(clause for one in canon.deliberations for clause in one.clauses),
        readers=canon.readers,
        unseen=canon.unseen,
        parameters=_fixed({one.id: one for one in canon.parameters}),
    )


def _fixed(content: dict[K, V]) -> MappingProxyType[K, V]:
    return MappingProxyType(content)
