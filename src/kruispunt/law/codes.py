"""The code lists of the law, which are CSV: institutions, sectors, qualities."""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from kruispunt.law.folder import Folder, Placed
from kruispunt.law.types import Institution, NetworkKind, QualityName, SectorName, Terms
from kruispunt.vocabulary import InstitutionCode, Quality, Sector

INSTITUTIONS: Final = "institutions/institutions.csv"
SECTORS: Final = "codes/sectors.csv"
QUALITIES: Final = "codes/qualities.csv"

_LANGUAGES: Final = ("nl", "fr", "de", "en")
_NAMES: Final = tuple(f"name_{language}" for language in _LANGUAGES)
_STATUS: Final = ("active", "historical")
_KEPT: Final = ("text", "provenance", "note")

T = TypeVar("T")
Row = dict[str, str]


class _Wrong(ValueError):
    """A cell that breaks the rule of its column."""


def read_institutions(folder: Folder) -> list[Placed[Institution]]:
    """Every institution, without its provenance, which is for readers."""
    columns = ("code", *_NAMES, "kind", "node", "roles", "sectors", "status", *_KEPT)
    return _read(folder, INSTITUTIONS, columns, _institution)


def read_sectors(folder: Folder) -> list[Placed[SectorName]]:
    """Every sector, named by the row of its lowest institution number."""
    columns = ("sector", "institution", "short_nl", "short_fr", "name_nl", "name_fr")
    first: dict[Sector, Placed[SectorName]] = {}
    for placed in _read(folder, SECTORS, columns, _sector):
        first.setdefault(placed.text.sector, placed)
    return list(first.values())


def read_qualities(folder: Folder) -> list[Placed[QualityName]]:
    """Every quality code; a row without a sector is common to all sectors."""
    return _read(folder, QUALITIES, ("sector", "code", *_NAMES), _quality)


def _read(
    folder: Folder, name: str, columns: tuple[str, ...], make: Callable[[Row], T]
) -> list[Placed[T]]:
    read: list[Placed[T]] = []
    for row in folder.rows(name, columns):
        try:
            read.append(Placed(file=row.file, path=row.path, text=make(row.text)))
        except _Wrong as wrong:
            folder.fault(row, str(wrong))
            folder.broken.add(row.text.get("code", ""))
    return read


def _institution(row: Row) -> Institution:
    if row["kind"] not in list(NetworkKind):
        raise _Wrong(f"expected kind one of {', '.join(NetworkKind)}, found {row['kind']!r}")
    if row["status"] not in _STATUS:
        raise _Wrong(f"expected status one of {', '.join(_STATUS)}, found {row['status']!r}")
    if not row["code"] or not row["name_nl"] or not row["name_en"]:
        raise _Wrong("expected a code, a Dutch and an English name")
    return Institution(
        code=InstitutionCode(row["code"]),
        names=_terms(row),
        kind=NetworkKind(row["kind"]),
        node=InstitutionCode(row["node"]) if row["node"] else None,
        roles=frozenset(_split(row["roles"])),
        sectors=tuple(sorted(_number(part) for part in _split(row["sectors"]))),
        active=row["status"] == "active",
    )


def _sector(row: Row) -> SectorName:
    if not row["institution"].isdecimal():
        raise _Wrong(f"expected an institution number, found {row['institution']!r}")
    if not row["name_nl"]:
        raise _Wrong("expected a Dutch name")
    return SectorName(sector=_number(row["sector"]), names=_terms(row))


def _quality(row: Row) -> QualityName:
    if not re.fullmatch(r"[0-9]{3}", row["code"]):
        raise _Wrong(f"expected a code of 3 digits, found {row['code']!r}")
    if not row["name_nl"]:
        raise _Wrong("expected a Dutch name")
    return QualityName(
        sector=_number(row["sector"]) if row["sector"] else None,
        quality=Quality(int(row["code"])),
        names=_terms(row),
    )


def _number(text: str) -> Sector:
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise _Wrong(f"expected a sector, 0 to 999, found {text!r}")
    return Sector(int(text))


def _split(text: str) -> list[str]:
    return text.split("|") if text else []


def _terms(row: Row) -> Terms:
    return {
        language: row[f"name_{language}"] for language in _LANGUAGES if row.get(f"name_{language}")
    }
