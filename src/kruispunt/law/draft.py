"""The whole law folder as texts, each with its place, before one is held against another."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from kruispunt.law.codes import read_institutions, read_qualities, read_sectors
from kruispunt.law.faults import Fault
from kruispunt.law.folder import Folder, Placed
from kruispunt.law.texts import (
    CaseText,
    CheckText,
    ClauseText,
    DeliberationText,
    FieldText,
    FlowText,
    ParameterText,
    PurposeText,
    ReaderText,
    SourceText,
    TitledText,
    UnseenText,
)
from kruispunt.law.types import Institution, QualityName, SectorName

CASES: Final = ".cases.toml"

H = TypeVar("H")
I = TypeVar("I")  # noqa: E741 - head and items


@dataclass(frozen=True, slots=True)
class Whole(Generic[H, I]):
    """A file that says something of itself and then lists its parts."""

    head: Placed[H]
    items: tuple[Placed[I], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """All texts of a law folder that could be read."""

    institutions: list[Placed[Institution]]
    sectors: list[Placed[SectorName]]
    qualities: list[Placed[QualityName]]
    sources: list[Whole[SourceText, FieldText]]
    flows: list[Whole[FlowText, CheckText]]
    purposes: list[Placed[PurposeText]]
    reasons: list[Placed[TitledText]]
    readers: list[Placed[ReaderText]]
    unseen: list[Placed[UnseenText]]
    parameters: list[Placed[ParameterText]]
    deliberations: list[Whole[DeliberationText, ClauseText]]
    cases: list[Placed[CaseText]]


def read_draft(folder: Folder) -> Draft:
    """Read every file once. Faults of reading gather in the folder."""
    return Draft(
        institutions=read_institutions(folder),
        sectors=read_sectors(folder),
        qualities=read_qualities(folder),
        sources=_wholes(folder, "sources/*.toml", "fields", SourceText, FieldText),
        flows=_wholes(folder, "flows/*.toml", "checks", FlowText, CheckText),
        purposes=_list(folder, "purposes.toml", "purposes", PurposeText),
        reasons=_list(folder, "withholding.toml", "reasons", TitledText),
        readers=_list(folder, "readers.toml", "readers", ReaderText),
        unseen=_list(folder, "unseen.toml", "looks", UnseenText),
        parameters=_lists(folder, "parameters/*.toml", "parameters", ParameterText),
        deliberations=_wholes(
            folder, "deliberations/*/*.toml", "clauses", DeliberationText, ClauseText
        ),
        cases=_lists(folder, f"deliberations/*/*{CASES}", "cases", CaseText),
    )


def _wholes(
    folder: Folder, pattern: str, key: str, head: type[H], item: type[I]
) -> list[Whole[H, I]]:
    paths = [path for path in folder.files(pattern) if not path.name.endswith(CASES)]
    read = (_whole(folder, folder.name(path), key, head, item) for path in paths)
    return [whole for whole in read if whole is not None]


def _whole(
    folder: Folder, name: str, key: str, head: type[H], item: type[I]
) -> Whole[H, I] | None:
    if (table := folder.table(name)) is None:
        return None
    items = folder.many(name, table, key, item)
    placed = folder.one(name, table, head)
    return None if placed is None else Whole(placed, tuple(items))


def _lists(folder: Folder, pattern: str, key: str, item: type[I]) -> list[Placed[I]]:
    files = [folder.name(path) for path in folder.files(pattern)]
    return [placed for name in files for placed in _list(folder, name, key, item)]


def _list(folder: Folder, name: str, key: str, item: type[I]) -> list[Placed[I]]:
    if (table := folder.table(name)) is None:
        return []
    items = folder.many(name, table, key, item)
    folder.faults.extend(Fault(name, "$", f"unknown key {left!r}") for left in table)
    return items
